package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestGoodsAreWrittenOverWhatWasSeen(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		rice := civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 300}
		w.must(w.PutGood(ctx, "shiqiao", 0, rice, nil))
		w.must(w.PutGood(ctx, "shiqiao", 0, rice, nil)) // the same once more: its answer was lost
		stands := func() civic.Good {
			t.Helper()
			goods, err := w.Goods(ctx, "shiqiao")
			w.must(err)
			if len(goods) != 1 {
				t.Fatalf("%+v", goods)
			}
			return goods[0]
		}
		seen := stands()
		if scopes, err := w.GoodScopes(ctx); err != nil || !slices.Equal(scopes, []string{"shiqiao"}) {
			t.Errorf("%v, %v", scopes, err)
		}

		// What a list delivered meanwhile stays, whatever the officer's form knew of it.
		delivered := seen
		delivered.Delivered = 20
		w.must(w.PutDocument(ctx, "shiqiao", civic.Document{Good: &delivered}))
		changed := rice
		changed.Price = 280
		if err := w.PutGood(ctx, "shiqiao", seen.Version, changed, nil); !errors.Is(err, ErrChanged) {
			t.Errorf("over a version that nobody has seen: %v", err)
		}
		if err := w.PutGood(ctx, "shiqiao", 0, changed, nil); !errors.Is(err, ErrChanged) {
			t.Errorf("added twice: %v", err)
		}
		photo := &civic.Picture{Name: "p-1", Type: "image/png", Data: []byte{1}}
		changed.Picture = "p-1"
		w.must(w.PutGood(ctx, "shiqiao", stands().Version, changed, photo))
		if g := stands(); g.Price != 280 || g.Delivered != 20 || g.Picture != "p-1" {
			t.Errorf("%+v", g)
		}
		if list, err := w.Documents(ctx, "shiqiao", KindPicture, []string{"p-1"}); err != nil || len(list) != 1 || list[0].Picture == nil {
			t.Errorf("%+v, %v", list, err)
		}
		// What is written is announced at once to those who serve kiosks.
		other := w.another(nil)
		var announced []string
		other.Announce(func(scope string) { announced = append(announced, scope) })
		w.must(other.PutGood(ctx, "shiqiao", stands().Version, changed, nil)) // nothing new
		if len(announced) != 0 {
			t.Errorf("nothing was written, and announced: %v", announced)
		}
		changed.Withdrawn = true
		w.must(other.PutGood(ctx, "shiqiao", stands().Version, changed, nil))
		if !slices.Equal(announced, []string{"shiqiao"}) {
			t.Errorf("announced: %v", announced)
		}
		changed.Withdrawn = false
		w.must(w.PutGood(ctx, "shiqiao", stands().Version, changed, nil))

		acts, err := w.Acts(ctx, "shiqiao", 0, 10)
		w.must(err)
		var kinds []string
		for _, a := range acts {
			kinds = append(kinds, a.Kind+" "+a.Who)
		}
		if !slices.Equal(kinds, []string{"good.offered lin", "good.withdrawn lin", "good.changed lin", "good.added lin"}) {
			t.Errorf("%v", kinds)
		}
		if !strings.Contains(string(acts[2].Body.Before), `"price":300`) || !strings.Contains(string(acts[2].Body.After), `"price":280`) {
			t.Errorf("%s", acts[2].Body.After)
		}

		// What no kiosk would take is not written.
		for name, g := range map[string]civic.Good{"code": {Code: "大米", Name: "x", Price: 1}, "name": {Code: "a", Price: 1}, "price": {Code: "a", Name: "x"}} {
			if err := w.PutGood(ctx, "shiqiao", 0, g, nil); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		svg := &civic.Picture{Name: "p-2", Type: "image/svg+xml", Data: []byte{1}}
		if err := w.PutGood(ctx, "shiqiao", stands().Version, rice, svg); !errors.Is(err, ErrInput) {
			t.Errorf("an SVG: %v", err)
		}
		if err := w.PutGood(ctx, "nowhere", 0, rice, nil); !errors.Is(err, ErrUnknown) {
			t.Errorf("no such place: %v", err)
		}
		w.proof()
	})
}

func TestStands(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		box := w.kiosk("SQ-01")
		w.kiosk("SQ-02")
		w.must(w.PutKiosk(ctx, Kiosk{ID: "NEW", Name: "新站", Parent: "shiqiao"})) // no box yet
		w.must(w.PutDocument(ctx, "shiqiao", good("oil", "油", 5)))
		w.must(w.PutDocument(ctx, "SQ-01", good("rice", "大米", 10)))
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 3000)
		_, err := w.Grant(ctx, v, "SQ-01", 3000)
		w.must(err)
		box.down()
		first, second := box.reserve(v, 300), box.reserve(v, 300)
		box.settle(first)
		box.add(ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 4, OnHand: 13, Operator: ledger.ID{9}})
		box.add(ledger.Stock{Good: "oil", Move: ledger.StockWasted, Delta: -1, OnHand: 4, Operator: ledger.ID{9}})
		box.settle(second)
		box.refund(second)
		third := box.reserve(v, 300)
		box.cancel(box.reserve(v, 300))
		box.add(ledger.Stock{Good: "tea", Move: ledger.StockReceived, Delta: 2, OnHand: 2, Operator: ledger.ID{9}})
		box.add(ledger.Stock{Good: "rice", Move: ledger.StockCounted, Delta: -1, OnHand: 12, Operator: ledger.ID{9}})
		box.up()

		all, err := w.Stands(ctx, "", "")
		w.must(err)
		left := make(map[string]ledger.Shelf)
		for _, s := range all {
			left[s.Kiosk+" "+s.Good.Code] = s.Shelf
		}
		if len(all) != 4 || left["SQ-01 rice"] != (ledger.Shelf{Delivered: 10, Moved: 3, Sold: 2, Restocked: 1, Held: 1}) ||
			left["SQ-01 oil"].Available() != 4 || left["SQ-02 oil"].Available() != 5 || left["SQ-01 tea"].Available() != 2 {
			t.Errorf("%+v", all)
		}
		one, err := w.Stands(ctx, "SQ-01", "tea")
		w.must(err)
		if len(one) != 1 || one[0].Listed || one[0].Name != "SQ-01站" || one[0].Epoch != 1 {
			t.Errorf("a good that no document speaks of: %+v", one)
		}
		if none, err := w.Stands(ctx, "NEW", ""); err != nil || len(none) != 0 {
			t.Errorf("no box: %+v, %v", none, err)
		}

		// The entries behind each number add up to it.
		moves, more, err := w.Moves(ctx, "SQ-01", 1, "rice", 0, 1)
		w.must(err)
		if len(moves) != 1 || moves[0].Body.(ledger.Stock).Delta != -1 || more == 0 {
			t.Fatalf("%+v, %d", moves, more)
		}
		moves, more, err = w.Moves(ctx, "SQ-01", 1, "rice", more, 5)
		w.must(err)
		if len(moves) != 1 || moves[0].Body.(ledger.Stock).Delta != 4 || more != 0 {
			t.Errorf("%+v, %d", moves, more)
		}
		sold, more, err := w.Handlings(ctx, "SQ-01", 1, "rice", [2]ledger.State{ledger.Settled, ledger.Refunded}, 0, 1)
		w.must(err)
		if len(sold) != 1 || sold[0].Seq != second.Seq || len(sold[0].Entries) != 3 || more != second.Seq {
			t.Fatalf("%+v, %d", sold, more)
		}
		if refund, ok := sold[0].Entries[2].Body.(ledger.Refund); !ok || !refund.Restock {
			t.Errorf("%+v", sold[0].Entries)
		}
		sold, more, err = w.Handlings(ctx, "SQ-01", 1, "rice", [2]ledger.State{ledger.Settled, ledger.Refunded}, more, 1)
		w.must(err)
		if len(sold) != 1 || sold[0].Seq != first.Seq || len(sold[0].Entries) != 2 || more != 0 {
			t.Errorf("%+v, %d", sold, more)
		}
		held, _, err := w.Handlings(ctx, "SQ-01", 1, "rice", [2]ledger.State{ledger.Reserved, ledger.Reserved}, 0, 5)
		w.must(err)
		if len(held) != 1 || held[0].Seq != third.Seq || held[0].Volunteer != v || ledger.Sum(held[0].Parts) != 300 {
			t.Errorf("%+v", held)
		}
		w.proof()
	})
}
