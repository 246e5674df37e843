package store

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

func TestRedemptionFromCardToReceipt(t *testing.T) {
	w := newWorld(t, standard(20))
	p, err := w.ByCard(cardOf("volunteer", 3).ID())
	if err != nil || p.Staff || p.ID != volunteerID(3) {
		t.Fatalf("card: %+v, %v", p, err)
	}
	if got := w.spendable(3); got != 1000 {
		t.Fatalf("balance %d before", got)
	}
	r := want(3, 4)
	r.Quantity = 7 // 350 points: all of the early lot and 50 of the late one
	got := w.reserve(r)
	if got.State != ledger.Reserved || got.Cost() != 350 || got.Balance != 650 || got.Job.State != spool.Queued || got.Redemption.Good != "G04" {
		t.Fatalf("reserved: %+v", got)
	}
	if parts := []ledger.Part{{Expires: early, Points: 300}, {Expires: late, Points: 50}}; len(got.Parts) != 2 || got.Parts[0] != parts[0] || got.Parts[1] != parts[1] {
		t.Fatalf("parts %v", got.Parts)
	}
	waiting, total, err := w.Waiting(0, 10)
	if err != nil || total != 1 || waiting[0].Seq != got.Seq {
		t.Fatalf("waiting %d %v", total, err)
	}
	byClaim, err := w.ByClaim(got.Claim)
	if err != nil || byClaim.Seq != got.Seq {
		t.Fatalf("by claim: %v", err)
	}
	text, err := w.ReceiptText(got.Seq)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := ledger.VerifyReceipt(text, w.PublicKey()); err != nil || e.Seq != got.Seq {
		t.Fatalf("receipt: %v", err)
	}
	settled := w.settle(got.Seq)
	if settled.State != ledger.Settled || settled.SettledBy != clerk() || settled.SettledMS == 0 {
		t.Fatalf("settled: %+v", settled)
	}
	if _, err := w.ByClaim(got.Claim); !errors.Is(err, ErrUnknown) {
		t.Fatalf("claim after the hand-over: %v", err)
	}
	g, err := w.Good("G04")
	if err != nil || g.Shelf.OnHand() != 993 || g.Shelf.Held != 0 {
		t.Fatalf("shelf %+v, %v", g.Shelf, err)
	}
	w.reopen()
	if got := w.spendable(3); got != 650 {
		t.Fatalf("balance %d after", got)
	}
	if w.Health().Head.Seq < settled.Seq {
		t.Fatal("head went back")
	}
}

func TestCancelAndRefundGiveEverythingBack(t *testing.T) {
	w := newWorld(t, standard(5))
	a, b := w.reserve(want(1, 2)), w.reserve(want(1, 2))
	cancelled, err := w.Cancel(bg, newKey(), a.Seq, ledger.ID{}, "changed my mind")
	if err != nil || cancelled.State != ledger.Cancelled || cancelled.Reason != "changed my mind" || !cancelled.EndedBy.IsZero() {
		t.Fatalf("%+v, %v", cancelled, err)
	}
	w.settle(b.Seq)
	if _, err := w.Cancel(bg, newKey(), b.Seq, clerk(), ""); !errors.Is(err, ledger.ErrState) {
		t.Fatalf("cancelling what was handed over: %v", err)
	}
	refunded, err := w.Refund(bg, newKey(), b.Seq, clerk(), true, "broken bag")
	if err != nil || refunded.State != ledger.Refunded || refunded.EndedBy != clerk() {
		t.Fatalf("%+v, %v", refunded, err)
	}
	if _, err := w.Refund(bg, newKey(), b.Seq, clerk(), true, ""); !errors.Is(err, ledger.ErrState) {
		t.Fatalf("refunding twice: %v", err)
	}
	g, _ := w.Good("G02")
	if w.spendable(1) != 1000 || g.Shelf.Available() != 1000 {
		t.Fatalf("%d points, %+v", w.spendable(1), g.Shelf)
	}
	lines, total, err := w.Lines(volunteerID(1), 0, 10)
	if err != nil || total != 6 {
		t.Fatalf("%d lines, %v", total, err)
	}
	var sum ledger.Points
	for _, l := range lines {
		sum += l.Points
	}
	if sum != 1000 || lines[0].Kind != LineRefunded || lines[0].Redemption.Reason != "broken bag" || lines[5].Kind != LineEarned {
		t.Fatalf("lines add up to %d: %+v", sum, lines)
	}
}

func TestRefusalsLeaveNoTrace(t *testing.T) {
	spec := standard(5)
	spec.change = func(d *civic.Document) {
		if d.Good != nil && d.Good.Code == "G03" {
			d.Good.Withdrawn = true
		}
		if d.Good != nil && d.Good.Code == "G02" {
			d.Good.Limit, d.Good.Delivered = 0, 1 // the policy's limit: 2
		}
	}
	w := newWorld(t, spec)
	before, head := w.dump(), w.Health().Head
	change := func(f func(*Reserve)) Reserve {
		r := want(1, 0)
		f(&r)
		return r
	}
	for name, c := range map[string]struct {
		r    Reserve
		want error
	}{
		"nobody":         {change(func(r *Reserve) { r.Volunteer = ledger.ID{1} }), ErrUnknown},
		"no such good":   {change(func(r *Reserve) { r.Good = "NONE" }), ErrUnknown},
		"not a code":     {change(func(r *Reserve) { r.Good = "大米" }), ErrUnknown},
		"withdrawn":      {want(1, 3), ErrNotOffered},
		"other price":    {change(func(r *Reserve) { r.Price++ }), ErrPriceChanged},
		"too many":       {change(func(r *Reserve) { r.Quantity = 51 }), ErrLimit},
		"none":           {change(func(r *Reserve) { r.Quantity = 0 }), ErrInput},
		"negative":       {change(func(r *Reserve) { r.Quantity = -1 }), ErrInput},
		"beyond a good":  {change(func(r *Reserve) { r.Quantity = 1 << 40 }), ErrInput},
		"too expensive":  {change(func(r *Reserve) { r.Good, r.Price, r.Quantity = "G04", 50, 21 }), ledger.ErrNotEnough},
		"not on shelf":   {change(func(r *Reserve) { r.Good, r.Price, r.Quantity = "G02", 30, 2 }), ledger.ErrStock},
		"policy's limit": {change(func(r *Reserve) { r.Good, r.Price, r.Quantity = "G02", 30, 3 }), ErrLimit},
		"without a key":  {change(func(r *Reserve) { r.Key = ledger.Key{} }), ErrInput},
	} {
		if _, err := w.Reserve(bg, c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	sameDump(t, w.dump(), before)
	if got := w.Health().Head; got != head {
		t.Errorf("the journal went on to %d", got.Seq)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	w := newWorld(t, standard(5))
	spec := want(1, 4)
	spec.Quantity = 20
	spec.Price = 50
	big := w.reserve(spec)
	for _, who := range []ledger.ID{technician(), volunteerID(2), {}} {
		if _, err := w.Settle(bg, newKey(), big.Seq, who); !errors.Is(err, ErrNotStaff) {
			t.Errorf("settle by %v: %v", who, err)
		}
	}
	w.settle(big.Seq)
	if _, err := w.Refund(bg, newKey(), big.Seq, technician(), true, ""); !errors.Is(err, ErrNotStaff) {
		t.Errorf("refund by the technician: %v", err)
	}
	w.clock.pass(24*time.Hour + time.Minute)
	if _, err := w.Refund(bg, newKey(), big.Seq, leader(), true, ""); !errors.Is(err, ErrTooLate) {
		t.Errorf("refund a day later: %v", err)
	}
	w.clock.pass(-2 * time.Minute)
	if _, err := w.Refund(bg, newKey(), big.Seq, clerk(), true, ""); err != nil {
		t.Errorf("a clerk refunds 1000 points: %v", err)
	}
}

func TestLeaderRefundsAboveTheClerksLimit(t *testing.T) {
	spec := standard(2)
	spec.policy.ClerkRefund = 20
	w := newWorld(t, spec)
	r := w.reserve(want(1, 2))
	w.settle(r.Seq)
	if _, err := w.Refund(bg, newKey(), r.Seq, clerk(), false, ""); !errors.Is(err, ErrNeedsLeader) {
		t.Fatalf("by the clerk: %v", err)
	}
	if _, err := w.Refund(bg, newKey(), r.Seq, leader(), false, ""); err != nil {
		t.Fatal(err)
	}
	if g, _ := w.Good("G02"); g.Shelf.OnHand() != 999 {
		t.Fatalf("not restocked, yet %d on hand", g.Shelf.OnHand())
	}
}

func TestMonthlyLimitForgetsCancelledAndLastMonth(t *testing.T) {
	spec := standard(3)
	spec.policy.MonthlyLimit = 2
	spec.change = func(d *civic.Document) {
		if d.Good != nil {
			d.Good.Limit = 0
		}
	}
	w := newWorld(t, spec)
	first := w.reserve(want(1, 0))
	w.reserve(want(1, 0))
	if _, err := w.Reserve(bg, want(1, 0)); !errors.Is(err, ErrLimit) {
		t.Fatalf("the third: %v", err)
	}
	w.reserve(want(1, 1)) // another good
	w.reserve(want(2, 0)) // another person
	if _, err := w.Cancel(bg, newKey(), first.Seq, ledger.ID{}, ""); err != nil {
		t.Fatal(err)
	}
	w.reserve(want(1, 0))
	if n, err := w.BoughtThisMonth(volunteerID(1), "G00"); n != 2 || err != nil {
		t.Fatalf("%d bought, %v", n, err)
	}
	w.clock.pass(12 * 24 * time.Hour) // 1 June
	if n, _ := w.BoughtThisMonth(volunteerID(1), "G00"); n != 0 {
		t.Fatalf("%d bought in a new month", n)
	}
	w.reserve(want(1, 0))
}

func TestSelfServiceSettlesAtOnce(t *testing.T) {
	spec := standard(2)
	spec.policy.SelfService = true
	w := newWorld(t, spec)
	r := want(1, 0)
	got := w.reserve(r)
	if got.State != ledger.Settled || !got.Shelf || !got.SettledBy.IsZero() {
		t.Fatalf("%+v", got)
	}
	again := w.reserve(r)
	if again.Seq != got.Seq || w.spendable(1) != 990 {
		t.Fatalf("twice: %d and %d", again.Seq, got.Seq)
	}
	away := want(1, 0)
	away.Away = true
	if got, err := w.Reserve(bg, away); !errors.Is(err, ErrNotOffered) {
		t.Errorf("kept for somebody on an open shelf: %+v, %v", got, err)
	}
	r.Away = true // a key that was served is served, whatever the policy says by now
	if again, err := w.Reserve(bg, r); err != nil || again.Seq != got.Seq {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestKeysAnswerOnce(t *testing.T) {
	w := newWorld(t, standard(5))
	r := want(1, 0)
	first := w.reserve(r)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if again, err := w.Reserve(bg, r); err != nil || again.Seq != first.Seq {
				t.Errorf("again: %d, %v", again.Seq, err)
			}
		})
	}
	wg.Wait()
	concurrent := want(2, 1)
	seqs := make(chan uint64, 8)
	for range 8 {
		wg.Go(func() {
			got, err := w.Reserve(bg, concurrent)
			if err != nil {
				t.Error(err)
			}
			seqs <- got.Seq
		})
	}
	wg.Wait()
	one := <-seqs
	for range 7 {
		if other := <-seqs; other != one {
			t.Fatalf("one key made %d and %d", one, other)
		}
	}
	w.reopen()
	if again := w.reserve(r); again.Seq != first.Seq {
		t.Fatalf("after a restart: %d", again.Seq)
	}
	if got := w.spendable(1); got != 990 {
		t.Fatalf("%d points left", got)
	}
	for name, other := range map[string]Reserve{
		"person": {r.Key, volunteerID(2), r.Good, 1, r.Price, false, 0}, "good": {r.Key, r.Volunteer, "G01", 1, 20, false, 0}, "pieces": {r.Key, r.Volunteer, r.Good, 2, r.Price, false, 0}} {
		if _, err := w.Reserve(bg, other); !errors.Is(err, ErrKeyReused) {
			t.Errorf("same key, other %s: %v", name, err)
		}
	}
	if _, err := w.Settle(bg, r.Key, first.Seq, clerk()); !errors.Is(err, ErrKeyReused) {
		t.Errorf("same key, other kind: %v", err)
	}
	key := newKey()
	if _, err := w.Cancel(bg, key, first.Seq, clerk(), "a"); err != nil {
		t.Fatal(err)
	}
	if again, err := w.Cancel(bg, key, first.Seq, clerk(), "a"); err != nil || again.State != ledger.Cancelled {
		t.Errorf("cancel again: %v", err)
	}
	if _, err := w.Cancel(bg, key, first.Seq, clerk(), "b"); !errors.Is(err, ErrKeyReused) {
		t.Errorf("cancel for another reason: %v", err)
	}
}

// TestOldKeysAreForgotten folds so many entries that the first keys are given up,
// by number alone.
func TestOldKeysAreForgotten(t *testing.T) {
	w := newWorld(t, standard(3))
	first := want(1, 0)
	seq := w.reserve(first).Seq
	second := want(1, 0)
	w.reserve(second)
	w.dump()
	w.close()
	b, err := openBook(filepath.Join(w.cfg.Dir, bookFile), w.book.seal, true)
	if err != nil {
		t.Fatal(err)
	}
	defer b.db.Close()
	err = b.update(w.random, func(x *tx) {
		for x.state.Head.Seq < seq+keepKeys {
			raws, err := encode(x.state.Head, []ledger.Body{ledger.Staff{Operator: clerk(), Act: ledger.StaffSignIn}}, w.clock.Now())
			if err == nil {
				err = x.apply(raws[0])
			}
			if err != nil {
				x.fail(err)
				return
			}
		}
		if x.get(bKey, first.Key[:]) != nil {
			t.Error("the first key is still known")
		}
		if x.get(bKey, second.Key[:]) == nil {
			t.Error("the second key was forgotten too early")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHalvedSelfServiceIsFinished cuts the hand-over from the end of the journal,
// as a power cut may: the request, sent again, completes it.
func TestHalvedSelfServiceIsFinished(t *testing.T) {
	spec := standard(2)
	spec.policy.SelfService = true
	w := newWorld(t, spec)
	r := want(1, 0)
	body := ledger.Reserve{Key: r.Key, Volunteer: r.Volunteer, Good: r.Good, Quantity: 1, Shelf: true, Balance: 990,
		Parts: []ledger.Part{{Expires: early, Points: 10}}}
	if err := w.submit(bg, &op{plan: func(*tx, Instant) ([]ledger.Body, error) { return []ledger.Body{body}, nil }}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := w.reserve(r); got.State != ledger.Settled || w.spendable(1) != 990 {
			t.Fatalf("%+v", got)
		}
	}
}
