package civic

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yizhan/ledger"
)

func anActivity() Activity {
	return Activity{ID: ledger.ID{4}, Title: "路口文明劝导", Platform: "customs", Category: "文明劝导", Team: "清溪镇志愿服务队",
		Spots: []Spot{{Place: "石桥路口", Kiosks: []string{"SQ01"}}, {Place: "河东路口"}}, Posts: []Post{{Name: "劝导员", Wanted: 4}},
		Times: Recurrence{From: 2_520, To: 2_550, Weekdays: []int{6, 7}, Start: 8 * 60, End: 10 * 60}}
}

func TestActivitiesAreChecked(t *testing.T) {
	if err := anActivity().Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Activity){
		"nobody's":      func(a *Activity) { a.ID = ledger.ID{} },
		"0 spots":       func(a *Activity) { a.Spots = nil },
		"comes twice":   func(a *Activity) { a.Spots[1].Place = a.Spots[0].Place },
		"place":         func(a *Activity) { a.Spots[0].Place = "" },
		"kiosk \"x y\"": func(a *Activity) { a.Spots[0].Kiosks = []string{"x y"} },
		"title":         func(a *Activity) { a.Title = "" },
		"post 1":        func(a *Activity) { a.Posts[0].Name = "" },
		"from":          func(a *Activity) { a.Times.To = a.Times.From - 1 },
		"minute":        func(a *Activity) { a.Times.End = a.Times.Start },
		"weekdays":      func(a *Activity) { a.Times.Weekdays = []int{6, 6} },
		"weekdays [0]":  func(a *Activity) { a.Times.Weekdays = []int{0} },
		"0 times":       func(a *Activity) { a.Times.To, a.Times.Weekdays = a.Times.From, []int{1} },
		"1500": func(a *Activity) {
			a.Times.To, a.Times.Weekdays, a.Spots = a.Times.From+700, nil, append(a.Spots, Spot{Place: "三"})
		},
		"kind of people":      func(a *Activity) { a.Served = []string{""} },
		"description":         func(a *Activity) { a.About = strings.Repeat("长", MaxTextRunes+1) },
		"days are left out":   func(a *Activity) { a.Times.Except = []ledger.Day{5, 3} },
		"looks like a number": func(a *Activity) { a.About = "张三 13812345678" },
	} {
		a := anActivity()
		a.Spots, a.Posts = append([]Spot(nil), a.Spots...), append([]Post(nil), a.Posts...)
		spoil(&a)
		if err := a.Check(); err == nil || !strings.Contains(err.Error(), want) && want != "looks like a number" {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// Whatever the recurrence, its shifts are as many as days times spots, none twice, each
// on one day between its ends and on one of its weekdays, and worked out again the same.
func TestShiftsOfARecurrence(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("UTC+8", 8*60*60), time.FixedZone("UTC-11", -11*60*60)}
	rapid.Check(t, func(t *rapid.T) {
		a := anActivity()
		start := rapid.Int64Range(0, 24*60-2).Draw(t, "start")
		from := ledger.Day(rapid.Int64Range(1, 10_000).Draw(t, "from"))
		a.Times = Recurrence{From: from, To: from + ledger.Day(rapid.Int64Range(0, 370).Draw(t, "days")), Start: start, End: rapid.Int64Range(start+1, 24*60-1).Draw(t, "end")}
		for w := 1; w <= 7; w++ {
			if rapid.Bool().Draw(t, "weekday") {
				a.Times.Weekdays = append(a.Times.Weekdays, w)
			}
		}
		if rapid.Bool().Draw(t, "except") {
			a.Times.Except = []ledger.Day{from, from + 7}
		}
		if err := a.Times.Check(); err != nil {
			t.Fatal(err)
		}
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		list, again := a.Shifts("qingxi", zone), a.Shifts("qingxi", zone)
		if len(list) != a.Times.Count()*len(a.Spots) {
			t.Fatalf("%d shifts of %d days at %d spots", len(list), a.Times.Count(), len(a.Spots))
		}
		seen := make(map[ledger.ID]bool)
		days := make(map[ledger.Day]int)
		for i, s := range list {
			begins, ends := time.Unix(s.Start, 0).In(zone), time.Unix(s.End, 0).In(zone)
			day := ledger.DayOf(begins)
			days[day]++
			weekday := int(begins.Weekday()+6)%7 + 1
			allowed := len(a.Times.Weekdays) == 0
			for _, w := range a.Times.Weekdays {
				allowed = allowed || w == weekday
			}
			switch {
			case seen[s.ID] || s.ID != again[i].ID:
				t.Fatalf("shift %v comes twice, or is another the next time", s.ID)
			case day < a.Times.From || day > a.Times.To || !allowed || ledger.DayOf(ends) != day:
				t.Fatalf("%v to %v of %+v", begins, ends, a.Times)
			case Clock(a.Times.Start) != begins.Format("15:04") || Clock(a.Times.End) != ends.Format("15:04"):
				t.Fatalf("%v to %v of %+v", begins, ends, a.Times)
			case len(a.Times.Except) > 0 && (day == from || day == from+7):
				t.Fatalf("%v was left out", day)
			}
			seen[s.ID] = true
		}
		for day, n := range days {
			if n != len(a.Spots) {
				t.Fatalf("%d on %v", n, day)
			}
		}
		for day := a.Times.From - 1; day <= a.Times.To+1; day++ {
			if a.Times.On(day) != (days[day] > 0) {
				t.Fatalf("on %v: %v, but %d shifts", day, a.Times.On(day), days[day])
			}
		}
	})
}

func TestClocksAreRead(t *testing.T) {
	for text, want := range map[string]int64{"00:00": 0, "08:30": 510, "23:59": 1439} {
		if got, err := ParseClock(text); err != nil || got != want || Clock(got) != text {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "8:30", "24:00", "08:60", "08:30 ", "半夜"} {
		if got, err := ParseClock(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}
