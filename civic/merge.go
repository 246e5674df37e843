package civic

import (
	"maps"
	"slices"

	"yizhan/ledger"
)

// Merge joins two states of the same volunteer. The higher version says who the
// person is; credit minutes are the greater; and of each lot the lines that
// grant more stand, so that what is granted in a lot never falls. Who is linked
// in either state stays linked: the center has taken over what was granted, and
// a bundle from before must not grant it once more; the lines are then those of
// the higher version. Merging the same state again changes nothing.
func (v Volunteer) Merge(o Volunteer) Volunteer {
	if o.Version < v.Version {
		v, o = o, v
	}
	o.Minutes = max(o.Minutes, v.Minutes)
	if v.Linked || o.Linked {
		o.Linked = true
		return o
	}
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

// Merge joins two states of the grant of one volunteer at one kiosk. Within an
// epoch each lot is granted the greater of the two totals; a later epoch stands
// for itself, because what an earlier one was granted is closed with its chain.
func (g Grant) Merge(o Grant) Grant {
	if o.Epoch < g.Epoch {
		g, o = o, g
	}
	if o.Epoch > g.Epoch {
		return o
	}
	o.Version = max(o.Version, g.Version)
	total := make(map[ledger.Day]ledger.Points)
	for _, lot := range slices.Concat(g.Lots, o.Lots) {
		total[lot.Expires] = max(total[lot.Expires], lot.Granted)
	}
	o.Lots = make([]GrantedLot, 0, len(total))
	for _, day := range slices.Sorted(maps.Keys(total)) {
		o.Lots = append(o.Lots, GrantedLot{day, total[day]})
	}
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
