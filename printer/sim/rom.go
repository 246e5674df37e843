package sim

import (
	"sync"

	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
)

// fonts is the character ROM of all simulated printers: the glyphs of the table
// that have been printed once, so at most all of them, 4 MiB.
var fonts sync.Map // rune to *bitmap.Image

// rom is the picture of r, which must not be drawn on.
func rom(r rune) *bitmap.Image {
	if picture, ok := fonts.Load(r); ok {
		return picture.(*bitmap.Image)
	}
	picture, ok := glyph.Lookup(r)
	if !ok {
		return glyph.Draw(r)
	}
	fonts.Store(r, picture)
	return picture
}
