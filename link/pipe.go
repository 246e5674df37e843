package link

import (
	"context"
	"sync"
	"time"
)

// Fate is what becomes of one frame on a Pipe.
type Fate struct {
	Delay time.Duration // until it can be read; later ones wait behind it
	Cut   Cut
}

// Cut says how a connection ends at a frame.
type Cut uint8

// Ways to end. A silent end is that of a cable pulled out: nobody learns of it
// before SilenceTime has passed.
const (
	CutNone   Cut = iota
	CutBefore     // the frame is lost, and both ends learn of it
	CutAfter      // it arrives, nothing after it does
	CutSilent     // it is lost, and so is all that follows
)

// Fates decides the fate of the n-th frame (from 0) of one direction; up is from
// the kiosk. It may be called from two goroutines. Nil lets all frames through.
type Fates func(up bool, n int, f Frame) Fate

// pipeFrames is how many frames lie in one direction of a Pipe before Write
// waits, as a socket's buffers would have it.
const pipeFrames = 4

// Pipe returns the two ends of a connection in memory. Frames pass the codec on
// their way. It makes no goroutine, and time is that of package time, so it runs
// inside a synctest bubble.
func Pipe(fates Fates) (kiosk, center Conn) {
	if fates == nil {
		fates = func(bool, int, Frame) Fate { return Fate{} }
	}
	w := &wire{done: make(chan struct{}), fates: fates}
	up, down := make(chan parcel, pipeFrames), make(chan parcel, pipeFrames)
	return &pipeEnd{wire: w, up: true, in: down, out: up}, &pipeEnd{wire: w, in: up, out: down}
}

// wire is what both ends of a Pipe share.
type wire struct {
	fates  Fates
	mu     sync.Mutex
	done   chan struct{}
	closed bool
	silent bool
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.done)
	}
}

func (w *wire) hush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.silent {
		w.silent = true
		time.AfterFunc(SilenceTime, w.cut)
	}
}

func (w *wire) isSilent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.silent
}

type parcel struct {
	frame []byte
	due   time.Time
	last  bool
}

type pipeEnd struct {
	*wire
	up    bool
	in    <-chan parcel
	out   chan<- parcel
	sent  int
	ended bool
}

func (p *pipeEnd) Write(ctx context.Context, f Frame) error {
	b, err := Encode(f)
	if err != nil {
		return err
	}
	fate := p.fates(p.up, p.sent, f)
	p.sent++
	switch fate.Cut {
	case CutBefore:
		p.cut()
		return ErrCut
	case CutSilent:
		p.hush()
	}
	if p.isSilent() {
		return nil
	}
	return p.put(ctx, parcel{b, time.Now().Add(fate.Delay), fate.Cut == CutAfter})
}

func (p *pipeEnd) put(ctx context.Context, b parcel) error {
	late := time.NewTimer(WriteTime)
	defer late.Stop()
	select {
	case <-p.done:
		return ErrCut
	default:
	}
	select {
	case p.out <- b:
		return nil
	case <-p.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-late.C:
		p.cut()
	}
	return ErrCut
}

// Read hands out what had arrived when the connection was closed: a Refused must
// not be lost to the Close behind it.
func (p *pipeEnd) Read(ctx context.Context) (Frame, error) {
	if p.ended {
		return nil, ErrCut
	}
	select {
	case b := <-p.in:
		return p.arrive(ctx, b)
	default:
	}
	select {
	case b := <-p.in:
		return p.arrive(ctx, b)
	case <-p.done:
		return nil, ErrCut
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (p *pipeEnd) arrive(ctx context.Context, b parcel) (Frame, error) {
	if wait := time.Until(b.due); wait > 0 {
		due := time.NewTimer(wait)
		defer due.Stop()
		select {
		case <-due.C:
		case <-p.done:
			return nil, ErrCut
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if b.last {
		p.ended = true
		p.cut()
	}
	return Decode(b.frame)
}

func (p *pipeEnd) Close() error {
	p.cut()
	return nil
}
