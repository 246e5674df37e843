package link

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"yizhan/ledger"
)

// Find asks at which kiosks that are online a good stands.
type Find struct {
	ID   uint64 `json:"id"`
	Good string `json:"good"`
}

// Kind returns KindFind.
func (Find) Kind() Kind { return KindFind }

func (f Find) check() error { return good(f.Good) }

func good(code string) error {
	if !ledger.ValidGood(code) {
		return fmt.Errorf("good %q", code)
	}
	return nil
}

// Place is a kiosk where a good stands.
type Place struct {
	Kiosk     string        `json:"kiosk"`
	Name      string        `json:"name"` // of its station
	NameEN    string        `json:"name_en"`
	Counter   string        `json:"counter"` // where goods are handed over there
	CounterEN string        `json:"counter_en"`
	Left      int64         `json:"left"`  // pieces
	Price     ledger.Points `json:"price"` // of one, there
}

func places(list []Place) error {
	if len(list) > MaxPlaces {
		return fmt.Errorf("%d places", len(list))
	}
	for _, p := range list {
		if !ledger.ValidKiosk(p.Kiosk) || p.Left < 1 || p.Left > ledger.MaxCount || p.Price < 0 || p.Price > ledger.MaxPoints {
			return fmt.Errorf("%d pieces for %d at kiosk %q", p.Left, p.Price, p.Kiosk)
		}
		if err := errors.Join(text(p.Name), text(p.NameEN), text(p.Counter), text(p.CounterEN)); err != nil {
			return err
		}
	}
	return nil
}

// Wish is what a volunteer wants of one good.
type Wish struct {
	Key       ledger.Key    `json:"key"` // the same wish once more gets the first answer
	Volunteer ledger.ID     `json:"volunteer"`
	Good      string        `json:"good"`
	Quantity  int64         `json:"quantity"`
	Price     ledger.Points `json:"price"` // of one piece, as the volunteer saw it
}

func (w Wish) check() error {
	if w.Key.IsZero() || w.Volunteer.IsZero() || w.Quantity < 1 || w.Quantity > ledger.MaxQuantity || w.Price < 0 || w.Price > ledger.MaxPoints {
		return fmt.Errorf("%d pieces for %d each", w.Quantity, w.Price)
	}
	return good(w.Good)
}

// Cost is what the wish takes, in points.
func (w Wish) Cost() ledger.Points { return w.Price * ledger.Points(w.Quantity) }

// Reserve asks for goods to be put aside at another kiosk, for a volunteer who
// stands before this one. Points that are missing there are brought there first.
type Reserve struct {
	ID uint64 `json:"id"`
	Wish
	Kiosk string `json:"kiosk"`
}

// Kind returns KindReserve.
func (Reserve) Kind() Kind { return KindReserve }

func (r Reserve) check() error {
	if !ledger.ValidKiosk(r.Kiosk) {
		return fmt.Errorf("kiosk %q", r.Kiosk)
	}
	return r.Wish.check()
}

// Kept is a redemption whose goods wait; zero: there is none.
type Kept struct {
	Redemption uint64 `json:"redemption"` // its number in the chain of its kiosk
	Claim      uint16 `json:"claim"`      // the collection code, see ledger.ClaimText
	Until      int64  `json:"until"`      // Unix seconds: then it is given back; 0: it waits
}

func (k Kept) check() error {
	if k.Claim >= ledger.MaxClaim || k.Redemption == 0 && (k.Claim != 0 || k.Until != 0) {
		return fmt.Errorf("claim %d of redemption %d", k.Claim, k.Redemption)
	}
	return second(k.Until)
}

func second(seconds int64) error {
	if seconds < 0 || seconds > maxUntil {
		return fmt.Errorf("second %d", seconds)
	}
	return nil
}

// Order asks a kiosk to put goods aside for somebody who stands before another one, or
// before none. The documents are to be taken in first: the volunteer's, and the grant
// of points that were brought here. Until is by the center's clock.
type Order struct {
	ID uint64 `json:"id"` // one more for each in a session
	Wish
	Until     int64                 `json:"until"` // Unix seconds: how long they are kept; 0: as long as it takes
	Documents List[json.RawMessage] `json:"documents"`
}

// Kind returns KindOrder.
func (Order) Kind() Kind { return KindOrder }

func (o Order) check() error {
	return errors.Join(o.Wish.check(), second(o.Until), documents(o.Documents))
}

// Ordered answers an Order. Nothing was reserved unless the outcome is ok or unsure.
type Ordered struct {
	ID      uint64  `json:"id"`
	Outcome Outcome `json:"outcome"`
	Kept    Kept    `json:"kept"`
	// OutcomePoints: the total granted of the volunteer's points here, and how many
	// more it takes.
	Granted ledger.Points `json:"granted"`
	Missing ledger.Points `json:"missing"`
}

// Kind returns KindOrdered.
func (Ordered) Kind() Kind { return KindOrdered }

func (o Ordered) check() error {
	if !slices.Contains(outcomes, o.Outcome) || (o.Outcome == OutcomeOK) != (o.Kept.Redemption > 0) || (o.Outcome == OutcomePoints) != (o.Missing > 0) {
		return fmt.Errorf("outcome %q of redemption %d, %d points missing", o.Outcome, o.Kept.Redemption, o.Missing)
	}
	if o.Granted < 0 || o.Granted > MaxLots*ledger.MaxPoints || o.Missing < 0 || o.Missing > ledger.MaxPoints {
		return fmt.Errorf("%d points on top of %d", o.Missing, o.Granted)
	}
	return o.Kept.check()
}
