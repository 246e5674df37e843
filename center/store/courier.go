package store

import (
	"context"
	"slices"
	"sync"

	"yizhan/ledger"
)

// courier brings out what the outboxes of many volunteers hold, those who come while
// one round is under way in the next one: a school that arrives at one kiosk writes
// that kiosk's documents a few dozen at a time, and not each against all the others.
type courier struct {
	mu      sync.Mutex
	waiting []waiter
	busy    bool
}

type waiter struct {
	volunteer ledger.ID
	done      chan error
}

// deliverTogether is deliver for one volunteer among many.
func (s *Store) deliverTogether(ctx context.Context, volunteer ledger.ID) error {
	done := make(chan error, 1)
	q := &s.courier
	q.mu.Lock()
	q.waiting = append(q.waiting, waiter{volunteer, done})
	leads := !q.busy
	q.busy = true
	q.mu.Unlock()
	if leads {
		go s.deliverRounds(context.WithoutCancel(ctx)) // of others too
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// deliverRounds goes on until nobody waits.
func (s *Store) deliverRounds(ctx context.Context) {
	q := &s.courier
	for {
		q.mu.Lock()
		n := min(len(q.waiting), deliverAtOnce)
		round := q.waiting[:n:n]
		q.waiting = q.waiting[n:]
		q.busy = n > 0
		q.mu.Unlock()
		if n == 0 {
			return
		}
		ids := make([]ledger.ID, 0, n)
		for _, w := range round {
			if !slices.Contains(ids, w.volunteer) {
				ids = append(ids, w.volunteer)
			}
		}
		err := s.deliver(ctx, ids...)
		for _, w := range round {
			w.done <- err
		}
	}
}
