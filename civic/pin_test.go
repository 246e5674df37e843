package civic

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"
)

var cheap = PINCost{MemoryKiB: 64, Passes: 1}

// The verifier of a PIN never changes: the ones in documents stay valid.
func TestPINKnownAnswer(t *testing.T) {
	got, err := HashPIN("274916", MinPINCost, strings.NewReader("saltsaltsaltsalt"))
	const want = "$argon2id$v=19$m=12288,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$ITkpWOG5yLDCjPJmCsTZq3lfW2XZo23SBDJWwmxgujw"
	if err != nil || got != want {
		t.Errorf("verifier %s, %v", got, err)
	}
	if err := CheckPIN(want, "274916", MinPINCost); err != nil {
		t.Error(err)
	}
}

func TestPINIsChecked(t *testing.T) {
	a, err := HashPIN("274916", cheap, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := HashPIN("274916", cheap, rand.Reader)
	if err != nil || a == b {
		t.Errorf("the same PIN twice has the same verifier: %v", err)
	}
	if err := CheckPIN(a, "274916", cheap); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"274917", "", "27491", "2749160", "２７４９１６"} {
		if err := CheckPIN(a, wrong, cheap); !errors.Is(err, ErrPIN) {
			t.Errorf("PIN %q: %v", wrong, err)
		}
	}
	if len(a) > maxPINVerifier || checkVerifier(a) != nil {
		t.Errorf("the verifier %s is no document's", a)
	}
}

func TestPINsThatAnyoneWouldTryAreRefused(t *testing.T) {
	for _, bad := range []string{"", "12345", "1234567", "abcdef", "12 456", "000000", "111111", "123456", "654321", "987654", "１２３４５７"} {
		if _, err := HashPIN(bad, cheap, rand.Reader); !errors.Is(err, ErrPINForm) {
			t.Errorf("PIN %q: %v", bad, err)
		}
	}
	for _, good := range []string{"112233", "123457", "019283", "100000"} {
		if _, err := HashPIN(good, cheap, rand.Reader); err != nil {
			t.Errorf("PIN %q: %v", good, err)
		}
	}
	if _, err := HashPIN("274916", cheap, bytes.NewReader(nil)); err == nil {
		t.Error("a PIN without salt")
	}
}

// A damaged or missing verifier is a wrong PIN, and costs as much, so that
// nobody learns who has a PIN from the time it takes.
func TestDamagedVerifierIsAWrongPIN(t *testing.T) {
	good, err := HashPIN("274916", cheap, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"none":           "",
		"other function": strings.Replace(good, "argon2id", "argon2i", 1),
		"other version":  strings.Replace(good, "v=19", "v=16", 1),
		"huge memory":    strings.Replace(good, "m=64,", "m=4194304,", 1),
		"no memory":      strings.Replace(good, "m=64,", "m=0,", 1),
		"many passes":    strings.Replace(good, "t=1,", "t=4000000,", 1),
		"negative":       strings.Replace(good, "t=1,", "t=-1,", 1),
		"cut":            good[:len(good)-1],
		"longer":         good + "A",
		"bad base64":     good[:len(good)-1] + "!",
	} {
		if err := CheckPIN(bad, "274916", cheap); !errors.Is(err, ErrPIN) {
			t.Errorf("%s: %v", name, err)
		}
		if bad != "" && checkVerifier(bad) == nil {
			t.Errorf("%s: %s may stand in a document", name, bad)
		}
	}
}

// The clock is handed in, so the test says how slow the box is.
func TestPINCostFitsTheBox(t *testing.T) {
	for _, c := range []struct {
		name string
		each time.Duration
		want PINCost
	}{
		{"a slow box stays at the minimum", time.Second, MinPINCost},
		{"a fast one ends at the maximum", 0, MaxPINCost},
	} {
		at := time.Unix(0, 0)
		clock := func() time.Time { at = at.Add(c.each); return at }
		if got := TunePIN(300*time.Millisecond, clock); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func FuzzParseVerifier(f *testing.F) {
	good, err := HashPIN("274916", cheap, strings.NewReader("saltsaltsaltsalt"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("$argon2id$v=19$m=,t=,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		cost, salt, hash, ok := parseVerifier(s)
		if ok && (cost.MemoryKiB > MaxPINCost.MemoryKiB || cost.Passes > MaxPINCost.Passes || len(salt) != 16 || len(hash) != 32) {
			t.Errorf("%q: %+v", s, cost)
		}
	})
}
