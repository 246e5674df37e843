package enrol

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"yizhan/link"
)

// Run asks until the box is enrolled, and returns its center, which is kept by
// then. It ends with ctx.
func (e *Enrolment) Run(ctx context.Context) (Center, error) {
	for ctx.Err() == nil {
		if q, ok := e.next(ctx); ok {
			answer, err := e.ask(q)
			q.done()
			if c, enrolled := e.take(q, answer, err); enrolled {
				return c, nil
			}
		}
		e.rest(ctx)
	}
	return Center{}, context.Cause(ctx)
}

// question is one time that a center is asked.
type question struct {
	context.Context
	done context.CancelFunc
	turn int
	asking
	key ed25519.PrivateKey
}

// next is what to ask now.
func (e *Enrolment) next(ctx context.Context) (*question, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Phase != Calling && e.state.Phase != Waiting {
		return nil, false
	}
	q := &question{turn: e.turn, asking: e.asking}
	q.Context, q.done = context.WithTimeout(ctx, askTime)
	e.cancel = q.done
	return q, true
}

// rest waits for the next time.
func (e *Enrolment) rest(ctx context.Context) {
	poll := time.NewTimer(pollEvery)
	defer poll.Stop()
	select {
	case <-ctx.Done():
	case <-e.wake:
	case <-poll.C:
	}
}

// ask looks at the center's key, once, and asks.
func (e *Enrolment) ask(q *question) (link.EnrolAnswer, error) {
	var none link.EnrolAnswer
	if q.Pin == (link.Digest{}) {
		pin, err := e.See(q, q.Address)
		if err != nil {
			return none, err
		}
		q.Pin = pin
		if err := e.saw(q); err != nil {
			return none, err
		}
	}
	key, least, err := e.Box()
	if err != nil {
		return none, fmt.Errorf("%w: %w", errKeep, err)
	}
	q.key = key
	r := link.EnrolRequest{Code: q.Code, Least: least, Program: e.Program}
	r.Sign(q.Pin, key)
	return e.Ask(q, q.Address, q.Pin, r)
}

// saw keeps the key that the center showed, before anybody compares it.
func (e *Enrolment) saw(q *question) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.turn != e.turn {
		return context.Canceled
	}
	if err := q.asking.keep(e.Dir); err != nil {
		return fmt.Errorf("%w: %w", errKeep, err)
	}
	e.asking = q.asking
	return nil
}

// take takes in the answer to a question, unless another enrolment has begun
// meanwhile. It tells whether the box is enrolled.
func (e *Enrolment) take(q *question, answer link.EnrolAnswer, err error) (c Center, enrolled bool) {
	_ = e.change(func() error {
		if q.turn != e.turn {
			return nil
		}
		if err == nil && answer.State == link.EnrolApproved {
			c = Center{q.Address, q.Pin, answer.Kiosk, answer.Epoch, answer.Issuer}
			if err = e.settle(c); err == nil {
				e.state.Phase, e.state.Kiosk, enrolled = Enrolled, answer.Kiosk, true
				return nil
			}
		}
		e.learn(q, answer, err)
		return nil
	})
	return c, enrolled
}

// learn says what an answer means that enrols nobody. It needs mu.
func (e *Enrolment) learn(q *question, answer link.EnrolAnswer, err error) {
	before := e.state.Trouble
	e.state.Trouble = ""
	if err != nil {
		e.state.Trouble = troubleOf(err)
		if e.state.Trouble != before { // once, not every three seconds
			e.Log.Info("not enrolled", "address", q.Address, "trouble", e.state.Trouble, "error", err)
		}
		if e.state.Trouble != TroubleNetwork {
			e.state.Phase = Stopped
		}
		return
	}
	e.state.Kiosk = answer.Kiosk
	e.state.Fingerprint = link.Fingerprint(q.key.Public().(ed25519.PublicKey), q.Pin)
	e.state.Phase = Waiting
	if answer.State == link.EnrolRefused {
		e.state.Phase, e.state.Trouble = Stopped, TroubleRefused
	}
}

// settle keeps the center, and only then lets go of the invitation. It needs mu.
func (e *Enrolment) settle(c Center) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("%w: %w", link.ErrEnrol, err)
	}
	if err := c.save(e.Dir); err != nil {
		return fmt.Errorf("%w: %w", errKeep, err)
	}
	e.Log.Info("enrolled", "address", c.Address, "kiosk", c.Kiosk, "epoch", c.Epoch)
	if err := (asking{}).keep(e.Dir); err != nil {
		e.Log.Warn("the invitation stays", "error", err) // it is asked for once more, and answered the same
	}
	e.asking = asking{}
	return nil
}
