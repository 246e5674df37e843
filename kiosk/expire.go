package kiosk

import (
	"context"
	"time"

	"yizhan/ledger"
)

// expiryEvery is how often the kiosk looks for points that have expired.
const expiryEvery = time.Hour

// expiryBatch is for how many people expired points are given back in one go, so
// that somebody in front of the screen waits for one of them at most.
const expiryBatch = 200

// runExpiry gives expired points back to the office until ctx ends.
func (s *Server) runExpiry(ctx context.Context) {
	for {
		s.returnExpired(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(expiryEvery):
		}
	}
}

// returnExpired gives back what expired before today. It does nothing while the
// clock is not known to be right: a clock that runs ahead would take points that
// people still have, and one that lags only lets them be used a little longer.
func (s *Server) returnExpired(ctx context.Context) {
	now := s.cfg.Clock.Now()
	if now.Quality != ledger.ClockSynced {
		return
	}
	today := ledger.DayOf(time.UnixMilli(now.WallMS).In(s.cfg.Zone))
	for {
		done, err := s.cfg.Store.ReturnExpired(ctx, today, expiryBatch)
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("giving back expired points", "error", err)
		}
		if err != nil || done < expiryBatch {
			return
		}
		s.cfg.Log.Info("gave back expired points", "people", done)
	}
}
