package center

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// hoursQuery is what the address of the list of attendances says: which are shown.
type hoursQuery struct {
	Show   string // a state; "": those that wait
	Why    string // what it waits for; "": anything
	At     string // a place, with all that lies below it
	What   string // in the title of the activity
	Day    string // 2006-01-02
	Before string // a store.AttendMark: the page goes on behind it
}

// hoursShows are the states that can be asked for, those that wait first; hoursWhys what
// attendances wait for.
var (
	hoursShows = []string{"", civic.AttendOpen, civic.AttendConfirmed, civic.AttendRefused}
	hoursWhys  = []string{store.WaitLeader, store.WaitOut, store.WaitIn, store.WaitDay, store.WaitClock, store.WaitOwn, store.WaitUnseen}
)

// attendLooks are the colour and the shape of each state.
var attendLooks = map[string][2]string{civic.AttendOpen: {"is-off", "checkin"}, civic.AttendPending: {"is-warn", "clock"}, civic.AttendConfirmed: {"is-ok", "ok"}, civic.AttendRefused: {"is-error", "cross"}}

func (q *hoursQuery) fields() map[string]*string {
	return map[string]*string{"show": &q.Show, "why": &q.Why, "at": &q.At, "what": &q.What, "day": &q.Day, "before": &q.Before}
}

// readHoursQuery reads an address. What none of our pages writes counts as if it were
// not there.
func readHoursQuery(values url.Values) (q hoursQuery) {
	for name, field := range q.fields() {
		if text := strings.TrimSpace(values.Get(name)); len(text) <= maxFieldBytes && strings.ToValidUTF8(text, "") == text {
			*field = text
		}
	}
	if !slices.Contains(hoursShows, q.Show) {
		q.Show = ""
	}
	if !slices.Contains(hoursWhys, q.Why) || q.Show != "" {
		q.Why = ""
	}
	if _, ok := typedDay(q.Day); !ok {
		q.Day = ""
	}
	return q
}

// path is the address of the list.
func (q hoursQuery) path() string {
	values := url.Values{}
	for name, field := range q.fields() {
		if *field != "" {
			values.Set(name, *field)
		}
	}
	if len(values) == 0 {
		return "/hours"
	}
	return "/hours?" + values.Encode()
}

// takes tells whether an attendance is one of those that are asked for, but for its
// place.
func (q hoursQuery) takes(a store.Attendance) bool {
	return (q.Why == "" || q.Why == a.Why) && (q.Day == "" || q.Day == dayWord(a.Day)) &&
		(q.What == "" || strings.Contains(strings.ToLower(a.Title+"\n"+a.TitleEN), strings.ToLower(q.What)))
}

// waitingPage is attendances, the latest day first.
type waitingPage struct {
	hoursTabs
	Query  hoursQuery
	Shows  []listFilter
	Whys   []string
	Places []place
	Rows   []attendRow
	Here   string // this page
	Next   string // the page behind this one
	First  string // the first page; "": this is it
	Part   bool   // so much was looked at that there may be more, though it is not shown here
}

// attendRow is an attendance as a person reads it.
type attendRow struct {
	store.Attendance
	Class, Icon string // of its state
	Name        string // "": somebody without one
	PlaceName   string
	English     bool
	Would       int64 // minutes by its checks
	Tap         bool  // one tap confirms it
	First       bool  // of its shift, in the list
}

// To is its page, and At that of its shift.
func (r attendRow) To() string { return attendPath(r.Shift, r.Volunteer) }

// At is the page of its shift.
func (r attendRow) At() string { return turnoutPath(r.Shift) }

// Begins and Ends are its planned time.
func (r attendRow) Begins() time.Time { return time.Unix(r.Start, 0) }

// Ends is the other end of Begins.
func (r attendRow) Ends() time.Time { return time.Unix(r.End, 0) }

// Heading is the title of its activity.
func (r attendRow) Heading() string {
	if r.English && r.TitleEN != "" {
		return r.TitleEN
	}
	return r.Title
}

func turnoutPath(shift ledger.ID) string { return "/hours/" + shift.String() }

func attendPath(shift, volunteer ledger.ID) string {
	return turnoutPath(shift) + "/" + volunteer.String()
}

// hoursTabs are the lists of what waits about hours, with how much that is.
type hoursTabs struct {
	Waits store.HoursWaiting
	Tabs  []listFilter
}

// tabs counts what waits in the officer's area.
func (c *console) tabs(a *ask, on string) (t hoursTabs, err error) {
	if t.Waits, err = c.hoursWaiting(a, true); err != nil {
		return t, err
	}
	w := t.Waits
	for _, tab := range []listFilter{{Word: "hours", N: int(w.Pending)}, {Word: "objections", N: int(w.Objections)}, {Word: "signs", N: int(w.Signs)}, {Word: "walkins", N: int(w.Guests)}} {
		tab.To, tab.On = "/"+tab.Word, tab.Word == on
		t.Tabs = append(t.Tabs, tab)
	}
	return t, nil
}

// hoursWaiting is what waits in the officer's area: as it is now, or as it was some
// seconds ago.
func (c *console) hoursWaiting(a *ask, now bool) (sum store.HoursWaiting, err error) {
	var all map[string]store.HoursWaiting
	if now {
		all, _, err = c.waiters.renew(a.Context())
	} else {
		all, _, err = c.waiters.get(a.Context())
	}
	for place, w := range all {
		if !a.area.has(place) {
			continue
		}
		if w.Forgotten > 0 && (sum.Forgotten == 0 || w.Oldest < sum.Oldest) {
			sum.Oldest = w.Oldest
		}
		sum.Pending, sum.Forgotten, sum.Guests = sum.Pending+w.Pending, sum.Forgotten+w.Forgotten, sum.Guests+w.Guests
		sum.Objections, sum.Signs = sum.Objections+w.Objections, sum.Signs+w.Signs
	}
	return sum, err
}

// hoursFor is how much of that the navigation counts for the officer.
func (c *console) hoursFor(a *ask) (int, error) {
	if !a.may(powerPeople) {
		return 0, nil
	}
	w, err := c.hoursWaiting(a, false)
	return int(w.Pending + w.Objections + w.Signs), err
}

func (c *console) hours(a *ask) (err error) {
	p := waitingPage{Query: readHoursQuery(a.URL.Query()), Whys: hoursWhys}
	if p.hoursTabs, err = c.tabs(a, "hours"); err != nil {
		return err
	}
	if p.Places, err = c.places(a); err != nil {
		return err
	}
	within := a.area
	if p.Query.At != "" {
		if err := a.reaches(p.Query.At); err != nil {
			return err
		}
		all, err := c.Store.AllScopes(a.Context())
		if err != nil {
			return err
		}
		within = below(p.Query.At, all)
	}
	list, err := c.hoursList(a, &p, within)
	if err != nil {
		return err
	}
	for _, show := range hoursShows {
		q := p.Query
		q.Show, q.Why, q.Before = show, "", ""
		p.Shows = append(p.Shows, listFilter{Word: cmp.Or(show, civic.AttendPending), To: q.path(), On: show == p.Query.Show})
	}
	p.Here = p.Query.path()
	p.Rows, err = c.attendRows(a, list)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "hours", data: p})
}

// hoursList reads on until a page is full, or so much was looked at that the rest is
// for the next page.
func (c *console) hoursList(a *ask, p *waitingPage, within area) (list []store.Attendance, err error) {
	from := store.ParseAttendMark(p.Query.Before)
	next := p.Query
	if from != (store.AttendMark{}) {
		first := p.Query
		first.Before = ""
		p.First = first.path()
	}
	for range maxHoursReads {
		some, err := c.Store.AttendancesIn(a.Context(), cmp.Or(p.Query.Show, civic.AttendPending), from, hoursRead)
		if err != nil {
			return nil, err
		}
		for _, x := range some {
			if !within.has(x.Scope) || !p.Query.takes(x) {
				continue
			}
			if len(list) == hoursRows {
				next.Before = list[hoursRows-1].Mark().String()
				p.Next = next.path()
				return list, nil
			}
			list = append(list, x)
		}
		if len(some) < hoursRead {
			return list, nil
		}
		from = some[len(some)-1].Mark()
	}
	next.Before, p.Part = from.String(), true
	p.Next = next.path()
	return list, nil
}

// attendRows adds names to attendances, and what one tap would do.
func (c *console) attendRows(a *ask, list []store.Attendance) (rows []attendRow, err error) {
	ids := make([]ledger.ID, len(list))
	for i, x := range list {
		ids[i] = x.Volunteer
	}
	people, err := c.Store.Named(a.Context(), ids)
	if err != nil {
		return nil, err
	}
	names, err := c.scopeNames(a)
	if err != nil {
		return nil, err
	}
	s, err := c.seat(a)
	if err != nil {
		return nil, err
	}
	off, err := c.calledOff(a, list)
	if err != nil {
		return nil, err
	}
	for i, x := range list {
		look := attendLooks[x.State]
		p := people[x.Volunteer]
		row := attendRow{Attendance: x, Class: look[0], Icon: look[1], Name: p.Name, PlaceName: names[x.Scope], English: a.lang == "en", Would: wouldCredit(x), First: i == 0 || list[i-1].Shift != x.Shift}
		row.Tap = a.may(powerHours) && x.State == civic.AttendPending && x.Why != store.WaitDay && !(off[x.Shift] && x.Out.MS == 0) && !store.Related(a.officer, s.household, x.Volunteer, p.Name, p.Household)
		rows = append(rows, row)
	}
	return rows, nil
}

// calledOff are the shifts that were called off while somebody was there who has not
// checked out: their planned end says nothing, so somebody has to say how long it was.
func (c *console) calledOff(a *ask, list []store.Attendance) (off map[ledger.ID]bool, err error) {
	off = make(map[ledger.ID]bool)
	for _, x := range list {
		if _, known := off[x.Shift]; known || x.State != civic.AttendPending || x.Out.MS != 0 {
			continue
		}
		shift, _, err := c.Store.Shift(a.Context(), x.Shift)
		if err != nil && !errors.Is(err, store.ErrUnknown) {
			return nil, err
		}
		off[x.Shift] = shift.Closed
	}
	return off, nil
}

// wouldCredit is how many minutes an attendance has by its checks alone.
func wouldCredit(x store.Attendance) int64 {
	return civic.Counted(x.In.Check, x.Out.Check, x.Planned(), 0).Seconds() / 60
}
