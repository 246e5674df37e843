package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yizhan/ledger"
)

const (
	selectWriteOffs = `SELECT epoch, proposed_by, confirmed_by, reason, made_ms FROM writeoff WHERE kiosk = $1 ORDER BY epoch`
	deleteWriteOff  = `DELETE FROM writeoff WHERE kiosk = $1 AND epoch = $2 AND confirmed_by = ''`
	selectWriteOff  = `SELECT proposed_by, confirmed_by FROM writeoff WHERE kiosk = $1 AND epoch = $2`
	insertWriteOff  = `INSERT INTO writeoff (kiosk, epoch, proposed_by, confirmed_by, reason, made_ms) VALUES ($1, $2, $3, '', $4, $5)`
	confirmLoss     = `UPDATE writeoff SET confirmed_by = $3 WHERE kiosk = $1 AND epoch = $2 AND confirmed_by = ''`
	scatterChain    = `SELECT DISTINCT volunteer FROM rights WHERE kiosk = $1 AND epoch = $2 AND volunteer > $3 ORDER BY volunteer LIMIT $4`
	scatterLoss     = `SELECT CAST(COALESCE(SUM(lost), 0) AS BIGINT) FROM rights WHERE kiosk = $1`
)

// WriteOff is what is outstanding in a chain, given up for lost.
type WriteOff struct {
	Epoch     uint32    `json:"epoch"`
	Proposed  string    `json:"proposed_by"`
	Confirmed string    `json:"confirmed_by"` // "": not yet
	Reason    string    `json:"reason"`
	Made      time.Time `json:"made"`
}

// WriteOffs lists those of a kiosk, by epoch.
func (s *Store) WriteOffs(ctx context.Context, kiosk string) (all []WriteOff, err error) {
	err = s.read(ctx, "reading write-offs", kiosk, func(t *txn) error {
		all = nil
		return t.each(selectWriteOffs, nil, func(rows scanner) error {
			var o WriteOff
			var epoch, made int64
			err := rows.Scan(&epoch, &o.Proposed, &o.Confirmed, &o.Reason, &made)
			o.Epoch, o.Made = uint32(epoch), time.UnixMilli(made)
			all = append(all, o)
			return err
		})
	})
	return all, err
}

// DropWriteOff takes back a write-off that was not confirmed.
func (s *Store) DropWriteOff(ctx context.Context, kiosk string, epoch uint32) error {
	return s.write(ctx, "dropping a write-off", kiosk, func(t *txn) error {
		var by, confirmed string
		known, err := t.one(selectWriteOff, []any{int64(epoch)}, &by, &confirmed)
		if err == nil && known && confirmed != "" {
			err = fmt.Errorf("%w: %s confirmed it", ErrState, confirmed)
		}
		if err != nil {
			return err
		}
		if known {
			if err := t.act(s.now(), t.actor(), "loss.dropped", by, epoch); err != nil {
				return err
			}
		}
		return t.exec(deleteWriteOff, int64(epoch))
	})
}

// ProposeWriteOff asks that what is outstanding in a closed chain be given up for
// lost. Another officer confirms it.
func (s *Store) ProposeWriteOff(ctx context.Context, kiosk string, epoch uint32, officer, reason string) error {
	if officer == "" || reason == "" || utf8.RuneCountInString(reason) > MaxReason || strings.ContainsFunc(reason, unicode.IsControl) {
		return fmt.Errorf("%w: a write-off names an officer and a reason", ErrInput)
	}
	return s.write(ctx, "proposing a write-off", kiosk, func(t *txn) error {
		if err := t.closed(epoch); err != nil {
			return err
		}
		var by, confirmed string
		known, err := t.one(selectWriteOff, []any{int64(epoch)}, &by, &confirmed)
		if err != nil || known && by == officer && confirmed == "" {
			return err
		}
		if known {
			return fmt.Errorf("%w: the write-off was proposed by %s", ErrState, by)
		}
		if err := t.act(s.now(), officer, "loss.proposed", epoch, reason); err != nil {
			return err
		}
		return t.change(insertWriteOff, int64(epoch), officer, reason, s.now())
	})
}

// closed tells whether the chain is of a box that serves no more: another epoch
// has begun, or the kiosk was revoked.
func (t *txn) closed(epoch uint32) error {
	k, err := t.kiosk()
	if err != nil {
		return err
	}
	if _, err := t.chain(epoch); err != nil {
		return err
	}
	if epoch == k.Epoch && !k.Revoked {
		return fmt.Errorf("%w: epoch %d of %s still serves", ErrState, epoch, k.ID)
	}
	return nil
}

// ConfirmWriteOff books what is outstanding in the chain on loss:<kiosk>, and
// makes it free again for its volunteers. The officer is another one than who
// proposed it. What the box has told before is counted first: goods that the center
// knows of are no loss. It returns how many points are lost there now. It can be
// repeated, by the same officer, until it ends without an error.
func (s *Store) ConfirmWriteOff(ctx context.Context, kiosk string, epoch uint32, officer string) (ledger.Points, error) {
	err := s.write(ctx, "confirming a write-off", kiosk, func(t *txn) error {
		var by, confirmed string
		known, err := t.one(selectWriteOff, []any{int64(epoch)}, &by, &confirmed)
		switch {
		case err != nil:
			return err
		case !known:
			return fmt.Errorf("%w: nobody proposed a write-off", ErrState)
		case officer == "" || SamePerson(officer, by):
			return fmt.Errorf("%w: %s proposed it", ErrSameOfficer, by)
		case confirmed == officer:
			return nil
		case confirmed != "":
			return fmt.Errorf("%w: %s confirmed it", ErrState, confirmed)
		}
		if err := t.act(s.now(), officer, "loss.confirmed", by, epoch); err != nil {
			return err
		}
		return t.change(confirmLoss, int64(epoch), officer)
	})
	if err != nil {
		return 0, err
	}
	// Entries that may not be folded now count late, like those that are still to come.
	if _, err := s.Fold(ctx, kiosk, epoch); err != nil && !errors.Is(err, ErrQuarantine) && !errors.Is(err, ErrRestored) {
		return 0, err
	}
	after := ""
	for {
		var volunteers []string
		args := []any{kiosk, int64(epoch), after, int64(sweepBatch)}
		err := s.scatter(ctx, "looking for what is lost", scatterChain, args, func() { volunteers = nil }, func(rows scanner) error {
			var v string
			err := rows.Scan(&v)
			volunteers = append(volunteers, v)
			return err
		})
		if err != nil {
			return 0, err
		}
		if len(volunteers) == 0 {
			return s.Loss(ctx, kiosk)
		}
		for _, v := range volunteers {
			if err := s.write(ctx, "writing off", v, func(t *txn) error { return t.writeOff(kiosk, int64(epoch), s.now()) }); err != nil {
				return 0, err
			}
		}
		after = volunteers[len(volunteers)-1]
	}
}

// writeOff gives up what the volunteer has outstanding in a chain. What was lost
// before only grows, so running it again changes nothing.
func (t *txn) writeOff(kiosk string, epoch, now int64) error {
	a, lost, err := t.rights(kiosk, epoch)
	if err != nil {
		return err
	}
	for _, r := range a.Rights {
		outstanding := r.Spendable() + r.Held
		more := outstanding - lost[r.Expires]
		if more <= 0 {
			continue
		}
		err := t.change(updateRight, kiosk, epoch, int64(r.Expires),
			int64(r.Spent), int64(r.Refunded), int64(r.Returned), int64(r.Held), int64(outstanding))
		if err != nil {
			return err
		}
		if err := t.free(r.Expires, more, now); err != nil {
			return err
		}
	}
	return nil
}

// Loss is the balance of loss:<kiosk>, in points.
func (s *Store) Loss(ctx context.Context, kiosk string) (sum ledger.Points, err error) {
	err = s.scatter(ctx, "adding up what is lost", scatterLoss, []any{kiosk}, func() {}, func(rows scanner) error { return rows.Scan(&sum) })
	return sum, err
}
