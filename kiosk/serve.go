package kiosk

import (
	"context"
	"errors"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// Serve puts goods aside here for somebody who stands before another kiosk or holds a
// phone, until some Unix second, and prints the slip: it tells the clerk what to keep.
// Only what the book certainly has not done is answered by anything but ok or unsure.
func (s *Server) Serve(ctx context.Context, w link.Wish, until int64) link.Ordered {
	r, err := s.cfg.Store.Reserve(ctx, store.Reserve{Key: w.Key, Volunteer: w.Volunteer, Good: w.Good, Quantity: w.Quantity, Price: w.Price, Away: true, Until: until})
	switch {
	case err == nil && (r.State == ledger.Reserved || r.State == ledger.Settled):
		s.paper.Wake()
		return link.Ordered{Outcome: link.OutcomeOK, Kept: link.Kept{Redemption: r.Seq, Claim: r.Claim, Until: r.Until}}
	case err == nil: // it was, and has been given back since
		return link.Ordered{Outcome: link.OutcomeRefused}
	case errors.Is(err, ledger.ErrNotEnough):
		return s.missing(w)
	}
	for _, known := range served {
		if errors.Is(err, known.err) {
			s.cfg.Log.Info("nothing is put aside for another kiosk", "outcome", known.outcome, "why", err)
			return link.Ordered{Outcome: known.outcome}
		}
	}
	s.cfg.Log.Error("putting goods aside for another kiosk", "error", err)
	return link.Ordered{Outcome: link.OutcomeUnsure}
}

// Release gives back what a wish had put aside here.
func (s *Server) Release(ctx context.Context, r link.Release) link.Outcome {
	_, err := s.cfg.Store.Release(ctx, r.Key, r.Volunteer, r.Redemption, r.Reason)
	switch {
	case err == nil:
		return link.OutcomeOK
	case errors.Is(err, store.ErrUnknown):
		return link.OutcomeUnknown
	case errors.Is(err, ledger.ErrState):
		return link.OutcomeGone
	case errors.Is(err, store.ErrQuarantine):
		return link.OutcomeRefused
	case errors.Is(err, store.ErrNoDocuments), errors.Is(err, store.ErrReadOnly):
		return link.OutcomeFailed
	}
	s.cfg.Log.Error("giving back what was kept for somebody", "error", err)
	return link.OutcomeUnsure
}

// served maps what the store refuses to what another kiosk is told.
var served = []struct {
	err     error
	outcome link.Outcome
}{
	{ledger.ErrStock, link.OutcomeGone},
	{store.ErrNotOffered, link.OutcomeGone},
	{store.ErrPriceChanged, link.OutcomePrice},
	{store.ErrLimit, link.OutcomeLimit},
	{store.ErrQuarantine, link.OutcomeRefused},
	{store.ErrNoDocuments, link.OutcomeFailed},
	{store.ErrReadOnly, link.OutcomeFailed},
	{store.ErrUnknown, link.OutcomeFailed}, // the good, or the person: their documents are not here
	{store.ErrKeyReused, link.OutcomeFailed},
	{store.ErrInput, link.OutcomeFailed},
}

// missing says how many points a wish lacks here.
func (s *Server) missing(w link.Wish) link.Ordered {
	account, err := s.cfg.Store.Account(w.Volunteer)
	lacks := w.Cost() - account.Spendable()
	if err != nil || lacks <= 0 { // they came just now
		return link.Ordered{Outcome: link.OutcomeFailed}
	}
	return link.Ordered{Outcome: link.OutcomePoints, Granted: account.Granted(), Missing: lacks}
}
