package kiosk

import (
	"context"
	"errors"

	"yizhan/civic"
	"yizhan/link"
)

// whose asks the center whose card that is, and answers like read: where to lead the
// screen, and who is in front of it then. A card that turns out to be somebody's
// begins a visit like any other.
func (s *Server) whose(card civic.CardID, scanner bool) (to string, v *visit) {
	e := &errand{word: "card", visit: s.current(), scan: scanner}
	s.setOut(e, func(ctx context.Context, e *errand) {
		e.to = s.identifyCard(ctx, card)
		if e.to != "" {
			return
		}
		person, err := s.cfg.Store.ByCard(card)
		if err != nil {
			s.cfg.Log.Error("looking up a card that the center knows", "error", err)
			e.to = "/code/unasked"
			return
		}
		if s.letsIn(e) {
			e.then = s.scanPerson(person)
		}
	})
	if !e.over() {
		return e.path(), e.visit
	}
	if e.then != nil {
		return "", e.then
	}
	return e.to, e.visit
}

// identifyCard asks the center whose a card is, and answers the page for one that is
// nobody's as far as can be known; "": the store knows it now.
func (s *Server) identifyCard(ctx context.Context, card civic.CardID) string {
	answer, err := s.cfg.Center.Identify(ctx, card)
	switch {
	case errors.Is(err, link.ErrOffline):
		return "/code/away"
	case err == nil && answer.Outcome == link.OutcomeUnknown:
		return "/code/nobody"
	case err == nil && answer.Outcome == link.OutcomeOK:
		return ""
	}
	s.cfg.Log.Warn("asking whose a card is", "outcome", answer.Outcome, "error", err)
	return "/code/unasked"
}
