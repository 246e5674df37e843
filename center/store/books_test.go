package store

import (
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestBooksAndFleet(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a := w.kiosk("SQ01")
		w.kiosk("QX01")
		w.must(w.PutKiosk(ctx, Kiosk{ID: "NEW1", Name: "新站", Parent: "shiqiao"}))
		zhang, li := w.person(1, "SQ01"), w.person(2, "")
		w.earn(zhang, lotB, 500)
		w.earn(li, lotB, 300)
		a.down()
		first := a.reserve(zhang, 200)
		a.settle(first)
		a.reserve(zhang, 50)
		a.giveBack(zhang, 30)
		a.up()
		check := func(want Books) {
			t.Helper()
			got, err := w.Books(ctx)
			w.must(err)
			if got != want || got.Off() != 0 {
				t.Fatalf("%+v, want %+v; %d off", got, want, got.Off())
			}
		}
		check(Books{Earned: 800, Spent: 200, AtKiosks: 220, Held: 50, Free: 330})

		fleet, err := w.Fleet(ctx, "", 10)
		w.must(err)
		if len(fleet) != 3 || fleet[0].ID != "NEW1" || fleet[0].State != "" || fleet[2].Head.Seq != 4 || fleet[2].Outstanding() != 270 || fleet[2].State != ChainOpen {
			t.Fatalf("%+v", fleet)
		}
		if fleet, err = w.Fleet(ctx, "QX01", 10); err != nil || len(fleet) != 1 {
			t.Fatalf("%+v %v", fleet, err)
		}

		trail, err := w.Trail(ctx, zhang, 10)
		w.must(err)
		if len(trail) != 4 || trail[0].Seq != 4 || trail[0].Redemption != nil || trail[2].Redemption.State != ledger.Settled || trail[2].Redemption.Good != "rice" {
			t.Fatalf("%+v", trail)
		}
		if trail, err = w.Trail(ctx, li, 10); err != nil || len(trail) != 0 {
			t.Fatalf("%+v %v", trail, err)
		}

		w.must(w.Quarantine(ctx, "QX01", 1, "x"))
		stopped, err := w.Stopped(ctx)
		w.must(err)
		if len(stopped) != 1 || stopped[0].Head.Kiosk != "QX01" || stopped[0].Reason == "" {
			t.Fatalf("%+v", stopped)
		}

		w.newBox("SQ01")
		w.must(w.ProposeWriteOff(ctx, "SQ01", 1, "lin", "掉进河里"))
		waiting, err := w.Unconfirmed(ctx)
		w.must(err)
		if len(waiting) != 1 || waiting[0].Proposed != "lin" || waiting[0].Reason != "掉进河里" {
			t.Fatalf("%+v", waiting)
		}
		if _, err := w.ConfirmWriteOff(ctx, "SQ01", 1, "chen"); err != nil {
			t.Fatal(err)
		}
		chains, err := w.Chains(ctx, "SQ01")
		w.must(err)
		if len(chains) != 2 || chains[0].Head.Epoch != 2 || chains[1].Out != 0 || chains[1].Lost != 270 || chains[1].WriteOff.Confirmed != "chen" || chains[1].Opened.IsZero() {
			t.Fatalf("%+v", chains)
		}
		got, err := w.Books(ctx)
		w.must(err)
		if got.Off() != 0 || got.Lost != 270 || got.Spent != 200 {
			t.Fatalf("%+v", got)
		}
		w.proof()
	})
}

func TestTheTopOfTheTree(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		root, err := w.Root(t.Context())
		w.must(err)
		if root.ID != "center" || root.Name != "县中心" || root.Parent != "" {
			t.Errorf("%+v", root)
		}
	})
}

func TestGoodOfAKiosk(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.kiosk("SQ01")
		_, err := w.Good(ctx, "SQ01", "rice")
		w.wants(ErrUnknown, err)
		w.must(w.PutDocument(ctx, "qingxi", civic.Document{Good: &civic.Good{Code: "rice", Name: "大米"}}))
		g, err := w.Good(ctx, "SQ01", "rice")
		w.must(err)
		if g.Name != "大米" {
			t.Errorf("%+v", g)
		}
		w.must(w.PutDocument(ctx, "SQ01", civic.Document{Good: &civic.Good{Code: "rice", Name: "东北大米"}}))
		if g, err = w.Good(ctx, "SQ01", "rice"); err != nil || g.Name != "东北大米" {
			t.Errorf("%+v %v", g, err)
		}
	})
}
