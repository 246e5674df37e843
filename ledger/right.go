package ledger

import (
	"errors"
	"fmt"
	"slices"
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

// check tells whether every counter is in range and nothing is overspent.
func (r Right) check() error {
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

// Account is one volunteer's rights at one kiosk, sorted by expiry, each
// expiry once.
type Account struct {
	Rights []Right
}

// Spendable is the balance that a volunteer sees at this kiosk.
func (a Account) Spendable() Points {
	var n Points
	for _, r := range a.Rights {
		n += r.Spendable()
	}
	return n
}

// Held is what is reserved and not handed over yet.
func (a Account) Held() Points {
	var n Points
	for _, r := range a.Rights {
		n += r.Held
	}
	return n
}

// Check holds invariant 1.
func (a Account) Check() error {
	for i, r := range a.Rights {
		if err := r.check(); err != nil {
			return err
		}
		if i > 0 && a.Rights[i-1].Expires >= r.Expires {
			return fmt.Errorf("%w: lots out of order at %v", ErrRange, r.Expires)
		}
	}
	return nil
}

// Allocate chooses the lots that cost is taken from, the earliest expiry first.
// It answers ErrNotEnough when the balance is smaller than cost, or when the
// cost would draw on more than MaxParts lots.
func (a Account) Allocate(cost Points) ([]Part, error) {
	if cost <= 0 || cost > MaxPoints {
		return nil, fmt.Errorf("%w: cost %d", ErrRange, cost)
	}
	var parts []Part
	left := cost
	for _, r := range a.Rights {
		if left == 0 {
			break
		}
		if take := min(left, r.Spendable()); take > 0 {
			parts = append(parts, Part{r.Expires, take})
			left -= take
		}
	}
	if left > 0 || len(parts) > MaxParts {
		return nil, fmt.Errorf("%w: %d needed, %d there", ErrNotEnough, cost, a.Spendable())
	}
	return parts, nil
}

// Hold reserves parts. Like the other changes of an account it copies: the
// receiver is unchanged. It does arithmetic only; the caller checks the result.
func (a Account) Hold(parts []Part) Account {
	return a.change(parts, func(r *Right, p Points) { r.Held += p })
}

// Spend turns held parts into spent ones.
func (a Account) Spend(parts []Part) Account {
	return a.change(parts, func(r *Right, p Points) { r.Held -= p; r.Spent += p })
}

// Release gives held parts back.
func (a Account) Release(parts []Part) Account {
	return a.change(parts, func(r *Right, p Points) { r.Held -= p })
}

// Refund gives spent parts back.
func (a Account) Refund(parts []Part) Account {
	return a.change(parts, func(r *Right, p Points) { r.Refunded += p })
}

// Return gives parts back to the center: they leave this kiosk for good.
func (a Account) Return(parts []Part) Account {
	return a.change(parts, func(r *Right, p Points) { r.Returned += p })
}

// Grant merges what the center grants in the lot that expires on day: the
// counter is a total, so the same grant twice changes nothing.
func (a Account) Grant(day Day, granted Points) Account {
	return a.change([]Part{{day, granted}}, func(r *Right, p Points) { r.Granted = max(r.Granted, p) })
}

// change applies f to a copy of the right of each part, making rights that are
// not there yet.
func (a Account) change(parts []Part, f func(*Right, Points)) Account {
	rights := slices.Clone(a.Rights)
	for _, p := range parts {
		i, found := slices.BinarySearchFunc(rights, p.Expires, func(r Right, d Day) int { return int(r.Expires) - int(d) })
		if !found {
			rights = slices.Insert(rights, i, Right{Expires: p.Expires})
		}
		f(&rights[i], p.Points)
	}
	return Account{Rights: rights}
}
