package kiosk

import (
	"context"
	"errors"
	"slices"

	"yizhan/assets"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// nearby is where a good stands that is gone here, as the center said when this visit
// asked.
type nearby struct {
	good   string
	places []link.Place
}

// at finds a kiosk among them.
func (n nearby) at(kiosk string) (link.Place, bool) {
	i := slices.IndexFunc(n.places, func(p link.Place) bool { return p.Kiosk == kiosk })
	if i < 0 {
		return link.Place{}, false
	}
	return n.places[i], true
}

// spot is a kiosk where a good stands, in the screen's language.
type spot struct {
	link.Place
	Station string
	At      string        // where goods are handed over there
	Missing ledger.Points // of its price
}

func (s *Server) spotOf(lang assets.Lang, p link.Place, now ledger.Points) spot {
	shown := spot{Place: p, Station: p.Name, At: p.Counter, Missing: max(0, p.Price-now)}
	if lang == assets.English {
		shown.Station, shown.At = or(p.NameEN, p.Name), or(p.CounterEN, p.Counter)
	}
	return shown
}

// elsewhereKey says whether a page about a good that is gone offers to look for it at
// other kiosks: "ask", "offline" when nobody can be asked now, "" when that is no use.
func (s *Server) elsewhereKey(a *ask, o offer) string {
	switch {
	case o.Verdict != "gone" || o.Bought >= o.Limit || o.Withdrawn || !s.reaches(a.visit.person):
		return ""
	case !s.online():
		return "offline"
	}
	return "ask"
}

// farOff is a question about goods at another kiosk that came to nothing: nothing was
// put aside and no points were taken.
type farOff struct{ why string } // trouble.far_WHY

func (e farOff) Error() string { return "kiosk: nothing at another kiosk: " + e.why }

// seek asks the center where else a good stands.
func (s *Server) seek(a *ask) error {
	good, err := s.cfg.Store.Good(a.PathValue("good"))
	if err != nil {
		return err
	}
	if !s.online() {
		return farOff{"cut"}
	}
	e := s.setOut(&errand{word: "where", visit: a.visit}, func(ctx context.Context, e *errand) {
		answer, err := s.cfg.Center.Find(ctx, good.Code)
		switch {
		case errors.Is(err, link.ErrOffline), errors.Is(err, context.DeadlineExceeded):
			e.error = farOff{"cut"}
		case err != nil || answer.Outcome != link.OutcomeOK:
			s.cfg.Log.Warn("looking for a good at other kiosks", "outcome", answer.Outcome, "error", err)
			e.error = farOff{"busy"}
		default:
			e.visit.set(func(st *visitState) { st.nearby = nearby{good.Code, answer.Places} })
			e.to = nearbyPath(good.Code)
		}
	})
	return s.report(a, e)
}

func nearbyPath(good string) string { return "/nearby/" + good }

// sought reads the good that the path names, and where the center said it is. It
// answers false, and leads back to the good, when this visit has not asked.
func (s *Server) sought(a *ask) (good store.Good, near nearby, ok bool, err error) {
	if good, err = s.cfg.Store.Good(a.PathValue("good")); err != nil {
		return good, near, false, err
	}
	near = a.visit.get().nearby
	if ok = near.good == good.Code; !ok {
		a.redirect("/redeem/" + good.Code)
	}
	return good, near, ok, nil
}

// nearby lists where the good stands.
func (s *Server) nearby(a *ask) error {
	good, near, ok, err := s.sought(a)
	if !ok || err != nil {
		return err
	}
	f, _, err := s.funds(a)
	if err != nil {
		return err
	}
	list := make([]spot, len(near.places))
	for i, p := range near.places {
		list[i] = s.spotOf(s.lang(a), p, f.Now())
	}
	return s.show(a, page{word: "nearby", back: "/redeem/" + good.Code, data: struct {
		store.Good
		Places []spot
	}{good, list}})
}

// keepPage is the sum that having a piece put aside at another kiosk makes.
type keepPage struct {
	store.Good
	There               spot
	Before, Cost, After ledger.Points
	Key                 string
}

// keep asks once before anything is put aside.
func (s *Server) keep(a *ask) error {
	good, near, ok, err := s.sought(a)
	if !ok || err != nil {
		return err
	}
	f, _, err := s.funds(a)
	if err != nil {
		return err
	}
	at, there := near.at(a.PathValue("kiosk"))
	if !there || at.Price > f.Now() {
		a.redirect(nearbyPath(good.Code))
		return nil
	}
	p := keepPage{Good: good, There: s.spotOf(s.lang(a), at, f.Now()), Before: f.Now(), Cost: at.Price, Key: s.newKey()}
	p.After = p.Before - p.Cost
	if old, open := s.parcels.unsure(a.visit.person, good.Code, at); open {
		p.Key = keyText(old.wish.Key) // the same wish once more, whose end nobody knows yet
	}
	return s.show(a, page{word: "keep", back: nearbyPath(good.Code), data: p})
}
