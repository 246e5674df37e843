package sim

import (
	"github.com/skip2/go-qrcode"

	"yizhan/printer/bitmap"
)

// qrState is what the functions of GS ( k have set.
type qrState struct {
	model, level byte
	size         int // dots of a module
	data         string
}

// obeyQR is GS ( k for symbology 31, the QR code.
func (p *Printer) obeyQR(c []byte) {
	if !p.options.Profile.NativeQR {
		p.mistake("GS ( k: this firmware draws no QR codes")
		return
	}
	if len(c) < 8 || c[5] != '1' {
		p.mistake("GS ( k: want the QR code, symbology 31, and a function")
		return
	}
	q, function, args := &p.state.qr, c[6], c[7:]
	switch {
	case function == 'A' && len(args) == 2 && args[0] == '2' && args[1] == 0:
		q.model = args[0]
	case function == 'C' && len(args) == 1 && args[0] >= 1 && args[0] <= 16:
		q.size = int(args[0])
	case function == 'E' && len(args) == 1 && args[0] >= '0' && args[0] <= '3':
		q.level = args[0]
	case function == 'P' && len(args) > 1 && args[0] == '0':
		q.data = string(args[1:])
	case function == 'Q' && len(args) == 1 && args[0] == '0':
		p.printQR()
	default:
		p.mistake("GS ( k: function %c with % X", function, args)
	}
}

var qrLevels = map[byte]qrcode.RecoveryLevel{
	'0': qrcode.Low, '1': qrcode.Medium, '2': qrcode.High, '3': qrcode.Highest,
}

// printQR draws the stored code. Everything about it has to have been set.
func (p *Printer) printQR() {
	q := p.state.qr
	level, ok := qrLevels[q.level]
	if q.model == 0 || q.size == 0 || !ok || q.data == "" {
		p.mistake("GS ( k: printed before model, size, level and data were set")
		return
	}
	code, err := qrcode.New(q.data, level)
	if err != nil {
		p.mistake("GS ( k: %v", err)
		return
	}
	code.DisableBorder = true
	modules := code.Bitmap()
	width := len(modules) * q.size
	switch {
	case width > p.options.Profile.Dots:
		p.mistake("a QR code of %d dots is wider than the paper", width)
		return
	case len(p.paper.line) > 0:
		p.mistake("a QR code inside a line has no effect")
		return
	}
	picture := bitmap.New(width, width)
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				picture.Fill(x*q.size, y*q.size, q.size, q.size)
			}
		}
	}
	p.paper.code(q.data, picture, p.state.align)
}
