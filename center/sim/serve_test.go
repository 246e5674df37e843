package sim

import (
	"errors"
	"time"

	center "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// What an hour of service comes to by the usual rules.
const (
	servedMinutes = 60
	servedPoints  = 10
)

// service is an hour that some people served.
type service struct {
	shift  civic.Shift
	people []ledger.ID
}

// active lets people serve, claim posts and object. It is for worlds with phones, whose
// dice are their own.
func (w *world) active() {
	switch w.phones.dice.IntN(6) {
	case 0, 1:
		w.serve()
	case 2:
		w.claimPosts()
	case 3:
		w.object()
	}
}

// serve has people seen at an activity that is worth points, each perhaps several times,
// at the kiosk and by phone, and confirmed perhaps several times, by a leader at the kiosk and
// by an officer. All of them say the same, so it is worth the same however often.
func (w *world) serve() {
	d := w.phones.dice
	s := pick(d, w.stations)
	b := pick(d, s.running())
	end := w.now().Add(-30 * time.Minute)
	shift := civic.Shift{ID: idOf("service", len(w.phones.services)), Activity: idOf("activity", 1), Title: "护路", Place: s.id, Start: end.Add(-time.Hour).Unix(), End: end.Unix(),
		Kiosks: []string{s.id}, CheckEarly: 1800, CheckLate: 3600}
	if dayOf(time.Unix(shift.Start, 0)) != w.today() {
		return
	}
	w.putShift(s, shift)
	one := &service{shift: shift}
	w.phones.services = append(w.phones.services, one)
	for range 1 + d.IntN(3) {
		p := pick(d, w.people)
		if w.servesToday(p) {
			continue
		}
		one.people = append(one.people, p.id)
		w.phones.most[p.id] += servedPoints
		w.touched[p] = true
		for range 1 + d.IntN(3) {
			if d.IntN(3) == 0 {
				w.phone(b, shift, p, false)
				continue
			}
			_, err := b.store.CheckIn(w.ctx, store.Check{Key: w.key(), Shift: shift.ID, Who: p.id, By: ledger.CheckAccount})
			w.attended(b, p.name+" served", err)
		}
	}
	for range d.IntN(4) {
		w.confirm(b, one)
	}
}

func dayOf(t time.Time) ledger.Day { return ledger.DayOf(t.In(time.FixedZone("UTC+8", 8*60*60))) }

func (w *world) putShift(s *station, shift civic.Shift) {
	w.office.surely(func() error { return w.office.store.PutShift(w.ctx, s.town, shift) })
	w.wait(2 * time.Second)
}

// servesToday tells whether the center has seen somebody today: two at the same time would
// share their minutes, and then a second word would not come to the same as the first.
func (w *world) servesToday(p *person) bool {
	list, _, err := w.office.store.AttendancesOf(w.ctx, p.id, center.AttendMark{}, 5)
	w.must(err)
	return len(list) > 0 && list[0].Day >= w.today()
}

// confirm has everybody of a service confirmed, with the hour that they served.
func (w *world) confirm(b *box, one *service) {
	if len(one.people) == 0 {
		return
	}
	if w.phones.dice.IntN(2) == 0 {
		roll := store.Roll{Key: w.key(), Shift: one.shift.ID, Operator: w.leader, Verdict: ledger.VerdictThere, Minutes: servedMinutes, People: one.people}
		_, err := b.store.ConfirmRoster(w.ctx, roll)
		w.attended(b, "a service", err)
		return
	}
	w.office.surely(func() error {
		_, err := w.office.store.Confirm(w.ctx, center.Confirm{Shift: one.shift.ID, People: one.people, Verdict: ledger.VerdictThere, Minutes: servedMinutes, By: "李敏"})
		return mayFail(err)
	})
	w.tally.count("attending: a service decided")
}

// claimPosts has people claim the one post of a shift to come, at kiosks and by phone, and
// some give it up again.
func (w *world) claimPosts() {
	d := w.phones.dice
	s := pick(d, w.stations)
	start := w.now().Add(2 * time.Hour).Unix()
	shift := civic.Shift{ID: idOf("outing", len(w.phones.outings)), Activity: idOf("activity", 2), Title: "植树", Place: s.id, Start: start, End: start + 3600,
		Kiosks: []string{s.id}, Posts: []civic.Post{{Name: "种树", Wanted: 1}}}
	w.putShift(s, shift)
	w.phones.outings = append(w.phones.outings, shift)
	for range 1 + d.IntN(4) {
		p, b := pick(d, w.people), pick(d, s.running())
		off := d.IntN(4) == 0
		if d.IntN(3) == 0 {
			w.office.surely(func() error {
				_, err := w.office.store.Enlist(w.ctx, center.Claim{Shift: shift.ID, Volunteer: p.id, Post: 1, Off: off, Wait: true})
				if errors.Is(err, center.ErrFull) {
					err = nil
				}
				return mayFail(err)
			})
			w.tally.count("attending: claims by phone")
			continue
		}
		_, err := b.store.EnlistIn(w.ctx, ledger.Enlist{Key: w.key(), Volunteer: p.id, Shift: shift.ID, Post: 1, Off: off})
		w.attended(b, p.name+" claims", err)
	}
}

// object has somebody object to what became of a service, at some kiosk, and an officer
// refuse what waits, twice.
func (w *world) object() {
	d := w.phones.dice
	if len(w.phones.services) == 0 {
		return
	}
	one, p, b := pick(d, w.phones.services), pick(d, w.people), pick(d, pick(d, w.stations).running())
	_, err := b.store.ObjectTo(w.ctx, ledger.Object{Key: w.key(), Volunteer: p.id, Shift: one.shift.ID, Reason: ledger.ObjectLost, Minutes: servedMinutes})
	if !errors.Is(err, store.ErrLimit) {
		w.attended(b, p.name+" objects", err)
	}
	if d.IntN(2) == 0 {
		return
	}
	w.wait(2 * time.Second)
	list, err := w.office.store.ObjectionsOf(w.ctx, p.id, 5)
	w.must(err)
	for _, o := range list {
		for range 2 {
			w.office.surely(func() error {
				return mayFail(w.office.store.AnswerObjection(w.ctx, p.id, o.ID, center.Answer{Reason: "查过了", By: "李敏"}))
			})
		}
	}
}

// hoursOf holds that no attendance comes to more than the hour it was, and returns what
// those of a volunteer come to in points at the center.
func (w *world) hoursOf(p *person) (sum ledger.Points) {
	if w.phones == nil {
		return 0
	}
	list, _, err := w.office.store.AttendancesOf(w.ctx, p.id, center.AttendMark{}, 1000)
	w.must(err)
	for _, a := range list {
		if a.Credit < 0 || a.Credit > servedMinutes || a.Points < 0 || a.Points > servedPoints {
			w.violated("%s: an attendance comes to %d minutes and %d points: %+v", p.name, a.Credit, a.Points, a)
		}
		sum += a.Points
	}
	if most := w.phones.most[p.id]; sum > most {
		w.violated("%s: %d points for service that is worth %d: %+v", p.name, sum, most, list)
	}
	return sum
}

// lapse has a kiosk give back what nobody came for, and holds that it was that, and once.
func (w *world) lapse(b *box) {
	before, _ := b.store.Head()
	now := b.time().Unix()
	n, err := b.store.ReleaseLapsed(w.ctx, now, 50)
	w.say("%s: nobody came for %d: %v", b.station.id, n, err)
	if err != nil {
		if !expected(err) {
			w.must(err)
		}
		return
	}
	reserved := make(map[uint64]ledger.Reserve)
	for _, raw := range b.journal() {
		e, err := ledger.DecodeEntry(raw)
		w.must(err)
		switch body := e.Body.(type) {
		case ledger.Reserve:
			reserved[e.Seq] = body
		case ledger.Cancel:
			if r := reserved[body.Redemption]; e.Seq > before.Seq && (r.Until == 0 || r.Until >= now) {
				w.violated("%s: redemption %d is kept until %d, and was given back at %d", b.station.id, body.Redemption, r.Until, now)
			}
		}
	}
	again, err := b.store.ReleaseLapsed(w.ctx, now, 50)
	if err == nil && again > 0 && n < 50 {
		w.violated("%s: gave back %d that nobody came for, and %d more at once", b.station.id, n, again)
	}
	if n > 0 {
		w.tally.count("what nobody came for")
	}
}

// checkedOnce holds that a chain has one check of each person, shift and direction.
func (w *world) checkedOnce(s *station, e ledger.Entry, seen map[ledger.Body]uint64) {
	var key ledger.Body
	switch b := e.Body.(type) {
	case ledger.CheckIn:
		key = ledger.CheckIn{Check: ledger.Check{Shift: b.Shift, Who: b.Who, Card: b.Card}}
	case ledger.CheckOut:
		key = ledger.CheckOut{Check: ledger.Check{Shift: b.Shift, Who: b.Who, Card: b.Card}}
	default:
		return
	}
	if first := seen[key]; first > 0 {
		w.violated("%s: entry %d checks whom entry %d had: %+v", s.id, e.Seq, first, e.Body)
	}
	seen[key] = e.Seq
}

// hoursAgree holds, in a world that has healed, that the center has every claim and every
// objection of the chains, that a post is nobody's twice, and that kiosks know what
// became of those who served.
func (w *world) hoursAgree() {
	for _, s := range w.stations {
		objected := make(map[objected]int)
		for _, raw := range s.box.journal() {
			e, err := ledger.DecodeEntry(raw)
			w.must(err)
			switch b := e.Body.(type) {
			case ledger.Object:
				objected[objectedBy(b)]++
			case ledger.Enlist:
				w.claimed(s, b)
			}
		}
		for what, n := range objected {
			w.heard(s, what, n)
		}
	}
	for _, shift := range w.phones.outings {
		list, err := w.office.store.Enlistments(w.ctx, shift.ID)
		if errors.Is(err, center.ErrUnknown) {
			continue
		}
		w.must(err)
		in := 0
		for _, e := range list {
			if e.State == center.EnlistedIn {
				in++
			}
		}
		if in > 1 {
			w.violated("%d people have the one post of %s: %+v", in, shift.ID, list)
		}
	}
	for _, one := range w.phones.services {
		for _, id := range one.people {
			w.toldOf(one, id)
		}
	}
}

// objected is what somebody objects to.
type objected struct{ volunteer, shift ledger.ID }

func objectedBy(b ledger.Object) objected { return objected{b.Volunteer, b.Shift} }

// heard holds that the center has the objections of a chain, each once. One that was put
// back from a copy may not know the shift any more; nor does it take more than so many
// from one person.
func (w *world) heard(s *station, what objected, n int) {
	if !w.knowsShift(what.shift) {
		return
	}
	list, err := w.office.store.ObjectionsOf(w.ctx, what.volunteer, 1000)
	w.must(err)
	has := 0
	for _, o := range list {
		if o.Shift == what.shift && o.Kiosk == s.id {
			has++
		}
	}
	if has < n && len(list) < center.MaxObjections || has > n && len(s.retired) == 0 {
		w.violated("%s: the center has %d of %d objections to %s: %+v", s.id, has, n, what.shift, list)
	}
}

func (w *world) knowsShift(id ledger.ID) bool {
	_, _, err := w.office.store.Shift(w.ctx, id)
	if errors.Is(err, center.ErrUnknown) {
		return false
	}
	w.must(err)
	return true
}

// claimed holds that the center has what an entry claims.
func (w *world) claimed(s *station, b ledger.Enlist) {
	if b.Off || !w.knowsShift(b.Shift) {
		return
	}
	list, err := w.office.store.Enlistments(w.ctx, b.Shift)
	w.must(err)
	for _, one := range list {
		if one.Volunteer == b.Volunteer {
			return
		}
	}
	w.violated("%s: the center has not the claim of %s: %+v", s.id, b.Volunteer, list)
}

// toldOf holds that the kiosk of a service has the center's word of somebody's attendance,
// unless it is too old to be told of.
func (w *world) toldOf(one *service, id ledger.ID) {
	a, err := w.office.store.AttendanceOf(w.ctx, id, one.shift.ID)
	if errors.Is(err, center.ErrUnknown) {
		return
	}
	w.must(err)
	for _, s := range w.stations {
		if s.id != one.shift.Place {
			continue
		}
		here, err := s.box.store.Attendance(one.shift.ID, id)
		if err != nil || here.Told == nil {
			return
		}
		if told := here.Told; told.State != a.State || told.Minutes != a.Credit || told.Points != a.Points {
			w.violated("%s was told %+v, the center has %+v", s.id, *told, a)
		}
	}
}
