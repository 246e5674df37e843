package store

import (
	"context"
	"slices"
	"strings"

	"yizhan/ledger"
)

const (
	upsertFinder = `INSERT INTO finder (volunteer, number, name, tail) VALUES ($1, $2, $3, $4)
		ON CONFLICT (volunteer) DO UPDATE SET number = excluded.number, name = excluded.name, tail = excluded.tail`
	selectTown    = `SELECT town, home FROM person WHERE volunteer = $1`
	scatterNumber = `SELECT volunteer, number, name, tail FROM finder WHERE number >= $1 AND number < $2 ORDER BY number, volunteer LIMIT $3`
	scatterName   = `SELECT volunteer, number, name, tail FROM finder WHERE name >= $1 AND name < $2 ORDER BY name, volunteer LIMIT $3`
	scatterTail   = `SELECT volunteer, number, name, tail FROM finder WHERE tail = $1 ORDER BY number, volunteer LIMIT $2`
)

// phoneTail is how many digits of a phone are known.
const phoneTail = 4

// Found is a volunteer as a list of results shows one.
type Found struct {
	ID     ledger.ID
	Number string
	Name   string
	Tail   string // last four digits of the phone
}

// Find looks for volunteers whose number or name begins with the text, or whose
// phone ends in it when it is four digits: at most MaxFound, and whether there are
// more. An id finds its volunteer.
func (s *Store) Find(ctx context.Context, text string) (found []Found, more bool, err error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > MaxNameRunes*4 {
		return nil, false, nil
	}
	if id, err := ledger.ParseID(text); err == nil {
		p, err := s.Person(ctx, id)
		if err == nil {
			return []Found{{id, p.Number, p.Name, p.Tail}}, false, nil
		}
	}
	return s.find(ctx, text, MaxFound)
}

// FindWithin is Find among those of whom has says so, given their town and home
// kiosk. It looks at maxLooked of all at most.
func (s *Store) FindWithin(ctx context.Context, text string, has func(town, home string) bool) (found []Found, more bool, err error) {
	found, more, err = s.Find(ctx, text)
	if more {
		found, more, err = s.find(ctx, strings.TrimSpace(text), maxLooked)
	}
	if err != nil {
		return nil, false, err
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.ID.String()
	}
	inside := make([]bool, len(found))
	err = s.readEach(ctx, "reading where volunteers live", ids, func(t *txn, i int) error {
		var town, home string
		known, err := t.one(selectTown, nil, &town, &home)
		inside[i] = known && has(town, home)
		return err
	})
	kept := found[:0]
	for i, f := range found {
		if inside[i] {
			kept = append(kept, f)
		}
	}
	return kept[:min(len(kept), MaxFound)], more || len(kept) > MaxFound, err
}

// find is Find with a limit of its own.
func (s *Store) find(ctx context.Context, text string, most int) (found []Found, more bool, err error) {
	begins, limit := []any{[]byte(text), after(text), int64(most + 1)}, int64(most+1)
	var list []Found
	start, take := func() { list = nil }, func(rows scanner) error {
		f, err := scanFound(rows)
		list = append(list, f)
		return err
	}
	add := func(err error) error {
		for _, f := range list {
			if !slices.Contains(found, f) {
				found = append(found, f)
			}
		}
		return err
	}
	const what = "looking for a volunteer"
	err = add(s.scatter(ctx, what, scatterNumber, begins, start, take))
	if err == nil {
		err = add(s.scatter(ctx, what, scatterName, begins, start, take))
	}
	if err == nil && len(text) == phoneTail {
		err = add(s.scatter(ctx, what, scatterTail, []any{text, limit}, start, take))
	}
	return found[:min(len(found), most)], len(found) > most, err
}

// after is the first byte string behind all that begin with text.
func after(text string) []byte {
	b := []byte(text)
	b[len(b)-1]++ // a byte of UTF-8 is never 0xFF
	return b
}

func scanFound(rows scanner) (f Found, err error) {
	var id string
	var number, name []byte
	if err := rows.Scan(&id, &number, &name, &f.Tail); err != nil {
		return f, err
	}
	f.Number, f.Name = string(number), string(name)
	if f.ID, err = ledger.ParseID(id); err != nil {
		return f, bug("a volunteer %q", id)
	}
	return f, nil
}
