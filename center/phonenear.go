package center

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// nearPage is what goes on where somebody lives.
type nearPage struct {
	Mine []nearRow // claimed, and not over
	Days []nearDay
	More bool
}

type nearDay struct {
	On   time.Time
	Rows []nearRow
}

// nearRow is a shift in a list.
type nearRow struct {
	ID           string
	Title, Place string
	Start, End   time.Time
	State        store.EnlistState // of whoever looks; "": none
	Claimed      int64
}

func (p *phones) row(a *caller, s store.Shift, mine map[ledger.ID]store.Enlistment) nearRow {
	r := nearRow{ID: s.ID.String(), Title: shiftTitle(a.ask, s.Shift), Place: shiftPlace(a.ask, s.Shift), Start: time.Unix(s.Start, 0), End: time.Unix(s.End, 0), Claimed: s.Claimed}
	if e := mine[s.ID]; e.State == store.EnlistedIn || e.State == store.EnlistedWaiting {
		r.State = e.State
	}
	return r
}

// near lists what begins soon in the volunteer's town, below it, and above it.
func (p *phones) near(a *caller) error {
	mine, err := p.claims(a)
	if err != nil {
		return err
	}
	places, err := p.placesNear(a)
	if err != nil {
		return err
	}
	now := p.Now()
	list, err := p.Store.ShiftsOn(a.Context(), places, now.Add(-nearBack), now.Add(nearAhead), nearShifts+1)
	if err != nil {
		return err
	}
	d := nearPage{More: len(list) > nearShifts}
	for _, s := range list[:min(len(list), nearShifts)] {
		if s.Closed || s.End <= now.Unix() {
			continue
		}
		row := p.row(a, s, mine)
		if row.State != "" {
			d.Mine = append(d.Mine, row)
		}
		day := ledger.DayOf(row.Start.In(p.Zone))
		if n := len(d.Days); n == 0 || ledger.DayOf(d.Days[n-1].On.In(p.Zone)) != day {
			d.Days = append(d.Days, nearDay{On: row.Start})
		}
		last := &d.Days[len(d.Days)-1]
		last.Rows = append(last.Rows, row)
	}
	return p.show(a, page{word: "near", data: d})
}

// claims are what the volunteer has claimed, by shift.
func (p *phones) claims(a *caller) (map[ledger.ID]store.Enlistment, error) {
	list, err := p.Store.EnlistmentsOf(a.Context(), a.id(), phoneClaims)
	mine := make(map[ledger.ID]store.Enlistment, len(list))
	for _, e := range list {
		mine[e.Shift] = e
	}
	return mine, err
}

// placesNear are the volunteer's town, all that lies below it, and the places above it,
// of which everybody is; nil when that is the whole tree.
func (p *phones) placesNear(a *caller) ([]string, error) {
	town, err := p.desk.areaWithin(a.Context(), a.person.Town)
	if err != nil || town.whole {
		return nil, err
	}
	list := town.places()
	above, err := p.Store.Scopes(a.Context(), a.person.Town)
	if err != nil && !errors.Is(err, store.ErrUnknown) {
		return nil, err
	}
	for _, scope := range above {
		list = append(list, scope.ID)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), nearPlaces)], nil
}

// reaches answers errFar when a shift is neither of the volunteer's town, nor below it,
// nor of a place above it: what the lists leave out cannot be had by its address either.
func (p *phones) reaches(a *caller, scope string) error {
	town, err := p.desk.areaWithin(a.Context(), a.person.Town)
	if err != nil || town.whole || town.in[scope] {
		return err
	}
	above, err := p.Store.Scopes(a.Context(), a.person.Town)
	if err != nil && !errors.Is(err, store.ErrUnknown) {
		return err
	}
	if slices.ContainsFunc(above, func(s store.Scope) bool { return s.ID == scope }) {
		return nil
	}
	return fmt.Errorf("%w: %s from %s", errFar, scope, a.person.Town)
}

// nearShift is one time of an activity, and its posts to claim.
type nearShift struct {
	nearRow
	Team  string
	Posts []nearPost
	Mine  string // the post that is claimed
	Open  bool   // it can be claimed, or given up, still
	Full  bool   // nobody but those who wait can be added
	Any   bool   // there are no posts: one comes, or does not
}

// nearPost is one post.
type nearPost struct {
	N             int64
	Name, Needs   string
	Taken, Wanted int64
	Full, Mine    bool
}

func (p *phones) shift(a *caller) error {
	s, err := p.planned(a)
	if err != nil {
		return err
	}
	list, err := p.Store.Enlistments(a.Context(), s.ID)
	if err != nil {
		return err
	}
	mine := make(map[ledger.ID]store.Enlistment)
	taken := make(map[int64]int64)
	for _, e := range list {
		if e.Volunteer == a.id() {
			mine[s.ID] = e
		}
		if e.State == store.EnlistedIn {
			taken[e.Post]++
		}
	}
	if _, claimed := mine[s.ID]; !claimed { // an officer may have put down people of elsewhere
		if err := p.reaches(a, s.Scope); err != nil {
			return err
		}
	}
	d := nearShift{nearRow: p.row(a, s, mine), Team: s.Team, Open: !s.Closed && p.Now().Unix() < s.End, Any: len(s.Posts) == 0}
	for i, post := range s.Posts {
		r := nearPost{N: int64(i + 1), Name: postName(a.ask, post), Needs: post.Needs, Taken: taken[int64(i+1)], Wanted: post.Wanted}
		r.Full = r.Wanted > 0 && r.Taken >= r.Wanted
		if r.Mine = d.State != "" && mine[s.ID].Post == r.N; r.Mine {
			d.Mine = r.Name
		}
		d.Posts = append(d.Posts, r)
	}
	return p.show(a, page{word: "shift", title: d.Title, data: d})
}

// planned is the shift of the address.
func (p *phones) planned(a *caller) (s store.Shift, err error) {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return s, errors.Join(store.ErrUnknown, err)
	}
	return p.Store.PlannedShift(a.Context(), id)
}

func postName(a *ask, post civic.Post) string {
	if a.lang == assets.English {
		return cmp.Or(post.NameEN, post.Name)
	}
	return post.Name
}

// shiftNow claims a post, or gives it up.
func (p *phones) shiftNow(a *caller) error {
	s, err := p.planned(a)
	if err != nil {
		return err
	}
	post, err := strconv.ParseInt(cmp.Or(a.typed("post"), "0"), 10, 16)
	if err != nil {
		return errors.Join(store.ErrUnknown, err)
	}
	off := a.typed("do") == "off"
	if !off { // whoever was put down elsewhere may give it up
		if err := p.reaches(a, s.Scope); err != nil {
			return err
		}
	}
	e, err := p.Store.Enlist(a.Context(), store.Claim{Shift: s.ID, Volunteer: a.id(), Post: post, Off: off, Wait: a.typed("do") == "wait"})
	done := "claimed"
	switch {
	case errors.Is(err, store.ErrFull): // somebody was faster
		done = "full"
	case err != nil:
		return err
	case off:
		done = "given_up"
	case e.State == store.EnlistedWaiting:
		done = "waits"
	}
	a.redirect("/my/shift/" + s.ID.String() + "?done=" + done)
	return nil
}
