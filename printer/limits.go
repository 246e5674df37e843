package printer

import "time"

// Limits of everything that could grow. A receipt of a village station has about
// thirty lines; what lies beyond these bounds is a mistake, not a bigger receipt.
const (
	// MaxLines bounds the lines of a slip, before wrapping.
	MaxLines = 400
	// MaxTextBytes bounds the text of one line, in UTF-8 bytes as given.
	MaxTextBytes = 4096
	// MaxQRBytes bounds the payload of a QR code, which is printable ASCII.
	MaxQRBytes = 600
	// MaxFeed bounds the blank lines of one Feed.
	MaxFeed = 20

	// MaxBandRows is the height of one raster band, in dots. Without flow
	// control a longer band overruns the receive buffer of small printers.
	MaxBandRows = 64
	// MaxUserChars is how many characters one slip defines by FS 2. The codes have
	// room for 94, but printers keep fewer: Epson's reference leaves the number to
	// the model, and fifteen (Seiko DPU-30) is the least we found in a manual.
	MaxUserChars = 15
	// MaxChunkBytes is what a Port writes at once, for the same reason.
	MaxChunkBytes = 256

	// MaxCodeBytes bounds a scanned code; a longer one is dropped whole.
	MaxCodeBytes = 512
	// CodeSilence ends a code when the scan head sends neither CR nor LF.
	CodeSilence = 80 * time.Millisecond
	// RepeatWindow is how long the same code is taken for the same scan.
	RepeatWindow = 2 * time.Second
	// scanPoll is how long Scan may take to notice that its context has ended.
	scanPoll = 250 * time.Millisecond
)
