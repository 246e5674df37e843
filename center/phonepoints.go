package center

import (
	"cmp"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// pointsPage is somebody's points by lot, and line by line how they came about.
type pointsPage struct {
	Now   ledger.Points
	Lots  []lotShare
	Lines []pointLine
	More  bool
}

// pointLine is a line of the account, and the shift that earned it.
type pointLine struct {
	accountLine
	Shift string // "": none did
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
	served, _, err := p.Store.AttendancesOf(a.Context(), a.id(), store.AttendMark{}, accountLines)
	if err != nil {
		return err
	}
	shifts := make(map[string]string) // by the earning
	for _, x := range served {
		shifts[x.Earning] = x.Shift.String()
	}
	d := pointsPage{Now: all.Now, Lots: all.Lots}
	for _, line := range all.Lines {
		if line.Change == 0 { // from one place to another: nothing of it is gone
			continue
		}
		line.Other = civic.MaskName(line.Other)
		l := pointLine{accountLine: line}
		if line.Earning != nil {
			l.Shift = cmp.Or(shifts[line.ID], shifts[line.Earning.Of])
		}
		d.Lines = append(d.Lines, l)
	}
	d.More = all.More || len(d.Lines) > phoneLines
	d.Lines = d.Lines[:min(len(d.Lines), phoneLines)]
	return p.show(a, page{word: "points", data: d})
}
