package spool_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// hooked is a line on which something other than the printer may take what is sent, and
// answer it.
type hooked struct {
	*tap
	take func(b []byte) (answer []byte, taken bool, err error)
}

func (h hooked) Send(ctx context.Context, b []byte) (int, error) {
	answer, taken, err := h.take(b)
	switch {
	case err != nil:
		return 0, err
	case !taken:
		return h.tap.Send(ctx, b)
	}
	for _, one := range answer {
		go h.tap.say(one)
	}
	return len(b), nil
}

// hook is how lines are opened that take hooks.
func (w *world) hook(take func(b []byte) (answer []byte, taken bool, err error)) func() (spool.Line, error) {
	open := w.tapped(0, nil)
	return func() (spool.Line, error) {
		line, err := open()
		if err != nil {
			return nil, err
		}
		return hooked{line.(*tap), take}, nil
	}
}

// status is DLE EOT n.
func status(n byte) string { return string([]byte{0x10, 0x04, n}) }

// TestWhyThePrinterHasStopped: what it answers to each question, and what that is called.
func TestWhyThePrinterHasStopped(t *testing.T) {
	const offline, well = "\x1a", "\x12"
	for _, c := range []struct {
		name    string
		answers map[string]string // "": the printer says nothing
		reason  spool.Reason      // "": it prints
	}{
		{"the cutter", map[string]string{status(1): offline, status(2): "\x52", status(3): "\x1a"}, spool.Jammed},
		{"another error", map[string]string{status(1): offline, status(2): "\x52", status(3): "\x52"}, spool.Jammed},
		{"an error of which it says no more", map[string]string{status(1): offline, status(2): "\x52", status(3): ""}, spool.Jammed},
		{"the cover and the paper", map[string]string{status(1): offline, status(2): "\x36"}, spool.CoverOpen},
		{"the paper", map[string]string{status(1): offline, status(2): "\x32"}, spool.NoPaper},
		{"no cause", map[string]string{status(1): offline, status(2): well}, spool.Offline},
		{"nothing more", map[string]string{status(1): offline, status(2): ""}, spool.Offline},
		{"the roll, while it is online", map[string]string{status(1): well, status(4): "\x7e"}, spool.NoPaper},
		{"no sensor for the roll", map[string]string{status(1): well, status(4): ""}, ""},
	} {
		bubble(t, kind{level: sim.Status}, 0, func(w *world) {
			w.known = &spool.Ability{Status: true}
			w.startWith((*book)(w), w.hook(func(b []byte) ([]byte, bool, error) {
				answer, known := c.answers[string(b)]
				return []byte(answer), known, nil
			}))
			n := w.add(false)
			w.spool.Wake()
			j := w.until(n, append(settled, spool.Held)...)
			if spool.ReasonOf(j.Note) != c.reason || (j.State == spool.Held) != (c.reason != "") {
				t.Errorf("%s: %v because of %q", c.name, j.State, j.Note)
			}
		})
	}
}

// TestMendedBetweenTwoQuestions: it says that it is offline, and when it is asked why, it
// is not any more. Nothing is held because of that.
func TestMendedBetweenTwoQuestions(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 0, func(w *world) {
		w.start()
		w.until(w.add(false), settled...)
		w.halt()
		var asked atomic.Int64
		w.startWith((*book)(w), w.hook(func(b []byte) ([]byte, bool, error) {
			return []byte{0x1A}, string(b) == status(1) && asked.Add(1) == 1, nil
		}))
		n := w.add(false)
		w.spool.Wake()
		if j := w.until(n, append(settled, spool.Held)...); j.State != spool.Presumed {
			t.Errorf("%v because of %q", j.State, j.Note)
		}
	})
}

// TestALineThatFailsIsOpenedAnew, also when nobody hangs up.
func TestALineThatFailsIsOpenedAnew(t *testing.T) {
	for want, failure := range map[spool.Reason]error{spool.Stuck: os.ErrDeadlineExceeded, spool.Gone: errors.New("input/output error")} {
		bubble(t, kind{level: sim.Status}, 0, func(w *world) {
			var opened atomic.Int64
			var broken atomic.Bool
			open := w.hook(func([]byte) ([]byte, bool, error) {
				if broken.Load() {
					return nil, true, failure
				}
				return nil, false, nil
			})
			w.startWith((*book)(w), func() (spool.Line, error) {
				opened.Add(1)
				return open()
			})
			w.until(w.add(false), settled...)
			broken.Store(true)
			time.Sleep(11 * time.Second)
			if st, n := w.spool.Status(), opened.Load(); st.Fault == nil || st.Fault.Reason != want || n < 5 {
				t.Errorf("%s: %+v, opened %d times", want, st.Fault, n)
			}
			broken.Store(false)
			n := w.add(false)
			w.spool.Wake()
			if j := w.until(n, settled...); w.whole(j) != 1 {
				t.Errorf("%s: %v", want, j.State)
			}
		})
	}
}

// hugeBook has slips that are longer than the queue of a line.
type hugeBook struct{ *book }

func (b hugeBook) Slips(j spool.Job) ([]printer.Slip, error) {
	text := printer.Text(strings.Repeat("0123456789012345678901234567890 ", 120))
	return []printer.Slip{slices.Insert(slipOf(j), 1, text, text, text)}, nil
}

// TestWhatIsLeftOfASlipIsDropped: when the printer stops, bytes that the kernel calls
// sent still wait in an adapter. They don't follow when it goes on.
func TestWhatIsLeftOfASlipIsDropped(t *testing.T) {
	for name, print := range map[string]func(w *world){
		"a slip": func(w *world) { w.until(w.add(false), spool.Uncertain) },
		"a test page": func(w *world) {
			slips, _ := hugeBook{(*book)(w)}.Slips(spool.Job{Number: 9})
			pieces, _ := printer.Pieces(slips[0], printer.Profile58)
			if _, err := w.spool.Print(w.Context(), pieces); err == nil {
				w.Error("a test page was printed without paper")
			}
		},
	} {
		bubble(t, kind{level: sim.Status}, 9600, func(w *world) {
			w.adapter = true
			w.startWith(hugeBook{(*book)(w)}, w.open)
			time.Sleep(10 * time.Second)
			w.printer.FailAt(w.printer.Received()+300, sim.PaperOut)
			print(w)
			w.Mend()
			time.Sleep(10 * time.Second)
			const taken = (300 + 4096) / 32 // lines that it had printed and had in its buffer when the line stood still
			if n := strings.Count(strings.Join(w.paper(), ""), "0123456789012345678901234567890"); n < taken-2 || n > taken+1 {
				t.Errorf("%s: %d of 360 lines were printed, want %d", name, n, taken)
			}
		})
	}
}

// TestAPrinterInTheMiddleOfAPicture is plugged in: somebody else has sent it the half of
// one. What it is asked is no part of that, and the slip is whole.
func TestAPrinterInTheMiddleOfAPicture(t *testing.T) {
	for _, l := range levels {
		bubble(t, l.kind, 0, func(w *world) {
			w.start()
			w.until(w.add(false), settled...)
			time.Sleep(time.Second)
			w.Fail(sim.Unplug)
			time.Sleep(time.Minute)
			w.plugIn()
			w.printer.Write([]byte("\x1dv0\x00\x30\x00\x40\x00\x00"))
			n := w.add(false)
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != l.proof || w.whole(j) != 1 {
				t.Errorf("%s: %v, %q", l.name, j.State, w.paper())
			}
		})
	}
}

// TestAMutePrinterIsAskedWithCare: GS ( H, of which it may print the rest, is not sent to
// it, and that it is silent is not remembered: it may only be off.
func TestAMutePrinterIsAskedWithCare(t *testing.T) {
	bubble(t, kind{level: sim.Mute}, 0, func(w *world) {
		w.startWith((*book)(w), w.hook(func(b []byte) ([]byte, bool, error) {
			if strings.Contains(string(b), "\x1d(H") {
				t.Errorf("it was sent % X", b)
			}
			return nil, false, nil
		}))
		w.until(w.add(false), settled...)
		if w.known != nil {
			t.Errorf("remembered as %v", *w.known)
		}
		if st := w.spool.Status(); !st.Probed || st.Ability != (spool.Ability{}) {
			t.Errorf("taken for %v, probed %v", st.Ability, st.Probed)
		}
	})
}

// TestPresumedOnlyWhenThePaperCanBeOut: a mute printer gets the time that its bytes take
// on the line, a tenth of a second for each line, and three more.
func TestPresumedOnlyWhenThePaperCanBeOut(t *testing.T) {
	bubble(t, kind{level: sim.Mute}, 9600, func(w *world) {
		w.startWith(longBook{(*book)(w)}, w.open)
		n := w.add(false)
		w.until(n, spool.Drained)
		began := time.Now()
		w.until(n, spool.Presumed)
		slips, _ := longBook{(*book)(w)}.Slips(w.job(n))
		stream, err := printer.Encode(slips[0], printer.Profile58)
		if err != nil {
			t.Fatal(err)
		}
		needs := time.Duration(len(stream))*10*time.Second/9600 + time.Duration(bytes.Count(stream, []byte{'\n'}))*100*time.Millisecond + 3*time.Second
		if took := time.Since(began); took < needs-200*time.Millisecond || took > needs+time.Second {
			t.Errorf("presumed after %v, want %v", took, needs)
		}
	})
}

// TestASlowPrinterIsWaitedFor: its answer comes later than the paper should take.
func TestASlowPrinterIsWaitedFor(t *testing.T) {
	for _, l := range levels {
		if l.proof != spool.Printed {
			continue
		}
		bubble(t, l.kind, 0, func(w *world) {
			var slow atomic.Bool
			w.startWith((*book)(w), w.tapped(0, func(_ *tap, b []byte) {
				if slow.Load() && w.steps[len(w.steps)-1] == "drained" && slow.Swap(false) {
					w.Fail(sim.Stall)
					time.AfterFunc(14*time.Second, w.Mend)
				}
			}))
			w.until(w.add(false), settled...)
			slow.Store(true)
			n := w.add(false)
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != spool.Printed || slow.Load() {
				t.Errorf("%s: %v because of %q", l.name, j.State, j.Note)
			}
		})
	}
}

// TestAnAnswerWhileTheStatusIsAsked: what proves the paper comes just when the printer is
// asked whether it is still well.
func TestAnAnswerWhileTheStatusIsAsked(t *testing.T) {
	bubble(t, kind{level: sim.Fence}, 0, func(w *world) {
		var called, told atomic.Bool
		w.startWith((*book)(w), w.hook(func(b []byte) ([]byte, bool, error) {
			if len(w.steps) == 0 || w.steps[len(w.steps)-1] != "drained" {
				return nil, false, nil
			}
			switch {
			case string(b) == "\x1d^\x01\x00\x00" && !called.Swap(true):
				return nil, true, nil
			case string(b) == status(1) && !told.Swap(true):
				return []byte{0x00}, true, nil
			}
			return nil, false, nil
		}))
		n := w.add(false)
		if j := w.until(n, settled...); j.State != spool.Printed || !told.Load() {
			t.Errorf("%v because of %q", j.State, j.Note)
		}
	})
}

// TestAMacroThatWasLeftOpen: a process died while it defined one, so that what comes next
// would go into it and not on paper.
func TestAMacroThatWasLeftOpen(t *testing.T) {
	for _, l := range levels {
		if l.proof != spool.Printed {
			continue
		}
		bubble(t, l.kind, 0, func(w *world) {
			w.start()
			w.until(w.add(false), settled...)
			time.Sleep(time.Second)
			w.printer.Write([]byte("\x1d:"))
			n := w.add(false)
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != spool.Printed || w.whole(j) != 1 {
				t.Errorf("%s: %v because of %q, %q", l.name, j.State, j.Note, w.paper())
			}
		})
	}
}

// TestASlipThatCannotBeComposedIsLeft until somebody wakes the spool, and the slip after
// it is printed.
func TestASlipThatCannotBeComposedIsLeft(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 0, func(w *world) {
		w.startWith(&brokenFirst{book: (*book)(w)}, w.open)
		first, second := w.add(false), w.add(false)
		w.until(second, settled...)
		time.Sleep(time.Minute)
		if j := w.job(first); j.State != spool.Held || spool.ReasonOf(j.Note) != spool.Broken {
			t.Errorf("%v because of %q", j.State, j.Note)
		}
		if n := strings.Count(strings.Join(w.steps, " "), "held"); n != 1 {
			t.Errorf("steps: %v", w.steps)
		}
	})
}

// brokenFirst cannot compose its first slip, and does not want to be asked for it often.
type brokenFirst struct {
	*book
	asked int
}

func (b *brokenFirst) Slips(j spool.Job) ([]printer.Slip, error) {
	if j.Number != 1 {
		return b.book.Slips(j)
	}
	if b.asked++; b.asked > 3 {
		b.Errorf("asked %d times for a slip that cannot be composed", b.asked)
	}
	return nil, errors.New("the template is broken")
}

// TestNoiseMakesNoPrinterAnswer: a zero among noise is not the answer to a fence, neither
// when a printer is probed nor before a slip.
func TestNoiseMakesNoPrinterAnswer(t *testing.T) {
	for _, said := range []string{"\xff\x00", "\x00\xff"} {
		bubble(t, kind{level: sim.Mute}, 0, func(w *world) {
			w.startWith((*book)(w), w.tapped(0, func(t *tap, b []byte) {
				if string(b) == "\x1dr\x01" {
					go t.say([]byte(said)...)
				}
			}))
			n := w.add(false)
			if j := w.until(n, settled...); w.known != nil || j.State != spool.Presumed {
				t.Errorf("%q: known as %v, the slip is %v", said, w.known, j.State)
			}
			w.halt()
			w.known = &spool.Ability{Fence: true}
			w.startWith((*book)(w), w.tapped(0, func(t *tap, b []byte) {
				if string(b) == "\x1dr\x01" {
					go t.say([]byte(said)...)
				}
			}))
			n = w.add(false)
			w.spool.Wake()
			if j := w.until(n, append(settled, spool.Held)...); j.State != spool.Held || spool.ReasonOf(j.Note) != spool.Silent {
				t.Errorf("%q: the slip is %v because of %q", said, j.State, j.Note)
			}
		})
	}
}
