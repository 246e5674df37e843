package printer_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"yizhan/printer"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "东北大米 5公斤 ×1", "东北大米 5公斤 ×1"},
		{"yen", "¥8", "￥8"},
		{"euro", "€8", "EUR8"},
		{"commands", "张\x1b@\x1dV\x42\x00伟\x10\x04\x01", "张@VB伟"},
		{"C1", "a\u009bb\u0085c", "ab c"},
		{"bidi", "张\u202e伟\u2066", "张伟"},
		{"joiners", "\ufeff张\u200d伟\u200b", "张伟"},
		{"spaces", "a\u00a0b\u2009c\td\r\ne\u2028f", "a b c d  e f"},
		{"ideographic space", "张\u3000伟", "张\u3000伟"},
		{"variation selectors", "葛\U000E0100城\ufe00", "葛城"},
		{"decomposed", "Le\u0301o la\u030Cn", "Léo lǎn"},
		{"decomposed around what has no shape", "Le\u200d\u0301o l\x1ba\u034f\u030Cn", "Léo lǎn"},
		{"compatibility ideograph", "\uFA11\u0301\uFA11", "\uFA11\u0301\uFA11"},
		{"compatibility ideographs beside accents", "\uF900e\u0301\uFA1E", "\uF900é\uFA1E"},
		{"fillers", "张\u3164伟\u115f\uffa0", "张伟"},
		{"keycap and flag", "1\ufe0f\u20e3\U0001F1E8\U0001F1F3", "1\u20e3\U0001F1E8\U0001F1F3"},
		{"not UTF-8", "a\xff\xfeb", "a□□b"},
	} {
		if got := printer.Normalize(c.in); got != c.want {
			t.Errorf("%s: Normalize(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// What looks one cell wide to Unicode takes two on paper.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int
	}{
		{"", 0}, {"abc 123", 7}, {"张伟", 4}, {"张*伟", 5}, {"×1", 3}, {"①", 2}, {"“a”", 5},
		{"—", 2}, {"25°", 4}, {"¥5", 3}, {"€5", 4}, {"㛃", 2}, {"𬱖", 2}, {"😀", 2}, {"é", 2},
		{"\x1b\u202e", 0},
	} {
		if got := printer.Cells(c.in); got != c.want {
			t.Errorf("Cells(%q) = %d, want %d", c.in, got, c.want)
		}
	}
}

func TestWhatThePrinterHasInItsFont(t *testing.T) {
	for _, r := range "A~张一龘×①“—°￥ⅰ□ǎé、﨑─" {
		if !printer.Printable(string(r)) {
			t.Errorf("%c %U is not in the printer's font", r, r)
		}
	}
	// GBK has 21,886 characters, of which code page 936, and so old ROMs, lack 95: the 80
	// at FE 50 and on, 13 at A9 89 and on, A8 BC and A8 BF.
	n := 0
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if printer.Printable(string(r)) && r != utf8.RuneError {
			n++
			if unicode.Is(unicode.Co, r) {
				t.Errorf("%U for private use is in the printer's font", r)
			}
		}
	}
	if n != 21886-95 {
		t.Errorf("%d characters are in the printer's font", n)
	}
	// Four bytes in GB18030; two bytes, but younger than GBK; one byte; private use.
	for _, r := range "㛃𬱖𠮷¥😀É䶮⺁ǹ€\ue000" {
		if printer.Printable(string(r)) {
			t.Errorf("%c %U is in the printer's font", r, r)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", "张伟", "\x1b@", "e\u0301\u0323", "a\u034f\u0301", "e\u200d\u0301", "\xff", "¥€\u00a0", "\u202e葛\U000E0100", "👨\u200d👩"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := printer.Normalize(s)
		if again := printer.Normalize(got); again != got {
			t.Errorf("not idempotent: %q, then %q, then %q", s, got, again)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q became %q, which is not UTF-8", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '¥' || r == '€' {
				t.Errorf("%q became %q with %U in it", s, got, r)
			}
		}
	})
}
