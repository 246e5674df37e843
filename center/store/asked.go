package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yizhan/ledger"
)

const (
	insertAsked = `INSERT INTO asked (place, id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', '', $13, 0)`
	selectAsked = `SELECT id, kind, volunteer, household, amount, body, reason, evidence, who, made_ms, state, second, answer, ended_ms, done_ms
		FROM asked WHERE place = $1 AND id = $2`
	decideAsked = `UPDATE asked SET state = $3, second = $4, answer = $5, ended_ms = $6 WHERE place = $1 AND id = $2 AND state = 'waiting'`
	doneAsked   = `UPDATE asked SET state = $3, answer = $4, done_ms = $5 WHERE place = $1 AND id = $2 AND state = 'confirmed' AND done_ms = 0`
	takeAsked   = `UPDATE asked SET answer = $3 WHERE place = $1 AND id = $2 AND answer = ''`
	countAsked  = `SELECT COUNT(*) FROM asked WHERE place = $1 AND state = 'waiting'`
	sumAsked    = `SELECT CAST(COALESCE(SUM(CASE WHEN state = 'confirmed' AND second = '' THEN ABS(amount) ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(ABS(amount)), 0) AS BIGINT)
		FROM asked WHERE place = $1 AND volunteer = $2 AND kind = $3 AND made_ms >= $4 AND state IN ('waiting', 'confirmed')`
	scatterAskedElsewhere = `SELECT CAST(COALESCE(SUM(CASE WHEN state = 'confirmed' AND second = '' THEN ABS(amount) ELSE 0 END), 0) AS BIGINT),
			CAST(COALESCE(SUM(ABS(amount)), 0) AS BIGINT)
		FROM asked WHERE place <> $1 AND volunteer = $2 AND kind = $3 AND made_ms >= $4 AND state IN ('waiting', 'confirmed')`
)

// AskedState is how far something is that a second person decides.
type AskedState string

// States. What was confirmed is carried out at once, or by whoever looks next; see
// Asked.Done.
const (
	AskedWaiting   AskedState = "waiting"
	AskedConfirmed AskedState = "confirmed"
	AskedRefused   AskedState = "refused"
	AskedWithdrawn AskedState = "withdrawn"
	AskedFailed    AskedState = "failed" // it was confirmed, and could not be done any more
)

// Asked is something that one officer asked for, and that another one confirms or
// refuses before it is done.
type Asked struct {
	Place     string          // whose officers it concerns
	ID        string          // drawn by whoever asks, so that asking twice is asking once
	Kind      string          // says what is done on confirmation
	Volunteer ledger.ID       // whom it is about; zero: the place
	Household string          // the volunteer's, when it was asked
	Amount    int64           // points or minutes: what sums and quotas add up
	Body      json.RawMessage // of the kind
	Reason    string
	Evidence  string
	Who       string
	Made      time.Time
	State     AskedState
	Second    string    // who decided; "": nobody yet, or no second one was needed
	Answer    string    // why it was refused, or what stood in the way
	Ended     time.Time // when it was decided
	Done      time.Time // when it was carried out
}

// Open tells whether it still waits for somebody.
func (x Asked) Open() bool { return x.State == AskedWaiting }

// AskRule bounds what is asked for one volunteer, of one kind, since a moment.
type AskRule struct {
	Since time.Time
	Alone int64 // up to that sum of amounts it is confirmed at once, and one officer is enough; 0: never
	Quota int64 // more than that is refused with ErrQuota; 0: no bound
}

// Ask puts something before a second person, or confirms it at once where the rule
// lets one officer do it alone. It returns what stands there then: asking for the
// same again under its id changes nothing. Nobody asks for themselves or their
// household: that answers ErrOwn.
func (s *Store) Ask(ctx context.Context, x Asked, rule AskRule) (Asked, error) {
	if x.Body == nil {
		x.Body = json.RawMessage("{}")
	}
	if err := x.check(); err != nil {
		return x, err
	}
	if !x.Volunteer.IsZero() {
		person, err := s.notOwn(ctx, x.Who, x.Volunteer)
		if err != nil {
			return x, err
		}
		x.Household = person.Household
	}
	var alone, all int64 // of before, at places where the volunteer lived then
	args := []any{x.Place, x.volunteer(), x.Kind, rule.Since.UnixMilli()}
	err := s.scatter(ctx, "adding up what was asked elsewhere", scatterAskedElsewhere, args, func() {}, func(rows scanner) error { return rows.Scan(&alone, &all) })
	if err != nil {
		return x, err
	}
	err = s.write(ctx, "asking a second person", x.Place, func(t *txn) error {
		stands, found, err := t.asked(x.ID)
		switch {
		case err != nil:
			return err
		case found && stands.same(x):
			x = stands
			return nil
		case found:
			return fmt.Errorf("%w: request %s", ErrKeyReused, x.ID)
		}
		return t.ask(&x, rule, alone, all, s.now())
	})
	if errors.Is(err, ErrQuota) { // it is refused, and somebody is to look at it
		err = errors.Join(err, s.raise(ctx, x.Place, Review{Sign: Sign{Word: SignQuota, N: max(x.Amount, -x.Amount)}, Volunteer: x.Volunteer}, x.ID))
	}
	return x, err
}

func (t *txn) ask(x *Asked, rule AskRule, alone, all, now int64) error {
	var waiting, aloneHere, allHere int64
	if _, err := t.one(countAsked, nil, &waiting); err != nil {
		return err
	}
	if waiting >= maxAskedWaiting {
		return fmt.Errorf("%w: %d requests wait at %s", ErrFull, waiting, x.Place)
	}
	if _, err := t.one(sumAsked, []any{x.volunteer(), x.Kind, rule.Since.UnixMilli()}, &aloneHere, &allHere); err != nil {
		return err
	}
	amount := max(x.Amount, -x.Amount)
	if rule.Quota > 0 && all+allHere+amount > rule.Quota {
		return fmt.Errorf("%w: %d of %d are asked for already, %d more are not there", ErrQuota, all+allHere, rule.Quota, amount)
	}
	x.State, x.Made, x.Ended, x.Second = AskedWaiting, time.UnixMilli(now), time.Time{}, ""
	word, ended := "second.asked", int64(0)
	if rule.Alone > 0 && alone+aloneHere+amount <= rule.Alone {
		x.State, x.Ended, word, ended = AskedConfirmed, x.Made, "second.alone", now
	}
	if err := t.act(now, x.Who, word, nil, x.traced()); err != nil {
		return err
	}
	return t.change(insertAsked, x.ID, x.Kind, x.volunteer(), x.Household, x.Amount, []byte(x.Body), x.Reason, x.Evidence, x.Who, now, string(x.State), ended)
}

// AskedOf reads one request, or answers ErrUnknown.
func (s *Store) AskedOf(ctx context.Context, place, id string) (x Asked, err error) {
	err = s.read(ctx, "reading a request", place, func(t *txn) error {
		var found bool
		x, found, err = t.asked(id)
		if err == nil && !found {
			err = fmt.Errorf("%w: request %q", ErrUnknown, id)
		}
		return err
	})
	return x, err
}

// Decide confirms or refuses what waits, as the second person. It answers
// ErrSameOfficer to whoever asked for it, ErrOwn when it concerns the officer's own
// record or household, and ErrState when somebody was first; the same decision
// again changes nothing. What was confirmed is then carried out by the caller, who
// reports it with AskedDone.
func (s *Store) Decide(ctx context.Context, place, id, officer string, confirm bool, answer string) (x Asked, err error) {
	to, word := AskedConfirmed, "second.confirmed"
	if !confirm {
		to, word = AskedRefused, "second.refused"
	}
	if officer == "" || !line(answer, MaxAskedRunes) || !confirm && answer == "" {
		return x, fmt.Errorf("%w: a refusal has a reason", ErrInput)
	}
	if x, err = s.AskedOf(ctx, place, id); err != nil {
		return x, err
	}
	if !x.Volunteer.IsZero() {
		if _, err := s.notOwn(ctx, officer, x.Volunteer); err != nil {
			return x, err
		}
	}
	return s.end(ctx, place, id, to, officer, answer, word, func(x Asked) error {
		if SamePerson(officer, x.Who) {
			return fmt.Errorf("%w: %s asked for it", ErrSameOfficer, x.Who)
		}
		return nil
	})
}

// Withdraw takes back what the officer asked for and nobody has decided yet.
func (s *Store) Withdraw(ctx context.Context, place, id, officer string) (Asked, error) {
	return s.end(ctx, place, id, AskedWithdrawn, officer, "", "second.withdrawn", func(x Asked) error {
		if officer != x.Who {
			return fmt.Errorf("%w: %s asked for it", ErrState, x.Who)
		}
		return nil
	})
}

// end decides what waits.
func (s *Store) end(ctx context.Context, place, id string, to AskedState, officer, answer, word string, may func(Asked) error) (x Asked, err error) {
	err = s.write(ctx, "deciding a request", place, func(t *txn) error {
		var found bool
		x, found, err = t.asked(id)
		switch {
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("%w: request %q", ErrUnknown, id)
		case x.State == to && x.Second == officer && x.Answer == answer:
			return nil
		}
		if err := may(x); err != nil {
			return err
		}
		if x.State != AskedWaiting {
			return fmt.Errorf("%w: it is %s", ErrState, x.State)
		}
		now := s.now()
		after := x.traced()
		if answer != "" {
			after["answer"] = answer
		}
		if err := t.act(now, officer, word, nil, after); err != nil {
			return err
		}
		x.State, x.Second, x.Answer, x.Ended = to, officer, answer, time.UnixMilli(now)
		return t.change(decideAsked, id, string(to), officer, answer, now)
	})
	return x, err
}

// AskedDone notes that what was confirmed is carried out; with a problem that it
// cannot be any more, and why.
func (s *Store) AskedDone(ctx context.Context, place, id, problem string) error {
	return s.write(ctx, "noting that a request is carried out", place, func(t *txn) error {
		x, found, err := t.asked(id)
		if err != nil || !found || x.State != AskedConfirmed || !x.Done.IsZero() {
			return err
		}
		now, state := s.now(), AskedConfirmed
		if problem != "" {
			state = AskedFailed
			after := x.traced()
			after["answer"] = problem
			if err := t.act(now, x.by(), "second.failed", nil, after); err != nil {
				return err
			}
		}
		return t.exec(doneAsked, id, string(state), problem, now)
	})
}

// AskedTaken is the answer of a request whose file was taken.
const AskedTaken = "taken"

// Take lets who asked for a file have it, once, within a day of its confirmation, and
// leaves an act; it answers ErrState after that.
func (s *Store) Take(ctx context.Context, place, id, officer string) error {
	return s.write(ctx, "taking what was asked for", place, func(t *txn) error {
		x, found, err := t.asked(id)
		switch now := s.now(); {
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("%w: request %q", ErrUnknown, id)
		case !x.Ready(officer, time.UnixMilli(now)):
			return fmt.Errorf("%w: %s may not take it, or not any more", ErrState, officer)
		}
		if err := t.act(s.now(), officer, "second.taken", nil, x.traced()); err != nil {
			return err
		}
		return t.change(takeAsked, id, AskedTaken)
	})
}

// Ready tells whether an officer may take what was asked for.
func (x Asked) Ready(officer string, now time.Time) bool {
	return x.State == AskedConfirmed && x.Who == officer && x.Second != "" && x.Answer == "" && now.Sub(x.Ended) <= takenWithin
}

// by is who made it happen.
func (x Asked) by() string {
	if x.Second != "" {
		return x.Second
	}
	return x.Who
}

func (x Asked) volunteer() string {
	if x.Volunteer.IsZero() {
		return ""
	}
	return x.Volunteer.String()
}

// check holds what every request has.
func (x Asked) check() error {
	if x.Place == "" || len(x.Place) > maxPlace || len(x.ID) != 16 || x.Kind == "" || x.Who == "" || x.Reason == "" || len(x.Body) > maxAskedBody ||
		!line(x.Reason, MaxAskedRunes) || utf8.RuneCountInString(x.Evidence) > MaxEvidence || !utf8.ValidString(x.Evidence) {
		return fmt.Errorf("%w: a request has a place, an id, an officer and a reason", ErrInput)
	}
	return nil
}

// line tells whether a text is one line of at most so many characters.
func line(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, unicode.IsControl)
}

// same tells whether it is the same request, whatever became of it.
func (x Asked) same(y Asked) bool {
	return x.Kind == y.Kind && x.Volunteer == y.Volunteer && x.Amount == y.Amount && x.Who == y.Who && x.Reason == y.Reason && x.Evidence == y.Evidence && string(x.Body) == string(y.Body)
}

// traced is what an act keeps of it.
func (x Asked) traced() map[string]any {
	m := map[string]any{"request": x.ID, "kind": x.Kind, "reason": x.Reason}
	if !x.Volunteer.IsZero() {
		m["volunteer"] = x.volunteer()
	}
	if x.Amount != 0 {
		m["amount"] = x.Amount
	}
	if x.Evidence != "" {
		m["evidence"] = x.Evidence
	}
	return m
}

func (t *txn) asked(id string) (x Asked, found bool, err error) {
	x.Place = fmt.Sprint(t.shard)
	var volunteer string
	var ended, done int64
	found, err = t.one(selectAsked, []any{id}, x.columns(&volunteer, &ended, &done)...)
	if err == nil && found {
		err = x.fill(volunteer, ended, done)
	}
	return x, found, err
}

// columns are where a row goes, but for its place.
func (x *Asked) columns(volunteer *string, ended, done *int64) []any {
	return []any{&x.ID, &x.Kind, volunteer, &x.Household, &x.Amount, (*[]byte)(&x.Body), &x.Reason, &x.Evidence, &x.Who, (*millis)(&x.Made), &x.State, &x.Second, &x.Answer, ended, done}
}

func (x *Asked) fill(volunteer string, ended, done int64) (err error) {
	if volunteer != "" {
		if x.Volunteer, err = ledger.ParseID(volunteer); err != nil {
			return bug("a request about %q", volunteer)
		}
	}
	if ended > 0 {
		x.Ended = time.UnixMilli(ended)
	}
	if done > 0 {
		x.Done = time.UnixMilli(done)
	}
	return nil
}
