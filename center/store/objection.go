package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	insertObjection = `INSERT INTO objection (volunteer, id, shift, scope, state, made_ms, ended_ms, body) VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $6)`
	selectObjection = `SELECT volunteer, id, shift, scope, state, made_ms, ended_ms, body FROM objection WHERE volunteer = $1 AND id = $2`
	updateObjection = `UPDATE objection SET state = $3, ended_ms = $4, body = $5 WHERE volunteer = $1 AND id = $2 AND state = 'waiting'`
	countObjections = `SELECT COUNT(*) FROM objection WHERE volunteer = $1 AND state = 'waiting'`

	selectObjections  = `SELECT volunteer, id, shift, scope, state, made_ms, ended_ms, body FROM objection WHERE volunteer = $1 ORDER BY made_ms DESC, id LIMIT $2`
	scatterObjections = `SELECT volunteer, id, shift, scope, state, made_ms, ended_ms, body FROM objection
		WHERE state = $1 AND (made_ms, volunteer, id) < ($2, $3, $4) ORDER BY made_ms DESC, volunteer DESC, id DESC LIMIT $5`
)

// States of an objection.
const (
	ObjectionWaiting = "waiting"
	ObjectionUpheld  = "upheld"
	ObjectionRefused = "refused"
)

// Objection is what a volunteer says is wrong with a record of service.
type Objection struct {
	Volunteer ledger.ID
	ID        string    // drawn by whoever makes it, so that twice is once
	Shift     ledger.ID // zero: it is about an earning that no shift made
	Scope     string    // of the shift, or the volunteer's town
	State     string
	Made      time.Time
	Ended     time.Time
	ObjectionText
}

// ObjectionText is what nobody looks for.
type ObjectionText struct {
	Earning string           `json:"earning,omitempty"`
	What    string           `json:"what,omitempty"` // title of the shift or the earning
	Reason  ledger.Objection `json:"reason"`
	Minutes int64            `json:"minutes,omitempty"` // that it should say; 0: the volunteer did not say
	Said    int64            `json:"said,omitempty"`    // minutes that it said then
	Kiosk   string           `json:"kiosk,omitempty"`   // at which it was made; "": on a phone
	Who     string           `json:"who,omitempty"`     // who answered
	Answer  string           `json:"answer,omitempty"`
	Given   int64            `json:"given,omitempty"` // minutes, when it was upheld
}

// Mark is where a list goes on behind the objection.
func (o Objection) Mark() AskedMark { return AskedMark{o.Made, o.Volunteer.String(), o.ID} }

// volunteerActs is who acts when a volunteer does.
const volunteerActs = "volunteer"

// Object takes an objection, and leaves an act. It answers ErrUnknown when there is no
// such volunteer, shift or record, ErrInput when the reason needs another one, and
// ErrFull when too many wait already; the same again changes nothing.
func (s *Store) Object(ctx context.Context, o Objection) error {
	if err := o.check(); err != nil {
		return err
	}
	var err error
	if o.Volunteer, err = s.Survivor(ctx, o.Volunteer); err != nil {
		return err
	}
	shift, scope := civic.Shift{}, ""
	if !o.Shift.IsZero() {
		if shift, scope, err = s.Shift(ctx, o.Shift); err != nil {
			return err
		}
	}
	return s.write(ctx, "taking an objection", o.Volunteer.String(), func(t *txn) error { return t.object(o, shift, scope, s.now()) })
}

func (o Objection) check() error {
	if o.Volunteer.IsZero() || len(o.ID) != 16 || o.Shift.IsZero() == (o.Earning == "") || len(o.Earning) > ledger.MaxText ||
		o.Reason < ledger.ObjectFewer || o.Reason > ledger.ObjectOther || o.Minutes < 0 || o.Minutes > 24*60 {
		return fmt.Errorf("%w: an objection has an id, a reason, and a shift or an earning", ErrInput)
	}
	return nil
}

// object writes an objection once.
func (t *txn) object(o Objection, shift civic.Shift, scope string, now int64) error {
	if _, known, err := t.objection(o.ID); err != nil || known {
		return err
	}
	person, found, err := t.person()
	if err != nil || !found {
		return orUnknown(err, o.Volunteer)
	}
	if o.Scope, err = scope, t.objected(&o, shift); err != nil {
		return err
	}
	if o.Scope == "" {
		o.Scope = person.Town
	}
	var waiting int64
	if _, err := t.one(countObjections, nil, &waiting); err != nil {
		return err
	}
	if waiting >= MaxObjections {
		return fmt.Errorf("%w: %d objections wait", ErrFull, waiting)
	}
	body, err := json.Marshal(o.ObjectionText)
	if err != nil {
		return fmt.Errorf("writing an objection: %w", err)
	}
	if err := t.actIn(personTrace, now, volunteerActs, "objection.made", nil, o.traced()); err != nil {
		return err
	}
	return t.change(insertObjection, o.ID, idText(o.Shift), o.Scope, now, body)
}

// objected finds out what the record says that is objected to.
func (t *txn) objected(o *Objection, shift civic.Shift) error {
	if o.Shift.IsZero() {
		return t.objectedLine(o)
	}
	a, found, err := t.attendance(o.Shift)
	if err == nil && !found && o.Reason != ledger.ObjectLost {
		err = fmt.Errorf("%w: nothing at shift %v", ErrUnknown, o.Shift)
	}
	o.What, o.Said = shift.Title, a.Credit
	return err
}

// objectedLine finds the earning that an objection is about, by its number or its name.
// One of an attendance is an objection to that.
func (t *txn) objectedLine(o *Objection) error {
	id, e, found, err := t.earningNamed(o.Earning)
	switch {
	case err != nil:
		return err
	case !found && o.Kiosk == "":
		return fmt.Errorf("%w: earning %q", ErrUnknown, o.Earning)
	case !found: // a kiosk knew it, perhaps before it was corrected
		o.What = o.Earning
		return nil
	}
	o.Earning, o.What, o.Said = id, e.What, e.Minutes
	day, err := t.attendanceDays(e.On, e.On)
	for _, a := range day {
		if a.Earning != "" && (a.Earning == id || a.Earning == e.Of) || e.From() != "" && a.has(e.From()) && a.Title == e.What {
			o.Shift, o.Scope, o.Said = a.Shift, a.Scope, a.Credit
		}
	}
	return err
}

// earningNamed finds an earning of the volunteer, see civic.Earning.Name.
func (t *txn) earningNamed(name string) (id string, e civic.Earning, found bool, err error) {
	err = t.each(selectAllEarnings, nil, func(rows scanner) error {
		var at string
		var body []byte
		if err := rows.Scan(&at, &body); err != nil || found {
			return err
		}
		var one civic.Earning
		if err := json.Unmarshal(body, &one); err != nil {
			return bug("an earning that cannot be read: %v", err)
		}
		if at == name || one.Name() == name {
			id, e, found = at, one, true
		}
		return nil
	})
	return id, e, found, err
}

// traced is what an act keeps of it.
func (o Objection) traced() map[string]any {
	m := map[string]any{"objection": o.ID, "what": o.What, "reason": int64(o.Reason), "minutes": o.Minutes, "said": o.Said}
	if !o.Shift.IsZero() {
		m["shift"] = o.Shift.String()
	}
	if o.Kiosk != "" {
		m["kiosk"] = o.Kiosk
	}
	return m
}

// object takes what an entry says. One about nothing that is known is listed.
func (f *attending) object(ctx context.Context, e ledger.Entry, b ledger.Object) error {
	shift := f.shifts[b.Shift]
	if !b.Shift.IsZero() && shift == nil {
		return f.senseless(ctx, e, SignShift, b.Shift, b.Volunteer)
	}
	o := Objection{Volunteer: f.who(b.Volunteer, [16]byte{}), Shift: b.Shift, ObjectionText: ObjectionText{Reason: b.Reason, Minutes: b.Minutes, Kiosk: e.Kiosk}}
	o.ID = signID(Review{Kiosk: e.Kiosk}, "objection", e.Epoch, e.Seq)
	if shift == nil {
		o.Earning, shift = b.Earning, &knownShift{}
	}
	if o.check() != nil {
		return f.senseless(ctx, e, SignNobody, b.Shift, b.Volunteer)
	}
	lost := &Review{Sign: Sign{Word: SignNobody, N: int64(e.Seq)}, Shift: b.Shift, Volunteer: b.Volunteer, Kiosk: e.Kiosk}
	err := f.write(ctx, "taking an objection", o.Volunteer.String(), func(t *txn) error { return t.object(o, shift.Shift, shift.scope, f.now()) })
	if errors.Is(err, ErrUnknown) || errors.Is(err, ErrFull) {
		return f.raise(ctx, firstOf(shift.scope, f.parent), *lost, e.Epoch, e.Seq)
	}
	return err
}

// Answer is what the organiser says of an objection.
type Answer struct {
	Upheld  bool
	Minutes int64  // that the attendance has then; 0 with Upheld: nobody was there
	Entered bool   // nobody saw a check, and two officers have entered the hours: see PutHonour
	Reason  string // for the volunteer; a refusal has one
	By      string
}

// AnswerObjection upholds an objection, which corrects the attendance, or refuses it
// with a reason; both leave an act. It answers ErrOwn when it is the officer's own or
// the household's, ErrUnseen when hours would stand on the objection alone, because no
// kiosk and no phone saw anything, and ErrState when somebody was faster; the same again
// changes nothing. What no shift made is corrected by an adjustment.
//
// Of a record that was merged the attendance is the kept one's. It is corrected first, so
// that whoever is interrupted finds the objection waiting still.
func (s *Store) AnswerObjection(ctx context.Context, volunteer ledger.ID, id string, x Answer) error {
	if x.By == "" || !line(x.Reason, MaxAskedRunes) || !x.Upheld && (x.Reason == "" || x.Entered) || x.Minutes < 0 || x.Minutes > 24*60 {
		return fmt.Errorf("%w: an answer is somebody's, and a refusal has a reason", ErrInput)
	}
	if _, err := s.notOwn(ctx, x.By, volunteer); err != nil {
		return err
	}
	o, err := s.ObjectionOf(ctx, volunteer, id)
	if err != nil {
		return err
	}
	stands, err := s.Survivor(ctx, volunteer)
	if err != nil {
		return err
	}
	var shift civic.Shift
	if x.Upheld && !o.Shift.IsZero() {
		if shift, _, err = s.Shift(ctx, o.Shift); err != nil {
			return err
		}
	}
	uphold := func(t *txn, o Objection) error { return t.uphold(o, x, shift, s.cfg.Zone, s.now()) }
	if x.Upheld && o.State == ObjectionWaiting && stands != volunteer {
		o.Volunteer = stands
		if err := s.write(ctx, "upholding an objection", stands.String(), func(t *txn) error { return uphold(t, o) }); err != nil {
			return err
		}
		uphold = func(*txn, Objection) error { return nil }
	}
	err = s.write(ctx, "answering an objection", volunteer.String(), func(t *txn) error { return t.answer(id, x, uphold, s.now()) })
	if err != nil {
		return err
	}
	return s.carryOut(ctx, stands)
}

func (t *txn) answer(id string, x Answer, uphold func(*txn, Objection) error, now int64) error {
	o, found, err := t.objection(id)
	if err == nil && !found {
		err = fmt.Errorf("%w: objection %q", ErrUnknown, id)
	}
	if err != nil {
		return err
	}
	state := ObjectionRefused
	if x.Upheld {
		state = ObjectionUpheld
	}
	if o.State != ObjectionWaiting {
		if o.State == state && o.Who == x.By && o.Answer == x.Reason && o.Given == x.Minutes {
			return nil
		}
		return fmt.Errorf("%w: %s answered it", ErrState, o.Who)
	}
	o.Who, o.Answer, o.Given = x.By, x.Reason, x.Minutes
	body, err := json.Marshal(o.ObjectionText)
	if err != nil {
		return fmt.Errorf("writing an objection: %w", err)
	}
	after := o.traced()
	after["state"], after["answer"], after["given"] = state, x.Reason, x.Minutes
	if err := t.actIn(personTrace, now, x.By, "objection.answered", nil, after); err != nil {
		return err
	}
	if err := t.change(updateObjection, id, state, now, body); err != nil || !x.Upheld {
		return err
	}
	return uphold(t, o)
}

// uphold notes what the organiser says of the attendance then. Of one that nobody saw
// nothing is said: what is entered afterwards takes two, see PutHonour.
func (t *txn) uphold(o Objection, x Answer, shift civic.Shift, zone *time.Location, now int64) error {
	if o.Shift.IsZero() || x.Entered {
		return nil
	}
	a, found, err := t.standing(o.Shift)
	if err != nil {
		return err
	}
	said := Said{Verdict: ledger.VerdictThere, Minutes: x.Minutes, Reason: x.Reason, By: x.By, At: now}
	switch unseen := a.In.MS == 0 && a.Out.MS == 0; {
	case x.Minutes > 0 && (!found || unseen):
		return fmt.Errorf("%w: %v at %v", ErrUnseen, o.Volunteer, o.Shift)
	case x.Minutes == 0:
		said.Verdict = ledger.VerdictAbsent
	}
	if !found {
		a = a.anew(beginAttendance(o.Volunteer, shift, o.Scope, zone))
	}
	a.Saying, a.due = &said, true
	return t.putAttendance(&a, now)
}

func (t *txn) objection(id string) (o Objection, found bool, err error) {
	err = t.each(selectObjection, []any{id}, func(rows scanner) error {
		found = true
		o, err = scanObjection(rows)
		return err
	})
	return o, found, err
}

func scanObjection(rows scanner) (o Objection, err error) {
	var volunteer, shift string
	var ended int64
	var body []byte
	if err := rows.Scan(&volunteer, &o.ID, &shift, &o.Scope, &o.State, (*millis)(&o.Made), &ended, &body); err != nil {
		return o, err
	}
	if err := json.Unmarshal(body, &o.ObjectionText); err != nil {
		return o, bug("an objection that cannot be read: %v", err)
	}
	if o.Volunteer, err = ledger.ParseID(volunteer); err != nil {
		return o, bug("an objection of %q", volunteer)
	}
	if shift != "" {
		if o.Shift, err = ledger.ParseID(shift); err != nil {
			return o, bug("an objection to %q", shift)
		}
	}
	if ended > 0 {
		o.Ended = time.UnixMilli(ended)
	}
	return o, nil
}

// ObjectionOf reads one objection, or answers ErrUnknown.
func (s *Store) ObjectionOf(ctx context.Context, volunteer ledger.ID, id string) (o Objection, err error) {
	err = s.read(ctx, "reading an objection", volunteer.String(), func(t *txn) error {
		var found bool
		o, found, err = t.objection(id)
		if err == nil && !found {
			err = fmt.Errorf("%w: objection %q", ErrUnknown, id)
		}
		return err
	})
	return o, err
}

// ObjectionsOf returns the latest objections of a volunteer, those under records that were
// merged among them.
func (s *Store) ObjectionsOf(ctx context.Context, volunteer ledger.ID, limit int) (list []Objection, err error) {
	list, err = ofRecords(ctx, s, "reading objections", volunteer, func(t *txn, list *[]Objection) error {
		return t.each(selectObjections, []any{int64(limit)}, intoObjections(list))
	})
	slices.SortStableFunc(list, func(x, y Objection) int { return y.Made.Compare(x.Made) })
	return list[:min(len(list), limit)], err
}

// Objections returns those in one state, of everywhere, behind a mark, the latest
// first; those of an officer's area are picked out by who reads.
func (s *Store) Objections(ctx context.Context, state string, behind AskedMark, limit int) (list []Objection, err error) {
	args := append([]any{state}, behind.before(min(limit, MaxAttendances))...)
	err = s.scatter(ctx, "reading objections", scatterObjections, args, func() { list = nil }, intoObjections(&list))
	return list, err
}

func intoObjections(list *[]Objection) func(scanner) error {
	return func(rows scanner) error {
		o, err := scanObjection(rows)
		*list = append(*list, o)
		return err
	}
}
