package center

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// auditQuery is what the address of the audit says: which acts are shown.
type auditQuery struct {
	Of               string // ofPeople: what was done to volunteers; "": to all else
	Who, Kind, Place string
	From, To         string // days, 2006-01-02, both included
	Before           string // a store.ActMark: the page goes on behind it
	Prove            bool   // the chain of the place as well
}

func readAuditQuery(q url.Values) auditQuery {
	f := auditQuery{Prove: q.Get("prove") == "1"}
	for name, field := range map[string]*string{"who": &f.Who, "kind": &f.Kind, "place": &f.Place} {
		if text := strings.TrimSpace(q.Get(name)); len(text) <= maxFieldBytes && strings.ToValidUTF8(text, "") == text {
			*field = text
		}
	}
	for name, field := range map[string]*string{"from": &f.From, "to": &f.To} {
		if _, err := time.Parse(time.DateOnly, q.Get(name)); err == nil {
			*field = q.Get(name)
		}
	}
	if mark, err := store.ParseActMark(q.Get("before")); err == nil {
		f.Before = mark.String()
	}
	f.Prove = f.Prove && f.Place != ""
	if q.Get("of") == ofPeople {
		f.Of = ofPeople
	}
	return f
}

// path is the address of a page about the audit that shows it: /audit, or a file.
func (f auditQuery) path(page string) string {
	q := url.Values{}
	for name, value := range map[string]string{"of": f.Of, "who": f.Who, "kind": f.Kind, "place": f.Place, "from": f.From, "to": f.To, "before": f.Before} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Prove {
		q.Set("prove", "1")
	}
	if len(q) == 0 {
		return page
	}
	return page + "?" + q.Encode()
}

// asks is the question to the store. A day begins and ends in the center's zone.
func (f auditQuery) asks(zone *time.Location, limit int) store.ActQuery {
	q := store.ActQuery{Who: f.Who, Kind: f.Kind, Limit: limit}
	if day, err := time.ParseInLocation(time.DateOnly, f.From, zone); err == nil {
		q.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, f.To, zone); err == nil {
		q.Before.Made = day.AddDate(0, 0, 1)
	}
	if mark, err := store.ParseActMark(f.Before); err == nil {
		q.Before = mark
	}
	return q
}

// auditLine is an act as a person reads it.
type auditLine struct {
	store.Act
	What     string
	Where    string // name of the place
	To       string // its page or account, or its acts alone
	Old, New string // what stood there, and what stands there now
	Why      string
}

// auditPage is a page of acts, the latest first.
type auditPage struct {
	Query   auditQuery
	Kinds   []auditKind
	Lines   []auditLine
	Older   string // the page behind this one; "": none
	Newest  string // the first page; "": this is it
	CSV     string
	XLSX    string
	Proof   string // the page that proves the place's chain
	Proved  *store.Proved
	Missing bool      // nothing is called like the place that was typed
	Places  string    // the list of acts at places
	People  string    // and that of acts done to volunteers
	Until   time.Time // how far back this page has looked; zero: as far as it had to
}

// auditKind is a kind of act to choose.
type auditKind struct{ Word, Name string }

func (c *console) audit(a *ask) error {
	q := readAuditQuery(a.URL.Query())
	reader, err := c.auditor(a, &q)
	if err != nil {
		return err
	}
	acts, next, err := reader.read(q.asks(c.Zone, auditRows))
	if err != nil {
		return err
	}
	p := auditPage{Query: q, Kinds: c.auditKinds(a, q.Of), Missing: reader.missing, Until: reader.cut, Places: q.other("").path("/audit"), People: q.other(ofPeople).path("/audit")}
	if next != (store.ActMark{}) {
		older := q
		older.Before, older.Prove = next.String(), false
		p.Older = older.path("/audit")
	}
	for _, act := range acts {
		p.Lines = append(p.Lines, reader.line(act))
	}
	first := q.other(q.Of)
	if q.Before != "" {
		p.Newest = first.path("/audit")
	}
	p.CSV, p.XLSX = first.path("/audit.csv"), first.path("/audit.xlsx")
	if q.Place != "" && !reader.missing {
		first.Prove = true
		p.Proof = first.path("/audit")
		if q.Prove {
			proved, err := reader.prove(q.Place)
			if err != nil {
				return err
			}
			p.Proved = &proved
		}
	}
	return c.show(a, page{word: "audit", data: p})
}

// auditKinds are the kinds of acts of one half of the audit that there are words for.
func (c *console) auditKinds(a *ask, of string) (kinds []auditKind) {
	for _, key := range c.texts[a.lang].Keys() {
		if word, ok := strings.CutPrefix(key, "center.did."); ok && ofPerson(word) == (of == ofPeople) {
			kinds = append(kinds, auditKind{word, c.text(a, key)})
		}
	}
	return kinds
}

// auditor reads acts for one request: those that the officer may see, with the
// names of their places.
type auditor struct {
	c       *console
	a       *ask
	scopes  map[string]string // names of places by id
	places  []string          // that are asked for; nil: all
	staff   map[string]bool   // officers in the area; nil: all
	missing bool

	people map[ledger.ID]store.Person // whose names are known; nil: what is read are the acts at places
	looked int                        // acts done to volunteers that were looked at
	cut    time.Time                  // where the last reading of them ended before it had found enough; zero: it had
}

// auditor makes ready to read what a query asks for. A place may be typed by its
// name; the query has its id afterwards.
func (c *console) auditor(a *ask, q *auditQuery) (*auditor, error) {
	if q.Of == ofPeople {
		return c.peopleAuditor(a, q)
	}
	r := &auditor{c: c, a: a, scopes: make(map[string]string)}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range scopes {
		r.scopes[s.ID] = s.Name
	}
	_, known := r.scopes[q.Place]
	for _, s := range scopes {
		if !known && (s.Name == q.Place || s.ID == strings.ToUpper(q.Place)) && a.area.has(s.ID) {
			q.Place, known = s.ID, true
		}
	}
	officers, err := c.Store.Officers(a.Context())
	if err != nil {
		return nil, err
	}
	if !a.area.whole {
		r.staff = make(map[string]bool)
	}
	for _, o := range officers {
		known = known || o.Name == q.Place
		if r.staff != nil && a.area.has(o.Scope) {
			r.staff[o.Name] = true
		}
	}
	switch {
	case q.Place == "":
		r.places = a.area.places()
		for name := range r.staff {
			r.places = append(r.places, name)
		}
	case known && r.staff != nil && !a.area.has(q.Place) && !r.staff[q.Place]:
		return nil, errArea{q.Place}
	case known:
		r.places = []string{q.Place}
	default:
		r.places, r.missing = []string{}, true
	}
	return r, nil
}

// read reads acts, and where the next ones begin when there are more. An officer may
// be called like a place, and what was done to one of them is not shown for the other.
func (r *auditor) read(q store.ActQuery) (acts []store.Act, next store.ActMark, err error) {
	q.Places = r.places
	if r.people != nil {
		return r.readPeople(q)
	}
	q.Limit++
	acts, err = r.c.Store.Audit(r.a.Context(), q)
	if len(acts) == q.Limit {
		acts = acts[:q.Limit-1]
		next = acts[q.Limit-2].Mark()
	}
	if r.staff != nil {
		acts = slices.DeleteFunc(acts, func(act store.Act) bool {
			return ofOfficer(act) && !r.staff[act.Place] || !ofOfficer(act) && !r.a.area.has(act.Place)
		})
	}
	return acts, next, err
}

// prove goes through the chain of the place that is asked for.
func (r *auditor) prove(place string) (store.Proved, error) {
	if r.people == nil {
		return r.c.Store.ProveActs(r.a.Context(), place)
	}
	id, err := ledger.ParseID(place)
	if err != nil {
		return store.Proved{}, err
	}
	return r.c.Store.ProvePersonActs(r.a.Context(), id)
}

// ofOfficer tells whether the act's place is an officer.
func ofOfficer(act store.Act) bool { return strings.HasPrefix(act.Kind, "officer.") }

// line is an act for a person.
func (r *auditor) line(act store.Act) auditLine {
	l := auditLine{Act: act, What: act.Kind, Where: act.Place}
	texts := r.c.texts[r.a.lang]
	if key := "center.did." + act.Kind; texts.Has(key) {
		l.What = texts.Text(key)
	}
	l.To = auditQuery{Place: act.Place}.path("/audit")
	if r.people != nil {
		r.personLine(&l)
	} else if !ofOfficer(act) {
		if name := r.scopes[act.Place]; name != "" {
			l.Where = name
		}
		if ledger.ValidKiosk(act.Place) {
			l.To = stationPath(act.Place)
		}
	}
	l.Old, l.New, l.Why = r.c.sides(texts, act)
	return l
}
