package center

import (
	"yizhan/ledger"
)

// myPage leads a volunteer on, and says what there is.
type myPage struct {
	Points  ledger.Points
	Minutes int64     // credited and entered afterwards
	Next    *lotShare // that expires within soonDays; nil: none does
	Here    []phonePerson
}

func (p *phones) my(a *caller) error {
	account, err := p.Store.Account(a.Context(), a.id())
	if err != nil {
		return err
	}
	var all accountPage
	all.addLots(account)
	served, _, err := p.Store.Services(a.Context(), a.id())
	if err != nil {
		return err
	}
	d := myPage{Points: all.Now, Minutes: served.Minutes()}
	if len(all.Lots) > 0 && all.Lots[0].Expires < p.Store.Today()+soonDays {
		d.Next = &all.Lots[0]
	}
	if d.Here, err = p.together(a); err != nil {
		return err
	}
	return p.show(a, page{word: "my", data: d})
}
