package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"yizhan/ledger"
)

// Some points are to leave the kiosk where they lie: those of somebody who has moved,
// and those that a reversal wants. Nobody has to remember that. It follows from where
// the points are, what homes somebody has left, and which reversals are open; so
// whoever asks the kiosk may do it again and again, in any process, and may die.
const (
	insertFormer = `INSERT INTO formerhome (volunteer, kiosk, left_ms) VALUES ($1, $2, $3) ON CONFLICT (volunteer, kiosk) DO UPDATE SET left_ms = excluded.left_ms`
	deleteFormer = `DELETE FROM formerhome WHERE volunteer = $1 AND kiosk = $2`
	forgetFormer = `DELETE FROM formerhome WHERE volunteer = $1 AND kiosk = $2 AND left_ms < $3`
	selectFormer = `SELECT kiosk FROM formerhome WHERE volunteer = $1 ORDER BY kiosk`
	selectEpochs = `SELECT epoch, granted + refunded - spent - returned FROM rights WHERE volunteer = $1 AND kiosk = $2`

	scatterFetchKiosks = `SELECT kiosk FROM (SELECT kiosk FROM formerhome UNION
			SELECT r.kiosk FROM reversal x JOIN rights r ON r.volunteer = x.volunteer AND r.expires = x.expires
			WHERE x.state = 'wanted' AND r.granted + r.refunded - r.spent - r.returned > 0) k
		WHERE kiosk > $1 ORDER BY kiosk LIMIT $2`
	scatterFormerAt = `SELECT volunteer FROM formerhome WHERE kiosk = $3 AND volunteer > $1 ORDER BY volunteer LIMIT $2`
	scatterWantedAt = `SELECT DISTINCT x.volunteer FROM reversal x JOIN rights r ON r.volunteer = x.volunteer AND r.expires = x.expires
		WHERE x.state = 'wanted' AND r.kiosk = $3 AND r.granted + r.refunded - r.spent - r.returned > 0 AND x.volunteer > $1 ORDER BY x.volunteer LIMIT $2`
)

// moveHome notes that a kiosk is home no more, and that another one is.
func (t *txn) moveHome(from, to string, now int64) error {
	if to != "" {
		if err := t.exec(deleteFormer, to); err != nil {
			return err
		}
	}
	if from == "" {
		return nil
	}
	return t.change(insertFormer, from, now)
}

// Fetch is what a kiosk that serves is to be asked to give back.
type Fetch struct {
	Kiosk  string
	Points ledger.Points // at most so many, the earliest expiry first
}

// Fetches works out what to ask for of a volunteer's points, as far as entries are
// folded, by kiosk. What waits somewhere with goods is left out: no recall brings it.
func (s *Store) Fetches(ctx context.Context, volunteer ledger.ID) (list []Fetch, err error) {
	var a Account
	var former []string
	err = s.read(ctx, "working out what to fetch", volunteer.String(), func(t *txn) error {
		if a, err = t.account(); err != nil {
			return err
		}
		former, err = t.formerHomes()
		return err
	})
	if err != nil {
		return nil, err
	}
	for len(a.Rights) > 0 {
		at := a.Rights[0]
		n := 1
		for n < len(a.Rights) && a.Rights[n].Kiosk == at.Kiosk && a.Rights[n].Epoch == at.Epoch {
			n++
		}
		points := fetchable(a.Rights[:n], a.Lots, slices.Contains(former, at.Kiosk), s.today())
		a.Rights = a.Rights[n:]
		if points == 0 {
			continue
		}
		k, c, err := s.Kiosk(ctx, at.Kiosk)
		if err != nil {
			return nil, err
		}
		if k.Epoch == at.Epoch && !k.Revoked && !k.Unreported && c.State == ChainOpen {
			list = append(list, Fetch{at.Kiosk, min(points, ledger.MaxPoints)})
		}
	}
	return list, nil
}

// fetchable is how much to ask of one chain: everything when it was home, and
// otherwise as much as it takes to get at the lots that reversals want, in the order in
// which a kiosk gives.
func fetchable(rights []Right, lots []Lot, all bool, today ledger.Day) (points ledger.Points) {
	var before ledger.Points
	for _, expired := range []bool{false, true} {
		for _, r := range rights {
			spendable := max(0, r.Spendable())
			if (r.Expires < today) != expired || spendable == 0 {
				continue
			}
			for _, l := range lots {
				if l.Expires == r.Expires && l.Wanted > 0 {
					points = before + min(spendable, l.Wanted)
				}
			}
			before += spendable
		}
	}
	if all {
		return before
	}
	return points
}

// formerHomes lists the homes that were left and are not empty yet.
func (t *txn) formerHomes() (list []string, err error) {
	err = t.each(selectFormer, nil, func(rows scanner) error {
		var kiosk string
		err := rows.Scan(&kiosk)
		list = append(list, kiosk)
		return err
	})
	return list, err
}

// FormerHomes lists the kiosks from which a volunteer's points are called back.
func (s *Store) FormerHomes(ctx context.Context, volunteer ledger.ID) (list []string, err error) {
	err = s.read(ctx, "reading former homes", volunteer.String(), func(t *txn) error {
		list, err = t.formerHomes()
		return err
	})
	return list, err
}

// Fetched has what came back granted to the volunteer's home, and forgets former homes
// that are empty. Those are remembered for a while: a grant may have been under way
// when the volunteer moved. What lies with a box that was replaced is not waited for.
func (s *Store) Fetched(ctx context.Context, volunteer ledger.ID) error {
	r, err := s.Record(ctx, volunteer)
	if err != nil {
		return err
	}
	if err := s.passToHeirs(ctx, volunteer); err != nil {
		return err
	}
	if err := s.grantHomes(ctx, r.Home, []ledger.ID{volunteer}); err != nil {
		return err
	}
	former, err := s.FormerHomes(ctx, volunteer)
	if err != nil {
		return err
	}
	for _, kiosk := range former {
		k, _, err := s.Kiosk(ctx, kiosk)
		if err != nil && !errors.Is(err, ErrUnknown) {
			return err
		}
		err = s.write(ctx, "leaving a home", volunteer.String(), func(t *txn) error { return t.leaveHome(kiosk, k.Epoch, s.now()) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) leaveHome(kiosk string, epoch uint32, now int64) error {
	var out ledger.Points
	err := t.each(selectEpochs, []any{kiosk}, func(rows scanner) error {
		var at uint32
		var points ledger.Points
		err := rows.Scan(&at, &points)
		if at >= epoch {
			out += points
		}
		return err
	})
	if err != nil || out > 0 {
		return err
	}
	return t.exec(forgetFormer, kiosk, now-formerKept.Milliseconds())
}

// FetchKiosks lists the kiosks from which something is to be fetched.
func (s *Store) FetchKiosks(ctx context.Context) (kiosks []string, err error) {
	err = s.pages(ctx, "looking for what is to be fetched", scatterFetchKiosks, nil, func(rows scanner) (string, error) {
		var kiosk string
		err := rows.Scan(&kiosk)
		kiosks = append(kiosks, kiosk)
		return kiosk, err
	})
	return kiosks, err
}

// FetchesAt lists up to sweepBatch volunteers after one from whom something is to be
// fetched from a kiosk; the zero ID is before all.
func (s *Store) FetchesAt(ctx context.Context, kiosk string, after ledger.ID) (list []ledger.ID, err error) {
	from := ""
	if !after.IsZero() {
		from = after.String()
	}
	for _, statement := range []string{scatterFormerAt, scatterWantedAt} {
		some, err := s.volunteers(ctx, "looking for what is to be fetched", statement, from, kiosk)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	slices.SortFunc(list, func(a, b ledger.ID) int { return cmp.Compare(a.String(), b.String()) })
	list = slices.Compact(list)
	return list[:min(len(list), sweepBatch)], nil
}
