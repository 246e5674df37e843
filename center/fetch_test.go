package center

import (
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// Somebody moves while the old home is away, and the center's process ends before the
// kiosk is back: the points follow all the same. What a reversal wants is fetched too,
// and what was spent meanwhile is not.
func TestPointsLeaveAKioskThatWasAway(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.serve("")
		was, is := w.kiosk(p, "QX-01", "qingxi"), w.kiosk(p, "LH-01", "lianhua")
		away := was.connect(w.keys.Pin(), p.at)
		is.connect(w.keys.Pin(), p.at)
		w.online(was, is)
		v, u := w.person(1, "QX-01"), w.person(2, "QX-01")
		w.earn(v, 100)
		w.earn(u, 50)
		w.soon("the grants", func() bool { return was.spendable(v) == 100 && was.spendable(u) == 50 })
		away()
		w.must(was.spend(v, 30))
		w.must(was.spend(u, 20))
		r, err := w.Record(ctx, v)
		w.must(err)
		move := store.Edit{ID: v, Seen: r.Stand, Kind: "person.moved", By: "lin", To: func(p store.Person) store.Person { p.Home = "LH-01"; return p }}
		w.must(w.Edit(ctx, move))
		if _, err := w.Reverse(ctx, u, ledger.Key{9}, civic.Earning{On: 2301, Expires: lot, What: "入错表", Points: -40}); err != nil {
			t.Fatal(err)
		}
		w.earn(v, 5) // to the new home, at once
		w.soon("the new points", func() bool { return is.spendable(v) == 5 })
		if was.spendable(v) != 70 {
			t.Errorf("%d at a kiosk that is away", was.spendable(v))
		}
		p.stop()
		p = w.serve("")
		was.connect(w.keys.Pin(), p.at)
		is.connect(w.keys.Pin(), p.at)
		w.soon("the points at the new home", func() bool { return is.spendable(v) == 75 && was.spendable(v) == 0 && was.spendable(u) == 0 })
		w.drained(was, is)
		w.soon("the end of the reversal", func() bool {
			list, err := w.Reversals(ctx, u)
			w.must(err)
			return len(list) == 1 && list[0].State == store.ReversalDone && list[0].Taken == 30 && list[0].Gone() == 10
		})
		w.closed(100 + 5 + 20)
	})
}
