package printer

import (
	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
)

// raster sends a picture left dots from the left edge, in bands. The margin is
// part of the data, because firmware disagrees on whether ESC a moves pictures.
func (e *encoder) raster(picture *bitmap.Image, left int) {
	e.set(style{})
	page := bitmap.New(left+picture.Width, picture.Height)
	page.Draw(picture, left, 0, 1, 1, false)
	thicken(page.Pix)
	for first := 0; first < page.Height; first += MaxBandRows {
		e.rest()
		end := min(first+MaxBandRows, page.Height)
		rows := end - first
		e.out.Write([]byte{0x1D, 'v', '0', 0, // GS v 0, normal size
			byte(page.Stride), byte(page.Stride >> 8), byte(rows), byte(rows >> 8)})
		e.out.Write(page.Rows(first, end))
	}
	e.lineEnd = false
}

// thicken makes raster data safe. Firmware looks for real-time commands even
// there: 10 04 01..04, 10 05 and 10 14 would be obeyed, and the picture would go
// wrong from there on. A byte 10 is a single dot, so wherever 04, 05 or 14
// follows, one more dot is set beside it. The result holds no 10 that another
// could follow, and a dot of an eighth of a millimetre is not seen. QR codes are
// never touched: their modules are at least three dots wide.
func thicken(pix []byte) {
	for i := range len(pix) - 1 {
		if pix[i] != 0x10 {
			continue
		}
		switch pix[i+1] {
		case 0x04, 0x05, 0x14:
			pix[i] = 0x30
		}
	}
}

// drawn sends a line of text as dots, for the characters that the printer's font
// lacks. It looks like its neighbours: same cells, same height, same gap.
func (e *encoder) drawn(r row) {
	cell := cellDots * r.style.scaleX()
	picture := bitmap.New(cells(r.text)*cell, lineDots(r.style))
	x := 0
	for _, c := range r.text {
		picture.Draw(glyph.Draw(c), x, 0, r.style.scaleX(), r.style.scaleY(), r.style.bold)
		x += runeCells(c) * cell
	}
	left := 0
	switch room := e.profile.Dots - picture.Width; r.style.align {
	case alignCentre:
		left = room / 2
	case alignRight:
		left = room
	}
	e.raster(picture, left)
	e.lineEnd = false
}
