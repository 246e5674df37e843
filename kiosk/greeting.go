package kiosk

import (
	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// greeting is what the check-in page says for a moment after somebody checked in or out,
// or could not. It lies over the code, which then comes back.
type greeting struct {
	Kind   string // its texts are checkin.KIND.title and .say
	Good   bool
	Title  string
	Say    string   // the next step, or what to do
	Note   string   // what else is to be known; "": nothing
	Others []string // greeted in the same moment
	Sound  string   // done, attention
	Ask    *question

	untilMS int64
}

// question is one that a card raises. Whoever holds it answers by a key, and nothing is
// done meanwhile.
type question struct {
	Token string
	Path  string // of the form
	Yes   string // text of the key that does it
	No    string // text of the other; "": there is none

	check   store.Check
	out     bool // what Yes does
	other   bool // No does the other direction's check
	untilMS int64
}

// greetingNow is the greeting that is on the screen; nil: there is none.
func (s *Server) greetingNow() *greeting {
	now := s.nowMS()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.greeting == nil || now >= s.greeting.untilMS {
		return nil
	}
	return s.greeting
}

// greet shows a greeting. Those who are greeted in the same moment are named together.
func (s *Server) greet(g greeting) {
	lasts := int64(greetingMS)
	if g.Ask != nil {
		lasts = questionMS
	}
	now := s.nowMS()
	s.mu.Lock()
	if old := s.greeting; old != nil && old.Good && g.Good && g.Ask == nil && now < old.untilMS && old.Kind == g.Kind {
		g.Others = append([]string{old.Title}, old.Others...)
		g.Others = g.Others[:min(len(g.Others), maxGreeted)]
	}
	g.untilMS = now + lasts
	if g.Ask != nil {
		g.Ask.untilMS = g.untilMS
	}
	s.greeting = &g
	s.mu.Unlock()
	s.live.send(message{Target: "#greet", Swap: "outerHTML", Content: s.part(s.langNow(), "greet", &g), Sound: g.Sound})
}

// tickGreeting takes a greeting off the screen when its time is over.
func (s *Server) tickGreeting() {
	now := s.nowMS()
	s.mu.Lock()
	over := s.greeting != nil && now >= s.greeting.untilMS
	if over {
		s.greeting = nil
	}
	s.mu.Unlock()
	if over {
		s.push(s.langNow(), "#greet", "greet", (*greeting)(nil))
	}
}

// langNow is the language of whoever is there, or else the box's.
func (s *Server) langNow() assets.Lang {
	if v := s.current(); v != nil {
		return v.get().lang
	}
	return s.cfg.Lang
}

// say makes a greeting of a kind: its texts find the pairs.
func (s *Server) say(kind string, good bool, pairs ...any) greeting {
	texts := s.texts[s.langNow()]
	g := greeting{Kind: kind, Good: good, Title: texts.Text("checkin."+kind+".title", pairs...), Say: texts.Text("checkin."+kind+".say", pairs...), Sound: "attention"}
	if good {
		g.Sound = "done"
	}
	return g
}

// checkedIn greets somebody who has come.
func (s *Server) checkedIn(a store.Attendance) greeting {
	v, _ := s.cfg.Store.Shift(a.Shift)
	lang := s.langNow()
	kind := "in"
	switch {
	case a.WalkIn:
		kind = "walkin"
		if !s.printing(a.In.Seq) {
			kind = "walkin_noslip"
		}
	case a.Card != (civic.CardID{}) && a.Name == "":
		kind = "stranger"
	case a.Name == "":
		kind = "in_nameless"
	}
	return s.noted(s.say(kind, true, "name", a.Name, "place", placeOfShift(lang, v), "to", s.clockTime(v.End)), a.In)
}

// noted says when the time of a check will need a leader's word.
func (s *Server) noted(g greeting, seen store.Seen) greeting {
	if seen.Unproven() {
		g.Note = s.texts[s.langNow()].Text("checkin.unproven")
	}
	return g
}

// checkedOut greets somebody who leaves.
func (s *Server) checkedOut(a store.Attendance) greeting {
	kind := "out"
	v, _ := s.cfg.Store.Shift(a.Shift)
	minutes, _ := servedMinutes(a, v)
	switch {
	case a.Arrived() == 0:
		kind = "out_alone"
	case a.Name == "":
		kind = "out_nameless"
	}
	return s.noted(s.say(kind, true, "name", a.Name, "lasted", s.lastedText(minutes)), a.Out)
}

// lastedText writes how long somebody was there.
func (s *Server) lastedText(minutes int64) string {
	texts := s.texts[s.langNow()]
	if minutes < 60 {
		return texts.Text("checkin.minutes", "m", minutes)
	}
	return texts.Text("checkin.hours", "h", minutes/60, "m", minutes%60)
}

// already says that somebody checked in or out before, and asks those who checked in a
// while ago whether they are leaving.
func (s *Server) already(g *gate, c store.Check, a store.Attendance) greeting {
	at := func(ms int64) string { return s.clockTime(ms / 1000) }
	if a.Left() != 0 {
		return s.say("left_before", false, "name", a.Name, "at", at(a.Left()))
	}
	v, _ := s.cfg.Store.Shift(g.shift)
	if !s.wayOut(v) || g.out {
		return s.say("in_before", false, "name", a.Name, "at", at(a.Arrived()))
	}
	greeting := s.say("leaving", false, "name", a.Name, "at", at(a.Arrived()))
	greeting.Ask = s.question(g, c, true, "checkin.do_out", "checkin.stay")
	return greeting
}

// alone asks somebody who leaves and whom nobody has seen come.
func (s *Server) alone(g *gate, c store.Check, a store.Attendance) greeting {
	greeting := s.say("alone", false, "name", a.Name)
	greeting.Ask = s.question(g, c, true, "checkin.do_out", "checkin.do_in")
	greeting.Ask.other = true
	return greeting
}

func (s *Server) question(g *gate, c store.Check, out bool, yes, no string) *question {
	texts := s.texts[s.langNow()]
	return &question{Token: s.secret(), Path: "/checkin/" + g.shift.String() + "/answer", Yes: texts.Text(yes), No: texts.Text(no), check: c, out: out}
}

// printing tells whether the slip of a check-in comes out, as far as can be known.
func (s *Server) printing(seq uint64) bool {
	job, err := s.cfg.Store.Job(seq)
	return err == nil && job.Seq != 0 && s.cfg.Printer != nil && s.paper.Status().Fault == nil
}

// badCheck is the greeting for a check that was refused.
func (s *Server) badCheck(v civic.Shift, err error) greeting {
	switch kind := refusalOf(err); kind {
	case "early":
		return s.say(kind, false, "at", s.clockTime(v.Opens()))
	case "fast":
		return s.say(kind, false, "n", s.cfg.Store.Station().Policy.WithDefaults().CardGap)
	case "":
		s.cfg.Log.Error("a check-in failed", "shift", v.ID, "error", err)
		return s.say("broken", false)
	default:
		if kind == "over" && v.Closed {
			kind = "off"
		}
		s.cfg.Log.Info("a check-in was refused", "shift", v.ID, "why", err)
		return s.say(kind, false)
	}
}

// checkKey draws the idempotency key of one check.
func (s *Server) checkKey() (k ledger.Key) {
	s.draw(k[:])
	return k
}
