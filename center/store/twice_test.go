package store

import (
	"errors"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// Every transaction is committed, its answer is lost, and it is run again: the
// story ends as if each had run once.
func TestEveryTransactionTwice(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		faults := newFaults(1, 0)
		w.Store = w.another(faults.wrap)
		home, other := w.kiosk("SQ-01"), w.kiosk("LH-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 60)
		w.earn(v, lotB, 40)
		home.down()
		home.settle(home.reserve(v, 10))
		back := home.reserve(v, 5)
		home.settle(back)
		home.refund(back)
		home.giveBack(v, 70)
		home.up()
		home.same(v)
		for range 2 {
			if n, err := w.Grant(ctx, v, "LH-01", 25); n != 25 || err != nil {
				t.Fatalf("granted %d, %v", n, err)
			}
		}
		other.down()
		other.settle(other.reserve(v, 45))
		other.up()
		other.same(v)
		if a, b := w.lot(v, lotA), w.lot(v, lotB); a.Free != 0 || b.Free != 20 {
			t.Errorf("%+v, %+v", a, b)
		}
		if fresh := w.newBox("LH-01"); fresh.head.Epoch != 2 {
			t.Errorf("epoch %d", fresh.head.Epoch)
		}
		w.must(w.ProposeWriteOff(ctx, "LH-01", 1, "li", "flood"))
		if lost, err := w.ConfirmWriteOff(ctx, "LH-01", 1, "wang"); lost != 5 || err != nil {
			t.Errorf("%d lost, %v", lost, err)
		}
		w.must(w.Quarantine(ctx, "SQ-01", 1, "two boxes"))
		w.must(w.Reopen(ctx, "SQ-01", 1, "li"))
		if err := w.Reopen(ctx, "SQ-01", 1, "li"); !errors.Is(err, ErrState) {
			t.Errorf("a quarantine that is over was ended: %v", err)
		}
		w.time = lotB.Time().AddDate(0, 0, 1)
		if _, err := w.Expire(ctx); err != nil {
			t.Error(err)
		}
		r := w.proof()
		if want := (Report{Volunteers: 1, Chains: 3, Entries: 8, Earned: 100, Expired: 25, Out: 75, Lost: 5}); r.Earned != want.Earned ||
			r.Expired != want.Expired || r.Out != want.Out || r.Lost != want.Lost || r.Entries != want.Entries || r.Chains != want.Chains {
			t.Errorf("%+v", r)
		}
		if _, c, err := w.Kiosk(ctx, "SQ-01"); err != nil || c.Granted != 100 || c.Outstanding() != 20 {
			t.Errorf("%+v, %v", c, err)
		}
		d, err := w.Delta(ctx, "qingxi", 0, 100, 1<<20)
		if err != nil || len(d.Changes) != 1 || document(t, d.Changes[0]).Volunteer == nil {
			t.Errorf("%+v, %v", d, err)
		}
		if p, err := w.Identify(ctx, civic.CardID{1}); err != nil || p.ID != v {
			t.Errorf("%+v, %v", p, err)
		}
		if len(faults.hits) > 0 {
			t.Errorf("other faults too: %v", faults.hits)
		}
	})
}

// Entries that were folded are not folded again when the cursor of their chain
// comes from an older copy.
func TestFoldAgainFromTheBeginning(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 60)
		b.down()
		b.settle(b.reserve(v, 10))
		b.giveBack(v, 20)
		b.up()
		if _, err := w.db.Exec(`UPDATE chain SET folded = 0`); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{3, 0} {
			if n, err := w.FoldAll(t.Context()); n != want || err != nil {
				t.Errorf("%d entries, want %d, %v", n, want, err)
			}
		}
		b.same(v)
		if l := w.lot(v, lotA); l.Free != ledger.Points(20) {
			t.Errorf("%+v", l)
		}
		w.proof()
	})
}
