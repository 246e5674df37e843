package ledger

import "fmt"

// Shelf is the stock of one good at one kiosk, in pieces. Delivered comes down
// with documents and merges by maximum, like a grant; the rest is the kiosk's.
type Shelf struct {
	Delivered int64 // total sent here, grows only
	Moved     int64 // received, counted and wasted by staff, signed
	Sold      int64 // handed over, grows only
	Restocked int64 // came back with a refund, grows only
	Held      int64 // reserved now
}

// OnHand is what should stand on the shelf, the reserved pieces included.
func (s Shelf) OnHand() int64 { return s.Delivered + s.Moved - s.Sold + s.Restocked }

// Available is what can still be reserved. A count that finds less than what
// is reserved makes it negative.
func (s Shelf) Available() int64 { return s.OnHand() - s.Held }

// Check tells whether every counter is in range and the shelf not below empty.
func (s Shelf) Check() error {
	for _, n := range []int64{s.Delivered, s.Sold, s.Restocked, s.Held} {
		if n < 0 || n > MaxCount {
			return fmt.Errorf("%w: a stock counter of %d", ErrRange, n)
		}
	}
	if s.Moved < -MaxCount || s.Moved > MaxCount {
		return fmt.Errorf("%w: a stock movement of %d", ErrRange, s.Moved)
	}
	if s.OnHand() < 0 {
		return fmt.Errorf("%w: %d on hand", ErrStock, s.OnHand())
	}
	return nil
}
