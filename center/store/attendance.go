package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectAttendance = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND shift = $2`
	selectAttendanceDay = `SELECT volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body
		FROM attendance WHERE volunteer = $1 AND day >= $2 AND day <= $3 ORDER BY shift`
	upsertAttendance = `INSERT INTO attendance (volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (volunteer, shift) DO UPDATE SET scope = excluded.scope, day = excluded.day, start_s = excluded.start_s, end_s = excluded.end_s, in_ms = excluded.in_ms, out_ms = excluded.out_ms, how_in = excluded.how_in, how_out = excluded.how_out, phone = excluded.phone,
			guest = excluded.guest, state = excluded.state, credit = excluded.credit, points = excluded.points, version = excluded.version, told = excluded.told, due = excluded.due,
			body = excluded.body`
	// upsertUnmoved is upsertAttendance where nothing, or still the same, stands.
	upsertUnmoved = `INSERT INTO attendance (volunteer, shift, scope, day, start_s, end_s, in_ms, out_ms, how_in, how_out, phone, guest, state, credit, points, version, told, due, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (volunteer, shift) DO UPDATE SET scope = excluded.scope, day = excluded.day, start_s = excluded.start_s, end_s = excluded.end_s, in_ms = excluded.in_ms, out_ms = excluded.out_ms, how_in = excluded.how_in, how_out = excluded.how_out, phone = excluded.phone,
			guest = excluded.guest, state = excluded.state, credit = excluded.credit, points = excluded.points, version = excluded.version, told = excluded.told, due = excluded.due,
			body = excluded.body WHERE attendance.version = $20 AND attendance.body = $21`
)

// AttendMoved is the state of a record of somebody without a name that was found to be
// a volunteer's. What was there is the volunteer's now.
const AttendMoved = "moved"

// How somebody checked in or out.
const (
	HowCard    = "card"     // the volunteer's card, at a kiosk
	HowShown   = "shown"    // a code that the volunteer's phone showed to a kiosk
	HowAccount = "account"  // signed in at a kiosk with phone and PIN
	HowStaff   = "staff"    // a leader at a kiosk's roster
	HowWalkIn  = "walkin"   // somebody without a card
	HowPhone   = "phone"    // the volunteer's phone, with a kiosk's code
	HowObject  = "objected" // an objection that was upheld says so
)

// Why an attendance waits for somebody.
const (
	WaitLeader  = "leader"  // nothing is the matter: a leader has to confirm it
	WaitOut     = "out"     // nobody saw a check-out; it ends as planned
	WaitIn      = "in"      // nobody saw a check-in
	WaitUnseen  = "unseen"  // a leader confirmed it, and no check has come yet
	WaitDay     = "day"     // it would be more than one may serve on a day without an officer's approval
	WaitOwn     = "own"     // whoever confirmed it is the volunteer, or lives in the same household
	WaitClock   = "clock"   // no clock proves the times
	WaitRefused = "refused" // of one that is refused: a leader said that nobody was there
)

// Attendance is one person at one shift. The person is a volunteer, or somebody without
// a name: a walk-in's number, or civic.CardID.Stranger of a card that nobody knew.
type Attendance struct {
	Volunteer, Shift ledger.ID
	Scope            string // of the shift
	Day              ledger.Day
	Start, End       int64 // as planned, Unix seconds
	State            string
	Credit           int64 // minutes
	Points           ledger.Points
	Guest            bool   // somebody without a name: no points before it is known whose they are
	Phone            string // the device that checked in; "": none did
	Version          uint64 // grows with every change
	AttendText

	told bool   // kiosks have a document of it
	due  bool   // Saying is to be carried out at once
	read []byte // AttendText as it was read
}

// AttendText is what nobody looks for.
type AttendText struct {
	Activity ledger.ID `json:"activity"`
	Title    string    `json:"title"`
	TitleEN  string    `json:"title_en,omitempty"`
	Kiosks   []string  `json:"kiosks,omitempty"` // that are told
	In       Seen      `json:"in,omitzero"`
	Out      Seen      `json:"out,omitzero"`
	Why      string    `json:"why,omitempty"`    // what it waits for
	Said     *Said     `json:"said,omitempty"`   // what was decided
	Saying   *Said     `json:"saying,omitempty"` // what is to be carried out, at once or when a check comes
	Heard    *Said     `json:"heard,omitempty"`  // the last one that was carried out, or could not be
	Signs    []Sign    `json:"signs,omitempty"`

	// Of somebody without a name.
	Card      civic.CardID    `json:"card,omitzero"`
	Mobile    civic.PhoneHash `json:"mobile,omitzero"`
	Tail      string          `json:"tail,omitempty"`
	Suggested ledger.ID       `json:"suggested,omitzero"` // the one volunteer who has that phone number
	Heir      ledger.ID       `json:"heir,omitzero"`      // whose it is now
	NamedBy   string          `json:"named_by,omitempty"` // who says so

	// Of records that were merged, see Share.
	Was     string  `json:"was,omitempty"`     // the state of one that moved with its record
	Shares  []Share `json:"shares,omitempty"`  // when several records have one
	Parted  []Share `json:"parted,omitempty"`  // what went back to a record
	Recount string  `json:"recount,omitempty"` // who merged or parted records: what was decided is counted anew

	// Of one that was confirmed.
	Counted     civic.Span     `json:"counted,omitzero"`
	Others      []civic.Served `json:"others,omitempty"` // of the day, that counted before
	Rate        int64          `json:"rate,omitempty"`
	Expires     ledger.Day     `json:"expires,omitempty"`
	Rule        civic.Rule     `json:"rule,omitempty"`
	Place       string         `json:"place,omitempty"`   // whose rules these are
	Earning     string         `json:"earning,omitempty"` // the first one
	Corrections int64          `json:"corrections,omitempty"`
}

// Seen is a check, and where it comes from.
type Seen struct {
	civic.Check
	How   string `json:"how,omitempty"`
	Kiosk string `json:"kiosk,omitempty"` // whose entry it is, or whose code a phone showed
	Epoch uint32 `json:"epoch,omitempty"` // of the entry; 0: a phone's
	Seq   uint64 `json:"seq,omitempty"`
}

// Said is what a leader or an officer says of an attendance.
type Said struct {
	Verdict  ledger.Verdict `json:"verdict"`
	Minutes  int64          `json:"minutes,omitempty"`  // 0: as the checks say
	Approved bool           `json:"approved,omitempty"` // of more than one may serve on a day without that
	Reason   string         `json:"reason,omitempty"`
	By       string         `json:"by"` // officer, or a leader's id @ kiosk
	At       int64          `json:"at"` // Unix milliseconds
}

// Time of a check; zero: nobody saw one.
func (s Seen) Time() time.Time {
	if s.MS == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.MS)
}

// Planned is the shift's time.
func (a Attendance) Planned() civic.Span { return civic.Span{From: a.Start, To: a.End} }

// Presence is the time from check-in to check-out, and whether clocks prove it.
func (a Attendance) Presence() (civic.Span, bool) { return civic.Presence(a.In.Check, a.Out.Check) }

// Kiosk is where somebody checked in, or else out.
func (a Attendance) Kiosk() string {
	if a.In.Kiosk != "" {
		return a.In.Kiosk
	}
	return a.Out.Kiosk
}

// Has tells whether a sign of abuse is on it.
func (a Attendance) Has(sign string) bool {
	return slices.ContainsFunc(a.Signs, func(s Sign) bool { return s.Word == sign })
}

// beginAttendance is an attendance of a shift of which nothing is known yet.
func beginAttendance(who ledger.ID, shift civic.Shift, scope string, zone *time.Location) Attendance {
	return Attendance{Volunteer: who, Shift: shift.ID, Scope: scope, Day: ledger.DayOf(time.Unix(shift.Start, 0).In(zone)), Start: shift.Start, End: endOf(shift, zone),
		State: civic.AttendOpen, AttendText: AttendText{Activity: shift.Activity, Title: shift.Title, TitleEN: shift.TitleEN, Kiosks: shift.Kiosks}}
}

// endOf is a shift's end: no later than midnight.
func endOf(shift civic.Shift, zone *time.Location) int64 {
	at := time.Unix(shift.Start, 0).In(zone)
	return min(shift.End, time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone).Unix())
}

// take notes a check. The first of each direction stands: by the clocks, because what
// a kiosk saw may come after what a phone did. It tells whether that changed anything.
func (a *Attendance) take(out bool, seen Seen) bool {
	at := &a.In
	if out {
		at = &a.Out
	}
	if at.MS != 0 && !seen.before(*at) {
		return false
	}
	*at = seen
	return true
}

// before orders checks: those that a clock proves first, by time, and then by where they
// come from, so that the same checks come to the same in whatever order.
func (s Seen) before(o Seen) bool {
	switch {
	case s.Trusted() != o.Trusted():
		return s.Trusted()
	case s.MS != o.MS:
		return s.MS < o.MS
	case s.Kiosk != o.Kiosk:
		return s.Kiosk < o.Kiosk
	case s.Epoch != o.Epoch:
		return s.Epoch < o.Epoch
	}
	return s.Seq < o.Seq
}

// settle says what an attendance waits for that nobody has decided about.
func (a *Attendance) settle(now int64) {
	if a.State != civic.AttendOpen && a.State != civic.AttendPending {
		return
	}
	over := a.Out.MS != 0 || now >= a.End*1000
	if !over {
		a.State, a.Why = civic.AttendOpen, ""
		return
	}
	a.State = civic.AttendPending
	_, proven := a.Presence()
	switch {
	case a.Why == WaitDay || a.Why == WaitOwn: // until somebody else decides
	case a.In.MS == 0 && a.Out.MS == 0:
		a.Why = WaitUnseen
	case a.Out.MS == 0:
		a.Why = WaitOut
	case a.In.MS == 0:
		a.Why = WaitIn
	case !proven:
		a.Why = WaitClock
	default:
		a.Why = WaitLeader
	}
}

// document is what kiosks are told.
func (a Attendance) document(name string) civic.Attended {
	return civic.Attended{Shift: a.Shift, Who: a.Volunteer, Version: a.Version, Name: civic.MaskName(name), In: a.In.MS / 1000, Out: a.Out.MS / 1000, State: a.State,
		Minutes: a.Credit, Points: a.Points}
}

func scanAttendance(rows scanner) (a Attendance, err error) {
	var volunteer, shift, howIn, howOut string
	var day, in, out, guest, version, told, due int64
	var body []byte
	err = rows.Scan(&volunteer, &shift, &a.Scope, &day, &a.Start, &a.End, &in, &out, &howIn, &howOut, &a.Phone, &guest, &a.State, &a.Credit, &a.Points, &version, &told, &due, &body)
	if err != nil {
		return a, err
	}
	var err1, err2 error
	a.Volunteer, err1 = ledger.ParseID(volunteer)
	a.Shift, err2 = ledger.ParseID(shift)
	if err1 != nil || err2 != nil {
		return a, bug("an attendance of %q at %q", volunteer, shift)
	}
	if err := json.Unmarshal(body, &a.AttendText); err != nil {
		return a, bug("an attendance that cannot be read: %v", err)
	}
	if a.In.MS != in || a.Out.MS != out || a.In.How != howIn || a.Out.How != howOut {
		return a, bug("the attendance of %s at %s says two things", volunteer, shift)
	}
	a.Day, a.Guest, a.Version, a.told, a.due = ledger.Day(day), guest != 0, uint64(version), told != 0, due != 0
	a.read = body
	return a, nil
}

// attendance reads one of the volunteer whose shard it is.
func (t *txn) attendance(shift ledger.ID) (a Attendance, found bool, err error) {
	err = t.each(selectAttendance, []any{shift.String()}, func(rows scanner) error {
		found = true
		a, err = scanAttendance(rows)
		return err
	})
	return a, found, err
}

// attendanceDays reads those of some days that still stand.
func (t *txn) attendanceDays(first, last ledger.Day) (list []Attendance, err error) {
	err = t.each(selectAttendanceDay, []any{int64(first), int64(last)}, func(rows scanner) error {
		a, err := scanAttendance(rows)
		if a.State != AttendMoved {
			list = append(list, a)
		}
		return err
	})
	return list, err
}

// putAttendance writes an attendance that was changed, and posts whom that concerns:
// the kiosks of the shift, and the review list.
func (t *txn) putAttendance(a *Attendance, now int64) error {
	a.raise(now)
	if err := t.storeAttendance(*a); err != nil {
		return err
	}
	return t.postAttendance(*a, now)
}

// raise makes it the next version.
func (a *Attendance) raise(now int64) {
	a.Version++
	a.told = a.State != AttendMoved && now < a.End*1000+ShiftKept.Milliseconds()
}

func (t *txn) postAttendance(a Attendance, now int64) error {
	for _, kiosk := range a.Kiosks {
		if err := t.post(a.outboxID(kiosk), outboxAttended, kiosk, 0, 0, now); err != nil {
			return err
		}
	}
	if len(a.Signs) == 0 {
		return nil
	}
	return t.post(a.outboxID("sign"), outboxSign, a.Scope, 0, 0, now)
}

// storeAttendance writes what does not concern anybody yet.
func (t *txn) storeAttendance(a Attendance) error {
	args, err := a.columns()
	if err != nil {
		return err
	}
	return t.change(upsertAttendance, args...)
}

// putUnmoved is putAttendance in a transaction that has not read it: ErrChanged when it
// is not any more as it was read. A transaction that reads nothing collides with nobody,
// while two that look for a row of an index's page and write another one there do, see
// Attend.
func (t *txn) putUnmoved(a *Attendance, now int64) error {
	was := []any{int64(a.Version), filled(a.read)}
	a.raise(now)
	args, err := a.columns()
	if err != nil {
		return err
	}
	n, err := t.changed(upsertUnmoved, append(args, was...)...)
	if err == nil && n != 1 {
		err = fmt.Errorf("%w: an attendance", ErrChanged)
	}
	if err != nil {
		return err
	}
	return t.postAttendance(*a, now)
}

// columns are what stands in the row, behind the volunteer.
func (a Attendance) columns() ([]any, error) {
	body, err := json.Marshal(a.AttendText)
	if err != nil {
		return nil, fmt.Errorf("writing an attendance: %w", err)
	}
	if len(body) > maxAttendText {
		return nil, fmt.Errorf("%w: an attendance of %d bytes", ErrInput, len(body))
	}
	return []any{a.Shift.String(), a.Scope, int64(a.Day), a.Start, a.End, a.In.MS, a.Out.MS, a.In.How, a.Out.How, a.Phone, bit(a.Guest), a.State,
		a.Credit, int64(a.Points), int64(a.Version), bit(a.told), bit(a.due), body}, nil
}

// outboxID is of a row that tells somebody of this state of the attendance.
func (a Attendance) outboxID(whom string) string {
	return fmt.Sprintf("%s-%d-%s", a.Shift, a.Version, whom)
}

// attendedNow reads what an outbox row of an attendance is about, as it is now.
func (t *txn) attendedNow(row outboxRow) (a Attendance, name string, err error) {
	shift, _, _ := strings.Cut(row.id, "-")
	id, err := ledger.ParseID(shift)
	if err != nil {
		return a, "", bug("an outbox row %q", row.id)
	}
	t.ahead(selectAttendance, id.String())
	if row.kind == outboxAttended {
		t.ahead(selectPerson)
	}
	a, found, err := t.attendance(id)
	if err == nil && !found {
		err = bug("an outbox row of an attendance that is not there: %q", row.id)
	}
	if err != nil || row.kind != outboxAttended {
		return a, "", err
	}
	p, _, err := t.person()
	return a, p.Name, err
}

// AttendanceOf reads one attendance, or answers ErrUnknown. That of somebody without a
// name who was found to be a volunteer is the volunteer's, and that of a record that was
// merged is the kept one's.
func (s *Store) AttendanceOf(ctx context.Context, volunteer, shift ledger.ID) (a Attendance, err error) {
	for range maxHops {
		err = s.read(ctx, "reading an attendance", volunteer.String(), func(t *txn) error {
			var found bool
			if a, found, err = t.attendance(shift); err != nil || found {
				return err
			}
			into, err := t.mergedInto()
			if err == nil && into.IsZero() {
				err = fmt.Errorf("%w: %v at %v", ErrUnknown, volunteer, shift)
			}
			a.State, a.Heir = AttendMoved, into
			return err
		})
		if err != nil || a.State != AttendMoved {
			return a, err
		}
		volunteer = a.Heir
	}
	return a, err
}
