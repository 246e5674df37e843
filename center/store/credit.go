package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// rules are by what an attendance is decided.
type rules struct {
	policy civic.Policy
	rule   civic.Rule
	place  string // whose rules these are
	own    bool   // whoever decides does so of their own attendance
	today  ledger.Day
	zone   *time.Location
}

// carryOut decides about an attendance as somebody said, and books what it comes to
// more or less than before.
func (t *txn) carryOut(shift ledger.ID, said Said, r rules, now int64) error {
	a, found, err := t.attendance(shift)
	if err != nil || !found || !a.due || a.Saying == nil || *a.Saying != said {
		return err // somebody was faster
	}
	before := a
	a.due = false
	if said.Verdict == ledger.VerdictThere && a.In.MS == 0 && a.Out.MS == 0 && !r.own {
		a.wait(WaitUnseen)                                       // it is carried out when a check comes
		if err := t.bookCredit(before, &a, r, now); err != nil { // of checks that went back with a record
			return err
		}
		a.Recount = ""
		if err := t.storeAttendance(a); err != nil {
			return err
		}
		if _, err := t.recountHonours(a.Day, r.zone); err != nil {
			return err
		}
		return t.putAttendance(&a, now)
	}
	a.Saying, a.Heard = nil, &said
	switch {
	case r.own:
		a.sign(Sign{Word: SignOwn})
		if a.undecided() || before.Recount != "" {
			a.wait(WaitOwn)
		}
	case said.Verdict == ledger.VerdictAbsent:
		a.State, a.Why, a.Credit, a.Points, a.Counted, a.Others, a.Said = civic.AttendRefused, WaitRefused, 0, 0, civic.Span{}, nil, &said
	default:
		if err := t.credit(&a, said, r); err != nil {
			return err
		}
	}
	if a.Recount = ""; a.asBefore(before) {
		a.Said, a.Others = before.Said, before.Others
		return t.storeAttendance(a)
	}
	if err := t.bookCredit(before, &a, r, now); err != nil {
		return err
	}
	who, kind := said.By, "attendance.decided"
	if before.Recount != "" {
		who, kind = before.Recount, "attendance.recounted"
	}
	if err := t.actIn(personTrace, now, who, kind, before.traced(), a.traced()); err != nil {
		return err
	}
	if err := t.storeAttendance(a); err != nil {
		return err
	}
	switch less, err := t.recountHonours(a.Day, r.zone); {
	case err != nil:
		return err
	case less > 0: // somebody entered what was checked in to as well
		a.sign(Sign{Word: SignEntered, N: less})
	}
	return t.putAttendance(&a, now)
}

// wait takes back what was decided, until somebody decides again.
func (a *Attendance) wait(why string) {
	a.State, a.Why, a.Credit, a.Points, a.Counted, a.Others, a.Said = civic.AttendPending, why, 0, 0, civic.Span{}, nil, nil
}

// asBefore tells whether a verdict came to nothing new.
func (a Attendance) asBefore(b Attendance) bool {
	return a.Said != nil && b.Said != nil && a.Said.same(*b.Said) && a.State == b.State && a.Why == b.Why && a.Credit == b.Credit && a.Points == b.Points &&
		a.Counted == b.Counted && len(a.Signs) == len(b.Signs)
}

func (a Attendance) undecided() bool {
	return a.State == civic.AttendOpen || a.State == civic.AttendPending
}

// traced is what an act keeps of an attendance.
func (a Attendance) traced() map[string]any {
	m := map[string]any{"shift": a.Shift.String(), "what": a.Title, "day": a.Day.String(), "state": a.State, "why": a.Why, "minutes": a.Credit, "points": int64(a.Points)}
	if a.Said != nil && a.Said.Reason != "" {
		m["reason"] = a.Said.Reason
	}
	return m
}

// credit works out what an attendance comes to beside the others of its day.
func (t *txn) credit(a *Attendance, said Said, r rules) error {
	day, err := t.attendanceDays(a.Day, a.Day)
	if err != nil {
		return err
	}
	var others []civic.Served
	for _, o := range day {
		if o.due && o.Recount != "" { // its turn comes after this one
			continue
		}
		if o.Shift != a.Shift && o.State == civic.AttendConfirmed && !o.Guest {
			others = append(others, civic.Served{Span: o.Counted, Minutes: o.Credit})
		}
	}
	counted := civic.Counted(a.In.Check, a.Out.Check, a.Planned(), said.Minutes)
	c := r.policy.Credit(counted, said.Approved, others)
	if long := r.policy.WithDefaults().LongMinutes; c.Whole > long {
		a.sign(Sign{Word: SignLong, N: c.Whole})
	}
	if c.Held {
		a.sign(Sign{Word: SignDay, N: c.Over})
		if a.undecided() || a.Recount != "" { // else what was decided stands until an officer approves
			a.wait(WaitDay)
		}
		return nil
	}
	a.State, a.Why, a.Counted, a.Others, a.Said = civic.AttendConfirmed, "", counted, others, &said
	a.Rule, a.Place, a.Rate = r.rule, r.place, r.policy.WithDefaults().PointsPerHour
	a.Expires = r.policy.Expiry(a.Day)
	if a.Guest { // nobody's yet
		a.Credit, a.Points = 0, 0
		return nil
	}
	a.Credit, a.Points = c.Minutes, c.Points
	return nil
}

// attendKey names the n-th line of what an attendance earned.
func attendKey(a Attendance, n int64) string {
	sum := sha256.Sum256(fmt.Append(nil, "yizhan attendance 1\n", a.Shift, "\n", a.Volunteer, "\n", n))
	return hex.EncodeToString(sum[:len(ledger.Key{})])
}

// bookCredit books the difference: what there is more as an earning, what there is less
// as a reversal of points and a line of minutes.
func (t *txn) bookCredit(before Attendance, a *Attendance, r rules, now int64) error {
	minutes, points := a.Credit-before.Credit, a.Points-before.Points
	if minutes == 0 && points == 0 {
		return nil
	}
	e := civic.Earning{On: a.Day, Expires: a.Expires, What: a.Title, Rate: a.Rate, Rule: a.Rule, Of: before.Earning}
	switch {
	case before.Earning != "":
		a.Corrections++
	case minutes < 0 || points < 0: // of what was booked under a record that was merged into this one
		a.Earning = attendKey(*a, 0)
		e.Of, a.Corrections = a.Earning, 1
	default:
		a.Earning = attendKey(*a, 0)
	}
	if points < 0 {
		back := e
		back.Points = points
		if err := t.takeCredit(attendKey(*a, -a.Corrections), back, a, now); err != nil {
			return err
		}
		points = 0
	}
	if minutes == 0 && points == 0 {
		return nil
	}
	e.Minutes, e.Points = minutes, points
	return t.earnCredit(attendKey(*a, a.Corrections), e, a.Version, now)
}

// earnCredit books a line of what an attendance earned: minutes also where they are too
// few for points.
func (t *txn) earnCredit(key string, e civic.Earning, version uint64, now int64) error {
	person, found, err := t.person()
	if err == nil && !found {
		err = bug("an attendance of %v, who is not registered", t.shard)
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing an earning: %w", err)
	}
	return t.earn(key, person.Town, e, body, now, func() error {
		if person.Town == "" {
			return nil
		}
		return t.post(key+"-credit", outboxPerson, person.Town, 0, 0, now)
	})
}

// takeCredit takes points of an attendance back. Those that were passed on, when the
// record was merged into another one, are not here any more: that is for somebody to
// look at.
func (t *txn) takeCredit(key string, e civic.Earning, a *Attendance, now int64) error {
	left, err := t.reversible(e.Expires)
	if err != nil {
		return err
	}
	if -e.Points > left {
		a.sign(Sign{Word: SignMerged, N: int64(-e.Points - left)})
		e.Points = -max(0, left)
	}
	if e.Points == 0 {
		return nil
	}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing a reversal: %w", err)
	}
	return t.reverse(key, e, body, now)
}
