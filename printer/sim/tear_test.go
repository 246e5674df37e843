package sim_test

import (
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// TestTearOut: in the middle of a slip the paper is torn out. What was printed falls
// as a piece of its own, and with new paper in, the rest of the slip is the next.
func TestTearOut(t *testing.T) {
	for _, f := range []sim.Fault{sim.TearOut, sim.PaperOut} {
		var papers []sim.Paper
		s := sim.New(sim.Options{Profile: printer.Profile58, OnPaper: func(p sim.Paper) { papers = append(papers, p) }})
		s.FailAtDots(60, f) // two lines of 30
		s.Write([]byte("\x10\x04\x01"))
		if c := s.Condition(); c.Armed != f || c.PaperOut {
			t.Fatalf("before the slip: %+v", c)
		}
		s.Write([]byte(start + "one\ntwo\nthree\n\x1dVB\x00"))
		if c := s.Condition(); c.Armed != 0 || !c.PaperOut || c.Held != len("three\n\x1dVB\x00") {
			t.Fatalf("in the slip: %+v", c)
		}
		if f == sim.PaperOut {
			s.TearOff() // the roll is empty first, then somebody pulls
		}
		if len(papers) != 1 || papers[0].Text() != "one\ntwo" || !papers[0].Torn || s.Paper().Text() != "" {
			t.Fatalf("torn off: %v, hanging out: %q", papers, s.Paper().Text())
		}
		s.TearOff() // nothing hangs out
		s.Mend()
		if len(papers) != 2 || papers[1].Text() != "three" || papers[1].Torn || papers[1].Number != 2 {
			t.Fatalf("after new paper: %v", papers)
		}
	}
}

// A line that has begun is in the printer's memory, not on the paper that is torn.
func TestTearOffInALine(t *testing.T) {
	var torn string
	s := sim.New(sim.Options{Profile: printer.Profile58, OnPaper: func(p sim.Paper) { torn = p.Text() }})
	s.Write([]byte(start + "one\ntw"))
	s.TearOff()
	s.Write([]byte("o\n"))
	if got := s.Paper(); torn != "one" || got.Text() != "two" || len(got.Mistakes) != 0 {
		t.Errorf("torn off %q, then printed %q with %v", torn, got.Text(), got.Mistakes)
	}
}

func TestCondition(t *testing.T) {
	s := sim.New(sim.Options{Profile: printer.Profile58})
	s.SetNearEnd(true)
	for _, f := range []sim.Fault{sim.CoverOpen, sim.PowerCycle, sim.PowerCycle, sim.Stall, sim.Unplug} {
		s.Fail(f)
	}
	want := sim.Condition{NearEnd: true, CoverOpen: true, Stalled: true, Unplugged: true, PowerCycles: 2}
	if got := s.Condition(); got != want {
		t.Errorf("broken: %+v, want %+v", got, want)
	}
	s.FailAtDots(1, sim.Stall)
	s.FailAtDots(0, 0)
	s.Mend()
	s.Write([]byte(strings.Repeat("\n", 3)))
	if got := s.Condition(); got != (sim.Condition{Unplugged: true, PowerCycles: 2}) {
		t.Errorf("mended: %+v", got)
	}
}
