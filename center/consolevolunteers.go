package center

import (
	"net/url"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// volunteersQuery is what the address of the page of volunteers says.
type volunteersQuery struct {
	Text  string // number, name, initials, end of a phone, or an id
	Sort  string // "name" or "number"
	In    string // a place, whose volunteers are wanted, or a kiosk, whose home it is
	After string // where the page before ended
}

func readVolunteersQuery(q url.Values) volunteersQuery {
	v := volunteersQuery{Text: strings.TrimSpace(q.Get("q")), Sort: "name", In: q.Get("in"), After: q.Get("after")}
	if q.Get("sort") == "number" {
		v.Sort = "number"
	}
	for _, field := range []*string{&v.Text, &v.In, &v.After} {
		if len(*field) > maxFieldBytes {
			*field = ""
		}
	}
	return v
}

// path is the address of the page that shows it.
func (v volunteersQuery) path() string {
	q := url.Values{}
	for name, value := range map[string]string{"q": v.Text, "in": v.In, "after": v.After} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if v.Sort != "name" {
		q.Set("sort", v.Sort)
	}
	if len(q) == 0 {
		return "/volunteers"
	}
	return "/volunteers?" + q.Encode()
}

// volunteersPage is a part of the list of volunteers.
type volunteersPage struct {
	Query   volunteersQuery
	Text    string // for the search at the top
	Rows    []volunteerRow
	Choices choices
	Sorts   []volunteerSort // none while something is looked for: that comes by what was found
	First   string          // the first page; "": this is it
	Next    string
	Slips   string // redemptions that the text names as well, see slipsBy
}

type volunteerRow struct {
	store.Found
	TownName, HomeName string
	Into               ledger.ID // the record that this one is merged into
}

type volunteerSort struct {
	Word, To string
	On       bool
}

// choices are the places and kiosks that a form offers.
type choices struct {
	Places []place
	Kiosks []place
	names  map[string]string
}

// choices reads those of the officer's area, and keeps others that stand in a
// record already.
func (c *console) choices(a *ask, keep ...string) (choices, error) {
	scopes, err := c.Store.AllScopes(a.Context())
	all := choices{Places: placesAmong(a, scopes), names: make(map[string]string)}
	for _, s := range scopes {
		all.names[s.ID] = s.Name
		switch mine := a.area.has(s.ID); {
		case ledger.ValidKiosk(s.ID):
			if mine || slices.Contains(keep, s.ID) {
				all.Kiosks = append(all.Kiosks, place{store.Scope{ID: s.ID, Name: s.Name}, s.Name + " " + s.ID})
			}
		case !mine && slices.Contains(keep, s.ID):
			all.Places = append(all.Places, place{s, s.Name})
		}
	}
	return all, err
}

// has tells whether an id is one of the choices.
func (c choices) has(list []place, id string) bool {
	for _, p := range list {
		if p.ID == id {
			return true
		}
	}
	return false
}

// Name is what a place or a kiosk is called.
func (c choices) Name(id string) string { return c.name(id) }

// slipsBy is where the redemptions are that a text names: by the code on a slip, or by
// its number. "": it is neither, or not for who asks.
func (c *console) slipsBy(a *ask, text string) string {
	if !allowed(a.officer.Role, powerRedeem) {
		return ""
	}
	_, wrongCode := ledger.ParseClaim(strings.ToUpper(text))
	_, _, _, wrongNumber := ledger.ParseReceiptNumber(strings.ToUpper(text))
	if wrongCode != nil && wrongNumber != nil {
		return ""
	}
	return redemptionsQuery{Text: text}.path("/redemptions")
}

// name is Name.
func (c choices) name(id string) string {
	if name, ok := c.names[id]; ok {
		return name
	}
	return id
}

func (c *console) volunteers(a *ask) error {
	q := readVolunteersQuery(a.URL.Query())
	all, err := c.choices(a)
	if err != nil {
		return err
	}
	look := store.Lookup{Text: q.Text, ByNumber: q.Sort == "number", After: q.After}
	in := q.In
	if !a.area.whole {
		look.Has = a.area.holds
		if in == "" && q.Text == "" { // whoever lives there; looking among everybody would take long
			in = a.area.ID
		}
	}
	if look.Town = in; ledger.ValidKiosk(in) && !all.has(all.Places, in) {
		look.Town, look.Home = "", in
	}
	found, err := c.Store.Find(a.Context(), look)
	if err != nil {
		return err
	}
	into, err := c.Store.MergedInto(a.Context(), foundIDs(found.Found))
	if err != nil {
		return err
	}
	slips := c.slipsBy(a, q.Text)
	if slips != "" && len(found.Found) == 0 {
		a.redirect(slips)
		return nil
	}
	if q.Text != "" && q.In == "" && q.After == "" && len(found.Found) == 1 && slips == "" && !a.URL.Query().Has("done") {
		id := found.Found[0].ID
		if kept, merged := into[id]; merged {
			a.redirect(accountPath(kept) + "?done=led")
		} else {
			a.redirect(accountPath(id))
		}
		return nil
	}
	p := volunteersPage{Query: q, Text: q.Text, Choices: all, Slips: slips}
	for _, f := range found.Found {
		row := volunteerRow{Found: f, TownName: all.name(f.Town), Into: into[f.ID]}
		if f.Home != "" {
			row.HomeName = all.name(f.Home)
		}
		p.Rows = append(p.Rows, row)
	}
	to := func(change func(*volunteersQuery)) string { next := q; change(&next); return next.path() }
	if q.Text == "" {
		for _, word := range []string{"name", "number"} {
			p.Sorts = append(p.Sorts, volunteerSort{word, to(func(q *volunteersQuery) { q.Sort, q.After = word, "" }), q.Sort == word})
		}
	}
	if q.After != "" {
		p.First = to(func(q *volunteersQuery) { q.After = "" })
	}
	if found.Next != "" {
		p.Next = to(func(q *volunteersQuery) { q.After = found.Next })
	}
	return c.show(a, page{word: "volunteers", data: p})
}
