package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// history is acts of three places by two officers, several in one millisecond.
func (w *world) history() {
	w.t.Helper()
	for i := range 30 {
		who, place, kind := "lin", []string{"SQ01", "LS01", "center"}[i%3], "kiosk.changed"
		if i%5 == 0 {
			who, kind = "chen", "kiosk.stopped"
		}
		if i%4 == 0 {
			w.time = w.time.Add(time.Minute)
		}
		w.must(w.note(w.t.Context(), place, who, kind, i))
	}
}

// told names the acts by what they note.
func told(acts []Act) string {
	var list []string
	for _, a := range acts {
		list = append(list, string(a.Body.After))
	}
	return strings.Join(list, " ")
}

func TestTheAuditIsRead(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		begin := w.time
		w.history()
		for name, c := range map[string]struct {
			q    ActQuery
			want string
		}{
			"one officer":     {ActQuery{Who: "chen"}, "25 20 15 10 5 0"},
			"one kind":        {ActQuery{Kind: "kiosk.stopped"}, "25 20 15 10 5 0"},
			"both":            {ActQuery{Who: "chen", Kind: "kiosk.stopped", Limit: 2}, "25 20"},
			"neither":         {ActQuery{Who: "lin", Kind: "kiosk.stopped"}, ""},
			"one place":       {ActQuery{Places: []string{"SQ01"}, Limit: 3}, "27 24 21"},
			"twice the same":  {ActQuery{Places: []string{"SQ01", "SQ01"}, Limit: 2}, "27 24"},
			"officer there":   {ActQuery{Places: []string{"SQ01"}, Who: "chen"}, "15 0"},
			"kind there":      {ActQuery{Places: []string{"SQ01", "LS01"}, Kind: "kiosk.stopped"}, "25 15 10 0"},
			"no place":        {ActQuery{Places: []string{}}, ""},
			"from a moment":   {ActQuery{From: begin.Add(8 * time.Minute), Who: "lin"}, "29 28"},
			"up to a moment":  {ActQuery{Before: ActMark{Made: begin.Add(2 * time.Minute)}, Kind: "kiosk.changed"}, "1 2 3"},
			"up to, a place":  {ActQuery{Before: ActMark{Made: begin.Add(2 * time.Minute)}, Places: []string{"SQ01"}}, "3 0"},
			"an unknown name": {ActQuery{Who: "nobody"}, ""},
		} {
			if c.q.Limit == 0 {
				c.q.Limit = 100
			}
			acts, err := w.Audit(ctx, c.q)
			w.must(err)
			if got := told(acts); name == "up to a moment" { // of one millisecond: by place
				parts := strings.Fields(got)
				slices.Sort(parts)
				if strings.Join(parts, " ") != c.want {
					t.Errorf("%s: %s, want %s", name, got, c.want)
				}
			} else if got != c.want && !(name == "from a moment" && got == "28 29") {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	})
}

// Whatever the size of a page, the pages are the whole list, each act once.
func TestTheAuditIsPaged(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.history()
		for _, q := range []ActQuery{{}, {Who: "lin"}, {Kind: "kiosk.changed"}, {Who: "lin", Kind: "kiosk.changed"}, {Places: []string{"SQ01", "LS01", "center"}}, {Places: []string{"LS01"}}} {
			q.Limit = 100
			whole, err := w.Audit(t.Context(), q)
			w.must(err)
			if !slices.IsSortedFunc(whole, func(x, y Act) int { return y.Made.Compare(x.Made) }) {
				t.Errorf("%+v is not the latest first", q)
			}
			for _, q.Limit = range []int{1, 4, 7} {
				var pages []Act
				q.Before = ActMark{}
				for {
					page, err := w.Audit(t.Context(), q)
					w.must(err)
					if pages = append(pages, page...); len(page) < q.Limit || len(pages) > len(whole) {
						break
					}
					q.Before, err = ParseActMark(page[len(page)-1].Mark().String())
					w.must(err)
				}
				if told(pages) != told(whole) {
					t.Errorf("by %d of %+v: %s, want %s", q.Limit, q, told(pages), told(whole))
				}
			}
		}
	})
}

func TestActsOfAPlaceAreProved(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.history()
		p, err := w.ProveActs(ctx, "SQ01")
		w.must(err)
		last, err := w.Acts(ctx, "SQ01", 0, 1)
		w.must(err)
		if p.Acts != 10 || p.Broken != 0 || p.Hash != last[0].Hash() || !p.Until.Equal(last[0].Made) {
			t.Errorf("%+v, the last is %+v", p, last)
		}
		_, err = w.db.Exec(`UPDATE act SET made_ms = made_ms - 1 WHERE place = 'SQ01' AND seq = 4`)
		w.must(err)
		p, err = w.ProveActs(ctx, "SQ01")
		w.must(err)
		if p.Broken != 4 || p.Acts != 10 {
			t.Errorf("%+v", p)
		}
		if p, err = w.ProveActs(ctx, "LS01"); err != nil || p.Broken != 0 {
			t.Errorf("%+v %v", p, err)
		}
		if p, err = w.ProveActs(ctx, "nowhere"); err != nil || p != (Proved{}) {
			t.Errorf("%+v %v", p, err)
		}
	})
}

func FuzzActMark(f *testing.F) {
	for _, text := range []string{"", "1.2.SQ01", "1764322000000.7.town:qingxi", "1.2.a.b", "01.2.x", "1.-2.x", "1..x", "x", "9223372036854775807.1.x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ParseActMark(text); err == nil && m.String() != text {
			t.Errorf("%q is read as %+v, which is %q", text, m, m)
		}
	})
}

// BenchmarkAudit reads pages of 50 out of a million acts: -bench Audit.
func BenchmarkAudit(b *testing.B) {
	w := newWorld(b, b.TempDir()+"/book.db")
	tx, err := w.db.Begin()
	w.must(err)
	for i := range 1_000_000 {
		place := fmt.Sprintf("K%04d", i%2000)
		_, err := tx.Exec(insertAct, place, i/2000+1, fmt.Sprintf("o%d", i%37), fmt.Sprintf("kind%d", i%11), []byte(`{}`), 1_700_000_000_000+int64(i)*1000, []byte("x"))
		w.must(err)
	}
	w.must(tx.Commit())
	for name, q := range map[string]ActQuery{"newest": {}, "middle": {Before: ActMark{Made: time.UnixMilli(1_700_500_000_000)}}, "officer": {Who: "o3"}, "rare": {Who: "o3", Kind: "kind5"}, "nobody": {Who: "x"},
		"town": {Places: []string{"K0001", "K0002", "K0003", "K0004", "K0005", "K0006", "K0007", "K0008", "K0009", "K0010"}}} {
		q.Limit = 50
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := w.Audit(b.Context(), q)
				w.must(err)
			}
		})
	}
}
