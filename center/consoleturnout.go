package center

import (
	"errors"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// turnoutPage is everybody at one time of an activity.
type turnoutPage struct {
	civic.Shift
	PlaceName string
	Rows      []attendRow
	Ready     []attendRow // whom one tap would confirm
	Rest      int         // who waits, and needs more than that
	Minutes   int64       // of those who are ready
	More      bool        // there are more people than are shown
	Here      string
}

// Begins and Ends are its planned time.
func (p turnoutPage) Begins() time.Time { return time.Unix(p.Start, 0) }

// Ends is the other end of Begins.
func (p turnoutPage) Ends() time.Time { return time.Unix(p.End, 0) }

// turnoutOf reads the shift of the address, which must be of the officer's area.
func (c *console) turnoutOf(a *ask) (p turnoutPage, err error) {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return p, store.ErrUnknown
	}
	shift, scope, err := c.Store.Shift(a.Context(), id)
	if err != nil {
		return p, err
	}
	if err := a.reaches(scope); err != nil {
		return p, err
	}
	names, err := c.scopeNames(a)
	p = turnoutPage{Shift: shift, PlaceName: names[scope], Here: turnoutPath(id)}
	return p, err
}

// turnoutPeople reads the shift with everybody at it.
func (c *console) turnoutPeople(a *ask) (p turnoutPage, err error) {
	if p, err = c.turnoutOf(a); err != nil {
		return p, err
	}
	list, err := c.Store.AttendancesAt(a.Context(), p.ID, ledger.ID{})
	if err != nil {
		return p, err
	}
	p.More = len(list) >= store.MaxAttendances
	if p.Rows, err = c.attendRows(a, list); err != nil {
		return p, err
	}
	for _, r := range p.Rows {
		switch {
		case r.Tap:
			p.Ready = append(p.Ready, r)
			p.Minutes += r.Would
		case r.State == civic.AttendPending:
			p.Rest++
		}
	}
	return p, nil
}

func (c *console) turnout(a *ask) error {
	p, err := c.turnoutPeople(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "turnout", title: p.Title, data: p})
}

// turnoutAll says what follows when all of a shift is confirmed.
func (c *console) turnoutAll(a *ask) error {
	p, err := c.turnoutPeople(a)
	if err != nil {
		return err
	}
	if len(p.Ready) == 0 {
		a.redirect(p.Here)
		return nil
	}
	return c.show(a, page{word: "turnoutall", title: c.text(a, "center.turnout.all"), data: p})
}

// turnoutAllNow confirms those whom the officer has seen on the page before.
func (c *console) turnoutAllNow(a *ask) error {
	p, err := c.turnoutPeople(a)
	if err != nil {
		return err
	}
	if err := a.ParseForm(); err != nil {
		return errors.Join(errForm, err)
	}
	ready := make(map[string]ledger.ID)
	for _, r := range p.Ready {
		ready[r.Volunteer.String()] = r.Volunteer
	}
	var people []ledger.ID
	for _, seen := range a.PostForm["who"] {
		if id, is := ready[seen]; is {
			people = append(people, id)
			delete(ready, seen)
		}
	}
	for first := 0; first < len(people); first += ledger.MaxRoster {
		some := people[first:min(first+ledger.MaxRoster, len(people))]
		if _, err := c.Store.Confirm(a.Context(), store.Confirm{Shift: p.ID, People: some, Verdict: ledger.VerdictThere, By: a.officer.Name}); err != nil {
			return err
		}
	}
	a.redirect(p.Here + "?done=hours_all") // whoever could not be confirmed is still listed as waiting
	return nil
}
