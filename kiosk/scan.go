package kiosk

import (
	"errors"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// ticket lets the one page that a scan opens join the visit that the scan began.
type ticket struct {
	visit   *visit
	untilMS int64
}

// staffPINPage asks a member of staff for the PIN that goes with the card.
const staffPINPage = "/staff/pin"

// Scan takes what the scanner has read and sends the screen to the page for it. It
// may be called from any goroutine.
func (s *Server) Scan(text string) {
	if _, taken := s.checkScan(text); taken {
		return
	}
	to, v := s.read(text, true)
	s.await(to, v)
	s.live.lead(s.way(to, v))
}

// scan is Scan for a browser that asks where a text leads.
func (s *Server) scan(text string) string {
	if to, taken := s.checkScan(text); taken {
		return to
	}
	return s.way(s.read(text, false))
}

// way is the path to a page, or to the first page of a visit when to is "".
func (s *Server) way(to string, v *visit) string {
	if to != "" {
		return to
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newTicket(v)
}

// read decides what a scanned text means: the page for it, or "" for the first page
// of a visit. A card ends the visit of anybody else; all other codes leave the visit
// as it is. Scanner says that the box's own scanner has read it.
func (s *Server) read(text string, scanner bool) (to string, v *visit) {
	to, person := s.recognize(text)
	switch {
	case to == strangeCard && s.cfg.Center != nil:
		secret, _ := civic.ParseCard(text)
		return s.whose(secret.ID(), scanner)
	case to != "":
		return to, s.current()
	}
	return "", s.scanPerson(person)
}

// strangeCard is the page for a card that nobody here has.
const strangeCard = "/code/card"

// recognize finds the page for a scanned text, or the person whose card it is.
func (s *Server) recognize(text string) (to string, person store.Person) {
	if len(text) > maxScanBytes {
		return "/code/strange", person
	}
	if ledger.IsReceipt(text) {
		return s.scanReceipt(text), person
	}
	if link.IsInvitation(text) {
		return s.scanInvitation(text), person
	}
	if civic.IsPhoneCard(text) {
		return s.scanPhoneCard(text)
	}
	if civic.IsWalkIn(text) {
		return "/code/walkin", person
	}
	secret, err := civic.ParseCard(text)
	if err != nil {
		if len(text) >= 4 && text[:4] == "YZC1" {
			return "/code/misread", person
		}
		return "/code/strange", person
	}
	person, err = s.cfg.Store.ByCard(secret.ID())
	switch {
	case errors.Is(err, store.ErrUnknown):
		return strangeCard, person
	case errors.Is(err, store.ErrNoDocuments):
		return "/code/empty", person
	case err != nil:
		s.cfg.Log.Error("looking up a card", "error", err)
		return "/code/broken", person
	}
	return "", person
}

// scanPerson signs a volunteer in, or lets a member of staff go on to the PIN.
func (s *Server) scanPerson(p store.Person) *visit {
	v := s.current()
	if v != nil && v.person == p.ID && (v.onDuty() || v.signedIn() && v.byCard) {
		s.touch(v) // a ticket all the same: a browser that was started anew has lost its cookie
		return v
	}
	v = s.begin(identity{person: p.ID, staff: p.Staff, byCard: true})
	if !p.Staff {
		s.clearTries(p.ID)
	}
	return v
}

// newTicket makes a ticket for a visit and returns where it is shown. It needs s.mu.
func (s *Server) newTicket(v *visit) string {
	id := s.secret()
	if len(s.tickets) >= maxTickets {
		clear(s.tickets) // scans that no page came for
	}
	s.tickets[id] = ticket{v, s.nowMS() + ticketSeconds*1000}
	return "/ticket/" + id
}

// scanReceipt leads staff to the hand-over of a receipt's redemption. Anybody may
// be holding a receipt, so without staff it only says whose job that is.
func (s *Server) scanReceipt(text string) string {
	if !s.current().onDuty() {
		return "/code/receipt"
	}
	e, err := ledger.VerifyReceipt(text, s.cfg.Store.PublicKey())
	if err != nil {
		return "/code/forged"
	}
	if e.Body.Kind() != ledger.KindReserve {
		return "/code/strange"
	}
	return "/staff/handover?redemption=" + strconv.FormatUint(e.Seq, 10)
}

// scanned takes a scan from a scanner that types like a keyboard.
func (s *Server) scanned(a *ask) error {
	a.redirect(s.scan(a.FormValue("text")))
	return nil
}

// ticket turns the one-time ticket of a scan into the visit's cookie.
func (s *Server) ticket(a *ask) error {
	id := a.PathValue("ticket")
	s.mu.Lock()
	t, ok := s.tickets[id]
	delete(s.tickets, id)
	ok = ok && t.visit == s.visit
	s.mu.Unlock()
	if !ok || s.nowMS() > t.untilMS {
		a.redirect(homeOf(a.visit))
		return nil
	}
	join(a.w, t.visit)
	a.redirect(landing(t.visit))
	return nil
}

// landing is where somebody who has just signed in comes: to the page on which a card
// was asked for, else to the first page.
func landing(v *visit) string {
	to := ""
	if v.signedIn() {
		v.set(func(st *visitState) { to, st.wants = st.wants, "" })
	}
	return or(to, homeOf(v))
}

// homeOf is the first page of a visit.
func homeOf(v *visit) string {
	switch {
	case v.signedIn():
		return "/balance"
	case v.onDuty():
		return "/staff"
	case v != nil && v.staff:
		return staffPINPage
	}
	return "/"
}

// codes are the pages that say why a code did not lead anywhere.
var codes = map[string]bool{"strange": true, "misread": true, "card": true, "empty": true, "broken": true, "receipt": true, "forged": true, "invitation": true,
	"nobody": true, "away": true, "unasked": true, "stale": true, "phone": true, "walkin": true}

// code shows one of them. Nothing is lost: the main key leads back.
func (s *Server) code(a *ask) error {
	what := a.PathValue("what")
	if !codes[what] {
		return store.ErrUnknown
	}
	return s.show(a, page{word: "code", sound: "attention", data: answers{Word: what, To: s.back(a)}})
}
