package ledger

import (
	"encoding/base32"
	"errors"
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
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(epochDay) / (24 * time.Hour))
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

// ID names a person (a volunteer or a member of staff) without saying who it
// is: 80 bits, made by whoever registers the person. The zero ID is nobody.
type ID [10]byte

var idText = base32.StdEncoding.WithPadding(base32.NoPadding)

// ParseID reads the 16 characters that String writes.
func ParseID(s string) (ID, error) {
	var id ID
	b, err := idText.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return ID{}, errors.New("ledger: a person's id is 16 characters A-Z2-7")
	}
	return ID(b), nil
}

// String returns the id in base32, 16 characters.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// IsZero reports whether the id names nobody.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText writes the id in base32.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Key makes a request idempotent: the second request with the same key gets the
// answer of the first. The zero Key is no key.
type Key [8]byte

// IsZero reports whether the request carries no key.
func (k Key) IsZero() bool { return k == Key{} }
