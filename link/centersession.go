package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"yizhan/ledger"
)

// centerSession is one kiosk's session as the center sees it. One goroutine runs
// it; calls have their own, for they may wait for other kiosks.
type centerSession struct {
	*Center
	peer    *peer
	hello   Hello
	welcome Welcome
	written chan struct{} // there may be documents
	orders  chan Frame    // what other goroutines want said: a Quarantine, a Refused

	at      map[string]uint64 // what the kiosk has, by scope
	waits   *Cursor           // the Cursor that must come before more documents go down
	serving sync.WaitGroup    // calls
	active  chan struct{}     // one place for each call
	rights  bool              // what was granted is still to be heard

	mu         sync.Mutex
	quarantine Quarantine
	head       uint64 // of the chain, durable
	lastRecall uint64
	recalls    map[uint64]*pendingRecall
	lastOrder  uint64
	ordersOut  map[uint64]chan Ordered
	releases   map[uint64]chan Released // on their way; numbered with the orders
	over       chan struct{}            // closed when the session has ended
}

func newCenterSession(c *Center, conn Conn, h Hello, w Welcome) (*centerSession, error) {
	s := &centerSession{Center: c, peer: newPeer(conn), hello: h, welcome: w, at: make(map[string]uint64),
		written: make(chan struct{}, 1), orders: make(chan Frame, 4), active: make(chan struct{}, MaxCalls), rights: w.Rights,
		quarantine: w.Quarantine, head: w.Head.Seq, recalls: make(map[uint64]*pendingRecall), ordersOut: make(map[uint64]chan Ordered),
		releases: make(map[uint64]chan Released), over: make(chan struct{})}
	if h.Era == w.Era {
		for _, cursor := range h.Cursors {
			s.at[cursor.Scope] = cursor.Version
		}
	}
	return s, s.peer.send(w) // before anybody else can have a word
}

func (s *centerSession) subscribes(scopes []string) bool {
	return slices.ContainsFunc(s.welcome.Scopes, func(scope string) bool { return slices.Contains(scopes, scope) })
}

// run serves the session until it breaks.
func (s *centerSession) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer s.serving.Wait()
	defer s.peer.wait()
	defer stop(ErrCut)
	defer close(s.over)
	s.peer.start(ctx, stop)
	var poll <-chan time.Time
	if s.Poll > 0 {
		ticker := time.NewTicker(s.Poll)
		defer ticker.Stop()
		poll = ticker.C
	}
	err := s.push(ctx)
	for err == nil {
		select {
		case f := <-s.peer.in:
			err = s.hear(ctx, f)
		case f := <-s.orders:
			err = s.order(ctx, f)
		case <-s.written:
			err = s.push(ctx)
		case <-poll:
			err = s.push(ctx)
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	return fmt.Errorf("serving kiosk %s: %w", s.hello.Kiosk, err)
}

// order says what another goroutine wants said. A Refused is the last word: it
// is written before the connection closes, if the kiosk still listens.
func (s *centerSession) order(ctx context.Context, f Frame) error {
	switch f := f.(type) {
	case Quarantine:
		s.mu.Lock()
		s.quarantine = f
		s.mu.Unlock()
	case Refused:
		if err := s.peer.send(f); err != nil {
			return errors.Join(f, err)
		}
		late, stop := context.WithTimeout(ctx, lastWord)
		defer stop()
		for !s.peer.idle() {
			select {
			case <-s.peer.drained:
			case <-s.peer.in:
			case <-late.Done():
				return f
			}
		}
		return f
	}
	return s.peer.send(f)
}

// say hands a frame to the session. One that has more to say than it can is
// closed: the kiosk hears it at the next Welcome.
func (s *centerSession) say(f Frame) {
	select {
	case s.orders <- f:
	default:
		s.peer.conn.Close()
	}
}

// end closes the session with a last word.
func (s *centerSession) end(r Refused) { s.say(r) }

// push sends the next batch of documents, one at a time over all scopes.
func (s *centerSession) push(ctx context.Context) error {
	if s.waits != nil {
		return nil
	}
	for _, scope := range s.welcome.Scopes {
		to, list, err := s.Shelf.After(ctx, scope, s.at[scope], MaxDocuments, BatchBytes)
		if err != nil {
			return fmt.Errorf("reading documents of %q after %d: %w", scope, s.at[scope], err)
		}
		switch from := s.at[scope]; {
		case to < from:
			return s.order(ctx, s.forgot(s.hello.Kiosk, fmt.Sprintf("the kiosk has %q up to %d, the center up to %d", scope, from, to)))
		case to > from:
			s.waits = &Cursor{scope, to}
			return s.peer.send(Documents{scope, from, to, list})
		}
	}
	return nil
}

// hear takes in one frame of the kiosk's.
func (s *centerSession) hear(ctx context.Context, f Frame) error {
	switch f := f.(type) {
	case Entries:
		return s.entries(ctx, f)
	case Cursor:
		if s.waits == nil || *s.waits != f {
			return fmt.Errorf("%w: a Cursor at %d of %q", ErrSequence, f.Version, f.Scope)
		}
		s.waits = nil
		s.mu.Lock()
		s.at[f.Scope] = f.Version
		s.mu.Unlock()
		return s.push(ctx)
	case Identify:
		return s.call(ctx, f.ID, func(ctx context.Context) Answer { return s.identify(ctx, f) })
	case TopUp:
		return s.call(ctx, f.ID, func(ctx context.Context) Answer { return s.topUp(ctx, f) })
	case Find:
		return s.call(ctx, f.ID, func(ctx context.Context) Answer { return s.find(ctx, f) })
	case Reserve:
		return s.call(ctx, f.ID, func(ctx context.Context) Answer { return s.reserve(ctx, f) })
	case Certify:
		return s.call(ctx, f.ID, func(ctx context.Context) Answer { return s.certify(ctx, f) })
	case Returned:
		return s.returned(f)
	case Ordered:
		return answered(s, s.ordersOut, f.ID, f)
	case Released:
		return answered(s, s.releases, f.ID, f)
	case Status:
		return s.Registry.Status(ctx, s.hello.Kiosk, s.hello.Epoch, f)
	case Rights:
		return s.granted(ctx, f)
	case Diverged:
		return s.distrust(ctx, divergence(f.Center, f.Own))
	}
	return fmt.Errorf("%w: %T", ErrSequence, f)
}

// entries keeps a stretch of the journal, and only then acknowledges it: its own
// end, for another session of the kiosk may have brought more. A chain that does
// not follow is quarantined; the session goes on without it.
func (s *centerSession) entries(ctx context.Context, e Entries) error {
	head, err := Take(ctx, s.Chains, s.hello.Kiosk, s.hello.Epoch, s.hello.Public(), e)
	if q, ok := errors.AsType[Quarantine](err); ok {
		return s.distrust(ctx, q)
	}
	if err != nil {
		return err
	}
	s.advanced(head.Seq)
	last := len(e.Entries) - 1
	return s.peer.send(Ack{Mark{e.First + uint64(last), Digest(ledger.HashOf(e.Entries[last]))}})
}

// distrust quarantines the chain, unless it is already.
func (s *centerSession) distrust(ctx context.Context, q Quarantine) error {
	if s.suspect() {
		return nil
	}
	s.Log.Warn("link: a chain is not to be trusted", "kiosk", s.hello.Kiosk, "epoch", s.hello.Epoch, "why", q)
	if err := s.Registry.Quarantine(ctx, s.hello.Kiosk, s.hello.Epoch, q); err != nil {
		return fmt.Errorf("noting a quarantine: %w", err)
	}
	return s.order(ctx, q)
}

func (s *centerSession) suspect() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quarantine.Reason != ""
}

// granted hears what the kiosk was granted before this center's memory.
func (s *centerSession) granted(ctx context.Context, r Rights) error {
	if !s.rights {
		return fmt.Errorf("%w: Rights that nobody asked for", ErrSequence)
	}
	ids, accounts := make([]ledger.ID, len(r.Rights)), make([]ledger.Account, len(r.Rights))
	for i, g := range r.Rights {
		ids[i] = g.Volunteer
		for _, l := range g.Lots {
			accounts[i] = accounts[i].Grant(l.Expires, l.Granted)
		}
	}
	s.rights = !r.Last
	if err := s.Witness.Granted(ctx, s.hello.Kiosk, s.hello.Epoch, ids, accounts, r.Last); err != nil {
		return fmt.Errorf("hearing what was granted to %s: %w", s.hello.Kiosk, err)
	}
	return nil
}

// call serves one call beside the session. The kiosk knows how many it may have.
func (s *centerSession) call(ctx context.Context, id uint64, serve func(context.Context) Answer) error {
	select {
	case s.active <- struct{}{}:
	default:
		return fmt.Errorf("%w: more than %d calls", ErrSequence, MaxCalls)
	}
	s.serving.Go(func() {
		ctx, stop := context.WithTimeout(ctx, CallTime)
		defer stop()
		a := Answer{Outcome: OutcomeRefused}
		if !s.suspect() {
			a = serve(ctx)
		}
		a.ID = id
		<-s.active
		if err := s.peer.send(a); err != nil {
			s.peer.conn.Close()
		}
	})
	return nil
}

func (s *centerSession) identify(ctx context.Context, f Identify) Answer {
	list, err := s.Desk.Identify(ctx, s.hello.Kiosk, s.hello.Epoch, f.Card)
	if err != nil {
		s.Log.Error("link: identifying a card", "kiosk", s.hello.Kiosk, "err", err)
		return Answer{Outcome: OutcomeFailed}
	}
	if len(list) == 0 {
		return Answer{Outcome: OutcomeUnknown}
	}
	return Answer{Outcome: OutcomeOK, Documents: list}
}
