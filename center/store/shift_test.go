package store

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// shiftAt is a shift of two posts that begins so long after the world's time.
func (w *world) shiftAt(n byte, in time.Duration) civic.Shift {
	start := w.time.Add(in)
	return civic.Shift{ID: ledger.ID{n, 7}, Activity: ledger.ID{1, 8}, Title: "路口文明劝导", Place: "石桥路口", Start: start.Unix(), End: start.Add(2 * time.Hour).Unix(),
		Kiosks: []string{"A-01"}, Posts: []civic.Post{{Name: "劝导员", Wanted: 2}, {Name: "引导员", Wanted: 1}}, CheckEarly: 1800, CheckLate: 3600}
}

// toldOf is what kiosks below a scope are told of a shift; nil: they have not heard of it,
// or are to forget it.
func (w *world) toldOf(scope string, id ledger.ID) *civic.Shift {
	w.t.Helper()
	docs, err := w.Documents(w.t.Context(), scope, KindShift, []string{id.String()})
	w.must(err)
	if len(docs) == 0 {
		return nil
	}
	return docs[0].Shift
}

func (w *world) tells() int {
	w.t.Helper()
	n, err := w.TellShifts(w.t.Context())
	w.must(err)
	return n
}

// Another address for phones reaches the shifts that kiosks know and will know, and
// leaves those that are over.
func TestShiftsSayWherePhonesFindTheCenter(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		soon, far, over := w.shiftAt(1, time.Hour), w.shiftAt(2, 50*24*time.Hour), w.shiftAt(3, -100*24*time.Hour)
		w.must(w.PutShifts(ctx, "qingxi", []civic.Shift{soon, far, over}))
		_, err := w.Enlist(ctx, Claim{Shift: soon.ID, Volunteer: ledger.ID{1, 1}})
		w.must(err)
		const codes, tickets = "HTTPS://YIZHAN.EXAMPLE/C/", "HTTPS://YIZHAN.EXAMPLE/P/"
		for _, want := range []int{2, 0} {
			if n, err := w.SayCodes(ctx, codes, tickets); err != nil || n != want {
				t.Errorf("%d shifts, %v, want %d", n, err, want)
			}
		}
		if told := w.toldOf("qingxi", soon.ID); told == nil || told.Codes != codes || told.Tickets != tickets || len(told.Enlisted) != 1 {
			t.Errorf("kiosks are told %+v", told)
		}
		if got, _, err := w.Shift(ctx, far.ID); err != nil || got.Codes != codes || w.toldOf("qingxi", far.ID) != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if got, _, err := w.Shift(ctx, over.ID); err != nil || got.Codes != "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAShiftIsToldInItsTime(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		soon, far := w.shiftAt(1, time.Hour), w.shiftAt(2, 50*24*time.Hour)
		w.must(w.PutShifts(ctx, "qingxi", []civic.Shift{soon, far}))
		first := w.toldOf("qingxi", soon.ID)
		if first == nil || first.Scope != "qingxi" || w.toldOf("qingxi", far.ID) != nil {
			t.Fatalf("at once %+v", first)
		}
		w.must(w.PutShift(ctx, "qingxi", soon))
		if again := w.toldOf("qingxi", soon.ID); again.Version != first.Version {
			t.Errorf("the same again is version %d, was %d", again.Version, first.Version)
		}
		got, scope, err := w.Shift(ctx, soon.ID)
		if err != nil || scope != "qingxi" || got.Title != soon.Title || got.Scope != "qingxi" {
			t.Errorf("%+v in %q, %v", got, scope, err)
		}
		if _, _, err := w.Shift(ctx, ledger.ID{9}); !errors.Is(err, ErrUnknown) {
			t.Errorf("a shift of nobody: %v", err)
		}
		other := soon
		other.Activity = ledger.ID{5}
		if err := w.PutShift(ctx, "qingxi", other); !errors.Is(err, ErrKeyReused) {
			t.Errorf("of another activity: %v", err)
		}
		other = soon
		other.End = soon.Start
		if err := w.PutShift(ctx, "qingxi", other); !errors.Is(err, ErrInput) {
			t.Errorf("that ends as it begins: %v", err)
		}
		for _, places := range [][]string{nil, {"qingxi"}, {"lianhua", "qingxi", "qingxi"}} {
			list, err := w.ShiftsOn(ctx, places, w.time, w.time.Add(60*24*time.Hour), 10)
			if err != nil || len(list) != 2 || list[0].ID != soon.ID || list[1].ID != far.ID {
				t.Errorf("of %v: %+v, %v", places, list, err)
			}
		}
		if n, err := w.ShiftsAt(ctx, w.time, w.time.Add(2*time.Hour)); err != nil || len(n) != 1 || n[soon.Start] != 1 {
			t.Errorf("%v, %v", n, err)
		}
		if list, err := w.ShiftsOn(ctx, []string{"lianhua"}, w.time, w.time.Add(time.Hour), 10); err != nil || len(list) != 0 {
			t.Errorf("elsewhere: %+v, %v", list, err)
		}
		if list, err := w.ShiftsOf(ctx, "qingxi", soon.Activity, w.time, w.time.Add(2*time.Hour), 10); err != nil || len(list) != 1 {
			t.Errorf("of the activity: %+v, %v", list, err)
		}

		w.time = w.time.Add(16 * 24 * time.Hour)
		if n := w.tells(); n != 1 || w.toldOf("qingxi", far.ID) == nil {
			t.Errorf("%d told when its time has come", n)
		}
		w.time = w.time.Add(26 * 24 * time.Hour)
		if n := w.tells(); n != 1 || w.toldOf("qingxi", soon.ID) != nil || w.tells() != 0 {
			t.Errorf("%d forgotten", n)
		}
	})
}

func TestAPostIsClaimedUntilItIsFull(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		shift := w.shiftAt(1, time.Hour)
		w.must(w.PutShift(ctx, "qingxi", shift))
		claim := func(n byte, post int64, off, wait bool) (Enlistment, error) {
			w.time = w.time.Add(time.Second)
			return w.Enlist(ctx, Claim{Shift: shift.ID, Volunteer: ledger.ID{n}, Post: post, Off: off, Wait: wait})
		}
		want := func(e Enlistment, err error, state EnlistState, post int64) {
			t.Helper()
			if err != nil || e.State != state || e.Post != post {
				t.Errorf("%+v, %v; want %s of %d", e, err, state, post)
			}
		}
		e, err := claim(1, 0, false, false)
		want(e, err, EnlistedIn, 1)
		e, err = claim(1, 0, false, false)
		want(e, err, EnlistedIn, 1)
		e, err = claim(2, 1, false, false)
		want(e, err, EnlistedIn, 1)
		if _, err := claim(3, 1, false, false); !errors.Is(err, ErrFull) {
			t.Errorf("of a full post: %v", err)
		}
		e, err = claim(3, 1, false, true)
		want(e, err, EnlistedWaiting, 1)
		e, err = claim(4, 0, false, true)
		want(e, err, EnlistedIn, 2)
		e, err = claim(5, 0, false, true)
		want(e, err, EnlistedWaiting, 0)
		if _, err := claim(5, 3, false, true); !errors.Is(err, ErrInput) {
			t.Errorf("of no post: %v", err)
		}
		e, err = claim(1, 2, false, true) // that is full too: what is there is kept
		want(e, err, EnlistedIn, 1)
		w.time = w.time.Add(shiftDebounce)
		w.tells()
		d := w.toldOf("qingxi", shift.ID)
		if len(d.Enlisted) != 3 || len(d.Waiting) != 2 || d.Waiting[0].Who != (ledger.ID{3}) {
			t.Fatalf("kiosks hear %+v, waiting %+v", d.Enlisted, d.Waiting)
		}
		e, err = claim(4, 0, true, false) // the place is of post 2; the first who waits for any gets it
		want(e, err, EnlistedOff, 2)
		list, err := w.Enlistments(ctx, shift.ID)
		w.must(err)
		states := map[byte]string{}
		for _, e := range list {
			states[e.Volunteer[0]] = fmt.Sprint(e.State, e.Post)
		}
		if states[5] != "in2" || states[3] != "waiting1" || states[4] != "off2" {
			t.Errorf("after one gave up: %v", states)
		}
		if of, err := w.EnlistmentsOf(ctx, ledger.ID{5}, 10); err != nil || len(of) != 1 || of[0].Shift != shift.ID || of[0].State != EnlistedIn {
			t.Errorf("%+v, %v", of, err)
		}
		if p, err := w.PlannedShift(ctx, shift.ID); err != nil || p.Claimed != 3 || p.Waits != 1 {
			t.Errorf("%+v, %v", p, err)
		}

		closed := shift
		closed.Closed = true
		w.must(w.PutShift(ctx, "qingxi", closed))
		if _, err := claim(6, 0, false, true); !errors.Is(err, ErrNotOpen) {
			t.Errorf("of one that was called off: %v", err)
		}
		w.proof()
	})
}

func TestClaimsOfKiosksComeOnceAndInOrder(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		shift := w.shiftAt(1, time.Hour)
		shift.Posts = []civic.Post{{Name: "劝导员", Wanted: 1}}
		w.must(w.PutShift(ctx, "qingxi", shift))
		tell := func(n byte, seq uint64, off bool) Enlistment {
			t.Helper()
			e, err := w.EnlistEntry(ctx, "A-01", 1, seq, ledger.Enlist{Shift: shift.ID, Volunteer: ledger.ID{n}, Post: 1, Off: off})
			w.must(err)
			return e
		}
		if e := tell(1, 5, false); e.State != EnlistedIn {
			t.Errorf("%+v", e)
		}
		if e := tell(2, 6, false); e.State != EnlistedWaiting {
			t.Errorf("%+v", e)
		}
		if e := tell(1, 9, true); e.State != EnlistedOff {
			t.Errorf("%+v", e)
		}
		for _, seq := range []uint64{9, 5, 7} { // again, and late
			if e := tell(1, seq, false); e.State != EnlistedOff {
				t.Errorf("entry %d makes %+v", seq, e)
			}
		}
		if e := tell(2, 6, false); e.State != EnlistedIn {
			t.Errorf("who waited has %+v", e)
		}
		w.time = w.time.Add(4 * time.Hour)
		if e := tell(3, 12, false); e.State != EnlistedLate {
			t.Errorf("after the end: %+v", e)
		}
		if _, err := w.EnlistEntry(ctx, "A-01", 1, 13, ledger.Enlist{Shift: ledger.ID{9}, Volunteer: ledger.ID{3}}); !errors.Is(err, ErrUnknown) {
			t.Errorf("of no shift: %v", err)
		}
	})
}

// A kiosk is told what became of what it sent, also when nothing of the claim changed:
// the document says up to which entry it follows, and why a claim does not stand.
func TestAKioskHearsWhatBecameOfAClaim(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		shift := w.shiftAt(1, time.Hour)
		shift.Posts = []civic.Post{{Name: "劝导员", Wanted: 1}, {Name: "登记员", Wanted: 1}}
		w.must(w.PutShift(ctx, "qingxi", shift))
		a, b := ledger.ID{1}, ledger.ID{2}
		tell := func(who ledger.ID, seq uint64, post int64) {
			t.Helper()
			_, err := w.EnlistEntry(ctx, "A-01", 1, seq, ledger.Enlist{Shift: shift.ID, Volunteer: who, Post: post})
			w.must(err)
		}
		says := func() *civic.Shift {
			t.Helper()
			w.time = w.time.Add(shiftDebounce + time.Second)
			_, err := w.TellShifts(ctx)
			w.must(err)
			list, err := w.Documents(ctx, "qingxi", KindShift, []string{shift.ID.String()})
			w.must(err)
			return list[0].Shift
		}
		tell(a, 5, 1)
		tell(b, 6, 2)
		tell(a, 7, 2) // is full, so the first one stands
		if d := says(); len(d.Heard) != 2 || d.Heard[0] != (civic.HeardClaim{Who: a, Kiosk: "A-01", Epoch: 1, Seq: 7}) || len(d.Ended) != 0 || len(d.Enlisted) != 2 || d.Enlisted[0].Post != 1 {
			t.Errorf("%+v, %+v, %+v", d.Heard, d.Ended, d.Enlisted)
		}
		if _, err := w.Enlist(ctx, Claim{Shift: shift.ID, Volunteer: a, Off: true, By: "lin"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Enlist(ctx, Claim{Shift: shift.ID, Volunteer: b, Off: true}); err != nil { // by phone
			t.Fatal(err)
		}
		want := []civic.EndedClaim{{Who: a, Why: civic.ClaimStruck}, {Who: b, Why: civic.ClaimGiven}}
		if d := says(); !slices.Equal(d.Ended, want) || len(d.Enlisted) != 0 {
			t.Errorf("%+v, %+v", d.Ended, d.Enlisted)
		}
		w.time = w.time.Add(4 * time.Hour)
		tell(ledger.ID{3}, 12, 1)
		if d := says(); len(d.Ended) != 3 || d.Ended[2] != (civic.EndedClaim{Who: ledger.ID{3}, Why: civic.ClaimLate}) {
			t.Errorf("%+v", d.Ended)
		}
		w.proof()
	})
}

// Many who claim at once never get more places than there are, and the document does
// not go out with each of them.
func TestManyClaimAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		shift := w.shiftAt(1, time.Hour)
		w.must(w.PutShift(ctx, "qingxi", shift))
		before := w.toldOf("qingxi", shift.ID).Version
		var all sync.WaitGroup
		states := make([]EnlistState, 12)
		for i := range states {
			all.Go(func() {
				e, err := w.Enlist(ctx, Claim{Shift: shift.ID, Volunteer: ledger.ID{byte(i + 1)}, Wait: true})
				if err != nil {
					t.Error(err)
				}
				states[i] = e.State
			})
		}
		all.Wait()
		in := len(slices.DeleteFunc(slices.Clone(states), func(s EnlistState) bool { return s != EnlistedIn }))
		if in != 3 {
			t.Errorf("%d of 3 places were given: %v", in, states)
		}
		if d := w.toldOf("qingxi", shift.ID); d.Version != before {
			t.Errorf("the document went out meanwhile: %+v", d)
		}
		w.time = w.time.Add(shiftDebounce)
		if w.tells(); len(w.toldOf("qingxi", shift.ID).Enlisted) != 3 {
			t.Errorf("kiosks hear of %+v", w.toldOf("qingxi", shift.ID).Enlisted)
		}
	})
}
