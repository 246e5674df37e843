package civic

import (
	"cmp"
	"slices"

	"yizhan/ledger"
)

// Span is a stretch of time, in Unix seconds; To is not in it any more.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Seconds is how long it is, never below 0.
func (s Span) Seconds() int64 { return max(0, s.To-s.From) }

// Within is the part of it that lies in another one.
func (s Span) Within(x Span) Span { return Span{max(s.From, x.From), min(s.To, x.To)} }

// Union is the time that lies in any of the spans: apart from each other, the first
// first.
func Union(spans []Span) (union []Span) {
	spans = slices.DeleteFunc(slices.Clone(spans), func(s Span) bool { return s.Seconds() == 0 })
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	for _, s := range spans {
		if last := len(union) - 1; last >= 0 && s.From <= union[last].To {
			union[last].To = max(union[last].To, s.To)
			continue
		}
		union = append(union, s)
	}
	return union
}

// Check is when somebody checked in or out, by the clocks of what saw it: a kiosk, or
// the center for a phone.
type Check struct {
	MS      int64          `json:"ms"` // Unix, by the wall clock; 0: nobody saw it
	Quality ledger.Quality `json:"quality,omitempty"`
	Boot    string         `json:"boot,omitempty"` // names a kiosk and a start of its kernel; "": the center saw it
	Mono    int64          `json:"mono,omitempty"` // milliseconds since that start
}

// Trusted tells whether somebody saw to the wall clock.
func (c Check) Trusted() bool { return c.Quality != ledger.ClockUnknown }

// lasted is the time between two checks of one boot, by its monotonic clock.
func (c Check) lasted(out Check) (ms int64, ok bool) {
	return out.Mono - c.Mono, c.Boot != "" && c.Boot == out.Boot && out.Mono >= c.Mono && c.MS != 0 && out.MS != 0
}

// Presence is the time between two checks, and whether clocks prove it: the monotonic
// one within a boot, which needs one of the two wall clocks to say when that was; the
// wall clocks alone only when both can be trusted. A check that nobody saw leaves its
// end at 0.
func Presence(in, out Check) (span Span, proven bool) {
	if in.MS == 0 || out.MS == 0 {
		return Span{in.MS / 1000, out.MS / 1000}, (in.MS == 0 || in.Trusted()) && (out.MS == 0 || out.Trusted())
	}
	if ms, ok := in.lasted(out); ok {
		first := in.MS
		if !in.Trusted() && out.Trusted() {
			first = out.MS - ms
		}
		return Span{first / 1000, (first + ms) / 1000}, in.Trusted() || out.Trusted()
	}
	return Span{in.MS / 1000, max(in.MS, out.MS) / 1000}, in.Trusted() && out.Trusted() && out.MS >= in.MS
}

// minute is the minute that a clock shows at a moment.
func minute(unix int64) int64 { return unix - unix%60 }

// Counted is the time of an attendance that counts: from check-in to check-out, within
// the shift's time, in whole minutes as clocks show them, so that 09:40 to 11:40 is two
// hours and whoever works it out anew comes to the same. An end that nobody saw, or only a clock that nobody saw to, is the
// shift's own; but what one boot measured is as long as it measured. A leader's minutes
// stand in place of the checks: so long from the check-in on, or from so long before
// the end.
func Counted(in, out Check, shift Span, minutes int64) Span {
	seen, proven := Presence(in, out)
	seen = Span{minute(seen.From), minute(seen.To)}
	long := minutes * 60
	if !proven {
		if ms, ok := in.lasted(out); ok && long == 0 {
			long = max(1, minute((in.MS+ms)/1000)-minute(in.MS/1000))
		}
		if !in.Trusted() {
			seen.From = 0
		}
		if !out.Trusted() || seen.To <= seen.From {
			seen.To = 0
		}
	}
	if seen.From == 0 {
		seen.From = shift.From
	}
	if seen.To == 0 {
		seen.To = shift.To
	}
	if long == 0 {
		s := seen.Within(shift)
		return Span{s.From, max(s.From, s.To)}
	}
	long = min(long, shift.Seconds())
	from := max(shift.From, min(seen.From, shift.To-long))
	return Span{from, from + long}
}

// Served is an attendance that counts already: its time, see Counted, and what it was
// credited.
type Served struct {
	Span    Span  `json:"span"`
	Minutes int64 `json:"minutes"`
}

// Room is how many seconds of a span are left beside what counts already. Each of those
// needs so many seconds of its own time, and which ones does not matter: so in any stretch
// of time there must be as much as all that lie wholly in it need. No second is given
// twice then, and none is lost, in whatever order things are worked out.
func (s Span) Room(others []Served) int64 {
	from, to := []int64{s.From}, []int64{s.To}
	for _, o := range others {
		if o.Span.From < s.From {
			from = append(from, o.Span.From)
		}
		if o.Span.To > s.To {
			to = append(to, o.Span.To)
		}
	}
	left := s.Seconds()
	for _, f := range from {
		for _, t := range to {
			room := t - f
			for _, o := range others {
				if o.Span.From >= f && o.Span.To <= t {
					room -= o.Minutes * 60
				}
			}
			left = min(left, room)
		}
	}
	return max(0, left)
}

// Credited is what an attendance comes to beside the others of its day. Whole minutes
// are those of its time: they are what is credited, and what lies in the time of others
// or above what one may serve on a day.
type Credited struct {
	Whole   int64
	Twice   int64 // of them in the time of others
	Over    int64 // of them above DayMinutes, or above DayMost when an officer has approved
	Minutes int64
	Points  ledger.Points
	Held    bool // nothing is credited until an officer has approved
}

// Credit works out what an attendance comes to beside the others of its volunteer and
// day. No second counts twice, and none is lost: what is credited for all of them is their
// time together, whichever is changed and worked out anew, in whatever order. No more
// than DayMinutes of a day count unless an officer has approved, and never more than
// DayMost.
func (p Policy) Credit(span Span, approved bool, others []Served) (c Credited) {
	p = p.WithDefaults()
	var served int64
	for _, o := range others {
		served += o.Minutes
	}
	c.Whole = span.Seconds() / 60
	fresh := span.Room(others) / 60
	c.Twice = c.Whole - fresh
	most := p.DayMinutes
	if approved {
		most = p.DayMost
	}
	c.Minutes = max(0, min(fresh, most-served))
	c.Over = fresh - c.Minutes
	if c.Over > 0 && !approved {
		c.Held, c.Minutes = true, 0
	}
	c.Points = p.PointsFor(c.Minutes)
	return c
}

// Afterwards is how many minutes count of hours that two officers entered afterwards,
// beside what counts of the same day already: no second twice, and no more than the most
// on a day. What was checked in goes first, so hours that were entered give way to it.
func Afterwards(span Span, most int64, others []Served) int64 {
	var served int64
	for _, o := range others {
		served += o.Minutes
	}
	return max(0, min(span.Room(others)/60, most-served))
}
