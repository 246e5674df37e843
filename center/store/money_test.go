package store

import (
	"errors"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestPointsGoHomeAndAreSpentThere(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		home := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotB, 50)
		w.earn(v, lotA, 30)
		home.down()
		if home.spendable(v) != 80 {
			t.Fatalf("%d spendable at home", home.spendable(v))
		}
		home.settle(home.reserve(v, 40))
		home.cancel(home.reserve(v, 5))
		given := home.reserve(v, 10)
		home.settle(given)
		home.refund(given)
		home.reserve(v, 7)
		home.up()
		home.same(v)
		r := w.proof()
		if r.Earned != 80 || r.Free != 0 || r.Entries != 8 || r.Chains != 1 {
			t.Errorf("%+v", r)
		}
		_, c, err := w.Kiosk(t.Context(), "SQ-01")
		if err != nil || c.Outstanding() != 40 || c.Granted != 80 || c.Folded != 8 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestEarnTwiceIsOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		v := w.person(1, "")
		e := civic.Earning{On: 2300, Expires: lotA, What: "护河", Points: 10}
		for range 2 {
			w.must(w.Earn(t.Context(), v, ledger.Key{1}, e))
		}
		if l := w.lot(v, lotA); l.Earned != 10 || l.Free != 10 {
			t.Errorf("%+v", l)
		}
		e.Points = 11
		if err := w.Earn(t.Context(), v, ledger.Key{1}, e); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another earning under the key: %v", err)
		}
		if err := w.Earn(t.Context(), ledger.ID{7}, ledger.Key{2}, e); !errors.Is(err, ErrUnknown) {
			t.Errorf("nobody's earning: %v", err)
		}
		for name, e := range map[string]civic.Earning{"no points": {Expires: lotA, What: "x"}, "no source": {Expires: lotA, Points: 1},
			"before all days": {Expires: -1, What: "x", Points: 1}, "too many": {Expires: lotA, What: "x", Points: ledger.MaxPoints + 1}} {
			if err := w.Earn(t.Context(), v, ledger.Key{3}, e); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		e.Points = ledger.MaxPoints
		if err := w.Earn(t.Context(), v, ledger.Key{4}, e); !errors.Is(err, ledger.ErrRange) {
			t.Errorf("a lot that overflows: %v", err)
		}
		p, err := w.Person(t.Context(), v)
		if err != nil || !p.Linked || len(p.Earned) != 1 || p.Earned[0].What != "护河" {
			t.Errorf("%+v, %v", p, err)
		}
		w.proof()
	})
}

func TestRecallAndGrantElsewhere(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		home, other := w.kiosk("SQ-01"), w.kiosk("LH-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotB, 50)
		w.earn(v, lotA, 30)
		home.down()
		if n, err := w.Grant(t.Context(), v, "LH-01", 10); n != 0 || err != nil {
			t.Fatalf("granted %d of nothing, %v", n, err)
		}
		home.giveBack(v, 45) // 30 of the first lot, 15 of the second
		home.up()
		n, err := w.Grant(t.Context(), v, "LH-01", 40)
		if n != 40 || err != nil {
			t.Fatalf("granted %d, %v", n, err)
		}
		other.down()
		if r := other.accounts[v].Rights; len(r) != 2 || r[0].Granted != 30 || r[1].Granted != 10 {
			t.Errorf("the earliest first: %+v", r)
		}
		other.settle(other.reserve(v, 40))
		other.up()
		home.same(v)
		other.same(v)
		if l := w.lot(v, lotB); l.Free != 5 {
			t.Errorf("%+v", l)
		}
		w.proof()
	})
}

func TestCap(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		w.must(w.PutKiosk(t.Context(), Kiosk{ID: "SQ-01", Name: "石桥", Parent: "shiqiao", Cap: 100}))
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 70)
		w.earn(v, lotA, 70) // 30 of them fit
		if l := w.lot(v, lotA); l.Free != 40 {
			t.Fatalf("%+v", l)
		}
		if _, err := w.Grant(t.Context(), v, "SQ-01", 1); !errors.Is(err, ErrCap) {
			t.Errorf("above the cap: %v", err)
		}
		b.down()
		b.settle(b.reserve(v, 25))
		b.up()
		if n, err := w.GrantHome(t.Context(), "SQ-01"); n != 1 || err != nil {
			t.Errorf("%d volunteers served, %v", n, err)
		}
		if l := w.lot(v, lotA); l.Free != 15 {
			t.Errorf("%+v", l)
		}
		w.proof()
	})
}

func TestAwayHomeIsGrantedWhenItComesBack(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.time = w.time.AddDate(0, 0, 8)
		w.earn(v, lotA, 20)
		if l := w.lot(v, lotA); l.Free != 20 {
			t.Fatalf("granted to a kiosk that was away for 8 days: %+v", l)
		}
		if n, err := w.GrantHome(t.Context(), "SQ-01"); n != 0 || err != nil {
			t.Fatalf("%d served, %v", n, err)
		}
		w.must(w.Seen(t.Context(), "SQ-01", []byte(`{"printer":"ok"}`)))
		if n, err := w.GrantHome(t.Context(), "SQ-01"); n != 1 || err != nil {
			t.Fatalf("%d served, %v", n, err)
		}
		b.down()
		if b.spendable(v) != 20 {
			t.Errorf("%d spendable", b.spendable(v))
		}
		w.must(w.Revoke(t.Context(), "SQ-01"))
		w.earn(v, lotA, 5)
		if _, err := w.Grant(t.Context(), v, "SQ-01", 5); !errors.Is(err, ErrState) {
			t.Errorf("granted to a revoked kiosk: %v", err)
		}
		w.proof()
	})
}

func TestOnlyFreePointsExpire(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		v, free := w.person(1, "SQ-01"), w.person(2, "")
		w.earn(v, lotA, 20)
		w.earn(free, lotA, 9)
		w.earn(free, lotB, 4)
		b.down()
		w.time = lotA.Time() // the lot's last day
		if n, err := w.Expire(t.Context()); n != 0 || err != nil {
			t.Fatalf("%d expired on the lot's last day, %v", n, err)
		}
		w.time = w.time.AddDate(0, 0, 1)
		if n, err := w.Grant(t.Context(), free, "SQ-01", 13); n != 4 || err != nil {
			t.Errorf("granted %d, the expired lot is not to be granted, %v", n, err)
		}
		if n, err := w.Expire(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d expired, %v", n, err)
		}
		if l := w.lot(free, lotA); l.Expired != 9 || l.Free != 0 {
			t.Errorf("%+v", l)
		}
		if l := w.lot(v, lotA); l.Expired != 0 {
			t.Errorf("points at a kiosk expired: %+v", l)
		}
		b.giveBack(v, 20)
		b.up()
		w.Expire(t.Context())
		if l := w.lot(v, lotA); l.Expired != 20 {
			t.Errorf("%+v", l)
		}
		w.proof()
	})
}

func TestGrantTotalNeverAsksForMore(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.kiosk("SQ-01")
		b := w.kiosk("LH-01")
		v := w.person(1, "")
		w.earn(v, lotA, 50)
		if g, total, err := w.GrantTotal(ctx, v, "LH-01", 0); total != 0 || len(g.Lots) != 0 || g.Epoch != 1 || err != nil {
			t.Fatalf("%+v, %d, %v", g, total, err)
		}
		for range 3 {
			g, total, err := w.GrantTotal(ctx, v, "LH-01", 20)
			if total != 20 || len(g.Lots) != 1 || g.Lots[0].Granted != 20 || err != nil {
				t.Fatalf("%+v, %d, %v", g, total, err)
			}
		}
		if n, err := w.Grant(ctx, v, "SQ-01", 10); n != 10 || err != nil {
			t.Errorf("granted %d, %v", n, err)
		}
		b.down()
		b.settle(b.reserve(v, 15))
		b.up()
		free, holders, err := w.Holders(ctx, v)
		if err != nil || free != 20 || len(holders) != 2 || holders["LH-01"] != 5 || holders["SQ-01"] != 10 {
			t.Errorf("%v, %v", holders, err)
		}
		b.reserve(v, 3)
		b.up()
		if _, holders, err := w.Holders(ctx, v); err != nil || holders["LH-01"] != 2 {
			t.Errorf("with 3 waiting there with goods it can give back %d, %v", holders["LH-01"], err)
		}
		if _, total, err := w.GrantTotal(ctx, v, "LH-01", 1000); total != 40 || err != nil {
			t.Errorf("all there is: %d, %v", total, err)
		}
		w.must(w.Quarantine(ctx, "SQ-01", 1, "regressed"))
		w.must(w.Quarantine(ctx, "SQ-01", 1, "another reason"))
		c, err := w.Chain(ctx, "SQ-01", 1)
		if err != nil || c.State != ChainQuarantined || c.Reason != "regressed" {
			t.Errorf("%+v, %v", c, err)
		}
		if _, holders, err = w.Holders(ctx, v); err != nil || len(holders) != 1 {
			t.Errorf("a kiosk in quarantine is not asked for anything: %v, %v", holders, err)
		}
		if _, _, err := w.GrantTotal(ctx, ledger.ID{7}, "LH-01", 5); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if hash, err := w.Hash(ctx, "LH-01", 1, b.head.Seq); err != nil || hash != b.head.Hash {
			t.Errorf("%x, %v", hash, err)
		}
		if _, err := w.Hash(ctx, "LH-01", 1, b.head.Seq+1); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		w.proof()
	})
}
