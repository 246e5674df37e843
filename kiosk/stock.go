package kiosk

import (
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Goods and moves of stock on one page: on a standing screen, on a lying one, and
// there in large print.
const (
	stockTall, stockWide, stockLarge = 12, 8, 6
	movesTall, movesWide, movesLarge = 8, 4, 3
)

// stock lists all goods with what stands on the shelf.
func (o *office) stock(a *ask, _ civic.Staff) error {
	goods, err := o.cfg.Store.Goods()
	if err != nil {
		return err
	}
	coming, err := o.cfg.Store.Deliveries()
	if err != nil {
		return err
	}
	from := offset(a, len(goods))
	link := func(from int) string { return "/staff/stock?from=" + strconv.Itoa(from) }
	return o.show(a, page{word: "stock", back: deskPage, data: struct {
		Goods      []store.Good
		Coming     int // deliveries on their way
		Tall, Wide pager
	}{goods[from:min(len(goods), from+stockTall)], len(coming),
		newPager(from, len(goods), stockTall, link), newPager(from, len(goods), o.perPage(a, stockWide, stockLarge), link)}})
}

// shelf shows one good, and what can be done with its stock.
func (o *office) shelf(a *ask, _ civic.Staff) error {
	good, err := o.cfg.Store.Good(a.PathValue("good"))
	if err != nil {
		return err
	}
	return o.show(a, page{word: "shelf", back: "/staff/stock", data: struct {
		store.Good
		Last *moveRow // what staff did with it last, if that was recently
	}{good, o.lastMove(a, good.Code)}})
}

// moveRow is one change of stock in a list.
type moveRow struct {
	store.StockMove
	Word string // received, counted, wasted
	When string
	By   string
	Why  string
}

// Plus is the number of pieces with its sign.
func (m moveRow) Plus() string {
	if m.Delta > 0 {
		return "+" + number(m.Delta)
	}
	return number(m.Delta)
}

// moveWords name the moves in paths and texts.
var moveWords = map[ledger.StockMove]string{
	ledger.StockReceived: "receive",
	ledger.StockCounted:  "count",
	ledger.StockWasted:   "waste",
}

// moves lists the last changes of stock.
func (o *office) moves(a *ask, _ civic.Staff) error {
	list, err := o.cfg.Store.StockMoves(0, maxMoves)
	if err != nil {
		return err
	}
	from := offset(a, len(list))
	var rows []moveRow
	for _, m := range list[from:min(len(list), from+movesTall)] {
		row := o.moveRow(a, m)
		if came, ok := civic.ParseArrival(m.Note); ok {
			row.Why = came.Delivery // its own page says the rest
		}
		rows = append(rows, row)
	}
	link := func(from int) string { return "/staff/moves?from=" + strconv.Itoa(from) }
	return o.show(a, page{word: "moves", back: "/staff/stock", data: struct {
		Rows       []moveRow
		Tall, Wide pager
	}{rows, newPager(from, len(list), movesTall, link), newPager(from, len(list), o.perPage(a, movesWide, movesLarge), link)}})
}

func (o *office) moveRow(a *ask, m store.StockMove) moveRow {
	texts := o.texts[o.lang(a)]
	row := moveRow{
		StockMove: m,
		Word:      moveWords[m.Move],
		When:      o.momentText(a, m.WallMS),
		By:        o.staffName(m.Operator),
		Why:       reasonText(texts, m.Note),
	}
	if good, err := o.cfg.Store.Good(m.Good); err == nil {
		row.Name = goodName(texts.Lang, good.Good)
	}
	return row
}

// lastMove is the latest move of one good among the recent ones.
func (o *office) lastMove(a *ask, good string) *moveRow {
	list, err := o.cfg.Store.StockMoves(0, maxMoves)
	if err != nil {
		o.cfg.Log.Error("reading moves of stock", "error", err)
		return nil
	}
	for _, m := range list {
		if m.Good == good {
			row := o.moveRow(a, m)
			return &row
		}
	}
	return nil
}
