package store

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// lived is a store that has seen every kind of entry, and its plain rows.
type lived struct {
	dir  string
	head ledger.Head
	rows map[string]string
}

// live makes such a store. With a snapshot it was taken in the middle.
func live(t testing.TB, snapshot bool) lived {
	t.Helper()
	w := &world{t: t, clock: newClock()}
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.open()
	w.load(standard(30))
	for n := range 60 {
		w.everyKind(n)
		if snapshot && n == 30 {
			if err := w.Snapshot(); err != nil {
				t.Fatal(err)
			}
		}
	}
	l := w.lived()
	w.close()
	return l
}

// lived is the store as it is after all that was answered.
func (w *world) lived() lived {
	w.t.Helper()
	return lived{w.cfg.Dir, w.Health().Head, w.dump()}
}

// everyKind makes the n-th of a series of requests of all kinds.
func (w *world) everyKind(n int) {
	w.t.Helper()
	must := func(_ any, err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	r := w.reserve(want(n%30, n%5))
	switch n % 6 {
	case 0:
		must(w.Cancel(bg, newKey(), r.Seq, ledger.ID{}, "no"))
	case 1, 2:
		w.settle(r.Seq)
		must(w.Refund(bg, newKey(), r.Seq, leader(), n%2 == 0, "broken"))
	case 3:
		w.settle(r.Seq)
		must(w.Print(bg, r.Seq, spool.StepSending, ""))
		must(w.Print(bg, r.Seq, spool.StepDrained, ""))
		must(w.Print(bg, r.Seq, spool.StepConfirmed, "ok"))
	}
	switch n % 7 {
	case 0:
		must(w.Receive(bg, newKey(), "G01", 10, clerk(), "delivery"))
	case 1:
		must(w.Count(bg, newKey(), "G02", int64(900+n), clerk(), ""))
	case 2:
		must(w.Waste(bg, newKey(), "G03", 1, clerk(), "mice"))
	case 3:
		_, _, err := w.CloseDay(bg, newKey(), clerk())
		must(nil, err)
	case 4:
		_, _, err := w.TryPIN(bg, volunteerID(n%3))
		must(nil, errors.Join(err, w.ClearPIN(bg, volunteerID(n%3), ledger.ID{})))
	case 5:
		must(nil, w.SetPIN(bg, volunteerID(n%30), "$argon2id$made-up", clerk()))
	}
	if n == 40 {
		_, err := w.ReturnExpired(bg, early+1, 5)
		must(nil, err)
	}
}

// before leaves out of a dump what came after an entry: the note of a repair
// and of a start change no other row.
func before(rows map[string]string, seq uint64) map[string]string {
	rows = maps.Clone(rows)
	delete(rows, "state")
	maps.DeleteFunc(rows, func(k, _ string) bool {
		return strings.HasPrefix(k, "entry ") && k > fmt.Sprintf("entry %x", seqKey(seq))
	})
	return rows
}

// heal verifies in a process of its own, mends and opens, and tells what the
// report said before mending.
func heal(t testing.TB, l lived) Report {
	t.Helper()
	return healBy(t, newProver(t), l)
}

func healBy(t testing.TB, p *prover, l lived) Report {
	t.Helper()
	r := p.verify(t, l.dir)
	cfg := smallConfig(l.dir, newClock())
	after, err := Mend(bg, cfg, r)
	if err != nil {
		t.Fatalf("mend: %v\n%+v", err, r)
	}
	if !after.OK || after.NewEra {
		t.Fatalf("not healed: %+v\nbefore: %+v", after, r)
	}
	s, err := Open(bg, cfg)
	if err != nil {
		t.Fatalf("open: %v\n%+v", err, r)
	}
	defer s.Close()
	sameDump(t, before(s.book.dump(t), l.head.Seq), before(l.rows, l.head.Seq))
	return r
}

func copyStore(t testing.TB, l lived) lived {
	t.Helper()
	to := filepath.Join(tempDir(t), "data")
	if err := os.CopyFS(to, os.DirFS(l.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "key"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.dir = to
	return l
}

func TestVerifyProvesAWholeStore(t *testing.T) {
	l := live(t, true)
	r := heal(t, l)
	if !r.OK || r.Book.Verdict != VerdictOK || r.Journal.Verdict != VerdictOK || r.Book.Seq != l.head.Seq || r.Rows < 300 || len(r.Plan) > 0 {
		t.Fatalf("%+v", r)
	}
}

func TestVerifyOfNothing(t *testing.T) {
	cfg := smallConfig(tempDir(t), newClock())
	r, err := Verify(bg, cfg)
	if err != nil || !r.OK || r.Book.Verdict != VerdictNew || r.Journal.Verdict != VerdictNew {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestFlippedBytes flips 8 bytes in the book or the journal of many copies. No
// wrong value may be served, and nothing acknowledged may be lost.
func TestFlippedBytes(t *testing.T) {
	whole := []lived{live(t, false), live(t, true)}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var damaged atomic.Int64
	t.Run("copies", func(t *testing.T) {
		const workers = 4 // the disk's answers are what takes the time
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(seed, uint64(worker)))
				p := newProver(t)
				for n := worker; n < *flips; n += workers {
					if flipAndHeal(t, p, whole[n/2%2], n/workers%2 == 0, rng) {
						damaged.Add(1)
					}
				}
			})
		}
	})
	t.Logf("%d of %d copies needed mending", damaged.Load(), *flips)
	if damaged.Load() < int64(*flips)/3 {
		t.Errorf("flips that hardly ever hurt prove little")
	}
}

// flipAndHeal damages a copy of a store and tells whether that was noticed.
func flipAndHeal(t *testing.T, p *prover, whole lived, book bool, rng *rand.Rand) bool {
	l := copyStore(t, whole)
	defer os.RemoveAll(l.dir)
	path := filepath.Join(l.dir, bookFile)
	if !book {
		segments, _ := filepath.Glob(filepath.Join(l.dir, journalFolder, "journal-*"))
		path = segments[rng.IntN(len(segments))]
	}
	flip(t, path, 8, rng)
	return len(healBy(t, p, l).Plan) > 0
}

// flip changes n bytes of a file.
func flip(t testing.TB, path string, n int, rng *rand.Rand) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		b[rng.IntN(len(b))] ^= byte(1 + rng.IntN(255))
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBookDeleted(t *testing.T) {
	for name, snapshot := range map[string]bool{"with a snapshot": true, "with the bundle alone": false} {
		t.Run(name, func(t *testing.T) {
			l := live(t, snapshot)
			os.Remove(filepath.Join(l.dir, bookFile))
			if _, err := Open(bg, smallConfig(l.dir, newClock())); !errors.Is(err, ErrDamaged) {
				t.Fatalf("Open before mending: %v", err)
			}
			if r := heal(t, l); r.Book.Verdict != VerdictMissing {
				t.Fatalf("%+v", r)
			}
		})
	}
}

func TestJournalDeleted(t *testing.T) {
	l := live(t, false)
	os.RemoveAll(filepath.Join(l.dir, journalFolder))
	if _, err := Open(bg, smallConfig(l.dir, newClock())); !errors.Is(err, ErrDamaged) {
		t.Fatalf("Open before mending: %v", err)
	}
	if r := heal(t, l); r.Journal.Verdict != VerdictMissing {
		t.Fatalf("%+v", r)
	}
}

func TestBookSetBackToAnOlderCopy(t *testing.T) {
	w := newWorld(t, standard(30))
	w.close()
	old, err := os.ReadFile(filepath.Join(w.cfg.Dir, bookFile))
	if err != nil {
		t.Fatal(err)
	}
	w.open()
	for n := range 20 {
		w.everyKind(n)
	}
	spec := standard(32)
	spec.serial = 2
	w.load(spec)
	l := w.lived()
	w.close()
	if err := os.WriteFile(filepath.Join(l.dir, bookFile), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := heal(t, l); r.Book.Verdict != VerdictBehind || !r.OK {
		t.Fatalf("%+v", r)
	}
}

// TestOldPageComesBack puts one page of an older copy into the book: all its
// seals are good.
func TestOldPageComesBack(t *testing.T) {
	w := newWorld(t, standard(300))
	w.close()
	path := filepath.Join(w.cfg.Dir, bookFile)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w.open()
	for n := range 40 {
		w.reserve(want(n*7, n%5))
	}
	l := w.lived()
	w.close()
	now, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	noticed := 0
	for at := 2 * page; at+page <= len(old); at += page {
		if string(old[at:at+page]) == string(now[at:at+page]) {
			continue
		}
		mixed := append(append(append([]byte(nil), now[:at]...), old[at:at+page]...), now[at+page:]...)
		if err := os.WriteFile(path, mixed, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := testConfig(l.dir, newClock())
		r, err := Verify(bg, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if r.OK { // the page was free
			s, err := Open(bg, cfg)
			if err != nil {
				t.Fatal(err)
			}
			sameDump(t, before(s.book.dump(t), l.head.Seq), before(l.rows, l.head.Seq))
			s.Close()
			if now, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		noticed++
	}
	if noticed < 3 {
		t.Fatalf("only %d old pages were noticed", noticed)
	}
}

func TestDamagedFilesAreKept(t *testing.T) {
	l := live(t, false)
	rng := rand.New(rand.NewPCG(1, 1))
	for range keepSetAside + 3 {
		flip(t, filepath.Join(l.dir, bookFile), 400, rng)
		heal(t, l)
	}
	kept, err := os.ReadDir(filepath.Join(l.dir, setAsideDir))
	if err != nil || len(kept) != keepSetAside {
		t.Fatalf("%d kept, %v", len(kept), err)
	}
	for _, sub := range []string{"", bundleDir, snapshotDir} {
		filepath.WalkDir(filepath.Join(l.dir, sub), func(path string, d fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".new") || strings.HasSuffix(path, ".mend") {
				t.Errorf("%s is left over", path)
			}
			return nil
		})
	}
}

// TestDamagedSnapshotIsPassedOver loses the book when the newest snapshot is
// damaged too: the one before it serves, or none.
func TestDamagedSnapshotIsPassedOver(t *testing.T) {
	w := &world{t: t, clock: newClock()}
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.open()
	w.load(standard(30))
	var seqs []uint64
	for n := range 30 {
		w.everyKind(n)
		if n%10 == 9 {
			w.Health() // waits for the book
			if err := w.Snapshot(); err != nil {
				t.Fatal(err)
			}
			seqs = append(seqs, w.Health().Head.Seq)
		}
	}
	w.everyKind(30)
	l := w.lived()
	w.close()
	rng := rand.New(rand.NewPCG(7, 7))
	for left := len(seqs) - 1; left >= 0; left-- {
		flip(t, w.cfg.snapshotPath(1, seqs[left]), 4000, rng)
		os.Remove(filepath.Join(l.dir, bookFile))
		r, err := Mend(bg, w.cfg, Report{})
		if err != nil || !r.OK || r.NewEra {
			t.Fatalf("%+v, %v", r, err)
		}
		from := "nothing"
		if left > 0 {
			from = fmt.Sprintf("the snapshot at entry %d ", seqs[left-1])
		}
		if !strings.Contains(r.Done[0], from) {
			t.Errorf("%q, want it built from %q", r.Done, from)
		}
		heal(t, l)
	}
}

// TestVerifyOfAnOpenStore must not judge a store that is being written.
func TestVerifyOfAnOpenStore(t *testing.T) {
	t.Parallel() // it waits for the lock
	w := newWorld(t, standard(2))
	if _, err := Verify(bg, w.cfg); !errors.Is(err, journal.ErrLocked) {
		t.Fatal(err)
	}
}

// TestLostKeyIsNotReplaced holds that no new key is made beside sealed data.
func TestLostKeyIsNotReplaced(t *testing.T) {
	l := live(t, false)
	os.Remove(filepath.Join(l.dir, "key"))
	if _, err := Open(bg, smallConfig(l.dir, newClock())); !errors.Is(err, seal.ErrNoKey) {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(l.dir, "key")); err == nil {
		t.Fatal("a key was made")
	}
}
