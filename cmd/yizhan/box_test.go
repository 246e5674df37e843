package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestBundlesOnAStick(t *testing.T) {
	root := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{root}, names...)...) }
	old, recent := at("usb0", "a.yzb"), at("usb0", "年 2026", "b.yzb")
	outside := filepath.Join(t.TempDir(), "key.yzb")
	err := errors.Join(os.MkdirAll(filepath.Dir(recent), 0o700), os.WriteFile(old, nil, 0o600), os.WriteFile(recent, nil, 0o600), os.WriteFile(outside, nil, 0o600),
		os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)),
		os.Mkdir(at("usb0", "folder.yzb"), 0o700), os.Symlink(outside, at("usb0", "link.yzb")), unix.Mkfifo(at("usb0", "pipe.yzb"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	c := kioskCommand{USB: []string{root, filepath.Join(root, "nothing")}}
	if found := c.bundles(); !slices.Equal(found, []string{recent, old}) {
		t.Error(found)
	}
}
