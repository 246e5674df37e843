package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"yizhan/ledger"
)

// stretch reads entries and checks that they are a stretch of the chain.
func (w *world) stretch(seq uint64, entries, bytes int) [][]byte {
	w.t.Helper()
	list, err := w.Since(bg, seq, entries, bytes)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, raw := range list {
		if e, err := ledger.DecodeEntry(raw); err != nil || e.Seq != seq+1+uint64(i) {
			w.t.Fatalf("entry %d after %d is %d, %v", i, seq, e.Seq, err)
		}
	}
	return list
}

func TestChainOfALinkedKiosk(t *testing.T) {
	w := newLinked(t)
	for range 12 {
		w.must(w.Quarantine(bg, "officer", "a look"), w.Quarantine(bg, "", ""))
	}
	head, acked := w.Head()
	all := w.stretch(0, 1000, 1<<20)
	if acked != 0 || uint64(len(all)) != head.Seq || ledger.HashOf(all[len(all)-1]) != head.Hash || head.Epoch != 3 {
		t.Fatalf("%d entries, head %+v", len(all), head)
	}
	if list := w.stretch(3, 5, 1<<20); len(list) != 5 || !slices.Equal(list[0], all[3]) {
		t.Fatalf("%d entries", len(list))
	}
	for bytes, want := range map[int]int{0: 1, len(all[3]): 1, len(all[3]) + len(all[4]): 2, len(all[3]) + len(all[4]) - 1: 1} {
		if list := w.stretch(3, 5, bytes); len(list) != want {
			t.Errorf("%d entries in %d bytes, want %d", len(list), bytes, want)
		}
	}
	if list := w.stretch(head.Seq, 5, 1<<20); len(list) != 0 {
		t.Fatalf("%d entries after the last", len(list))
	}
	done, cancel := context.WithCancel(bg)
	cancel()
	if _, err := w.Since(done, 0, 5, 1<<20); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func (w *world) must(errs ...error) {
	w.t.Helper()
	if err := errors.Join(errs...); err != nil {
		w.t.Fatal(err)
	}
}

// TestAcknowledged rides on what is written anyway, but comes down durably.
func TestAcknowledged(t *testing.T) {
	w := newLinked(t)
	acked := func() uint64 {
		_, n := w.Head()
		return n
	}
	w.must(w.Quarantine(bg, "officer", ""), w.Quarantine(bg, "", ""))
	commits := func() (id int) {
		w.must(w.view(func(t *tx) { id = t.bolt.ID() }))
		return id
	}
	before := commits()
	w.must(w.Acknowledged(bg, 2))
	if acked() != 2 || commits() != before {
		t.Fatal("a higher number was written")
	}
	w.must(w.Quarantine(bg, "officer", ""))
	w.reopen()
	if acked() != 2 {
		t.Fatalf("%d acknowledged after a commit", acked())
	}
	w.must(w.Acknowledged(bg, 3), w.Acknowledged(bg, 1))
	w.reopen()
	if acked() != 1 {
		t.Fatalf("%d acknowledged after it came down", acked())
	}
}

// TestChainOnAFullDisk: what the journal has goes up though the book is behind.
func TestChainOnAFullDisk(t *testing.T) {
	w := newLinked(t)
	w.apply("qingxi", 5, linkedVolunteer(1, 1))
	_, at := w.Cursors()
	w.book.fault = func() error { return syscall.ENOSPC }
	w.must(w.SetPIN(bg, volunteerID(1), "$argon2id$made-up", ledger.ID{}))
	head, _ := w.Head()
	if list := w.stretch(0, 1000, 1<<20); uint64(len(list)) != head.Seq {
		t.Fatalf("%d entries of %d", len(list), head.Seq)
	}
	if list := w.stretch(head.Seq-2, 1, 1<<20); len(list) != 1 {
		t.Fatalf("%d entries", len(list))
	}
	if w.Health().ReadOnly == nil {
		t.Fatal("the book follows")
	}
	w.wantCursors(testEra, at)
	if err := w.Apply(bg, testEra, "qingxi", 6, nil); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("documents on a full disk: %v", err)
	}
	if err := w.Quarantine(bg, "fork", "x"); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("quarantine on a full disk: %v", err)
	}
	w.book.fault = nil
	w.must(w.Apply(bg, testEra, "qingxi", 6, nil))
	w.wantCursors(testEra, map[string]uint64{"center": 1, "qingxi": 6})
}

func TestQuarantineStopsPointsAndStock(t *testing.T) {
	w := newLinked(t)
	good := testGood(1, 1)
	staff := civicStaff(0)
	w.apply("qingxi", 1, linkedVolunteer(1, 1), grantTo(1, 100, 100), staff, docGood(good))
	waits, done := w.reserve(want(1, 1)), want(1, 1)
	w.settle(w.reserve(done).Seq)
	w.must(w.Quarantine(bg, "fork", "another entry stands at 131"))
	for _, restart := range []bool{false, true} {
		if restart {
			w.reopen()
		}
		if reason, text := w.Quarantined(); reason != "fork" || text != "another entry stands at 131" {
			t.Fatalf("%q, %q", reason, text)
		}
		for name, write := range map[string]func() error{
			"reserve":   func() error { _, err := w.Reserve(bg, want(1, 1)); return err },
			"settle":    func() error { _, err := w.Settle(bg, newKey(), waits.Seq, clerk()); return err },
			"cancel":    func() error { _, err := w.Cancel(bg, newKey(), waits.Seq, ledger.ID{}, ""); return err },
			"give back": func() error { _, err := w.GiveBack(bg, volunteerID(1), 5); return err },
			"receive":   func() error { _, err := w.Receive(bg, newKey(), good.Code, 5, clerk(), ""); return err },
			"expire":    func() error { _, err := w.ReturnExpired(bg, early+1, 5); return err },
		} {
			if err := write(); !errors.Is(err, ErrQuarantine) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if r, err := w.Reserve(bg, done); err != nil || r.State != ledger.Settled {
			t.Errorf("a repeated request: %v", err)
		}
		_, _, err := w.TryPIN(bg, volunteerID(1))
		_, _, err2 := w.CloseDay(bg, newKey(), clerk())
		w.must(err, err2, w.SignIn(bg, clerk()), w.ClearPIN(bg, volunteerID(1), clerk()))
	}
	w.must(w.Quarantine(bg, "", ""))
	if reason, _ := w.Quarantined(); reason != "" {
		t.Fatal(reason)
	}
	w.settle(waits.Seq)
	head, _ := w.Head()
	w.must(w.Quarantine(bg, "", ""))
	if again, _ := w.Head(); again != head {
		t.Fatal("the same once more was written")
	}
}

func TestQuarantineTexts(t *testing.T) {
	w := newLinked(t)
	long := string(slices.Repeat([]byte("益"), 200))
	for _, text := range []string{"", "two words", long, "\xff", "a\nb"} {
		w.must(w.Quarantine(bg, "officer", text))
		if reason, got := w.Quarantined(); reason != "officer" || len(got) == 0 && text != "" || len(text) < 100 && text != "\xff" && got != text {
			t.Errorf("%q is %q, %q", text, reason, got)
		}
	}
	for _, bad := range [][2]string{{"", "text alone"}, {"two words", ""}, {string(make([]byte, 41)), ""}} {
		if err := w.Quarantine(bg, bad[0], bad[1]); !errors.Is(err, ErrInput) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestQuarantineOutlivesTheBook.
func TestQuarantineOutlivesTheBook(t *testing.T) {
	w := newLinked(t)
	w.must(w.Quarantine(bg, "fork", "x"))
	w.close()
	w.lose(bookFile)
	w.mend()
	w.open()
	if reason, text := w.Quarantined(); reason != "fork" || text != "x" {
		t.Fatalf("%q, %q", reason, text)
	}
}

// lose removes a file or folder of the data.
func (w *world) lose(name string) {
	w.t.Helper()
	w.must(os.RemoveAll(filepath.Join(w.cfg.Dir, name)))
}

// mend does what a start does with a book that is missing or damaged.
func (w *world) mend() {
	w.t.Helper()
	r, err := Mend(bg, w.cfg, Report{})
	if err != nil || !r.OK || r.NewEra {
		w.t.Fatalf("%+v, %v", r, err)
	}
}
