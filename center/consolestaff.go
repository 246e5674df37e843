package center

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// staffPage is who may work at the kiosks of the officer's area.
type staffPage struct {
	listPart
	Rows   []staffRow
	All    int
	Places []place
	MayAct bool
}

// staffRow is one member of staff, who may work at every kiosk below the place.
type staffRow struct {
	civic.Staff
	At    string
	Place string
	Word  string // one of staffStates
}

// States of a member of staff.
const (
	staffActive   = "active"
	staffCardless = "cardless" // nobody can sign in as this one
)

var (
	staffStates = []string{staffActive, staffCardless}
	staffRoles  = []civic.Role{civic.RoleClerk, civic.RoleLeader, civic.RoleTechnician}
)

func (c *console) staff(a *ask) error {
	p := staffPage{listPart: listPart{Query: readListQuery("/staff", a.URL.Query(), staffStates, []string{"place", "name", "role"})}, MayAct: a.may(powerManage)}
	q := &p.Query
	all, _, err := c.shops(a)
	if err != nil {
		return err
	}
	p.Places = a.within(all)
	paths := make(map[string]string)
	for _, s := range p.Places {
		paths[s.ID] = s.Path
	}
	if q.At != "" && paths[q.At] == "" {
		if err := a.reaches(q.At); err != nil {
			return err
		}
		return store.ErrUnknown
	}
	rows, err := c.staffIn(a, paths, q.At)
	if err != nil {
		return err
	}
	p.fill(rows)
	return c.show(a, page{word: "staff", data: p})
}

// staffIn reads the staff of places, or of one of them.
func (c *console) staffIn(a *ask, paths map[string]string, at string) (rows []staffRow, err error) {
	scopes, err := c.Store.StaffScopes(a.Context())
	if err != nil {
		return nil, err
	}
	for _, scope := range scopes {
		if paths[scope] == "" || at != "" && scope != at {
			continue
		}
		list, err := c.Store.Staff(a.Context(), scope)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			r := staffRow{Staff: m, At: scope, Place: paths[scope], Word: staffActive}
			if len(m.Cards) == 0 {
				r.Word = staffCardless
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// fill filters, sorts and cuts the rows as the query wants them.
func (p *staffPage) fill(rows []staffRow) {
	p.All = len(rows)
	text := strings.ToLower(p.Query.Text)
	rows = slices.DeleteFunc(rows, func(r staffRow) bool {
		return !strings.Contains(strings.ToLower(r.Name+"\n"+r.Number+"\n"+r.Place), text)
	})
	n := make(map[string]int)
	for _, r := range rows {
		n[r.Word]++
	}
	p.Filters = stateFilters(p.Query, staffStates, n, len(rows))
	if p.Query.Show != "" {
		rows = slices.DeleteFunc(rows, func(r staffRow) bool { return r.Word != p.Query.Show })
	}
	slices.SortFunc(rows, func(x, y staffRow) int {
		first := cmp.Compare(x.Place, y.Place)
		switch p.Query.Sort {
		case "name":
			first = 0
		case "role":
			first = cmp.Compare(slices.Index(staffRoles, x.Role), slices.Index(staffRoles, y.Role))
		}
		return cmp.Or(first, cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID.String(), y.ID.String()))
	})
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns([]string{"name", "number", "role", "place", "state"}, []string{"place", "name", "role"}, nil, nil)
}

// memberPage is the form of a member of staff, as it was typed.
type memberPage struct {
	Place              place
	ID                 ledger.ID
	Name, Number, Role string
	Was                uint64 // version that the form began with; 0: somebody new
	Member             civic.Staff
	Roles              []civic.Role
	Deeds              []string // that make sense now
	Problem, Field     string
	Changed            bool // somebody else has changed it meanwhile
}

// New tells whether somebody is to be added.
func (p memberPage) New() bool { return p.Was == 0 }

// member shows the form of somebody, or of somebody new at a place.
func (c *console) member(a *ask) error {
	p, err := c.oneMember(a)
	if err != nil {
		return err
	}
	if p.New() {
		if _, err := io.ReadFull(c.Random, p.ID[:]); err != nil {
			return fmt.Errorf("reading randomness: %w", err)
		}
		p.Role = string(civic.RoleClerk)
	}
	return c.showMember(a, p)
}

// oneMember reads whom a request is about.
func (c *console) oneMember(a *ask) (p memberPage, err error) {
	if p.Place, err = c.onePlace(a, a.PathValue("at")); err != nil {
		return p, err
	}
	text := a.PathValue("staff")
	if text == "" {
		return p, nil
	}
	if p.ID, err = ledger.ParseID(text); err != nil {
		return p, store.ErrUnknown
	}
	list, err := c.Store.Documents(a.Context(), p.Place.ID, store.KindStaff, []string{text})
	if err != nil {
		return p, err
	}
	if len(list) > 0 && list[0].Staff != nil {
		p.Member = *list[0].Staff
		p.Was, p.Name, p.Number, p.Role = p.Member.Version, p.Member.Name, p.Member.Number, string(p.Member.Role)
		return p, nil
	}
	if a.Method == http.MethodGet || a.typed("was") != "0" {
		return p, store.ErrUnknown
	}
	return p, nil // somebody new, whose id the form has drawn
}

func (c *console) showMember(a *ask, p memberPage) error {
	p.Roles = staffRoles
	code, title := 0, p.Member.Name
	switch {
	case p.Changed:
		code = http.StatusConflict
	case p.Problem != "":
		code = http.StatusUnprocessableEntity
	}
	if p.Member.Version == 0 {
		title = c.text(a, "center.staff.add")
	} else if p.Deeds = []string{"issue"}; len(p.Member.Cards) > 0 {
		p.Deeds = []string{"replace", "revoke"}
	}
	return c.show(a, page{word: "member", title: title, data: p, code: code})
}

// memberNow takes the form. Somebody new gets a card and a PIN at once.
func (c *console) memberNow(a *ask) error {
	p, err := c.oneMember(a)
	if err != nil {
		return err
	}
	stands := p.Was
	p.Name, p.Number, p.Role = a.typed("name"), a.typed("number"), a.typed("role")
	if p.Was, err = strconv.ParseUint(a.typed("was"), 10, 64); err != nil {
		return errForm
	}
	if p.check(); p.Problem != "" {
		return c.showMember(a, p)
	}
	m := p.Member
	m.ID, m.Name, m.Number, m.Role = p.ID, p.Name, p.Number, civic.Role(p.Role)
	if p.Was == 0 && stands == 0 {
		return c.giveCard(a, p, m, "staff.added")
	}
	if p.Was > 0 {
		err = c.Store.PutStaff(a.Context(), p.Place.ID, p.Was, m, "staff.changed")
	}
	if p.Was == 0 || errors.Is(err, store.ErrChanged) { // sent twice: the card was shown to the first
		p.Changed, p.Was = true, p.Member.Version
		return c.showMember(a, p)
	}
	if err != nil {
		return err
	}
	a.redirect("/staff?at=" + url.QueryEscape(p.Place.ID) + "&done=staff")
	return nil
}

// check holds the rules of lists.
func (p *memberPage) check() {
	var ok bool
	if !slices.Contains(staffRoles, civic.Role(p.Role)) {
		p.Problem, p.Field = "role", "role"
	}
	if p.Number, ok = sheet.TypedNumber(p.Number); !ok || civic.HoldsPrivateNumber(p.Number) || len(p.Number) > civic.MaxNumberBytes {
		p.Problem, p.Field = "number", "number"
	}
	if p.Name, ok = sheet.TypedName(p.Name); !ok || civic.HoldsPrivateNumber(p.Name) {
		p.Problem, p.Field = "name", "name"
	}
}

// memberDeedPage says what follows when a card is made, replaced or voided.
type memberDeedPage struct {
	memberPage
	Deed  string
	Lines []int
}

// memberDeed says what follows.
func (c *console) memberDeed(a *ask) error {
	p, err := c.plannedMember(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "memberdeed", title: c.text(a, "center.member."+p.Deed+".title"), data: p})
}

func (c *console) plannedMember(a *ask) (memberDeedPage, error) {
	m, err := c.oneMember(a)
	p := memberDeedPage{memberPage: m, Deed: a.PathValue("deed"), Lines: []int{1, 2}}
	switch {
	case err != nil:
	case m.New() || !slices.Contains([]string{"issue", "replace", "revoke"}, p.Deed):
		err = store.ErrUnknown
	case (p.Deed == "issue") != (len(m.Member.Cards) == 0):
		err = store.ErrState
	}
	return p, err
}

// memberDeedNow gives somebody a new card and PIN, or takes both away.
func (c *console) memberDeedNow(a *ask) error {
	p, err := c.plannedMember(a)
	if err != nil {
		return err
	}
	if a.typed("was") != strconv.FormatUint(p.Was, 10) { // sent twice, or somebody else was first
		return store.ErrState
	}
	m := p.Member
	if p.Deed != "revoke" {
		return c.giveCard(a, p.memberPage, m, "staff."+p.Deed)
	}
	m.Cards, m.PIN = nil, ""
	if err := c.Store.PutStaff(a.Context(), p.Place.ID, p.Was, m, "staff.revoke"); err != nil {
		return err
	}
	a.redirect("/staff?at=" + url.QueryEscape(p.Place.ID) + "&done=card_revoked")
	return nil
}

// giveCard draws a card and a PIN and shows them, once.
func (c *console) giveCard(a *ask, p memberPage, m civic.Staff, act string) error {
	secret, err := civic.NewCard(c.Random)
	if err != nil {
		return err
	}
	pin, verifier, err := issuer.NewPIN(c.Random)
	if err != nil {
		return err
	}
	m.Cards, m.PIN = []civic.CardID{secret.ID()}, verifier
	if err := c.Store.PutStaff(a.Context(), p.Place.ID, p.Was, m, act); err != nil {
		return err
	}
	return c.show(a, page{word: "newcard", title: c.text(a, "center.card.title", "name", m.Name),
		data: newCardPage{Back: "/staff?at=" + url.QueryEscape(p.Place.ID), Name: m.Name, Number: m.Number, Role: string(m.Role), PIN: pin, Text: secret.Text()}})
}
