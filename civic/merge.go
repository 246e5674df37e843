package civic

import (
	"slices"

	"yizhan/ledger"
)

// Merge joins two states of the same volunteer. The higher version says who the
// person is; credit minutes are the greater; and of each lot the lines that
// grant more stand, so that what is granted in a lot never falls. Merging the
// same state again changes nothing.
func (v Volunteer) Merge(o Volunteer) Volunteer {
	if o.Version < v.Version {
		v, o = o, v
	}
	o.Minutes = max(o.Minutes, v.Minutes)
	older, newer := v.Granted(), o.Granted()
	keep := make(map[ledger.Day]bool) // lots whose older lines grant more
	for lot, points := range older {
		if _, known := newer[lot]; points > newer[lot] || !known {
			keep[lot] = true
		}
	}
	if len(keep) == 0 {
		return o
	}
	earned := slices.DeleteFunc(slices.Clone(o.Earned), func(e Earning) bool { return keep[e.Expires] })
	for _, e := range v.Earned {
		if keep[e.Expires] {
			earned = append(earned, e)
		}
	}
	slices.SortStableFunc(earned, func(a, b Earning) int { return int(a.On - b.On) })
	o.Earned = earned
	return o
}

// Merge joins two states of the same good: the higher version says what it is,
// and the pieces delivered are the greater.
func (g Good) Merge(o Good) Good {
	if o.Version < g.Version {
		g, o = o, g
	}
	o.Delivered = max(o.Delivered, g.Delivered)
	return o
}
