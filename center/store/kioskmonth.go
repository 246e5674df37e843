package store

import (
	"context"

	"yizhan/ledger"
)

const (
	scatterUnsummed = `SELECT kiosk, epoch FROM kioskday WHERE summed = 0 GROUP BY kiosk, epoch HAVING COUNT(*) > 1 ORDER BY kiosk, epoch LIMIT $1`
	selectUnsummed  = `SELECT day, last, settled, spent, refunded, back, people, goods FROM kioskday
		WHERE kiosk = $1 AND epoch = $2 AND summed = 0 ORDER BY day LIMIT $3`
	markSummed       = `UPDATE kioskday SET summed = 1 WHERE kiosk = $1 AND epoch = $2 AND day <= $3 AND summed = 0`
	selectKioskMonth = `SELECT day, last, settled, spent, refunded, back, people, goods FROM kioskmonth WHERE kiosk = $1 AND epoch = $2 AND day = $3`
	upsertKioskMonth = `INSERT INTO kioskmonth (kiosk, epoch, day, last, settled, spent, refunded, back, people, goods) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (kiosk, epoch, day) DO UPDATE SET last = excluded.last, settled = excluded.settled, spent = excluded.spent,
			refunded = excluded.refunded, back = excluded.back, people = excluded.people, goods = excluded.goods`
	// One statement, so that a day that is summed meanwhile is seen once.
	scatterKioskMonth = `SELECT kiosk, epoch, day, last, settled, spent, refunded, back, people, goods FROM kioskmonth WHERE day = $1
		UNION ALL SELECT kiosk, epoch, day, last, settled, spent, refunded, back, people, goods FROM kioskday WHERE summed = 0 AND day >= $1 AND day <= $2
		ORDER BY kiosk, epoch, day, last LIMIT $3`
	scatterMonthSums = `SELECT kiosk, CAST(SUM(settled) AS BIGINT), CAST(SUM(spent) AS BIGINT), CAST(SUM(refunded) AS BIGINT), CAST(SUM(back) AS BIGINT)
		FROM (SELECT kiosk, settled, spent, refunded, back FROM kioskmonth WHERE day = $1
			UNION ALL SELECT kiosk, settled, spent, refunded, back FROM kioskday WHERE summed = 0 AND day >= $1 AND day <= $2) m
		GROUP BY kiosk LIMIT $3`
)

// kioskMonth is what days of one chain come to in their month. It has the shape of a
// day, that of the month's first one, so that whoever adds up days adds up months.
//
// A day that another one follows is over for good, because the days of a chain follow
// one another whatever its clocks say. So each is added to its month once, some
// seconds after it is over, and marked in the same transaction. What is not marked is
// read beside the month: the figures are exact at every moment, in a book that is
// older than its months too.
type kioskMonth struct {
	KioskDay
	met map[PersonMark]bool
}

func newKioskMonth(at KioskDay) *kioskMonth {
	m := &kioskMonth{at, make(map[PersonMark]bool, len(at.People))}
	if m.Goods == nil {
		m.Goods = make(map[string]GoodDay)
	}
	for _, p := range at.People {
		m.met[p] = true
	}
	return m
}

// add counts a day, which follows those before it.
func (m *kioskMonth) add(d KioskDay) {
	m.Last = d.Last
	m.Settled, m.Spent = m.Settled+d.Settled, m.Spent+d.Spent
	m.Refunded, m.Back = m.Refunded+d.Refunded, m.Back+d.Back
	for _, p := range d.People {
		if !m.met[p] {
			m.met[p] = true
			m.People = append(m.People, p)
		}
	}
	for code, g := range d.Goods {
		m.Goods[code] = m.Goods[code].Add(g)
	}
}

// SumMonths adds days that are over to their months, and returns how many.
func (s *Store) SumMonths(ctx context.Context) (int, error) {
	return s.catchUp(ctx, "looking for days that are over", scatterUnsummed, s.sumMonth)
}

// sumMonth adds the chain's first days that are over and lack in their month, at most
// a month's.
func (s *Store) sumMonth(ctx context.Context, kiosk string, epoch uint32) (n int, err error) {
	err = s.write(ctx, "adding up a month", kiosk, func(t *txn) error {
		n = 0
		list, err := t.unsummed(epoch)
		if err != nil || len(list) < 2 {
			return err
		}
		first, last := MonthOf(list[0].Day)
		at := KioskDay{Epoch: epoch, Day: first}
		err = t.each(selectKioskMonth, []any{int64(epoch), int64(first)}, func(rows scanner) error { return scanKioskDay(rows, &at) })
		if err != nil {
			return err
		}
		month := newKioskMonth(at)
		for _, d := range list[:len(list)-1] { // the last of them goes on
			if d.Day <= last {
				month.add(d)
				n++
			}
		}
		if err := t.change(upsertKioskMonth, month.columns()...); err != nil {
			return err
		}
		marked, err := t.changed(markSummed, int64(epoch), int64(list[n-1].Day))
		if err == nil && marked != int64(n) {
			err = bug("%d of %d days were marked", marked, n)
		}
		return err
	})
	return n, err
}

// unsummed reads the first days of a chain that stand in no month.
func (t *txn) unsummed(epoch uint32) (list []KioskDay, err error) {
	err = t.each(selectUnsummed, []any{int64(epoch), int64(monthBatch)}, func(rows scanner) error {
		d := KioskDay{Epoch: epoch}
		err := scanKioskDay(rows, &d)
		list = append(list, d)
		return err
	})
	return list, err
}

// KioskMonth returns what the kiosks that has names came to in the month that begins
// on a day, by kiosk; nil: all. A chain is there once, and once more for each of its
// days that is not in its month yet.
func (s *Store) KioskMonth(ctx context.Context, first ledger.Day, has func(kiosk string) bool) ([]KioskDay, error) {
	first, last := MonthOf(first)
	return s.kioskDays(ctx, "reading months", scatterKioskMonth, first, last, has)
}
