package store

import (
	"errors"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestAPriceComesWithItsDay(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		rice := civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 300}
		w.must(w.PutGood(ctx, "shiqiao", 0, rice, nil))
		today := ledger.DayOf(w.time.In(w.cfg.Zone))
		w.must(w.PlanPrice(ctx, "shiqiao", "rice", today+2, 280))
		w.must(w.PlanPrice(ctx, "shiqiao", "rice", today+2, 280)) // twice
		w.must(w.PlanPrice(ctx, "shiqiao", "rice", today+2, 290))
		w.must(w.PlanPrice(ctx, "shiqiao", "rice", today+3, 260))
		w.must(w.PlanPrice(ctx, "shiqiao", "rice", today+9, 1))
		w.must(w.DropPrice(ctx, "shiqiao", "rice", today+9))
		w.must(w.DropPrice(ctx, "shiqiao", "rice", today+9))
		for name, err := range map[string]error{"of today": w.PlanPrice(ctx, "shiqiao", "rice", today, 280), "of nothing": w.PlanPrice(ctx, "shiqiao", "oil", today+1, 280),
			"elsewhere": w.PlanPrice(ctx, "center", "rice", today+1, 280), "no points": w.PlanPrice(ctx, "shiqiao", "rice", today+1, 0), "one that is in force": w.DropPrice(ctx, "shiqiao", "rice", today)} {
			if !errors.Is(err, ErrState) && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		stands := func(price ledger.Points, prices ...Price) {
			t.Helper()
			w.must(w.SetPrices(t.Context()))
			goods, err := w.Goods(ctx, "shiqiao")
			w.must(err)
			list, err := w.Prices(ctx, "shiqiao", "rice")
			w.must(err)
			if len(goods) != 1 || goods[0].Price != price || len(list) != len(prices) {
				t.Fatalf("%+v, %+v", goods, list)
			}
			for i, p := range list {
				if p.Day != prices[i].Day || p.Points != prices[i].Points || p.Done != prices[i].Done || p.Who != "lin" {
					t.Errorf("%+v, want %+v", p, prices[i])
				}
			}
		}
		first := Price{Day: today, Points: 300, Done: true}
		stands(300, Price{Day: today + 3, Points: 260}, Price{Day: today + 2, Points: 290}, first)
		w.time = w.time.Add(48 * time.Hour)
		stands(290, Price{Day: today + 3, Points: 260}, Price{Day: today + 2, Points: 290, Done: true}, first)
		w.time = w.time.Add(72 * time.Hour) // the center was off, and the prices came meanwhile
		stands(260, Price{Day: today + 3, Points: 260, Done: true}, Price{Day: today + 2, Points: 290, Done: true}, first)

		// What somebody types today is a price of today.
		seen, err := w.Goods(ctx, "shiqiao")
		w.must(err)
		rice.Price = 250
		w.must(w.PutGood(ctx, "shiqiao", seen[0].Version, rice, nil))
		stands(250, Price{Day: today + 5, Points: 250, Done: true}, Price{Day: today + 3, Points: 260, Done: true}, Price{Day: today + 2, Points: 290, Done: true}, first)
		acts, err := w.Acts(ctx, "shiqiao", 0, 20)
		w.must(err)
		n := make(map[string]int)
		for _, a := range acts {
			n[a.Kind]++
		}
		if n["price.planned"] != 4 || n["price.dropped"] != 1 || n["good.priced"] != 2 || n["good.changed"] != 1 {
			t.Errorf("%v", n)
		}
	})
}

func TestNotTooManyPricesCome(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		w.must(w.PutGood(ctx, "shiqiao", 0, civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 300}, nil))
		today := ledger.DayOf(w.time.In(w.cfg.Zone))
		for i := range maxComing {
			w.must(w.PlanPrice(ctx, "shiqiao", "rice", today+1+ledger.Day(i), 10))
		}
		if err := w.PlanPrice(ctx, "shiqiao", "rice", today+99, 10); !errors.Is(err, ErrState) {
			t.Errorf("one more: %v", err)
		}
	})
}
