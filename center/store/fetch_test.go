package store

import (
	"slices"
	"testing"
	"time"

	"yizhan/ledger"
)

// fetches fails the test unless that is what kiosks are asked for.
func (w *world) fetches(v ledger.ID, want ...Fetch) {
	w.t.Helper()
	if got, err := w.Fetches(w.t.Context(), v); err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestWhatIsFetched(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		home, next := w.kiosk("SQ-01"), w.kiosk("LH-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 10)
		w.earn(v, lotB, 20)
		w.earn(v, lotC, 30)
		home.down()
		w.fetches(v)
		// A kiosk gives the earliest first: to get at the second lot it gives the first too.
		w.reverse(v, 1, lotB, 15, 0, ReversalWanted)
		w.fetches(v, Fetch{"SQ-01", 25})
		if kiosks, err := w.FetchKiosks(ctx); err != nil || !slices.Equal(kiosks, []string{"SQ-01"}) {
			t.Errorf("%v, %v", kiosks, err)
		}
		home.giveBack(v, 25)
		home.up()
		w.stands(v, 1, 15, ReversalDone)
		w.fetches(v)
		w.must(w.Fetched(ctx, v)) // the first lot goes home again
		home.down()
		if home.spendable(v) != 45 {
			t.Errorf("%d at home", home.spendable(v))
		}

		waits := home.reserve(v, 6)
		home.up()
		w.person(1, "LH-01")
		w.fetches(v, Fetch{"SQ-01", 39})
		if at, err := w.FetchesAt(ctx, "SQ-01", ledger.ID{}); err != nil || !slices.Equal(at, []ledger.ID{v}) {
			t.Errorf("%v, %v", at, err)
		}
		if at, err := w.FetchesAt(ctx, "SQ-01", v); err != nil || len(at) > 0 {
			t.Errorf("%v, %v", at, err)
		}
		home.giveBack(v, 39)
		home.up()
		w.must(w.Fetched(ctx, v))
		next.down()
		if next.spendable(v) != 39 {
			t.Errorf("%d at the new home", next.spendable(v))
		}
		w.time = w.time.Add(time.Hour)
		w.must(w.Fetched(ctx, v))
		w.fetches(v) // goods wait there
		home.cancel(waits)
		home.up()
		w.fetches(v, Fetch{"SQ-01", 6})
		w.must(w.Quarantine(ctx, "SQ-01", 1, "regressed"))
		w.fetches(v)
		w.must(w.Reopen(ctx, "SQ-01", 1, "lin"))
		home.giveBack(v, 6)
		home.up()
		w.must(w.Fetched(ctx, v))
		if left, err := w.FormerHomes(ctx, v); err != nil || len(left) > 0 {
			t.Errorf("still to fetch from %v, %v", left, err)
		}
		w.proof()
	})
}

// Whoever moves back is home, and what lies with a box that was replaced is not
// waited for.
func TestWhatIsNotFetched(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		w.kiosk("LH-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 10)
		b.down()
		w.person(1, "LH-01")
		w.person(1, "SQ-01")
		w.fetches(v)
		if left, err := w.FormerHomes(ctx, v); err != nil || !slices.Equal(left, []string{"LH-01"}) {
			t.Errorf("%v, %v", left, err)
		}
		w.must(w.Fetched(ctx, v)) // a grant may be under way
		if left, err := w.FormerHomes(ctx, v); err != nil || len(left) != 1 {
			t.Errorf("%v, %v", left, err)
		}
		w.time = w.time.Add(time.Hour)
		w.must(w.Fetched(ctx, v))
		w.person(1, "")
		w.fetches(v, Fetch{"SQ-01", 10})
		w.newBox("SQ-01")
		w.fetches(v)
		w.time = w.time.Add(time.Hour)
		w.must(w.Fetched(ctx, v))
		if left, err := w.FormerHomes(ctx, v); err != nil || len(left) > 0 {
			t.Errorf("%v, %v", left, err)
		}
	})
}
