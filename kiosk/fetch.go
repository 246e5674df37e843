package kiosk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"yizhan/assets"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// shortOf is a redemption for which not enough points could be had: nothing was
// taken, and what came over meanwhile is here.
type shortOf struct {
	why  string // cut, less, busy: trouble.short_WHY
	wish store.Reserve
}

func (e shortOf) Error() string {
	return fmt.Sprintf("kiosk: points for %d of %s did not come: %s", e.wish.Quantity, e.wish.Good, e.why)
}

// fetch gets the points that a redemption lacks from where they are, and then
// redeems. A second tap gets what the first gets; another redemption waits for it,
// because it may need the same points.
func (s *Server) fetch(a *ask, wish store.Reserve) error {
	e := s.setOut(&errand{word: "points", visit: a.visit, key: wish.Key}, func(ctx context.Context, e *errand) {
		r, err := s.redeemFetched(ctx, e, wish)
		if e.error = err; err == nil {
			s.paper.Wake()
			e.to = donePath(r.Seq)
		}
	})
	return s.report(a, e)
}

// redeemFetched asks for what is missing and then redeems from what is here. Nobody
// asks again by itself: the page says what came of it. When the person left
// meanwhile, nothing is taken. A tap that came late finds that nothing is missing any
// more, or that all is done.
func (s *Server) redeemFetched(ctx context.Context, e *errand, wish store.Reserve) (store.Redemption, error) {
	if s.counts(e) {
		if r, err := s.cfg.Store.Reserve(context.WithoutCancel(ctx), wish); !errors.Is(err, ledger.ErrNotEnough) {
			return r, err
		}
	}
	why := s.bring(ctx, wish)
	if !s.counts(e) {
		return store.Redemption{}, shortOf{"cut", wish}
	}
	r, err := s.cfg.Store.Reserve(context.WithoutCancel(ctx), wish)
	if errors.Is(err, ledger.ErrNotEnough) {
		s.inquiries.change(wish.Volunteer, func(i *inquiry) { i.answer = i.answer.refused() })
		return r, shortOf{why, wish}
	}
	return r, err
}

// bring asks for the points that a redemption lacks here, and answers, should they
// not be enough, why.
func (s *Server) bring(ctx context.Context, wish store.Reserve) (why string) {
	account, err := s.cfg.Store.Account(wish.Volunteer)
	if err != nil {
		return "busy"
	}
	missing := wish.Price*ledger.Points(wish.Quantity) - account.Spendable()
	if missing <= 0 {
		return "less" // they came in the meantime
	}
	answer, err := s.cfg.Center.TopUp(ctx, wish.Volunteer, account.Granted(), missing)
	switch {
	case errors.Is(err, link.ErrOffline), errors.Is(err, context.DeadlineExceeded):
		return "cut"
	case err != nil || answer.Outcome != link.OutcomeOK:
		s.cfg.Log.Warn("topping up", "outcome", answer.Outcome, "error", err)
		return "busy"
	}
	s.inquiries.change(wish.Volunteer, func(i *inquiry) {
		i.answer, i.heard, i.silent, i.atMS = heardFrom(answer, account.Granted()).keeping(i.answer), true, false, s.nowMS()
	})
	return "less"
}

// shortFacts are what the page of three answers says after points did not come: what
// the redemption takes, what is certain here, and what that buys.
func (s *Server) shortFacts(a *ask, wish store.Reserve) ([]any, error) {
	f, _, err := s.funds(a)
	if err != nil {
		return nil, err
	}
	good, err := s.cfg.Store.Good(wish.Good)
	if err != nil {
		return nil, err
	}
	list, err := s.offers(a.visit.person, f.Here)
	if err != nil {
		return nil, err
	}
	texts := s.texts[s.lang(a)]
	return []any{"what", goodName(texts.Lang, good.Good), "cost", number(wish.Price * ledger.Points(wish.Quantity)),
		"here", number(f.Here), "buys", s.buysText(texts, list)}, nil
}

// buysText names what can be had out of a list of offers.
func (s *Server) buysText(texts assets.Catalogue, list []offer) string {
	var names []string
	for _, o := range list {
		if o.Verdict == "yes" {
			names = append(names, goodName(texts.Lang, o.Good))
		}
	}
	switch {
	case len(names) == 0:
		return texts.Text("trouble.short_nothing")
	case len(names) > maxNamedGoods:
		return texts.Text("trouble.short_some", "goods", strings.Join(names[:maxNamedGoods], texts.Text("rest.and")))
	}
	return texts.Text("trouble.short_these", "goods", strings.Join(names, texts.Text("rest.and")))
}
