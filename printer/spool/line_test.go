package spool_test

import (
	"bytes"
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// tap stands between the printer and the spool: it can say what the printer does not
// say, and hold back what it says.
type tap struct {
	spool.Line
	said    chan []byte
	ended   chan struct{}
	latency time.Duration
	rest    []byte
	onSend  func(t *tap, b []byte)
}

// tapped is the world's line with a tap. onSend is called before everything that is sent.
func (w *world) tapped(latency time.Duration, onSend func(*tap, []byte)) func() (spool.Line, error) {
	return func() (spool.Line, error) {
		line, err := w.open()
		if err != nil {
			return nil, err
		}
		t := &tap{Line: line, said: make(chan []byte), ended: make(chan struct{}), latency: latency, onSend: onSend}
		go t.listen()
		return t, nil
	}
}

// listen passes on what the printer says, each time after the latency.
func (t *tap) listen() {
	defer close(t.ended)
	var late sync.WaitGroup
	defer late.Wait()
	for {
		b := make([]byte, 64)
		n, err := t.Line.Read(b, 0)
		if err != nil {
			return
		}
		late.Go(func() {
			time.Sleep(t.latency)
			t.say(b[:n]...)
		})
	}
}

// say lets the spool hear something.
func (t *tap) say(b ...byte) {
	select {
	case t.said <- b:
	case <-t.ended:
	case <-time.After(time.Minute): // nobody reads any more
	}
}

func (t *tap) Read(b []byte, _ time.Duration) (int, error) {
	for len(t.rest) == 0 {
		select {
		case t.rest = <-t.said:
		case <-t.ended:
			return 0, os.ErrClosed
		}
	}
	n := copy(b, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

func (t *tap) Send(ctx context.Context, b []byte) (int, error) {
	if t.onSend != nil {
		t.onSend(t, b)
	}
	return t.Line.Send(ctx, b)
}

// TestAFloodEndsNoWaitAndProvesNothing: something on the line never stops talking,
// once all the time and once as fast as a line can.
func TestAFloodEndsNoWaitAndProvesNothing(t *testing.T) {
	for _, flood := range []struct {
		name string
		said []byte
	}{
		{"noise", []byte{0xFF}},
		{"noise, fences", []byte{0xFF, 0x00}},
		{"fences", []byte{0x00}},
		{"a status of being well", []byte{0x12}},
		{"the id of another slip", []byte("7\"0000\x00")},
		{"half an id", []byte("7\"00")},
	} {
		for _, level := range []sim.Level{sim.Status, sim.Fence, sim.Confirmed} {
			bubble(t, kind{level: level}, 0, func(w *world) {
				var line atomic.Pointer[tap]
				w.startWith((*book)(w), w.tapped(0, func(t *tap, _ []byte) { line.Store(t) }))
				w.until(w.add(false), settled...)
				time.Sleep(time.Second)
				w.printer.FailAt(w.printer.Received()+150, sim.Stall)
				n := w.add(false)
				w.spool.Wake()
				flooded := time.Now().Add(90 * time.Second)
				for range 2000 { // 1 MB/s
					line.Load().say(bytes.Repeat(flood.said, 64/len(flood.said))...)
					time.Sleep(64 * time.Microsecond)
				}
				probed := make(chan time.Duration, 1)
				go func() {
					began := time.Now()
					w.spool.Probe(w.Context())
					probed <- time.Since(began)
				}()
				for time.Now().Before(flooded) {
					line.Load().say(flood.said...)
					time.Sleep(20 * time.Millisecond)
				}
				if j := w.job(n); j.State == spool.Printed || j.State == spool.Sending || j.State == spool.Drained {
					t.Errorf("level %d, flood of %s: the job is %v, %q", level, flood.name, j.State, w.paper())
				}
				if took := <-probed; took > time.Minute {
					t.Errorf("level %d, flood of %s: the worker was busy for %v", level, flood.name, took)
				}
				w.Mend()
				w.comeTrue(n)
			})
		}
	}
}

// TestZerosProveNothing: the printer's power goes in the middle of a slip, and the line
// says what a fence says, because of that or because the printer reports its state.
func TestZerosProveNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		said []byte
	}{
		{"a break", []byte{0}},
		{"an automatic status", []byte{0x10, 0, 0, 0}},
	} {
		bubble(t, kind{level: sim.Fence}, 0, func(w *world) {
			var asked atomic.Bool
			w.startWith((*book)(w), w.tapped(0, func(t *tap, b []byte) {
				if len(w.steps) > 0 && w.steps[len(w.steps)-1] == "drained" && bytes.Equal(b, []byte{0x10, 4, 1}) && !asked.Swap(true) {
					t.say(c.said...)
				}
			}))
			w.until(w.add(false), settled...)
			time.Sleep(time.Second)
			asked.Store(false)
			w.printer.FailAt(w.printer.Received()+150, sim.PowerCycle)
			n := w.add(false)
			w.spool.Wake()
			j := w.until(n, settled...)
			if !asked.Load() || j.State != spool.Uncertain {
				t.Errorf("%s: asked %v, %v, %q", c.name, asked.Load(), j.State, w.paper())
			}
			w.comeTrue(n)
		})
	}
}

// TestLateAnswersAreNotTakenForOthers: an adapter holds every answer back so long that
// each question is asked twice.
func TestLateAnswersAreNotTakenForOthers(t *testing.T) {
	for _, level := range []sim.Level{sim.Status, sim.Fence, sim.Confirmed} {
		bubble(t, kind{level: level}, 0, func(w *world) {
			w.startWith((*book)(w), w.tapped(450*time.Millisecond, nil))
			w.until(w.add(false), settled...)
			w.Fail(sim.PaperOut)
			n := w.add(false)
			w.spool.Wake()
			w.until(n, spool.Held)
			time.Sleep(10 * time.Minute)
			if j := w.job(n); j.State != spool.Held || spool.ReasonOf(j.Note) != spool.NoPaper || w.touched(j) {
				t.Errorf("level %d: %+v, steps %v", level, j, w.steps)
			}
			w.Mend()
			if j := w.until(n, settled...); w.whole(j) != 1 || j.State == spool.Uncertain {
				t.Errorf("level %d: %v, %q", level, j.State, w.paper())
			}
		})
	}
}
