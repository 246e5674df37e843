package link

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// peer runs the reading and the writing of one session beside the goroutine that
// decides. What is sent waits in an outbox that an honest other end never fills.
type peer struct {
	conn    Conn
	in      chan Frame
	out     chan Frame
	drained chan struct{} // told after each frame that was written
	waiting atomic.Int32  // frames that are not written yet
	done    sync.WaitGroup
}

func newPeer(conn Conn) *peer {
	return &peer{conn: conn, in: make(chan Frame), out: make(chan Frame, outbox), drained: make(chan struct{}, 1)}
}

// start begins to read and write; the first error ends the context.
func (p *peer) start(ctx context.Context, stop context.CancelCauseFunc) {
	p.done.Go(func() { stop(p.reads(ctx)) })
	p.done.Go(func() {
		err := p.writes(ctx)
		select { // a last word of the other end's may still be read: it says why
		case <-ctx.Done():
		case <-time.After(lastWord):
		}
		stop(err)
	})
}

func (p *peer) reads(ctx context.Context) error {
	for {
		f, err := p.conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("hearing the other end: %w", err)
		}
		select {
		case p.in <- f:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (p *peer) writes(ctx context.Context) error {
	for {
		select {
		case f := <-p.out:
			if err := p.conn.Write(ctx, f); err != nil {
				return fmt.Errorf("telling the other end: %w", err)
			}
			p.waiting.Add(-1)
			nudge(p.drained)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// send never waits. A full outbox means that the other end asks for more than
// it may, or takes nothing in.
func (p *peer) send(f Frame) error {
	p.waiting.Add(1)
	select {
	case p.out <- f:
		return nil
	default:
		p.waiting.Add(-1)
		return fmt.Errorf("%w: %d frames wait for the other end", ErrSequence, outbox)
	}
}

// idle tells whether everything that was sent is written.
func (p *peer) idle() bool { return p.waiting.Load() == 0 }

// wait closes the connection and waits for both goroutines. The context has
// ended before.
func (p *peer) wait() {
	p.conn.Close()
	p.done.Wait()
}
