package printer

import (
	"fmt"
	"strings"
)

// Encoding is how a printer's firmware wants its text.
type Encoding int

const (
	// GBK text is one byte for ASCII and two for everything else.
	GBK Encoding = iota
	// UTF8 is for firmware that obeys FS C FF (Sunmi and its kin).
	UTF8
)

// Profile is what must be known about a printer to write for it.
type Profile struct {
	Name     string
	Columns  int // cells of one line at normal size
	Dots     int // printable dots of one line, a multiple of 8, at least 12 a cell
	Encoding Encoding
	NativeQR bool // GS ( k works; otherwise QR codes are sent as raster
	Cutter   bool // GS V 66 works; otherwise the paper is fed out to be torn off
	// ChineseSize is set for firmware whose GS ! enlarges only ASCII: Chinese
	// text then needs FS ! beside it.
	ChineseSize bool
}

// The two papers in use. Both stand for the plainest firmware of their width
// that has a native QR code; other printers differ by a field or two.
var (
	Profile58 = Profile{Name: "58mm", Columns: 32, Dots: 384, NativeQR: true, Cutter: true}
	Profile80 = Profile{Name: "80mm", Columns: 48, Dots: 576, NativeQR: true, Cutter: true}
)

// ProfileByName finds a ready profile: "58mm" or "80mm".
func ProfileByName(name string) (Profile, error) {
	var known []string
	for _, p := range []Profile{Profile58, Profile80} {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	return Profile{}, fmt.Errorf("no printer profile %q: choose one of %s", name, strings.Join(known, ", "))
}

// check refuses a profile whose lines could not fit its paper.
func (p Profile) check() error {
	switch {
	case p.Dots <= 0 || p.Dots%8 != 0 || p.Dots > 1024:
		return fmt.Errorf("printer profile %q: %d dots: want a multiple of 8, at most 1024", p.Name, p.Dots)
	case p.Columns < 16 || p.Columns*cellDots > p.Dots:
		return fmt.Errorf("printer profile %q: %d columns: want 16 to %d", p.Name, p.Columns, p.Dots/cellDots)
	case p.Encoding != GBK && p.Encoding != UTF8:
		return fmt.Errorf("printer profile %q: unknown encoding %d", p.Name, p.Encoding)
	}
	return nil
}
