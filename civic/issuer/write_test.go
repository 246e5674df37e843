package issuer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The cards are on the disk before the bundle that knows them is, and the bundle
// before its copy: whatever fails, giving in the same lists again mends it.
func TestWhateverFailsIsMendedByTheNextRun(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,积分", "张伟,V001,100")
	f.o.Cards = filepath.Join(f.dir, "gone", "cards.html")
	if _, err := f.try(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("cards could not be written: %v", err)
	}
	register := filepath.Join(f.dir, "issuer", "SQ-01.bundle")
	if _, err := os.Stat(register); !os.IsNotExist(err) {
		t.Fatal("a bundle whose cards are lost was registered")
	}

	f.o.Cards, f.o.Out = filepath.Join(f.dir, "cards.html"), filepath.Join(f.dir, "gone", "out.yzb")
	if _, err := f.try(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the bundle could not be handed out: %v", err)
	}
	f.o.Out = filepath.Join(f.dir, "out.yzb")
	if result := f.make(); !result.Unchanged || result.Header.Serial != 1 {
		t.Errorf("result %+v", result)
	}
	if !bytes.Equal(read(t, f.o.Out), read(t, register)) {
		t.Error("what was handed out is not what was registered")
	}
	leftovers, err := filepath.Glob(filepath.Join(f.dir, "*", ".*"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("temporary files were left: %v, %v", leftovers, err)
	}
}

func TestNothingIsRegisteredWhenTheRunIsBroken(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号", "张伟,V001")
	i, err := Open(filepath.Join(f.dir, "issuer"), f.o.Random)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.Make(ctx, f.o); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	f.o.Random, f.o.Cards = io.LimitReader(f.o.Random, 3), filepath.Join(f.dir, "cards.html")
	if _, err := i.Make(t.Context(), f.o); err == nil {
		t.Error("a card was made of 3 random bytes")
	}
	if _, err := os.Stat(i.Register("SQ-01")); !os.IsNotExist(err) {
		t.Error("a bundle was registered")
	}
}
