package center

import (
	"cmp"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// States of the agreement with a merchant or donor, those that want a look first.
const (
	merchantEnding = "ending" // its last day is near
	merchantEnded  = "ended"
	merchantLater  = "later" // its first day is still to come
	merchantOn     = "on"
	merchantClosed = "closed"
)

var (
	merchantStates  = []string{merchantEnding, merchantEnded, merchantLater, merchantOn, merchantClosed}
	merchantSorts   = []string{"state", "name", "place", "until"}
	merchantColumns = []string{"state", "name", "kind", "place", "license", "contact", "quota", "goods", "until"}
)

// merchantRow is one merchant or donor of the list.
type merchantRow struct {
	store.Merchant
	Place string // path of its place
	Word  string // one of merchantStates
	Goods int    // that are of it and offered
	To    string
}

// Icon and Class are the shape and the colour of the state.
func (r merchantRow) Icon() string { return stateIcons[r.Word][0] }

// Class is the colour of the state.
func (r merchantRow) Class() string { return stateIcons[r.Word][1] }

// merchantState says how the agreement stands on a day.
func merchantState(m store.Merchant, today ledger.Day) string {
	switch {
	case m.Closed:
		return merchantClosed
	case m.Until != 0 && m.Until < today:
		return merchantEnded
	case m.From > today:
		return merchantLater
	case m.Until != 0 && m.Until < today+bestSoonDays:
		return merchantEnding
	}
	return merchantOn
}

// merchantsPage is whom goods come from in the officer's area.
type merchantsPage struct {
	listPart
	Places []place // to choose from
	Rows   []merchantRow
	All    int
	MayAct bool
	NewAt  string // where a new one would stand
}

func (c *console) merchants(a *ask) error {
	p := merchantsPage{listPart: listPart{Query: readListQuery("/merchants", a.URL.Query(), merchantStates, merchantSorts)}, MayAct: a.may(powerGoods)}
	places, err := c.places(a)
	if err != nil {
		return err
	}
	p.Places, p.NewAt = places, cmp.Or(p.Query.At, usualPlace(places, nil))
	if p.Query.At != "" {
		if err := a.reaches(p.Query.At); err != nil {
			return err
		}
	}
	paths := make(map[string]string, len(places))
	for _, s := range places {
		paths[s.ID] = s.Path
	}
	all, err := c.Store.Merchants(a.Context())
	if err != nil {
		return err
	}
	goods, err := c.Store.GoodsByMerchant(a.Context())
	if err != nil {
		return err
	}
	var rows []merchantRow
	for _, m := range all {
		if !a.area.has(m.Scope) || p.Query.At != "" && m.Scope != p.Query.At {
			continue
		}
		p.All++
		if matchesMerchant(m, p.Query.Text) {
			rows = append(rows, merchantRow{m, cmp.Or(paths[m.Scope], m.Scope), merchantState(m, c.day()), goods[m.ID], merchantPath(m.Scope, m.ID)})
		}
	}
	p.fill(rows)
	return c.show(a, page{word: "merchants", data: p})
}

// fill filters, sorts and cuts the rows as the query wants them.
func (p *merchantsPage) fill(rows []merchantRow) {
	n := make(map[string]int)
	for _, r := range rows {
		n[r.Word]++
	}
	p.Filters = stateFilters(p.Query, merchantStates, n, len(rows))
	if p.Query.Show != "" {
		rows = slices.DeleteFunc(rows, func(r merchantRow) bool { return r.Word != p.Query.Show })
	}
	slices.SortFunc(rows, func(x, y merchantRow) int {
		return cmp.Or(sortMerchants(p.Query.Sort, x, y), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns(merchantColumns, merchantSorts, []string{"quota", "goods"}, nil)
}

func sortMerchants(word string, x, y merchantRow) int {
	switch word {
	case "name":
		return cmp.Compare(x.Name, y.Name)
	case "place":
		return cmp.Compare(x.Place, y.Place)
	case "until":
		return cmp.Compare(lastDay(x.Until), lastDay(y.Until))
	}
	return cmp.Compare(slices.Index(merchantStates, x.Word), slices.Index(merchantStates, y.Word))
}

// lastDay is a last day, where none comes last.
func lastDay(d ledger.Day) ledger.Day {
	if d == 0 {
		return ledger.MaxDay
	}
	return d
}

// matchesMerchant tells whether what was typed stands in what is known of one.
func matchesMerchant(m store.Merchant, text string) bool {
	return strings.Contains(strings.ToLower(m.Name+"\n"+m.License+"\n"+m.Contact+"\n"+m.Phone+"\n"+m.Address), strings.ToLower(text))
}
