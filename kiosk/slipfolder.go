package kiosk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"yizhan/printer/template"
)

// SlipFolder is a SlipStore of files, NAME.slip each. It is made when something is
// first saved.
type SlipFolder string

func (f SlipFolder) path(name string) string { return filepath.Join(string(f), name+".slip") }

// Load reads a file. One that is too long to be a template is cut off, so that it is
// found too long.
func (f SlipFolder) Load(name string) (string, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return "", fmt.Errorf("reading a slip: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, template.MaxBytes+1))
	if err != nil {
		return "", fmt.Errorf("reading a slip: %w", err)
	}
	return string(b), nil
}

// Save writes a file beside the old one and puts it in its place: after a power cut
// there is one of the two, whole.
func (f SlipFolder) Save(name, text string) error {
	if err := f.save(name, text); err != nil {
		return fmt.Errorf("writing a slip: %w", err)
	}
	return nil
}

func (f SlipFolder) save(name, text string) error {
	if err := f.make(); err != nil {
		return err
	}
	fresh := f.path(name) + ".new" // one that a power cut left is overwritten
	if err := writeSynced(fresh, text); err != nil {
		return err
	}
	if err := os.Rename(fresh, f.path(name)); err != nil {
		return err
	}
	return syncFolder(string(f))
}

func writeSynced(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// make makes the folder and its entry in the one above durable.
func (f SlipFolder) make() error {
	err := os.Mkdir(string(f), 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(string(f)))
}

// Remove takes a file away.
func (f SlipFolder) Remove(name string) error {
	err := os.Remove(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncFolder(string(f))
	}
	if err != nil {
		return fmt.Errorf("removing a changed slip: %w", err)
	}
	return nil
}

// syncFolder makes what was renamed or removed in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
