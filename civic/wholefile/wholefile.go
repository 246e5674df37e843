// Package wholefile writes files that are there whole or not at all: a reader, and
// whoever comes after a power cut, finds the old one or the new one.
package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file in the making. It stands under a temporary name beside its
// place until Commit, so that a reader sees the old one or the new one whole.
type File struct {
	*os.File
	place string
	done  bool
}

// Create begins a file that will stand at a path. With mode 0 it gets the mode that
// the medium gives: a stick may know none.
func Create(path string, mode fs.FileMode) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", path, err)
	}
	if mode == 0 {
		return &File{File: f, place: path}, nil
	}
	if err := f.Chmod(mode); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, fmt.Errorf("creating %s: %w", path, err)
	}
	return &File{File: f, place: path}, nil
}

// Place is where the file will stand.
func (f *File) Place() string { return f.place }

// Commit makes the file durable and moves it to its place.
func (f *File) Commit() error {
	err := f.Sync()
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.place)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(f.place))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.place, err)
	}
	f.done = true
	return nil
}

// Abort removes what was not committed. After Commit it does nothing.
func (f *File) Abort() {
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
