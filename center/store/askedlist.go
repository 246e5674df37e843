package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"yizhan/ledger"
)

// Each reads by an index that holds what it asks for. The lists go on behind a mark:
// time, place, id.
const (
	scatterAskedWaiting = `SELECT place, id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms
		FROM asked WHERE state = 'waiting' ORDER BY made_ms, place, id LIMIT $1`
	scatterAskedUndone = `SELECT place, id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms
		FROM asked WHERE state = 'confirmed' AND done_ms = 0 AND ended_ms < $1 ORDER BY ended_ms, place, id LIMIT $2`
	scatterAskedEnded = `SELECT place, id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms
		FROM asked WHERE ended_ms > 0 AND (ended_ms, place, id) < ($1, $2, $3) ORDER BY ended_ms DESC, place DESC, id DESC LIMIT $4`
	scatterAskedBy = `SELECT place, id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms
		FROM asked WHERE who = $5 AND (made_ms, place, id) < ($1, $2, $3) ORDER BY made_ms DESC, place DESC, id DESC LIMIT $4`
	scatterAskedFor = `SELECT place, id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms
		FROM asked WHERE volunteer = $1 AND kind = $2 ORDER BY made_ms DESC LIMIT $3`
)

// AskedMark is where a list goes on: behind the request that it names.
type AskedMark struct {
	At    time.Time
	Place string
	ID    string
}

// before are the arguments of a statement that goes on behind the mark; the zero
// mark is the beginning.
func (m AskedMark) before(limit int) []any {
	at := int64(1) << 52
	if !m.At.IsZero() {
		at = m.At.UnixMilli()
	}
	return []any{at, m.Place, m.ID, int64(limit)}
}

// String is the mark as an address carries it.
func (m AskedMark) String() string {
	if m.At.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%s.%s", m.At.UnixMilli(), m.ID, hex.EncodeToString([]byte(m.Place)))
}

// ParseAskedMark reads what String writes; what it did not write is the beginning.
func ParseAskedMark(text string) AskedMark {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return AskedMark{}
	}
	place, err := hex.DecodeString(parts[2])
	ms, err2 := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || err2 != nil || ms <= 0 {
		return AskedMark{}
	}
	m := AskedMark{time.UnixMilli(ms), string(place), parts[1]}
	if m.String() != text || len(place) > maxPlace {
		return AskedMark{}
	}
	return m
}

// AskedWaitingAll returns what waits for a second person anywhere, the oldest first.
func (s *Store) AskedWaitingAll(ctx context.Context) ([]Asked, error) {
	return s.askedList(ctx, scatterAskedWaiting, int64(maxAskedShown))
}

// AskedUndone returns what was confirmed before a moment and is not carried out:
// somebody was interrupted.
func (s *Store) AskedUndone(ctx context.Context, before time.Time) ([]Asked, error) {
	return s.askedList(ctx, scatterAskedUndone, before.UnixMilli(), int64(sweepBatch))
}

// AskedEnded returns what was decided behind a mark of times of decision, the
// latest first.
func (s *Store) AskedEnded(ctx context.Context, behind AskedMark, limit int) ([]Asked, error) {
	return s.askedList(ctx, scatterAskedEnded, behind.before(limit)...)
}

// AskedBy returns what an officer asked for behind a mark of times of asking, the
// latest first.
func (s *Store) AskedBy(ctx context.Context, officer string, behind AskedMark, limit int) ([]Asked, error) {
	return s.askedList(ctx, scatterAskedBy, append(behind.before(limit), officer)...)
}

// AskedFor returns what of a kind was asked for a volunteer, the latest first.
func (s *Store) AskedFor(ctx context.Context, volunteer ledger.ID, kind string, limit int) ([]Asked, error) {
	return s.askedList(ctx, scatterAskedFor, volunteer.String(), kind, int64(limit))
}

func (s *Store) askedList(ctx context.Context, scatterStatement string, args ...any) (list []Asked, err error) {
	err = s.scatter(ctx, "reading requests", scatterStatement, args, func() { list = nil }, func(rows scanner) error {
		var x Asked
		var volunteer string
		var ended, done int64
		if err := rows.Scan(append([]any{&x.Place}, x.columns(&volunteer, &ended, &done)...)...); err != nil {
			return err
		}
		err := x.fill(volunteer, ended, done)
		list = append(list, x)
		return err
	})
	return list, err
}

const scatterNumbered = `SELECT volunteer, town, home, body, sealed FROM person WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`

// Numbered hands out every volunteer of the center with what is sealed, page by page.
func (s *Store) Numbered(ctx context.Context) iter.Seq2[Person, error] {
	return func(yield func(Person, error) bool) {
		for after, more := "", true; more; {
			var page []Person
			err := s.scatter(ctx, "reading sealed numbers", scatterNumbered, []any{after, int64(peoplePage)}, func() { page = nil }, func(rows scanner) error {
				var p Person
				var volunteer string
				var body []byte
				if err := rows.Scan(&volunteer, &p.Town, &p.Home, &body, &p.Sealed); err != nil {
					return err
				}
				if err := json.Unmarshal(body, &p.Volunteer); err != nil {
					return bug("a volunteer that cannot be read: %v", err)
				}
				page = append(page, p)
				return nil
			})
			if err != nil {
				yield(Person{}, err)
				return
			}
			for _, p := range page {
				if after = p.ID.String(); !yield(p, nil) {
					return
				}
			}
			more = len(page) == peoplePage
		}
	}
}

// SetOwn says which volunteer an officer is; the zero id takes it back.
func (s *Store) SetOwn(ctx context.Context, officer string, volunteer ledger.ID, by string) error {
	own := ""
	if !volunteer.IsZero() {
		own = volunteer.String()
		if _, err := s.Person(ctx, volunteer); err != nil {
			return err
		}
	}
	return s.write(ctx, "noting which volunteer an officer is", officer, func(t *txn) error {
		o, found, err := t.officer()
		switch {
		case err != nil || found && o.Own == volunteer:
			return err
		case !found || by == "":
			return fmt.Errorf("%w: officer %q", ErrUnknown, officer)
		}
		was := ""
		if !o.Own.IsZero() {
			was = o.Own.String()
		}
		if err := t.change(setOwn, own); err != nil {
			return err
		}
		return t.act(s.now(), by, "officer.own", was, own)
	})
}

// notOwn answers ErrOwn when a volunteer is the officer's own record, or lives in
// the same household, and the volunteer else. Of an officer whose record is not
// known the name says it. Somebody who is no officer here, at the terminal, has none.
func (s *Store) notOwn(ctx context.Context, officer string, volunteer ledger.ID) (Record, error) {
	r, err := s.Record(ctx, volunteer)
	if err != nil {
		return r, err
	}
	o, err := s.Officer(ctx, officer)
	if errors.Is(err, ErrUnknown) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	mine := Record{}
	if !o.Own.IsZero() {
		if mine, err = s.Record(ctx, o.Own); err != nil && !errors.Is(err, ErrUnknown) {
			return r, err
		}
	}
	if Related(o, mine.Household, volunteer, r.Name, r.Household) {
		return r, fmt.Errorf("%w: %v of %s", ErrOwn, volunteer, officer)
	}
	return r, nil
}

// Related tells whether a volunteer of that name and household is the officer, or
// lives with the officer, whose own household is given.
func Related(o Officer, own string, volunteer ledger.ID, name, household string) bool {
	if o.Own.IsZero() {
		return name != "" && SamePerson(o.Name, name)
	}
	return o.Own == volunteer || own != "" && own == household
}
