package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectPrices  = `SELECT day, points, done, who, made_ms FROM price WHERE scope = $1 AND good = $2 ORDER BY day DESC LIMIT $3`
	selectPrice   = `SELECT points, done, who FROM price WHERE scope = $1 AND good = $2 AND day = $3`
	countPrices   = `SELECT COUNT(*) FROM price WHERE scope = $1 AND good = $2 AND done = 0`
	upsertPrice   = `INSERT INTO price (scope, good, day, points, done, who, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (scope, good, day) DO UPDATE SET points = excluded.points, done = excluded.done, who = excluded.who, made_ms = excluded.made_ms`
	setPriceDone  = `UPDATE price SET done = 1 WHERE scope = $1 AND good = $2 AND day = $3 AND done = 0`
	deletePrice   = `DELETE FROM price WHERE scope = $1 AND good = $2 AND day = $3 AND done = 0`
	scatterPrices = `SELECT scope, good, day FROM price WHERE done = 0 AND day <= $1 ORDER BY day, scope, good LIMIT $2`
)

// Price is what one piece of a good costs in a scope from a day on. One that is
// coming is put in force by the center when the day has come, see SetPrices; a kiosk
// has it with the good's document, so no kiosk's clock decides what something costs.
type Price struct {
	Day    ledger.Day
	Points ledger.Points
	Done   bool // it was put in force
	Who    string
	Made   time.Time
}

// Prices returns the prices of a good in a scope, the last day first: those that are
// coming, the one of today, and those before.
func (s *Store) Prices(ctx context.Context, scope, code string) (list []Price, err error) {
	err = s.read(ctx, "reading prices", scope, func(t *txn) error {
		list = nil
		return t.each(selectPrices, []any{code, int64(maxPrices)}, func(rows scanner) error {
			var day, points, done, made int64
			var p Price
			err := rows.Scan(&day, &points, &done, &p.Who, &made)
			p.Day, p.Points, p.Done, p.Made = ledger.Day(day), ledger.Points(points), done == 1, time.UnixMilli(made)
			list = append(list, p)
			return err
		})
	})
	return list, err
}

// planned is what an act says of a price that is coming.
type planned struct {
	Code  string        `json:"code"`
	Name  string        `json:"name"`
	Day   ledger.Day    `json:"day"`
	Price ledger.Points `json:"price"`
}

// PlanPrice lets a price come into force on a later day. Another one of that day
// makes way for it. A day that is not later, or a good that is not offered there,
// answers ErrState.
func (s *Store) PlanPrice(ctx context.Context, scope, code string, day ledger.Day, points ledger.Points) error {
	if points < 1 || day < 1 || day > ledger.MaxDay {
		return fmt.Errorf("%w: %d points from %v", ErrInput, points, day)
	}
	return s.write(ctx, "planning a price", scope, func(t *txn) error {
		g, err := t.good(code)
		if err != nil {
			return err
		}
		if day <= s.today() || g.Withdrawn {
			return fmt.Errorf("%w: a price of %s from %v", ErrState, code, day)
		}
		if err := checkGood(withPrice(g, points), nil); err != nil {
			return err
		}
		var was, done, n int64
		var who string
		found, err := t.one(selectPrice, []any{code, int64(day)}, &was, &done, &who)
		if err != nil || found && was == int64(points) {
			return err
		}
		if _, err := t.one(countPrices, []any{code}, &n); err != nil {
			return err
		}
		if n >= maxComing && !found {
			return fmt.Errorf("%w: %d prices of %s are coming", ErrState, n, code)
		}
		var before any
		if found {
			before = planned{code, g.Name, day, ledger.Points(was)}
		}
		if err := t.act(s.now(), t.actor(), "price.planned", before, planned{code, g.Name, day, points}); err != nil {
			return err
		}
		return t.change(upsertPrice, code, int64(day), int64(points), int64(0), t.actor(), s.now())
	})
}

// DropPrice takes a price that is coming back. One that is none does nothing.
func (s *Store) DropPrice(ctx context.Context, scope, code string, day ledger.Day) error {
	return s.write(ctx, "dropping a price", scope, func(t *txn) error {
		var points, done int64
		var who string
		found, err := t.one(selectPrice, []any{code, int64(day)}, &points, &done, &who)
		if err != nil || !found {
			return err
		}
		if done == 1 {
			return fmt.Errorf("%w: the price of %s from %v is in force", ErrState, code, day)
		}
		name := ""
		if g, err := t.good(code); err == nil {
			name = g.Name
		}
		if err := t.act(s.now(), t.actor(), "price.dropped", planned{code, name, day, ledger.Points(points)}, nil); err != nil {
			return err
		}
		return t.change(deletePrice, code, int64(day))
	})
}

// SetPrices puts the prices in force whose day has come, the earliest first. It may
// run in several processes at once.
func (s *Store) SetPrices(ctx context.Context) error {
	type due struct {
		scope, code string
		day         int64
	}
	var list []due
	err := s.scatter(ctx, "looking for prices", scatterPrices, []any{int64(s.today()), int64(sweepBatch)}, func() { list = nil }, func(rows scanner) error {
		var d due
		err := rows.Scan(&d.scope, &d.code, &d.day)
		list = append(list, d)
		return err
	})
	for _, d := range list {
		if err == nil {
			err = s.write(ctx, "putting a price in force", d.scope, func(t *txn) error { return t.setPrice(s.now(), d.code, d.day) })
		}
	}
	return err
}

// setPrice writes the price into the good. Whoever planned it did it.
func (t *txn) setPrice(now int64, code string, day int64) error {
	var points, done int64
	var who string
	found, err := t.one(selectPrice, []any{code, day}, &points, &done, &who)
	if err != nil || !found || done == 1 {
		return err
	}
	g, err := t.good(code)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return err
	}
	if err := t.change(setPriceDone, code, day); err != nil {
		return err
	}
	if g.Code == "" || g.Price == ledger.Points(points) { // it was taken out meanwhile, or costs that already
		return nil
	}
	priced := withPrice(g, ledger.Points(points))
	if err := t.act(now, who, "good.priced", g, priced); err != nil {
		return err
	}
	return t.putDocument(civic.Document{Good: &priced})
}

func withPrice(g civic.Good, points ledger.Points) civic.Good {
	g.Price = points
	return g
}

// good reads a good of the scope, or answers ErrUnknown.
func (t *txn) good(code string) (g civic.Good, err error) {
	stored, found, err := t.storedDocument(KindGood, code)
	if err != nil {
		return g, err
	}
	var d civic.Document
	if found {
		if d, err = stored.document(); err != nil {
			return g, err
		}
	}
	if d.Good == nil {
		return g, fmt.Errorf("%w: good %q of %v", ErrUnknown, code, t.shard)
	}
	return *d.Good, nil
}

// notePrice keeps what a good costs from today on, when that changes.
func (t *txn) notePrice(now int64, today ledger.Day, before *civic.Good, g civic.Good) error {
	if before != nil && before.Price == g.Price {
		return nil
	}
	return t.change(upsertPrice, g.Code, int64(today), int64(g.Price), int64(1), t.actor(), now)
}
