package wholefile

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// begin creates a file at a path and writes into it.
func begin(t *testing.T, path, text string, mode fs.FileMode) *File {
	t.Helper()
	f, err := Create(path, mode)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFileIsWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "list.csv")
	first := begin(t, path, "one", 0o640)
	if first.Place() != path {
		t.Errorf("place %s", first.Place())
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("there before it is whole: %v", err)
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	first.Abort()
	second := begin(t, path, "two", 0)
	if b, err := os.ReadFile(path); err != nil || string(b) != "one" {
		t.Errorf("%q, %v", b, err)
	}
	second.Abort()
	third := begin(t, path, "three", 0)
	if err := third.Commit(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "three" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestFileHasItsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := begin(t, path, "x", 0o600).Commit(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestFileThatCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(filepath.Join(dir, "missing", "x"), 0); err == nil {
		t.Error("a folder that is not there went unnoticed")
	}
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	f := begin(t, path, "x", 0)
	if err := f.Commit(); err == nil {
		t.Error("a folder in the place went unnoticed")
	}
	f.Abort()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}
