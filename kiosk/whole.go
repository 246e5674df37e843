package kiosk

import (
	"errors"
	"net/http"
	"strconv"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// wholePage asks whether a slip came out whole. Only the person who stands before
// the printer can know, so nothing else is asked there and nothing is guessed.
type wholePage struct {
	donePage
	Number string // stands at the top and at the bottom of a slip that is whole
	Again  bool   // another copy may be printed without staff
}

func (s *Server) wholePage(p donePage) (wholePage, error) {
	_, entry, err := s.cfg.Store.Entry(p.Seq)
	return wholePage{donePage: p, Number: slipNumber(entry), Again: p.Job.Copy < maxOwnCopies}, err
}

// whole takes the volunteer's answer about a slip, and leads back to the page that
// says what follows from it.
func (s *Server) whole(a *ask) error {
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	if a.FormValue("whole") == "yes" || r.Job.Copy < maxOwnCopies {
		if _, err := s.answered(a, r.Job.Seq, ledger.ID{}); err != nil {
			return s.unanswered(a, r, err)
		}
	}
	a.redirect(donePath(r.Seq))
	return nil
}

// unanswered says that nothing can be written down now. The points of this redemption
// are taken all the same, so that the frame's words for a full disk are not true here.
func (s *Server) unanswered(a *ask, r store.Redemption, err error) error {
	if errors.Is(err, store.ErrReadOnly) {
		s.trouble(a, trouble{word: "slip_full", status: http.StatusServiceUnavailable, to: donePath(r.Seq), key: "trouble.back"})
		return nil
	}
	return err
}

// answered writes down what a person says of an uncertain slip. The form names the
// copy that it asked about: a second tap, or one that comes late, answers nothing
// more. Operator is zero for the volunteer.
func (s *Server) answered(a *ask, seq uint64, operator ledger.ID) (store.Job, error) {
	whole := a.FormValue("whole")
	if whole != "yes" && whole != "no" {
		return store.Job{}, errForm
	}
	job, err := s.cfg.Store.Job(seq)
	if err != nil || job.State != spool.Uncertain || a.FormValue("copy") != strconv.FormatInt(job.Copy, 10) {
		return job, err
	}
	answer := s.cfg.Store.Void
	if whole == "yes" {
		answer = s.cfg.Store.Seen
	}
	job, err = answer(a.Context(), seq, operator)
	if errors.Is(err, ledger.ErrState) { // somebody was faster
		return s.cfg.Store.Job(seq)
	}
	s.paper.Wake()
	return job, err
}

// doubt is for somebody who holds no slip in hand although nothing spoke against it:
// the question is asked then.
func (s *Server) doubt(a *ask) error {
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	if r.Job.State == spool.Presumed {
		if _, err := s.cfg.Store.Doubt(a.Context(), r.Job.Seq, ledger.ID{}); err != nil && !errors.Is(err, ledger.ErrState) {
			return s.unanswered(a, r, err)
		}
	}
	a.redirect(donePath(r.Seq))
	return nil
}

func donePath(seq uint64) string { return "/done/" + textOf(seq) }
