package center

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// owedRow is what one place, or one kiosk, owes volunteers for their points, beside
// the goods that stand there.
type owedRow struct {
	ID, Name string
	Kiosk    bool
	Owed     ledger.Points
	Ending   ledger.Points // of them those that expire by the year's end
	Goods    ledger.Points // what the pieces there cost together
	Kiosks   int
	Silent   int // of them those that are offline
}

// Cover is how much of what is owed the goods there would serve, in hundredths; 100
// is the most that is said.
func (r owedRow) Cover() int64 {
	if r.Owed <= 0 {
		return 100
	}
	return min(100, int64(r.Goods*100/r.Owed))
}

// Thousandths is Cover for a meter.
func (r owedRow) Thousandths() int64 { return r.Cover() * 10 }

// Low tells that the goods would serve too little of it.
func (r owedRow) Low() bool { return r.Cover() < lowCover }

// To leads to the row's parts, or to the kiosk.
func (r owedRow) To() string {
	if r.Kiosk {
		return stationPath(r.ID)
	}
	return listQuery{Path: "/owed", At: r.ID}.To()
}

func (r *owedRow) add(o owedRow) {
	r.Owed, r.Ending, r.Goods = r.Owed+o.Owed, r.Ending+o.Ending, r.Goods+o.Goods
	r.Kiosks, r.Silent = r.Kiosks+o.Kiosks, r.Silent+o.Silent
}

// owedOf is what every kiosk owes and has, as it was added up at a moment.
type owedOf struct {
	At     time.Time
	Owed   map[string]store.Owed
	Stands []store.Stand
	Goods  map[string]ledger.Points // what the pieces there cost together
}

// owing is what every kiosk owes and has.
func (c *console) owing(ctx context.Context) (o owedOf, err error) {
	o = owedOf{At: c.Now(), Goods: make(map[string]ledger.Points)}
	if o.Owed, err = c.Store.Owed(ctx, yearEnd(c.day())); err != nil {
		return o, err
	}
	o.Stands, err = c.Store.Stands(ctx, "", "")
	for _, s := range o.Stands {
		if !s.Good.Withdrawn {
			o.Goods[s.Kiosk] += ledger.Points(max(0, s.Available())) * s.Good.Price
		}
	}
	return o, err
}

// yearEnd is the last day of a day's year.
func yearEnd(d ledger.Day) ledger.Day {
	return ledger.DayOf(time.Date(d.Time().Year(), 12, 31, 0, 0, 0, 0, time.UTC))
}

// owedPage is what the parts of a place owe and have.
type owedPage struct {
	listPart
	Rows  []owedRow
	Sum   owedRow
	Place store.Scope
	Up    string // the place above; "": it is the top, or not the officer's
	At    time.Time
	End   ledger.Day
}

// owedAt adds up a place by the places and kiosks right below it.
func (c *console) owedAt(a *ask, at string, stations []station) (p owedPage, err error) {
	figures, _, err := c.owed.get(a.Context())
	if err != nil {
		return p, err
	}
	tree, err := c.scopesByID(a)
	if err != nil {
		return p, err
	}
	p.At, p.End, p.Place = figures.At, yearEnd(c.day()), store.Scope{ID: at, Name: cmp.Or(tree[at].Name, at)}
	if up := tree[at].Parent; up != "" && a.area.has(up) {
		p.Up = listQuery{Path: "/owed", At: up}.To()
	}
	rows := make(map[string]*owedRow)
	for _, s := range stations {
		part := childOf(at, s.ID, tree)
		if part == "" || s.Epoch == 0 {
			continue
		}
		if rows[part] == nil {
			rows[part] = &owedRow{ID: part, Name: cmp.Or(tree[part].Name, part), Kiosk: part == s.ID}
		}
		owed := figures.Owed[s.ID]
		one := owedRow{Owed: owed.Points, Ending: owed.Ending, Goods: figures.Goods[s.ID], Kiosks: 1, Silent: count(!s.Online && !s.Revoked)}
		rows[part].add(one)
		p.Sum.add(one)
	}
	for _, r := range rows {
		p.Rows = append(p.Rows, *r)
	}
	slices.SortFunc(p.Rows, sortOwed("owed"))
	return p, nil
}

// scopesByID is all places and kiosks.
func (c *console) scopesByID(a *ask) (map[string]store.Scope, error) {
	all, err := c.Store.AllScopes(a.Context())
	tree := make(map[string]store.Scope, len(all))
	for _, s := range all {
		tree[s.ID] = s
	}
	return tree, err
}

// childOf is the place right below top that holds id, or id itself; "": it lies
// elsewhere.
func childOf(top, id string, tree map[string]store.Scope) string {
	for n := 0; n < maxDepth; n++ {
		parent := tree[id].Parent
		if parent == top || id == top {
			return id
		}
		id = parent
	}
	return ""
}

// topOf is the place that the officer is bound to.
func (c *console) topOf(a *ask) (string, error) {
	if !a.area.whole {
		return a.area.ID, nil
	}
	root, err := c.Store.Root(a.Context())
	return root.ID, err
}

var owedSorts = []string{"owed", "name", "goods", "cover", "ending"}

func sortOwed(word string) func(x, y owedRow) int {
	return func(x, y owedRow) int {
		by := 0
		switch word {
		case "owed":
			by = cmp.Compare(y.Owed, x.Owed)
		case "goods":
			by = cmp.Compare(y.Goods, x.Goods)
		case "cover":
			by = cmp.Compare(x.Cover(), y.Cover())
		case "ending":
			by = cmp.Compare(y.Ending, x.Ending)
		}
		return cmp.Or(by, cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	}
}

func (c *console) owes(a *ask) error {
	q := readListQuery("/owed", a.URL.Query(), nil, owedSorts)
	top, err := c.topOf(a)
	if err != nil {
		return err
	}
	at := cmp.Or(q.At, top)
	if err := a.reaches(at); err != nil {
		return err
	}
	stations, err := c.stations(a)
	if err != nil {
		return err
	}
	p, err := c.owedAt(a, at, stations)
	if err != nil {
		return err
	}
	p.Query = q
	rows, text := p.Rows, strings.ToLower(q.Text)
	rows = slices.DeleteFunc(rows, func(r owedRow) bool { return !strings.Contains(strings.ToLower(r.Name+"\n"+r.ID), text) })
	slices.SortFunc(rows, sortOwed(q.Sort))
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns([]string{"name", "owed", "goods", "cover", "ending"}, owedSorts, []string{"owed", "goods", "ending"}, []string{"owed", "goods", "ending"})
	return c.show(a, page{word: "owed", data: p})
}
