package sim_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// connected runs f in a bubble on a printer at the end of a line.
func connected(t *testing.T, baud int, f func(t *testing.T, p *sim.Printer, line *sim.Line)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p, line := sim.Connect(sim.Options{Profile: printer.Profile58, Level: sim.Confirmed}, baud)
		f(t, p, line)
		p.Fail(sim.Unplug) // whatever waits for it ends
		if err := line.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestLineHasTheSpeedOfItsBaudRate(t *testing.T) {
	connected(t, 9600, func(t *testing.T, p *sim.Printer, line *sim.Line) {
		stream := []byte(start + strings.Repeat("a\n", 478) + fence)
		began := time.Now()
		if n, err := line.Send(t.Context(), stream); n != len(stream) || err != nil {
			t.Fatalf("sent %d: %v", n, err)
		}
		if err := line.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := time.Duration(len(stream)) * 10 * time.Second / 9600
		if took := time.Since(began).Round(time.Millisecond); took != want.Round(time.Millisecond) {
			t.Errorf("%d bytes took %v, want %v", len(stream), took, want)
		}
		answer := make([]byte, 8)
		if n, err := line.Read(answer, time.Second); err != nil || n != 1 || answer[0] != 0 {
			t.Errorf("the fence answers % X, %v", answer[:n], err)
		}
		if p.Received() != int64(len(stream)) {
			t.Errorf("the printer has %d bytes of %d", p.Received(), len(stream))
		}
	})
}

func TestStalledLine(t *testing.T) {
	connected(t, 0, func(t *testing.T, p *sim.Printer, line *sim.Line) {
		p.Fail(sim.Stall)
		began := time.Now()
		n, err := line.Send(t.Context(), make([]byte, 10_000))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 10_000 || time.Since(began) != 10*time.Second {
			t.Errorf("sent %d in %v: %v", n, time.Since(began), err)
		}
		if err := line.Drain(t.Context()); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("draining: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := line.Send(ctx, []byte{0}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a context that ends: %v", err)
		}
		p.Mend()
		if err := line.Drain(t.Context()); err != nil || p.Received() != int64(n) {
			t.Errorf("mended, the printer has %d of %d bytes, %v", p.Received(), n, err)
		}
	})
}

func TestLineThatIsSilent(t *testing.T) {
	connected(t, 0, func(t *testing.T, p *sim.Printer, line *sim.Line) {
		began := time.Now()
		if _, err := line.Read(make([]byte, 1), time.Minute); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// A line that was opened again hears what the printer says from then on.
func TestLineOpenedAgain(t *testing.T) {
	connected(t, 0, func(t *testing.T, p *sim.Printer, first *sim.Line) {
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := first.Read(make([]byte, 1), time.Second); !errors.Is(err, os.ErrClosed) {
			t.Errorf("the closed line: %v", err)
		}
		second := first.Again()
		defer second.Close()
		if _, err := second.Send(t.Context(), []byte(id)); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 16)
		if n, err := second.Read(answer, time.Second); err != nil || string(answer[:n]) != idBack {
			t.Errorf("the line opened again hears % X, %v", answer[:n], err)
		}
	})
}

func TestUnpluggedLine(t *testing.T) {
	connected(t, 0, func(t *testing.T, p *sim.Printer, line *sim.Line) {
		p.Fail(sim.Unplug)
		if _, err := line.Send(t.Context(), []byte("a")); err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Errorf("sending: %v", err)
		}
		if _, err := line.Read(make([]byte, 1), 0); err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Errorf("reading: %v", err)
		}
	})
}
