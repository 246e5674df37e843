package spool_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// TestWhatIsNoAnswer: the line says something when the paper is asked after, beside
// what the printer answers, or in its place when it lost its power in the slip.
func TestWhatIsNoAnswer(t *testing.T) {
	macro, plain := kind{level: sim.Fence}, kind{level: sim.Fence, noMacro: true}
	for _, c := range []struct {
		name     string
		kind     kind
		powerCut bool // in the middle of the slip
		late     time.Duration
		said     string
		reason   spool.Reason
	}{
		{"noise before the answer", macro, false, 0, "\xff", spool.Noise},
		{"noise before the answer, no macros", plain, false, 0, "\xff", spool.Noise},
		{"noise right after the answer", macro, false, 60 * time.Millisecond, "\xff", spool.Noise},
		{"noise right after the answer, no macros", plain, false, 60 * time.Millisecond, "\xff", spool.Noise},
		{"a fence that says that the roll has ended", macro, false, 0, "\x0c", spool.NoPaper},
		{"a fence that says that the roll has ended, no macros", plain, false, 0, "\x0c", spool.NoPaper},
		{"the id of another slip", kind{level: sim.Confirmed}, true, 0, "7\"9999\x00", spool.Silent},
		{"one zero", macro, true, 0, "\x00", spool.Silent},
	} {
		bubble(t, c.kind, 0, func(w *world) {
			var asked atomic.Bool
			w.startWith((*book)(w), w.tapped(0, func(t *tap, b []byte) {
				afterSlip := len(w.steps) > 0 && w.steps[len(w.steps)-1] == "drained" && !bytes.Equal(b, []byte{0x10, 4, 1})
				if !afterSlip || asked.Swap(true) {
					return
				}
				go func() {
					time.Sleep(c.late)
					t.say([]byte(c.said)...)
				}()
				if c.late == 0 {
					time.Sleep(time.Millisecond) // it is said before the printer is asked
				}
			}))
			w.until(w.add(false), settled...)
			w.comeTrue(1)
			time.Sleep(time.Second)
			asked.Store(false)
			if c.powerCut {
				w.printer.FailAt(w.printer.Received()+150, sim.PowerCycle)
			}
			n := w.add(false)
			w.spool.Wake()
			if j := w.until(n, settled...); !asked.Load() || j.State != spool.Uncertain || spool.ReasonOf(j.Note) != c.reason {
				t.Errorf("%s: %v because of %q", c.name, j.State, j.Note)
			}
			w.comeTrue(n)
		})
	}
}

// deadEnd takes no byte of a slip, as a line does whose kernel's queue is full.
type deadEnd struct {
	spool.Line
	w    *world
	dead *atomic.Bool
}

func (d deadEnd) Send(ctx context.Context, b []byte) (int, error) {
	if d.dead.Load() && d.w.steps[len(d.w.steps)-1] == "sending" {
		return 0, os.ErrDeadlineExceeded
	}
	return d.Line.Send(ctx, b)
}

// TestALineThatTakesNoByte: nothing can be on paper, so nobody is asked about it, and
// the slip itself comes out later, not a copy of it. A drawer is not opened later.
func TestALineThatTakesNoByte(t *testing.T) {
	for _, l := range levels {
		for _, kick := range []bool{false, true} {
			bubble(t, l.kind, 0, func(w *world) {
				var dead atomic.Bool
				w.startWith((*book)(w), func() (spool.Line, error) {
					line, err := w.open()
					return deadEnd{line, w, &dead}, err
				})
				w.until(w.add(false), settled...)
				time.Sleep(time.Second)
				dead.Store(true)
				n := w.add(kick)
				w.spool.Wake()
				time.Sleep(time.Minute)
				if j := w.job(n); kick && j.State != spool.Voided || !kick && j.State != spool.Held && j.State != spool.Queued && j.State != spool.Sending {
					t.Errorf("%s, kick %v: %v (%s)", l.name, kick, j.State, j.Note)
				}
				dead.Store(false)
				j := w.until(n, settled...)
				if kick && w.printer.Kicks() != 0 || !kick && (w.whole(j) != 1 || j.Copy != 0 || slices.Contains(w.steps, "uncertain")) {
					t.Errorf("%s, kick %v: %v, %d kicks, copy %d, %q", l.name, kick, j.State, w.printer.Kicks(), j.Copy, w.paper())
				}
			})
		}
	}
}

// TestAPrinterThatStopsAfterTheSlip: one that only tells its status is asked twice when
// its paper should be out, because it may stop between.
func TestAPrinterThatStopsAfterTheSlip(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 0, func(w *world) {
		var asked atomic.Int64
		w.startWith((*book)(w), w.tapped(0, func(_ *tap, b []byte) {
			if len(w.steps) > 0 && w.steps[len(w.steps)-1] == "drained" && bytes.Equal(b, []byte{0x10, 4, 4}) && asked.Add(1) == 2 {
				w.Fail(sim.PaperOut) // the roll was well the first time
			}
		}))
		w.until(w.add(false), settled...)
		w.Mend()
		if got := strings.Join(w.steps, " "); !strings.HasSuffix(got, "drained uncertain") {
			t.Errorf("steps: %s", got)
		}
		w.comeTrue(1)
	})
}

// TestTheReasonWhyASlipWaitsIsKept as it changes, and each is written once.
func TestTheReasonWhyASlipWaitsIsKept(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 0, func(w *world) {
		w.start()
		time.Sleep(time.Second)
		w.Fail(sim.PaperOut)
		n := w.add(false)
		w.spool.Wake()
		w.until(n, spool.Held)
		w.Fail(sim.CoverOpen)
		time.Sleep(time.Minute)
		if j := w.job(n); spool.ReasonOf(j.Note) != spool.CoverOpen || len(w.steps) != 2 {
			t.Errorf("%v because of %q, steps %v", j.State, j.Note, w.steps)
		}
	})
}
