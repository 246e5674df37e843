package spool_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// TestAStopWhileThePaperIsWaitedFor leaves the slip drained, and the next start finds out
// by itself that it is there.
func TestAStopWhileThePaperIsWaitedFor(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
		var slow atomic.Bool
		w.startWith((*book)(w), w.tapped(0, func(*tap, []byte) {
			if slow.Load() && w.steps[len(w.steps)-1] == "drained" && slow.Swap(false) {
				w.Fail(sim.Stall)
			}
		}))
		w.until(w.add(false), settled...)
		slow.Store(true)
		n := w.add(false)
		w.spool.Wake()
		w.until(n, spool.Drained)
		time.Sleep(time.Second)
		w.halt()
		if j := w.job(n); j.State != spool.Drained {
			t.Errorf("stopped, and the slip is %v because of %q", j.State, j.Note)
		}
		w.Mend()
		w.start()
		if j := w.until(n, settled...); j.State != spool.Printed || w.whole(j) != 1 {
			t.Errorf("started again: %v because of %q, %q", j.State, j.Note, w.paper())
		}
	})
}

// strict is a book that takes nothing from somebody who has gone, as the store does.
type strict struct{ *book }

func (b strict) Step(ctx context.Context, n uint64, step spool.Step, note string) (spool.Job, error) {
	if err := ctx.Err(); err != nil {
		return spool.Job{}, err
	}
	return b.book.Step(ctx, n, step, note)
}

// TestAStopInTheMiddleOfASlip: it is sent to its end, and that is written down.
func TestAStopInTheMiddleOfASlip(t *testing.T) {
	for _, l := range levels {
		bubble(t, l.kind, 9600, func(w *world) {
			w.startWith(strict{(*book)(w)}, w.open)
			w.until(w.add(false), settled...)
			n := w.add(false)
			w.spool.Wake()
			for w.job(n).State != spool.Sending {
				time.Sleep(time.Millisecond)
			}
			w.halt()
			if j := w.job(n); j.State != spool.Drained && j.State != l.proof {
				t.Errorf("%s: stopped, and the slip is %v", l.name, j.State)
			}
		})
	}
}
