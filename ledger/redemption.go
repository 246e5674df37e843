package ledger

import "fmt"

// State is where a redemption stands.
type State uint8

// A redemption begins reserved and ends settled, cancelled or refunded.
const (
	Reserved  State = 1
	Settled   State = 2
	Cancelled State = 3
	Refunded  State = 4
)

// String returns the state's name, as it stands in logs and JSON.
func (s State) String() string {
	switch s {
	case Reserved:
		return "reserved"
	case Settled:
		return "settled"
	case Cancelled:
		return "cancelled"
	case Refunded:
		return "refunded"
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// Redemption is one exchange of points for pieces of one good. Its number is
// the sequence number of the entry that reserved it.
type Redemption struct {
	Reserve
	Seq   uint64
	State State
}

// Apply folds a reservation into the account and the shelf it draws on. Before
// it writes, the caller asks [Shelf.CanHold] of the shelf as it was, and
// [Account.Check] of the account as it would be.
func (r Reserve) Apply(a Account, s Shelf) (Account, Shelf) {
	s.Held += r.Quantity
	return a.Hold(r.Parts), s
}

// CanHold tells whether n pieces can be reserved.
func (s Shelf) CanHold(n int64) error {
	if n <= 0 || n > MaxQuantity {
		return fmt.Errorf("%w: quantity %d", ErrRange, n)
	}
	if s.Available() < n {
		return fmt.Errorf("%w: %d wanted, %d there", ErrStock, n, s.Available())
	}
	return nil
}

// Settle folds a hand-over: what was held is spent and sold.
func (r Redemption) Settle(a Account, s Shelf) (Redemption, Account, Shelf, error) {
	if r.State != Reserved {
		return r, a, s, fmt.Errorf("%w: handing over what is %v", ErrState, r.State)
	}
	r.State = Settled
	s.Held -= r.Quantity
	s.Sold += r.Quantity
	return r, a.Spend(r.Parts), s, nil
}

// Cancel folds a cancellation before the hand-over: points and stock come back.
func (r Redemption) Cancel(a Account, s Shelf) (Redemption, Account, Shelf, error) {
	if r.State != Reserved {
		return r, a, s, fmt.Errorf("%w: cancelling what is %v", ErrState, r.State)
	}
	r.State = Cancelled
	s.Held -= r.Quantity
	return r, a.Release(r.Parts), s, nil
}

// Refund folds a refund after the hand-over. The goods come back to the shelf
// only when restock says that they can be given out again.
func (r Redemption) Refund(a Account, s Shelf, restock bool) (Redemption, Account, Shelf, error) {
	if r.State != Settled {
		return r, a, s, fmt.Errorf("%w: refunding what is %v", ErrState, r.State)
	}
	r.State = Refunded
	if restock {
		s.Restocked += r.Quantity
	}
	return r, a.Refund(r.Parts), s, nil
}
