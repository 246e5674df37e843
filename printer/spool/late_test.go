package spool_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// longBook has slips that leave in several pieces, with a question after each.
type longBook struct{ *book }

func (b longBook) Slips(j spool.Job) ([]printer.Slip, error) {
	text := printer.Text(strings.Repeat("东北大米 ", 100))
	return []printer.Slip{slices.Insert(slipOf(j), 1, text)}, nil
}

// On a busy machine, and through an adapter, answers come late: the one to a question
// that was asked while the slip left must not be taken for the one to why the printer
// has stopped.
func TestALateAnswerIsNotTheOneToTheNextQuestion(t *testing.T) {
	for _, l := range levels {
		if l.kind.level < sim.Status || l.kind.inTurn {
			continue
		}
		for _, latency := range []time.Duration{50 * time.Millisecond, 300 * time.Millisecond} {
			for offset := int64(100); offset < 1000; offset += 200 {
				bubble(t, l.kind, 115200, func(w *world) {
					w.startWith(longBook{(*book)(w)}, w.tapped(latency, nil))
					w.until(w.add(false), settled...)
					w.printer.FailAt(w.printer.Received()+offset, sim.PaperOut)
					n := w.add(false)
					w.spool.Wake()
					j := w.until(n, append(settled, spool.Held)...)
					if spool.ReasonOf(j.Note) != spool.NoPaper {
						t.Errorf("%s, answers %v late, byte %d: %v because of %q", l.name, latency, offset, j.State, j.Note)
					}
				})
			}
		}
	}
}
