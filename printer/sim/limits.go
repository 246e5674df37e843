package sim

// Limits of what one printer keeps.
const (
	// maxPaperDots is the longest piece of paper, 2.5 metres; it is then cut off.
	maxPaperDots = 20_000
	// maxMistakes are kept of one piece of paper.
	maxMistakes = 50
	// maxBandRows is the height of one GS v 0; more overruns a small printer.
	maxBandRows = 64
	// maxRasterBytes is the data of one GS v 0 that is read at all.
	maxRasterBytes = 1 << 16
	// maxCommandBytes bounds GS ( k and GS ( H with their parameters.
	maxCommandBytes = 1024
	// maxMacroBytes is what a macro holds, in every manual that tells.
	maxMacroBytes = 2048
	// chunkBytes is read from the pseudo-terminal at once, at most.
	chunkBytes = 256
	// bufferBytes is the receive buffer of a printer that is offline.
	bufferBytes = 4096
)
