package center

import (
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// backShare is a reversal that still wants something, or did not get all of it.
type backShare struct {
	store.Reversal
	What  string      // of the earning that was wrong
	Waits []waitShare // where what is wanted may still come from
}

// waitShare is a kiosk that holds something of a lot which is wanted back.
type waitShare struct {
	station
	Old    bool // with a box that was replaced
	Points ledger.Points
}

// addLeaving adds what is to leave somewhere: points of former homes, those that are
// taken back, and to which record this one leads.
func (c *console) addLeaving(a *ask, p *accountPage, account store.Account) error {
	former, err := c.Store.FormerHomes(a.Context(), p.ID)
	if err != nil {
		return err
	}
	for i := range p.Places {
		s := &p.Places[i]
		s.Leaving = s.Now && s.Left > 0 && slices.Contains(former, s.Kiosk)
	}
	reversals, err := c.Store.Reversals(a.Context(), p.ID)
	if err != nil {
		return err
	}
	for _, r := range reversals {
		if r.Heir != "" || r.Wanted() == 0 && r.Gone() == 0 {
			continue
		}
		b := backShare{Reversal: r}
		if b.Waits, err = c.waits(a, r, account); err != nil {
			return err
		}
		p.Back = append(p.Back, b)
	}
	return c.addMerged(a, p)
}

// waits lists the kiosks that what a reversal wants may still come from.
func (c *console) waits(a *ask, r store.Reversal, account store.Account) (list []waitShare, err error) {
	if r.Wanted() == 0 {
		return nil, nil
	}
	for _, right := range account.Rights {
		out := right.Spendable() + right.Held - right.Lost
		if right.Expires != r.Earning.Expires || out <= 0 {
			continue
		}
		k, chain, err := c.Store.Kiosk(a.Context(), right.Kiosk)
		if err != nil {
			return nil, err
		}
		list = append(list, waitShare{c.look(store.Station{Kiosk: k, Chain: chain}, nil), right.Epoch != k.Epoch, out})
	}
	return list, nil
}

// addMerged adds which record this one leads to, and which ones lead here.
func (c *console) addMerged(a *ask, p *accountPage) (err error) {
	if p.Merged, err = c.Store.Merged(a.Context(), p.ID); err != nil {
		return err
	}
	if p.Merged.Is() {
		kept, err := c.Store.Record(a.Context(), p.Merged.Into)
		p.Kept = kept.Name
		return err
	}
	others, err := c.Store.Absorbed(a.Context(), p.ID)
	for _, id := range others {
		if err != nil {
			break
		}
		var r store.Record
		r, err = c.Store.Record(a.Context(), id)
		p.Absorbed = append(p.Absorbed, r.Person)
	}
	return err
}

// addEarnings adds a line for each earning, and for what was taken of one.
func (c *console) addEarnings(a *ask, p *accountPage) error {
	list, err := c.Store.Earnings(a.Context(), p.ID, accountLines+1)
	if err != nil {
		return err
	}
	reversals, err := c.Store.Reversals(a.Context(), p.ID)
	if err != nil {
		return err
	}
	heirs, of := make(map[string]string), make(map[string]*civic.Earning)
	for _, r := range reversals {
		heirs[r.ID] = r.Heir
	}
	for i := range list {
		of[list[i].ID] = &list[i].Earning
	}
	names := make(map[string]string)
	why := &explainer{c: c, a: a, rules: make(map[civic.Rule]reckoning)}
	for i := range list {
		b := &list[i]
		l := accountLine{On: b.Earning.On.Time().Add(-c.offset(b.Earning.On)), Word: "earned", What: b.Earning.What, Change: b.Earning.Points, Earning: &b.Earning, ID: b.ID}
		switch other := b.Earning.From(); {
		case other != "":
			_, original, _ := strings.Cut(b.Earning.Of, "/")
			original, _, _ = strings.Cut(original, "<")
			l.Word, l.OfPath, l.Other = "received", "/account/"+other+"#e-"+original, c.recordName(a, other, names)
		case b.Earning.Points < 0:
			if l.Word, l.Of = "reversed", of[b.Earning.Of]; l.Of != nil {
				l.OfPath = "#e-" + b.Earning.Of
			}
			if heir := heirs[b.ID]; heir != "" {
				l.Word, l.Other = "passed", c.recordName(a, heir, names)
			}
		}
		if l.Word == "earned" {
			if l.How, err = why.of(b.Earning); err != nil {
				return err
			}
		}
		p.Lines = append(p.Lines, l)
	}
	return nil
}

// recordName is the name of another record, remembered for the page.
func (c *console) recordName(a *ask, id string, names map[string]string) string {
	if name, ok := names[id]; ok {
		return name
	}
	names[id] = id
	if volunteer, err := ledger.ParseID(id); err == nil {
		if r, err := c.Store.Record(a.Context(), volunteer); err == nil {
			names[id] = r.Name
		}
	}
	return names[id]
}
