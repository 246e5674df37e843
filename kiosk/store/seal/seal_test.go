package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func newSealer(t testing.TB, b byte) *Sealer {
	t.Helper()
	s, err := New(bytes.Repeat([]byte{b}, KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeal(t *testing.T) {
	s := newSealer(t, 1)
	for _, plain := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("益"), 5000)} {
		sealed, err := s.Seal([]byte("before"), plain, []byte("place"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := bytes.CutPrefix(sealed, []byte("before"))
		if !ok || len(rest) != len(plain)+Overhead {
			t.Fatalf("%d bytes sealed from %d", len(rest), len(plain))
		}
		got, err := s.Open([]byte("before"), rest, []byte("place"))
		if err != nil || string(got) != "before"+string(plain) {
			t.Fatalf("opened %d bytes: %v", len(got), err)
		}
	}
}

// TestBroken changes everything that a seal holds together, one at a time.
func TestBroken(t *testing.T) {
	s := newSealer(t, 1)
	sealed, err := s.Seal(nil, []byte("12 points"), []byte("place"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if _, err := s.Open(nil, bad, []byte("place")); !errors.Is(err, ErrSeal) {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
		}
	}
	for n := range sealed {
		if _, err := s.Open(nil, sealed[:n], []byte("place")); !errors.Is(err, ErrSeal) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := s.Open(nil, append(bytes.Clone(sealed), 0), []byte("place")); !errors.Is(err, ErrSeal) {
		t.Errorf("longer: %v", err)
	}
	if _, err := s.Open(nil, sealed, []byte("another place")); !errors.Is(err, ErrSeal) {
		t.Errorf("moved: %v", err)
	}
	if _, err := newSealer(t, 2).Open(nil, sealed, []byte("place")); !errors.Is(err, ErrSeal) {
		t.Errorf("another key: %v", err)
	}
}

// TestNonce proves that the nonce is what random gave: the same value sealed
// twice looks different, and without randomness nothing is sealed.
func TestNonce(t *testing.T) {
	s := newSealer(t, 1)
	a, _ := s.Seal(nil, []byte("x"), nil, rand.Reader)
	b, _ := s.Seal(nil, []byte("x"), nil, rand.Reader)
	if bytes.Equal(a, b) {
		t.Error("two seals of a value are equal")
	}
	for _, random := range []io.Reader{iotest.ErrReader(io.ErrClosedPipe), bytes.NewReader(make([]byte, 23))} {
		if got, err := s.Seal([]byte("before"), []byte("x"), nil, random); err == nil || string(got) != "before" {
			t.Errorf("without randomness: %q, %v", got, err)
		}
	}
	if _, err := New(make([]byte, 31)); err == nil {
		t.Error("a short key was taken")
	}
}

// FuzzOpen gives Open anything. Only what was sealed opens.
func FuzzOpen(f *testing.F) {
	s := newSealer(f, 1)
	sealed, err := s.Seal(nil, []byte("12 points"), []byte("place"), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed, []byte("place"))
	f.Add(sealed[1:], []byte("place"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, b, ad []byte) {
		plain, err := s.Open(nil, b, ad)
		if err == nil && (!bytes.Equal(b, sealed) || string(ad) != "place" || string(plain) != "12 points") {
			t.Fatalf("opened %x to %q", b, plain)
		}
	})
}
