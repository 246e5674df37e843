package store

import (
	"context"
	"time"

	"yizhan/ledger"
)

const (
	// One statement, so that all sums are of the same moment. Of what is out in a right
	// (its spendable and held points), some may be lost, and when late entries have spent
	// that, lost is more than is out.
	scatterBooks = `SELECT l.earned, m.points, l.expired, l.free, r.granted, r.returned, r.lost, r.live, r.held, w.wanted, w.gone
		FROM (SELECT CAST(COALESCE(SUM(earned), 0) AS BIGINT) AS earned, CAST(COALESCE(SUM(expired), 0) AS BIGINT) AS expired,
			CAST(COALESCE(SUM(free), 0) AS BIGINT) AS free FROM lot) l
		CROSS JOIN (SELECT CAST(COALESCE(SUM(granted), 0) AS BIGINT) AS granted, CAST(COALESCE(SUM(returned), 0) AS BIGINT) AS returned,
			CAST(COALESCE(SUM(lost), 0) AS BIGINT) AS lost,
			CAST(COALESCE(SUM(CASE WHEN granted + refunded - spent - returned > lost THEN granted + refunded - spent - returned - lost ELSE 0 END), 0) AS BIGINT) AS live,
			CAST(COALESCE(SUM(CASE WHEN granted + refunded - spent - returned - lost > held THEN held
				WHEN granted + refunded - spent - returned > lost THEN granted + refunded - spent - returned - lost ELSE 0 END), 0) AS BIGINT) AS held FROM rights) r
		CROSS JOIN (SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) AS points FROM missing) m
		CROSS JOIN (SELECT CAST(COALESCE(SUM(CASE WHEN state = 'wanted' THEN asked - taken ELSE 0 END), 0) AS BIGINT) AS wanted,
			CAST(COALESCE(SUM(CASE WHEN state = 'done' THEN asked - taken ELSE 0 END), 0) AS BIGINT) AS gone FROM reversal) w`
	scatterFleet = `SELECT k.kiosk, k.name, k.epoch, k.cap, k.revoked, k.unreported, k.seen_ms, k.status,
			COALESCE(c.state, ''), COALESCE(c.reason, ''), COALESCE(c.seq, 0), COALESCE(c.signed, 0), COALESCE(c.folded, 0),
			COALESCE(c.granted, 0), COALESCE(c.spent, 0), COALESCE(c.refunded, 0), COALESCE(c.returned, 0)
		FROM kiosk k LEFT JOIN chain c ON c.kiosk = k.kiosk AND c.epoch = k.epoch WHERE k.kiosk > $1 ORDER BY k.kiosk LIMIT $2`
	selectChains    = `SELECT epoch FROM chain WHERE kiosk = $1 ORDER BY epoch DESC LIMIT $2`
	selectChainInfo = `SELECT opened_by, opened_ms FROM chain WHERE kiosk = $1 AND epoch = $2`
	selectLoss      = `SELECT proposed_by, confirmed_by, reason, made_ms FROM writeoff WHERE kiosk = $1 AND epoch = $2`
	scatterLosses   = `SELECT kiosk, epoch, proposed_by, confirmed_by, reason, made_ms FROM writeoff WHERE confirmed_by = '' ORDER BY kiosk, epoch LIMIT $1`
	scatterStopped  = `SELECT kiosk, epoch, reason FROM chain WHERE state = 'quarantined' ORDER BY kiosk, epoch LIMIT $1`
	scatterAtChain  = `SELECT CAST(COALESCE(SUM(granted + refunded - spent - returned - lost), 0) AS BIGINT), CAST(COALESCE(SUM(lost), 0) AS BIGINT)
		FROM rights WHERE kiosk = $1 AND epoch = $2`
)

// Books are the points of all volunteers, as far as entries are folded:
// Earned + Missing = Spent + AtKiosks + Held + Free + Expired.
type Books struct {
	Earned   ledger.Points
	Missing  ledger.Points // granted beyond what is known to be earned, see Report
	Spent    ledger.Points // handed over for, less what was given back; without what lost boxes spent that volunteers were given anew, the center's loss
	AtKiosks ledger.Points // may be spent there at any time
	Held     ledger.Points // taken aside for goods that wait
	Free     ledger.Points // at the center
	Expired  ledger.Points
	Lost     ledger.Points // on loss:<kiosk>, beside the sum: volunteers have them again
	Wanted   ledger.Points // of AtKiosks and Held, what is taken back when it comes, see Reverse
	Gone     ledger.Points // of Spent and Expired, what was to be taken back and could not be
}

// Off is by how much the books do not close; 0: they do.
func (b Books) Off() ledger.Points {
	return b.Earned + b.Missing - b.Spent - b.AtKiosks - b.Held - b.Free - b.Expired
}

// Books adds everything up, at one moment.
func (s *Store) Books(ctx context.Context) (b Books, err error) {
	err = s.scatter(ctx, "adding up the books", scatterBooks, nil, func() {}, func(rows scanner) error {
		var granted, returned, live ledger.Points
		err := rows.Scan(&b.Earned, &b.Missing, &b.Expired, &b.Free, &granted, &returned, &b.Lost, &live, &b.Held, &b.Wanted, &b.Gone)
		b.AtKiosks = live - b.Held
		b.Spent = granted - returned - b.Lost - live
		return err
	})
	return b, err
}

// Station is a kiosk with its chain of now, which is empty while no box was
// approved.
type Station struct {
	Kiosk
	Chain
}

// Fleet returns up to limit kiosks after a name, by name, with their chains.
// Parents are left out, as in Kiosks, and so are keys and hashes.
func (s *Store) Fleet(ctx context.Context, after string, limit int) (all []Station, err error) {
	err = s.scatter(ctx, "reading the fleet", scatterFleet, []any{after, int64(limit)}, func() { all = nil }, func(rows scanner) error {
		var f Station
		var r kioskRow
		var seq, signed, folded int64
		err := rows.Scan(&f.ID, &f.Name, &r.epoch, &r.cap, &r.revoked, &r.unreported, &r.seen, &r.status,
			&f.State, &f.Reason, &seq, &signed, &folded, &f.Granted, &f.Spent, &f.Refunded, &f.Returned)
		f.Kiosk = r.fill(f.Kiosk)
		f.Head.Kiosk, f.Head.Epoch, f.Head.Seq = f.ID, f.Epoch, uint64(seq)
		f.Signed, f.Folded = uint64(signed), uint64(folded)
		all = append(all, f)
		return err
	})
	return all, err
}

// Unconfirmed is a write-off that waits for a second officer.
type Unconfirmed struct {
	Kiosk string
	WriteOff
}

// Past is a chain of a kiosk, of now or of before, with what is still out there.
type Past struct {
	Chain
	OpenedBy string
	Opened   time.Time
	Out      ledger.Points // granted, and neither spent, returned nor lost
	Lost     ledger.Points
	WriteOff WriteOff // Proposed is "" when there is none
}

// Chains returns all chains of a kiosk, the latest first.
func (s *Store) Chains(ctx context.Context, kiosk string) (all []Past, err error) {
	err = s.read(ctx, "reading chains", kiosk, func(t *txn) error {
		all = nil
		err := t.each(selectChains, []any{int64(maxChains)}, func(rows scanner) error {
			var p Past
			err := rows.Scan(&p.Head.Epoch)
			all = append(all, p)
			return err
		})
		for i := range all {
			if err == nil {
				err = t.past(&all[i])
			}
		}
		return err
	})
	for i := range all {
		if err == nil {
			err = s.scatter(ctx, "adding up a chain", scatterAtChain, []any{kiosk, int64(all[i].Head.Epoch)}, func() {}, func(rows scanner) error {
				return rows.Scan(&all[i].Out, &all[i].Lost)
			})
		}
	}
	return all, err
}

// past fills in the chain whose epoch stands in p.
func (t *txn) past(p *Past) (err error) {
	epoch := p.Head.Epoch
	if p.Chain, err = t.chain(epoch); err != nil {
		return err
	}
	if _, err := t.one(selectChainInfo, []any{int64(epoch)}, &p.OpenedBy, (*millis)(&p.Opened)); err != nil {
		return err
	}
	w := WriteOff{Epoch: epoch}
	_, err = t.one(selectLoss, []any{int64(epoch)}, &w.Proposed, &w.Confirmed, &w.Reason, (*millis)(&w.Made))
	p.WriteOff = w
	return err
}

// Unconfirmed returns the write-offs that wait for a second officer.
func (s *Store) Unconfirmed(ctx context.Context) (all []Unconfirmed, err error) {
	err = s.scatter(ctx, "reading write-offs", scatterLosses, []any{int64(maxWaiting)}, func() { all = nil }, func(rows scanner) error {
		var w Unconfirmed
		err := rows.Scan(&w.Kiosk, &w.Epoch, &w.Proposed, &w.Confirmed, &w.Reason, (*millis)(&w.Made))
		all = append(all, w)
		return err
	})
	return all, err
}

// Stopped returns the chains in quarantine, of their kiosk's epoch or an older one.
func (s *Store) Stopped(ctx context.Context) (all []Chain, err error) {
	err = s.scatter(ctx, "reading quarantines", scatterStopped, []any{int64(maxWaiting)}, func() { all = nil }, func(rows scanner) error {
		c := Chain{State: ChainQuarantined}
		err := rows.Scan(&c.Head.Kiosk, &c.Head.Epoch, &c.Reason)
		all = append(all, c)
		return err
	})
	return all, err
}
