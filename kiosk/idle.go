package kiosk

import (
	"cmp"
	"math"
	"slices"

	"yizhan/assets"
)

// touch notes that somebody is there.
func (s *Server) touch(v *visit) {
	now := s.nowMS()
	v.set(func(st *visitState) { st.seenMS, st.asked = now, false })
}

// idleSeconds is how long nobody need touch the glass before the countdown: what the
// station's rules say, else what the box was started with.
func (s *Server) idleSeconds() int64 {
	return cmp.Or(s.cfg.Store.Station().Policy.IdleSeconds, s.cfg.IdleSeconds)
}

// awaken notes a touch and takes the countdown off the screen.
func (s *Server) awaken(v *visit) {
	asked := v.get().asked
	s.touch(v)
	if asked {
		s.live.send(message{Target: "#over", Swap: "innerHTML", Content: " "})
	}
}

// awake is the key 我还在 of the countdown, for a page whose connection is gone.
func (s *Server) awake(a *ask) error {
	a.redirect(s.back(a))
	return nil
}

// countdown is what the ring and the dialog show.
type countdown struct {
	Left  int64   // seconds
	Dash  float64 // length of the ring still there
	Staff bool
}

// ringLength is the circumference of the ring's circle, radius 20.
const ringLength = 2 * math.Pi * 20

func newCountdown(left, of int64) countdown {
	return countdown{Left: left, Dash: math.Round(ringLength*float64(left)/float64(of)*10) / 10}
}

// tick is called once a second. It keeps the chips true and ends a visit that was
// left: first a countdown over the page, then the home page. While a slip is being
// printed nothing runs out.
func (s *Server) tick() {
	s.pushChips()
	s.pushOnline()
	s.tickGate()
	v := s.current()
	if v == nil {
		return
	}
	s.refresh(v)
	if s.paper.Status().Busy {
		s.touch(v)
		return
	}
	st := v.get()
	idle := (s.nowMS() - st.seenMS) / 1000
	if g := s.gateway(); g != nil && v.person.IsZero() {
		// The check-in page has nothing of anybody's, so it stays: what ends is a
		// language that somebody chose.
		if idle >= s.idleSeconds() {
			s.end(v)
			s.live.send(message{Renew: g.path, Anew: true})
		}
		return
	}
	if st.waits != "" && !st.asked {
		s.live.send(message{Renew: st.waits})
	}
	limit := s.idleSeconds() + s.cfg.CountdownSeconds
	if st.done != 0 {
		limit = s.cfg.CountdownSeconds
	}
	left := limit - idle
	switch {
	case left <= 0:
		s.end(v)
		s.live.send(message{Go: s.resting()})
	case st.done != 0:
		s.push(st.lang, "#ring", "ring", newCountdown(left, s.cfg.CountdownSeconds))
	case left <= s.cfg.CountdownSeconds:
		v.set(func(st *visitState) { st.asked = true })
		c := newCountdown(left, s.cfg.CountdownSeconds)
		c.Staff = v.staff
		if !st.asked {
			s.pushInto(st.lang, "#over", "idle", c)
			return
		}
		s.push(st.lang, "#idle-left", "idle-left", c)
	}
}

// pushChips sends the chips when they have changed since they were sent last.
func (s *Server) pushChips() {
	lang := s.langNow()
	chips := s.chips(lang)
	s.mu.Lock()
	same := slices.Equal(s.sentChips, chips)
	s.sentChips = chips
	s.mu.Unlock()
	if !same {
		s.live.send(message{Target: "#chips", Swap: "outerHTML", Content: s.part(lang, "chips", chips)})
	}
}

// pageChips are the chips of a page that comes now. What it shows may be over before
// the next tick: then it is sent the chips again, though no tick has seen them change.
func (s *Server) pageChips(lang assets.Lang) []chip {
	chips, now := s.chips(lang), s.langNow()
	s.mu.Lock()
	defer s.mu.Unlock()
	if lang == now && !slices.Equal(s.sentChips, chips) {
		s.sentChips = nil
	}
	return chips
}

// pushOnline renews the first page when the link to the center came or went, the
// books stand still or go on, or documents have come.
func (s *Server) pushOnline() {
	if s.cfg.Center == nil {
		return
	}
	come, online, done := s.arriving()
	now := first{online || s.online(), s.serving(), come, done}
	s.mu.Lock()
	same := s.sentFirst == now
	s.sentFirst = now
	s.mu.Unlock()
	if !same {
		s.pushSlips() // the pages about the center follow them
		s.live.send(message{Renew: "/"})
		s.live.send(message{Renew: "/?over"})
	}
}

// first is what the first page says of the center.
type first struct {
	online, serving bool
	come            int
	done            bool
}

// push puts a part in place of the element that target selects.
func (s *Server) push(lang assets.Lang, target, part string, data any) {
	s.live.send(message{Target: target, Swap: "outerHTML", Content: s.part(lang, part, data)})
}

// pushInto puts a part inside it.
func (s *Server) pushInto(lang assets.Lang, target, part string, data any) {
	s.live.send(message{Target: target, Swap: "innerHTML", Content: s.part(lang, part, data)})
}
