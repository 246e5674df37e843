package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yizhan/civic"
	"yizhan/ledger"
)

func testIndex(t testing.TB, people []indexed) *index {
	t.Helper()
	var x indexer
	for _, v := range people {
		x.volunteer(v)
	}
	x.person(leader(), []civic.CardID{cardOf("staff", 1).ID()})
	parsed, err := parseIndex(x.block())
	if err != nil {
		t.Fatal(err)
	}
	return alone(parsed)
}

// alone is an index that a list is all of.
func alone(base *packed) *index { return &index{base: base, fresh: &packed{}} }

// TestSearchFindsWhatAScanFinds compares the packed index with a plain scan.
func TestSearchFindsWhatAScanFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("abz")), 0, 4, -1)
		digits := rapid.StringOfN(rapid.RuneFrom([]rune("019")), 0, 14, -1)
		n := rapid.IntRange(0, 30).Draw(t, "people")
		var people []indexed
		var x indexer
		for i := range n {
			v := indexed{ID: volunteerID(i), Initials: letters.Draw(t, "initials"), Number: digits.Draw(t, "number")}
			if rapid.Bool().Draw(t, "phone") {
				v.Tail = rapid.StringMatching(`[019]{4}`).Draw(t, "tail")
			}
			people = append(people, v)
			x.volunteer(v)
		}
		parsed, err := parseIndex(x.block())
		if err != nil {
			t.Fatal(err)
		}
		query := rapid.OneOf(letters, digits).Draw(t, "query")
		if len(query) > packedChars {
			query = query[:packedChars]
		}
		var want []ledger.ID
		for _, v := range people {
			byLetters := isAll(query, 'a', 'z') && strings.HasPrefix(v.Initials, query)
			byDigits := isAll(query, '0', '9') && (strings.HasSuffix(v.Number, query) || strings.HasSuffix(v.Tail, query))
			if byLetters || byDigits {
				want = append(want, v.ID)
			}
		}
		got := alone(parsed).search(query, 100)
		sortIDs(got)
		sortIDs(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", query, got, want)
		}
	})
}

func sortIDs(ids []ledger.ID) {
	slices.SortFunc(ids, func(a, b ledger.ID) int { return slices.Compare(a[:], b[:]) })
}

func TestExactMatchesComeFirst(t *testing.T) {
	x := testIndex(t, []indexed{{ID: volunteerID(1), Initials: "zwm"}, {ID: volunteerID(2), Initials: "zw"}, {ID: volunteerID(3), Initials: "zx"}})
	if got := x.search(" ZW ", 10); len(got) != 2 || got[0] != volunteerID(2) {
		t.Fatalf("%v", got)
	}
	if got := x.search("z", 2); len(got) != 2 {
		t.Fatalf("%v", got)
	}
	for _, query := range []string{"", "张", "z1", "-", "zwmmmmmmmmmmmmm"} {
		if got := x.search(query, 10); len(got) != 0 {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func TestTailsOfNumbers(t *testing.T) {
	x := testIndex(t, []indexed{{ID: volunteerID(1), Number: "3301A0042"}, {ID: volunteerID(2), Number: "42", Tail: "1042"}, {ID: volunteerID(3), Tail: "4200"}})
	for query, want := range map[string]int{"42": 2, "0042": 1, "1042": 1, "200": 1, "10042": 0, "30042": 0} {
		if got := x.search(query, 10); len(got) != want {
			t.Errorf("%q: %d, want %d", query, len(got), want)
		}
	}
}

func TestEmptyIndex(t *testing.T) {
	x, err := parseIndex(nil)
	if err != nil || len(alone(x).search("a", 5)) != 0 {
		t.Fatal(err)
	}
	alone(x).hashed(byCard, [16]byte{1}, func(Person) { t.Fatal("found somebody") })
}

func FuzzParseIndex(f *testing.F) {
	var x indexer
	x.volunteer(indexed{ID: volunteerID(1), Initials: "zw", Number: "42", Tail: "1234", Cards: []civic.CardID{{1}}})
	x.person(leader(), []civic.CardID{{2}})
	block := x.block()
	f.Add(block)
	f.Add(block[:len(block)-1])
	f.Add(append(slices.Clone(block), 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := parseIndex(b)
		if err != nil {
			return
		}
		// Whatever is accepted can be searched.
		for _, query := range []string{"a", "zw", "1", "42"} {
			if found := alone(x).search(query, 1000); len(found) > x.people {
				t.Fatalf("%d of %d people", len(found), x.people)
			}
		}
		alone(x).hashed(byCard, [16]byte{1}, func(Person) {})
	})
}

// TestSearchIsLimited holds that a common query doesn't walk through everybody.
// What it takes among 100,000 is measured by TestScale.
func TestSearchIsLimited(t *testing.T) {
	var people []indexed
	for n := range 5000 {
		people = append(people, indexed{ID: volunteerID(n), Initials: "zw" + fmt.Sprintf("%c", 'a'+n%26)})
	}
	x := testIndex(t, people)
	if got := x.search("zw", 20); len(got) != 20 {
		t.Fatal(len(got))
	}
	if n := testing.AllocsPerRun(10, func() { x.search("zw", 20) }); n > 40 {
		t.Fatalf("%v allocations", n)
	}
}
