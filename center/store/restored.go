package store

import (
	"context"
	"encoding/json"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	setUnreported     = `UPDATE kiosk SET unreported = $2 WHERE kiosk = $1`
	scatterUnreported = `SELECT COUNT(*) FROM kiosk WHERE unreported = 1 AND revoked = 0`
	selectEra         = `SELECT name FROM era WHERE id = $1`
	insertEra         = `INSERT INTO era (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`
	upsertEra         = `INSERT INTO era (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name`
)

// theEra is the only row of its table.
const theEra = int64(1)

// Era is the name of the time since the book was made or restored last. What a
// kiosk learned of versions in another era counts for nothing.
func (s *Store) Era(ctx context.Context) (name string, err error) {
	look := func(t *txn) error {
		_, err := t.one(selectEra, nil, &name)
		return err
	}
	if err := s.read(ctx, "reading the era", theEra, look); err != nil || name != "" {
		return name, err
	}
	fresh, err := s.randomID()
	if err != nil {
		return "", err
	}
	err = s.write(ctx, "beginning the first era", theEra, func(t *txn) error {
		if err := t.exec(insertEra, fresh); err != nil {
			return err
		}
		return look(t)
	})
	return name, err
}

// Restored says that the book comes from an older copy: a new era begins, and
// nothing is granted until
// every kiosk that serves has told what it was granted. It is called after the
// copy was put in place, before anybody serves from it, and when a kiosk knows
// more of its documents than the book does.
func (s *Store) Restored(ctx context.Context) error {
	era, err := s.randomID()
	if err != nil {
		return err
	}
	err = s.write(ctx, "beginning an era", theEra, func(t *txn) error {
		return t.exec(upsertEra, era)
	})
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, err := s.Kiosks(ctx, after, sweepBatch)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, k := range page {
			if k.Epoch == 0 {
				continue // no box was ever granted anything
			}
			err := s.write(ctx, "asking a kiosk what it was granted", k.ID, func(t *txn) error { return t.change(setUnreported, int64(1)) })
			if err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

// whole answers ErrRestored while a kiosk has not reported.
func (s *Store) whole(ctx context.Context) error {
	var n int64
	err := s.scatter(ctx, "looking for kiosks that have not reported", scatterUnreported, nil, func() {}, func(rows scanner) error { return rows.Scan(&n) })
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%w: %d are missing", ErrRestored, n)
	}
	return nil
}

// Report takes over what a kiosk was granted, from its own documents, where that is
// more than the book knows; the last part of a report ends its wait. What the book
// has no points for is missing: either it had come back from another kiosk, whose
// entries are still on their way, or it was earned after the copy was made. So
// what comes back, and what is earned or entered again in that lot, covers first what is missing.
// A volunteer whom the book does not know is registered without a name, until
// PutPerson says who that is.
func (s *Store) Report(ctx context.Context, kiosk string, epoch uint32, grants []civic.Grant, last bool) error {
	k, _, err := s.Kiosk(ctx, kiosk)
	if err != nil {
		return err
	}
	if k.Epoch != epoch {
		return fmt.Errorf("%w: %s is in epoch %d, not %d", ErrState, kiosk, k.Epoch, epoch)
	}
	for _, g := range grants {
		if g.Kiosk != kiosk || g.Epoch != epoch || len(g.Lots) > civic.MaxLots {
			return fmt.Errorf("%w: a grant of %s epoch %d", ErrInput, g.Kiosk, g.Epoch)
		}
	}
	for _, g := range grants {
		id, err := s.randomID()
		if err != nil {
			return err
		}
		err = s.write(ctx, "taking over a grant", g.Volunteer.String(), func(t *txn) error { return t.adopt(g, id, s.now()) })
		if err != nil {
			return err
		}
		if err := s.deliver(ctx, g.Volunteer); err != nil {
			return err
		}
	}
	if !last {
		return nil
	}
	return s.write(ctx, "ending a kiosk's wait", kiosk, func(t *txn) error { return t.change(setUnreported, int64(0)) })
}

// adopt raises the rights to what the kiosk has been granted.
func (t *txn) adopt(g civic.Grant, id string, now int64) error {
	if err := t.placeholder(g.Volunteer); err != nil {
		return err
	}
	account, _, err := t.rights(g.Kiosk, int64(g.Epoch))
	if err != nil {
		return err
	}
	known := make(map[ledger.Day]ledger.Points)
	for _, r := range account.Rights {
		known[r.Expires] = r.Granted
	}
	var more ledger.Points
	for _, lot := range g.Lots {
		missing := lot.Granted - known[lot.Expires]
		if missing <= 0 {
			continue
		}
		if lot.Expires < 0 || lot.Expires > ledger.MaxDay || lot.Granted > ledger.MaxPoints {
			return fmt.Errorf("%w: lot %v with %d points", ErrInput, lot.Expires, lot.Granted)
		}
		if err := t.takeKnown(lot.Expires, missing); err != nil {
			return err
		}
		if err := t.change(grantRight, g.Kiosk, int64(g.Epoch), int64(lot.Expires), int64(missing)); err != nil {
			return err
		}
		more += missing
	}
	if more == 0 {
		return nil
	}
	return t.post(id, outboxGrant, g.Kiosk, g.Epoch, more, now)
}

// placeholder registers somebody of whom only the id is known.
func (t *txn) placeholder(volunteer ledger.ID) error {
	_, known, err := t.person()
	if err != nil || known {
		return err
	}
	body, err := json.Marshal(civic.Volunteer{ID: volunteer, Name: "?"})
	if err != nil {
		return fmt.Errorf("writing a volunteer: %w", err)
	}
	return t.change(upsertPerson, "", "", "", int64(0), body, []byte{}, []byte{})
}
