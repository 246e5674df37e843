package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// names are those of a page.
func names(p Page) string {
	var list []string
	for _, f := range p.Found {
		list = append(list, f.Name)
	}
	return strings.Join(list, " ")
}

func (w *world) lookup(l Lookup) Page {
	w.t.Helper()
	p, err := w.Find(w.t.Context(), l)
	w.must(err)
	return p
}

// putNamed registers somebody by what can be looked for.
func (w *world) putNamed(n int, name, initials, number, tail, town, home string) ledger.ID {
	w.t.Helper()
	id := ledger.ID{byte(n), byte(n >> 8), 1}
	w.must(w.PutPerson(w.t.Context(), Person{Volunteer: civic.Volunteer{ID: id, Name: name, Initials: initials, Number: number, Tail: tail}, Town: town, Home: home}))
	return id
}

func TestVolunteersAreFound(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		zhang := w.putNamed(1, "张建伟", "zjw", "420-118-2207", "4412", "qingxi", "SQ01")
		w.putNamed(2, "张伟", "zw", "420-118-2208", "4412", "qingxi", "")
		w.putNamed(3, "李芳", "lf", "4420", "0001", "lianhua", "LH01")
		w.putNamed(4, "王芳", "wf", "", "", "lianhua", "SQ01")
		w.putNamed(5, "Zoe Wang", "zw", "ZJ7", "", "lianhua", "")
		for text, want := range map[string]string{"420-118": "张建伟 张伟", "420-118-2208": "张伟", "张": "张伟 张建伟", "4412": "张建伟 张伟", "44": "李芳", "4420": "李芳",
			"李": "李芳", "420%": "", "zzz": "", zhang.String(): "张建伟", " 王芳 ": "王芳", "zj": "Zoe Wang 张建伟", "ZW": "Zoe Wang 张伟", "zw": "Zoe Wang 张伟", "w": "王芳", "Zoe": "Zoe Wang",
			"": "李芳 王芳 张建伟 Zoe Wang 张伟"} {
			if p := w.lookup(Lookup{Text: text}); names(p) != want || p.Next != "" {
				t.Errorf("%q finds %q, want %q", text, names(p), want)
			}
		}
		for _, c := range []struct {
			l    Lookup
			want string
		}{
			{Lookup{Town: "qingxi"}, "张建伟 张伟"}, {Lookup{Home: "SQ01"}, "王芳 张建伟"}, {Lookup{Town: "qingxi", Home: "SQ01"}, "王芳 张建伟"}, {Lookup{Town: "nowhere"}, ""},
			{Lookup{ByNumber: true}, "王芳 张建伟 张伟 李芳 Zoe Wang"}, {Lookup{Town: "lianhua", ByNumber: true}, "王芳 李芳 Zoe Wang"}, {Lookup{Home: "SQ01", ByNumber: true}, "王芳 张建伟"},
			{Lookup{Text: "4412", Town: "qingxi"}, "张建伟 张伟"}, {Lookup{Text: "4412", Town: "lianhua"}, ""}, {Lookup{Text: "zw", Town: "lianhua"}, "Zoe Wang"}, {Lookup{Text: "张", Home: "SQ01"}, "张建伟"},
			{Lookup{Text: "420", Home: "SQ01"}, "张建伟"}, {Lookup{Text: "4412", Home: "SQ01"}, "张建伟"}, {Lookup{After: "nonsense"}, "李芳 王芳 张建伟 Zoe Wang 张伟"}, {Lookup{After: "0zz.zz"}, "李芳 王芳 张建伟 Zoe Wang 张伟"},
		} {
			if p := w.lookup(c.l); names(p) != c.want {
				t.Errorf("%+v finds %q, want %q", c.l, names(p), c.want)
			}
		}
		w.putNamed(2, "张大伟", "zdw", "9", "", "lianhua", "") // everything is another
		for _, text := range []string{"420-118-2208", "张伟"} {
			if p := w.lookup(Lookup{Text: text}); len(p.Found) != 0 {
				t.Errorf("%q finds %+v", text, p.Found)
			}
		}
		if p := w.lookup(Lookup{Text: strings.Repeat("张", MaxNameRunes*2)}); len(p.Found) != 0 {
			t.Errorf("a text without end finds %+v", p.Found)
		}
	})
}

// Page by page everybody is there, once, in every order, also those whom a text
// finds in more than one way.
func TestAListIsPaged(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		const n = 3*MaxFound + 7
		for i := range n {
			w.putNamed(i, fmt.Sprintf("张%d", i%9), "z", fmt.Sprintf("Z%d", i%4), "0001", "qingxi", "")
		}
		for _, l := range []Lookup{{}, {ByNumber: true}, {Town: "qingxi"}, {Town: "qingxi", ByNumber: true}, {Text: "z"}, {Text: "张"}, {Text: "Z"}, {Text: "0001"}, {Text: "z", Town: "qingxi"}} {
			seen, pages := map[ledger.ID]bool{}, 0
			for {
				p := w.lookup(l)
				for _, f := range p.Found {
					if seen[f.ID] {
						t.Fatalf("%+v: %+v comes twice", l, f)
					}
					seen[f.ID] = true
				}
				if pages++; p.Next == "" {
					break
				}
				if l.After = p.Next; pages > 9 {
					t.Fatalf("%+v does not end", l)
				}
			}
			if len(seen) != n || pages != 4 {
				t.Errorf("%+v: %d on %d pages", l, len(seen), pages)
			}
		}
	})
}

// Volunteers whom an older program registered are listed when a newer one opens
// the book, also when that was broken off.
func TestOldVolunteersAreListed(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		for i := range 3 {
			id := w.putNamed(i+1, "张伟", "zw", "", "", "qingxi", "SQ01")
			w.must(w.write(t.Context(), "ageing", id.String(), func(t *txn) error {
				const statement = `UPDATE finder SET sound = '', town = '', home = '' WHERE volunteer = $1`
				return t.exec(statement)
			}))
		}
		if p := w.lookup(Lookup{Town: "qingxi"}); len(p.Found) != 0 {
			t.Fatalf("%+v", p)
		}
		p, err := w.another(nil).Find(context.WithoutCancel(t.Context()), Lookup{Text: "zw", Home: "SQ01"})
		w.must(err)
		if names(p) != "张伟 张伟 张伟" {
			t.Errorf("%+v", p)
		}
		for _, statement := range schema { // every change of the tables can be made twice
			w.must(w.shape(t.Context(), statement))
		}
	})
}

// A page reads an index from where it begins, and sorts nothing.
func TestAPageReadsAnIndex(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/book.db")
	for narrow, list := range scatterFinder {
		for column, statement := range list {
			args := []any{[]byte{}, "", []byte{0xFF}, int64(9), "x"}
			if column == byTail {
				args[2] = "0001"
			}
			if narrow == 0 {
				args = args[:4]
			}
			var plan string
			w.must(w.scatter(t.Context(), "explaining", "EXPLAIN QUERY PLAN "+statement, args, func() { plan = "" }, func(rows scanner) error {
				var id, parent, other int64
				var detail string
				err := rows.Scan(&id, &parent, &other, &detail)
				plan += detail + "; "
				return err
			}))
			if !strings.Contains(plan, "USING INDEX finder_") || column != byTail && column != byName && strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%d %d: %s", narrow, column, plan)
			}
		}
	}
}

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
		for text, want := range map[string]string{"张": "1000 1050 1051 1052 1053 1054", "4412": "1000 1050 1051 1052 1053 1054", "1053": "1053", "1001": "", "nobody": "",
			ledger.ID{50, 1}.String(): "1050", ledger.ID{1, 1}.String(): ""} {
			p := w.lookup(Lookup{Text: text, Has: has})
			var numbers []string
			for _, f := range p.Found {
				numbers = append(numbers, f.Number)
			}
			if got := strings.Join(numbers, " "); got != want || p.Next != "" {
				t.Errorf("%q finds %q, next %q; want %q", text, got, p.Next, want)
			}
		}
		for l, want := range map[*Lookup]int{{Text: "张"}: MaxFound, {}: MaxFound} {
			l.Has = func(town, _ string) bool { return true }
			if p := w.lookup(*l); len(p.Found) != want || p.Next == "" {
				t.Errorf("%d found, next %q", len(p.Found), p.Next)
			}
		}
	})
}
