package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/center/store/storetest"
	"yizhan/civic"
	"yizhan/ledger"
)

// attendStory is what happens to a few people at a few shifts of one day, drawn from a
// seed: cards, phones, rosters, officers, people without a name, objections.
type attendStory struct {
	w      *world
	dice   *rand.Rand
	boxes  []*box
	shifts []civic.Shift
	people []ledger.ID // the last two have no name
}

const storyPeople = 5

func newAttendStory(w *world, seed uint64) *attendStory {
	w.leader()
	st := &attendStory{w: w, dice: rand.New(rand.NewPCG(seed, 6))}
	for _, id := range []string{"SQ-01", "SQ-02"} {
		st.boxes = append(st.boxes, w.kiosk(id))
	}
	for n := range byte(3) {
		s := w.plan(n+1, "SQ-01", "SQ-02")
		s.Start, s.End = w.midnight()+int64(n)*3*3600, w.midnight()+int64(n)*3*3600+5*3600 // they overlap
		w.must(w.PutShift(w.t.Context(), "qingxi", s))
		st.shifts = append(st.shifts, s)
	}
	for n := range byte(storyPeople) {
		st.people = append(st.people, w.person(n+1, ""))
	}
	st.people = append(st.people, ledger.ID{200, 1}, ledger.ID{201, 1})
	return st
}

// step is one thing that happens.
func (st *attendStory) step() {
	w, ctx := st.w, st.w.t.Context()
	s, b := st.shifts[st.dice.IntN(len(st.shifts))], st.boxes[st.dice.IntN(len(st.boxes))]
	who, minute := st.people[st.dice.IntN(len(st.people))], st.dice.Int64N(300)
	guest := who[0] >= 200
	w.time = w.time.Add(time.Second)
	switch kind := st.dice.IntN(10); {
	case kind < 4:
		c := card(who)
		if guest {
			c.By = ledger.CheckWalkIn
		}
		b.checks(s, minute, st.dice.IntN(2) == 0, c)
	case kind == 4 && !guest:
		x := Attend{Volunteer: who, Shift: s.ID, Out: st.dice.IntN(2) == 0, At: time.Unix(s.Start+minute*60, 0), Kiosk: "SQ-01", Phone: "of " + who.String()}
		w.must(already(w.Attend(ctx, x)))
	case kind == 5:
		b.roster(s, minute, ledger.Verdict(1+st.dice.IntN(2)), 0, st.people[:3+st.dice.IntN(4)]...)
	case kind == 6:
		list, err := w.Confirm(ctx, Confirm{Shift: s.ID, People: []ledger.ID{who}, Verdict: ledger.VerdictThere, Minutes: st.dice.Int64N(3) * 90, Approved: st.dice.IntN(3) == 0, By: "李敏"})
		w.must(err)
		if err := list[0].Err; err != nil && !errors.Is(err, ErrUnknown) {
			w.must(err)
		}
	case kind == 7 && st.dice.IntN(4) == 0:
		err := w.IdentifyGuest(ctx, st.people[storyPeople+st.dice.IntN(2)], st.people[st.dice.IntN(storyPeople)], "李敏")
		if err != nil && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrState) {
			w.must(err)
		}
	case kind == 8 && !guest:
		o := Objection{Volunteer: who, ID: fmt.Sprintf("%016x", st.dice.Uint64()), Shift: s.ID, ObjectionText: ObjectionText{Reason: ledger.ObjectLost}}
		w.must(w.Object(ctx, o))
		who, err := w.Survivor(ctx, who)
		w.must(err)
		w.mayBe(w.AnswerObjection(ctx, who, o.ID, Answer{Upheld: st.dice.IntN(2) == 0, Minutes: st.dice.Int64N(3) * 60, Reason: "x", By: "李敏"}))
	case kind == 9 && st.dice.IntN(2) == 0:
		st.paper(who)
	default:
		b.up()
	}
}

// paper is what officers do to records: hours that are entered afterwards, two records that
// are merged, or parted again.
func (st *attendStory) paper(who ledger.ID) {
	w, ctx := st.w, st.w.t.Context()
	other := st.people[st.dice.IntN(storyPeople)]
	if who[0] >= 200 {
		who = st.people[0]
	}
	switch kind := st.dice.IntN(3); {
	case kind == 0:
		first := st.dice.Int64N(12) * 60
		w.mayBe(w.PutHonour(ctx, Honour{Volunteer: who, ID: fmt.Sprintf("%016x", st.dice.Uint64()), Day: w.today(), First: first, Last: first + 60 + st.dice.Int64N(3)*60, What: "护河", Who: "李敏", Second: "chen"}, 720))
	case kind == 1 && who != other:
		w.mayBe(w.Merge(ctx, w.asSeen(Merge{Kept: who, Other: other, By: "李敏"})))
	default:
		w.mayBe(w.Unmerge(ctx, other, "李敏"))
	}
}

// mayBe lets pass what an officer may be refused.
func (w *world) mayBe(err error) {
	w.t.Helper()
	if err != nil && !errors.Is(err, ErrQuota) && !errors.Is(err, ErrState) && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrInput) && !errors.Is(err, ErrUnseen) {
		w.must(err)
	}
}

// ends is what became of everything.
func (st *attendStory) ends() (lines []string) {
	for _, b := range st.boxes {
		b.up()
	}
	_, err := st.w.Sweep(st.w.t.Context())
	st.w.must(err)
	for _, s := range st.shifts {
		list, err := st.w.AttendancesAt(st.w.t.Context(), s.ID, ledger.ID{})
		st.w.must(err)
		for _, a := range list {
			var signs []string
			for _, sign := range a.Signs {
				signs = append(signs, sign.Word)
			}
			slices.Sort(signs)
			lines = append(lines, fmt.Sprint(a.Volunteer, a.Shift, a.In, a.Out, a.State, a.Why, a.Credit, a.Points, a.Guest, a.Corrections, signs))
		}
	}
	for _, v := range st.people[:storyPeople] {
		p, err := st.w.Person(st.w.t.Context(), v)
		st.w.must(err)
		for _, e := range p.Earned {
			lines = append(lines, fmt.Sprintf("%v %+v", v, e))
		}
	}
	slices.Sort(lines)
	return append(lines, st.w.signs()...)
}

// The same story ends the same when transactions collide, connections are cut, and
// every second commit's answer is lost; and the whole book can be proved each time.
func TestAttendancesSurviveFaults(t *testing.T) {
	for seed := range uint64(2) {
		run := func(database string, faults *faults) []string {
			w := newWorld(t, database)
			if faults != nil {
				w.Store = w.another(faults.wrap)
			}
			st := newAttendStory(w, seed)
			for range 60 {
				st.step()
			}
			lines := st.ends()
			w.proof()
			return lines
		}
		want := run(filepath.Join(t.TempDir(), "book.db"), nil)
		ends := map[string][]string{"twice": run(filepath.Join(t.TempDir(), "book.db"), newFaults(1, 0))}
		if seed == 0 {
			ends["postgres"] = run(storetest.Database(t), newFaults(seed, 90))
		} else {
			ends["sqlite"] = run(filepath.Join(t.TempDir(), "book.db"), newFaults(seed, 60))
		}
		for name, got := range ends {
			if !slices.Equal(got, want) {
				for _, line := range got {
					if !slices.Contains(want, line) {
						t.Errorf("seed %d, %s: %s", seed, name, line)
					}
				}
				t.Fatalf("seed %d without faults:\n%s", seed, strings.Join(want, "\n"))
			}
		}
	}
}
