package store

import (
	"errors"
	"testing"
	"time"

	"yizhan/ledger"
)

// TestWhatNobodyCameForLapses: goods that are kept until some time go back after it,
// once, and nothing else does; the entry says why, and a book that is built anew says
// the same.
func TestWhatNobodyCameForLapses(t *testing.T) {
	w := newWorld(t, standard(5))
	now := w.clock.Now().WallMS / 1000
	here := w.reserve(want(1, 0)) // stands here, and waits as long as it takes
	keep := func(volunteer int, until int64) Redemption {
		r := want(volunteer, 0)
		r.Away, r.Until = true, until
		return w.reserve(r)
	}
	soon, later := keep(2, now+3600), keep(3, now+7200)
	came := keep(4, now+3600)
	w.settle(came.Seq)
	before := w.spendable(2)
	lapse := func(at int64, want int) {
		t.Helper()
		if n, err := w.ReleaseLapsed(bg, at, 10); err != nil || n != want {
			t.Errorf("at %d: %d, %v, want %d", at-now, n, err, want)
		}
	}
	lapse(now, 0)
	lapse(now+3600, 0) // the last second is still hers
	lapse(now+3601, 1)
	lapse(now+3601, 0)
	r, err := w.Redemption(soon.Seq)
	if err != nil || r.State != ledger.Cancelled || r.Reason != Lapsed || !r.EndedBy.IsZero() || w.spendable(2) != before+r.Cost() {
		t.Errorf("%+v, %v, %d points", r, err, w.spendable(2))
	}
	w.reopen()
	if waiting, _, err := w.Waiting(0, 9); err != nil || len(waiting) != 2 || waiting[0].Seq != later.Seq || waiting[0].Until != now+7200 || waiting[1].Seq != here.Seq {
		t.Errorf("%+v, %v", waiting, err)
	}
	w.clock.pass(400 * 24 * time.Hour)
	lapse(w.clock.Now().WallMS/1000, 1)
	if got, err := w.Redemption(here.Seq); err != nil || got.State != ledger.Reserved {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestLapseOfManyIsBounded: so many go back at a time, and the next round takes the rest.
func TestLapseOfManyIsBounded(t *testing.T) {
	w := newWorld(t, standard(5))
	for v := range 5 {
		r := want(v, 0)
		r.Away, r.Until = true, 1
		w.reserve(r)
	}
	for _, want := range []int{2, 2, 1, 0} {
		if n, err := w.ReleaseLapsed(bg, 5, 2); err != nil || n != want {
			t.Errorf("%d, %v, want %d", n, err, want)
		}
	}
}

// TestRelease gives back a wish by its key, as often as it is asked, and nothing that
// was handed over or is somebody else's.
func TestRelease(t *testing.T) {
	w := newWorld(t, standard(3))
	wish := want(1, 0)
	wish.Away, wish.Until = true, w.clock.Now().WallMS/1000+60
	first := w.reserve(wish)
	for name, ask := range map[string]func() (Redemption, error){
		"another key":        func() (Redemption, error) { return w.Release(bg, newKey(), wish.Volunteer, 0, "phone") },
		"another's key":      func() (Redemption, error) { return w.Release(bg, newKey(), wish.Volunteer, first.Seq, "phone") },
		"another person":     func() (Redemption, error) { return w.Release(bg, wish.Key, volunteerID(2), 0, "phone") },
		"no such redemption": func() (Redemption, error) { return w.Release(bg, wish.Key, wish.Volunteer, 99, "phone") },
	} {
		if r, err := ask(); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	for _, seq := range []uint64{0, first.Seq, 0} {
		if r, err := w.Release(bg, wish.Key, wish.Volunteer, seq, "phone"); err != nil || r.State != ledger.Cancelled || r.Reason != "phone" || r.EndSeq != first.Seq+1 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if again, err := w.Reserve(bg, wish); err != nil || again.Seq != first.Seq || again.State != ledger.Cancelled {
		t.Errorf("the wish once more: %+v, %v", again, err)
	}
	kept := want(2, 0)
	kept.Away = true
	w.settle(w.reserve(kept).Seq)
	if r, err := w.Release(bg, kept.Key, kept.Volunteer, 0, "phone"); !errors.Is(err, ledger.ErrState) {
		t.Errorf("handed over: %+v, %v", r, err)
	}
	if err := w.Quarantine(bg, "fork", "x"); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Release(bg, kept.Key, kept.Volunteer, 0, "phone"); err == nil {
		t.Errorf("in quarantine: %+v", r)
	}
}
