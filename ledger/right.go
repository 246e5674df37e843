package ledger

import (
	"errors"
	"fmt"
)

// Errors of the rules. A caller tells them apart with errors.Is.
var (
	ErrNotEnough = errors.New("ledger: not enough points")
	ErrNegative  = errors.New("ledger: a right would become negative")
	ErrRange     = errors.New("ledger: amount out of range")
	ErrState     = errors.New("ledger: the redemption is not in a state for this")
	ErrStock     = errors.New("ledger: not enough stock")
)

// Right is the part of the lot that expires on Expires which one kiosk may
// spend. All counters are points.
type Right struct {
	Expires  Day
	Granted  Points // written by the center, grows only
	Spent    Points // written by the kiosk, grows only
	Refunded Points // written by the kiosk, grows only
	Returned Points // written by the kiosk, grows only
	Held     Points // reserved now, the kiosk's own, never merged
}

// Spendable is what the kiosk may still reserve. It is negative only while the
// documents that grant the right have not been loaded (a book being rebuilt).
func (r Right) Spendable() Points {
	return r.Granted + r.Refunded - r.Spent - r.Returned - r.Held
}

// Merge joins two views of the same right: each counter by maximum. Held is
// taken from r.
func (r Right) Merge(o Right) Right {
	r.Granted = max(r.Granted, o.Granted)
	r.Spent = max(r.Spent, o.Spent)
	r.Refunded = max(r.Refunded, o.Refunded)
	r.Returned = max(r.Returned, o.Returned)
	return r
}

// check tells whether everything is in range and nothing is overspent.
func (r Right) check() error {
	if r.Expires < 0 || r.Expires > MaxDay {
		return fmt.Errorf("%w: a lot that expires on %v", ErrRange, r.Expires)
	}
	for _, p := range []Points{r.Granted, r.Spent, r.Refunded, r.Returned, r.Held} {
		if p < 0 || p > MaxPoints {
			return fmt.Errorf("%w: lot %v has a counter of %d", ErrRange, r.Expires, p)
		}
	}
	if r.Spendable() < 0 {
		return fmt.Errorf("%w: lot %v would stand at %d", ErrNegative, r.Expires, r.Spendable())
	}
	if r.Refunded > r.Spent {
		return fmt.Errorf("%w: lot %v refunds %d of %d spent", ErrNegative, r.Expires, r.Refunded, r.Spent)
	}
	return nil
}

// Part is points drawn from the lot that expires on Expires.
type Part struct {
	Expires Day
	Points  Points
}

// Sum adds up the points of parts.
func Sum(parts []Part) Points {
	var n Points
	for _, p := range parts {
		n += p.Points
	}
	return n
}
