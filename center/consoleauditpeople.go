package center

import (
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// ofPeople is the choice of an audit of what was done to volunteers.
const ofPeople = "people"

// ofPerson tells whether a kind of act is done to volunteers.
func ofPerson(kind string) bool {
	area, _, _ := strings.Cut(kind, ".")
	return slices.Contains([]string{"person", "points", "card", "star", "certificate", "attendance", "objection"}, area)
}

// other is the same question about what the other half of the audit holds.
func (f auditQuery) other(of string) auditQuery {
	if of != f.Of {
		f = auditQuery{Of: of, Who: f.Who, From: f.From, To: f.To}
	}
	f.Before, f.Prove = "", false
	return f
}

// peopleAuditor makes ready to read what was done to volunteers. One may be typed as
// the list of volunteers finds them; the query has the id afterwards.
func (c *console) peopleAuditor(a *ask, q *auditQuery) (*auditor, error) {
	r := &auditor{c: c, a: a, people: make(map[ledger.ID]store.Person)}
	if q.Place == "" {
		return r, nil
	}
	id, err := ledger.ParseID(q.Place)
	if err != nil {
		look := store.Lookup{Text: q.Place}
		if !a.area.whole {
			look.Has = a.area.holds
		}
		found, err := c.Store.Find(a.Context(), look)
		if err != nil {
			return nil, err
		}
		if len(found.Found) == 1 {
			id = found.Found[0].ID
		}
	}
	if err := r.learn([]ledger.ID{id}); err != nil {
		return nil, err
	}
	p := r.people[id]
	switch {
	case p.ID.IsZero():
		r.places, r.missing = []string{}, true
	case !a.area.holds(p.Town, p.Home):
		return nil, errArea{p.Town}
	default:
		q.Place = id.String()
		r.places = []string{q.Place}
	}
	return r, nil
}

// readPeople is read of what was done to volunteers. Of how many are looked at for a
// page there is a limit, because those of an area have no index: where it was reached
// before the page was full, r.cut says how far back it went.
func (r *auditor) readPeople(q store.ActQuery) (acts []store.Act, next store.ActMark, err error) {
	limit := q.Limit
	q.Limit++
	r.cut = time.Time{}
	for looked := 0; ; {
		some, err := r.c.Store.AuditPeople(r.a.Context(), q)
		if err == nil {
			err = r.learnOf(some)
		}
		if err != nil {
			return nil, next, err
		}
		looked += len(some)
		r.looked += len(some)
		for _, act := range some {
			switch {
			case !r.seesPerson(act):
			case len(acts) == limit:
				return acts, acts[limit-1].Mark(), nil
			default:
				acts = append(acts, act)
			}
		}
		if len(some) < q.Limit {
			return acts, next, nil
		}
		q.Before = some[len(some)-1].Mark()
		if looked >= maxActsLooked {
			r.cut = q.Before.Made
			return acts, q.Before, nil
		}
	}
}

// person is whom an act was done to.
func (r *auditor) person(act store.Act) store.Person {
	id, _ := ledger.ParseID(act.Place) // the store has no others, and nobody is called by what is none
	return r.people[id]
}

// seesPerson tells whether the officer may see what was done to a volunteer.
func (r *auditor) seesPerson(act store.Act) bool {
	p := r.person(act)
	return r.a.area.whole || r.a.area.holds(p.Town, p.Home)
}

func (r *auditor) learnOf(acts []store.Act) error {
	if len(r.people) > maxNames {
		clear(r.people)
	}
	var ids []ledger.ID
	for _, act := range acts {
		if id, err := ledger.ParseID(act.Place); err == nil {
			ids = append(ids, id)
		}
	}
	return r.learn(ids)
}

// learn reads the volunteers that are not known yet.
func (r *auditor) learn(ids []ledger.ID) error {
	var news []ledger.ID
	for _, id := range ids {
		if _, known := r.people[id]; !known && !slices.Contains(news, id) {
			news = append(news, id)
		}
	}
	named, err := r.c.Store.Named(r.a.Context(), news)
	for _, id := range news {
		r.people[id] = named[id]
	}
	return err
}

// personLine adds to a line whom the act was done to.
func (r *auditor) personLine(l *auditLine) {
	l.To = auditQuery{Of: ofPeople, Place: l.Place}.path("/audit")
	if p := r.person(l.Act); !p.ID.IsZero() {
		l.Where, l.To = p.Name, accountPath(p.ID)
	}
}
