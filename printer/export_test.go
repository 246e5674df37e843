package printer

import "yizhan/printer/bitmap"

// What tests outside the package look at from inside.
var (
	Wrap      = wrap
	Printable = printable
	Thicken   = thicken
)

// EncodePicture sends a picture alone, as Encode would.
func EncodePicture(picture *bitmap.Image, p Profile) []byte {
	e := newEncoder(p)
	e.raster(picture, 0)
	e.cut()
	return e.out.Bytes()
}
