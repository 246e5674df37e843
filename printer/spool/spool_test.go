package spool_test

import (
	"bytes"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// die ends the goroutine that prints, as kill -9 ends a process.
func die() { runtime.Goexit() }

// levels are the kinds of printers.
var levels = []struct {
	name    string
	kind    kind
	ability string
	proof   spool.State // of a slip when all goes well
}{
	{"L0", kind{level: sim.Mute}, "mute", spool.Presumed},
	{"L1", kind{level: sim.Status}, "status", spool.Presumed},
	{"L1, DLE EOT not in real time", kind{level: sim.Status, inTurn: true}, "status", spool.Presumed},
	{"L2", kind{level: sim.Fence}, "status fence macro", spool.Printed},
	{"L2 without macros", kind{level: sim.Fence, noMacro: true}, "status fence", spool.Presumed},
	{"L3", kind{level: sim.Confirmed}, "status fence id macro", spool.Printed},
	{"L3 without macros", kind{level: sim.Confirmed, noMacro: true}, "status fence id", spool.Presumed},
}

func TestEveryKindOfPrinterIsKnownByItsAnswers(t *testing.T) {
	for _, l := range levels {
		t.Run(l.name, func(t *testing.T) {
			bubble(t, l.kind, 9600, func(w *world) {
				w.start()
				n := w.add(false)
				w.spool.Wake()
				j := w.until(n, settled...)
				if got := w.spool.Status().Ability.String(); got != l.ability {
					t.Errorf("found %q, want %q", got, l.ability)
				}
				if j.State != l.proof || w.whole(j) != 1 {
					t.Errorf("%v, %d whole slips; paper %q", j.State, w.whole(j), w.paper())
				}
				for _, p := range w.papers {
					for _, m := range p.Mistakes {
						t.Error(m)
					}
				}
				if l.ability != "mute" && w.known == nil {
					t.Error("nothing was learned")
				}
			})
		})
	}
}

func TestASlipWaitsForPaper(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
		w.Fail(sim.PaperOut)
		w.start()
		n := w.add(false)
		j := w.until(n, spool.Held)
		if spool.ReasonOf(j.Note) != spool.NoPaper || w.touched(j) {
			t.Fatalf("%+v, paper %q", j, w.paper())
		}
		time.Sleep(time.Hour)
		if got := strings.Join(w.steps, " "); got != "held" {
			t.Errorf("while it waited: %s", got)
		}
		w.Mend()
		j = w.until(n, settled...)
		if j.State != spool.Printed || w.whole(j) != 1 {
			t.Errorf("%+v, paper %q", j, w.paper())
		}
		if got := strings.Join(w.steps, " "); got != "held released sending drained confirmed" {
			t.Errorf("steps: %s", got)
		}
	})
}

func TestTheRollNearsItsEnd(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 0, func(w *world) {
		w.start()
		time.Sleep(10 * time.Second)
		w.printer.SetNearEnd(true)
		time.Sleep(10 * time.Second)
		if st := w.spool.Status(); !st.NearEnd || st.Fault != nil {
			t.Errorf("%+v", st)
		}
	})
}

// TestDeathAtEveryStep kills the process after each step that it made durable, starts
// it again, and has a person answer what only a person can.
func TestDeathAtEveryStep(t *testing.T) {
	for _, l := range levels {
		for step := 1; step <= 8; step++ {
			bubble(t, l.kind, 0, func(w *world) {
				n := w.add(false)
				w.dieAt = step
				w.start()
				select {
				case <-w.ended:
				case <-time.After(5 * time.Minute): // it took fewer steps
				}
				w.halt()
				w.start()
				j := w.until(n, settled...)
				w.judge(l.name, j)
				w.comeTrue(n)
			})
		}
	}
}

// TestASlipThatWasBeingSent when the process died is uncertain, because of that, and the
// next slip does not hang together with it.
func TestASlipThatWasBeingSent(t *testing.T) {
	for _, l := range levels {
		bubble(t, l.kind, 0, func(w *world) {
			w.start()
			w.until(w.add(false), settled...)
			w.dieAt = len(w.steps) + 1
			n := w.add(false)
			w.spool.Wake()
			<-w.ended
			if j := w.job(n); j.State != spool.Sending {
				t.Fatalf("%s: died %v", l.name, j.State)
			}
			w.start()
			if j := w.until(n, settled...); j.State != spool.Uncertain || spool.ReasonOf(j.Note) != spool.Stopped {
				t.Errorf("%s: %v because of %q", l.name, j.State, j.Note)
			}
			w.comeTrue(n)
		})
	}
}

// TestADrainedSlipIsAskedAfter: the process dies while the paper comes out. Where the
// printer can prove that it kept its power, no person is asked.
func TestADrainedSlipIsAskedAfter(t *testing.T) {
	for _, l := range levels {
		for _, powerCut := range []bool{false, true} {
			bubble(t, l.kind, 0, func(w *world) {
				first := w.add(false)
				w.start()
				w.until(first, settled...)
				w.dieAt = len(w.steps) + 2 // sending, drained
				n := w.add(false)
				w.spool.Wake()
				<-w.ended
				if j := w.job(n); j.State != spool.Drained {
					t.Fatalf("%s: died %v", l.name, j.State)
				}
				if powerCut {
					w.Fail(sim.PowerCycle)
				}
				w.start()
				j := w.until(n, settled...)
				want := spool.Uncertain
				if strings.HasSuffix(l.ability, "macro") && !powerCut {
					want = spool.Printed
				}
				if j.State != want {
					t.Errorf("%s, power cut %v: %v, want %v", l.name, powerCut, j.State, want)
				}
				w.comeTrue(n)
			})
		}
	}
}

// judge fails when the book claims what the paper does not show.
func (w *world) judge(name string, j spool.Job) {
	w.Helper()
	if j.State == spool.Printed && w.whole(j) != 1 {
		w.Errorf("%s: the book says printed, but the paper says %q (steps %v)", name, w.paper(), w.steps)
	}
	for n := range j.Copy + 1 {
		if copies := w.whole(spool.Job{Number: j.Number, Copy: n}); copies > 1 {
			w.Errorf("%s: copy %d came out %d times", name, n, copies)
		}
	}
}

// comeTrue lets a person look at the paper and answer truly until it and the book
// agree. By then the printer is well, so one answer that a slip is not whole must be
// enough: the copy after it is.
func (w *world) comeTrue(n uint64) {
	w.Helper()
	for voided := false; ; {
		j := w.until(n, settled...)
		whole := w.whole(j) == 1
		switch {
		case voided && !whole:
			w.Errorf("the copy after a torn slip is %v and not whole: %v, %q", j.State, w.steps, w.paper())
			return
		case j.State == spool.Presumed && !whole:
			w.person(n, spool.StepUncertain)
		case j.State == spool.Uncertain && whole:
			w.person(n, spool.StepSeen)
		case j.State == spool.Uncertain:
			w.person(n, spool.StepVoided)
			voided = true
		default:
			w.judge("after a person's answers", j)
			w.apart()
			if !whole {
				w.Errorf("in the end %v without a slip: %q", j.State, w.paper())
			}
			return
		}
	}
}

// apart fails when a slip of which the book knew that it broke off hangs together with
// the next one: only a printer that proves nothing may cut too little unnoticed.
func (w *world) apart() {
	w.Helper()
	if slices.Contains(w.steps, "presumed") {
		return
	}
	for _, text := range w.paper() {
		seen := make(map[string]bool)
		for _, name := range slipNames.FindAllString(text, -1) {
			seen[strings.TrimPrefix(strings.TrimPrefix(name, "NO."), "END.")] = true
		}
		if len(seen) > 1 {
			w.Errorf("one piece of paper has two slips: %q, steps %v", text, w.steps)
		}
	}
}

// slipNames are what slipOf and the slip that says void call a copy.
var slipNames = regexp.MustCompile(`(NO|END)\.\d+/\d+|VOID \d+`)

func TestTheDrawerOpensOnceAndNeverLate(t *testing.T) {
	for _, l := range levels {
		bubble(t, l.kind, 0, func(w *world) {
			w.start()
			time.Sleep(time.Minute)
			n := w.add(true)
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != spool.Presumed || w.printer.Kicks() != 1 {
				t.Errorf("%s: %v, %d kicks", l.name, j.State, w.printer.Kicks())
			}
			w.halt()
			n = w.add(true)
			w.start()
			if j := w.until(n, settled...); j.State != spool.Voided || w.printer.Kicks() != 1 {
				t.Errorf("%s: asked for before the start: %v, %d kicks", l.name, j.State, w.printer.Kicks())
			}
			if l.kind.level == sim.Mute {
				return
			}
			w.Fail(sim.CoverOpen)
			n = w.add(true)
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != spool.Voided || spool.ReasonOf(j.Note) != spool.CoverOpen {
				t.Errorf("%s: with the cover open: %+v", l.name, j)
			}
			w.Mend()
			time.Sleep(time.Minute)
			if w.printer.Kicks() != 1 {
				t.Errorf("%s: the drawer opened late", l.name)
			}
		})
	}
}

func TestATestPageStandsInNoBook(t *testing.T) {
	bubble(t, kind{level: sim.Fence}, 0, func(w *world) {
		w.start()
		evidence, err := w.spool.Print(w.Context(), [][]byte{[]byte("\x1b@TEST\n\x1dV\x42\x00")})
		if err != nil || evidence != spool.StepFenced || len(w.steps) != 0 {
			t.Errorf("%v, %v, steps %v", evidence, err, w.steps)
		}
		if !slices.ContainsFunc(w.paper(), func(text string) bool { return strings.Contains(text, "TEST") }) {
			t.Errorf("%q", w.paper())
		}
		w.Fail(sim.PaperOut)
		if _, err := w.spool.Print(w.Context(), [][]byte{[]byte("\x1b@TEST\n")}); err == nil || spool.ReasonOf(err.Error()) != spool.NoPaper {
			t.Errorf("without paper: %v", err)
		}
	})
}

func TestAnotherPrinterIsMet(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
		w.start()
		w.until(w.add(false), settled...)
		w.Fail(sim.Unplug)
		w.level = sim.Mute
		w.plugIn()
		n := w.add(false)
		if j := w.until(n, spool.Held); spool.ReasonOf(j.Note) != spool.Silent && spool.ReasonOf(j.Note) != spool.Gone {
			t.Fatalf("%+v", j)
		}
		time.Sleep(time.Minute)
		if j := w.job(n); j.State != spool.Held || spool.ReasonOf(j.Note) != spool.Silent {
			t.Fatalf("a printer that answered before and is silent now: %+v", j)
		}
		if _, err := w.spool.Probe(w.Context()); err == nil || spool.ReasonOf(err.Error()) != spool.Silent {
			t.Errorf("probed: %v", err)
		}
		if w.spool.Status().Ability.Level() != 3 {
			t.Error("silence was learned")
		}
		if err := w.spool.Forget(w.Context()); err != nil {
			t.Fatal(err)
		}
		if j := w.until(n, settled...); j.State != spool.Presumed || w.whole(j) != 1 {
			t.Errorf("%v, %q", j.State, w.paper())
		}
		w.Fail(sim.Unplug)
		w.level = sim.Fence
		w.plugIn()
		time.Sleep(time.Minute)
		if got := w.spool.Status().Ability.String(); got != "status fence macro" {
			t.Errorf("a better printer was taken for %q", got)
		}
	})
}

// TestALesserPrinterIsNotWellInBetween: in the place of a printer that answers in order
// there is one that only tells its status. What waits cannot be printed, and nothing
// says in between that all is well, until a person does something, or a printer comes
// that answers.
func TestALesserPrinterIsNotWellInBetween(t *testing.T) {
	for name, act := range map[string]func(*world) error{
		"asked again": func(w *world) error { _, err := w.spool.Probe(w.Context()); return err },
		"forgotten":   func(w *world) error { return w.spool.Forget(w.Context()) },
		"put back":    func(w *world) error { w.Fail(sim.Unplug); w.level = sim.Confirmed; w.plugIn(); return nil },
	} {
		bubble(t, kind{level: sim.Confirmed}, 0, func(w *world) {
			w.start()
			w.until(w.add(false), settled...)
			w.Fail(sim.Unplug)
			w.level = sim.Status
			w.plugIn()
			n := w.add(false)
			w.spool.Wake()
			w.until(n, spool.Held)
			time.Sleep(time.Minute)
			for range 600 {
				if st := w.spool.Status(); st.Fault == nil || st.Fault.Reason != spool.Silent {
					t.Fatalf("%s: while a slip waits the printer is %+v, steps %v", name, st, w.steps)
				}
				time.Sleep(100 * time.Millisecond)
			}
			if err := act(w); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if j := w.until(n, settled...); j.State == spool.Uncertain || w.whole(j) != 1 {
				t.Errorf("%s: %v, %q", name, j.State, w.paper())
			}
			time.Sleep(10 * time.Second)
			if st := w.spool.Status(); st.Fault != nil {
				t.Errorf("%s: in the end the printer is %v", name, st.Fault)
			}
		})
	}
}

// TestNothingIsSentIntoAnEmptyRoll: at the speed of a real line, a long slip is broken
// off when the printer says that it has stopped, not when all of it has been sent.
func TestNothingIsSentIntoAnEmptyRoll(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 9600, func(w *world) {
		w.start()
		w.until(w.add(false), settled...)
		long := bytes.Repeat([]byte("0123456789012345678901234567890\n"), 300)
		w.printer.FailAt(w.printer.Received()+1000, sim.PaperOut)
		before := w.printer.Received()
		_, err := w.spool.Print(w.Context(), slices.Collect(slices.Chunk(long, 256)))
		if err == nil || spool.ReasonOf(err.Error()) != spool.NoPaper {
			t.Fatalf("printed without paper: %v", err)
		}
		if sent := w.printer.Received() - before; sent > 3000 {
			t.Errorf("%d of %d bytes were sent", sent, len(long))
		}
	})
}

// TestAnAdapterMayKeepBytes: what the kernel calls sent may still wait in the buffer of
// an adapter, and an answer that is late because of that is not silence.
func TestAnAdapterMayKeepBytes(t *testing.T) {
	bubble(t, kind{level: sim.Confirmed}, 9600, func(w *world) {
		w.adapter = true
		w.start()
		n := w.add(false)
		w.spool.Wake()
		w.until(n, settled...)
		if got := strings.Join(w.steps, " "); got != "sending drained confirmed" {
			t.Errorf("steps: %s", got)
		}
		w.printer.FailAt(w.printer.Received()+60, sim.PaperOut)
		n = w.add(false)
		w.spool.Wake()
		w.until(n, spool.Uncertain)
		w.Mend()
		w.steps = nil
		w.person(n, spool.StepVoided) // somebody has thrown it away
		w.until(n, settled...)
		if got := strings.Join(w.steps, " "); got != "voided sending drained confirmed" {
			t.Errorf("steps after mending: %s", got)
		}
		w.halt() // the next process ends what may be half sent, before anything else
		w.start()
		n = w.add(false)
		w.until(n, settled...)
		if slices.Contains(w.steps, "held") {
			t.Errorf("steps after a restart: %v", w.steps)
		}
	})
}

// TestASlipThatCouldNotBeComposedIsTriedAgain: staff mend the template, and whatever
// wakes the spool has it try once more.
func TestASlipThatCouldNotBeComposedIsTriedAgain(t *testing.T) {
	bubble(t, kind{level: sim.Status}, 0, func(w *world) {
		w.start()
		time.Sleep(time.Minute)
		w.mu.Lock()
		w.uncomposable = true
		w.mu.Unlock()
		n := w.add(false)
		w.spool.Wake()
		if j := w.until(n, spool.Held); spool.ReasonOf(j.Note) != spool.Broken {
			t.Fatalf("%+v", j)
		}
		w.mu.Lock()
		w.uncomposable = false
		w.mu.Unlock()
		time.Sleep(time.Minute + time.Second/3) // between two looks at the printer
		w.spool.Wake()
		if j := w.until(n, settled...); w.whole(j) != 1 {
			t.Errorf("%+v", j)
		}
	})
}
