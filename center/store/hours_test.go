package store

import (
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// What waits is counted where it waits; what was served is added up, however it came.
func TestHoursAreCountedByPlaceAndByPerson(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.kiosk("SQ-01")
		v, other := w.person(1, "SQ-01"), w.person(2, "")
		s := w.plan(1, "SQ-01")
		for _, who := range []ledger.ID{v, other} {
			_, err := w.phone(who, s, false)
			w.must(err)
		}
		if all, err := w.HoursWaiting(ctx); err != nil || len(all) != 0 {
			t.Errorf("%+v %v", all, err)
		}
		w.time = w.time.Add(95 * time.Minute)
		_, err := w.phone(v, s, true)
		w.must(err)
		w.time = w.time.Add(3 * time.Hour)
		if _, err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.must(w.Object(ctx, Objection{Volunteer: v, ID: "00000000000000a1", Shift: s.ID, ObjectionText: ObjectionText{Reason: ledger.ObjectFewer, Minutes: 120}}))
		w.must(w.raise(ctx, "qingxi", Review{Sign: Sign{Word: SignBatch, N: 7}, Shift: s.ID, Kiosk: "SQ-01"}))
		day := ledger.DayOf(w.time.In(w.cfg.Zone))
		if all, err := w.HoursWaiting(ctx); err != nil || all["qingxi"] != (HoursWaiting{Pending: 2, Forgotten: 1, Oldest: day, Objections: 1, Signs: 1}) || len(all) != 1 {
			t.Errorf("%+v %v", all, err)
		}
		w.confirm(v, s, 0, false)
		w.served(v, "a", day-1, 60)
		sum, list, err := w.Services(ctx, v)
		if err != nil || sum != (Served{Credit: 95, Honour: 60}) || len(list) != 2 || list[0].What != "护河" || list[0].Honour || list[0].Minutes != 95 || list[0].Last-list[0].First != 95 {
			t.Errorf("%+v %+v %v", sum, list, err)
		}
		if page, err := w.Servers(ctx, ""); err != nil || len(page.List) != 2 || page.List[0].Served != sum {
			t.Errorf("%+v %v", page, err)
		}
		there, err := w.AttendancesOn(ctx, day, day, AttendMark{})
		if err != nil || len(there) != 2 || there[0].Volunteer != v || there[0].State != civic.AttendConfirmed {
			t.Fatalf("%+v %v", there, err)
		}
		if rest, err := w.AttendancesOn(ctx, day, day, there[0].Mark()); err != nil || len(rest) != 1 || rest[0].Volunteer != other {
			t.Errorf("%+v %v", rest, err)
		}
		if none, err := w.AttendancesOn(ctx, day+1, day+9, AttendMark{}); err != nil || len(none) != 0 {
			t.Errorf("%+v %v", none, err)
		}
		honours, err := w.HonoursOn(ctx, day-1, day, Honour{})
		if err != nil || len(honours) != 1 || honours[0].Volunteer != v || honours[0].What != "护河" {
			t.Fatalf("%+v %v", honours, err)
		}
		if rest, err := w.HonoursOn(ctx, day-1, day, honours[0]); err != nil || len(rest) != 0 {
			t.Errorf("%+v %v", rest, err)
		}
		signs, err := w.Signs(ctx, false, AskedMark{}, 10)
		w.must(err)
		if one, err := w.SignOf(ctx, signs[0].Scope, signs[0].ID); err != nil || one.N != 7 {
			t.Errorf("%+v %v", one, err)
		}
		// A reason is kept with what was decided.
		out, err := w.Confirm(ctx, Confirm{Shift: s.ID, People: []ledger.ID{v}, Verdict: ledger.VerdictAbsent, Reason: "走错了", By: "lin"})
		if err != nil || out[0].Err != nil || out[0].Said.Reason != "走错了" {
			t.Errorf("%+v %v", out, err)
		}
		w.proof()
	})
}
