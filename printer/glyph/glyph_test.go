package glyph

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yizhan/printer/bitmap"
)

// show draws a picture as text, so that a test reads as what it means.
func show(m *bitmap.Image) string {
	var out strings.Builder
	for y := range m.Height {
		line := ""
		for x := range m.Width {
			if m.At(x, y) {
				line += "#"
			} else {
				line += "."
			}
		}
		out.WriteString(strings.TrimRight(line, ".") + "\n")
	}
	return out.String()
}

func TestEveryGBKCharacterHasAShape(t *testing.T) {
	seen := 0
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			text, err := simplifiedchinese.GBK.NewDecoder().String(string([]byte{byte(lead), byte(trail)}))
			r := []rune(text)
			if err != nil || len(r) != 1 || r[0] == unicode.ReplacementChar || unicode.Is(unicode.Co, r[0]) {
				continue
			}
			seen++
			if _, ok := find(r[0]); !ok && r[0] != '≒' { // the one that Noto lacks
				t.Errorf("no glyph for %c %U (%X%X)", r[0], r[0], lead, trail)
			}
		}
	}
	if seen < 21791 {
		t.Errorf("saw %d GBK characters, want at least 21791", seen)
	}
	for r := rune(' '); r < 0x7F; r++ {
		picture, ok := Lookup(r)
		if !ok || picture.Width != 12 || picture.Height != 24 {
			t.Errorf("ASCII %q: %v", r, ok)
		}
	}
}

func TestRareIdeographsBeyondGBK(t *testing.T) {
	beyond := 0
	for i := range Len() {
		r := character(i)
		if i > 0 && r <= character(i-1) {
			t.Fatalf("character %d is not above the one before it", i)
		}
		if !unicode.Is(unicode.Han, r) {
			continue
		}
		b, err := simplifiedchinese.GB18030.NewEncoder().String(string(r))
		if err == nil && len(b) == 4 {
			beyond++
		}
	}
	if beyond < 9300 {
		t.Errorf("%d ideographs beyond GBK, want at least 9300", beyond)
	}
	for _, r := range "㛃𬱖𠮷龘䶮" {
		if _, ok := Lookup(r); !ok {
			t.Errorf("no glyph for %c", r)
		}
	}
}

// TestGlyphsAreDistinct would catch a table whose index and blocks are out of
// step: look-alikes are few, so nearly every ideograph has dots of its own.
func TestGlyphsAreDistinct(t *testing.T) {
	seen := map[string]rune{}
	same, inked := 0, 0
	for r := rune(0x4E00); r < 0x5000; r++ {
		picture, ok := Lookup(r)
		if !ok {
			t.Fatalf("no glyph for %c", r)
		}
		key := string(picture.Pix)
		if _, dup := seen[key]; dup {
			same++
		}
		seen[key] = r
		if strings.Count(show(picture), "#") > 20 {
			inked++
		}
	}
	if same > 3 || inked < 500 {
		t.Errorf("of 512 ideographs %d look like another and only %d have ink", same, inked)
	}
}

func TestShapeOfOne(t *testing.T) {
	one, _ := Lookup('一')
	ink, rows := 0, 0
	for y := range one.Height {
		n := 0
		for x := range one.Width {
			if one.At(x, y) {
				n++
			}
		}
		ink += n
		if n > 0 {
			rows++
		}
	}
	if rows > 3 || ink < 40 {
		t.Errorf("一 has ink in %d rows, %d dots:\n%s", rows, ink, show(one))
	}
}

func TestUnknownCharacterShowsItsCode(t *testing.T) {
	if _, ok := Lookup('😀'); ok {
		t.Fatal("the table has an emoji")
	}
	grin, other := show(Draw('😀')), show(Draw('😁'))
	if grin == other {
		t.Error("two unknown characters look the same")
	}
	// U+01F600: the upper half of the box reads 01F.
	for _, line := range []string{
		".#...##.....#...####..#",
		".#..#..#...##...#.....#",
		".#..#..#....#...###...#",
	} {
		if !strings.Contains(grin, line) {
			t.Errorf("no %s in\n%s", line, grin)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		if _, ok := Lookup('𬱖'); !ok {
			b.Fatal("no glyph")
		}
	}
}
