package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// resumeBundle loads the bundles of the data folder that the book has not, or
// not to their end: after a power cut in the middle of loading, and after the
// book was rebuilt.
func (s *Store) resumeBundle(ctx context.Context) error {
	names, err := sortedNames(s.cfg.path(bundleDir), ".bundle")
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.resumeOne(ctx, name); err != nil {
			return fmt.Errorf("loading %s again: %w", filepath.Base(name), err)
		}
	}
	return nil
}

func (s *Store) resumeOne(ctx context.Context, path string) error {
	var loaded loadedRow
	if err := s.view(func(t *tx) { loaded = t.loaded() }); err != nil {
		return err
	}
	if loaded.Complete && !loaded.Pending && path <= s.cfg.bundlePath(loaded.Serial) {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := s.openBundle(f, false, true)
	switch {
	case errors.Is(err, ErrBundleForged), errors.Is(err, ErrBundleOther), errors.Is(err, ErrBundleOlder), errors.Is(err, ErrBundleTrust):
		// A kept bundle that is damaged, or of an epoch that is over, is of no
		// use. What it brought is missing then, and Health says so.
		s.cfg.Log.Warn("a kept bundle was not loaded", "file", filepath.Base(path), "err", err)
		return nil
	case err != nil:
		return err
	}
	_, err = s.loadKept(ctx, path, b.Header, nil)
	return err
}

// sortedNames returns the paths in a folder with an ending, in order. A folder
// that is missing is empty.
func sortedNames(dir, ending string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listing %s: %w", dir, err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ending {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(paths)
	return paths, nil
}

// keepNewest deletes all but the last n files of a folder, by name.
func keepNewest(dir string, n int) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("listing %s: %w", dir, err)
	}
	for _, e := range entries[:max(0, len(entries)-n)] {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("dropping an old file: %w", err)
		}
	}
	return nil
}
