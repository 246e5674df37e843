package kiosk

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

const hoursPage = "/hours"

// Records of service on one page: on a standing screen, on a lying one, and there in
// large print.
const hoursTall, hoursWide, hoursLarge = 5, 3, 2

// How a record of service stands.
const (
	servedOpen      = "open"      // checked in, and not out yet
	servedPending   = "pending"   // over, and a leader has to confirm it
	servedLed       = "led"       // a leader here has, and the center has not booked it yet
	servedAway      = "away"      // a leader here has said that the person was not there, and the center has said nothing
	servedConfirmed = "confirmed" // booked
	servedRefused   = "refused"
)

// serviceRow is one record of service in a list.
type serviceRow struct {
	Title   string
	When    string
	State   string
	Minutes int64
	Points  ledger.Points
	URL     string
	Doubted bool // the person has objected

	day ledger.Day
	at  int64 // Unix milliseconds, for the order within a day
}

// hours shows the person's time of service: the sum, and record by record how it stands.
func (s *Server) hours(a *ask) error {
	v, err := s.cfg.Store.Volunteer(a.visit.person)
	if err != nil {
		return err
	}
	list, err := s.servedBy(a, a.visit.person)
	if err != nil {
		return err
	}
	from := offset(a, len(list))
	link := func(from int) string { return hoursPage + "?from=" + strconv.Itoa(from) }
	policy := s.cfg.Store.Station().Policy
	stars := policy.StarsFor(v.Service())
	return s.show(a, page{word: "hours", back: "/balance", data: struct {
		Minutes     int64
		Stars       int
		Next        int64 // hours for the next star; 0: there is none
		Rows        []serviceRow
		Handset     bool
		Certificate bool // there is a center that issues one
		Tall, Wide  pager
	}{v.Service(), stars, nextStar(policy, stars), list[from:min(len(list), from+hoursTall)], s.offersHandset(), s.cfg.Center != nil,
		newPager(from, len(list), hoursTall, link), newPager(from, len(list), s.fitting(a, hoursWide, hoursLarge), link)}})
}

// nextStar is how many hours the star after so many needs.
func nextStar(p civic.Policy, stars int) int64 {
	if all := p.WithDefaults().Stars; stars < len(all) {
		return all[stars]
	}
	return 0
}

// servedBy are a person's records of service, the newest first: what this kiosk saw and
// the center said of shifts, and what was booked, each once.
func (s *Server) servedBy(a *ask, person ledger.ID) (list []serviceRow, err error) {
	known, _, err := s.cfg.Store.Served(person, 0, maxServed)
	if err != nil {
		return nil, err
	}
	objections, err := s.cfg.Store.Objections(person, maxServed)
	if err != nil {
		return nil, err
	}
	for _, at := range known {
		list = append(list, s.servedAt(a, at, objections))
	}
	booked, err := s.servedBefore(a, person, objections, list)
	list = append(list, booked...)
	slices.SortStableFunc(list, func(x, y serviceRow) int {
		return cmp.Or(cmp.Compare(y.day, x.day), cmp.Compare(y.at, x.at))
	})
	return list, err
}

// servedAt is the record of one shift.
func (s *Server) servedAt(a *ask, at store.Attendance, objections []store.Objection) serviceRow {
	v, err := s.cfg.Store.Shift(at.Shift)
	r := serviceRow{URL: attendancePath(at.Shift), at: max(at.Arrived(), at.Left(), at.Word.WallMS)}
	if err == nil {
		r.Title, r.at = titleOf(s.lang(a), v), v.Start*1000
	}
	r.day = ledger.DayOf(time.UnixMilli(r.at).In(s.cfg.Zone))
	r.State = servedState(at, v, s.wall())
	r.Minutes, r.Points = servedMinutes(at, v)
	r.When = dateText(s.texts[s.lang(a)], r.day)
	if span := s.spanText(at); span != "" {
		r.When += " " + span
	}
	r.Doubted = slices.ContainsFunc(objections, func(o store.Objection) bool { return o.Shift == at.Shift })
	return r
}

// servedState says how an attendance stands.
func servedState(at store.Attendance, v civic.Shift, now time.Time) string {
	switch {
	case at.Told != nil && at.Told.State == civic.AttendConfirmed:
		return servedConfirmed
	case at.Told != nil && at.Told.State == civic.AttendRefused:
		return servedRefused
	case at.Word.Verdict == ledger.VerdictThere:
		return servedLed
	case at.Word.Verdict == ledger.VerdictAbsent:
		return servedAway
	case at.Left() == 0 && v.End > now.Unix() && !v.Closed:
		return servedOpen
	}
	return servedPending
}

// servedMinutes is how long somebody was there: what the center has booked, else what a
// leader said, else by the checks. Where one check is missing the plan stands for it.
// The center rounds, and knows what else there was that day.
func servedMinutes(at store.Attendance, v civic.Shift) (minutes int64, points ledger.Points) {
	if at.Told != nil && at.Told.State == civic.AttendConfirmed {
		return at.Told.Minutes, at.Told.Points
	}
	if at.Word.Verdict == ledger.VerdictThere && at.Word.Minutes > 0 {
		return at.Word.Minutes, 0
	}
	if !came(at) && at.Word.Verdict != ledger.VerdictThere {
		return 0, 0
	}
	in, out := at.Checks()
	if v.ID.IsZero() { // long ago
		span, _ := civic.Presence(in, out)
		return span.Seconds() / 60, 0
	}
	return civic.Counted(in, out, civic.Span{From: v.Start, To: v.End}, 0).Seconds() / 60, 0
}

// spanText is from when to when somebody was there; "": nobody saw it.
func (s *Server) spanText(at store.Attendance) string {
	in, out := s.clockText(at.Arrived()), s.clockText(at.Left())
	if in == "" && out == "" {
		return ""
	}
	return or(in, "?") + "–" + or(out, "?")
}

// clockText is the time of a moment; "": there is none.
func (s *Server) clockText(wallMS int64) string {
	if wallMS == 0 {
		return ""
	}
	return time.UnixMilli(wallMS).In(s.cfg.Zone).Format("15:04")
}

// servedBefore are the earnings that hours made, but for those that one of known has
// made: its shift tells more.
func (s *Server) servedBefore(a *ask, person ledger.ID, objections []store.Objection, known []serviceRow) (list []serviceRow, err error) {
	lines, total, err := s.cfg.Store.Lines(person, 0, linesBatch)
	for i, l := range lines {
		if l.Earning == nil || l.Earning.Minutes == 0 {
			continue
		}
		r := serviceRow{Title: l.Earning.What, When: dateText(s.texts[s.lang(a)], l.Day), State: servedConfirmed, Minutes: l.Earning.Minutes, Points: l.Points,
			URL: "/why/" + strconv.Itoa(total-i), day: l.Day}
		r.Doubted = slices.ContainsFunc(objections, func(o store.Objection) bool { return o.Earning == l.Earning.Name() })
		made := func(k serviceRow) bool {
			return k.State == servedConfirmed && k.day == r.day && k.Points == r.Points && k.Minutes == r.Minutes
		}
		if !slices.ContainsFunc(known, made) {
			list = append(list, r)
		}
	}
	return list, err
}

// doubted tells whether a person has objected to an earning.
func (s *Server) doubted(person ledger.ID, e *civic.Earning) (bool, error) {
	if e == nil {
		return false, nil
	}
	list, err := s.cfg.Store.Objections(person, maxServed)
	return slices.ContainsFunc(list, func(o store.Objection) bool { return o.Earning == e.Name() }), err
}
