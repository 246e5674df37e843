package issuer

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// file is a file in the making. It stands under a temporary name beside its
// place until Commit, so that a reader sees the old one or the new one whole.
type file struct {
	*os.File
	path string
	done bool
}

func create(path string, mode fs.FileMode) (*file, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", path, err)
	}
	if err := f.Chmod(mode); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, fmt.Errorf("creating %s: %w", path, err)
	}
	return &file{File: f, path: path}, nil
}

// Commit makes the file durable and moves it to its place.
func (f *file) Commit() error {
	err := f.Sync()
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(f.path))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	f.done = true
	return nil
}

// Abort removes what was not committed. After Commit it does nothing.
func (f *file) Abort() {
	if !f.done {
		f.Close()
		os.Remove(f.Name())
	}
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// copyFile puts a copy of one file in the place of another.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	defer src.Close()
	dst, err := create(to, 0o644)
	if err != nil {
		return err
	}
	defer dst.Abort()
	if _, err := io.Copy(dst, src); err != nil {
		return fmt.Errorf("copying %s to %s: %w", from, to, err)
	}
	return dst.Commit()
}

// sameFile tells whether two files hold the same bytes. A missing one is
// different from every other.
func sameFile(a, b string) bool {
	x, errX := hashFile(a)
	y, errY := hashFile(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func hashFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}

// nowhere takes what a dry run writes.
type nowhere struct{}

func (nowhere) Write(b []byte) (int, error)             { return len(b), nil }
func (nowhere) Seek(offset int64, _ int) (int64, error) { return offset, nil }
