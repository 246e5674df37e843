package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"yizhan/link/echo"
)

// faultKind is a way in which a network misbehaves.
type faultKind string

const (
	faultNone      faultKind = "none"
	faultUnplugged faultKind = "unplugged" // what is connected ends, and nothing can be dialled
	faultDropped   faultKind = "dropped"   // calls are accepted, and ended at once
	faultTorn      faultKind = "torn"      // each call ends after some bytes, in the middle of whatever that is
	faultSilent    faultKind = "silent"    // nothing gets through, and nobody is told; later it all comes
	faultDeafUp    faultKind = "deaf up"   // the same, only from the kiosk to the center
	faultDeafDown  faultKind = "deaf down" // the same, only from the center to the kiosk
	faultDrip      faultKind = "drip"      // some bytes at a time
	faultDelayed   faultKind = "delayed"   // everything comes late
	faultNarrow    faultKind = "narrow"    // a modem of long ago
)

var faultKinds = []faultKind{faultUnplugged, faultDropped, faultTorn, faultSilent, faultDeafUp, faultDeafDown, faultDrip, faultDelayed, faultNarrow}

// fault is one of them with its measures.
type fault struct {
	kind  faultKind
	bytes int           // after which a call is torn, or at a time
	wait  time.Duration // before each piece
}

func (f fault) String() string { return fmt.Sprintf("%s (%d bytes, %v)", f.kind, f.bytes, f.wait) }

// drawFault draws a fault's measures.
func drawFault(rng *rand.Rand, kind faultKind) fault {
	f := fault{kind: kind}
	switch kind {
	case faultTorn: // a handshake takes about 2,500 bytes
		f.bytes = 1 + rng.IntN(12_000)
	case faultDrip:
		f.bytes, f.wait = 1+rng.IntN(40), time.Millisecond
	case faultDelayed:
		f.wait = time.Duration(20+rng.IntN(500)) * time.Millisecond
	case faultNarrow:
		f.bytes, f.wait = 100+rng.IntN(400), 50*time.Millisecond
	}
	return f
}

// faultyWire is the network between a kiosk and its center: a relay on this machine
// that misbehaves as it is told. A fault holds for calls that are under way, too.
type faultyWire struct {
	address, target string

	mu       sync.Mutex
	fault    fault
	changed  chan struct{} // closed when the fault is another
	listener net.Listener  // nil: unplugged
	calls    map[*wireCall]struct{}
	work     sync.WaitGroup
}

// wireCall is one connection through the wire.
type wireCall struct {
	kiosk, center net.Conn
	once          sync.Once
	over          chan struct{}

	mu   sync.Mutex
	left int // bytes until it is torn
}

func (c *wireCall) end() {
	c.once.Do(func() {
		close(c.over)
		c.kiosk.Close()
		c.center.Close()
	})
}

func newFaultyWire(t *testing.T, target string) *faultyWire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &faultyWire{address: l.Addr().String(), target: target, fault: fault{kind: faultNone}, changed: make(chan struct{}),
		listener: l, calls: make(map[*wireCall]struct{})}
	w.work.Go(func() { w.accept(l) })
	t.Cleanup(w.close)
	return w
}

// set lets the wire misbehave from now on.
func (w *faultyWire) set(f fault) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.kind == faultUnplugged || f.kind == faultDropped {
		for c := range w.calls {
			c.end()
		}
	}
	for c := range w.calls {
		c.tearAfter(f.bytes)
	}
	w.fault = f
	close(w.changed)
	w.changed = make(chan struct{})
	return w.plug(f.kind != faultUnplugged)
}

// heal ends the fault.
func (w *faultyWire) heal() error { return w.set(fault{kind: faultNone}) }

// plug opens the wire's end, or closes it. The caller holds mu.
func (w *faultyWire) plug(in bool) error {
	switch {
	case in && w.listener == nil:
		l, err := net.Listen("tcp", w.address)
		if err != nil {
			return fmt.Errorf("plugging the wire in again: %w", err)
		}
		w.listener = l
		w.work.Go(func() { w.accept(l) })
	case !in && w.listener != nil:
		w.listener.Close()
		w.listener = nil
	}
	return nil
}

func (w *faultyWire) close() {
	_ = w.set(fault{kind: faultUnplugged})
	w.work.Wait()
}

func (w *faultyWire) now() (fault, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.changed
}

func (w *faultyWire) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			w.work.Go(func() { w.relay(conn) })
		}
	}
}

// relay carries one connection to its end.
func (w *faultyWire) relay(kiosk net.Conn) {
	defer kiosk.Close()
	if f, _ := w.now(); f.kind == faultDropped {
		return
	}
	center, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	c := &wireCall{kiosk: kiosk, center: center, over: make(chan struct{})}
	defer c.end()
	w.mu.Lock()
	c.left = w.fault.bytes
	plugged := w.listener != nil
	w.calls[c] = struct{}{}
	w.mu.Unlock()
	if plugged {
		up := make(chan struct{})
		go func() { defer close(up); w.carry(c, center, kiosk, faultDeafUp) }()
		w.carry(c, kiosk, center, faultDeafDown)
		<-up
	}
	w.mu.Lock()
	delete(w.calls, c)
	w.mu.Unlock()
}

// carry copies one direction, which deaf stops. Either direction's end is the end.
func (w *faultyWire) carry(c *wireCall, to io.Writer, from io.Reader, deaf faultKind) {
	defer c.end()
	buf := make([]byte, 4<<10)
	for {
		n, err := from.Read(buf)
		if !w.pass(c, to, buf[:n], deaf) || err != nil {
			return
		}
	}
}

// pass lets some bytes through as the fault of the moment does. It answers false when
// the call is over.
func (w *faultyWire) pass(c *wireCall, to io.Writer, b []byte, deaf faultKind) bool {
	for len(b) > 0 {
		f, changed := w.now()
		piece := len(b)
		switch f.kind {
		case faultSilent, deaf:
			select {
			case <-changed:
				continue
			case <-c.over:
				return false
			}
		case faultTorn:
			piece = c.take(piece)
		case faultDrip, faultNarrow:
			piece = min(piece, f.bytes)
		}
		if f.wait > 0 && !c.sleep(f.wait) {
			return false
		}
		if _, err := to.Write(b[:piece]); err != nil || piece == 0 {
			return false
		}
		b = b[piece:]
	}
	return true
}

func (c *wireCall) tearAfter(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = n
}

// take takes bytes from what is left until the call is torn.
func (c *wireCall) take(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n = min(n, c.left)
	c.left -= n
	return n
}

func (c *wireCall) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-c.over:
		return false
	}
}

// TestFaultyWire holds that each fault does what it says, to a call that is under way
// and to the next, and that nothing of it stays when it is over.
func TestFaultyWire(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	for _, kind := range faultKinds {
		t.Run(string(kind), func(t *testing.T) {
			w := newFaultyWire(t, echo.Listen(t))
			old, err := net.Dial("tcp", w.address)
			if err != nil {
				t.Fatal(err)
			}
			defer old.Close()
			if err := says(old, 100, time.Second); err != nil {
				t.Fatalf("before: %v", err)
			}
			f := drawFault(rng, kind)
			if err := w.set(f); err != nil {
				t.Fatal(err)
			}
			const long = 100 << 10 // so much that no fault lets it through in time
			if err := says(old, long, 300*time.Millisecond); err == nil {
				t.Errorf("%v: nothing happened to the call that was under way", f)
			}
			if fresh, err := net.Dial("tcp", w.address); err == nil {
				if err := says(fresh, long, 300*time.Millisecond); err == nil {
					t.Errorf("%v: nothing happened to a new call", f)
				}
				fresh.Close()
			} else if kind != faultUnplugged {
				t.Errorf("%v: %v", f, err)
			}
			if err := w.heal(); err != nil {
				t.Fatal(err)
			}
			again, err := net.Dial("tcp", w.address)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if err := says(again, long, 5*time.Second); err != nil {
				t.Errorf("after %v: %v", f, err)
			}
		})
	}
}

// says sends bytes to an echo and waits for them.
func says(c net.Conn, n int, within time.Duration) error {
	if err := c.SetDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(make([]byte, n))
		sent <- err
	}()
	_, err := io.ReadFull(c, make([]byte, n))
	return errors.Join(err, <-sent)
}
