package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectShift = `SELECT taken, waiting, told_ms, tell_ms, body FROM shift WHERE scope = $1 AND id = $2`
	upsertShift = `INSERT INTO shift (scope, id, activity, start_s, closed, taken, waiting, told_ms, tell_ms, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (scope, id) DO UPDATE SET start_s = excluded.start_s, closed = excluded.closed, taken = excluded.taken, waiting = excluded.waiting,
		told_ms = excluded.told_ms, tell_ms = excluded.tell_ms, body = excluded.body`
	selectShiftsIn   = `SELECT taken, waiting, told_ms, tell_ms, body FROM shift WHERE scope = $1 AND start_s >= $2 AND start_s < $3 ORDER BY start_s, id LIMIT $4`
	selectShiftsOf   = `SELECT taken, waiting, told_ms, tell_ms, body FROM shift WHERE scope = $1 AND activity = $2 AND start_s >= $3 AND start_s < $4 ORDER BY start_s, id LIMIT $5`
	scatterShifts    = `SELECT taken, waiting, told_ms, tell_ms, body FROM shift WHERE start_s >= $1 AND start_s < $2 ORDER BY start_s, scope, id LIMIT $3`
	scatterStarts    = `SELECT start_s, COUNT(*) FROM shift WHERE start_s >= $1 AND start_s < $2 GROUP BY start_s`
	scatterShift     = `SELECT scope FROM shift WHERE id = $1`
	scatterShiftTell = `SELECT scope, id FROM shift WHERE tell_ms > 0 AND tell_ms <= $1 ORDER BY tell_ms, scope, id LIMIT $2`
)

// Shift is one time of an activity, with how many have claimed a post of it. Who they
// are is not in it, see Enlistments.
type Shift struct {
	civic.Shift
	Off     *Undone  `json:"off,omitempty"`    // it was called off; Closed as well
	Spread  []string `json:"spread,omitempty"` // kiosks that were told of the attendances there are
	Claimed int64    `json:"-"`
	Waits   int64    `json:"-"` // for a place in a post that is full

	told, tell int64 // Unix milliseconds: when kiosks were told last, and are to be told again
}

// PutShift writes a time of an activity into the scope of the activity's place, and
// tells the kiosks below in the same transaction, when they are to know of it already:
// see ShiftAhead. The same again changes nothing. Who claimed a post is kept; what the
// shift says of it is not looked at.
func (s *Store) PutShift(ctx context.Context, scope string, shift civic.Shift) error {
	return s.PutShifts(ctx, scope, []civic.Shift{shift})
}

// PutShifts is PutShift for several of one scope, all or none.
func (s *Store) PutShifts(ctx context.Context, scope string, list []civic.Shift) error {
	if len(list) > MaxDocuments {
		return fmt.Errorf("%w: %d shifts at once", ErrInput, len(list))
	}
	return s.write(ctx, "writing a shift", scope, func(t *txn) error {
		if _, err := t.scope(scope); err != nil {
			return err
		}
		for _, shift := range list {
			if err := t.putShift(s.now(), shift); err != nil {
				return err
			}
		}
		return nil
	})
}

// putShift writes a shift over what stands there.
func (t *txn) putShift(now int64, shift civic.Shift) error {
	shift.Scope, shift.Version, shift.Enlisted, shift.Waiting, shift.Ended, shift.Heard = fmt.Sprint(t.shard), 0, nil, nil, nil, nil
	if err := checkShift(shift); err != nil {
		return err
	}
	before, err := t.shift(shift.ID)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return err
	}
	if err == nil && before.Activity != shift.Activity {
		return fmt.Errorf("%w: shift %v", ErrKeyReused, shift.ID)
	}
	after := before
	after.Shift = shift
	if !shift.Closed {
		after.Off = nil
	}
	if before.ID.IsZero() { // there are no attendances yet
		after.Spread = shift.Kiosks
	}
	same, err := sameJSON(before, after)
	if err != nil || same {
		return err
	}
	return t.tellShift(now, after, true)
}

// checkShift holds a shift to what kiosks take.
func checkShift(shift civic.Shift) error {
	shift.Version = 1
	line, err := json.Marshal(civic.Document{Shift: &shift})
	if err == nil {
		_, err = civic.ReadDocument(line, "")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	return nil
}

func sameJSON(x, y any) (bool, error) {
	a, err1 := json.Marshal(x)
	b, err2 := json.Marshal(y)
	return string(a) == string(b), errors.Join(err1, err2)
}

// Shift returns a shift by its id alone, and the scope that it stands in; or
// ErrUnknown. Where a shift stands never changes, so it is looked for once.
func (s *Store) Shift(ctx context.Context, id ledger.ID) (civic.Shift, string, error) {
	shift, err := s.PlannedShift(ctx, id)
	return shift.Shift, shift.Scope, err
}

// PlannedShift is Shift with what the center knows besides.
func (s *Store) PlannedShift(ctx context.Context, id ledger.ID) (shift Shift, err error) {
	scope, err := s.shiftScope(ctx, id)
	if err != nil {
		return shift, err
	}
	err = s.read(ctx, "reading a shift", scope, func(t *txn) error {
		shift, err = t.shift(id)
		return err
	})
	return shift, err
}

// shiftScope finds where a shift stands.
func (s *Store) shiftScope(ctx context.Context, id ledger.ID) (scope string, err error) {
	s.mu.Lock()
	scope = s.shiftScopes[id]
	s.mu.Unlock()
	if scope != "" {
		return scope, nil
	}
	err = s.scatter(ctx, "looking for a shift", scatterShift, []any{id.String()}, func() { scope = "" }, func(rows scanner) error { return rows.Scan(&scope) })
	if err == nil && scope == "" {
		err = fmt.Errorf("%w: shift %v", ErrUnknown, id)
	}
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shiftScopes) >= maxShiftScopes {
		clear(s.shiftScopes)
	}
	s.shiftScopes[id] = scope
	return scope, nil
}

func (t *txn) shift(id ledger.ID) (shift Shift, err error) {
	found := false
	err = t.each(selectShift, []any{id.String()}, func(rows scanner) error {
		found = true
		shift, err = scanShift(rows)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: shift %v of %v", ErrUnknown, id, t.shard)
	}
	return shift, err
}

func scanShift(rows scanner) (shift Shift, err error) {
	var body []byte
	if err := rows.Scan(&shift.Claimed, &shift.Waits, &shift.told, &shift.tell, &body); err != nil {
		return shift, err
	}
	if err := json.Unmarshal(body, &shift); err != nil {
		return shift, bug("a shift that cannot be read: %v", err)
	}
	return shift, nil
}

func intoShifts(list *[]Shift) func(scanner) error {
	return func(rows scanner) error {
		shift, err := scanShift(rows)
		*list = append(*list, shift)
		return err
	}
}

// ShiftsOn returns the shifts that begin in a time, by their start, at most limit: of
// some places, or of all with nil.
func (s *Store) ShiftsOn(ctx context.Context, places []string, from, to time.Time, limit int) (list []Shift, err error) {
	const what = "listing shifts"
	limit = min(limit, MaxShiftsShown)
	if places == nil {
		err = s.scatter(ctx, what, scatterShifts, []any{from.Unix(), to.Unix(), int64(limit)}, func() { list = nil }, intoShifts(&list))
		slices.SortFunc(list, byTime)
		return list, err
	}
	places = slices.Compact(slices.Sorted(slices.Values(places)))
	parts := make([][]Shift, len(places))
	err = s.readEach(ctx, what, places, func(t *txn, i int) error {
		parts[i] = nil
		return t.each(selectShiftsIn, []any{from.Unix(), to.Unix(), int64(limit)}, intoShifts(&parts[i]))
	})
	list = slices.Concat(parts...)
	slices.SortFunc(list, byTime)
	return list[:min(len(list), limit)], err
}

func byTime(x, y Shift) int { return civic.ByTime(x.Shift, y.Shift) }

// ShiftsAt counts the shifts of all places that begin in a time, by the Unix second at
// which they do.
func (s *Store) ShiftsAt(ctx context.Context, from, to time.Time) (n map[int64]int, err error) {
	err = s.scatter(ctx, "counting shifts", scatterStarts, []any{from.Unix(), to.Unix()}, func() { n = make(map[int64]int) }, func(rows scanner) error {
		var start int64
		var count int
		err := rows.Scan(&start, &count)
		n[start] += count
		return err
	})
	return n, err
}

// ShiftsOf returns the shifts of an activity that begin in a time, by their start.
func (s *Store) ShiftsOf(ctx context.Context, scope string, activity ledger.ID, from, to time.Time, limit int) (list []Shift, err error) {
	err = s.read(ctx, "listing the shifts of an activity", scope, func(t *txn) error {
		list, err = t.shiftsOf(activity, from.Unix(), to.Unix(), min(limit, MaxShiftsShown))
		slices.SortFunc(list, byTime)
		return err
	})
	return list, err
}

func (t *txn) shiftsOf(activity ledger.ID, from, to int64, limit int) (list []Shift, err error) {
	err = t.each(selectShiftsOf, []any{activity.String(), from, to, int64(limit)}, intoShifts(&list))
	return list, err
}

// bit is how a truth stands in a column.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
