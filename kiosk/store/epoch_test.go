package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestBothLostBeginsANewEpoch(t *testing.T) {
	l := live(t, true)
	os.Remove(filepath.Join(l.dir, bookFile))
	segments, _ := filepath.Glob(filepath.Join(l.dir, journalFolder, "journal-*"))
	os.Remove(segments[len(segments)/2])
	cfg := smallConfig(l.dir, newClock())
	r, err := Mend(bg, cfg, newProver(t).verify(t, l.dir))
	if err != nil || !r.OK || !r.NewEra {
		t.Fatalf("%+v, %v", r, err)
	}
	w := &world{t: t, cfg: cfg, clock: newClock()}
	w.open()
	if h := w.Health(); h.Documents || h.Head.Epoch != 2 {
		t.Fatalf("%+v", h)
	}
	if _, err := w.Reserve(bg, want(1, 1)); !errors.Is(err, ErrNoDocuments) {
		t.Fatalf("redeeming in a new epoch: %v", err)
	}
	if _, err := w.Account(volunteerID(1)); !errors.Is(err, ErrNoDocuments) {
		t.Fatalf("account in a new epoch: %v", err)
	}
	spec := standard(30)
	spec.serial = 2
	path := spec.write(t, filepath.Join(tempDir(t), "old.bundle"))
	if _, err := w.LoadBundle(bg, path, LoadOptions{Trust: true}); !errors.Is(err, ErrBundleOther) {
		t.Fatalf("a bundle of the old epoch: %v", err)
	}
	spec.epoch = 2
	w.load(spec)
	w.reserve(want(1, 1))
	w.reopen()
	if got := w.spendable(1); got != 980 {
		t.Fatalf("%d points", got)
	}
	// Nothing old was deleted.
	left, _ := filepath.Glob(filepath.Join(l.dir, journalFolder, "journal-0000000001-*"))
	if len(left) != len(segments)-1 {
		t.Fatalf("%d of %d old segments are left", len(left), len(segments)-1)
	}
}

// TestForkIsNotDecided gives book and journal different entries of one number,
// as when a copy of the data folder lived on elsewhere.
func TestForkIsNotDecided(t *testing.T) {
	l := live(t, false)
	other := copyStore(t, l)
	for n, dir := range []string{l.dir, other.dir} {
		w := &world{t: t, clock: newClock(), cfg: smallConfig(dir, newClock())}
		w.open()
		w.reserve(want(n, 0))
		w.close()
	}
	os.RemoveAll(filepath.Join(l.dir, journalFolder))
	if err := os.Rename(filepath.Join(other.dir, journalFolder), filepath.Join(l.dir, journalFolder)); err != nil {
		t.Fatal(err)
	}
	cfg := smallConfig(l.dir, newClock())
	if _, err := Open(bg, cfg); !errors.Is(err, ErrDamaged) {
		t.Fatalf("Open: %v", err)
	}
	r, err := Mend(bg, cfg, newProver(t).verify(t, l.dir))
	if err != nil || !r.OK || !r.NewEra {
		t.Fatalf("%+v, %v", r, err)
	}
}
