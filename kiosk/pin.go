package kiosk

import (
	"errors"
	"net/http"

	"yizhan/civic"
	"yizhan/ledger"
)

// pinPage asks twice for a new PIN.
type pinPage struct {
	Keypad keypad
	Second bool   // the same again
	Wrong  string // key of the text that says what was wrong
	Set    bool   // it is done
}

// pinSet lets a person who came with the card set the PIN: who came with the phone
// knows it already, or is somebody else.
func (s *Server) pinSet(a *ask) error {
	if !a.visit.byCard {
		a.redirect("/balance")
		return nil
	}
	k := keypad{Action: "/pin", Least: civic.PINDigits, Most: civic.PINDigits, Hidden: true, Key: "pin.next"}
	if a.Method == http.MethodPost {
		return s.pinTyped(a, k)
	}
	st := a.visit.get()
	k.Digits = st.digits
	_, set := a.URL.Query()["set"]
	if st.newPIN != "" {
		k.Key = "pin.set"
	}
	return s.show(a, page{word: "pin", back: "/balance", data: pinPage{Keypad: k, Second: st.newPIN != "", Wrong: st.wrong, Set: set}})
}

// pinTyped takes the first PIN, then compares the second.
func (s *Server) pinTyped(a *ask, k keypad) error {
	typed := s.press(a, k)
	first := a.visit.get().newPIN
	next := func(first, wrong string) {
		a.visit.set(func(st *visitState) { st.newPIN, st.wrong = first, wrong })
		a.redirect("/pin")
	}
	switch {
	case typed == "":
		a.redirect("/pin")
	case first == "":
		next(typed, "")
	case first != typed:
		next("", "pin.differs")
	default:
		return s.setPIN(a, typed)
	}
	return nil
}

func (s *Server) setPIN(a *ask, pin string) error {
	a.visit.set(func(st *visitState) { st.newPIN, st.wrong = "", "" })
	verifier, err := civic.HashPIN(pin, s.cfg.PINCost, s.cfg.Random)
	if errors.Is(err, civic.ErrPINForm) {
		a.visit.set(func(st *visitState) { st.wrong = "pin.weak" })
		a.redirect("/pin")
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Store.SetPIN(a.Context(), a.visit.person, verifier, ledger.ID{}); err != nil {
		return err
	}
	a.redirect("/pin?set")
	return nil
}
