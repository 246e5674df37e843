package center

import (
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// pointsPage is somebody's points by lot, and line by line how they came about.
type pointsPage struct {
	Now   ledger.Points
	Lots  []lotShare
	Lines []accountLine
	More  bool
}

func (p *phones) points(a *caller) error {
	account, err := p.Store.Account(a.Context(), a.id())
	if err != nil {
		return err
	}
	all := accountPage{Person: a.person}
	all.addLots(account)
	if err := p.desk.addLines(a.ask, &all, &kioskNames{c: p.desk, a: a.ask, names: make(map[string]store.Kiosk)}); err != nil {
		return err
	}
	d := pointsPage{Now: all.Now, Lots: all.Lots}
	for _, line := range all.Lines {
		if line.Change == 0 { // from one place to another: nothing of it is gone
			continue
		}
		line.Other = civic.MaskName(line.Other)
		d.Lines = append(d.Lines, line)
	}
	d.More = all.More || len(d.Lines) > phoneLines
	d.Lines = d.Lines[:min(len(d.Lines), phoneLines)]
	return p.show(a, page{word: "points", data: d})
}
