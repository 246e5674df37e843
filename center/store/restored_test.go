package store

import (
	"errors"
	"path/filepath"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// grants is what the box's documents gave it, as it would report them.
func (b *box) grants() (all []civic.Grant) {
	for v, a := range b.accounts {
		g := civic.Grant{Volunteer: v, Kiosk: b.head.Kiosk, Epoch: b.head.Epoch}
		for _, r := range a.Rights {
			g.Lots = append(g.Lots, civic.GrantedLot{Expires: r.Expires, Granted: r.Granted})
		}
		all = append(all, g)
	}
	return all
}

// The center loses its disk and comes back from last night's copy. Meanwhile it
// had booked earnings, granted them to one kiosk, recalled some and granted those
// to another.
func TestABookFromAnOldCopyGrantsNothingTwice(t *testing.T) {
	ctx := t.Context()
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	home, other := w.kiosk("SQ-01"), w.kiosk("LH-01")
	v := w.person(1, "SQ-01")
	w.earn(v, lotA, 50)
	w.person(2, "")
	w.earn(ledger.ID{2, 1}, lotA, 30) // free
	home.down()
	home.settle(home.reserve(v, 5))
	home.up()
	backup := filepath.Join(t.TempDir(), "backup.db")
	w.must(w.Backup(ctx, backup))
	if err := w.Backup(ctx, backup); err == nil {
		t.Error("a backup was written over another")
	}

	w.earn(v, lotB, 40)
	home.down()
	home.settle(home.reserve(v, 20))
	home.giveBack(v, 25)
	home.up()
	for _, who := range []ledger.ID{v, {2, 1}} {
		if n, err := w.Grant(ctx, who, "LH-01", 25); n != 25 || err != nil {
			t.Fatalf("granted %d, %v", n, err)
		}
	}
	other.down()
	other.settle(other.reserve(v, 25))
	other.up()

	w.database = backup
	w.Store = w.another(nil)
	before, err := w.Era(ctx)
	w.must(err)
	w.must(w.Restored(ctx))
	if era, err := w.Era(ctx); err != nil || era == before {
		t.Errorf("the era is still %s, %v", era, err)
	}
	if _, err := w.Grant(ctx, ledger.ID{2, 1}, "LH-01", 30); !errors.Is(err, ErrRestored) {
		t.Fatalf("granted again what was granted before: %v", err)
	}
	if _, err := w.Fold(ctx, "SQ-01", 1); !errors.Is(err, ErrRestored) {
		t.Errorf("folded before the kiosk reported: %v", err)
	}
	for _, b := range []*box{home, other} {
		for range 2 {
			w.must(w.Report(ctx, b.head.Kiosk, 1, b.grants(), true))
		}
		b.cursor = 0
		b.up()
		for v := range b.accounts {
			b.same(v)
		}
	}
	w.proof()
	// The 40 that were earned since then are missing: home has them. Of the first lot
	// nothing is: what the other kiosk holds had come back from home.
	if a, b := w.lot(v, lotA), w.lot(v, lotB); a != (Lot{Expires: lotA, Earned: 50}) || b != (Lot{Expires: lotB, Missing: 40}) {
		t.Errorf("%+v, %+v", a, b)
	}
	if n, err := w.Grant(ctx, ledger.ID{2, 1}, "LH-01", 30); n != 5 || err != nil {
		t.Errorf("granted %d, %v", n, err)
	}
	w.earn(v, lotB, 45) // entered again, and 5 more
	if b := w.lot(v, lotB); b.Earned != 45 || b.Missing != 0 || b.Free != 0 {
		t.Errorf("%+v", b)
	}
	if r := w.proof(); r.Missing != 0 {
		t.Errorf("%+v", r)
	}
}

// One kiosk was granted what another had returned, and tells first. Nothing is free
// that is spent there.
func TestWhatCameBackIsNotEarnedTwice(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		home, other := w.kiosk("SQ-01"), w.kiosk("LH-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 50)
		home.down()
		before := home.grants() // the book knows of this much
		home.giveBack(v, 30)
		told := civic.Grant{Volunteer: v, Kiosk: "LH-01", Epoch: 1, Lots: []civic.GrantedLot{{Expires: lotA, Granted: 30}}}
		w.must(w.Restored(t.Context()))
		w.must(w.Report(t.Context(), "LH-01", 1, []civic.Grant{told}, true))
		if n, err := w.Expire(t.Context()); n != 0 || err != nil {
			t.Errorf("%d expired before everybody has told, %v", n, err)
		}
		if l := w.lot(v, lotA); l != (Lot{Expires: lotA, Earned: 50, Missing: 30}) {
			t.Errorf("before home has told: %+v", l)
		}
		w.must(w.Report(t.Context(), "SQ-01", 1, before, true))
		home.up()
		if l := w.lot(v, lotA); l != (Lot{Expires: lotA, Earned: 50}) {
			t.Errorf("%+v", l)
		}
		other.down()
		other.settle(other.reserve(v, 30))
		other.up()
		w.proof()
	})
}

func TestReport(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 10)
		w.must(w.Restored(ctx))
		if k, _, err := w.Kiosk(ctx, "SQ-01"); err != nil || !k.Unreported {
			t.Errorf("%+v, %v", k, err)
		}
		b.accounts[v] = b.accounts[v].Grant(lotA, 30).Grant(lotB, 5)
		for name, call := range map[string]struct {
			want error
			err  error
		}{
			"another epoch": {ErrState, w.Report(ctx, "SQ-01", 2, nil, true)},
			"another kiosk": {ErrInput, w.Report(ctx, "SQ-01", 1, []civic.Grant{{Volunteer: v, Kiosk: "LH-01", Epoch: 1}}, true)},
			"too much": {ErrInput, w.Report(ctx, "SQ-01", 1, []civic.Grant{{Volunteer: v, Kiosk: "SQ-01", Epoch: 1,
				Lots: []civic.GrantedLot{{Expires: lotA, Granted: ledger.MaxPoints + 1}}}}, true)},
		} {
			if !errors.Is(call.err, call.want) {
				t.Errorf("%s: %v", name, call.err)
			}
		}
		w.must(w.Report(ctx, "SQ-01", 1, b.grants(), false))
		if _, err := w.Fold(ctx, "SQ-01", 1); !errors.Is(err, ErrRestored) {
			t.Errorf("folded after half a report: %v", err)
		}
		stranger := civic.Grant{Volunteer: ledger.ID{77}, Kiosk: "SQ-01", Epoch: 1, Lots: []civic.GrantedLot{{Expires: lotA, Granted: 9}}}
		w.must(w.Report(ctx, "SQ-01", 1, []civic.Grant{stranger}, true))
		if l := w.lot(ledger.ID{77}, lotA); l.Missing != 9 || l.Free != 0 {
			t.Errorf("whom the book does not know: %+v", l)
		}
		b.settle(b.reserve(v, 35))
		b.up()
		b.same(v)
		if r := w.proof(); r.Earned != 10 || r.Missing != 34 || r.Free != 0 {
			t.Errorf("%+v", r)
		}
		w.earn(v, lotA, 21) // 20 of them are there already
		b.down()
		if b.spendable(v) != 1 {
			t.Errorf("%d spendable", b.spendable(v))
		}
	})
}
