package store

import (
	"context"
	"fmt"

	"yizhan/ledger"
)

const (
	selectSealed     = `SELECT seq, hash, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq = $3`
	selectSealedOf   = `SELECT seq, hash, raw FROM entry WHERE kiosk = $1 AND volunteer = $2 AND epoch = $3 AND seq > $4 ORDER BY seq LIMIT $5`
	selectSealedLast = `SELECT seq, hash, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4`
	selectSealedNext = `SELECT seq, hash, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq > $3 AND kind = 12 AND seq <= $4 ORDER BY seq`
)

// Sealed is an entry with its hash, as they stand in the kiosk's chain.
type Sealed struct {
	ledger.Entry
	Hash ledger.Hash
}

// Entries returns the latest entries of a chain before a number, 0 for no such bound,
// the latest first.
func (s *Store) Entries(ctx context.Context, kiosk string, epoch uint32, before uint64, limit int) (list []Sealed, err error) {
	if before == 0 {
		before = 1 << 62
	}
	err = s.read(ctx, "reading entries", kiosk, func(t *txn) error {
		list = nil
		return t.each(selectSealedLast, []any{int64(epoch), int64(before), int64(limit)}, func(rows scanner) error {
			e, err := scanSealed(rows)
			list = append(list, e)
			return err
		})
	})
	return list, err
}

// RedemptionTrail is a redemption with the entries that it consists of.
type RedemptionTrail struct {
	Redeemed
	Chain Chain
	Steps []Sealed // the reservation first
	// Prints are the steps of its slip among the printsLooked entries after the reservation:
	// reprints of a later day are counted in Slip and not here.
	Prints []Sealed
}

// Reserve is what was reserved, in whole.
func (r RedemptionTrail) Reserve() ledger.Reserve {
	body, _ := r.Steps[0].Body.(ledger.Reserve)
	return body
}

// Redemption returns a redemption with its entries, or ErrUnknown.
func (s *Store) Redemption(ctx context.Context, kiosk string, epoch uint32, seq uint64) (r RedemptionTrail, err error) {
	err = s.read(ctx, "reading a redemption", kiosk, func(t *txn) error {
		r = RedemptionTrail{}
		var found bool
		if r.Redeemed, found, err = t.redeemed(epoch, seq); err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w: redemption %d of %s epoch %d", ErrUnknown, seq, kiosk, epoch)
		}
		if r.Chain, err = t.chain(epoch); err != nil {
			return err
		}
		if err := t.steps(&r); err != nil {
			return err
		}
		return t.each(selectSealedNext, []any{int64(epoch), int64(seq), int64(seq + printsLooked)}, func(rows scanner) error {
			e, err := scanSealed(rows)
			if body, ok := e.Body.(ledger.Print); ok && body.Job == seq {
				r.Prints = append(r.Prints, e)
			}
			return err
		})
	})
	return r, err
}

// steps finds the reservation and, among the later entries of its volunteer, what
// followed it.
func (t *txn) steps(r *RedemptionTrail) error {
	take := func(rows scanner) error {
		e, err := scanSealed(rows)
		r.Steps = append(r.Steps, e)
		return err
	}
	if err := t.each(selectSealed, []any{int64(r.Epoch), int64(r.Seq)}, take); err != nil {
		return err
	}
	if len(r.Steps) != 1 || r.Steps[0].Body.Kind() != ledger.KindReserve {
		return bug("entry %d of a redemption is missing", r.Seq)
	}
	r.Key, r.Balance, r.Shelf, r.Until = r.Reserve().Key, r.Reserve().Balance, r.Reserve().Shelf, r.Reserve().Until
	want := map[ledger.State]int{ledger.Reserved: 1, ledger.Settled: 2, ledger.Cancelled: 2, ledger.Refunded: 3}[r.State]
	for at, whole := r.Seq, true; whole && len(r.Steps) < want; {
		n := 0
		err := t.each(selectSealedOf, []any{r.Volunteer.String(), int64(r.Epoch), int64(at), int64(laterPage)}, func(rows scanner) error {
			e, err := scanSealed(rows)
			n, at = n+1, e.Seq
			if err == nil && redemptionOf(e.Body) == r.Seq {
				r.Steps = append(r.Steps, e)
			}
			return err
		})
		if err != nil {
			return err
		}
		whole = n == laterPage
	}
	return nil
}

func scanSealed(rows scanner) (e Sealed, err error) {
	var seq int64
	var hash, raw []byte
	if err := rows.Scan(&seq, &hash, &raw); err != nil {
		return e, err
	}
	if e.Entry, err = ledger.DecodeEntry(raw); err != nil {
		return e, bug("entry %d: %v", seq, err)
	}
	if e.Hash = ledger.HashOf(raw); string(hash) != string(e.Hash[:]) {
		return e, bug("entry %d stands under another hash", seq)
	}
	return e, nil
}
