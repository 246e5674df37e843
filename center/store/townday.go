package store

import (
	"context"
	"encoding/json"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	scatterUntold = `SELECT volunteer, id, town, day, points FROM earning WHERE told = 0 ORDER BY town, day LIMIT $1`
	markTold      = `UPDATE earning SET told = 1 WHERE volunteer = $1 AND id = $2 AND points = $3`
	selectUndated = `SELECT id, body FROM earning WHERE volunteer = $1 AND town = '' AND told = 0`
	dateEarning   = `UPDATE earning SET town = $3, day = $4, minutes = $5, told = $6 WHERE volunteer = $1 AND id = $2`
	scatterEarned = `SELECT CAST(COALESCE(SUM(CASE WHEN points > 0 THEN points ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN points < 0 THEN -points ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN points < 0 THEN -minutes ELSE minutes END), 0) AS BIGINT),
			COUNT(DISTINCT CASE WHEN points >= 0 THEN volunteer END), COUNT(*),
			CAST(COALESCE(SUM(CASE WHEN points < 0 THEN 1 ELSE 0 END), 0) AS BIGINT)
		FROM earning WHERE town = $1 AND day >= $2 AND day <= $3`
	selectTownDay = `SELECT revision FROM townday WHERE scope = $1 AND span = $2 AND day = $3`
	upsertTownDay = `INSERT INTO townday (scope, span, day, earned, taken, minutes, people, lines, corrections, registered, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1)
		ON CONFLICT (scope, span, day) DO UPDATE SET earned = excluded.earned, taken = excluded.taken, minutes = excluded.minutes, people = excluded.people,
			lines = excluded.lines, corrections = excluded.corrections, revision = townday.revision + 1 WHERE townday.revision = $10`
	upsertRegistered = `INSERT INTO townday (scope, span, day, earned, taken, minutes, people, lines, corrections, registered, revision)
		VALUES ($1, 'day', $2, 0, 0, 0, 0, 0, 0, $3, 0)
		ON CONFLICT (scope, span, day) DO UPDATE SET registered = excluded.registered WHERE townday.registered <> excluded.registered`
	scatterHeads    = `SELECT town, COUNT(*) FROM finder WHERE town <> '' GROUP BY town LIMIT $1`
	scatterTownDays = `SELECT scope, day, earned, taken, minutes, people, lines, corrections, registered FROM townday
		WHERE span = $1 AND day >= $2 AND day <= $3 ORDER BY day, scope LIMIT $4`
	scatterRegistered = `SELECT scope, MAX(day) FROM townday WHERE span = 'day' AND registered > 0 AND day <= $1 GROUP BY scope LIMIT $2`
	selectRegistered  = `SELECT registered FROM townday WHERE scope = $1 AND span = 'day' AND day = $2`
)

// Span is how long the stretch is that a TownDay sums up.
type Span string

// Spans. People of several days count once in a week or a month, so those are kept
// too.
const (
	SpanDay   Span = "day"
	SpanWeek  Span = "week"
	SpanMonth Span = "month"
)

// around is the stretch that holds a day: its first and its last day.
func (p Span) around(d ledger.Day) (first, last ledger.Day) {
	switch p {
	case SpanWeek:
		w := WeekOf(d)
		return w.Monday(), w.Sunday()
	case SpanMonth:
		return MonthOf(d)
	}
	return d, d
}

// MonthOf is the first and the last day of a day's month.
func MonthOf(d ledger.Day) (first, last ledger.Day) {
	t := d.Time()
	first = d - ledger.Day(t.Day()-1)
	return first, ledger.DayOf(first.Time().AddDate(0, 1, -1))
}

// TownDay is what the people of a town earned on a day, in a week or in a month, by
// the day of what they did, kept so that a figure reads no earning. An earning counts
// for the town in which its volunteer was registered when it was booked.
//
// An earning that was booked is told to its town soon after: the stretches that it
// falls into are added up anew from all earnings in them, so that twice is once.
type TownDay struct {
	Town        string
	Day         ledger.Day // the first of the stretch
	Earned      ledger.Points
	Taken       ledger.Points // by corrections
	Minutes     int64
	People      int64
	Lines       int64 // earnings, corrections included
	Corrections int64
	Registered  int64 // people at the end of that day; only a day has it, and only one on which it changed or was counted
}

// untold is an earning that its town's days do not know.
type untold struct {
	volunteer, id, town string
	day                 ledger.Day
	points              ledger.Points // a correction grows while points come back
}

// TellTowns adds up the days of towns whose people have earned something since, and
// returns how many earnings were told.
func (s *Store) TellTowns(ctx context.Context) (int, error) {
	var list []untold
	err := s.scatter(ctx, "looking for earnings to tell", scatterUntold, []any{int64(tellBatch)}, func() { list = nil }, func(rows scanner) error {
		var u untold
		err := rows.Scan(&u.volunteer, &u.id, &u.town, &u.day, &u.points)
		list = append(list, u)
		return err
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	type stretch struct {
		town  string
		span  Span
		first ledger.Day
	}
	done := make(map[stretch]bool)
	var told []untold
	for _, u := range list {
		if u.town == "" { // booked by an older program
			if err := s.dateEarnings(ctx, u.volunteer); err != nil {
				return 0, err
			}
			continue
		}
		for _, span := range []Span{SpanDay, SpanWeek, SpanMonth} {
			first, last := span.around(u.day)
			at := stretch{u.town, span, first}
			if done[at] {
				continue
			}
			done[at] = true
			if err := s.addUpTown(ctx, u.town, span, first, last); err != nil {
				return 0, err
			}
		}
		told = append(told, u)
	}
	if err := s.markTold(ctx, told); err != nil {
		return 0, err
	}
	return len(list), nil
}

// markTold marks earnings that were there before their stretches were added up.
func (s *Store) markTold(ctx context.Context, told []untold) error {
	byVolunteer := make(map[string][]untold)
	var volunteers []string
	for _, u := range told {
		if byVolunteer[u.volunteer] == nil {
			volunteers = append(volunteers, u.volunteer)
		}
		byVolunteer[u.volunteer] = append(byVolunteer[u.volunteer], u)
	}
	return s.writeEach(ctx, "marking what was told", volunteers, func(t *txn, i int) error {
		for _, u := range byVolunteer[volunteers[i]] {
			if err := t.exec(markTold, u.id, int64(u.points)); err != nil {
				return err
			}
		}
		return nil
	})
}

// dateEarnings fills in what an older program did not write. What belongs to nobody
// counts for no town.
func (s *Store) dateEarnings(ctx context.Context, volunteer string) error {
	return s.write(ctx, "dating earnings", volunteer, func(t *txn) error {
		person, found, err := t.person()
		if err != nil {
			return err
		}
		bodies := make(map[string][]byte)
		err = t.each(selectUndated, nil, func(rows scanner) error {
			var id string
			var body []byte
			err := rows.Scan(&id, &body)
			bodies[id] = body
			return err
		})
		for id, body := range bodies {
			if err != nil {
				break
			}
			var e civic.Earning
			if err := json.Unmarshal(body, &e); err != nil {
				return bug("an earning that cannot be read: %v", err)
			}
			told := int64(0)
			if !found {
				told = 1
			}
			err = t.change(dateEarning, id, person.Town, int64(e.On), e.Minutes, told)
		}
		return err
	})
}

// addUpTown sums up a stretch of a town. Whoever else does that at the same time
// makes it begin again, so a sum never replaces a later one.
func (s *Store) addUpTown(ctx context.Context, town string, span Span, first, last ledger.Day) error {
	for range maxAttempts {
		var revision int64
		err := s.read(ctx, "reading a town's day", town, func(t *txn) error {
			revision = 0
			_, err := t.one(selectTownDay, []any{string(span), int64(first)}, &revision)
			return err
		})
		if err != nil {
			return err
		}
		sum, err := s.earned(ctx, town, first, last)
		if err != nil {
			return err
		}
		var written bool
		err = s.write(ctx, "writing a town's day", town, func(t *txn) error {
			n, err := t.changed(upsertTownDay, string(span), int64(first), int64(sum.Earned), int64(sum.Taken), sum.Minutes, sum.People, sum.Lines, sum.Corrections, revision)
			written = n == 1
			return err
		})
		if err != nil || written {
			return err
		}
	}
	return ErrBusy
}

// earned sums up the earnings of a town between two days.
func (s *Store) earned(ctx context.Context, town string, first, last ledger.Day) (sum TownDay, err error) {
	err = s.scatter(ctx, "adding up earnings", scatterEarned, []any{town, int64(first), int64(last)}, func() {}, func(rows scanner) error {
		sum = TownDay{Town: town, Day: first}
		return rows.Scan(&sum.Earned, &sum.Taken, &sum.Minutes, &sum.People, &sum.Lines, &sum.Corrections)
	})
	return sum, err
}

// CountHeads writes down how many people are registered in each town today.
func (s *Store) CountHeads(ctx context.Context) error {
	var towns []string
	var heads []int64
	err := s.scatter(ctx, "counting people", scatterHeads, []any{int64(maxTowns)}, func() { towns, heads = nil, nil }, func(rows scanner) error {
		var town string
		var n int64
		err := rows.Scan(&town, &n)
		towns, heads = append(towns, town), append(heads, n)
		return err
	})
	if err != nil {
		return err
	}
	today := int64(s.today())
	return s.writeEach(ctx, "noting how many people there are", towns, func(t *txn, i int) error {
		return t.exec(upsertRegistered, today, heads[i])
	})
}

// TownDays returns the stretches that begin between two days, both included, of the
// towns that has names, by day; nil: all.
func (s *Store) TownDays(ctx context.Context, span Span, from, to ledger.Day, has func(town string) bool) (list []TownDay, err error) {
	args := []any{string(span), int64(from), int64(to), int64(maxTownDays)}
	err = s.scatter(ctx, "reading days of towns", scatterTownDays, args, func() { list = nil }, func(rows scanner) error {
		var d TownDay
		err := rows.Scan(&d.Town, &d.Day, &d.Earned, &d.Taken, &d.Minutes, &d.People, &d.Lines, &d.Corrections, &d.Registered)
		if has == nil || has(d.Town) {
			list = append(list, d)
		}
		return err
	})
	return list, err
}

// RegisteredOn is how many people each town had at the end of a day, and on which day
// that was counted.
func (s *Store) RegisteredOn(ctx context.Context, day ledger.Day) (map[string]TownDay, error) {
	var list []TownDay
	err := s.scatter(ctx, "looking for counts of people", scatterRegistered, []any{int64(day), int64(maxTowns)}, func() { list = nil }, func(rows scanner) error {
		var d TownDay
		err := rows.Scan(&d.Town, &d.Day)
		list = append(list, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	towns := make([]string, len(list))
	for i, d := range list {
		towns[i] = d.Town
	}
	err = s.readEach(ctx, "reading counts of people", towns, func(t *txn, i int) error {
		_, err := t.one(selectRegistered, []any{int64(list[i].Day)}, &list[i].Registered)
		return err
	})
	all := make(map[string]TownDay, len(list))
	for _, d := range list {
		all[d.Town] = d
	}
	return all, err
}
