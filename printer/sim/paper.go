package sim

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"strings"

	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
)

// Paper is one piece of paper that came out of the printer.
type Paper struct {
	Number   int           // 1 is the first
	Image    *bitmap.Image // what the print head drew, without the paper's margins
	Lines    []string      // what the lines say; see Text
	QR       []string      // payloads of the QR codes that the firmware drew
	Mistakes []Mistake
	Torn     bool // torn off by a hand, not cut
}

// Text is what a person could type off the paper, line by line, with the spaces
// that stand on it. A picture is shown as [picture WxH], a QR code as [QR ...] and a
// user-defined character, which a printer cannot name, as 〓.
func (p Paper) Text() string { return strings.Join(p.Lines, "\n") }

// PNG writes the paper as a picture of two colours with the margins that the roll
// has beside the print head, one pixel a dot (8 to the millimetre).
func (p Paper) PNG(w io.Writer) error {
	const top = 24
	side := sideMargin(p.Image.Width)
	picture := image.NewPaletted(image.Rect(0, 0, p.Image.Width+2*side, p.Image.Height+2*top),
		color.Palette{color.White, color.Gray{Y: 0x1A}})
	for y := range p.Image.Height {
		row := picture.Pix[(y+top)*picture.Stride+side:]
		for x := range p.Image.Width {
			if p.Image.At(x, y) {
				row[x] = 1
			}
		}
	}
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(w, picture); err != nil {
		return fmt.Errorf("writing the picture of the paper: %w", err)
	}
	return nil
}

// sideMargin is what 58 and 80 mm rolls leave beside their 48 and 72 mm of dots.
func sideMargin(dots int) int {
	if dots > 400 {
		return 32
	}
	return 40
}

// sheet is the paper while it is printed: the line buffer and what stands above.
type sheet struct {
	image    *bitmap.Image
	line     []placed
	width    int  // dots used by line
	inside   bool // after a picture, where firmware does not cut before a line end
	lines    []string
	qr       []string
	mistakes []Mistake
	torn     bool
}

// placed is a character in the line buffer with the style it had when it came.
type placed struct {
	char   rune
	x, y   int // scale
	bold   bool
	glyphs *bitmap.Image
}

func newSheet(dots int) *sheet { return &sheet{image: bitmap.New(dots, 0)} }

func (s *sheet) atLineStart() bool { return len(s.line) == 0 && !s.inside }

// add puts a character into the line buffer and says whether it fits the paper.
// One that doesn't is dropped.
func (s *sheet) add(r rune, picture *bitmap.Image, st state) bool {
	c := placed{char: r, x: st.asciiX, y: st.asciiY, bold: st.bold, glyphs: picture}
	if r >= 0x80 {
		c.x, c.y = st.chineseX, st.chineseY
	}
	if s.width+c.glyphs.Width*c.x > s.image.Width {
		return false
	}
	s.line = append(s.line, c)
	s.width += c.glyphs.Width * c.x
	return true
}

// newLine prints the line buffer and feeds to the next line.
func (s *sheet) newLine(st state) {
	height := 0
	for _, c := range s.line {
		height = max(height, c.glyphs.Height*c.y)
	}
	left, top := s.left(s.width, st.align), s.image.Height
	s.feed(max(height, st.spacing))
	text, x := strings.Repeat(" ", left/(glyph.Width/2)), left
	for _, c := range s.line {
		s.image.Draw(c.glyphs, x, top+height-c.glyphs.Height*c.y, c.x, c.y, c.bold)
		x += c.glyphs.Width * c.x
		text += string(c.char)
	}
	if !s.inside || len(s.line) > 0 { // the line end after a picture only ends the picture's line
		s.lines = append(s.lines, strings.TrimRight(text, " "))
	}
	s.dropLine()
}

// dropLine forgets what has not been printed.
func (s *sheet) dropLine() { s.line, s.width, s.inside = nil, 0, false }

// left is where something of the given width begins.
func (s *sheet) left(width int, align byte) int {
	return (s.image.Width - width) * int(align) / 2
}

// feed moves the paper on.
func (s *sheet) feed(dots int) {
	s.image.Height += dots
	s.image.Pix = append(s.image.Pix, make([]byte, dots*s.image.Stride)...)
}

// picture prints raster data at the left edge. Bands that follow each other are
// one picture in Lines.
func (s *sheet) picture(stride int, data []byte) {
	rows := len(data) / stride
	top := s.image.Height
	s.feed(rows)
	for y := range rows {
		copy(s.image.Pix[(top+y)*s.image.Stride:], data[y*stride:(y+1)*stride])
	}
	s.inside = true
	s.lines = append(s.lines, fmt.Sprintf("[picture %dx%d]", stride*8, rows))
}

// code prints a QR code.
func (s *sheet) code(payload string, picture *bitmap.Image, align byte) {
	top := s.image.Height
	s.feed(picture.Height)
	s.image.Draw(picture, s.left(picture.Width, align), top, 1, 1, false)
	s.inside = true
	s.qr = append(s.qr, payload)
	s.lines = append(s.lines, "[QR "+payload+"]")
}

// mistake keeps m and, aloud, says so on the paper, in a line that nobody overlooks.
func (s *sheet) mistake(m Mistake, aloud bool) {
	if len(s.mistakes) >= maxMistakes {
		return
	}
	s.mistakes = append(s.mistakes, m)
	if !aloud {
		return
	}
	text := "!! " + m.Error()
	s.lines = append(s.lines, text)
	const lineDots = 28
	perLine := s.image.Width / (glyph.Width / 2)
	for chars := range slices.Chunk([]rune(text), perLine) {
		top := s.image.Height
		s.feed(lineDots)
		x := 0
		for _, r := range chars {
			g := rom(r)
			s.image.Draw(g, x, top+2, 1, 1, true)
			x += g.Width
		}
	}
}

// paper is a copy of the sheet as it is now.
func (s *sheet) paper(number int) Paper {
	picture := *s.image
	picture.Pix = slices.Clone(s.image.Pix)
	return Paper{Number: number, Image: &picture, Lines: slices.Clone(s.lines),
		QR: slices.Clone(s.qr), Mistakes: slices.Clone(s.mistakes), Torn: s.torn}
}
