package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const scatterGoods = `SELECT scope, body FROM document WHERE kind = 'good' AND id = $1 AND scope > $2 ORDER BY scope LIMIT $3`

// Stocked is a kiosk where pieces of a good are left.
type Stocked struct {
	Kiosk   string
	Name    string // as the center calls it
	Station civic.Station
	Good    civic.Good // as that kiosk has it
	Left    int64      // as far as its entries have come
}

// Stocked lists kiosks other than near that can keep a piece of a good for somebody:
// it is offered there, pieces are left, and they stand on no self-service shelf. Those with most places above them in common with near come first, at most limit.
// Only kiosks that open tells to be open are looked at, and of them no more than
// maxStockedAsked: it may find none though one far away has some.
func (s *Store) Stocked(ctx context.Context, near, code string, open func(kiosk string) bool, limit int) (list []Stocked, err error) {
	goods, err := s.GoodEverywhere(ctx, code)
	if err != nil || len(goods) == 0 {
		return nil, err
	}
	tree, err := s.AllScopes(ctx)
	if err != nil {
		return nil, err
	}
	candidates := nearest(near, tree, goods, open)
	for _, c := range candidates[:min(len(candidates), maxStockedAsked)] {
		if len(list) == limit {
			break
		}
		found, err := s.standsAt(ctx, &c)
		if err != nil {
			return nil, err
		}
		if found {
			list = append(list, c)
		}
	}
	return list, nil
}

// GoodEverywhere reads what the scopes say of a good, by scope.
func (s *Store) GoodEverywhere(ctx context.Context, code string) (map[string]civic.Good, error) {
	goods := make(map[string]civic.Good)
	err := s.pages(ctx, "looking for a good", scatterGoods, []any{code}, func(rows scanner) (string, error) {
		var scope string
		var body []byte
		if err := rows.Scan(&scope, &body); err != nil {
			return "", err
		}
		var d civic.Document
		if err := json.Unmarshal(body, &d); err != nil {
			return "", bug("good %q of %q cannot be read: %v", code, scope, err)
		}
		if d.Good != nil { // it was not taken out
			goods[scope] = *d.Good
		}
		return scope, nil
	})
	return goods, err
}

// nearest lists the open kiosks whose own or higher scopes have the good, as each
// kiosk merges what they say.
func nearest(near string, tree []Scope, goods map[string]civic.Good, open func(kiosk string) bool) []Stocked {
	parents := make(map[string]string, len(tree))
	for _, scope := range tree {
		parents[scope.ID] = scope.Parent
	}
	above := func(id string) (chain []string) {
		for ; id != "" && len(chain) < maxDepth; id = parents[id] {
			chain = append(chain, id)
		}
		return chain
	}
	own := above(near)
	steps := make(map[string]int) // up from near to the first place in common
	var list []Stocked
	for _, scope := range tree {
		if scope.ID == near || !ledger.ValidKiosk(scope.ID) || !open(scope.ID) {
			continue
		}
		c := Stocked{Kiosk: scope.ID}
		common := -1
		for _, id := range above(scope.ID) {
			if g, there := goods[id]; there {
				c.Good = c.Good.Merge(g)
			}
			if common < 0 {
				common = slices.Index(own, id)
			}
		}
		if c.Good.Code != "" && !c.Good.Withdrawn && common >= 0 {
			steps[c.Kiosk] = common
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Stocked) int { return cmp.Compare(steps[a.Kiosk], steps[b.Kiosk]) })
	return list
}

// standsAt fills in what one kiosk's own shard knows, and tells whether the kiosk
// serves and has pieces left.
func (s *Store) standsAt(ctx context.Context, at *Stocked) (found bool, err error) {
	err = s.read(ctx, "reading a shelf", at.Kiosk, func(t *txn) error {
		found = false
		k, err := t.kiosk()
		if err != nil || k.Epoch == 0 || k.Revoked {
			return err
		}
		c, err := t.chain(k.Epoch)
		if err != nil || c.State != ChainOpen {
			return err
		}
		shelf := ledger.Shelf{Delivered: at.Good.Delivered}
		if _, err := t.one(selectShelf, []any{int64(k.Epoch), at.Good.Code}, &shelf.Moved, &shelf.Sold, &shelf.Restocked, &shelf.Held); err != nil {
			return err
		}
		at.Name, at.Left = k.Name, min(shelf.Available(), ledger.MaxCount)
		stored, there, err := t.storedDocument(KindStation, at.Kiosk)
		if err != nil || at.Left < 1 {
			return err
		}
		if there {
			d, err := stored.document()
			if err != nil {
				return err
			}
			if d.Station != nil {
				at.Station = *d.Station
			}
		}
		found = !at.Station.Policy.SelfService
		return nil
	})
	return found, err
}
