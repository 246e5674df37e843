package center

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// stockMoves are the kinds of moves by the words that addresses and texts have for them.
var stockMoves = map[string]ledger.StockMove{"received": ledger.StockReceived, "counted": ledger.StockCounted, "wasted": ledger.StockWasted}

// movesPage is what the staff of one kiosk received, counted and threw away, the
// latest first.
type movesPage struct {
	Kiosk   place
	Epoch   uint32
	Show    string // a kind; "": all
	Filters []listFilter
	Rows    []moveRow
	Next    string
	Before  bool // these are not the latest
}

// moveRow is one entry of a kiosk's stock.
type moveRow struct {
	moveLine
	Good, Title string
	By          string // who did it, as the kiosk's staff are called; "": not known here
}

// Book is what should have stood on the shelf before.
func (r moveRow) Book() int64 { return r.OnHand - r.Delta }

func (c *console) moves(a *ask) error {
	id := a.PathValue("kiosk")
	if !ledger.ValidKiosk(id) {
		return store.ErrUnknown
	}
	at, err := c.onePlace(a, id)
	if err != nil {
		return err
	}
	k, _, err := c.Store.Kiosk(a.Context(), id)
	if err != nil {
		return err
	}
	q := a.URL.Query()
	p := movesPage{Kiosk: at, Epoch: k.Epoch, Show: q.Get("show")}
	kind, known := stockMoves[p.Show]
	if !known {
		p.Show = ""
	}
	before, _ := strconv.ParseUint(q.Get("before"), 10, 62) // 0: from the latest
	p.Before = before > 0
	p.filter()
	entries, more, err := c.Store.StockEntries(a.Context(), id, k.Epoch, kind, before, listRows)
	if err != nil {
		return err
	}
	if more > 0 {
		p.Next = movesPath(id, p.Show, more)
	}
	if p.Rows, err = c.moveRows(a, id, entries); err != nil {
		return err
	}
	return c.show(a, page{word: "moves", title: c.text(a, "center.moves.title", "name", at.Name), data: p})
}

// moveRows writes entries for a person.
func (c *console) moveRows(a *ask, kiosk string, entries []ledger.Entry) (rows []moveRow, err error) {
	goods, err := c.Store.GoodsAt(a.Context(), kiosk)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if m, ok := e.Body.(ledger.Stock); ok && !slices.Contains(ids, m.Operator.String()) {
			ids = append(ids, m.Operator.String())
		}
	}
	names, err := c.staffNames(a, kiosk, ids)
	for _, e := range entries {
		m, ok := e.Body.(ledger.Stock)
		if !ok {
			continue
		}
		row := moveRow{Good: m.Good, Title: cmp.Or(goodTitle(a, goods[m.Good]), m.Good), By: names[m.Operator]}
		row.moveLine = moveLine{e.Seq, time.UnixMilli(e.WallMS), moveWords[m.Move], m.Delta, m.OnHand, c.reasonOf(a, m.Note), ""}
		if came, ok := civic.ParseArrival(m.Note); ok {
			row.To = deliveryPath(kiosk, came.Delivery)
		}
		rows = append(rows, row)
	}
	return rows, err
}

// filter adds a key for each kind of move.
func (p *movesPage) filter() {
	p.Filters = []listFilter{{Word: "all", To: movesPath(p.Kiosk.ID, "", 0), On: p.Show == ""}}
	for _, word := range []string{"received", "counted", "wasted"} {
		p.Filters = append(p.Filters, listFilter{Word: word, To: movesPath(p.Kiosk.ID, word, 0), On: p.Show == word})
	}
}

func movesPath(kiosk, show string, before uint64) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if before > 0 {
		q.Set("before", strconv.FormatUint(before, 10))
	}
	path := "/moves/" + url.PathEscape(kiosk)
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}
