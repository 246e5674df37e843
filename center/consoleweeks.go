package center

import (
	"slices"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// weekSum is what was earned and used in one week.
type weekSum struct {
	store.Week
	Earned ledger.Points
	Spent  ledger.Points // handed over for
	Back   ledger.Points // refunded
	Now    bool          // it is not over
	To     string        // its report
}

// Used is what was handed over for and not given back.
func (w weekSum) Used() ledger.Points { return w.Spent - w.Back }

// Number is the week's number in its year, as calendars print it.
func (w weekSum) Number() string {
	_, n := w.Monday().Time().ISOWeek()
	return strconv.Itoa(n)
}

// weeksOf is the last weeks of the officer's area.
type weeksOf struct {
	Weeks  []weekSum
	Silent int // kiosks that have not been heard of since the last week began
}

// This is the week that is not over.
func (w weeksOf) This() weekSum { return w.Weeks[len(w.Weeks)-1] }

// Empty tells that there is nothing to draw.
func (w weeksOf) Empty() bool {
	return !slices.ContainsFunc(w.Weeks, func(w weekSum) bool { return w.Earned != 0 || w.Spent != 0 || w.Back != 0 })
}

// weeks adds up the last chartWeeks weeks of the place that the officer is bound to.
func (c *console) weeks(a *ask, top string, stations []station) (w weeksOf, err error) {
	last := store.WeekOf(c.day())
	first := last - chartWeeks + 1
	w.Weeks = make([]weekSum, chartWeeks)
	for i := range w.Weeks {
		week := first + store.Week(i)
		w.Weeks[i] = weekSum{Week: week, Now: i == chartWeeks-1, To: reportPath(top, store.SpanWeek, week.Monday())}
	}
	towns, err := c.Store.TownDays(a.Context(), store.SpanWeek, first.Monday(), last.Monday(), a.area.has)
	if err != nil {
		return w, err
	}
	for _, t := range towns {
		w.Weeks[store.WeekOf(t.Day)-first].Earned += t.Earned - t.Taken
	}
	kiosks, err := c.Store.KioskWeeks(a.Context(), first, last)
	if err != nil {
		return w, err
	}
	for _, k := range kiosks {
		if a.area.has(k.Kiosk) {
			w.Weeks[k.Week-first].Spent += k.Spent
			w.Weeks[k.Week-first].Back += k.Back
		}
	}
	w.Silent = silentSince(stations, c.start(last.Monday()))
	return w, nil
}

// start is the moment at which a day begins at the center.
func (c *console) start(d ledger.Day) time.Time {
	y, m, day := d.Time().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, c.Zone)
}

// silentSince counts the kiosks in service that have not been heard of since a moment,
// so that something of before may still come.
func silentSince(stations []station, moment time.Time) (n int) {
	for _, s := range stations {
		n += count(s.Epoch > 0 && !s.Revoked && s.Seen.Before(moment))
	}
	return n
}
