package sheet

import (
	"strings"
	"testing"

	"yizhan/civic/sheet/sheettest"
)

func TestResidentID(t *testing.T) {
	for s, want := range map[string]string{
		"11010519491231002X":                    "11010519491231002X", // the standard's own example
		"11010519491231002x":                    "11010519491231002X",
		"440524188001010014":                    CodeIDBirth, // its other one, of 1880
		"110105491231002":                       "11010519491231002X",
		"11010519491231002":                     CodeIDLength,
		"110105194912310029":                    CodeIDCheck,
		"110105194912310000":                    CodeIDDamaged,
		"11010519491231X02X":                    CodeIDLength,
		"":                                      CodeIDLength,
		sheettest.IDNumber("11010520000229001"): sheettest.IDNumber("11010520000229001"),
		sheettest.IDNumber("11010519000229001"): CodeIDBirth,
		sheettest.IDNumber("81000019900101123"): sheettest.IDNumber("81000019900101123"), // residence permit of Hong Kong people
		sheettest.IDNumber("91110119900101123"): sheettest.IDNumber("91110119900101123"), // foreigners' permanent residence
		"1101054912310021":                      CodeIDLength,
		"11010519491231\u00b2002":               CodeIDLength,
		strings.Repeat("1", 18):                 CodeIDCheck,
		sheettest.IDNumber("00000019900101000"): sheettest.IDNumber("00000019900101000"), // regions are not looked up
		sheettest.IDNumber("11010519991301001"): CodeIDBirth,
		sheettest.IDNumber("11010519990001001"): CodeIDBirth,
		sheettest.IDNumber("11010519990431001"): CodeIDBirth,
	} {
		got, code := residentID(s)
		if got+code != want {
			t.Errorf("%q = %q %q, want %q", s, got, code, want)
		}
	}
}

// TestCheckDigitFindsSlips: every single wrong digit and every swap of neighbours is found.
func TestCheckDigitFindsSlips(t *testing.T) {
	id := sheettest.IDNumber("32050119870614123")
	for i := range 17 {
		for d := byte('0'); d <= '9'; d++ {
			slip := id[:i] + string(d) + id[i+1:]
			if _, code := residentID(slip); (code == "") != (slip == id) {
				t.Errorf("%s: %q", slip, code)
			}
		}
		swap := id[:i] + id[i+1:i+2] + id[i:i+1] + id[i+2:]
		if _, code := residentID(swap); (code == "") != (swap == id) {
			t.Errorf("%s: %q", swap, code)
		}
	}
}

func TestOtherDocuments(t *testing.T) {
	for s, want := range map[string]string{
		"E12345678": "E12345678", "e12345678": "E12345678", "H1234567890": "H1234567890", "A123456(7)": "A123456(7)", "南字第1234567号": "南字第1234567号",
		"abc": CodeIDLength, "123": CodeIDLength, "E1234;DROP": CodeIDLength, strings.Repeat("1", 41): CodeIDLength,
	} {
		got, code := otherID(s)
		if got+code != want {
			t.Errorf("%q = %q %q, want %q", s, got, code, want)
		}
	}
	for _, kind := range []string{"护照", "02", "港澳居民来往内地通行证", "军官证", "99"} {
		if isResidentType(kind) {
			t.Errorf("%s counts as a resident's id card", kind)
		}
	}
}

// FuzzIDNumber: what is accepted has its check digit by another computation, a real date, and is accepted again as it is.
func FuzzIDNumber(f *testing.F) {
	for _, s := range []string{soundID, "110105491231002", "E12345678", "1.10101E+17", "110105194912310000", "南字第1234567号", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, code := residentID(s); code == "" {
			again, code := residentID(id)
			if again != id || code != "" || sheettest.IDNumber(id[:17]) != id {
				t.Fatalf("%q = %q, again %q %q", s, id, again, code)
			}
		} else if id != "" {
			t.Fatalf("%q = %q with %q", s, id, code)
		}
		if id, code := otherID(s); code == "" {
			if again, code := otherID(id); again != id || code != "" {
				t.Fatalf("%q = %q, again %q %q", s, id, again, code)
			}
		}
		isScientific(s)
	})
}
