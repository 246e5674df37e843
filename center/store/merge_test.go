package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// two registers a person twice: with a card, a key and points each. The first is at
// home at SQ-01, the second at LH-01.
func (w *world) two() (kept, other ledger.ID, m Merge) {
	w.t.Helper()
	kept, other = ledger.ID{1, 1}, ledger.ID{2, 1}
	for n, id := range []ledger.ID{kept, other} {
		b := byte(n + 1)
		profile := []civic.Profile{{Sex: "1"}, {Sex: "2", Area: "石桥村"}}[n]
		w.must(w.PutPerson(w.t.Context(), Person{Town: "qingxi", Home: []string{"SQ-01", "LH-01"}[n], Profile: profile, Sealed: []byte{b}, Volunteer: civic.Volunteer{ID: id, Name: []string{"张伟", "张炜"}[n],
			Number: []string{"V1", "V2"}[n], Minutes: 60 * int64(n+1), Cards: []civic.CardID{{b}}, Keys: []civic.KeyHash{{b}}, Tail: "000" + string(rune('1'+n)), Phone: civic.PhoneHash{b}}}))
	}
	w.earn(kept, lotA, 10)
	w.earn(other, lotA, 40)
	w.earn(other, lotB, 20)
	return kept, other, w.asSeen(Merge{Kept: kept, Other: other, Take: []string{"name", "phone"}, Sealed: []byte{1, 2}, By: "lin"})
}

func (w *world) asSeen(m Merge) Merge {
	w.t.Helper()
	a, err := w.Record(w.t.Context(), m.Kept)
	w.must(err)
	b, err := w.Record(w.t.Context(), m.Other)
	w.must(err)
	m.KeptSeen, m.OtherSeen = a.Stand, b.Stand
	return m
}

// earned is the lot's total.
func (w *world) earned(v ledger.ID, day ledger.Day) ledger.Points {
	w.t.Helper()
	return w.lot(v, day).Earned
}

func TestTwoRecordsBecomeOne(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		home, there := w.kiosk("SQ-01"), w.kiosk("LH-01")
		kept, other, m := w.two()
		there.down()
		given := there.reserve(other, 15)
		there.settle(given) // the center does not know of it yet
		if err := w.Merge(ctx, Merge{Kept: kept, Other: other, KeptSeen: m.KeptSeen, OtherSeen: "old", By: "lin"}); !errors.Is(err, ErrChanged) {
			t.Errorf("over a change: %v", err)
		}
		if err := w.Merge(ctx, Merge{Kept: kept, Other: other, KeptSeen: "old", OtherSeen: m.OtherSeen, By: "lin"}); !errors.Is(err, ErrChanged) {
			t.Errorf("over a change: %v", err)
		}
		if err := w.Merge(ctx, Merge{Kept: kept, Other: kept, By: "lin"}); !errors.Is(err, ErrInput) {
			t.Errorf("into itself: %v", err)
		}
		for range 2 { // twice is once
			w.must(w.Merge(ctx, m))
		}
		p, err := w.Identify(ctx, civic.CardID{2})
		if err != nil || p.ID != kept || p.Name != "张炜" || p.Number != "V1" || p.Tail != "0002" || p.Minutes != 180 || len(p.Cards) != 2 {
			t.Fatalf("%+v, %v", p, err)
		}
		if p.Profile.Sex != "1" || p.Profile.Area != "石桥村" || string(p.Sealed) != "\x01\x02" {
			t.Errorf("%+v %x", p.Profile, p.Sealed)
		}
		if p, err := w.ByKey(ctx, civic.KeyHash{2}); err != nil || p.ID != kept {
			t.Errorf("%+v, %v", p, err)
		}
		if o, err := w.Person(ctx, other); err != nil || len(o.Cards) > 0 || o.Tail != "" || !o.Phone.IsZero() || o.Number != "" || o.Home != "" {
			t.Errorf("%+v, %v", o, err)
		}
		if found, err := w.Find(ctx, Lookup{Text: "V2"}); err != nil || len(found.Found) != 1 || found.Found[0].ID != other {
			t.Errorf("the old number finds %+v, %v", found, err)
		}
		if into, err := w.Merged(ctx, other); err != nil || !into.Is() || into.Into != kept {
			t.Errorf("%+v, %v", into, err)
		}
		if list, err := w.Absorbed(ctx, kept); err != nil || !slices.Equal(list, []ledger.ID{other}) {
			t.Errorf("%v, %v", list, err)
		}
		// The points are still at the kiosk of the other record; it gives back what is left.
		w.fetches(other, Fetch{"LH-01", 60})
		there.giveBack(other, 45)
		there.up()
		if _, err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.time = w.time.Add(2 * sweepAfter)
		if _, err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.must(w.Fetched(ctx, kept))
		home.down()
		if home.spendable(kept) != 55 || w.earned(kept, lotA) != 35 || w.earned(kept, lotB) != 20 || w.earned(other, lotA) != 15 || w.earned(other, lotB) != 0 {
			t.Errorf("%d at home; %+v, %+v", home.spendable(kept), w.lot(kept, lotA), w.lot(other, lotA))
		}
		w.proof()
		// A late refund, and what is earned under the other record, goes the same way.
		there.refund(given)
		there.giveBack(other, 15)
		there.up()
		w.earn(other, lotC, 7)
		for range 2 {
			w.time = w.time.Add(2 * sweepAfter)
			if _, err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if w.earned(kept, lotA) != 50 || w.earned(kept, lotC) != 7 || w.earned(other, lotC) != 0 || w.earned(other, lotA) != 0 {
			t.Errorf("%+v, %+v, %+v", w.lot(kept, lotA), w.lot(kept, lotC), w.lot(other, lotC))
		}
		w.proof()
		acts, err := w.PersonActs(ctx, kept, 0, 9)
		if err != nil || len(acts) != 1 || acts[0].Kind != "person.absorbed" || acts[0].Who != "lin" {
			t.Errorf("%+v, %v", acts, err)
		}
		if err := w.Merge(ctx, w.asSeen(Merge{Kept: other, Other: kept, By: "lin"})); !errors.Is(err, ErrState) {
			t.Errorf("into a merged record: %v", err)
		}
		if _, err := w.db.Exec(`DELETE FROM earning WHERE volunteer = $1 AND points = 20`, kept.String()); err != nil {
			t.Fatal(err)
		}
		if r, err := w.Verify(ctx); err != nil || !slices.ContainsFunc(r.Findings, func(f Finding) bool { return strings.Contains(f.What, "were taken for") }) {
			t.Errorf("points that never came are not found: %+v, %v", r, err)
		}
	})
}

// The process dies after the first transaction, and every second answer of the
// database is lost: it comes to the same.
func TestAMergeSurvivesWhatBreaksIt(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		home := w.kiosk("SQ-01")
		kept, other, m := w.two()
		w.person(2, "") // free points
		w.must(w.PutPerson(ctx, Person{Town: "qingxi", Volunteer: civic.Volunteer{ID: other, Name: "张炜", Cards: []civic.CardID{{2}}}}))
		m = w.asSeen(m)
		w.Store = w.another(newFaults(1, 0).wrap)
		k, err := w.Record(ctx, kept)
		w.must(err)
		w.must(w.write(ctx, "merging", other.String(), func(t *txn) error { return t.merge(m, k.Person, w.today(), w.now()) }))
		if w.earned(other, lotA) != 0 || w.earned(kept, lotA) != 10 {
			t.Fatalf("%+v", w.lot(other, lotA))
		}
		for range 3 {
			w.time = w.time.Add(2 * sweepAfter)
			if _, err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if p, err := w.Identify(ctx, civic.CardID{2}); err != nil || p.ID != kept || w.earned(kept, lotA) != 50 || w.earned(kept, lotB) != 20 {
			t.Errorf("%+v, %v, %+v", p, err, w.lot(kept, lotA))
		}
		w.proof()
		w.must(w.Unmerge(ctx, other, "chen"))
		home.down()
		home.giveBack(kept, 70)
		home.up()
		w.time = w.time.Add(2 * sweepAfter)
		if _, err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if p, err := w.Identify(ctx, civic.CardID{2}); err != nil || p.ID != other || w.earned(kept, lotA) != 10 || w.earned(other, lotA) != 40 || w.earned(other, lotB) != 20 {
			t.Errorf("%+v, %v, %+v %+v", p, err, w.lot(kept, lotA), w.lot(other, lotA))
		}
		w.proof()
	})
}

func TestWhatWasMergedIsPartedAgain(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		home, there := w.kiosk("SQ-01"), w.kiosk("LH-01")
		kept, other, m := w.two()
		there.down()
		there.giveBack(other, 60)
		there.up()
		if _, err := w.Parting(ctx, other); !errors.Is(err, ErrState) {
			t.Errorf("parting what is not merged: %v", err)
		}
		w.must(w.Merge(ctx, m))
		home.down()
		if home.spendable(kept) != 70 {
			t.Fatalf("%d at home", home.spendable(kept))
		}
		if p, err := w.Parting(ctx, other); err != nil || p.Moved != 60 || p.Spent != 0 || p.Into != kept {
			t.Errorf("%+v, %v", p, err)
		}
		for range 2 {
			w.must(w.Unmerge(ctx, other, "chen"))
		}
		w.fetches(kept, Fetch{"SQ-01", 70})
		home.giveBack(kept, 70)
		home.up()
		for range 2 {
			w.time = w.time.Add(2 * sweepAfter)
			if _, err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		a, err := w.Record(ctx, kept)
		w.must(err)
		b, err := w.Record(ctx, other)
		w.must(err)
		if a.Name != "张伟" || a.Tail != "0001" || a.Minutes != 60 || len(a.Cards) != 1 || b.Name != "张炜" || b.Tail != "0002" || b.Minutes != 120 || b.Home != "LH-01" || b.Number != "V2" {
			t.Errorf("%+v, %+v", a, b)
		}
		if a.Profile.Area != "" || string(a.Sealed) != "\x01" || b.Profile.Sex != "2" || string(b.Sealed) != "\x02" {
			t.Errorf("%+v %x, %+v %x", a.Profile, a.Sealed, b.Profile, b.Sealed)
		}
		if p, err := w.Identify(ctx, civic.CardID{2}); err != nil || p.ID != other || w.earned(other, lotA) != 40 || w.earned(other, lotB) != 20 || w.earned(kept, lotA) != 10 {
			t.Errorf("%+v, %v, %+v", p, err, w.lot(other, lotA))
		}
		w.proof()

		// Once more, and then some is spent.
		w.must(w.Merge(ctx, w.asSeen(m)))
		for range 2 {
			w.time = w.time.Add(2 * sweepAfter)
			if _, err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		w.must(w.Fetched(ctx, kept))
		home.down()
		home.settle(home.reserve(kept, 25))
		home.up()
		if p, err := w.Parting(ctx, other); err != nil || p.Moved != 60 || p.Spent != 15 {
			t.Errorf("%+v, %v", p, err)
		}
		if err := w.Unmerge(ctx, other, "chen"); !errors.Is(err, ErrState) {
			t.Errorf("parted though some was spent: %v", err)
		}
		w.proof()
	})
}
