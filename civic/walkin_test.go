package civic

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"yizhan/ledger"
)

func TestWalkInSlips(t *testing.T) {
	w := WalkIn{Shift: ledger.ID{9, 8, 7}, Who: ledger.ID{1, 2, 3}}
	text := w.Text()
	if len(text) != 41 || !regexp.MustCompile(`^[0-9A-Z $%*+./:-]+$`).MatchString(text) {
		t.Errorf("%q is not in QR's alphanumeric mode", text)
	}
	for _, s := range []string{text, strings.ToLower(text), " " + text + "\n"} {
		if got, err := ParseWalkIn(s); got != w || err != nil || !IsWalkIn(s) {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	// No character can be another one, and none can be missing.
	for i := range text {
		for _, c := range "A2B" {
			if changed := text[:i] + string(c) + text[i+1:]; changed != text {
				if _, err := ParseWalkIn(changed); !errors.Is(err, ErrCode) {
					t.Errorf("%q: %v", changed, err)
				}
			}
		}
		if _, err := ParseWalkIn(text[:i] + text[i+1:]); !errors.Is(err, ErrCode) {
			t.Errorf("without character %d: %v", i, err)
		}
	}
	if _, err := ParseWalkIn((WalkIn{Shift: w.Shift}).Text()); !errors.Is(err, ErrCode) {
		t.Errorf("of nobody: %v", err)
	}
}

func FuzzParseWalkIn(f *testing.F) {
	f.Add(WalkIn{Shift: ledger.ID{9}, Who: ledger.ID{1}}.Text())
	f.Add("YZW1:")
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := ParseWalkIn(text); err == nil && w.Text() != strings.ToUpper(strings.TrimSpace(text)) {
			t.Errorf("%q is read as %q", text, w.Text())
		}
	})
}
