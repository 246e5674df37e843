package center

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"yizhan/center/store"
	"yizhan/ledger"
)

// States of a shift.
const (
	shiftOff     = "off"     // called off
	shiftOver    = "over"    // it has ended
	shiftRunning = "running" // it has begun
	shiftEvening = "evening" // it begins today, in the evening
	shiftComing  = "coming"
)

// shiftRow is one time of an activity as a list shows it.
type shiftRow struct {
	store.Shift
	Begins, Ends time.Time
	Word         string // one of its states
	Wanted       int64  // people; 0: as many as come
	Came         int64
	To           string
}

// Icon and Class are the shape and the colour of the state.
func (r shiftRow) Icon() string { return shiftIcons[r.Word][0] }

// Class is the colour of the state.
func (r shiftRow) Class() string { return shiftIcons[r.Word][1] }

var shiftIcons = map[string][2]string{shiftOff: {"cross", "is-error"}, shiftOver: {"ok", "is-off"}, shiftRunning: {"ok", "is-ok"}, shiftEvening: {"clock", "is-off"}, shiftComing: {"clock", "is-off"}}

func shiftPath(id ledger.ID) string { return "/shift/" + id.String() }

// shiftRows are shifts as they stand now.
func (c *console) shiftRows(shifts []store.Shift) (rows []shiftRow) {
	now := c.Now().In(c.Zone)
	for _, s := range shifts {
		r := shiftRow{Shift: s, Begins: time.Unix(s.Start, 0).In(c.Zone), Ends: time.Unix(s.End, 0).In(c.Zone), Word: shiftComing, To: shiftPath(s.ID)}
		switch {
		case s.Off != nil:
			r.Word = shiftOff
		case !now.Before(r.Ends):
			r.Word = shiftOver
		case !now.Before(r.Begins):
			r.Word = shiftRunning
		case r.Begins.Hour() >= 18 && ledger.DayOf(r.Begins) == ledger.DayOf(now):
			r.Word = shiftEvening
		}
		for _, p := range s.Posts {
			if p.Wanted == 0 {
				r.Wanted = 0
				break
			}
			r.Wanted += p.Wanted
		}
		rows = append(rows, r)
	}
	return rows
}

// claimRow is somebody who claimed a post.
type claimRow struct {
	store.Enlistment
	Name string
	To   string // the account; "": who looks may not see it
	Came *cameRow
}

// cameRow is when somebody came and left; a zero time: nobody saw it.
type cameRow struct {
	In, Out time.Time
	State   string // civic.AttendOpen ...
	Tail    string // of a phone, of somebody without a card
	Guest   bool
}

// postRow is a post with those who have it.
type postRow struct {
	N            int64
	Name, NameEN string
	Needs        string
	Wanted       int64
	People       []claimRow
}

// shiftPage is one time of an activity.
type shiftPage struct {
	shiftRow
	Place    place
	Posts    []postRow
	Waits    []claimRow
	Gone     []claimRow // who gave it up, or came too late
	Others   []claimRow // who came without a claim
	Leaders  []string
	Open     bool // a post can be claimed, and given up
	MayAct   bool
	People   bool // who looks may see who they are
	Text     string
	Found    []store.Found
	Searched bool
	Problem  string // why somebody could not be enlisted
}

// oneShift finds the shift that a path names, in the officer's area.
func (c *console) oneShift(a *ask) (store.Shift, error) {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return store.Shift{}, store.ErrUnknown
	}
	shift, err := c.Store.PlannedShift(a.Context(), id)
	if err == nil {
		err = a.reaches(shift.Scope)
	}
	return shift, err
}

func (c *console) shift(a *ask) error {
	shift, err := c.oneShift(a)
	if err != nil {
		return err
	}
	return c.showShift(a, shift, shiftPage{})
}

func (c *console) showShift(a *ask, shift store.Shift, p shiftPage) (err error) {
	p.shiftRow = c.shiftRows([]store.Shift{shift})[0]
	p.MayAct, p.People = a.may(powerPlan) && a.may(powerPeople), a.may(powerPeople)
	p.Open = !shift.Closed && p.Word != shiftOver
	if p.Place, err = c.onePlace(a, shift.Scope); err != nil {
		return err
	}
	if err := c.claimsOf(a, &p); err != nil {
		return err
	}
	if err := c.leaderNames(a, &p); err != nil {
		return err
	}
	if p.Text = a.URL.Query().Get("q"); p.Text != "" && p.MayAct && p.Open && len(p.Text) <= maxFieldBytes {
		look := store.Lookup{Text: p.Text}
		if !a.area.whole {
			look.Has = a.area.holds
		}
		found, err := c.Store.Find(a.Context(), look)
		if err != nil {
			return err
		}
		p.Found, p.Searched = found.Found[:min(len(found.Found), 10)], true
	}
	pg := page{word: "shift", title: shift.Title, data: p}
	if p.Problem != "" {
		pg.code = 422
	}
	return c.show(a, pg)
}

// claimsOf sorts those who claimed a post.
func (c *console) claimsOf(a *ask, p *shiftPage) error {
	for i, post := range p.Shift.Posts {
		p.Posts = append(p.Posts, postRow{N: int64(i + 1), Name: post.Name, NameEN: post.NameEN, Needs: post.Needs, Wanted: post.Wanted})
	}
	if len(p.Posts) == 0 {
		p.Posts = []postRow{{}}
	}
	if !p.People {
		return nil
	}
	claims, err := c.Store.Enlistments(a.Context(), p.ID)
	if err != nil {
		return err
	}
	claims = claims[:min(len(claims), claimsShown)]
	came, err := c.cameTo(a, p.ID)
	if err != nil {
		return err
	}
	p.Came = int64(len(came))
	all := maps.Clone(came)
	var ids []ledger.ID
	for _, e := range claims {
		ids = append(ids, e.Volunteer)
		delete(came, e.Volunteer)
	}
	for id := range came {
		ids = append(ids, id)
	}
	named, err := c.Store.Named(a.Context(), ids)
	if err != nil {
		return err
	}
	rowOf := func(e store.Enlistment) claimRow {
		row := claimRow{e, cmp.Or(named[e.Volunteer].Name, e.Volunteer.String()), "", all[e.Volunteer]}
		if who, known := named[e.Volunteer]; known && a.area.holds(who.Town, who.Home) {
			row.To = accountPath(e.Volunteer)
		}
		return row
	}
	for id := range came {
		p.Others = append(p.Others, rowOf(store.Enlistment{Volunteer: id}))
	}
	slices.SortFunc(p.Others, func(x, y claimRow) int { return cmp.Or(x.Came.In.Compare(y.Came.In), cmp.Compare(x.Name, y.Name)) })
	for _, e := range claims {
		row := rowOf(e)
		switch at := slices.IndexFunc(p.Posts, func(post postRow) bool { return post.N == e.Post }); {
		case e.State == store.EnlistedWaiting:
			p.Waits = append(p.Waits, row)
		case e.State != store.EnlistedIn && row.Came != nil:
			p.Others = append(p.Others, row)
		case e.State == store.EnlistedMoved: // it is the record's into which it was merged
		case e.State != store.EnlistedIn:
			p.Gone = append(p.Gone, row)
		default:
			p.Posts[max(at, 0)].People = append(p.Posts[max(at, 0)].People, row)
		}
	}
	return nil
}

// cameTo are those who were at a shift.
func (c *console) cameTo(a *ask, id ledger.ID) (map[ledger.ID]*cameRow, error) {
	list, err := c.Store.AttendancesAt(a.Context(), id, ledger.ID{})
	came := make(map[ledger.ID]*cameRow, len(list))
	for _, one := range list {
		row := &cameRow{State: one.State, Tail: one.Tail, Guest: one.Guest}
		for at, seen := range map[*time.Time]store.Seen{&row.In: one.In, &row.Out: one.Out} {
			if seen.MS > 0 {
				*at = time.UnixMilli(seen.MS)
			}
		}
		came[one.Volunteer] = row
	}
	return came, err
}

// leaderNames finds who leads the shift among the staff that its place knows.
func (c *console) leaderNames(a *ask, p *shiftPage) error {
	if len(p.Shift.Leaders) == 0 {
		return nil
	}
	one := activityPage{Place: p.Place, Form: activityForm{}}
	for _, id := range p.Shift.Leaders {
		one.Form["leaders"] += id.String() + ","
	}
	if err := c.aroundActivity(a, &one); err != nil {
		return err
	}
	p.Leaders = one.LeaderNames()
	return nil
}

// enlistNow claims a post for a volunteer. Who finds it full waits.
func (c *console) enlistNow(a *ask) error {
	shift, err := c.oneShift(a)
	if err != nil {
		return err
	}
	id, err := ledger.ParseID(a.typed("volunteer"))
	if err != nil {
		return errForm
	}
	who, err := c.Store.Person(a.Context(), id)
	if err != nil {
		return err
	}
	if !a.area.holds(who.Town, who.Home) {
		return errArea{who.Town}
	}
	post, err := strconv.ParseInt(cmp.Or(a.typed("post"), "0"), 10, 32)
	if err != nil {
		return errForm
	}
	e, err := c.Store.Enlist(a.Context(), store.Claim{Shift: shift.ID, Volunteer: id, Post: post, Wait: true, By: a.officer.Name})
	switch {
	case errors.Is(err, store.ErrNotOpen):
		return c.showShift(a, shift, shiftPage{Problem: "closed"})
	case errors.Is(err, store.ErrFull):
		return c.showShift(a, shift, shiftPage{Problem: "full"})
	case err != nil:
		return err
	}
	done := "enlisted"
	if e.State == store.EnlistedWaiting {
		done = "enlisted_waits"
	}
	a.redirect(shiftPath(shift.ID) + "?done=" + done)
	return nil
}

// strikePage says what follows when somebody's claim is struck out.
type strikePage struct {
	shiftRow
	Claim claimRow
	Next  string // who moves up; "": nobody waits
}

func (c *console) planStrike(a *ask) (p strikePage, err error) {
	shift, err := c.oneShift(a)
	if err != nil {
		return p, err
	}
	full := shiftPage{shiftRow: c.shiftRows([]store.Shift{shift})[0], People: true}
	if err := c.claimsOf(a, &full); err != nil {
		return p, err
	}
	p.shiftRow = full.shiftRow
	rows := slices.Clone(full.Waits)
	for _, post := range full.Posts {
		rows = append(rows, post.People...)
	}
	at := slices.IndexFunc(rows, func(r claimRow) bool { return r.Volunteer.String() == a.PathValue("volunteer") })
	switch {
	case at < 0:
		return p, store.ErrUnknown
	case shift.Closed || p.Word == shiftOver:
		return p, store.ErrState
	}
	p.Claim = rows[at]
	if i := slices.IndexFunc(full.Waits, func(r claimRow) bool { return r.Post == 0 || r.Post == p.Claim.Post }); i >= 0 && p.Claim.State == store.EnlistedIn {
		p.Next = full.Waits[i].Name
	}
	return p, nil
}

func (c *console) strike(a *ask) error {
	p, err := c.planStrike(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "strike", title: c.text(a, "center.title.strike"), data: p})
}

func (c *console) strikeNow(a *ask) error {
	p, err := c.planStrike(a)
	if err != nil {
		return err
	}
	if _, err := c.Store.Enlist(a.Context(), store.Claim{Shift: p.ID, Volunteer: p.Claim.Volunteer, Off: true, By: a.officer.Name}); err != nil {
		return err
	}
	a.redirect(p.To + "?done=struck")
	return nil
}

// callOffPage says what follows when one time of an activity is called off, or held all
// the same.
type callOffPage struct {
	shiftRow
	Variant string // off or hold
	There   int    // who checked in and has not left, when it is called off
	Problem string
	Why     string
}

func (c *console) planCallOff(a *ask) (p callOffPage, err error) {
	shift, err := c.oneShift(a)
	if err != nil {
		return p, err
	}
	p = callOffPage{shiftRow: c.shiftRows([]store.Shift{shift})[0], Variant: a.PathValue("verb")}
	switch {
	case p.Variant != "off" && p.Variant != "hold":
		err = store.ErrUnknown
	case !c.Now().Before(p.Ends) || (shift.Off != nil) == (p.Variant == "off") || p.Variant == "off" && shift.Closed:
		err = store.ErrState
	}
	if err != nil || p.Variant == "hold" {
		return p, err
	}
	came, err := c.cameTo(a, p.ID)
	for _, one := range came {
		if !one.In.IsZero() && one.Out.IsZero() {
			p.There++
		}
	}
	return p, err
}

func (c *console) calloff(a *ask) error {
	p, err := c.planCallOff(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "calloff", title: c.text(a, "center.calloff."+p.Variant+".title"), data: p})
}

func (c *console) calloffNow(a *ask) error {
	p, err := c.planCallOff(a)
	if err != nil {
		return err
	}
	if p.Why = plainText(a.typed("why")); p.Variant == "off" && p.Why == "" || utf8.RuneCountInString(p.Why) > maxReasonRunes {
		p.Problem = "why"
		return c.show(a, page{word: "calloff", title: c.text(a, "center.calloff."+p.Variant+".title"), data: p, code: 422})
	}
	if err := c.Store.CallOff(a.Context(), p.ID, p.Variant == "off", p.Why); err != nil {
		return err
	}
	a.redirect(p.To + "?done=shift_" + p.Variant)
	return nil
}

// spanText is from when to when somebody was there, as far as somebody saw it.
func (c *console) spanText(from, to time.Time) string {
	text := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(c.Zone).Format("15:04")
	}
	return text(from) + "–" + text(to)
}
