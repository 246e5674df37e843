package center

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// second is what one officer asks for and another one decides: see [store.Asked].
// What is confirmed is done at once; when that is interrupted, whoever sweeps next
// does it.
type second struct {
	c     *console
	kinds map[string]askKind
}

// askKind is something that a second person decides. Its texts are
// center.second.KIND and, line by line, what follows: center.second.KIND.1 and on.
type askKind struct {
	lines int
	// do carries out what was confirmed. It may be called again after it succeeded, and
	// then changes nothing. What hopeless knows is told as a failure; any other error is
	// tried again.
	do func(context.Context, store.Asked) error
}

func newSecond(c *console) second {
	return second{c, map[string]askKind{
		"adjust":  {3, c.adjusted},
		"enter":   {3, c.entered},
		"numbers": {3, func(context.Context, store.Asked) error { return nil }}, // who asked takes the file: see numbersFile
	}}
}

// ask puts a request before a second person, or does it where one officer is enough.
func (s second) ask(a *ask, x store.Asked, rule store.AskRule) (store.Asked, error) {
	if _, known := s.kinds[x.Kind]; !known {
		return x, fmt.Errorf("center: nobody knows how to do %q", x.Kind)
	}
	x.Who = a.officer.Name
	x, err := s.c.Store.Ask(a.Context(), x, rule)
	if err != nil {
		return x, err
	}
	return s.carry(a.Context(), x)
}

// carry does what was confirmed and is not done.
func (s second) carry(ctx context.Context, x store.Asked) (store.Asked, error) {
	if x.State != store.AskedConfirmed || !x.Done.IsZero() {
		return x, nil
	}
	kind, known := s.kinds[x.Kind]
	if !known { // of a newer program, which will do it
		return x, nil
	}
	problem := ""
	if err := kind.do(ctx, x); err != nil {
		if problem = hopeless(err); problem == "" {
			return x, err
		}
		s.c.Log.Warn("console: what a second person confirmed cannot be done", "kind", x.Kind, "place", x.Place, "request", x.ID, "why", err)
	}
	if err := s.c.Store.AskedDone(ctx, x.Place, x.ID, problem); err != nil {
		return x, err
	}
	return s.c.Store.AskedOf(ctx, x.Place, x.ID)
}

// hopeless says in a word (center.second.problem.WORD) why something will not be done
// however often it is tried; "" when it might.
func hopeless(err error) string {
	for _, known := range []struct {
		err  error
		word string
	}{{store.ErrQuota, "quota"}, {store.ErrUnknown, "unknown"}, {store.ErrKeyReused, "state"}, {store.ErrState, "state"}, {store.ErrInput, "state"}, {ledger.ErrRange, "range"}, {ledger.ErrNotEnough, "less"}} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	return ""
}

// resume does what was confirmed a while ago and is not done.
func (s second) resume(ctx context.Context) error {
	list, err := s.c.Store.AskedUndone(ctx, s.c.Now().Add(-resumeAfter))
	for _, x := range list {
		_, failed := s.carry(ctx, x)
		err = errors.Join(err, failed)
	}
	return err
}

// id draws the id of a request. The form carries it, so that a key pressed twice
// asks once.
func (s second) id() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(s.c.Random, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// seat is where an officer sits when requests are decided.
type seat struct {
	a         *ask
	household string // of the officer's own record
}

// seat reads what is needed to tell for whom requests wait.
func (c *console) seat(a *ask) (seat, error) {
	s := seat{a: a}
	if a.officer.Own.IsZero() {
		return s, nil
	}
	r, err := c.Store.Record(a.Context(), a.officer.Own)
	if errors.Is(err, store.ErrUnknown) {
		err = nil
	}
	s.household = r.Household
	return s, err
}

// barred says why the officer does not decide a request: "power", the role does not,
// "same", the officer asked for it, or "own", it concerns the officer or the
// household. It is "" when nothing is in the way as far as the request says.
func (s seat) barred(x store.Asked) string {
	switch {
	case !s.a.may(powerConfirm):
		return "power"
	case store.SamePerson(x.Who, s.a.officer.Name):
		return "same"
	case !x.Volunteer.IsZero() && store.Related(s.a.officer, s.household, x.Volunteer, "", x.Household):
		return "own"
	}
	return ""
}

// waitingHere is what waits for a second person in the officer's area.
func (c *console) waitingHere(a *ask) (list []store.Asked, err error) {
	all, err := c.Store.AskedWaitingAll(a.Context())
	for _, x := range all {
		if a.area.has(x.Place) {
			list = append(list, x)
		}
	}
	return list, err
}

// forMe is what waits for this officer.
func (c *console) forMe(a *ask) (list []store.Asked, err error) {
	if !a.may(powerConfirm) {
		return nil, nil
	}
	all, err := c.waitingHere(a)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	s, err := c.seat(a)
	for _, x := range all {
		if s.barred(x) == "" {
			list = append(list, x)
		}
	}
	return list, err
}

// policyOf is the rules in force for the volunteers of a place on a day.
func (c *console) policyOf(ctx context.Context, place string, day ledger.Day) (civic.Policy, civic.Rule, error) {
	policy, rule, err := c.Store.PolicyOn(ctx, place, day)
	return policy.WithDefaults(), rule, err
}

// monthStart is the first moment of the month, in the center's zone.
func (c *console) monthStart() time.Time {
	now := c.Now().In(c.Zone)
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, c.Zone)
}

// today is the date in the center's zone.
func (c *console) todayIs() ledger.Day { return ledger.DayOf(c.Now().In(c.Zone)) }
