package kiosk

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// must ends the test on an error.
func (v *village) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// key draws an idempotency key.
func (v *village) key() (key ledger.Key) {
	v.Helper()
	_, err := rand.Read(key[:])
	v.must(err)
	return key
}

// reserve redeems for somebody, as their own screen would.
func (v *village) reserve(person byte, good string, quantity int64, price ledger.Points) store.Redemption {
	v.Helper()
	r, err := v.cfg.Store.Reserve(v.Context(), store.Reserve{Key: v.key(), Volunteer: id(person), Good: good, Quantity: quantity, Price: price})
	v.must(err)
	return r
}

// lock uses up all tries of a person's PIN.
func (v *village) lock(person byte) {
	v.Helper()
	for {
		_, _, err := v.cfg.Store.TryPIN(v.Context(), id(person))
		if errors.Is(err, store.ErrLocked) {
			return
		}
		v.must(err)
	}
}

// withStick puts a stick with four files into the box: a newer bundle, an older
// one for another kiosk, a damaged one and the one that is loaded.
func withStick(t testing.TB) func(*Config) {
	t.Helper()
	dir := t.TempDir()
	signer := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	write := func(name, kiosk string, serial uint64) string {
		t.Helper()
		path := filepath.Join(dir, name)
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		docs := func(yield func(civic.Document, error) bool) {
			for d, err := range documents(t) {
				if d.Station != nil {
					station := *d.Station
					station.Kiosk = kiosk
					d.Station = &station
				}
				if !yield(d, err) {
					return
				}
			}
		}
		header := civic.BundleHeader{Kiosk: kiosk, Epoch: 1, Serial: serial, Made: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}
		_, err = civic.WriteBundle(file, header, signer, docs)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := []string{write("SQ-01-7.bundle", "SQ-01", 7), write("QX-02-3.bundle", "QX-02", 3), write("copy.bundle", "SQ-01", 8), write("SQ-01-1.bundle", "SQ-01", 1)}
	damaged, err := os.ReadFile(files[2])
	if err != nil {
		t.Fatal(err)
	}
	damaged[len(damaged)/2] ^= 0x10
	if err := os.WriteFile(files[2], damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.Bundles = func() []string { return files } }
}
