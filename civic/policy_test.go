package civic

import (
	"encoding/json"
	"strings"
	"testing"

	"yizhan/ledger"
)

func TestPolicyDefaults(t *testing.T) {
	want := Policy{PointsPerHour: 10, MonthlyLimit: 2, RefundHours: 24, ClerkRefund: 1000, ExpiryYears: 3, DayMinutes: 480, DayMost: 720,
		SecondPoints: 500, BackEntryMinutes: 1200, IdleSeconds: 75, HoldHours: 72, FreshDays: 7, Stars: [5]int64{100, 300, 600, 1000, 1500},
		CardGap: 2, EarlyMinutes: 30, LateMinutes: 60, LongMinutes: 480, PublicityDays: 5}
	if got := (Policy{}).WithDefaults(); got != want {
		t.Errorf("defaults %+v", got)
	}
	told := Policy{PointsPerHour: 5, MonthlyLimit: 1, RefundHours: 48, ClerkRefund: 10, ExpiryYears: 1, SelfService: true, ExpiryCalendar: true, DayMinutes: 60, DayMost: 90,
		SecondPoints: 1, BackEntryMinutes: 30, IdleSeconds: 60, HoldHours: 24, FreshDays: 1, Stars: [5]int64{1, 2, 3, 4, 5},
		CardGap: 1, EarlyMinutes: 1, LateMinutes: 1, LongMinutes: 30, PublicityDays: 1}
	if got := told.WithDefaults(); got != told {
		t.Errorf("what the policy says was changed: %+v", got)
	}
}

// Every rule of the document stands in the list once, under the document's word, and
// can be read and set.
func TestPolicyFieldsAreAllOfThem(t *testing.T) {
	var p Policy
	for _, f := range PolicyFields {
		if f.Default > f.Most || f.Default < f.Least || f.Least > f.Most {
			t.Errorf("%s: %d to %d, usually %d", f.Word, f.Least, f.Most, f.Default)
		}
		before := p
		f.Set(&p, f.Most)
		if p == before || f.Of(p) != f.Most {
			t.Errorf("%s cannot be set", f.Word)
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	for _, f := range PolicyFields {
		delete(words, f.Word)
	}
	if delete(words, "stars"); len(words) > 0 {
		t.Errorf("no field for %v", words)
	}
}

func TestPolicyBounds(t *testing.T) {
	for _, f := range PolicyFields {
		p := Policy{DayMost: 24 * 60, Stars: [5]int64{1, 100, 1000, 10_000, 100_000}}
		if f.Set(&p, f.Most); f.Unit != "choice" && !strings.HasPrefix(f.Word, "star") && p.Check() != nil {
			t.Errorf("%s: %v", f.Word, p.Check())
		}
		if f.Unit == "choice" {
			continue
		}
		for _, n := range []int64{-1, f.Most + 1} {
			if f.Set(&p, n); p.Check() == nil {
				t.Errorf("%s may be %d", f.Word, n)
			}
		}
	}
	for _, p := range []Policy{{DayMinutes: 13 * 60}, {DayMost: 7 * 60}, {Stars: [5]int64{300}}, {Stars: [5]int64{0, 0, 0, 2000}}} {
		if p.Check() == nil {
			t.Errorf("%+v is allowed", p)
		}
	}
}

func TestExpiryByTheCalendar(t *testing.T) {
	for _, c := range []struct {
		years        int64
		earned, want string
	}{
		{1, "2026-01-01", "2026-12-31"}, {1, "2026-12-31", "2026-12-31"}, {1, "2024-03-01", "2024-12-31"}, {2, "2024-12-31", "2025-12-31"}, {0, "2026-11-30", "2028-12-31"},
	} {
		if got := (Policy{ExpiryYears: c.years, ExpiryCalendar: true}).Expiry(day(t, c.earned)); got != day(t, c.want) {
			t.Errorf("%d years from %s: %v, want %s", c.years, c.earned, got, c.want)
		}
	}
}

func TestStars(t *testing.T) {
	for minutes, want := range map[int64]int{0: 0, 5999: 0, 6000: 1, 17999: 1, 18000: 2, 36000: 3, 60000: 4, 90000: 5, 1 << 40: 5} {
		if got := (Policy{}).StarsFor(minutes); got != want {
			t.Errorf("%d minutes are %d stars, want %d", minutes, got, want)
		}
	}
}

func TestRules(t *testing.T) {
	if s, n, ok := NewRule("town:qingxi", 12).Parts(); s != "town:qingxi" || n != 12 || !ok {
		t.Error(s, n, ok)
	}
	for _, bad := range []Rule{"", "x", "/1", "x/", "x/0", "x/-1", "x/01", "x/1/2", "x/99999999999", Rule(strings.Repeat("x", 90) + "/1")} {
		if _, _, ok := bad.Parts(); ok || bad.Number() != 0 || bad != "" && bad.check() == nil {
			t.Errorf("%q is a rule", bad)
		}
	}
	if Rule("").check() != nil {
		t.Error("there must be a rule")
	}
}

// FuzzRule: what is taken for a rule is written as it was read.
func FuzzRule(f *testing.F) {
	f.Add("qingxi/3")
	f.Add("a/b/1")
	f.Fuzz(func(t *testing.T, s string) {
		if scope, n, ok := Rule(s).Parts(); ok && string(NewRule(scope, n)) != s {
			t.Errorf("%q is read as %q, %d", s, scope, n)
		}
	})
}

func TestRecount(t *testing.T) {
	usual, on := Policy{}, day(t, "2026-10-15")
	line := func(minutes, rate int64, points int) Earning {
		return Earning{On: on, Expires: usual.Expiry(on), Minutes: minutes, Rate: rate, Points: ledger.Points(points)}
	}
	given := line(0, 0, 70)
	own := line(600, 10, 100)
	own.Expires = day(t, "2027-01-31")
	for _, c := range []struct {
		name    string
		e       Earning
		other   Policy
		half    int64
		points  int
		expires string
	}{
		{"the same rules", line(600, 10, 100), Policy{}, 20, 100, "2029-10-31"},
		{"half the rate", line(600, 10, 100), Policy{PointsPerHour: 5}, 20, 50, "2029-10-31"},
		{"rounded down", line(90, 10, 15), Policy{PointsPerHour: 5}, 3, 7, "2029-10-31"},
		{"a half hour of minutes left over before", line(100, 10, 20), Policy{PointsPerHour: 20}, 4, 40, "2029-10-31"},
		{"an odd rate", line(90, 5, 7), Policy{PointsPerHour: 10}, 3, 15, "2029-10-31"},
		{"one point an hour", line(120, 1, 2), Policy{PointsPerHour: 10}, 4, 20, "2029-10-31"},
		{"given as points", given, Policy{PointsPerHour: 5, ExpiryYears: 1}, 0, 70, "2027-10-31"},
		{"a last day of its own", own, Policy{ExpiryYears: 1}, 20, 100, "2027-01-31"},
		{"by the calendar", line(600, 10, 100), Policy{ExpiryCalendar: true, ExpiryYears: 1}, 20, 100, "2026-12-31"},
	} {
		got := c.e.Recount(usual, c.other)
		if c.e.HalfHours() != c.half || got.Points != ledger.Points(c.points) || got.Expires != day(t, c.expires) {
			t.Errorf("%s: %d half hours, %+v", c.name, c.e.HalfHours(), got)
		}
	}
}
