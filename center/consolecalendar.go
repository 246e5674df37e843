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
}

func (q calendarQuery) To() string {
	values := url.Values{}
	for name, value := range map[string]string{"month": q.Month, "day": q.Day, "at": q.At} {
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
	in, err := c.scopesOf(a, p.Places, p.At)
	if err != nil {
		return err
	}
	if day, bad := time.Parse(time.DateOnly, values.Get("day")); bad == nil && day.Year() > 2019 && day.Year() < 2200 {
		return c.calendarDay(a, p, in, day)
	}
	now := c.Now().In(c.Zone)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, c.Zone)
	if asked, bad := time.ParseInLocation("2006-01", values.Get("month"), c.Zone); bad == nil && asked.Year() > 2019 && asked.Year() < 2200 {
		month = asked
	}
	p.Month = c.monthOf(a.lang, month)
	to := func(m time.Time) string { return calendarQuery{Month: m.Format("2006-01"), At: p.At}.To() }
	p.Before, p.After = to(month.AddDate(0, -1, 0)), to(month.AddDate(0, 1, 0))
	if month.Year() != now.Year() || month.Month() != now.Month() {
		p.This = calendarQuery{At: p.At}.To()
	}
	if err := c.fillMonth(a, &p, in, month); err != nil {
		return err
	}
	return c.show(a, page{word: "calendar", data: p})
}

// fillMonth puts the days of a month, and those of others that share its weeks, into
// weeks from Monday to Sunday.
func (c *console) fillMonth(a *ask, p *calendarPage, in []string, month time.Time) error {
	first := month.AddDate(0, 0, -(int(month.Weekday())+6)%7)
	last := month.AddDate(0, 1, 0)
	for (int(last.Weekday())+6)%7 != 0 {
		last = last.AddDate(0, 0, 1)
	}
	byDay, counts, err := c.shiftsByDay(a, in, first, last)
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
				To: calendarQuery{Day: at.Format(time.DateOnly), At: p.At}.To()}
			d.More = counts[day] - len(d.Shifts)
			week, at = append(week, d), at.AddDate(0, 0, 1)
		}
		p.Weeks = append(p.Weeks, week)
	}
	return nil
}

// shiftsByDay reads the first shifts of each day, and how many each has. Of some places
// all of them are read; of the whole tree, which may have thousands, only what is shown.
func (c *console) shiftsByDay(a *ask, in []string, from, to time.Time) (byDay map[ledger.Day][]store.Shift, counts map[ledger.Day]int, err error) {
	byDay, counts = make(map[ledger.Day][]store.Shift), make(map[ledger.Day]int)
	dayOf := func(start int64) ledger.Day { return ledger.DayOf(time.Unix(start, 0).In(c.Zone)) }
	if in != nil {
		list, err := c.Store.ShiftsOn(a.Context(), in, from, to, store.MaxShiftsShown)
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
func (c *console) calendarDay(a *ask, p calendarPage, in []string, day time.Time) error {
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, c.Zone)
	list, err := c.Store.ShiftsOn(a.Context(), in, from, from.AddDate(0, 0, 1), store.MaxShiftsShown)
	if err != nil {
		return err
	}
	p.Day = dateText(c.texts[a.lang], from)
	p.Back = calendarQuery{Month: from.Format("2006-01"), At: p.At}.To()
	to := func(at time.Time) string { return calendarQuery{Day: at.Format(time.DateOnly), At: p.At}.To() }
	p.Before, p.After = to(from.AddDate(0, 0, -1)), to(from.AddDate(0, 0, 1))
	p.Query = readListQuery("/calendar", a.URL.Query(), nil, []string{""}, "day")
	low, high := p.cut(len(list))
	p.Rows = c.shiftRows(list[low:high])
	return c.show(a, page{word: "calendar", title: p.Day, data: p})
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
