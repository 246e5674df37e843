package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectAttendances = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND state <> 'moved' AND (day, shift) < ($2, $3) ORDER BY day DESC, shift DESC LIMIT $4`
	sumAttended          = `SELECT CAST(COALESCE(SUM(credit), 0) AS BIGINT) FROM attendance WHERE volunteer = $1 AND state = 'confirmed' AND guest = 0`
	scatterAttendancesAt = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE shift = $1 AND state <> 'moved' AND volunteer > $2 ORDER BY volunteer LIMIT $3`
	scatterAttendancesIn = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE state = $1 AND (day, shift, volunteer) < ($2, $3, $4) ORDER BY day DESC, shift DESC, volunteer DESC LIMIT $5`
	scatterGuests = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE guest = 1 AND (day, shift, volunteer) < ($1, $2, $3) ORDER BY day DESC, shift DESC, volunteer DESC LIMIT $4`
	scatterAttendCount = `SELECT state, how_in, COUNT(*), CAST(COALESCE(SUM(credit), 0) AS BIGINT) FROM attendance WHERE shift = $1 AND state <> 'moved' GROUP BY state, how_in`
)

// AttendMark is where a list of attendances goes on: behind the one that it names.
type AttendMark struct {
	Day              ledger.Day
	Shift, Volunteer ledger.ID
}

// Mark is where a list goes on behind the attendance.
func (a Attendance) Mark() AttendMark { return AttendMark{a.Day, a.Shift, a.Volunteer} }

// before are the arguments of a statement that goes on behind the mark; the zero mark
// is the beginning.
func (m AttendMark) before(limit int) []any {
	if m == (AttendMark{}) {
		return []any{int64(ledger.MaxDay) + 1, "", "", int64(min(limit, MaxAttendances))}
	}
	return []any{int64(m.Day), m.Shift.String(), m.Volunteer.String(), int64(min(limit, MaxAttendances))}
}

// String is the mark as an address carries it.
func (m AttendMark) String() string {
	if m == (AttendMark{}) {
		return ""
	}
	return fmt.Sprintf("%d.%s.%s", int64(m.Day), m.Shift, m.Volunteer)
}

// ParseAttendMark reads what String writes; what it did not write is the beginning.
func ParseAttendMark(text string) AttendMark {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return AttendMark{}
	}
	day, err := strconv.ParseInt(parts[0], 10, 32)
	shift, err1 := ledger.ParseID(parts[1])
	volunteer, err2 := ledger.ParseID(parts[2])
	m := AttendMark{ledger.Day(day), shift, volunteer}
	if err != nil || err1 != nil || err2 != nil || m.String() != text {
		return AttendMark{}
	}
	return m
}

// AttendancesOf returns those of a volunteer behind a mark, the latest day first, and
// the minutes that are credited for all.
func (s *Store) AttendancesOf(ctx context.Context, volunteer ledger.ID, behind AttendMark, limit int) (list []Attendance, minutes int64, err error) {
	err = s.read(ctx, "reading attendances", volunteer.String(), func(t *txn) error {
		list = nil
		if _, err := t.one(sumAttended, nil, &minutes); err != nil {
			return err
		}
		args := behind.before(limit)
		return t.each(selectAttendances, []any{args[0], args[1], args[3]}, intoAttendances(&list))
	})
	return list, minutes, err
}

// AttendancesAt returns everybody at a shift, by their id, at most MaxAttendances behind
// one; the zero id is the beginning. Somebody without a name who was found to be a
// volunteer is not there any more.
func (s *Store) AttendancesAt(ctx context.Context, shift, behind ledger.ID) (list []Attendance, err error) {
	err = s.scatter(ctx, "reading a shift's attendances", scatterAttendancesAt, []any{shift.String(), idText(behind), int64(MaxAttendances)}, func() { list = nil }, intoAttendances(&list))
	return list, err
}

// AttendancesWaiting returns attendances that wait for a leader, of everywhere, the latest day
// first; those of an officer's area are picked out by who reads.
func (s *Store) AttendancesWaiting(ctx context.Context, behind AttendMark, limit int) ([]Attendance, error) {
	return s.AttendancesIn(ctx, civic.AttendPending, behind, limit)
}

// AttendancesIn returns those in one state, of everywhere, the latest day first.
func (s *Store) AttendancesIn(ctx context.Context, state string, behind AttendMark, limit int) (list []Attendance, err error) {
	err = s.scatter(ctx, "reading attendances", scatterAttendancesIn, append([]any{state}, behind.before(limit)...), func() { list = nil }, intoAttendances(&list))
	return list, err
}

// Guests returns attendances of people without a name, of everywhere, the latest day
// first.
func (s *Store) Guests(ctx context.Context, behind AttendMark, limit int) (list []Attendance, err error) {
	err = s.scatter(ctx, "reading who has no name", scatterGuests, behind.before(limit), func() { list = nil }, intoAttendances(&list))
	return list, err
}

func intoAttendances(list *[]Attendance) func(scanner) error {
	return func(rows scanner) error {
		a, err := scanAttendance(rows)
		if a.State != AttendMoved {
			*list = append(*list, a)
		}
		return err
	}
}

// AttendCount is how many people were at a shift, and what became of it.
type AttendCount struct {
	Open, Pending, Confirmed, Refused int64
	Hand                              int64 // of all, checked in by a leader
	Minutes                           int64 // credited
}

// All is everybody who checked in.
func (c AttendCount) All() int64 { return c.Open + c.Pending + c.Confirmed + c.Refused }

// AttendCounts counts the attendances of shifts.
func (s *Store) AttendCounts(ctx context.Context, shifts []ledger.ID) (map[ledger.ID]AttendCount, error) {
	counts := make(map[ledger.ID]AttendCount, len(shifts))
	for _, id := range shifts {
		var c AttendCount
		err := s.scatter(ctx, "counting attendances", scatterAttendCount, []any{id.String()}, func() { c = AttendCount{} }, func(rows scanner) error {
			var state, how string
			var n, minutes int64
			err := rows.Scan(&state, &how, &n, &minutes)
			c.add(state, how, n, minutes)
			return err
		})
		if err != nil {
			return nil, err
		}
		counts[id] = c
	}
	return counts, nil
}

func (c *AttendCount) add(state, how string, n, minutes int64) {
	switch state {
	case civic.AttendOpen:
		c.Open += n
	case civic.AttendPending:
		c.Pending += n
	case civic.AttendConfirmed:
		c.Confirmed += n
	case civic.AttendRefused:
		c.Refused += n
	}
	if how == HowStaff {
		c.Hand += n
	}
	c.Minutes += minutes
}
