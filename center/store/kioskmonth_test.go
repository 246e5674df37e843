package store

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"yizhan/ledger"
)

// cameTo is what rows of days or months come to together.
type cameTo struct {
	KioskSum
	People int64
	Goods  map[string]GoodDay
}

func together(list []KioskDay) cameTo {
	sum := cameTo{People: Headcount(list), Goods: make(map[string]GoodDay)}
	for _, d := range list {
		sum.KioskSum = KioskSum{sum.Settled + d.Settled, sum.Refunded + d.Refunded, sum.Spent + d.Spent, sum.Back + d.Back}
		for code, g := range d.Goods {
			sum.Goods[code] = sum.Goods[code].Add(g)
		}
	}
	return sum
}

// monthly reads the month of a day, which must be what its days come to, for all kiosks
// and for each, however much of it is summed.
func (w *world) monthly(day ledger.Day) []KioskDay {
	w.t.Helper()
	first, last := MonthOf(day)
	list, err := w.KioskMonth(w.t.Context(), first, nil)
	w.must(err)
	days, err := w.KioskDays(w.t.Context(), first, last, nil)
	w.must(err)
	if got, want := together(list), together(days); !reflect.DeepEqual(got, want) {
		w.t.Fatalf("the month from %v on came to %+v, its days to %+v", first, got, want)
	}
	sums, err := w.KioskSums(w.t.Context(), SpanMonth, first)
	w.must(err)
	for kiosk := range w.boxes {
		of := func(list []KioskDay) cameTo {
			return together(slices.DeleteFunc(slices.Clone(list), func(d KioskDay) bool { return d.Kiosk != kiosk }))
		}
		if got, want := of(list), of(days); !reflect.DeepEqual(got, want) || sums[kiosk] != want.KioskSum {
			w.t.Fatalf("the month from %v on at %s came to %+v or %+v, its days to %+v", first, kiosk, got, sums[kiosk], want)
		}
	}
	return list
}

func (w *world) summed() {
	w.t.Helper()
	_, err := w.SumMonths(w.t.Context())
	w.must(err)
}

// Days that are over are summed once, and those of an older book like those of
// yesterday; a sum that is not that of its days is found.
func TestMonthsOfAKiosk(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b, v, x, may := w.spending()
		june := may + 28 // from the 4th of May to the 1st of June
		work := func(day int, bodies func()) {
			w.time = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
			b.on(day)
			bodies()
			b.up()
		}
		work(0, func() { b.refund(b.bought(v, 30)); b.stock(ledger.StockReceived, 20) })
		work(1, func() { b.bought(v, 20); b.bought(x, 5) })
		if n, err := w.SumMonths(t.Context()); n != 1 || err != nil {
			t.Errorf("%d days of one that is over, %v", n, err)
		}
		work(27, func() { b.bought(x, 7) })
		work(28, func() { b.bought(x, 100) })
		work(28, func() { b.bought(v, 1) })
		if n := len(w.monthly(may)); n != 3 {
			t.Errorf("%d rows for a sum and two days", n)
		}
		for _, want := range []int{2, 0} {
			if n, err := w.SumMonths(t.Context()); n != want || err != nil {
				t.Errorf("%d days, want %d, %v", n, want, err)
			}
		}
		first, _ := MonthOf(may)
		want := []KioskDay{{Kiosk: "SQ01", Epoch: 1, Day: first, Last: w.daysOf(may+27, may+27)[0].Last, Settled: 4, Spent: 62, Refunded: 1, Back: 30,
			People: []PersonMark{PersonMark(v[:8]), PersonMark(x[:8])}, Goods: map[string]GoodDay{"rice": {Sold: 4, Spent: 62, Refunded: 1, Restocked: 1, Received: 20}}}}
		if got := w.monthly(may); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v,\nwant %+v", got, want)
		}
		if got := w.monthly(june); len(got) != 1 || got[0].Settled != 2 || got[0].Day != june {
			t.Errorf("%+v", got)
		}
		if got, err := w.KioskMonth(t.Context(), may, func(kiosk string) bool { return kiosk != "SQ01" }); err != nil || len(got) != 0 {
			t.Errorf("other kiosks have %+v, %v", got, err)
		}
		w.proof()
		w.wrongMonths()

		for _, statement := range []string{`DELETE FROM kioskmonth`, `UPDATE kioskday SET summed = 0`} { // a book of before
			_, err := w.db.ExecContext(t.Context(), statement)
			w.must(err)
		}
		w.monthly(may)
		w.proof()
		if n, err := w.SumMonths(t.Context()); n != 3 || err != nil {
			t.Errorf("%d days of an older book, %v", n, err)
		}
		if got := w.monthly(may); !reflect.DeepEqual(got, want) {
			t.Errorf("an older book comes to %+v,\nwant %+v", got, want)
		}
		w.proof()
	})
}

// wrongMonths changes months, each of which is found.
func (w *world) wrongMonths() {
	w.t.Helper()
	exec := func(statements ...string) {
		for _, statement := range statements {
			_, err := w.db.ExecContext(w.t.Context(), statement)
			w.must(err)
		}
	}
	const columns = `last, settled, spent, refunded, back, people, goods`
	const latest = ` WHERE day = (SELECT MAX(day) FROM kioskday)` // the first day of its month
	for _, c := range [][2][]string{
		{{`UPDATE kioskmonth SET spent = spent + 1`}, {`UPDATE kioskmonth SET spent = spent - 1`}},
		{{`UPDATE kioskmonth SET last = last - 1`}, {`UPDATE kioskmonth SET last = last + 1`}},
		{{`UPDATE kioskmonth SET epoch = 7`}, {`UPDATE kioskmonth SET epoch = 1`}},
		{{`UPDATE kioskday SET summed = 1 - summed`}, {`UPDATE kioskday SET summed = 1 - summed`}},
		{{`INSERT INTO kioskmonth (kiosk, epoch, day, ` + columns + `) SELECT kiosk, epoch, day + 1000, ` + columns + ` FROM kioskmonth`},
			{`DELETE FROM kioskmonth WHERE day > (SELECT MAX(day) FROM kioskday)`}},
		{{`INSERT INTO kioskmonth (kiosk, epoch, day, ` + columns + `) SELECT kiosk, epoch, day, ` + columns + ` FROM kioskday` + latest, `UPDATE kioskday SET summed = 1` + latest},
			{`DELETE FROM kioskmonth` + latest, `UPDATE kioskday SET summed = 0` + latest}},
	} {
		exec(c[0]...)
		if r, err := w.Verify(w.t.Context()); err != nil || r.OK() {
			w.t.Errorf("after %s the book is proved, %v", c[0], err)
		}
		exec(c[1]...)
		w.proof()
	}
}

// Whatever kiosks send, whoever sums and however often, months come to their days, at
// every moment.
func TestMonthsAreTheirDays(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		dice := rand.New(rand.NewPCG(seed, 1))
		calm := w.Store
		boxes := []*box{w.kiosk("SQ01"), w.kiosk("LH01")}
		var volunteers []ledger.ID
		for n, home := range []string{"SQ01", "SQ01", "SQ01", "LH01", "LH01"} {
			volunteers = append(volunteers, w.person(byte(n+1), home))
			w.earn(volunteers[n], lotA, 10_000)
		}
		for _, b := range boxes {
			b.down()
		}
		today := w.today()
		stores := []*Store{w.another(newFaults(seed, 60).wrap), w.another(newFaults(1, 0).wrap)}
		for day := 0; day < 100; day += dice.IntN(20) {
			w.time = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
			i := dice.IntN(2)
			b := boxes[i].on(day - dice.IntN(10))
			for range dice.IntN(4) {
				b.bought(volunteers[3*i+dice.IntN(3-i)], ledger.Points(1+dice.IntN(9)))
			}
			w.Store = stores[dice.IntN(2)]
			b.up()
			if dice.IntN(3) == 0 {
				w.summed()
			}
			w.Store = calm
			w.monthly(today + ledger.Day(dice.IntN(day+1)))
		}
		w.summed()
		for day := range ledger.Day(4) {
			w.monthly(today + 30*day)
		}
		w.proof()
	})
}

// A day that is summed while somebody reads is seen once.
func TestMonthsAreReadWhileTheyAreSummed(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b, v, _, may := w.spending()
		for day := range 25 {
			w.time = w.time.AddDate(0, 0, 1)
			b.on(day).bought(v, 1)
		}
		b.up()
		want := together(w.monthly(may))
		for range 8 {
			done := make(chan error)
			go func() {
				_, err := w.SumMonths(t.Context())
				done <- err
			}()
			for summed := false; !summed; {
				select {
				case err := <-done:
					w.must(err)
					summed = true
				default:
				}
				list, err := w.KioskMonth(t.Context(), may, nil)
				w.must(err)
				if got := together(list); !reflect.DeepEqual(got, want) {
					t.Fatalf("%+v, want %+v", got, want)
				}
			}
			// Not in one statement for both tables, so nobody reads meanwhile.
			for _, statement := range []string{`DELETE FROM kioskmonth`, `UPDATE kioskday SET summed = 0`} {
				_, err := w.db.ExecContext(t.Context(), statement)
				w.must(err)
			}
		}
	})
}
