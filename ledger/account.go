package ledger

import (
	"cmp"
	"fmt"
	"slices"
)

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

// Granted is what the center has given in all, whatever has become of it.
func (a Account) Granted() Points {
	var n Points
	for _, r := range a.Rights {
		n += r.Granted
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
		i, found := slices.BinarySearchFunc(rights, p.Expires, func(r Right, d Day) int { return cmp.Compare(r.Expires, d) })
		if !found {
			rights = slices.Insert(rights, i, Right{Expires: p.Expires})
		}
		f(&rights[i], p.Points)
	}
	return Account{Rights: rights}
}
