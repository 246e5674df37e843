package store

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"yizhan/ledger"
)

const (
	selectLastDay = `SELECT day, last, settled, spent, refunded, back, people, goods FROM kioskday
		WHERE kiosk = $1 AND epoch = $2 ORDER BY day DESC LIMIT 1`
	upsertKioskDay = `INSERT INTO kioskday (kiosk, epoch, day, last, settled, spent, refunded, back, people, goods) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (kiosk, epoch, day) DO UPDATE SET last = excluded.last, settled = excluded.settled, spent = excluded.spent,
			refunded = excluded.refunded, back = excluded.back, people = excluded.people, goods = excluded.goods`
)

// KioskDay is what the entries of one day at a kiosk come to, kept so that a figure
// of a week reads seven rows and no entry. It counts what was handed over, refunded,
// received, counted and wasted; what is only reserved or cancelled moves nothing.
//
// The day is the one that the kiosk's clock said, but never before that of the
// entry before it, and never after the day on which the entry came. An entry whose
// clock nobody had confirmed is not before the day on which its box was approved.
// So the entries of a day follow one another, up to Last, whatever a clock did.
type KioskDay struct {
	Kiosk    string
	Epoch    uint32
	Day      ledger.Day
	Last     uint64        // the last entry that counts; the first follows the Last of the day before
	Settled  int64         // redemptions handed over
	Spent    ledger.Points // for them
	Refunded int64
	Back     ledger.Points // for what was refunded
	People   []PersonMark  // who had something handed over, each once
	Goods    map[string]GoodDay
}

// PersonMark is the beginning of a volunteer's random id: enough to count people of
// several days and kiosks once.
type PersonMark [8]byte

// GoodDay is what a day moved of one good, in pieces.
type GoodDay struct {
	Sold      int64
	Spent     ledger.Points // for what was sold
	Refunded  int64
	Restocked int64 // of the refunded
	Received  int64
	Counted   int64 // more or, below 0, fewer than the shelf should have had
	Wasted    int64 // below 0
}

// Add is both together.
func (g GoodDay) Add(h GoodDay) GoodDay {
	return GoodDay{g.Sold + h.Sold, g.Spent + h.Spent, g.Refunded + h.Refunded, g.Restocked + h.Restocked, g.Received + h.Received, g.Counted + h.Counted, g.Wasted + h.Wasted}
}

// encodeGoods writes goods by code: its length and itself, then the numbers as
// varints in the order of the struct.
func encodeGoods(goods map[string]GoodDay) []byte {
	b := []byte{}
	for _, code := range slices.Sorted(maps.Keys(goods)) {
		g := goods[code]
		b = append(binary.AppendUvarint(b, uint64(len(code))), code...)
		for _, n := range g.numbers() {
			b = binary.AppendVarint(b, *n)
		}
	}
	return b
}

func decodeGoods(b []byte) (map[string]GoodDay, error) {
	goods := make(map[string]GoodDay)
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, bug("a day with a damaged good")
		}
		code := string(b[n : n+int(size)])
		b = b[n+int(size):]
		var g GoodDay
		for _, field := range g.numbers() {
			if *field, n = binary.Varint(b); n <= 0 {
				return nil, bug("a day with a damaged number of %s", code)
			}
			b = b[n:]
		}
		goods[code] = g
	}
	return goods, nil
}

func (g *GoodDay) numbers() [7]*int64 {
	return [7]*int64{&g.Sold, (*int64)(&g.Spent), &g.Refunded, &g.Restocked, &g.Received, &g.Counted, &g.Wasted}
}

func encodeMarks(people []PersonMark) []byte {
	b := make([]byte, 0, len(people)*len(PersonMark{}))
	for _, p := range people {
		b = append(b, p[:]...)
	}
	return b
}

func decodeMarks(b []byte) ([]PersonMark, error) {
	if len(b)%len(PersonMark{}) != 0 {
		return nil, bug("a day with a damaged person")
	}
	people := make([]PersonMark, 0, len(b)/len(PersonMark{}))
	for mark := range slices.Chunk(b, len(PersonMark{})) {
		people = append(people, PersonMark(mark))
	}
	return people, nil
}

// scanKioskDay reads a row from its day on.
func scanKioskDay(rows scanner, d *KioskDay, before ...any) error {
	people, goods, err := d.scan(rows, before...)
	if err != nil {
		return err
	}
	return d.decode(people, goods)
}

// scan leaves people and goods as they are stored.
func (d *KioskDay) scan(rows scanner, before ...any) (people, goods []byte, err error) {
	err = rows.Scan(append(before, &d.Day, &d.Last, &d.Settled, &d.Spent, &d.Refunded, &d.Back, &people, &goods)...)
	return people, goods, err
}

func (d *KioskDay) decode(people, goods []byte) (err error) {
	if d.People, err = decodeMarks(people); err == nil {
		d.Goods, err = decodeGoods(goods)
	}
	return err
}

// columns are those of a row, from the epoch on.
func (d *KioskDay) columns() []any {
	return []any{int64(d.Epoch), int64(d.Day), int64(d.Last), d.Settled, int64(d.Spent), d.Refunded, int64(d.Back), encodeMarks(d.People), encodeGoods(d.Goods)}
}

// counts tells whether an entry belongs to the figures of its day.
func counts(kind ledger.Kind) bool {
	return kind == ledger.KindSettle || kind == ledger.KindRefund || kind == ledger.KindStock
}

// days adds entries of one chain to its days, in their order.
type days struct {
	zone  *time.Location
	today ledger.Day // when the entries come
	first ledger.Day // when the box was approved
	known bool       // there is a day already
	at    KioskDay   // the latest
	full  []KioskDay // those before it that have changed
	met   map[PersonMark]bool
}

// days reads where the chain's days stand.
func (t *txn) days(epoch uint32, zone *time.Location, today ledger.Day) (*days, error) {
	d := &days{zone: zone, today: today, at: KioskDay{Epoch: epoch}}
	err := t.each(selectLastDay, []any{int64(epoch)}, func(rows scanner) error {
		d.known = true
		return scanKioskDay(rows, &d.at)
	})
	if err != nil {
		return nil, err
	}
	d.begin(d.at)
	if d.known {
		return d, nil
	}
	var by string
	var opened time.Time
	_, err = t.one(selectChainInfo, []any{int64(epoch)}, &by, (*millis)(&opened))
	d.first = ledger.DayOf(opened.In(zone))
	return d, err
}

func (d *days) begin(at KioskDay) {
	if at.Goods == nil {
		at.Goods = make(map[string]GoodDay)
	}
	d.at, d.met = at, make(map[PersonMark]bool, len(at.People))
	for _, p := range at.People {
		d.met[p] = true
	}
}

// dayOf is the day that an entry counts for.
func (d *days) dayOf(e ledger.Entry) ledger.Day {
	day := min(ledger.DayOf(time.UnixMilli(e.WallMS).In(d.zone)), d.today)
	switch {
	case d.known:
		return max(day, d.at.Day)
	case e.Quality == ledger.ClockUnknown:
		return max(day, d.first)
	}
	return max(day, 0)
}

// add counts an entry; of is the redemption that it moves on.
func (d *days) add(e ledger.Entry, of ledger.Redemption) {
	if !counts(e.Body.Kind()) {
		return
	}
	if day := d.dayOf(e); !d.known || day != d.at.Day {
		if d.known && d.at.Last > 0 {
			d.full = append(d.full, d.at)
		}
		d.known = true
		d.begin(KioskDay{Epoch: d.at.Epoch, Day: day})
	}
	d.at.Last = e.Seq
	d.count(e.Body, of)
}

func (d *days) count(body ledger.Body, of ledger.Redemption) {
	points := ledger.Sum(of.Parts)
	switch b := body.(type) {
	case ledger.Settle:
		d.at.Settled++
		d.at.Spent += points
		d.good(of.Good, GoodDay{Sold: of.Quantity, Spent: points})
		if mark := PersonMark(of.Volunteer[:8]); !d.met[mark] {
			d.met[mark] = true
			d.at.People = append(d.at.People, mark)
		}
	case ledger.Refund:
		d.at.Refunded++
		d.at.Back += points
		moved := GoodDay{Refunded: of.Quantity}
		if b.Restock {
			moved.Restocked = of.Quantity
		}
		d.good(of.Good, moved)
	case ledger.Stock:
		switch b.Move {
		case ledger.StockReceived:
			d.good(b.Good, GoodDay{Received: b.Delta})
		case ledger.StockCounted:
			d.good(b.Good, GoodDay{Counted: b.Delta})
		case ledger.StockWasted:
			d.good(b.Good, GoodDay{Wasted: b.Delta})
		}
	}
}

func (d *days) good(code string, moved GoodDay) { d.at.Goods[code] = d.at.Goods[code].Add(moved) }

// save writes the days that have changed.
func (t *txn) saveDays(d *days) error {
	for _, day := range append(d.full, d.at) {
		if err := t.change(upsertKioskDay, day.columns()...); err != nil {
			return err
		}
	}
	return nil
}
