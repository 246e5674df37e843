package sim

// Limits of what one printer keeps.
const (
	// maxPaperDots is the longest piece of paper, 2.5 metres; it is then cut off.
	maxPaperDots = 20_000
	// maxMistakes are kept of one piece of paper.
	maxMistakes = 50
	// maxRasterBytes is the data of one GS v 0: a band of 64 rows at 1024 dots.
	maxRasterBytes = 64 * 128
	// maxCommandBytes bounds GS ( k and GS ( H with their parameters.
	maxCommandBytes = 1024
	// chunkBytes is read from the pseudo-terminal at once, at most.
	chunkBytes = 256
)
