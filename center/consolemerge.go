package center

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// mergePage shows two records of one person side by side, and what becomes of them.
type mergePage struct {
	Kept, Other mergeSide
	Fields      []mergeField
	Facts       []mergeFact // that only the center knows: nobody chooses
	Cards       int         // of the record that is kept, afterwards
	Minutes     int64
	Points      ledger.Points
	Problem     string // center.merge.problem.WORD: why they cannot be merged
}

// mergeSide is one of the two records.
type mergeSide struct {
	store.Record
	Account accountPage
	Leaves  []moveHome // kiosks that its points are to leave
	Has     []mergeCount
}

// mergeCount is how much a record has of something that goes with it.
type mergeCount struct {
	Word string // center.merge.count.WORD
	N    int64
}

// counts adds what a record has that the kept one will have.
func (c *console) counts(a *ask, s *mergeSide) error {
	_, credit, err1 := c.Store.AttendancesOf(a.Context(), s.ID, store.AttendMark{}, 1)
	_, honour, err2 := c.Store.HonoursOf(a.Context(), s.ID, 1)
	objections, err3 := c.Store.ObjectionsOf(a.Context(), s.ID, shownActs)
	claims, err4 := c.Store.EnlistmentsOf(a.Context(), s.ID, shownActs)
	wishes, err5 := c.Store.Wishes(a.Context(), s.ID)
	papers, err6 := c.Store.Certificates(a.Context(), s.ID)
	stars, err7 := c.Store.StarsOf(a.Context(), s.ID)
	phones, err8 := c.Store.Phones(a.Context(), s.ID)
	claims = slices.DeleteFunc(claims, func(e store.Enlistment) bool {
		return e.State != store.EnlistedIn && e.State != store.EnlistedWaiting
	})
	wishes = slices.DeleteFunc(wishes, func(w store.Wish) bool { return !w.Open() })
	for _, x := range []mergeCount{{"minutes", credit}, {"entered", honour}, {"objections", int64(len(objections))}, {"claims", int64(len(claims))}, {"wishes", int64(len(wishes))},
		{"stars", store.StarsHeld(stars)}, {"papers", int64(len(papers))}, {"phones", int64(len(phones))}} {
		if x.N > 0 {
			s.Has = append(s.Has, x)
		}
	}
	return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8)
}

// mergeField is something that both records say, of which one is kept.
type mergeField struct {
	Word        string // name, number, phone, town or home
	Kept, Other string // as it is shown
	Take        bool   // the other's is better: there is none here
}

// mergeFact is something that one record says, or both: what the kept one lacks it gets,
// and where both say something the kept one's stays.
type mergeFact struct {
	Word        string // center.volunteer.WORD
	Kept, Other string
}

// mergeFacts puts side by side what is known of two records.
func mergeFacts(kept, other []fact) (list []mergeFact) {
	for _, f := range kept {
		list = append(list, mergeFact{f.Word, f.Text, ""})
	}
	for _, f := range other {
		at := slices.IndexFunc(list, func(m mergeFact) bool { return m.Word == f.Word })
		if at < 0 {
			list, at = append(list, mergeFact{Word: f.Word}), len(list)
		}
		list[at].Other = f.Text
	}
	return list
}

// Stays tells whether both say something, and not the same: the other's is not kept.
func (m mergeFact) Stays() bool { return m.Kept != "" && m.Other != "" && m.Kept != m.Other }

// mergeFields are what can be chosen, in the order of the page.
var mergeFields = []string{"name", "number", "phone", "town", "home"}

func mergePath(kept, other ledger.ID) string { return "/merge/" + kept.String() + "/" + other.String() }

// mergeOf reads both records of the address.
func (c *console) mergeOf(a *ask) (p mergePage, err error) {
	kept, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	other, err := ledger.ParseID(a.PathValue("other"))
	if err != nil || kept == other {
		return p, store.ErrUnknown
	}
	if p.Kept, err = c.mergeSide(a, kept); err != nil {
		return p, err
	}
	if p.Other, err = c.mergeSide(a, other); err != nil {
		return p, err
	}
	k, o := p.Kept, p.Other
	p.Cards, p.Minutes, p.Points = len(k.Cards)+len(o.Cards), k.Minutes+o.Minutes, k.Account.Now+o.Account.Now
	if p.Cards > civic.MaxCards || len(k.Keys)+len(o.Keys) > civic.MaxKeys {
		p.Problem = "many"
	}
	for _, word := range mergeFields {
		f := mergeField{Word: word, Kept: k.says(word), Other: o.says(word)}
		f.Take = f.Kept == "" && f.Other != ""
		p.Fields = append(p.Fields, f)
	}
	p.Facts = mergeFacts(k.known(c), o.known(c))
	return p, nil
}

// known is what the center alone knows of a record; whether there is a number, not which.
func (s mergeSide) known(c *console) []fact {
	list := slices.Clone(s.Account.Facts)
	n, _ := c.safe.open(s.ID, s.Sealed)
	if n.IDNumber != "" {
		list = append(list, fact{"idnumber", strings.Repeat("*", 6)})
	}
	if s.Household != "" {
		list = append(list, fact{"household", s.Household})
	}
	return list
}

// mergeSide reads one record with its account.
func (c *console) mergeSide(a *ask, id ledger.ID) (s mergeSide, err error) {
	if s.Record, err = c.record(a, id); err != nil {
		return s, err
	}
	person, err := c.Store.Person(a.Context(), id)
	if err != nil {
		return s, err
	}
	account, err := c.Store.Account(a.Context(), id)
	if err != nil {
		return s, err
	}
	kiosks := &kioskNames{c: c, a: a, names: make(map[string]store.Kiosk)}
	s.Account = c.accountOf(a, person, account, kiosks)
	for _, place := range s.Account.Places {
		if !place.Now || place.Left+place.Held == 0 {
			continue
		}
		at, err := c.homeOf(a, place.Kiosk, account)
		if err != nil {
			return s, err
		}
		s.Leaves = append(s.Leaves, at)
	}
	return s, c.counts(a, &s)
}

// says is what a record says of a field, as it is shown.
func (s mergeSide) says(word string) string {
	switch word {
	case "name":
		return s.Name
	case "number":
		return s.Number
	case "phone":
		if s.Tail != "" {
			return "*" + s.Tail
		}
		return ""
	case "town":
		return s.Account.Town
	}
	return s.Account.HomeName
}

func (c *console) merge(a *ask) error {
	p, err := c.mergeOf(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "merge", title: c.text(a, "center.merge.title"), data: p})
}

// mergeNow makes the two one. What can be had of the points comes over while the
// officer waits, the rest by itself.
func (c *console) mergeNow(a *ask) error {
	kept, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.ErrUnknown
	}
	other, err := ledger.ParseID(a.PathValue("other"))
	if err != nil {
		return store.ErrUnknown
	}
	if is, err := c.Store.Merged(a.Context(), other); err == nil && is.Is() && is.Into == kept { // sent twice
		a.redirect(accountPath(kept) + "?done=merged")
		return nil
	}
	p, err := c.mergeOf(a)
	if err != nil {
		return err
	}
	m := store.Merge{Kept: kept, Other: other, KeptSeen: a.typed("seen-kept"), OtherSeen: a.typed("seen-other"), By: a.officer.Name}
	for i, f := range p.Fields {
		p.Fields[i].Take = a.typed(f.Word) == "other"
		if p.Fields[i].Take {
			m.Take = append(m.Take, f.Word)
		}
	}
	m.Sealed = c.numbersOfBoth(p, slices.Contains(m.Take, "phone"))
	if p.Problem == "" {
		err = c.Store.Merge(a.Context(), m)
	}
	switch {
	case errors.Is(err, store.ErrChanged):
		p.Problem = "changed"
	case err != nil:
		return err
	}
	if p.Problem != "" {
		return c.show(a, page{word: "merge", title: c.text(a, "center.merge.title"), data: p, code: http.StatusConflict})
	}
	c.fetch(a, other)
	a.redirect(accountPath(kept) + "?done=merged")
	return nil
}

// numbersOfBoth are the ID number and the phone of the kept record, sealed for it: its
// own ones first, and those of the other where it has none, or where that was chosen.
func (c *console) numbersOfBoth(p mergePage, otherPhone bool) []byte {
	own, _ := c.safe.open(p.Kept.ID, p.Kept.Sealed)
	other, known := c.safe.open(p.Other.ID, p.Other.Sealed)
	if !known {
		return p.Kept.Sealed
	}
	if own.IDNumber == "" {
		own.IDNumber = other.IDNumber
	}
	if otherPhone {
		own.Phone = other.Phone
	}
	return c.safe.seal(p.Kept.ID, own)
}

// twinsPage lists records that may be of one person: of anybody, or of one volunteer.
type twinsPage struct {
	Of    *store.Record // nil: of anybody
	Text  string        // that is looked for, to merge with Of
	Rows  []store.Twin
	Next  string
	Names choices
}

// twins looks through the names of the officer's area.
func (c *console) twins(a *ask) error {
	town := ""
	if !a.area.whole {
		town = a.area.ID
	}
	p := twinsPage{}
	var err error
	if p.Rows, p.Next, err = c.Store.Twins(a.Context(), town, a.URL.Query().Get("after")); err != nil {
		return err
	}
	if p.Names, err = c.choices(a); err != nil {
		return err
	}
	return c.show(a, page{word: "twins", data: p})
}

// twinsOf looks for records to merge into one volunteer's: of that name, or whatever
// the officer looks for.
func (c *console) twinsOf(a *ask) error {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.ErrUnknown
	}
	r, err := c.record(a, id)
	if err != nil {
		return err
	}
	p := twinsPage{Of: &r, Text: readVolunteersQuery(a.URL.Query()).Text}
	look := store.Lookup{Text: p.Text, Has: a.area.holds}
	if p.Text == "" {
		look.Text = r.Name
	}
	found, err := c.Store.Find(a.Context(), look)
	if err != nil {
		return err
	}
	into, err := c.Store.MergedInto(a.Context(), foundIDs(found.Found))
	if err != nil {
		return err
	}
	me := store.Found{ID: id, Name: r.Name, Number: r.Number, Tail: r.Tail, Town: r.Town, Home: r.Home}
	for _, f := range found.Found {
		if f.ID != id && into[f.ID].IsZero() && (p.Text != "" || f.Name == r.Name) {
			p.Rows = append(p.Rows, store.Twin{A: me, B: f})
		}
	}
	slices.SortStableFunc(p.Rows, func(x, y store.Twin) int { return count(y.B.Tail == me.Tail) - count(x.B.Tail == me.Tail) })
	if p.Names, err = c.choices(a); err != nil {
		return err
	}
	return c.show(a, page{word: "twins", title: c.text(a, "center.twins.of", "name", r.Name), data: p})
}

func foundIDs(list []store.Found) (ids []ledger.ID) {
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	return ids
}

// unmergePage says what follows when a record is one of its own again.
type unmergePage struct {
	store.Parting
	ID         ledger.ID
	Name, Kept string
}

func (c *console) unmergeOf(a *ask) (p unmergePage, err error) {
	if p.ID, err = ledger.ParseID(a.PathValue("volunteer")); err != nil {
		return p, store.ErrUnknown
	}
	r, err := c.Store.Record(a.Context(), p.ID)
	if err != nil {
		return p, err
	}
	if !a.area.holds(r.Town, r.Home) {
		return p, errArea{r.Town}
	}
	p.Name = r.Name
	if p.Parting, err = c.Store.Parting(a.Context(), p.ID); err != nil {
		return p, err
	}
	kept, err := c.Store.Record(a.Context(), p.Into)
	p.Kept = kept.Name
	return p, err
}

func (c *console) unmerge(a *ask) error {
	p, err := c.unmergeOf(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "unmerge", data: p})
}

func (c *console) unmergeNow(a *ask) error {
	p, err := c.unmergeOf(a)
	if errors.Is(err, store.ErrState) && !p.ID.IsZero() { // sent twice
		a.redirect(accountPath(p.ID) + "?done=unmerged")
		return nil
	}
	if err != nil {
		return err
	}
	if p.Spent > 0 {
		return c.show(a, page{word: "unmerge", data: p, code: http.StatusConflict})
	}
	if err := c.Store.Unmerge(a.Context(), p.ID, a.officer.Name); err != nil {
		return err
	}
	c.fetch(a, p.Into)
	a.redirect(accountPath(p.ID) + "?done=unmerged")
	return nil
}
