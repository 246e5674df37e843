package store

import (
	"context"
	"fmt"
	"time"

	"yizhan/ledger"
)

const (
	selectResidents = `SELECT year, count, source, who, made_ms FROM residents WHERE scope = $1 ORDER BY year DESC LIMIT $2`
	upsertResidents = `INSERT INTO residents (scope, year, count, source, who, made_ms) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (scope, year) DO UPDATE SET count = excluded.count, source = excluded.source, who = excluded.who, made_ms = excluded.made_ms`
	scatterResidents = `SELECT scope, year, count, source, who, made_ms FROM residents ORDER BY scope, year LIMIT $1`
	scatterTownSums  = `SELECT scope, CAST(SUM(earned - taken) AS BIGINT), CAST(SUM(minutes) AS BIGINT), CAST(SUM(people) AS BIGINT) FROM townday
		WHERE span = 'day' AND day >= $1 AND day <= $2 GROUP BY scope LIMIT $3`
)

// Residents is how many people live in a place, as an office says.
type Residents struct {
	Year   int64
	Count  int64
	Source string // 统计年鉴
	Who    string // entered it
	Made   time.Time
}

// same tells whether two say the same, whoever entered them.
func (r Residents) same(o Residents) bool {
	return r.Year == o.Year && r.Count == o.Count && r.Source == o.Source
}

// PutResidents enters how many people live in a place, over what the officer saw of
// that year (nothing: zero). It answers ErrChanged when somebody else has entered
// another number meanwhile, and leaves an act.
func (s *Store) PutResidents(ctx context.Context, scope string, r, seen Residents) error {
	if r.Year < 1949 || r.Year > int64(s.cfg.Now().In(s.cfg.Zone).Year()) || r.Count < 1 || r.Count > MaxResidents || r.Source == "" || !line(r.Source, MaxNameRunes) || r.Who == "" {
		return fmt.Errorf("%w: %d residents in %d", ErrInput, r.Count, r.Year)
	}
	return s.write(ctx, "entering residents", scope, func(t *txn) error {
		all, err := t.residents()
		if err != nil {
			return err
		}
		var old Residents
		for _, known := range all {
			if known.Year == r.Year {
				old = known
			}
		}
		switch {
		case old.same(r):
			return nil
		case old.Year != 0 && !old.same(seen):
			return fmt.Errorf("%w: %s has entered %d", ErrChanged, old.Who, old.Count)
		}
		said := func(r Residents) any {
			if r.Year == 0 {
				return nil
			}
			return map[string]any{"year": r.Year, "residents": r.Count, "source": r.Source}
		}
		if err := t.act(s.now(), r.Who, "residents.entered", said(old), said(r)); err != nil {
			return err
		}
		return t.change(upsertResidents, r.Year, r.Count, r.Source, r.Who, s.now())
	})
}

func (t *txn) residents() (list []Residents, err error) {
	err = t.each(selectResidents, []any{int64(maxYears)}, func(rows scanner) error {
		var r Residents
		err := rows.Scan(&r.Year, &r.Count, &r.Source, &r.Who, (*millis)(&r.Made))
		list = append(list, r)
		return err
	})
	return list, err
}

// ResidentsOf returns what was entered for a place, the latest year first.
func (s *Store) ResidentsOf(ctx context.Context, scope string) (list []Residents, err error) {
	err = s.read(ctx, "reading residents", scope, func(t *txn) error {
		list, err = t.residents()
		return err
	})
	return list, err
}

// AllResidents is the latest number of each place.
func (s *Store) AllResidents(ctx context.Context) (all map[string]Residents, err error) {
	err = s.scatter(ctx, "reading residents", scatterResidents, []any{int64(maxTowns * maxYears)}, func() { all = make(map[string]Residents) }, func(rows scanner) error {
		var scope string
		var r Residents
		err := rows.Scan(&scope, &r.Year, &r.Count, &r.Source, &r.Who, (*millis)(&r.Made))
		all[scope] = r // by year
		return err
	})
	return all, err
}

// TownSum is what the days of a town between two come to. ManDays counts each person
// once a day.
type TownSum struct {
	Earned  ledger.Points
	Minutes int64
	ManDays int64
}

// TownSums sums up the days between two, both included, by town.
func (s *Store) TownSums(ctx context.Context, from, to ledger.Day) (all map[string]TownSum, err error) {
	err = s.scatter(ctx, "adding up days of towns", scatterTownSums, []any{int64(from), int64(to), int64(maxTowns)}, func() { all = make(map[string]TownSum) }, func(rows scanner) error {
		var town string
		var sum TownSum
		err := rows.Scan(&town, &sum.Earned, &sum.Minutes, &sum.ManDays)
		all[town] = sum
		return err
	})
	return all, err
}
