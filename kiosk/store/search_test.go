package store

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yizhan/civic"
	"yizhan/ledger"
)

// testPerson is somebody in a test of the index.
type testPerson struct {
	indexed
	staff bool
}

func packPersons(persons map[int]testPerson) *packed {
	var x indexer
	for _, staff := range []bool{false, true} {
		for _, n := range slices.Sorted(maps.Keys(persons)) {
			switch p := persons[n]; {
			case p.staff != staff:
			case staff:
				x.person(p.ID, p.Cards)
			default:
				x.volunteer(p.indexed)
			}
		}
	}
	parsed, err := parseIndex(x.block())
	if err != nil {
		panic(err) // made by the same program
	}
	return parsed
}

// answers is everything that an index can be asked about a few persons.
func answers(x *index) (all []string) {
	for _, query := range []string{"a", "b", "ab", "ba", "aab", "0", "1", "01", "10", "0101"} {
		found := x.search(query, 100)
		sortIDs(found)
		all = append(all, fmt.Sprint(query, found))
	}
	for card := range byte(5) {
		var found []string
		x.hashed(byCard, civic.CardID{card + 1}, func(p Person) { found = append(found, fmt.Sprint(p)) })
		slices.Sort(found)
		all = append(all, fmt.Sprint(card, found))
	}
	return all
}

// TestChangedIndexIsTheOneMadeAnew changes persons again and again, and folds now
// and then: it must answer as an index of everybody does.
func TestChangedIndexIsTheOneMadeAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		persons := make(map[int]testPerson)
		draw := func(n int) testPerson {
			p := testPerson{indexed{ID: volunteerID(n), Initials: rapid.StringMatching(`[ab]{1,3}`).Draw(t, "initials"),
				Number: rapid.StringMatching(`[01]{0,6}`).Draw(t, "number")}, n%4 == 0}
			if rapid.Bool().Draw(t, "card") {
				p.Cards = []civic.CardID{{rapid.ByteRange(1, 5).Draw(t, "card number")}}
			}
			return p
		}
		for n := range rapid.IntRange(0, 8).Draw(t, "at first") {
			persons[n] = draw(n)
		}
		x := alone(packPersons(persons))
		for step := range rapid.IntRange(1, 8).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "fold") == 0 {
				base, err := parseIndex(x.whole())
				if err != nil {
					t.Fatal(err)
				}
				x = alone(base)
			}
			now, ids := make(map[int]testPerson), []ledger.ID{}
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 1, 4, rapid.ID[int]).Draw(t, "changed") {
				ids = append(ids, volunteerID(n))
				delete(persons, n)
				if rapid.IntRange(0, 3).Draw(t, "gone") > 0 {
					now[n] = draw(n)
					persons[n] = now[n]
				}
			}
			var err error
			if x, err = x.with(packPersons(now), ids, uint64(step)); err != nil {
				t.Fatal(err)
			}
			if got, want := answers(x), answers(alone(packPersons(persons))); !slices.Equal(got, want) {
				t.Fatalf("step %d:\n got %v\nwant %v", step, got, want)
			}
		}
	})
}

// TestIndexIsFolded when many persons have changed, and read back as it was.
func TestIndexIsFolded(t *testing.T) {
	w := newLinked(t)
	var docs []civic.Document
	for n := range maxFresh + 50 {
		docs = append(docs, linkedVolunteer(n, 1))
	}
	w.loading.Lock() // by a bundle
	for version := uint64(1); len(docs) > 0; version++ {
		some := min(len(docs), 900)
		w.apply("qingxi", version, docs[:some]...)
		docs = docs[some:]
	}
	if x := w.index.Load(); x.base.persons() > 0 || len(x.hidden) != maxFresh+50 {
		t.Fatalf("folded beside a bundle: %d persons, %d hidden", x.base.persons(), len(x.hidden))
	}
	w.loading.Unlock()
	w.apply("qingxi", 98, linkedVolunteer(3, 2), civicStaff(0))
	w.apply("qingxi", 99, linkedVolunteer(7, 2), goneVolunteer(5, 1))
	check := func() {
		t.Helper()
		if x := w.index.Load(); x.base.persons() < maxFresh || len(x.hidden) > 500 {
			t.Fatalf("%d persons in the base, %d hidden", x.base.persons(), len(x.hidden))
		}
		for _, n := range []int{0, 3, 17, 2000, maxFresh + 49} {
			if p, err := w.ByCard(cardOf("volunteer", n).ID()); err != nil || p.ID != volunteerID(n) {
				t.Fatalf("card of %d: %+v, %v", n, p, err)
			}
		}
		if p, err := w.ByCard(cardOf("staff", 0).ID()); err != nil || !p.Staff {
			t.Fatalf("%+v, %v", p, err)
		}
		if found, err := w.Search(numberOf(5), 20); err != nil || slices.Contains(found, volunteerID(5)) {
			t.Fatalf("%v, %v", found, err)
		}
	}
	check()
	w.reopen()
	check()
}
