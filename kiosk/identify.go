package kiosk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// phoneDigits is the length of a mobile number.
const phoneDigits = 11

// identify asks for a phone number. It never says whether anybody has it.
func (s *Server) identify(a *ask) error {
	k := keypad{Action: "/identify", Least: phoneDigits, Most: phoneDigits, Groups: []int{3, 4, 4}, Key: "identify.next"}
	if a.Method == http.MethodPost {
		if phone := s.press(a, k); phone != "" {
			a.visit.set(func(st *visitState) { st.phone, st.wrong = phone, "" })
			a.redirect("/identify/pin")
			return nil
		}
		a.redirect("/identify")
		return nil
	}
	if a.visit != nil {
		k.Digits = a.visit.get().digits
	}
	return s.show(a, page{word: "identify", back: "/", data: identifyPage{Keypad: k, Local: s.cfg.Center != nil}})
}

// identifyPage is both pages of phone and PIN, and the one that asks which of two
// people who share both it is.
type identifyPage struct {
	Keypad  keypad
	PIN     bool
	Local   bool   // it is one kiosk of many, and finds only those whom it knows
	Wrong   string // key of the text that says what was wrong
	Left    int64  // tries left
	Sharers []string
}

// identifyPIN asks for the PIN. A phone that nobody has, a person without a PIN and
// a wrong PIN are answered alike, after the same time.
func (s *Server) identifyPIN(a *ask) error {
	if a.visit == nil || a.visit.get().phone == "" {
		a.redirect("/identify")
		return nil
	}
	k := keypad{Action: "/identify/pin", Least: civic.PINDigits, Most: civic.PINDigits, Hidden: true, Key: "identify.open"}
	if a.Method == http.MethodPost {
		if pin := s.press(a, k); pin != "" {
			return s.signInByPhone(a, a.visit.get().phone, pin)
		}
		a.redirect("/identify/pin")
		return nil
	}
	st := a.visit.get()
	k.Digits = st.digits
	return s.show(a, page{word: "identify", back: "/identify", data: identifyPage{Keypad: k, PIN: true, Wrong: st.wrong, Left: st.left}})
}

func (s *Server) signInByPhone(a *ask, phone, pin string) error {
	start := time.Now()
	who, left, err := s.askPIN(a.Context(), phone, pin)
	if pause := s.cfg.PINFloor - time.Since(start); pause > 0 {
		time.Sleep(pause)
	}
	switch {
	case errors.Is(err, store.ErrLocked) || errors.Is(err, civic.ErrPIN) && left <= 0:
		a.visit.set(func(st *visitState) { st.wrong = "identify.locked" })
	case errors.Is(err, civic.ErrPIN):
		a.visit.set(func(st *visitState) { st.wrong, st.left = "identify.wrong", left })
	case err != nil:
		return err
	case len(who) > 1:
		a.visit.set(func(st *visitState) { st.sharers = who })
		a.redirect("/identify/who")
		return nil
	default:
		s.opened(a, who[0])
		return nil
	}
	a.redirect("/identify/pin")
	return nil
}

// opened opens the account of a volunteer whose phone and PIN were right.
func (s *Server) opened(a *ask, person ledger.ID) {
	v := s.follow(a.visit, identity{person: person})
	if v == nil {
		a.redirect("/?over")
		return
	}
	join(a.w, v)
	a.redirect(landing(v))
}

// askPIN finds the people whose phone and PIN these are, and counts the try before
// it compares. People who share a phone share one count, kept under the least of
// their ids: counting for each of them would lock out everybody whenever one of
// them signs in. It answers civic.ErrPIN with the number of tries left.
func (s *Server) askPIN(ctx context.Context, phone, pin string) (who []ledger.ID, left int64, err error) {
	s.pin.Lock()
	defer s.pin.Unlock()
	ids, err := s.cfg.Store.ByPhone(phone)
	if err != nil {
		return nil, 0, err
	}
	if len(ids) == 0 {
		civic.CheckPIN("", pin, s.cfg.PINCost)
		return nil, civic.MaxPINTries - s.strangers.try(phone), civic.ErrPIN
	}
	slices.SortFunc(ids, func(a, b ledger.ID) int { return slices.Compare(a[:], b[:]) })
	ids = ids[:min(len(ids), maxSharers)]
	_, tries, err := s.cfg.Store.TryPIN(ctx, ids[0])
	if err != nil {
		civic.CheckPIN("", pin, s.cfg.PINCost)
		return nil, 0, err
	}
	for _, id := range ids {
		verifier, _, err := s.cfg.Store.PINState(id)
		if err != nil {
			return nil, 0, err
		}
		if civic.CheckPIN(verifier, pin, s.cfg.PINCost) == nil {
			who = append(who, id)
		}
	}
	if len(who) == 0 {
		return nil, civic.MaxPINTries - tries, civic.ErrPIN
	}
	return who, civic.MaxPINTries, s.cfg.Store.ClearPIN(ctx, ids[0], ledger.ID{})
}

// clearTries forgets the wrong PINs of a person whose card was scanned, and of
// those who share the person's phone, because they share the count.
func (s *Server) clearTries(id ledger.ID) {
	for _, id := range s.sharers(id) {
		_, tries, err := s.cfg.Store.PINState(id)
		if err == nil && tries > 0 {
			err = s.cfg.Store.ClearPIN(context.Background(), id, ledger.ID{})
		}
		if err != nil {
			s.cfg.Log.Error("forgetting wrong PINs", "error", err)
		}
	}
}

// sharers are the person and everybody with the same phone.
func (s *Server) sharers(id ledger.ID) []ledger.ID {
	all := []ledger.ID{id}
	v, err := s.cfg.Store.Volunteer(id)
	if err != nil || v.Phone.IsZero() {
		return all
	}
	found, err := s.cfg.Store.Search(v.Tail, maxSearch)
	if err != nil {
		return all
	}
	for _, other := range found {
		o, err := s.cfg.Store.Volunteer(other)
		if err == nil && o.Phone == v.Phone && other != id {
			all = append(all, other)
		}
	}
	return all
}

// identifyWho asks which of several people it is who share a phone and a PIN: they
// know each other's PIN, so nothing is given away.
func (s *Server) identifyWho(a *ask) error {
	if a.visit == nil || len(a.visit.get().sharers) == 0 {
		a.redirect("/identify")
		return nil
	}
	ids := a.visit.get().sharers
	if a.Method == http.MethodPost {
		i, err := strconv.Atoi(a.FormValue("who"))
		if err != nil || i < 0 || i >= len(ids) {
			return errForm
		}
		s.opened(a, ids[i])
		return nil
	}
	data := identifyPage{}
	for _, id := range ids {
		v, err := s.cfg.Store.Volunteer(id)
		if err != nil {
			return err
		}
		data.Sharers = append(data.Sharers, civic.MaskName(v.Name))
	}
	return s.show(a, page{word: "identify", back: "/identify", data: data})
}

// strangers counts tries for phones that nobody has, so that they are answered
// like the others. It forgets all when it is full or the program ends, which the
// tries of real people never do.
type strangers struct {
	mu    sync.Mutex
	tries map[string]int64
}

func newStrangers() *strangers { return &strangers{tries: make(map[string]int64)} }

func (s *strangers) try(phone string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tries) >= maxStrangers {
		clear(s.tries)
	}
	s.tries[phone]++
	return s.tries[phone]
}
