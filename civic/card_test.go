package civic

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

func newCard(t testing.TB) CardSecret {
	t.Helper()
	s, err := NewCard(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The text of a known secret never changes: cards that are printed stay valid.
func TestCardTextIsFixed(t *testing.T) {
	s := CardSecret{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	const text = "YZC1:AAAQEAYEAUDAOCAJBIFQYDIOB5CLO"
	if got := s.Text(); got != text {
		t.Errorf("text %s, want %s", got, text)
	}
	id, err := s.ID().MarshalText()
	if err != nil || string(id) != "88dbb15ab4c078f55a60edca28fcdb3f" {
		t.Errorf("id %s, %v", id, err)
	}
}

func TestCardIsReadInAnyCaseAndSpacing(t *testing.T) {
	s := newCard(t)
	for _, text := range []string{s.Text(), strings.ToLower(s.Text()), " " + s.Text() + "\r\n"} {
		if got, err := ParseCard(text); err != nil || got != s {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A scanner in keyboard mode drops, doubles and swaps characters. None of that
// may open another person's account.
func TestMisreadCardIsRefused(t *testing.T) {
	text := newCard(t).Text()
	refuse := func(what, text string) {
		t.Helper()
		if _, err := ParseCard(text); !errors.Is(err, ErrCard) {
			t.Errorf("%s: %q was taken: %v", what, text, err)
		}
	}
	for i := len(cardPrefix); i < len(text); i++ {
		refuse("dropped", text[:i]+text[i+1:])
		refuse("doubled", text[:i+1]+text[i:])
		if i+1 < len(text) && text[i] != text[i+1] {
			refuse("swapped", text[:i]+text[i+1:i+2]+text[i:i+1]+text[i+2:])
		}
		changed := byte('A')
		if text[i] == changed {
			changed = 'B'
		}
		refuse("changed", text[:i]+string(changed)+text[i+1:])
	}
	refuse("empty", "")
	refuse("another code", "https://example.org/")
	refuse("a receipt", "YZ1:"+text[len(cardPrefix):])
	refuse("padding", text+"=")
}

func TestCardsDoNotRepeatAndIDsHideTheSecret(t *testing.T) {
	a, b := newCard(t), newCard(t)
	if a == b || a.ID() == b.ID() {
		t.Error("two cards are alike")
	}
	id := a.ID()
	if bytes.Equal(id[:], a[:]) {
		t.Error("the id is the secret")
	}
	if _, err := NewCard(io.LimitReader(rand.Reader, 5)); err == nil {
		t.Error("a card was made of 5 random bytes")
	}
}

func TestCardIDAsText(t *testing.T) {
	id := newCard(t).ID()
	b, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	var back CardID
	if err := json.Unmarshal(b, &back); err != nil || back != id {
		t.Errorf("%s came back as %x: %v", b, back, err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("g", 32), strings.Repeat("0", 34)} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q was taken for a card's id", bad)
		}
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add(CardSecret{1}.Text())
	f.Add("YZC1:")
	f.Add("yzc1:aaaqeayeaudaocajbifqydiob5clo")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseCard(text)
		if err != nil {
			if !errors.Is(err, ErrCard) {
				t.Errorf("%v is not ErrCard", err)
			}
			return
		}
		if got := s.Text(); got != strings.ToUpper(strings.TrimSpace(text)) {
			t.Errorf("%q was read as %q", text, got)
		}
	})
}
