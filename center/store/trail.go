package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectTrail = `SELECT epoch, seq, raw FROM entry WHERE kiosk = $1 AND volunteer = $2 AND epoch = $3 ORDER BY seq DESC LIMIT $4`
	selectGood  = `SELECT body FROM document WHERE scope = $1 AND kind = 'good' AND id = $2`
)

// Step is an entry that moved points of a volunteer.
type Step struct {
	ledger.Entry
	// Redemption is the one that the entry is about, as it stands now; nil: it is
	// about none.
	Redemption *ledger.Redemption
}

// Trail returns the entries of a volunteer at all kiosks that hold or held points
// of theirs, the latest first by the kiosks' clocks, and the latest ones when there
// are more than limit.
func (s *Store) Trail(ctx context.Context, volunteer ledger.ID, limit int) ([]Step, error) {
	a, err := s.Account(ctx, volunteer)
	if err != nil {
		return nil, err
	}
	var trail []Step
	seen := make(map[ledger.Head]bool)
	for _, r := range a.Rights {
		at := ledger.Head{Kiosk: r.Kiosk, Epoch: r.Epoch}
		if seen[at] {
			continue
		}
		seen[at] = true
		err := s.read(ctx, "reading a trail", r.Kiosk, func(t *txn) error {
			part, err := t.trail(volunteer, r.Epoch, min(limit, MaxTrail))
			if err == nil {
				trail = append(trail, part...)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(trail, func(x, y Step) int {
		if x.Kiosk == y.Kiosk && x.Epoch == y.Epoch {
			return cmp.Compare(y.Seq, x.Seq)
		}
		return cmp.Compare(y.WallMS, x.WallMS)
	})
	return trail[:min(len(trail), limit)], nil
}

// TrailAt is Trail at one box.
func (s *Store) TrailAt(ctx context.Context, volunteer ledger.ID, kiosk string, epoch uint32, limit int) (trail []Step, err error) {
	err = s.read(ctx, "reading a trail", kiosk, func(t *txn) error {
		trail, err = t.trail(volunteer, epoch, min(limit, MaxTrail))
		return err
	})
	return trail, err
}

func (t *txn) trail(volunteer ledger.ID, epoch uint32, limit int) (steps []Step, err error) {
	err = t.each(selectTrail, []any{volunteer.String(), int64(epoch), int64(limit)}, func(rows scanner) error {
		var epoch, seq int64
		var raw []byte
		if err := rows.Scan(&epoch, &seq, &raw); err != nil {
			return err
		}
		e, err := ledger.DecodeEntry(raw)
		if err != nil {
			return bug("entry %d: %v", seq, err)
		}
		steps = append(steps, Step{Entry: e})
		return nil
	})
	for i := range steps {
		if err == nil {
			err = t.about(&steps[i])
		}
	}
	return steps, err
}

// about looks up the redemption that an entry is about.
func (t *txn) about(step *Step) error {
	var seq uint64
	switch body := step.Body.(type) {
	case ledger.Reserve:
		seq = step.Seq
	case ledger.Settle:
		seq = body.Redemption
	case ledger.Cancel:
		seq = body.Redemption
	case ledger.Refund:
		seq = body.Redemption
	default:
		return nil
	}
	r, found, err := t.redeemed(step.Epoch, seq)
	if err == nil && found {
		step.Redemption = &r.Redemption
	}
	return err
}

// Good returns a good as the kiosk knows it: from its own documents, or from those
// of a scope above. It answers ErrUnknown.
func (s *Store) Good(ctx context.Context, kiosk, code string) (civic.Good, error) {
	scopes, err := s.Scopes(ctx, kiosk)
	if err != nil {
		return civic.Good{}, err
	}
	for _, scope := range scopes {
		var body []byte
		err := s.read(ctx, "reading a good", scope.ID, func(t *txn) error {
			_, err := t.one(selectGood, []any{code}, &body)
			return err
		})
		if err != nil {
			return civic.Good{}, err
		}
		if len(body) == 0 {
			continue
		}
		var d civic.Document
		if err := json.Unmarshal(body, &d); err != nil || d.Good == nil {
			return civic.Good{}, bug("a good that cannot be read: %v", err)
		}
		return *d.Good, nil
	}
	return civic.Good{}, ErrUnknown
}
