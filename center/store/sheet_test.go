package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"yizhan/center/store/storetest"
	"yizhan/ledger"
)

const oilShop = "00000000000000aa"

// sold is what all parts bring of a good: of the sheet's days, and corrections.
func sold(parts []SheetPart, good string) (main, fixed Sold) {
	for _, p := range parts {
		main, fixed = main.Add(p.Goods[good]), fixed.Add(p.Fixed[good])
	}
	return main, fixed
}

// buys redeems a piece of oil on a day by the kiosk's clock, and has it handed over.
func (b *box) buys(v ledger.ID, at time.Time) ledger.Redemption {
	b.clock = at
	body := ledger.Reserve{Volunteer: v, Good: "oil", Quantity: 2, Parts: []ledger.Part{{Expires: lotA, Points: 10}}}
	r := ledger.Redemption{Reserve: body, Seq: b.add(body), State: ledger.Reserved}
	b.accounts[v] = b.accounts[v].Hold(body.Parts)
	b.settle(r)
	return r
}

// Every hand-over and refund comes into exactly one sheet: those that come too late
// into the next one, as corrections, and none twice.
func TestASheetHasEveryEntryOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		near, far := w.kiosk("SQ01"), w.kiosk("LS01")
		v := w.person(1, "")
		w.earn(v, lotA, 1000)
		for _, id := range []string{"SQ01", "LS01"} {
			if _, err := w.Grant(ctx, v, id, 300); err != nil {
				t.Fatal(err)
			}
		}
		near.down()
		far.down()
		day := func(n int) time.Time { return time.Date(2026, 5, n, 4, 0, 0, 0, time.UTC) }
		of := func(n int) ledger.Day { return ledger.DayOf(day(n)) }
		w.time = day(20)
		kiosks := []string{"LS01", "SQ01"}
		near.buys(v, day(5))
		first := near.buys(v, day(8))
		near.up()
		far.buys(v, day(9)) // and is offline
		far.buys(v, day(15))
		parts := func(behind *Sheet, from, to int) []SheetPart {
			t.Helper()
			p, err := w.SheetParts(ctx, kiosks, behind, of(from), of(from), of(to))
			w.must(err)
			return p
		}
		one := Sheet{SheetHead: SheetHead{Scope: "qingxi", Merchant: oilShop, From: of(6), To: of(10)}, Request: "r1", Since: of(6), Name: "油坊",
			Goods: map[string]Agreed{"oil": {Title: "油", Fen: 550}}, Parts: parts(nil, 6, 10)}
		if main, fixed := sold(one.Parts, "oil"); main != (Sold{Pieces: 2, Points: 10}) || fixed != (Sold{}) {
			t.Fatalf("the first sheet has %+v, corrected %+v", main, fixed)
		}
		as := As(ctx, "lin")
		n, err := w.PutSheet(as, one, 0)
		w.must(err)
		if again, err := w.PutSheet(as, one, 0); err != nil || again != n || n != 1 {
			t.Errorf("twice is sheet %d, %v", again, err)
		}
		other := one
		other.Request = "r2"
		if _, err := w.PutSheet(as, other, 0); !errors.Is(err, ErrChanged) {
			t.Errorf("a second officer: %v", err)
		}

		far.up() // of days that are closed, and of one that is not
		near.clock = day(12)
		near.refund(first)
		near.up()
		one, err = w.Sheet(ctx, "qingxi", oilShop, 1)
		w.must(err)
		if one.Pieces != 2 || one.Points != 10 || one.Fen != 1100 || one.By != "lin" {
			t.Errorf("%+v", one.SheetHead)
		}
		two := Sheet{SheetHead: SheetHead{Scope: "qingxi", Merchant: oilShop, From: of(11), To: of(16)}, Request: "r3", Since: one.Since, Name: "油坊", Goods: one.Goods, Parts: parts(&one, 11, 16)}
		main, fixed := sold(two.Parts, "oil")
		if main != (Sold{Pieces: 2, Points: 10, Back: 2, BackPoints: 10}) || fixed != (Sold{Pieces: 2, Points: 10}) {
			t.Errorf("the second sheet has %+v, corrected %+v", main, fixed)
		}
		for _, p := range two.Parts {
			if p.Kiosk == "LS01" {
				list, err := w.SoldBetween(ctx, p.Kiosk, p.Epoch, "oil", false, p.After, p.Late, 10)
				w.must(err)
				if len(list) != 1 || list[0].WallMS != day(9).UnixMilli() {
					t.Errorf("behind the correction are %+v", list)
				}
			} else if list, err := w.SoldBetween(ctx, p.Kiosk, p.Epoch, "oil", true, p.Late, p.UpTo, 10); err != nil || len(list) != 1 || list[0].Seq != first.Seq {
				t.Errorf("behind the refund are %+v, %v", list, err)
			}
		}
		_, err = w.PutSheet(as, two, 1)
		w.must(err)
		if err := w.WithdrawSheet(as, "qingxi", oilShop, 1, "x"); !errors.Is(err, ErrState) {
			t.Errorf("an older sheet is withdrawn: %v", err)
		}
		w.must(w.WithdrawSheet(as, "qingxi", oilShop, 2, "x"))
		w.must(w.WithdrawSheet(as, "qingxi", oilShop, 2, "x"))
		three := two
		three.Request, three.Parts = "r4", parts(&one, 11, 16)
		if n, err := w.PutSheet(as, three, 1); err != nil || n != 3 {
			t.Errorf("after the withdrawal: %d, %v", n, err)
		}
		heads, err := w.SheetsOf(ctx, "qingxi", oilShop)
		w.must(err)
		last, err := w.LastSheets(ctx)
		w.must(err)
		if len(heads) != 3 || heads[1].State != SheetWithdrawn || last[oilShop].N != 3 {
			t.Errorf("%+v, last %+v", heads, last)
		}
		four := parts(&three, 17, 20)
		if main, fixed := sold(four, "oil"); main != (Sold{}) || fixed != (Sold{}) {
			t.Errorf("counted twice: %+v %+v", main, fixed)
		}
		w.proof()
	})
}

// BenchmarkSheet works out a month's sheet of 300 kiosks with 1,000 redemptions each
// on PostgreSQL: -bench Sheet.
func BenchmarkSheet(b *testing.B) {
	w := newWorld(b, storetest.Database(b))
	var kiosks []string
	for i := range 300 {
		kiosks = append(kiosks, fmt.Sprint("K", 1000+i))
	}
	for _, statement := range []string{
		`INSERT INTO chain (kiosk, epoch, public_key, state, reason, seq, hash, signed, signature, folded, granted, spent, refunded, returned, opened_by, opened_ms)
			SELECT 'K' || (1000 + i), 1, '', 'open', '', 5000, '', 5000, '', 5000, 0, 0, 0, 0, '', 0 FROM generate_series(0, 299) AS i`,
		`INSERT INTO kioskday (kiosk, epoch, day, last, settled, spent, refunded, back, people, goods)
			SELECT 'K' || (1000 + i % 300), 1, 2400 + i / 300, (i / 300 + 1) * 90, 30, 0, 0, 0, '', '' FROM generate_series(0, 9999) AS i`,
		`INSERT INTO redemption (kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded, points)
			SELECT 'K' || (1000 + i % 300), 1, i / 300 * 3 + 1, 'AAAAAAAAAAAAAAAA', 'G' || (i / 300 % 60), 1, '', 2, i, 2, 1, 3, 0, 0, i / 300 * 3 + 2, CASE WHEN i % 70 = 0 THEN i / 300 * 3 + 3 ELSE 0 END, 280 FROM generate_series(0, 299999) AS i`,
		`ANALYZE`,
	} {
		_, err := w.db.Exec(statement)
		w.must(err)
	}
	for b.Loop() {
		parts, err := w.SheetParts(b.Context(), kiosks, nil, 2400, 2400, 2430)
		w.must(err)
		if main, _ := sold(parts, "G7"); len(parts) != 300 || main.Pieces == 0 {
			b.Fatalf("%d parts, %+v", len(parts), main)
		}
	}
}
