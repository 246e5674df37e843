package glyph

import "yizhan/printer/bitmap"

// digits are the hexadecimal digits at 4 by 6 dots, six rows of four bits each.
var digits = [16][6]byte{
	{6, 9, 9, 9, 9, 6}, {2, 6, 2, 2, 2, 7}, {6, 9, 1, 2, 4, 15}, {14, 1, 6, 1, 1, 14},
	{2, 6, 10, 15, 2, 2}, {15, 8, 14, 1, 1, 14}, {6, 8, 14, 9, 9, 6}, {15, 1, 2, 2, 4, 4},
	{6, 9, 6, 9, 9, 6}, {6, 9, 9, 7, 1, 6}, {6, 9, 9, 15, 9, 9}, {14, 9, 14, 9, 9, 14},
	{7, 8, 8, 8, 8, 7}, {14, 9, 9, 9, 9, 14}, {15, 8, 14, 8, 8, 15}, {15, 8, 14, 8, 8, 8},
}

// codeBox draws a frame with the six hexadecimal digits of r in two lines.
func codeBox(r rune) *bitmap.Image {
	box := bitmap.New(Width, Height)
	box.Fill(1, 1, Width-2, 1)
	box.Fill(1, Height-2, Width-2, 1)
	box.Fill(1, 1, 1, Height-2)
	box.Fill(Width-2, 1, 1, Height-2)
	for place := range 6 {
		digit := digits[r>>(20-4*place)&0xF]
		left, top := 4+place%3*6, 4+place/3*9
		for y, bits := range digit {
			for x := range 4 {
				if bits&(8>>x) != 0 {
					box.Set(left+x, top+y)
				}
			}
		}
	}
	return box
}
