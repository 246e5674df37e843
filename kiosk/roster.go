package kiosk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// rostersPage lists the rosters of a kiosk; the pages of one lie below rosterBase.
const rostersPage, rosterBase = "/staff/rosters", "/staff/roster"

// Shifts and people on one page: on a standing screen, on a lying one, and there in
// large print.
const (
	rostersTall, rostersWide, rostersLarge = 6, 4, 3
	rosterTall, rosterWide, rosterLarge    = 6, 3, 2
)

// lead is somebody who goes through rosters: staff at the desk, or a volunteer who
// leads the activity. Pages below base are theirs.
type lead struct {
	id     ledger.ID
	number string // volunteer number; "": not known
	base   string // /staff/roster or /lead
	back   string // from a roster
	staff  bool
	all    bool // may confirm any shift of the station: its leader
}

// leads tells whether somebody is named as a leader of a shift.
func leads(v civic.Shift, id ledger.ID) bool { return slices.Contains(v.Leaders, id) }

// mayConfirm tells whether a leader's word about a shift counts.
func (l lead) mayConfirm(v civic.Shift) bool { return l.all || leads(v, l.id) }

// path is a page of a roster.
func (l lead) path(shift ledger.ID) string { return l.base + "/" + shift.String() }

// self tells whether somebody on a roster is the leader: nobody confirms themselves.
func (s *Server) self(l lead, who ledger.ID) bool {
	if who == l.id {
		return true
	}
	v, err := s.cfg.Store.Volunteer(who)
	return err == nil && l.number != "" && v.Number == l.number
}

// leading serves a page of a roster to clerks and leaders.
func (o *office) leading(next func(a *ask, l lead) error) duty {
	return func(a *ask, me civic.Staff) error {
		return next(a, leadOf(me))
	}
}

// leadOf is a member of staff who goes through rosters.
func leadOf(me civic.Staff) lead {
	return lead{id: me.ID, number: me.Number, base: rosterBase, back: rostersPage, staff: true, all: me.Role == civic.RoleLeader}
}

// volunteering serves it to volunteers who lead the shift that the path names.
func (s *Server) volunteering(next func(a *ask, l lead) error) answer {
	return func(a *ask) error {
		v, err := s.pathShift(a)
		if err != nil {
			return err
		}
		if !leads(v, a.visit.person) {
			return store.ErrUnknown
		}
		l := lead{id: a.visit.person, base: "/lead", back: shiftPath(v.ID)}
		if me, err := s.cfg.Store.Volunteer(l.id); err == nil {
			l.number = me.Number
		}
		return next(a, l)
	}
}

// rosterRow is one shift of this kiosk in the list.
type rosterRow struct {
	shiftRow
	Come    int // people who came, by what is known here
	Waiting int // of those, whom a leader can confirm
	There   int // whom nobody has confirmed, because they are still there
}

// rosters lists the shifts that people of this kiosk check in for: those of today and
// of the days before, the latest first.
func (o *office) rosters(a *ask, _ civic.Staff) error {
	list, err := o.rostered()
	if err != nil {
		return err
	}
	from := offset(a, len(list))
	var rows []rosterRow
	for _, v := range list[from:min(len(list), from+rostersTall)] {
		row := rosterRow{}
		if row.shiftRow, err = o.shiftRow(a, v); err != nil {
			return err
		}
		people, err := o.cfg.Store.Roster(v.ID)
		if err != nil {
			return err
		}
		for _, at := range people {
			if came(at) {
				row.Come++
			}
			switch {
			case o.due(at, v):
				row.Waiting++
			case unconfirmed(at):
				row.There++
			}
		}
		rows = append(rows, row)
	}
	link := func(from int) string { return rostersPage + "?from=" + strconv.Itoa(from) }
	return o.show(a, page{word: "rosters", back: deskPage, data: struct {
		Rows       []rosterRow
		Tall, Wide pager
	}{rows, newPager(from, len(list), rostersTall, link), newPager(from, len(list), o.perPage(a, rostersWide, rostersLarge), link)}})
}

// rostered are the shifts of this kiosk that have opened, the latest first.
func (o *office) rostered() (list []civic.Shift, err error) {
	now, kiosk := o.wall(), o.cfg.Store.Health().Head.Kiosk
	list, err = o.cfg.Store.Shifts(now.Add(-rosterFor), now.Add(rosterAhead))
	list = slices.DeleteFunc(list, func(v civic.Shift) bool { return !v.At(kiosk) })
	slices.Reverse(list)
	return list, err
}

// came tells whether anything says that somebody was there.
func came(at store.Attendance) bool { return at.Arrived() != 0 || at.Left() != 0 }

// unconfirmed tells whether a leader still has to say something of somebody who came:
// neither one here nor the center has.
func unconfirmed(at store.Attendance) bool {
	return came(at) && at.Word.Seq == 0 && (at.Told == nil || at.Told.State == civic.AttendOpen || at.Told.State == civic.AttendPending)
}

// due tells whether a leader can say of somebody how long it was: they have left, or the
// shift is over. A clock that nobody vouches for keeps nobody waiting. When the shift was
// called off its end says nothing of those who were there.
func (s *Server) due(at store.Attendance, v civic.Shift) bool {
	if v.Closed && at.Left() == 0 {
		return false
	}
	return unconfirmed(at) && (at.Left() != 0 || v.End <= s.wall().Unix() || !s.clockKnown())
}

// personRow is one person of a roster.
type personRow struct {
	Name    string // masked; "": nobody here knows it
	Walk    bool   // without a card
	Strange bool   // with a card that nobody here knows
	Tail    string // of a walk-in's phone
	When    string // from when to when; "": has not come
	By      string // how the check-in was made, see checkedBy
	State   string // as in served; "": has not come
	Minutes int64
	Points  ledger.Points
	Clock   bool // a check was made by a clock that nobody vouched for
	NoOut   bool // the shift is over, and nobody saw the person leave
	NoIn    bool
	Self    bool   // whoever looks at the roster
	URL     string // "": nothing can be said of them here
}

// rosterPage is everybody of one shift.
type rosterPage struct {
	shiftRow
	Rows       []personRow
	Come       int
	Waiting    int   // whom one tap confirms
	There      bool  // somebody is still there, and confirmed later
	Minutes    int64 // of those, by the checks and the plan
	Plan       string
	May        bool // the leader's word counts
	Closed     bool // it was called off
	Online     bool
	Center     bool
	Changed    bool // the roster was another when the key was pressed
	Done       int  // people who were confirmed just now; 0: none
	Find       string
	Key, Seen  string
	Base       string
	Tall, Wide pager
}

// roster shows everybody of a shift, those first of whom nobody has said anything yet,
// and what one tap does.
func (s *Server) roster(a *ask, l lead) error {
	v, err := s.pathShift(a)
	if err != nil {
		return err
	}
	people, err := s.cfg.Store.Roster(v.ID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(people, byNeed)
	from := offset(a, len(people))
	p := rosterPage{Base: l.path(v.ID), Key: s.newKey(), May: l.mayConfirm(v), Closed: v.Closed, Plan: s.clockText(v.End * 1000), Online: s.online(), Center: s.cfg.Center != nil}
	if p.shiftRow, err = s.shiftRow(a, v); err != nil {
		return err
	}
	_, p.Changed = a.URL.Query()["changed"]
	p.Done, _ = strconv.Atoi(a.FormValue("done"))
	if l.staff {
		p.Find = "/staff/find?" + wish{v.ID}.values("").Encode()
	}
	for i, at := range people {
		if came(at) {
			p.Come++
		}
		p.There = p.There || unconfirmed(at) && !s.due(at, v)
		if i >= from && i < from+rosterTall {
			p.Rows = append(p.Rows, s.personRow(a, l, v, at))
		}
	}
	waiting := s.confirmable(l, v, people)
	p.Waiting, p.Seen = len(waiting), seenText(waiting)
	for _, at := range waiting {
		minutes, _ := servedMinutes(at, v)
		p.Minutes += minutes
	}
	wide := s.fitting(a, rosterWide, rosterLarge)
	if p.Changed || p.Done > 0 {
		wide-- // what is said of it takes the room of one
	}
	link := func(from int) string { return l.path(v.ID) + "?from=" + strconv.Itoa(from) }
	p.Tall, p.Wide = newPager(from, len(people), rosterTall, link), newPager(from, len(people), wide, link)
	return s.show(a, page{word: "roster", back: l.back, data: p})
}

// byNeed puts first whom a leader has to look at: those who came and are not confirmed,
// then those who claimed a post and have not come, then the rest; within each as the
// store has them.
func byNeed(x, y store.Attendance) int { return need(x) - need(y) }

func need(at store.Attendance) int {
	switch {
	case unconfirmed(at):
		return 0
	case !came(at) && at.Word.Seq == 0:
		return 1
	}
	return 2
}

// confirmable are those whom one tap confirms: who came and has left, or whose shift is
// over, has not been confirmed, and is not the leader.
func (s *Server) confirmable(l lead, v civic.Shift, people []store.Attendance) []store.Attendance {
	return slices.DeleteFunc(slices.Clone(people), func(at store.Attendance) bool { return !s.due(at, v) || s.self(l, at.Who) })
}

// seenText names what a page said would be confirmed, so that nobody else is.
func seenText(people []store.Attendance) string {
	h := sha256.New()
	for _, at := range people {
		fmt.Fprintln(h, at.Who, at.Arrived(), at.Left())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func (s *Server) personRow(a *ask, l lead, v civic.Shift, at store.Attendance) personRow {
	r := personRow{Name: at.Name, Walk: at.WalkIn, Strange: at.Card != (civic.CardID{}) && at.Name == "", Tail: at.Tail, When: s.spanText(at), By: checkedBy(at.In, at.Told),
		Self: s.self(l, at.Who)}
	if came(at) || at.Word.Seq != 0 || at.Told != nil {
		r.State = servedState(at, v, s.wall())
		r.Minutes, r.Points = servedMinutes(at, v)
	}
	if unconfirmed(at) { // else a leader has looked at it
		over := v.End <= s.wall().Unix()
		r.NoOut, r.NoIn = at.Left() == 0 && over, at.Arrived() == 0
		r.Clock = at.In.Unproven() || at.Out.Unproven()
	}
	if !r.Self && l.mayConfirm(v) {
		r.URL = l.path(v.ID) + "/" + at.Who.String()
	}
	return r
}

// rosterNow confirms everybody whom the page named, as they checked in and out.
func (s *Server) rosterNow(a *ask, l lead) error {
	v, err := s.pathShift(a)
	if err != nil {
		return err
	}
	key, err := formKey(a)
	if err != nil {
		return err
	}
	if !l.mayConfirm(v) {
		return fmt.Errorf("confirming a roster: %w", store.ErrNotStaff)
	}
	people, err := s.cfg.Store.Roster(v.ID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(people, byNeed)
	waiting := s.confirmable(l, v, people)
	if len(waiting) == 0 { // a second tap
		a.redirect(l.path(v.ID))
		return nil
	}
	if seenText(waiting) != a.FormValue("seen") {
		a.redirect(l.path(v.ID) + "?changed")
		return nil
	}
	ids := make([]ledger.ID, len(waiting))
	for i, at := range waiting {
		ids[i] = at.Who
	}
	for part := range slices.Chunk(ids, ledger.MaxRoster) {
		if _, err := s.cfg.Store.ConfirmRoster(a.Context(), store.Roll{Key: key, Shift: v.ID, Operator: l.id, Verdict: ledger.VerdictThere, People: part}); err != nil {
			return err
		}
		key[len(key)-1]++ // of the next entry
	}
	a.redirect(l.path(v.ID) + "?done=" + strconv.Itoa(len(ids)))
	return nil
}
