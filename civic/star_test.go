package civic

import (
	"testing"

	"yizhan/ledger"
)

func TestWorkingDaysPassOverWeekends(t *testing.T) {
	for _, c := range []struct {
		from string
		days int64
		want string
	}{
		{"2026-11-23", 5, "2026-11-30"}, // Monday to Monday
		{"2026-11-27", 1, "2026-11-30"}, // Friday to Monday
		{"2026-11-28", 5, "2026-12-04"}, // Saturday to Friday
		{"2026-11-29", 5, "2026-12-04"},
		{"2026-11-25", 0, "2026-11-25"},
		{"2026-12-30", 3, "2027-01-04"}, // New Year's Day counts: no holiday is known
	} {
		from, err := ledger.ParseDay(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := WorkingDaysAfter(from, c.days); got.String() != c.want {
			t.Errorf("%d working days after %s end on %v, want %s", c.days, c.from, got, c.want)
		}
	}
}
