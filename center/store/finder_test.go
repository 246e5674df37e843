package store

import (
	"fmt"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// Whoever is bound to a town finds those of the town, however many of others are
// called the same.
func TestFindWithinATown(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n := range byte(MaxFound + 5) {
			p := Person{Volunteer: civic.Volunteer{ID: ledger.ID{n, 1}, Name: "张伟", Number: fmt.Sprintf("10%02d", n), Tail: "4412"}, Town: "qingxi"}
			if n >= MaxFound {
				p.Town = "lianhua"
			}
			if n == 0 {
				p.Home = "LH01"
			}
			w.must(w.PutPerson(ctx, p))
		}
		has := func(town, home string) bool { return town == "lianhua" || home == "LH01" }
		for text, want := range map[string]string{"张": "1000 1050 1051 1052 1053 1054", "4412": "1000 1050 1051 1052 1053 1054", "1053": "1053", "1001": "", "": "", "nobody": "",
			ledger.ID{50, 1}.String(): "1050", ledger.ID{1, 1}.String(): ""} {
			found, more, err := w.FindWithin(ctx, text, has)
			w.must(err)
			var numbers []string
			for _, f := range found {
				numbers = append(numbers, f.Number)
			}
			if got := strings.Join(numbers, " "); got != want || more {
				t.Errorf("%q finds %q, more %v; want %q", text, got, more, want)
			}
		}
		found, more, err := w.FindWithin(ctx, "张", func(town, _ string) bool { return true })
		w.must(err)
		if len(found) != MaxFound || !more {
			t.Errorf("%d found, more %v", len(found), more)
		}
	})
}
