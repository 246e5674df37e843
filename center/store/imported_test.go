package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// listRow is a row of a list: who, and what the list says.
type listRow struct {
	n      byte
	name   string
	points ledger.Points
	sex    string
}

// brings admits rows under a job.
func (w *world) brings(s *Store, job string, rows ...listRow) []Outcome {
	w.t.Helper()
	var list []Admission
	for _, r := range rows {
		id := ledger.ID{r.n, 9}
		var known Registered
		for p, err := range w.People(w.t.Context()) {
			w.must(err)
			if p.ID == id {
				known = p
			}
		}
		a := Admission{ID: id, Town: "qingxi", Home: "SQ-01", Stay: true, Job: job, Before: known.Listed, After: Listed{Points: max(known.Listed.Points, r.points), Minutes: known.Listed.Minutes}}
		if grown := a.After.Points - a.Before.Points; grown > 0 {
			a.Earned = civic.Earning{On: 2300, Expires: lotA, What: "名册", Points: grown}
		}
		a.Change = func(v civic.Volunteer) civic.Volunteer {
			v.Name, v.Number, v.Keys = r.name, fmt.Sprint("N", r.n), []civic.KeyHash{{r.n}}
			return v
		}
		a.More = func(p Person) Person {
			p.Profile = p.Profile.Merge(civic.Profile{Sex: r.sex})
			p.Sealed = []byte{r.n}
			return p
		}
		list = append(list, a)
	}
	outcomes, err := s.Admit(w.t.Context(), list, false)
	w.must(err)
	return outcomes
}

// undoes undoes an import for all whom it touched.
func (w *world) undoes(s *Store, job string) (states map[byte]Undoing) {
	w.t.Helper()
	ids, err := w.Imported(w.t.Context(), job, ledger.ID{})
	w.must(err)
	done, err := s.Undo(As(w.t.Context(), "lin"), job, "撤销导入", ids)
	w.must(err)
	states = make(map[byte]Undoing)
	for _, u := range done {
		states[u.ID[0]] = u
	}
	return states
}

func TestAnImportIsUndone(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		twice := w.another(newFaults(1, 0).wrap) // every second commit's answer is lost
		rows := []listRow{{1, "甲", 100, "1"}, {2, "乙", 50, ""}, {3, "丙", 30, "2"}, {4, "丁", 0, ""}}
		first := w.brings(twice, "j1", rows...)
		if !slices.Equal(first, []Outcome{AdmittedNew, AdmittedNew, AdmittedNew, AdmittedNew}) {
			t.Errorf("%v", first)
		}
		if again := w.brings(w.Store, "j1", rows...); !slices.Equal(again, first) {
			t.Errorf("taken up after a crash, it tells %v", again)
		}
		second := w.brings(w.Store, "j2", listRow{1, "甲一", 120, "2"}, listRow{3, "丙", 30, "2"}, listRow{4, "丁一", 10, "1"})
		if !slices.Equal(second, []Outcome{AdmittedChanged, AdmittedSame, AdmittedChanged}) {
			t.Errorf("%v", second)
		}
		// Somebody changes a field that the second import has changed as well.
		r, err := w.Record(t.Context(), ledger.ID{4, 9})
		w.must(err)
		w.must(w.Edit(t.Context(), Edit{ID: r.ID, Seen: r.Stand, Kind: "person.changed", By: "chen", To: func(p Person) Person { p.Name = "丁二"; return p }}))

		if found, begun, err := w.Undoable(t.Context(), "j2"); !found || begun || err != nil {
			t.Error(found, begun, err)
		}
		u := w.undoes(twice, "j2")
		if u[1].State != UndoneRestored || u[1].Asked != 20 || u[1].Taken+u[1].Gone > 20 || u[4].State != UndonePartly || !slices.Equal(u[4].Kept, []string{"name"}) || len(u) != 2 {
			t.Errorf("%+v", u)
		}
		if _, begun, err := w.Undoable(t.Context(), "j2"); !begun || err != nil {
			t.Error(begun, err)
		}
		one, err := w.Person(t.Context(), ledger.ID{1, 9})
		w.must(err)
		four, err := w.Person(t.Context(), ledger.ID{4, 9})
		w.must(err)
		if one.Name != "甲" || one.Profile.Sex != "1" || four.Name != "丁二" || four.Profile.Sex != "" {
			t.Errorf("%+v, %+v", one, four)
		}

		// The first import goes too: 2 and 3 are closed, 1 and 4 were imported again.
		u = w.undoes(twice, "j1")
		if u[2].State != UndoneClosed || u[3].State != UndoneClosed || u[1].State != UndoneKept || u[4].State != UndoneKept || u[1].Asked != 100 {
			t.Errorf("%+v", u)
		}
		if again := w.undoes(w.Store, "j1"); again[2].State != UndoneClosed || again[1].Asked != 100 {
			t.Errorf("once more: %+v", again)
		}
		if found, err := w.Find(t.Context(), Lookup{Text: "乙"}); err != nil || len(found.Found) > 0 {
			t.Errorf("%+v, %v", found, err)
		}
		if _, err := w.ByKey(t.Context(), civic.KeyHash{2}); !errors.Is(err, ErrUnknown) {
			t.Error("somebody who is closed is known by a number", err)
		}
		if list, err := w.Documents(t.Context(), "qingxi", KindVolunteer, []string{ledger.ID{2, 9}.String()}); err != nil || len(list) != 1 || list[0].Gone == nil {
			t.Errorf("kiosks still know somebody who is closed: %+v, %v", list, err)
		}
		_ = b
		w.proof()

		// And a list that is right may say the same totals again.
		w.brings(w.Store, "j3", listRow{1, "甲", 100, "1"})
		people := 0
		for p, err := range w.People(t.Context()) {
			w.must(err)
			if people++; p.ID[0] == 1 && p.Listed.Points != 100 {
				t.Errorf("%+v", p.Listed)
			}
		}
		w.proof()
		w.time = w.time.Add(ImportKept + time.Hour)
		_, err = w.Sweep(t.Context())
		w.must(err)
		if found, _, err := w.Undoable(t.Context(), "j3"); found || err != nil {
			t.Error("an old import can still be undone", err)
		}
	})
}

// Whoever has used points of an import stays, and what was spent does not come back.
func TestWhoHasUsedPointsStays(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		w.brings(w.Store, "j1", listRow{1, "甲", 100, ""})
		v := ledger.ID{1, 9}
		b.down()
		b.bought(v, 40)
		b.up()
		u := w.undoes(w.Store, "j1")
		if u[1].State != UndoneKept || u[1].Asked != 100 {
			t.Errorf("%+v", u)
		}
		w.proof()
	})
}
