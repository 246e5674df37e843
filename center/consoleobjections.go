package center

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// objectionStates are the parts of the list of objections, those that wait first.
var objectionStates = []string{store.ObjectionWaiting, store.ObjectionUpheld, store.ObjectionRefused}

// objectionLooks are the colour and the shape of each state.
var objectionLooks = map[string][2]string{store.ObjectionWaiting: {"is-warn", "clock"}, store.ObjectionUpheld: {"is-ok", "ok"}, store.ObjectionRefused: {"is-off", "cross"}}

// objectionReasons are what volunteers can say: center.objection.reason.WORD.
var objectionReasons = map[ledger.Objection]string{ledger.ObjectFewer: "fewer", ledger.ObjectMore: "more", ledger.ObjectAbsent: "absent", ledger.ObjectLost: "lost", ledger.ObjectPoints: "points", ledger.ObjectOther: "other"}

// objectedPage is what volunteers say is wrong.
type objectedPage struct {
	hoursTabs
	Views []secondView
	View  string
	Rows  []objectedRow
	Next  string // the page behind this one
	First string // the first page; "": this is it
}

// objectedRow is one objection as a person reads it.
type objectedRow struct {
	store.Objection
	Class, Icon string
	Name        string
	PlaceName   string
}

// To is its own page.
func (r objectedRow) To() string { return "/objection/" + r.Volunteer.String() + "/" + r.ID }

// Word is what the volunteer says is wrong: center.objection.reason.WORD.
func (r objectedRow) Word() string { return objectionReasons[r.Reason] }

func (c *console) objections(a *ask) (err error) {
	p := objectedPage{View: objectionStates[0]}
	if p.hoursTabs, err = c.tabs(a, "objections"); err != nil {
		return err
	}
	for _, state := range objectionStates {
		if a.URL.Query().Get("show") == state {
			p.View = state
		}
	}
	for _, state := range objectionStates {
		p.Views = append(p.Views, secondView{Word: state, To: "/objections?show=" + state, N: -1, On: state == p.View})
	}
	behind := store.ParseAskedMark(a.URL.Query().Get("before"))
	list, next, err := readHere(behind, func(from store.AskedMark) ([]store.Objection, error) {
		return c.Store.Objections(a.Context(), p.View, from, hoursRead)
	}, store.Objection.Mark, func(o store.Objection) bool { return a.area.has(o.Scope) })
	if err != nil {
		return err
	}
	p.First, p.Next = pagesAround("/objections?show="+p.View, behind, next)
	if p.Rows, err = c.objectedRows(a, list); err != nil {
		return err
	}
	return c.show(a, page{word: "objections", data: p})
}

// readHere reads a list of everywhere from a mark on, until there is a page of what
// passes; next is where the page behind it begins, zero at the end. When little of
// what was looked at passes, the page is short and goes on all the same.
func readHere[T any](from store.AskedMark, read func(store.AskedMark) ([]T, error), mark func(T) store.AskedMark, passes func(T) bool) (list []T, next store.AskedMark, err error) {
	for range maxHoursReads {
		some, err := read(from)
		if err != nil {
			return nil, next, err
		}
		for _, x := range some {
			if !passes(x) {
				continue
			}
			if len(list) == listRows {
				return list, mark(list[listRows-1]), nil
			}
			list = append(list, x)
		}
		if len(some) < hoursRead {
			return list, store.AskedMark{}, nil
		}
		from = mark(some[len(some)-1])
	}
	return list, from, nil
}

// pagesAround are the addresses of the first page and of the next one; "" where there
// is none, or it is this one.
func pagesAround(to string, behind, next store.AskedMark) (first, after string) {
	if behind != (store.AskedMark{}) {
		first = to
	}
	if next != (store.AskedMark{}) {
		after = to + "&before=" + url.QueryEscape(next.String())
	}
	return first, after
}

func (c *console) objectedRows(a *ask, list []store.Objection) (rows []objectedRow, err error) {
	ids := make([]ledger.ID, len(list))
	for i, o := range list {
		ids[i] = o.Volunteer
	}
	people, err := c.Store.Named(a.Context(), ids)
	if err != nil {
		return nil, err
	}
	names, err := c.scopeNames(a)
	for _, o := range list {
		look := objectionLooks[o.State]
		rows = append(rows, objectedRow{Objection: o, Class: look[0], Icon: look[1], Name: people[o.Volunteer].Name, PlaceName: names[o.Scope]})
	}
	return rows, err
}

// objectionPage is one objection beside what stands, to be answered.
type objectionPage struct {
	objectedRow
	Is      *attendancePage // what stands; nil: nothing, or no shift made it
	Barred  string          // why the officer does not answer: power, own; "": may
	Given   string          // minutes, as typed
	Answer  string          // as typed
	Problem string          // center.objection.problem.WORD
	Most    int64           // minutes that the shift has; 0: there is none
}

// Seen tells whether a kiosk or a phone saw anything.
func (p objectionPage) Seen() bool { return p.Is != nil && (p.Is.In.MS != 0 || p.Is.Out.MS != 0) }

// Waits tells whether it is to be answered.
func (p objectionPage) Waits() bool { return p.State == store.ObjectionWaiting }

// objectionOf reads the objection of the address.
func (c *console) objectionOf(a *ask) (p objectionPage, err error) {
	volunteer, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	o, err := c.Store.ObjectionOf(a.Context(), volunteer, a.PathValue("objection"))
	if err != nil {
		return p, err
	}
	if err := a.reaches(o.Scope); err != nil {
		return p, err
	}
	rows, err := c.objectedRows(a, []store.Objection{o})
	if err != nil {
		return p, err
	}
	p.objectedRow = rows[0]
	if err := c.addStanding(a, &p); err != nil {
		return p, err
	}
	if p.Barred, err = c.barredFrom(a, store.Attendance{Volunteer: volunteer}); err != nil {
		return p, err
	}
	if o.Minutes > 0 {
		p.Given = strconv.FormatInt(o.Minutes, 10)
	}
	return p, nil
}

// addStanding adds what stands, with the entries behind it.
func (c *console) addStanding(a *ask, p *objectionPage) error {
	if p.Shift.IsZero() {
		return nil
	}
	shift, _, err := c.Store.Shift(a.Context(), p.Shift)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Most = (shift.End - shift.Start) / 60
	x, err := c.Store.AttendanceOf(a.Context(), p.Volunteer, p.Shift)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := c.attendRows(a, []store.Attendance{x})
	if err != nil {
		return err
	}
	p.Is = &attendancePage{attendRow: rows[0], Place: shift.Place}
	return c.addChecks(a, p.Is)
}

func (c *console) objection(a *ask) error {
	p, err := c.objectionOf(a)
	if err != nil {
		return err
	}
	return c.showObjection(a, p)
}

func (c *console) showObjection(a *ask, p objectionPage) error {
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "objection", title: c.text(a, "center.objection.of", "name", p.Name), data: p, code: code})
}

// objectionNow upholds an objection, which corrects what stands, or refuses it with a
// reason. The volunteer is told either.
func (c *console) objectionNow(a *ask) error {
	p, err := c.objectionOf(a)
	if err != nil {
		return err
	}
	x := store.Answer{By: a.officer.Name}
	p.Answer, p.Given = a.typed("answer"), a.typed("minutes")
	x.Reason = p.Answer
	done := "objection_refused"
	switch a.typed("verdict") {
	case "uphold":
		x.Upheld, done = true, "objection_upheld"
		if p.Most > 0 {
			n, err := strconv.ParseInt(p.Given, 10, 64)
			if err != nil || n < 0 || n > p.Most {
				p.Problem = "minutes"
				return c.showObjection(a, p)
			}
			x.Minutes = n
		}
		if x.Reason != "" && !aReason(x.Reason) {
			p.Problem = "answer"
			return c.showObjection(a, p)
		}
	case "refuse":
		if !aReason(x.Reason) {
			p.Problem = "refuse"
			return c.showObjection(a, p)
		}
	default:
		return errForm
	}
	err = c.Store.AnswerObjection(a.Context(), p.Volunteer, p.ID, x)
	if errors.Is(err, store.ErrUnseen) { // nobody saw it: as any hours of before, it takes a second person, and earns no points
		stands, err := c.Store.Survivor(a.Context(), p.Volunteer)
		if err != nil {
			return err
		}
		a.redirect(enterPath(stands, p.Objection, x.Minutes))
		return nil
	}
	if err != nil {
		return err
	}
	a.redirect(p.To() + "?done=" + done)
	return nil
}

// enterPath is the form by which hours of an objection are entered.
func enterPath(volunteer ledger.ID, o store.Objection, minutes int64) string {
	return fmt.Sprintf("/enter/%s?objection=%s.%s&minutes=%d", volunteer, o.Volunteer, o.ID, minutes)
}

// enteredFor reads the objection that hours are entered for, in the words of enterPath; nil:
// they are for none. It must wait, and be this volunteer's.
func (c *console) enteredFor(ctx context.Context, volunteer ledger.ID, text string) (*store.Objection, error) {
	if text == "" {
		return nil, nil
	}
	who, id, _ := strings.Cut(text, ".")
	of, err := ledger.ParseID(who)
	if err != nil {
		return nil, store.ErrUnknown
	}
	stands, err := c.Store.Survivor(ctx, of)
	if err != nil {
		return nil, err
	}
	o, err := c.Store.ObjectionOf(ctx, of, id)
	if err == nil && (stands != volunteer || o.State != store.ObjectionWaiting || o.Shift.IsZero()) {
		err = store.ErrState
	}
	return &o, err
}

// fill puts what an objection says into the form by which its hours are entered.
func (c *console) fill(a *ask, p *requestForm) error {
	p.Objection = a.URL.Query().Get("objection")
	o, err := c.enteredFor(a.Context(), p.ID, p.Objection)
	if err != nil || o == nil {
		return err
	}
	shift, _, err := c.Store.Shift(a.Context(), o.Shift)
	if err != nil {
		return err
	}
	minutes, err := strconv.ParseInt(a.URL.Query().Get("minutes"), 10, 32)
	if err != nil || minutes < 1 || minutes > (shift.End-shift.Start)/60 {
		minutes = (shift.End - shift.Start) / 60
	}
	from := time.Unix(shift.Start, 0).In(c.Zone)
	p.What, p.Day = shift.Title, from.Format(time.DateOnly)
	p.From, p.To = from.Format("15:04"), from.Add(time.Duration(minutes)*time.Minute).Format("15:04")
	return nil
}
