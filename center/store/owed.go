package store

import (
	"context"

	"yizhan/ledger"
)

// As in scatterBooks: what is lost is given to volunteers anew, and no kiosk owes it.
const scatterOwed = `SELECT kiosk,
		CAST(SUM(CASE WHEN granted + refunded - spent - returned > lost THEN granted + refunded - spent - returned - lost ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN expires <= $1 AND granted + refunded - spent - returned > lost THEN granted + refunded - spent - returned - lost ELSE 0 END) AS BIGINT)
	FROM rights GROUP BY kiosk LIMIT $2`

// Owed is what volunteers may still ask of a kiosk for their points.
type Owed struct {
	Points ledger.Points // spendable there, and taken aside for goods that wait
	Ending ledger.Points // of them those that expire by a day
}

// Owed adds up, by kiosk, the points that lie there, as far as entries are folded. It
// reads every right: for a figure that is kept for a while.
func (s *Store) Owed(ctx context.Context, by ledger.Day) (map[string]Owed, error) {
	var all map[string]Owed
	err := s.scatter(ctx, "adding up what kiosks owe", scatterOwed, []any{int64(by), int64(maxStandKiosks)}, func() { all = make(map[string]Owed) }, func(rows scanner) error {
		var kiosk string
		var o Owed
		err := rows.Scan(&kiosk, &o.Points, &o.Ending)
		all[kiosk] = o
		return err
	})
	return all, err
}
