package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Check asks to check somebody in or out at a shift. Who is the person; somebody
// unknown is named by Card, and a walk-in who checks in by neither: the store draws a
// number.
type Check struct {
	Key      ledger.Key
	Shift    ledger.ID
	Who      ledger.ID
	Card     civic.CardID
	By       ledger.CheckBy
	Phone    civic.PhoneHash // of a walk-in; zero: none was given
	Tail     string
	Operator ledger.ID // of a leader's check
}

// CheckIn records that somebody has come. It is refused for a shift of other kiosks
// (ErrElsewhere), before and after it is open (ErrNotYet, ErrOver), once somebody is
// here (ErrAlready, with what is known of it), and for a card that follows the one
// before too soon (ErrTooFast). By a clock that nobody vouches for no shift is early or
// late, and the entry says so.
func (s *Store) CheckIn(ctx context.Context, c Check) (Attendance, error) {
	return s.check(ctx, c, false)
}

// CheckOut records that somebody leaves, by the same rules. Nobody needs to have
// checked in: the center then asks a leader.
func (s *Store) CheckOut(ctx context.Context, c Check) (Attendance, error) {
	return s.check(ctx, c, true)
}

func (s *Store) check(ctx context.Context, c Check, out bool) (a Attendance, err error) {
	a, err = ask(ctx, s, func(t *tx, now Instant) ([]ledger.Body, error) {
		seq, again, err := t.again(c.Key, func(b ledger.Body) bool { return c.is(b, out) })
		if err != nil {
			return nil, err
		}
		if again {
			_, e, _ := t.entry(seq)
			b, _, _ := checkOf(e.Body)
			c.Who = b.Who
			return nil, nil
		}
		if err := s.mayCheck(t, now, c, out); err != nil {
			return nil, err
		}
		if c.By == ledger.CheckWalkIn && c.Who.IsZero() {
			if c.Who, err = s.drawWalkIn(t); err != nil {
				return nil, err
			}
		}
		b := ledger.Check{Key: c.Key, Shift: c.Shift, Who: c.Who, Card: [16]byte(c.Card), By: c.By, Phone: [16]byte(c.Phone), Tail: c.Tail, Operator: c.Operator}
		if out {
			return []ledger.Body{ledger.CheckOut{Check: b}}, nil
		}
		return []ledger.Body{ledger.CheckIn{Check: b}}, nil
	}, func(t *tx) Attendance { return t.attendance(c.Shift, nameOf(c.Who, c.Card)) })
	if errors.Is(err, ErrAlready) {
		if viewErr := s.view(func(t *tx) { a = t.attendance(c.Shift, nameOf(c.Who, c.Card)) }); viewErr != nil {
			err = viewErr
		}
	}
	return a, err
}

// is tells whether an entry came from this request.
func (c Check) is(body ledger.Body, out bool) bool {
	b, way, ok := checkOf(body)
	drawn := c.By == ledger.CheckWalkIn && c.Who.IsZero()
	return ok && way == out && b.Shift == c.Shift && (b.Who == c.Who || drawn) && b.Card == [16]byte(c.Card) && b.By == c.By &&
		b.Phone == [16]byte(c.Phone) && b.Tail == c.Tail && b.Operator == c.Operator
}

func (s *Store) mayCheck(t *tx, now Instant, c Check, out bool) error {
	named, carded := !c.Who.IsZero(), c.Card != civic.CardID{}
	if drawn := c.By == ledger.CheckWalkIn && !out && !carded; named == carded && (named || !drawn) {
		return fmt.Errorf("%w: whose check it is", ErrInput)
	}
	shift, found := t.shift(c.Shift)
	if !found {
		return fmt.Errorf("%w: shift %v", ErrUnknown, c.Shift)
	}
	a := t.attendance(c.Shift, nameOf(c.Who, c.Card))
	if out && c.By == ledger.CheckStaff && a.Arrived() != 0 {
		shift.Closed = false // called off while people were there, who go home now
	}
	if err := s.isOpen(shift, now); err != nil {
		return err
	}
	if c.By == ledger.CheckStaff || !c.Operator.IsZero() {
		if err := t.mayLead(shift, c.Operator); err != nil {
			return err
		}
		if t.same(c.Operator, c.Who) {
			return fmt.Errorf("%w: a check by hand", ErrSelf)
		}
	}
	if !out && a.Arrived() != 0 || out && a.Left() != 0 {
		return fmt.Errorf("%w: at %d and %d", ErrAlready, a.Arrived(), a.Left())
	}
	return s.paced(t, now, c)
}

// isOpen tells whether people check in and out for a shift here and now.
func (s *Store) isOpen(v civic.Shift, now Instant) error {
	at := now.WallMS / 1000
	switch trusted := now.Quality != ledger.ClockUnknown; {
	case !v.At(s.cfg.Kiosk):
		return fmt.Errorf("%w: %v", ErrElsewhere, v.Kiosks)
	case v.Closed, trusted && at >= v.Shuts():
		return fmt.Errorf("%w: since %d", ErrOver, v.Shuts())
	case trusted && at < v.Opens():
		return fmt.Errorf("%w: from %d on", ErrNotYet, v.Opens())
	}
	return nil
}

// paced holds the seconds between two cards of one shift, within one start of the
// kernel.
func (s *Store) paced(t *tx, now Instant, c Check) error {
	raw := t.get(bPace, c.Shift[:])
	if raw == nil || c.By != ledger.CheckCard && c.By != ledger.CheckPhone {
		return nil
	}
	_, last, _ := t.entry(keySeq(raw))
	passed := time.Duration(now.MonoMS-last.MonoMS) * time.Millisecond
	if last.Boot == now.Boot && passed >= 0 && passed < time.Duration(s.policy().CardGap)*time.Second {
		return fmt.Errorf("%w: %v", ErrTooFast, passed)
	}
	return nil
}

// drawWalkIn draws the number of somebody without a card.
func (s *Store) drawWalkIn(t *tx) (id ledger.ID, err error) {
	if _, err := io.ReadFull(t.random, id[:]); err != nil {
		return id, fmt.Errorf("drawing a walk-in's number: %w", err)
	}
	return id, nil
}

// mayLead tells whether somebody may go through the roster of a shift: one of its
// leaders, or staff who serve people here.
func (t *tx) mayLead(v civic.Shift, operator ledger.ID) error {
	if slices.Contains(v.Leaders, operator) && !operator.IsZero() {
		return nil
	}
	_, err := t.servingStaff(operator)
	return err
}

// mayConfirm tells whether somebody's word about the people of a shift counts: one of
// its leaders' does, and the station's leader's.
func (t *tx) mayConfirm(v civic.Shift, operator ledger.ID) error {
	if slices.Contains(v.Leaders, operator) && !operator.IsZero() {
		return nil
	}
	staff, err := t.servingStaff(operator)
	if err == nil && staff.Role != civic.RoleLeader {
		err = fmt.Errorf("%w: the roster of %v", ErrNeedsLeader, v.ID)
	}
	return err
}

// same tells whether two ids are one person's: somebody of the staff may be a volunteer
// as well, who has the same number.
func (t *tx) same(operator, who ledger.ID) bool {
	number := func(id ledger.ID) string {
		var p struct {
			Number string `json:"number"`
		}
		if !t.document(bStaff, id[:], &p) {
			t.document(bVolunteer, id[:], &p)
		}
		return p.Number
	}
	return !operator.IsZero() && (operator == who || number(operator) != "" && number(operator) == number(who))
}

// Roll asks to confirm people of a shift's roster.
type Roll struct {
	Key      ledger.Key
	Shift    ledger.ID
	Operator ledger.ID // one of the shift's leaders, or the station's leader; nobody confirms themselves
	Verdict  ledger.Verdict
	Minutes  int64       // 0: as they checked in and out, or to the planned end
	People   []ledger.ID // 1 to ledger.MaxRoster
}

// ConfirmRoster records what a leader says of people. The last word counts.
func (s *Store) ConfirmRoster(ctx context.Context, r Roll) ([]Attendance, error) {
	body := ledger.Confirm{Key: r.Key, Shift: r.Shift, Operator: r.Operator, Verdict: r.Verdict, Minutes: r.Minutes, People: slices.Clone(r.People)}
	return ask(ctx, s, func(t *tx, now Instant) ([]ledger.Body, error) {
		_, again, err := t.again(r.Key, func(b ledger.Body) bool { return sameConfirm(b, body) })
		if again || err != nil {
			return nil, err
		}
		v, found := t.shift(r.Shift)
		if !found {
			return nil, fmt.Errorf("%w: shift %v", ErrUnknown, r.Shift)
		}
		if err := t.mayConfirm(v, r.Operator); err != nil {
			return nil, err
		}
		if err := s.isOpen(v, now); errors.Is(err, ErrElsewhere) || errors.Is(err, ErrNotYet) {
			return nil, err
		}
		if slices.Contains(r.People, ledger.ID{}) {
			return nil, fmt.Errorf("%w: nobody is confirmed", ErrInput)
		}
		if slices.ContainsFunc(r.People, func(who ledger.ID) bool { return t.same(r.Operator, who) }) {
			return nil, fmt.Errorf("%w: on the roster of %v", ErrSelf, v.ID)
		}
		return []ledger.Body{body}, nil
	}, func(t *tx) []Attendance { return s.roster(t, r.Shift) })
}

func sameConfirm(b ledger.Body, want ledger.Confirm) bool {
	e, ok := b.(ledger.Confirm)
	return ok && e.Shift == want.Shift && e.Operator == want.Operator && e.Verdict == want.Verdict && e.Minutes == want.Minutes && slices.Equal(e.People, want.People)
}

// ObjectTo records that a volunteer objects to a record of service. One that waits for
// the same record is enough: another is refused (ErrAlready).
func (s *Store) ObjectTo(ctx context.Context, b ledger.Object) (Objection, error) {
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		_, again, err := t.again(b.Key, func(e ledger.Body) bool { return e == ledger.Body(b) })
		if again || err != nil {
			return nil, err
		}
		if t.get(bVolunteer, b.Volunteer[:]) == nil {
			return nil, fmt.Errorf("%w: volunteer %v", ErrUnknown, b.Volunteer)
		}
		if b.Shift.IsZero() == (b.Earning == "") {
			return nil, fmt.Errorf("%w: which record it is", ErrInput)
		}
		before := t.objections(b.Volunteer, maxObjections)
		same := func(o Objection) bool { return o.Shift == b.Shift && o.Earning == b.Earning }
		switch {
		case slices.ContainsFunc(before, same):
			return nil, fmt.Errorf("%w: an objection to %v %q", ErrAlready, b.Shift, b.Earning)
		case len(before) == maxObjections:
			return nil, fmt.Errorf("%w: %d objections", ErrLimit, len(before))
		}
		return []ledger.Body{b}, nil
	}, func(t *tx) Objection {
		all := t.objections(b.Volunteer, maxPage)
		i := slices.IndexFunc(all, func(o Objection) bool { return o.Shift == b.Shift && o.Earning == b.Earning })
		return all[max(i, 0)]
	})
}

// EnlistIn records that a volunteer claims a post of a shift that is still to begin, or
// gives it up. The center decides who has it.
func (s *Store) EnlistIn(ctx context.Context, b ledger.Enlist) (Claim, error) {
	return ask(ctx, s, func(t *tx, now Instant) ([]ledger.Body, error) {
		_, again, err := t.again(b.Key, func(e ledger.Body) bool { return e == ledger.Body(b) })
		if again || err != nil {
			return nil, err
		}
		return []ledger.Body{b}, s.mayEnlist(t, now, b)
	}, func(t *tx) Claim {
		v, _ := t.shift(b.Shift)
		return t.claims(v, s.acked.Load())[b.Volunteer]
	})
}

func (s *Store) mayEnlist(t *tx, now Instant, b ledger.Enlist) error {
	v, found := t.shift(b.Shift)
	switch {
	case !found:
		return fmt.Errorf("%w: shift %v", ErrUnknown, b.Shift)
	case t.get(bVolunteer, b.Volunteer[:]) == nil:
		return fmt.Errorf("%w: volunteer %v", ErrUnknown, b.Volunteer)
	case b.Post < 0 || b.Post > int64(len(v.Posts)):
		return fmt.Errorf("%w: post %d of %d", ErrInput, b.Post, len(v.Posts))
	case v.Closed, now.Quality != ledger.ClockUnknown && now.WallMS/1000 >= v.Start:
		return fmt.Errorf("%w: it has begun", ErrOver)
	}
	if !b.Operator.IsZero() {
		if _, err := t.servingStaff(b.Operator); err != nil {
			return err
		}
	}
	c, has := t.claims(v, 0)[b.Volunteer]
	has = has && c.Stands()
	if b.Off != has || !b.Off && has && c.Post == b.Post {
		return fmt.Errorf("%w: the claim stands as asked", ErrAlready)
	}
	return nil
}

// askedKind is what kind of job the entry of a slip that was asked for makes.
func (t *tx) askedKind(seq uint64) JobKind {
	_, e, _ := t.entry(seq)
	if _, out, ok := checkOf(e.Body); ok && !out {
		return JobCheckIn
	}
	return JobStock
}

// PrintCheckIn makes the print job of a check-in, or asks for another copy.
func (s *Store) PrintCheckIn(ctx context.Context, seq uint64, operator ledger.ID) (Job, error) {
	return s.printOnce(ctx, seq, operator, func(t *tx) error {
		_, e, _ := t.entry(seq)
		if _, out, ok := checkOf(e.Body); !ok || out {
			return fmt.Errorf("%w: check-in %d", ErrUnknown, seq)
		}
		return nil
	})
}
