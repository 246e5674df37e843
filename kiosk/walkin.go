package kiosk

import (
	"crypto/sha256"
	"net/http"
	"slices"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// walkInPage asks somebody without a card for a phone number, which may be left out.
type walkInPage struct {
	Keypad keypad
	Path   string // of the form without a number
	Key    string // idempotency key of both forms
	Many   bool   // too many came just now
	Paper  bool   // a slip can be printed
}

// walkIn checks in somebody without a card: the kiosk draws a number, and prints a slip
// with it. Whoever holds the slip checks out by it. The points wait until somebody at
// the center has found out whose they are; a phone number does that by itself.
func (s *Server) walkIn(a *ask) error {
	v, err := s.shiftOf(a)
	if err != nil {
		return err
	}
	path := "/checkin/" + v.ID.String() + "/walkin"
	k := keypad{Action: path, Least: phoneDigits, Most: phoneDigits, Groups: []int{3, 4, 4}, Key: "walkin.go"}
	if a.Method != http.MethodPost {
		if a.visit != nil {
			k.Digits = a.visit.get().digits
		}
		fault := s.cfg.Printer == nil || s.paper.Status().Fault != nil
		return s.show(a, page{word: "walkin", back: "/checkin/" + v.ID.String() + "/in", data: walkInPage{Keypad: k, Path: path, Key: s.newKey(), Many: a.URL.Query().Has("many"), Paper: !fault}})
	}
	c := store.Check{Shift: v.ID, By: ledger.CheckWalkIn}
	if a.FormValue("none") != "" {
		if c.Key, err = formKey(a); err != nil {
			return err
		}
	} else {
		phone := s.press(a, k)
		if phone == "" {
			a.redirect(path)
			return nil
		}
		c.Phone, c.Tail = civic.HashPhone(s.cfg.Store.Station().PhoneKey, phone), phone[len(phone)-4:]
		c.Key = walkInKey(c)
	}
	if !s.mayWalkIn() {
		a.redirect(path + "?many")
		return nil
	}
	at, err := s.cfg.Store.CheckIn(a.Context(), c)
	switch {
	case err != nil:
		s.greet(s.badCheck(v, err))
	case at.Left() != 0:
		s.greet(s.say("left_before", false, "name", at.Name, "at", s.clockTime(at.Left()/1000)))
	default:
		s.paper.Wake()
		s.greet(s.checkedIn(at))
	}
	a.redirect("/checkin/" + v.ID.String() + "/in")
	return nil
}

// walkInKey makes one person of a phone number that is typed twice for a shift.
func walkInKey(c store.Check) ledger.Key {
	sum := sha256.Sum256(slices.Concat([]byte("yizhan walk-in"), c.Shift[:], c.Phone[:]))
	return ledger.Key(sum[:8])
}

// mayWalkIn holds back somebody who makes up one person after the other: so many in ten
// minutes, however many there are in an afternoon.
func (s *Server) mayWalkIn() bool {
	now := s.nowMS()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.walkIns) > 0 && now-s.walkIns[0] >= walkInSpanMS {
		s.walkIns = s.walkIns[1:]
	}
	if len(s.walkIns) >= maxWalkIns {
		return false
	}
	s.walkIns = append(s.walkIns, now)
	return true
}
