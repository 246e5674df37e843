package center

import (
	"context"
	"slices"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// todayActs is the activities of today: those that are running, then those to come, then
// those that are over.
type todayActs struct {
	Rows    []shiftRow
	All     int
	Running int
	To      string // the day in the calendar
}

func (c *console) todayActs(a *ask) (p todayActs, err error) {
	from := c.midnight()
	p.To = calendarQuery{Day: from.Format(time.DateOnly)}.To()
	list, _, err := c.acts.get(a.Context())
	if !a.area.whole {
		list, err = c.shiftsTodayIn(a, from)
	}
	if err != nil {
		return p, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(s store.Shift) bool { return s.Off != nil || s.Start < from.Unix() })
	rows := c.shiftRows(list)
	p.All = len(rows)
	for _, r := range rows {
		p.Running += count(r.Word == shiftRunning)
	}
	order := []string{shiftRunning, shiftComing, shiftEvening, shiftOver}
	slices.SortStableFunc(rows, func(x, y shiftRow) int { return slices.Index(order, x.Word) - slices.Index(order, y.Word) })
	p.Rows = rows[:min(len(rows), todayShown)]
	slices.SortStableFunc(p.Rows, func(x, y shiftRow) int { return x.Begins.Compare(y.Begins) })
	return p, c.countCame(a, p.Rows)
}

// midnight is when today began.
func (c *console) midnight() time.Time {
	now := c.Now().In(c.Zone)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, c.Zone)
}

// shiftsToday reads those of everywhere: a county may have a thousand.
func (c *console) shiftsToday(ctx context.Context) ([]store.Shift, error) {
	from := c.midnight()
	return c.Store.ShiftsOn(ctx, nil, from, from.AddDate(0, 0, 1), store.MaxShiftsShown)
}

// shiftsTodayIn reads those of the officer's area.
func (c *console) shiftsTodayIn(a *ask, from time.Time) ([]store.Shift, error) {
	places, err := c.places(a)
	if err != nil {
		return nil, err
	}
	in, err := c.scopesOf(a, places, "")
	if err != nil {
		return nil, err
	}
	return c.Store.ShiftsOn(a.Context(), in, from, from.AddDate(0, 0, 1), store.MaxShiftsShown)
}

// countCame adds how many have checked in.
func (c *console) countCame(a *ask, rows []shiftRow) error {
	var ids []ledger.ID
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	counts, err := c.Store.AttendCounts(a.Context(), ids)
	for i := range rows {
		n := counts[rows[i].ID]
		rows[i].Came = n.All() - n.Refused
	}
	return err
}
