package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectServed = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND state = 'confirmed' AND guest = 0 AND credit > 0 ORDER BY day DESC, shift LIMIT $2`
	selectServedHonour  = `SELECT day, first_minute, last_minute, what, counted FROM honour WHERE volunteer = $1 AND heir = '' AND counted <> 0 ORDER BY day DESC, first_minute DESC, id LIMIT $2`
	scatterServers      = `SELECT volunteer, town, home, body FROM person WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
	scatterHonourSums   = `SELECT volunteer, CAST(SUM(CASE WHEN counted < 0 THEN last_minute - first_minute ELSE counted END) AS BIGINT) FROM honour WHERE volunteer > $1 AND volunteer <= $2 AND heir = '' GROUP BY volunteer`
	scatterCreditSums   = `SELECT volunteer, CAST(SUM(credit) AS BIGINT) FROM attendance WHERE volunteer > $1 AND volunteer <= $2 AND state = 'confirmed' AND guest = 0 GROUP BY volunteer`
	scatterMergedThere  = `SELECT volunteer FROM merged WHERE volunteer > $1 AND volunteer <= $2 AND turn % 2 = 1`
	scatterAbsorbsThere = `SELECT DISTINCT volunteer FROM absorbed WHERE volunteer > $1 AND volunteer <= $2 AND turn % 2 = 1`
)

// Served is how many minutes somebody has served: as lists of other systems told so
// far, by checking in and out here, and as entered afterwards by two officers. Records
// that were merged into this one count with it.
type Served struct {
	Listed, Credit, Honour int64
}

// Minutes is all of it.
func (s Served) Minutes() int64 { return s.Listed + s.Credit + s.Honour }

// Service is one time that somebody has served.
type Service struct {
	Day         ledger.Day
	First, Last int64 // minutes of the day
	What        string
	Minutes     int64 // that count
	Honour      bool  // it was entered afterwards
}

// Services returns how long somebody has served, and the times behind what was not
// told by lists, the latest first, up to MaxServices.
func (s *Store) Services(ctx context.Context, volunteer ledger.ID) (sum Served, list []Service, err error) {
	records, err := s.Records(ctx, volunteer) // what the others attended is on its way, or here
	if err != nil {
		return sum, nil, err
	}
	for i, id := range records {
		err := s.read(ctx, "reading times of service", id.String(), func(t *txn) error {
			p, found, err := t.person()
			if err != nil || !found {
				return orUnknown(err, id)
			}
			if i == 0 {
				sum, list = Served{Listed: p.Minutes}, nil // of a merged record, the kept one has the larger sum already
			}
			return t.services(&sum, &list, s.cfg.Zone)
		})
		if err != nil {
			return sum, nil, err
		}
	}
	slices.SortStableFunc(list, func(x, y Service) int { return cmp.Or(cmp.Compare(y.Day, x.Day), cmp.Compare(y.First, x.First)) })
	return sum, list, nil
}

// services adds those of the shard's volunteer.
func (t *txn) services(sum *Served, list *[]Service, zone *time.Location) error {
	var credit, honour int64
	if _, err := t.one(sumAttended, nil, &credit); err != nil {
		return err
	}
	if _, err := t.one(sumHonour, nil, &honour); err != nil {
		return err
	}
	sum.Credit, sum.Honour = sum.Credit+credit, sum.Honour+honour
	err := t.each(selectServed, []any{int64(MaxServices)}, func(rows scanner) error {
		a, err := scanAttendance(rows)
		first := minuteIn(a.Counted.From, zone)
		*list = append(*list, Service{Day: a.Day, First: first, Last: first + a.Counted.Seconds()/60, What: a.Title, Minutes: a.Credit})
		return err
	})
	if err != nil {
		return err
	}
	return t.each(selectServedHonour, []any{int64(MaxServices)}, func(rows scanner) error {
		x := Service{Honour: true}
		err := rows.Scan(&x.Day, &x.First, &x.Last, &x.What, &x.Minutes)
		if x.Minutes < 0 {
			x.Minutes = x.Last - x.First
		}
		*list = append(*list, x)
		return err
	})
}

// minuteIn is which minute of its day a moment is.
func minuteIn(unix int64, zone *time.Location) int64 {
	at := time.Unix(unix, 0).In(zone)
	return int64(at.Hour()*60 + at.Minute())
}

// Server is somebody with what the number of stars depends on.
type Server struct {
	ID         ledger.ID
	Town, Home string
	Served     Served
	Stars      []Star
}

// Servers is a page of all volunteers who are one record and are registered somewhere,
// with how long each has served. It goes on from Last, and ends when that is "".
// It is for work in the background: what it reads grows with the book.
type Servers struct {
	List []Server
	Last string
}

// Servers reads the page behind a volunteer's id; "" is the first one.
func (s *Store) Servers(ctx context.Context, after string) (page Servers, err error) {
	err = s.scatter(ctx, "reading the volunteers", scatterServers, []any{after, int64(peoplePage)}, func() { page = Servers{} }, func(rows scanner) error {
		var x Server
		var body []byte
		var v civic.Volunteer
		if err := rows.Scan(&page.Last, &x.Town, &x.Home, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &v); err != nil {
			return bug("a volunteer that cannot be read: %v", err)
		}
		x.ID, x.Served.Listed = v.ID, v.Minutes
		page.List = append(page.List, x)
		return nil
	})
	if err != nil || page.Last == "" {
		return page, err
	}
	merged, absorbs, err := s.merges(ctx, after, page.Last)
	if err != nil {
		return page, err
	}
	page.List = slices.DeleteFunc(page.List, func(x Server) bool { return x.Town == "" || merged[x.ID.String()] })
	if err := s.addServed(ctx, &page, after); err != nil {
		return page, err
	}
	for i := range page.List {
		if x := &page.List[i]; absorbs[x.ID.String()] {
			if x.Served, _, err = s.Services(ctx, x.ID); err != nil {
				return page, err
			}
		}
	}
	return page, s.addStars(ctx, &page, after, absorbs)
}

// merges tells of the volunteers between two who is merged into another one, and who
// has taken in another one.
func (s *Store) merges(ctx context.Context, after, last string) (merged, absorbs map[string]bool, err error) {
	note := func(all map[string]bool) func(scanner) error {
		return func(rows scanner) error {
			var volunteer string
			err := rows.Scan(&volunteer)
			all[volunteer] = true
			return err
		}
	}
	merged, absorbs = make(map[string]bool), make(map[string]bool)
	if err := s.scatter(ctx, "reading who is merged", scatterMergedThere, []any{after, last}, func() { clear(merged) }, note(merged)); err != nil {
		return nil, nil, err
	}
	err = s.scatter(ctx, "reading who took others in", scatterAbsorbsThere, []any{after, last}, func() { clear(absorbs) }, note(absorbs))
	return merged, absorbs, err
}

// addServed adds what each of a page has served here.
func (s *Store) addServed(ctx context.Context, page *Servers, after string) error {
	credit, err := s.sums(ctx, scatterCreditSums, after, page.Last)
	if err != nil {
		return err
	}
	honour, err := s.sums(ctx, scatterHonourSums, after, page.Last)
	for i := range page.List {
		x := &page.List[i]
		x.Served.Credit, x.Served.Honour = credit[x.ID.String()], honour[x.ID.String()]
	}
	return err
}

// sums reads one number for each of the volunteers between two.
func (s *Store) sums(ctx context.Context, scatterStatement, after, last string) (all map[string]int64, err error) {
	err = s.scatter(ctx, "adding up hours", scatterStatement, []any{after, last}, func() { all = make(map[string]int64) }, func(rows scanner) error {
		var volunteer string
		var minutes int64
		err := rows.Scan(&volunteer, &minutes)
		all[volunteer] = minutes
		return err
	})
	return all, err
}
