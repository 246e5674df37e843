package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectListed = `SELECT points, minutes FROM listed WHERE volunteer = $1`
	upsertListed = `INSERT INTO listed (volunteer, points, minutes) VALUES ($1, $2, $3)
		ON CONFLICT (volunteer) DO UPDATE SET points = excluded.points, minutes = excluded.minutes`
	scatterPeople = `SELECT p.volunteer, p.town, p.home, p.version, p.body, COALESCE(l.points, 0), COALESCE(l.minutes, 0)
		FROM person p LEFT JOIN listed l ON l.volunteer = p.volunteer WHERE p.volunteer > $1 ORDER BY p.volunteer LIMIT $2`
)

// Listed is what lists of an office have told of a volunteer so far: totals, which
// only grow. Points from elsewhere are not among them.
type Listed struct {
	Points  ledger.Points
	Minutes int64
}

// Admission is what one row of a list says of a volunteer.
type Admission struct {
	ID         ledger.ID
	Town, Home string // as in Person
	// Change merges the row into what is known, Keys included; somebody new has an id
	// alone. It may be called more than once.
	Change func(civic.Volunteer) civic.Volunteer
	// More adds what no kiosk knows, Profile and Sealed; nil: nothing. It may be called
	// more than once.
	More func(Person) Person
	Stay bool   // somebody who is known keeps town and home
	Job  string // under which what is done is noted, so that it can be undone: see Undo; "": it is not
	// Before are the totals that the row was compared with, After those that it
	// comes to. Earned is the growth between them; no points: there is none.
	Before, After Listed
	Earned        civic.Earning
}

// Outcome is what became of an admission.
type Outcome int

// Outcomes. Admitting the same row again changes nothing.
const (
	AdmittedSame Outcome = iota
	AdmittedChanged
	AdmittedNew
)

// check holds an admission's own rules.
func (a Admission) check() error {
	e, grown := a.Earned, a.After.Points-a.Before.Points
	switch {
	case a.ID.IsZero() || a.Change == nil || a.Town == "" || a.Home != "" && !ledger.ValidKiosk(a.Home):
		return fmt.Errorf("%w: an admission has an id, a change, a town, and a home that is a kiosk", ErrInput)
	case a.Before.Points < 0 || a.Before.Minutes < 0 || a.After.Minutes < a.Before.Minutes || grown != e.Points || grown < 0 || grown > ledger.MaxPoints:
		return fmt.Errorf("%w: totals from %+v to %+v and an earning of %d", ErrInput, a.Before, a.After, e.Points)
	case grown > 0 && (e.What == "" || e.Expires < 0 || e.Expires > ledger.MaxDay):
		return fmt.Errorf("%w: an earning has a source and a date of expiry", ErrInput)
	}
	return nil
}

// Admit registers volunteers from a list, books what their totals have grown by,
// and grants what is free to home kiosks that are fresh. It does for many what
// PutPerson and Earn do for one. A row that was compared with totals that are no
// longer those of the book answers ErrState: another list was read meanwhile. With
// look it only tells what would become of each.
//
// When it fails, some may have been admitted: admitting them again does no harm,
// and what is left to be delivered or granted is (Sweep, GrantHome).
func (s *Store) Admit(ctx context.Context, list []Admission, look bool) ([]Outcome, error) {
	if len(list) > MaxAdmissions {
		return nil, fmt.Errorf("%w: %d volunteers at once", ErrInput, len(list))
	}
	outcomes, ids, shards := make([]Outcome, len(list)), make([]string, len(list)), make([]string, len(list))
	for i, a := range list {
		if err := a.check(); err != nil {
			return nil, err
		}
		var err error
		if ids[i], err = s.randomID(); err != nil {
			return nil, err
		}
		shards[i] = a.ID.String()
	}
	if look {
		met, err := s.Meet(ctx, list)
		for i, m := range met {
			outcomes[i] = m.Outcome
		}
		return outcomes, err
	}
	homes := make(map[string][]ledger.ID)
	home := make([]string, len(list))
	err := s.writeEach(ctx, "admitting volunteers", shards, func(t *txn, i int) error {
		outcome, at, err := t.admit(list[i], ids[i], s.now())
		outcomes[i] = max(outcomes[i], outcome) // a second run finds what the first has done
		home[i] = at
		return err
	})
	if err != nil {
		return nil, err
	}
	var touched []ledger.ID
	for i, a := range list {
		if outcomes[i] != AdmittedSame {
			touched = append(touched, a.ID)
			homes[home[i]] = append(homes[home[i]], a.ID)
		}
	}
	if err := s.deliver(ctx, touched...); err != nil {
		return outcomes, err
	}
	for home, volunteers := range homes {
		if err := s.grantHomes(ctx, home, volunteers); err != nil {
			return outcomes, err
		}
	}
	return outcomes, nil
}

// Meeting is what an admission would make of somebody.
type Meeting struct {
	Outcome       Outcome
	Before, After Person // Before has no name: somebody new
}

// Meet tells what would become of each; it changes nothing.
func (s *Store) Meet(ctx context.Context, list []Admission) ([]Meeting, error) {
	shards, met := make([]string, len(list)), make([]Meeting, len(list))
	for i, a := range list {
		if err := a.check(); err != nil {
			return nil, err
		}
		shards[i] = a.ID.String()
	}
	err := s.readEach(ctx, "looking at volunteers", shards, func(t *txn, i int) error {
		old, next, outcome, err := t.meet(list[i])
		met[i] = Meeting{outcome, old.Person, next}
		return err
	})
	return met, err
}

// meet reads who it is, and what the admission makes of that.
func (t *txn) meet(a Admission) (old storedPerson, next Person, outcome Outcome, err error) {
	old, found, err := t.person()
	if err != nil {
		return old, next, 0, err
	}
	before := old.Volunteer
	before.ID = a.ID
	next = Person{Volunteer: a.Change(before), Town: a.Town, Home: a.Home, Household: old.Household, Profile: old.Profile, Sealed: old.Sealed}
	if next.ID = a.ID; a.Stay && found && old.Town != "" {
		next.Town, next.Home = old.Town, old.Home
	}
	if a.More != nil {
		next = a.More(next)
	}
	_, aside, err := next.aside(old.Person)
	if err != nil {
		return old, next, 0, err
	}
	plain := next.Volunteer
	plain.Earned, plain.Linked, plain.Version = nil, true, 0
	body, err := json.Marshal(plain)
	switch {
	case err != nil:
		err = fmt.Errorf("writing a volunteer: %w", err)
	case !found:
		outcome = AdmittedNew
	case a.Earned.Points > 0 || a.After != a.Before || aside || string(body) != string(old.body) || old.Town != next.Town || old.Home != next.Home:
		outcome = AdmittedChanged
	}
	return old, next, outcome, err
}

func (t *txn) admit(a Admission, id string, now int64) (outcome Outcome, home string, err error) {
	old, next, outcome, err := t.meet(a)
	if err != nil {
		return 0, "", err
	}
	noted, err := t.noted(a.Job)
	if err != nil {
		return 0, "", err
	}
	outcome, err = t.admitAs(a, old, next, outcome, id, now)
	return max(outcome, noted), next.Home, err // what a run before a crash has done counts
}

// admitAs makes of somebody what meet has found.
func (t *txn) admitAs(a Admission, old storedPerson, next Person, outcome Outcome, id string, now int64) (Outcome, error) {
	var listed Listed
	if _, err := t.one(selectListed, nil, &listed.Points, &listed.Minutes); err != nil {
		return 0, err
	}
	a.Town = next.Town
	switch listed {
	case a.Before:
	case a.After: // booked already
		a.Before, a.Earned.Points = a.After, 0
	default:
		return 0, fmt.Errorf("%w: volunteer %v stands at %+v, the list was compared with %+v", ErrState, a.ID, listed, a.Before)
	}
	isNew := outcome == AdmittedNew
	changed, posted, err := t.putPerson(old, !isNew, next, id, now)
	if err != nil {
		return 0, err
	}
	if a.After != a.Before {
		if err := t.change(upsertListed, int64(a.After.Points), a.After.Minutes); err != nil {
			return 0, err
		}
	}
	switch {
	case a.Earned.Points > 0:
		err = t.bookListed(a, func() error {
			if posted {
				return nil // its document is posted already
			}
			return t.post(id, outboxPerson, next.Town, 0, 0, now)
		}, now)
	case !changed && a.After == a.Before:
		return AdmittedSame, nil
	}
	if err == nil {
		err = t.noteImport(a, old, next, isNew, now)
	}
	return outcome, err
}

// bookListed books the growth of the totals as an earning, whose key is that of the
// total which it comes to.
func (t *txn) bookListed(a Admission, announce func() error, now int64) error {
	body, err := json.Marshal(a.Earned)
	if err != nil {
		return fmt.Errorf("writing an earning: %w", err)
	}
	return t.earn(a.earning(), a.Town, a.Earned, body, now, announce)
}

// earning is the key of what the totals have grown by: that of the total which it
// comes to. One that can be undone has the job in its key, because the same total may
// come again.
func (a Admission) earning() string {
	text := append([]byte("yizhan list v1\n"+a.Job), a.ID[:]...)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(text, uint64(a.After.Points)))
	return hex.EncodeToString(sum[:len(ledger.Key{})])
}

// Registered is a volunteer as lists are compared with: with keys, and the totals
// of lists before.
type Registered struct {
	Person
	Listed Listed
}

// Registereds reads volunteers of whom ids are known, without history; those who are
// not there any more are left out.
func (s *Store) Registereds(ctx context.Context, ids []ledger.ID) ([]Registered, error) {
	all, found := make([]Registered, len(ids)), make([]bool, len(ids))
	err := s.readEach(ctx, "reading volunteers", idTexts(ids), func(t *txn, i int) error {
		p, known, err := t.person()
		if err != nil || !known {
			return err
		}
		all[i], found[i] = Registered{Person: p.Person}, true
		_, err = t.one(selectListed, nil, &all[i].Listed.Points, &all[i].Listed.Minutes)
		return err
	})
	kept := all[:0]
	for i := range all {
		if found[i] {
			kept = append(kept, all[i])
		}
	}
	return kept, err
}

// People hands out every volunteer of the center, without history, page by page.
func (s *Store) People(ctx context.Context) iter.Seq2[Registered, error] {
	return func(yield func(Registered, error) bool) {
		for after := ""; ; {
			var page []Registered
			err := s.scatter(ctx, "reading the volunteers", scatterPeople, []any{after, int64(peoplePage)}, func() { page = nil }, func(rows scanner) error {
				var r Registered
				var volunteer string
				var version int64
				var body []byte
				if err := rows.Scan(&volunteer, &r.Town, &r.Home, &version, &body, &r.Listed.Points, &r.Listed.Minutes); err != nil {
					return err
				}
				if err := json.Unmarshal(body, &r.Volunteer); err != nil {
					return bug("a volunteer that cannot be read: %v", err)
				}
				r.Version, after = uint64(version), volunteer
				page = append(page, r)
				return nil
			})
			if err != nil {
				yield(Registered{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if len(page) < peoplePage {
				return
			}
		}
	}
}
