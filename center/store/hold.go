package store

import (
	"context"
	"time"

	"yizhan/civic"
)

// HoldUntil is how long a kiosk keeps goods that are put aside there now for somebody
// who is elsewhere: the hours that the policy of its station says.
func (s *Store) HoldUntil(ctx context.Context, kiosk string) (until time.Time, err error) {
	err = s.read(ctx, "reading how long goods are kept", kiosk, func(t *txn) error {
		var p civic.Policy
		stored, found, err := t.storedDocument(KindStation, kiosk)
		if err != nil {
			return err
		}
		if found {
			d, err := stored.document()
			if err != nil {
				return err
			}
			if d.Station != nil {
				p = d.Station.Policy
			}
		}
		until = s.cfg.Now().Add(time.Duration(p.WithDefaults().HoldHours) * time.Hour)
		return nil
	})
	return until, err
}
