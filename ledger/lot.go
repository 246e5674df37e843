package ledger

import "fmt"

// Lot is the center's side of the points of one volunteer that expire on one
// date: what was earned, what has expired, and what stands at each kiosk.
type Lot struct {
	Expires Day
	Earned  Points           // grows only
	Expired Points           // grows only; taken from free points alone
	At      map[string]Right // by kiosk, as far as the center knows
}

// Free is what the center may still grant to a kiosk, or let expire.
func (l Lot) Free() Points {
	n := l.Earned - l.Expired
	for _, r := range l.At {
		n -= r.Granted - r.Returned
	}
	return n
}

// Grant gives points of the lot to a kiosk. It answers ErrNotEnough when they
// are not free.
func (l Lot) Grant(kiosk string, points Points) (Lot, error) {
	if points <= 0 || points > l.Free() {
		return l, fmt.Errorf("%w: granting %d of %d free", ErrNotEnough, points, l.Free())
	}
	r := l.At[kiosk]
	r.Expires = l.Expires
	r.Granted += points
	return l.with(kiosk, r), nil
}

// Expire lets every free point go. Points at kiosks expire when they are
// returned.
func (l Lot) Expire() Lot {
	l.Expired += l.Free()
	return l
}

// Observe merges what a kiosk reports of its right. Late and doubled reports
// change nothing.
func (l Lot) Observe(kiosk string, seen Right) Lot {
	r := l.At[kiosk].Merge(seen)
	r.Expires, r.Held = l.Expires, seen.Held
	return l.with(kiosk, r)
}

func (l Lot) with(kiosk string, r Right) Lot {
	at := make(map[string]Right, len(l.At)+1)
	for k, v := range l.At {
		at[k] = v
	}
	at[kiosk] = r
	l.At = at
	return l
}

// Check holds invariant 2, and that nothing more was granted than earned.
func (l Lot) Check() error {
	if l.Free() < 0 {
		return fmt.Errorf("%w: lot %v has %d free", ErrNegative, l.Expires, l.Free())
	}
	sum := l.Expired + l.Free()
	for kiosk, r := range l.At {
		if err := r.check(); err != nil {
			return fmt.Errorf("at %s: %w", kiosk, err)
		}
		sum += r.Spendable() + r.Held + r.Spent - r.Refunded
	}
	if sum != l.Earned {
		return fmt.Errorf("ledger: lot %v earned %d but its parts are %d", l.Expires, l.Earned, sum)
	}
	return nil
}
