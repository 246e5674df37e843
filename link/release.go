package link

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"yizhan/ledger"
)

// Release asks a kiosk to give back what a wish had put aside, because the volunteer
// does not want it any more, or did not come for it.
type Release struct {
	ID         uint64     `json:"id"`         // numbered with the orders of a session
	Key        ledger.Key `json:"key"`        // of the wish
	Volunteer  ledger.ID  `json:"volunteer"`  // whose wish it was
	Redemption uint64     `json:"redemption"` // what it became; 0: nobody knows
	Reason     string     `json:"reason"`     // a word: ReleasePhone, ReleaseLapsed
}

// Why goods are given back, as it stands in the kiosk's entry.
const (
	ReleasePhone  = "phone"  // the volunteer said so by phone
	ReleaseLapsed = "lapsed" // nobody came for them
)

// Kind returns KindRelease.
func (Release) Kind() Kind { return KindRelease }

func (r Release) check() error {
	if r.Key.IsZero() || r.Volunteer.IsZero() || r.Reason == "" {
		return errors.New("a release of nothing, or for no reason")
	}
	return code(r.Reason)
}

// Released answers a Release: OutcomeOK when nothing is put aside for the wish any
// more, and the points are back; OutcomeUnknown when nothing ever was, and, because
// frames keep their order, nothing will be by an Order that was sent before;
// OutcomeGone when the goods were handed over already.
type Released struct {
	ID      uint64  `json:"id"`
	Outcome Outcome `json:"outcome"`
}

// Kind returns KindReleased.
func (Released) Kind() Kind { return KindReleased }

func (r Released) check() error {
	if !slices.Contains(outcomes, r.Outcome) {
		return fmt.Errorf("outcome %q", r.Outcome)
	}
	return nil
}

// Release asks a kiosk that is connected to this process to give back what a wish had
// put aside. After an error it may have; asking again finds out. OutcomeAway: it was
// not asked.
func (c *Center) Release(ctx context.Context, kiosk string, r Release) (Outcome, error) {
	s := c.session(kiosk)
	if s == nil || s.suspect() {
		return OutcomeAway, nil
	}
	ctx, stop := context.WithTimeout(ctx, OrderTime)
	defer stop()
	answer, err := sendTo(s, s.releases, func(id uint64) Frame { r.ID = id; return r })
	if err != nil {
		return OutcomeFailed, fmt.Errorf("releasing at %s: %w", kiosk, err)
	}
	done, err := hear(ctx, s, answer)
	if err != nil {
		return OutcomeUnsure, fmt.Errorf("releasing at %s: %w", kiosk, err)
	}
	return done.Outcome, nil
}

// release serves a Release. A book that may not write gives nothing back.
func (s *kioskSession) release(ctx context.Context, r Release) error {
	done := Released{ID: r.ID, Outcome: OutcomeRefused}
	if reason, _ := s.Guard.Quarantined(); reason == "" && s.Kiosk.Release != nil {
		done.Outcome = s.Kiosk.Release(ctx, r)
	}
	return s.peer.send(done)
}
