package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// sends makes a delivery of rice and oil to a kiosk.
func (w *world) sends(ctx context.Context, kiosk, id string) Delivery {
	w.t.Helper()
	w.must(w.SendDelivery(ctx, Delivery{Delivery: civic.Delivery{ID: id, Kiosk: kiosk, From: "清溪粮油站",
		Lines: []civic.DeliveryLine{{Good: "rice", Pieces: 20, Batch: "甲", BestBefore: 3000}, {Good: "oil", Pieces: 5}}}}))
	d, err := w.Delivery(ctx, kiosk, id)
	w.must(err)
	return d
}

// arrives writes the entry that a kiosk receives a line with.
func (b *box) arrives(good string, pieces int64, a civic.Arrival) uint64 {
	return b.add(ledger.Stock{Good: good, Move: ledger.StockReceived, Delta: pieces, Operator: ledger.ID{9}, Note: a.Note()})
}

// sentTo lists the deliveries that a kiosk is told of, and how many it is to forget.
func (w *world) sentTo(kiosk string) (ids []string, gone int) {
	w.t.Helper()
	list, err := w.DocumentIDs(w.t.Context(), kiosk, KindDelivery)
	w.must(err)
	slices.Sort(list)
	docs, err := w.Documents(w.t.Context(), kiosk, KindDelivery, list)
	w.must(err)
	for _, d := range docs {
		if d.Gone != nil {
			gone++
		} else {
			ids = append(ids, d.Delivery.ID)
		}
	}
	return ids, gone
}

func TestADeliveryIsOnItsWayUntilTheKioskReceivesIt(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		b := w.kiosk("A-01")
		d := w.sends(ctx, "A-01", "AAAA2222")
		w.sends(ctx, "A-01", "AAAA2222") // the form was sent twice
		w.sends(ctx, "A-01", "BBBB2222")
		if ids, _ := w.sentTo("A-01"); !slices.Equal(ids, []string{"AAAA2222", "BBBB2222"}) || d.State != DeliverySent || d.MadeBy != "lin" {
			t.Fatalf("%v, %+v", ids, d)
		}
		other := Delivery{Delivery: civic.Delivery{ID: "AAAA2222", Kiosk: "A-01", Lines: []civic.DeliveryLine{{Good: "rice", Pieces: 21}}}}
		if err := w.SendDelivery(ctx, other); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another one under its id: %v", err)
		}
		other.ID, other.Lines[0].Pieces = "CCCC2222", 0
		if err := w.SendDelivery(ctx, other); !errors.Is(err, ErrInput) {
			t.Errorf("of nothing: %v", err)
		}
		other.Kiosk, other.Lines[0].Pieces = "B-02", 1
		if err := w.SendDelivery(ctx, other); !errors.Is(err, ErrUnknown) {
			t.Errorf("to nobody: %v", err)
		}

		first := b.arrives("rice", 18, civic.Arrival{Delivery: "AAAA2222", Line: 1, Of: 2, Sent: 20, Why: "broken"})
		b.up()
		if d, _ = w.Delivery(ctx, "A-01", "AAAA2222"); d.State != DeliverySent || d.Arrived[0].Pieces != 18 {
			t.Errorf("half of it came: %+v", d)
		}
		b.arrives("oil", 5, civic.Arrival{Delivery: "AAAA2222", Line: 2, Of: 2, Sent: 5})
		b.arrives("oil", 5, civic.Arrival{Delivery: "ZZZZ2222", Line: 1, Of: 1, Sent: 5}) // which this book has forgotten
		b.up()
		d, err := w.Delivery(ctx, "A-01", "AAAA2222")
		w.must(err)
		want := []Arrived{{first, 18, "broken", 0, ledger.ID{9}}, {first + 1, 5, "", 0, ledger.ID{9}}}
		if d.State != DeliveryDiffers || d.Epoch != 1 || !slices.Equal(d.Arrived, want) || d.Twice {
			t.Errorf("%+v", d)
		}
		if ids, gone := w.sentTo("A-01"); !slices.Equal(ids, []string{"BBBB2222"}) || gone != 1 {
			t.Errorf("%v on the way, %d gone", ids, gone)
		}
		stands, err := w.Stands(ctx, "A-01", "oil")
		w.must(err)
		if len(stands) != 1 || stands[0].OnHand() != 10 {
			t.Errorf("%+v", stands)
		}
		batches, err := w.Batches(ctx, 2900, 3100, 10)
		w.must(err)
		if len(batches) != 1 || batches[0].Pieces != 18 || batches[0].Batch != "甲" || batches[0].Best != 3000 {
			t.Errorf("%+v", batches)
		}
		if err := w.CancelDelivery(ctx, "A-01", "AAAA2222", "late"); !errors.Is(err, ErrState) {
			t.Errorf("called back after it was received: %v", err)
		}
		acts, err := w.Acts(ctx, "A-01", 0, 10)
		w.must(err)
		if len(acts) != 4 || acts[0].Kind != "delivery.sent" || acts[1].Kind != "delivery.sent" {
			t.Errorf("%d acts, the last is %s", len(acts), acts[0].Kind)
		}
		w.proof()
	})
}

func TestADeliveryIsCalledBack(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		b := w.kiosk("A-01")
		w.sends(ctx, "A-01", "AAAA2222")
		w.sends(ctx, "A-01", "BBBB2222")
		for _, id := range []string{"AAAA2222", "BBBB2222", "BBBB2222"} {
			w.must(w.CancelDelivery(ctx, "A-01", id, "wrong kiosk"))
		}
		if err := w.CancelDelivery(ctx, "A-01", "CCCC2222", ""); !errors.Is(err, ErrUnknown) {
			t.Errorf("one that is none: %v", err)
		}
		if ids, gone := w.sentTo("A-01"); len(ids) != 0 || gone != 2 {
			t.Errorf("%v on the way, %d gone", ids, gone)
		}
		// The kiosk was offline and had received one of them: that wins, and is told.
		b.arrives("rice", 20, civic.Arrival{Delivery: "AAAA2222", Line: 1, Of: 2, Sent: 20})
		b.arrives("oil", 5, civic.Arrival{Delivery: "AAAA2222", Line: 2, Of: 2, Sent: 5})
		b.up()
		d, err := w.Delivery(ctx, "A-01", "AAAA2222")
		w.must(err)
		if d.State != DeliveryReceived || !d.Late() || d.Cancelled.By != "lin" || d.Cancelled.Why != "wrong kiosk" {
			t.Errorf("%+v", d)
		}
		// A box that replaced it has the goods counted once more.
		other := w.kiosk("A-01")
		for _, line := range []civic.Arrival{{Delivery: "AAAA2222", Line: 1, Of: 2, Sent: 20}, {Delivery: "AAAA2222", Line: 2, Of: 2, Sent: 5}} {
			other.arrives([]string{"rice", "oil"}[line.Line-1], line.Sent, line)
		}
		other.up()
		if d, _ = w.Delivery(ctx, "A-01", "AAAA2222"); !d.Twice || d.Epoch != 1 {
			t.Errorf("%+v", d)
		}
	})
}

func TestDeliveriesAreListedTheLatestFirst(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		w.kiosk("A-01")
		w.kiosk("B-02")
		var all []string
		for i := range 10 {
			if i != 4 { // two in one moment
				w.time = w.time.Add(time.Minute)
			}
			id := fmt.Sprintf("AAAA222%c", "23456789AB"[i])
			w.sends(ctx, []string{"A-01", "B-02"}[i%2], id)
			all = append(all, id)
		}
		w.must(w.CancelDelivery(ctx, "A-01", all[2], ""))
		slices.Reverse(all)
		all[5], all[6] = all[6], all[5] // of one moment: B-02 comes before A-01
		read := func(q DeliveryQuery) (ids []string) {
			t.Helper()
			for q.Limit = 3; ; {
				list, err := w.Deliveries(ctx, q)
				w.must(err)
				for _, d := range list {
					ids = append(ids, d.ID)
					mark, err := ParseDeliveryMark(d.Mark().String())
					w.must(err)
					q.Before = mark
				}
				if len(list) < q.Limit {
					return ids
				}
			}
		}
		sent := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == "AAAA2224" })
		if got := read(DeliveryQuery{}); !slices.Equal(got, all) {
			t.Errorf("%v, want %v", got, all)
		}
		if got := read(DeliveryQuery{Kiosks: []string{"B-02", "A-01"}}); !slices.Equal(got, all) {
			t.Errorf("of an area: %v", got)
		}
		if got := read(DeliveryQuery{State: DeliverySent}); !slices.Equal(got, sent) {
			t.Errorf("on the way: %v", got)
		}
		if got := read(DeliveryQuery{State: DeliverySent, Kiosks: []string{"A-01"}}); len(got) != 4 {
			t.Errorf("on the way to one: %v", got)
		}
		if got := read(DeliveryQuery{Kiosks: []string{}}); got != nil {
			t.Errorf("to nobody: %v", got)
		}
		for _, bad := range []string{"", "x", "1.A-01", "-1.A-01.AAAA2222", "1.a.AAAA2222", "01.A-01.AAAA2222", "1.A-01.AAAA222O"} {
			if _, err := ParseDeliveryMark(bad); err == nil {
				t.Errorf("%q marks something", bad)
			}
		}
	})
}
