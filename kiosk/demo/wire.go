package demo

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Wire is the network between a kiosk and its center: a relay on this machine
// that can be cut. A cut ends the connections at once, as a pulled plug does.
type Wire struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	cut   bool
	ended bool
	ends  map[net.Conn]struct{}
	work  sync.WaitGroup
}

// NewWire lays a wire to the center at target, host:port.
func NewWire(target string) (*Wire, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("laying a wire: %w", err)
	}
	w := &Wire{listener: l, target: target, ends: make(map[net.Conn]struct{})}
	w.work.Go(w.accept)
	return w, nil
}

// Address is the end at which the kiosk calls.
func (w *Wire) Address() string { return w.listener.Addr().String() }

// IsCut tells whether nothing gets through now.
func (w *Wire) IsCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut
}

// Cut cuts the wire, or mends it.
func (w *Wire) Cut(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		w.drop()
	}
}

// drop ends what is connected. The caller holds mu.
func (w *Wire) drop() {
	for c := range w.ends {
		c.Close()
	}
}

// Close takes the wire away.
func (w *Wire) Close() error {
	w.mu.Lock()
	w.ended = true
	w.drop()
	w.mu.Unlock()
	err := w.listener.Close()
	w.work.Wait()
	return err
}

func (w *Wire) accept() {
	for {
		c, err := w.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			w.work.Go(func() { w.relay(c) })
		}
	}
}

// relay carries one connection to its end.
func (w *Wire) relay(kiosk net.Conn) {
	defer kiosk.Close()
	if !w.holds(kiosk) {
		return
	}
	defer w.forget(kiosk)
	center, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer center.Close()
	if !w.holds(center) {
		return
	}
	defer w.forget(center)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(center, kiosk) // either side's end is the end
		center.Close()
	}()
	_, _ = io.Copy(kiosk, center)
	kiosk.Close()
	<-done
}

// holds notes an end of a connection, so that a cut finds it; false: it is cut.
func (w *Wire) holds(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut || w.ended {
		return false
	}
	w.ends[c] = struct{}{}
	return true
}

func (w *Wire) forget(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, c)
}
