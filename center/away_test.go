package center

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	mathrand "math/rand/v2"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	kioskbook "yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// linked connects an outpost to a process, as a kiosk that serves those who stand
// before another one; see kiosk.Server.Serve.
func (o *outpost) linked(p *process) *link.Kiosk {
	o.w.t.Helper()
	k := link.NewKiosk(link.KioskConfig{Key: o.key, Center: o.w.keys.Pin(), Program: "test", Now: time.Now, Random: mathrand.New(mathrand.NewPCG(1, 2)),
		Dial:    func(ctx context.Context) (link.Conn, error) { return link.Dial(ctx, p.address, o.w.keys.Pin()) },
		Journal: o, Library: o, Purse: o, Guard: o, Serve: o.serve, Release: o.release, Status: func() link.Status { return link.Status{Printer: "ok", Paper: "ok"} }})
	unwatch := o.Watch(k.Wake)
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = k.Run(ctx) }()
	o.w.t.Cleanup(func() { end(); <-done; unwatch() })
	o.w.soon("being online", func() bool { return k.State().Online })
	return k
}

func (o *outpost) serve(ctx context.Context, w link.Wish, until int64) link.Ordered {
	r, err := o.Reserve(ctx, kioskbook.Reserve{Key: w.Key, Volunteer: w.Volunteer, Good: w.Good, Quantity: w.Quantity, Price: w.Price, Away: true, Until: until})
	switch {
	case errors.Is(err, ledger.ErrNotEnough):
		a, err := o.Account(w.Volunteer)
		o.w.must(err)
		return link.Ordered{Outcome: link.OutcomePoints, Granted: a.Granted(), Missing: w.Price*ledger.Points(w.Quantity) - a.Spendable()}
	case errors.Is(err, ledger.ErrStock):
		return link.Ordered{Outcome: link.OutcomeGone}
	case err != nil:
		return link.Ordered{Outcome: link.OutcomeFailed}
	}
	return link.Ordered{Outcome: link.OutcomeOK, Kept: link.Kept{Redemption: r.Seq, Claim: r.Claim, Until: r.Until}}
}

func (o *outpost) release(ctx context.Context, r link.Release) link.Outcome {
	_, err := o.Release(ctx, r.Key, r.Volunteer, r.Redemption, r.Reason)
	switch {
	case errors.Is(err, kioskbook.ErrUnknown):
		return link.OutcomeUnknown
	case errors.Is(err, ledger.ErrState):
		return link.OutcomeGone
	case err != nil:
		return link.OutcomeFailed
	}
	return link.OutcomeOK
}

// What is gone at one kiosk is kept for its volunteer at another, where nobody knew
// her: two real books and a center, over TLS, on both databases.
func TestReserveAtAnotherKiosk(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.serve("")
		here, there := w.outpost("QX-01"), w.outpost("LH-01")
		w.must(w.PutKiosk(ctx, store.Kiosk{ID: "LH-01", Name: "LH-01站", Parent: "lianhua"}))
		w.must(w.office().PutStation(ctx, "LH-01", civic.Station{Name: "莲花村益栈", NameEN: "Lianhua", Counter: "进门左手边"}))
		for id, left := range map[string]int64{"QX-01": 0, "LH-01": 1} {
			w.must(w.PutDocument(ctx, id, civic.Document{Good: &civic.Good{Code: "G001", Name: "大米", Unit: "袋", Price: 120, Delivered: left}}))
		}
		near := here.linked(p)
		there.linked(p)
		v := w.person(1, "QX-01")
		w.earn(v, 200)
		spendable := func(o *outpost) ledger.Points { a, _ := o.Account(v); return a.Spendable() } // none of whom it does not know
		w.soon("the grant", func() bool { return spendable(here) == 200 })
		w.soon("the goods", func() bool { g, err := there.Good("G001"); return err == nil && g.Shelf.Available() == 1 })

		if _, err := there.ByCard(civic.CardID{1}); err == nil {
			t.Error("the other town knows her")
		}
		found, err := near.Find(ctx, "G001")
		want := link.Place{Kiosk: "LH-01", Name: "莲花村益栈", NameEN: "Lianhua", Counter: "进门左手边", Left: 1, Price: 120}
		if err != nil || len(found.Places) != 1 || found.Places[0] != want {
			t.Fatalf("%+v, %v", found, err)
		}
		wish := link.Wish{Volunteer: v, Good: "G001", Quantity: 1, Price: 120}
		rand.Read(wish.Key[:])
		began := time.Now()
		first, err := near.Reserve(ctx, wish, "LH-01")
		if err != nil || first.Outcome != link.OutcomeOK {
			t.Fatalf("%+v, %v", first, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if again, err := near.Reserve(ctx, wish, "LH-01"); err != nil || again.Kept != first.Kept {
			t.Errorf("again: %+v, %v", again, err)
		}
		if spendable(here) != 80 || spendable(there) != 0 {
			t.Errorf("%d points here, %d there", spendable(here), spendable(there))
		}

		// She is known there now, by her card, and so are her goods.
		who, err := there.ByCard(civic.CardID{1})
		if err != nil || who.ID != v {
			t.Errorf("%+v, %v", who, err)
		}
		r, err := there.Redemption(first.Kept.Redemption)
		if err != nil || r.Volunteer != v || r.State != ledger.Reserved || r.Claim != first.Kept.Claim {
			t.Errorf("%+v, %v", r, err)
		}
		w.soon("the center hearing of it", func() bool { found, err := near.Find(ctx, "G001"); w.must(err); return len(found.Places) == 0 })
		rand.Read(wish.Key[:])
		if gone, err := near.Reserve(ctx, wish, "LH-01"); err != nil || gone.Outcome != link.OutcomeGone {
			t.Errorf("%+v, %v", gone, err)
		}
		var key ledger.Key
		rand.Read(key[:])
		_, err = there.Settle(ctx, key, r.Seq, clerk)
		w.must(err)
		w.soon("the books", func() bool {
			a, err := w.Account(ctx, v)
			w.must(err)
			for _, right := range a.Rights {
				if right.Kiosk == "LH-01" && right.Spent == 120 {
					return true
				}
			}
			return false
		})
		w.closed(200)
		if documents, err := p.book.Volunteer(ctx, ledger.ID{9}); err != nil || documents != nil {
			t.Errorf("nobody: %v, %v", documents, err)
		}
		var d civic.Document
		if documents, err := p.book.Volunteer(ctx, v); err != nil || json.Unmarshal(documents[0], &d) != nil || d.Volunteer.ID != v {
			t.Errorf("%s, %v", documents, err)
		}
	})
}
