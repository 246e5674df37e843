package store

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// settled brings in what merges and partings leave for sweeps.
func (w *world) settled() {
	w.t.Helper()
	for range 3 {
		w.time = w.time.Add(2 * sweepAfter)
		_, err := w.Sweep(w.t.Context())
		w.must(err)
	}
}

// merges makes two records one.
func (w *world) merges(kept, other ledger.ID) {
	w.t.Helper()
	w.must(w.Merge(w.t.Context(), w.asSeen(Merge{Kept: kept, Other: other, By: "lin"})))
}

// wantsHours holds how many minutes a record has, credited and entered, and its points.
func (w *world) wantsHours(who ledger.ID, credit, honour int64, points ledger.Points) {
	w.t.Helper()
	sum, _, err := w.Services(w.t.Context(), who)
	w.must(err)
	account, err := w.Account(w.t.Context(), who)
	w.must(err)
	var left ledger.Points
	for _, l := range account.Lots {
		left += l.Free - l.Wanted
	}
	for _, r := range account.Rights {
		left += r.Spendable()
	}
	if sum.Credit != credit || sum.Honour != honour || left != points {
		w.t.Errorf("%v has %d minutes, %d entered, %d points; want %d, %d, %d", who, sum.Credit, sum.Honour, left, credit, honour, points)
	}
}

// One person with two cards is at one shift with both, and at two at once; and hours of the
// same time were entered. All of it counts once, and comes back when it was an error.
func TestTimeOfTwoRecordsCountsOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		kept, other := w.person(1, ""), w.person(2, "")
		s := w.stayed(1, b, kept, 0, 0, 60)
		w.stays(b, other, s, 30, 120)
		second := w.stayed(2, b, other, 90, 0, 60) // begins half an hour before the first one ends
		for _, c := range []struct {
			who ledger.ID
			s   civic.Shift
		}{{kept, s}, {other, s}, {other, second}} {
			w.confirm(c.who, c.s, 0, false)
		}
		day := ledger.DayOf(time.Unix(s.Start, 0).In(w.Zone()))
		minute := minuteIn(s.Start, w.Zone())
		for n, who := range []ledger.ID{kept, other} {
			h := Honour{Volunteer: who, ID: string(rune('a' + n)), Day: day, First: minute + 240, Last: minute + 300, What: "清扫", Who: "lin", Second: "chen"}
			w.must(w.PutHonour(ctx, h, 720))
		}
		w.wantsHours(kept, 60, 60, 10)
		w.wantsHours(other, 120, 60, 20)
		for range 2 {
			w.merges(kept, other)
			w.settled()
			w.wantsHours(kept, 150, 60, 25)
			w.wantsHours(other, 0, 0, 0)
			list, _, err := w.AttendancesOf(ctx, kept, AttendMark{}, 10)
			if w.must(err); len(list) != 2 {
				t.Errorf("%+v", list)
			}
			everybody, err := w.AttendancesOn(ctx, day, day, AttendMark{})
			w.must(err)
			everybody = slices.DeleteFunc(everybody, func(a Attendance) bool { return a.State == AttendMoved })
			honours, err := w.HonoursOn(ctx, day, day, Honour{})
			if w.must(err); len(everybody) != 2 || everybody[0].Volunteer != kept || len(honours) != 2 || honours[0].Volunteer != kept {
				t.Errorf("to be exported: %+v %+v", everybody, honours)
			}
			w.proof()
			w.must(w.Unmerge(ctx, other, "lin"))
			w.settled()
			w.wantsHours(kept, 60, 60, 10)
			w.wantsHours(other, 120, 60, 20)
			w.proof()
		}
	})
}

// What is seen, said and corrected while two are one goes to where it belongs when they
// are parted; entries of a kiosk that was away name the other record still.
func TestWhatComesWhileTwoAreOne(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		kept, other := w.person(1, ""), w.person(2, "")
		s := w.stayed(1, b, kept, 0, 0, 60)
		w.confirm(kept, s, 0, false)
		w.merges(kept, other)
		w.stays(b, other, s, 30, 120)
		second := w.stayed(2, b, other, 150, 0, 60)
		w.confirm(kept, second, 0, false)
		w.settled()
		w.wantsHours(kept, 180, 0, 30) // 0 to 120, and 150 to 210
		w.wantsHours(other, 0, 0, 0)
		if a := w.attendance(other, second); a.Volunteer != kept { // the old number leads on
			t.Errorf("%+v", a)
		}
		w.proof()
		w.must(w.Unmerge(ctx, other, "lin"))
		w.settled()
		w.wantsHours(kept, 60, 0, 10)
		w.wantsHours(other, 60, 0, 10) // of the first shift nobody has said anything yet
		w.proof()
		w.confirm(other, s, 0, false)
		w.wantsHours(other, 150, 0, 25)
		w.proof()
	})
}

// More than eight hours of one day come together, which takes somebody's approval.
func TestADayOfTwoRecordsHasItsCaps(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		b := w.kiosk("SQ-01")
		kept, other := w.person(1, ""), w.person(2, "")
		one, two := w.long(1, 0), w.long(2, 7)
		for who, s := range map[ledger.ID]civic.Shift{kept: one, other: two} {
			w.stays(b, who, s, 0, 420)
			w.confirm(who, s, 0, false)
		}
		w.merges(kept, other)
		w.settled()
		w.wantsHours(kept, 420, 0, 70)
		if a := w.attendance(kept, two); a.State != civic.AttendPending || a.Why != WaitDay {
			t.Errorf("%+v", a)
		}
		w.proof()
		w.confirm(kept, two, 0, true)
		w.wantsHours(kept, 720, 0, 120)
		w.proof()
	})
}

// stays has a box see somebody from one minute of a shift to another one.
func (w *world) stays(b *box, v ledger.ID, s civic.Shift, from, to int64) {
	w.t.Helper()
	b.checks(s, from, false, card(v))
	b.checks(s, to, true, card(v))
	b.up()
}

// long is a shift of seven hours that begins so many hours after midnight.
func (w *world) long(n byte, hours int64) civic.Shift {
	w.t.Helper()
	s := w.plan(n, "SQ-01")
	s.Start = w.midnight() + hours*3600
	s.End = s.Start + 7*3600
	w.must(w.PutShift(w.t.Context(), "qingxi", s))
	return s
}

// Double points are taken back also when those of the other record come late, from a kiosk
// that is away, and the kept record's own are spent by then.
func TestPointsOfTwoRecordsAreNotDoubled(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.leader()
		home, there := w.kiosk("SQ-01"), w.kiosk("LH-01")
		kept, other := w.person(1, "SQ-01"), w.person(2, "LH-01")
		s := w.stayed(1, home, kept, 0, 0, 120)
		w.stays(home, other, s, 0, 120)
		w.confirm(kept, s, 0, false)
		w.confirm(other, s, 0, false)
		home.down()
		there.down()
		home.settle(home.reserve(kept, 20))
		home.up()
		w.merges(kept, other)
		w.settled()
		w.proof()
		there.giveBack(other, 20)
		there.up()
		w.settled()
		w.wantsHours(kept, 120, 0, 0) // 20 points were earned once, and are spent
		w.proof()
	})
}

// What the other record had is seen and owned by the kept one.
func TestTheKeptRecordHasWhatTheOtherHad(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		kept, other := w.person(1, ""), w.person(2, "")
		s := w.stayed(1, b, other, 0, 0, 60)
		soon := w.shiftAt(9, 48*time.Hour)
		w.must(w.PutShift(ctx, "qingxi", soon))
		for _, who := range []ledger.ID{kept, other} {
			_, err := w.Enlist(ctx, Claim{Shift: soon.ID, Volunteer: who})
			w.must(err)
		}
		o := Objection{Volunteer: other, ID: "0123456789abcdef", Shift: s.ID, ObjectionText: ObjectionText{Reason: ledger.ObjectMore, Minutes: 30}}
		w.must(w.Object(ctx, o))
		w.must(w.PutStar(ctx, Star{Volunteer: other, Stars: 1, State: StarGranted, Minutes: 6000, Town: "qingxi"}))
		w.must(w.PutStar(ctx, Star{Volunteer: kept, Stars: 1, State: StarAnnounced, Minutes: 6000, Town: "qingxi", Last: w.today() + 7}))
		serial, err := civic.NewSerial(rand.Reader)
		w.must(err)
		w.must(w.IssueCertificate(ctx, Certificate{Volunteer: other, Serial: serial, Body: []byte("{}"), Who: "lin"}))
		_, err = w.BeginPhone(ctx, other, Device{1}, PhoneByPIN, "x")
		w.must(err)
		wish := Wish{Key: ledger.Key{7}, Volunteer: other, Kiosk: "SQ-01", Good: "rice", Quantity: 1, Price: 10}
		_, err = w.PutWish(ctx, wish)
		w.must(err)

		w.merges(kept, other)
		if e, err := w.EnlistmentsOf(ctx, kept, 9); err != nil || len(e) != 1 || e[0].State != EnlistedIn {
			t.Errorf("claims %+v, %v", e, err)
		}
		if shift, err := w.PlannedShift(ctx, soon.ID); err != nil || shift.Claimed != 1 {
			t.Errorf("%d places for one person, %v", shift.Claimed, err)
		}
		if list, err := w.ObjectionsOf(ctx, kept, 9); err != nil || len(list) != 1 || list[0].ID != o.ID {
			t.Errorf("objections %+v, %v", list, err)
		}
		w.must(w.AnswerObjection(ctx, other, o.ID, Answer{Upheld: true, Minutes: 30, By: "lin"}))
		w.wantsHours(kept, 30, 0, 5)
		if list, err := w.StarsOf(ctx, kept); err != nil || len(list) != 1 || list[0].State != StarGranted {
			t.Errorf("stars %+v, %v", list, err)
		}
		if list, err := w.Certificates(ctx, kept); err != nil || len(list) != 1 || list[0].Volunteer != other {
			t.Errorf("certificates %+v, %v", list, err)
		}
		if c, err := w.CertificateOf(ctx, kept, serial); err != nil || c.Serial != serial {
			t.Errorf("%+v, %v", c, err)
		}
		if list, err := w.Phones(ctx, kept); err != nil || len(list) != 1 {
			t.Errorf("phones %+v, %v", list, err)
		}
		if list, err := w.Wishes(ctx, kept); err != nil || len(list) != 2 || list[0].Volunteer == list[1].Volunteer {
			t.Errorf("wishes %+v, %v", list, err)
		}
		if x, err := w.Wish(ctx, kept, wish.Key); err != nil || x.Volunteer != kept || x.State != WishWaiting {
			t.Errorf("%+v, %v", x, err)
		}
		if n, err := w.EndPhones(ctx, kept); err != nil || n != 1 {
			t.Errorf("%d phones, %v", n, err)
		}
		w.proof()
		w.must(w.Unmerge(ctx, other, "lin"))
		w.settled()
		if e, err := w.EnlistmentsOf(ctx, other, 9); err != nil || len(e) != 1 || e[0].State != EnlistedMoved && e[0].State != EnlistedIn {
			t.Errorf("claims %+v, %v", e, err)
		}
		if list, err := w.ObjectionsOf(ctx, kept, 9); err != nil || len(list) != 0 {
			t.Errorf("objections %+v, %v", list, err)
		}
		if err := w.PutHonour(ctx, Honour{Volunteer: other, ID: "x", Day: w.today(), First: minuteIn(s.Start, w.Zone()), Last: minuteIn(s.Start, w.Zone()) + 20, What: "x", Who: "a", Second: "b"}, 720); !errors.Is(err, ErrQuota) {
			t.Errorf("what was checked in to is entered once more: %v", err)
		}
		w.proof()
	})
}
