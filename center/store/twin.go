package store

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"yizhan/ledger"
)

// Twin is two records that may be of one person: they have the same name, and the same
// phone as far as its end tells.
type Twin struct{ A, B Found }

// Twins looks for such records, of a town or of everybody, in the order of names. It
// looks at no more than maxTwins volunteers; next is where to go on, "" at the end.
// Records that are merged are left out.
func (s *Store) Twins(ctx context.Context, town, after string) (list []Twin, next string, err error) {
	at, volunteer := twinMark(after)
	args, narrow := []any{at, volunteer, []byte{0xFF}, int64(maxTwins)}, 0
	if town != "" {
		args, narrow = append(args, town), 1
	}
	var g twins
	err = s.scatter(ctx, "looking for twins", scatterFinder[narrow][bySound], args, func() { g = twins{} }, func(rows scanner) error {
		f, err := scanFound(rows)
		if err == nil && g.next == "" {
			g.add(f)
		}
		return err
	})
	if err != nil {
		return nil, "", err
	}
	into, err := s.MergedInto(ctx, g.ids())
	list = slices.DeleteFunc(g.list, func(t Twin) bool { return !into[t.A.ID].IsZero() || !into[t.B.ID].IsZero() })
	return list, g.next, err
}

// twinMark reads where a page ended: behind a name, and there behind a volunteer.
func twinMark(after string) (at []byte, volunteer string) {
	text, id, ok := strings.Cut(after, ".")
	at, err := hex.DecodeString(text)
	if !ok || err != nil || len(id) > maxPlace || strings.ToValidUTF8(id, "") != id {
		return []byte{}, ""
	}
	return at, id
}

// twins gathers records in the order of names.
type twins struct {
	list  []Twin
	next  string
	first string // name
	last  string
	same  map[string][]Found // of that name, by the end of their phones
	n     int
}

func (g *twins) add(f Found) {
	if g.n == 0 {
		g.first = f.sound
	}
	if g.n++; g.last != f.sound || g.same == nil {
		if len(g.list) >= MaxFound {
			g.next = hex.EncodeToString([]byte(f.sound)) + "."
			return
		}
		g.last, g.same = f.sound, make(map[string][]Found)
	}
	if f.Tail != "" {
		for _, o := range g.same[f.Tail] {
			g.list = append(g.list, Twin{o, f})
		}
		g.same[f.Tail] = append(g.same[f.Tail], f)
	}
	if g.n < maxTwins {
		return
	}
	g.next = hex.EncodeToString([]byte(f.sound)) + "." // this name goes on: it is looked at again
	if f.sound == g.first {
		g.next += f.ID.String()
	}
}

func (g *twins) ids() (ids []ledger.ID) {
	for _, t := range g.list {
		ids = append(ids, t.A.ID, t.B.ID)
	}
	return ids
}

// MergedInto tells of records into which ones they are merged now.
func (s *Store) MergedInto(ctx context.Context, ids []ledger.ID) (map[ledger.ID]ledger.ID, error) {
	found := make([]Merged, len(ids))
	err := s.readEach(ctx, "reading merges", idTexts(ids), func(t *txn, i int) (err error) {
		found[i], err = t.merged()
		return err
	})
	into := make(map[ledger.ID]ledger.ID)
	for i, m := range found {
		if m.Is() {
			into[ids[i]] = m.Into
		}
	}
	return into, err
}
