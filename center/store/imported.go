package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// What an import did to each volunteer is noted beside it, in its transaction, so
// that the whole import can be undone: somebody whom it added is closed when nothing
// has happened since, fields that it changed are put back unless they were changed
// again, and its points are taken back (see Reverse).
const (
	selectImported  = `SELECT state, earning, body FROM imported WHERE volunteer = $1 AND job = $2`
	insertImported  = `INSERT INTO imported (volunteer, job, state, earning, body, made_ms) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (volunteer, job) DO NOTHING`
	undoneImported  = `UPDATE imported SET state = $3, body = $4 WHERE volunteer = $1 AND job = $2`
	countImports    = `SELECT COUNT(*) FROM imported WHERE volunteer = $1 AND job <> $2`
	countEarnings   = `SELECT COUNT(*) FROM earning WHERE volunteer = $1 AND id <> $2`
	countUsed       = `SELECT COUNT(*) FROM rights WHERE volunteer = $1 AND spent + held > 0`
	forgetImported  = `DELETE FROM imported WHERE volunteer = $1 AND made_ms < $2`
	scatterImported = `SELECT volunteer FROM imported WHERE job = $1 AND volunteer > $2 ORDER BY volunteer LIMIT $3`
	scatterUndone   = `SELECT state FROM imported WHERE job = $1 ORDER BY volunteer LIMIT 1`
	scatterImports  = `SELECT DISTINCT volunteer FROM imported WHERE made_ms < $1 LIMIT $2`
)

// States of what an import did to somebody.
const (
	importedNew     = "new"
	importedChanged = "changed"

	UndoneClosed   = "closed"   // added by the import, and closed again
	UndoneKept     = "kept"     // added by the import, and used or changed since: stays
	UndoneRestored = "restored" // put back
	UndonePartly   = "partly"   // put back but for fields that were changed since
)

// imported is what an import did to somebody.
type imported struct {
	Was    *Person       `json:"was,omitempty"` // nil: somebody new
	Now    *Person       `json:"now,omitempty"` // beside Was
	Stand  string        `json:"stand"`         // after the import, see Record
	Before Listed        `json:"before,omitzero"`
	After  Listed        `json:"after,omitzero"`
	Earned civic.Earning `json:"earned,omitzero"`
	Kept   []string      `json:"kept,omitempty"` // fields that an undoing left as they were

	state, earning string
}

// noteImport writes down what an admission did; of two runs the first counts.
func (t *txn) noteImport(a Admission, old storedPerson, next Person, isNew bool, now int64) error {
	if a.Job == "" {
		return nil
	}
	state, note := importedNew, imported{Stand: next.stand(), Before: a.Before, After: a.After, Earned: a.Earned}
	earning := ""
	if a.Earned.Points > 0 {
		earning = a.earning()
	}
	if !isNew {
		was := old.Person
		state, note.Was, note.Now = importedChanged, &was, &next
	}
	body, err := json.Marshal(note)
	if err != nil {
		return fmt.Errorf("noting what an import did: %w", err)
	}
	return t.exec(insertImported, a.Job, state, earning, body, now)
}

// noted is what an import has noted of the volunteer already.
func (t *txn) noted(job string) (Outcome, error) {
	if job == "" {
		return AdmittedSame, nil
	}
	note, found, err := t.imported(job)
	switch {
	case err != nil || !found:
		return AdmittedSame, err
	case note.Was == nil:
		return AdmittedNew, nil
	}
	return AdmittedChanged, nil
}

func (t *txn) imported(job string) (note imported, found bool, err error) {
	var body []byte
	found, err = t.one(selectImported, []any{job}, &note.state, &note.earning, &body)
	if err == nil && found {
		if err = json.Unmarshal(body, &note); err != nil {
			err = bug("a note of an import that cannot be read: %v", err)
		}
	}
	return note, found, err
}

// Imported lists up to MaxAdmissions volunteers after one whom an import touched.
func (s *Store) Imported(ctx context.Context, job string, after ledger.ID) (list []ledger.ID, err error) {
	from := ""
	if !after.IsZero() {
		from = after.String()
	}
	err = s.scatter(ctx, "reading what an import did", scatterImported, []any{job, from, int64(MaxAdmissions)}, func() { list = nil }, func(rows scanner) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		id, err := ledger.ParseID(text)
		list = append(list, id)
		return err
	})
	return list, err
}

// Undoable tells whether there is something that an import did, and whether undoing it
// has begun.
func (s *Store) Undoable(ctx context.Context, job string) (found, begun bool, err error) {
	err = s.scatter(ctx, "looking whether an import was undone", scatterUndone, []any{job}, func() { found = false }, func(rows scanner) error {
		var state string
		err := rows.Scan(&state)
		found, begun = true, state != importedNew && state != importedChanged
		return err
	})
	return found, begun, err
}

// Undoing is what undoing an import did to somebody.
type Undoing struct {
	ID    ledger.ID
	Name  string
	State string   // UndoneClosed ...; "": the import did nothing
	Kept  []string // fields that were changed since, and stay
	Asked ledger.Points
	Taken ledger.Points // by now; the rest is wanted back, see Reverse
	Gone  ledger.Points // cannot come back
}

// Undo undoes what an import did to volunteers, at most MaxAdmissions. Doing it again
// does no more and tells the same, so it can be taken up after a crash.
func (s *Store) Undo(ctx context.Context, job string, why string, volunteers []ledger.ID) ([]Undoing, error) {
	if len(volunteers) > MaxAdmissions {
		return nil, fmt.Errorf("%w: %d volunteers at once", ErrInput, len(volunteers))
	}
	if err := s.whole(ctx); err != nil {
		return nil, err
	}
	done := make([]Undoing, len(volunteers))
	ids := make([]string, len(volunteers))
	for i := range ids {
		var err error
		if ids[i], err = s.randomID(); err != nil {
			return nil, err
		}
	}
	err := s.writeEach(ctx, "undoing an import", idTexts(volunteers), func(t *txn, i int) (err error) {
		done[i], err = t.undoAll(job, why, volunteers[i], ids[i], s.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	return done, s.deliver(ctx, volunteers...)
}

// undoAll puts back what an import did to the volunteer, and takes its points back.
func (t *txn) undoAll(job, why string, volunteer ledger.ID, id string, now int64) (u Undoing, err error) {
	u, note, err := t.undo(job, id, now)
	if u.ID = volunteer; err != nil || note.Earned.Points == 0 {
		return u, err
	}
	e := note.Earned
	u.Asked = e.Points
	back := civic.Earning{On: e.On, Expires: e.Expires, What: why, Points: -e.Points, Of: note.earning}
	body, err := json.Marshal(back)
	if err != nil {
		return u, fmt.Errorf("writing a reversal: %w", err)
	}
	sum := sha256.Sum256(append([]byte("yizhan undone v1\n"+job), volunteer[:]...))
	key := hex.EncodeToString(sum[:len(ledger.Key{})])
	err = t.reverse(key, back, body, now)
	if errors.Is(err, ledger.ErrNotEnough) { // others have taken it back already; nothing was written
		u.Gone = e.Points
		return u, nil
	}
	if err != nil {
		return u, err
	}
	r, _, err := t.reversal(key)
	u.Taken, u.Gone = r.Taken, r.Gone()
	return u, err
}

// undo puts back what an import did to the volunteer, but for the points.
func (t *txn) undo(job, id string, now int64) (u Undoing, note imported, err error) {
	note, found, err := t.imported(job)
	if err != nil || !found {
		return u, note, err
	}
	old, _, err := t.person()
	if err != nil {
		return u, note, err
	}
	u.Name = old.Name
	if note.state != importedNew && note.state != importedChanged { // undone before
		u.State, u.Kept = note.state, note.Kept
		return u, note, nil
	}
	var next Person
	if note.state == importedNew {
		next, u.State, err = t.closedAgain(job, note, old)
	} else {
		next, note.Kept = note.putBack(old.Person)
		if u.State, u.Kept = UndoneRestored, note.Kept; len(u.Kept) > 0 {
			u.State = UndonePartly
		}
	}
	if err != nil {
		return u, note, err
	}
	if err := t.unlist(note); err != nil {
		return u, note, err
	}
	if changed, _, err := t.putPerson(old, true, next, id, now); err != nil {
		return u, note, err
	} else if changed {
		if err := t.actIn(personTrace, now, t.actor(), "person.undone", old.Person.traced(), next.traced()); err != nil {
			return u, note, err
		}
	}
	body, err := json.Marshal(note)
	if err != nil {
		return u, note, fmt.Errorf("noting what was undone: %w", err)
	}
	return u, note, t.change(undoneImported, job, u.State, body)
}

// unlist takes from the totals of lists what the import added to them, so that a list
// that is right can tell them anew.
func (t *txn) unlist(note imported) error {
	if note.After == note.Before {
		return nil
	}
	var listed Listed
	if _, err := t.one(selectListed, nil, &listed.Points, &listed.Minutes); err != nil {
		return err
	}
	points := max(0, listed.Points-(note.After.Points-note.Before.Points))
	minutes := max(0, listed.Minutes-(note.After.Minutes-note.Before.Minutes))
	return t.change(upsertListed, int64(points), minutes)
}

// closedAgain is somebody whom the import added, as one who is not there any more: without
// town, card, number and phone, found by nothing, known to no kiosk. The name stays
// with what is in the books. Somebody with whom anything has happened since stays.
func (t *txn) closedAgain(job string, note imported, old storedPerson) (next Person, state string, err error) {
	next = old.Person
	if old.stand() != note.Stand {
		return next, UndoneKept, nil
	}
	for _, other := range []struct {
		statement string
		args      []any
	}{{countImports, []any{job}}, {countEarnings, []any{note.earning}}, {countUsed, nil}} {
		var n int64
		statement := other.statement
		if _, err := t.one(statement, other.args, &n); err != nil || n > 0 {
			return next, UndoneKept, err
		}
	}
	next.Town, next.Home, next.Number, next.Tail = "", "", "", ""
	next.Phone, next.Keys, next.Cards, next.Minutes = civic.PhoneHash{}, nil, nil, 0
	next.Profile, next.Sealed = civic.Profile{}, nil
	return next, UndoneClosed, nil
}

// putBack gives somebody the fields back that the import changed, and names those
// that are another thing by now, which stay.
func (note imported) putBack(p Person) (next Person, kept []string) {
	was, now := note.Was, note.Now
	next = p
	field := func(word string, changed, touched bool, back func()) {
		switch {
		case !changed:
		case touched:
			kept = append(kept, word)
		default:
			back()
		}
	}
	field("name", was.Name != now.Name, p.Name != now.Name, func() { next.Name, next.Initials = was.Name, was.Initials })
	field("number", was.Number != now.Number, p.Number != now.Number, func() { next.Number = was.Number })
	field("tail", was.Phone != now.Phone, p.Phone != now.Phone, func() { next.Phone, next.Tail = was.Phone, was.Tail })
	field("town", was.Town != now.Town, p.Town != now.Town, func() { next.Town = was.Town })
	field("home", was.Home != now.Home, p.Home != now.Home, func() { next.Home = was.Home })
	field("minutes", was.Minutes != now.Minutes, p.Minutes != now.Minutes, func() { next.Minutes = was.Minutes })
	field("sealed", string(was.Sealed) != string(now.Sealed), string(p.Sealed) != string(now.Sealed), func() { next.Sealed = was.Sealed })
	for _, f := range civic.ProfileCodes {
		a, b := *f.At(&was.Profile), *f.At(&now.Profile)
		field(f.Word, a != b, *f.At(&p.Profile) != b, func() { *f.At(&next.Profile) = a })
	}
	for _, f := range civic.ProfileSets {
		a, b := *f.At(&was.Profile), *f.At(&now.Profile)
		field(f.Word, !slices.Equal(a, b), !slices.Equal(*f.At(&p.Profile), b), func() { *f.At(&next.Profile) = a })
	}
	field("area", was.Profile.Area != now.Profile.Area, p.Profile.Area != now.Profile.Area, func() { next.Profile.Area = was.Profile.Area })
	next.Keys = slices.DeleteFunc(slices.Clone(p.Keys), func(k civic.KeyHash) bool {
		return slices.Contains(now.Keys, k) && !slices.Contains(was.Keys, k)
	})
	return next, kept
}

// sweepImports forgets what imports did when they can not be undone any more.
func (s *Store) sweepImports(ctx context.Context) error {
	before := s.now() - ImportKept.Milliseconds()
	old, err := s.list(ctx, "looking for old imports", scatterImports, before)
	if err != nil || len(old) == 0 {
		return err
	}
	return s.writeEach(ctx, "forgetting old imports", old, func(t *txn, _ int) error {
		return t.exec(forgetImported, before)
	})
}
