package kiosk

import (
	"context"
	"strconv"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Redemptions on one page.
const ordersTall, ordersWide = 5, 3

// orders lists what the person has redeemed, the newest first.
func (s *Server) orders(a *ask) error {
	list, err := s.cfg.Store.RedemptionsOf(a.visit.person, 0, maxOrders)
	if err != nil {
		return err
	}
	from := offset(a, len(list))
	link := func(from int) string { return "/orders?from=" + strconv.Itoa(from) }
	return s.show(a, page{word: "orders", back: "/balance", data: struct {
		Orders     []store.Redemption
		Tall, Wide pager
	}{list[from:min(len(list), from+ordersTall)], newPager(from, len(list), ordersTall, link), newPager(from, len(list), ordersWide, link)}})
}

// orderPage is one redemption and what can still be done about it.
type orderPage struct {
	store.Redemption
	Claim   string
	Cost    ledger.Points
	Counter string
	Paper   string // see paperWord
	Again   bool   // another copy may be printed here
	Waiting bool   // not handed over yet, so it can be given back
}

// UntilMS is how long the goods are kept, in Unix milliseconds; 0: as long as it takes.
func (p orderPage) UntilMS() int64 { return p.Until * 1000 }

// order shows one redemption of the person.
func (s *Server) order(a *ask) error {
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	settled := r.Job.State.Final()
	return s.show(a, page{word: "order", back: "/orders", data: orderPage{
		Redemption: r,
		Claim:      ledger.ClaimText(r.Claim),
		Cost:       r.Cost(),
		Counter:    s.station(s.lang(a)).Counter,
		Paper:      paperWord(r.Job.State),
		Again:      settled && r.Job.Copy < maxOwnCopies,
		Waiting:    r.State == ledger.Reserved,
	}})
}

// again prints another copy of a receipt. While one is on its way nothing is added,
// so a double tap prints one.
func (s *Server) again(a *ask) error {
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	if settled := r.Job.State.Final(); settled && r.Job.Copy < maxOwnCopies {
		if _, err := s.cfg.Store.Reprint(a.Context(), r.Job.Seq, ledger.ID{}); err != nil {
			return err
		}
		s.paper.Wake()
	}
	a.redirect("/done/" + a.PathValue("redemption"))
	return nil
}

// givebackPage is the sum that giving a redemption back would make.
type givebackPage struct {
	store.Redemption
	Before, Cost, After ledger.Points
	Key                 string
}

// giveback asks once before it gives a redemption back, and then does.
func (s *Server) giveback(a *ask) error {
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	if r.State != ledger.Reserved {
		return ledger.ErrState
	}
	f, _, err := s.funds(a)
	if err != nil {
		return err
	}
	p := givebackPage{Redemption: r, Before: f.Now(), Cost: r.Cost(), Key: s.newKey()}
	p.After = p.Before + p.Cost
	return s.show(a, page{word: "giveback", back: "/orders/" + a.PathValue("redemption"), data: p})
}

// givebackNow gives it back: points and goods return to where they were.
func (s *Server) givebackNow(a *ask) error {
	key, err := formKey(a)
	if err != nil {
		return err
	}
	r, err := s.ownRedemption(a)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Store.Cancel(context.WithoutCancel(a.Context()), key, r.Seq, ledger.ID{}, ""); err != nil {
		return err
	}
	a.redirect("/orders/" + a.PathValue("redemption"))
	return nil
}
