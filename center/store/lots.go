package store

import (
	"context"
	"fmt"

	"yizhan/ledger"
)

const (
	scatterLots        = `SELECT volunteer, expires, earned, expired, free FROM lot WHERE (expires, volunteer) > ($1, $2) ORDER BY expires, volunteer LIMIT $3`
	scatterFreeLots    = `SELECT volunteer, expires, earned, expired, free FROM lot WHERE free > 0 AND (expires, volunteer) > ($1, $2) ORDER BY expires, volunteer LIMIT $3`
	scatterExpiredLots = `SELECT volunteer, expires, earned, expired, free FROM lot WHERE expired > 0 AND (expires, volunteer) > ($1, $2) ORDER BY expires, volunteer LIMIT $3`
)

// LotOf is a lot of somebody, as it stands at the center.
type LotOf struct {
	Volunteer ledger.ID
	Lot
}

// Which lots are listed.
const (
	LotsAll     = "earned"
	LotsFree    = "free"
	LotsExpired = "expired"
)

// Lots lists lots of all volunteers behind a mark, the earliest to end first: all,
// those of which points are free at the center, or those of which some have expired.
func (s *Store) Lots(ctx context.Context, which string, after LotOf, limit int) (list []LotOf, err error) {
	volunteer := ""
	if !after.Volunteer.IsZero() {
		volunteer = after.Volunteer.String()
	}
	args := []any{int64(after.Expires), volunteer, int64(limit)}
	take := func(rows scanner) error {
		var l LotOf
		var id string
		err := rows.Scan(&id, &l.Expires, &l.Earned, &l.Expired, &l.Free)
		if err == nil {
			l.Volunteer, err = ledger.ParseID(id)
		}
		list = append(list, l)
		return err
	}
	start := func() { list = nil }
	switch which {
	case LotsAll:
		err = s.scatter(ctx, "listing lots", scatterLots, args, start, take)
	case LotsFree:
		err = s.scatter(ctx, "listing lots", scatterFreeLots, args, start, take)
	case LotsExpired:
		err = s.scatter(ctx, "listing lots", scatterExpiredLots, args, start, take)
	default:
		err = fmt.Errorf("%w: no lots are %q", ErrInput, which)
	}
	return list, err
}
