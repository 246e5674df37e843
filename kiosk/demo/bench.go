package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// Bench is the printer beside the kiosk: a simulated one, to be broken and mended by
// hand. The kiosk knows it by a path that stays the same when the printer is
// unplugged, plugged in again, or changed for one that answers more.
type Bench struct {
	path    string
	profile printer.Profile
	tray    tray

	mu     sync.Mutex
	level  sim.Level
	baud   int
	device *sim.Device // the last that was plugged in
	last   string      // word of the action that was done last
	cuts   int         // of the power that were mended
}

// NewBench plugs in a printer behind path, which must not be a file that anybody
// needs. baud is the speed of its line; 0 is as fast as bytes come.
func NewBench(path string, profile printer.Profile, level sim.Level, baud int) (*Bench, error) {
	b := &Bench{path: path, profile: profile}
	if err := b.Swap(level, baud); err != nil {
		return nil, err
	}
	return b, nil
}

// Path is where the kiosk finds the printer.
func (b *Bench) Path() string { return b.path }

// Swap takes the printer away and plugs in another.
func (b *Bench) Swap(level sim.Level, baud int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.level, b.baud, b.last = level, baud, ""
	return b.replug()
}

func (b *Bench) replug() error {
	if err := b.unplug(); err != nil {
		return err
	}
	return b.plug()
}

// plug starts a printer and leads the path to it. What still hangs out of the one
// before is torn off.
func (b *Bench) plug() error {
	device, err := sim.Start(sim.Options{Profile: b.profile, Level: b.level, Lax: true, OnPaper: b.tray.add}, b.baud)
	if err != nil {
		return err
	}
	if b.device != nil {
		b.device.TearOff()
	}
	b.device, b.cuts = device, 0
	if err := os.Symlink(device.Path, b.path); err != nil {
		return errors.Join(fmt.Errorf("plugging in the simulated printer: %w", err), device.Close())
	}
	go func() {
		<-device.Gone()
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.device == device { // a fault has unplugged it
			_ = b.unlink() // whoever plugs in next meets the same error
		}
	}()
	return nil
}

// unplug takes the path away first: the system soon gives the terminal's name to
// somebody else's terminal, and the kiosk must not write there.
func (b *Bench) unplug() error {
	if err := b.unlink(); err != nil {
		return err
	}
	if b.device == nil {
		return nil
	}
	return b.device.Close()
}

func (b *Bench) unlink() error {
	if err := os.Remove(b.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unplugging the simulated printer: %w", err)
	}
	return nil
}

// Close unplugs the printer for good.
func (b *Bench) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.unplug()
}

// errNoAction is for a word that no button has.
var errNoAction = errors.New("there is no such button")

// Do does what the button of that word says: now, or when half of the next slip is
// printed where the action can wait for that.
func (b *Bench) Do(word string, half bool) error {
	a, ok := actionOf(word)
	if !ok {
		return fmt.Errorf("%q: %w", word, errNoAction)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if half && a.fault != 0 {
		b.last = ""
		b.device.FailAtDots(b.tray.half(), a.fault)
		return nil
	}
	b.last = word
	switch {
	case a.Word == wordMend:
		return b.mend()
	case a.Word == wordNearEnd:
		b.device.SetNearEnd(true)
	case a.fault == sim.Unplug:
		return b.unplug()
	default:
		b.device.Fail(a.fault)
	}
	return nil
}

// mend puts everything right: paper, cover, line, plug.
func (b *Bench) mend() error {
	c := b.device.Condition()
	if c.Unplugged {
		return b.replug()
	}
	b.cuts = c.PowerCycles
	b.device.FailAtDots(0, 0)
	b.device.Mend()
	return nil
}

// hanging is the paper that hangs out of the printer.
func (b *Bench) hanging() sim.Paper {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.device.Paper()
}

// state tells how the printer is now.
func (b *Bench) state() state {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.device.Condition()
	c.PowerCycles -= b.cuts
	return newState(c, b.level, b.baud, b.last)
}
