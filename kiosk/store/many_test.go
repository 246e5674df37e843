package store

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"yizhan/civic"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
)

// TestManyCallersCannotOverspend lets many ask at once for what only some can
// have, of points and of stock, and reads back every answer.
func TestManyCallersCannotOverspend(t *testing.T) {
	spec := standard(4)
	spec.change = func(d *civic.Document) {
		if d.Good != nil && d.Good.Code == "G01" {
			d.Good.Delivered = 7
		}
	}
	w := newWorld(t, spec)
	var got, poor, short atomic.Int64
	var wg sync.WaitGroup
	for n := range 96 {
		request := want(1, 4) // 50 points of 1000
		if n%3 == 0 {
			request = want(2, 1) // 7 pieces
		}
		wg.Go(func() {
			r, err := w.Reserve(bg, request)
			switch {
			case errors.Is(err, ledger.ErrNotEnough):
				poor.Add(1)
			case errors.Is(err, ledger.ErrStock):
				short.Add(1)
			case err != nil:
				t.Error(err)
			default:
				got.Add(1)
				if own, err := w.Redemption(r.Seq); err != nil || own.Key != request.Key || own.Balance != r.Balance {
					t.Errorf("read back: %+v, %v", own, err)
				}
			}
		})
	}
	wg.Wait()
	if got.Load() != 20+7 || poor.Load() != 44 || short.Load() != 25 {
		t.Fatalf("%d reserved, %d without points, %d without stock", got.Load(), poor.Load(), short.Load())
	}
	if w.spendable(1) != 0 || w.spendable(2) != 1000-7*20 {
		t.Fatalf("%d and %d left", w.spendable(1), w.spendable(2))
	}
	w.close()
	if r, err := Verify(bg, w.cfg); err != nil || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestPowerCutAtEveryOperation cuts the power of the journal's disk at one
// operation after another. What was answered before is there afterwards, and
// the kiosk goes on.
func TestPowerCutAtEveryOperation(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for cut := 1; ; cut += 3 {
		w := newFaultyWorld(t)
		w.disk.CutAt(len(w.disk.Ops())+cut, rng.IntN(600))
		answered, died := w.untilThePowerGoes(40)
		w.Close()
		w.disk = w.disk.Restart([]faulty.Survival{faulty.Nothing, faulty.All, faulty.Some}[cut%3], rng)
		w.cfg.JournalFS = w.disk
		report, err := Verify(bg, w.cfg)
		if err != nil || !report.OK {
			t.Fatalf("cut %d: %+v, %v", cut, report, err)
		}
		w.open()
		for seq, key := range answered {
			r, err := w.Redemption(seq)
			if err != nil || r.Key != key {
				t.Fatalf("cut %d: redemption %d was answered: %v", cut, seq, err)
			}
		}
		w.checkKeys()
		w.reserve(want(4, 0))
		w.close()
		if !died {
			return // the cut lies beyond all that was done
		}
	}
}

// untilThePowerGoes redeems and tells what was answered.
func (w *faultyWorld) untilThePowerGoes(times int) (answered map[uint64]ledger.Key, died bool) {
	answered = make(map[uint64]ledger.Key)
	for n := range times {
		request := want(n%4, 0)
		r, err := w.Reserve(bg, request)
		if err != nil {
			return answered, true
		}
		answered[r.Seq] = request.Key
	}
	return answered, false
}
