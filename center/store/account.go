package store

import (
	"context"

	"yizhan/ledger"
)

const (
	selectLots       = `SELECT expires, earned, expired, free FROM lot WHERE volunteer = $1 ORDER BY expires`
	selectAllMissing = `SELECT expires, points FROM missing WHERE volunteer = $1 AND points > 0`
	selectAllWanted  = `SELECT expires, CAST(SUM(asked - taken) AS BIGINT) FROM reversal WHERE volunteer = $1 AND state = 'wanted' GROUP BY expires`
	selectAllRights  = `SELECT kiosk, epoch, expires, granted, spent, refunded, returned, held, lost FROM rights
		WHERE volunteer = $1 ORDER BY kiosk, epoch, expires`
)

// Account is the points of one volunteer as the center has them.
type Account struct {
	Lots   []Lot
	Rights []Right
}

// Lot is what was earned in a lot, has expired of it, and is free. Missing is what
// was granted of it beyond that, see Report; Wanted is what is to be taken back when
// it comes, see Reverse.
type Lot struct {
	Expires                                ledger.Day
	Earned, Expired, Free, Missing, Wanted ledger.Points
}

// Right is what one chain was granted of a lot, what its folded entries say of
// that, and what of it was written off.
type Right struct {
	Kiosk string
	Epoch uint32
	ledger.Right
	Lost ledger.Points
}

// Account returns the points of one volunteer; empty when there are none.
func (s *Store) Account(ctx context.Context, volunteer ledger.ID) (a Account, err error) {
	err = s.read(ctx, "reading an account", volunteer.String(), func(t *txn) error {
		a, err = t.account()
		return err
	})
	return a, err
}

func (t *txn) account() (a Account, err error) {
	err = t.each(selectLots, nil, func(rows scanner) error {
		var l Lot
		err := rows.Scan(&l.Expires, &l.Earned, &l.Expired, &l.Free)
		a.Lots = append(a.Lots, l)
		return err
	})
	if err != nil {
		return a, err
	}
	if err := t.ofLots(selectAllMissing, a.Lots, func(l *Lot, points ledger.Points) { l.Missing = points }); err != nil {
		return a, err
	}
	if err := t.ofLots(selectAllWanted, a.Lots, func(l *Lot, points ledger.Points) { l.Wanted = points }); err != nil {
		return a, err
	}
	err = t.each(selectAllRights, nil, func(rows scanner) error {
		var r Right
		err := rows.Scan(&r.Kiosk, &r.Epoch, &r.Expires, &r.Granted, &r.Spent, &r.Refunded, &r.Returned, &r.Held, &r.Lost)
		a.Rights = append(a.Rights, r)
		return err
	})
	return a, err
}

// ofLots adds what another table says of each lot.
func (t *txn) ofLots(statement string, lots []Lot, add func(*Lot, ledger.Points)) error {
	return t.each(statement, nil, func(rows scanner) error {
		var expires ledger.Day
		var points ledger.Points
		err := rows.Scan(&expires, &points)
		for i := range lots {
			if lots[i].Expires == expires {
				add(&lots[i], points)
			}
		}
		return err
	})
}
