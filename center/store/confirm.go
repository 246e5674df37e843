package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	scatterDue   = `SELECT DISTINCT volunteer FROM attendance WHERE due = 1 LIMIT $1`
	scatterEnded = `SELECT DISTINCT volunteer FROM attendance WHERE state = 'open' AND end_s <= $1 LIMIT $2`
	scatterOld   = `SELECT DISTINCT volunteer FROM attendance WHERE told = 1 AND day < $1 LIMIT $2`
	selectDue    = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND due = 1 ORDER BY day, shift`
	selectEnded = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND state = 'open' AND end_s <= $2 ORDER BY shift`
	selectOld = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND told = 1 AND day < $2 ORDER BY shift`
)

// Confirm is what an officer says of people at a shift.
type Confirm struct {
	Shift    ledger.ID
	People   []ledger.ID
	Verdict  ledger.Verdict
	Minutes  int64 // for which they were there; 0: as they checked in and out, or to the planned end
	Approved bool  // of more than one may serve on a day without approval
	Reason   string
	By       string
}

// Decided is what became of one person's attendance.
type Decided struct {
	Attendance
	Err error // ErrUnknown: there is no such attendance; ErrOwn: it is the officer's, or of the household; ErrState: the shift has not begun
}

// Confirm decides about the attendances of people, and books what they come to: the
// minutes by the rules of that day beside the day's other attendances (see
// civic.Policy.Credit), as an earning with the version of the policy. One that needs
// an officer's approval, and has none, stays pending with WaitDay. To decide again is
// a correction: the difference is earned, or taken back by a reversal. The same again
// changes nothing.
//
// Outcomes are in the order of people; an error of the whole says that some were
// perhaps not decided about.
func (s *Store) Confirm(ctx context.Context, c Confirm) ([]Decided, error) {
	if c.By == "" || strings.Contains(c.By, "@") || len(c.People) < 1 || len(c.People) > ledger.MaxRoster || c.Minutes < 0 || c.Minutes > 24*60 || !line(c.Reason, MaxAskedRunes) ||
		c.Verdict != ledger.VerdictThere && c.Verdict != ledger.VerdictAbsent {
		return nil, fmt.Errorf("%w: a confirmation has a verdict, 1 to %d people and an officer", ErrInput, ledger.MaxRoster)
	}
	said := Said{Verdict: c.Verdict, Minutes: c.Minutes, Approved: c.Approved, Reason: c.Reason, By: c.By, At: s.now()}
	outcomes := make([]Decided, len(c.People))
	for i, who := range c.People {
		a, err := s.AttendanceOf(ctx, who, c.Shift)
		if err == nil && said.At < a.Start*1000 {
			err = fmt.Errorf("%w: the shift has not begun", ErrState)
		}
		if err == nil {
			err = s.owns(ctx, c.By, a)
		}
		if err == nil {
			a, err = s.decideAttendance(ctx, a, said)
		}
		outcomes[i] = Decided{a, err}
		if err != nil && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrOwn) && !errors.Is(err, ErrState) {
			return outcomes, err
		}
	}
	return outcomes, nil
}

// decideAttendance notes what somebody says of an attendance, and carries it out.
func (s *Store) decideAttendance(ctx context.Context, a Attendance, said Said) (Attendance, error) {
	err := s.write(ctx, "deciding about an attendance", a.Volunteer.String(), func(t *txn) error { return t.say(a.Shift, said) })
	if err != nil {
		return a, err
	}
	if err := s.carryOut(ctx, a.Volunteer); err != nil {
		return a, err
	}
	return s.AttendanceOf(ctx, a.Volunteer, a.Shift)
}

// say notes a verdict, which is due to be carried out then. One that is known, or older
// than the last one, changes nothing.
func (t *txn) say(shift ledger.ID, said Said) error {
	a, found, err := t.attendance(shift)
	if err == nil && !found {
		err = bug("an attendance that was there is gone")
	}
	if err != nil {
		return err
	}
	if a.State == AttendMoved {
		return fmt.Errorf("%w: the attendance has a name now", ErrChanged)
	}
	return t.sayOf(&a, said)
}

func (t *txn) sayOf(a *Attendance, said Said) error {
	if a.knows(said) {
		return nil
	}
	a.Saying, a.due = &said, true
	return t.storeAttendance(*a)
}

// knows tells whether there is nothing new in what somebody says.
func (a Attendance) knows(said Said) bool {
	for _, known := range []*Said{a.Saying, a.Heard} {
		if known != nil && (said.At < known.At || *known == said) {
			return true
		}
	}
	return false
}

// same tells whether two say the same, whoever said it.
func (s Said) same(o Said) bool {
	return s.Verdict == o.Verdict && s.Minutes == o.Minutes && s.Approved == o.Approved
}

// carryOut books what was said of a volunteer's attendances, as far as it is due.
func (s *Store) carryOut(ctx context.Context, volunteer ledger.ID) error {
	var due []Attendance
	var person storedPerson
	err := s.read(ctx, "looking for what is due", volunteer.String(), func(t *txn) (err error) {
		due = nil
		if person, _, err = t.person(); err != nil {
			return err
		}
		return t.each(selectDue, nil, intoAttendances(&due))
	})
	if err != nil {
		return err
	}
	for _, a := range due {
		if err := s.carryOutOne(ctx, person, a); err != nil {
			return err
		}
	}
	if err := s.deliver(ctx, volunteer); err != nil || len(due) == 0 || person.Home == "" {
		return err
	}
	return s.grantHomes(ctx, person.Home, []ledger.ID{volunteer})
}

func (s *Store) carryOutOne(ctx context.Context, person storedPerson, a Attendance) error {
	r := rules{today: s.today(), zone: s.cfg.Zone}
	var err error
	if r.own, err = s.own(ctx, a); err != nil {
		return err
	}
	r.place = firstOf(a.Place, person.Home, person.Town) // a correction is by the rules of before, wherever somebody has moved to
	if r.place != "" {
		r.policy, r.rule, err = s.PolicyOn(ctx, r.place, a.Day)
	}
	if errors.Is(err, ErrUnknown) {
		r.policy, r.rule, err = civic.Policy{}.WithDefaults(), "", nil
	}
	if err != nil {
		return err
	}
	if a.Earning != "" {
		if err := s.whole(ctx); err != nil {
			return err
		}
	}
	return s.write(ctx, "carrying out what was said of an attendance", a.Volunteer.String(), func(t *txn) error {
		return t.carryOut(a.Shift, *a.Saying, r, s.now())
	})
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// CarryOut books what was said of attendances when whoever said it was interrupted, and
// returns for how many volunteers.
func (s *Store) CarryOut(ctx context.Context) (int, error) {
	var due []string
	err := s.scatter(ctx, "looking for what is due", scatterDue, []any{int64(sweepBatch)}, func() { due = nil }, func(rows scanner) error {
		var v string
		err := rows.Scan(&v)
		due = append(due, v)
		return err
	})
	for _, text := range due {
		id, failed := ledger.ParseID(text)
		if failed == nil {
			failed = passing(s.carryOut(ctx, id))
		}
		err = errors.Join(err, failed)
	}
	return len(due), err
}

// owns answers ErrOwn when an attendance is the officer's own, or of the household.
// Somebody without a name is nobody's.
func (s *Store) owns(ctx context.Context, officer string, a Attendance) error {
	if a.Guest {
		return nil
	}
	_, err := s.notOwn(ctx, officer, a.Volunteer)
	if errors.Is(err, ErrUnknown) {
		err = nil
	}
	return err
}

// own tells whether whoever spoke of an attendance did so of their own or of their
// household's.
func (s *Store) own(ctx context.Context, a Attendance) (bool, error) {
	leader, kiosk, atKiosk := strings.Cut(a.Saying.By, "@")
	if !atKiosk {
		err := s.owns(ctx, a.Saying.By, a)
		if errors.Is(err, ErrOwn) {
			return true, nil
		}
		return false, err
	}
	id, err := ledger.ParseID(leader)
	if err != nil {
		return false, bug("an attendance confirmed by %q", a.Saying.By)
	}
	if id, err = s.Survivor(ctx, id); err != nil || id == a.Volunteer {
		return id == a.Volunteer, err
	}
	people, err := s.Named(ctx, []ledger.ID{id, a.Volunteer})
	if err != nil {
		return false, err
	}
	theirs, known := people[a.Volunteer]
	if !known {
		return false, nil
	}
	if mine, isOne := people[id]; isOne {
		return mine.Household != "" && mine.Household == theirs.Household, nil
	}
	staff, err := s.staffAt(ctx, kiosk, id)
	if staff == nil {
		return false, err
	}
	sameKey := slices.ContainsFunc(staff.Keys, func(k civic.KeyHash) bool { return slices.Contains(theirs.Keys, k) })
	return sameKey || SamePerson(staff.Name, theirs.Name), err
}

// staffAt finds a member of staff whom a kiosk knows; nil: it does not.
func (s *Store) staffAt(ctx context.Context, kiosk string, id ledger.ID) (*civic.Staff, error) {
	scopes, err := s.Scopes(ctx, kiosk)
	if err != nil {
		return nil, err
	}
	for _, scope := range scopes {
		list, err := s.Documents(ctx, scope.ID, KindStaff, []string{id.String()})
		if err != nil {
			return nil, err
		}
		if len(list) == 1 && list[0].Staff != nil {
			return list[0].Staff, nil
		}
	}
	return nil, nil
}

// sweepAttendances carries out what is due, closes what is over, takes back what is
// old, and looks whose strange cards are now.
func (s *Store) sweepAttendances(ctx context.Context) error {
	var failed error
	for _, sweep := range []func(context.Context) (int, error){s.joinAll, s.CarryOut, s.sweepHonours, s.closeAttendances, s.forgetAttendances, s.nameCards} {
		_, err := sweep(ctx)
		failed = errors.Join(failed, err)
	}
	return failed
}

// closeAttendances lets those whose shift is over wait for a leader: a forgotten
// check-out is one at the planned end.
func (s *Store) closeAttendances(ctx context.Context) (int, error) {
	now := s.now()
	return s.eachAttending(ctx, "closing attendances", scatterEnded, []any{now / 1000, int64(sweepBatch)}, func(t *txn) error {
		return t.changeAttendances(selectEnded, []any{now / 1000}, func(a *Attendance) error {
			a.settle(now)
			return t.putAttendance(a, now)
		})
	})
}

// forgetAttendances takes the documents back of shifts that are long over.
func (s *Store) forgetAttendances(ctx context.Context) (int, error) {
	now := s.now()
	last := int64(ledger.DayOf(s.cfg.Now().Add(-ShiftKept - 48*time.Hour).In(s.cfg.Zone)))
	return s.eachAttending(ctx, "taking attendances back from kiosks", scatterOld, []any{last, int64(sweepBatch)}, func(t *txn) error {
		return t.changeAttendances(selectOld, []any{last}, func(a *Attendance) error { return t.putAttendance(a, now) })
	})
}

// eachAttending does something to those whom a scatter statement finds, and brings out
// what that posts.
func (s *Store) eachAttending(ctx context.Context, what, statement string, args []any, f func(*txn) error) (int, error) {
	var people []string
	err := s.scatter(ctx, what, statement, args, func() { people = nil }, func(rows scanner) error {
		var v string
		err := rows.Scan(&v)
		people = append(people, v)
		return err
	})
	if err != nil || len(people) == 0 {
		return 0, err
	}
	if err := s.writeEach(ctx, what, people, func(t *txn, _ int) error { return f(t) }); err != nil {
		return 0, err
	}
	ids := make([]ledger.ID, len(people))
	for i, text := range people {
		if ids[i], err = ledger.ParseID(text); err != nil {
			return 0, bug("an attendance of %q", text)
		}
	}
	return len(people), s.deliver(ctx, ids...)
}

// changeAttendances reads what a statement finds, and changes each.
func (t *txn) changeAttendances(statement string, args []any, change func(*Attendance) error) error {
	var list []Attendance
	if err := t.each(statement, args, intoAttendances(&list)); err != nil {
		return err
	}
	for i := range list {
		if err := change(&list[i]); err != nil {
			return err
		}
	}
	return nil
}
