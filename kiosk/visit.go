package kiosk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"sync"

	"yizhan/assets"
	"yizhan/ledger"
)

// visitCookie names the cookie that a browser proves its visit with.
const visitCookie = "visit"

// identity is who a visit belongs to.
type identity struct {
	person ledger.ID // zero: not signed in
	staff  bool      // person is a member of staff
	proven bool      // staff: the PIN was right too
	byCard bool      // the card was there, so the PIN may be set
}

// visit is one person's time in front of the screen. Who it is never changes: a
// sign-in begins a new visit with a new cookie.
type visit struct {
	id string // 128 random bits, the cookie's value
	identity

	mu sync.Mutex
	visitState
}

// visitState is what changes during a visit; visit.mu guards it.
type visitState struct {
	lang    assets.Lang
	large   bool
	digits  string      // typed so far at a keypad without the script
	phone   string      // typed on the page before the PIN
	sharers []ledger.ID // people whose phone and PIN were right, one of whom is here
	newPIN  string      // typed once, to be typed again
	wrong   string      // what was wrong with what was typed, a key of the texts
	left    int64       // tries left after a wrong PIN
	last    string      // the page to go back to after a message
	trouble *trouble
	seenMS  int64   // when something was touched last, on the clock's monotonic line
	asked   bool    // the countdown is on the screen
	slip    uint64  // the redemption whose page is shown; it is shown anew when its slip is
	slips   string  // the page that follows slips, as it is shown; it is shown anew with each of them
	done    uint64  // the same, and the page ends the visit soon
	writing writing // the template of a slip that is not kept yet
	money   string  // the page with points on it, as it is shown; it is shown anew when they are others
	shown   funds   // those on it
	nearby  nearby  // where else a good stands; none: nobody asked
	torn    uint64  // the redemption whose ticket was seen tearing off
	waits   string  // the page of a claim that the center has not answered, as it is shown; it is shown anew each second
	wants   string  // the page on which somebody was asked for a card; it is shown after that
	ticket  uint64  // for a phone's first sign-in, the last one that was drawn
	drawn   int     // of those so far
}

// get returns a copy of what changes.
func (v *visit) get() visitState {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.visitState
}

// set changes it.
func (v *visit) set(change func(*visitState)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change(&v.visitState)
}

// signedIn tells whether a volunteer's account is open.
func (v *visit) signedIn() bool { return v != nil && !v.staff && !v.person.IsZero() }

// onDuty tells whether a member of staff is at work here.
func (v *visit) onDuty() bool { return v != nil && v.staff && v.proven }

// begin ends whatever visit there is and starts another, as who says; the person's
// language and print size stay when they chose them before signing in.
func (s *Server) begin(who identity) *visit { return s.follow(nil, who) }

// follow is begin for a PIN that was typed in the visit from, which took a moment
// to compare. When that visit is over by now nothing begins, and it answers nil:
// somebody else may stand there. No from: whatever visit there is.
func (s *Server) follow(from *visit, who identity) *visit {
	v := &visit{id: s.secret(), identity: who}
	v.lang = s.cfg.Lang
	s.mu.Lock()
	old := s.visit
	if from != nil && old != from {
		s.mu.Unlock()
		return nil
	}
	if old != nil && old.person.IsZero() {
		was := old.get()
		v.lang, v.large, v.wants = was.lang, was.large, was.wants
	}
	v.seenMS = s.nowMS()
	s.visit = v
	clear(s.tickets)
	s.mu.Unlock()
	s.signOut(old)
	return v
}

// end ends the visit, if it is still the one there is.
func (s *Server) end(v *visit) {
	s.mu.Lock()
	there := v != nil && s.visit == v
	if there {
		s.visit = nil
		clear(s.tickets)
	}
	s.mu.Unlock()
	if there {
		s.signOut(v)
	}
}

// signOut records that a member of staff has left, when the visit that ended was
// one's. The visit is over whether or not it can be recorded. It waits for the
// disk, so it runs without s.mu.
func (s *Server) signOut(v *visit) {
	if !v.onDuty() {
		return
	}
	if err := s.cfg.Store.SignOut(context.Background(), v.person); err != nil {
		s.cfg.Log.Warn("recording that staff has left", "error", err)
	}
}

// visitOf finds the visit that a request belongs to; nil when it has none, or one
// that is over.
func (s *Server) visitOf(r *http.Request) *visit {
	cookie, err := r.Cookie(visitCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visit == nil || s.visit.id != cookie.Value {
		return nil
	}
	return s.visit
}

// current is the visit there is now, whoever asks.
func (s *Server) current() *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visit
}

// join hands the visit's cookie to the browser.
func join(w http.ResponseWriter, v *visit) {
	http.SetCookie(w, &http.Cookie{Name: visitCookie, Value: v.id, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// part takes the cookie back.
func part(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: visitCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// secret draws 128 random bits as text.
func (s *Server) secret() string {
	var b [16]byte
	s.draw(b[:])
	return hex.EncodeToString(b[:])
}

// newKey draws an idempotency key for a form.
func (s *Server) newKey() string {
	var k ledger.Key
	s.draw(k[:])
	return hex.EncodeToString(k[:])
}

// draw fills b with random bytes. A source that fails must not make cookies that
// can be guessed, so the process's own source takes over.
func (s *Server) draw(b []byte) {
	if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
		s.cfg.Log.Error("random source failed", "error", err)
		rand.Read(b)
	}
}
