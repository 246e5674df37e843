package center

import (
	"cmp"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// bestLater is the state of pieces whose day is further away than bestSoonDays.
const bestLater = "later"

var bestStates = []string{goodExpired, goodSoon, bestLater}

// bestRow is pieces at a kiosk that end on a day: of a batch that was delivered, or of
// a good that has one day for all.
type bestRow struct {
	store.Stand
	Day   ledger.Day
	Word  string // one of bestStates
	Title string
	Batch string
	Came  int64  // pieces of the batch that came; 0: the good's own day
	From  string // the delivery's page
}

// Most is how many pieces can still be of it. Entries say what is left of a good, never
// of which batch.
func (r bestRow) Most() int64 {
	if r.From == "" {
		return r.OnHand()
	}
	return min(r.Came, r.OnHand())
}

// Icon and Class are the shape and the colour of the state.
func (r bestRow) Icon() string { return stateIcons[r.icon()][0] }

// Class is the colour of the state.
func (r bestRow) Class() string { return stateIcons[r.icon()][1] }

func (r bestRow) icon() string {
	if r.Word == bestLater {
		return stockOK
	}
	return r.Word
}

// bestPage is what ends at the kiosks, the first to end first.
type bestPage struct {
	listPart
	Rows  []bestRow
	All   int
	Kiosk string // name of the one that is shown
}

func (c *console) best(a *ask) error {
	q := readListQuery("/best", a.URL.Query(), bestStates, []string{"day", "good", "kiosk"})
	if q.At != "" && !ledger.ValidKiosk(q.At) {
		return store.ErrUnknown
	}
	p := bestPage{listPart: listPart{Query: q}}
	if q.At != "" {
		at, err := c.onePlace(a, q.At)
		if err != nil {
			return err
		}
		p.Kiosk = at.Name
	}
	stands, err := c.Store.Stands(a.Context(), q.At, "")
	if err != nil {
		return err
	}
	today := c.day()
	batches, err := c.Store.Batches(a.Context(), today-bestPastDays, today+bestAheadDays, maxBatches)
	if err != nil {
		return err
	}
	rows := c.bestRows(a, stands, batches, today)
	p.All = len(rows)
	p.fill(rows)
	return c.show(a, page{word: "best", data: p})
}

// bestRows joins what is on the shelves with the batches that came there. A good of
// which a batch is listed is not listed by its own day as well.
func (c *console) bestRows(a *ask, stands []store.Stand, batches []store.GoodBatch, today ledger.Day) (rows []bestRow) {
	type shelf struct{ kiosk, good string }
	at, told := make(map[shelf]store.Stand), make(map[shelf]bool)
	for _, s := range stands {
		if a.area.has(s.Kiosk) && s.OnHand() > 0 {
			at[shelf{s.Kiosk, s.Good.Code}] = s
		}
	}
	for _, b := range batches {
		if s, left := at[shelf{b.Kiosk, b.Good}]; left {
			told[shelf{b.Kiosk, b.Good}] = true
			rows = append(rows, bestRow{Stand: s, Day: b.Best, Batch: b.Batch, Came: b.Pieces, From: deliveryPath(b.Kiosk, b.Delivery)})
		}
	}
	for key, s := range at {
		if day := s.Good.BestBefore; day != 0 && day <= today+bestAheadDays && !told[key] {
			rows = append(rows, bestRow{Stand: s, Day: day})
		}
	}
	for i := range rows {
		r := &rows[i]
		r.Title = cmp.Or(goodTitle(a, r.Stand.Good), r.Stand.Good.Code)
		switch {
		case r.Day < today:
			r.Word = goodExpired
		case r.Day < today+bestSoonDays:
			r.Word = goodSoon
		default:
			r.Word = bestLater
		}
	}
	return rows
}

// fill filters, sorts and cuts the rows as the query wants them.
func (p *bestPage) fill(rows []bestRow) {
	text := strings.ToLower(p.Query.Text)
	rows = slices.DeleteFunc(rows, func(r bestRow) bool {
		return !matchesGood(r.Stand.Good, text) && !strings.Contains(strings.ToLower(r.Name+"\n"+r.Stand.Kiosk+"\n"+r.Batch), text)
	})
	n := make(map[string]int)
	for _, r := range rows {
		n[r.Word]++
	}
	p.Filters = stateFilters(p.Query, bestStates, n, len(rows))
	for i, f := range p.Filters {
		if f.Word == bestLater {
			p.Filters[i].Icon, p.Filters[i].Class = stateIcons[stockOK][0], stateIcons[stockOK][1]
		}
	}
	if p.Query.Show != "" {
		rows = slices.DeleteFunc(rows, func(r bestRow) bool { return r.Word != p.Query.Show })
	}
	slices.SortFunc(rows, func(x, y bestRow) int {
		first := 0
		switch p.Query.Sort {
		case "good":
			first = cmp.Compare(x.Title, y.Title)
		case "kiosk":
			first = cmp.Compare(x.Name, y.Name)
		}
		return cmp.Or(first, cmp.Compare(x.Day, y.Day), cmp.Compare(x.Title, y.Title), cmp.Compare(x.Stand.Kiosk, y.Stand.Kiosk), cmp.Compare(x.From, y.From))
	})
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns([]string{"state", "day", "good", "kiosk", "batch", "came", "onhand", "most"}, []string{"day", "good", "kiosk"}, []string{"came", "onhand", "most"}, nil)
}
