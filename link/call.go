package link

import (
	"context"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// pendingCall is a call that waits for its answer.
type pendingCall struct {
	frame  func(id uint64) Frame
	answer chan callResult // holds one
}

type callResult struct {
	answer Answer
	err    error
}

// Identify asks the center whose a card is. After OutcomeOK the volunteer's
// documents are in the library. It answers ErrOffline or ErrBusy at once, and
// otherwise within CallTime; whoever calls may call again.
func (k *Kiosk) Identify(ctx context.Context, card civic.CardID) (Answer, error) {
	return k.ask(ctx, func(id uint64) Frame { return Identify{id, card} })
}

// TopUp asks for so many points of a volunteer, on top of what is known to be
// granted here. After OutcomeOK the grant is in the library; it may be less.
// Calling again with the same numbers never asks for more.
func (k *Kiosk) TopUp(ctx context.Context, volunteer ledger.ID, granted, wanted ledger.Points) (Answer, error) {
	return k.ask(ctx, func(id uint64) Frame { return TopUp{id, volunteer, granted, wanted} })
}

// Find asks where a good stands, at kiosks that are online.
func (k *Kiosk) Find(ctx context.Context, good string) (Answer, error) {
	return k.ask(ctx, func(id uint64) Frame { return Find{id, good} })
}

// Reserve asks for goods to be put aside at another kiosk. After an error, or
// OutcomeUnsure, they may have been: calling again with the same wish finds out, and
// never reserves twice.
func (k *Kiosk) Reserve(ctx context.Context, w Wish, kiosk string) (Answer, error) {
	return k.ask(ctx, func(id uint64) Frame { return Reserve{id, w, kiosk} })
}

func (k *Kiosk) ask(ctx context.Context, frame func(uint64) Frame) (Answer, error) {
	if err := frame(0).check(); err != nil {
		return Answer{}, fmt.Errorf("calling the center: %w: %w", ErrFrame, err)
	}
	ctx, stop := context.WithTimeout(ctx, CallTime)
	defer stop()
	k.mu.Lock()
	s := k.session
	k.mu.Unlock()
	if s == nil {
		k.Hurry()
		return Answer{}, ErrOffline
	}
	c := &pendingCall{frame, make(chan callResult, 1)}
	select {
	case s.calls <- c:
	case <-s.over:
		return Answer{}, ErrOffline
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	}
	select {
	case r := <-c.answer:
		return r.answer, r.err
	case <-s.over:
		return Answer{}, ErrOffline
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	}
}

// call sends one call on. A caller may have gone; its place is taken until the
// center answers, for the center counts it too.
func (s *kioskSession) call(c *pendingCall) error {
	if len(s.pending) >= MaxCalls {
		c.answer <- callResult{err: ErrBusy}
		return nil
	}
	s.lastCall++
	s.pending[s.lastCall] = c
	return s.peer.send(c.frame(s.lastCall))
}

// answer applies what the center says and wakes the caller. The documents count
// even when the caller has gone.
func (s *kioskSession) answer(ctx context.Context, a Answer) error {
	c := s.pending[a.ID]
	if c == nil {
		return fmt.Errorf("%w: an Answer to call %d, which does not wait", ErrSequence, a.ID)
	}
	delete(s.pending, a.ID)
	var err error
	if len(a.Documents) > 0 {
		err = s.apply(ctx, "", 0, a.Documents)
	}
	c.answer <- callResult{a, err}
	return nil
}
