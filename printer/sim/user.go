package sim

import (
	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
)

// userBytes is the data of one user-defined character of 24 by 24 dots.
const userBytes = glyph.Width * glyph.Height / 8

// isUserCode holds for the codes FE A1 to FE FE, which FS 2 gives a shape.
func isUserCode(c []byte) bool { return len(c) == 2 && c[0] == 0xFE && c[1] >= 0xA1 && c[1] != 0xFF }

// defineChar is FS 2. The definition stays until ESC @ or a power cut: Epson's
// reference says so, and a stream that relies on more would print blanks there.
func (p *Printer) defineChar(c []byte) {
	code, data := c[2:4], c[4:]
	switch {
	case !p.options.Profile.UserChars:
		p.mistake("FS 2: this firmware defines no characters")
		return
	case !isUserCode(code):
		p.mistake("FS 2 % X: want FE A1 to FE FE", code)
		return
	case len(p.paper.line) > 0:
		p.mistake("FS 2 inside a line")
		return
	}
	if at := realTime(data); at >= 0 {
		p.mistake("real-time command % X in the character at byte %d of its data", data[at:at+3], at)
	}
	picture := bitmap.New(glyph.Width, glyph.Height)
	for i, b := range data { // column by column, three bytes each, top to bottom
		for bit := range 8 {
			if b&(0x80>>bit) != 0 {
				picture.Set(i/3, i%3*8+bit)
			}
		}
	}
	if p.state.user == nil {
		p.state.user = map[byte]*bitmap.Image{}
	}
	p.state.user[code[1]] = picture
}

// userChar prints a user-defined character. One that was not defined is a mistake
// here; a real printer leaves a blank, which nobody may notice.
func (p *Printer) userChar(c []byte) {
	picture, ok := p.state.user[c[1]]
	if !ok {
		p.mistake("the character % X is not defined", c)
		return
	}
	p.add('〓', picture)
}
