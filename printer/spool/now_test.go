package spool_test

import (
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// addNow puts a slip into the book that nobody waits for later.
func (w *world) addNow() uint64 {
	n := w.add(false)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs[n-1].Now = true
	return n
}

// TestASlipForNowIsNeverLate: it comes out at once or not at all, however the printer
// fails and whenever the kiosk is started again; what comes after it does come out.
func TestASlipForNowIsNeverLate(t *testing.T) {
	for _, l := range levels {
		bubble(t, l.kind, 0, func(w *world) {
			w.start()
			time.Sleep(time.Minute)
			n := w.addNow()
			w.spool.Wake()
			if j := w.until(n, settled...); j.State == spool.Voided || w.whole(j) != 1 {
				t.Errorf("%s: %v, %q", l.name, j.State, w.paper())
			}
			w.halt()
			n = w.addNow()
			w.start()
			if j := w.until(n, settled...); j.State != spool.Voided || w.touched(j) {
				t.Errorf("%s: asked for before the start: %v", l.name, j.State)
			}
			if l.kind.level == sim.Mute {
				return
			}
			w.Fail(sim.PaperOut)
			n = w.addNow()
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != spool.Voided || spool.ReasonOf(j.Note) != spool.NoPaper {
				t.Errorf("%s: without paper: %+v", l.name, j)
			}
			w.Mend()
			time.Sleep(time.Minute)
			if j := w.job(n); w.whole(j) != 0 {
				t.Errorf("%s: it came out late", l.name)
			}
			after := w.add(false)
			w.spool.Wake()
			w.comeTrue(after)
		})
	}
}

// TestASlipForNowThatBreaksOff is dropped, and nobody is asked about it: while it is
// sent, and when it was and cannot be proven.
func TestASlipForNowThatBreaksOff(t *testing.T) {
	for _, l := range levels {
		for _, f := range []sim.Fault{sim.Unplug, sim.PowerCycle, sim.PaperOut} {
			for _, bytes := range []int64{1, 40, 120, 170} {
				bubble(t, l.kind, 9600, func(w *world) {
					w.start()
					time.Sleep(time.Minute)
					w.printer.FailAt(w.printer.Received()+bytes, f)
					n := w.addNow()
					w.spool.Wake()
					j := w.until(n, settled...)
					if j.State == spool.Uncertain || j.State == spool.Printed && w.whole(j) != 1 {
						t.Errorf("%s, fault %d at %d bytes: %v", l.name, f, bytes, j.State)
					}
					w.Mend()
				})
			}
		}
	}
}
