package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectEarning = `SELECT body FROM earning WHERE volunteer = $1 AND id = $2`
	insertEarning = `INSERT INTO earning (volunteer, id, expires, points, body, made_ms, town, day, minutes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	earnLot       = `INSERT INTO lot (volunteer, expires, earned, expired, free) VALUES ($1, $2, $3, 0, $3)
		ON CONFLICT (volunteer, expires) DO UPDATE SET earned = lot.earned + excluded.earned, free = lot.free + excluded.free`
	selectLot      = `SELECT earned FROM lot WHERE volunteer = $1 AND expires = $2`
	expireLots     = `UPDATE lot SET expired = expired + free, free = 0 WHERE volunteer = $1 AND expires < $2 AND free > 0`
	scatterExpired = `SELECT DISTINCT volunteer FROM lot WHERE expires < $1 AND free > 0 LIMIT $2`
)

// Earn books an earning, and grants what is free to the volunteer's home kiosk if
// that one is fresh. The key makes it idempotent: the same earning again changes
// nothing, another one under the same key is refused with ErrKeyReused. When it
// fails after the earning was booked, the points are free and Sweep grants them.
func (s *Store) Earn(ctx context.Context, volunteer ledger.ID, key ledger.Key, e civic.Earning) error {
	return s.earnNoting(ctx, volunteer, key, e, func(*txn) error { return nil })
}

// EarnBy is Earn of what an officer gives, and leaves an act with the volunteer.
func (s *Store) EarnBy(ctx context.Context, volunteer ledger.ID, key ledger.Key, e civic.Earning, who, kind string, after any) error {
	return s.earnNoting(ctx, volunteer, key, e, func(t *txn) error { return t.actIn(personTrace, s.now(), who, kind, nil, after) })
}

// earnNoting is Earn with what is noted in the transaction that books it.
func (s *Store) earnNoting(ctx context.Context, volunteer ledger.ID, key ledger.Key, e civic.Earning, note func(*txn) error) error {
	if key.IsZero() || e.Points < 1 || e.Points > ledger.MaxPoints || e.Expires < 0 || e.Expires > ledger.MaxDay || e.What == "" {
		return fmt.Errorf("%w: an earning has a key, a source, points and a date of expiry", ErrInput)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing an earning: %w", err)
	}
	id, err := s.randomID()
	if err != nil {
		return err
	}
	var person storedPerson
	err = s.write(ctx, "booking an earning", volunteer.String(), func(t *txn) error {
		var found bool
		if person, found, err = t.person(); err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w: volunteer %v", ErrUnknown, volunteer)
		}
		return t.earn(hex.EncodeToString(key[:]), person.Town, e, body, s.now(), func() error {
			if err := note(t); err != nil {
				return err
			}
			return t.post(id, outboxPerson, person.Town, 0, 0, s.now())
		})
	})
	if err != nil {
		return err
	}
	if err := s.deliver(ctx, volunteer); err != nil {
		return err
	}
	return s.grantHomes(ctx, person.Home, []ledger.ID{volunteer})
}

// earn books the earning unless it is there already. It counts for the town in which
// the volunteer is registered now.
func (t *txn) earn(key, town string, e civic.Earning, body []byte, now int64, announce func() error) error {
	var old []byte
	known, err := t.one(selectEarning, []any{key}, &old)
	switch {
	case err != nil:
		return err
	case known && bytes.Equal(old, body):
		return nil
	case known:
		return fmt.Errorf("%w: earning %s", ErrKeyReused, key)
	}
	var earned int64
	if _, err := t.one(selectLot, []any{int64(e.Expires)}, &earned); err != nil {
		return err
	}
	if earned+int64(e.Points) > int64(ledger.MaxPoints) {
		return fmt.Errorf("%w: lot %v would hold %d points", ledger.ErrRange, e.Expires, earned+int64(e.Points))
	}
	if err := t.change(insertEarning, key, int64(e.Expires), int64(e.Points), body, now, town, int64(e.On), e.Minutes); err != nil {
		return err
	}
	if err := t.change(earnLot, int64(e.Expires), int64(e.Points)); err != nil {
		return err
	}
	if err := t.cover(e.Expires, e.Points); err != nil {
		return err
	}
	if err := t.recover(e.Expires, now); err != nil {
		return err
	}
	if err := t.change(raisePerson); err != nil {
		return err
	}
	return announce()
}

// Expire lets the free points of lots go that have expired by today's date, and
// returns how many volunteers that touched. Points at kiosks expire when they come
// back. Nothing expires while a restored book does not know what is at kiosks.
func (s *Store) Expire(ctx context.Context) (int, error) {
	if err := s.whole(ctx); err != nil {
		return 0, passing(err)
	}
	var volunteers []string
	today := int64(s.today())
	err := s.scatter(ctx, "looking for what expired", scatterExpired, []any{today, int64(sweepBatch)}, func() { volunteers = nil }, func(rows scanner) error {
		var v string
		err := rows.Scan(&v)
		volunteers = append(volunteers, v)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, v := range volunteers {
		err := s.write(ctx, "letting points expire", v, func(t *txn) error {
			return t.exec(expireLots, today)
		})
		if err != nil {
			return 0, err
		}
	}
	return len(volunteers), nil
}
