package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/ledger"
)

// wish is for one piece, at the price that all test kiosks have.
func wish(n byte) Wish { return Wish{ledger.Key{n}, zhang, "RICE", 1, 40} }

// reserves counts the redemptions in a kiosk's journal.
func (b *book) reserves(t *testing.T, key ledger.Key) (n int) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, raw := range b.entries {
		e, err := ledger.DecodeEntry(raw)
		if err != nil {
			t.Fatal(err)
		}
		if r, ok := e.Body.(ledger.Reserve); ok && r.Key == key {
			n++
		}
	}
	return n
}

// TestReserveElsewhere: points follow the wish, from where they are, and the same
// wish is served once.
func TestReserveElsewhere(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.enrol("A"), w.enrol("B")
		a.stock = 3
		synctest.Wait()
		w.office.earn(zhang, "B", 90)
		synctest.Wait()
		found, err := b.kiosk.Find(t.Context(), "RICE")
		if err != nil || found.Outcome != OutcomeOK || len(found.Places) != 1 || found.Places[0].Kiosk != "A" {
			t.Fatalf("%+v, %v", found, err)
		}
		began := time.Now()
		first, err := b.kiosk.Reserve(t.Context(), wish(1), "A")
		if err != nil || first.Outcome != OutcomeOK || first.Kept.Redemption == 0 || first.Kept.Claim != 37 {
			t.Fatalf("%+v, %v", first, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if !a.texts[zhang.String()] {
			t.Error("the other kiosk does not know her")
		}
		if again, err := b.kiosk.Reserve(t.Context(), wish(1), "A"); err != nil || again.Kept != first.Kept {
			t.Errorf("again: %+v, %v", again, err)
		}
		if _, err := b.kiosk.Reserve(t.Context(), wish(2), "A"); err != nil { // 10 are at B, 0 at A: 40 come from B
			t.Error(err)
		}
		for _, c := range []struct {
			change func()
			wish   Wish
			at     string
			want   Outcome
		}{
			{func() {}, wish(3), "A", OutcomePoints},
			{func() {}, Wish{ledger.Key{4}, zhang, "RICE", 1, 39}, "A", OutcomePrice},
			{func() { a.stock = 0 }, wish(5), "A", OutcomeGone},
			{func() {}, Wish{ledger.Key{6}, li, "RICE", 1, 40}, "A", OutcomeUnknown},
			{func() {}, wish(7), "B", OutcomeAway},
			{func() {}, wish(7), "Z", OutcomeAway},
			{func() { w.office.do(func() { w.office.fail = errors.New("no database") }) }, wish(8), "A", OutcomeFailed},
			{func() {
				w.office.do(func() { w.office.fail = nil })
				w.office.link.Quarantine("A", Quarantine{ReasonFork, "x"})
			}, wish(9), "A", OutcomeAway},
			{func() { w.office.link.Quarantine("B", Quarantine{ReasonFork, "x"}) }, wish(9), "A", OutcomeRefused},
		} {
			c.change()
			synctest.Wait()
			if got, err := b.kiosk.Reserve(t.Context(), c.wish, c.at); err != nil || got.Outcome != c.want || got.Kept.Redemption != 0 {
				t.Errorf("%+v at %s: %+v, %v, want %s", c.wish, c.at, got, err, c.want)
			}
		}
		w.office.link.Quarantine("A", Quarantine{})
		w.office.link.Quarantine("B", Quarantine{})
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
		if h := w.office.lots[zhang].At["A"].Held; h != 80 || a.reserves(t, ledger.Key{1}) != 1 {
			t.Errorf("%d points are held, %d redemptions", h, a.reserves(t, ledger.Key{1}))
		}
	})
}

// TestNothingIsBroughtForNothing: a kiosk that cannot serve keeps no points that were
// brought there for it.
func TestNothingIsBroughtForNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.enrol("A"), w.enrol("B")
		synctest.Wait()
		w.office.earn(zhang, "B", 90)
		synctest.Wait()
		if got, err := b.kiosk.Reserve(t.Context(), wish(1), "A"); err != nil || got.Outcome != OutcomeGone {
			t.Errorf("%+v, %v", got, err)
		}
		if a.account(zhang).Granted() != 0 || b.account(zhang).Spendable() != 90 {
			t.Errorf("A has %+v, B %+v", a.account(zhang), b.account(zhang))
		}
	})
}

// TestOrderNobodyAnswers: what a silent kiosk was asked may be served, and the caller
// hears so in time.
func TestOrderNobodyAnswers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fates = func(kiosk string) Fates {
			if kiosk == "B" {
				return nil
			}
			return func(up bool, n int, f Frame) Fate {
				if _, is := f.(Ordered); is {
					return Fate{Delay: 3 * time.Second}
				}
				return Fate{}
			}
		}
		a, b := w.enrol("A"), w.enrol("B")
		a.stock = 3
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		synctest.Wait()
		began := time.Now()
		got, err := b.kiosk.Reserve(t.Context(), wish(1), "A")
		if err != nil || got.Outcome != OutcomeUnsure || time.Since(began) > CallTime {
			t.Errorf("after %v: %+v, %v", time.Since(began), got, err)
		}
		w.cut("A", true) // the answer is lost with the connection
		if got, err := b.kiosk.Reserve(t.Context(), wish(1), "A"); err != nil || got.Outcome != OutcomeAway {
			t.Errorf("%+v, %v", got, err)
		}
		w.fates = nil
		w.cut("A", false)
		w.settle()
		if got, err := b.kiosk.Reserve(t.Context(), wish(1), "A"); err != nil || got.Outcome != OutcomeOK {
			t.Errorf("%+v, %v", got, err)
		}
		if n := a.reserves(t, ledger.Key{1}); n != 1 {
			t.Errorf("%d redemptions", n)
		}
	})
}

// TestOrdersBounded: a kiosk that does not answer holds up so many, and no more.
func TestOrdersBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.enrol("A"), w.enrol("B")
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		synctest.Wait()
		thinks := make(chan struct{})
		serve := a.kiosk.Serve
		a.kiosk.Serve = func(ctx context.Context, w Wish, until int64) Ordered { <-thinks; return serve(ctx, w, until) }
		var calls sync.WaitGroup
		var mu sync.Mutex
		seen := map[Outcome]int{}
		ask := func() {
			got, err := b.kiosk.Reserve(context.Background(), wish(1), "A")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			seen[got.Outcome]++
			mu.Unlock()
		}
		for range MaxOrders {
			calls.Go(ask)
		}
		calls.Wait()
		ask()
		close(thinks)
		synctest.Wait()
		if seen[OutcomeUnsure] != MaxOrders || seen[OutcomeFailed] != 1 {
			t.Errorf("%v", seen)
		}
		ask()
		if seen[OutcomeGone] != 1 {
			t.Errorf("afterwards: %v", seen)
		}
	})
}

// TestAKioskThatServesNobodyElse says so.
func TestAKioskThatServesNobodyElse(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.enrol("A"), w.enrol("B")
		a.kiosk.Serve = nil
		a.stock = 1
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		synctest.Wait()
		if got, err := b.kiosk.Reserve(t.Context(), wish(1), "A"); err != nil || got.Outcome != OutcomeRefused {
			t.Errorf("%+v, %v", got, err)
		}
		w.office.link.Shop = nil
		if got, err := b.kiosk.Find(t.Context(), "RICE"); err != nil || got.Outcome != OutcomeRefused {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestReserveCutAtEveryFrame breaks the connection of either kiosk at each of its
// frames, in each direction and in each way, while goods are reserved at A from B.
// Whoever asks until the answer is certain gets one redemption, and no point is lost
// or spent twice on the way.
func TestReserveCutAtEveryFrame(t *testing.T) {
	for _, of := range []string{"A", "B"} {
		for _, up := range []bool{true, false} {
			for cut := CutBefore; cut <= CutSilent; cut++ {
				for n := 0; ; n++ {
					met := false
					t.Run(fmt.Sprintf("of=%s/up=%v/cut=%d/frame=%d", of, up, cut, n), func(t *testing.T) {
						inWorld(t, func(t *testing.T, w *world) { met = reserveCutAt(t, w, of, up, n, cut) })
					})
					if !met {
						if n < 6 {
							t.Errorf("only %d frames in this direction", n)
						}
						break
					}
				}
			}
		}
	}
}

func reserveCutAt(t *testing.T, w *world, of string, up bool, at int, cut Cut) (met bool) {
	var mu sync.Mutex
	connections := 0
	w.fates = func(kiosk string) Fates {
		if kiosk != of {
			return nil
		}
		connections++
		first := connections == 1
		return func(u bool, n int, _ Frame) Fate {
			mu.Lock()
			defer mu.Unlock()
			if first && u == up && n == at {
				met = true
				return Fate{Cut: cut}
			}
			return Fate{}
		}
	}
	a, b := w.enrol("A"), w.enrol("B")
	a.stock = 3
	synctest.Wait()
	w.office.earn(zhang, "B", 50)
	synctest.Wait()
	certain := false
	for range 8 {
		got, err := b.kiosk.Reserve(t.Context(), wish(1), "A")
		if err := w.safe(); err != nil {
			t.Error(err)
		}
		if certain = err == nil && got.Outcome == OutcomeOK; certain {
			break
		}
		if err == nil && !slices.Contains([]Outcome{OutcomeAway, OutcomeUnsure, OutcomePoints, OutcomeFailed}, got.Outcome) {
			t.Errorf("%+v", got)
		}
		w.settle()
	}
	if n := a.reserves(t, ledger.Key{1}); n != 1 || !certain {
		t.Errorf("%d redemptions, certain: %v", n, certain)
	}
	w.settle()
	if err := w.converged(); err != nil {
		t.Error(err)
	}
	if h := w.office.lots[zhang].At["A"].Held; h != 40 || a.stock != 2 {
		t.Errorf("%d points are held, %d pieces left", h, a.stock)
	}
	return met
}
