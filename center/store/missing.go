package store

import "yizhan/ledger"

// In a book that comes from an old copy, kiosks may hold more of a lot than the
// book knows to be earned. As long as some of a lot is missing, none of it is free.
const (
	selectMissing = `SELECT points FROM missing WHERE volunteer = $1 AND expires = $2`
	raiseMissing  = `INSERT INTO missing (volunteer, expires, points) VALUES ($1, $2, $3)
		ON CONFLICT (volunteer, expires) DO UPDATE SET points = missing.points + excluded.points`
	lowerMissing  = `UPDATE missing SET points = points - $3 WHERE volunteer = $1 AND expires = $2 AND points >= $3`
	selectLotFree = `SELECT free FROM lot WHERE volunteer = $1 AND expires = $2`
	ensureLot     = `INSERT INTO lot (volunteer, expires, earned, expired, free) VALUES ($1, $2, 0, 0, 0) ON CONFLICT (volunteer, expires) DO NOTHING`
)

// free makes points of a lot free, as far as none of it is missing or wanted back.
func (t *txn) free(expires ledger.Day, points ledger.Points, now int64) error {
	if err := t.change(freeAgain, int64(expires), int64(points)); err != nil {
		return err
	}
	if err := t.cover(expires, points); err != nil {
		return err
	}
	return t.recover(expires, now)
}

// cover takes what is missing of a lot out of points that have just become free.
func (t *txn) cover(expires ledger.Day, points ledger.Points) error {
	var missing int64
	if _, err := t.one(selectMissing, []any{int64(expires)}, &missing); err != nil {
		return err
	}
	covered := min(missing, int64(points))
	if covered == 0 {
		return nil
	}
	if err := t.change(takeFree, int64(expires), covered); err != nil {
		return err
	}
	return t.change(lowerMissing, int64(expires), covered)
}

// takeKnown takes points of a lot that a kiosk was granted: the free ones first,
// and what the lot does not have is missing.
func (t *txn) takeKnown(expires ledger.Day, points ledger.Points) error {
	if err := t.exec(ensureLot, int64(expires)); err != nil {
		return err
	}
	var free int64
	if _, err := t.one(selectLotFree, []any{int64(expires)}, &free); err != nil {
		return err
	}
	taken := min(free, int64(points))
	if err := t.change(takeFree, int64(expires), taken); err != nil {
		return err
	}
	if taken == int64(points) {
		return nil
	}
	return t.change(raiseMissing, int64(expires), int64(points)-taken)
}
