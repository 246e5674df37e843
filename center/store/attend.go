package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const scatterPhonePeople = `SELECT DISTINCT volunteer FROM attendance WHERE phone = $1 AND phone <> '' AND state <> 'moved' AND day = $2 AND volunteer <> $3 LIMIT $4`

// Attend is a check that a volunteer's phone makes at the center, with a genuine code
// of a kiosk.
type Attend struct {
	Volunteer, Shift ledger.ID
	Out              bool
	At               time.Time // by the center's clock
	How              string    // "": HowPhone
	Kiosk            string    // whose code it was
	Phone            string    // names the device, see Device; "": not known
}

// atShift is a check at a shift, wherever it was seen.
type atShift struct {
	who   ledger.ID
	as    []ledger.ID // the way to the record under which it was made, when that was merged: see note
	shift civic.Shift
	scope string
	out   bool
	seen  Seen
	phone string

	guest     bool // who is nobody's name
	card      civic.CardID
	mobile    civic.PhoneHash
	tail      string
	suggested ledger.ID
}

// Attend checks a volunteer in or out, and has the kiosks of the shift know at once.
// It answers ErrUnknown when there is no such shift or volunteer, ErrNotOpen when it is
// not the time, or the kiosk not a place, to check in, and ErrAlready, with the
// attendance, when somebody was faster: a card and a phone of one person are one
// attendance. The same check again is no other one.
func (s *Store) Attend(ctx context.Context, x Attend) (a Attendance, err error) {
	if x.Volunteer.IsZero() || x.At.IsZero() || x.Kiosk == "" || len(x.Phone) > maxPhoneName {
		return a, fmt.Errorf("%w: a check has a volunteer, a time and a kiosk", ErrInput)
	}
	shift, scope, err := s.Shift(ctx, x.Shift)
	if err != nil {
		return a, err
	}
	if at := x.At.Unix(); shift.Closed || !shift.At(x.Kiosk) || at < shift.Opens() || at > shift.Shuts() {
		return a, fmt.Errorf("%w: shift %v at %s", ErrNotOpen, x.Shift, x.Kiosk)
	}
	how := x.How
	if how == "" {
		how = HowPhone
	}
	check := atShift{who: x.Volunteer, shift: shift, scope: scope, out: x.Out, phone: x.Phone,
		seen: Seen{Check: civic.Check{MS: x.At.UnixMilli(), Quality: ledger.ClockSynced}, How: how, Kiosk: x.Kiosk}}
	a, err = s.attend(ctx, &check)
	if err != nil {
		return a, err
	}
	if a.due {
		err = s.carryOut(ctx, check.who)
	} else {
		err = s.deliverTogether(ctx, check.who)
	}
	if err = passing(err); errors.Is(err, ErrBusy) { // the check is written, and Sweep does the rest
		err = nil
	}
	return a, err
}

// attend looks at what a check is held against, and writes what it comes to in a
// transaction that reads nothing, as long as nobody was faster: a school that arrives
// together would have each of them lose against the others, whose rows stand beside
// theirs in the indexes. Of two checks of one volunteer at two shifts neither may have
// seen the other then; who brings them out does, see besides.
func (s *Store) attend(ctx context.Context, x *atShift) (a Attendance, err error) {
	for range attendTries + maxHops {
		shared, err := s.sharing(ctx, *x)
		if err != nil {
			return a, err
		}
		var into ledger.ID
		var found finding
		err = s.read(ctx, "looking at a check", x.who.String(), func(t *txn) error {
			t.aheadOfCheck(*x, s.cfg.Zone)
			if into, err = t.mergedInto(); err != nil || !into.IsZero() {
				return err
			}
			if _, found, err := t.person(); err != nil || !found {
				return orUnknown(err, x.who)
			}
			a, found, err = t.look(*x, shared, s.cfg.Zone, s.now())
			return err
		})
		switch {
		case err != nil:
			return a, err
		case !into.IsZero(): // the record into which it was merged
			x.as, x.who = append([]ledger.ID{x.who}, x.as...), into
			continue
		case found == checkAgain:
			return a, fmt.Errorf("%w: %v at %v", ErrAlready, x.who, x.shift.ID)
		case found == checkKnown:
			return a, nil
		}
		err = s.write(ctx, "checking in", x.who.String(), func(t *txn) error {
			now := a
			err := t.putUnmoved(&now, s.now())
			if err == nil {
				a = now
			}
			return err
		})
		if !errors.Is(err, ErrChanged) {
			return a, err
		}
	}
	return a, fmt.Errorf("checking in: %w", ErrBusy)
}

// aheadOfCheck asks for all that a check is held against.
func (t *txn) aheadOfCheck(x atShift, zone *time.Location) {
	day := int64(ledger.DayOf(time.Unix(x.shift.Start, 0).In(zone)))
	t.ahead(selectMerged)
	t.ahead(selectPerson)
	t.ahead(selectAttendance, x.shift.ID.String())
	t.ahead(selectAttendanceDay, day, day)
}

// mergedInto is the record that this one points to; zero: it stands for itself.
func (t *txn) mergedInto() (into ledger.ID, err error) {
	m, err := t.merged()
	if err == nil && m.Is() {
		into = m.Into
	}
	return into, err
}

// finding is what a check is beside those that are known.
type finding int

const (
	checkNew   finding = iota
	checkKnown         // it was noted already
	checkAgain         // another one of that direction stands
)

// attend notes a check.
func (t *txn) attend(x atShift, shared int, zone *time.Location, now int64) error {
	a, found, err := t.look(x, shared, zone, now)
	if err != nil || found != checkNew {
		return err
	}
	return t.putAttendance(&a, now)
}

// look works out what an attendance is with a check, and writes nothing.
func (t *txn) look(x atShift, shared int, zone *time.Location, now int64) (a Attendance, is finding, err error) {
	a, found, err := t.standing(x.shift.ID)
	if err != nil {
		return a, checkNew, err
	}
	if !found {
		a = a.anew(beginAttendance(x.who, x.shift, x.scope, zone))
		a.Guest, a.Card, a.Mobile, a.Tail, a.Suggested = x.guest, x.card, x.mobile, x.tail, x.suggested
	}
	was := a.In
	if x.out {
		was = a.Out
	}
	if a.undecided() { // the shift may have been moved since
		plan := beginAttendance(x.who, x.shift, x.scope, zone)
		a.Scope, a.Day, a.Start, a.End, a.Title, a.TitleEN, a.Kiosks = plan.Scope, plan.Day, plan.Start, plan.End, plan.Title, plan.TitleEN, plan.Kiosks
	}
	if was == x.seen && len(a.Shares) == 0 { // a run whose answer was lost, or an entry that is told again
		return a, checkKnown, nil
	}
	if !a.check(x.as, x.out, x.seen) {
		if was == x.seen {
			return a, checkKnown, nil
		}
		return a, checkAgain, nil
	}
	if !x.out && x.phone != "" {
		a.Phone = x.phone
		if shared >= phonePeople {
			a.sign(Sign{Word: SignPhone, N: int64(shared) + 1})
		}
	}
	if a.Saying == nil && a.byChecks() {
		a.Saying = a.Said // what the checks say has changed
	}
	a.due = a.Saying != nil
	if x.outside() {
		a.sign(Sign{Word: SignOutside})
	}
	return a, checkNew, t.settleAttendance(&a, now)
}

// outside tells whether a check was not made when, or where, people of the shift check
// in: a kiosk that was offline did not know better.
func (x atShift) outside() bool {
	at := x.seen.MS / 1000
	return !x.shift.At(x.seen.Kiosk) || x.seen.Trusted() && (at < x.shift.Opens()-checkSlack || at > x.shift.Shuts()+checkSlack)
}

// settleAttendance says what an attendance waits for now that something of it has
// changed, and looks for signs of abuse.
func (t *txn) settleAttendance(a *Attendance, now int64) error {
	if a.late() {
		a.sign(Sign{Word: SignLate})
	}
	a.settle(now)
	if _, proven := a.Presence(); !proven {
		a.sign(Sign{Word: SignClock})
	}
	others, err := t.attendanceDays(a.Day, a.Day)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Shift != a.Shift && elsewhere(*a, o) {
			a.sign(Sign{Word: SignElsewhere, Other: o.Shift})
		}
	}
	return nil
}

// besides finds those at which somebody was at the same time elsewhere, and of which
// neither says so.
func (t *txn) besides(a Attendance) (found bool, err error) {
	others, err := t.attendanceDays(a.Day, a.Day)
	for _, o := range others {
		at := func(x Attendance, other ledger.ID) bool {
			return slices.Contains(x.Signs, Sign{Word: SignElsewhere, Other: other})
		}
		if o.Shift != a.Shift && elsewhere(a, o) && !at(a, o.Shift) && !at(o, a.Shift) && len(a.Signs) < maxSigns {
			found = true
		}
	}
	return found, err
}

// signBesides notes on an attendance what besides has found.
func (t *txn) signBesides(shift ledger.ID, now int64) error {
	a, found, err := t.attendance(shift)
	if err != nil || !found {
		return err
	}
	if found, err = t.besides(a); err != nil || !found {
		return err
	}
	if err := t.settleAttendance(&a, now); err != nil {
		return err
	}
	return t.putAttendance(&a, now)
}

// byChecks tells whether somebody confirmed what the checks say, whatever that is.
func (a Attendance) byChecks() bool {
	return a.State == civic.AttendConfirmed && a.Said != nil && a.Said.Minutes == 0
}

// late tells whether a check that came after somebody had decided makes much of a
// difference: half an hour, or somebody was there after all.
func (a Attendance) late() bool {
	if a.Recount != "" { // it came with a record
		return false
	}
	if a.State == civic.AttendRefused {
		return a.In.MS != 0
	}
	if !a.byChecks() {
		return false
	}
	now := civic.Counted(a.In.Check, a.Out.Check, a.Planned(), 0)
	return max(now.Seconds()-a.Counted.Seconds(), a.Counted.Seconds()-now.Seconds()) >= 30*60
}

// elsewhere tells whether somebody was at two kiosks at the same time.
func elsewhere(a, b Attendance) bool {
	if a.Kiosk() == b.Kiosk() || a.In.MS == 0 || b.In.MS == 0 || b.State == civic.AttendRefused {
		return false
	}
	return a.there().Within(b.there()).Seconds() > 0
}

// there is the time in which somebody was there, as far as it was seen.
func (a Attendance) there() civic.Span {
	span, _ := a.Presence()
	if span.To == 0 {
		span.To = max(span.From, a.End)
	}
	return span
}

// sharing counts who else checked in with the same phone on that day.
func (s *Store) sharing(ctx context.Context, x atShift) (n int, err error) {
	if x.phone == "" || x.out {
		return 0, nil
	}
	day := ledger.DayOf(time.Unix(x.shift.Start, 0).In(s.cfg.Zone))
	args := []any{x.phone, int64(day), x.who.String(), int64(100)}
	err = s.scatter(ctx, "looking who else uses a phone", scatterPhonePeople, args, func() { n = 0 }, func(rows scanner) error {
		n++
		var who string
		return rows.Scan(&who)
	})
	return n, err
}

// takeAttended writes what a kiosk of the shift is to know of an attendance, or takes
// it back. A kiosk that is not registered here is told nothing.
func (t *txn) takeAttended(p parcel) error {
	doc := p.attended.document(p.name)
	if !p.attended.told || !slices.Contains(p.attended.Kiosks, fmt.Sprint(t.shard)) {
		return t.removeDocument(KindAttended, doc.Key())
	}
	err := t.putDocument(civic.Document{Attended: &doc})
	if errors.Is(err, ErrUnknown) {
		return nil
	}
	return err
}
