package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// What a record attended moves with it when it is merged, because no second of a person
// counts twice and no day has more than the rules allow, and that can be held only where
// all of it stands: in one shard. The points that were booked for it are passed on as
// all others are; here they come along as a share, so that what the attendance comes to
// for the person is booked as a difference. The chains of kiosks stay as they are, and
// what their entries say under the other record counts for the kept one.
//
//	Merge, Sweep  the other's shard: attendances moved, hours lent  outbox: join, honours
//	join, honours the kept one's shard: a share of it, which is due; hours that were entered
//	Unmerge       the other's shard: hours back                     outbox: split
//	split         the kept one's shard: what is left, which is due  outbox: back
//	back          the other's shard: it stands there again, with what was seen since
//
// Each may be done again, and is undone by the other; a merge that is broken off
// anywhere is finished by Sweep.
const (
	selectUnmoved = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND state <> 'moved' ORDER BY shift LIMIT $2`
	scatterUnmoved = `SELECT DISTINCT m.volunteer FROM merged m JOIN attendance a ON a.volunteer = m.volunteer
		WHERE m.turn % 2 = 1 AND a.state <> 'moved' AND m.volunteer > $1 ORDER BY m.volunteer LIMIT $2`
	scatterUnlent = `SELECT DISTINCT m.volunteer FROM merged m JOIN honour h ON h.volunteer = m.volunteer
		WHERE m.turn % 2 = 1 AND h.heir = '' AND m.volunteer > $1 ORDER BY m.volunteer LIMIT $2`
	scatterLately  = `SELECT volunteer FROM merged WHERE turn % 2 = 1 AND volunteer > $1 AND made_ms > $3 ORDER BY volunteer LIMIT $2`
	selectUnjoined = `SELECT COUNT(*) FROM outbox WHERE volunteer = $1 AND sent < 1 AND kind IN ('join', 'back', 'split')`
	selectJoinedOn = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND day = $2 ORDER BY shift`

	lendHonours   = `UPDATE honour SET heir = $2 WHERE volunteer = $1 AND heir = ''`
	returnHonours = `UPDATE honour SET heir = '' WHERE volunteer = $1 AND heir = $2`
	dropHonours   = `DELETE FROM honour WHERE volunteer = $1 AND origin = $2`
	selectLent    = `SELECT id, day, first_minute, last_minute, what, who, second, made_ms, CASE WHEN counted < 0 THEN 0 ELSE last_minute - first_minute - counted END, counted, most FROM honour WHERE volunteer = $1 AND heir = $2`
	selectOrigin  = `SELECT DISTINCT day FROM honour WHERE volunteer = $1 AND origin = $2`
	selectUnlent  = `SELECT DISTINCT day FROM honour WHERE volunteer = $1 AND heir = $2`
)

// Survivor is the record that counts for a volunteer now: their own, or the one into which
// it was merged, perhaps over others.
func (s *Store) Survivor(ctx context.Context, volunteer ledger.ID) (ledger.ID, error) {
	for range maxHops {
		m, err := s.Merged(ctx, volunteer)
		if err != nil || !m.Is() {
			return volunteer, err
		}
		volunteer = m.Into
	}
	return volunteer, fmt.Errorf("%w: records lead in a circle", ErrState)
}

// standing reads an attendance that stands in this shard. One that went back with a record
// is not found, and what is returned says what has to go on, see anew. ErrChanged: it went
// on with this record, or with somebody's name, and whoever asks has to look again.
func (t *txn) standing(shift ledger.ID) (a Attendance, found bool, err error) {
	a, found, err = t.attendance(shift)
	if err != nil || !found || a.State != AttendMoved {
		return a, found, err
	}
	_, known, err := t.person()
	if err != nil {
		return a, false, err
	}
	into, err := t.mergedInto()
	if err == nil && (!known || !into.IsZero()) {
		err = fmt.Errorf("%w: the attendance is %v's now", ErrChanged, a.Heir)
	}
	return a, false, err
}

// joinRecord has everything that a merged record attended move on.
func (s *Store) joinRecord(ctx context.Context, other ledger.ID) error {
	var into ledger.ID
	for n := joinedAtOnce; n == joinedAtOnce; {
		err := s.write(ctx, "passing attendances on", other.String(), func(t *txn) error {
			n, into = 0, ledger.ID{}
			m, err := t.merged()
			if err != nil || !m.Is() {
				return err
			}
			into = m.Into
			n, err = t.passAttendances(m, s.now())
			return err
		})
		if err != nil {
			return err
		}
		if err := s.deliver(ctx, other); err != nil {
			return err
		}
	}
	if into.IsZero() {
		return nil
	}
	m, err := s.Merged(ctx, other)
	if err == nil {
		err = s.moveClaims(ctx, other, m)
	}
	if err == nil {
		err = s.moveWishes(ctx, other, into)
	}
	if err != nil {
		return err
	}
	return s.carryOut(ctx, into)
}

// moveWishes has what nobody has asked a kiosk for yet be wished by the kept record, whose
// points it takes. What a kiosk was asked for stays as it is: its entry names the other one.
func (s *Store) moveWishes(ctx context.Context, other, into ledger.ID) error {
	list, err := s.Wishes(ctx, other)
	for _, w := range list {
		if err != nil {
			break
		}
		if w.State != WishWaiting || w.Volunteer != other {
			continue
		}
		w.Volunteer = into
		if _, err = s.PutWish(ctx, w); errors.Is(err, ErrFull) || errors.Is(err, ErrQuota) || errors.Is(err, ErrState) {
			err = nil // the kept record has enough
		}
		if err == nil {
			_, err = s.LeaveWish(ctx, other, w.Key)
		}
	}
	return err
}

// joinAll does so for records of which something still stands, and for those that were
// merged a moment ago, by somebody who may have been interrupted.
func (s *Store) joinAll(ctx context.Context) (int, error) {
	attend, err1 := s.volunteers(ctx, "looking for what merged records attended", scatterUnmoved, "")
	hours, err2 := s.volunteers(ctx, "looking for hours of merged records", scatterUnlent, "")
	lately, err3 := s.volunteers(ctx, "looking what was merged", scatterLately, "", s.now()-mergedLately.Milliseconds())
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, err
	}
	list := union(union(attend, hours), lately)
	for _, other := range list {
		if err := passing(s.joinRecord(ctx, other)); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// passAttendances moves up to joinedAtOnce attendances, and lends all hours that were entered.
func (t *txn) passAttendances(m Merged, now int64) (n int, err error) {
	var list []Attendance
	if err := t.each(selectUnmoved, []any{int64(joinedAtOnce)}, intoAttendances(&list)); err != nil {
		return 0, err
	}
	for i := range list {
		if err := t.passAttendance(&list[i], m.Into, m.Who, now); err != nil {
			return 0, err
		}
	}
	lent, err := t.changed(lendHonours, m.Into.String())
	if err != nil || lent == 0 {
		return len(list), err
	}
	return len(list), t.post(fmt.Sprintf("honours-%d-%d", m.Turn, now), outboxHonours, m.Into.String(), 0, 0, now)
}

// passAttendance moves one to the record into which the volunteer's was merged.
func (t *txn) passAttendance(a *Attendance, into ledger.ID, by string, now int64) error {
	a.Was, a.State, a.Heir, a.NamedBy, a.due = a.State, AttendMoved, into, by, false
	if err := t.putAttendance(a, now); err != nil {
		return err
	}
	return t.post(a.outboxID("join"), outboxJoin, into.String(), 0, 0, now)
}

// takeJoin has the kept record have a share in an attendance of the other one.
func (t *txn) takeJoin(p parcel) error {
	from := p.attended
	if from.State != AttendMoved || from.Was == "" || from.Heir.String() != t.shard {
		return nil // it stands again where it was
	}
	a, found, err := t.attendance(from.Shift)
	if err != nil {
		return err
	}
	if a.reopen(); !found || a.State == AttendMoved {
		a = a.anew(from.outline(from.Heir))
	}
	a.join(from)
	if err := t.settleAttendance(&a, p.made); err != nil {
		return err
	}
	into, err := t.mergedInto() // a record may be merged before it heard of this
	if err != nil {
		return err
	}
	if !into.IsZero() {
		return t.passAttendance(&a, into, from.NamedBy, p.made)
	}
	return t.putCounted(&a, p)
}

// putCounted is putAttendance with what that makes of hours that were entered for the day.
func (t *txn) putCounted(a *Attendance, p parcel) error {
	if err := t.storeAttendance(*a); err != nil {
		return err
	}
	less, err := t.recountHonours(a.Day, p.zone)
	if err != nil {
		return err
	}
	if less > 0 {
		a.sign(Sign{Word: SignEntered, N: less})
	}
	return t.putAttendance(a, p.made)
}

// splitRecord has everything that a record attended stand with it again, before it is
// parted from the one into which it was merged.
func (s *Store) splitRecord(ctx context.Context, other ledger.ID, m Merged) error {
	err := s.write(ctx, "parting attendances", other.String(), func(t *txn) error {
		now := s.now()
		if err := t.hoursBack(m.Into, s.cfg.Zone); err != nil {
			return err
		}
		err := t.exec(insertSplit, fmt.Sprintf("split-%d-%d", m.Turn, now), outboxSplit, m.Into.String(), now)
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range []ledger.ID{other, m.Into} {
		if err := s.deliver(ctx, v); err != nil {
			return err
		}
	}
	return s.carryOut(ctx, m.Into)
}

// insertSplit may be of a run whose answer was lost.
const insertSplit = `INSERT INTO outbox (volunteer, id, kind, target, epoch, points, made_ms, sent) VALUES ($1, $2, $3, $4, 0, 0, $5, 0) ON CONFLICT (volunteer, id) DO NOTHING`

// takeSplit has the kept record give back its share in everything that the other one
// attended.
func (t *txn) takeSplit(p parcel) error { return t.splitFrom(p.volunteer, p.merge.Who, p.zone, p.made) }

func (t *txn) splitFrom(other ledger.ID, by string, zone *time.Location, now int64) error {
	if err := t.dropHours(other, zone); err != nil {
		return err
	}
	var all []Attendance
	if err := t.each(selectAttended, nil, intoAttendances(&all)); err != nil {
		return err
	}
	days := make(map[ledger.Day]bool)
	for i := range all {
		a := &all[i]
		if !slices.ContainsFunc(a.Shares, func(s Share) bool { return s.Of == other }) {
			continue
		}
		days[a.Day] = true
		before := *a
		a.split(other, by)
		if a.verdict() == nil { // nothing is said of what is left, so it comes to nothing
			before.Credit, before.Points = a.Credit, a.Points
			a.Credit, a.Points = 0, 0
			if err := t.bookCredit(before, a, rules{}, now); err != nil {
				return err
			}
			if a.State != AttendMoved {
				a.State = civic.AttendOpen
			}
		}
		if err := t.settleAttendance(a, now); err != nil {
			return err
		}
		if err := t.putAttendance(a, now); err != nil {
			return err
		}
		if err := t.post(a.outboxID("back"), outboxBack, other.String(), 0, 0, now); err != nil {
			return err
		}
	}
	if err := t.eachDay(days, zone); err != nil {
		return err
	}
	return t.recountDays(all, days, by)
}

// recountDays has what else was credited on some days be worked out anew: it may have given
// way to what is not there any more.
func (t *txn) recountDays(all []Attendance, days map[ledger.Day]bool, by string) error {
	for _, a := range all {
		if !days[a.Day] || a.State != civic.AttendConfirmed || a.due || a.Said == nil {
			continue
		}
		a.decide([]*Said{a.Said}, firstOf(by, a.Said.By))
		if err := t.storeAttendance(a); err != nil {
			return err
		}
	}
	return nil
}

// takeBack has an attendance stand again with a record that is parted, and adds what was
// seen and said under it meanwhile.
func (t *txn) takeBack(p parcel) error {
	from := p.attended
	at := slices.IndexFunc(from.Parted, func(s Share) bool { return s.Of.String() == t.shard })
	if at < 0 {
		return nil
	}
	share := from.Parted[at]
	a, found, err := t.attendance(from.Shift)
	if err != nil {
		return err
	}
	if a.reopen(); !found || a.State == AttendMoved {
		a = a.anew(from.outline(share.Of))
		a.Phone = share.Phone
	}
	for _, l := range share.Late {
		in, out := a.check(l.Path, false, l.In), a.check(l.Path, true, l.Out)
		if (in || out) && a.Saying == nil && a.byChecks() {
			a.Saying = a.Said
		}
	}
	if v := a.verdict(); share.Said != nil && (v == nil || v.At < share.Said.At) {
		a.Saying = share.Said
	}
	a.due = a.Saying != nil
	if err := t.settleAttendance(&a, p.made); err != nil {
		return err
	}
	if err := t.putCounted(&a, p); err != nil {
		return err
	}
	day, err := t.attendanceDays(a.Day, a.Day) // what was decided while it was away did not know of it
	if err != nil {
		return err
	}
	return t.recountDays(day, map[ledger.Day]bool{a.Day: true}, from.NamedBy)
}

// honoursFor reads the hours that are lent to a record.
func (t *txn) honoursFor(heir string) (list []dayHonour, err error) {
	err = t.each(selectLent, []any{heir}, func(rows scanner) error {
		var h dayHonour
		err := rows.Scan(append(h.columns(), &h.counted, &h.most)...)
		list = append(list, h)
		return err
	})
	return list, err
}

// takeHonours has the kept record have the hours of the other one.
func (t *txn) takeHonours(p parcel) error {
	days := make(map[ledger.Day]bool)
	for _, h := range p.honours {
		var day int64
		if known, err := t.one(knownHonour, []any{h.ID}, &day); err != nil || known {
			if err != nil {
				return err
			}
			continue
		}
		days[h.Day] = true
		if err := t.change(insertHonour, h.ID, int64(h.Day), h.First, h.Last, h.What, h.Who, h.Second, h.Made.UnixMilli(), int64(-1), h.most, p.volunteer.String()); err != nil {
			return err
		}
	}
	return t.eachDay(days, p.zone)
}

// hoursBack has hours that were lent to a record be the volunteer's own again.
func (t *txn) hoursBack(heir ledger.ID, zone *time.Location) error {
	days, err := t.honourDays(selectUnlent, heir)
	if err != nil {
		return err
	}
	if err := t.exec(returnHonours, heir.String()); err != nil {
		return err
	}
	return t.eachDay(days, zone)
}

// dropHours takes the hours of a record that is parted out of the kept one's.
func (t *txn) dropHours(other ledger.ID, zone *time.Location) error {
	days, err := t.honourDays(selectOrigin, other)
	if err != nil {
		return err
	}
	if err := t.exec(dropHonours, other.String()); err != nil {
		return err
	}
	return t.eachDay(days, zone)
}

func (t *txn) honourDays(statement string, record ledger.ID) (map[ledger.Day]bool, error) {
	days := make(map[ledger.Day]bool)
	err := t.each(statement, []any{record.String()}, func(rows scanner) error {
		var day int64
		err := rows.Scan(&day)
		days[ledger.Day(day)] = true
		return err
	})
	return days, err
}

func (t *txn) eachDay(days map[ledger.Day]bool, zone *time.Location) error {
	for day := range days {
		if _, err := t.recountHonours(day, zone); err != nil {
			return err
		}
	}
	return nil
}

// joinedIn tells whether a reversal takes back what records that were merged have twice for
// one time. Points of the other record may be at a kiosk that is away: so it is wanted
// until it was taken, whatever has been spent of this record's own.
func (t *txn) joinedIn(r Reversal) (joined bool, err error) {
	if r.Earning.Of == "" {
		return false, nil
	}
	err = t.each(selectJoinedOn, []any{int64(r.Earning.On)}, func(rows scanner) error {
		a, err := scanAttendance(rows)
		joined = joined || a.Earning == r.Earning.Of && slices.ContainsFunc(a.Shares, func(s Share) bool { return s.Points > 0 })
		return err
	})
	return joined, err
}
