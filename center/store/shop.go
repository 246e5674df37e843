package store

import (
	"cmp"
	"context"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// Shop is a kiosk with what it has, as far as its entries have come.
type Shop struct {
	Kiosk
	Station civic.Station
	Stands  []Stand // goods that are offered there, by code
}

// Shop reads what one kiosk offers. It answers ErrUnknown for one that has no box, or
// was taken out of service.
func (s *Store) Shop(ctx context.Context, kiosk string) (shop Shop, err error) {
	k, c, err := s.Kiosk(ctx, kiosk)
	if err != nil {
		return shop, err
	}
	if k.Epoch == 0 || k.Revoked || c.State != ChainOpen {
		return shop, ErrUnknown
	}
	shop.Kiosk = k
	goods, err := s.GoodsAt(ctx, kiosk)
	if err != nil {
		return shop, err
	}
	shelves, err := s.shelves(ctx, []Kiosk{k})
	if err != nil {
		return shop, err
	}
	shop.Stands = slices.DeleteFunc(standsOf(k, goods, shelves[kiosk], ""), func(s Stand) bool { return !s.Listed || s.Good.Withdrawn })
	err = s.read(ctx, "reading a station", kiosk, func(t *txn) error {
		stored, found, err := t.storedDocument(KindStation, kiosk)
		if err != nil || !found {
			return err
		}
		d, err := stored.document()
		if err == nil && d.Station != nil {
			shop.Station = *d.Station
		}
		return err
	})
	return shop, err
}

// ShopsNear lists kiosks that have a box, those with most places above them in common
// with a place first, at most limit.
func (s *Store) ShopsNear(ctx context.Context, near string, limit int) ([]Kiosk, error) {
	fleet, err := s.boxed(ctx, "")
	if err != nil {
		return nil, err
	}
	tree, err := s.AllScopes(ctx)
	if err != nil {
		return nil, err
	}
	parents := make(map[string]string, len(tree))
	for _, scope := range tree {
		parents[scope.ID] = scope.Parent
	}
	var own []string
	for id := near; id != "" && len(own) < maxDepth; id = parents[id] {
		own = append(own, id)
	}
	steps := make(map[string]int, len(fleet)) // up from near to the first place in common
	for _, k := range fleet {
		steps[k.ID] = len(own)
		for id, n := k.ID, 0; id != "" && n < maxDepth; id, n = parents[id], n+1 {
			if i := slices.Index(own, id); i >= 0 {
				steps[k.ID] = i
				break
			}
		}
	}
	fleet = slices.DeleteFunc(fleet, func(k Kiosk) bool { return k.Revoked })
	slices.SortStableFunc(fleet, func(x, y Kiosk) int { return cmp.Or(cmp.Compare(steps[x.ID], steps[y.ID]), cmp.Compare(x.ID, y.ID)) })
	return fleet[:min(len(fleet), limit)], nil
}

// WishCounts tells whether the points that something kept holds are counted already: its
// entry is folded.
func (s *Store) WishCounts(ctx context.Context, w Wish) (counts bool, err error) {
	err = s.read(ctx, "reading a fold's cursor", w.Volunteer.String(), func(t *txn) error {
		var done int64
		_, err := t.one(selectFolded, []any{w.Kiosk, int64(w.Epoch)}, &done)
		counts = uint64(done) >= w.Seq
		return err
	})
	return counts, err
}

// Payable is what of a volunteer's points can be had at a kiosk, and what lies where
// nobody can be asked now.
type Payable struct {
	Now   ledger.Points
	Apart map[string]ledger.Points // by kiosk
}

// Payable adds up what lies at a kiosk, is free, or can be recalled, as far as entries
// are folded. While a restored center grants nothing, nothing is free.
func (s *Store) Payable(ctx context.Context, volunteer ledger.ID, kiosk string, reachable func(kiosk string) bool) (p Payable, err error) {
	free, held, err := s.Holders(ctx, volunteer)
	if err != nil {
		return p, err
	}
	if s.Whole(ctx) != nil {
		free = 0
	}
	p.Now, p.Apart = free, make(map[string]ledger.Points)
	for at, points := range held {
		if at == kiosk || reachable(at) {
			p.Now += points
		} else {
			p.Apart[at] = points
		}
	}
	return p, nil
}
