package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// Parting is whether two records that were merged can be two again.
type Parting struct {
	Merged
	Moved ledger.Points // passed on so far
	Spent ledger.Points // of them, what the kept record has no longer: then they stay one
}

// Parting looks at what was passed on from a merged record and is still there. What
// waits with goods counts as spent.
func (s *Store) Parting(ctx context.Context, other ledger.ID) (p Parting, err error) {
	if p.Merged, err = s.Merged(ctx, other); err != nil {
		return p, err
	}
	if !p.Is() {
		return p, fmt.Errorf("%w: the record is not merged", ErrState)
	}
	err = s.read(ctx, "looking at what was passed on", p.Into.String(), func(t *txn) error {
		p.Moved, p.Spent = 0, 0
		list, err := t.booked()
		if err != nil {
			return err
		}
		a, err := t.account()
		if err != nil {
			return err
		}
		there := make(map[ledger.Day]ledger.Points)
		for _, l := range a.Lots {
			there[l.Expires] = l.Free - l.Wanted
		}
		for _, r := range a.Rights {
			there[r.Expires] += max(0, r.Spendable()-r.Lost)
		}
		if err := t.doubled(other, there); err != nil {
			return err
		}
		for _, b := range list {
			if b.from != other.String() {
				continue
			}
			p.Moved += b.left
			left := max(0, min(b.left, there[b.e.Expires]))
			p.Spent += b.left - left
			there[b.e.Expires] -= left
		}
		return nil
	})
	return p, err
}

// Unmerge makes two records of one again: the other gets its cards, numbers and points
// back, as the points can be had. It answers ErrState when they are not one, or some of
// the points were spent. The same again changes nothing.
func (s *Store) Unmerge(ctx context.Context, other ledger.ID, by string) error {
	was, err := s.Merged(ctx, other)
	if err != nil || !was.Is() && was.Turn > 0 {
		return err
	}
	if err := s.whole(ctx); err != nil {
		return err
	}
	if err := s.passOn(ctx, other, was.Into); err != nil { // so that all that was taken is there to be given back
		return err
	}
	if on, err := s.Merged(ctx, was.Into); err != nil || on.Is() {
		return cmp.Or(err, fmt.Errorf("%w: the kept record is merged itself, and is to be parted first", ErrState))
	}
	if err := s.splitRecord(ctx, other, was); err != nil {
		return err
	}
	p, err := s.Parting(ctx, other)
	if err == nil && p.Spent > 0 {
		err = fmt.Errorf("%w: %d of the points were spent", ErrState, p.Spent)
	}
	if err != nil {
		return errors.Join(err, s.joinRecord(ctx, other)) // they stay one
	}
	if err := s.write(ctx, "parting records", other.String(), func(t *txn) error { return t.unmerge(by, s.now()) }); err != nil {
		return err
	}
	if err := s.passOn(ctx, other, was.Into); err != nil {
		return err
	}
	if err := s.passOn(ctx, was.Into, other); err != nil {
		return err
	}
	parted, err := s.Merged(ctx, other)
	if err == nil {
		err = s.moveClaims(ctx, other, parted)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.carryOut(ctx, was.Into), s.carryOut(ctx, other))
}

// unmerge gives the other record back what it was. Points that are still to come stay
// with it.
func (t *txn) unmerge(by string, now int64) error {
	m, err := t.merged()
	if err != nil || !m.Is() {
		return err
	}
	old, found, err := t.person()
	if err != nil || !found {
		return err
	}
	if err := t.turn(m.Into, m.Turn+1, m.text, by, now); err != nil {
		return err
	}
	if err := t.exec(dropWishes, m.Into.String(), now); err != nil {
		return err
	}
	next := old.Person
	next.Volunteer, next.Town, next.Home = m.text.Other, m.text.OtherHome[0], m.text.OtherHome[1]
	if _, _, err := t.putPerson(old, true, next, fmt.Sprintf("part-%d", m.Turn+1), now); err != nil {
		return err
	}
	if err := t.change(upsertListed, int64(m.text.Listed.Points), m.text.Listed.Minutes); err != nil {
		return err
	}
	before, after := old.Person.traced(), next.traced()
	before["into"], after["into"] = m.Into.String(), ""
	return t.actIn(personTrace, now, by, "person.parted", before, after)
}

// doubled adds what the record gets back when it is parted from another one: points of time
// that both have, which are taken back as long as they are one.
func (t *txn) doubled(other ledger.ID, there map[ledger.Day]ledger.Points) error {
	return t.each(selectAttended, nil, func(rows scanner) error {
		a, err := scanAttendance(rows)
		var booked ledger.Points
		has := false
		for _, s := range a.Shares {
			has = has || s.Of == other
			booked += s.Points
		}
		if has && a.State == civic.AttendConfirmed {
			there[a.Expires] += max(0, booked-a.Points)
		}
		return err
	})
}
