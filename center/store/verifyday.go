package store

import (
	"context"
	"reflect"
	"time"

	"yizhan/ledger"
)

const (
	scatterUntoldOf   = `SELECT COUNT(*) FROM earning WHERE told = 0 AND town = $1 AND day >= $2 AND day <= $3`
	scatterEarnedDays = `SELECT DISTINCT town, day FROM earning WHERE (town, day) > ($1, $2) AND told = 1 ORDER BY town, day LIMIT $3`
	scatterSpans      = `SELECT scope, span, day FROM townday WHERE (scope, span, day) > ($1, $2, $3) ORDER BY scope, span, day LIMIT $4`
	selectSpan        = `SELECT earned, taken, minutes, people, lines, corrections FROM townday WHERE scope = $1 AND span = $2 AND day = $3`
	selectKioskDays   = `SELECT summed, day, last, settled, spent, refunded, back, people, goods FROM kioskday WHERE kiosk = $1 AND epoch = $2 ORDER BY day`
	selectKioskMonths = `SELECT day, last, settled, spent, refunded, back, people, goods FROM kioskmonth WHERE kiosk = $1 AND epoch = $2 ORDER BY day`
)

// recount counts the days of a chain anew, from its entries. Which day an entry fell
// on may depend on when it came, so the stored days say where they end, and it is
// held that each entry had a reason to fall there. The months are what the days that
// stand in them come to.
type recount struct {
	upTo   uint64 // the last entry that is counted
	zone   *time.Location
	there  []storedDay
	days   days
	months map[ledger.Day]*kioskMonth // by their first day
	stored []KioskDay                 // the months that are there
}

// storedDay is a day as it is there, and whether it stands in its month.
type storedDay struct {
	KioskDay
	summed bool
}

func (t *txn) recount(c Chain, zone *time.Location) (*recount, error) {
	r := &recount{upTo: c.Tallied, zone: zone, months: make(map[ledger.Day]*kioskMonth)}
	r.days.begin(KioskDay{Epoch: c.Head.Epoch})
	err := t.each(selectKioskDays, []any{int64(c.Head.Epoch)}, func(rows scanner) error {
		d := storedDay{KioskDay: KioskDay{Epoch: c.Head.Epoch}}
		err := scanKioskDay(rows, &d.KioskDay, &d.summed)
		r.there = append(r.there, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = t.each(selectKioskMonths, []any{int64(c.Head.Epoch)}, func(rows scanner) error {
		m := KioskDay{Epoch: c.Head.Epoch}
		err := scanKioskDay(rows, &m)
		r.stored = append(r.stored, m)
		return err
	})
	return r, err
}

// add counts an entry for the stored day that holds it.
func (r *recount) add(e ledger.Entry, of ledger.Redemption, find func(string, ...any)) {
	if !counts(e.Body.Kind()) || e.Seq > r.upTo {
		return
	}
	for len(r.there) > 0 && e.Seq > r.there[0].Last {
		r.close(find)
	}
	if len(r.there) == 0 {
		find("entry %d stands in no day", e.Seq)
		r.upTo = 0 // once is enough
		return
	}
	day := r.there[0].Day
	if said := ledger.DayOf(time.UnixMilli(e.WallMS).In(r.zone)); said < day && r.days.at.Last == 0 && r.days.known {
		find("entry %d is of day %v and begins day %v", e.Seq, said, day)
	}
	r.days.at.Day, r.days.at.Last = day, e.Seq
	r.days.count(e.Body, of)
}

// close holds the stored day against the one that was counted.
func (r *recount) close(find func(string, ...any)) {
	want, got := r.there[0].KioskDay, r.days.at
	got.Day = want.Day
	if !got.same(want) {
		find("day %v says %+v, its entries %+v", want.Day, want, got)
	}
	if r.there[0].summed {
		r.sum(got)
	}
	r.there = r.there[1:]
	r.days.known = true
	r.days.begin(KioskDay{Epoch: got.Epoch})
}

// sum adds a day that was counted to its month.
func (r *recount) sum(d KioskDay) {
	first, _ := MonthOf(d.Day)
	if r.months[first] == nil {
		r.months[first] = newKioskMonth(KioskDay{Epoch: d.Epoch, Day: first})
	}
	r.months[first].add(d)
}

// end holds what is left, and the months. The last day may still grow, so it stands in
// none.
func (r *recount) end(find func(string, ...any)) {
	for len(r.there) > 0 {
		if len(r.there) == 1 && r.there[0].summed {
			find("day %v stands in its month and is not over", r.there[0].Day)
		}
		r.close(find)
	}
	for _, there := range r.stored {
		want := r.months[there.Day]
		delete(r.months, there.Day)
		if want == nil || !want.same(there) {
			find("the month from %v on says %+v, its days another sum", there.Day, there)
		}
	}
	for first := range r.months {
		find("the month from %v on is missing", first)
	}
}

// same compares figures, in the order in which they are stored.
func (d KioskDay) same(o KioskDay) bool { return reflect.DeepEqual(d.columns(), o.columns()) }

// verifyTowns holds the stretches of towns against the earnings.
func (s *Store) verifyTowns(ctx context.Context, report *Report) error {
	var town string
	var span Span
	day := ledger.Day(-1)
	for n := sweepBatch; n == sweepBatch; {
		type row struct {
			town string
			span Span
			day  ledger.Day
		}
		var list []row
		args := []any{town, string(span), int64(day), int64(sweepBatch)}
		err := s.scatter(ctx, "reading days of towns", scatterSpans, args, func() { list = nil }, func(rows scanner) error {
			var r row
			err := rows.Scan(&r.town, &r.span, &r.day)
			list = append(list, r)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := s.verifyTown(ctx, r.town, r.span, r.day, report); err != nil {
				return err
			}
		}
		if n = len(list); n > 0 {
			town, span, day = list[n-1].town, list[n-1].span, list[n-1].day
		}
	}
	return s.verifyTold(ctx, report)
}

// verifyTown leaves a stretch alone that is not told everything yet, and looks again
// when somebody may have booked meanwhile.
func (s *Store) verifyTown(ctx context.Context, town string, span Span, day ledger.Day, report *Report) error {
	first, last := span.around(day)
	var there, sum TownDay
	for range 3 {
		found := false
		err := s.read(ctx, "reading a town's day", town, func(t *txn) (err error) {
			there = TownDay{Town: town, Day: day}
			found, err = t.one(selectSpan, []any{string(span), int64(day)}, &there.Earned, &there.Taken, &there.Minutes, &there.People, &there.Lines, &there.Corrections)
			return err
		})
		if err != nil || !found {
			return err
		}
		if sum, err = s.earned(ctx, town, first, last); err != nil || sum == there {
			return err
		}
		var waiting int64
		err = s.scatter(ctx, "looking for what is not told", scatterUntoldOf, []any{town, int64(first), int64(last)}, func() {}, func(rows scanner) error { return rows.Scan(&waiting) })
		if err != nil || waiting > 0 {
			return err
		}
	}
	report.find("town "+town, "%s from %v on says %+v, its earnings %+v", span, day, there, sum)
	return nil
}

// verifyTold holds that every day that was told is there.
func (s *Store) verifyTold(ctx context.Context, report *Report) error {
	at := TownDay{Day: -1}
	for n := sweepBatch; n == sweepBatch; {
		var list []TownDay
		err := s.scatter(ctx, "reading days of earnings", scatterEarnedDays, []any{at.Town, int64(at.Day), int64(sweepBatch)}, func() { list = nil }, func(rows scanner) error {
			var d TownDay
			err := rows.Scan(&d.Town, &d.Day)
			list = append(list, d)
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.Town == "" {
				continue
			}
			found := false
			err := s.read(ctx, "reading a town's day", d.Town, func(t *txn) (err error) {
				var revision int64
				found, err = t.one(selectTownDay, []any{string(SpanDay), int64(d.Day)}, &revision)
				return err
			})
			if err != nil {
				return err
			}
			if !found {
				report.find("town "+d.Town, "what was earned on day %v stands in none of its days", d.Day)
			}
		}
		if n = len(list); n > 0 {
			at = list[n-1]
		}
	}
	return nil
}
