package store

import (
	"context"

	"yizhan/ledger"
)

const (
	scatterUnfilled = `SELECT kiosk, epoch FROM redemption WHERE settled = -1 ORDER BY kiosk, epoch LIMIT 1`
	selectTold      = `SELECT seq, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND kind IN (1, 2, 4, 12) AND seq > $3 ORDER BY seq LIMIT $4`
)

// fillRedemptions fills in what an older program did not note of redemptions: when
// they were, their codes, what became of their slips, and which entries moved them on.
func (s *Store) fillRedemptions(ctx context.Context) error {
	for {
		var at ledger.Head
		err := s.scatter(ctx, "looking for redemptions without a time", scatterUnfilled, nil, func() { at = ledger.Head{} }, func(rows scanner) error {
			return rows.Scan(&at.Kiosk, &at.Epoch)
		})
		if err != nil || at.Kiosk == "" {
			return err
		}
		err = s.write(ctx, "filling in redemptions", at.Kiosk, func(t *txn) error { return t.fillRedemptions(at.Epoch) })
		if err != nil {
			return err
		}
	}
}

// fillRedemptions fills in those of one chain from its entries.
func (t *txn) fillRedemptions(epoch uint32) error {
	told := make(map[uint64]Redeemed)
	for at, whole := uint64(0), true; whole; {
		var page []ledger.Entry
		if err := t.each(selectTold, []any{int64(epoch), int64(at), int64(foldBatch)}, intoEntries(&page)); err != nil {
			return err
		}
		for _, e := range page {
			at = e.Seq
			switch body := e.Body.(type) {
			case ledger.Reserve:
				told[e.Seq] = reserved(e, body)
			case ledger.Settle:
				if r, known := told[body.Redemption]; known {
					r.SettledBy = e.Seq
					told[body.Redemption] = r
				}
			case ledger.Refund:
				if r, known := told[body.Redemption]; known {
					r.RefundedBy = e.Seq
					told[body.Redemption] = r
				}
			case ledger.Print:
				if r, known := told[body.Job]; known {
					r.Slip = r.Slip.After(body)
					told[body.Job] = r
				}
			}
		}
		whole = len(page) == foldBatch
	}
	for seq, r := range told {
		stored, found, err := t.redeemed(epoch, seq)
		if err == nil && !found {
			err = bug("redemption %d is missing", seq)
		}
		if err != nil {
			return err
		}
		r.State = stored.State
		if err := t.putRedeemed(r); err != nil {
			return err
		}
	}
	return nil
}
