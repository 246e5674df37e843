package ledger

import (
	"fmt"
	"time"
)

// Points is an amount of volunteer points. There are no fractions.
type Points int64

// Day is a calendar date, counted in days since 2020-01-01. It carries no time
// zone: a lot expires at the end of that date where the kiosk stands.
type Day int32

// epochDay is the date that Day counts from.
var epochDay = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// DayOf returns the calendar date of t in t's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - epochDay.Unix()) / (24 * 60 * 60))
}

// ParseDay reads a date written as 2006-01-02.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("ledger: date %q is not YYYY-MM-DD", s)
	}
	return DayOf(t), nil
}

// Time returns midnight UTC of the day.
func (d Day) Time() time.Time { return epochDay.AddDate(0, 0, int(d)) }

// String returns the date as 2006-01-02.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText writes the date as 2006-01-02.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Day) UnmarshalText(b []byte) error {
	v, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
