package kiosk

import (
	"context"
	"net/http"
	"time"
)

// errand is what the center is asked while somebody waits before the screen. It goes
// on in the background, so that no screen stands still: when it takes longer than an
// instant, the page "asking" says what goes on, and leads on by itself. There is at
// most one; whatever else happens at the screen makes it void.
type errand struct {
	id    string // secret: only the screen that waits knows it
	word  string // card, points, where, keep: asking.WORD says what goes on
	visit *visit // who was there when it began; nil: nobody
	scan  bool   // the box's scanner set it going, so that it may lead the box's screen

	done  chan struct{} // closed, under the server's mutex, when what follows is known
	late  bool          // the page that waits was shown; guarded by that mutex, too
	to    string        // where it leads; "": to the first page of visit then
	then  *visit
	error error
}

// path is the page that waits for it.
func (e *errand) path() string { return "/asking/" + e.id }

// moves tells whether it moves points.
func (e *errand) moves() bool { return e.word == "points" || e.word == "keep" }

// over tells whether it has come to an end.
func (e *errand) over() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// setOut begins an errand; do finds out how it ends. It waits for an instant, for
// most errands take no longer. While a redemption's is under way its visit begins no
// other one: it gets that one back.
func (s *Server) setOut(e *errand, do func(context.Context, *errand)) *errand {
	e.id, e.done = s.secret(), make(chan struct{})
	s.mu.Lock()
	if old := s.errand; old != nil && old.moves() && old.visit == e.visit && !old.over() && e.moves() {
		s.mu.Unlock()
		s.pause(old)
		return old
	}
	s.errand = e
	s.mu.Unlock()
	go func() {
		ctx, stop := context.WithTimeout(context.Background(), fetchTime)
		defer stop()
		do(ctx, e)
		s.mu.Lock()
		close(e.done)
		late := e.late
		s.mu.Unlock()
		if late {
			s.comeBack(e)
		}
	}()
	s.pause(e)
	return e
}

// pause waits an instant for an errand.
func (s *Server) pause(e *errand) {
	patience := time.NewTimer(centerPatience)
	defer patience.Stop()
	select {
	case <-e.done:
	case <-patience.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.late = e.late || !e.over()
}

// comeBack leads on the page that waits for an errand. What a scan began leads like
// the scan itself.
func (s *Server) comeBack(e *errand) {
	if e.scan && s.counts(e) {
		s.await(e.to, s.current())
		s.live.lead(s.way(e.to, e.then))
		return
	}
	s.live.send(message{Renew: e.path()})
}

// counts tells whether an errand still means something: nobody else came, and nothing
// else was begun.
func (s *Server) counts(e *errand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errand == e && (sameVisit(s.visit, e.visit) || e.over() && e.then != nil && s.visit == e.then)
}

// sameVisit tells whether the same person is there, or still nobody: who only chose a
// language meanwhile has not signed in.
func sameVisit(now, then *visit) bool {
	nobody := func(v *visit) bool { return v == nil || v.person.IsZero() }
	return now == then || nobody(now) && nobody(then)
}

// asking is the page of an errand, until it is over.
func (s *Server) asking(a *ask) error {
	s.mu.Lock()
	e := s.errand
	s.mu.Unlock()
	if e == nil || e.id != a.PathValue("errand") || !s.counts(e) {
		a.redirect(homeOf(a.visit))
		return nil
	}
	return s.report(a, e)
}

// report says how an errand ended, or that it goes on.
func (s *Server) report(a *ask, e *errand) error {
	switch {
	case !e.over() && a.Method == http.MethodPost:
		a.redirect(e.path())
		return nil
	case !e.over():
		a.again = e.path() + "?" + reloaded
		return s.show(a, page{word: "asking", data: struct{ Word string }{e.word}})
	case e.error != nil:
		a.acted = true
		return e.error
	case e.then != nil:
		s.forget(e) // whoever it brings in comes in once
	}
	a.redirect(s.way(e.to, e.then))
	return nil
}

func (s *Server) forget(e *errand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.errand == e {
		s.errand = nil
	}
}
