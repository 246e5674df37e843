package store

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"yizhan/kiosk/store/journal"
	"yizhan/ledger"
)

// enrolled is the config of a store after a center has given it an epoch.
func enrolled(cfg Config, epoch uint32) Config {
	cfg.Epoch = epoch
	return cfg
}

// chainOf reads the whole chain of the epoch that a store is in.
func (w *world) chainOf() (chain [][]byte) {
	w.t.Helper()
	return w.stretch(0, 1<<20, 1<<30)
}

func pastOf(t testing.TB, s *Store, epoch uint32) (chain [][]byte, head ledger.Head) {
	t.Helper()
	head, err := s.PastEntries(bg, epoch, func(raw []byte) error {
		chain = append(chain, slices.Clone(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return chain, head
}

// TestNewEpochOfABoxWithAPast: a box that stood alone is enrolled.
func TestNewEpochOfABoxWithAPast(t *testing.T) {
	w := newWorld(t, standard(5))
	w.settle(w.reserve(want(1, 1)).Seq)
	key, chain := w.PublicKey(), w.chainOf()
	w.close()
	before, err := LatestEpoch(w.cfg.Dir, "", rand.Reader)
	if err != nil || before != 1 {
		t.Fatalf("epoch %d, %v", before, err)
	}
	box, err := BoxKey(w.cfg.Dir, "", rand.Reader)
	if err != nil || !box.PublicKey().Equal(key) {
		t.Fatalf("another key: %v", err)
	}
	w.cfg = enrolled(w.cfg, before+1)
	if _, err := Open(bg, w.cfg); !errors.Is(err, ErrEpoch) {
		t.Fatalf("opening the old epoch as the new one: %v", err)
	}
	for range 2 {
		w.must(BeginEpoch(bg, w.cfg))
		if r, err := Verify(bg, w.cfg); err != nil || !r.OK {
			t.Fatalf("%+v, %v", r, err)
		}
		w.open()
		if h := w.Health(); h.Head.Epoch != 2 || h.Documents || h.Volunteers != 0 {
			t.Fatalf("%+v", h)
		}
		if _, err := w.Account(volunteerID(1)); !errors.Is(err, ErrNoDocuments) {
			t.Fatalf("an account of the epoch before: %v", err)
		}
		if epochs, err := w.PastEpochs(); err != nil || !slices.Equal(epochs, []uint32{1}) {
			t.Fatalf("%v, %v", epochs, err)
		}
		past, head := pastOf(t, w.Store, 1)
		if !slices.EqualFunc(past, chain, slices.Equal) || head.Epoch != 1 || head.Seq != uint64(len(chain)) {
			t.Fatalf("%d entries of %d, head %+v", len(past), len(chain), head)
		}
		if !head.Verify(key, head.Sign(box.Signing())) {
			t.Fatal("the box cannot sign its own past")
		}
		w.close()
	}
	if kept, _ := filepath.Glob(filepath.Join(w.cfg.Dir, pastDir, "0000000001-*", "bundle", "*.bundle")); len(kept) != 1 {
		t.Fatalf("bundles of the past: %v", kept)
	}
	if err := BeginEpoch(bg, enrolled(w.cfg, 1)); !errors.Is(err, ErrEpoch) {
		t.Fatalf("beginning what is over: %v", err)
	}
	if _, err := w.PastEntries(bg, 2, nil); err == nil {
		t.Fatal("the epoch of now is past")
	}
}

// TestPastIsReadFromBothFiles: a hole in one is filled from the other.
func TestPastIsReadFromBothFiles(t *testing.T) {
	l := live(t, false)
	w := &world{t: t, clock: newClock(), cfg: smallConfig(l.dir, newClock())}
	w.open()
	chain := w.chainOf()
	w.close()
	w.cfg = enrolled(w.cfg, 7)
	w.must(BeginEpoch(bg, w.cfg))
	segments, _ := filepath.Glob(filepath.Join(l.dir, journalFolder, "journal-0000000001-*"))
	w.must(os.Remove(segments[len(segments)/2]))
	w.open()
	if past, _ := pastOf(t, w.Store, 1); !slices.EqualFunc(past, chain, slices.Equal) {
		t.Fatalf("%d entries of %d without a segment", len(past), len(chain))
	}
	books, _ := filepath.Glob(filepath.Join(l.dir, pastDir, "*", bookFile))
	w.must(os.Remove(books[0]))
	if past, head := pastOf(t, w.Store, 1); len(past) == 0 || len(past) >= len(chain) || uint64(len(past)) != head.Seq {
		t.Fatalf("%d entries of %d without a segment and without a book", len(past), len(chain))
	}
}

// TestBeginEpochBrokenOff leaves at each step of it what the next start can go on
// from, and never loses anything of the past.
func TestBeginEpochBrokenOff(t *testing.T) {
	l := live(t, false)
	w := &world{t: t, clock: newClock(), cfg: smallConfig(l.dir, newClock())}
	w.open()
	chain := w.chainOf()
	w.close()
	book, bundles := filepath.Join(l.dir, bookFile), filepath.Join(l.dir, bundleDir)
	past := filepath.Join(l.dir, pastDir, "0000000001-20260520T020000Z-0000000001")
	steps := []struct {
		name string
		step func() error
	}{
		{"the new book is made", func() error { return os.WriteFile(book+".mend", []byte("half a book"), 0o600) }},
		{"the past has a folder", func() error { return os.MkdirAll(past, 0o700) }},
		{"the old book has a name there", func() error { return os.Link(book, filepath.Join(past, bookFile)) }},
		{"the bundles are there", func() error { return os.Rename(bundles, filepath.Join(past, bundleDir)) }},
		{"the old book is gone", func() error { return os.Remove(book) }}, // without links
	}
	for n := range len(steps) + 1 {
		other := copyStore(t, l)
		for _, s := range steps[:n] {
			if err := inFolder(l.dir, other.dir, s.step); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
		}
		x := &world{t: t, clock: newClock(), cfg: enrolled(smallConfig(other.dir, newClock()), 2)}
		x.must(BeginEpoch(bg, x.cfg))
		if r, err := Verify(bg, x.cfg); err != nil || !r.OK {
			t.Fatalf("after step %d: %+v, %v", n, r, err)
		}
		x.open()
		if got, _ := pastOf(t, x.Store, 1); !slices.EqualFunc(got, chain, slices.Equal) {
			t.Fatalf("after step %d the past has %d entries of %d", n, len(got), len(chain))
		}
		if h := x.Health(); h.Head.Epoch != 2 || h.Documents {
			t.Fatalf("after step %d: %+v", n, h)
		}
		x.close()
	}
}

// inFolder runs a step that was written for one folder in another.
func inFolder(from, to string, step func() error) error {
	away := from + ".away"
	return errors.Join(os.Rename(from, away), os.Rename(to, from), step(), os.Rename(from, to), os.Rename(away, from))
}

// TestNewBoxIsEnrolled: its key comes first, its name and epoch later.
func TestNewBoxIsEnrolled(t *testing.T) {
	dir := filepath.Join(tempDir(t), "data")
	w := &world{t: t, clock: newClock()}
	w.must(os.Mkdir(dir, 0o700))
	key, err := BoxKey(dir, "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if epoch, err := LatestEpoch(dir, "", rand.Reader); err != nil || epoch != 0 {
		t.Fatalf("epoch %d, %v", epoch, err)
	}
	w.cfg = enrolled(smallConfig(dir, w.clock), 4)
	w.must(BeginEpoch(bg, w.cfg))
	w.open()
	if head, _ := w.Head(); head.Epoch != 4 || !w.PublicKey().Equal(key.PublicKey()) {
		t.Fatalf("%+v", head)
	}
	if epochs, err := w.PastEpochs(); err != nil || len(epochs) != 0 {
		t.Fatalf("%v, %v", epochs, err)
	}
	w.close()
	if epoch, err := LatestEpoch(dir, "", rand.Reader); err != nil || epoch != 4 {
		t.Fatalf("epoch %d, %v", epoch, err)
	}
	// A box that is put to another station begins a new chain there.
	other := enrolled(w.cfg, 5)
	other.Kiosk = "LH-02"
	if _, err := Open(bg, other); !errors.Is(err, ErrEpoch) {
		t.Fatalf("%v", err)
	}
	w.must(BeginEpoch(bg, other))
	w.cfg = other
	w.open()
	if head, _ := w.Head(); head.Kiosk != "LH-02" || head.Epoch != 5 {
		t.Fatalf("%+v", head)
	}
	if past, _ := pastOf(t, w.Store, 4); len(past) != 0 {
		t.Fatalf("%d entries of another station's chain", len(past))
	}
}

// TestBeginEpochBesideAnOpenStore waits, and then refuses.
func TestBeginEpochBesideAnOpenStore(t *testing.T) {
	t.Parallel() // it waits for a lock
	w := newWorld(t, standard(1))
	if err := BeginEpoch(bg, enrolled(w.cfg, 2)); !errors.Is(err, journal.ErrLocked) {
		t.Fatalf("%v", err)
	}
	w.reserve(want(0, 0))
	w.reopen()
}

// TestBeginEpochNeedsTheJournal: without its medium nobody knows which epochs were.
func TestBeginEpochNeedsTheJournal(t *testing.T) {
	cfg, _ := onTwoMedia(t)
	if err := errors.Join(os.RemoveAll(filepath.Join(cfg.Dir, bookFile)), os.Rename(cfg.JournalDir, cfg.JournalDir+".away")); err != nil {
		t.Fatal(err)
	}
	if err := BeginEpoch(bg, enrolled(cfg, 2)); !errors.Is(err, ErrNoJournal) {
		t.Fatalf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, bookFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("a book was made")
	}
}

// TestMendOfALinkedKiosk that has lost entries begins an epoch that its center did
// not give: it must be enrolled once more.
func TestMendOfALinkedKiosk(t *testing.T) {
	w := newLinked(t)
	for range 40 {
		w.must(w.Quarantine(bg, "officer", string(make([]byte, 300))), w.Quarantine(bg, "", ""))
	}
	w.close()
	w.lose(bookFile)
	segments, _ := filepath.Glob(filepath.Join(w.cfg.Dir, journalFolder, "journal-*"))
	w.must(os.Remove(segments[0]))
	r, err := Mend(bg, w.cfg, Report{})
	if err != nil || !r.OK || !r.NewEra {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := Open(bg, w.cfg); !errors.Is(err, ErrEpoch) {
		t.Fatalf("%v", err)
	}
	if err := BeginEpoch(bg, w.cfg); !errors.Is(err, ErrEpoch) {
		t.Fatalf("%v", err)
	}
	latest, err := LatestEpoch(w.cfg.Dir, "", rand.Reader)
	if err != nil || latest != 4 {
		t.Fatalf("epoch %d, %v", latest, err)
	}
	w.cfg = enrolled(w.cfg, latest+1)
	w.must(BeginEpoch(bg, w.cfg))
	w.open()
	w.apply("center", 1, stationDocument(1))
}
