package kiosk

import (
	"context"
	"net/http"
	"time"

	"yizhan/ledger"
)

// errand is what the center is asked while somebody waits before the screen. It goes
// on in the background, so that no screen stands still: when it takes longer than an
// instant, the page "asking" says what goes on, and leads on by itself. There is at
// most one, but for redemptions of one visit, each of which waits for the one before;
// whatever else happens at the screen makes it void.
type errand struct {
	id    string     // secret: only the screen that waits knows it
	word  string     // card, points, where, keep, certificate: asking.WORD says what goes on
	visit *visit     // who was there when it began; nil: nobody
	scan  bool       // the box's scanner set it going, so that it may lead the box's screen
	key   ledger.Key // of the redemption
	after *errand    // the redemption before, until that is over; guarded by the server's mutex

	done  chan struct{} // closed, under the server's mutex, when what follows is known
	late  bool          // the page that waits was shown; guarded by that mutex, too
	lets  bool          // somebody is being let in, whose visit is then; guarded by it, too
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
// most errands take no longer. While a redemption's is under way, the same one is not
// begun once more: it gets that one back.
func (s *Server) setOut(e *errand, do func(context.Context, *errand)) *errand {
	e.id, e.done = s.secret(), make(chan struct{})
	if old := s.lineUp(e); old != nil {
		s.pause(old)
		return old
	}
	go func() {
		ctx, stop := context.WithTimeout(context.Background(), fetchTime)
		defer stop()
		if e.after != nil {
			<-e.after.done // which has a limit as well
		}
		do(ctx, e)
		s.mu.Lock()
		close(e.done)
		e.after = nil
		late := e.late
		s.mu.Unlock()
		if late {
			s.comeBack(e)
		}
	}()
	s.pause(e)
	return e
}

// lineUp makes an errand the one that is under way, or answers another one to wait
// for instead: that of the same redemption, or the last of too many.
func (s *Server) lineUp(e *errand) *errand {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.errand
	if last != nil && last.moves() && last.visit == e.visit && !last.over() && e.moves() {
		n := 0
		for old := last; old != nil; old = old.after {
			if n++; old.key == e.key {
				return old
			}
		}
		if n >= maxLined {
			return last
		}
		e.after = last
	}
	s.errand = e
	return nil
}

// lined tells whether an errand is the one under way, or one that it waits for. It
// needs s.mu.
func (s *Server) lined(e *errand) bool {
	for at := s.errand; at != nil; at = at.after {
		if at == e {
			return true
		}
	}
	return false
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
// else was begun. Between the moment in which it lets somebody in and its end lies a
// write or two.
func (s *Server) counts(e *errand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lined(e) && (sameVisit(s.visit, e.visit) || e.lets && (!e.over() || s.visit == e.then))
}

// letsIn notes that an errand lets somebody in now. False: it does not count any more.
func (s *Server) letsIn(e *errand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.lets = s.errand == e && sameVisit(s.visit, e.visit)
	return e.lets
}

// sameVisit tells whether the same person is there, or still nobody: who only chose a
// language meanwhile has not signed in.
func sameVisit(now, then *visit) bool {
	nobody := func(v *visit) bool { return v == nil || v.person.IsZero() }
	return now == then || nobody(now) && nobody(then)
}

// asking is the page of an errand, until it is over.
func (s *Server) asking(a *ask) error {
	e := s.errandOf(a.PathValue("errand"))
	if e == nil || !s.counts(e) {
		a.redirect(homeOf(a.visit))
		return nil
	}
	return s.report(a, e)
}

func (s *Server) errandOf(id string) *errand {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.errand; e != nil; e = e.after {
		if e.id == id {
			return e
		}
	}
	return nil
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
