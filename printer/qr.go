package printer

import (
	"errors"
	"fmt"

	"github.com/skip2/go-qrcode"

	"yizhan/printer/bitmap"
)

// A module of less than 3 dots (0.38 mm) is not read reliably off thermal paper;
// one of more than 6 only makes the receipt longer.
const (
	minModuleDots = 3
	maxModuleDots = 6
	quietModules  = 4
)

// byteCapacity is how many bytes a QR code of level M holds in byte mode, by
// version from 1 on (ISO/IEC 18004, table 7).
var byteCapacity = [...]int{14, 26, 42, 62, 84, 106, 122, 152, 180, 213,
	251, 287, 331, 362, 412, 450, 504, 560, 624, 666}

// checkQR refuses a payload that scan heads would garble or nothing would read.
func checkQR(payload string) error {
	if payload == "" {
		return errors.New("the QR code has no payload")
	}
	if len(payload) > MaxQRBytes {
		return fmt.Errorf("QR payload of %d bytes: at most %d fit", len(payload), MaxQRBytes)
	}
	for i := range len(payload) {
		if payload[i] < 0x20 || payload[i] > 0x7E {
			return fmt.Errorf("QR payload holds byte %#02x at %d: only printable ASCII scans everywhere", payload[i], i)
		}
	}
	return nil
}

// qr sends a QR code: as a command where the firmware draws it, else as dots.
func (e *encoder) qr(payload string) error {
	if e.profile.NativeQR {
		return e.nativeQR(payload)
	}
	picture, err := drawQR(payload, e.profile.Dots)
	if err != nil {
		return err
	}
	e.raster(picture, (e.profile.Dots-picture.Width)/2)
	return nil
}

// nativeQR has the firmware draw the code. It may not find the shorter
// alphanumeric encoding that we would, so the size of a module is chosen to fit
// the paper even when every character takes a byte.
func (e *encoder) nativeQR(payload string) error {
	code, err := qrcode.New(payload, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("making the QR code: %w", err)
	}
	version := code.VersionNumber
	for version < len(byteCapacity) && byteCapacity[version-1] < len(payload) {
		version++
	}
	size := min(moduleDots(code.VersionNumber, 2*quietModules, e.profile.Dots),
		moduleDots(version, 0, e.profile.Dots))
	if size < minModuleDots {
		return tooLarge(payload, e.profile.Dots)
	}
	e.quiet(size)
	e.set(style{align: alignCentre})
	e.qrCommand('A', '2', 0)     // model 2
	e.qrCommand('C', byte(size)) // dots of a module
	e.qrCommand('E', '1')        // level M
	e.qrCommand('P', append([]byte{'0'}, payload...)...)
	e.qrCommand('Q', '0') // print
	e.quiet(size)
	return nil
}

// quiet feeds the quiet zone above or below a native code: the firmware leaves the
// margin to the paper, and text that touches the code makes it unreadable.
func (e *encoder) quiet(moduleDots int) {
	e.spaceLines(quietModules * moduleDots)
	e.out.WriteByte('\n')
	e.lineEnd = true
}

// qrCommand sends GS ( k for the QR code symbology, which is number '1'.
func (e *encoder) qrCommand(function byte, args ...byte) {
	e.rest()
	n := len(args) + 2
	e.out.Write([]byte{0x1D, '(', 'k', byte(n), byte(n >> 8), '1', function})
	e.out.Write(args)
}

// moduleDots is the size of a module at which a code of the version, with margin
// modules around it in all, fits into dots.
func moduleDots(version, margin, dots int) int {
	return min(dots/(version*4+17+margin), maxModuleDots)
}

func tooLarge(payload string, dots int) error {
	return fmt.Errorf("QR payload of %d bytes does not fit %d dots readably", len(payload), dots)
}

// drawQR draws the code with its quiet zone. Every module is a whole number of
// dots wide, which is what makes codes on thermal paper readable.
func drawQR(payload string, dots int) (*bitmap.Image, error) {
	code, err := qrcode.New(payload, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("making the QR code: %w", err)
	}
	size := moduleDots(code.VersionNumber, 2*quietModules, dots)
	if size < minModuleDots {
		return nil, tooLarge(payload, dots)
	}
	modules := code.Bitmap() // has the quiet zone around it
	picture := bitmap.New(len(modules)*size, len(modules)*size)
	for y, line := range modules {
		for x, dark := range line {
			if dark {
				picture.Fill(x*size, y*size, size, size)
			}
		}
	}
	return picture, nil
}
