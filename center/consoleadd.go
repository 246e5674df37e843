package center

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// addPage is the form of a new kiosk or a new place, as it was typed.
type addPage struct {
	ID, Name, Parent, Cap string
	Places                []place
	Problem               string // center.add.problem.WORD, under the field Field
	Field                 string
}

// place is a node of the org tree to choose.
type place struct {
	store.Scope
	Path string // 县中心 / 清溪镇 / 石桥村
}

// places is the org tree without the kiosks' own scopes.
func (c *console) places(a *ask) ([]place, error) {
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return nil, err
	}
	return placesAmong(a, scopes), nil
}

// placesAmong are the places of a tree that are the officer's: no kiosk, which a place
// is never named like.
func placesAmong(a *ask, scopes []store.Scope) (list []place) {
	byID := make(map[string]store.Scope, len(scopes))
	for _, s := range scopes {
		byID[s.ID] = s
	}
	for _, s := range scopes {
		if ledger.ValidKiosk(s.ID) || !a.area.has(s.ID) {
			continue
		}
		path := s.Name
		for up, n := byID[s.Parent], 0; up.ID != "" && n < maxDepth; up, n = byID[up.Parent], n+1 {
			path = up.Name + " / " + path
		}
		list = append(list, place{s, path})
	}
	return list
}

func (c *console) addkiosk(a *ask) error { return c.showAdd(a, "addkiosk", addPage{}) }

func (c *console) showAdd(a *ask, word string, p addPage) error {
	var err error
	if p.Places, err = c.places(a); err != nil {
		return err
	}
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: word, data: p, code: code})
}

func (c *console) addkioskNow(a *ask) error {
	p := addPage{ID: strings.ToUpper(a.typed("id")), Name: a.typed("name"), Parent: a.typed("parent"), Cap: a.typed("cap")}
	var limit int64
	if p.Cap != "" {
		n, err := strconv.ParseInt(p.Cap, 10, 64)
		if err != nil || n < 1 || n > int64(ledger.MaxPoints) {
			p.Problem, p.Field = "cap", "cap"
		}
		limit = n
	}
	if !goodName(p.Name) {
		p.Problem, p.Field = "name", "name"
	}
	if err := a.reaches(p.Parent); err != nil && p.Parent != "" {
		return err
	}
	above, err := c.Store.Scopes(a.Context(), p.Parent)
	if p.Parent == "" || errors.Is(err, store.ErrUnknown) {
		p.Problem, p.Field = "parent", "parent"
	} else if err != nil {
		return err
	}
	if !ledger.ValidKiosk(p.ID) {
		p.Problem, p.Field = "id", "id"
	} else if taken, err := c.taken(a, p.ID); err != nil {
		return err
	} else if taken {
		p.Problem, p.Field = "taken", "id"
	}
	if p.Problem != "" {
		return c.showAdd(a, "addkiosk", p)
	}
	if err := c.Store.PutKiosk(a.Context(), store.Kiosk{ID: p.ID, Name: p.Name, Parent: p.Parent, Cap: ledger.Points(limit)}); err != nil {
		return err
	}
	if err := c.office().DescribeStation(a.Context(), p.ID, 0, civic.Station{Name: p.Name, Parent: above[0].Name}); err != nil && !errors.Is(err, store.ErrChanged) {
		return err // it can be described on its page
	}
	a.redirect(stationPath(p.ID) + "?done=kiosk")
	return nil
}

// taken tells whether a kiosk or a place has the id already.
func (c *console) taken(a *ask, id string) (bool, error) {
	_, err := c.Store.Scopes(a.Context(), id)
	if errors.Is(err, store.ErrUnknown) {
		return false, nil
	}
	return err == nil, err
}

func goodName(name string) bool { return name != "" && store.GoodName(name) }

// goodScope tells whether a text can name a place of the org tree: small letters,
// digits, hyphens and colons, so that it is no kiosk's.
func goodScope(id string) bool {
	if id == "" || len(id) > maxScopeBytes {
		return false
	}
	for _, b := range []byte(id) {
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != ':' {
			return false
		}
	}
	return true
}
