package store

import (
	"strings"
	"testing"
	"time"

	"yizhan/ledger"
)

// deeds are acts done to three volunteers by two officers, several in one millisecond.
func (w *world) deeds() {
	w.t.Helper()
	for i := range 30 {
		who, kind := "lin", "person.changed"
		if i%5 == 0 {
			who, kind = "chen", "person.moved"
		}
		if i%4 == 0 {
			w.time = w.time.Add(time.Minute)
		}
		id := ledger.ID{byte(1 + i%3), 1}
		w.must(w.write(w.t.Context(), "noting an act", id.String(), func(t *txn) error {
			return t.actIn(personTrace, w.now(), who, kind, nil, i)
		}))
	}
}

// What was done to volunteers is a list of its own, filtered, in pages that leave out
// nothing, and no act at a place is in it.
func TestTheAuditOfPeople(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		begin := w.time
		w.history()
		w.time = begin
		w.deeds()
		one := []string{ledger.ID{1, 1}.String()}
		for name, c := range map[string]struct {
			q    ActQuery
			want string
		}{
			"one officer":     {ActQuery{Who: "chen"}, "25 20 15 10 5 0"},
			"one kind":        {ActQuery{Kind: "person.moved"}, "25 20 15 10 5 0"},
			"both":            {ActQuery{Who: "chen", Kind: "person.moved", Limit: 2}, "25 20"},
			"neither":         {ActQuery{Who: "lin", Kind: "person.moved"}, ""},
			"of a place":      {ActQuery{Kind: "kiosk.changed"}, ""},
			"one volunteer":   {ActQuery{Places: one, Limit: 3}, "27 24 21"},
			"officer of one":  {ActQuery{Places: one, Who: "chen"}, "15 0"},
			"from a moment":   {ActQuery{From: begin.Add(7 * time.Minute), Places: one}, "27 24"},
			"up to a moment":  {ActQuery{Before: ActMark{Made: begin.Add(2 * time.Minute)}, Places: one}, "3 0"},
			"an unknown name": {ActQuery{Who: "nobody"}, ""},
		} {
			if c.q.Limit == 0 {
				c.q.Limit = 100
			}
			acts, err := w.AuditPeople(ctx, c.q)
			w.must(err)
			if got := told(acts); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		for _, q := range []ActQuery{{}, {Who: "lin"}, {Kind: "person.changed"}, {Who: "lin", Kind: "person.changed"}, {Places: one}} {
			q.Limit = 100
			whole, err := w.AuditPeople(ctx, q)
			w.must(err)
			q.Limit = 4
			var pages []Act
			for {
				page, err := w.AuditPeople(ctx, q)
				w.must(err)
				if pages = append(pages, page...); len(page) < q.Limit || len(pages) > len(whole) {
					break
				}
				q.Before = page[len(page)-1].Mark()
			}
			if told(pages) != told(whole) || len(whole) == 0 {
				t.Errorf("%+v: %s, want %s", q, told(pages), told(whole))
			}
		}
	})
}

func TestActsOfAVolunteerAreProved(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.deeds()
		id := ledger.ID{2, 1}
		p, err := w.ProvePersonActs(t.Context(), id)
		w.must(err)
		if p.Acts != 10 || p.Broken != 0 || len(p.Hash) != 64 {
			t.Errorf("%+v", p)
		}
		_, err = w.db.Exec(strings.ReplaceAll(`UPDATE personact SET who = 'chen' WHERE volunteer = 'ID' AND seq = 3`, "ID", id.String()))
		w.must(err)
		p, err = w.ProvePersonActs(t.Context(), id)
		w.must(err)
		if p.Broken != 3 {
			t.Errorf("%+v", p)
		}
	})
}
