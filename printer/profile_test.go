package printer_test

import (
	"strings"
	"testing"

	"yizhan/printer"
)

func TestProfileByName(t *testing.T) {
	for _, p := range profiles {
		if got, err := printer.ProfileByName(p.Name); err != nil || got != p {
			t.Errorf("%s: %v, %v", p.Name, got, err)
		}
	}
	if _, err := printer.ProfileByName("A4"); err == nil || !strings.Contains(err.Error(), "58mm, 80mm, 80mm-42") {
		t.Errorf("A4: %v", err)
	}
}

func TestProfileText(t *testing.T) {
	narrow := printer.Profile80Narrow
	narrow.Encoding, narrow.NativeQR, narrow.ChineseSize, narrow.UserChars, narrow.Cutter = printer.UTF8, false, true, true, false
	taught := printer.Profile58
	taught.UserChars = true
	for text, want := range map[string]printer.Profile{
		"58mm":            printer.Profile58,
		"80mm":            printer.Profile80,
		"80mm-42":         printer.Profile80Narrow,
		"58mm user-chars": taught,
		"80mm-42 utf8 raster-qr chinese-size user-chars no-cutter": narrow,
	} {
		if got, err := printer.ParseProfile(text); err != nil || got != want {
			t.Errorf("ParseProfile(%q) = %+v, %v", text, got, err)
		}
		if got := want.String(); got != text {
			t.Errorf("String is %q, want %q", got, text)
		}
	}
	for text, want := range map[string]string{
		"":                        "no printer profile",
		"A4 utf8":                 "no printer profile",
		"58MM":                    "no printer profile",
		" 58mm":                   "no printer profile",
		"58mm ":                   `unknown word ""`,
		"58mm  utf8":              `unknown word ""`,
		"58mm gbk":                `unknown word "gbk"`,
		"58mm utf8\n":             `unknown word "utf8\n"`,
		"58mm utf8 utf8":          `want it written as "58mm utf8"`,
		"58mm no-cutter utf8":     `want it written as "58mm utf8 no-cutter"`,
		"80mm user-chars utf8 80": `unknown word "80"`,
	} {
		if p, err := printer.ParseProfile(text); err == nil || !strings.Contains(err.Error(), want) || p != (printer.Profile{}) {
			t.Errorf("ParseProfile(%q) = %+v, %v; want an error with %q", text, p, err, want)
		}
	}
}

// FuzzParseProfile: what is read is written as it was, and can be printed with.
func FuzzParseProfile(f *testing.F) {
	for _, s := range []string{"58mm", "80mm utf8", "80mm-42 utf8 raster-qr chinese-size user-chars no-cutter", "58mm  utf8", "utf8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := printer.ParseProfile(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Errorf("%q is written as %q", text, p)
		}
		onPaper(t, p, encode(t, short(), p))
	})
}
