package store

import (
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

var (
	loadedKey  = []byte("bundle")
	stationKey = []byte("station")
)

// loadedRow says which bundle the documents come from. While it is loaded the
// row is not complete; documents of two bundles stand side by side then, which
// does no harm, because each is right by itself.
type loadedRow struct {
	announced
	Era      string `json:",omitempty"` // of the center that made it
	Complete bool   // this bundle, or one before it, was loaded to its end
	Pending  bool   // this bundle was not
}

func (t *tx) loaded() (l loadedRow) {
	t.document(bLoaded, loadedKey, &l)
	return l
}

// policy returns the rules in force.
func (s *Store) policy() civic.Policy { return s.station.Load().Policy.WithDefaults() }

// Station returns where the kiosk stands; the zero Station while no bundle is
// loaded.
func (s *Store) Station() civic.Station { return *s.station.Load() }

// Volunteer returns what the documents say of a volunteer.
func (s *Store) Volunteer(id ledger.ID) (v civic.Volunteer, err error) {
	err = s.one(bVolunteer, id[:], &v)
	return v, err
}

// Staff returns what the documents say of a member of staff.
func (s *Store) Staff(id ledger.ID) (v civic.Staff, err error) {
	err = s.one(bStaff, id[:], &v)
	return v, err
}

// Picture returns a picture by name.
func (s *Store) Picture(name string) (v civic.Picture, err error) {
	err = s.one(bPicture, []byte(name), &v)
	return v, err
}

func (s *Store) one(b bucket, key []byte, v any) error {
	found := false
	err := s.view(func(t *tx) { found = t.document(b, key, v) })
	if err == nil && !found {
		err = fmt.Errorf("%w: %v", ErrUnknown, b)
	}
	return err
}

// Good returns a good and its shelf, offered or not.
func (s *Store) Good(code string) (g Good, err error) {
	found := false
	err = s.view(func(t *tx) { g, found = t.good(code) })
	if err == nil && !found {
		err = fmt.Errorf("%w: good %q", ErrUnknown, code)
	}
	return g, err
}

// Goods returns what is offered, by code.
func (s *Store) Goods() (list []Good, err error) {
	err = s.view(func(t *tx) {
		for r := range t.up(bGood, nil) {
			if g, _ := t.good(string(r.key)); !g.Withdrawn {
				list = append(list, g)
			}
		}
	})
	return list, err
}

func (t *tx) good(code string) (g Good, found bool) {
	if !ledger.ValidGood(code) {
		return g, false
	}
	g.Good, found = t.goodDocument(code)
	g.Shelf = t.shelf(code)
	return g, found
}

// goodDocument reads a good once for each transaction: a redemption needs it for
// its price and again for its answer.
func (t *tx) goodDocument(code string) (g civic.Good, found bool) {
	if g, found = t.goods[code]; found {
		return g, true
	}
	if found = t.document(bGood, []byte(code), &g); found {
		if t.goods == nil {
			t.goods = make(map[string]civic.Good)
		}
		t.goods[code] = g
	}
	return g, found
}

// ByCard returns whom a card belongs to.
func (s *Store) ByCard(card civic.CardID) (p Person, err error) {
	err = ErrUnknown
	s.index.Load().hashed(byCard, card, func(found Person) {
		if err == nil {
			return
		}
		var cards []civic.CardID
		if found.Staff {
			staff, staffErr := s.Staff(found.ID)
			cards, err = staff.Cards, staffErr
		} else {
			v, volunteerErr := s.Volunteer(found.ID)
			cards, err = v.Cards, volunteerErr
		}
		if err == nil && !slices.Contains(cards, card) {
			err = ErrUnknown
		}
		p = found
	})
	if err != nil {
		return Person{}, fmt.Errorf("card: %w", err)
	}
	return p, nil
}

// ByPhone returns the volunteers with a phone number; a family may share one.
// It answers none for a number that nobody has.
func (s *Store) ByPhone(phone string) (list []ledger.ID, err error) {
	hash := civic.HashPhone(s.station.Load().PhoneKey, phone)
	s.index.Load().hashed(byPhone, hash, func(found Person) {
		if err != nil || len(list) == maxPage {
			return
		}
		var v civic.Volunteer
		if v, err = s.Volunteer(found.ID); err == nil && v.Phone == hash {
			list = append(list, v.ID)
		}
	})
	return list, err
}

// Search returns volunteers whose pinyin initials begin with the query, or
// whose phone or number ends with it.
func (s *Store) Search(query string, limit int) ([]ledger.ID, error) {
	if len(query) > maxQueryRunes {
		return nil, nil
	}
	return s.index.Load().search(query, min(limit, maxSearch)), nil
}
