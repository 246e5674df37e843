package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Points that were booked wrongly are taken back out of what is free of their lot.
// As long as a reversal wants more than that, nothing of the lot is free: whatever
// comes back from a kiosk, or is earned there, covers first what is missing, and
// then what is wanted. An earning below 0 is booked for what was taken, and no more;
// so a lot adds up at every moment, and what is still wanted stands beside the sum.
const (
	insertReversal = `INSERT INTO reversal (volunteer, id, expires, asked, taken, state, body, made_ms, ended_ms)
		VALUES ($1, $2, $3, $4, 0, 'wanted', $5, $6, 0)`
	selectReversal  = `SELECT expires, asked, taken, state, body, made_ms, ended_ms, heir FROM reversal WHERE volunteer = $1 AND id = $2`
	selectReversals = `SELECT id, expires, asked, taken, state, body, made_ms, ended_ms, heir FROM reversal WHERE volunteer = $1 ORDER BY made_ms DESC, id LIMIT $2`
	selectWanted    = `SELECT id, expires, asked, taken, state, body, made_ms, ended_ms, heir FROM reversal WHERE volunteer = $1 AND expires = $2 AND state = 'wanted' ORDER BY made_ms, id`
	updateReversal  = `UPDATE reversal SET taken = $3, state = $4, ended_ms = $5 WHERE volunteer = $1 AND id = $2 AND state = 'wanted'`
	takeEarned      = `UPDATE lot SET earned = earned - $3, free = free - $3 WHERE volunteer = $1 AND expires = $2 AND free >= $3 AND earned >= $3`
	upsertTaken     = `INSERT INTO earning (volunteer, id, expires, points, body, made_ms, town, day, minutes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (volunteer, id) DO UPDATE SET points = excluded.points, body = excluded.body, told = 0`
	selectLotRights = `SELECT granted + refunded - spent - returned - lost FROM rights WHERE volunteer = $1 AND expires = $2`
	scatterWanted   = `SELECT DISTINCT volunteer FROM reversal WHERE state = 'wanted' AND volunteer > $1 ORDER BY volunteer LIMIT $2`
)

// States of a reversal.
const (
	ReversalWanted = "wanted"  // some of it has not come back yet
	ReversalDone   = "done"    // all was taken, or nothing of the lot is left anywhere
	ReversalOff    = "dropped" // nobody wants the rest any more
)

// Reversal is a correction that takes points back.
type Reversal struct {
	ID      string
	Earning civic.Earning // as it was asked for, with points below 0
	Asked   ledger.Points
	Taken   ledger.Points
	State   string
	Made    time.Time
	Ended   time.Time // zero: it is still wanted
	Heir    string    // the record to which what is taken is passed on; "": none
}

// Wanted is what may still come back.
func (r Reversal) Wanted() ledger.Points {
	if r.State != ReversalWanted {
		return 0
	}
	return r.Asked - r.Taken
}

// Gone is what could not be taken back, because it had been spent or had expired.
func (r Reversal) Gone() ledger.Points {
	if r.State != ReversalDone {
		return 0
	}
	return r.Asked - r.Taken
}

// Reverse takes points of a lot back; e.Points is below 0, and e.Of may name the
// earning that it corrects. It takes at once what is free of the lot. While that is
// not enough it stays wanted: nothing of the lot is granted, and what kiosks return
// of it is taken (see Wanted for whom to ask). It ends when all was taken, or when no
// kiosk has anything left of the lot: what was spent does not come back, and later
// refunds are the volunteer's.
//
// The key makes it idempotent, as in Earn. It answers ledger.ErrNotEnough when the
// lot was never that large, and ErrRestored while a restored book does not know what
// is at kiosks.
func (s *Store) Reverse(ctx context.Context, volunteer ledger.ID, key ledger.Key, e civic.Earning) (r Reversal, err error) {
	if key.IsZero() || e.Points > -1 || e.Points < -ledger.MaxPoints || e.Expires < 0 || e.Expires > ledger.MaxDay || e.What == "" {
		return r, fmt.Errorf("%w: a reversal has a key, a reason, points below 0 and a date of expiry", ErrInput)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return r, fmt.Errorf("writing a reversal: %w", err)
	}
	if err := s.whole(ctx); err != nil {
		return r, err
	}
	id := hex.EncodeToString(key[:])
	err = s.write(ctx, "taking points back", volunteer.String(), func(t *txn) error {
		if err := t.reverse(id, e, body, s.now()); err != nil {
			return err
		}
		r, _, err = t.reversal(id)
		return err
	})
	if err != nil {
		return r, err
	}
	return r, s.deliver(ctx, volunteer)
}

// reverse notes the reversal unless it is there already, and takes what is free.
func (t *txn) reverse(id string, e civic.Earning, body []byte, now int64) error {
	_, known, err := t.person()
	if err == nil && !known {
		err = fmt.Errorf("%w: volunteer %v", ErrUnknown, t.shard)
	}
	if err != nil {
		return err
	}
	r, again, err := t.reversal(id)
	if err != nil || again && r.Earning == e {
		return err
	}
	var old []byte
	if known, err = t.one(selectEarning, []any{id}, &old); err == nil && (known || again) {
		err = fmt.Errorf("%w: earning %s", ErrKeyReused, id)
	}
	if err != nil {
		return err
	}
	left, err := t.reversible(e.Expires)
	if err == nil && -e.Points > left {
		err = fmt.Errorf("%w: taking %d back from lot %v, which has %d", ledger.ErrNotEnough, -e.Points, e.Expires, left)
	}
	if err != nil {
		return err
	}
	if err := t.change(insertReversal, id, int64(e.Expires), int64(-e.Points), body, now); err != nil {
		return err
	}
	if err := t.actIn(personTrace, now, t.actor(), "points.reversed", nil, e); err != nil {
		return err
	}
	return t.recover(e.Expires, now)
}

// reversible is what was earned of a lot and nobody wants back yet.
func (t *txn) reversible(expires ledger.Day) (left ledger.Points, err error) {
	open, err := t.wanted(expires)
	if err != nil {
		return 0, err
	}
	if _, err := t.one(selectLot, []any{int64(expires)}, &left); err != nil {
		return 0, err
	}
	for _, r := range open {
		left -= r.Wanted()
	}
	return left, nil
}

// recover takes what is free of a lot for the reversals that want it, the oldest
// first, and ends those for which nothing more can come.
func (t *txn) recover(expires ledger.Day, now int64) error {
	open, err := t.wanted(expires)
	if err != nil || len(open) == 0 {
		return err
	}
	var free int64
	if _, err := t.one(selectLotFree, []any{int64(expires)}, &free); err != nil {
		return err
	}
	out, err := t.outstanding(expires)
	if err != nil {
		return err
	}
	for _, r := range open {
		take := min(ledger.Points(free), r.Wanted())
		free -= int64(take)
		ends := take == r.Wanted()
		if !ends && out == 0 {
			joined, err := t.joinedIn(r)
			if err != nil {
				return err
			}
			ends = !joined
		}
		if take == 0 && !ends {
			continue
		}
		if err := t.take(r, take, ends, now); err != nil {
			return err
		}
	}
	return nil
}

// take books that so much of a reversal was taken.
func (t *txn) take(r Reversal, points ledger.Points, ends bool, now int64) error {
	r.Taken += points
	state, ended := ReversalWanted, int64(0)
	if ends {
		state, ended = ReversalDone, now
	}
	if err := t.change(updateReversal, r.ID, int64(r.Taken), state, ended); err != nil || points == 0 {
		return err
	}
	if err := t.change(takeEarned, int64(r.Earning.Expires), int64(points)); err != nil {
		return err
	}
	e := r.Earning
	e.Points = -r.Taken
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing an earning: %w", err)
	}
	p, _, err := t.person()
	if err != nil {
		return err
	}
	if err := t.change(upsertTaken, r.ID, int64(e.Expires), int64(e.Points), body, now, p.Town, int64(e.On), e.Minutes); err != nil {
		return err
	}
	if err := t.change(raisePerson); err != nil {
		return err
	}
	if err := t.bequeath(r, points, now); err != nil || p.Town == "" {
		return err
	}
	return t.post(fmt.Sprintf("back-%s-%d", r.ID, r.Taken), outboxPerson, p.Town, 0, 0, now)
}

// outstanding is what kiosks may still return of a lot.
func (t *txn) outstanding(expires ledger.Day) (sum ledger.Points, err error) {
	err = t.each(selectLotRights, []any{int64(expires)}, func(rows scanner) error {
		var out ledger.Points
		err := rows.Scan(&out)
		sum += max(0, out) // of a lost box, late entries may have spent what was given anew
		return err
	})
	return sum, err
}

// wanted reads the reversals that want something of a lot, the oldest first.
func (t *txn) wanted(expires ledger.Day) (open []Reversal, err error) {
	return t.reversals(selectWanted, int64(expires))
}

func (t *txn) reversals(statement string, arg int64) (list []Reversal, err error) {
	err = t.each(statement, []any{arg}, func(rows scanner) error {
		var r Reversal
		err := r.scan(func(dest ...any) error { return rows.Scan(append([]any{&r.ID}, dest...)...) })
		list = append(list, r)
		return err
	})
	return list, err
}

func (t *txn) reversal(id string) (r Reversal, found bool, err error) {
	r.ID = id
	err = r.scan(func(dest ...any) error {
		found, err = t.one(selectReversal, []any{id}, dest...)
		return err
	})
	return r, found, err
}

// scan reads everything but the id; a row that is not there leaves nothing.
func (r *Reversal) scan(scan func(dest ...any) error) error {
	var expires ledger.Day
	var body []byte
	var ended int64
	err := scan(&expires, &r.Asked, &r.Taken, &r.State, &body, (*millis)(&r.Made), &ended, &r.Heir)
	if err != nil || len(body) == 0 {
		return err
	}
	if ended > 0 {
		r.Ended = time.UnixMilli(ended)
	}
	if err := json.Unmarshal(body, &r.Earning); err != nil || r.Earning.Expires != expires {
		return bug("a reversal that cannot be read: %v", err)
	}
	return nil
}

// Reversals lists those of a volunteer, the latest first.
func (s *Store) Reversals(ctx context.Context, volunteer ledger.ID) (list []Reversal, err error) {
	err = s.read(ctx, "reading reversals", volunteer.String(), func(t *txn) error {
		list, err = t.reversals(selectReversals, int64(maxReversals))
		return err
	})
	return list, err
}

// Wanted lists up to sweepBatch volunteers after one from whom reversals still want
// something.
func (s *Store) Wanted(ctx context.Context, after ledger.ID) (volunteers []ledger.ID, err error) {
	from := ""
	if !after.IsZero() {
		from = after.String()
	}
	return s.volunteers(ctx, "looking for what is wanted back", scatterWanted, from)
}

// volunteers runs a scatter statement that finds up to sweepBatch volunteers after one.
func (s *Store) volunteers(ctx context.Context, what, statement, after string, more ...any) (list []ledger.ID, err error) {
	err = s.scatter(ctx, what, statement, append([]any{after, int64(sweepBatch)}, more...), func() { list = nil }, func(rows scanner) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		id, err := ledger.ParseID(text)
		list = append(list, id)
		return err
	})
	return list, err
}
