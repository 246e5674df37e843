package store

import (
	"context"
	"errors"
	"fmt"

	"yizhan/ledger"
)

// Lapsed is the reason of goods that were given back because nobody came for them.
const Lapsed = "lapsed"

// ReleaseLapsed gives back what was kept for people until before a Unix second, for at
// most limit of them, and tells for how many it did. The caller knows whether the clock
// can be trusted; nothing else here looks at it.
func (s *Store) ReleaseLapsed(ctx context.Context, now int64, limit int) (done int, err error) {
	var late []uint64
	err = s.view(func(t *tx) {
		for seq := range t.down(bWaiting, nil, 0) {
			if r, _, _, found := t.redemption(seq); found && lapsed(r, now) {
				late = append(late, seq)
			}
			if len(late) == min(limit, maxPage) {
				return
			}
		}
	})
	for _, seq := range late {
		if err != nil {
			break
		}
		_, err = s.release(ctx, seq, Lapsed, func(r ledger.Redemption) bool { return lapsed(r, now) })
		switch {
		case err == nil:
			done++
		case errors.Is(err, ErrNoDocuments) || errors.Is(err, ledger.ErrState):
			err = nil // its documents come, or somebody was faster
		}
	}
	return done, err
}

// lapsed tells whether a redemption was kept for somebody who did not come in time.
func lapsed(r ledger.Redemption, now int64) bool {
	return r.State == ledger.Reserved && r.Until > 0 && r.Until < now
}

// Release gives back what a volunteer's wish had put aside here: its redemption, or,
// for 0, the one that its key was used for. Again is the same. It answers ErrUnknown
// when there is none, and ledger.ErrState when the goods were handed over.
func (s *Store) Release(ctx context.Context, key ledger.Key, volunteer ledger.ID, redemption uint64, reason string) (Redemption, error) {
	if redemption == 0 {
		err := s.view(func(t *tx) { redemption = keySeq(t.get(bKey, key[:])) })
		if err != nil {
			return Redemption{}, err
		}
	}
	return s.release(ctx, redemption, reason, func(r ledger.Redemption) bool { return r.Key == key && r.Volunteer == volunteer })
}

// release cancels a redemption for no operator, if it is the one that is meant.
func (s *Store) release(ctx context.Context, seq uint64, reason string, meant func(ledger.Redemption) bool) (Redemption, error) {
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		r, err := t.standing(seq)
		if err != nil {
			return nil, err
		}
		if !meant(r.Redemption) {
			return nil, fmt.Errorf("%w: no such wish", ErrUnknown)
		}
		if r.State == ledger.Cancelled {
			return nil, nil
		}
		if err := t.mayMove(r.Volunteer); err != nil {
			return nil, err
		}
		if r.Redemption, r.account, r.shelf, err = r.Cancel(r.account, r.shelf); err == nil {
			err = check(r.account, r.shelf)
		}
		return []ledger.Body{ledger.Cancel{Redemption: seq, Reason: reason}}, err
	}, func(t *tx) Redemption { return t.full(seq) })
}
