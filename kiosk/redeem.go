package kiosk

import (
	"encoding/hex"
	"errors"
	"strconv"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// redeemPage is one good with the sum that taking it would make.
type redeemPage struct {
	offer
	Quantity     int64
	Most         int64 // pieces that can be had now
	Before, Cost ledger.Points
	After        ledger.Points
	Parts        []ledger.Part // the lots that would be used, the earliest first
	Fetch        ledger.Points // of the cost, what comes from elsewhere first
	Rest         *rest
	Fewer, More  string // "": not possible
	Nearby       string // whether other kiosks can be asked for it, see elsewhereKey
	Key          string // idempotency key of the confirmation
}

// redeem shows a good, how many, and before, cost and after.
func (s *Server) redeem(a *ask) error {
	good, err := s.cfg.Store.Good(a.PathValue("good"))
	if err != nil {
		return err
	}
	f, account, err := s.funds(a)
	if err != nil {
		return err
	}
	st := s.cfg.Store.Station()
	p := redeemPage{Before: f.Now(), Quantity: 1, Key: s.newKey(), Rest: s.restOf(a, f)}
	if p.offer, err = s.offerOf(good, st.Policy, a.visit.person, p.Before); err != nil {
		return err
	}
	p.Most, p.Nearby = p.offer.Most(p.Before), s.elsewhereKey(a, p.offer)
	if n, err := strconv.ParseInt(a.FormValue("n"), 10, 64); err == nil && n >= 1 && n <= p.Most {
		p.Quantity = n
	}
	p.Cost = p.Price * ledger.Points(p.Quantity)
	p.After = p.Before - p.Cost
	link := func(n int64) string { return "/redeem/" + good.Code + "?n=" + strconv.FormatInt(n, 10) }
	if p.Quantity > 1 {
		p.Fewer = link(p.Quantity - 1)
	}
	if p.Quantity < p.Most {
		p.More = link(p.Quantity + 1)
	}
	if p.Fetch = f.wanting(p.Cost); p.Verdict == "yes" && p.Fetch == 0 {
		if p.Parts, err = account.Allocate(p.Cost); err != nil {
			return err
		}
	}
	return s.show(a, page{word: "redeem", back: "/goods", data: p})
}

// confirm takes the one confirmation. A second tap brings the same key, gets the
// same redemption from the store, and so the same page. Points that are missing here
// are fetched first, which changes nothing when the redemption comes to nothing.
func (s *Server) confirm(a *ask) error {
	wish, err := readWish(a)
	if err != nil {
		return err
	}
	r, err := s.cfg.Store.Reserve(a.Context(), wish)
	if errors.Is(err, ledger.ErrNotEnough) && s.reaches(wish.Volunteer) {
		return s.fetch(a, wish)
	}
	if err != nil {
		return err
	}
	s.paper.Wake()
	a.redirect(donePath(r.Seq))
	return nil
}

// readWish reads the form of the page that redeems.
func readWish(a *ask) (store.Reserve, error) {
	key, err := formKey(a)
	if err != nil {
		return store.Reserve{}, err
	}
	quantity, err1 := strconv.ParseInt(a.FormValue("quantity"), 10, 64)
	price, err2 := strconv.ParseInt(a.FormValue("price"), 10, 64)
	if err1 != nil || err2 != nil {
		return store.Reserve{}, errForm
	}
	return store.Reserve{Key: key, Volunteer: a.visit.person, Good: a.FormValue("good"), Quantity: quantity, Price: ledger.Points(price)}, nil
}

// formKey reads the idempotency key that the page was made with.
func formKey(a *ask) (key ledger.Key, err error) {
	b, err := hex.DecodeString(a.FormValue("key"))
	if err != nil || len(b) != len(key) || ledger.Key(b).IsZero() {
		return key, errForm
	}
	return ledger.Key(b), nil
}
