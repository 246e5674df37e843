package store

import (
	"context"
	"errors"

	"yizhan/ledger"
)

const (
	selectUnfoldedOf = `SELECT seq, kind, volunteer, parts FROM entry
		WHERE kiosk = $1 AND volunteer = $2 AND epoch = $3 AND seq > $4 AND seq <= $5 ORDER BY seq`
	selectFoldedOf = `SELECT kiosk, epoch, seq FROM folded WHERE volunteer = $1 ORDER BY kiosk, epoch`
)

// FoldVolunteer applies what has come of one volunteer's entries, wherever that
// may spend, and nothing else: somebody waits, and the chains may be a week long.
// Fold passes over it later. Chains that may not be folded now are left alone.
func (s *Store) FoldVolunteer(ctx context.Context, volunteer ledger.ID) error {
	var rights []Right
	done := make(map[ledger.Head]uint64)
	err := s.read(ctx, "reading an account", volunteer.String(), func(t *txn) error {
		clear(done)
		a, err := t.account()
		if err != nil {
			return err
		}
		rights = a.Rights
		return t.each(selectFoldedOf, nil, func(rows scanner) error {
			var at ledger.Head
			var seq int64
			err := rows.Scan(&at.Kiosk, &at.Epoch, &seq)
			done[at] = uint64(seq)
			return err
		})
	})
	if err != nil {
		return err
	}
	var last ledger.Head
	for _, r := range rights { // by kiosk and epoch, so the lots of a chain are neighbours
		at := ledger.Head{Kiosk: r.Kiosk, Epoch: r.Epoch}
		if at == last {
			continue
		}
		last = at
		if err := s.foldOne(ctx, volunteer, at, done[at]); err != nil {
			return err
		}
	}
	return nil
}

// foldOne folds one volunteer's entries of one chain, after the last one that was.
func (s *Store) foldOne(ctx context.Context, volunteer ledger.ID, at ledger.Head, done uint64) error {
	c, held, err := foldable(ctx, s, at.Kiosk, at.Epoch, func(t *txn, c Chain) (moved []movement, err error) {
		args := []any{volunteer.String(), int64(at.Epoch), int64(max(done, c.Folded)), int64(c.Signed)}
		err = t.each(selectUnfoldedOf, args, func(rows scanner) error {
			m, _, err := scanMovement(rows)
			moved = append(moved, m)
			return err
		})
		return moved, err
	})
	if errors.Is(err, ErrQuarantine) || errors.Is(err, ErrRestored) {
		return nil
	}
	if err != nil || len(held) == 0 {
		return err
	}
	err = s.foldInto(ctx, c, volunteer.String(), held, c.Signed)
	if errors.Is(err, ErrQuarantine) {
		return nil
	}
	return err
}
