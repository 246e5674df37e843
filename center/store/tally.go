package store

import (
	"context"
	"errors"

	"yizhan/ledger"
)

const (
	scatterUntallied = `SELECT kiosk, epoch FROM chain WHERE tallied < seq ORDER BY kiosk, epoch LIMIT $1`
	selectUntallied  = `SELECT seq, kind, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4`
	moveTallied      = `UPDATE chain SET tallied = $3 WHERE kiosk = $1 AND epoch = $2 AND tallied = $4`
	scatterKioskDays = `SELECT kiosk, epoch, day, last, settled, spent, refunded, back, people, goods FROM kioskday
		WHERE day >= $1 AND day <= $2 ORDER BY day, kiosk, epoch LIMIT $3`
	scatterKioskWeeks = `SELECT kiosk, (day + 2) / 7, CAST(SUM(spent) AS BIGINT), CAST(SUM(back) AS BIGINT) FROM kioskday
		WHERE day >= $1 AND day <= $2 GROUP BY kiosk, (day + 2) / 7 LIMIT $3`
)

// TallyAll counts the entries of chains whose days are behind: the book is older than
// its days, or they were taken out. It returns how many entries it went through.
func (s *Store) TallyAll(ctx context.Context) (int, error) {
	return s.catchUp(ctx, "looking for entries to count", scatterUntallied, s.tallyRound)
}

// catchUp works on the chains that a statement finds behind, each round by round until
// a round has nothing to do. It returns what the rounds have done together; a chain
// that fails does not keep the others.
func (s *Store) catchUp(ctx context.Context, what, statement string, round func(ctx context.Context, kiosk string, epoch uint32) (int, error)) (done int, err error) {
	var heads []ledger.Head
	err = s.scatter(ctx, what, statement, []any{int64(sweepBatch)}, func() { heads = nil }, func(rows scanner) error {
		var h ledger.Head
		err := rows.Scan(&h.Kiosk, &h.Epoch)
		heads = append(heads, h)
		return err
	})
	for _, h := range heads {
		for {
			n, failed := round(ctx, h.Kiosk, h.Epoch)
			done += n
			err = errors.Join(err, failed)
			if failed != nil || n == 0 {
				break
			}
		}
	}
	return done, err
}

// tallyRound counts the next foldBatch entries of a chain. Days and cursor move
// together, so each entry counts once.
func (s *Store) tallyRound(ctx context.Context, kiosk string, epoch uint32) (n int, err error) {
	err = s.write(ctx, "counting entries", kiosk, func(t *txn) error {
		n = 0
		c, err := t.chain(epoch)
		if err != nil || c.Tallied == c.Head.Seq {
			return err
		}
		var list []ledger.Entry
		var last uint64
		err = t.each(selectUntallied, []any{int64(epoch), int64(c.Tallied), int64(foldBatch)}, func(rows scanner) error {
			var seq int64
			var kind ledger.Kind
			var raw []byte
			if err := rows.Scan(&seq, &kind, &raw); err != nil {
				return err
			}
			n, last = n+1, uint64(seq)
			if !counts(kind) {
				return nil
			}
			e, err := ledger.DecodeEntry(raw)
			if err != nil {
				return bug("entry %d: %v", seq, err)
			}
			list = append(list, e)
			return nil
		})
		if err != nil {
			return err
		}
		if err := s.tally(t, c, list); err != nil {
			return err
		}
		return t.change(moveTallied, int64(epoch), int64(last), int64(c.Tallied))
	})
	return n, err
}

// tally adds entries to the days of their chain.
func (s *Store) tally(t *txn, c Chain, list []ledger.Entry) error {
	if len(list) == 0 {
		return nil
	}
	d, err := t.days(c.Head.Epoch, s.cfg.Zone, s.today())
	if err != nil {
		return err
	}
	run := newRun(t, c) // to look up redemptions
	for _, e := range list {
		var of Redeemed
		if number := redemptionOf(e.Body); number > 0 {
			if of, err = run.redemption(number); err != nil {
				return err
			}
		}
		d.add(e, of.Redemption)
	}
	return t.saveDays(d)
}

// KioskDays returns the days between two, both included, of the kiosks that has
// names, by day; nil: all.
func (s *Store) KioskDays(ctx context.Context, from, to ledger.Day, has func(kiosk string) bool) ([]KioskDay, error) {
	return s.kioskDays(ctx, "reading days", scatterKioskDays, from, to, has)
}

// kioskDays reads rows between two days, of the kiosks that are asked for.
func (s *Store) kioskDays(ctx context.Context, what, query string, from, to ledger.Day, has func(kiosk string) bool) (list []KioskDay, err error) {
	err = s.scatter(ctx, what, query, []any{int64(from), int64(to), int64(maxKioskDays + 1)}, func() { list = nil }, func(rows scanner) error {
		var d KioskDay
		people, goods, err := d.scan(rows, &d.Kiosk, &d.Epoch)
		if err != nil || has != nil && !has(d.Kiosk) {
			return err
		}
		err = d.decode(people, goods)
		list = append(list, d)
		return err
	})
	if err == nil && len(list) > maxKioskDays {
		err = bug("more than %d days of kiosks", maxKioskDays)
	}
	return list, err
}

// KioskWeek is what was spent and given back at a kiosk in a week.
type KioskWeek struct {
	Kiosk       string
	Week        Week
	Spent, Back ledger.Points
}

// Week is the seven days from a Monday on, counted from that of 30 December 2019.
type Week int32

// WeekOf is the week of a day.
func WeekOf(d ledger.Day) Week { return Week((d + 2) / 7) }

// Monday is the week's first day.
func (w Week) Monday() ledger.Day { return ledger.Day(w)*7 - 2 }

// Sunday is the week's last day.
func (w Week) Sunday() ledger.Day { return w.Monday() + 6 }

// KioskWeeks sums up the weeks between two, both included, by kiosk.
func (s *Store) KioskWeeks(ctx context.Context, from, to Week) (list []KioskWeek, err error) {
	args := []any{int64(from.Monday()), int64(to.Sunday()), int64(maxKioskDays)}
	err = s.scatter(ctx, "adding up weeks", scatterKioskWeeks, args, func() { list = nil }, func(rows scanner) error {
		var k KioskWeek
		err := rows.Scan(&k.Kiosk, &k.Week, &k.Spent, &k.Back)
		list = append(list, k)
		return err
	})
	return list, err
}
