package center

import (
	"crypto/rand"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// wished is a wish as a phone would make it.
func wished(v ledger.ID, kiosk string) store.Wish {
	w := store.Wish{Volunteer: v, Kiosk: kiosk, Good: "G001", Quantity: 1, Price: 60, Phone: "phone"}
	rand.Read(w.Key[:])
	return w
}

// Goods are put aside at a kiosk that is connected to another process, with points that
// lie at a third place; at one that is away the wish waits, until the kiosk comes; and
// what is given back by phone is on the shelf again. On both databases.
func TestReserveByPhone(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		one, two := w.serve(""), w.serve("")
		home, there, away := w.outpost("QX-01"), w.outpost("LH-01"), w.outpost("LH-02")
		for _, id := range []string{"QX-01", "LH-01", "LH-02"} {
			w.must(w.PutDocument(ctx, id, civic.Document{Good: &civic.Good{Code: "G001", Name: "大米", Unit: "袋", Price: 60, Delivered: 2}}))
		}
		home.linked(one)
		there.linked(two)
		v := w.person(1, "QX-01")
		w.earn(v, 200)
		w.soon("the grant", func() bool { a, _ := home.Account(v); return a.Spendable() == 200 })
		w.soon("the goods", func() bool { g, err := there.Good("G001"); return err == nil && g.Shelf.Available() == 2 })
		w.soon("the processes to know of each other", func() bool { return one.link.Reachable("LH-01") && two.link.Reachable("QX-01") })

		wish := wished(v, "LH-01")
		began := time.Now()
		kept, err := one.work.wishes.want(ctx, wish)
		if err != nil || kept.State != store.WishKept || kept.Seq == 0 || time.Since(began) > 3*time.Second {
			t.Fatalf("after %v: %+v, %v", time.Since(began), kept, err)
		}
		if left := time.Until(kept.Until); left < 71*time.Hour || left > 73*time.Hour {
			t.Errorf("kept for %v", left)
		}
		if again, err := two.work.wishes.want(ctx, wish); err != nil || again.Seq != kept.Seq {
			t.Errorf("again: %+v, %v", again, err)
		}
		r, err := there.ByClaim(kept.Claim)
		if err != nil || r.Volunteer != v || r.State != ledger.Reserved || r.Until != kept.Until.Unix() {
			t.Errorf("%+v, %v", r, err)
		}

		// A kiosk that is away: nothing is promised, nothing is taken.
		waits := wished(v, "LH-02")
		got, err := one.work.wishes.want(ctx, waits)
		if err != nil || got.State != store.WishWaiting {
			t.Errorf("%+v, %v", got, err)
		}
		never := wished(v, "LH-02")
		_, err = one.work.wishes.want(ctx, never)
		w.must(err)
		if got, err := one.work.wishes.leave(ctx, v, never.Key); err != nil || got.State != store.WishDropped {
			t.Errorf("%+v, %v", got, err)
		}
		away.linked(two)
		w.soon("the wish that waited", func() bool {
			got, err := w.Wish(ctx, v, waits.Key)
			w.must(err)
			return got.State == store.WishKept
		})
		if r, _, err := away.Waiting(0, 9); err != nil || len(r) != 1 {
			t.Errorf("%+v, %v", r, err)
		}

		// Given back by phone, at both.
		w.soon("the other process to be known", func() bool { return one.link.Reachable("LH-02") })
		for _, key := range []ledger.Key{wish.Key, waits.Key} {
			for range 2 {
				if got, err := one.work.wishes.leave(ctx, v, key); err != nil || got.State != store.WishEnded || got.Why != store.EndedPhone {
					t.Errorf("%+v, %v", got, err)
				}
			}
		}
		if g, err := there.Good("G001"); err != nil || g.Shelf.Available() != 2 {
			t.Errorf("%+v, %v", g, err)
		}

		// What is not there the kiosk's own book refuses.
		w.must(w.PutDocument(ctx, "LH-01", civic.Document{Good: &civic.Good{Code: "G002", Name: "油", Unit: "桶", Price: 60}}))
		w.soon("the good", func() bool { _, err := there.Good("G002"); return err == nil })
		last := wished(v, "LH-01")
		last.Good = "G002"
		if got, err := one.work.wishes.want(ctx, last); err != nil || got.State != store.WishRefused || got.Why != "gone" {
			t.Errorf("%+v, %v", got, err)
		}
		w.soon("the books", func() bool {
			a, err := w.Account(ctx, v)
			w.must(err)
			held := ledger.Points(0)
			for _, right := range a.Rights {
				held += right.Held
			}
			return held == 0
		})
		w.closed(200)
	})
}

// Ten phones want the last two pieces at once: two get them.
func TestManyPhonesWantTheLastPieces(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/center.db")
	ctx := t.Context()
	p := w.serve("")
	shop := w.outpost("QX-01")
	w.must(w.PutDocument(ctx, "QX-01", civic.Document{Good: &civic.Good{Code: "G001", Name: "大米", Unit: "袋", Price: 60, Delivered: 2}}))
	shop.linked(p)
	w.soon("the goods", func() bool { g, err := shop.Good("G001"); return err == nil && g.Shelf.Available() == 2 })
	const phones = 10
	answers := make(chan store.Wish, phones)
	for n := range byte(phones) {
		v := w.person(n+1, "")
		w.earn(v, 60)
		go func() {
			got, err := p.work.wishes.want(ctx, wished(v, "QX-01"))
			if err != nil {
				t.Error(err)
			}
			answers <- got
		}()
	}
	seen := map[store.WishState]int{}
	codes := map[uint16]bool{}
	for range phones {
		got := <-answers
		seen[got.State]++
		if got.State == store.WishKept {
			codes[got.Claim] = true
		}
	}
	if seen[store.WishKept] != 2 || len(codes) != 2 || seen[store.WishKept]+seen[store.WishRefused]+seen[store.WishWaiting] != phones {
		t.Errorf("%v, codes %v", seen, codes)
	}
	w.soon("the rest to be refused", func() bool {
		list, err := w.WishesAt(ctx, "QX-01")
		w.must(err)
		return len(list) == 0
	})
	if g, err := shop.Good("G001"); err != nil || g.Shelf.Available() != 0 || g.Shelf.Held != 2 {
		t.Errorf("%+v, %v", g, err)
	}
	w.soon("the books", func() bool {
		c, err := w.Chain(ctx, "QX-01", 1)
		w.must(err)
		head, acked := shop.Head()
		return acked == head.Seq && c.Folded == head.Seq
	})
	w.closed(60 * phones)
}
