package kiosk

import (
	"context"
	"errors"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// refusals are what the store and package civic answer to a check, and the kind of
// greeting that says so.
var refusals = []struct {
	err  error
	kind string
}{
	{store.ErrTooFast, "fast"},
	{store.ErrNotYet, "early"},
	{store.ErrOver, "over"},
	{store.ErrElsewhere, "elsewhere"},
	{store.ErrUnknown, "over"}, // the center has taken the shift back
	{store.ErrReadOnly, "full"},
	{civic.ErrStale, "stale"},
	{civic.ErrCode, "misread"},
	{civic.ErrCard, "misread"},
	{errNoCard, "strange"},
}

func refusalOf(err error) string {
	for _, known := range refusals {
		if errors.Is(err, known.err) {
			return known.kind
		}
	}
	return ""
}

// checkScan takes a scan at the check-in page. It answers false for what leads to a page
// of its own there as everywhere: cards of staff, receipts and invitations.
func (s *Server) checkScan(text string) (path string, taken bool) {
	g := s.gateway()
	if g == nil || !g.open || len(text) > maxScanBytes || ledger.IsReceipt(text) || link.IsInvitation(text) {
		return "", false
	}
	c, err := s.scannedCheck(g, text)
	switch {
	case errors.Is(err, errStaffCard):
		return "", false
	case err != nil:
		v, _ := s.cfg.Store.Shift(g.shift)
		s.greet(s.badCheck(v, err))
	default:
		s.checkAt(g, c)
	}
	s.used(g)
	return g.path, true
}

// errStaffCard means that a card is a member of staff's, who sign in with it.
var errStaffCard = errors.New("kiosk: a card of staff")

// scannedCheck reads whose check a scan asks for.
func (s *Server) scannedCheck(g *gate, text string) (c store.Check, err error) {
	c = store.Check{Key: s.checkKey(), Shift: g.shift}
	switch {
	case civic.IsWalkIn(text):
		w, err := civic.ParseWalkIn(text)
		if err == nil && w.Shift != g.shift {
			err = store.ErrElsewhere
		}
		c.Who, c.By = w.Who, ledger.CheckWalkIn
		return c, err
	case civic.IsPhoneCard(text):
		card, err := s.readPhoneCard(text)
		if errors.Is(err, civic.ErrStale) && !s.clockKnown() {
			err = nil // the entry says that nobody vouches for its time
		}
		c.Who, c.By = card.Volunteer, ledger.CheckPhone
		return c, err
	}
	secret, err := civic.ParseCard(text)
	if err != nil {
		if !strings.HasPrefix(text, "YZC1") {
			err = errNoCard
		}
		return c, err
	}
	c.By = ledger.CheckCard
	person, err := s.cfg.Store.ByCard(secret.ID())
	switch {
	case errors.Is(err, store.ErrUnknown), errors.Is(err, store.ErrNoDocuments):
		c.Card = secret.ID()
		return c, nil
	case err == nil && person.Staff:
		err = errStaffCard
	}
	c.Who = person.ID
	return c, err
}

// errNoCard means that a scan is none of our codes.
var errNoCard = errors.New("kiosk: nobody's card")

// readPhoneCard reads the card that a phone shows: ErrCode, or ErrStale with the card.
func (s *Server) readPhoneCard(text string) (civic.PhoneCard, error) {
	key, err := s.cfg.Store.Issuer()
	if err != nil {
		return civic.PhoneCard{}, err
	}
	return civic.VerifyPhoneCard(text, key, s.wall(), maxClockSkew)
}

// checkAt checks somebody in or out at the check-in page, or asks what is meant.
func (s *Server) checkAt(g *gate, c store.Check) {
	if g.out {
		at, err := s.cfg.Store.Attendance(c.Shift, idOf(c))
		if err == nil && at.Arrived() == 0 && at.Left() == 0 {
			s.greet(s.alone(g, c, at))
			return
		}
	}
	s.checkNow(g, c, g.out)
}

// idOf is the id under which a check stands.
func idOf(c store.Check) ledger.ID {
	if c.Who.IsZero() {
		return c.Card.Stranger()
	}
	return c.Who
}

// checkNow records a check and greets. It waits for the disk, not for a network.
func (s *Server) checkNow(g *gate, c store.Check, out bool) {
	check := s.cfg.Store.CheckIn
	if out {
		check = s.cfg.Store.CheckOut
	}
	at, err := check(context.Background(), c)
	switch {
	case errors.Is(err, store.ErrAlready):
		s.greet(s.already(g, c, at))
		return
	case err != nil:
		v, _ := s.cfg.Store.Shift(g.shift)
		s.greet(s.badCheck(v, err))
		return
	case out:
		s.greet(s.checkedOut(at))
	default:
		s.greet(s.checkedIn(at))
	}
	s.pushCounts(g)
	if at.Name == "" && c.Card != (civic.CardID{}) {
		s.whoWasThat(c.Card)
	}
}

// whoWasThat asks the center whose a strange card is, so that the roster has a name for
// it soon. Nobody waits for that, and one card is asked about at a time.
func (s *Server) whoWasThat(card civic.CardID) {
	if s.cfg.Center == nil || !s.stranger.TryLock() {
		return
	}
	go func() {
		defer s.stranger.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), fetchTime)
		defer cancel()
		s.identifyCard(ctx, card)
	}()
}

// checkAnswer is what somebody says to a question of the check-in page.
func (s *Server) checkAnswer(a *ask) error {
	v, err := s.shiftOf(a)
	if err != nil {
		return err
	}
	q := s.takeQuestion(a.FormValue("token"))
	g := &gate{shift: v.ID, out: q != nil && q.out}
	switch yes := a.FormValue("yes") != ""; {
	case q == nil || q.check.Shift != v.ID: // its time was over
	case yes:
		s.checkNow(g, q.check, q.out)
	case q.other:
		s.checkNow(g, q.check, !q.out)
	}
	a.redirect(s.gatePath(v))
	return nil
}

// gatePath is the check-in page as it was on the screen, or else as the clock suggests.
func (s *Server) gatePath(v civic.Shift) string {
	if g := s.gateway(); g != nil && g.shift == v.ID {
		return g.path
	}
	return "/checkin/" + v.ID.String()
}

// takeQuestion answers the question with a token, once, and takes it off the screen.
func (s *Server) takeQuestion(token string) *question {
	now := s.nowMS()
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.greeting
	if g == nil || g.Ask == nil || g.Ask.Token != token || now >= g.Ask.untilMS {
		return nil
	}
	s.greeting = nil
	return g.Ask
}

// checkMe checks in, or out, whoever is signed in.
func (s *Server) checkMe(a *ask) error {
	v, err := s.shiftOf(a)
	if err != nil {
		return err
	}
	by := ledger.CheckAccount
	if a.visit.byCard {
		by = ledger.CheckCard
	}
	out := a.FormValue("way") == "out"
	s.checkAt(&gate{shift: v.ID, out: out, path: a.URL.Path}, store.Check{Key: s.checkKey(), Shift: v.ID, Who: a.visit.person, By: by})
	a.redirect(s.gatePath(v))
	return nil
}

// phoneCards are the codes of phones by which somebody has signed in here, so that a
// picture of one opens nothing.
type phoneCards struct{ seen map[civic.PhoneCard]time.Time }

// first tells whether a code is shown for the first time.
func (p *phoneCards) first(c civic.PhoneCard, now time.Time) bool {
	if _, seen := p.seen[c]; seen {
		return false
	}
	if p.seen == nil || len(p.seen) >= maxPhoneCards {
		p.seen = make(map[civic.PhoneCard]time.Time)
	}
	p.seen[c] = now
	return true
}

// scanPhoneCard signs in whoever holds the phone with this code. A clock that nobody
// vouches for may be wrong, so there the code must be of its time as well: points are
// behind it.
func (s *Server) scanPhoneCard(text string) (to string, person store.Person) {
	card, err := s.readPhoneCard(text)
	switch {
	case errors.Is(err, civic.ErrStale):
		return "/code/stale", person
	case err != nil:
		return "/code/misread", person
	}
	s.mu.Lock()
	first := s.phones.first(card, s.wall())
	s.mu.Unlock()
	if !first {
		return "/code/stale", person
	}
	if _, err := s.cfg.Store.Volunteer(card.Volunteer); err != nil {
		return "/code/phone", person
	}
	return "", store.Person{ID: card.Volunteer}
}
