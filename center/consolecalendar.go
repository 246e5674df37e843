package center

import (
	"net/url"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// calendarPage is the shifts of a month, or of one day of it.
type calendarPage struct {
	listPart
	At            string
	Only          string // the activity whose shifts are shown alone
	OnlyTitle     string
	All           string // the same without that
	Places        []place
	Month         string // what it is called
	Before, After string // the months or days around it
	This          string // the month that it is; "": it is shown
	Weeks         [][]calendarDay
	Weekdays      []string
	Day           string // what the one day is called; "": a month is shown
	Back          string // from the day to its month
	Rows          []shiftRow
	PlaceNames    map[string]string
	Empty         bool
}

// calendarDay is one day of a month's view.
type calendarDay struct {
	Day    ledger.Day
	N      int // the day of the month
	Other  bool
	Today  bool
	Shifts []shiftRow
	More   int // that are not shown
	To     string
}

// calendarQuery is what the address says.
type calendarQuery struct {
	Month, Day, At string
	Activity       string // its shifts alone
}

func (q calendarQuery) To() string {
	values := url.Values{}
	for name, value := range map[string]string{"month": q.Month, "day": q.Day, "at": q.At, "activity": q.Activity} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/calendar"
	}
	return "/calendar?" + values.Encode()
}

func (c *console) calendar(a *ask) (err error) {
	values := a.URL.Query()
	p := calendarPage{At: values.Get("at"), Weekdays: []string{"1", "2", "3", "4", "5", "6", "7"}, PlaceNames: make(map[string]string)}
	if p.Places, err = c.places(a); err != nil {
		return err
	}
	for _, s := range p.Places {
		p.PlaceNames[s.ID] = s.Name
	}
	look, err := c.calendarLook(a, &p, values.Get("activity"))
	if err != nil {
		return err
	}
	if day, bad := time.Parse(time.DateOnly, values.Get("day")); bad == nil && day.Year() > 2019 && day.Year() < 2200 {
		return c.calendarDay(a, p, look, day)
	}
	now := c.Now().In(c.Zone)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, c.Zone)
	if asked, bad := time.ParseInLocation("2006-01", values.Get("month"), c.Zone); bad == nil && asked.Year() > 2019 && asked.Year() < 2200 {
		month = asked
	}
	p.Month = c.monthOf(a.lang, month)
	to := func(m time.Time) string { return p.query(m.Format("2006-01"), "") }
	p.Before, p.After = to(month.AddDate(0, -1, 0)), to(month.AddDate(0, 1, 0))
	if month.Year() != now.Year() || month.Month() != now.Month() {
		p.This = p.query("", "")
	}
	if p.Only != "" {
		p.All = calendarQuery{Month: month.Format("2006-01"), At: p.At}.To()
	}
	if err := c.fillMonth(a, &p, look, month); err != nil {
		return err
	}
	return c.show(a, page{word: "calendar", data: p})
}

// query is the address of another month or day of the same.
func (p calendarPage) query(month, day string) string {
	return calendarQuery{Month: month, Day: day, At: p.At, Activity: p.Only}.To()
}

// calendarLook is which shifts are looked at: those of one activity, those of some places,
// or all.
type calendarLook struct {
	in       []string // nil: all places
	scope    string   // of the activity; "": there is none
	activity ledger.ID
}

func (c *console) calendarLook(a *ask, p *calendarPage, activity string) (look calendarLook, err error) {
	if id, bad := ledger.ParseID(activity); bad == nil {
		one, err := c.Store.Activity(a.Context(), id)
		if err == nil {
			err = a.reaches(one.Scope)
		}
		p.Only, p.OnlyTitle = activity, one.Title
		return calendarLook{scope: one.Scope, activity: id}, err
	}
	look.in, err = c.scopesOf(a, p.Places, p.At)
	return look, err
}

// calendarShifts reads those that begin in a time.
func (c *console) calendarShifts(a *ask, look calendarLook, from, to time.Time, limit int) ([]store.Shift, error) {
	if look.scope != "" {
		return c.Store.ShiftsOf(a.Context(), look.scope, look.activity, from, to, limit)
	}
	return c.Store.ShiftsOn(a.Context(), look.in, from, to, limit)
}

// fillMonth puts the days of a month, and those of others that share its weeks, into
// weeks from Monday to Sunday.
func (c *console) fillMonth(a *ask, p *calendarPage, look calendarLook, month time.Time) error {
	first := month.AddDate(0, 0, -(int(month.Weekday())+6)%7)
	last := month.AddDate(0, 1, 0)
	for (int(last.Weekday())+6)%7 != 0 {
		last = last.AddDate(0, 0, 1)
	}
	byDay, counts, err := c.shiftsByDay(a, look, first, last)
	if err != nil {
		return err
	}
	today := c.day()
	p.Empty = len(counts) == 0
	for at := first; at.Before(last); {
		var week []calendarDay
		for range 7 {
			day := ledger.DayOf(at)
			d := calendarDay{Day: day, N: at.Day(), Other: at.Month() != month.Month(), Today: day == today, Shifts: c.shiftRows(byDay[day]),
				To: p.query("", at.Format(time.DateOnly))}
			d.More = counts[day] - len(d.Shifts)
			week, at = append(week, d), at.AddDate(0, 0, 1)
		}
		p.Weeks = append(p.Weeks, week)
	}
	return nil
}

// shiftsByDay reads the first shifts of each day, and how many each has. Of some places
// all of them are read; of the whole tree, which may have thousands, only what is shown.
func (c *console) shiftsByDay(a *ask, look calendarLook, from, to time.Time) (byDay map[ledger.Day][]store.Shift, counts map[ledger.Day]int, err error) {
	byDay, counts = make(map[ledger.Day][]store.Shift), make(map[ledger.Day]int)
	dayOf := func(start int64) ledger.Day { return ledger.DayOf(time.Unix(start, 0).In(c.Zone)) }
	if look.in != nil || look.scope != "" {
		list, err := c.calendarShifts(a, look, from, to, store.MaxShiftsShown)
		for _, s := range list {
			day := dayOf(s.Start)
			if counts[day]++; counts[day] <= calendarShown {
				byDay[day] = append(byDay[day], s)
			}
		}
		return byDay, counts, err
	}
	starts, err := c.Store.ShiftsAt(a.Context(), from, to)
	if err != nil {
		return nil, nil, err
	}
	for start, n := range starts {
		counts[dayOf(start)] += n
	}
	for at := from; at.Before(to); at = at.AddDate(0, 0, 1) {
		day := ledger.DayOf(at)
		if counts[day] == 0 {
			continue
		}
		if byDay[day], err = c.Store.ShiftsOn(a.Context(), nil, at, at.AddDate(0, 0, 1), calendarShown); err != nil {
			return nil, nil, err
		}
	}
	return byDay, counts, nil
}

// calendarDay lists all shifts of one day.
func (c *console) calendarDay(a *ask, p calendarPage, look calendarLook, day time.Time) error {
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, c.Zone)
	p.Day = dateText(c.texts[a.lang], from)
	p.Back = p.query(from.Format("2006-01"), "")
	to := func(at time.Time) string { return p.query("", at.Format(time.DateOnly)) }
	p.Before, p.After = to(from.AddDate(0, 0, -1)), to(from.AddDate(0, 0, 1))
	p.Query = readListQuery("/calendar", a.URL.Query(), nil, []string{""}, "day", "activity")
	list, n, err := c.calendarList(a, look, from, p.Query.Page*listRows)
	if err != nil {
		return err
	}
	low, high := p.cut(n)
	p.Rows = c.shiftRows(list[min(low, len(list)):min(high, len(list))])
	return c.show(a, page{word: "calendar", title: p.Day, data: p})
}

// calendarList reads the shifts of a day as far as a page of them goes, and counts all.
func (c *console) calendarList(a *ask, look calendarLook, from time.Time, upTo int) (list []store.Shift, n int, err error) {
	to := from.AddDate(0, 0, 1)
	if look.in != nil || look.scope != "" {
		list, err = c.calendarShifts(a, look, from, to, store.MaxShiftsShown)
		return list, len(list), err
	}
	starts, err := c.Store.ShiftsAt(a.Context(), from, to)
	if err != nil {
		return nil, 0, err
	}
	n = min(sumOf(starts), store.MaxShiftsShown)
	upTo = min(upTo, (n+listRows-1)/listRows*listRows) // a page behind the last one is the last one
	list, err = c.Store.ShiftsOn(a.Context(), nil, from, to, upTo)
	return list, n, err
}

// TitleIn is the shift's title in a language.
func (r shiftRow) TitleIn(lang assets.Lang) string {
	if lang == assets.English && r.TitleEN != "" {
		return r.TitleEN
	}
	return r.Title
}

// PlaceIn is where its people meet, in a language.
func (r shiftRow) PlaceIn(lang assets.Lang) string {
	if lang == assets.English && r.PlaceEN != "" {
		return r.PlaceEN
	}
	return r.Place
}
