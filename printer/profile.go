package printer

import (
	"fmt"
	"slices"
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
	// UserChars is set where FS 2 defines characters that the font lacks. They have
	// codes of two bytes, so this serves GBK text only: with UTF-8 the line is drawn.
	UserChars bool
}

// The papers in use. Each stands for the plainest firmware of its width that has a
// native QR code; other printers differ by a field or two.
var (
	Profile58 = Profile{Name: "58mm", Columns: 32, Dots: 384, NativeQR: true, Cutter: true}
	Profile80 = Profile{Name: "80mm", Columns: 48, Dots: 576, NativeQR: true, Cutter: true}
	// Profile80Narrow is 80 mm paper under the print head of 512 dots that printers
	// have which were made to replace those of 42 columns.
	Profile80Narrow = Profile{Name: "80mm-42", Columns: 42, Dots: 512, NativeQR: true, Cutter: true}
)

// ProfileByName finds a ready profile: "58mm", "80mm" or "80mm-42".
func ProfileByName(name string) (Profile, error) {
	var known []string
	for _, p := range []Profile{Profile58, Profile80, Profile80Narrow} {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	return Profile{}, fmt.Errorf("no printer profile %q: choose one of %s", name, strings.Join(known, ", "))
}

// trait is one way in which a printer may differ from a ready profile.
type trait struct {
	word string
	has  func(Profile) bool
	set  func(*Profile)
}

// traits stand in the order in which String writes them.
var traits = []trait{
	{"utf8", func(p Profile) bool { return p.Encoding == UTF8 }, func(p *Profile) { p.Encoding = UTF8 }},
	{"raster-qr", func(p Profile) bool { return !p.NativeQR }, func(p *Profile) { p.NativeQR = false }},
	{"chinese-size", func(p Profile) bool { return p.ChineseSize }, func(p *Profile) { p.ChineseSize = true }},
	{"user-chars", func(p Profile) bool { return p.UserChars }, func(p *Profile) { p.UserChars = true }},
	{"no-cutter", func(p Profile) bool { return !p.Cutter }, func(p *Profile) { p.Cutter = false }},
}

// String is the profile in one line: the name of a ready profile and, each after a
// space, what differs from it, as in "80mm-42 utf8 raster-qr chinese-size no-cutter".
func (p Profile) String() string {
	words := []string{p.Name}
	for _, t := range traits {
		if t.has(p) {
			words = append(words, t.word)
		}
	}
	return strings.Join(words, " ")
}

// ParseProfile reads what String wrote, and nothing else: a profile has one text.
func ParseProfile(text string) (Profile, error) {
	words := strings.Split(text, " ")
	p, err := ProfileByName(words[0])
	if err != nil {
		return Profile{}, err
	}
	for _, word := range words[1:] {
		i := slices.IndexFunc(traits, func(t trait) bool { return t.word == word })
		if i < 0 {
			return Profile{}, fmt.Errorf("printer profile %q: unknown word %q", text, word)
		}
		traits[i].set(&p)
	}
	if p.String() != text {
		return Profile{}, fmt.Errorf("printer profile %q: want it written as %q", text, p)
	}
	return p, nil
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
