package kiosk

import (
	"context"
	"errors"
	"strings"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

const certificateBase = "/certificate"

// certificatePage is what a person sees who wants the service record on paper: what it
// is and, once the center has issued it, where it is.
type certificatePage struct {
	Minutes int64  // of service, as far as is known here
	Not     string // why it cannot be printed now: offline, printer, nothing; "": it can
	Why     string // what the printer lacks

	Serial string // as people read it; "": none is issued yet
	store.Certificate
	Number string // stands at the top and at the bottom of a slip that is whole
	Paper  string // see paperWord
	Again  bool   // another copy may be printed
}

// noCertificate is a certificate that the center did not issue: trouble.certificate_WHY.
type noCertificate struct{ why string }

func (e noCertificate) Error() string { return "kiosk: no certificate: " + e.why }

// certificate says what a certificate is, before one is asked for, or why there can be
// none now.
func (s *Server) certificate(a *ask) error {
	a.follow() // the printer may come back
	p, err := s.certificateFor(a)
	if err != nil {
		return err
	}
	word := "certificate"
	if p.Not != "" {
		word = "nocertificate"
	}
	return s.show(a, page{word: word, back: hoursPage, data: p})
}

func (s *Server) certificateFor(a *ask) (p certificatePage, err error) {
	v, err := s.cfg.Store.Volunteer(a.visit.person)
	if err != nil {
		return p, err
	}
	p.Minutes = v.Service()
	fault := s.paper.Status().Fault
	switch {
	case !s.online():
		p.Not = "offline"
	case s.cfg.Printer == nil:
		p.Not, p.Why = "printer", s.text(a, "chip.printer.none")
	case fault != nil:
		p.Not, p.Why = "printer", s.text(a, "chip.printer."+string(fault.Reason))
	case v.Service() == 0:
		p.Not = "nothing"
	}
	return p, nil
}

// certificateNow has the center issue one, and prints it. Whoever asks twice a day, and
// has served no more meanwhile, gets the same one, of which another copy is printed only
// when the page that follows is told so.
func (s *Server) certificateNow(a *ask) error {
	p, err := s.certificateFor(a)
	if err != nil {
		return err
	}
	if p.Not != "" {
		a.redirect(certificateBase)
		return nil
	}
	return s.report(a, s.setOut(&errand{word: "certificate", visit: a.visit}, s.fetchCertificate))
}

// fetchCertificate is what certificateNow sends out for.
func (s *Server) fetchCertificate(ctx context.Context, e *errand) {
	answer, err := s.cfg.Center.Certify(ctx, e.visit.person)
	switch {
	case errors.Is(err, link.ErrOffline), errors.Is(err, context.DeadlineExceeded):
		e.error = noCertificate{"cut"}
		return
	case err == nil && (answer.Outcome == link.OutcomeArea || answer.Outcome == link.OutcomeLimit):
		e.error = noCertificate{string(answer.Outcome)}
		return
	case err != nil || answer.Outcome != link.OutcomeOK:
		s.cfg.Log.Warn("asking for a certificate", "outcome", answer.Outcome, "error", err)
		e.error = noCertificate{"busy"}
		return
	}
	said := answer.Certificate
	if said.Proof == "" { // nobody has told the center where phones find it, so it is where kiosks do
		said.Proof = "https://" + strings.TrimSuffix(s.cfg.CenterAddress, ":443") + link.ProofPath + said.Serial
	}
	c, _, err := s.cfg.Store.PrintCertificate(ctx, ledger.Certificate{Volunteer: e.visit.person, Serial: said.Serial, Again: said.Again, Proof: said.Proof, Center: said.Center,
		Day: said.Day, First: said.First, Last: said.Last, Listed: said.Listed, Credit: said.Credit, Honour: said.Honour, Stars: said.Stars})
	if err != nil {
		e.error = err
		return
	}
	s.paper.Wake()
	e.to = certificatePath(c.Seq)
}

func certificatePath(seq uint64) string { return certificateBase + "/" + textOf(seq) }

// ownCertificate reads the certificate that the path names. Somebody else's is as
// unknown as one that does not exist.
func (s *Server) ownCertificate(a *ask) (store.Certificate, error) {
	seq, err := sequence(a.PathValue("certificate"))
	if err != nil {
		return store.Certificate{}, err
	}
	c, err := s.cfg.Store.Certificate(seq)
	if err == nil && c.Volunteer != a.visit.person {
		err = store.ErrUnknown
	}
	return c, err
}

// certificateShown tells where the slip of a certificate is, and asks what only the
// person can know: whether it came out whole.
func (s *Server) certificateShown(a *ask) error {
	a.follow()
	c, err := s.ownCertificate(a)
	if err != nil {
		return err
	}
	_, entry, err := s.cfg.Store.Entry(c.Seq)
	if err != nil {
		return err
	}
	p := certificatePage{Certificate: c, Minutes: c.Minutes(), Serial: civic.SerialText(c.Serial), Number: slipNumber(entry),
		Paper: paperWord(c.Job.State), Again: c.Job.Copy < maxOwnCopies}
	switch p.Paper {
	case "held":
		p.Why = s.reasonOf(a, c.Job)
	case "soon":
		a.lookAgain()
	}
	return s.show(a, page{word: "certified", back: hoursPage, data: p})
}

// certificateAgain prints another copy, which says that it is one.
func (s *Server) certificateAgain(a *ask) error {
	c, err := s.ownCertificate(a)
	if err != nil {
		return err
	}
	if c.Job.State.Final() && c.Job.Copy < maxOwnCopies {
		if _, err := s.cfg.Store.Reprint(a.Context(), c.Seq, ledger.ID{}); err != nil && !errors.Is(err, ledger.ErrState) {
			return err
		}
		s.paper.Wake()
	}
	a.redirect(certificatePath(c.Seq))
	return nil
}

// certificateWhole takes the volunteer's answer about the slip.
func (s *Server) certificateWhole(a *ask) error {
	c, err := s.ownCertificate(a)
	if err != nil {
		return err
	}
	if a.FormValue("whole") == "yes" || c.Job.Copy < maxOwnCopies {
		if _, err := s.answered(a, c.Seq, ledger.ID{}); err != nil {
			return err
		}
	}
	a.redirect(certificatePath(c.Seq))
	return nil
}
