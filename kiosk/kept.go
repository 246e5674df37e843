package kiosk

import (
	"context"
	"encoding/hex"
	"slices"
	"sync"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// parcel is what somebody wanted put aside at another kiosk.
type parcel struct {
	wish  link.Wish
	place link.Place
	kept  link.Kept // zero: nobody knows whether it was
}

func (p parcel) certain() bool { return p.kept.Redemption > 0 }

// parcels keeps the last one of each person, so that somebody who comes back finds out
// what became of it instead of wanting it twice. It forgets all when it is full, and
// with the process; the other kiosk's book forgets nothing.
type parcels struct {
	mu   sync.Mutex
	last map[ledger.ID]parcel
}

func newParcels() *parcels { return &parcels{last: make(map[ledger.ID]parcel)} }

func (p *parcels) of(person ledger.ID) (parcel, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one, found := p.last[person]
	return one, found
}

func (p *parcels) put(one parcel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.last) >= maxParcels {
		clear(p.last)
	}
	p.last[one.wish.Volunteer] = one
}

func (p *parcels) drop(person ledger.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.last, person)
}

// unsure finds a wish for one piece of a good at a place whose end nobody knows.
func (p *parcels) unsure(person ledger.ID, good string, at link.Place) (parcel, bool) {
	one, found := p.of(person)
	return one, found && !one.certain() && one.wish.Good == good && one.place.Kiosk == at.Kiosk && one.wish.Price == at.Price
}

func keyText(key ledger.Key) string { return hex.EncodeToString(key[:]) }

// keepNow has one piece put aside at another kiosk. A second tap waits for the first;
// the same form once more asks what became of it.
func (s *Server) keepNow(a *ask) error {
	wish, at, err := s.readParcel(a)
	if err != nil {
		return err
	}
	if !s.online() {
		if old, found := s.parcels.of(wish.Volunteer); found && old.wish == wish {
			a.redirect("/kept") // it was asked before, and may have been done
			return nil
		}
		return farOff{"cut"}
	}
	e := s.setOut(&errand{word: "keep", visit: a.visit, key: wish.Key}, func(ctx context.Context, e *errand) {
		if !s.counts(e) {
			return
		}
		if e.error = s.keepThere(ctx, wish, at); e.error == nil {
			e.to = "/kept"
		}
	})
	return s.report(a, e)
}

// readParcel reads the form of the pages keep and unheard.
func (s *Server) readParcel(a *ask) (w link.Wish, at link.Place, err error) {
	wish, err := readWish(a)
	if err != nil {
		return w, at, err
	}
	w = link.Wish{Key: wish.Key, Volunteer: wish.Volunteer, Good: wish.Good, Quantity: wish.Quantity, Price: wish.Price}
	kiosk := a.FormValue("kiosk")
	if old, found := s.parcels.of(w.Volunteer); found && old.wish == w && old.place.Kiosk == kiosk {
		return w, old.place, nil
	}
	near := a.visit.get().nearby
	at, there := near.at(kiosk)
	if !there || near.good != w.Good || at.Price != w.Price || w.Quantity != 1 {
		return w, at, errForm
	}
	return w, at, nil
}

// keepThere asks, and notes what is certain. Until something is, the wish stays.
func (s *Server) keepThere(ctx context.Context, w link.Wish, at link.Place) error {
	old, _ := s.parcels.of(w.Volunteer)
	if old.wish != w {
		s.parcels.put(parcel{wish: w, place: at})
	}
	answer, err := s.cfg.Center.Reserve(ctx, w, at.Kiosk)
	s.inquiries.change(w.Volunteer, func(i *inquiry) { i.visit = nil }) // points have moved
	switch {
	case err != nil, answer.Outcome == link.OutcomeUnsure:
		s.cfg.Log.Warn("goods at another kiosk: nobody knows whether they are put aside", "at", at.Kiosk, "error", err)
		return nil
	case answer.Outcome == link.OutcomeOK:
		s.parcels.put(parcel{w, at, answer.Kept})
		return nil
	case old.wish == w && !slices.Contains(decided, answer.Outcome):
		return nil // it was asked before, and may have done it
	}
	s.parcels.drop(w.Volunteer)
	s.cfg.Log.Info("goods at another kiosk: not put aside", "at", at.Kiosk, "outcome", answer.Outcome)
	return farOff{why(answer.Outcome)}
}

// decided are outcomes that the other kiosk's book itself gave: it has not done it.
var decided = []link.Outcome{link.OutcomeGone, link.OutcomePrice, link.OutcomeLimit, link.OutcomePoints}

// why is the trouble of an outcome.
func why(o link.Outcome) string {
	switch o {
	case link.OutcomeAway, link.OutcomeGone, link.OutcomePrice, link.OutcomeLimit, link.OutcomePoints:
		return string(o)
	}
	return "busy"
}

// keptPage says where goods wait, or that they may.
type keptPage struct {
	store.Good
	There  spot
	Claim  string
	Cost   ledger.Points
	Left   ledger.Points
	Key    string
	Until  int64  // Unix milliseconds; 0: as long as it takes
	Online bool   // it can be asked again
	Next   string // then, or not: a key of the texts
}

// kept is what became of the last wish for goods at another kiosk.
func (s *Server) kept(a *ask) error {
	one, found := s.parcels.of(a.visit.person)
	if !found {
		a.redirect("/balance")
		return nil
	}
	good, err := s.cfg.Store.Good(one.wish.Good)
	if err != nil {
		return err
	}
	f, _, err := s.funds(a)
	if err != nil {
		return err
	}
	p := keptPage{Good: good, There: s.spotOf(s.lang(a), one.place, f.Now()), Claim: ledger.ClaimText(one.kept.Claim),
		Cost: one.wish.Cost(), Left: f.Now(), Key: keyText(one.wish.Key), Until: one.kept.Until * 1000, Online: s.online()}
	if !one.certain() {
		if p.Next = "unheard.next"; !p.Online {
			p.Next = "unheard.next_offline"
		}
		return s.show(a, page{word: "unheard", back: "/goods", data: p, sound: "attention"})
	}
	return s.show(a, page{word: "kept", back: "/goods", data: p, sound: "done"})
}
