package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	scatterAttenders = `SELECT DISTINCT volunteer FROM attendance WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
	selectAttended   = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 ORDER BY day, shift`
	selectAllEarnings = `SELECT id, body FROM earning WHERE volunteer = $1`
)

// verifyAttendances holds that every attendance is what entries and rules make of it:
// its checks stand in the chains that they come from, its minutes and points are what
// civic.Policy.Credit says of its time beside the others that counted then, the earnings
// of it add up to that, and no day has more than its people's time and rules allow.
func (s *Store) verifyAttendances(ctx context.Context, report *Report) error {
	p := &attendProof{Store: s, report: report, policies: map[civic.Rule]*civic.Policy{"": new(civic.Policy{}.WithDefaults())}}
	for after := ""; ; {
		ids, err := s.volunteers(ctx, "reading who attended", scatterAttenders, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1].String()
		for _, id := range ids {
			if err := report.survive("volunteer "+id.String(), p.volunteer(ctx, id)); err != nil {
				return err
			}
		}
	}
}

// attendProof is a proof of all attendances.
type attendProof struct {
	*Store
	report   *Report
	policies map[civic.Rule]*civic.Policy // nil: nobody knows the version any more
}

// lines are what was booked for one attendance.
type lines struct {
	minutes int64
	points  ledger.Points
}

func (p *attendProof) volunteer(ctx context.Context, id ledger.ID) error {
	var list []Attendance
	var booked map[string]lines
	err := p.read(ctx, "reading attendances", id.String(), func(t *txn) (err error) {
		list = nil
		err = t.each(selectAttended, nil, func(rows scanner) error {
			a, err := scanAttendance(rows)
			list = append(list, a)
			return err
		})
		if err == nil {
			booked, err = t.attendBooked()
		}
		return err
	})
	if err != nil {
		return err
	}
	days := make(map[ledger.Day][]Attendance)
	for _, a := range list {
		p.report.Attendances++
		if err := p.attendance(ctx, a, booked); err != nil {
			return err
		}
		if a.State == civic.AttendConfirmed && !a.Guest && !(a.due && a.Recount != "") {
			days[a.Day] = append(days[a.Day], a)
		}
	}
	for day, list := range days {
		if err := p.day(ctx, id, day, list); err != nil {
			return err
		}
	}
	return nil
}

// attendBooked adds up the earnings and reversals of attendances, by the first earning of
// each. What a reversal asks for counts, not what it could take.
func (t *txn) attendBooked() (map[string]lines, error) {
	sums := make(map[string]lines)
	add := func(id string, e civic.Earning) {
		at := id
		if e.Of != "" {
			at = e.Of
		}
		sum := sums[at]
		sum.minutes, sum.points = sum.minutes+e.Minutes, sum.points+e.Points
		sums[at] = sum
	}
	err := t.each(selectAllEarnings, nil, func(rows scanner) error {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		var e civic.Earning
		if err := json.Unmarshal(body, &e); err != nil {
			return bug("an earning that cannot be read: %v", err)
		}
		if e.Points >= 0 {
			add(id, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	back, err := t.reversals(selectAllReversals, 0)
	for _, r := range back {
		if r.Heir == "" {
			add(r.ID, r.Earning)
		}
	}
	return sums, err
}

func (p *attendProof) find(a Attendance, format string, args ...any) {
	p.report.find(fmt.Sprintf("volunteer %v at %v", a.Volunteer, a.Shift), format, args...)
}

// attendance proves one of them.
func (p *attendProof) attendance(ctx context.Context, a Attendance, booked map[string]lines) error {
	if a.State == AttendMoved {
		if a.Was != "" || !a.Heir.IsZero() && a.In.MS == 0 && a.Out.MS == 0 {
			return p.moved(ctx, a, booked)
		}
		heir, err := p.AttendanceOf(ctx, a.Heir, a.Shift)
		if errors.Is(err, ErrUnknown) && (a.In.MS != 0 || a.Out.MS != 0) {
			p.find(a, "it was found to be %v's, who has none", a.Heir)
		} else if err == nil && a.In.MS != 0 && len(heir.Shares) == 0 && a.In.before(heir.In) {
			p.find(a, "%v checked in later than that", a.Heir)
		}
		if errors.Is(err, ErrUnknown) {
			err = nil
		}
		return err
	}
	sum := a.sum(booked)
	if sum != (lines{a.Credit, a.Points}) && !a.Has(SignMerged) {
		p.find(a, "%d minutes and %d points, its earnings come to %d and %d", a.Credit, a.Points, sum.minutes, sum.points)
	}
	if err := errors.Join(p.entry(ctx, a, false, a.In), p.entry(ctx, a, true, a.Out)); err != nil {
		return err
	}
	if a.due && a.Recount != "" {
		return nil // records have just become one, or two
	}
	if a.State != civic.AttendConfirmed || a.Guest {
		if a.Credit != 0 || a.Points != 0 {
			p.find(a, "%d minutes and %d points, though it is %s", a.Credit, a.Points, a.State)
		}
		return nil
	}
	policy, err := p.policy(ctx, a.Rule)
	if err != nil || policy == nil {
		return err
	}
	if a.Said == nil || a.Counted.Seconds() > 0 && a.Counted.Within(a.Planned()) != a.Counted {
		p.find(a, "confirmed by nobody, or %v of %v", a.Counted, a.Planned())
		return nil
	}
	if c := policy.Credit(a.Counted, a.Said.Approved, a.Others); c.Minutes != a.Credit || c.Points != a.Points || c.Held {
		p.find(a, "%d minutes and %d points, the rules make %+v of it", a.Credit, a.Points, c)
	}
	return nil
}

// sum is what was booked for an attendance: here, and under records that were merged.
func (a Attendance) sum(booked map[string]lines) (sum lines) {
	if a.Earning != "" {
		sum = booked[a.Earning]
	}
	for _, s := range a.Shares {
		sum.minutes, sum.points = sum.minutes+s.Minutes, sum.points+s.Points
	}
	return sum
}

// moved proves one that went with its record: what was booked for it stands, and the record
// that is kept has it as a share.
func (p *attendProof) moved(ctx context.Context, a Attendance, booked map[string]lines) error {
	if sum := a.sum(booked); sum != (lines{a.Credit, a.Points}) && !a.Has(SignMerged) {
		p.find(a, "%d minutes and %d points before its record was merged, its earnings come to %d and %d", a.Credit, a.Points, sum.minutes, sum.points)
	}
	if a.Was == "" {
		return nil // it went back
	}
	var share *Share
	err := p.read(ctx, "reading a share", a.Heir.String(), func(t *txn) error {
		share = nil
		kept, _, err := t.attendance(a.Shift)
		for _, s := range kept.Shares {
			if s.Of == a.Volunteer {
				share = &s
			}
		}
		return err
	})
	if err != nil || share != nil && share.Minutes == a.Credit && share.Points == a.Points {
		return err
	}
	var underway int64
	err = p.read(ctx, "reading what is underway", a.Volunteer.String(), func(t *txn) error {
		_, err := t.one(selectUnjoined, nil, &underway)
		return err
	})
	if err == nil && underway == 0 {
		p.find(a, "%d minutes and %d points went to %v, who has %+v", a.Credit, a.Points, a.Heir, share)
	}
	return err
}

// entry holds that a check stands in the chain that it comes from.
func (p *attendProof) entry(ctx context.Context, a Attendance, out bool, seen Seen) error {
	if seen.Seq == 0 {
		return nil
	}
	var list []ledger.Entry
	err := p.read(ctx, "reading a check", seen.Kiosk, func(t *txn) error {
		list = nil
		return t.each(selectEntry, []any{int64(seen.Epoch), int64(seen.Seq)}, intoEntries(&list))
	})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		p.find(a, "entry %d of %s epoch %d is not there", seen.Seq, seen.Kiosk, seen.Epoch)
		return nil
	}
	check, isOut, ok := checkIn(list[0].Body)
	if !ok || isOut != out || check.Shift != a.Shift || seenIn(list[0], hows[check.By]) != seen {
		p.find(a, "entry %d of %s epoch %d says something else", seen.Seq, seen.Kiosk, seen.Epoch)
	}
	return nil
}

// checkIn is the check that an entry is, and whether somebody left.
func checkIn(body ledger.Body) (c ledger.Check, out, ok bool) {
	switch b := body.(type) {
	case ledger.CheckIn:
		return b.Check, false, true
	case ledger.CheckOut:
		return b.Check, true, true
	}
	return c, false, false
}

// day holds that no time counts twice, and no more than may ever.
func (p *attendProof) day(ctx context.Context, volunteer ledger.ID, day ledger.Day, list []Attendance) error {
	var spans []civic.Span
	var credit, whole, most int64
	for _, a := range list {
		spans, credit = append(spans, a.Counted), credit+a.Credit
		policy, err := p.policy(ctx, a.Rule)
		if err != nil || policy == nil {
			return err
		}
		most = max(most, policy.WithDefaults().DayMost)
	}
	for _, s := range civic.Union(spans) {
		whole += s.Seconds()
	}
	if credit*60 > whole || credit > most {
		p.report.find("volunteer "+volunteer.String(), "%d minutes on %v, of %d seconds and at most %d", credit, day, whole, most)
	}
	return nil
}

func (p *attendProof) policy(ctx context.Context, rule civic.Rule) (*civic.Policy, error) {
	if known, looked := p.policies[rule]; looked {
		return known, nil
	}
	v, err := p.PolicyVersion(ctx, rule)
	switch {
	case err == nil:
		p.policies[rule] = &v.Policy
	case errors.Is(err, ErrUnknown): // of a book from an old copy
		p.policies[rule], err = nil, nil
	}
	return p.policies[rule], err
}

// verifyChecks holds that every check of a chain that was folded stands in an
// attendance, or one that was first does.
func (s *Store) verifyChecks(ctx context.Context, c Chain, report *Report) error {
	f := newAttending(s, c, "")
	for at := uint64(0); at < c.Folded; {
		upTo := min(c.Folded, at+foldBatch)
		var entries []ledger.Entry
		err := s.read(ctx, "reading entries about attendances", c.Head.Kiosk, func(t *txn) error {
			entries = nil
			return t.each(selectAttending, []any{int64(c.Head.Epoch), int64(at), int64(upTo)}, intoEntries(&entries))
		})
		if err == nil {
			err = f.resolve(ctx, entries)
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f.verify(ctx, e, report); err != nil {
				return err
			}
		}
		at = upTo
	}
	return nil
}

func (f *attending) verify(ctx context.Context, e ledger.Entry, report *Report) error {
	b, out, ok := checkIn(e.Body)
	if !ok || f.shifts[b.Shift] == nil {
		return nil
	}
	where := fmt.Sprintf("%s epoch %d", e.Kiosk, e.Epoch)
	who, seen := f.who(b.Who, b.Card), seenIn(e, hows[b.By])
	a, err := f.AttendanceOf(ctx, who, b.Shift)
	if errors.Is(err, ErrUnknown) {
		report.find(where, "entry %d checks somebody in or out, and stands in no attendance", e.Seq)
		return nil
	}
	if err != nil {
		return err
	}
	stands, err := f.standsUnder(ctx, a, f.as[firstID(b.Who, civic.CardID(b.Card).Stranger())], out, seen)
	if err == nil && !stands {
		report.find(where, "entry %d is earlier than the check of %v at %v", e.Seq, a.Volunteer, a.Shift)
	}
	return err
}

// standsUnder tells whether a check, or one that came before it, stands in an attendance
// under the record that it names: with what was seen since that was merged, or with what
// the record brought along.
func (f *attending) standsUnder(ctx context.Context, a Attendance, path []ledger.ID, out bool, seen Seen) (bool, error) {
	for range maxHops {
		if at := a.under(path, out); at.MS != 0 && !seen.before(at) {
			return true, nil
		}
		if len(path) == 0 {
			return false, nil
		}
		found := false
		err := f.read(ctx, "reading what a record brought along", path[0].String(), func(t *txn) (err error) {
			a, found, err = t.attendance(a.Shift)
			return err
		})
		if err != nil || !found {
			return false, err
		}
		path = path[1:]
	}
	return false, nil
}
