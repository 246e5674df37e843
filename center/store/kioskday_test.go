package store

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// on sets the box's clock to noon of a day from the world's today on.
func (b *box) on(days int) *box {
	b.clock = time.Date(2026, 5, 4, 12, 0, 0, 0, b.w.cfg.Zone).AddDate(0, 0, days)
	return b
}

// bought is a redemption that was handed over at once.
func (b *box) bought(v ledger.ID, points ledger.Points) ledger.Redemption {
	r := b.reserve(v, points)
	b.settle(r)
	return r
}

func (b *box) stock(move ledger.StockMove, delta int64) {
	b.add(ledger.Stock{Good: "rice", Move: move, Delta: delta, OnHand: 100, Operator: ledger.ID{9}})
}

// daysOf are the days of all kiosks, without kiosk and epoch.
func (w *world) daysOf(from, to ledger.Day) []KioskDay {
	w.t.Helper()
	list, err := w.KioskDays(w.t.Context(), from, to, nil)
	w.must(err)
	for i := range list {
		list[i].Kiosk, list[i].Epoch = "", 0
	}
	return list
}

// spending is a kiosk with two volunteers who have points there, and today.
func (w *world) spending() (b *box, v, x ledger.ID, today ledger.Day) {
	w.t.Helper()
	b = w.kiosk("SQ01")
	for n := range byte(2) {
		id := w.person(n+1, "SQ01")
		w.earn(id, lotA, 10_000)
		v, x = x, id
	}
	b.down()
	return b, v, x, w.today()
}

// The days of a kiosk are what its known entries come to, on the day that its clock
// said, and a clock that is wrong takes nothing to another week than it must.
func TestDaysOfAKiosk(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b, v, x, today := w.spending()
		mark := func(id ledger.ID) PersonMark { return PersonMark(id[:8]) }
		b.clock = time.Time{} // nobody confirmed it: the day on which the box was approved
		b.stock(ledger.StockReceived, 20)
		b.on(1)
		first := b.bought(v, 300)
		b.bought(v, 200)
		b.bought(x, 50)
		b.cancel(b.reserve(x, 10)) // moves nothing
		b.clock = b.clock.AddDate(-6, 0, 0)
		b.bought(x, 1)
		w.time = w.time.AddDate(0, 0, 2)
		b.up()
		b.on(2)
		b.refund(first)
		b.stock(ledger.StockWasted, -2)
		b.stock(ledger.StockCounted, -1)
		b.clock = b.clock.AddDate(1, 0, 0)
		b.bought(x, 5)
		b.up()
		want := []KioskDay{
			{Day: today, Last: 1, People: []PersonMark{}, Goods: map[string]GoodDay{"rice": {Received: 20}}},
			{Day: today + 1, Last: 11, Settled: 4, Spent: 551, People: []PersonMark{mark(v), mark(x)}, Goods: map[string]GoodDay{"rice": {Sold: 4, Spent: 551}}},
			{Day: today + 2, Last: 16, Settled: 1, Spent: 5, Refunded: 1, Back: 300, People: []PersonMark{mark(x)},
				Goods: map[string]GoodDay{"rice": {Sold: 1, Spent: 5, Refunded: 1, Restocked: 1, Wasted: -2, Counted: -1}}},
		}
		if got := w.daysOf(today, today+500); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v,\nwant %+v", got, want)
		}
		if got := w.daysOf(today+1, today+1); len(got) != 1 {
			t.Errorf("one day is %+v", got)
		}
		w.proof()

		weeks, err := w.KioskWeeks(t.Context(), WeekOf(today), WeekOf(today)+1)
		w.must(err)
		if want := []KioskWeek{{"SQ01", WeekOf(today), 556, 300}}; !reflect.DeepEqual(weeks, want) {
			t.Errorf("%+v, want %+v", weeks, want)
		}
	})
}

// Days that are missing are counted anew while entries come, and come to the same.
func TestDaysAreRebuilt(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b, v, x, today := w.spending()
		work := func(day int) {
			b.on(day)
			b.refund(b.bought(v, 30))
			b.bought(x, 20)
			w.time = w.time.AddDate(0, 0, 1)
			b.up()
		}
		work(0)
		work(1)
		for _, statement := range []string{`DELETE FROM kioskday`, `UPDATE chain SET tallied = 0`} {
			_, err := w.db.ExecContext(t.Context(), statement)
			w.must(err)
		}
		work(2) // counts nothing: those before it come first
		if got := w.daysOf(today, today+9); len(got) != 0 {
			t.Errorf("entries were counted before those that came first: %+v", got)
		}
		w.proof()
		n, err := w.TallyAll(t.Context())
		if err != nil || n != 15 {
			t.Errorf("%d entries, %v", n, err)
		}
		work(3)
		got := w.daysOf(today, today+9)
		if len(got) != 4 {
			t.Fatalf("%+v", got)
		}
		for i, d := range got {
			if d.Day != today+ledger.Day(i) || d.Settled != 2 || d.Spent != 50 || d.Refunded != 1 || d.Back != 30 || len(d.People) != 2 {
				t.Errorf("%+v", d)
			}
		}
		w.proof()
		for tampered, undone := range map[string]string{
			`UPDATE kioskday SET spent = spent + 1`: `UPDATE kioskday SET spent = spent - 1`,
			`UPDATE kioskday SET last = last - 1`:   `UPDATE kioskday SET last = last + 1`,
			`UPDATE kioskday SET day = day + 1000`:  `UPDATE kioskday SET day = day - 1000`,
		} {
			_, err = w.db.ExecContext(t.Context(), tampered)
			w.must(err)
			if r, err := w.Verify(t.Context()); err == nil && r.OK() {
				t.Errorf("after %s the book is proved", tampered)
			}
			_, err = w.db.ExecContext(t.Context(), undone)
			w.must(err)
			w.proof()
		}
	})
}

// told tells the towns all that there is.
func (w *world) told() {
	w.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = w.TellTowns(w.t.Context())
		w.must(err)
	}
}

// What people earned is told to their towns once, whoever does it and however often,
// and it stays with the town in which it was earned.
func TestDaysOfTowns(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		today := w.today()
		earn := func(v ledger.ID, day ledger.Day, minutes int64, points ledger.Points) {
			w.must(w.Earn(ctx, v, w.earnKey(), civic.Earning{On: day, Expires: lotA, What: "护河", Minutes: minutes, Points: points}))
		}
		v, x := w.person(1, ""), w.person(2, "")
		earn(v, today, 60, 10)
		earn(v, today, 30, 5)
		earn(x, today, 60, 10)
		earn(v, today-1, 60, 10)
		earn(x, today-40, 600, 100)
		other := w.another(nil)
		_, err := w.TellTowns(ctx)
		w.must(err)
		if n, err := other.TellTowns(ctx); n != 0 || err != nil {
			t.Errorf("%d told again, %v", n, err)
		}
		w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: x, Name: "张伟"}, Town: "lianhua"}))
		earn(x, today, 120, 20)
		w.told()
		_, err = w.Reverse(ctx, x, w.earnKey(), civic.Earning{On: today - 2, Expires: lotA, What: "更正", Minutes: 60, Points: -10})
		w.must(err)
		w.told()
		check := func(span Span, from, to ledger.Day, want ...TownDay) {
			t.Helper()
			got, err := w.TownDays(ctx, span, from, to, nil)
			w.must(err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v,\nwant %+v", span, got, want)
			}
		}
		check(SpanDay, today-2, today, TownDay{Town: "lianhua", Day: today - 2, Taken: 10, Minutes: -60, Lines: 1, Corrections: 1}, TownDay{Town: "qingxi", Day: today - 1, Earned: 10, Minutes: 60, People: 1, Lines: 1},
			TownDay{Town: "lianhua", Day: today, Earned: 20, Minutes: 120, People: 1, Lines: 1},
			TownDay{Town: "qingxi", Day: today, Earned: 25, Minutes: 150, People: 2, Lines: 3})
		month, _ := MonthOf(today)
		check(SpanMonth, month, month, TownDay{Town: "lianhua", Day: month, Earned: 20, Taken: 10, Minutes: 60, People: 1, Lines: 2, Corrections: 1},
			TownDay{Town: "qingxi", Day: month, Earned: 35, Minutes: 210, People: 2, Lines: 4})
		w.proof()

		// Rows of an older program are dated and told.
		_, err = w.db.ExecContext(ctx, `UPDATE earning SET town = '', day = 0, minutes = 0, told = 0 WHERE points = 100`)
		w.must(err)
		_, err = w.db.ExecContext(ctx, `DELETE FROM townday`)
		w.must(err)
		if r, err := w.Verify(ctx); err != nil || r.OK() {
			t.Errorf("days that are gone are not missed: %+v, %v", r, err)
		}
		_, err = w.db.ExecContext(ctx, `UPDATE earning SET told = 0`)
		w.must(err)
		w.told()
		check(SpanDay, today-40, today-40, TownDay{Town: "lianhua", Day: today - 40, Earned: 100, Minutes: 600, People: 1, Lines: 1})
		w.proof()
		_, err = w.db.ExecContext(ctx, `UPDATE townday SET people = people + 1 WHERE span = 'week'`)
		w.must(err)
		if r, err := w.Verify(ctx); err != nil || r.OK() {
			t.Errorf("a week that is wrong is not found: %+v, %v", r, err)
		}
	})
}

func TestHeadsAreCounted(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, today := t.Context(), w.today()
		w.person(1, "")
		w.person(2, "")
		w.must(w.CountHeads(ctx))
		w.time = w.time.AddDate(0, 0, 3)
		w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: ledger.ID{3}, Name: "李四"}, Town: "qingxi"}))
		w.must(w.CountHeads(ctx))
		w.must(w.CountHeads(ctx))
		for after, want := range map[ledger.Day]TownDay{0: {Town: "qingxi", Day: today, Registered: 2}, 2: {Town: "qingxi", Day: today, Registered: 2}, 9: {Town: "qingxi", Day: today + 3, Registered: 3}} {
			got, err := w.RegisteredOn(ctx, today+after)
			w.must(err)
			if len(got) != 1 || got["qingxi"] != want {
				t.Errorf("after %d days %+v, want %+v", after, got, want)
			}
		}
		if got, err := w.RegisteredOn(ctx, today-1); err != nil || len(got) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		w.proof()
	})
}

func TestWeeks(t *testing.T) {
	monday := ledger.DayOf(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if w := WeekOf(monday); w.Monday() != monday || w.Sunday() != monday+6 || WeekOf(monday-1) != w-1 || WeekOf(monday+6) != w {
		t.Errorf("the week of %v is from %v to %v", monday, w.Monday(), w.Sunday())
	}
	for _, c := range [][3]int{{2026, 2, 28}, {2028, 2, 29}, {2026, 12, 31}} {
		last := ledger.DayOf(time.Date(c[0], time.Month(c[1]), c[2], 0, 0, 0, 0, time.UTC))
		if first, end := MonthOf(last); end != last || first != last-ledger.Day(c[2]-1) {
			t.Errorf("the month of %v is from %v to %v", last, first, end)
		}
	}
}

func FuzzGoodsOfADay(f *testing.F) {
	f.Add(encodeGoods(map[string]GoodDay{"rice": {Sold: 2, Spent: 560, Counted: -3}, "G-001": {}}))
	f.Add(binary.AppendUvarint(nil, 1<<63))
	f.Fuzz(func(t *testing.T, b []byte) {
		goods, err := decodeGoods(b)
		if err != nil {
			return
		}
		again, err := decodeGoods(encodeGoods(goods))
		if err != nil || !reflect.DeepEqual(again, goods) {
			t.Errorf("%+v becomes %+v, %v", goods, again, err)
		}
		if len(b) == 0 && !bytes.Equal(encodeGoods(goods), b) {
			t.Error("nothing becomes something")
		}
	})
}

func TestOwed(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b, v, x, _ := w.spending()
		w.earn(v, lotB, 500)
		b.down()
		b.bought(v, 300)
		b.reserve(x, 200) // waits, and is owed
		b.up()
		owed, err := w.Owed(t.Context(), lotA)
		w.must(err)
		if want := map[string]Owed{"SQ01": {Points: 20_200, Ending: 19_700}}; !reflect.DeepEqual(owed, want) {
			t.Errorf("%+v, want %+v", owed, want)
		}
		books, err := w.Books(t.Context())
		w.must(err)
		if books.AtKiosks+books.Held != owed["SQ01"].Points {
			t.Errorf("the books say %+v", books)
		}
	})
}
