package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"yizhan/ledger"
)

// GiveBack returns at most so many points of a volunteer to the center, never
// more than can be spent here now, and answers the number of the Return entry,
// which is durable; 0 when there was nothing to give.
//
// The earliest lots go first: whoever recalls them wants to spend now, and
// spending takes the earliest first, so nobody is left with the points that
// expire sooner. Lots that have expired by this kiosk's clock go last, because
// the center would grant nobody any of them; a clock that is wrong changes the
// order and nothing else. An account whose grants are not here gives nothing.
func (s *Store) GiveBack(ctx context.Context, volunteer ledger.ID, points ledger.Points) (seq uint64, err error) {
	if volunteer.IsZero() || points < 1 || points > ledger.MaxPoints {
		return 0, fmt.Errorf("%w: giving back %d points", ErrInput, points)
	}
	err = s.submit(ctx, &op{plan: func(t *tx, now Instant) ([]ledger.Body, error) {
		seq = 0
		account := t.account(volunteer)
		if account.Check() != nil {
			return nil, nil
		}
		parts := giving(account, points, s.day(now.WallMS))
		if len(parts) == 0 {
			return nil, nil
		}
		seq = t.state.Head.Seq + 1
		return []ledger.Body{ledger.Return{Volunteer: volunteer, Parts: parts}}, account.Return(parts).Check()
	}})
	if err != nil {
		return 0, err
	}
	return seq, nil
}

// giving chooses what is given back, in the order of an entry.
func giving(a ledger.Account, points ledger.Points, today ledger.Day) (parts []ledger.Part) {
	for _, expired := range []bool{false, true} {
		for _, r := range a.Rights {
			take := min(points, r.Spendable())
			if (r.Expires < today) == expired && take > 0 && len(parts) < ledger.MaxParts {
				parts = append(parts, ledger.Part{Expires: r.Expires, Points: take})
				points -= take
			}
		}
	}
	slices.SortFunc(parts, func(a, b ledger.Part) int { return cmp.Compare(a.Expires, b.Expires) })
	return parts
}

// Granted returns what was granted to this kiosk in this epoch, of at most limit
// volunteers after one, ascending. The zero ID is before all. Of an account whose
// grants were lost with the book it says what the entries prove: whatever was
// spent here had been granted.
func (s *Store) Granted(ctx context.Context, after ledger.ID, limit int) (ids []ledger.ID, accounts []ledger.Account, err error) {
	err = s.view(func(t *tx) {
		for r := range t.from(bRight, after[:]) {
			if len(ids) >= limit || ctx.Err() != nil {
				return
			}
			a, err := decodeAccount(r.value)
			if err != nil {
				t.fail(err)
				return
			}
			if a = proven(a); ledger.ID(r.key) != after && len(a.Rights) > 0 {
				ids, accounts = append(ids, ledger.ID(r.key)), append(accounts, a)
			}
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading what was granted: %w", err)
	}
	return ids, accounts, nil
}

// proven raises what was granted of each lot to what left it, and leaves out
// lots of which nothing was.
func proven(a ledger.Account) (granted ledger.Account) {
	for _, r := range a.Rights {
		if r.Granted = max(r.Granted, r.Spent+r.Held+r.Returned-r.Refunded); r.Granted > 0 {
			granted.Rights = append(granted.Rights, r)
		}
	}
	return granted
}
