package issuer

// Limits of what an issuer reads and makes.
const (
	maxKeyFileBytes  = 256
	maxStationBytes  = 64 << 10
	maxPictureFiles  = 10_000  // in the folder of pictures
	maxPicturePixels = 4 << 20 // of one picture
	maxEarnedLines   = 200     // of one volunteer; then the older half is folded by lot
	keptEarnedLines  = 100
	maxNewCards      = 1000 // lost cards replaced in one run
)
