package store

import (
	"context"
	"errors"
	"slices"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func onTheWay(id string, version uint64, lines ...civic.DeliveryLine) civic.Document {
	return civic.Document{Delivery: &civic.Delivery{ID: id, Kiosk: testKiosk, Version: version, Sent: today, From: "清溪粮油站", Lines: lines}}
}

func calledBack(id string, version uint64) civic.Document {
	return civic.Document{Gone: &civic.Gone{Kind: civic.GoneDelivery, ID: id, Version: version}}
}

var twoGoods = []civic.DeliveryLine{{Good: "G00", Pieces: 20, Batch: "甲", BestBefore: today + 300}, {Good: "G01", Pieces: 5}, {Good: "G00", Pieces: 4}}

func (w *world) wantOnTheWay(ids ...string) {
	w.t.Helper()
	list, err := w.Deliveries()
	w.must(err)
	var got []string
	for _, d := range list {
		got = append(got, d.ID)
	}
	if !slices.Equal(got, ids) {
		w.t.Fatalf("on the way: %v, want %v", got, ids)
	}
}

func (w *world) onHand(code string) int64 {
	w.t.Helper()
	g, err := w.Good(code)
	w.must(err)
	return g.Shelf.OnHand()
}

func TestADeliveryIsReceivedOnce(t *testing.T) {
	w := newLinked(t)
	w.linkedLife()
	rice, oil := w.onHand("G00"), w.onHand("G01")
	w.apply(testKiosk, 12, onTheWay("AAAA2222", 11, twoGoods...), onTheWay("BBBB2222", 12, twoGoods[1]))
	w.wantOnTheWay("AAAA2222", "BBBB2222", "CCCC2222")
	if w.onHand("G00") != rice {
		t.Error("what is on its way stands on the shelf")
	}
	key, found := newKey(), []Found{{20, ""}, {3, "broken"}, {0, "missing"}}
	for name, wrong := range map[string][]Found{"too few lines": found[:2], "a difference without a reason": {{20, ""}, {3, ""}, {4, ""}},
		"a reason without a difference": {{20, "broken"}, {5, ""}, {4, ""}}, "another reason": {{20, ""}, {3, "lost"}, {4, ""}}, "below none": {{-1, "broken"}, {5, ""}, {4, ""}},
		"too many": {{civic.MaxDelivered + 1, "more"}, {5, ""}, {4, ""}}} {
		if _, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", wrong, clerk()); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", found, technician()); !errors.Is(err, ErrNotStaff) {
		t.Errorf("by a technician: %v", err)
	}
	d, err := w.ReceiveDelivery(bg, key, "AAAA2222", found, clerk())
	w.must(err)
	head := w.Health().Head.Seq
	if !d.Whole() || !slices.Equal(d.Arrived, []uint64{head - 2, head - 1, head}) || w.onHand("G00") != rice+20 || w.onHand("G01") != oil+3 {
		t.Errorf("%+v, %d, %d", d, w.onHand("G00"), w.onHand("G01"))
	}
	moves, err := w.StockMoves(0, 3)
	w.must(err)
	if moves[0].Note != "delivery AAAA2222 3/3 4 missing" || moves[0].OnHand != rice+20 || moves[2].Note != "delivery AAAA2222 1/3 20" || moves[2].OnHand != rice+20 {
		t.Errorf("%+v", moves)
	}

	// The same tap again answers the same; another one is refused, whatever brings the
	// delivery once more.
	d, err = w.ReceiveDelivery(bg, key, "AAAA2222", found, clerk())
	if err != nil || !d.Whole() {
		t.Errorf("the same request: %v", err)
	}
	if _, err := w.ReceiveDelivery(bg, key, "AAAA2222", []Found{{20, ""}, {5, ""}, {4, ""}}, clerk()); err == nil {
		// The key's entry is line 1, which is the same; what was written first stands.
		if moves, _ := w.StockMoves(0, 1); moves[0].Seq != head {
			t.Error("the key of one receipt wrote another")
		}
	}
	if _, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", found, leader()); !errors.Is(err, ErrArrived) {
		t.Errorf("a second time: %v", err)
	}
	w.apply(testKiosk, 13, calledBack("AAAA2222", 12))
	w.apply(testKiosk, 14, onTheWay("AAAA2222", 11, twoGoods...))
	w.wantOnTheWay("BBBB2222", "CCCC2222")
	if _, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", found, clerk()); !errors.Is(err, ErrUnknown) {
		t.Errorf("what is gone: %v", err)
	}

	// What the center calls back is gone here, and nobody can type the note of an arrival.
	w.apply(testKiosk, 15, calledBack("BBBB2222", 13))
	w.wantOnTheWay("CCCC2222")
	if _, err := w.Receive(bg, newKey(), "G00", 5, clerk(), "delivery BBBB2222 1/1 5"); !errors.Is(err, ErrInput) {
		t.Errorf("a typed arrival: %v", err)
	}
	if w.Health().Head.Seq != head {
		t.Error("what was refused wrote something")
	}
}

// A power cut may leave the first entries of a delivery alone.
func TestADeliveryThatBrokeOffIsFinished(t *testing.T) {
	w := newLinked(t)
	w.linkedLife()
	w.apply(testKiosk, 11, onTheWay("AAAA2222", 11, twoGoods...))
	key, rice := newKey(), w.onHand("G00")
	w.must(w.submit(context.Background(), &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		return []ledger.Body{ledger.Stock{Key: key, Good: "G00", Move: ledger.StockReceived, Delta: 20, OnHand: rice + 20, Operator: clerk(), Note: "delivery AAAA2222 1/3 20"}}, nil
	}}))
	w.wantOnTheWay("AAAA2222", "CCCC2222")
	found := []Found{{20, ""}, {5, ""}, {4, ""}}
	d, err := w.ReceiveDelivery(bg, key, "AAAA2222", found, clerk())
	w.must(err)
	if !d.Whole() || w.onHand("G00") != rice+24 {
		t.Errorf("%+v, %d", d, w.onHand("G00")-rice)
	}
	w.wantOnTheWay("CCCC2222")
}

// The book that is built anew from the journal knows what was received, even before
// the center has sent its documents again.
func TestArrivalsOutliveTheBook(t *testing.T) {
	w := newLinked(t)
	w.linkedLife()
	w.apply(testKiosk, 12, onTheWay("AAAA2222", 11, twoGoods...), onTheWay("BBBB2222", 12, twoGoods[1]))
	found := []Found{{20, ""}, {5, ""}, {6, "more"}}
	_, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", found, clerk())
	w.must(err)
	w.close()
	w.lose(bookFile)
	w.lose(snapshotDir)
	w.mend()
	w.open()
	w.linkedLife()
	w.apply(testKiosk, 12, onTheWay("AAAA2222", 11, twoGoods...), onTheWay("BBBB2222", 12, twoGoods[1]))
	w.wantOnTheWay("BBBB2222", "CCCC2222")
	if _, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", found, clerk()); !errors.Is(err, ErrArrived) {
		t.Errorf("a second time: %v", err)
	}
	w.close()
	r, err := Verify(bg, w.cfg)
	if err != nil || !r.OK {
		t.Errorf("%+v, %v", r, err)
	}
	w.open()
}

// A stick brings what is on its way, and takes back what is not.
func TestDeliveriesByStick(t *testing.T) {
	w := enrolledWorld(t)
	b := weekly(5, 1)
	b.docs = append(b.docs, onTheWay("AAAA2222", 3, twoGoods...), onTheWay("BBBB2222", 4, twoGoods[1]))
	w.mustCourier(b)
	w.wantOnTheWay("AAAA2222", "BBBB2222")
	next := weekly(6, 1)
	next.docs = append(next.docs, calledBack("BBBB2222", 5))
	w.mustCourier(next)
	w.wantOnTheWay("AAAA2222")
	_, err := w.ReceiveDelivery(bg, newKey(), "AAAA2222", []Found{{20, ""}, {5, ""}, {4, ""}}, clerk())
	w.must(err)
	w.wantOnTheWay()
}
