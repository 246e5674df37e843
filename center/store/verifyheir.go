package store

import (
	"context"
	"maps"
	"slices"

	"yizhan/ledger"
)

const selectUnsentHeir = `SELECT target, points FROM outbox WHERE volunteer = $1 AND kind = 'heir' AND sent = 0`

// verifyPassed holds that what a record's reversals took for others has reached them,
// once. Others may write meanwhile, so the record is read before its heir, for what
// must be there, and after, for what may.
func (s *Store) verifyPassed(ctx context.Context, volunteer string, list []Reversal, report *Report) error {
	heirs := make(map[string]bool)
	for _, r := range list {
		if r.Heir != "" {
			heirs[r.Heir] = true
		}
	}
	for _, heir := range slices.Sorted(maps.Keys(heirs)) {
		least, _, err := s.passed(ctx, volunteer, heir)
		if err != nil {
			return err
		}
		var got ledger.Points
		err = s.read(ctx, "reading what was passed on", heir, func(t *txn) error {
			got = 0
			list, err := t.booked()
			for _, b := range list {
				if b.e.From() == volunteer {
					got += b.e.Points
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		_, most, err := s.passed(ctx, volunteer, heir)
		if err != nil {
			return err
		}
		if got < least || got > most {
			report.find("volunteer "+volunteer, "%d to %d points were taken for %s, who got %d", least, most, heir, got)
		}
	}
	return nil
}

// passed is how much an heir has got for certain, and how much at most.
func (s *Store) passed(ctx context.Context, volunteer, heir string) (least, most ledger.Points, err error) {
	err = s.read(ctx, "reading what was taken", volunteer, func(t *txn) error {
		most = 0
		list, err := t.reversals(selectAllReversals, 0)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.Heir == heir {
				most += r.Taken
			}
		}
		least = most
		return t.each(selectUnsentHeir, nil, func(rows scanner) error {
			var target string
			var points ledger.Points
			err := rows.Scan(&target, &points)
			if target == heir {
				least -= points
			}
			return err
		})
	})
	return least, most, err
}
