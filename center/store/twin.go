package store

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

// scatterTwins are those of scatterFinder that read in the order of names, with the
// hash of the phone: of everybody, and of a town.
var scatterTwins = [2]string{
	`SELECT volunteer, number, name, tail, sound, town, home, phone FROM finder WHERE (sound, volunteer) > ($1, $2) AND sound < $3 ORDER BY sound, volunteer LIMIT $4`,
	`SELECT volunteer, number, name, tail, sound, town, home, phone FROM finder WHERE town = $5 AND (sound, volunteer) > ($1, $2) AND sound < $3 ORDER BY sound, volunteer LIMIT $4`,
}

// Likeness is why two records may be of one person.
type Likeness string

// What is alike. An ID number never is: it is one person's in all records.
const (
	LikePhone Likeness = "phone" // the name, and the whole phone
	LikeTail  Likeness = "tail"  // the name, and the end of the phone, which is all that is known of one of them
	LikeSound Likeness = "sound" // the initials of the names, and the whole phone: 张伟 and 章维
)

// Twin is two records that may be of one person.
type Twin struct {
	A, B Found
	Like Likeness
}

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
	err = s.scatter(ctx, "looking for twins", scatterTwins[narrow], args, func() { g = twins{} }, func(rows scanner) error {
		var phone string
		f, err := scanFound(behind{rows, &phone})
		if err == nil && g.next == "" {
			g.add(f, phone)
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

// behind scans one more column, behind those of what is scanned.
type behind struct {
	scanner
	more any
}

func (b behind) Scan(dest ...any) error { return b.scanner.Scan(append(dest, b.more)...) }

// phoneText is a phone's hash as it stands in the table.
func phoneText(phone civic.PhoneHash) string {
	if phone == (civic.PhoneHash{}) {
		return ""
	}
	return hex.EncodeToString(phone[:])
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

// twins gathers records in the order of names. Those with the same initials are
// neighbours, and compared with each other where their phones end alike.
type twins struct {
	list  []Twin
	next  string
	first string // initials
	last  string
	same  map[string][]withPhone // of those initials, by the end of their phones
	n     int
}

type withPhone struct {
	Found
	phone string
}

func (g *twins) add(f Found, phone string) {
	initials, _, _ := strings.Cut(f.sound, " ")
	if g.n == 0 {
		g.first = initials
	}
	begin := hex.EncodeToString([]byte(initials+" ")) + "."
	if g.n++; g.last != initials || g.same == nil {
		if len(g.list) >= MaxFound {
			g.next = begin
			return
		}
		g.last, g.same = initials, make(map[string][]withPhone)
	}
	if one := (withPhone{f, phone}); f.Tail != "" {
		for _, o := range g.same[f.Tail] {
			if like := o.like(one); like != "" {
				g.list = append(g.list, Twin{o.Found, f, like})
			}
		}
		g.same[f.Tail] = append(g.same[f.Tail], one)
	}
	if g.n < maxTwins {
		return
	}
	g.next = begin // these initials go on: they are looked at again
	if initials == g.first {
		g.next = hex.EncodeToString([]byte(f.sound)) + "." + f.ID.String()
	}
}

// like tells why two whose initials and ends of the phone are the same may be one; "":
// they are not.
func (f withPhone) like(o withPhone) Likeness {
	same, unknown := f.phone == o.phone && f.phone != "", f.phone == "" || o.phone == ""
	switch {
	case f.Name == o.Name && same:
		return LikePhone
	case f.Name == o.Name && unknown:
		return LikeTail
	case same:
		return LikeSound
	}
	return ""
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
