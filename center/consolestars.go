package center

import (
	"net/http"
	"net/url"
	"strconv"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// starViews are the parts of the page of stars. What was stopped is for officers.
var starViews = []store.StarState{store.StarAnnounced, store.StarGranted, store.StarStopped}

// starsPage is the stars that were reached, for everybody to see and to object to. It
// names nobody in full but to officers of the place.
type starsPage struct {
	View  store.StarState
	Views []secondView
	Rows  []starRow
	Days  int64 // working days of the publicity, by the rules at the top
	Next  string
	First string // the first page; "": this is it
}

type starRow struct {
	store.Star
	Name string // masked
	Area string
	Full string // to officers of the place
	To   string // the account; "": not theirs to see
	Act  string // where it is stopped, or announced again; "": not by this officer
}

// Known tells whether the reason is one of the program's: center.stars.why.WORD.
func (r starRow) Known() bool { return r.Why == starListed || r.Why == starHours }

// stars is open to anybody, signed in or not.
func (c *console) stars(a *ask) error {
	p := starsPage{View: store.StarAnnounced}
	for _, view := range starViews {
		if view == store.StarStopped && !a.may(powerPeople) {
			continue
		}
		if a.URL.Query().Get("show") == string(view) {
			p.View = view
		}
		p.Views = append(p.Views, secondView{Word: string(view), To: "/stars?show=" + string(view), N: -1})
	}
	for i := range p.Views {
		p.Views[i].On = p.Views[i].Word == string(p.View)
	}
	root, err := c.Store.Root(a.Context())
	if err != nil {
		return err
	}
	policy, _, err := c.policyOf(a.Context(), root.ID, c.todayIs())
	if err != nil && !gone(err) {
		return err
	}
	p.Days = policy.WithDefaults().PublicityDays
	behind := store.ParseAskedMark(a.URL.Query().Get("before"))
	list, err := c.Store.Stars(a.Context(), p.View, behind, listRows+1)
	if err != nil {
		return err
	}
	to := "/stars?show=" + string(p.View)
	if behind != (store.AskedMark{}) {
		p.First = to
	}
	if len(list) > listRows {
		list = list[:listRows]
		p.Next = to + "&before=" + url.QueryEscape(list[listRows-1].Mark().String())
	}
	if p.Rows, err = c.starRows(a, list); err != nil {
		return err
	}
	return c.show(a, page{word: "stars", data: p})
}

func (c *console) starRows(a *ask, list []store.Star) (rows []starRow, err error) {
	names, err := c.scopeNames(a)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		row := starRow{Star: x, Area: names[x.Town]}
		r, err := c.Store.Record(a.Context(), x.Volunteer)
		if err != nil && !gone(err) {
			return nil, err
		}
		row.Name = civic.MaskName(r.Name)
		if a.may(powerPeople) && a.area.holds(r.Town, r.Home) && r.Town != "" {
			row.Full, row.To = r.Name, accountPath(x.Volunteer)
			if a.may(powerHours) && x.State != store.StarGranted {
				row.Act = starPath(x)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func starPath(x store.Star) string {
	return "/star/" + x.Volunteer.String() + "/" + strconv.FormatInt(x.Stars, 10)
}

// starPage is one star, to be stopped or announced again, with what follows.
type starPage struct {
	store.Star
	Name    string
	Again   ledger.Day // last day of the publicity when it is announced again
	Typed   string
	Problem bool
}

// Stops tells whether it is to be stopped.
func (p starPage) Stops() bool { return p.State == store.StarAnnounced }

// starOf reads the star of the address, which must be of the officer's area, and of
// somebody else.
func (c *console) starOf(a *ask) (p starPage, err error) {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	r, err := c.record(a, id)
	if err != nil {
		return p, err
	}
	list, err := c.Store.StarsOf(a.Context(), id)
	if err != nil {
		return p, err
	}
	for _, x := range list {
		if strconv.FormatInt(x.Stars, 10) == a.PathValue("stars") {
			p.Star, p.Name = x, r.Name
		}
	}
	s, err := c.seat(a)
	switch {
	case err != nil:
		return p, err
	case p.Stars == 0:
		return p, store.ErrUnknown
	case p.State == store.StarGranted:
		return p, store.ErrState
	case store.Related(a.officer, s.household, id, r.Name, r.Household):
		return p, store.ErrOwn
	}
	policy, _, err := c.policyOf(a.Context(), r.Town, c.todayIs())
	p.Again = civic.WorkingDaysAfter(c.todayIs(), policy.PublicityDays)
	return p, err
}

func (c *console) star(a *ask) error {
	p, err := c.starOf(a)
	if err != nil {
		return err
	}
	return c.showStar(a, p)
}

func (c *console) showStar(a *ask, p starPage) error {
	code, title := 0, "center.star.resume"
	if p.Problem {
		code = http.StatusUnprocessableEntity
	}
	if p.Stops() {
		title = "center.star.stop"
	}
	return c.show(a, page{word: "star", title: c.text(a, title), data: p, code: code})
}

// starNow stops a star that an objection is right about, or announces it again.
func (c *console) starNow(a *ask) error {
	p, err := c.starOf(a)
	if err != nil {
		return err
	}
	if p.Typed = a.typed("reason"); !aReason(p.Typed) {
		p.Problem = true
		return c.showStar(a, p)
	}
	if a.typed("state") != string(p.State) { // somebody else was first
		return store.ErrState
	}
	if p.Stops() {
		err = c.Store.StopStar(a.Context(), p.Volunteer, p.Stars, a.officer.Name, p.Typed)
	} else {
		err = c.Store.ResumeStar(a.Context(), p.Volunteer, p.Stars, a.officer.Name, p.Typed, p.Again)
	}
	if err != nil {
		return err
	}
	done := "star_resumed"
	if p.Stops() {
		done = "star_stopped"
	}
	a.redirect("/stars?done=" + done)
	return nil
}
