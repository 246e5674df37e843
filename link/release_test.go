package link

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/ledger"
)

// TestOrderByPhone: somebody who stands before no kiosk gets goods put aside, with the
// points that are elsewhere, and gives them back.
func TestOrderByPhone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		w.enrol("B")
		a.stock = 1
		synctest.Wait()
		w.office.earn(zhang, "B", 50)
		synctest.Wait()
		c := w.office.link
		first, err := c.Order(t.Context(), "A", wish(1))
		if err != nil || first.Outcome != OutcomeOK || first.Kept.Claim != 37 || first.Kept.Until != 1767484800 {
			t.Fatalf("%+v, %v", first, err)
		}
		if again, err := c.Order(t.Context(), "A", wish(1)); err != nil || again.Kept != first.Kept {
			t.Errorf("again: %+v, %v", again, err)
		}
		for key, want := range map[byte]Outcome{2: OutcomeUnknown, 1: OutcomeOK} {
			for range 2 { // the second time it is so already
				if got, err := c.Release(t.Context(), "A", Release{Key: ledger.Key{key}, Volunteer: zhang, Reason: ReleasePhone}); err != nil || got != want {
					t.Errorf("releasing %d: %s, %v", key, got, err)
				}
			}
		}
		if got, err := c.Order(t.Context(), "A", wish(1)); err != nil || got.Outcome != OutcomeRefused {
			t.Errorf("what was given back was ordered again: %+v, %v", got, err)
		}
		if a.stock != 1 || a.account(zhang).Spendable() != 40 {
			t.Errorf("%d pieces, %+v", a.stock, a.account(zhang))
		}
		w.cut("A", true)
		if got, err := c.Order(t.Context(), "A", wish(3)); err != nil || got.Outcome != OutcomeAway {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Release(t.Context(), "A", Release{Key: ledger.Key{1}, Volunteer: zhang, Reason: ReleasePhone}); err != nil || got != OutcomeAway {
			t.Errorf("%s, %v", got, err)
		}
		w.cut("A", false)
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
		a.kiosk.Release = nil
		if got, err := c.Release(t.Context(), "A", Release{Key: ledger.Key{1}, Volunteer: zhang, Reason: ReleasePhone}); err != nil || got != OutcomeRefused {
			t.Errorf("%s, %v", got, err)
		}
		c.Shop = nil
		if got, err := c.Order(t.Context(), "A", wish(4)); err != nil || got.Outcome != OutcomeRefused {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestReleaseNobodyAnswers: whoever waits hears so in time, and no more than so many
// wait.
func TestReleaseNobodyAnswers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		thinks := make(chan struct{})
		a.kiosk.Release = func(context.Context, Release) Outcome { <-thinks; return OutcomeOK }
		r := Release{Key: ledger.Key{1}, Volunteer: zhang, Reason: ReleaseLapsed}
		var calls sync.WaitGroup
		for range MaxOrders {
			calls.Go(func() {
				began := time.Now()
				if got, err := w.office.link.Release(context.Background(), "A", r); err == nil || got != OutcomeUnsure || time.Since(began) > OrderTime {
					t.Errorf("%s, %v", got, err)
				}
			})
		}
		calls.Wait()
		if got, err := w.office.link.Release(t.Context(), "A", r); err == nil || got != OutcomeFailed {
			t.Errorf("%s, %v", got, err)
		}
		close(thinks)
		synctest.Wait()
		if got, err := w.office.link.Release(t.Context(), "A", r); err != nil || got != OutcomeOK {
			t.Errorf("%s, %v", got, err)
		}
	})
}

// TestOrderByPhoneCutAtEveryFrame breaks the kiosk's connection at each of its frames,
// in each direction and in each way, while goods are ordered there and given back.
// Whoever asks until the answer is certain gets one redemption, which is given back
// once, and no point is lost or spent twice on the way.
func TestOrderByPhoneCutAtEveryFrame(t *testing.T) {
	for _, up := range []bool{true, false} {
		for cut := CutBefore; cut <= CutSilent; cut++ {
			for n := 0; ; n++ {
				met := false
				t.Run(fmt.Sprintf("up=%v/cut=%d/frame=%d", up, cut, n), func(t *testing.T) {
					inWorld(t, func(t *testing.T, w *world) { met = phoneCutAt(t, w, up, n, cut) })
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

func phoneCutAt(t *testing.T, w *world, up bool, at int, cut Cut) (met bool) {
	var mu sync.Mutex
	connections := 0
	w.fates = func(kiosk string) Fates {
		if kiosk != "A" {
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
	a := w.enrol("A")
	w.enrol("B")
	a.stock = 3
	synctest.Wait()
	w.office.earn(zhang, "B", 50)
	synctest.Wait()
	until := func(sure Outcome, ask func() Outcome) {
		for range 8 {
			got := ask()
			if err := w.safe(); err != nil {
				t.Error(err)
			}
			if got == sure {
				return
			}
			if !slices.Contains([]Outcome{OutcomeAway, OutcomeUnsure, OutcomePoints, OutcomeFailed}, got) {
				t.Errorf("%s", got)
			}
			w.settle()
		}
		t.Errorf("never %s", sure)
	}
	until(OutcomeOK, func() Outcome { o, _ := w.office.link.Order(t.Context(), "A", wish(1)); return o.Outcome })
	if n := a.reserves(t, ledger.Key{1}); n != 1 || a.stock != 2 {
		t.Errorf("%d redemptions, %d pieces left", n, a.stock)
	}
	until(OutcomeOK, func() Outcome {
		got, _ := w.office.link.Release(t.Context(), "A", Release{Key: ledger.Key{1}, Volunteer: zhang, Reason: ReleasePhone})
		return got
	})
	w.settle()
	if err := w.converged(); err != nil {
		t.Error(err)
	}
	if h := w.office.lots[zhang].At["A"].Held; h != 0 || a.stock != 3 {
		t.Errorf("%d points are held, %d pieces left", h, a.stock)
	}
	return met
}
