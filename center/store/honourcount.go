package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Hours that were entered afterwards count beside those that were credited: no minute is
// both, and a day has no more than the rules allow. Whoever enters hours is refused what
// was credited already; what is credited later, or comes together when two records become
// one, takes the minutes away from what was entered, and gives them back when it is
// corrected.
const (
	selectDayHonours = `SELECT id, day, first_minute, last_minute, what, who, second, made_ms, CASE WHEN counted < 0 THEN 0 ELSE last_minute - first_minute - counted END, counted, most FROM honour WHERE volunteer = $1 AND day = $2 AND heir = '' ORDER BY made_ms, id`
	updateCounted    = `UPDATE honour SET counted = $3 WHERE volunteer = $1 AND id = $2`
	selectUncounted  = `SELECT DISTINCT day FROM honour WHERE volunteer = $1 AND counted < 0`
	scatterUncounted = `SELECT DISTINCT volunteer FROM honour WHERE counted < 0 LIMIT $1`
	selectOrigins    = `SELECT id, origin FROM honour WHERE volunteer = $1 AND origin <> ''`
	selectLentTo     = `SELECT heir FROM honour WHERE volunteer = $1 AND id = $2`
	selectHonourDays = `SELECT DISTINCT day FROM honour WHERE volunteer = $1 ORDER BY day`
)

// span is when it was.
func (h Honour) span(zone *time.Location) civic.Span {
	day := h.Day.Time()
	at := func(minute int64) int64 {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, int(minute), 0, 0, zone).Unix()
	}
	return civic.Span{From: at(h.First), To: at(h.Last)}
}

// dayHonour is hours of a day, and the most that the rules allowed on it when they were
// entered.
type dayHonour struct {
	Honour
	counted int64 // minutes; below 0: nobody has counted yet
	most    int64
}

// honoursOn reads the hours of a day, in the order in which they were entered.
func (t *txn) honoursOn(day ledger.Day) (list []dayHonour, err error) {
	err = t.each(selectDayHonours, []any{int64(day)}, func(rows scanner) error {
		var h dayHonour
		err := rows.Scan(append(h.columns(), &h.counted, &h.most)...)
		if h.most == 0 { // of before that was noted
			h.most = civic.Policy{}.WithDefaults().DayMost
		}
		list = append(list, h)
		return err
	})
	return list, err
}

// creditedOn is what is credited of a day.
func (t *txn) creditedOn(day ledger.Day) (list []civic.Served, err error) {
	all, err := t.attendanceDays(day, day)
	for _, a := range all {
		if a.State == civic.AttendConfirmed && !a.Guest && a.Credit > 0 {
			list = append(list, civic.Served{Span: a.Counted, Minutes: a.Credit})
		}
	}
	return list, err
}

// recountHonours works out anew what counts of the hours that were entered for a day,
// and returns how many minutes less that is than before.
func (t *txn) recountHonours(day ledger.Day, zone *time.Location) (less int64, err error) {
	list, err := t.honoursOn(day)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	taken, err := t.creditedOn(day)
	if err != nil {
		return 0, err
	}
	for i, n := range countHonours(list, taken, zone) {
		h := list[i]
		less += h.Counted() - n
		if h.counted == n {
			continue
		}
		if err := t.change(updateCounted, h.ID, n); err != nil {
			return 0, err
		}
	}
	return less, nil
}

// countHonours is what counts of each of a day's hours.
func countHonours(list []dayHonour, taken []civic.Served, zone *time.Location) (minutes []int64) {
	taken = slices.Clone(taken)
	for _, h := range list {
		n := civic.Afterwards(h.span(zone), h.most, taken)
		minutes = append(minutes, n)
		taken = append(taken, civic.Served{Span: h.span(zone), Minutes: n})
	}
	return minutes
}

// sweepHonours counts hours of before there was any counting.
func (s *Store) sweepHonours(ctx context.Context) (int, error) {
	return s.eachAttending(ctx, "counting hours that were entered afterwards", scatterUncounted, []any{int64(sweepBatch)}, func(t *txn) error {
		var days []ledger.Day
		err := t.each(selectUncounted, nil, func(rows scanner) error {
			var day int64
			err := rows.Scan(&day)
			days = append(days, ledger.Day(day))
			return err
		})
		for _, day := range days {
			if _, err := t.recountHonours(day, s.cfg.Zone); err != nil {
				return err
			}
		}
		return err
	})
}

// verifyHonours holds that no minute is both credited and entered, none is entered twice,
// and that no day has more than the rules allow.
func (s *Store) verifyHonours(ctx context.Context, report *Report) error {
	for after := ""; ; {
		var ids []string // also what is no id of anybody, which the acts tell of: see verifyTold
		err := s.scatter(ctx, "reading for whom hours were entered", scatterHonoured, []any{after, int64(sweepBatch)}, func() { ids = nil }, func(rows scanner) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		for _, id := range ids {
			if err := s.verifyHonoursOf(ctx, id, report); err != nil {
				return err
			}
		}
	}
}

func (s *Store) verifyHonoursOf(ctx context.Context, id string, report *Report) error {
	var wrong []string
	err := s.read(ctx, "reading hours that were entered", id, func(t *txn) error {
		wrong = nil
		var days []ledger.Day
		err := t.each(selectHonourDays, nil, func(rows scanner) error {
			var day int64
			err := rows.Scan(&day)
			days = append(days, ledger.Day(day))
			return err
		})
		for _, day := range days {
			list, err1 := t.honoursOn(day)
			taken, err2 := t.creditedOn(day)
			if err1 != nil || err2 != nil {
				return errors.Join(err1, err2)
			}
			for i, n := range countHonours(list, taken, s.cfg.Zone) {
				if h := list[i]; h.counted >= 0 && h.counted != n {
					wrong = append(wrong, fmt.Sprintf("%d minutes count of what was entered for %v, the rules make %d of it", h.counted, day, n))
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, what := range wrong {
		report.find("volunteer "+id, "%s", what)
	}
	return s.verifyLent(ctx, id, report)
}

// verifyLent holds that hours that came with a record are that record's, whose acts tell of
// them.
func (s *Store) verifyLent(ctx context.Context, id string, report *Report) error {
	origins := make(map[string]string)
	err := s.read(ctx, "reading hours that came with a record", id, func(t *txn) error {
		clear(origins)
		return t.each(selectOrigins, nil, func(rows scanner) error {
			var honour, origin string
			err := rows.Scan(&honour, &origin)
			origins[honour] = origin
			return err
		})
	})
	for honour, origin := range origins {
		heir, found := "", false
		if err == nil {
			err = s.read(ctx, "reading where hours came from", origin, func(t *txn) (err error) {
				found, err = t.one(selectLentTo, []any{honour}, &heir)
				return err
			})
		}
		if err == nil && (!found || heir != "" && heir != id) {
			report.find("volunteer "+id, "hours %s came with %s, which has none to lend", honour, origin)
		}
	}
	return err
}
