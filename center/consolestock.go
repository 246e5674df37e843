package center

import (
	"cmp"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// States of a good at a kiosk, the gravest first; a row has the first that fits.
const (
	stockShort = "short" // more is reserved than there is
	stockEmpty = "empty"
	stockLow   = "low"
	stockIdle  = "idle" // withdrawn, and pieces are left
	stockOK    = "enough"
)

var (
	stockStates = []string{stockShort, goodExpired, stockEmpty, goodSoon, stockLow, stockIdle, stockOK}
	stockSorts  = []string{"state", "good", "kiosk", "left", "best"}
)

// stockRow is one good at one kiosk.
type stockRow struct {
	store.Stand
	Word  string // one of stockStates
	Title string // of the good
}

// Icon and Class are the shape and the colour of the state.
func (r stockRow) Icon() string { return stateIcons[r.Word][0] }

// Class is the colour of the state.
func (r stockRow) Class() string { return stateIcons[r.Word][1] }

// stockState says how a good stands at a kiosk.
func stockState(s store.Stand, today ledger.Day) string {
	best := goodState(s.Good, today)
	switch {
	case s.Available() < 0:
		return stockShort
	case s.OnHand() > 0 && best == goodExpired:
		return goodExpired
	case s.Good.Withdrawn && s.OnHand() > 0:
		return stockIdle
	case s.Good.Withdrawn:
		return stockOK
	case s.Available() == 0:
		return stockEmpty
	case best == goodSoon:
		return goodSoon
	case s.Available() <= lowPieces:
		return stockLow
	}
	return stockOK
}

// stockPage is what the kiosks have, troubles first.
type stockPage struct {
	listPart
	Rows  []stockRow
	All   int
	Kiosk string   // name of the one that is shown
	Good  string   // title of the one that is shown
	Sum   pieceSum // over what is found
}

// pieceSum is pieces over several shelves.
type pieceSum struct{ OnHand, Held, Left int64 }

func (c *console) stock(a *ask) error {
	q := readListQuery("/stock", a.URL.Query(), stockStates, stockSorts)
	if q.At != "" && !ledger.ValidKiosk(q.At) || q.Good != "" && !ledger.ValidGood(q.Good) {
		return store.ErrUnknown
	}
	if err := a.reaches(q.At); err != nil && q.At != "" {
		return err
	}
	stands, err := c.Store.Stands(a.Context(), q.At, q.Good)
	if err != nil {
		return err
	}
	stands = slices.DeleteFunc(stands, func(s store.Stand) bool { return !a.area.has(s.Kiosk) || q.Good == "" && s.Over() })
	p := stockPage{listPart: listPart{Query: q}, All: len(stands)}
	if q.At != "" {
		s, err := c.onePlace(a, q.At)
		if err != nil {
			return err
		}
		p.Kiosk = s.Name
	}
	today, rows := c.day(), make([]stockRow, len(stands))
	for i, s := range stands {
		rows[i] = stockRow{s, stockState(s, today), cmp.Or(goodTitle(a, s.Good), s.Good.Code)}
		if q.Good != "" {
			p.Good = rows[i].Title
		}
	}
	p.fill(rows)
	return c.show(a, page{word: "stock", data: p})
}

// fill filters, sorts and cuts the rows as the query wants them.
func (p *stockPage) fill(rows []stockRow) {
	text := strings.ToLower(p.Query.Text)
	rows = slices.DeleteFunc(rows, func(r stockRow) bool {
		return !matchesGood(r.Stand.Good, text) && !strings.Contains(strings.ToLower(r.Name+"\n"+r.Stand.Kiosk), text)
	})
	n := make(map[string]int)
	for _, r := range rows {
		n[r.Word]++
	}
	p.Filters = stateFilters(p.Query, stockStates, n, len(rows))
	if p.Query.Show != "" {
		rows = slices.DeleteFunc(rows, func(r stockRow) bool { return r.Word != p.Query.Show })
	}
	slices.SortFunc(rows, func(x, y stockRow) int {
		return cmp.Or(sortStock(p.Query.Sort, x, y), cmp.Compare(slices.Index(stockStates, x.Word), slices.Index(stockStates, y.Word)),
			cmp.Compare(x.Title, y.Title), cmp.Compare(x.Stand.Kiosk, y.Stand.Kiosk), cmp.Compare(x.Stand.Good.Code, y.Stand.Good.Code))
	})
	for _, r := range rows {
		p.Sum.OnHand += r.OnHand()
		p.Sum.Held += r.Held
		p.Sum.Left += r.Available()
	}
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	numbers := []string{"delivered", "moved", "sold", "restocked", "onhand", "held", "left"}
	p.columns(append(append([]string{"state", "good", "kiosk"}, numbers...), "best"), stockSorts, numbers, nil)
}

func sortStock(word string, x, y stockRow) int {
	switch word {
	case "good":
		return cmp.Compare(x.Title, y.Title)
	case "kiosk":
		return cmp.Compare(x.Name, y.Name)
	case "left":
		return cmp.Compare(x.Available(), y.Available())
	case "best":
		return cmp.Compare(bestOf(x.Stand.Good), bestOf(y.Stand.Good))
	}
	return 0
}
