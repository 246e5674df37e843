package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// find tells where a good stands, of the kiosks that are connected to this process:
// another process could not pass an Order on.
func (s *centerSession) find(ctx context.Context, f Find) Answer {
	if s.Shop == nil {
		return Answer{Outcome: OutcomeRefused}
	}
	open := func(kiosk string) bool { there := s.session(kiosk); return there != nil && !there.suspect() }
	list, err := s.Shop.Places(ctx, s.hello.Kiosk, f.Good, open)
	if err != nil {
		s.Log.Error("link: looking for a good", "kiosk", s.hello.Kiosk, "good", f.Good, "err", err)
		return Answer{Outcome: OutcomeFailed}
	}
	return Answer{Outcome: OutcomeOK, Places: list[:min(len(list), MaxPlaces)]}
}

// reserve has goods put aside at another kiosk.
func (s *centerSession) reserve(ctx context.Context, r Reserve) Answer {
	there := s.session(r.Kiosk)
	switch {
	case s.Shop == nil:
		return Answer{Outcome: OutcomeRefused}
	case there == nil || there == s || there.suspect():
		return Answer{Outcome: OutcomeAway}
	}
	o, err := s.orderAt(ctx, there, r.Wish)
	if err != nil {
		s.Log.Error("link: reserving at another kiosk", "kiosk", s.hello.Kiosk, "at", r.Kiosk, "err", err)
	}
	return Answer{Outcome: o.Outcome, Kept: o.Kept}
}

// Order has a kiosk that is connected to this process put goods aside for a volunteer
// who stands before none. Points that are missing there are brought there first. What
// is certain also when there is an error, the outcome says: OutcomeAway and
// OutcomeFailed that this call reserved nothing.
func (c *Center) Order(ctx context.Context, kiosk string, w Wish) (Ordered, error) {
	there := c.session(kiosk)
	switch {
	case c.Shop == nil:
		return Ordered{Outcome: OutcomeRefused}, nil
	case there == nil || there.suspect():
		return Ordered{Outcome: OutcomeAway}, nil
	}
	return c.orderAt(ctx, there, w)
}

// orderAt orders at a kiosk. The kiosk's own book says what it lacks, so points are
// brought there only when all else is well, and never more than are missing. The
// outcome says what is certain also when there is an error.
func (c *Center) orderAt(ctx context.Context, there *centerSession, w Wish) (Ordered, error) {
	failed := Ordered{Outcome: OutcomeFailed}
	list, err := c.Shop.Volunteer(ctx, w.Volunteer)
	if err != nil {
		return failed, err
	}
	if len(list) == 0 {
		return Ordered{Outcome: OutcomeUnknown}, nil
	}
	until, err := c.Shop.Until(ctx, there.hello.Kiosk)
	if err != nil {
		return failed, err
	}
	o, err := there.put(ctx, Order{Wish: w, Until: until, Documents: list})
	if err != nil || o.Outcome != OutcomePoints {
		return o, err
	}
	grant, err := there.bring(ctx, w.Volunteer, o.Granted+o.Missing)
	if err != nil {
		return failed, err
	}
	if len(grant) == 0 {
		return o, nil // nothing came
	}
	nudge(there.written) // the grant is also in that kiosk's scope
	return there.put(ctx, Order{Wish: w, Until: until, Documents: []json.RawMessage{grant}})
}

// put sends an Order and waits for what becomes of it. An order that was not sent
// has failed; one that nobody answers in time may be served all the same.
func (s *centerSession) put(ctx context.Context, order Order) (o Ordered, err error) {
	ctx, stop := context.WithTimeout(ctx, OrderTime)
	defer stop()
	answer, err := sendTo(s, s.ordersOut, func(id uint64) Frame { order.ID = id; return order })
	if err != nil {
		return Ordered{Outcome: OutcomeFailed}, fmt.Errorf("ordering at %s: %w", s.hello.Kiosk, err)
	}
	if o, err = hear(ctx, s, answer); err != nil {
		return Ordered{Outcome: OutcomeUnsure}, fmt.Errorf("ordering at %s: %w", s.hello.Kiosk, err)
	}
	return o, nil
}

// hear waits for the answer to what a session has sent. An error means that nobody
// answered in time.
func hear[T any](ctx context.Context, s *centerSession, answer <-chan T) (a T, err error) {
	select {
	case a = <-answer:
		return a, nil
	case <-s.over:
		err = ErrOffline
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	select { // it may have been the last word of that kiosk
	case a = <-answer:
		return a, nil
	default:
		return a, err
	}
}

// sendTo puts a question on its way to a kiosk, numbered with the others of its session. It
// keeps its place among those that wait until the kiosk has answered, though nobody may
// wait any more.
func sendTo[A Frame](s *centerSession, waiting map[uint64]chan A, question func(id uint64) Frame) (<-chan A, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(waiting) >= MaxOrders {
		return nil, ErrBusy
	}
	s.lastOrder++
	f := question(s.lastOrder)
	if err := f.check(); err != nil {
		return nil, errors.Join(ErrFrame, err)
	}
	answer := make(chan A, 1)
	waiting[s.lastOrder] = answer
	return answer, s.peer.send(f)
}

// answered hands an answer to whoever waits for it.
func answered[A Frame](s *centerSession, waiting map[uint64]chan A, id uint64, a A) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := waiting[id]
	if answer == nil {
		return fmt.Errorf("%w: %T to question %d, which does not wait", ErrSequence, a, id)
	}
	delete(waiting, id)
	answer <- a
	return nil
}

// order serves an Order. What it reserves goes up with the other entries, in its
// turn; a book that may not write serves nobody.
func (s *kioskSession) order(ctx context.Context, o Order) error {
	done := Ordered{Outcome: OutcomeRefused}
	if reason, _ := s.Guard.Quarantined(); reason == "" && s.Serve != nil {
		if err := s.apply(ctx, "", 0, o.Documents); err != nil {
			s.Log.Error("link: taking in documents of an order", "err", err)
			done.Outcome = OutcomeFailed
		} else {
			done = s.Serve(ctx, o.Wish, o.Until)
		}
	}
	done.ID = o.ID
	return s.peer.send(done)
}
