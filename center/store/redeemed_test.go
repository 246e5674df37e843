package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/center/store/storetest"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// market is three kiosks at which two volunteers redeemed two goods, several in one
// millisecond and some by a clock that nobody confirmed.
func (w *world) market() (ledger.ID, ledger.ID) {
	w.t.Helper()
	var people [2]ledger.ID
	for i := range people {
		people[i] = w.person(byte(i+1), "")
	}
	for n, id := range []string{"LS01", "SQ-01", "SQ01"} {
		k := w.kiosk(id)
		for i := range 12 {
			v := people[i%2]
			w.earn(v, lotA, 100)
			if _, err := w.Grant(w.t.Context(), v, id, 100); err != nil {
				w.t.Fatal(err)
			}
			k.down()
			if i%3 == 0 {
				w.time = w.time.Add(time.Duration(1+n%2) * time.Minute)
			}
			k.clock = w.time
			body := ledger.Reserve{Volunteer: v, Good: []string{"rice", "oil"}[i/2%2], Quantity: 1, Claim: uint16(1037 + i%4), Parts: []ledger.Part{{Expires: lotA, Points: 100}}}
			r := ledger.Redemption{Reserve: body, Seq: k.add(body), State: ledger.Reserved}
			k.accounts[v] = k.accounts[v].Hold(body.Parts)
			k.tell(r.Seq, spool.StepSending, spool.StepDrained)
			if i%4 > 0 {
				k.settle(r)
			}
			switch i % 4 {
			case 1:
				k.tell(r.Seq, spool.StepConfirmed)
			case 2:
				k.refund(r)
				k.tell(r.Seq, spool.StepUncertain, spool.StepVoided, spool.StepSending, spool.StepDrained, spool.StepPresumed)
			case 3:
				k.tell(r.Seq, spool.StepUncertain)
			}
			if i == 4 {
				k.cancel(r)
			}
			k.up()
		}
	}
	return people[0], people[1]
}

// tell notes steps of a slip.
func (b *box) tell(job uint64, steps ...spool.Step) {
	for _, step := range steps {
		b.copies += int64(count(step == spool.StepVoided))
		b.add(ledger.Print{Job: job, Step: ledger.PrintStep(step), Copy: b.copies})
	}
	b.copies = 0
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// listNames are the redemptions of a list by kiosk and number.
func listNames(list []Redeemed) string {
	var all []string
	for _, r := range list {
		all = append(all, fmt.Sprintf("%s-%d", r.Kiosk, r.Seq))
	}
	return strings.Join(all, " ")
}

func queries(a ledger.ID) map[string]RedemptionQuery {
	both := []string{"SQ01", "LS01", "SQ01"}
	return map[string]RedemptionQuery{
		"all":               {},
		"reserved":          {State: ledger.Reserved},
		"settled":           {State: ledger.Settled},
		"refunded there":    {State: ledger.Refunded, Kiosks: both},
		"cancelled":         {State: ledger.Cancelled},
		"rice":              {Good: "rice"},
		"oil there":         {Good: "oil", Kiosks: both},
		"both":              {Kiosks: both},
		"none":              {Kiosks: []string{}},
		"a code":            {ByClaim: true, Claim: 1038},
		"a code there":      {ByClaim: true, Claim: 1038, Kiosks: both},
		"somebody":          {Volunteer: a},
		"somebody there":    {Volunteer: a, Kiosks: both, Good: "rice"},
		"doubtful":          {Slip: spool.Uncertain},
		"doubtful there":    {Slip: spool.Uncertain, Kiosks: both},
		"voided":            {Slip: spool.Voided},
		"printed, settled":  {Slip: spool.Printed, State: ledger.Settled},
		"on the way":        {Slip: spool.Queued},
		"presumed refunded": {Slip: spool.Presumed, State: ledger.Refunded, Kiosks: both},
	}
}

// Every question finds what a look at all of them would, the latest first, whatever
// the size of a page.
func TestRedemptionsAreListed(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		begin := w.time
		a, _ := w.market()
		all, next, err := w.Redemptions(t.Context(), RedemptionQuery{Limit: 100})
		w.must(err)
		if len(all) != 36 || next != (RedemptionMark{}) || !slices.IsSortedFunc(all, func(x, y Redeemed) int { return cmp.Compare(y.WallMS, x.WallMS) }) {
			t.Fatalf("%d redemptions, then %v", len(all), next)
		}
		for name, q := range queries(a) {
			for _, q.From = range []time.Time{{}, begin.Add(7 * time.Minute)} {
				var want []Redeemed
				for _, r := range all {
					if q.matches(r) && r.WallMS >= q.from() {
						want = append(want, r)
					}
				}
				if q.From.IsZero() && len(want) == 0 != (name == "none") {
					t.Errorf("%s: there are %d", name, len(want))
				}
				for _, q.Limit = range []int{1, 5, 100} {
					if got := w.listed(q); listNames(got) != listNames(want) {
						t.Errorf("%s from %v by %d: %s, want %s", name, q.From, q.Limit, listNames(got), listNames(want))
					}
				}
			}
		}
		w.proof()
	})
}

// listed reads a list page by page.
func (w *world) listed(q RedemptionQuery) (all []Redeemed) {
	w.t.Helper()
	for pages := 0; ; pages++ {
		page, next, err := w.Redemptions(w.t.Context(), q)
		w.must(err)
		all = append(all, page...)
		if next == (RedemptionMark{}) {
			return all
		}
		if q.Before, err = ParseRedemptionMark(next.String()); err != nil || pages > 50 {
			w.t.Fatalf("page %d of %+v: %v", pages, q, err)
		}
	}
}

// A list that is long to look through is looked through in parts.
func TestALongLookIsBounded(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/book.db")
	w.kiosk("SQ01")
	v := w.person(1, "")
	tx, err := w.db.Begin()
	w.must(err)
	for i := range maxLookedAt + 2*lookedBatch {
		good := "rice"
		if i == 0 {
			good = "oil"
		}
		_, err := tx.Exec(upsertRedemption, "SQ01", 1, i+1, v.String(), good, 1, []byte{}, 2, 1000+i, 0, 1, 0, 0, 0, 1, 0, 1)
		w.must(err)
	}
	w.must(tx.Commit())
	for _, kiosks := range [][]string{nil, {"SQ01"}} {
		q := RedemptionQuery{Kiosks: kiosks, Good: "oil", Limit: 50}
		list, next, err := w.Redemptions(t.Context(), q)
		w.must(err)
		if len(list) != 0 || next == (RedemptionMark{}) {
			t.Fatalf("%s, then %v", listNames(list), next)
		}
		if got := w.listed(q); listNames(got) != "SQ01-1" {
			t.Errorf("%v: %s", kiosks, listNames(got))
		}
	}
}

// What an older program did not note is filled in from the entries.
func TestRedemptionsAreFilledIn(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.market()
		want, _, err := w.Redemptions(t.Context(), RedemptionQuery{Limit: 100})
		w.must(err)
		_, err = w.db.Exec(`UPDATE redemption SET wall_ms = -1, quality = 0, claim = -1, paper = 0, copies = 0, voided = 0, settled = -1, refunded = 0, points = 0`)
		w.must(err)
		if r, err := w.Verify(t.Context()); err != nil || len(r.Findings) != 36 {
			t.Errorf("the proof finds %v, %v", r.Findings, err)
		}
		got, _, err := w.another(nil).Redemptions(t.Context(), RedemptionQuery{Limit: 100})
		w.must(err)
		if !slices.EqualFunc(got, want, Redeemed.same) {
			t.Errorf("%+v, want %+v", got, want)
		}
		w.proof()
	})
}

// A slip is what its steps come to; what does not follow changes nothing.
func TestSlipOfARedemption(t *testing.T) {
	for steps, want := range map[string]Slip{
		"":        {},
		"1":       {State: spool.Sending},
		"1 6 7":   {State: spool.Printed},
		"1 6 2":   {State: spool.Presumed},
		"7":       {},
		"1 3 9":   {State: spool.Printed},
		"1 3 10":  {State: spool.Queued, Voided: 1, Copies: 1},
		"1 6 8 5": {State: spool.Queued, Copies: 1},
		"1 13 99": {State: spool.Sending},
	} {
		var s Slip
		for _, word := range strings.Fields(steps) {
			var step spool.Step
			fmt.Sscan(word, &step)
			s = s.After(ledger.Print{Step: ledger.PrintStep(step), Copy: int64(count(step == spool.StepAgain || step == spool.StepVoided))})
		}
		if s != want {
			t.Errorf("%q: %+v, want %+v", steps, s, want)
		}
	}
}

func FuzzRedemptionMark(f *testing.F) {
	for _, text := range []string{"", "1.SQ01.2.3", "1764322000000.SQ-01.1.7", "01.A.1.1", "1.A.-1.1", "1.a.1.1", "1.A.1", "1.A.4294967296.1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ParseRedemptionMark(text); err == nil && m.String() != text {
			t.Errorf("%q is read as %+v, which is %q", text, m, m)
		}
	})
}

// BenchmarkRedemptions reads pages of 50 of what ten million entries come to, at 300
// kiosks on PostgreSQL; filling takes minutes: -bench Redemptions -benchtime 20x.
func BenchmarkRedemptions(b *testing.B) {
	w := newWorld(b, storetest.Database(b))
	_, err := w.db.Exec(`INSERT INTO redemption (kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded, points)
		SELECT 'K' || (1000 + i % 300), 1, i, translate(lpad((i % 1000000)::text, 16, '0'), '0189', 'ABCD'), 'G' || (i / 300 % 60), 1, ''::bytea,
		CASE WHEN i % 100 = 0 THEN 4 WHEN i % 5000 = 1 THEN 1 WHEN i % 500 = 2 THEN 3 ELSE 2 END,
		1700000000000 + i * 10000::bigint, 2, i % 24000, CASE WHEN i % 1000 = 0 THEN 4 ELSE 3 END, 0, 0, i + 1, CASE WHEN i % 100 = 0 THEN i + 2 ELSE 0 END, 280 FROM generate_series(1, 3300000) AS i`)
	w.must(err)
	_, err = w.db.Exec(`ANALYZE redemption`)
	w.must(err)
	var town []string
	for i := range 20 {
		town = append(town, fmt.Sprintf("K%d", 1000+i))
	}
	v, err := ledger.ParseID("AAAAAAAAAAA22222")
	w.must(err)
	day := time.UnixMilli(1700000000000 + 20_000_000_000)
	for name, q := range map[string]RedemptionQuery{"newest": {}, "middle": {Before: RedemptionMark{WallMS: 1715000000000}}, "reserved": {State: ledger.Reserved}, "refunded": {State: ledger.Refunded},
		"good": {Good: "G7"}, "unknown good": {Good: "none"}, "code": {ByClaim: true, Claim: 77}, "doubtful": {Slip: spool.Uncertain}, "somebody": {Volunteer: v}, "day": {From: day, Before: RedemptionMark{WallMS: day.UnixMilli() + 86_400_000}},
		"town": {Kiosks: town}, "town reserved": {Kiosks: town, State: ledger.Reserved}, "town good": {Kiosks: town, Good: "G7"}, "town code": {Kiosks: town, ByClaim: true, Claim: 77}, "kiosk": {Kiosks: town[:1]}, "kiosk good refunded": {Kiosks: town[:1], Good: "G7", State: ledger.Refunded}, "town doubtful": {Kiosks: town, Slip: spool.Uncertain}} {
		q.Limit = 51
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _, err := w.Redemptions(b.Context(), q)
				w.must(err)
			}
		})
	}
}
