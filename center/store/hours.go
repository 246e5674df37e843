package store

import (
	"context"
	"fmt"

	"yizhan/ledger"
)

const (
	scatterAttendancesOn = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE day <= $1 AND (day, volunteer, shift) > ($2, $3, $4) ORDER BY day, volunteer, shift LIMIT $5`
	scatterHonoursOn = `SELECT volunteer, id, day, first_minute, last_minute, what, who, second, made_ms, CASE WHEN counted < 0 THEN 0 ELSE last_minute - first_minute - counted END FROM honour
		WHERE day <= $1 AND heir = '' AND (day, volunteer, id) > ($2, $3, $4) ORDER BY day, volunteer, id LIMIT $5`
	scatterPendingCounts = `SELECT scope, COUNT(*), CAST(COALESCE(SUM(CASE WHEN in_ms > 0 AND out_ms = 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
			MIN(CASE WHEN in_ms > 0 AND out_ms = 0 THEN day ELSE 1000000 END)
		FROM attendance WHERE state = 'pending' GROUP BY scope LIMIT $1`
	scatterGuestCounts     = `SELECT scope, COUNT(*), 0, 0 FROM attendance WHERE guest = 1 AND state <> 'moved' GROUP BY scope LIMIT $1`
	scatterObjectionCounts = `SELECT scope, COUNT(*), 0, 0 FROM objection WHERE state = 'waiting' GROUP BY scope LIMIT $1`
	scatterSignCounts      = `SELECT scope, COUNT(*), 0, 0 FROM sign WHERE state = 'open' GROUP BY scope LIMIT $1`
)

// HoursWaiting is how much waits for somebody at the activities of one place.
type HoursWaiting struct {
	Pending    int64      // attendances
	Forgotten  int64      // of them, without a check-out
	Oldest     ledger.Day // of those that are Forgotten; meaningless when there are none
	Guests     int64      // attendances of people without a name
	Objections int64
	Signs      int64
}

// HoursWaiting counts what waits, by place.
func (s *Store) HoursWaiting(ctx context.Context) (map[string]HoursWaiting, error) {
	all := make(map[string]HoursWaiting)
	for statement, add := range map[string]func(w *HoursWaiting, n, forgot int64, oldest ledger.Day){
		scatterPendingCounts: func(w *HoursWaiting, n, forgot int64, oldest ledger.Day) {
			w.Pending, w.Forgotten, w.Oldest = n, forgot, oldest
		},
		scatterGuestCounts:     func(w *HoursWaiting, n, _ int64, _ ledger.Day) { w.Guests = n },
		scatterObjectionCounts: func(w *HoursWaiting, n, _ int64, _ ledger.Day) { w.Objections = n },
		scatterSignCounts:      func(w *HoursWaiting, n, _ int64, _ ledger.Day) { w.Signs = n },
	} {
		err := s.scatter(ctx, "counting what waits", statement, []any{int64(maxTowns)}, func() {}, func(rows scanner) error {
			var place string
			var n, forgot int64
			var oldest ledger.Day
			err := rows.Scan(&place, &n, &forgot, &oldest)
			w := all[place]
			add(&w, n, forgot, oldest)
			all[place] = w
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// onAfter are the arguments of a list by day, volunteer and another id, behind a mark;
// the zero mark is the beginning of the first day.
func onAfter(from, to, day ledger.Day, volunteer ledger.ID, id string, limit int) []any {
	if volunteer.IsZero() {
		return []any{int64(to), int64(from), "", "", int64(limit)}
	}
	return []any{int64(to), int64(day), volunteer.String(), id, int64(limit)}
}

// AttendancesOn returns everybody's attendances of the days between two, both
// included, behind a mark, by day. People without a name are among them.
func (s *Store) AttendancesOn(ctx context.Context, from, to ledger.Day, behind AttendMark) (list []Attendance, err error) {
	args := onAfter(from, to, behind.Day, behind.Volunteer, behind.Shift.String(), MaxAttendances)
	err = s.scatter(ctx, "reading attendances by day", scatterAttendancesOn, args, func() { list = nil }, func(rows scanner) error {
		a, err := scanAttendance(rows)
		list = append(list, a)
		return err
	})
	return list, err
}

// HonoursOn is AttendancesOn of hours that were entered afterwards, behind the last one.
func (s *Store) HonoursOn(ctx context.Context, from, to ledger.Day, behind Honour) (list []Honour, err error) {
	args := onAfter(from, to, behind.Day, behind.Volunteer, behind.ID, MaxAttendances)
	err = s.scatter(ctx, "reading hours by day", scatterHonoursOn, args, func() { list = nil }, func(rows scanner) error {
		var h Honour
		err := rows.Scan(append([]any{(*scanID)(&h.Volunteer)}, h.columns()...)...)
		list = append(list, h)
		return err
	})
	return list, err
}

// SignOf reads one line of the review list, or answers ErrUnknown.
func (s *Store) SignOf(ctx context.Context, scope, id string) (r Review, err error) {
	err = s.read(ctx, "reading a sign", scope, func(t *txn) error {
		if r, err = t.review(id); err != nil {
			return fmt.Errorf("looking at a sign: %w", err)
		}
		return nil
	})
	return r, err
}
