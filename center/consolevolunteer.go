package center

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// volunteerPage is the form of a volunteer, as it was typed. What the form showed
// when it was opened comes back with it: so the officer who saves second is told
// what the first one changed, and loses nothing of either.
type volunteerPage struct {
	ID  ledger.ID // drawn when the form of somebody new is opened, so that a key pressed twice makes one
	New bool
	volunteerForm
	Phone    string // typed; "": as it was
	IDNumber string // typed; "": as it was
	NoPhone  bool   // there is none any more
	Was      volunteerForm
	National profileForm
	keep     []string // its town and home as they stand, which may lie outside of the officer's area
	Seen     string   // store.Record.Stand
	Tail     string   // end of the phone that is known
	HasID    bool     // an id card's number is known
	Choices  choices
	Problem  string          // center.volunteer.problem.WORD
	Field    string          // under which it stands
	Other    civic.Volunteer // who has the number already
	Theirs   []theirChange   // what somebody else has changed meanwhile
	Last     store.Act       // who that was
}

// volunteerForm is what of a volunteer is shown and can be changed.
type volunteerForm struct{ Name, Number, Town, Home, Household string }

// fields are those of the form, by name.
func (f *volunteerForm) fields() map[string]*string {
	return map[string]*string{"name": &f.Name, "number": &f.Number, "town": &f.Town, "home": &f.Home, "household": &f.Household}
}

// theirChange is a field that another officer has changed.
type theirChange struct {
	Field, Was, Now string
	Mine            string // what this one typed there instead; "": the form takes theirs
}

func accountPath(id ledger.ID) string { return "/account/" + id.String() }

// volunteer shows the form of somebody, or of somebody new.
func (c *console) volunteer(a *ask) error {
	p := volunteerPage{New: a.PathValue("volunteer") == ""}
	if p.New {
		if _, err := io.ReadFull(c.Random, p.ID[:]); err != nil {
			return fmt.Errorf("reading randomness: %w", err)
		}
		return c.showVolunteer(a, p)
	}
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.ErrUnknown
	}
	r, err := c.record(a, id)
	if err != nil {
		return err
	}
	p.ID, p.volunteerForm, p.Seen = id, shownOf(r.Person), r.Stand
	p.Was = p.volunteerForm
	p.know(r)
	p.National.Profile, p.National.was = r.Profile, r.Profile
	return c.showVolunteer(a, p)
}

// record reads a volunteer whom the officer may change.
func (c *console) record(a *ask, id ledger.ID) (store.Record, error) {
	r, err := c.Store.Record(a.Context(), id)
	if err == nil && !a.area.holds(r.Town, r.Home) {
		return store.Record{}, errArea{r.Town}
	}
	if err != nil {
		return r, err
	}
	merged, err := c.Store.Merged(a.Context(), id)
	if err == nil && merged.Is() { // it leads to another one, and has nothing of its own
		return store.Record{}, store.ErrState
	}
	return r, err
}

func shownOf(p store.Person) volunteerForm {
	return volunteerForm{p.Name, p.Number, p.Town, p.Home, p.Household}
}

// know takes what the form says of the record besides its fields.
func (p *volunteerPage) know(r store.Record) {
	p.Tail, p.HasID, p.keep = r.Tail, slices.ContainsFunc(r.Keys, issuer.IsIDKey), []string{r.Town, r.Home}
}

func (c *console) showVolunteer(a *ask, p volunteerPage) error {
	var err error
	p.National.English = a.lang == assets.English
	if p.Choices, err = c.choices(a, p.keep...); err != nil {
		return err
	}
	code, title := 0, c.text(a, "center.title.volunteer")
	if p.New {
		title = c.text(a, "center.volunteer.add")
	}
	switch {
	case len(p.Theirs) > 0:
		code = http.StatusConflict
		for i, change := range p.Theirs {
			if change.Field == "town" || change.Field == "home" {
				p.Theirs[i].Was, p.Theirs[i].Now, p.Theirs[i].Mine = p.Choices.name(change.Was), p.Choices.name(change.Now), p.Choices.name(change.Mine)
			}
		}
	case p.Problem != "":
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "volunteer", title: title, data: p, code: code})
}

// volunteerNow takes the form.
func (c *console) volunteerNow(a *ask) error {
	p, err := c.readVolunteer(a)
	if err != nil {
		return err
	}
	r := store.Record{}
	if !p.New {
		if r, err = c.record(a, p.ID); err != nil {
			return err
		}
		p.know(r)
	}
	typed, home := p, p.Home
	if p.check(); p.Problem == "" {
		err = c.checkPlaces(a, &p)
	}
	if err != nil {
		return err
	}
	if p.Problem != "" {
		typed.Problem, typed.Field = p.Problem, p.Field
		return c.showVolunteer(a, typed)
	}
	moves := p.Was.Home != "" && home != p.Was.Home
	if moves { // what follows from that is said first
		p.Home = p.Was.Home
	}
	e := c.editOf(p, r)
	e.By = a.officer.Name
	err = c.Store.Edit(a.Context(), e)
	switch {
	case errors.Is(err, store.ErrChanged):
		p.Home = home
		return c.changedMeanwhile(a, p)
	case errors.Is(err, store.ErrKeyReused):
		return c.numberTaken(a, p)
	case err != nil:
		return err
	case moves:
		a.redirect("/move/" + p.ID.String() + "?form=1&to=" + url.QueryEscape(home))
		return nil
	}
	a.redirect(accountPath(p.ID) + "?done=" + e.Kind[len("person."):])
	return nil
}

// readVolunteer reads the form as it was typed.
func (c *console) readVolunteer(a *ask) (p volunteerPage, err error) {
	if p.ID, err = ledger.ParseID(a.PathValue("volunteer")); err != nil {
		return p, store.ErrUnknown
	}
	for name, field := range p.fields() {
		*field = a.typed(name)
	}
	for name, field := range p.Was.fields() {
		*field = a.typed("was-" + name)
	}
	p.Phone, p.IDNumber, p.NoPhone = a.typed("phone"), a.typed("idnumber"), a.typed("nophone") != ""
	p.Seen = a.typed("seen")
	p.National = readProfile(a)
	p.New = p.Seen == ""
	return p, nil
}

// check holds the rules of lists, and takes every field as they would.
func (p *volunteerPage) check() {
	wrong := func(field string) { p.Problem, p.Field = field, field }
	var ok bool
	if field := p.National.problem(); field != "" {
		wrong(field)
	}
	if p.IDNumber, ok = typedIDNumber(p.IDNumber, p.National.Profile.IDType); !ok {
		wrong("idnumber")
	}
	if p.Phone, ok = sheet.TypedPhone(p.Phone); !ok {
		wrong("phone")
	}
	if p.Household = strings.ToUpper(norm.NFKC.String(p.Household)); len(p.Household) > civic.MaxNumberBytes || civic.HoldsPrivateNumber(p.Household) {
		wrong("household")
	}
	if p.Number, ok = sheet.TypedNumber(p.Number); !ok || civic.HoldsPrivateNumber(p.Number) || len(p.Number) > civic.MaxNumberBytes {
		wrong("number")
	}
	if p.Problem == "" && p.Number == "" && p.IDNumber == "" && !p.HasID {
		p.Problem, p.Field = "neither", "number"
	}
	if p.Name, ok = sheet.TypedName(p.Name); !ok || civic.HoldsPrivateNumber(p.Name) {
		wrong("name")
	}
}

// checkPlaces holds that the town and the home are there.
func (c *console) checkPlaces(a *ask, p *volunteerPage) error {
	all, err := c.choices(a, p.keep...)
	if err != nil {
		return err
	}
	if p.Home != "" && !all.has(all.Kiosks, p.Home) {
		p.Problem, p.Field = "home", "home"
	}
	if !all.has(all.Places, p.Town) {
		p.Problem, p.Field = "town", "town"
	}
	return nil
}

// editOf is what the form makes of the record. Of a phone its keyed hash and its
// end are kept, of an id card's number the hash; both numbers lie in the safe.
func (c *console) editOf(p volunteerPage, r store.Record) store.Edit {
	seed := c.Keys.Signer.Seed()
	more, gone := issuer.PersonKeys(seed, p.Number, p.IDNumber), []civic.KeyHash{}
	if p.Number != r.Number {
		gone = issuer.PersonKeys(seed, r.Number, "")
	}
	keys := func(had []civic.KeyHash) []civic.KeyHash {
		kept := slices.DeleteFunc(slices.Clone(had), func(k civic.KeyHash) bool {
			return slices.Contains(gone, k) || slices.Contains(more, k) || p.IDNumber != "" && issuer.IsIDKey(k)
		})
		kept = append(kept, more...)
		return kept[max(0, len(kept)-civic.MaxKeys):]
	}
	e := store.Edit{ID: p.ID, Seen: p.Seen, Kind: "person.changed"}
	if p.New {
		e.Kind = "person.added"
	}
	for _, key := range more {
		if !slices.Contains(r.Keys, key) {
			e.Keys = append(e.Keys, key)
		}
	}
	e.To = func(v store.Person) store.Person {
		v.Name, v.Initials, v.Number, v.Town, v.Home = p.Name, issuer.Initials(p.Name), p.Number, p.Town, p.Home
		v.Household = p.Household
		if p.National.sent {
			v.Profile = p.National.Profile
		}
		v.Sealed = c.numbered(v, p.IDNumber, p.Phone, p.NoPhone)
		v.Keys = keys(v.Keys)
		switch {
		case p.Phone != "":
			v.Phone, v.Tail = civic.HashPhone(c.Keys.Phone, p.Phone), p.Phone[len(p.Phone)-4:]
		case p.NoPhone:
			v.Phone, v.Tail = civic.PhoneHash{}, ""
		}
		return v
	}
	return e
}

// changedMeanwhile shows the form again with what another officer has made of it:
// fields that this one did not touch become theirs, the others stay as typed.
func (c *console) changedMeanwhile(a *ask, p volunteerPage) error {
	r, err := c.record(a, p.ID)
	if err != nil {
		return err
	}
	acts, err := c.Store.PersonActs(a.Context(), p.ID, 0, 1)
	if err != nil {
		return err
	}
	if len(acts) > 0 {
		p.Last = acts[0]
	}
	now := shownOf(r.Person)
	was, theirs, mine := p.Was.fields(), now.fields(), p.fields()
	for _, field := range []string{"name", "number", "town", "home", "household"} {
		change := theirChange{Field: field, Was: *was[field], Now: *theirs[field]}
		if change.Was == change.Now {
			continue
		}
		if *mine[field] == change.Was || *mine[field] == change.Now {
			*mine[field] = change.Now
		} else {
			change.Mine = *mine[field]
		}
		p.Theirs = append(p.Theirs, change)
	}
	if p.National.sent {
		p.Theirs = append(p.Theirs, p.National.theirs(r.Profile)...)
	}
	if len(p.Theirs) == 0 { // a phone, an id card's number or a card, of which nothing can be shown
		p.Theirs = []theirChange{{Field: "hidden"}}
	}
	p.New, p.Was, p.Seen = false, now, r.Stand
	p.know(r)
	return c.showVolunteer(a, p)
}

// numberTaken says whose the number is.
func (c *console) numberTaken(a *ask, p volunteerPage) error {
	for field, keys := range map[string][]civic.KeyHash{"number": issuer.PersonKeys(c.Keys.Signer.Seed(), p.Number, ""), "idnumber": issuer.PersonKeys(c.Keys.Signer.Seed(), "", p.IDNumber)} {
		for _, key := range keys {
			other, err := c.Store.ByKey(a.Context(), key)
			if err == nil && other.ID != p.ID {
				p.Problem, p.Field = "taken", field
				if a.area.holds(other.Town, other.Home) {
					p.Other = other.Volunteer
				}
			} else if err != nil && !errors.Is(err, store.ErrUnknown) {
				return err
			}
		}
	}
	if p.Problem == "" { // they gave it up in this moment
		p.Problem, p.Field = "again", "number"
	}
	return c.showVolunteer(a, p)
}
