package store

import (
	"cmp"
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
	selectActivity = `SELECT version, state, body FROM activity WHERE scope = $1 AND id = $2`
	upsertActivity = `INSERT INTO activity (scope, id, version, state, first_day, last_day, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (scope, id) DO UPDATE SET version = excluded.version, state = excluded.state, first_day = excluded.first_day, last_day = excluded.last_day, body = excluded.body`
	selectActivities  = `SELECT scope, version, state, body FROM activity WHERE scope = $1 AND last_day >= $2 AND first_day <= $3 ORDER BY last_day DESC, id LIMIT $4`
	scatterActivities = `SELECT scope, version, state, body FROM activity WHERE last_day >= $1 AND first_day <= $2 ORDER BY last_day DESC, scope, id LIMIT $3`
	scatterActivity   = `SELECT scope, version, state, body FROM activity WHERE id = $1`
)

// ActivityState is how far an activity has come.
type ActivityState string

// States of an activity. A draft that a second person has looked at is reviewed; a
// published one has shifts, which kiosks know; a closed one has no more to come.
const (
	ActivityDraft     ActivityState = "draft"
	ActivityReviewed  ActivityState = "reviewed"
	ActivityPublished ActivityState = "published"
	ActivityClosed    ActivityState = "closed"
)

// ActivityStates are all of them, in their order.
var ActivityStates = []ActivityState{ActivityDraft, ActivityReviewed, ActivityPublished, ActivityClosed}

// Activity is what a place plans, and how far that has come.
type Activity struct {
	civic.Activity
	Scope     string        `json:"-"`
	Version   uint64        `json:"-"` // from 1, one more with each change
	State     ActivityState `json:"-"`
	Wrote     string        `json:"wrote"`              // who changed it last
	Reviewed  string        `json:"reviewed,omitempty"` // who reviewed it
	Published string        `json:"published,omitempty"`
	Closed    *Undone       `json:"closed,omitempty"`
}

// NewActivityID draws an id for an activity that is to be added, so that a form that
// is sent twice adds one.
func (s *Store) NewActivityID() (id ledger.ID, err error) {
	if _, err = s.cfg.Random.Read(id[:]); err != nil {
		err = fmt.Errorf("reading randomness: %w", err)
	}
	return id, err
}

// ActivityPlan is what writing an activity makes of its shifts that have not begun:
// how many are new, are changed, are called off, and are held though they had been
// called off with it; and how many people have claimed a post of those called off.
type ActivityPlan struct{ New, Changed, Off, Again, People int }

// Any tells whether it comes to anything.
func (p ActivityPlan) Any() bool { return p != ActivityPlan{} }

// SaveActivity writes an activity over the version that the officer has seen, 0 for a
// new one, and leaves an act; ErrChanged when another one stands there. A reviewed one
// is a draft again; a published one stays published, and its shifts become those that
// are given. Those that have begun stay as they are. One that is saved as it stands
// leaves no act.
func (s *Store) SaveActivity(ctx context.Context, was uint64, a Activity, shifts []civic.Shift) error {
	if err := a.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	return s.write(ctx, "writing an activity", a.Scope, func(t *txn) error {
		if _, err := t.scope(a.Scope); err != nil {
			return err
		}
		before, found, err := t.activity(a.ID)
		if err != nil {
			return err
		}
		after := before
		after.Activity, after.Scope, after.Wrote = a.Activity, a.Scope, cmp.Or(t.actor(), before.Wrote)
		same, err := sameJSON(before.Activity, a.Activity)
		if err != nil || same && found {
			if err == nil && before.State == ActivityPublished && before.Version == was { // what the center adds to shifts may be another
				err = t.planShifts(s.now(), after, shifts, nil, true)
			}
			return err
		}
		switch {
		case before.Version != was:
			return fmt.Errorf("%w: activity %v is at version %d, version %d was seen", ErrChanged, a.ID, before.Version, was)
		case before.State == ActivityClosed:
			return fmt.Errorf("%w: activity %v is closed", ErrState, a.ID)
		}
		kind, stood := "activity.changed", any(before.Activity)
		if !found {
			kind, stood = "activity.added", nil
		}
		if after.State != ActivityPublished {
			after.State, after.Reviewed = ActivityDraft, ""
		} else if err := t.planShifts(s.now(), after, shifts, nil, true); err != nil {
			return err
		}
		return t.putActivity(s.now(), kind, stood, after)
	})
}

// MoveActivity brings an activity from the version that the officer has seen to another
// state: reviewed, by somebody else than wrote it last (ErrSameOfficer); published, with
// the shifts that are given; closed, which calls off those to come; or a draft again,
// whatever it was. ErrState when it cannot go there from where it is.
func (s *Store) MoveActivity(ctx context.Context, was uint64, scope string, id ledger.ID, to ActivityState, why string, shifts []civic.Shift) error {
	if len(why) > MaxReason {
		return fmt.Errorf("%w: a reason of %d bytes", ErrInput, len(why))
	}
	return s.write(ctx, "moving an activity", scope, func(t *txn) error {
		before, found, err := t.activity(id)
		switch {
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("%w: activity %v", ErrUnknown, id)
		case before.State == to:
			return nil
		case before.Version != was:
			return fmt.Errorf("%w: activity %v", ErrChanged, id)
		}
		after, err := before.moved(to, t.actor(), why, s.now())
		if err != nil {
			return err
		}
		if to == ActivityPublished || before.State == ActivityPublished {
			if err := t.planShifts(s.now(), after, shifts, nil, true); err != nil {
				return err
			}
		}
		return t.putActivity(s.now(), "activity."+string(to), before.State, after)
	})
}

// moved is the activity in another state.
func (a Activity) moved(to ActivityState, who, why string, now int64) (Activity, error) {
	from := a.State
	switch {
	case to == ActivityReviewed && from == ActivityDraft && who == a.Wrote && who != "":
		return a, fmt.Errorf("%w: %s wrote the activity", ErrSameOfficer, who)
	case to == ActivityReviewed && from == ActivityDraft:
		a.Reviewed = who
	case to == ActivityPublished && from == ActivityReviewed:
		a.Published = who
	case to == ActivityClosed:
		a.Closed = &Undone{By: who, Made: time.UnixMilli(now).UTC(), Why: why}
	case to == ActivityDraft:
		a.Reviewed, a.Published, a.Closed = "", "", nil
	default:
		return a, fmt.Errorf("%w: activity %v is %s", ErrState, a.ID, from)
	}
	a.State = to
	return a, nil
}

// PlanActivity tells what writing an activity with shifts would come to, without
// writing anything. One that is not published would have none.
func (s *Store) PlanActivity(ctx context.Context, a Activity, shifts []civic.Shift) (plan ActivityPlan, err error) {
	err = s.read(ctx, "planning an activity", a.Scope, func(t *txn) error {
		plan = ActivityPlan{}
		return t.planShifts(s.now(), a, shifts, &plan, false)
	})
	return plan, err
}

// planShifts compares the shifts of an activity that have not begun with what they are
// to be, counts the differences and, when it is to write, makes them so.
func (t *txn) planShifts(now int64, a Activity, shifts []civic.Shift, plan *ActivityPlan, write bool) error {
	if plan == nil {
		plan = new(ActivityPlan)
	}
	if len(shifts) > civic.MaxActivityShifts {
		return fmt.Errorf("%w: %d shifts", ErrInput, len(shifts))
	}
	stand, err := t.shiftsOf(a.ID, now/1000, 1<<40, 2*civic.MaxActivityShifts)
	if err != nil {
		return err
	}
	left := make(map[ledger.ID]Shift, len(stand))
	for _, s := range stand {
		left[s.ID] = s
	}
	if a.State != ActivityPublished {
		shifts = nil
	}
	for _, shift := range shifts {
		if shift.Start*1000 <= now {
			continue
		}
		before, known := left[shift.ID]
		delete(left, shift.ID)
		after := Shift{Shift: shift}
		after.Version, after.Enlisted, after.Waiting, after.Scope = 0, nil, nil, a.Scope
		if known {
			after.Claimed, after.Waits, after.told, after.tell = before.Claimed, before.Waits, before.told, before.tell
			if after.Off = before.Off; after.Off != nil && after.Off.With {
				after.Off = nil
			}
		}
		after.Closed = after.Off != nil
		same, err := sameJSON(before, after)
		switch {
		case err != nil:
			return err
		case same && known:
			continue
		case !known:
			plan.New++
		case before.Off != nil && after.Off == nil:
			plan.Again++
		default:
			plan.Changed++
		}
		if write {
			if err := errors.Join(checkShift(after.Shift), t.tellShift(now, after, true)); err != nil {
				return err
			}
		}
	}
	return t.callOffAll(now, left, plan, write)
}

// callOffAll calls off shifts together with their activity, or because it has other
// times now.
func (t *txn) callOffAll(now int64, list map[ledger.ID]Shift, plan *ActivityPlan, write bool) error {
	for _, s := range list {
		if s.Closed || s.Start*1000 <= now {
			continue
		}
		plan.Off++
		plan.People += int(s.Claimed + s.Waits)
		if s.Closed, s.Off = true, (&Undone{By: t.actor(), Made: time.UnixMilli(now).UTC(), With: true}); write {
			if err := t.tellShift(now, s, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// CallOff calls off a shift that is not over, or holds it all the same, tells the
// kiosks, and leaves an act. What is so already is nothing to do.
func (s *Store) CallOff(ctx context.Context, id ledger.ID, off bool, why string) error {
	if len(why) > MaxReason {
		return fmt.Errorf("%w: a reason of %d bytes", ErrInput, len(why))
	}
	scope, err := s.shiftScope(ctx, id)
	if err != nil {
		return err
	}
	return s.write(ctx, "calling off a shift", scope, func(t *txn) error {
		shift, err := t.shift(id)
		if err != nil || (shift.Off != nil) == off {
			return err
		}
		a, found, err := t.activity(shift.Activity)
		switch {
		case err != nil:
			return err
		case s.now() >= shift.End*1000 || shift.Closed && off || found && !off && a.State != ActivityPublished:
			return fmt.Errorf("%w: shift %v is over, or its activity is not on", ErrState, id)
		}
		kind := "shift.held"
		if shift.Closed, shift.Off = off, nil; off {
			kind, shift.Off = "shift.called_off", &Undone{By: t.actor(), Made: time.UnixMilli(s.now()).UTC(), Why: why}
		}
		if err := t.act(s.now(), t.actor(), kind, nil, map[string]any{"activity": shift.Activity, "shift": id, "title": shift.Title, "start": shift.Start, "place": shift.Place, "why": why}); err != nil {
			return err
		}
		return t.tellShift(s.now(), shift, true)
	})
}

func (t *txn) putActivity(now int64, kind string, before any, a Activity) error {
	after := any(a.Activity)
	if _, moved := before.(ActivityState); moved {
		after = map[string]any{"activity": a.ID, "title": a.Title, "state": a.State, "closed": a.Closed}
	}
	if err := t.act(now, t.actor(), kind, before, after); err != nil {
		return err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("writing an activity: %w", err)
	}
	return t.change(upsertActivity, a.ID.String(), int64(a.Version)+1, string(a.State), int64(a.Times.From), int64(a.Times.To), body)
}

func (t *txn) activity(id ledger.ID) (a Activity, found bool, err error) {
	var version int64
	var state string
	var body []byte
	if found, err = t.one(selectActivity, []any{id.String()}, &version, &state, &body); err != nil || !found {
		return a, found, err
	}
	a, err = readActivity(fmt.Sprint(t.shard), version, state, body)
	return a, true, err
}

func readActivity(scope string, version int64, state string, body []byte) (a Activity, err error) {
	if err := json.Unmarshal(body, &a); err != nil {
		return a, bug("an activity of %q: %v", scope, err)
	}
	a.Scope, a.Version, a.State = scope, uint64(version), ActivityState(state)
	return a, nil
}

func scanActivity(rows scanner) (a Activity, err error) {
	var scope, state string
	var version int64
	var body []byte
	if err := rows.Scan(&scope, &version, &state, &body); err != nil {
		return a, err
	}
	return readActivity(scope, version, state, body)
}

// Activity returns an activity by its id, or ErrUnknown.
func (s *Store) Activity(ctx context.Context, id ledger.ID) (a Activity, err error) {
	found := false
	err = s.scatter(ctx, "looking for an activity", scatterActivity, []any{id.String()}, func() { found = false }, func(rows scanner) error {
		found = true
		a, err = scanActivity(rows)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: activity %v", ErrUnknown, id)
	}
	return a, err
}

// Activities returns the activities that have a day between two, those that end last
// first, at most MaxActivities: of some places, or of all with nil.
func (s *Store) Activities(ctx context.Context, places []string, from, to ledger.Day) (list []Activity, err error) {
	const what = "listing activities"
	into := func(list *[]Activity) func(scanner) error {
		return func(rows scanner) error {
			a, err := scanActivity(rows)
			*list = append(*list, a)
			return err
		}
	}
	if places == nil {
		err = s.scatter(ctx, what, scatterActivities, []any{int64(from), int64(to), int64(MaxActivities)}, func() { list = nil }, into(&list))
		return list, err
	}
	parts := make([][]Activity, len(places))
	err = s.readEach(ctx, what, places, func(t *txn, i int) error {
		parts[i] = nil
		return t.each(selectActivities, []any{int64(from), int64(to), int64(MaxActivities)}, into(&parts[i]))
	})
	list = slices.Concat(parts...)
	slices.SortFunc(list, func(x, y Activity) int {
		return cmp.Or(cmp.Compare(y.Times.To, x.Times.To), cmp.Compare(x.Scope, y.Scope), slices.Compare(x.ID[:], y.ID[:]))
	})
	return list[:min(len(list), MaxActivities)], err
}
