package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectGuest = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND guest = 1 ORDER BY day, shift LIMIT $2`
	selectMoved = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND state = 'moved' ORDER BY day, shift`
	scatterCarded = `SELECT DISTINCT volunteer FROM attendance WHERE guest = 1 AND how_in = 'card' AND volunteer > $1 AND day >= $3 ORDER BY volunteer LIMIT $2`
	scatterTail   = `SELECT volunteer FROM finder WHERE tail = $1 LIMIT $2`
)

// IdentifyGuest says whose the attendances of somebody without a name are. They become
// the volunteer's, with what was decided about them, and then their minutes are
// credited and their points booked. It answers ErrUnknown when there is no such
// attendance or volunteer, ErrState when they are another volunteer's already, and
// ErrOwn when the volunteer is the officer or of the household; the same again changes
// nothing.
func (s *Store) IdentifyGuest(ctx context.Context, guest, volunteer ledger.ID, by string) error {
	if by == "" || guest.IsZero() || guest == volunteer {
		return fmt.Errorf("%w: a name is given to somebody without one, by somebody", ErrInput)
	}
	if _, err := s.notOwn(ctx, by, volunteer); err != nil {
		return err
	}
	return s.nameGuest(ctx, guest, volunteer, by)
}

// nameGuest is IdentifyGuest of whoever may do so.
func (s *Store) nameGuest(ctx context.Context, guest, volunteer ledger.ID, by string) error {
	volunteer, err := s.Survivor(ctx, volunteer)
	if err != nil {
		return err
	}
	err = s.write(ctx, "giving an attendance a name", guest.String(), func(t *txn) error { return t.nameGuest(volunteer, by, s.now()) })
	if err != nil {
		return err
	}
	if err := s.deliver(ctx, guest); err != nil {
		return err
	}
	return s.carryOut(ctx, volunteer)
}

// nameGuest moves what somebody without a name attended to a volunteer.
func (t *txn) nameGuest(volunteer ledger.ID, by string, now int64) error {
	var list []Attendance
	err := t.each(selectGuest, []any{int64(MaxAttendances)}, intoAttendances(&list))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return t.namedBefore(volunteer)
	}
	for _, a := range list {
		before := a.traced()
		a.State, a.Guest, a.Heir, a.NamedBy, a.due = AttendMoved, false, volunteer, by, false
		if err := t.putAttendance(&a, now); err != nil {
			return err
		}
		if err := t.post(a.outboxID("name"), outboxNamed, volunteer.String(), 0, 0, now); err != nil {
			return err
		}
		after := map[string]any{"shift": a.Shift.String(), "volunteer": volunteer.String()}
		if err := t.actIn(personTrace, now, by, "attendance.named", before, after); err != nil {
			return err
		}
	}
	return nil
}

// namedBefore tells why there is nothing without a name here.
func (t *txn) namedBefore(volunteer ledger.ID) error {
	var heirs []ledger.ID
	err := t.each(selectMoved, nil, func(rows scanner) error {
		a, err := scanAttendance(rows)
		heirs = append(heirs, a.Heir)
		return err
	})
	switch {
	case err != nil:
		return err
	case len(heirs) == 0:
		return fmt.Errorf("%w: somebody without a name, %v", ErrUnknown, t.shard)
	case !slices.Contains(heirs, volunteer):
		return fmt.Errorf("%w: they are %v's", ErrState, heirs[0])
	}
	return nil
}

// takeNamed has a volunteer get an attendance that had no name. Twice is once: checks
// that are known change nothing, nor does a verdict that was heard.
func (t *txn) takeNamed(p parcel) error {
	from := p.attended
	a, found, err := t.attendance(from.Shift)
	if err != nil {
		return err
	}
	before := a
	if a.reopen(); !found || a.State == AttendMoved {
		a = a.anew(from.outline(from.Heir))
	}
	in, out := a.check(nil, false, from.In), a.check(nil, true, from.Out)
	changed := in || out
	said := from.Saying
	if said == nil {
		said = from.Said
	}
	if said != nil && !a.knows(*said) && a.undecided() {
		a.Saying, changed = said, true
	}
	if !changed {
		return nil
	}
	for _, sign := range from.Signs {
		a.sign(sign)
	}
	if err := t.settleAttendance(&a, p.made); err != nil {
		return err
	}
	if a.Saying == nil && a.byChecks() {
		a.Saying = a.Said
	}
	a.due = a.Saying != nil
	if err := t.actIn(personTrace, p.made, from.NamedBy, "attendance.found", before.traced(), a.traced()); err != nil {
		return err
	}
	into, err := t.mergedInto()
	if err == nil && !into.IsZero() {
		return t.passAttendance(&a, into, from.NamedBy, p.made)
	}
	if err != nil {
		return err
	}
	return t.putAttendance(&a, p.made)
}

// suggest finds the one volunteer who has a phone number; zero: nobody has, or more
// than one.
func (s *Store) suggest(ctx context.Context, mobile civic.PhoneHash, tail string) (one ledger.ID, err error) {
	if mobile.IsZero() || tail == "" {
		return one, nil
	}
	var ids []ledger.ID
	err = s.scatter(ctx, "looking for a phone number", scatterTail, []any{tail, int64(maxLooked)}, func() { ids = nil }, func(rows scanner) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		id, err := ledger.ParseID(text)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return one, err
	}
	people, err := s.Named(ctx, ids)
	for id, p := range people {
		if p.Phone != mobile {
			continue
		}
		if !one.IsZero() {
			return ledger.ID{}, err
		}
		one = id
	}
	return one, err
}

// nameCards gives the attendances of strange cards a name when the card has become
// somebody's since.
func (s *Store) nameCards(ctx context.Context) (int, error) {
	named := 0
	since := int64(s.today()) - objectionDays
	for after := ""; ; {
		ids, err := s.volunteers(ctx, "looking for strange cards", scatterCarded, after, since)
		if err != nil || len(ids) == 0 {
			return named, err
		}
		after = ids[len(ids)-1].String()
		for _, guest := range ids {
			found, err := s.nameCard(ctx, guest)
			if err != nil {
				return named, err
			}
			if found {
				named++
			}
		}
	}
}

// nameCard looks whose the card of a stranger is now.
func (s *Store) nameCard(ctx context.Context, guest ledger.ID) (bool, error) {
	var card civic.CardID
	err := s.read(ctx, "reading a stranger", guest.String(), func(t *txn) error {
		var list []Attendance
		err := t.each(selectGuest, []any{int64(1)}, intoAttendances(&list))
		if len(list) > 0 {
			card = list[0].Card
		}
		return err
	})
	if err != nil || card == (civic.CardID{}) {
		return false, err
	}
	p, err := s.Identify(ctx, card)
	if errors.Is(err, ErrUnknown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.nameGuest(ctx, guest, p.ID, cardNames)
}

// cardNames is who gives a name when a card does.
const cardNames = "card"
