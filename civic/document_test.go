package civic

import (
	"testing"

	"yizhan/ledger"
)

func day(t testing.TB, s string) ledger.Day {
	t.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestExpiryIsTheMonthsEndSomeYearsOn(t *testing.T) {
	for _, c := range []struct {
		years        int64
		earned, want string
	}{
		{0, "2026-03-15", "2029-03-31"},
		{0, "2026-01-31", "2029-01-31"},
		{0, "2026-12-31", "2029-12-31"},
		{0, "2026-12-01", "2029-12-31"},
		{0, "2024-02-29", "2027-02-28"},
		{0, "2025-02-28", "2028-02-29"},
		{0, "2021-02-01", "2024-02-29"},
		{1, "2023-02-10", "2024-02-29"},
		{1, "2024-02-29", "2025-02-28"},
		{4, "2024-02-29", "2028-02-29"},
		{1, "2026-10-31", "2027-10-31"},
		{1, "2026-11-30", "2027-11-30"},
	} {
		if got := (Policy{ExpiryYears: c.years}).Expiry(day(t, c.earned)); got != day(t, c.want) {
			t.Errorf("%d years from %s: %v, want %s", c.years, c.earned, got, c.want)
		}
	}
}

func TestPointsForHalfHoursRoundedDown(t *testing.T) {
	for _, c := range []struct {
		perHour, minutes int64
		want             ledger.Points
	}{
		{0, 0, 0}, {0, 29, 0}, {0, 30, 5}, {0, 59, 5}, {0, 60, 10}, {0, 89, 10}, {0, 750, 125},
		{1, 30, 0}, {1, 60, 1}, {1, 90, 1}, {1, 120, 2},
		{5, 30, 2}, {5, 60, 5}, {5, 90, 7},
	} {
		if got := (Policy{PointsPerHour: c.perHour}).PointsFor(c.minutes); got != c.want {
			t.Errorf("%d minutes at %d an hour: %d, want %d", c.minutes, c.perHour, got, c.want)
		}
	}
}

func TestGrantedSumsUpEachLot(t *testing.T) {
	v := Volunteer{Earned: []Earning{{Expires: 10, Points: 5}, {Expires: 20, Points: 7}, {Expires: 10, Points: 1}}}
	got := v.Granted()
	if len(got) != 2 || got[10] != 6 || got[20] != 7 {
		t.Errorf("granted %v", got)
	}
}

func TestLinkedLinesGrantNothing(t *testing.T) {
	v := Volunteer{Linked: true, Earned: []Earning{{Expires: 10, Points: 5}}}
	if got := v.Granted(); len(got) != 0 {
		t.Errorf("granted %v", got)
	}
}
