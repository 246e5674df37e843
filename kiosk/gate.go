package kiosk

import (
	"context"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// gate is the check-in page as it stands on the screen: while it does, a card checks
// its owner in or out and signs nobody in. It holds nobody's data.
type gate struct {
	shift  ledger.ID
	out    bool
	auto   bool   // the direction follows the clock
	path   string // of the page
	usedMS int64  // when somebody touched it or checked in last

	step   int64 // of the code that is shown
	counts counts
	open   bool // people check in by the page, as it was shown
}

// counts are how many have come, and how many said that they would.
type counts struct{ Arrived, Enlisted int }

// wall is the wall clock, which shifts and codes go by, where the kiosk stands.
func (s *Server) wall() time.Time {
	return time.UnixMilli(s.cfg.Clock.Now().WallMS).In(s.cfg.Zone)
}

// clockKnown tells whether somebody vouches for the wall clock.
func (s *Server) clockKnown() bool { return s.cfg.Clock.Now().Quality != ledger.ClockUnknown }

// gateway is the gate that is on the screen; nil: another page is.
func (s *Server) gateway() *gate {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate == nil {
		return nil
	}
	return new(*s.gate)
}

// setGate notes what is on the screen now. Only the box's own screen counts, when it
// has one: scans lead that. The way back to the check-in page is forgotten with the home
// page, where somebody went on purpose.
func (s *Server) setGate(a *ask, word string, g *gate) {
	if !s.live.leads(placeOf(a.Request)) || g == nil && a.Header.Get(renewed) != "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = g
	switch {
	case g != nil && g.open && !a.visit.signedIn():
		s.rest = g.shift
	case word == "home" || g != nil:
		s.rest = ledger.ID{}
	}
	if g == nil {
		s.greeting = nil
	}
}

// resting is the page to which the screen comes back when nobody is there: the check-in
// page from which somebody signed in, while its shift runs, or the first one.
func (s *Server) resting() string {
	s.mu.Lock()
	rest := s.rest
	s.mu.Unlock()
	if rest.IsZero() {
		return "/"
	}
	if v, err := s.cfg.Store.Shift(rest); err != nil || !s.isOpen(v) {
		return "/"
	}
	return "/checkin/" + rest.String()
}

// isOpen tells whether people check in and out for a shift here now. By a clock that
// nobody vouches for they do whenever it is.
func (s *Server) isOpen(v civic.Shift) bool {
	now := s.wall().Unix()
	return v.At(s.kiosk()) && !v.Closed && (!s.clockKnown() || v.Opens() <= now && now < v.Shuts())
}

func (s *Server) kiosk() string {
	head, _ := s.cfg.Store.Head()
	return head.Kiosk
}

// running are the shifts to choose from. Where the clock is not to be trusted and says
// that there are none, those that may be, which whoever stands there knows; sure is false
// then.
func (s *Server) running() (list []civic.Shift, sure bool, err error) {
	now := s.wall()
	if list, err = s.cfg.Store.Running(now); err != nil || len(list) > 0 || s.clockKnown() {
		return list, true, err
	}
	near, err := s.cfg.Store.Shifts(now.Add(-24*time.Hour), now.Add(24*time.Hour))
	if err != nil {
		return nil, false, err
	}
	for _, v := range near {
		if s.isOpen(v) {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		list, err = s.coming(maxChoices)
	}
	return list, false, err
}

// coming are the next shifts at this kiosk.
func (s *Server) coming(limit int) (list []civic.Shift, err error) {
	all, _, err := s.cfg.Store.Upcoming(s.wall(), 0, maxComing)
	for _, v := range all {
		if v.At(s.kiosk()) && len(list) < limit {
			list = append(list, v)
		}
	}
	return list, err
}

// wayOut is the direction that most people want now: in until the middle of a shift.
func (s *Server) wayOut(v civic.Shift) bool { return s.wall().Unix() >= (v.Start+v.End)/2 }

// used notes that somebody checked in or out, or touched the page.
func (s *Server) used(g *gate) {
	now := s.nowMS()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil && s.gate.path == g.path {
		s.gate.usedMS = now
	}
}

// tickGate keeps the check-in page true: its bar steps once a second, its code every 15,
// and a greeting goes after its time.
func (s *Server) tickGate() {
	s.hear()
	s.tickGreeting()
	g := s.gateway()
	if g == nil {
		return
	}
	v, err := s.cfg.Store.Shift(g.shift)
	if err != nil || s.isOpen(v) != g.open || g.auto && s.wayOut(v) != g.out {
		s.live.send(message{Renew: g.path})
		return
	}
	if !g.open {
		if s.nowMS()-g.usedMS > s.idleSeconds()*1000 && s.current() == nil {
			s.live.send(message{Go: "/"})
		}
		return
	}
	if !g.auto && s.nowMS()-g.usedMS > chosenWayMS {
		s.live.send(message{Go: "/checkin/" + g.shift.String()})
		return
	}
	now := s.wall()
	lang := s.langNow()
	if step := civic.StepAt(now); step != g.step {
		s.push(lang, "#codebox", "codebox", s.codeBox(v, g.out))
		s.mu.Lock()
		if s.gate != nil {
			s.gate.step = step
		}
		s.mu.Unlock()
	}
	if v.Codes != "" {
		s.push(lang, "#beat", "beat", newBeat(now))
	}
}

// pushCounts shows how many have come, when they are others.
func (s *Server) pushCounts(g *gate) {
	c, err := s.turnout(g.shift)
	if err != nil || c == g.counts {
		return
	}
	s.push(s.langNow(), "#counts", "counts", c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil {
		s.gate.counts = c
	}
}

func (s *Server) turnout(shift ledger.ID) (c counts, err error) {
	c.Arrived, c.Enlisted, err = s.cfg.Store.Counts(shift)
	return c, err
}

// runHearing hears what the center says of check-ins as soon as the book has it, and
// counts anew, a few times a second at most.
func (s *Server) runHearing(ctx context.Context) {
	news := make(chan struct{}, 1)
	stop := s.cfg.Store.Watch(func() {
		select {
		case news <- struct{}{}:
		default:
		}
	})
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
			s.hear()
			if g := s.gateway(); g != nil {
				s.pushCounts(g)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(hearEvery):
		}
	}
}

// hear greets those who checked in by phone: the center has just said so.
func (s *Server) hear() {
	s.mu.Lock()
	list, total := s.cfg.Store.Heard(s.heardOf)
	s.heardOf = total
	g := s.gate
	s.mu.Unlock()
	if g == nil || len(list) == 0 {
		return
	}
	for _, told := range list {
		if told.Shift == g.shift {
			s.greetPhone(told)
		}
	}
}

// greetPhone greets one of them, unless this kiosk has seen the check itself, or it was
// a while ago.
func (s *Server) greetPhone(told civic.Attended) {
	at, err := s.cfg.Store.Attendance(told.Shift, told.Who)
	if err != nil {
		return
	}
	now := s.wall().Unix()
	fresh := func(moment int64, own store.Seen) bool {
		return moment != 0 && own.Seq == 0 && now-moment < freshSeconds && moment-now < freshSeconds
	}
	switch {
	case fresh(told.Out, at.Out):
		s.greet(s.checkedOut(at))
	case fresh(told.In, at.In):
		s.greet(s.checkedIn(at))
	}
}
