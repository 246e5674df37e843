package sim

import (
	"errors"
	"strings"
	"time"

	center "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// attend has people come to an activity: by card, by phone, without a card, and leave
// again or not; a leader or an officer confirms some. It is too short for points, so
// that what the world knows of points stays exact; the minutes are proved with the book.
func (w *world) attend() {
	s := pick(w.dice, w.stations)
	b := pick(w.dice, s.running())
	start := w.now().Add(-time.Minute).Unix()
	shift := civic.Shift{ID: idOf("shift", len(w.shifts)), Activity: idOf("activity", 0), Title: "护河", Place: s.id, Start: start, End: start + 29*60, Kiosks: []string{s.id},
		CheckEarly: 1800, CheckLate: 3600}
	w.office.surely(func() error { return w.office.store.PutShift(w.ctx, s.town, shift) })
	w.shifts = append(w.shifts, shift)
	w.wait(2 * time.Second)
	var there []ledger.ID
	for range 1 + w.dice.IntN(4) {
		p := pick(w.dice, w.people)
		there = append(there, w.arrive(b, shift, p)...)
		w.touched[p] = true
	}
	if len(there) > 0 && w.oneIn(2) {
		_, err := b.store.ConfirmRoster(w.ctx, store.Roll{Key: w.key(), Shift: shift.ID, Operator: w.leader, Verdict: ledger.VerdictThere, People: there})
		w.attended(b, "a roster", err)
	}
	if old := pick(w.dice, w.shifts); w.oneIn(2) {
		w.judge(old.ID)
	}
}

// arrive checks somebody in, and perhaps out, and tells under which names they stand on
// the roster.
func (w *world) arrive(b *box, shift civic.Shift, p *person) (names []ledger.ID) {
	c := store.Check{Key: w.key(), Shift: shift.ID, Who: p.id, By: ledger.CheckCard}
	switch w.dice.IntN(5) {
	case 0:
		w.phone(b, shift, p, false)
		if w.oneIn(2) {
			w.phone(b, shift, p, true)
		}
		return []ledger.ID{p.id}
	case 1:
		c.Who, c.Card = ledger.ID{}, p.card // the kiosk cannot read who it is
	case 2:
		c.Who, c.By = ledger.ID{}, ledger.CheckWalkIn
	}
	a, err := b.store.CheckIn(w.ctx, c)
	w.attended(b, p.name+" checks in", err)
	if err != nil {
		return nil
	}
	if w.oneIn(2) {
		out := c
		out.Key = w.key()
		if c.By == ledger.CheckWalkIn {
			out.Who = a.Who
		}
		_, err := b.store.CheckOut(w.ctx, out)
		w.attended(b, p.name+" checks out", err)
	}
	if c.By == ledger.CheckWalkIn && w.oneIn(2) {
		w.wait(2 * time.Second)
		w.office.surely(func() error { return mayFail(w.office.store.IdentifyGuest(w.ctx, a.Who, p.id, "李敏")) })
	}
	return []ledger.ID{a.Who}
}

// attended says how it went, and ends the world at what nothing in it explains.
func (w *world) attended(b *box, what string, err error) {
	w.say("%s: %s: %v", b.station.id, what, err)
	if err == nil {
		w.tally.count("attending: " + what[strings.LastIndex(what, " ")+1:])
		return
	}
	for _, e := range []error{store.ErrElsewhere, store.ErrNotYet, store.ErrOver, store.ErrAlready, store.ErrTooFast, store.ErrNeedsLeader} {
		if errors.Is(err, e) {
			return
		}
	}
	if !expected(err) {
		w.must(err)
	}
}

// phone has somebody check in at the center.
func (w *world) phone(b *box, shift civic.Shift, p *person, out bool) {
	x := center.Attend{Volunteer: p.id, Shift: shift.ID, Out: out, At: w.office.now(), Kiosk: b.station.id, Phone: p.name}
	w.office.surely(func() error {
		_, err := w.office.store.Attend(w.ctx, x)
		return mayFail(err)
	})
	w.tally.count("attending: phones")
}

// judge has an officer go through a shift.
func (w *world) judge(shift ledger.ID) {
	w.office.surely(func() error {
		list, err := w.office.store.AttendancesAt(w.ctx, shift, ledger.ID{})
		if err != nil || len(list) == 0 {
			return err
		}
		x := center.Confirm{Shift: shift, Verdict: ledger.VerdictThere, By: "李敏"}
		for _, a := range list {
			x.People = append(x.People, a.Volunteer)
		}
		if len(list)%3 == 0 {
			x.Minutes = 20
		}
		_, err = w.office.store.Confirm(w.ctx, x)
		return mayFail(err)
	})
	w.tally.count("attending: decided")
}

// mayFail drops the errors that a world explains: a book from an old copy, a clock that
// is wrong, somebody who was faster.
func mayFail(err error) error {
	for _, e := range []error{center.ErrUnknown, center.ErrNotOpen, center.ErrAlready, center.ErrState, center.ErrRestored} {
		if errors.Is(err, e) {
			return nil
		}
	}
	return err
}
