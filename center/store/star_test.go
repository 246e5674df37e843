package store

import (
	"errors"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// served gives somebody hours that were entered afterwards.
func (w *world) served(v ledger.ID, id string, day ledger.Day, minutes int64) {
	w.t.Helper()
	w.must(w.PutHonour(w.t.Context(), Honour{Volunteer: v, ID: id, Day: day, First: 8 * 60, Last: 8*60 + minutes, What: "护河", Who: "lin", Second: "chen"}, 12*60))
}

// A star is announced once, granted when its days are over, or stopped by an officer
// with a reason and announced again.
func TestAStarIsAnnouncedBeforeItIsGranted(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, v, today := t.Context(), w.person(1, ""), w.today()
		star := Star{Volunteer: v, Stars: 1, State: StarAnnounced, Minutes: 6000, Town: "qingxi", Last: today + 7}
		for range 2 {
			w.must(w.PutStar(ctx, star))
		}
		state := func(want StarState) Star {
			t.Helper()
			list, err := w.StarsOf(ctx, v)
			if err != nil || len(list) != 1 || list[0].State != want {
				t.Fatalf("%+v %v, want %s", list, err, want)
			}
			if there, err := w.Stars(ctx, want, AskedMark{}, 10); err != nil || len(there) != 1 || there[0] != list[0] {
				t.Errorf("%+v %v", there, err)
			}
			return list[0]
		}
		state(StarAnnounced)
		w.must(w.EndStar(ctx, v, 1, today+7, "")) // its last day is not over
		state(StarAnnounced)
		w.must(w.StopStar(ctx, v, 1, "lin", "同名的另一个人"))
		w.must(w.StopStar(ctx, v, 1, "lin", "同名的另一个人"))
		if err := w.StopStar(ctx, v, 1, "chen", "x"); !errors.Is(err, ErrState) {
			t.Error(err)
		}
		if x := state(StarStopped); x.Who != "lin" || x.Ended.IsZero() {
			t.Errorf("%+v", x)
		}
		if due, err := w.DueStars(ctx, today+100); err != nil || len(due) != 0 {
			t.Errorf("a stopped star is due: %+v %v", due, err)
		}
		w.time = w.time.Add(time.Hour)
		w.must(w.ResumeStar(ctx, v, 1, "chen", "查过了，是本人", today+9))
		if x := state(StarAnnounced); !x.Ended.IsZero() || x.Last != today+9 || !x.Found.Equal(w.time) {
			t.Errorf("%+v", x)
		}
		if due, err := w.DueStars(ctx, today+10); err != nil || len(due) != 1 || due[0].Volunteer != v {
			t.Errorf("%+v %v", due, err)
		}
		w.must(w.EndStar(ctx, v, 1, today+10, ""))
		if x := state(StarGranted); StarsHeld([]Star{x}) != 1 {
			t.Errorf("%+v", x)
		}
		if held, err := w.StarsAmong(ctx, []ledger.ID{v, w.person(2, "")}); err != nil || len(held) != 1 || held[v] != 1 {
			t.Errorf("%+v %v", held, err)
		}
		if acts, err := w.PersonActs(ctx, v, 0, 10); err != nil || len(acts) != 2 || acts[0].Kind != "star.announced" {
			t.Errorf("%+v %v", acts, err)
		}
		if behind, err := w.Stars(ctx, StarGranted, state(StarGranted).Mark(), 10); err != nil || len(behind) != 0 {
			t.Errorf("%+v %v", behind, err)
		}
		for _, bad := range []Star{{Volunteer: v, Stars: 6, State: StarAnnounced}, {Volunteer: v, State: StarAnnounced}, {Stars: 1, State: StarGranted}, {Volunteer: v, Stars: 1, State: StarStopped}} {
			if err := w.PutStar(ctx, bad); !errors.Is(err, ErrInput) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		w.proof()
	})
}

// What somebody has served is what lists told and what was booked here, of all records
// that are one person.
func TestServiceOfOnePersonIsAddedUp(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		kept, other := w.person(1, ""), w.person(2, "")
		w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: kept, Name: "张伟", Minutes: 600}, Town: "qingxi"}))
		w.served(kept, "a", 2300, 90)
		w.served(other, "b", 2301, 60)
		w.must(w.PutStar(ctx, Star{Volunteer: kept, Stars: 2, State: StarGranted, Why: "listed"}))
		k, err := w.Record(ctx, kept)
		w.must(err)
		o, err := w.Record(ctx, other)
		w.must(err)
		w.must(w.Merge(ctx, Merge{Kept: kept, Other: other, KeptSeen: k.Stand, OtherSeen: o.Stand, By: "lin"}))
		w.must(w.deliver(ctx, other))
		sum, list, err := w.Services(ctx, kept)
		if err != nil || sum != (Served{Listed: 600, Honour: 150}) || len(list) != 2 || list[0].Day != 2301 || !list[0].Honour || list[1].Minutes != 90 {
			t.Errorf("%+v %+v %v", sum, list, err)
		}
		page, err := w.Servers(ctx, "")
		if err != nil || len(page.List) != 1 || page.List[0].ID != kept || page.List[0].Served != sum || StarsMet(page.List[0].Stars) != 2 || page.Last != other.String() {
			t.Errorf("%+v %v", page, err)
		}
		if page, err = w.Servers(ctx, page.Last); err != nil || page.Last != "" || len(page.List) != 0 {
			t.Errorf("%+v %v", page, err)
		}
	})
}
