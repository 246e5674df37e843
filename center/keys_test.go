package center

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestKeysAreMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "keys")
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	o := KeyOptions{Now: func() time.Time { return now }, Random: rand.Reader, Hosts: []string{"center.example", "10.0.0.5"}}
	if _, err := OpenKeys(dir, o); !errors.Is(err, ErrKeys) {
		t.Errorf("keys that nobody may make: %v", err)
	}
	o.Make = true
	first, err := OpenKeys(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if len(first.Phone) != 32 || first.Certificate.Leaf.VerifyHostname("center.example") != nil || first.Certificate.Leaf.VerifyHostname("10.0.0.5") != nil {
		t.Errorf("%+v", first.Certificate.Leaf.DNSNames)
	}
	o.Make = false
	again, err := OpenKeys(dir, o)
	if err != nil || again.Pin() != first.Pin() || !again.Signer.Equal(first.Signer) || string(again.Phone) != string(first.Phone) ||
		!again.Certificate.Leaf.Equal(first.Certificate.Leaf) {
		t.Errorf("opened again they are others: %v", err)
	}

	// Another name, or an end that is near: a new certificate, and the same pin.
	for name, change := range map[string]func(){
		"another name":           func() { o.Hosts = append(o.Hosts, "new.example") },
		"years later":            func() { now = now.Add(certificateKept - time.Hour) },
		"a clock that was reset": func() { now = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		change()
		renewed, err := OpenKeys(dir, o)
		if err != nil || renewed.Pin() != first.Pin() || renewed.Certificate.Leaf.Equal(again.Certificate.Leaf) {
			t.Errorf("%s: %v", name, err)
		}
		again = renewed
	}
}

// Two programs that start at once agree on one set of keys.
func TestKeysAreMadeByOneOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	pins := make([]string, 8)
	var all sync.WaitGroup
	for i := range pins {
		all.Go(func() {
			k, err := OpenKeys(dir, KeyOptions{Now: time.Now, Random: rand.Reader, Make: true})
			if err != nil {
				t.Error(err)
				return
			}
			pin := k.Pin()
			pins[i] = string(pin[:]) + string(k.Issuer()) + string(k.Phone)
		})
	}
	all.Wait()
	for _, p := range pins {
		if p != pins[0] {
			t.Error("two sets of keys")
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".keys-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDamagedKeysAreRefused(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"a signer that is gone":  func(dir string) error { return os.Remove(filepath.Join(dir, signerFile)) },
		"a TLS key that is gone": func(dir string) error { return os.Remove(filepath.Join(dir, tlsKeyFile)) },
		"a phone key cut short":  func(dir string) error { return os.WriteFile(filepath.Join(dir, phoneFile), []byte("AAAA\n"), 0o600) },
		"a signer in other text": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, signerFile), []byte(strings.Repeat("?", 44)), 0o600)
		},
		"a TLS key of rubbish":  func(dir string) error { return os.WriteFile(filepath.Join(dir, tlsKeyFile), []byte("rubbish"), 0o600) },
		"read by the group":     func(dir string) error { return os.Chmod(filepath.Join(dir, signerFile), 0o640) },
		"a TLS key read by all": func(dir string) error { return os.Chmod(filepath.Join(dir, tlsKeyFile), 0o604) },
	} {
		dir := filepath.Join(t.TempDir(), "keys")
		o := KeyOptions{Now: time.Now, Random: rand.Reader, Make: true}
		if _, err := OpenKeys(dir, o); err != nil {
			t.Fatal(err)
		}
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeys(dir, o); !errors.Is(err, ErrKeys) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A certificate that was bought is used as it is; the other keys are made here.
func TestAGivenCertificate(t *testing.T) {
	own := filepath.Join(t.TempDir(), "keys")
	o := KeyOptions{Now: time.Now, Random: rand.Reader, Make: true}
	bought, err := OpenKeys(own, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Cert, o.Key = filepath.Join(own, tlsCertFile), filepath.Join(own, tlsKeyFile)
	dir := filepath.Join(t.TempDir(), "keys")
	k, err := OpenKeys(dir, o)
	if err != nil || k.Pin() != bought.Pin() || k.Signer.Equal(bought.Signer) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, tlsKeyFile)); err == nil {
		t.Error("a TLS key was made all the same")
	}
	if k.TLS().MinVersion != tls.VersionTLS13 {
		t.Error("older TLS is spoken")
	}
}
