package civic

import (
	"fmt"
	"slices"
	"time"

	"yizhan/ledger"
)

// Recurrence is when an activity takes place: on the days from one to another that fall
// on some days of the week, at the same time of the day. An activity of a single day has
// From and To alike.
type Recurrence struct {
	From     ledger.Day   `json:"from"`               // [albx0004]
	To       ledger.Day   `json:"to"`                 // [albx0005]
	Weekdays []int        `json:"weekdays,omitempty"` // 1 Monday to 7 Sunday, ascending; none: every day
	Except   []ledger.Day `json:"except,omitempty"`   // days on which it does not take place, ascending
	Start    int64        `json:"start"`              // minutes after midnight
	End      int64        `json:"end"`
}

// Check holds the rules of a recurrence.
func (r Recurrence) Check() error {
	switch {
	case r.From < 1 || r.To > ledger.MaxDay || r.To < r.From || r.To-r.From > MaxActivityDays:
		return fmt.Errorf("it lasts from %v to %v, at most %d days", r.From, r.To, MaxActivityDays)
	case r.Start < 0 || r.End <= r.Start || r.End > 24*60-1:
		return fmt.Errorf("it begins at minute %d and ends at minute %d of the day", r.Start, r.End)
	case !slices.IsSorted(r.Weekdays) || len(r.Weekdays) > 7:
		return fmt.Errorf("weekdays %v", r.Weekdays)
	case !slices.IsSorted(r.Except) || len(r.Except) > MaxExcepted:
		return fmt.Errorf("%d days are left out, at most %d, in order", len(r.Except), MaxExcepted)
	}
	for i, w := range r.Weekdays {
		if w < 1 || w > 7 || i > 0 && w == r.Weekdays[i-1] {
			return fmt.Errorf("weekdays %v", r.Weekdays)
		}
	}
	return nil
}

// Weekday is the day of the week of a day, 1 Monday to 7 Sunday.
func Weekday(day ledger.Day) int {
	return (int(day.Time().Weekday())+6)%7 + 1
}

// On tells whether it takes place on a day.
func (r Recurrence) On(day ledger.Day) bool {
	if day < r.From || day > r.To || len(r.Weekdays) > 0 && !slices.Contains(r.Weekdays, Weekday(day)) {
		return false
	}
	_, except := slices.BinarySearch(r.Except, day)
	return !except
}

// Days are the days on which it takes place, ascending.
func (r Recurrence) Days() (days []ledger.Day) {
	for day := r.From; day <= r.To && day-r.From <= MaxActivityDays; day++ {
		if r.On(day) {
			days = append(days, day)
		}
	}
	return days
}

// Count is how many days those are.
func (r Recurrence) Count() int { return len(r.Days()) }

// Clock writes a minute of the day: 08:30.
func Clock(minute int64) string {
	return time.Unix(minute*60, 0).UTC().Format("15:04")
}

// ParseClock reads what Clock writes.
func ParseClock(text string) (minute int64, err error) {
	at, err := time.Parse("15:04", text)
	if err != nil || at.Format("15:04") != text {
		return 0, fmt.Errorf("%q is no time of the day", text)
	}
	return int64(at.Hour()*60 + at.Minute()), nil
}
