package store

import (
	"errors"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestStockMovesAddUp(t *testing.T) {
	w := newWorld(t, standard(3))
	held := w.reserve(want(1, 2))
	key := newKey()
	g, err := w.Receive(bg, key, "G02", 20, clerk(), "delivery")
	if err != nil || g.Shelf.OnHand() != 1020 || g.Shelf.Available() != 1019 {
		t.Fatalf("%+v, %v", g.Shelf, err)
	}
	if g, err = w.Receive(bg, key, "G02", 20, clerk(), "delivery"); err != nil || g.Shelf.OnHand() != 1020 {
		t.Fatalf("received twice: %+v, %v", g.Shelf, err)
	}
	if _, err = w.Receive(bg, key, "G02", 21, clerk(), "delivery"); !errors.Is(err, ErrKeyReused) {
		t.Fatalf("same key, other number: %v", err)
	}
	if g, err = w.Waste(bg, newKey(), "G02", 5, clerk(), "mice"); err != nil || g.Shelf.OnHand() != 1015 {
		t.Fatalf("%+v, %v", g.Shelf, err)
	}
	countKey := newKey()
	for range 2 {
		if g, err = w.Count(bg, countKey, "G02", 1000, clerk(), ""); err != nil || g.Shelf.OnHand() != 1000 || g.Shelf.Available() != 999 {
			t.Fatalf("%+v, %v", g.Shelf, err)
		}
	}
	w.settle(held.Seq)
	for name, refused := range map[string]struct {
		err  error
		want error
	}{
		"none":        {second(w.Receive(bg, newKey(), "G02", 0, clerk(), "")), ErrInput},
		"negative":    {second(w.Waste(bg, newKey(), "G02", -5, clerk(), "")), ErrInput},
		"below empty": {second(w.Waste(bg, newKey(), "G02", 2000, clerk(), "")), ledger.ErrStock},
		"too many":    {second(w.Receive(bg, newKey(), "G02", 1<<62, clerk(), "")), ErrInput},
		"found -1":    {second(w.Count(bg, newKey(), "G02", -1, clerk(), "")), ErrInput},
		"unknown":     {second(w.Receive(bg, newKey(), "G99", 1, clerk(), "")), ErrUnknown},
		"technician":  {second(w.Receive(bg, newKey(), "G02", 1, technician(), "")), ErrNotStaff},
		"long note":   {second(w.Receive(bg, newKey(), "G02", 1, clerk(), string(make([]byte, 1000)))), ErrInput},
	} {
		if !errors.Is(refused.err, refused.want) {
			t.Errorf("%s: %v, want %v", name, refused.err, refused.want)
		}
	}
	moves, err := w.StockMoves(0, 10)
	if err != nil || len(moves) != 3 || moves[0].Move != ledger.StockCounted || moves[0].Delta != -15 || moves[2].Name != "大米2" {
		t.Fatalf("%+v, %v", moves, err)
	}
	if older, err := w.StockMoves(moves[1].Seq, 10); err != nil || len(older) != 1 || older[0].Seq != moves[2].Seq {
		t.Fatalf("%+v, %v", older, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestGoodsAreListedWithTheirShelves(t *testing.T) {
	spec := standard(2)
	spec.change = func(d *civic.Document) {
		if d.Good != nil && d.Good.Code == "G01" {
			d.Good.Withdrawn = true
		}
	}
	w := newWorld(t, spec)
	w.reserve(want(1, 2))
	goods, err := w.Goods()
	if err != nil || len(goods) != 4 || goods[0].Code != "G00" || goods[1].Code != "G02" || goods[1].Shelf.Available() != 999 {
		t.Fatalf("%+v, %v", goods, err)
	}
	if g, err := w.Good("G01"); err != nil || !g.Withdrawn {
		t.Fatalf("%+v, %v", g, err)
	}
	if p, err := w.Picture("rice"); err != nil || string(p.Data) != "png" {
		t.Fatal(err)
	}
	if _, err := w.Picture("none"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}

// TestClosesOfDayAddUp closes days over a series of all kinds: every entry
// belongs to one close, and the closes add up to what the redemptions say.
func TestClosesOfDayAddUp(t *testing.T) {
	w := newWorld(t, standard(30))
	var sum ledger.Totals
	next := uint64(1)
	closeDay := func() {
		today, err := w.Today()
		if err != nil {
			t.Fatal(err)
		}
		key := newKey()
		totals, seq, err := w.CloseDay(bg, key, clerk())
		if err != nil || totals != today || totals.FromSeq != next {
			t.Fatalf("%+v, open %+v, from %d, %v", totals, today, next, err)
		}
		if again, same, err := w.CloseDay(bg, key, clerk()); err != nil || again != totals || same != seq {
			t.Fatalf("closed twice: %+v, %v", again, err)
		}
		if _, e, err := w.Entry(seq); err != nil || e.Body.(ledger.Staff).Totals != totals {
			t.Fatalf("entry %d: %v", seq, err)
		}
		next = seq + 1
		sum.Reserved += totals.Reserved
		sum.Settled += totals.Settled
		sum.Cancelled += totals.Cancelled
		sum.Refunded += totals.Refunded
		sum.Spent += totals.Spent
		sum.Back += totals.Back
	}
	for n := range 24 {
		if n%7 != 3 { // everyKind closes the day itself there
			w.everyKind(n)
		}
		if n%5 == 4 {
			closeDay()
		}
	}
	closeDay()
	closeDay() // nothing happened in between
	var want ledger.Totals
	list, err := w.Recent(0, 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		want.Reserved++
		switch r.State {
		case ledger.Cancelled:
			want.Cancelled++
		case ledger.Refunded:
			want.Refunded++
			want.Back += r.Cost()
		}
		if r.SettledMS != 0 {
			want.Settled++
			want.Spent += r.Cost()
		}
	}
	if sum != want || sum.Reserved == 0 || sum.Back == 0 {
		t.Fatalf("closes %+v, redemptions %+v", sum, want)
	}
	if _, _, err := w.CloseDay(bg, newKey(), volunteerID(1)); !errors.Is(err, ErrNotStaff) {
		t.Fatal(err)
	}
}

func TestPINTriesAndVerifiers(t *testing.T) {
	spec := standard(3)
	const fromDocument = "$argon2id$v=19$m=12288,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	spec.change = func(d *civic.Document) {
		if d.Volunteer != nil {
			d.Volunteer.PIN = fromDocument
		}
	}
	w := newWorld(t, spec)
	for n := range int64(civic.MaxPINTries) {
		verifier, tries, err := w.TryPIN(bg, volunteerID(1))
		if err != nil || tries != n+1 || verifier != fromDocument {
			t.Fatalf("%q %d %v", verifier, tries, err)
		}
		if n == 2 {
			w.reopen()
		}
	}
	head := w.Health().Head
	if _, _, err := w.TryPIN(bg, volunteerID(1)); !errors.Is(err, ErrLocked) {
		t.Fatal(err)
	}
	if w.Health().Head != head {
		t.Fatal("a locked PIN still writes entries")
	}
	if err := w.ClearPIN(bg, volunteerID(1), clerk()); err != nil {
		t.Fatal(err)
	}
	if err := w.SetPIN(bg, volunteerID(1), "mine", clerk()); err != nil {
		t.Fatal(err)
	}
	spec.serial = 2
	w.load(spec) // a newer document doesn't undo a PIN set here
	if verifier, tries, err := w.PINState(volunteerID(1)); err != nil || verifier != "mine" || tries != 0 {
		t.Fatalf("%q %d %v", verifier, tries, err)
	}
	if _, tries, err := w.TryPIN(bg, clerk()); err != nil || tries != 1 {
		t.Fatalf("staff: %d %v", tries, err)
	}
	for _, err := range []error{second2(w.TryPIN(bg, ledger.ID{9})), w.ClearPIN(bg, ledger.ID{9}, clerk()), w.SetPIN(bg, ledger.ID{9}, "x", clerk())} {
		if !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	}
	if err := w.SetPIN(bg, volunteerID(1), "", clerk()); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}

func second2[A, B any](_ A, _ B, err error) error { return err }

func TestSignInAndOut(t *testing.T) {
	w := newWorld(t, standard(1))
	if err := errors.Join(w.SignIn(bg, clerk()), w.SignOut(bg, technician())); err != nil {
		t.Fatal(err)
	}
	if err := w.SignIn(bg, volunteerID(0)); !errors.Is(err, ErrNotStaff) {
		t.Fatal(err)
	}
	if _, e, err := w.Entry(w.Health().Head.Seq); err != nil || e.Body.(ledger.Staff).Act != ledger.StaffSignOut {
		t.Fatalf("%+v, %v", e, err)
	}
}

func TestExpiredPointsAreReturned(t *testing.T) {
	w := newWorld(t, standard(8))
	r := want(1, 0)
	r.Quantity = 2
	held := w.reserve(r) // 20 points of the early lot stay held
	if n, err := w.ReturnExpired(bg, early, 100); n != 0 || err != nil {
		t.Fatalf("on the last day %d, %v", n, err)
	}
	if n, err := w.ReturnExpired(bg, early+1, 3); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := w.ReturnExpired(bg, early+1, 100); n != 5 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := w.ReturnExpired(bg, early+1, 100); n != 0 || err != nil {
		t.Fatalf("again %d, %v", n, err)
	}
	if got := w.spendable(1); got != 700 {
		t.Fatalf("%d left", got)
	}
	lines, _, err := w.Lines(volunteerID(1), 0, 1)
	if err != nil || lines[0].Kind != LineReturned || lines[0].Points != -280 || !lines[0].Expired {
		t.Fatalf("%+v, %v", lines, err)
	}
	if _, err := w.Cancel(bg, newKey(), held.Seq, ledger.ID{}, ""); err != nil {
		t.Fatal(err)
	}
	if n, err := w.ReturnExpired(bg, early+1, 100); n != 1 || err != nil {
		t.Fatalf("what came back: %d, %v", n, err)
	}
}

func TestListsAreCutIntoPages(t *testing.T) {
	w := newWorld(t, standard(4))
	var mine []uint64
	for n := range 12 {
		r := w.reserve(want(n%2, 0))
		if n%2 == 1 {
			mine = append(mine, r.Seq)
		}
		w.clock.pass(time.Minute)
	}
	var got []uint64
	for before := uint64(0); ; {
		page, err := w.RedemptionsOf(volunteerID(1), before, 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			got = append(got, r.Seq)
			before = r.Seq
		}
	}
	if len(got) != 6 || got[0] != mine[5] || got[5] != mine[0] {
		t.Fatalf("%v, want %v", got, mine)
	}
	page, total, err := w.Waiting(mine[2], 2)
	if err != nil || total != 12 || len(page) != 2 || page[0].Seq != mine[2]-1 {
		t.Fatalf("%d of %d, %v", len(page), total, err)
	}
	if lines, total, err := w.Lines(volunteerID(1), 7, 10); err != nil || total != 8 || len(lines) != 1 || lines[0].Kind != LineEarned {
		t.Fatalf("%d of %d lines, %v", len(lines), total, err)
	}
	if lines, _, err := w.Lines(volunteerID(1), 70, 10); err != nil || len(lines) != 0 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if list, err := w.RedemptionsOf(volunteerID(3), 0, 4); err != nil || len(list) != 0 {
		t.Fatalf("%d, %v", len(list), err)
	}
}

func TestUnknownThings(t *testing.T) {
	w := newWorld(t, standard(1))
	for name, err := range map[string]error{
		"volunteer":                      second(w.Volunteer(ledger.ID{1})),
		"staff":                          second(w.Staff(volunteerID(0))),
		"account":                        second(w.Account(ledger.ID{1})),
		"redemption":                     second(w.Redemption(77)),
		"an entry that is no redemption": second(w.Redemption(1)),
		"entry":                          second2(w.Entry(1 << 40)),
		"receipt":                        second(w.ReceiptText(1 << 40)),
		"card":                           second(w.ByCard(civic.CardID{1})),
		"claim":                          second(w.ByClaim(3)),
		"cancel":                         second(w.Cancel(bg, newKey(), 99, ledger.ID{}, "")),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWatchersHearOfChanges(t *testing.T) {
	w := newWorld(t, standard(1))
	heard := make(chan bool, 10)
	stop := w.Watch(func() { heard <- true })
	w.reserve(want(0, 0))
	<-heard
	stop()
	w.reserve(want(0, 0))
	if w.Health().Head.Seq == 0 || len(heard) != 0 {
		t.Fatal("heard after the stop")
	}
}
