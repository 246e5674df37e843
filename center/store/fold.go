package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"yizhan/ledger"
)

const (
	selectUnfolded = `SELECT seq, kind, volunteer, parts FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq > $3 AND seq <= $4 ORDER BY seq`
	moveFolded     = `UPDATE chain SET folded = $3 WHERE kiosk = $1 AND epoch = $2 AND folded < $3`
	selectFolded   = `SELECT seq FROM folded WHERE volunteer = $1 AND kiosk = $2 AND epoch = $3`
	upsertFolded   = `INSERT INTO folded (volunteer, kiosk, epoch, seq) VALUES ($1, $2, $3, $4)
		ON CONFLICT (volunteer, kiosk, epoch) DO UPDATE SET seq = excluded.seq`
	selectRights = `SELECT expires, granted, spent, refunded, returned, held, lost FROM rights
		WHERE volunteer = $1 AND kiosk = $2 AND epoch = $3 ORDER BY expires`
	updateRight = `UPDATE rights SET spent = $5, refunded = $6, returned = $7, held = $8, lost = $9
		WHERE volunteer = $1 AND kiosk = $2 AND epoch = $3 AND expires = $4`
	scatterUnfolded = `SELECT kiosk, epoch FROM chain WHERE folded < signed AND state <> 'quarantined' ORDER BY kiosk, epoch LIMIT $1`
	freeAgain       = `UPDATE lot SET free = free + $3 WHERE volunteer = $1 AND expires = $2`
)

// movement is what one entry does to the points of one volunteer.
type movement struct {
	seq   uint64
	kind  ledger.Kind
	parts []ledger.Part
}

// apply folds the movement into an account.
func (m movement) apply(a ledger.Account) ledger.Account {
	switch m.kind {
	case ledger.KindReserve:
		return a.Hold(m.parts)
	case ledger.KindSettle:
		return a.Spend(m.parts)
	case ledger.KindCancel:
		return a.Release(m.parts)
	case ledger.KindRefund:
		return a.Refund(m.parts)
	}
	return a.Return(m.parts)
}

// Fold applies the chain's signed entries to the points of their volunteers, and
// returns how many entries it went through. It may run anywhere, at once and
// again: each volunteer's rights remember up to where the chain was folded. Points
// that were returned are free again. What the entries say of attendances follows them. A chain in quarantine answers ErrQuarantine;
// one that spends what it was not granted is put there.
func (s *Store) Fold(ctx context.Context, kiosk string, epoch uint32) (int, error) {
	done := 0
	for {
		n, err := s.foldRound(ctx, kiosk, epoch)
		done += n
		if err != nil || n == 0 {
			return done, err
		}
	}
}

// FoldAll folds the chains that have signed entries to fold, because a process died
// before it came to that, and returns how many entries it went through. Chains that
// may not be folded now are left alone.
func (s *Store) FoldAll(ctx context.Context) (int, error) {
	var heads []ledger.Head
	err := s.scatter(ctx, "looking for entries to fold", scatterUnfolded, []any{int64(sweepBatch)}, func() { heads = nil }, func(rows scanner) error {
		var h ledger.Head
		err := rows.Scan(&h.Kiosk, &h.Epoch)
		heads = append(heads, h)
		return err
	})
	done := 0
	for _, h := range heads {
		n, failed := s.Fold(ctx, h.Kiosk, h.Epoch)
		done += n
		if !errors.Is(failed, ErrQuarantine) && !errors.Is(failed, ErrRestored) {
			err = errors.Join(err, failed)
		}
	}
	return done, err
}

// foldRound folds the next foldBatch entries.
func (s *Store) foldRound(ctx context.Context, kiosk string, epoch uint32) (int, error) {
	var upTo uint64
	c, moved, err := foldable(ctx, s, kiosk, epoch, func(t *txn, c Chain) (map[string][]movement, error) {
		upTo = min(c.Signed, c.Folded+foldBatch)
		return t.movements(c, upTo)
	})
	if err != nil || upTo <= c.Folded {
		return 0, err
	}
	if err := s.foldMany(ctx, c, moved, upTo); err != nil {
		return 0, err
	}
	if err := s.foldAttending(ctx, c, upTo); err != nil {
		return 0, err
	}
	err = s.write(ctx, "moving a fold's cursor", kiosk, func(t *txn) error {
		return t.exec(moveFolded, int64(epoch), int64(upTo)) // no row: somebody else was faster
	})
	return int(upTo - c.Folded), err
}

// foldable reads what there is to fold of a chain, or answers why nothing may be
// folded: ErrQuarantine, or ErrRestored.
func foldable[T any](ctx context.Context, s *Store, kiosk string, epoch uint32, look func(*txn, Chain) (T, error)) (c Chain, moved T, err error) {
	err = s.read(ctx, "reading a chain", kiosk, func(t *txn) error {
		t.ahead(selectKiosk)
		t.ahead(selectChain, int64(epoch))
		k, err := t.kiosk()
		if err == nil && k.Unreported && k.Epoch == epoch {
			err = fmt.Errorf("%w: %s", ErrRestored, kiosk)
		}
		if err != nil {
			return err
		}
		if c, err = t.chain(epoch); err != nil {
			return err
		}
		if c.State == ChainQuarantined {
			return fmt.Errorf("%w: %s epoch %d: %s", ErrQuarantine, kiosk, epoch, c.Reason)
		}
		moved, err = look(t, c)
		return err
	})
	return c, moved, err
}

// foldMany applies movements to the points of many volunteers. When one of them
// must not be applied, it goes through them one by one, to find whose that is.
func (s *Store) foldMany(ctx context.Context, c Chain, moved map[string][]movement, upTo uint64) error {
	volunteers := slices.Sorted(maps.Keys(moved))
	err := s.writeEach(ctx, "folding entries", volunteers, func(t *txn, i int) error { return t.fold(c, moved[volunteers[i]], s.now()) })
	if !errors.Is(err, ledger.ErrNegative) && !errors.Is(err, ledger.ErrRange) {
		return err
	}
	for _, volunteer := range volunteers {
		if err := s.foldInto(ctx, c, volunteer, moved[volunteer], upTo); err != nil {
			return err
		}
	}
	return nil
}

// foldInto applies movements to one volunteer's points. What the volunteer's
// rights do not allow puts the chain in quarantine.
func (s *Store) foldInto(ctx context.Context, c Chain, volunteer string, moved []movement, upTo uint64) error {
	err := s.write(ctx, "folding entries", volunteer, func(t *txn) error { return t.fold(c, moved, s.now()) })
	if !errors.Is(err, ledger.ErrNegative) && !errors.Is(err, ledger.ErrRange) {
		return err
	}
	kiosk, epoch := c.Head.Kiosk, c.Head.Epoch
	bad := &verdict{fmt.Errorf("%w: volunteer %s: %w", ErrRule, volunteer, err), upTo, nil}
	held := s.write(ctx, "quarantining a chain", kiosk, func(t *txn) error { return t.quarantine(c, bad, s.now()) })
	return errors.Join(fmt.Errorf("%w: %s epoch %d: %w", ErrQuarantine, kiosk, epoch, bad.cause), held)
}

// movements reads what the entries after the fold's cursor do, by volunteer.
func (t *txn) movements(c Chain, upTo uint64) (map[string][]movement, error) {
	moved := make(map[string][]movement)
	err := t.each(selectUnfolded, []any{int64(c.Head.Epoch), int64(c.Folded), int64(upTo)}, func(rows scanner) error {
		m, volunteer, err := scanMovement(rows)
		if volunteer != "" {
			moved[volunteer] = append(moved[volunteer], m)
		}
		return err
	})
	return moved, err
}

func scanMovement(rows scanner) (m movement, volunteer string, err error) {
	var seq int64
	var parts []byte
	if err := rows.Scan(&seq, &m.kind, &volunteer, &parts); err != nil {
		return m, "", err
	}
	m.seq = uint64(seq)
	m.parts, err = decodeParts(parts)
	return m, volunteer, err
}

// fold applies movements of one chain, in their order, to the rights of the
// volunteer. Those that were folded before are passed over.
func (t *txn) fold(c Chain, moved []movement, now int64) error {
	kiosk, epoch := c.Head.Kiosk, int64(c.Head.Epoch)
	t.ahead(selectFolded, kiosk, epoch)
	t.ahead(selectRights, kiosk, epoch)
	var done int64
	if _, err := t.one(selectFolded, []any{kiosk, epoch}, &done); err != nil {
		return err
	}
	moved = slices.DeleteFunc(slices.Clone(moved), func(m movement) bool { return m.seq <= uint64(done) })
	if len(moved) == 0 {
		return nil
	}
	before, lost, err := t.rights(kiosk, epoch)
	if err != nil {
		return err
	}
	account := before
	for _, m := range moved {
		account = m.apply(account)
		if err := account.Check(); err != nil {
			return fmt.Errorf("entry %d: %w", m.seq, err)
		}
	}
	for i, after := range account.Rights {
		// Every right was there before: a lot that was never granted is overdrawn by the
		// first movement, and Check has said so.
		if err := t.settleRight(kiosk, epoch, before.Rights[i], after, lost[after.Expires], now); err != nil {
			return err
		}
	}
	return t.change(upsertFolded, kiosk, epoch, int64(moved[len(moved)-1].seq))
}

// settleRight writes a right that was folded. What was returned is free, but for
// what had been written off as lost: that much was given to the volunteer anew
// already, and is no longer lost.
func (t *txn) settleRight(kiosk string, epoch int64, before, after ledger.Right, lost ledger.Points, now int64) error {
	if before == after {
		return nil
	}
	returned := after.Returned - before.Returned
	found := min(lost, returned)
	err := t.change(updateRight, kiosk, epoch, int64(after.Expires),
		int64(after.Spent), int64(after.Refunded), int64(after.Returned), int64(after.Held), int64(lost-found))
	if err != nil {
		return err
	}
	if returned == found {
		return t.recover(after.Expires, now) // what was spent does not come back
	}
	return t.free(after.Expires, returned-found, now)
}

// rights reads the volunteer's account in one chain, and what of it is lost.
func (t *txn) rights(kiosk string, epoch int64) (a ledger.Account, lost map[ledger.Day]ledger.Points, err error) {
	lost = make(map[ledger.Day]ledger.Points)
	err = t.each(selectRights, []any{kiosk, epoch}, func(rows scanner) error {
		var r ledger.Right
		var gone ledger.Points
		err := rows.Scan(&r.Expires, &r.Granted, &r.Spent, &r.Refunded, &r.Returned, &r.Held, &gone)
		a.Rights = append(a.Rights, r)
		lost[r.Expires] = gone
		return err
	})
	return a, lost, err
}
