package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectPlace   = `SELECT body FROM placecard WHERE scope = $1`
	upsertPlace   = `INSERT INTO placecard (scope, body) VALUES ($1, $2) ON CONFLICT (scope) DO UPDATE SET body = excluded.body`
	scatterPlaced = `SELECT scope, body FROM placecard WHERE scope > $1 ORDER BY scope LIMIT $2`
)

// Place is a node of the org tree with what is known of it.
type Place struct {
	Scope
	civic.Place
	// Stand stands for everything that an officer can change of it.
	Stand string
}

// Place reads a place of the org tree, or answers ErrUnknown.
func (s *Store) Place(ctx context.Context, id string) (p Place, err error) {
	err = s.read(ctx, "reading a place", id, func(t *txn) error {
		p, err = t.place(id)
		return err
	})
	return p, err
}

// Places reads what is known of all places, by id; of many nothing is.
func (s *Store) Places(ctx context.Context) (map[string]civic.Place, error) {
	all := make(map[string]civic.Place)
	err := s.pages(ctx, "reading the places", scatterPlaced, nil, func(rows scanner) (string, error) {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return "", err
		}
		card, err := readPlace(body)
		all[id] = card
		return id, err
	})
	return all, err
}

// PlaceEdit is what an officer makes of a place.
type PlaceEdit struct {
	ID           string
	Seen         string // Place.Stand that the officer saw; "": it is new
	Name, Parent string
	civic.Place
}

// EditPlace changes a place, or adds one. It answers ErrChanged when the place is no
// longer as the officer saw it, ErrUnknown when the place above is not there, and
// ErrState when the change would tear the tree: a place cannot come below itself or
// deeper than the limit, and one with enrolled kiosks below it stays where it is,
// because those kiosks keep what they learned from the places above them. The same
// edit again changes nothing.
func (s *Store) EditPlace(ctx context.Context, e PlaceEdit) error {
	if e.ID == "" || len(e.ID) > MaxNameRunes || e.Name == "" || !GoodName(e.Name) || ledger.ValidKiosk(e.ID) {
		return fmt.Errorf("%w: place %q", ErrInput, e.ID)
	}
	if err := e.Place.Check(); err != nil {
		return fmt.Errorf("%w: place %q: %w", ErrInput, e.ID, err)
	}
	if err := s.canStand(ctx, e); err != nil {
		return err
	}
	var before Place
	moved := false
	err := s.write(ctx, "changing a place", e.ID, func(t *txn) (err error) {
		before, err = t.place(e.ID)
		known := !errors.Is(err, ErrUnknown)
		if err != nil && known {
			return err
		}
		moved = known && before.Parent != e.Parent
		after := Place{Scope: Scope{ID: e.ID, Name: e.Name, Parent: e.Parent}, Place: e.Place}
		switch after.Stand = after.stand(); {
		case known && after.Stand == before.Stand:
			moved = false
			return nil
		case known != (e.Seen != "") || known && before.Stand != e.Seen:
			return fmt.Errorf("%w: place %q", ErrChanged, e.ID)
		}
		if err := t.change(upsertScope, e.Parent, e.Name); err != nil {
			return err
		}
		body, err := json.Marshal(e.Place)
		if err != nil {
			return fmt.Errorf("writing a place: %w", err)
		}
		if err := t.change(upsertPlace, body); err != nil {
			return err
		}
		if !known {
			return t.act(s.now(), t.actor(), "scope.added", nil, after.traced())
		}
		return t.act(s.now(), t.actor(), "scope.changed", before.traced(), after.traced())
	})
	if err != nil || !moved {
		return err
	}
	return s.keepTree(ctx, e.ID, before)
}

// canStand refuses what would tear the tree, as far as it stands now.
func (s *Store) canStand(ctx context.Context, e PlaceEdit) error {
	root, err := s.Root(ctx)
	if err != nil {
		return err
	}
	if e.Parent == "" {
		if root.ID != "" && root.ID != e.ID {
			return fmt.Errorf("%w: the tree has a top already", ErrState)
		}
		return nil
	}
	chain, err := s.Scopes(ctx, e.Parent)
	if err != nil {
		return err
	}
	for _, above := range chain {
		if above.ID == e.ID {
			return fmt.Errorf("%w: place %q would stand below itself", ErrState, e.ID)
		}
	}
	all, err := s.AllScopes(ctx)
	if err != nil {
		return err
	}
	under, old := make(map[string][]string), ""
	for _, scope := range all {
		under[scope.Parent] = append(under[scope.Parent], scope.ID)
		if scope.ID == e.ID {
			old = scope.Parent
		}
	}
	below := []string{e.ID}
	depth := len(chain)
	for level := below; len(level) > 0 && depth <= maxDepth; depth++ {
		var next []string
		for _, id := range level {
			next = append(next, under[id]...)
		}
		level, below = next, append(below, next...)
	}
	if depth > maxDepth {
		return fmt.Errorf("%w: place %q would stand deeper than %d", ErrState, e.ID, maxDepth)
	}
	if old == e.Parent {
		return nil
	}
	return s.noneEnrolled(ctx, below)
}

// noneEnrolled refuses to move places that kiosks have learned from.
func (s *Store) noneEnrolled(ctx context.Context, places []string) error {
	for _, id := range places {
		if !ledger.ValidKiosk(id) {
			continue
		}
		k, _, err := s.Kiosk(ctx, id)
		if err != nil && !errors.Is(err, ErrUnknown) {
			return err
		}
		if k.Epoch > 0 {
			return fmt.Errorf("%w: kiosk %s is enrolled below it", ErrState, id)
		}
	}
	return nil
}

// keepTree puts a place back whose move, together with another one that was made at
// the same moment, would have cut a ring out of the tree.
func (s *Store) keepTree(ctx context.Context, id string, before Place) error {
	for up, n := id, 0; up != ""; n++ {
		var scope Scope
		err := s.read(ctx, "reading a scope", up, func(t *txn) (err error) {
			scope, err = t.scope(up)
			return err
		})
		if err != nil {
			return err
		}
		if up = scope.Parent; up == id || n > maxDepth {
			return errors.Join(fmt.Errorf("%w: place %q would stand below itself", ErrState, id), s.write(ctx, "putting a place back", id, func(t *txn) error {
				if err := t.act(s.now(), t.actor(), "scope.changed", nil, before.traced()); err != nil {
					return err
				}
				return t.change(upsertScope, before.Parent, before.Name)
			}))
		}
	}
	return nil
}

func (t *txn) place(id string) (p Place, err error) {
	if p.Scope, err = t.scope(id); err != nil {
		return p, err
	}
	var body []byte
	found, err := t.one(selectPlace, nil, &body)
	if err == nil && found {
		p.Place, err = readPlace(body)
	}
	p.Stand = p.stand()
	return p, err
}

func readPlace(body []byte) (card civic.Place, err error) {
	if err := json.Unmarshal(body, &card); err != nil {
		return card, bug("a place that cannot be read: %v", err)
	}
	return card, nil
}

// stand: see Place.
func (p Place) stand() string {
	text, _ := json.Marshal([]any{p.Name, p.Parent, p.Place}) // it cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Same tells whether an edit would change nothing.
func (p Place) Same(name, parent string, card civic.Place) bool {
	return p.stand() == Place{Scope: Scope{Name: name, Parent: parent}, Place: card}.stand()
}

// traced is what an act keeps of a place.
func (p Place) traced() any {
	return struct {
		Name   string `json:"name"`
		Parent string `json:"parent"`
		civic.Place
	}{p.Name, p.Parent, p.Place}
}
