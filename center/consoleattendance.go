package center

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// attendancePage is one person at one shift: what was seen, what it waits for, what it
// comes to, and what an officer can make of it.
type attendancePage struct {
	attendRow
	Place      string // where people met
	Number     string // of the volunteer
	Checks     []checkRow
	Signs      []store.Review
	Objections []store.Objection
	RulePage   string // the page of the rules that it was counted by; "": none
	RuleOf     string // their place
	DayMost    int64  // minutes of a day that need no approval, and that there can be with one
	DayLimit   int64
	Barred     string // why the officer decides nothing here: power, own, early; "": may
	Minutes    string // as typed
	Reason     string // as typed
	Problem    string // center.attendance.problem.WORD
}

// checkRow is a check-in or a check-out.
type checkRow struct {
	store.Seen
	Word      string // in, out
	KioskName string
	Entry     string // page of the entry that says so; "": no entry does
	Unsure    bool
}

// From and Until are the time that was counted.
func (p attendancePage) From() time.Time { return time.Unix(p.Counted.From, 0) }

// Until is the other end of From.
func (p attendancePage) Until() time.Time { return time.Unix(p.Counted.To, 0) }

// SaidAt is when it was decided.
func (p attendancePage) SaidAt() time.Time { return time.UnixMilli(p.Said.At) }

// Decided tells whether somebody has decided about it.
func (p attendancePage) Decided() bool {
	return p.State == civic.AttendConfirmed || p.State == civic.AttendRefused
}

// attendanceOf reads the attendance of the address.
func (c *console) attendanceOf(a *ask) (p attendancePage, err error) {
	shift, err := c.turnoutOf(a)
	if err != nil {
		return p, err
	}
	who, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	x, err := c.Store.AttendanceOf(a.Context(), who, shift.ID)
	if err != nil {
		return p, err
	}
	rows, err := c.attendRows(a, []store.Attendance{x})
	if err != nil {
		return p, err
	}
	p.attendRow, p.Place = rows[0], shift.Place
	if err := c.addChecks(a, &p); err != nil {
		return p, err
	}
	return p, c.addAround(a, &p)
}

// addChecks adds what was seen, each with the entry that says so.
func (c *console) addChecks(a *ask, p *attendancePage) error {
	kiosks := &kioskNames{c: c, a: a, names: make(map[string]store.Kiosk)}
	for _, x := range []checkRow{{Seen: p.In, Word: "in"}, {Seen: p.Out, Word: "out"}} {
		if x.MS != 0 {
			x.Unsure = !x.Trusted()
		}
		if x.Kiosk != "" {
			x.KioskName = kiosks.of(x.Kiosk).Name
		}
		if x.Seq > 0 && a.area.has(x.Kiosk) {
			x.Entry = journalPath(x.Kiosk) + "?epoch=" + strconv.FormatUint(uint64(x.Epoch), 10) + "&before=" + strconv.FormatUint(x.Seq+1, 10)
		}
		p.Checks = append(p.Checks, x)
	}
	return nil
}

// addAround adds what is known of the person, the rules, and what others said.
func (c *console) addAround(a *ask, p *attendancePage) (err error) {
	signs, err := c.Store.SignsAt(a.Context(), p.Shift)
	if err != nil {
		return err
	}
	for _, s := range signs {
		if s.Volunteer == p.Volunteer {
			p.Signs = append(p.Signs, s)
		}
	}
	all, err := c.Store.ObjectionsOf(a.Context(), p.Volunteer, shownActs)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Shift == p.Shift {
			p.Objections = append(p.Objections, o)
		}
	}
	at := p.Scope
	if r, err := c.Store.Record(a.Context(), p.Volunteer); err == nil {
		p.Number, at = r.Number, r.Town
	} else if !gone(err) {
		return err
	}
	if err := c.addRule(a, p); err != nil {
		return err
	}
	policy, _, err := c.policyOf(a.Context(), at, p.Day)
	if err != nil && !gone(err) {
		return err
	}
	policy = policy.WithDefaults()
	p.DayMost, p.DayLimit = policy.DayMinutes, policy.DayMost
	p.Barred, err = c.barredFrom(a, p.Attendance)
	return err
}

// addRule adds the rules that it was counted by.
func (c *console) addRule(a *ask, p *attendancePage) error {
	scope, _, ok := p.Rule.Parts()
	if !ok {
		return nil
	}
	names, err := c.scopeNames(a)
	if p.RuleOf = names[scope]; a.area.has(scope) {
		p.RulePage = versionPath(p.Rule)
	}
	return err
}

// addAttendances adds the latest attendances of somebody, each with why it comes to
// what it does.
func (c *console) addAttendances(a *ask, p *accountPage) error {
	list, _, err := c.Store.AttendancesOf(a.Context(), p.ID, store.AttendMark{}, shownAttended)
	if err != nil {
		return err
	}
	rows, err := c.attendRows(a, list)
	for _, r := range rows {
		one := attendancePage{attendRow: r}
		if err := c.addRule(a, &one); err != nil {
			return err
		}
		p.Attended = append(p.Attended, one)
	}
	return err
}

// barredFrom says why the officer decides nothing about an attendance.
func (c *console) barredFrom(a *ask, x store.Attendance) (string, error) {
	switch {
	case !a.may(powerHours):
		return "power", nil
	case c.Now().Unix() < x.Start:
		return "early", nil
	}
	s, err := c.seat(a)
	if err != nil {
		return "", err
	}
	r, err := c.Store.Record(a.Context(), x.Volunteer)
	if err != nil && !gone(err) {
		return "", err
	}
	if store.Related(a.officer, s.household, x.Volunteer, r.Name, r.Household) {
		return "own", nil
	}
	return "", nil
}

func (c *console) attendance(a *ask) error {
	p, err := c.attendanceOf(a)
	if err != nil {
		return err
	}
	return c.showAttendance(a, p)
}

func (c *console) showAttendance(a *ask, p attendancePage) error {
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "attendance", title: p.Heading(), data: p, code: code})
}

// attendanceNow decides about it: by the checks, with other minutes, or with a reason
// why nobody was there. To decide again corrects what was booked.
func (c *console) attendanceNow(a *ask) error {
	p, err := c.attendanceOf(a)
	if err != nil {
		return err
	}
	say := store.Confirm{Shift: p.Shift, People: []ledger.ID{p.Volunteer}, Verdict: ledger.VerdictThere, By: a.officer.Name, Approved: a.typed("approved") == "yes"}
	p.Minutes, p.Reason = a.typed("minutes"), a.typed("reason")
	switch a.typed("verdict") {
	case "there":
		if say.Minutes, err = typedMinutes(p.Minutes, p.attendRow); err != nil {
			p.Problem = "minutes"
			return c.showAttendance(a, p)
		}
		if p.Reason != "" && !aReason(p.Reason) {
			p.Problem = "reason"
			return c.showAttendance(a, p)
		}
	case "absent":
		say.Verdict = ledger.VerdictAbsent
		if !aReason(p.Reason) {
			p.Problem = "absent"
			return c.showAttendance(a, p)
		}
	default:
		return errForm
	}
	say.Reason = p.Reason
	if seen := a.typed("seen"); seen != "" && seen != strconv.FormatUint(p.Version, 10) {
		p.Problem = "changed"
		return c.showAttendance(a, p)
	}
	done, err := c.Store.Confirm(a.Context(), say)
	if err != nil {
		return err
	}
	if done[0].Err != nil {
		return done[0].Err
	}
	if done[0].State == civic.AttendPending { // it needs an approval, which its page offers
		a.redirect(p.To())
		return nil
	}
	word := "hours_confirmed"
	if done[0].State == civic.AttendRefused {
		word = "hours_refused"
	}
	a.redirect(withDone(cmp.Or(ownPathOr(a.typed("back")), p.To()), word))
	return nil
}

// errMinutes is what is no length of an attendance.
var errMinutes = errors.New("center: not a number of minutes")

// ownPathOr is a path of ours that a form names; "": it names none.
func ownPathOr(path string) string {
	if path == "" {
		return ""
	}
	return ownPath(path)
}

// withDone is a path of ours that says what was done.
func withDone(path, word string) string {
	at, err := url.Parse(path)
	if err != nil {
		return "/"
	}
	q := at.Query()
	q.Set("done", word)
	at.RawQuery = q.Encode()
	return at.RequestURI()
}

// typedMinutes reads minutes from a form: nothing is as the checks say.
func typedMinutes(text string, r attendRow) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > (r.End-r.Start)/60 {
		return 0, errMinutes
	}
	return n, nil
}
