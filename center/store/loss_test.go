package store

import (
	"errors"
	"testing"

	"yizhan/ledger"
)

// A box is lost with 60 of 100 points on it. Two officers write them off, the
// volunteer spends them at the new box, and then the old journal turns up: it
// spent 10 more, and gave 20 back.
func TestALostBoxCostsItsVolunteersNothing(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		old := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 100)
		old.down()
		old.settle(old.reserve(v, 40))
		old.up()
		old.settle(old.reserve(v, 10)) // these two never reached the center in time
		old.giveBack(v, 20)
		if err := w.ProposeWriteOff(ctx, "SQ-01", 1, "li", "flood"); !errors.Is(err, ErrState) {
			t.Fatalf("writing off a kiosk that serves: %v", err)
		}
		fresh := w.newBox("SQ-01")
		if fresh.head.Epoch != 2 {
			t.Fatalf("epoch %d", fresh.head.Epoch)
		}
		if _, err := w.ConfirmWriteOff(ctx, "SQ-01", 1, "wang"); !errors.Is(err, ErrState) {
			t.Errorf("confirmed what nobody proposed: %v", err)
		}
		w.must(w.ProposeWriteOff(ctx, "SQ-01", 1, "li", "flood"))
		w.must(w.ProposeWriteOff(ctx, "SQ-01", 1, "li", "flood"))
		for _, alone := range []string{"li", "Li", " LI "} {
			if _, err := w.ConfirmWriteOff(ctx, "SQ-01", 1, alone); !errors.Is(err, ErrSameOfficer) {
				t.Errorf("one officer alone, as %q: %v", alone, err)
			}
		}
		for range 2 {
			if lost, err := w.ConfirmWriteOff(ctx, "SQ-01", 1, "wang"); lost != 60 || err != nil {
				t.Fatalf("%d lost, %v", lost, err)
			}
		}
		if l := w.lot(v, lotA); l.Free != 60 || l.Earned != 100 {
			t.Fatalf("%+v", l)
		}
		w.proof()
		if n, err := w.GrantHome(ctx, "SQ-01"); n != 1 || err != nil {
			t.Fatalf("%d served, %v", n, err)
		}
		fresh.down()
		if fresh.spendable(v) != 60 {
			t.Fatalf("%d spendable at the new box", fresh.spendable(v))
		}
		fresh.settle(fresh.reserve(v, 60))
		fresh.up()

		old.up()
		old.same(v)
		if l := w.lot(v, lotA); l.Free != 0 || l.Earned != 100 {
			t.Errorf("the late return was given out twice: %+v", l)
		}
		if lost, err := w.Loss(ctx, "SQ-01"); lost != 40 || err != nil {
			t.Errorf("%d lost, %v", lost, err)
		}
		w.proof()
		// 110 were handed over for, and 10 of them twice: nothing lies at a kiosk below zero.
		if b, err := w.Books(ctx); err != nil || (b != Books{Earned: 100, Spent: 100, Lost: 40}) {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

// What the center has been told and has not counted yet is no loss.
func TestAWriteOffCountsWhatIsKnown(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		old := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 100)
		old.down()
		old.settle(old.reserve(v, 70))
		_, err := w.Append(ctx, old.batch(1))
		w.must(err)
		w.newBox("SQ-01")
		w.must(w.ProposeWriteOff(ctx, "SQ-01", 1, "li", "flood"))
		if lost, err := w.ConfirmWriteOff(ctx, "SQ-01", 1, "wang"); lost != 30 || err != nil {
			t.Errorf("%d lost, %v", lost, err)
		}
		if b, err := w.Books(ctx); err != nil || (b != Books{Earned: 100, Spent: 70, Free: 30, Lost: 30}) {
			t.Errorf("%+v, %v", b, err)
		}
		w.proof()
	})
}

// A grant to a box that was replaced before it was told stays with the old chain.
func TestGrantsOfAnOldEpochReachNobody(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		old := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 100)
		fresh := w.newBox("SQ-01")
		w.earn(v, lotA, 7)
		fresh.down()
		if fresh.spendable(v) != 7 {
			t.Errorf("%d spendable at the new box", fresh.spendable(v))
		}
		old.down()
		if old.spendable(v) != 0 {
			t.Errorf("%d spendable at the old box", old.spendable(v))
		}
		if _, c, err := w.Kiosk(t.Context(), "SQ-01"); err != nil || c.Granted != 7 {
			t.Errorf("%+v, %v", c, err)
		}
		c, err := w.Chain(t.Context(), "SQ-01", 1)
		if err != nil || c.State != ChainClosed || c.Granted != 100 {
			t.Errorf("%+v, %v", c, err)
		}
		w.proof()
	})
}

func TestTheSameBoxApprovedTwiceKeepsItsEpoch(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		for _, c := range []struct{ least, want uint32 }{{1, 1}, {0, 1}, {4, 4}} {
			epoch, err := w.NewEpoch(t.Context(), "SQ-01", b.public(), c.least, "officer")
			if err != nil || epoch != c.want {
				t.Errorf("at least %d: epoch %d, %v", c.least, epoch, err)
			}
		}
		if _, err := w.NewEpoch(t.Context(), "XX-01", b.public(), 1, "officer"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if _, err := w.Chain(t.Context(), "SQ-01", 2); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if got := (Chain{Granted: 10, Spent: 4, Refunded: 1, Returned: 2}).Outstanding(); got != ledger.Points(5) {
			t.Errorf("%d outstanding", got)
		}
	})
}

func TestTwoSpellingsAreOnePerson(t *testing.T) {
	for _, c := range []struct {
		x, y string
		want bool
	}{
		{"lin", "chen", false}, {"lin", "lin", true}, {"lin", " LIN ", true}, {"lin.haiyan", "Lin Haiyan", true}, {"lin", "ｌｉｎ", true},
		{"林海燕", "林 海燕", true}, {"林海燕", "林海艳", false}, {"lin", "lin2", false}, {"-", "·", true}, // no names at all are not two
	} {
		if got := SamePerson(c.x, c.y); got != c.want {
			t.Errorf("%q and %q: %v", c.x, c.y, got)
		}
	}
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.kiosk("SQ01")
		w.must(w.Revoke(ctx, "SQ01"))
		w.must(w.ProposeWriteOff(ctx, "SQ01", 1, "lin", "stolen"))
		_, err := w.ConfirmWriteOff(ctx, "SQ01", 1, "Ｌin ")
		w.wants(ErrSameOfficer, err)
		_, err = w.ConfirmWriteOff(ctx, "SQ01", 1, "chen")
		w.must(err)
	})
}
