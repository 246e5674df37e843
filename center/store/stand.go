package store

import (
	"context"
	"slices"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

// Epochs of now alone: another box began with what was delivered.
const scatterShelves = `SELECT s.kiosk, s.good, s.moved, s.sold, s.restocked, s.held FROM shelf s JOIN kiosk k ON k.kiosk = s.kiosk AND k.epoch = s.epoch
	WHERE s.kiosk >= $1 AND s.kiosk <= $2`

// Stand is what one kiosk has of one good, as its entries say.
type Stand struct {
	Kiosk  string
	Name   string // of the kiosk
	Epoch  uint32 // of the box that serves now: another box began with what was delivered
	Good   civic.Good
	Listed bool // a document speaks of the good; else only its code is known
	ledger.Shelf
}

// Over tells whether the good is not offered any more and nothing of it is left.
func (s Stand) Over() bool { return s.Good.Withdrawn && s.OnHand() == 0 && s.Held == 0 }

// Stands returns every good at every kiosk that a box serves, by kiosk and in no
// order within it, or at one kiosk, or one good: "" is all. The goods are merged
// from a kiosk's own scope and those above it as the kiosk does.
func (s *Store) Stands(ctx context.Context, kiosk, code string) (all []Stand, err error) {
	fleet, err := s.boxed(ctx, kiosk)
	if err != nil || len(fleet) == 0 {
		return nil, err
	}
	tree, err := s.AllScopes(ctx)
	if err != nil {
		return nil, err
	}
	goods, err := s.goodsByScope(ctx)
	if err != nil {
		return nil, err
	}
	parents := make(map[string]string, len(tree))
	for _, scope := range tree {
		parents[scope.ID] = scope.Parent
	}
	for some := range slices.Chunk(fleet, standChunk) {
		shelves, err := s.shelves(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			all = append(all, standsOf(k, offered(k.ID, parents, goods), shelves[k.ID], code)...)
		}
	}
	return all, nil
}

// shelves reads what entries moved at kiosks, which are in their order, in the
// epochs of the boxes that serve now.
func (s *Store) shelves(ctx context.Context, fleet []Kiosk) (map[string]map[string]ledger.Shelf, error) {
	var all map[string]map[string]ledger.Shelf
	args := []any{fleet[0].ID, fleet[len(fleet)-1].ID}
	err := s.scatter(ctx, "reading shelves", scatterShelves, args, func() { all = make(map[string]map[string]ledger.Shelf) }, func(rows scanner) error {
		var kiosk, good string
		var shelf ledger.Shelf
		err := rows.Scan(&kiosk, &good, &shelf.Moved, &shelf.Sold, &shelf.Restocked, &shelf.Held)
		if all[kiosk] == nil {
			all[kiosk] = make(map[string]ledger.Shelf)
		}
		all[kiosk][good] = shelf
		return err
	})
	return all, err
}

// boxed lists the kiosks that a box was approved for, or the one.
func (s *Store) boxed(ctx context.Context, kiosk string) (list []Kiosk, err error) {
	if kiosk != "" {
		k, _, err := s.Kiosk(ctx, kiosk)
		if err != nil || k.Epoch == 0 {
			return nil, err
		}
		return []Kiosk{k}, nil
	}
	fleet, err := s.Fleet(ctx, "", maxStandKiosks)
	for _, f := range fleet {
		if f.Kiosk.Epoch > 0 {
			list = append(list, f.Kiosk)
		}
	}
	return list, err
}

// goodsByScope is what every scope says of every good.
func (s *Store) goodsByScope(ctx context.Context) (map[string][]civic.Good, error) {
	scopes, err := s.GoodScopes(ctx)
	if err != nil {
		return nil, err
	}
	lists := make([][]civic.Good, len(scopes))
	err = s.readEach(ctx, "reading goods", scopes, func(t *txn, i int) (err error) {
		lists[i], err = t.goods()
		return err
	})
	goods := make(map[string][]civic.Good, len(scopes))
	for i, scope := range scopes {
		goods[scope] = lists[i]
	}
	return goods, err
}

// offered is the goods of a kiosk, from its own scope and those above.
func offered(kiosk string, parents map[string]string, goods map[string][]civic.Good) map[string]civic.Good {
	all := make(map[string]civic.Good)
	for id, n := kiosk, 0; id != "" && n < maxDepth; id, n = parents[id], n+1 {
		for _, g := range goods[id] {
			all[g.Code] = all[g.Code].Merge(g)
		}
	}
	return all
}

// standsOf joins what is offered at a kiosk with what its entries moved.
func standsOf(k Kiosk, goods map[string]civic.Good, shelves map[string]ledger.Shelf, code string) (list []Stand) {
	add := func(g civic.Good, listed bool) {
		if code != "" && g.Code != code {
			return
		}
		shelf := shelves[g.Code]
		shelf.Delivered = g.Delivered
		list = append(list, Stand{Kiosk: k.ID, Name: k.Name, Epoch: k.Epoch, Good: g, Listed: listed, Shelf: shelf})
	}
	for _, g := range goods {
		add(g, true)
	}
	for good := range shelves {
		if _, known := goods[good]; !known {
			add(civic.Good{Code: good}, false)
		}
	}
	slices.SortFunc(list, func(x, y Stand) int { return strings.Compare(x.Good.Code, y.Good.Code) })
	return list
}
