package kiosk

// awaited is the page that a scan leads to, until a screen shows it.
//
// A scan is told to the page that is on the screen, and that page may be going away
// just then: somebody has pressed a key, the browser loads again a page that came
// out of its back-forward cache, the connection is being made anew. Then the message
// dies with it, and the page that comes in its place was made after the scan, so it
// would not ask for it. All other messages may be lost like that, because what they
// tell stands on a page made later anyhow. A scan does not: it leads to another page.
// So it counts as heard only when a page that it leads to has connected. Every other
// page says in its connection that it does not know of the scan, and is told again.
type awaited struct {
	number  uint64 // of the scan
	to      string // the page; "" for the first page of visit, by a ticket
	visit   *visit // who is there meanwhile; the scan means nothing to anybody else
	untilMS int64
	told    int // again, so often
}

// await notes that a scan leads to a page. It is called before any page is told, so
// that whatever is made from then on knows, or is told.
func (s *Server) await(to string, v *visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scans++
	s.awaited = &awaited{number: s.scans, to: to, visit: v, untilMS: s.nowMS() + ticketSeconds*1000}
}

// knows is the number of the last scan that the page of a request knows of: the
// awaited one, if the scan leads to that page, and otherwise the one before.
func (s *Server) knows(path string, v *visit) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.awaited
	if w == nil || w.to == path || w.to == "" && v == w.visit {
		return s.scans
	}
	return w.number - 1
}

// passOn is told that a page leads to another, and so does the scan that led there.
func (s *Server) passOn(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awaited != nil && s.awaited.to == from && to != "" {
		s.awaited.to = to
	}
}

// remind is called when a page has connected that knows of the scans up to number.
// It answers where to lead the page, or "".
func (s *Server) remind(number uint64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.awaited
	switch {
	case w == nil:
		return ""
	case number >= w.number, w.visit != s.visit, s.nowMS() > w.untilMS, w.told >= maxReminders:
		s.awaited = nil
		return ""
	}
	w.told++
	if w.to == "" {
		return s.newTicket(w.visit)
	}
	return w.to
}
