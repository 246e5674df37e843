package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	centerbook "yizhan/center/store"
	"yizhan/kiosk/store"
	"yizhan/link"
)

func testBook(ts *testscript.TestScript, dir, kiosk string) *store.Store {
	books, err := store.Open(context.Background(), store.Config{Dir: ts.MkAbs(dir), Kiosk: kiosk, Program: "yizhan test",
		Clock: store.NewSystemClock(), Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	ts.Check(err)
	return books
}

// keepbook DATA KIOSK BUNDLE is a kiosk that loads a bundle, and starts once more.
func keepBook(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o700))
	books := testBook(ts, args[0], args[1])
	_, err := books.LoadBundle(context.Background(), ts.MkAbs(args[2]), store.LoadOptions{Trust: true})
	ts.Check(errors.Join(err, books.Close()))
	ts.Check(testBook(ts, args[0], args[1]).Close())
}

// adopt CENTER DATA KIOSK makes the box of a data folder the kiosk of a center, as
// an officer would.
func adopt(ts *testscript.TestScript, _ bool, args []string) {
	keys, err := store.BoxKey(ts.MkAbs(args[1]), "", rand.Reader)
	ts.Check(err)
	center, err := centerbook.Open(context.Background(), centerbook.Config{Database: filepath.Join(ts.MkAbs(args[0]), bookFile), Now: time.Now})
	ts.Check(err)
	defer center.Close()
	_, err = center.NewEpoch(context.Background(), args[2], keys.PublicKey(), 1, "李科")
	ts.Check(err)
}

func TestMountedSticks(t *testing.T) {
	const mounts = `/dev/mmcblk0p2 / ext4 rw,noatime 0 0
/dev/sda1 /media/usb0 vfat rw,nosuid,nodev 0 0
/dev/sdb1 /media/MY\040STICK vfat rw,nosuid 0 0
/dev/sdc1 /media/shut iso9660 ro,nosuid 0 0
/dev/sdd1 /mediaother vfat rw 0 0
/dev/sde1 /mnt exfat rw 0 0
broken line
`
	got := mountedBelow(mounts, []string{"/media", "/mnt"})
	if !slices.Equal(got, []string{"/media/usb0", "/media/MY STICK", "/mnt"}) {
		t.Errorf("%q", got)
	}
	if got := mountedBelow(mounts, nil); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// A box that was enrolled anew still has the chain of before, signed by the same key.
func TestJournalOfAnEpochThatIsOver(t *testing.T) {
	ctx := t.Context()
	cfg := store.Config{Dir: filepath.Join(t.TempDir(), "data"), Kiosk: "SQ-01", Epoch: 1, Program: "yizhan test",
		Clock: store.NewSystemClock(), Random: rand.Reader}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(cfg.Dir, 0o700))
	for range 70 {
		books, err := store.Open(ctx, cfg)
		must(err)
		must(books.Close())
	}
	cfg.Epoch = 2
	must(store.BeginEpoch(ctx, cfg))
	books, err := store.Open(ctx, cfg)
	must(err)
	defer books.Close()
	past, err := pastChain(ctx, books, 1)
	must(err)
	var file bytes.Buffer
	h, err := link.WriteJournal(ctx, &file, past, books.Signing(), program(), 0)
	must(err)
	if h.Epoch != 1 || h.First != 1 || h.Entries() != 70 {
		t.Errorf("%+v", h)
	}
	f, err := link.ReadJournal(&file)
	must(err)
	for _, err := range f.Frames() {
		must(err)
	}
	if _, err := pastChain(ctx, books, 2); err == nil {
		t.Error("the epoch of now is over")
	}
}
