package store

import (
	"errors"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// back is an earning below 0.
func back(lot ledger.Day, points ledger.Points) civic.Earning {
	return civic.Earning{On: 2301, Expires: lot, What: "入错表", Points: -points, Of: "0000000000000001"}
}

// reverse takes points back, and fails the test unless the reversal stands so.
func (w *world) reverse(v ledger.ID, key byte, lot ledger.Day, points, taken ledger.Points, state string) {
	w.t.Helper()
	r, err := w.Reverse(w.t.Context(), v, ledger.Key{200, key}, back(lot, points))
	w.must(err)
	if r.Asked != points || r.Taken != taken || r.State != state {
		w.t.Fatalf("%d of %d taken, %s; want %d, %s", r.Taken, r.Asked, r.State, taken, state)
	}
	w.stands(v, key, taken, state)
}

// stands fails the test unless a reversal does, and proves the book.
func (w *world) stands(v ledger.ID, key byte, taken ledger.Points, state string) {
	w.t.Helper()
	list, err := w.Reversals(w.t.Context(), v)
	w.must(err)
	for _, r := range list {
		if r.ID == (ledgerKey(key)) {
			if r.Taken != taken || r.State != state || r.Ended.IsZero() != (state == ReversalWanted) {
				w.t.Errorf("%+v; want %d taken, %s", r, taken, state)
			}
			w.proof()
			return
		}
	}
	w.t.Errorf("no reversal %d: %+v", key, list)
}

func ledgerKey(n byte) string {
	text, _ := ledger.Key{200, n}.MarshalText()
	return string(text)
}

func TestAReversalTakesWhatIsFreeAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		v := w.person(1, "")
		w.earn(v, lotA, 30)
		w.earn(v, lotB, 50)
		for range 2 { // twice is once
			r, err := w.Reverse(ctx, v, ledger.Key{200, 1}, back(lotA, 20))
			if err != nil || r.Taken != 20 || r.State != ReversalDone || r.Gone() != 0 || r.Wanted() != 0 {
				t.Fatalf("%+v, %v", r, err)
			}
		}
		if l := w.lot(v, lotA); l.Earned != 10 || l.Free != 10 || w.lot(v, lotB).Free != 50 {
			t.Errorf("%+v", l)
		}
		p, err := w.Person(ctx, v)
		if err != nil || len(p.Earned) != 3 || p.Earned[2].Points != -20 || p.Earned[2].Of == "" {
			t.Errorf("%+v, %v", p.Earned, err)
		}
		acts, err := w.PersonActs(ctx, v, 0, 10)
		if err != nil || len(acts) != 1 || acts[0].Kind != "points.reversed" || acts[0].Who != "lin" {
			t.Errorf("%+v, %v", acts, err)
		}
		other := back(lotA, 5)
		for what, err := range map[string]error{
			"another reversal under the key":  tryReverse(w, v, ledger.Key{200, 1}, other),
			"a reversal under an earning's":   tryReverse(w, v, ledger.Key{0, 0, 0, 0, 0, 0, 0, 1}, other),
			"an earning under the reversal's": w.Earn(ctx, v, ledger.Key{200, 1}, civic.Earning{Expires: lotA, What: "x", Points: 20}),
		} {
			if !errors.Is(err, ErrKeyReused) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := tryReverse(w, v, ledger.Key{200, 2}, back(lotA, 11)); !errors.Is(err, ledger.ErrNotEnough) {
			t.Errorf("more than was earned: %v", err)
		}
		if err := tryReverse(w, v, ledger.Key{200, 2}, back(lotC, 1)); !errors.Is(err, ledger.ErrNotEnough) {
			t.Errorf("of a lot that is not there: %v", err)
		}
		if err := tryReverse(w, ledger.ID{7}, ledger.Key{200, 2}, back(lotA, 1)); !errors.Is(err, ErrUnknown) {
			t.Errorf("nobody's: %v", err)
		}
		for name, e := range map[string]civic.Earning{"nothing": back(lotA, 0), "an earning": back(lotA, -5), "no reason": {Expires: lotA, Points: -1}, "too much": back(lotA, ledger.MaxPoints+1)} {
			if err := tryReverse(w, v, ledger.Key{200, 3}, e); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.proof()
	})
}

func tryReverse(w *world, v ledger.ID, key ledger.Key, e civic.Earning) error {
	_, err := w.Reverse(w.t.Context(), v, key, e)
	return err
}

// The points lie at a kiosk that is away. While they are wanted nothing of the lot
// is granted; what comes back is taken, what was spent meanwhile is not to be had.
func TestAReversalWaitsForKiosks(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		home := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 50)
		home.down()
		given := home.reserve(v, 15)
		home.settle(given)
		w.reverse(v, 1, lotA, 40, 0, ReversalWanted)
		w.reverse(v, 2, lotA, 5, 0, ReversalWanted)
		if err := tryReverse(w, v, ledger.Key{200, 3}, back(lotA, 6)); !errors.Is(err, ledger.ErrNotEnough) {
			t.Errorf("more than is left of the lot: %v", err)
		}
		if b, err := w.Books(ctx); err != nil || b.Wanted != 45 || b.Gone != 0 {
			t.Errorf("%+v, %v", b, err)
		}
		w.earn(v, lotA, 3) // that is not granted either
		w.earn(v, lotB, 7)
		w.stands(v, 1, 3, ReversalWanted)
		if l := w.lot(v, lotA); l.Free != 0 || l.Earned != 50 || l.Wanted != 42 {
			t.Errorf("%+v", l)
		}
		wanted, err := w.Wanted(ctx, ledger.ID{})
		if err != nil || len(wanted) != 1 || wanted[0] != v {
			t.Errorf("%v, %v", wanted, err)
		}
		home.down()
		home.giveBack(v, 20)
		home.up()
		home.same(v)
		w.stands(v, 1, 23, ReversalWanted)
		home.giveBack(v, 15+7) // all there is, and the other lot
		home.up()
		w.stands(v, 1, 38, ReversalDone)
		w.stands(v, 2, 0, ReversalDone)
		if l := w.lot(v, lotA); l.Free != 0 || l.Earned != 15 || l.Wanted != 0 || w.lot(v, lotB).Free != 7 {
			t.Errorf("%+v", l)
		}
		if b, err := w.Books(ctx); err != nil || b.Wanted != 0 || b.Gone != 7 {
			t.Errorf("%+v, %v", b, err)
		}
		home.refund(given) // in time; these are the volunteer's, the reversal is over
		home.giveBack(v, 15)
		home.up()
		if l := w.lot(v, lotA); l.Free != 15 {
			t.Errorf("%+v", l)
		}
		w.proof()
	})
}

// A reversal ends without a return when everything was spent, and takes what two
// officers wrote off with a lost box.
func TestAReversalEndsWhenNothingIsLeft(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		v, u := w.person(1, "SQ-01"), w.person(2, "SQ-01")
		w.earn(v, lotA, 20)
		w.earn(u, lotA, 30)
		b.down()
		w.reverse(v, 1, lotA, 20, 0, ReversalWanted)
		w.reverse(u, 2, lotA, 30, 0, ReversalWanted)
		waits := b.reserve(v, 20)
		b.settle(b.reserve(u, 10))
		b.up()
		w.stands(v, 1, 0, ReversalWanted) // goods that wait may still be cancelled
		b.settle(waits)
		b.up()
		w.stands(v, 1, 0, ReversalDone)
		w.newBox("SQ-01")
		w.must(w.ProposeWriteOff(ctx, "SQ-01", 1, "li", "flood"))
		if _, err := w.ConfirmWriteOff(ctx, "SQ-01", 1, "wang"); err != nil {
			t.Fatal(err)
		}
		w.stands(u, 2, 20, ReversalDone)
		if l := w.lot(u, lotA); l.Free != 0 || l.Earned != 10 {
			t.Errorf("%+v", l)
		}
		w.proof()
	})
}

// A book from an old copy takes nothing back before it knows what is out there.
func TestAReversalWaitsForARestoredBook(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		v := w.person(1, "")
		w.earn(v, lotA, 20)
		b.down()
		w.must(w.Restored(ctx))
		if err := tryReverse(w, v, ledger.Key{200, 1}, back(lotA, 5)); !errors.Is(err, ErrRestored) {
			t.Fatal(err)
		}
		w.must(w.Report(ctx, "SQ-01", 1, []civic.Grant{{Volunteer: v, Kiosk: "SQ-01", Epoch: 1, Lots: []civic.GrantedLot{{Expires: lotA, Granted: 18}}}}, true))
		w.reverse(v, 1, lotA, 5, 2, ReversalWanted)
	})
}
