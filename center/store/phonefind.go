package store

import (
	"bytes"
	"context"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	scatterByNumber = `SELECT volunteer FROM finder WHERE number = $1 LIMIT $2`
	scatterByTail   = `SELECT volunteer FROM finder WHERE tail = $1 LIMIT $2`
)

// ByNumber returns the volunteers who have a number: one, unless lists were wrong.
func (s *Store) ByNumber(ctx context.Context, number string) ([]Person, error) {
	var ids []ledger.ID
	err := s.scatter(ctx, "looking for a number", scatterByNumber, []any{[]byte(number), int64(maxSharing)}, func() { ids = nil }, intoIDs(&ids))
	if err != nil {
		return nil, err
	}
	return s.those(ctx, ids, func(p Person) bool { return p.Number == number })
}

// ByPhone returns the volunteers who have a phone, by its keyed hash and last digits; a
// family may share one. It reads all who have those digits, so that it takes as long for
// a phone that nobody has.
func (s *Store) ByPhone(ctx context.Context, phone civic.PhoneHash, tail string) ([]Person, error) {
	var ids []ledger.ID
	err := s.scatter(ctx, "looking for a phone", scatterByTail, []any{tail, int64(maxTail)}, func() { ids = nil }, intoIDs(&ids))
	if err != nil {
		return nil, err
	}
	return s.those(ctx, ids, func(p Person) bool { return p.Phone == phone })
}

// those reads volunteers, and returns the first of whom something is true.
func (s *Store) those(ctx context.Context, ids []ledger.ID, is func(Person) bool) (people []Person, err error) {
	slices.SortFunc(ids, func(x, y ledger.ID) int { return bytes.Compare(x[:], y[:]) })
	known, err := s.Named(ctx, ids)
	for _, id := range ids {
		if p, ok := known[id]; ok && is(p) && len(people) < maxSharing {
			people = append(people, p)
		}
	}
	return people, err
}

func intoIDs(ids *[]ledger.ID) func(scanner) error {
	return func(rows scanner) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		id, err := ledger.ParseID(text)
		if err != nil {
			return bug("a volunteer %q", text)
		}
		*ids = append(*ids, id)
		return nil
	}
}
