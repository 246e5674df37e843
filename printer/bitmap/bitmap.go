// Package bitmap holds black-and-white pictures the way printers take them: rows
// of bytes, the leftmost dot in the highest bit, a set bit is ink.
package bitmap

// Image is a picture of Width by Height dots. Rows start at byte borders; dots
// beyond Width in a row's last byte are never set.
type Image struct {
	Width, Height int
	Stride        int // bytes of one row
	Pix           []byte
}

// New returns a blank image.
func New(width, height int) *Image {
	stride := (width + 7) / 8
	return &Image{Width: width, Height: height, Stride: stride, Pix: make([]byte, stride*height)}
}

// At says whether there is ink at x, y. Outside the image there is none.
func (m *Image) At(x, y int) bool {
	if x < 0 || y < 0 || x >= m.Width || y >= m.Height {
		return false
	}
	return m.Pix[y*m.Stride+x/8]&(0x80>>(x%8)) != 0
}

// Set puts ink at x, y; outside the image it does nothing.
func (m *Image) Set(x, y int) {
	if x < 0 || y < 0 || x >= m.Width || y >= m.Height {
		return
	}
	m.Pix[y*m.Stride+x/8] |= 0x80 >> (x % 8)
}

// Fill puts ink on the rectangle of w by h dots at x, y.
func (m *Image) Fill(x, y, w, h int) {
	for row := y; row < y+h; row++ {
		for col := x; col < x+w; col++ {
			m.Set(col, row)
		}
	}
}

// Draw adds the ink of src at x, y, each dot enlarged to scaleX by scaleY dots. A
// bold picture is drawn once more, one dot to the right, as printers do.
func (m *Image) Draw(src *Image, x, y, scaleX, scaleY int, bold bool) {
	width := scaleX
	if bold {
		width++
	}
	for row := range src.Height {
		for col := range src.Width {
			if src.At(col, row) {
				m.Fill(x+col*scaleX, y+row*scaleY, width, scaleY)
			}
		}
	}
}

// Rows returns the bytes of the rows from first up to, but not including, end.
func (m *Image) Rows(first, end int) []byte {
	return m.Pix[first*m.Stride : end*m.Stride]
}
