package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

var theLeader = ledger.ID{9, 9}

// leader gives the kiosks of the town a leader.
func (w *world) leader() {
	w.t.Helper()
	staff := civic.Staff{ID: theLeader, Name: "王芳", Role: civic.RoleLeader, PIN: "x"}
	w.must(w.PutDocument(w.t.Context(), "qingxi", civic.Document{Staff: &staff}))
}

// checks has a box see somebody at a minute of the shift.
func (b *box) checks(s civic.Shift, minute int64, out bool, c ledger.Check) {
	b.w.t.Helper()
	b.clock, c.Shift = time.Unix(s.Start+minute*60, 0), s.ID
	b.w.earnings++
	c.Key = ledger.Key{byte(b.w.earnings >> 8), byte(b.w.earnings), 1}
	if out {
		b.add(ledger.CheckOut{Check: c})
		return
	}
	b.add(ledger.CheckIn{Check: c})
}

func (b *box) roster(s civic.Shift, minute int64, verdict ledger.Verdict, minutes int64, people ...ledger.ID) {
	b.w.t.Helper()
	b.clock = time.Unix(s.Start+minute*60, 0)
	b.add(ledger.Confirm{Key: ledger.Key{byte(minute), 2}, Shift: s.ID, Operator: theLeader, Verdict: verdict, Minutes: minutes, People: people})
}

func card(v ledger.ID) ledger.Check { return ledger.Check{Who: v, By: ledger.CheckCard} }

// signs are the words of the open lines of the review list, in order.
func (w *world) signs() (words []string) {
	w.t.Helper()
	list, err := w.Signs(w.t.Context(), false, AskedMark{}, 100)
	w.must(err)
	for _, r := range list {
		words = append(words, r.Word)
	}
	slices.Sort(words)
	return words
}

func (w *world) wantSigns(want ...string) {
	w.t.Helper()
	slices.Sort(want)
	if got := w.signs(); !slices.Equal(got, want) {
		w.t.Errorf("signs %q, want %q", got, want)
	}
}

func TestKiosksTellOfAttendances(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		a, b := w.kiosk("SQ-01"), w.kiosk("SQ-02")
		v, u := w.person(1, ""), w.person(2, "SQ-01")
		s := w.plan(1, "SQ-01", "SQ-02")
		a.checks(s, 1, false, card(v))
		a.checks(s, 2, false, ledger.Check{Who: u, By: ledger.CheckStaff, Operator: theLeader})
		a.checks(s, 91, true, card(v))
		a.roster(s, 121, ledger.VerdictThere, 0, v, u)
		a.up()
		at, over := w.attendance(v, s), w.attendance(u, s)
		if at.State != civic.AttendConfirmed || at.Credit != 90 || at.Points != 15 || at.In.How != HowCard || at.Said.By != theLeader.String()+"@SQ-01" {
			t.Errorf("by card: %+v", at)
		}
		if over.State != civic.AttendConfirmed || over.Credit != 118 || over.In.How != HowStaff || over.Out.MS != 0 {
			t.Errorf("by hand, without a check-out: %+v", over)
		}
		if d := w.hears("SQ-02", v, s); d == nil || d.State != civic.AttendConfirmed || d.Minutes != 90 {
			t.Errorf("the other kiosk hears %+v", d)
		}
		b.roster(s, 130, ledger.VerdictThere, 60, v)
		b.roster(s, 131, ledger.VerdictAbsent, 0, u)
		b.up()
		if at, over = w.attendance(v, s), w.attendance(u, s); at.Credit != 60 || at.Points != 10 || over.State != civic.AttendRefused || over.Credit != 0 {
			t.Errorf("corrected: %d minutes, %d points; %s", at.Credit, at.Points, over.State)
		}
		p, err := w.Person(t.Context(), v)
		w.must(err)
		var points ledger.Points
		var minutes int64
		for _, e := range p.Earned {
			points, minutes = points+e.Points, minutes+e.Minutes
			if e.Points != 15 && e.Of != at.Earning {
				t.Errorf("a correction of %q: %+v", at.Earning, e)
			}
		}
		if points != 10 || minutes != 60 || p.Served != 60 {
			t.Errorf("the account: %d points, %d minutes, %d in all", points, minutes, p.Served)
		}
		if back, err := w.Reversals(t.Context(), u); err != nil || len(back) != 1 || back[0].Wanted() != 15 {
			t.Errorf("what lies at a kiosk is wanted back: %+v, %v", back, err)
		}
		w.wantSigns()
		w.proof()
	})
}

// What comes twice, in pieces, or in another order comes to the same.
func TestTheSameChecksInAnyOrder(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		a, b := w.kiosk("SQ-01"), w.kiosk("SQ-02")
		v := w.person(1, "SQ-01")
		first := w.plan(1, "SQ-01", "SQ-02")
		type step func(s civic.Shift)
		steps := map[string]step{
			"card":   func(s civic.Shift) { a.checks(s, 12, false, card(v)); a.up() },
			"roster": func(s civic.Shift) { b.roster(s, 121, ledger.VerdictThere, 0, v); b.up() },
			"phone": func(s civic.Shift) {
				w.must(already(w.Attend(t.Context(), Attend{Volunteer: v, Shift: s.ID, At: time.Unix(s.Start+12*60+30, 0), Kiosk: "SQ-02"})))
			},
			"out": func(s civic.Shift) { a.checks(s, 72, true, card(v)); a.up() },
		}
		for i, order := range [][]string{{"card", "phone", "out", "roster"}, {"phone", "card", "out", "roster"}, {"roster", "card", "phone", "out"}, {"out", "card", "roster", "phone"}, {"roster", "out", "phone", "card"}} {
			s := first
			s.ID, s.Start, s.End = ledger.ID{byte(i + 1), 5}, first.Start-int64(i)*86400, first.End-int64(i)*86400
			w.must(w.PutShift(t.Context(), "qingxi", s))
			for _, word := range order {
				steps[word](s)
			}
			at := w.attendance(v, s)
			if at.State != civic.AttendConfirmed || at.In.How != HowCard || at.In.MS != (s.Start+12*60)*1000 || at.Out.MS != (s.Start+72*60)*1000 {
				t.Errorf("%v: %+v", order, at)
			}
			if at.Credit != 60 || at.Points != 10 {
				t.Errorf("%v: %d minutes, %d points", order, at.Credit, at.Points)
			}
		}
		w.proof()
	})
}

// already drops the error that says so.
func already(a Attendance, err error) error {
	if errors.Is(err, ErrAlready) {
		return nil
	}
	return err
}

func TestStrangersAndWalkIns(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		b := w.kiosk("SQ-01")
		s := w.plan(1, "SQ-01")
		mobile := civic.PhoneHash{7}
		known := ledger.ID{3, 1}
		w.must(w.PutPerson(t.Context(), Person{Volunteer: civic.Volunteer{ID: known, Name: "陈静", Phone: mobile, Tail: "1234", Cards: []civic.CardID{{3}}}, Town: "qingxi"}))
		strange, walkin := civic.CardID{77}, ledger.ID{5, 5}
		b.checks(s, 1, false, ledger.Check{Card: [16]byte(civic.CardID{3}), By: ledger.CheckCard}) // the center knows it
		b.checks(s, 2, false, ledger.Check{Card: [16]byte(strange), By: ledger.CheckCard})
		b.checks(s, 3, false, ledger.Check{Who: walkin, By: ledger.CheckWalkIn, Phone: [16]byte(mobile), Tail: "1234"})
		b.roster(s, 121, ledger.VerdictThere, 0, civic.CardID{3}.Stranger(), strange.Stranger(), walkin)
		b.up()
		if a := w.attendance(known, s); a.State != civic.AttendConfirmed || a.Credit != 119 {
			t.Errorf("whom the table of cards knew: %+v", a)
		}
		if a := w.attendance(walkin, s); !a.Guest || a.State != civic.AttendConfirmed || a.Credit != 0 || a.Suggested != known || a.Tail != "1234" {
			t.Errorf("the walk-in: %+v", a)
		}
		guests, err := w.Guests(t.Context(), AttendMark{}, 10)
		if w.must(err); len(guests) != 2 {
			t.Errorf("%d without a name", len(guests))
		}
		u := w.person(4, "SQ-01")
		w.must(w.IdentifyGuest(t.Context(), walkin, u, "李敏"))
		w.must(w.IdentifyGuest(t.Context(), walkin, u, "李敏"))
		if err := w.IdentifyGuest(t.Context(), walkin, known, "李敏"); !errors.Is(err, ErrState) {
			t.Errorf("as somebody else: %v", err)
		}
		if err := w.IdentifyGuest(t.Context(), ledger.ID{66}, known, "李敏"); !errors.Is(err, ErrUnknown) {
			t.Errorf("nobody: %v", err)
		}
		a := w.attendance(u, s)
		if a.Guest || a.State != civic.AttendConfirmed || a.Credit != 117 || a.Points != 15 {
			t.Errorf("the walk-in has a name: %+v", a)
		}
		if same := w.attendance(walkin, s); same.Volunteer != u {
			t.Errorf("the walk-in's number leads to %v", same.Volunteer)
		}
		if w.hears("SQ-01", walkin, s) != nil || w.hears("SQ-01", u, s) == nil {
			t.Error("the kiosk does not hear whose it is")
		}
		b.checks(s, 125, true, ledger.Check{Who: walkin, By: ledger.CheckWalkIn}) // the kiosk does not know yet
		b.up()
		if a := w.attendance(u, s); a.Out.MS != (s.Start+125*60)*1000 || a.Credit != 117 {
			t.Errorf("a check-out of the walk-in: %+v", a)
		}
		p, err := w.Person(t.Context(), u)
		w.must(err)
		p.Cards = append(p.Cards, strange)
		w.must(w.PutPerson(t.Context(), p))
		_, err = w.Sweep(t.Context())
		w.must(err)
		if a := w.attendance(strange.Stranger(), s); a.Volunteer != u {
			t.Errorf("the strange card leads to %+v", a)
		}
		b.checks(s, 30, true, card(u)) // by the card that was hers all the time
		b.up()
		if a := w.attendance(u, s); a.Credit != 28 || a.Points != 0 || !a.Has(SignLate) {
			t.Errorf("an earlier check-out: %+v", a)
		}
		w.wantSigns(SignLate)
		w.proof()
	})
}

// An entry that makes no sense is listed and stops nothing.
func TestSenselessEntriesAreListed(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		b := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		s := w.plan(1, "SQ-01")
		elsewhere := w.plan(2, "QX-01")
		b.checks(civic.Shift{ID: ledger.ID{66}, Start: s.Start}, 1, false, card(v))
		b.add(ledger.Confirm{Key: ledger.Key{1}, Shift: s.ID, Operator: ledger.ID{66}, Verdict: ledger.VerdictThere, People: []ledger.ID{v}})
		b.add(ledger.Confirm{Key: ledger.Key{2}, Shift: ledger.ID{66}, Operator: theLeader, Verdict: ledger.VerdictThere, People: []ledger.ID{v}})
		b.add(ledger.Object{Key: ledger.Key{3}, Volunteer: ledger.ID{67}, Shift: s.ID, Reason: ledger.ObjectLost})
		b.add(ledger.Object{Key: ledger.Key{4}, Volunteer: v, Shift: ledger.ID{66}, Reason: ledger.ObjectLost})
		b.add(ledger.Enlist{Key: ledger.Key{5}, Volunteer: v, Shift: ledger.ID{66}})
		b.checks(elsewhere, 1, false, card(v))
		b.checks(s, 200, false, card(v))
		b.up()
		b.up()
		if a := w.attendance(v, s); !a.Has(SignOutside) {
			t.Errorf("after the end: %+v", a)
		}
		w.wantSigns(SignShift, SignShift, SignShift, SignShift, SignNobody, SignNobody, SignOutside, SignOutside)
		list, err := w.Signs(t.Context(), false, AskedMark{}, 100)
		w.must(err)
		if got, err := w.SignsAt(t.Context(), s.ID); err != nil || len(got) != 3 {
			t.Errorf("%d at the shift, %v", len(got), err)
		}
		one := list[0]
		w.must(w.SettleSign(t.Context(), one.Scope, one.ID, "李敏", "看过了"))
		w.must(w.SettleSign(t.Context(), one.Scope, one.ID, "李敏", "看过了"))
		if err := w.SettleSign(t.Context(), one.Scope, one.ID, "张强", "我也看过了"); !errors.Is(err, ErrState) {
			t.Errorf("settled twice: %v", err)
		}
		if err := w.SettleSign(t.Context(), one.Scope, "x", "张强", "没有"); !errors.Is(err, ErrUnknown) {
			t.Errorf("a sign that is not there: %v", err)
		}
		if settled, err := w.Signs(t.Context(), true, AskedMark{}, 100); err != nil || len(settled) != 1 || settled[0].Who != "李敏" || settled[0].Note != "看过了" {
			t.Errorf("settled: %+v, %v", settled, err)
		}
		w.proof()
	})
}

func TestSignsOfAbuse(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		a, b := w.kiosk("SQ-01"), w.kiosk("QX-01")
		s, other := w.plan(1, "SQ-01"), w.plan(2, "QX-01")
		v := w.person(1, "SQ-01")
		a.checks(s, 1, false, card(v))
		b.checks(other, 30, false, card(v))
		a.up()
		b.up()
		w.wantSigns(SignElsewhere)
		for i := range byte(4) { // a couple may share one, and no more
			_, err := w.Attend(t.Context(), Attend{Volunteer: w.person(10+i, ""), Shift: s.ID, At: w.time, Kiosk: "SQ-01", Phone: "one"})
			w.must(err)
		}
		w.wantSigns(SignElsewhere, SignPhone, SignPhone)
		a.blind = true
		a.checks(s, 40, false, card(w.person(20, "")))
		a.blind = false
		for i := range int64(6) {
			a.checks(s, 45, false, card(w.person(30+byte(i), "")))
			a.clock = a.clock.Add(time.Second)
		}
		a.up()
		w.wantSigns(SignElsewhere, SignPhone, SignPhone, SignClock, SignBatch)
		hand := w.plan(3, "SQ-01")
		var people []ledger.ID
		for i := range int64(6) {
			people = append(people, w.person(40+byte(i), ""))
			a.checks(hand, 10+i, false, ledger.Check{Who: people[i], By: ledger.CheckStaff, Operator: theLeader})
		}
		a.roster(hand, 100, ledger.VerdictThere, 0, people...)
		a.up()
		w.wantSigns(SignElsewhere, SignPhone, SignPhone, SignClock, SignBatch, SignHand)
		w.proof()
	})
}
