package center

import (
	"slices"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// cardDeeds are what an officer may do to the cards of a volunteer, with how many
// lines say what follows: the texts center.card.WORD.1 and on.
var cardDeeds = map[string]int{"issue": 3, "replace": 3, "revoke": 3}

// cardPage says what follows.
type cardPage struct {
	ID         ledger.ID
	Name, Deed string
	Seen       string // store.Record.Stand
	Lines      []int
}

// newCardPage shows a card, once: the book keeps a hash of what its code says, and a
// verifier of the PIN that comes with a card of staff.
type newCardPage struct {
	Back         string // path of the page before
	Name, Number string
	Role, PIN    string // of staff; a volunteer has neither here
	Text         string // of the QR code
}

// cardDeed reads whose cards a request is about, and what is to become of them.
func (c *console) cardDeed(a *ask) (store.Record, cardPage, error) {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.Record{}, cardPage{}, store.ErrUnknown
	}
	r, err := c.record(a, id)
	if err != nil {
		return r, cardPage{}, err
	}
	p := cardPage{ID: id, Name: r.Name, Deed: a.PathValue("deed"), Seen: r.Stand}
	for i := range cardDeeds[p.Deed] {
		p.Lines = append(p.Lines, i+1)
	}
	switch {
	case len(p.Lines) == 0:
		return r, p, store.ErrUnknown
	case (p.Deed == "issue") != (len(r.Cards) == 0):
		return r, p, store.ErrState
	}
	return r, p, nil
}

func (c *console) card(a *ask) error {
	_, p, err := c.cardDeed(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "card", title: c.text(a, "center.card."+p.Deed+".title"), data: p})
}

// cardNow takes the old cards away, and draws a new one unless they are only
// revoked. Kiosks hear it with the volunteer's document.
func (c *console) cardNow(a *ask) error {
	r, p, err := c.cardDeed(a)
	if err != nil {
		return err
	}
	if a.typed("seen") != r.Stand { // sent twice, or somebody else was first
		return store.ErrState
	}
	var cards []civic.CardID
	var secret civic.CardSecret
	if p.Deed != "revoke" {
		if secret, err = civic.NewCard(c.Random); err != nil {
			return err
		}
		cards = []civic.CardID{secret.ID()}
	}
	err = c.Store.Edit(a.Context(), store.Edit{ID: p.ID, Seen: r.Stand, By: a.officer.Name, Kind: "card." + p.Deed, To: func(v store.Person) store.Person {
		v.Cards = slices.Clone(cards)
		return v
	}})
	if err != nil {
		return err
	}
	if p.Deed == "revoke" {
		a.redirect(accountPath(p.ID) + "?done=card_revoked")
		return nil
	}
	return c.show(a, page{word: "newcard", title: c.text(a, "center.card.title", "name", r.Name), data: newCardPage{Back: accountPath(p.ID), Name: r.Name, Number: r.Number, Text: secret.Text()}})
}
