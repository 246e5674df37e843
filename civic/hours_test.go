package civic

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yizhan/ledger"
)

const hour = int64(3600)

func TestPresence(t *testing.T) {
	const at = int64(1_795_000_000_000)
	check := func(minutes int64, q ledger.Quality, boot string, mono int64) Check {
		return Check{MS: at + minutes*60_000, Quality: q, Boot: boot, Mono: mono * 60_000}
	}
	for name, c := range map[string]struct {
		in, out Check
		from    int64 // minutes after at
		minutes int64
		proven  bool
	}{
		"a phone":                        {check(0, ledger.ClockSynced, "", 0), check(90, ledger.ClockSynced, "", 0), 0, 90, true},
		"one boot, the clock was set":    {check(0, ledger.ClockSynced, "b", 5), check(500, ledger.ClockSynced, "b", 95), 0, 90, true},
		"one boot, trusted afterwards":   {check(-9000, ledger.ClockUnknown, "b", 5), check(90, ledger.ClockSynced, "b", 95), 0, 90, true},
		"one boot, never trusted":        {check(-9000, ledger.ClockUnknown, "b", 5), check(-8000, ledger.ClockUnknown, "b", 95), -9000, 90, false},
		"two boots":                      {check(0, ledger.ClockHuman, "b", 5), check(90, ledger.ClockSynced, "c", 2), 0, 90, true},
		"two boots, one not trusted":     {check(0, ledger.ClockUnknown, "b", 5), check(90, ledger.ClockSynced, "c", 2), 0, 90, false},
		"out before in":                  {check(90, ledger.ClockSynced, "b", 5), check(0, ledger.ClockSynced, "c", 2), 90, 0, false},
		"one boot, running backwards":    {check(0, ledger.ClockSynced, "b", 95), check(90, ledger.ClockSynced, "b", 5), 0, 90, true},
		"card in, phone out":             {check(0, ledger.ClockSynced, "b", 5), check(90, ledger.ClockSynced, "", 0), 0, 90, true},
		"card in, clock unknown, phone":  {check(0, ledger.ClockUnknown, "b", 5), check(90, ledger.ClockSynced, "", 0), 0, 90, false},
		"one boot at different kiosks":   {check(0, ledger.ClockSynced, "k1 b", 50), check(90, ledger.ClockSynced, "k2 b", 5), 0, 90, true},
		"one boot, both ends in a blink": {check(0, ledger.ClockSynced, "b", 5), check(0, ledger.ClockSynced, "b", 5), 0, 0, true},
	} {
		span, proven := Presence(c.in, c.out)
		if want := (Span{at/1000 + c.from*60, at/1000 + (c.from+c.minutes)*60}); span != want || proven != c.proven {
			t.Errorf("%s: %v, %t, want %v", name, span, proven, want)
		}
	}
	if span, proven := Presence(check(0, ledger.ClockSynced, "b", 5), Check{}); span != (Span{at / 1000, 0}) || !proven {
		t.Errorf("in alone: %v, %t", span, proven)
	}
}

func TestCounted(t *testing.T) {
	shift := Span{10 * hour, 12 * hour}
	at := func(minutes int64) Check { return Check{MS: minutes * 60_000, Quality: ledger.ClockSynced} }
	boot := func(minutes, mono int64) Check { return Check{MS: minutes * 60_000, Boot: "b", Mono: mono * 60_000} }
	after := func(c Check, seconds int64) Check {
		c.MS, c.Mono = c.MS+seconds*1000, c.Mono+seconds*1000
		return c
	}
	span := func(from, to int64) Span { return Span{from * 60, to * 60} }
	for name, c := range map[string]struct {
		in, out Check
		minutes int64
		want    Span
	}{
		"in time":                     {at(600), at(720), 0, shift},
		"early and late":              {at(540), at(780), 0, shift},
		"no check-out":                {at(660), Check{}, 0, span(660, 720)},
		"no check-in":                 {Check{}, at(660), 0, span(600, 660)},
		"after the end":               {at(780), at(800), 0, span(780, 780)},
		"a leader says less":          {at(660), at(720), 30, span(660, 690)},
		"a leader says more":          {at(660), at(661), 90, span(630, 720)},
		"no longer than the shift":    {at(660), at(720), 600, shift},
		"nobody saw anything":         {Check{}, Check{}, 60, span(600, 660)},
		"a boot without a clock":      {boot(1, 5), boot(46, 50), 0, span(600, 645)},
		"a leader knows better":       {boot(1, 5), boot(46, 50), 60, span(600, 660)},
		"no clock for the check-in":   {boot(1, 5), at(660), 0, span(600, 660)},
		"no clock for the check-out":  {at(660), boot(1, 5), 0, span(660, 720)},
		"out before in, both trusted": {at(700), at(660), 0, span(700, 720)},
		"no clock for either":         {boot(1, 5), Check{MS: 5, Boot: "c", Mono: 7}, 0, shift},
		"some seconds late":           {after(at(600), 59), at(721), 0, shift},
		"minutes as clocks show them": {after(at(640), 40), after(at(670), 10), 0, span(640, 670)},
		"a boot's, as it showed them": {after(boot(1, 5), 40), after(boot(46, 50), 10), 0, span(600, 645)},
		"within one minute":           {after(at(640), 5), after(at(640), 55), 0, span(640, 640)},
	} {
		if got := Counted(c.in, c.out, shift, c.minutes); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestCredit(t *testing.T) {
	at := func(from, to int64) Span { return Span{from * 60, to * 60} }
	for name, c := range map[string]struct {
		span     Span
		approved bool
		others   []Served
		want     Credited
	}{
		"alone":                    {at(0, 100), false, nil, Credited{Whole: 100, Minutes: 100, Points: 15}},
		"under half an hour":       {at(0, 29), false, nil, Credited{Whole: 29, Minutes: 29}},
		"in the time of others":    {at(0, 100), false, []Served{{at(90, 200), 110}, {at(0, 10), 10}, {at(5, 15), 5}}, Credited{Whole: 100, Twice: 25, Minutes: 75, Points: 10}},
		"up to what may be":        {at(0, 100), false, []Served{{at(500, 900), 380}}, Credited{Whole: 100, Minutes: 100, Points: 15}},
		"above what may be":        {at(0, 100), false, []Served{{at(500, 900), 400}}, Credited{Whole: 100, Over: 20, Held: true}},
		"approved":                 {at(0, 100), true, []Served{{at(500, 900), 400}}, Credited{Whole: 100, Minutes: 100, Points: 15}},
		"above what is ever":       {at(0, 400), true, []Served{{at(500, 900), 400}}, Credited{Whole: 400, Over: 80, Minutes: 320, Points: 50}},
		"nothing is left":          {at(0, 400), true, []Served{{at(500, 1300), 720}}, Credited{Whole: 400, Over: 400}},
		"wholly inside another":    {at(0, 100), false, []Served{{at(0, 480), 480}}, Credited{Whole: 100, Twice: 100}},
		"nothing was there at all": {at(5, 5), false, nil, Credited{}},
	} {
		if got := (Policy{}).Credit(c.span, c.approved, c.others); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func spans() *rapid.Generator[Span] {
	return rapid.Custom(func(t *rapid.T) Span {
		from := rapid.Int64Range(0, 200).Draw(t, "from")
		return Span{from, from + rapid.Int64Range(-5, 90).Draw(t, "long")}
	})
}

func TestUnionIsWhatLiesInAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(spans(), 0, 12).Draw(t, "spans")
		union := Union(list)
		in := func(list []Span, at int64) bool {
			for _, s := range list {
				if s.From <= at && at < s.To {
					return true
				}
			}
			return false
		}
		for at := int64(-10); at < 310; at++ {
			if in(union, at) != in(list, at) {
				t.Fatalf("second %d of %v: %v", at, list, union)
			}
		}
		for i, s := range union {
			if s.Seconds() == 0 || i > 0 && union[i-1].To >= s.From {
				t.Fatalf("%v is not apart: %v", list, union)
			}
		}
	})
}

// drawnDay is the attendances of one volunteer and day, confirmed, corrected and taken away
// in any order, as the center does it: each beside all the others there are.
type drawnDay struct {
	policy   Policy
	served   map[int]Served
	approved map[int]bool
}

func drawDay(t *rapid.T, then func(d *drawnDay, at int, c Credited)) *drawnDay {
	d := &drawnDay{served: make(map[int]Served), approved: make(map[int]bool)}
	d.policy.DayMinutes = rapid.Int64Range(30, 600).Draw(t, "day minutes")
	d.policy.DayMost = d.policy.DayMinutes + rapid.Int64Range(0, 300).Draw(t, "more")
	d.policy.PointsPerHour = rapid.Int64Range(1, 30).Draw(t, "rate")
	for range rapid.IntRange(1, 15).Draw(t, "steps") {
		at := rapid.IntRange(0, 5).Draw(t, "which")
		delete(d.served, at)
		if rapid.IntRange(0, 4).Draw(t, "taken away") == 0 {
			continue
		}
		from := rapid.Int64Range(0, 24*hour).Draw(t, "from")
		span := Span{from, min(24*hour, from+rapid.Int64Range(0, 9*hour).Draw(t, "long"))}
		d.approved[at] = rapid.Bool().Draw(t, "approved")
		c := d.policy.Credit(span, d.approved[at], d.others())
		if !c.Held {
			d.served[at] = Served{span, c.Minutes}
		}
		then(d, at, c)
	}
	return d
}

func (d *drawnDay) others() (list []Served) {
	for _, s := range d.served {
		list = append(list, s)
	}
	return list
}

func (d *drawnDay) sum() (minutes int64) {
	for _, s := range d.served {
		minutes += s.Minutes
	}
	return minutes
}

func TestNoSecondIsCreditedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawDay(t, func(d *drawnDay, _ int, c Credited) {
			if c.Minutes < 0 || c.Twice < 0 || c.Over < 0 || !c.Held && c.Whole != c.Minutes+c.Twice+c.Over {
				t.Fatalf("%+v", c)
			}
			if c.Points != d.policy.PointsFor(c.Minutes) {
				t.Fatalf("%d points for %d minutes", c.Points, c.Minutes)
			}
			whole := int64(0)
			var list []Span
			for _, s := range d.served {
				list = append(list, s.Span)
			}
			for _, s := range Union(list) {
				whole += s.Seconds()
			}
			if d.sum()*60 > whole {
				t.Fatalf("%d minutes of %d seconds", d.sum(), whole)
			}
		})
	})
}

func TestNoMoreThanDayMinutesWithoutApproval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawDay(t, func(d *drawnDay, at int, c Credited) {
			if !d.approved[at] && c.Minutes > 0 && d.sum() > d.policy.DayMinutes {
				t.Fatalf("%d minutes, %d need no approval", d.sum(), d.policy.DayMinutes)
			}
			if c.Held && (d.approved[at] || c.Over < 1 || c.Minutes != 0 || c.Points != 0) {
				t.Fatalf("it is held: %+v", c)
			}
		})
	})
}

func TestNeverMoreThanDayMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawDay(t, func(d *drawnDay, _ int, c Credited) {
			if d.sum() > d.policy.DayMost {
				t.Fatalf("%d minutes, %d are the most", d.sum(), d.policy.DayMost)
			}
		})
	})
}

// The time counts within the shift, a leader's minutes are no more than it has, and
// whatever the clocks say an attendance without a check-out never comes to nothing.
func TestCountedLiesInTheShift(t *testing.T) {
	check := rapid.Custom(func(t *rapid.T) Check {
		return Check{MS: 1000 * rapid.Int64Range(0, 30_000).Draw(t, "seconds"), Quality: ledger.Quality(rapid.IntRange(0, 2).Draw(t, "quality")),
			Boot: rapid.SampledFrom([]string{"", "b", "c"}).Draw(t, "boot"), Mono: 1000 * rapid.Int64Range(0, 30_000).Draw(t, "mono")}
	})
	rapid.Check(t, func(t *rapid.T) {
		shift := Span{1000, 1000 + rapid.Int64Range(1, 20_000).Draw(t, "long")}
		in, out := check.Draw(t, "in"), check.Draw(t, "out")
		minutes := rapid.Int64Range(0, 24*60).Draw(t, "minutes")
		got := Counted(in, out, shift, minutes)
		if got.To < got.From || got.Seconds() > 0 && (got.From < shift.From || got.To > shift.To) {
			t.Fatalf("%v counts of %v to %v in %v", got, in, out, shift)
		}
		if minutes > 0 && got.Seconds() != min(minutes*60, shift.Seconds()) {
			t.Fatalf("%d minutes are %v of %v", minutes, got, shift)
		}
		if got := Counted(in, Check{}, shift, 0); got.Seconds() == 0 && (!in.Trusted() || in.MS/1000 < shift.To) {
			t.Fatalf("%v of %v without a check-out", got, in)
		}
	})
}

// Whatever is confirmed, corrected or taken away, and in whatever order: below the caps all
// of it together comes to the time of all of it, to the minutes that are begun at each.
func TestNoTimeIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{DayMinutes: 24 * 60, DayMost: 24 * 60}
		served := make(map[int]Served)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			at := rapid.IntRange(0, 4).Draw(t, "which")
			from := rapid.Int64Range(0, 20*60).Draw(t, "from") * 60
			span := Span{from, from + rapid.Int64Range(0, 240).Draw(t, "long")*60}
			delete(served, at)
			var others []Served
			for _, s := range served {
				others = append(others, s)
			}
			served[at] = Served{span, p.Credit(span, false, others).Minutes}
		}
		for at, s := range served { // once more for each, as a correction does
			var others []Served
			for i, o := range served {
				if i != at {
					others = append(others, o)
				}
			}
			served[at] = Served{s.Span, p.Credit(s.Span, false, others).Minutes}
		}
		var minutes, whole int64
		var list []Span
		for _, s := range served {
			minutes, list = minutes+s.Minutes, append(list, s.Span)
		}
		for _, s := range Union(list) {
			whole += s.Seconds() / 60
		}
		if minutes != whole {
			t.Fatalf("%d minutes of %d: %v", minutes, whole, served)
		}
	})
}

// Hours that were entered give way to what was credited, and to each other, and never make a
// day longer than it may be.
func TestWhatIsEnteredAfterwardsGivesWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.Int64Range(1, 24*60).Draw(t, "most")
		var others []Served
		var sum int64
		for range rapid.IntRange(0, 8).Draw(t, "others") {
			s := spans().Draw(t, "span")
			s = Span{s.From * 60, max(s.From, s.To) * 60}
			n := Afterwards(s, most, others)
			if n < 0 || n > s.Seconds()/60 {
				t.Fatalf("%d minutes of %v", n, s)
			}
			others, sum = append(others, Served{s, n}), sum+n
		}
		var whole int64
		var list []Span
		for _, o := range others {
			list = append(list, o.Span)
		}
		for _, s := range Union(list) {
			whole += s.Seconds()
		}
		if sum*60 > whole || sum > most {
			t.Fatalf("%d minutes of %d seconds and at most %d", sum, whole, most)
		}
	})
}

// What Room says is what can be given: as many seconds as a matching of seconds to spans
// finds, of which each takes what it needs.
func TestRoomIsWhatCanBeGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var others []Served
		for range rapid.IntRange(0, 5).Draw(t, "others") {
			from := rapid.Int64Range(0, 9).Draw(t, "from")
			s := Span{from * 60, (from + rapid.Int64Range(1, 6).Draw(t, "long")) * 60}
			need := rapid.Int64Range(0, s.Room(others)/60).Draw(t, "minutes")
			others = append(others, Served{s, need})
		}
		from := rapid.Int64Range(0, 9).Draw(t, "from")
		one := Span{from * 60, (from + rapid.Int64Range(0, 6).Draw(t, "long")) * 60}
		want := int64(0)
		for want < one.Seconds()/60 && matches(append(slices.Clone(others), Served{one, want + 1})) {
			want++
		}
		if !matches(others) || one.Room(others) != want*60 {
			t.Fatalf("%v beside %v has room for %d seconds, want %d", one, others, one.Room(others), want*60)
		}
	})
}

// matches tells whether every span can have its minutes, none of them twice.
func matches(list []Served) bool {
	var needs []Span
	for _, s := range list {
		for range s.Minutes {
			needs = append(needs, s.Span)
		}
	}
	taken := make(map[int64]int) // minute: which need has it
	var give func(n int, seen map[int64]bool) bool
	give = func(n int, seen map[int64]bool) bool {
		for m := needs[n].From / 60; m < needs[n].To/60; m++ {
			if seen[m] {
				continue
			}
			seen[m] = true
			if by, is := taken[m]; !is || give(by, seen) {
				taken[m] = n
				return true
			}
		}
		return false
	}
	for n := range needs {
		if !give(n, make(map[int64]bool)) {
			return false
		}
	}
	return true
}
