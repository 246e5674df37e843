package store

import (
	"context"
	"encoding/json"
	"time"

	"yizhan/civic"
)

const (
	scatterPersons     = `SELECT volunteer, number, name, tail, sound, town, home FROM finder WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
	scatterPersonCount = `SELECT COUNT(*) FROM finder`
	scatterEarnedSince = `SELECT volunteer, body FROM earning WHERE volunteer > $1 AND volunteer <= $2 AND made_ms >= $3 ORDER BY volunteer, id`
)

// Earner is a volunteer with what was booked since a moment.
type Earner struct {
	Found
	Earned []civic.Earning
}

// Earners is a page of all volunteers: those of them for whom something was booked
// since a moment. It goes on from Last; People is how many it has passed, none at
// the end. It is for work in the background: what it reads grows with the book.
type Earners struct {
	List   []Earner
	Last   string
	People int
}

// Earners reads the page behind a volunteer's id; "" is the first one.
func (s *Store) Earners(ctx context.Context, after string, since time.Time) (page Earners, err error) {
	var people []Found
	err = s.scatter(ctx, "reading the volunteers", scatterPersons, []any{after, int64(peoplePage)}, func() { people = nil }, func(rows scanner) error {
		f, err := scanFound(rows)
		people = append(people, f)
		return err
	})
	if err != nil || len(people) == 0 {
		return Earners{}, err
	}
	page.People, page.Last = len(people), people[len(people)-1].ID.String()
	earned := make(map[string][]civic.Earning)
	err = s.scatter(ctx, "reading what was earned", scatterEarnedSince, []any{after, page.Last, since.UnixMilli()}, func() { clear(earned) }, func(rows scanner) error {
		var volunteer string
		var body []byte
		if err := rows.Scan(&volunteer, &body); err != nil {
			return err
		}
		var e civic.Earning
		if err := json.Unmarshal(body, &e); err != nil {
			return bug("an earning of %s cannot be read: %v", volunteer, err)
		}
		earned[volunteer] = append(earned[volunteer], e)
		return nil
	})
	for _, f := range people {
		if list := earned[f.ID.String()]; len(list) > 0 {
			page.List = append(page.List, Earner{f, list})
		}
	}
	return page, err
}

// PersonCount is how many volunteers there are, counted one by one.
func (s *Store) PersonCount(ctx context.Context) (n int64, err error) {
	err = s.scatter(ctx, "counting volunteers", scatterPersonCount, nil, func() {}, func(rows scanner) error { return rows.Scan(&n) })
	return n, err
}
