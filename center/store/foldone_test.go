package store

import (
	"maps"
	"slices"
	"sync"
	"testing"
)

// Somebody waits at a screen: the entries of that person alone are folded, and the
// rest of the chain passes over them later.
func TestOneVolunteerIsFoldedAlone(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		a, b := w.kiosk("A"), w.kiosk("B")
		v, other := w.person(1, "A"), w.person(2, "A")
		w.earn(v, lotA, 100)
		w.earn(other, lotA, 100)
		a.down()
		a.settle(a.reserve(other, 10))
		a.settle(a.reserve(v, 30))
		a.giveBack(v, 50)
		_, err := w.Append(t.Context(), a.batch(1))
		w.must(err)
		w.must(w.FoldVolunteer(t.Context(), v))
		if l := w.lot(v, lotA); l.Free != 50 {
			t.Errorf("%d are free, want the 50 that came back", l.Free)
		}
		if c, err := w.Chain(t.Context(), "A", a.head.Epoch); err != nil || c.Folded != 0 {
			t.Errorf("the chain is folded up to %d, %v", c.Folded, err)
		}
		w.proof()
		w.must(w.FoldVolunteer(t.Context(), v)) // again changes nothing
		granted, err := w.Grant(t.Context(), v, "B", 50)
		if err != nil || granted != 50 {
			t.Errorf("%d granted on, %v", granted, err)
		}
		a.up()
		b.down()
		b.settle(b.reserve(v, 50))
		b.up()
		a.same(v)
		a.same(other)
		b.same(v)
		w.proof()
	})
}

// What a chain in quarantine says is left alone.
func TestOneVolunteerWithAChainInQuarantine(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		a := w.kiosk("A")
		v := w.person(1, "A")
		w.earn(v, lotA, 100)
		a.down()
		a.giveBack(v, 50)
		_, err := w.Append(t.Context(), a.batch(1))
		w.must(err)
		w.must(w.Quarantine(t.Context(), "A", a.head.Epoch, "fork: seen twice"))
		w.must(w.FoldVolunteer(t.Context(), v))
		if l := w.lot(v, lotA); l.Free != 0 {
			t.Errorf("%d are free", l.Free)
		}
		standings, err := w.Standings(t.Context())
		if err != nil || standings["A"] != (Standing{Kiosk: "A", Epoch: 1, State: ChainQuarantined, Reason: "fork: seen twice"}) {
			t.Errorf("%+v, %v", standings, err)
		}
	})
}

// Whoever listens hears of every scope that was written, with nothing in between.
func TestWritesAreAnnounced(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		heard := map[string]bool{}
		w.Announce(func(scope string) {
			mu.Lock()
			defer mu.Unlock()
			heard[scope] = true
		})
		said := func() []string {
			mu.Lock()
			defer mu.Unlock()
			defer clear(heard)
			return slices.Sorted(maps.Keys(heard))
		}
		w.kiosk("A")
		if got := said(); len(got) != 0 {
			t.Errorf("a kiosk without documents: %v", got)
		}
		before, err := w.Versions(t.Context())
		w.must(err)
		v := w.person(1, "A")
		if got := said(); !slices.Equal(got, []string{"qingxi"}) {
			t.Errorf("a volunteer: %v", got)
		}
		w.earn(v, lotA, 10)
		if got := said(); !slices.Equal(got, []string{"A", "qingxi"}) {
			t.Errorf("an earning: %v", got)
		}
		after, err := w.Versions(t.Context())
		w.must(err)
		if after["A"] <= before["A"] || after["qingxi"] <= before["qingxi"] || after["lianhua"] != before["lianhua"] {
			t.Errorf("versions from %v to %v", before, after)
		}
		if homes, err := w.Homes(t.Context()); err != nil || len(homes) != 0 {
			t.Errorf("nothing is free: %v, %v", homes, err)
		}
		w.must(w.Revoke(t.Context(), "A"))
		w.earn(v, lotA, 10)
		if homes, err := w.Homes(t.Context()); err != nil || !slices.Equal(homes, []string{"A"}) {
			t.Errorf("homes: %v, %v", homes, err)
		}
	})
}
