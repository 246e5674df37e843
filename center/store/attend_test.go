package store

import (
	"errors"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// plan makes a shift of two hours that has begun ten minutes ago.
func (w *world) plan(n byte, kiosks ...string) civic.Shift {
	w.t.Helper()
	start := w.time.Add(-10 * time.Minute).Unix()
	s := civic.Shift{ID: ledger.ID{n, 5}, Activity: ledger.ID{n, 6}, Title: "护河", Place: "石桥", Scope: "qingxi", Start: start, End: start + 7200, Kiosks: kiosks,
		CheckEarly: 1800, CheckLate: 3600}
	w.must(w.PutShift(w.t.Context(), "qingxi", s))
	return s
}

// phone checks in or out with a phone now.
func (w *world) phone(v ledger.ID, s civic.Shift, out bool) (Attendance, error) {
	return w.Attend(w.t.Context(), Attend{Volunteer: v, Shift: s.ID, Out: out, At: w.time, Kiosk: s.Kiosks[0], Phone: "phone of " + v.String()})
}

// attendance reads one, with its state.
func (w *world) attendance(v ledger.ID, s civic.Shift) Attendance {
	w.t.Helper()
	a, err := w.AttendanceOf(w.t.Context(), v, s.ID)
	w.must(err)
	return a
}

// hears is what a kiosk's documents say of an attendance; nil: nothing any more.
func (w *world) hears(kiosk string, v ledger.ID, s civic.Shift) *civic.Attended {
	w.t.Helper()
	list, err := w.Documents(w.t.Context(), kiosk, KindAttended, []string{civic.Attended{Shift: s.ID, Who: v}.Key()})
	w.must(err)
	if len(list) == 0 {
		return nil
	}
	return list[0].Attended
}

// confirm has an officer confirm one attendance.
func (w *world) confirm(v ledger.ID, s civic.Shift, minutes int64, approved bool) Attendance {
	w.t.Helper()
	list, err := w.Confirm(w.t.Context(), Confirm{Shift: s.ID, People: []ledger.ID{v}, Verdict: ledger.VerdictThere, Minutes: minutes, Approved: approved, By: "李敏"})
	w.must(err)
	w.must(list[0].Err)
	return list[0].Attendance
}

func TestPresenceBecomesPoints(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		w.kiosk("QX-01")
		v := w.person(1, "SQ-01")
		s := w.plan(1, "SQ-01", "QX-01")
		a, err := w.phone(v, s, false)
		w.must(err)
		if a.State != civic.AttendOpen || a.In.How != HowPhone || a.Day.String() != "2026-05-04" {
			t.Errorf("%+v", a)
		}
		for _, kiosk := range s.Kiosks {
			if d := w.hears(kiosk, v, s); d == nil || d.Name != "张*" || d.In != w.time.Unix() || d.State != civic.AttendOpen {
				t.Errorf("%s was told %+v", kiosk, d)
			}
		}
		if again, err := w.phone(v, s, false); err != nil || again.Version != a.Version {
			t.Errorf("the same check again: %v", err)
		}
		w.time = w.time.Add(time.Minute)
		if again, err := w.phone(v, s, false); !errors.Is(err, ErrAlready) || again.In != a.In {
			t.Errorf("a second check: %v, %+v", err, again)
		}
		w.time = w.time.Add(94 * time.Minute)
		a, err = w.phone(v, s, true)
		w.must(err)
		if a.State != civic.AttendPending || a.Why != WaitLeader {
			t.Errorf("after the check-out %+v", a)
		}
		a = w.confirm(v, s, 0, false)
		if a.State != civic.AttendConfirmed || a.Credit != 95 || a.Points != 15 {
			t.Errorf("confirmed: %s, %d minutes, %d points", a.State, a.Credit, a.Points)
		}
		if again := w.confirm(v, s, 0, false); again.Version != a.Version {
			t.Errorf("confirmed twice: %+v", again)
		}
		p, err := w.Person(t.Context(), v)
		w.must(err)
		if len(p.Earned) != 1 || p.Earned[0].What != "护河" || p.Earned[0].Minutes != 95 || p.Earned[0].Points != 15 || p.Earned[0].Rate != 10 || p.Served != 95 {
			t.Errorf("the account says %+v, %d minutes", p.Earned, p.Served)
		}
		if d := w.hears("QX-01", v, s); d.State != civic.AttendConfirmed || d.Minutes != 95 || d.Points != 15 {
			t.Errorf("the kiosk was told %+v", d)
		}
		list, minutes, err := w.AttendancesOf(t.Context(), v, AttendMark{}, 10)
		if w.must(err); len(list) != 1 || minutes != 95 {
			t.Errorf("%d attendances, %d minutes", len(list), minutes)
		}
		w.proof()
	})
}

// A school that arrives at once in an empty book: strangers do not keep each other out.
func TestManyCheckInAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		s := w.plan(1, "SQ-01")
		var people []ledger.ID
		for n := range 48 {
			people = append(people, w.person(byte(n+1), "SQ-01"))
		}
		var wait sync.WaitGroup
		for _, v := range people {
			wait.Go(func() {
				if a, err := w.phone(v, s, false); err != nil || a.State != civic.AttendOpen {
					t.Errorf("%v: %s, %v", v, a.State, err)
				}
			})
		}
		wait.Wait()
		for _, v := range people {
			if d := w.hears("SQ-01", v, s); d == nil || d.In != w.time.Unix() {
				t.Errorf("of %v the kiosk heard %+v", v, d)
			}
		}
		w.proof()
	})
}

// Two checks of one volunteer at two kiosks, neither of which has seen the other: who
// brings them out does. And a check that another one has overtaken is looked at again.
func TestChecksThatDidNotSeeEachOther(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		w.kiosk("QX-01")
		v := w.person(1, "SQ-01")
		one, two := w.plan(1, "SQ-01"), w.plan(2, "QX-01")
		look := func(s civic.Shift) (a Attendance) {
			w.must(w.read(t.Context(), "looking", v.String(), func(t *txn) (err error) {
				x := atShift{who: v, shift: s, scope: "qingxi", seen: Seen{Check: civic.Check{MS: w.time.UnixMilli(), Quality: ledger.ClockSynced}, How: HowPhone, Kiosk: s.Kiosks[0]}}
				a, _, err = t.look(x, 0, w.Zone(), w.now())
				return err
			}))
			return a
		}
		put := func(a Attendance) error {
			return w.write(t.Context(), "putting", v.String(), func(t *txn) error { return t.putUnmoved(&a, w.now()) })
		}
		first, second := look(one), look(two)
		w.must(put(first))
		w.must(put(second))
		if err := put(first); !errors.Is(err, ErrChanged) {
			t.Errorf("written over what nobody has looked at: %v", err)
		}
		w.wantSigns()
		w.must(w.deliver(t.Context(), v))
		w.wantSigns(SignElsewhere)
		w.must(w.deliver(t.Context(), v))
		w.wantSigns(SignElsewhere)
		w.proof()
	})
}

func TestWhoMayNotCheckIn(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		s := w.plan(1, "SQ-01")
		check := func(x Attend) error {
			_, err := w.Attend(t.Context(), x)
			return err
		}
		for name, c := range map[string]struct {
			x    Attend
			want error
		}{
			"nobody":           {Attend{Volunteer: ledger.ID{99}, Shift: s.ID, At: w.time, Kiosk: "SQ-01"}, ErrUnknown},
			"no such shift":    {Attend{Volunteer: v, Shift: ledger.ID{99}, At: w.time, Kiosk: "SQ-01"}, ErrUnknown},
			"another kiosk":    {Attend{Volunteer: v, Shift: s.ID, At: w.time, Kiosk: "QX-01"}, ErrNotOpen},
			"too early":        {Attend{Volunteer: v, Shift: s.ID, At: time.Unix(s.Opens()-1, 0), Kiosk: "SQ-01"}, ErrNotOpen},
			"too late":         {Attend{Volunteer: v, Shift: s.ID, At: time.Unix(s.Shuts()+1, 0), Kiosk: "SQ-01", Out: true}, ErrNotOpen},
			"no time":          {Attend{Volunteer: v, Shift: s.ID, Kiosk: "SQ-01"}, ErrInput},
			"in, just in time": {Attend{Volunteer: v, Shift: s.ID, At: time.Unix(s.Opens(), 0), Kiosk: "SQ-01"}, nil},
			"out at the end":   {Attend{Volunteer: v, Shift: s.ID, At: time.Unix(s.Shuts(), 0), Kiosk: "SQ-01", Out: true}, nil},
		} {
			if err := check(c.x); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		s.Closed = true
		w.must(w.PutShift(t.Context(), "qingxi", s))
		if err := check(Attend{Volunteer: w.person(2, ""), Shift: s.ID, At: w.time, Kiosk: "SQ-01"}); !errors.Is(err, ErrNotOpen) {
			t.Errorf("called off: %v", err)
		}
	})
}

func TestPINsOfKiosks(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		a, b := w.kiosk("SQ-01"), w.kiosk("QX-01")
		v := w.person(1, "SQ-01")
		pin := func(want string) {
			t.Helper()
			if got, err := w.PINOf(t.Context(), v); err != nil || got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
		pin("")
		set := func(b *box, verifier string) {
			b.clock = w.time
			b.add(ledger.Register{Person: v, Step: ledger.PINTry})
			b.add(ledger.Register{Person: v, Step: ledger.PINSet, Verifier: []byte(verifier)})
			b.up()
		}
		set(a, "first")
		pin("first")
		w.time = w.time.Add(time.Minute)
		set(b, "second")
		pin("second")
		w.time = w.time.Add(-time.Hour)
		set(a, "of a clock behind") // the other kiosk's is later
		pin("second")
		set(b, "third") // later by the chain, whatever the clock says
		pin("third")
		if _, err := w.PINOf(t.Context(), ledger.ID{99}); !errors.Is(err, ErrUnknown) {
			t.Errorf("of nobody: %v", err)
		}
		for range MaxTries {
			w.must(w.TryPIN(t.Context(), v))
		}
		if err := w.TryPIN(t.Context(), v); !errors.Is(err, ErrLocked) {
			t.Errorf("one more try: %v", err)
		}
		w.must(w.PassPIN(t.Context(), v))
		w.must(w.TryPIN(t.Context(), v))
		w.proof()
	})
}

// Many phones at one kiosk at once are all checked in, and the kiosk hears of all.
func TestManyPhonesAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		s := w.plan(1, "SQ-01")
		var people []ledger.ID
		for n := range byte(40) {
			people = append(people, w.person(n+1, ""))
		}
		errs := make([]error, len(people))
		var wait sync.WaitGroup
		for i, v := range people {
			wait.Go(func() { _, errs[i] = w.phone(v, s, false) })
		}
		wait.Wait()
		for i, v := range people {
			if d := w.hears("SQ-01", v, s); errs[i] != nil || d == nil || d.In != w.time.Unix() {
				t.Errorf("%v: %v, the kiosk hears %+v", v, errs[i], d)
			}
		}
		if counts, err := w.AttendCounts(t.Context(), []ledger.ID{s.ID}); err != nil || counts[s.ID].Open != 40 {
			t.Errorf("%+v, %v", counts, err)
		}
		w.proof()
	})
}

// A kiosk that is added to a shift hears of everybody who is there already, and one that
// is taken off forgets them; what changes later reaches those that the shift has now.
func TestAKioskIsAddedToAShift(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, kiosk := range []string{"SQ-01", "QX-01", "QX-02"} {
			w.kiosk(kiosk)
		}
		v, u := w.person(1, "SQ-01"), w.person(2, "")
		s := w.plan(1, "SQ-01", "QX-02")
		for _, who := range []ledger.ID{v, u} {
			if _, err := w.phone(who, s, false); err != nil {
				t.Fatal(err)
			}
		}
		told := func(kiosk string, who ledger.ID, want string) {
			t.Helper()
			state := ""
			if d := w.hears(kiosk, who, s); d != nil {
				state = d.State
			}
			if state != want {
				t.Errorf("%s knows %q of %v, want %q", kiosk, state, who, want)
			}
		}
		s.Kiosks = []string{"SQ-01", "QX-01"}
		w.must(w.PutShift(ctx, "qingxi", s))
		for range 2 { // and nothing more the second time
			if _, err := w.TellShifts(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for _, who := range []ledger.ID{v, u} {
			told("SQ-01", who, civic.AttendOpen)
			told("QX-01", who, civic.AttendOpen)
			told("QX-02", who, "")
		}
		if a := w.attendance(v, s); a.Version != 2 {
			t.Errorf("it was written %d times", a.Version)
		}
		if n, err := w.TellShifts(ctx); err != nil || n != 0 {
			t.Errorf("%d shifts are due, %v", n, err)
		}
		w.time = w.time.Add(2 * time.Hour)
		w.confirm(v, s, 60, false)
		told("QX-01", v, civic.AttendConfirmed)
		told("QX-02", v, "")
		w.proof()
	})
}
