package center

import (
	"errors"
	"net/http"
	"strconv"

	"yizhan/center/store"
	"yizhan/civic"
)

// describePage is what a kiosk says of the place where it stands, as it was typed.
type describePage struct {
	ID       string
	Title    string // the kiosk's name
	Form     describeForm
	Was      uint64 // version of the document that the form began with; 0: there is none yet
	Problems map[string]string
	Now      map[string]string // what stands there now, where the form says something else
	Changed  *store.Act
}

// describeForm is the fields of a station as they are typed.
type describeForm struct {
	Name, NameEN, Parent, ParentEN, Counter, CounterEN, Phone string
}

// describeFields are the names of the fields, in the form's order.
var describeFields = []string{"name", "name_en", "parent", "parent_en", "counter", "counter_en", "phone"}

func (f *describeForm) at(field string) *string {
	return map[string]*string{"name": &f.Name, "name_en": &f.NameEN, "parent": &f.Parent, "parent_en": &f.ParentEN,
		"counter": &f.Counter, "counter_en": &f.CounterEN, "phone": &f.Phone}[field]
}

// Value is what stands in a field.
func (f describeForm) Value(field string) string { return *f.at(field) }

// Fields are the names of the fields.
func (describePage) Fields() []string { return describeFields }

// Problem is that of a field.
func (p describePage) Problem(field string) string { return p.Problems[field] }

// Differs tells whether somebody else has changed a field.
func (p describePage) Differs(field string) bool { _, ok := p.Now[field]; return ok }

func describeFormOf(s civic.Station) describeForm {
	return describeForm{s.Name, s.NameEN, s.Parent, s.ParentEN, s.Counter, s.CounterEN, s.Phone}
}

// described reads what a kiosk says of its place, in the officer's area.
func (c *console) described(a *ask) (store.Kiosk, civic.Station, error) {
	id := a.PathValue("kiosk")
	if err := a.reaches(id); err != nil {
		return store.Kiosk{}, civic.Station{}, err
	}
	k, _, err := c.Store.Kiosk(a.Context(), id)
	if err != nil {
		return k, civic.Station{}, err
	}
	s, err := c.office().station(a.Context(), id)
	return k, s, err
}

func (c *console) office() Office {
	return Office{Store: c.Store, Keys: c.Keys, Now: c.Now, Random: c.Random, Log: c.Log}
}

func (c *console) describe(a *ask) error {
	k, s, err := c.described(a)
	if err != nil {
		return err
	}
	if s.Kiosk == "" {
		s.Name = k.Name
	}
	return c.showDescribe(a, describePage{ID: k.ID, Title: k.Name, Form: describeFormOf(s), Was: s.Version})
}

func (c *console) showDescribe(a *ask, p describePage) error {
	code := 0
	switch {
	case p.Changed != nil:
		code = http.StatusConflict
	case len(p.Problems) > 0:
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "describe", data: p, code: code})
}

func (c *console) describeNow(a *ask) error {
	k, s, err := c.described(a)
	if err != nil {
		return err
	}
	p := describePage{ID: k.ID, Title: k.Name, Problems: make(map[string]string)}
	if p.Was, err = strconv.ParseUint(a.typed("was"), 10, 64); err != nil {
		return errForm
	}
	for _, field := range describeFields {
		text := plainText(a.typed(field))
		if *p.Form.at(field) = text; !store.GoodName(text) {
			p.Problems[field] = "long"
		}
	}
	if p.Form.Name == "" {
		p.Problems["name"] = "name"
	}
	if len(p.Problems) > 0 {
		return c.showDescribe(a, p)
	}
	err = c.putStation(a, k, s, p)
	if errors.Is(err, store.ErrChanged) {
		return c.changedStation(a, p, s)
	}
	if err != nil {
		return err
	}
	a.redirect(stationPath(k.ID) + "?done=place")
	return nil
}

// putStation writes the document, and the name that the console shows.
func (c *console) putStation(a *ask, k store.Kiosk, s civic.Station, p describePage) error {
	f := p.Form
	s.Name, s.NameEN, s.Parent, s.ParentEN, s.Counter, s.CounterEN, s.Phone = f.Name, f.NameEN, f.Parent, f.ParentEN, f.Counter, f.CounterEN, f.Phone
	if err := c.office().DescribeStation(a.Context(), k.ID, p.Was, s); err != nil || k.Name == f.Name {
		return err
	}
	chain, err := c.Store.Scopes(a.Context(), k.ID)
	if err != nil {
		return err
	}
	k.Name, k.Parent = f.Name, chain[0].Parent
	return c.Store.PutKiosk(a.Context(), k)
}

// changedStation shows the form as it was typed, beside what somebody else has saved
// meanwhile.
func (c *console) changedStation(a *ask, p describePage, now civic.Station) error {
	p.Was, p.Now = now.Version, make(map[string]string)
	stands := describeFormOf(now)
	for _, field := range describeFields {
		if stands.Value(field) != p.Form.Value(field) {
			p.Now[field] = stands.Value(field)
		}
	}
	p.Changed = &store.Act{}
	acts, err := c.Store.Acts(a.Context(), p.ID, 0, 1)
	if len(acts) > 0 {
		p.Changed = &acts[0]
	}
	if err != nil {
		return err
	}
	return c.showDescribe(a, p)
}
