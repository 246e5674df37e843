package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

var text = strings.Repeat("0123456789abcdef", 4) + "\n"

// put writes a key file with a mode.
func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// TestLoad makes a key once and finds it ever after.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Find(dir, ""); !errors.Is(err, ErrNoKey) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("before there is a key: %v", err)
	}
	made, err := Load(dir, "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir, "", iotest.ErrReader(errors.New("no randomness is needed")))
	if err != nil || *again != *made {
		t.Fatalf("the key changed: %v", err)
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 1 || files[0].Name() != KeyFile {
		t.Fatalf("files %v", files)
	}
	if info, _ := files[0].Info(); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	other, err := Load(t.TempDir(), "", rand.Reader)
	if err != nil || *other == *made {
		t.Errorf("another box has the same key: %v", err)
	}
}

// TestLoadRace lets several processes make the key at once: one wins.
func TestLoadRace(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	keys := make([]*Keyring, 8)
	for i := range keys {
		wait.Go(func() { keys[i], _ = Load(dir, "", rand.Reader) })
	}
	wait.Wait()
	for _, k := range keys {
		if k == nil || *k != *keys[0] {
			t.Fatal("two keys were handed out")
		}
	}
}

// TestRefused finds key files that must not be used, and says how to mend it.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		mode fs.FileMode
		want string
	}{
		"readable by the group": {text, 0o640, "chmod 600"},
		"readable by all":       {text, 0o604, "chmod 600"},
		"writable by all":       {text, 0o602, "chmod 600"},
		"empty":                 {"", 0o600, "hexadecimal"},
		"short":                 {text[:62], 0o600, "hexadecimal"},
		"odd":                   {text[:63], 0o600, "hexadecimal"},
		"long":                  {text + "\n", 0o600, "hexadecimal"},
		"very long":             {strings.Repeat(text, 1000), 0o600, "hexadecimal"},
		"upper case":            {strings.ToUpper(text), 0o600, "hexadecimal"},
		"raw":                   {strings.Repeat("\x01", 32), 0o600, "hexadecimal"},
		"zero":                  {strings.Repeat("0", 64), 0o600, "zero"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, KeyFile)
		put(t, path, c.text, c.mode)
		_, err := Load(dir, "", rand.Reader)
		if !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(path); string(got) != c.text {
			t.Errorf("%s: the file was changed", name)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, KeyFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, "", rand.Reader); !errors.Is(err, ErrKey) {
		t.Errorf("a folder: %v", err)
	}
}

// TestCredential takes the key from systemd's folder of credentials.
func TestCredential(t *testing.T) {
	dir, credentials := t.TempDir(), t.TempDir()
	given := filepath.Join(credentials, CredentialFile)
	put(t, given, text, 0o440)
	k, err := Load(dir, credentials, iotest.ErrReader(errors.New("no key is made")))
	if err != nil || hex.EncodeToString(k.master[:])+"\n" != text {
		t.Fatalf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, KeyFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was made beside the credential: %v", err)
	}
	put(t, filepath.Join(dir, KeyFile), text, 0o600)
	if again, err := Find(dir, credentials); err != nil || *again != *k {
		t.Errorf("the same key in both: %v", err)
	}
	if err := os.Chmod(given, 0o444); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(dir, credentials); !errors.Is(err, ErrKey) {
		t.Errorf("a credential that all can read: %v", err)
	}
	put(t, given, strings.Repeat("ab", 32), 0o400)
	if _, err := Find(dir, credentials); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "differ") {
		t.Errorf("two keys: %v", err)
	}
	if own, err := Find(dir, t.TempDir()); err != nil || *own != *k {
		t.Errorf("credentials for somebody else: %v", err)
	}
}

// TestDerive pins the derivation: another result would lock every box out of
// its own data. The bytes were computed with an independent HKDF (RFC 5869).
func TestDerive(t *testing.T) {
	k, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(k.Derive("journal")); got != "88d293f4a21aed84ab7b68a368c3401558682da1591003afc23f2ca043b4ed6f" {
		t.Errorf("journal: %s", got)
	}
	public := k.Signing().Public().(ed25519.PublicKey)
	if got := hex.EncodeToString(public); got != "94c151e45d1bab838e2b3e00de85fae7c3e2f06982bb58bac41f87a80efc8089" {
		t.Errorf("public key: %s", got)
	}
	if bytes.Equal(k.Derive("journal"), k.Derive("book")) || len(k.Derive("book")) != KeyBytes {
		t.Error("two purposes share a key")
	}
}

// FuzzParse proves that what is taken as a key file is written in one way.
func FuzzParse(f *testing.F) {
	f.Add(text)
	f.Add(text[:64])
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := parse(s)
		if err == nil && hex.EncodeToString(k.master[:]) != strings.TrimSuffix(s, "\n") {
			t.Fatalf("%q was taken", s)
		}
	})
}
