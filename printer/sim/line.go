package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// lineBytes is what a Line takes before the printer has read it, as a kernel does.
const lineBytes = 4096

// lineGrace is how long a Line may stand still before it counts as stuck; printer.Port
// waits as long.
const lineGrace = 10 * time.Second

// errHungUp is what a line says whose printer was unplugged.
var errHungUp = errors.New("the simulated printer was unplugged")

// Line is a serial line to a simulated printer without any operating system below
// it, so that tests can break it at any byte and let a clock of their own run. It
// takes and returns bytes as a printer.Port does.
type Line struct {
	printer   *Printer
	baud      int
	unplugged chan struct{} // closed when the printer was
	wire      chan struct{} // holds one: bytes of a line come after those of the one before

	mu      sync.Mutex
	sending []byte        // sent and not read by the printer yet; the first may be in its hands
	heard   []byte        // said and not read by the host yet
	changed chan struct{} // closed and made anew whenever something above changes
	closed  bool
}

// Connect switches a printer on and connects a line to it, of a baud rate or, with
// 0, as fast as the printer reads.
func Connect(o Options, baud int) (*Printer, *Line) {
	l := &Line{baud: baud, changed: make(chan struct{}), unplugged: make(chan struct{}), wire: make(chan struct{}, 1)}
	o.Answer = hostEnd{l}
	l.printer = New(o)
	l.printer.health.onUnplug = sync.OnceFunc(func() { close(l.unplugged) })
	go l.carry()
	return l.printer, l
}

// Again is another line to the same printer, as it is after the host has closed and
// opened the device.
func (l *Line) Again() *Line {
	again := &Line{printer: l.printer, baud: l.baud, unplugged: l.unplugged, wire: l.wire, changed: make(chan struct{})}
	l.printer.mu.Lock()
	defer l.printer.mu.Unlock()
	l.printer.options.Answer = hostEnd{again}
	go again.carry()
	return again
}

// hostEnd is where the printer's answers go.
type hostEnd struct{ line *Line }

func (h hostEnd) Write(b []byte) (int, error) {
	h.line.change(func() { h.line.heard = append(h.line.heard, b...) })
	return len(b), nil
}

// change changes the line and wakes whoever waits for that.
func (l *Line) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.changed)
	l.changed = make(chan struct{})
}

// carry brings bytes to the printer: at a baud rate one after the other, else some at
// once, as an adapter with a buffer of its own does.
func (l *Line) carry() {
	for {
		b := l.next()
		if b == nil {
			return
		}
		if l.baud > 0 {
			time.Sleep(10 * time.Second / time.Duration(l.baud))
		}
		// A printer takes everything and never fails; it only lets wait.
		l.wire <- struct{}{}
		_, _ = l.printer.Write(b)
		<-l.wire
		l.change(func() { l.sending = l.sending[min(len(b), len(l.sending)):] })
	}
}

// next waits for bytes to carry; nil: the line is closed. They stay in sending until
// the printer has them.
func (l *Line) next() []byte {
	most := 64
	if l.baud > 0 {
		most = 1
	}
	for {
		l.mu.Lock()
		b, closed, changed := bytes.Clone(l.sending[:min(most, len(l.sending))]), l.closed, l.changed
		l.mu.Unlock()
		switch {
		case closed:
			return nil
		case len(b) > 0:
			return b
		}
		<-changed
	}
}

// await waits until ready says so, called with the lock held, the line hangs up, the
// time is over (0: never) or ctx ends.
func (l *Line) await(ctx context.Context, within time.Duration, ready func() bool) error {
	var timeout <-chan time.Time
	if within > 0 {
		timeout = time.After(within)
	}
	for {
		l.mu.Lock()
		ok, closed, changed := ready(), l.closed, l.changed
		l.mu.Unlock()
		switch {
		case closed:
			return os.ErrClosed
		case ok:
			return nil
		}
		select {
		case <-changed:
		case <-l.unplugged:
			return errHungUp
		case <-timeout:
			return os.ErrDeadlineExceeded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Send takes as much of b as fits, and waits for the rest.
func (l *Line) Send(ctx context.Context, b []byte) (sent int, err error) {
	for sent < len(b) {
		select {
		case <-l.unplugged: // even when there is room
			return sent, errHungUp
		default:
		}
		room := 0
		err := l.await(ctx, lineGrace, func() bool {
			room = lineBytes - len(l.sending)
			return room > 0
		})
		if err != nil {
			return sent, fmt.Errorf("sending to the simulated printer, %d of %d bytes: %w", sent, len(b), err)
		}
		n := min(room, len(b)-sent)
		l.change(func() { l.sending = append(l.sending, b[sent:sent+n]...) })
		sent += n
	}
	return sent, nil
}

// Drain waits until the printer has everything.
func (l *Line) Drain(ctx context.Context) error {
	l.mu.Lock()
	left := len(l.sending)
	l.mu.Unlock()
	within := lineGrace
	if l.baud > 0 {
		within += time.Duration(left) * 10 * time.Second / time.Duration(l.baud)
	}
	if err := l.await(ctx, within, func() bool { return len(l.sending) == 0 }); err != nil {
		return fmt.Errorf("draining the line to the simulated printer: %w", err)
	}
	return nil
}

// Read waits at most timeout, 0 for ever, for what the printer says.
func (l *Line) Read(b []byte, timeout time.Duration) (n int, err error) {
	if err := l.await(context.Background(), timeout, func() bool { return len(l.heard) > 0 }); err != nil {
		return 0, fmt.Errorf("reading from the simulated printer: %w", err)
	}
	l.change(func() {
		n = copy(b, l.heard)
		l.heard = l.heard[n:]
	})
	return n, nil
}

// Close hangs up. What the printer has not read is lost.
func (l *Line) Close() error {
	l.change(func() { l.closed, l.sending = true, nil })
	return nil
}
