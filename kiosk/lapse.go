package kiosk

import (
	"context"
	"errors"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// lapseEvery is how often the kiosk looks for goods that nobody came for.
const lapseEvery = time.Minute

// runLapse gives back what was kept for people who did not come, until ctx ends.
func (s *Server) runLapse(ctx context.Context) {
	for {
		s.releaseLapsed(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(lapseEvery):
		}
	}
}

// releaseLapsed gives back what was kept until before now. It does nothing while the
// clock is not known to be right: one that runs ahead would give away what people are
// on their way for, and the center, which knows the time, gives back for one that lags.
func (s *Server) releaseLapsed(ctx context.Context) {
	now := s.cfg.Clock.Now()
	if now.Quality != ledger.ClockSynced {
		return
	}
	done, err := s.cfg.Store.ReleaseLapsed(ctx, now.WallMS/1000, lapseBatch)
	if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrQuarantine) {
		s.cfg.Log.Error("giving back what nobody came for", "error", err)
	}
	if done > 0 {
		s.cfg.Log.Info("gave back what nobody came for", "redemptions", done)
	}
}
