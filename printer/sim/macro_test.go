package sim_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// What a host sends about macros: a definition that answers, and its execution.
const (
	mark    = "\x1d:"
	execute = "\x1d^\x01\x00\x00"
	fence   = "\x1dr\x01"
	id      = "\x1d(H\x06\x0000ID42"
	idBack  = "\x37\x22ID42\x00"
)

func TestMacro(t *testing.T) {
	for _, c := range []struct {
		name, stream, paper, answers string
	}{
		{"none", execute + "a\n", "a", ""},
		{"obeyed while it is defined, and again", mark + "a\n" + mark + "b\n" + execute, "a\nb\na", ""},
		{"fence", mark + fence + mark + execute + execute, "", "\x00\x00\x00"},
		{"id", mark + id + mark + "a\n" + execute, "a", idBack + idBack},
		{"ESC @ leaves it", mark + fence + mark + "\x1b@" + execute, "", "\x00\x00"},
		{"ends and is cleared by GS ^", mark + "a\n" + execute + "b\n" + execute, "a\nb", ""},
		{"nothing between two marks clears it", mark + "a\n" + mark + mark + mark + execute, "a", ""},
		{"defined anew", mark + "a\n" + mark + mark + "b\n" + mark + execute, "a\nb\nb", ""},
		{"a status in between is not part of it", mark + "\x10\x04\x01" + fence + mark + execute, "", "\x12\x00\x00"},
		{"Chinese", mark + "\xb0\xa1\n" + mark + execute, "啊\n啊", ""},
	} {
		s, answers := run(printer.Profile58, sim.Confirmed, start+c.stream)
		if got := s.Paper().Text(); got != c.paper || answers != c.answers || s.Pending() {
			t.Errorf("%s: the paper says %q, answers % X", c.name, got, answers)
		}
	}
}

// Only a power cut takes a macro.
func TestMacroIsLostWithThePower(t *testing.T) {
	for fault, want := range map[sim.Fault]string{
		sim.PaperOut: "\x00\x00", sim.CoverOpen: "\x00\x00", sim.PowerCycle: "\x00",
	} {
		var answers bytes.Buffer
		s := sim.New(sim.Options{Profile: printer.Profile58, Level: sim.Fence, Answer: &answers})
		s.Write([]byte(mark + fence + mark))
		s.Fail(fault)
		s.Mend()
		s.Write([]byte(execute))
		if got := answers.String(); got != want {
			t.Errorf("fault %d: answers % X, want % X", fault, got, want)
		}
	}
	s, answers := run(printer.Profile58, sim.Fence, mark+fence)
	s.Fail(sim.PowerCycle) // inside the definition
	s.Write([]byte(execute))
	if answers != "\x00" || len(s.Paper().Mistakes) > 0 {
		t.Errorf("answers % X, %v", answers, s.Paper().Mistakes)
	}
}

// Firmware without macros obeys what comes and knows nothing of it afterwards.
func TestNoMacro(t *testing.T) {
	for _, o := range []sim.Options{{Level: sim.Mute}, {Level: sim.Status}, {Level: sim.Fence, NoMacro: true}, {Level: sim.Confirmed, NoMacro: true}} {
		o.Profile = printer.Profile58
		s := sim.New(o)
		s.Write([]byte(start + mark + "a\n" + mark + execute + mark + execute))
		if got := s.Paper().Text(); got != "a" {
			t.Errorf("level %d: the paper says %q", o.Level, got)
		}
	}
}

func TestMacroMistakes(t *testing.T) {
	for stream, want := range map[string]string{
		mark + strings.Repeat("a\n", 1025) + mark:       "longer than 2048",
		mark + "a\n" + mark + "\x1d^\x02\x00\x00":       "want once",
		mark + "a\n" + mark + "\x1d^\x01\x00\x01":       "want once",
		mark + "\x1bz" + mark + "b\n" + execute + "c\n": "unknown: 1B 7A",
	} {
		s, _ := run(printer.Profile58, sim.Fence, start+stream)
		mistakes := s.Paper().Mistakes
		if len(mistakes) == 0 || !strings.Contains(mistakes[0].Text, want) {
			t.Errorf("%q: %v, want %q", stream[:min(9, len(stream))], mistakes, want)
		}
	}
}

// Each pulse to the drawer is counted, and nothing is printed.
func TestKicks(t *testing.T) {
	s, _ := run(printer.Profile58, sim.Mute, start+"\x1bp\x00\x19\xfa\x1bp\x01\x19\xfa\x1bp\x07\x01\x01")
	if s.Kicks() != 2 {
		t.Errorf("%d kicks, want 2", s.Kicks())
	}
}

// The noise of a line is heard whatever the printer can say.
func TestNoiseOfAMutePrinter(t *testing.T) {
	var answers bytes.Buffer
	s := sim.New(sim.Options{Profile: printer.Profile58, Answer: &answers})
	s.Fail(sim.Garbage)
	if answers.Len() == 0 {
		t.Error("nothing was heard")
	}
}

// A printer without a terminal knows no clock: in a bubble, a stalled one holds its
// host up until it is mended, an hour later by the bubble's clock.
func TestPrinterInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.New(sim.Options{Profile: printer.Profile58, Level: sim.Confirmed})
		s.Fail(sim.Stall)
		begun := time.Now()
		var host sync.WaitGroup
		host.Go(func() { s.Write([]byte(start + "one\n")) })
		time.Sleep(time.Hour)
		if s.Received() != 0 {
			t.Error("a stalled printer took bytes")
		}
		s.Mend()
		host.Wait()
		if took := time.Since(begun); took != time.Hour || s.Paper().Text() != "one" {
			t.Errorf("after %v the paper says %q", took, s.Paper().Text())
		}
	})
}
