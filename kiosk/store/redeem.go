package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Reserve takes points and stock aside for a redemption, and makes its print
// job. At a self-service shelf the hand-over follows at once.
func (s *Store) Reserve(ctx context.Context, r Reserve) (Redemption, error) {
	var seq uint64
	return ask(ctx, s, func(t *tx, now Instant) ([]ledger.Body, error) {
		first, again, err := t.again(r.Key, func(b ledger.Body) bool { return r.is(b) })
		if seq = first; again || err != nil {
			return t.finish(first), err
		}
		seq = t.state.Head.Seq + 1
		return s.planReserve(t, now, r)
	}, func(t *tx) Redemption { return t.full(seq) })
}

// finish completes a redemption of a self-service shelf whose hand-over a power
// cut took from the end of the journal. Nobody was told of it then.
func (t *tx) finish(seq uint64) []ledger.Body {
	r, _, _, found := t.redemption(seq)
	if !found || !r.Shelf || r.State != ledger.Reserved {
		return nil
	}
	return []ledger.Body{ledger.Settle{Redemption: seq}}
}

// is tells whether an entry came from this request.
func (r Reserve) is(b ledger.Body) bool {
	e, ok := b.(ledger.Reserve)
	return ok && e.Volunteer == r.Volunteer && e.Good == r.Good && e.Quantity == r.Quantity &&
		ledger.Sum(e.Parts) == r.Price*ledger.Points(r.Quantity)
}

func (s *Store) planReserve(t *tx, now Instant, r Reserve) ([]ledger.Body, error) {
	if r.Quantity < 1 || r.Quantity > ledger.MaxQuantity {
		return nil, fmt.Errorf("%w: %d pieces", ErrInput, r.Quantity)
	}
	if err := t.mayMove(r.Volunteer); err != nil {
		return nil, err
	}
	good, err := t.offered(r.Good)
	if err != nil {
		return nil, err
	}
	if good.Price != r.Price {
		return nil, fmt.Errorf("%w: %d now, %d seen", ErrPriceChanged, good.Price, r.Price)
	}
	policy := s.policy()
	if r.Away && policy.SelfService {
		return nil, fmt.Errorf("%w: %s is on a self-service shelf, where nothing waits for anybody", ErrNotOffered, r.Good)
	}
	if err := s.underLimit(t, now, r, good.Good, policy); err != nil {
		return nil, err
	}
	if err := good.Shelf.CanHold(r.Quantity); err != nil {
		return nil, err
	}
	account := t.account(r.Volunteer)
	parts, err := account.Allocate(good.Price * ledger.Points(r.Quantity))
	if err != nil {
		return nil, err
	}
	b := ledger.Reserve{Key: r.Key, Volunteer: r.Volunteer, Good: r.Good, Quantity: r.Quantity, Parts: parts, Shelf: policy.SelfService}
	if r.Away {
		b.Until = r.Until
	}
	after, shelf := b.Apply(account, good.Shelf)
	if err := check(after, shelf); err != nil {
		return nil, err
	}
	b.Balance = after.Spendable()
	if b.Claim, err = t.drawClaim(); err != nil {
		return nil, err
	}
	bodies := []ledger.Body{b}
	if b.Shelf {
		bodies = append(bodies, ledger.Settle{Redemption: t.state.Head.Seq + 1})
	}
	return bodies, nil
}

// check holds invariant 1 for what an entry will leave behind.
func check(a ledger.Account, s ledger.Shelf) error {
	if err := a.Check(); err != nil {
		return err
	}
	return s.Check()
}

// underLimit holds the policy's limit of pieces for one person and month.
func (s *Store) underLimit(t *tx, now Instant, r Reserve, good civic.Good, policy civic.Policy) error {
	limit := good.Limit
	if limit == 0 {
		limit = policy.MonthlyLimit
	}
	if bought := s.bought(t, now, r.Volunteer, r.Good); bought+r.Quantity > limit {
		return fmt.Errorf("%w: %d of %d", ErrLimit, bought, limit)
	}
	return nil
}

// drawClaim draws a collection code that no waiting redemption has. Codes are
// random so that nobody guesses the next one.
func (t *tx) drawClaim() (uint16, error) {
	var raw [4]byte
	var claim uint16
	for range maxClaimDraws {
		if _, err := io.ReadFull(t.random, raw[:]); err != nil {
			return 0, fmt.Errorf("drawing a collection code: %w", err)
		}
		claim = uint16(binary.BigEndian.Uint32(raw[:]) % uint32(ledger.MaxClaim))
		if t.newestClaim(claim) == 0 {
			break
		}
	}
	return claim, nil // a code that two wait with is still told apart by the number
}

// newestClaim returns the newest waiting redemption with a code; 0: none.
func (t *tx) newestClaim(claim uint16) uint64 {
	for seq := range t.down(bClaim, binary.BigEndian.AppendUint16(nil, claim), 0) {
		return seq
	}
	return 0
}

// Settle records that the goods were handed over. A zero operator is refused:
// a self-service shelf settles by itself.
func (s *Store) Settle(ctx context.Context, key ledger.Key, redemption uint64, operator ledger.ID) (Redemption, error) {
	body := ledger.Settle{Key: key, Redemption: redemption, Operator: operator}
	return s.step(ctx, key, redemption, body, func(t *tx, _ Instant, r standing) (err error) {
		if _, err = t.servingStaff(operator); err == nil {
			r.Redemption, r.account, r.shelf, err = r.Settle(r.account, r.shelf)
		}
		if err == nil {
			err = check(r.account, r.shelf)
		}
		return err
	})
}

// Cancel gives a redemption back before the hand-over. A zero operator is the
// volunteer.
func (s *Store) Cancel(ctx context.Context, key ledger.Key, redemption uint64, operator ledger.ID, reason string) (Redemption, error) {
	body := ledger.Cancel{Key: key, Redemption: redemption, Operator: operator, Reason: reason}
	return s.step(ctx, key, redemption, body, func(t *tx, _ Instant, r standing) (err error) {
		if !operator.IsZero() {
			_, err = t.servingStaff(operator)
		}
		if err == nil {
			r.Redemption, r.account, r.shelf, err = r.Cancel(r.account, r.shelf)
		}
		if err == nil {
			err = check(r.account, r.shelf)
		}
		return err
	})
}

// Refund gives a redemption back after the hand-over: the points always, the
// goods when restock says that they can be given out again.
func (s *Store) Refund(ctx context.Context, key ledger.Key, redemption uint64, operator ledger.ID, restock bool, reason string) (Redemption, error) {
	body := ledger.Refund{Key: key, Redemption: redemption, Operator: operator, Restock: restock, Reason: reason}
	return s.step(ctx, key, redemption, body, func(t *tx, now Instant, r standing) (err error) {
		if err = s.mayRefund(t, now, r, operator); err == nil {
			r.Redemption, r.account, r.shelf, err = r.Refund(r.account, r.shelf, restock)
		}
		if err == nil {
			err = check(r.account, r.shelf)
		}
		return err
	})
}

// mayRefund holds the policy. Its hours are counted on the wall clock, as
// people count them: no points depend on that being right.
func (s *Store) mayRefund(t *tx, now Instant, r standing, operator ledger.ID) error {
	staff, err := t.servingStaff(operator)
	if err != nil || r.State != ledger.Settled {
		return err // the state's own error follows from the step
	}
	policy := s.policy()
	if cost := ledger.Sum(r.Parts); cost > policy.ClerkRefund && staff.Role != civic.RoleLeader {
		return fmt.Errorf("%w: %d points, a clerk may refund %d", ErrNeedsLeader, cost, policy.ClerkRefund)
	}
	_, handed, _ := t.entry(r.row.settled)
	if age := time.Duration(now.WallMS-handed.WallMS) * time.Millisecond; age > time.Duration(policy.RefundHours)*time.Hour {
		return fmt.Errorf("%w: %v after the hand-over", ErrTooLate, age.Round(time.Minute))
	}
	return nil
}

// step takes one step of a redemption: plan checks it against how it stands.
func (s *Store) step(ctx context.Context, key ledger.Key, redemption uint64, body ledger.Body,
	plan func(t *tx, now Instant, r standing) error) (Redemption, error) {
	return ask(ctx, s, func(t *tx, now Instant) ([]ledger.Body, error) {
		if _, again, err := t.again(key, func(b ledger.Body) bool { return b == body }); again || err != nil {
			return nil, err
		}
		r, err := t.standing(redemption)
		if err == nil {
			err = t.mayMove(r.Volunteer)
		}
		if err == nil {
			err = plan(t, now, r)
		}
		return []ledger.Body{body}, err
	}, func(t *tx) Redemption { return t.full(redemption) })
}

// again looks for the entry that a key was used for. Same tells whether it came
// from the same request; another one is refused.
func (t *tx) again(key ledger.Key, same func(ledger.Body) bool) (seq uint64, again bool, err error) {
	if key.IsZero() {
		return 0, false, fmt.Errorf("%w: it has no key", ErrInput)
	}
	raw := t.get(bKey, key[:])
	if raw == nil {
		return 0, false, nil
	}
	seq = keySeq(raw)
	if _, e, _ := t.entry(seq); e.Body == nil || !same(e.Body) {
		return 0, false, fmt.Errorf("%w: entry %d", ErrKeyReused, seq)
	}
	return seq, true, nil
}

// mayMove tells whether the account of a volunteer may move: the documents that
// grant its points are there. A book that was built anew has spent what grants
// that are still to come will give.
func (t *tx) mayMove(id ledger.ID) error {
	if !t.state.Open {
		return ErrNoDocuments
	}
	if t.get(bVolunteer, id[:]) == nil {
		return fmt.Errorf("%w: volunteer %v", ErrUnknown, id)
	}
	if err := t.account(id).Check(); errors.Is(err, ledger.ErrNegative) {
		return fmt.Errorf("%w: those of volunteer %v: %w", ErrNoDocuments, id, err)
	}
	return nil
}

// offered returns a good that can be redeemed.
func (t *tx) offered(code string) (Good, error) {
	g, found := t.good(code)
	if !found {
		return g, fmt.Errorf("%w: good %q", ErrUnknown, code)
	}
	if g.Withdrawn {
		return g, fmt.Errorf("%w: %s", ErrNotOffered, code)
	}
	return g, nil
}

// servingStaff returns a member of staff who may serve people: a technician
// sees the box, never a volunteer.
func (t *tx) servingStaff(id ledger.ID) (civic.Staff, error) {
	var staff civic.Staff
	if !t.document(bStaff, id[:], &staff) || staff.Role != civic.RoleClerk && staff.Role != civic.RoleLeader {
		return staff, fmt.Errorf("%w: %v", ErrNotStaff, id)
	}
	return staff, nil
}
