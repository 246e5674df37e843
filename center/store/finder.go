package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"strings"

	"yizhan/ledger"
)

const (
	upsertFinder = `INSERT INTO finder (volunteer, number, name, tail, sound, town, home, phone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (volunteer) DO UPDATE SET number = excluded.number, name = excluded.name, tail = excluded.tail,
			sound = excluded.sound, town = excluded.town, home = excluded.home, phone = excluded.phone`
	dropFinder      = `DELETE FROM finder WHERE volunteer = $1`
	scatterUnlisted = `SELECT volunteer FROM finder WHERE town = '' ORDER BY volunteer LIMIT $1`
)

// Columns by which volunteers are found and listed.
const (
	byNumber = iota
	byName
	bySound // the initials of the name and then the name: "zw 张伟"
	byTail  // of the phone, then by number
)

// scatterFinder are the statements by column, for everybody, those of a town and
// those of a home. Each reads a page of one index from where the last page ended:
// $1 and $2 are the value and the volunteer there, $3 the bound of what is looked
// for. An empty text behind a column keeps the engine from its index, where the
// other one is the narrower.
var scatterFinder = [3][4]string{
	{
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE (number, volunteer) > ($1, $2) AND number < $3 ORDER BY number, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE (name, volunteer) > ($1, $2) AND name < $3 ORDER BY name, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE (sound, volunteer) > ($1, $2) AND sound < $3 ORDER BY sound, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE (number, volunteer) > ($1, $2) AND tail = $3 ORDER BY number, volunteer LIMIT $4`,
	}, {
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE town = $5 AND (number, volunteer) > ($1, $2) AND number < $3 ORDER BY number, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE town || '' = $5 AND (name, volunteer) > ($1, $2) AND name < $3 ORDER BY name, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE town = $5 AND (sound, volunteer) > ($1, $2) AND sound < $3 ORDER BY sound, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE town || '' = $5 AND (number, volunteer) > ($1, $2) AND tail = $3 ORDER BY number, volunteer LIMIT $4`,
	}, {
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE home = $5 AND (number, volunteer) > ($1, $2) AND number < $3 ORDER BY number, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE home || '' = $5 AND (name, volunteer) > ($1, $2) AND name < $3 ORDER BY name, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE home = $5 AND (sound, volunteer) > ($1, $2) AND sound < $3 ORDER BY sound, volunteer LIMIT $4`,
		`SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE home || '' = $5 AND (number, volunteer) > ($1, $2) AND tail = $3 ORDER BY number, volunteer LIMIT $4`,
	},
}

// phoneTail is how many digits of a phone are known.
const phoneTail = 4

// Found is a volunteer as a list shows one.
type Found struct {
	ID         ledger.ID
	Number     string
	Name       string
	Tail       string // last four digits of the phone
	Town, Home string
	sound      string
}

// Lookup is which volunteers are wanted.
type Lookup struct {
	// Text begins a number, a name or a name's pinyin initials, or ends a phone when it is
	// four digits. An id is its volunteer alone. "": everybody.
	Text       string
	ByNumber   bool   // the order of everybody; else by sound. What a text finds comes by what it was found by
	Town, Home string // only those of a town, or of a home, which is the narrower
	After      string // Page.Next of the page before; "": from the beginning
	// Has says who may be listed, by town and home; nil: everybody. A page that has looked
	// at maxLooked for it ends, however few it found.
	Has func(town, home string) bool
}

// Page is a part of a list of volunteers.
type Page struct {
	Found []Found
	Next  string // "": that was all
}

// way is one column in which a text is looked for: what stands there is at least
// low, and below high.
type way struct {
	column    int
	low, high []byte
}

// finds tells whether a volunteer would be found this way.
func (w way) finds(f Found) bool {
	if w.column == byTail {
		return f.Tail == string(w.high)
	}
	at := []byte(f.at(w.column))
	return bytes.Compare(at, w.low) >= 0 && bytes.Compare(at, w.high) < 0
}

// at is what a volunteer's place in the order of a column goes by.
func (f Found) at(column int) string {
	switch column {
	case byName:
		return f.Name
	case bySound:
		return f.sound
	}
	return f.Number
}

// ways are where the text is looked for, one after the other.
func (l Lookup) ways() (ways []way) {
	begins := func(column int, text string) { ways = append(ways, way{column, []byte(text), after(text)}) }
	if l.Text == "" {
		column := bySound
		if l.ByNumber {
			column = byNumber
		}
		return []way{{column, nil, []byte{0xFF}}}
	}
	begins(byNumber, l.Text)
	if upper := strings.ToUpper(l.Text); upper != l.Text {
		begins(byNumber, upper)
	}
	begins(byName, l.Text)
	if letters := strings.ToLower(l.Text); letters[0] >= 'a' && letters[0] <= 'z' {
		begins(bySound, letters)
	}
	if len(l.Text) == phoneTail {
		ways = append(ways, way{byTail, nil, []byte(l.Text)})
	}
	return ways
}

// Find lists volunteers, MaxFound on a page. However many there are, a page takes
// the same time, because it begins in an index where the last one ended.
func (s *Store) Find(ctx context.Context, l Lookup) (page Page, err error) {
	l.Text = strings.TrimSpace(l.Text)
	if len(l.Text) > MaxNameRunes*4 {
		return page, nil
	}
	if id, err := ledger.ParseID(l.Text); err == nil {
		p, err := s.Person(ctx, id)
		if err == nil {
			if l.Has == nil || l.Has(p.Town, p.Home) {
				page.Found = []Found{{ID: id, Number: p.Number, Name: p.Name, Tail: p.Tail, Town: p.Town, Home: p.Home}}
			}
			return page, nil
		}
	}
	ways := l.ways()
	r := reading{lookup: l, page: &page}
	from, at, volunteer := l.start(len(ways))
	for i := from; i < len(ways); i++ {
		if i > from || at == nil {
			at, volunteer = ways[i].low, ""
		}
		full, err := r.read(ctx, s, ways[:i+1], at, volunteer)
		if err != nil || full {
			return page, err
		}
	}
	return page, nil
}

// reading is a page in the making.
type reading struct {
	lookup Lookup
	page   *Page
	looked int
}

// read adds what is found in the last of ways behind a place, and tells whether the
// page is full.
func (r *reading) read(ctx context.Context, s *Store, ways []way, at []byte, volunteer string) (full bool, err error) {
	last := len(ways) - 1
	for {
		list, err := s.find(ctx, r.lookup, ways[last], at, volunteer)
		if err != nil {
			return false, err
		}
		for _, f := range list {
			wanted := !foundBefore(ways[:last], f) && (r.lookup.Has == nil || r.lookup.Has(f.Town, f.Home))
			if wanted && len(r.page.Found) == MaxFound || r.looked == maxLooked {
				r.page.Next = cursor(last, at, volunteer) // there is at least one more to look at
				return true, nil
			}
			if wanted {
				r.page.Found = append(r.page.Found, f)
			}
			if r.lookup.Has != nil {
				r.looked++
			}
			at, volunteer = []byte(f.at(ways[last].column)), f.ID.String()
		}
		if len(list) <= MaxFound {
			return false, nil
		}
	}
}

// foundBefore tells whether a volunteer was listed already, by another column.
func foundBefore(ways []way, f Found) bool {
	for _, w := range ways {
		if w.finds(f) {
			return true
		}
	}
	return false
}

// find reads what follows a place in one column, and one more than a page holds.
func (s *Store) find(ctx context.Context, l Lookup, w way, at []byte, volunteer string) (list []Found, err error) {
	bound := any(w.high)
	if w.column == byTail {
		bound = string(w.high)
	}
	if at == nil {
		at = []byte{}
	}
	args, narrow := []any{at, volunteer, bound, int64(MaxFound + 1)}, 0
	switch {
	case l.Home != "":
		args, narrow = append(args, l.Home), 2
	case l.Town != "":
		args, narrow = append(args, l.Town), 1
	}
	err = s.scatter(ctx, "looking for volunteers", scatterFinder[narrow][w.column], args, func() { list = nil }, func(rows scanner) error {
		f, err := scanFound(rows)
		list = append(list, f)
		return err
	})
	return list, err
}

// cursor says where a page ended: in which way, and behind whom.
func cursor(way int, at []byte, volunteer string) string {
	return string(rune('0'+way)) + cmp.Or(volunteer, "-") + "." + hex.EncodeToString(at)
}

// start reads a cursor; one that none of our pages has is the beginning.
func (l Lookup) start(ways int) (way int, at []byte, volunteer string) {
	head, text, ok := strings.Cut(l.After, ".")
	if !ok || head == "" || head[0] < '0' || int(head[0]-'0') >= ways {
		return 0, nil, ""
	}
	at, err := hex.DecodeString(text)
	if err != nil {
		return 0, nil, ""
	}
	if head[1:] != "-" {
		id, err := ledger.ParseID(head[1:])
		if err != nil {
			return 0, nil, ""
		}
		volunteer = id.String()
	}
	return int(head[0] - '0'), append([]byte{}, at...), volunteer
}

// after is the first byte string behind all that begin with text.
func after(text string) []byte {
	b := []byte(text)
	b[len(b)-1]++ // a byte of UTF-8 is never 0xFF
	return b
}

func scanFound(rows scanner) (f Found, err error) {
	var id string
	var number, name, sound []byte
	if err := rows.Scan(&id, &number, &name, &f.Tail, &sound, &f.Town, &f.Home); err != nil {
		return f, err
	}
	f.Number, f.Name, f.sound = string(number), string(name), string(sound)
	if f.ID, err = ledger.ParseID(id); err != nil {
		return f, bug("a volunteer %q", id)
	}
	return f, nil
}

// list writes by what the volunteer is found; somebody who is closed is not.
func (t *txn) list(p Person) error {
	if p.Town == "" {
		return t.exec(dropFinder)
	}
	return t.exec(upsertFinder, []byte(p.Number), []byte(p.Name), p.Tail, []byte(p.Initials+" "+p.Name), p.Town, p.Home, phoneText(p.Phone))
}

// listAll fills in what an older program did not know to write.
func (s *Store) listAll(ctx context.Context) error {
	for {
		var missing []string
		err := s.scatter(ctx, "looking for volunteers that are not listed", scatterUnlisted, []any{int64(peoplePage)}, func() { missing = nil }, func(rows scanner) error {
			var id string
			err := rows.Scan(&id)
			missing = append(missing, id)
			return err
		})
		if err != nil || len(missing) == 0 {
			return err
		}
		err = s.writeEach(ctx, "listing volunteers", missing, func(t *txn, i int) error {
			p, found, err := t.person()
			if err == nil && !found {
				return bug("nobody is volunteer %s, who is listed", missing[i])
			}
			if err != nil {
				return err
			}
			return t.list(p.Person)
		})
		if err != nil {
			return err
		}
	}
}
