package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yizhan/civic"
	"yizhan/ledger"
)

func civicStaff(n int) civic.Document {
	roles := []civic.Role{civic.RoleClerk, civic.RoleLeader, civic.RoleTechnician}
	return civic.Document{Staff: &civic.Staff{ID: personID("staff", n), Version: 1, Name: "李娜", Role: roles[n], Cards: []civic.CardID{cardOf("staff", n).ID()}}}
}

func docGood(g civic.Good) civic.Document { return civic.Document{Good: &g} }

// returned is what entry seq gave back.
func (w *world) returned(seq uint64) []ledger.Part {
	w.t.Helper()
	_, e, err := w.Entry(seq)
	b, ok := e.Body.(ledger.Return)
	if err != nil || !ok || b.Expired {
		w.t.Fatalf("entry %d: %+v, %v", seq, e, err)
	}
	return b.Parts
}

// TestGivingBackTakesTheEarliestLotsFirst: whoever recalls points spends them at
// once, and what stays here should be what lasts.
func TestGivingBackTakesTheEarliestLotsFirst(t *testing.T) {
	w := newLinked(t)
	w.apply(testKiosk, 1, linkedVolunteer(1, 1), grantTo(1, 40, 60), docGood(testGood(0, 1)))
	w.reserve(want(1, 0)) // holds 10 of the early ones
	for _, step := range []struct {
		points ledger.Points
		want   []ledger.Part
		later  time.Duration
	}{
		{points: 10, want: []ledger.Part{{Expires: early, Points: 10}}},
		{points: 30, want: []ledger.Part{{Expires: early, Points: 20}, {Expires: late, Points: 10}}},
		{points: 1000, want: []ledger.Part{{Expires: late, Points: 50}}},
		{points: 1},
	} {
		seq, err := w.GiveBack(bg, volunteerID(1), step.points)
		if err != nil || (seq == 0) != (step.want == nil) {
			t.Fatalf("%d points: entry %d, %v", step.points, seq, err)
		}
		if seq != 0 && !slices.Equal(w.returned(seq), step.want) {
			t.Fatalf("%d points: %v", step.points, w.returned(seq))
		}
	}
	for _, points := range []ledger.Points{0, -1, ledger.MaxPoints + 1} {
		if _, err := w.GiveBack(bg, volunteerID(1), points); !errors.Is(err, ErrInput) {
			t.Errorf("%d points: %v", points, err)
		}
	}
	if seq, err := w.GiveBack(bg, volunteerID(9), 5); seq != 0 || err != nil {
		t.Fatalf("nobody gave entry %d, %v", seq, err)
	}
	// Nobody can use points that have expired: they go last, if they must.
	w.apply(testKiosk, 2, grantTo(2, 40, 60))
	w.clock.pass(time.Duration(early+1-today) * 24 * time.Hour)
	for _, want := range [][]ledger.Part{{{Expires: late, Points: 50}}, {{Expires: early, Points: 40}, {Expires: late, Points: 10}}} {
		seq, err := w.GiveBack(bg, volunteerID(2), 50)
		if err != nil || !slices.Equal(w.returned(seq), want) {
			t.Fatalf("entry %d: %v, %v", seq, w.returned(seq), err)
		}
	}
}

// TestGiving holds the rules over any account.
func TestGiving(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a ledger.Account
		for day := range rapid.IntRange(0, ledger.MaxParts+5).Draw(t, "lots") {
			p := func(name string) ledger.Points { return ledger.Points(rapid.IntRange(0, 5).Draw(t, name)) }
			r := ledger.Right{Expires: ledger.Day(day), Spent: p("spent"), Held: p("held"), Returned: p("returned")}
			r.Granted = r.Spent + r.Held + r.Returned + p("spendable")
			a.Rights = append(a.Rights, r)
		}
		points := ledger.Points(rapid.IntRange(1, 300).Draw(t, "points"))
		parts := giving(a, points, ledger.Day(rapid.IntRange(0, 50).Draw(t, "today")))
		if len(parts) > ledger.MaxParts || ledger.Sum(parts) > points || a.Return(parts).Check() != nil {
			t.Fatalf("%v of %v", parts, a)
		}
		if len(parts) < ledger.MaxParts && ledger.Sum(parts) != min(points, a.Spendable()) {
			t.Fatalf("%d of %d given, %d asked", ledger.Sum(parts), a.Spendable(), points)
		}
		if !slices.IsSortedFunc(parts, func(a, b ledger.Part) int { return int(a.Expires - b.Expires) }) {
			t.Fatalf("%v", parts)
		}
	})
}

// TestGrantedIsToldInPages, ascending, to its end.
func TestGrantedIsToldInPages(t *testing.T) {
	w := newLinked(t)
	var all []ledger.ID
	for n := range 7 {
		w.apply(testKiosk, uint64(n+1), grantTo(n, 10, ledger.Points(n)))
		all = append(all, volunteerID(n))
	}
	w.apply("qingxi", 1, linkedVolunteer(20, 1)) // has nothing here
	sortIDs(all)
	for _, limit := range []int{1, 3, 7, 8} {
		var got []ledger.ID
		after := ledger.ID{}
		for {
			ids, accounts, err := w.Granted(bg, after, limit)
			if err != nil || len(ids) != len(accounts) || len(ids) > limit {
				t.Fatalf("%d ids, %d accounts, %v", len(ids), len(accounts), err)
			}
			got = append(got, ids...)
			for i, id := range ids {
				if id == volunteerID(3) && (len(accounts[i].Rights) != 2 || accounts[i].Rights[1].Granted != 3) {
					t.Errorf("%+v", accounts[i])
				}
			}
			if len(ids) < limit {
				break
			}
			after = ids[len(ids)-1]
		}
		if !slices.Equal(got, all) {
			t.Fatalf("%d at a time: %v, want %v", limit, got, all)
		}
	}
}

// TestGrantsThatWereLost: a book that was built anew keeps accounts closed until
// their grants come again, and tells a restored center what they must have been.
func TestGrantsThatWereLost(t *testing.T) {
	w := newLinked(t)
	docs := []civic.Document{linkedVolunteer(1, 1), linkedVolunteer(2, 1), civicStaff(0), docGood(testGood(0, 1))}
	w.apply("qingxi", 1, docs...)
	w.apply(testKiosk, 1, grantTo(1, 30, 0), grantTo(2, 30, 0))
	w.settle(w.reserve(want(1, 0)).Seq)
	w.reserve(want(1, 0))
	w.close()
	w.lose(bookFile)
	w.mend()
	w.open()
	w.wantCursors(testEra, map[string]uint64{})
	if _, err := w.Account(volunteerID(1)); !errors.Is(err, ErrNoDocuments) {
		t.Fatalf("%v", err)
	}
	w.apply("center", 1, stationDocument(1))
	w.apply("qingxi", 1, docs...)
	if _, err := w.Account(volunteerID(1)); !errors.Is(err, ErrNoDocuments) {
		t.Fatalf("an account whose grants are missing: %v", err)
	}
	w.apply(testKiosk, 1, grantTo(1, 0, 5)) // what an older list says
	if seq, err := w.GiveBack(bg, volunteerID(1), 5); seq != 0 || err != nil {
		t.Fatalf("it gave entry %d, %v", seq, err)
	}
	ids, accounts, err := w.Granted(bg, ledger.ID{}, 5)
	if err != nil || !slices.Equal(ids, []ledger.ID{volunteerID(1)}) || accounts[0].Rights[0].Granted != 20 || accounts[0].Rights[1].Granted != 5 {
		t.Fatalf("%v, %+v, %v", ids, accounts, err)
	}
	w.close()
	if r, err := Verify(bg, w.cfg); err != nil || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
	w.open()
	w.apply(testKiosk, 1, grantTo(1, 30, 0), grantTo(2, 30, 0))
	if got := w.spendable(1); got != 15 {
		t.Fatalf("%d points", got)
	}
}
