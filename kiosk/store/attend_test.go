package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

func shiftID(n int) ledger.ID { return personID("shift", n) }

// testShift begins n hours after the test clock's beginning, for two hours.
func testShift(n int, version uint64) civic.Shift {
	start := newClock().Now().WallMS/1000 + int64(n)*3600
	return civic.Shift{ID: shiftID(n), Version: version, Activity: personID("activity", n), Title: "文明交通劝导", Place: "石桥路口", Scope: "qingxi",
		Start: start, End: start + 7200, Kiosks: []string{testKiosk}, Posts: []civic.Post{{Name: "引导员", Wanted: 4}, {Name: "登记员", Wanted: 2}},
		Codes: "HTTPS://YZ.EXAMPLE/C/", CheckEarly: 1800, CheckLate: 3600}
}

func docShift(v civic.Shift) civic.Document { return civic.Document{Shift: &v} }

// told is the center's word about volunteer n at a shift.
func docAttended(shift, n int, version uint64, in, out int64) civic.Document {
	return civic.Document{Attended: &civic.Attended{Shift: shiftID(shift), Who: volunteerID(n), Version: version, Name: "张*", In: in, Out: out, State: civic.AttendOpen}}
}

func gone(kind, id string, version uint64) civic.Document {
	return civic.Document{Gone: &civic.Gone{Kind: kind, ID: id, Version: version}}
}

func byCardOf(shift, n int) Check {
	return Check{Key: newKey(), Shift: shiftID(shift), Who: volunteerID(n), By: ledger.CheckCard}
}

// duty is a linked store with shifts: 0 runs, 3 and 30 are to come, 1 runs elsewhere.
func duty(t testing.TB) *world {
	w := newLinked(t)
	w.linkedLife()
	elsewhere := testShift(1, 10)
	elsewhere.Kiosks = []string{"SQ-02"}
	w.apply("qingxi", 12, docShift(testShift(0, 10)), docShift(elsewhere), docShift(testShift(3, 11)), docShift(testShift(30, 12)))
	return w
}

func (w *world) refused(name string, want error) func(any, error) {
	return func(_ any, err error) {
		w.t.Helper()
		if !errors.Is(err, want) {
			w.t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

func titles(list []civic.Shift) (ids []ledger.ID) {
	for _, v := range list {
		ids = append(ids, v.ID)
	}
	return ids
}

func TestShiftsByTheClock(t *testing.T) {
	w := duty(t)
	now := time.UnixMilli(w.clock.wall.Load())
	running, err := w.Running(now)
	w.must(err)
	day, err := w.Shifts(now.Add(-10*time.Hour), now.Add(14*time.Hour))
	w.must(err)
	coming, more, err := w.Upcoming(now, 1, 1)
	w.must(err)
	if got := titles(running); !slices.Equal(got, []ledger.ID{shiftID(0)}) {
		t.Errorf("running %v", got)
	}
	if got := titles(day); !slices.Equal(got, []ledger.ID{shiftID(0), shiftID(1), shiftID(3)}) {
		t.Errorf("of the day %v", got)
	}
	if got := titles(coming); !slices.Equal(got, []ledger.ID{shiftID(3)}) || !more {
		t.Errorf("upcoming %v, %v", got, more)
	}
	// One that is put off moves, one that is taken back goes, and what was known before
	// does not come once more.
	if n, err := w.CountShifts(now.Add(time.Second), now.Add(4*time.Hour)); err != nil || n != 2 {
		t.Errorf("%d begin soon, %v", n, err)
	}
	later := testShift(3, 13)
	later.Start, later.End = later.Start+86400, later.End+86400
	w.apply("qingxi", 14, docShift(later), gone(civic.GoneShift, shiftID(30).String(), 12))
	w.apply("qingxi", 15, docShift(testShift(30, 12)), docShift(testShift(3, 11)))
	coming, more, err = w.Upcoming(now, 0, 9)
	w.must(err)
	if got := titles(coming); !slices.Equal(got, []ledger.ID{shiftID(1), shiftID(3), shiftID(45)}) || more || coming[1].Start != later.Start {
		t.Errorf("upcoming %v, %v", got, more)
	}
	if _, err := w.Shift(shiftID(30)); !errors.Is(err, ErrUnknown) {
		t.Errorf("what is gone: %v", err)
	}
}

func TestCheckInAndOut(t *testing.T) {
	w := duty(t)
	first := byCardOf(0, 5)
	a, err := w.CheckIn(bg, first)
	w.must(err)
	if a.Arrived() != w.clock.wall.Load() || a.Left() != 0 || a.Name == "" || a.In.By != ledger.CheckCard {
		t.Errorf("%+v", a)
	}
	again, err := w.CheckIn(bg, first)
	if err != nil || again.In.Seq != a.In.Seq {
		t.Errorf("the same request: %+v, %v", again, err)
	}
	first.Who = volunteerID(6)
	w.refused("the key of another", ErrKeyReused)(w.CheckIn(bg, first))
	w.refused("the next card at once", ErrTooFast)(w.CheckIn(bg, byCardOf(0, 6)))
	w.refused("once more", ErrAlready)(w.CheckIn(bg, byCardOf(0, 5)))
	if a, _ := w.CheckIn(bg, byCardOf(0, 5)); a.In.Seq != again.In.Seq {
		t.Errorf("what is known of it: %+v", a)
	}
	w.clock.pass(2 * time.Second)
	_, err = w.CheckIn(bg, byCardOf(0, 6))
	w.must(err)
	w.refused("elsewhere", ErrElsewhere)(w.CheckIn(bg, byCardOf(1, 5)))
	w.refused("too early", ErrNotYet)(w.CheckIn(bg, byCardOf(3, 5)))
	w.refused("of no shift", ErrUnknown)(w.CheckIn(bg, byCardOf(99, 5)))
	w.refused("of nobody", ErrInput)(w.CheckIn(bg, Check{Key: newKey(), Shift: shiftID(0), By: ledger.CheckCard}))
	w.refused("by nobody who leads", ErrNotStaff)(w.CheckIn(bg, Check{Key: newKey(), Shift: shiftID(0), Who: volunteerID(7), By: ledger.CheckStaff, Operator: volunteerID(8)}))

	// The clock that runs counts, however the other one is put.
	w.clock.pass(90 * time.Minute)
	w.clock.wall.Add(-time.Hour.Milliseconds())
	a, err = w.CheckOut(bg, byCardOf(0, 5))
	w.must(err)
	if span, proven := civic.Presence(a.Checks()); !proven || span.Seconds() != 90*60+2 {
		t.Errorf("%v, %v", span, proven)
	}
	w.refused("gone before", ErrAlready)(w.CheckOut(bg, byCardOf(0, 5)))
	w.clock.pass(time.Minute)
	if a, err = w.CheckOut(bg, byCardOf(0, 9)); err != nil || a.Arrived() != 0 || a.Left() == 0 {
		t.Errorf("a lone check-out: %+v, %v", a, err)
	}
	w.clock.pass(5 * time.Hour)
	w.refused("too late", ErrOver)(w.CheckOut(bg, byCardOf(0, 6)))
	if list, total, err := w.Served(volunteerID(5), 0, 9); err != nil || total != 1 || list[0].Out.Seq == 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if lines, _, err := w.Lines(volunteerID(5), 0, 99); err != nil || slices.ContainsFunc(lines, func(l Line) bool { return l.Kind == 0 }) {
		t.Errorf("%+v, %v", lines, err)
	}
}

// By a clock that nobody vouches for no shift is early or late.
func TestCheckInByAnUntrustedClock(t *testing.T) {
	w := duty(t)
	w.close()
	w.cfg.Clock = untrusted{w.clock}
	w.open()
	w.clock.wall.Store(1e9)
	a, err := w.CheckIn(bg, byCardOf(0, 5))
	w.must(err)
	if !a.In.Unproven() {
		t.Errorf("%+v", a)
	}
	w.refused("elsewhere all the same", ErrElsewhere)(w.CheckIn(bg, byCardOf(1, 5)))
}

type untrusted struct{ *testClock }

func (c untrusted) Now() Instant {
	now := c.testClock.Now()
	now.Quality, now.Boot = ledger.ClockUnknown, [8]byte{2}
	return now
}

// What the center says and what was seen here is one attendance.
func TestPhonesAndCardsAreOne(t *testing.T) {
	w := duty(t)
	now := w.clock.wall.Load() / 1000
	_, heard := w.Heard(0)
	w.apply(testKiosk, 20, docAttended(0, 5, 20, now, 0))
	list, total := w.Heard(heard)
	if len(list) != 1 || list[0].Who != volunteerID(5) || total != heard+1 {
		t.Errorf("heard %v, %d", list, total)
	}
	w.refused("by phone before", ErrAlready)(w.CheckIn(bg, byCardOf(0, 5)))
	w.clock.pass(time.Hour)
	a, err := w.CheckOut(bg, byCardOf(0, 5))
	w.must(err)
	if span, proven := civic.Presence(a.Checks()); span.Seconds() != 60*60 || !proven {
		t.Errorf("%v, %v", span, proven)
	}
	arrived, enlisted, err := w.Counts(shiftID(0))
	if arrived != 1 || enlisted != 0 || err != nil {
		t.Errorf("%d, %d, %v", arrived, enlisted, err)
	}
	// The center takes its word back; what was seen here stays.
	w.apply(testKiosk, 21, gone(civic.GoneAttended, docAttended(0, 5, 20, 0, 0).Attended.Key(), 20))
	if a, err = w.Attendance(shiftID(0), volunteerID(5)); err != nil || a.Arrived() != 0 || a.Left() == 0 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, total, _ := w.Served(volunteerID(5), 0, 9); total != 1 {
		t.Errorf("%d served", total)
	}
	w.apply(testKiosk, 22, docAttended(0, 6, 22, now, 0), gone(civic.GoneAttended, docAttended(0, 6, 22, 0, 0).Attended.Key(), 23))
	if _, total, _ := w.Served(volunteerID(6), 0, 9); total != 0 {
		t.Errorf("%d served", total)
	}
}

// A strange card is its owner's as soon as somebody knows whose it is.
func TestStrangeCards(t *testing.T) {
	w := duty(t)
	strange := Check{Key: newKey(), Shift: shiftID(0), Card: cardOf("volunteer", 60).ID(), By: ledger.CheckCard}
	a, err := w.CheckIn(bg, strange)
	w.must(err)
	if a.Name != "" || a.Who != strange.Card.Stranger() || a.Card != strange.Card || a.Arrived() == 0 {
		t.Errorf("%+v", a)
	}
	strange.Key = newKey()
	w.refused("once more", ErrAlready)(w.CheckIn(bg, strange))
	w.apply("", 0, linkedVolunteer(60, 2))
	w.clock.pass(time.Hour)
	w.refused("by the owner", ErrAlready)(w.CheckIn(bg, byCardOf(0, 60)))
	if a, err = w.CheckOut(bg, byCardOf(0, 60)); err != nil || a.Arrived() == 0 || a.Left() == 0 {
		t.Errorf("%+v, %v", a, err)
	}
	list, err := w.Roster(shiftID(0))
	if err != nil || len(list) != 1 || list[0].Who != volunteerID(60) || list[0].Name == "" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestWalkIns(t *testing.T) {
	w := duty(t)
	c := Check{Key: newKey(), Shift: shiftID(0), By: ledger.CheckWalkIn, Phone: civic.PhoneHash{1}, Tail: "0421"}
	a, err := w.CheckIn(bg, c)
	w.must(err)
	same, err := w.CheckIn(bg, c)
	if err != nil || same.Who != a.Who || a.Who.IsZero() || !a.WalkIn || a.Tail != "0421" {
		t.Errorf("%+v, %+v, %v", a, same, err)
	}
	if j, err := w.Job(a.In.Seq); err != nil || j.Kind != JobCheckIn {
		t.Errorf("%+v, %v", j, err)
	}
	c.Key = newKey()
	other, err := w.CheckIn(bg, c)
	if err != nil || other.Who == a.Who {
		t.Errorf("%+v, %v", other, err)
	}
	out, err := w.CheckOut(bg, Check{Key: newKey(), Shift: shiftID(0), Who: a.Who, By: ledger.CheckWalkIn})
	if err != nil || out.Left() == 0 || out.Who != a.Who {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestRosterIsConfirmed(t *testing.T) {
	w := duty(t)
	_, err := w.CheckIn(bg, byCardOf(0, 5))
	w.must(err)
	_, err = w.EnlistIn(bg, ledger.Enlist{Key: newKey(), Volunteer: volunteerID(8), Shift: shiftID(3), Post: 2})
	w.must(err)
	roll := Roll{Key: newKey(), Shift: shiftID(0), Operator: leader(), Verdict: ledger.VerdictThere, Minutes: 90, People: []ledger.ID{volunteerID(5), volunteerID(7)}}
	list, err := w.ConfirmRoster(bg, roll)
	w.must(err)
	if len(list) != 2 || list[0].Word.Minutes != 90 || list[1].Word.Operator != leader() {
		t.Errorf("%+v", list)
	}
	if _, err := w.ConfirmRoster(bg, roll); err != nil {
		t.Errorf("the same request: %v", err)
	}
	roll.Verdict = ledger.VerdictAbsent
	w.refused("another with its key", ErrKeyReused)(w.ConfirmRoster(bg, roll))
	roll.Key = newKey()
	list, err = w.ConfirmRoster(bg, roll)
	if err != nil || list[0].Word.Verdict != ledger.VerdictAbsent {
		t.Errorf("the last word: %+v, %v", list, err)
	}
	roll.Key, roll.Operator = newKey(), volunteerID(5)
	w.refused("by a volunteer", ErrNotStaff)(w.ConfirmRoster(bg, roll))
	led := testShift(0, 13)
	led.Leaders = []ledger.ID{volunteerID(5)}
	w.apply("qingxi", 13, docShift(led))
	w.refused("by a leader of the shift, of themselves", ErrSelf)(w.ConfirmRoster(bg, roll))
	roll.People = []ledger.ID{volunteerID(7)}
	if _, err := w.ConfirmRoster(bg, roll); err != nil {
		t.Errorf("by a leader of the shift: %v", err)
	}
	roll.Key, roll.Operator = newKey(), clerk()
	w.refused("by a clerk", ErrNeedsLeader)(w.ConfirmRoster(bg, roll))
	roll.Key, roll.Shift = newKey(), shiftID(3)
	w.refused("before it is open", ErrNotYet)(w.ConfirmRoster(bg, Roll{Key: newKey(), Shift: shiftID(3), Operator: leader(), Verdict: ledger.VerdictThere, People: roll.People}))
}

// A leader who is a volunteer as well has one number: they neither confirm themselves
// nor check themselves in by hand.
func TestNobodyConfirmsThemselves(t *testing.T) {
	w := duty(t)
	_, err := w.CheckIn(bg, byCardOf(0, 5))
	w.must(err)
	both, err := w.Staff(leader())
	w.must(err)
	who, err := w.Volunteer(volunteerID(5))
	w.must(err)
	both.Number, both.Version = who.Number, both.Version+1
	w.apply("qingxi", 13, civic.Document{Staff: &both})
	if who.Number == "" {
		t.Fatal("the volunteer has no number")
	}
	w.refused("by number", ErrSelf)(w.ConfirmRoster(bg, Roll{Key: newKey(), Shift: shiftID(0), Operator: leader(), Verdict: ledger.VerdictThere, People: []ledger.ID{volunteerID(5)}}))
	w.refused("by hand", ErrSelf)(w.CheckOut(bg, Check{Key: newKey(), Shift: shiftID(0), Who: volunteerID(5), By: ledger.CheckStaff, Operator: leader()}))
	if _, err := w.ConfirmRoster(bg, Roll{Key: newKey(), Shift: shiftID(0), Operator: leader(), Verdict: ledger.VerdictThere, People: []ledger.ID{volunteerID(6)}}); err != nil {
		t.Error(err)
	}
}

func TestClaims(t *testing.T) {
	w := duty(t)
	ask := ledger.Enlist{Key: newKey(), Volunteer: volunteerID(8), Shift: shiftID(3), Post: 2}
	c, err := w.EnlistIn(bg, ask)
	if err != nil || !c.Asked || c.Sent || c.Post != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := w.EnlistIn(bg, ask); err != nil {
		t.Errorf("the same request: %v", err)
	}
	ask.Key = newKey()
	w.refused("once more", ErrAlready)(w.EnlistIn(bg, ask))
	ask.Post = 3
	w.refused("no such post", ErrInput)(w.EnlistIn(bg, ask))
	w.refused("what has begun", ErrOver)(w.EnlistIn(bg, ledger.Enlist{Key: newKey(), Volunteer: volunteerID(8), Shift: shiftID(0)}))
	if _, n, _ := w.Counts(shiftID(3)); n != 1 {
		t.Errorf("%d claimed", n)
	}
	agreed := testShift(3, 14)
	agreed.Enlisted = []civic.Enlisted{{Who: volunteerID(8), Post: 2}}
	w.apply("qingxi", 14, docShift(agreed))
	all, err := w.Claims(shiftID(3))
	if err != nil || all[volunteerID(8)].Asked || all[volunteerID(8)].Post != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	c, err = w.EnlistIn(bg, ledger.Enlist{Key: newKey(), Volunteer: volunteerID(8), Shift: shiftID(3), Off: true})
	if err != nil || !c.Off || !c.Asked {
		t.Errorf("%+v, %v", c, err)
	}
	if _, n, _ := w.Counts(shiftID(3)); n != 0 {
		t.Errorf("%d claimed", n)
	}
}

func TestObjections(t *testing.T) {
	w := duty(t)
	b := ledger.Object{Key: newKey(), Volunteer: volunteerID(8), Shift: shiftID(0), Reason: ledger.ObjectFewer, Minutes: 120}
	o, err := w.ObjectTo(bg, b)
	if err != nil || o.Object != b {
		t.Errorf("%+v, %v", o, err)
	}
	if again, err := w.ObjectTo(bg, b); err != nil || again != o {
		t.Errorf("%+v, %v", again, err)
	}
	b.Key = newKey()
	w.refused("once more", ErrAlready)(w.ObjectTo(bg, b))
	b.Shift = ledger.ID{}
	w.refused("to nothing", ErrInput)(w.ObjectTo(bg, b))
	b.Earning = "e1"
	_, err = w.ObjectTo(bg, b)
	w.must(err)
	if list, err := w.Objections(volunteerID(8), 9); err != nil || len(list) != 2 || list[0].Earning != "e1" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestCodesOfAKiosk(t *testing.T) {
	w := duty(t)
	v, err := w.Shift(shiftID(0))
	w.must(err)
	text, err := w.CheckCode(v, true, time.Unix(1.75e9, 0))
	w.must(err)
	c, err := civic.VerifyCheckCode(text[len(v.Codes):], w.PublicKey())
	if err != nil || c.Shift != v.ID || !c.Out || c.Kiosk != testKiosk || c.Epoch != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	v.Codes = ""
	if text, err := w.CheckCode(v, false, time.Unix(1.75e9, 0)); text != "" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
