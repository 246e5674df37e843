package store

import (
	"context"

	"yizhan/ledger"
)

// ReturnExpired gives back what expired before today, for at most limit
// volunteers, and tells for how many it did. The caller knows whether the clock
// can be trusted; nothing else here looks at a date.
func (s *Store) ReturnExpired(ctx context.Context, today ledger.Day, limit int) (int, error) {
	var ids []ledger.ID
	err := s.view(func(t *tx) {
		for r := range t.up(bRight, nil) {
			a, err := decodeAccount(r.value)
			if err != nil {
				t.fail(err)
				return
			}
			// An account that lacks a grant moves only when its documents are back.
			if len(expired(a, today)) > 0 && a.Check() == nil {
				ids = append(ids, ledger.ID(r.key))
			}
			if len(ids) == min(limit, maxPage) {
				return
			}
		}
	})
	s.book.dropPages()
	done := 0
	for _, id := range ids {
		if err == nil {
			err = s.returnExpired(ctx, id, today)
		}
		if err == nil {
			done++
		}
	}
	return done, err
}

func (s *Store) returnExpired(ctx context.Context, id ledger.ID, today ledger.Day) error {
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		a := t.account(id)
		parts := expired(a, today)
		if len(parts) == 0 {
			return nil, nil // somebody was faster
		}
		return []ledger.Body{ledger.Return{Volunteer: id, Parts: parts, Expired: true}}, a.Return(parts).Check()
	}})
}

// expired returns what can still be spent of lots that ended before today, as
// much as one entry can hold. What is held stays until it is handed over or
// cancelled.
func expired(a ledger.Account, today ledger.Day) (parts []ledger.Part) {
	for _, r := range a.Rights {
		if n := r.Spendable(); r.Expires < today && n > 0 && len(parts) < ledger.MaxParts {
			parts = append(parts, ledger.Part{Expires: r.Expires, Points: n})
		}
	}
	return parts
}
