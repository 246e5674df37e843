package store

import (
	"errors"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// stayed plans a shift of a place of the same day, at which somebody was from one
// minute to another, and has it wait for a leader.
func (w *world) stayed(n byte, b *box, v ledger.ID, start, from, to int64) civic.Shift {
	w.t.Helper()
	s := w.plan(n, b.head.Kiosk)
	s.Start, s.End = w.midnight()+start*60, w.midnight()+start*60+12*3600
	w.must(w.PutShift(w.t.Context(), "qingxi", s))
	b.checks(s, from, false, card(v))
	b.checks(s, to, true, card(v))
	b.up()
	return s
}

// midnight begins the world's day.
func (w *world) midnight() int64 {
	at := w.time.In(w.Zone())
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()).Unix()
}

func TestADayHasLimits(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		b := w.kiosk("SQ-01")
		v := w.person(1, "")
		morning := w.stayed(1, b, v, 0, 0, 300)   // 0:00 to 5:00
		overlap := w.stayed(2, b, v, 0, 240, 420) // 4:00 to 7:00
		noon := w.stayed(3, b, v, 0, 420, 600)    // 7:00 to 10:00
		long := w.stayed(4, b, v, 600, 0, 720)    // 10:00 to 22:00
		if a := w.confirm(v, morning, 0, false); a.Credit != 300 || a.Points != 50 {
			t.Errorf("the first: %d minutes, %d points", a.Credit, a.Points)
		}
		if a := w.confirm(v, overlap, 0, false); a.Credit != 120 || a.Points != 20 || a.Counted.Seconds() != 180*60 {
			t.Errorf("an hour of it counts already: %d minutes, %d points of %v", a.Credit, a.Points, a.Counted)
		}
		a := w.confirm(v, noon, 0, false)
		if a.State != civic.AttendPending || a.Why != WaitDay || a.Credit != 0 || !a.Has(SignDay) {
			t.Errorf("ten hours without approval: %+v", a)
		}
		if a = w.confirm(v, noon, 60, false); a.State != civic.AttendConfirmed || a.Credit != 60 {
			t.Errorf("an hour of it, which is eight: %+v", a)
		}
		if a = w.confirm(v, noon, 0, true); a.Credit != 180 || a.Points != 30 {
			t.Errorf("approved: %d minutes, %d points", a.Credit, a.Points)
		}
		if a = w.confirm(v, long, 0, true); a.Credit != 120 || a.Points != 20 || !a.Has(SignLong) {
			t.Errorf("never more than twelve hours: %d minutes, %v", a.Credit, a.Signs)
		}
		// What counted twice may count again when the other one does not.
		list, err := w.Confirm(t.Context(), Confirm{Shift: morning.ID, People: []ledger.ID{v}, Verdict: ledger.VerdictAbsent, By: "李敏"})
		if w.must(err); list[0].State != civic.AttendRefused || list[0].Credit != 0 {
			t.Errorf("taken away: %+v", list[0])
		}
		w.time = w.time.Add(time.Second)
		if a = w.confirm(v, overlap, 0, false); a.Credit != 180 || a.Points != 30 || a.Corrections != 1 {
			t.Errorf("the hour counts here now: %d minutes, %d points", a.Credit, a.Points)
		}
		if a = w.confirm(v, overlap, 600, false); a.Credit != 180 || a.State != civic.AttendConfirmed || !a.Has(SignDay) {
			t.Errorf("beyond eight hours it stays as it was: %+v", a)
		}
		if lot := w.lot(v, civic.Policy{}.Expiry(a.Day)); lot.Earned != 30+30+20 {
			t.Errorf("%d points in all", lot.Earned)
		}
		w.proof()
	})
}

func TestMinutesWithoutPoints(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		s := w.stayed(1, b, v, 0, 0, 29)
		if a := w.confirm(v, s, 0, false); a.Credit != 29 || a.Points != 0 || a.State != civic.AttendConfirmed {
			t.Errorf("%+v", a)
		}
		p, err := w.Person(t.Context(), v)
		if w.must(err); len(p.Earned) != 1 || p.Earned[0].Minutes != 29 || p.Earned[0].Points != 0 {
			t.Errorf("the account says %+v", p.Earned)
		}
		if a := w.confirm(v, s, 10, false); a.Credit != 10 {
			t.Errorf("corrected to %d", a.Credit)
		}
		if p, err = w.Person(t.Context(), v); err != nil || len(p.Earned) != 2 || p.Earned[1].Minutes+p.Earned[0].Minutes != 10 {
			t.Errorf("the account says %+v", p.Earned)
		}
		w.proof()
	})
}

func TestAForgottenCheckOutIsNeverZero(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		s := w.plan(1, "SQ-01")
		_, err := w.phone(v, s, false)
		w.must(err)
		w.time = time.Unix(s.End, 0)
		_, err = w.Sweep(t.Context())
		w.must(err)
		a := w.attendance(v, s)
		if a.State != civic.AttendPending || a.Why != WaitOut {
			t.Errorf("%s, %s", a.State, a.Why)
		}
		if d := w.hears("SQ-01", v, s); d == nil || d.State != civic.AttendPending {
			t.Errorf("the kiosk hears %+v", d)
		}
		waiting, err := w.AttendancesWaiting(t.Context(), AttendMark{}, 10)
		if w.must(err); len(waiting) != 1 || waiting[0].Volunteer != v {
			t.Errorf("%+v wait", waiting)
		}
		if next, err := w.AttendancesWaiting(t.Context(), waiting[0].Mark(), 10); err != nil || len(next) != 0 {
			t.Errorf("%d behind it, %v", len(next), err)
		}
		if counts, err := w.AttendCounts(t.Context(), []ledger.ID{s.ID}); err != nil || counts[s.ID].Pending != 1 || counts[s.ID].All() != 1 {
			t.Errorf("%+v, %v", counts, err)
		}
		if a = w.confirm(v, s, 0, false); a.Credit != 110 {
			t.Errorf("%d minutes to the planned end", a.Credit)
		}
		w.time = time.Unix(s.End, 0).Add(ShiftKept + 72*time.Hour)
		_, err = w.Sweep(t.Context())
		w.must(err)
		if d := w.hears("SQ-01", v, s); d != nil {
			t.Errorf("after forty days the kiosk still knows %+v", d)
		}
		version := w.attendance(v, s).Version
		if _, err = w.Sweep(t.Context()); err != nil || w.attendance(v, s).Version != version {
			t.Errorf("forgotten twice: %v", err)
		}
		w.proof()
	})
}

func TestNobodyConfirmsThemselves(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		b := w.kiosk("SQ-01")
		ctx := t.Context()
		mine, home := ledger.ID{1, 1}, ledger.ID{2, 1}
		for id, name := range map[ledger.ID]string{mine: "李敏", home: "李大伟"} {
			w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: id, Name: name}, Town: "qingxi", Household: "h"}))
		}
		w.must(w.AddOfficer(ctx, "李敏", RoleOfficer, "center", "周正"))
		w.must(w.SetOwn(ctx, "李敏", mine, "周正"))
		other := w.person(3, "")
		s := w.plan(1, "SQ-01")
		for _, v := range []ledger.ID{mine, home, other} {
			b.checks(s, 1, false, card(v))
		}
		s.Leaders = []ledger.ID{home}
		w.must(w.PutShift(ctx, "qingxi", s))
		b.add(ledger.Confirm{Key: ledger.Key{8}, Shift: s.ID, Operator: home, Verdict: ledger.VerdictThere, People: []ledger.ID{home, mine}})
		b.up()
		for _, v := range []ledger.ID{mine, home} {
			if a := w.attendance(v, s); a.State != civic.AttendPending || a.Why != WaitOwn || a.Credit != 0 {
				t.Errorf("a leader confirmed %v: %+v", v, a)
			}
		}
		list, err := w.Confirm(ctx, Confirm{Shift: s.ID, People: []ledger.ID{mine, home, other, {77}}, Verdict: ledger.VerdictThere, By: "李敏"})
		w.must(err)
		for i, want := range []error{ErrOwn, ErrOwn, nil, ErrUnknown} {
			if !errors.Is(list[i].Err, want) {
				t.Errorf("%d: %v, want %v", i, list[i].Err, want)
			}
		}
		if list[2].State != civic.AttendConfirmed {
			t.Errorf("the other one: %+v", list[2])
		}
		list, err = w.Confirm(ctx, Confirm{Shift: s.ID, People: []ledger.ID{mine, home}, Verdict: ledger.VerdictThere, By: "张强"})
		if w.must(err); list[0].State != civic.AttendConfirmed || list[1].State != civic.AttendConfirmed {
			t.Errorf("another officer confirms: %+v", list)
		}
		w.wantSigns(SignOwn, SignOwn)
		w.proof()
	})
}

func TestObjections(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		b := w.kiosk("SQ-01")
		ctx := t.Context()
		v := w.person(1, "")
		s := w.stayed(1, b, v, 0, 0, 60)
		lost := w.plan(2, "SQ-01")
		w.confirm(v, s, 0, false)
		o := Objection{Volunteer: v, ID: "0123456789abcdef", Shift: s.ID, ObjectionText: ObjectionText{Reason: ledger.ObjectFewer, Minutes: 120}}
		w.must(w.Object(ctx, o))
		w.must(w.Object(ctx, o))
		b.add(ledger.Object{Key: ledger.Key{9}, Volunteer: v, Shift: lost.ID, Reason: ledger.ObjectLost, Minutes: 60})
		b.up()
		waiting, err := w.Objections(ctx, ObjectionWaiting, AskedMark{}, 10)
		if w.must(err); len(waiting) != 2 {
			t.Fatalf("%+v", waiting)
		}
		if o, err = w.ObjectionOf(ctx, v, o.ID); err != nil || o.Said != 60 || o.What != "护河" || o.Scope != "qingxi" {
			t.Errorf("%+v, %v", o, err)
		}
		yes := Answer{Upheld: true, Minutes: 120, Reason: "看了登记表", By: "李敏"}
		w.must(w.AnswerObjection(ctx, v, o.ID, yes))
		w.must(w.AnswerObjection(ctx, v, o.ID, yes))
		if err := w.AnswerObjection(ctx, v, o.ID, Answer{Reason: "不对", By: "张强"}); !errors.Is(err, ErrState) {
			t.Errorf("answered twice: %v", err)
		}
		if a := w.attendance(v, s); a.Credit != 120 || a.Points != 20 || a.Corrections != 1 {
			t.Errorf("upheld: %+v", a)
		}
		for _, other := range waiting {
			if other.ID == o.ID {
				continue
			}
			if other.Kiosk != "SQ-01" || other.Reason != ledger.ObjectLost {
				t.Errorf("of the kiosk: %+v", other)
			}
			unseen := Answer{Upheld: true, Minutes: 60, By: "李敏"}
			w.wants(ErrUnseen, w.AnswerObjection(ctx, v, other.ID, unseen))
			if a, err := w.AttendanceOf(ctx, v, lost.ID); !errors.Is(err, ErrUnknown) {
				t.Errorf("hours stand on an objection alone: %+v, %v", a, err)
			}
			unseen.Entered = true
			w.must(w.AnswerObjection(ctx, v, other.ID, unseen))
			w.must(w.AnswerObjection(ctx, v, other.ID, unseen))
			if got, err := w.ObjectionOf(ctx, v, other.ID); err != nil || got.State != ObjectionUpheld || got.Given != 60 {
				t.Errorf("%+v, %v", got, err)
			}
		}
		refused := Objection{Volunteer: v, ID: "fedcba9876543210", ObjectionText: ObjectionText{Earning: w.attendance(v, s).Earning, Reason: ledger.ObjectPoints}}
		w.must(w.Object(ctx, refused))
		if err := w.AnswerObjection(ctx, v, refused.ID, Answer{By: "李敏"}); !errors.Is(err, ErrInput) {
			t.Errorf("refused without a reason: %v", err)
		}
		w.must(w.AnswerObjection(ctx, v, refused.ID, Answer{Reason: "每小时 10 分", By: "李敏"}))
		if got, err := w.ObjectionOf(ctx, v, refused.ID); err != nil || got.Shift != s.ID || got.State != ObjectionRefused {
			t.Errorf("an objection to a line of a shift: %+v, %v", got, err)
		}
		given := civic.Earning{On: 2300, Expires: lotA, What: "表彰", Points: 30}
		w.must(w.Earn(ctx, v, w.earnKey(), given))
		b.add(ledger.Object{Key: ledger.Key{10}, Volunteer: v, Earning: given.Name(), Reason: ledger.ObjectPoints})
		b.add(ledger.Object{Key: ledger.Key{11}, Volunteer: v, Earning: "2026-05-01 0 7 没有", Reason: ledger.ObjectPoints})
		b.up()
		names := map[string]bool{}
		list, err := w.ObjectionsOf(ctx, v, 10)
		w.must(err)
		for _, o := range list {
			names[o.What] = true
		}
		if len(list) != 5 || !names["表彰"] || !names["2026-05-01 0 7 没有"] {
			t.Errorf("%d objections, %v", len(list), names)
		}
		if list, err := w.ObjectionsOf(ctx, v, 10); err != nil || len(list) != 5 {
			t.Errorf("%d objections, %v", len(list), err)
		}
		refused.ID, refused.Earning = "0000000000000000", "nothing"
		if err := w.Object(ctx, refused); !errors.Is(err, ErrUnknown) {
			t.Errorf("to nothing: %v", err)
		}
		acts, err := w.PersonActs(ctx, v, 0, 50)
		w.must(err)
		kinds := map[string]int{}
		for _, a := range acts {
			kinds[a.Kind]++
		}
		if kinds["objection.made"] != 5 || kinds["objection.answered"] != 3 || kinds["attendance.decided"] != 2 {
			t.Errorf("acts %v", kinds)
		}
		w.wantSigns()
		w.proof()
	})
}
