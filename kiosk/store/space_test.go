package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yizhan/kiosk/store/journal/faulty"
)

// faultyWorld has a bundle loaded, its journal on a disk that fails on demand,
// and a tick that the test gives.
type faultyWorld struct {
	*world
	disk *faulty.Disk
	tick chan time.Time
	free atomic.Int64
}

func newFaultyWorld(t *testing.T) *faultyWorld {
	w := &faultyWorld{world: &world{t: t, clock: newClock()}, disk: faulty.New(), tick: make(chan time.Time)}
	w.free.Store(1 << 40)
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.cfg.JournalDir, w.cfg.JournalFS = "/journal", w.disk
	w.cfg.Tick = w.tick
	w.cfg.FreeBytes = func(string) (int64, error) { return w.free.Load(), nil }
	w.cfg.Fatal = func(err error) { w.fatal.Store(&err) }
	w.open()
	w.load(standard(5))
	return w
}

// second lets a second pass for the store: what falls due is done after it.
func (w *faultyWorld) second() {
	w.tick <- time.Time{}
	w.tick <- time.Time{}
}

func TestFullDiskTakesNothingAndRecovers(t *testing.T) {
	for name, c := range map[string]struct{ fill, empty func(*faultyWorld) }{
		"free space is short": {
			func(w *faultyWorld) { w.free.Store(minFreeBytes - 1) },
			func(w *faultyWorld) { w.free.Store(minFreeBytes) }},
		"the journal's disk is full": {
			func(w *faultyWorld) { w.disk.SetCapacity(w.disk.Used()) },
			func(w *faultyWorld) { w.disk.SetCapacity(1 << 40) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newFaultyWorld(t)
			kept := w.reserve(want(1, 0))
			c.fill(w)
			request := want(1, 0)
			before := w.dump()
			for { // what is zeroed ahead of the journal may still be used
				got, err := w.Reserve(bg, request)
				if errors.Is(err, ErrReadOnly) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				kept, request, before = got, want(1, 0), w.dump()
			}
			if _, err := w.Reserve(bg, request); !errors.Is(err, ErrReadOnly) {
				t.Fatal(err)
			}
			if h := w.Health(); !errors.Is(h.ReadOnly, ErrReadOnly) || !h.Documents || w.spendable(1) != kept.Balance {
				t.Fatalf("%+v", h)
			}
			if got, err := w.Redemption(kept.Seq); err != nil || got.Seq != kept.Seq {
				t.Fatal(err)
			}
			sameDump(t, w.book.dump(t), before)
			c.empty(w)
			w.second()
			if h := w.Health(); h.ReadOnly != nil {
				t.Fatalf("not recovered: %v", h.ReadOnly)
			}
			if got := w.reserve(request); got.Balance != kept.Balance-10 {
				t.Fatalf("%+v", got)
			}
			if w.fatal.Load() != nil {
				t.Fatal(*w.fatal.Load())
			}
			w.reopen()
			if w.spendable(1) != kept.Balance-10 {
				t.Fatal(w.spendable(1))
			}
		})
	}
}

// TestBookThatCannotFollow fills the disk between journal and book: what was
// answered stands, and is read again as soon as the book has followed.
func TestBookThatCannotFollow(t *testing.T) {
	for _, how := range []string{"space comes back", "restart"} {
		t.Run(how, func(t *testing.T) {
			w := newFaultyWorld(t)
			w.second() // the writer is done with the bundle
			w.book.fault = func() error { return fmt.Errorf("writing pages: %w", syscall.ENOSPC) }
			answered := w.reserve(want(1, 1))
			if _, err := w.Account(volunteerID(1)); !errors.Is(err, ErrReadOnly) {
				t.Fatalf("a balance that is past: %v", err)
			}
			if h := w.Health(); !errors.Is(h.ReadOnly, ErrReadOnly) || !h.Documents {
				t.Fatalf("%+v", h)
			}
			if _, err := w.Reserve(bg, want(2, 1)); !errors.Is(err, ErrReadOnly) {
				t.Fatal(err)
			}
			if how == "restart" {
				w.reopen()
			} else {
				w.second() // still full
				if _, err := w.Redemption(answered.Seq); !errors.Is(err, ErrReadOnly) {
					t.Fatal(err)
				}
				done := make(chan bool)
				w.submit(bg, &op{load: func(*tx) error { close(done); return nil }}) // never runs: the store is read-only
				w.book.fault = nil
				w.second()
			}
			got, err := w.Redemption(answered.Seq)
			if err != nil || got.Seq != answered.Seq || w.spendable(1) != 980 || w.spendable(2) != 1000 {
				t.Fatalf("%+v, %v", got, err)
			}
			w.reserve(want(1, 1))
		})
	}
}

// TestFailedSyncEndsTheProcess holds that nobody goes on after an fsync error.
func TestFailedSyncEndsTheProcess(t *testing.T) {
	w := newFaultyWorld(t)
	w.disk.SetFail(func(op faulty.Op) error {
		if op.Kind == faulty.Sync {
			return syscall.EIO
		}
		return nil
	})
	if _, err := w.Reserve(bg, want(1, 1)); err == nil || errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	<-w.stopped
	if w.fatal.Load() == nil {
		t.Fatal("Fatal was not called")
	}
	if _, err := w.Reserve(bg, want(1, 1)); err == nil {
		t.Fatal("it went on")
	}
	if _, err := w.Account(volunteerID(1)); err == nil {
		t.Fatal("it went on reading")
	}
	w.disk.SetFail(nil)
	w.Close()
	w.open() // a new process finds out what is there
	if n := w.spendable(1); n != 980 && n != 1000 {
		t.Fatal(n)
	}
}

// TestDamagedValueEndsTheProcess breaks a seal under a running store.
func TestDamagedValueEndsTheProcess(t *testing.T) {
	w := newFaultyWorld(t)
	bolt, err := w.book.db.Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	id := volunteerID(1)
	in := bolt.Bucket([]byte(bucketNames[bRight]))
	sealed := append([]byte(nil), in.Get(id[:])...)
	sealed[30] ^= 1
	if err := errors.Join(in.Put(id[:], sealed), bolt.Commit()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Account(id); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
	if w.fatal.Load() == nil {
		t.Fatal("Fatal was not called")
	}
}

func TestSnapshotsEveryHour(t *testing.T) {
	w := newFaultyWorld(t)
	count := func() int {
		t.Helper()
		w.background.Wait()
		list, err := w.cfg.snapshots()
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	w.second()
	if got := count(); got != 1 {
		t.Fatalf("%d snapshots after the first second", got)
	}
	w.reserve(want(1, 0))
	w.clock.pass(59 * time.Minute)
	w.second()
	if got := count(); got != 1 {
		t.Fatalf("%d snapshots before the hour", got)
	}
	w.clock.pass(2 * time.Minute)
	w.second()
	if got := count(); got != 2 {
		t.Fatalf("%d snapshots after the hour", got)
	}
	w.clock.pass(time.Hour)
	w.second()
	if got := count(); got != 2 {
		t.Fatalf("%d snapshots though nothing happened", got)
	}
	for range keepSnapshots + 2 {
		w.reserve(want(1, 0))
		w.clock.pass(time.Hour)
		w.second()
		w.background.Wait()
	}
	if got := count(); got != keepSnapshots {
		t.Fatalf("%d snapshots are kept", got)
	}
	list, _ := w.cfg.snapshots()
	if newest := list[len(list)-1]; newest.seq != w.Health().Head.Seq {
		t.Fatalf("the newest ends at %d", newest.seq)
	}
	p, err := proveBook(bg, list[0].path, w.book.seal, testKiosk)
	if err != nil || p.Verdict != VerdictOK || p.Seq != list[0].seq {
		t.Fatalf("%+v, %v", p.FileReport, err)
	}
}

func TestNoSnapshotRightAfterARestart(t *testing.T) {
	w := newFaultyWorld(t)
	w.second()
	w.background.Wait()
	w.clock.wall.Store(time.Now().UnixMilli()) // files carry the real time
	w.close()
	w.open() // writes an entry of its own
	w.second()
	w.background.Wait()
	list, err := w.cfg.snapshots()
	if err != nil || len(list) != 1 {
		t.Fatalf("%d snapshots, %v", len(list), err)
	}
	w.clock.pass(snapshotEvery)
	w.second()
	w.background.Wait()
	if list, _ = w.cfg.snapshots(); len(list) != 2 {
		t.Fatalf("%d snapshots an hour later", len(list))
	}
}
