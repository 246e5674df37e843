package store

import (
	"context"
	"fmt"

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
		for _, b := range list {
			if b.e.From() != other.String() {
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
	p, err := s.Parting(ctx, other)
	if err == nil && p.Spent > 0 {
		err = fmt.Errorf("%w: %d of the points were spent", ErrState, p.Spent)
	}
	if err != nil {
		return err
	}
	if err := s.write(ctx, "parting records", other.String(), func(t *txn) error { return t.unmerge(by, s.now()) }); err != nil {
		return err
	}
	if err := s.passOn(ctx, other, was.Into); err != nil {
		return err
	}
	return s.passOn(ctx, was.Into, other)
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
