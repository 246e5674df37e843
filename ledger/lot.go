package ledger

import (
	"fmt"
	"maps"
)

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
// are not free. Like the other changes of a lot it copies: the receiver is
// unchanged.
func (l Lot) Grant(kiosk string, points Points) (Lot, error) {
	if points <= 0 {
		return l, fmt.Errorf("%w: granting %d", ErrRange, points)
	}
	if points > l.Free() {
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
	l.Expired += max(0, l.Free())
	return l
}

// Observe merges what a kiosk reports of its right in this lot. Late and
// doubled reports change nothing. What the kiosk holds is not taken over: it
// goes up and down, so a late report would bring back a hold that is spent by
// now, and to the center held points are as good as spendable ones.
func (l Lot) Observe(kiosk string, seen Right) Lot {
	r := l.At[kiosk].Merge(seen)
	r.Expires = l.Expires
	return l.with(kiosk, r)
}

func (l Lot) with(kiosk string, r Right) Lot {
	at := maps.Clone(l.At)
	if at == nil {
		at = make(map[string]Right)
	}
	at[kiosk] = r
	l.At = at
	return l
}

// Check holds invariant 2. Free is by definition what the equation leaves, so
// the equation always holds; what can go wrong is that a term is negative: that
// more was granted or expired than earned, or spent than granted.
func (l Lot) Check() error {
	for _, p := range []Points{l.Earned, l.Expired} {
		if p < 0 || p > MaxPoints {
			return fmt.Errorf("%w: lot %v has a counter of %d", ErrRange, l.Expires, p)
		}
	}
	for kiosk, r := range l.At {
		if err := r.check(); err != nil {
			return fmt.Errorf("at %s: %w", kiosk, err)
		}
	}
	if l.Free() < 0 {
		return fmt.Errorf("%w: lot %v has %d free", ErrNegative, l.Expires, l.Free())
	}
	return nil
}
