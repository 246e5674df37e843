package civic

import (
	"time"

	"yizhan/ledger"
)

// MaxStars is the most stars that somebody has.
const MaxStars = len(Policy{}.Stars)

// WorkingDaysAfter is the last of so many working days after a day: Mondays to
// Fridays. Public holidays, and the weekends that are worked for them, are not known
// here: they are announced year by year.
func WorkingDaysAfter(d ledger.Day, days int64) ledger.Day {
	for days > 0 {
		d++
		if w := d.Time().Weekday(); w != time.Saturday && w != time.Sunday {
			days--
		}
	}
	return d
}
