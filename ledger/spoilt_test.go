package ledger_test

import (
	"strings"

	"yizhan/ledger"
)

// spoilt collects entries with one value just outside its limit, by the field
// that the error must name.
type spoilt map[string][]ledger.Entry

func allSpoilt() spoilt {
	s := spoilt{}
	s.headers()
	s.parts()
	s.exchange()
	s.desk()
	s.device()
	return s
}

func (s spoilt) body(field string, bodies ...ledger.Body) {
	for _, b := range bodies {
		s[field] = append(s[field], sampleEntry(b))
	}
}

func (s spoilt) headers() {
	header := func(field string, change func(*ledger.Entry)) {
		e := sampleEntry(ledger.Device{Event: ledger.DeviceStart})
		change(&e)
		s[field] = append(s[field], e)
	}
	for _, kiosk := range []string{"", "abc", "A B", "A_B", "A\n", "A/B", "A:B", "A@B", "A[B", "站", strings.Repeat("A", 17)} {
		header("kiosk", func(e *ledger.Entry) { e.Kiosk = kiosk })
	}
	header("epoch", func(e *ledger.Entry) { e.Epoch = 0 })
	header("seq", func(e *ledger.Entry) { e.Seq = 0 })
	header("seq", func(e *ledger.Entry) { e.Seq = maxSeq + 1 })
	for _, ms := range []int64{-1, -1 << 63, maxMillis + 1} {
		header("mono", func(e *ledger.Entry) { e.MonoMS = ms })
		header("wall", func(e *ledger.Entry) { e.WallMS = ms })
	}
	header("quality", func(e *ledger.Entry) { e.Quality = 3 })
	header("no body", func(e *ledger.Entry) { e.Body = nil })
}

func (s spoilt) parts() {
	parts := func(field string, parts ...ledger.Part) {
		r := samples()[0].(ledger.Reserve)
		r.Parts = parts
		s.body(field, r, ledger.Return{Volunteer: aVolunteer, Parts: parts})
	}
	many := make([]ledger.Part, ledger.MaxParts+1)
	for i := range many {
		many[i] = ledger.Part{Expires: ledger.Day(i), Points: 1}
	}
	parts("number of parts")
	parts("number of parts", many...)
	parts("parts", ledger.Part{Expires: 5, Points: 1}, ledger.Part{Expires: 5, Points: 1})
	parts("parts", ledger.Part{Expires: 5, Points: 1}, ledger.Part{Expires: 4, Points: 1})
	parts("parts", ledger.Part{Expires: -1, Points: 1})
	parts("expiry", ledger.Part{Expires: ledger.MaxDay + 1, Points: 1})
	for _, p := range []ledger.Points{0, -1, -1 << 63, ledger.MaxPoints + 1} {
		parts("points", ledger.Part{Expires: 5, Points: p})
	}
}

// badTexts are too long by one byte, and not UTF-8.
var badTexts = []string{strings.Repeat("x", ledger.MaxText+1), "\xff"}

func (s spoilt) exchange() {
	reserve := func(field string, change func(*ledger.Reserve)) {
		r := samples()[0].(ledger.Reserve)
		change(&r)
		s.body(field, r)
	}
	for _, good := range []string{"", "a b", "a/b", "米", "a\x00", "a:b", "a@b", "a[b", "a`b", "a{b", strings.Repeat("a", 25)} {
		reserve("good", func(r *ledger.Reserve) { r.Good = good })
		s.body("good", ledger.Stock{Good: good, Move: ledger.StockWasted})
	}
	for _, n := range []int64{0, -1, -1 << 63, ledger.MaxQuantity + 1} {
		reserve("quantity", func(r *ledger.Reserve) { r.Quantity = n })
	}
	reserve("claim", func(r *ledger.Reserve) { r.Claim = ledger.MaxClaim })
	reserve("balance", func(r *ledger.Reserve) { r.Balance = -1 })
	reserve("balance", func(r *ledger.Reserve) { r.Balance = ledger.MaxPoints + 1 })
	for _, until := range []int64{-1, -1 << 63, maxSeconds + 1} {
		reserve("until", func(r *ledger.Reserve) { r.Until = until })
	}
	for _, seq := range []uint64{0, maxSeq + 1, 1<<64 - 1} {
		s.body("redemption", ledger.Settle{Redemption: seq}, ledger.Cancel{Redemption: seq}, ledger.Refund{Redemption: seq})
	}
	for _, text := range badTexts {
		s.body("reason", ledger.Cancel{Redemption: 1, Reason: text}, ledger.Refund{Redemption: 1, Reason: text})
	}
}

func (s spoilt) desk() {
	for _, text := range badTexts {
		s.body("note", ledger.Stock{Good: "a", Move: ledger.StockWasted, Note: text})
	}
	s.body("move", ledger.Stock{Good: "a"}, ledger.Stock{Good: "a", Move: 4})
	for _, n := range []int64{-1, ledger.MaxCount + 1} {
		s.body("on hand", ledger.Stock{Good: "a", Move: 1, OnHand: n})
		s.body("reserved", ledger.Staff{Act: 1, Totals: ledger.Totals{Reserved: n}})
		s.body("settled", ledger.Staff{Act: 1, Totals: ledger.Totals{Settled: n}})
		s.body("cancelled", ledger.Staff{Act: 1, Totals: ledger.Totals{Cancelled: n}})
		s.body("refunded", ledger.Staff{Act: 1, Totals: ledger.Totals{Refunded: n}})
	}
	for _, n := range []int64{-ledger.MaxCount - 1, ledger.MaxCount + 1} {
		s.body("delta", ledger.Stock{Good: "a", Move: 1, Delta: n})
	}
	for _, p := range []ledger.Points{-1, ledger.MaxPoints + 1} {
		s.body("spent", ledger.Staff{Act: 1, Totals: ledger.Totals{Spent: p}})
		s.body("back", ledger.Staff{Act: 1, Totals: ledger.Totals{Back: p}})
	}
	s.body("from", ledger.Staff{Act: 1, Totals: ledger.Totals{FromSeq: maxSeq + 1}})
	s.body("act", ledger.Staff{}, ledger.Staff{Act: 5})
	s.body("step", ledger.Register{}, ledger.Register{Step: 4})
	s.body("verifier", ledger.Register{Step: ledger.PINSet}, ledger.Register{Step: ledger.PINTry, Verifier: []byte{1}},
		ledger.Register{Step: ledger.PINSet, Verifier: make([]byte, ledger.MaxVerifier+1)})
}

func (s spoilt) device() {
	for _, seq := range []uint64{0, maxSeq + 1, 1<<64 - 1} {
		s.body("job", ledger.Print{Job: seq, Step: ledger.PrintPresumed})
	}
	for _, text := range badTexts {
		s.body("note", ledger.Print{Job: 1, Step: ledger.PrintPresumed, Note: text})
		s.body("text", ledger.Device{Event: ledger.DeviceStart, Text: text})
	}
	s.body("step", ledger.Print{Job: 1}, ledger.Print{Job: 1, Step: 14})
	s.body("copy", ledger.Print{Job: 1, Step: 1, Copy: -1}, ledger.Print{Job: 1, Step: 1, Copy: 1e6 + 1})
	s.body("event", ledger.Device{}, ledger.Device{Event: 8})
}
