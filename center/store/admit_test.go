package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// row is what a list says of somebody: a total, compared with the one before.
func row(n byte, before, after ledger.Points) Admission {
	a := Admission{ID: ledger.ID{n, 2}, Town: "qingxi", Home: "SQ-01", Before: Listed{Points: before}, After: Listed{Points: after, Minutes: 60}}
	if before > 0 {
		a.Before.Minutes = 60
	}
	if after > before {
		a.Earned = civic.Earning{On: 2300, Expires: lotA, What: "志愿者名册", Points: after - before}
	}
	a.Change = func(v civic.Volunteer) civic.Volunteer {
		v.Name, v.Minutes, v.Keys = fmt.Sprint("王小", n), 60, []civic.KeyHash{{n}, {n, 9}}
		if len(v.Cards) == 0 {
			v.Cards = []civic.CardID{{n, 7}}
		}
		return v
	}
	return a
}

func rows(n byte, before, after ledger.Points) (list []Admission) {
	for i := range n {
		list = append(list, row(i+1, before, after))
	}
	return list
}

// admit admits rows and counts what became of them.
func (w *world) admit(list []Admission, look bool) (counts [3]int) {
	w.t.Helper()
	outcomes, err := w.Admit(w.t.Context(), list, look)
	w.must(err)
	for _, o := range outcomes {
		counts[o]++
	}
	return counts
}

func TestAdmit(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		box := w.kiosk("SQ-01")
		for _, step := range []struct {
			name          string
			before, after ledger.Points
			look          bool
			want          [3]int // same, changed, new
		}{
			{"a look", 0, 40, true, [3]int{0, 0, 5}},
			{"somebody new", 0, 40, false, [3]int{0, 0, 5}},
			{"the same row, from a run that was broken off", 0, 40, false, [3]int{5, 0, 0}},
			{"the same list again", 40, 40, false, [3]int{5, 0, 0}},
			{"a look at more", 40, 50, true, [3]int{0, 5, 0}},
			{"more", 40, 50, false, [3]int{0, 5, 0}},
			{"more again, and nothing new", 50, 50, false, [3]int{5, 0, 0}},
		} {
			if got := w.admit(rows(5, step.before, step.after), step.look); got != step.want {
				t.Errorf("%s: %v, want %v", step.name, got, step.want)
			}
		}
		if r := w.proof(); r.Earned != 250 || r.Free != 0 || r.Out != 250 || r.Volunteers != 5 {
			t.Errorf("%+v", r)
		}
		box.down()
		if id := (ledger.ID{1, 2}); box.spendable(id) != 50 {
			t.Errorf("%d at the kiosk", box.spendable(id))
		}
		for _, find := range []func() (Person, error){
			func() (Person, error) { return w.ByKey(ctx, civic.KeyHash{3}) },
			func() (Person, error) { return w.ByKey(ctx, civic.KeyHash{3, 9}) },
			func() (Person, error) { return w.Identify(ctx, civic.CardID{3, 7}) },
		} {
			if p, err := find(); err != nil || p.ID != (ledger.ID{3, 2}) || p.Name != "王小3" || len(p.Earned) != 2 || len(p.Keys) > 0 {
				t.Errorf("%+v, %v", p, err)
			}
		}
		if _, err := w.ByKey(ctx, civic.KeyHash{77}); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		d, err := w.Delta(ctx, "qingxi", 0, 100, 1<<20)
		if err != nil || len(d.Changes) != 5 || len(document(t, d.Changes[0]).Volunteer.Keys) > 0 || len(document(t, d.Changes[0]).Volunteer.Earned) != 2 {
			t.Errorf("%+v, %v", d.Changes, err)
		}
	})
}

// A row that was compared with another total than the book's books nothing.
func TestAdmitBesideAnotherList(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.admit(rows(2, 0, 40), false)
		for _, list := range [][]Admission{rows(2, 30, 60), rows(2, 0, 50)} {
			if _, err := w.Admit(t.Context(), list, false); !errors.Is(err, ErrState) {
				t.Error(err)
			}
		}
		if r := w.proof(); r.Earned != 80 {
			t.Errorf("%+v", r)
		}
	})
}

func TestAdmitRefuses(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/book.db")
	for name, spoil := range map[string]func(*Admission){
		"nobody":        func(a *Admission) { a.ID = ledger.ID{} },
		"no change":     func(a *Admission) { a.Change = nil },
		"no town":       func(a *Admission) { a.Town = "" },
		"a bad home":    func(a *Admission) { a.Home = "sq" },
		"less":          func(a *Admission) { a.Before.Points = 90 },
		"less time":     func(a *Admission) { a.Before.Minutes = 90 },
		"another sum":   func(a *Admission) { a.Earned.Points = 39 },
		"no source":     func(a *Admission) { a.Earned.What = "" },
		"a strange day": func(a *Admission) { a.Earned.Expires = -1 },
	} {
		a := row(1, 0, 40)
		spoil(&a)
		if _, err := w.Admit(t.Context(), []Admission{a}, false); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Admit(t.Context(), make([]Admission, MaxAdmissions+1), false); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}

// Somebody who is edited by hand stays known to the lists; one who moves to another
// town leaves the documents of the first; keys that pass on lead to the other.
func TestPeopleAndTheirKeys(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.admit(rows(2, 0, 40), false)
		p, err := w.Person(ctx, ledger.ID{1, 2})
		w.must(err)
		p.Name, p.Town = "王大明", "lianhua"
		w.must(w.PutPerson(ctx, p))
		if p, err := w.ByKey(ctx, civic.KeyHash{1}); err != nil || p.Name != "王大明" || p.Town != "lianhua" {
			t.Errorf("%+v, %v", p, err)
		}
		other := row(2, 40, 40)
		other.Before.Minutes = 60
		change := other.Change
		other.Change = func(v civic.Volunteer) civic.Volunteer {
			v = change(v)
			v.Keys = []civic.KeyHash{{1}}
			return v
		}
		w.admit([]Admission{other}, false)
		if p, err := w.ByKey(ctx, civic.KeyHash{1}); err != nil || p.ID != (ledger.ID{2, 2}) {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := w.ByKey(ctx, civic.KeyHash{2}); !errors.Is(err, ErrUnknown) {
			t.Errorf("a key that was given up: %v", err)
		}
		gone, stays := ledger.ID{1, 2}.String(), ledger.ID{2, 2}.String()
		ids, err := w.DocumentIDs(ctx, "qingxi", KindVolunteer)
		if slices.Sort(ids); err != nil || !slices.Equal(ids, []string{gone, stays}) {
			t.Errorf("%v, %v", ids, err)
		}
		list, err := w.Documents(ctx, "qingxi", KindVolunteer, []string{gone, stays, "nobody"})
		if err != nil || len(list) != 2 || list[0].Gone == nil || list[1].Volunteer == nil || list[1].Volunteer.ID != (ledger.ID{2, 2}) {
			t.Errorf("%+v, %v", list, err)
		}
		var seen []Registered
		for r, err := range w.People(ctx) {
			w.must(err)
			seen = append(seen, r)
		}
		if len(seen) != 2 || seen[0].Listed != (Listed{40, 60}) || len(seen[0].Keys) != 2 || len(seen[1].Keys) != 1 || seen[0].Town != "lianhua" {
			t.Errorf("%+v", seen)
		}
	})
}

// The cap of a kiosk holds for many at once too; what is left stays free.
func TestAdmitUnderTheCap(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		w.must(w.PutKiosk(t.Context(), Kiosk{ID: "SQ-01", Parent: "shiqiao", Cap: 130}))
		w.admit(rows(9, 0, 40), false)
		if r := w.proof(); r.Out != 130 || r.Free != 230 {
			t.Errorf("%+v", r)
		}
		w.must(w.PutKiosk(t.Context(), Kiosk{ID: "SQ-01", Parent: "shiqiao"}))
		for {
			n, err := w.GrantHome(t.Context(), "SQ-01")
			w.must(err)
			if n == 0 {
				break
			}
		}
		if r := w.proof(); r.Out != 360 || r.Free != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// Every transaction runs twice, or fails now and then: each total is booked once.
func TestAdmitThroughFaults(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		for _, oneIn := range []int{0, 30} {
			w.Store = w.another(newFaults(uint64(oneIn), oneIn).wrap)
			w.kiosk("SQ-01")
			before := ledger.Points(oneIn)
			for after := before + 10; after <= before+30; after += 10 {
				for range 50 {
					if _, err := w.Admit(t.Context(), rows(7, after-10, after), false); err == nil {
						break
					} else if !errors.Is(err, ErrBusy) {
						t.Fatal(err)
					}
				}
			}
		}
		w.Store = w.another(nil)
		w.time = w.time.Add(2 * sweepAfter)
		if _, err := w.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
		for n := 1; n > 0; {
			var err error
			n, err = w.GrantHome(t.Context(), "SQ-01")
			w.must(err)
		}
		if r := w.proof(); r.Earned != 7*60 || r.Out != 7*60 {
			t.Errorf("%+v", r)
		}
	})
}

func TestAdmitIsBrokenOff(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := w.Admit(ctx, rows(5, 0, 40), false); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		w.admit(rows(5, 0, 40), false)
		if r := w.proof(); r.Earned != 200 || r.Out != 200 {
			t.Errorf("%+v", r)
		}
	})
}

// BenchmarkAdmit tells how long a county's list takes.
func BenchmarkAdmit(b *testing.B) {
	w := newWorld(b, b.TempDir()+"/book.db")
	w.kiosk("SQ-01")
	w.must(w.PutKiosk(b.Context(), Kiosk{ID: "SQ-01", Parent: "shiqiao", Cap: ledger.MaxPoints}))
	n := 0
	for b.Loop() {
		var list []Admission
		for range MaxAdmissions {
			a := row(1, 0, 40)
			a.ID = ledger.ID{byte(n >> 16), byte(n >> 8), byte(n), 5}
			key, card := civic.KeyHash(a.ID), civic.CardID(append(a.ID[:], make([]byte, 6)...))
			a.Change = func(v civic.Volunteer) civic.Volunteer {
				v.Name, v.Keys, v.Cards = "王小明", []civic.KeyHash{key}, []civic.CardID{card}
				return v
			}
			n++
			list = append(list, a)
		}
		if _, err := w.Admit(b.Context(), list, false); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "us/volunteer")
}
