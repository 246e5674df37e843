package kiosk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// onePage is one person of a roster, and what can be said of them.
type onePage struct {
	personRow
	Shift   shiftRow
	Step    string // what, minutes, sure
	In, Out bool   // may be checked in, out now
	Came    bool   // and has left, or the shift is over: it can be said how long it was
	Before  string // there, absent: what a leader has said already; "": nothing
	Plan    string
	OutBy   string
	Keypad  keypad
	Typed   int64
	Key     string
	Here    string // this page
}

// one shows one person of a roster, and asks what is right.
func (s *Server) one(a *ask, l lead) error {
	v, at, err := s.pathPerson(a, l)
	if err != nil {
		return err
	}
	here := l.path(v.ID) + "/" + at.Who.String()
	p := onePage{personRow: s.personRow(a, l, v, at), Step: "what", Came: came(at) && (!unconfirmed(at) || s.due(at, v)), Plan: s.clockText(v.End * 1000), OutBy: checkedBy(at.Out, at.Told), Key: s.newKey(), Here: here}
	if p.Shift, err = s.shiftRow(a, v); err != nil {
		return err
	}
	now := s.wall().Unix()
	open := v.At(s.cfg.Store.Health().Head.Kiosk) && v.Opens() <= now && now < v.Shuts()
	p.In, p.Out = open && !v.Closed && at.Arrived() == 0 && at.Left() == 0, open && at.Arrived() != 0 && at.Left() == 0
	switch at.Word.Verdict {
	case ledger.VerdictThere:
		p.Before = "there"
	case ledger.VerdictAbsent:
		p.Before = "absent"
	}
	back := l.path(v.ID)
	if a.URL.Query().Has("minutes") || a.URL.Query().Has(typing) {
		back = here
		if p.Typed, err = minutesOf(a); err != nil {
			p.Step, p.Keypad = "minutes", s.minutesPad(here+"?"+url.Values{"minutes": {""}}.Encode(), "roster.next")
			if a.Method == http.MethodPost {
				return s.oneTyped(a, p)
			}
			p.Keypad.Digits = typed(a)
		} else {
			p.Step = "sure"
		}
	}
	return s.show(a, page{word: "rosterone", back: back, data: p})
}

// oneTyped takes a key of the keypad, or what was typed there.
func (s *Server) oneTyped(a *ask, p onePage) error {
	minutes, err := strconv.ParseInt(s.press(a, p.Keypad), 10, 64)
	if err != nil || minutes < 1 || minutes > maxMinutes {
		a.redirect(p.Here + "?" + typing)
		return nil
	}
	a.redirect(p.Here + "?" + url.Values{"minutes": {strconv.FormatInt(minutes, 10)}}.Encode())
	return nil
}

// pathPerson reads the shift and the person that the path names. A leader has no page
// about themselves.
func (s *Server) pathPerson(a *ask, l lead) (v civic.Shift, at store.Attendance, err error) {
	if v, err = s.pathShift(a); err != nil {
		return v, at, err
	}
	who, err := ledger.ParseID(a.PathValue("person"))
	if err != nil || who.IsZero() {
		return v, at, store.ErrUnknown
	}
	if s.self(l, who) {
		return v, at, store.ErrSelf
	}
	if !l.mayConfirm(v) {
		return v, at, fmt.Errorf("a person of a roster: %w", store.ErrNotStaff)
	}
	at, err = s.cfg.Store.Attendance(v.ID, who)
	if err == nil && at.Name == "" && !came(at) && at.Told == nil {
		err = store.ErrUnknown
	}
	return v, at, err
}

// oneNow does what was chosen: checks the person in or out by hand, or says whether
// and how long they were there.
func (s *Server) oneNow(a *ask, l lead) error {
	v, at, err := s.pathPerson(a, l)
	if err != nil {
		return err
	}
	key, err := formKey(a)
	if err != nil {
		return err
	}
	check := store.Check{Key: key, Shift: v.ID, Who: at.Who, By: ledger.CheckStaff, Operator: l.id}
	roll := store.Roll{Key: key, Shift: v.ID, Operator: l.id, Verdict: ledger.VerdictThere, People: []ledger.ID{at.Who}}
	ctx, st := a.Context(), s.cfg.Store
	switch a.FormValue("do") {
	case "in":
		_, err = st.CheckIn(ctx, check)
	case "out":
		_, err = st.CheckOut(ctx, check)
	case "absent":
		roll.Verdict = ledger.VerdictAbsent
		_, err = st.ConfirmRoster(ctx, roll)
	case "there":
		if a.FormValue("minutes") != "" {
			if roll.Minutes, err = minutesOf(a); err != nil {
				return err
			}
		}
		_, err = st.ConfirmRoster(ctx, roll)
	default:
		err = errForm
	}
	switch {
	case errors.Is(err, store.ErrOver) || errors.Is(err, store.ErrNotYet) || errors.Is(err, store.ErrElsewhere):
		s.trouble(a, troubleShut)
		return nil
	case err != nil && !errors.Is(err, store.ErrAlready):
		return err
	}
	a.redirect(l.path(v.ID))
	return nil
}
