package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// plans makes an activity of every Saturday and Sunday of four weeks at two crossings,
// and the shifts that it has.
func (w *world) plans(n byte) (Activity, []civic.Shift) {
	from := ledger.DayOf(w.time)
	a := Activity{Scope: "qingxi", Activity: civic.Activity{ID: ledger.ID{n, 9}, Title: "路口文明劝导", Spots: []civic.Spot{{Place: "石桥路口", Kiosks: []string{"A-01"}}, {Place: "河东路口"}},
		Posts: []civic.Post{{Name: "劝导员", Wanted: 2}}, Times: civic.Recurrence{From: from, To: from + 27, Weekdays: []int{6, 7}, Start: 8 * 60, End: 10 * 60}}}
	return a, w.shiftsOf(a)
}

func (w *world) shiftsOf(a Activity) []civic.Shift { return a.Shifts(a.Scope, w.Zone()) }

// published brings an activity of lin's through review and publishing by chen.
func (w *world) published(a Activity) Activity {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.SaveActivity(As(ctx, "lin"), 0, a, nil))
	w.must(w.MoveActivity(As(ctx, "chen"), 1, a.Scope, a.ID, ActivityReviewed, "", nil))
	w.must(w.MoveActivity(As(ctx, "lin"), 2, a.Scope, a.ID, ActivityPublished, "", w.shiftsOf(a)))
	return w.planned(a)
}

func (w *world) planned(a Activity) Activity {
	w.t.Helper()
	now, err := w.Activity(w.t.Context(), a.ID)
	w.must(err)
	return now
}

// times are the shifts of an activity, and how many of them are called off.
func (w *world) times(a Activity) (list []Shift, off int) {
	w.t.Helper()
	list, err := w.ShiftsOf(w.t.Context(), a.Scope, a.ID, time.Unix(0, 0), w.time.Add(1000*24*time.Hour), 100)
	w.must(err)
	for _, s := range list {
		off += int(bit(s.Closed))
	}
	return list, off
}

func TestAnActivityIsReviewedAndPublished(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		lin, chen := As(t.Context(), "lin"), As(t.Context(), "chen")
		a, shifts := w.plans(1)
		w.must(w.SaveActivity(lin, 0, a, shifts))
		w.must(w.SaveActivity(lin, 0, a, shifts)) // the form was sent twice
		other := a
		other.Title = "别的"
		if err := w.SaveActivity(chen, 0, other, nil); !errors.Is(err, ErrChanged) {
			t.Errorf("over somebody else's: %v", err)
		}
		other.Spots = nil
		if err := w.SaveActivity(chen, 1, other, nil); !errors.Is(err, ErrInput) {
			t.Errorf("without a spot: %v", err)
		}
		if list, _ := w.times(a); len(list) != 0 {
			t.Errorf("a draft has %d shifts", len(list))
		}
		if err := w.MoveActivity(chen, 1, "qingxi", a.ID, ActivityPublished, "", shifts); !errors.Is(err, ErrState) {
			t.Errorf("a draft is published: %v", err)
		}
		if err := w.MoveActivity(lin, 1, "qingxi", a.ID, ActivityReviewed, "", nil); !errors.Is(err, ErrSameOfficer) {
			t.Errorf("who wrote it reviews it: %v", err)
		}
		w.must(w.MoveActivity(chen, 1, "qingxi", a.ID, ActivityReviewed, "", nil))
		a.About = "改了"
		w.must(w.SaveActivity(lin, 2, a, nil))
		if now := w.planned(a); now.State != ActivityDraft || now.Reviewed != "" || now.Version != 3 {
			t.Errorf("changed after the review it is %+v", now)
		}
		w.must(w.MoveActivity(chen, 3, "qingxi", a.ID, ActivityReviewed, "", nil))
		plan, err := w.PlanActivity(lin, Activity{Activity: a.Activity, Scope: "qingxi", State: ActivityPublished}, shifts)
		if err != nil || plan != (ActivityPlan{New: 16}) {
			t.Errorf("publishing would make %+v, %v", plan, err)
		}
		w.must(w.MoveActivity(lin, 4, "qingxi", a.ID, ActivityPublished, "", w.shiftsOf(a)))
		list, off := w.times(a)
		if len(list) != 16 || off != 0 || w.toldOf("qingxi", list[0].ID) == nil {
			t.Errorf("%d shifts, %d off", len(list), off)
		}
		acts, err := w.Acts(t.Context(), "qingxi", 0, 20)
		w.must(err)
		var kinds []string
		for _, act := range acts {
			kinds = append([]string{act.Kind}, kinds...)
		}
		if !slices.Equal(kinds, []string{"activity.added", "activity.reviewed", "activity.changed", "activity.reviewed", "activity.published"}) {
			t.Errorf("%v", kinds)
		}
		for _, places := range [][]string{nil, {"lianhua", "qingxi"}} {
			if list, err := w.Activities(t.Context(), places, a.Times.From, a.Times.To); err != nil || len(list) != 1 || list[0].State != ActivityPublished {
				t.Errorf("%+v, %v", list, err)
			}
			if list, err := w.Activities(t.Context(), places, a.Times.To+1, a.Times.To+9); err != nil || len(list) != 0 {
				t.Errorf("afterwards %+v, %v", list, err)
			}
		}
		w.proof()
	})
}

func TestAPublishedActivityChangesItsShifts(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		lin := As(t.Context(), "lin")
		a, _ := w.plans(1)
		a = w.published(a)
		list, _ := w.times(a)
		claimed, alone := list[0], list[3]
		_, err := w.Enlist(lin, Claim{Shift: claimed.ID, Volunteer: ledger.ID{5}})
		w.must(err)
		w.must(w.CallOff(lin, alone.ID, true, "下雨"))
		w.must(w.CallOff(lin, alone.ID, true, "下雨"))
		if d := w.toldOf("qingxi", alone.ID); !d.Closed {
			t.Errorf("kiosks are not told: %+v", d)
		}

		a.Times.Weekdays, a.Title = []int{7}, "周日劝导" // Saturdays go
		plan, err := w.PlanActivity(lin, a, w.shiftsOf(a))
		if err != nil || plan != (ActivityPlan{Changed: 8, Off: 8, People: 1}) {
			t.Errorf("it would come to %+v, %v", plan, err)
		}
		w.must(w.SaveActivity(lin, a.Version, a, w.shiftsOf(a)))
		list, off := w.times(a)
		if len(list) != 16 || off != 9 {
			t.Fatalf("%d shifts, %d off", len(list), off)
		}
		if s, err := w.PlannedShift(lin, claimed.ID); err != nil || !s.Closed || !s.Off.With || s.Claimed != 1 || s.Title != "路口文明劝导" {
			t.Errorf("a Saturday is %+v, %v", s, err)
		}
		if s, err := w.PlannedShift(lin, alone.ID); err != nil || !s.Closed || s.Off.Why != "下雨" || s.Title != "周日劝导" {
			t.Errorf("what was called off alone is %+v, %v", s, err)
		}

		a = w.planned(a)
		a.Times.Weekdays = []int{6, 7}
		w.must(w.SaveActivity(lin, a.Version, a, w.shiftsOf(a)))
		if _, off := w.times(a); off != 1 {
			t.Errorf("Saturdays come back, and %d are off", off)
		}
		if d := w.toldOf("qingxi", claimed.ID); d.Closed || len(d.Enlisted) != 1 {
			t.Errorf("kiosks know %+v", d)
		}
		w.must(w.CallOff(lin, alone.ID, false, ""))

		w.time = time.Unix(list[1].Start, 0).Add(time.Minute) // two have begun
		a = w.planned(a)
		w.must(w.MoveActivity(lin, a.Version, "qingxi", a.ID, ActivityClosed, "换了地方", nil))
		if _, off := w.times(a); off != 14 {
			t.Errorf("%d of the 14 to come are off", off)
		}
		a = w.planned(a)
		if err := w.SaveActivity(lin, a.Version, Activity{Activity: func() civic.Activity { b := a.Activity; b.Title = "x"; return b }(), Scope: "qingxi"}, nil); !errors.Is(err, ErrState) {
			t.Errorf("a closed one is changed: %v", err)
		}
		if err := w.CallOff(lin, list[9].ID, false, ""); !errors.Is(err, ErrState) {
			t.Errorf("one of a closed activity is held: %v", err)
		}
		w.must(w.MoveActivity(lin, a.Version, "qingxi", a.ID, ActivityDraft, "", nil))
		w.must(w.MoveActivity(As(t.Context(), "chen"), a.Version+1, "qingxi", a.ID, ActivityReviewed, "", nil))
		w.must(w.MoveActivity(lin, a.Version+2, "qingxi", a.ID, ActivityPublished, "", w.shiftsOf(a)))
		if _, off := w.times(a); off != 0 {
			t.Errorf("published again, %d are off", off)
		}
		w.proof()
	})
}
