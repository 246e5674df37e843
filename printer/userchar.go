package printer

import (
	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
)

// User-defined characters live in the last row of the user area that GB 18030 keeps
// in two bytes: FE A1 and on. Epson's reference names this range for its Simplified
// Chinese models (FS 2), and others follow it.
const (
	userLead  = 0xFE
	userFirst = 0xA1
)

// define makes the printer know every character of text that its font lacks, each
// once in a slip. It reports false, and sends nothing, when that cannot be done.
//
// ESC @ forgets definitions on some printers and keeps them on others. A slip
// begins with ESC @, defines what it prints and prints only what it has defined, so
// it depends on neither.
func (e *encoder) define(text string) bool {
	if !e.profile.UserChars || e.profile.Encoding != GBK {
		return false
	}
	var missing []rune
	seen := map[rune]bool{}
	for _, c := range text {
		if _, defined := e.defined[c]; !defined && !seen[c] && !printable(string(c)) {
			seen[c] = true
			missing = append(missing, c)
		}
	}
	if len(e.defined)+len(missing) > MaxUserChars {
		return false
	}
	for _, c := range missing {
		slot := [2]byte{userLead, userFirst + byte(len(e.defined))}
		e.rest()
		e.out.Write([]byte{0x1C, '2', slot[0], slot[1]}) // FS 2
		e.out.Write(columns(glyph.Draw(c)))
		e.defined[c] = slot
	}
	e.rest()
	return true
}

// columns is a glyph as FS 2 wants it: column by column from the left, three bytes
// each, the top dot in the highest bit. It is made safe as pictures are.
func columns(picture *bitmap.Image) []byte {
	data := make([]byte, glyphDots*glyphDots/8)
	for x := range glyphDots {
		for y := range glyphDots {
			if picture.At(x, y) {
				data[x*glyphDots/8+y/8] |= 0x80 >> (y % 8)
			}
		}
	}
	thicken(data)
	return data
}
