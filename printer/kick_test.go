package printer_test

import (
	"testing"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// The bytes are those of the first connector, 50 ms and half a second.
func TestKickBytes(t *testing.T) {
	if got := string(printer.Kick()); got != "\x1bp\x00\x19\xfa" {
		t.Errorf("% X", got)
	}
}

// The drawer opens once, and the paper stays as it was.
func TestKick(t *testing.T) {
	s := sim.New(sim.Options{Profile: printer.Profile58})
	s.Write(printer.Kick())
	if paper := s.Paper(); s.Kicks() != 1 || paper.Text() != "" || paper.Image.Height != 0 || s.Pending() {
		t.Errorf("%d kicks, paper %q, pending %v", s.Kicks(), paper.Text(), s.Pending())
	}
}
