package spool_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// full is a book on a full disk: it takes no steps while it refuses that step, nor
// any while it refuses all.
type full struct {
	spool.Book
	step    spool.Step // 0: all of them
	refuses atomic.Bool
	asked   atomic.Int64 // steps that were refused
}

var errFull = errors.New("the disk is full")

func (b *full) Step(ctx context.Context, n uint64, step spool.Step, note string) (spool.Job, error) {
	if b.refuses.Load() && (b.step == 0 || b.step == step) {
		b.asked.Add(1)
		return spool.Job{}, errFull
	}
	return b.Book.Step(ctx, n, step, note)
}

// TestABookThatTakesNoSteps: the disk is full at each step of a slip, for a while.
// Nothing is sent that the book does not know of, and nothing is left behind.
func TestABookThatTakesNoSteps(t *testing.T) {
	for _, l := range levels {
		for _, step := range []spool.Step{spool.StepSending, spool.StepDrained, spool.StepPresumed, spool.StepConfirmed, spool.StepFenced} {
			bubble(t, l.kind, 0, func(w *world) {
				book := &full{Book: (*book)(w), step: step}
				book.refuses.Store(true)
				n := w.add(false)
				w.startWith(book, w.open)
				time.Sleep(time.Minute)
				j := w.job(n)
				switch {
				case step == spool.StepSending && (j.State != spool.Queued || w.touched(j)):
					t.Errorf("%s: %v without a step, %q", l.name, j.State, w.paper())
				case step != spool.StepSending && book.asked.Load() > 0 && (j.State != spool.Uncertain || spool.ReasonOf(j.Note) != spool.Unwritten):
					t.Errorf("%s: %v was refused, and the book says %v", l.name, step, j.State)
				case step == spool.StepDrained && book.asked.Load() != 1:
					t.Errorf("%s: sent %d times", l.name, book.asked.Load())
				}
				book.refuses.Store(false)
				w.spool.Wake()
				w.comeTrue(n)
			})
		}
	}
}

// TestAFullDiskIsAskedOnce: many slips wait, and each round tries but one.
func TestAFullDiskIsAskedOnce(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
		book := &full{Book: (*book)(w)}
		book.refuses.Store(true)
		for range 50 {
			w.add(false)
		}
		w.startWith(book, w.open)
		time.Sleep(time.Minute)
		if asked := book.asked.Load(); asked < 5 || asked > 31 {
			t.Errorf("asked %d times in a minute", asked)
		}
		book.refuses.Store(false)
		w.until(50, settled...)
	})
}

// TestAKickOfBeforeIsNotLate: the disk was full when the kiosk started, so the kick
// could not be dropped then.
func TestAKickOfBeforeIsNotLate(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
		book := &full{Book: (*book)(w)}
		book.refuses.Store(true)
		n := w.add(true)
		w.startWith(book, w.open)
		time.Sleep(time.Minute)
		book.refuses.Store(false)
		if j := w.until(n, settled...); j.State != spool.Voided || w.printer.Kicks() != 0 {
			t.Errorf("%v, %d kicks", j.State, w.printer.Kicks())
		}
	})
}

// TestTheDrawerDoesNotWaitForAllSlips: many were held, and come out one by one now.
func TestTheDrawerDoesNotWaitForAllSlips(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 9600, func(w *world) {
		w.Fail(sim.PaperOut)
		w.start()
		for range 20 {
			w.add(false)
		}
		w.until(20, spool.Held)
		w.Mend()
		w.until(2, spool.Sending)
		n := w.add(true)
		w.spool.Wake()
		w.until(n, settled...)
		if waiting := w.job(4).State; w.printer.Kicks() != 1 || waiting != spool.Held {
			t.Errorf("%d kicks, and the fourth slip is %v", w.printer.Kicks(), waiting)
		}
		w.until(20, settled...)
		if i := slices.IndexFunc(w.jobs, func(j spool.Job) bool { return !j.Kick && w.whole(j) != 1 }); i >= 0 {
			t.Errorf("%+v is not on paper", w.jobs[i])
		}
	})
}

// TestImpatienceStopsNothing: the spool is woken again and again, faster than the
// printer can be looked at.
func TestImpatienceStopsNothing(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
		for range 3 {
			w.add(false)
		}
		w.startWith((*book)(w), w.tapped(300*time.Millisecond, nil))
		for range 600 {
			w.spool.Wake()
			time.Sleep(50 * time.Millisecond)
		}
		if j := w.job(3); j.State != spool.Printed {
			t.Errorf("after half a minute: %+v, steps %v", j, w.steps)
		}
	})
}

// TestNobodyWaitsForASpoolThatHasEnded, however patient.
func TestNobodyWaitsForASpoolThatHasEnded(t *testing.T) {
	for _, busy := range []bool{true, false} {
		bubble(t, kind{level: sim.Confirmed}, 9600, func(w *world) {
			w.start()
			w.until(w.add(false), settled...)
			asks := map[string]func(context.Context) error{
				"Print": func(ctx context.Context) error {
					_, err := w.spool.Print(ctx, [][]byte{[]byte(strings.Repeat("A\n", 2000))})
					return err
				},
				"Probe":  func(ctx context.Context) error { _, err := w.spool.Probe(ctx); return err },
				"Forget": w.spool.Forget,
			}
			failed := make(chan error, len(asks))
			began := time.Now()
			for name, do := range asks {
				go func() {
					if !busy {
						time.Sleep(time.Minute) // it has ended by then
					}
					err := do(context.Background())
					if fault, ok := errors.AsType[*spool.Fault](err); err != nil && (!ok || fault.Reason != spool.Stopped) {
						t.Errorf("%s: %v", name, err)
					}
					failed <- err
				}()
			}
			time.Sleep(time.Second)
			w.halt()
			for range asks {
				if err := <-failed; err == nil && !busy {
					t.Error("something was done by nobody")
				}
			}
			if took := time.Since(began); took > 2*time.Minute {
				t.Errorf("waited %v", took)
			}
		})
	}
}

// TestAStopIsShort: the kiosk is stopped in the middle of a slip, whatever befalls the
// printer, and goes on after it.
func TestAStopIsShort(t *testing.T) {
	for _, l := range levels {
		for _, f := range faults {
			bubble(t, l.kind, 9600, func(w *world) {
				w.start()
				w.until(w.add(false), settled...)
				time.Sleep(time.Second)
				w.printer.FailAt(w.printer.Received()+150, f.fault)
				n := w.add(false)
				w.spool.Wake()
				time.Sleep(200 * time.Millisecond)
				began := time.Now()
				w.halt()
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("%s, %s: it took %v to stop", l.name, f.name, took)
				}
				if f.fault == sim.Unplug {
					w.plugIn()
				} else {
					w.Mend()
				}
				w.start()
				w.judge(l.name+", "+f.name, w.until(n, settled...))
				w.comeTrue(n)
			})
		}
	}
}
