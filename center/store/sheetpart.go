package store

import (
	"context"
	"slices"

	"yizhan/ledger"
)

const (
	selectFoldedUpTo = `SELECT epoch, folded FROM chain WHERE kiosk = $1 ORDER BY epoch`
	selectLastOf     = `SELECT COALESCE(MAX(CASE WHEN day < $3 THEN last END), 0), COALESCE(MAX(CASE WHEN day < $4 THEN last END), 0), COALESCE(MAX(last), 0) FROM kioskday
		WHERE kiosk = $1 AND epoch = $2 AND day < $5`
	selectSoldIn = `SELECT good, CAST(SUM(quantity) AS BIGINT), CAST(SUM(points) AS BIGINT) FROM redemption
		WHERE kiosk = $1 AND epoch = $2 AND settled > 0 AND settled > $3 AND settled <= $4 GROUP BY good`
	selectBackIn = `SELECT good, CAST(SUM(quantity) AS BIGINT), CAST(SUM(points) AS BIGINT) FROM redemption
		WHERE kiosk = $1 AND epoch = $2 AND refunded > 0 AND refunded > $3 AND refunded <= $4 GROUP BY good`
	selectSoldOf = `SELECT seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE kiosk = $1 AND epoch = $2 AND settled > 0 AND settled > $3 AND settled <= $4 AND good = $5 ORDER BY settled LIMIT $6`
	selectBackOf = `SELECT seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE kiosk = $1 AND epoch = $2 AND refunded > 0 AND refunded > $3 AND refunded <= $4 AND good = $5 ORDER BY refunded LIMIT $6`
)

// SheetParts adds up what the chains of kiosks bring to a sheet that begins behind
// another one (nil: it is the merchant's first): all goods, of the days between two,
// both included, and of days before for which that came too late. A day is that of
// KioskDay. Since is the first day of the merchant's first sheet. Chains that bring
// nothing are among them, so that the next sheet knows where they stood.
func (s *Store) SheetParts(ctx context.Context, kiosks []string, behind *Sheet, since, from, to ledger.Day) ([]SheetPart, error) {
	after := make(map[ledger.Head]uint64)
	if behind != nil {
		since = behind.Since
		for _, p := range behind.Parts {
			after[ledger.Head{Kiosk: p.Kiosk, Epoch: p.Epoch}] = p.UpTo
		}
	}
	found := make([][]SheetPart, len(kiosks))
	err := s.readEach(ctx, "adding up redemptions", kiosks, func(t *txn, i int) error {
		var chains []SheetPart
		found[i] = nil
		err := t.each(selectFoldedUpTo, nil, func(rows scanner) error {
			c := SheetPart{Kiosk: kiosks[i]}
			err := rows.Scan(&c.Epoch, &c.UpTo)
			chains = append(chains, c)
			return err
		})
		for _, c := range chains {
			if err == nil {
				known, there := after[ledger.Head{Kiosk: c.Kiosk, Epoch: c.Epoch}]
				err = t.sheetPart(&c, known, there, since, from, to)
				found[i] = append(found[i], c)
			}
		}
		return err
	})
	return slices.Concat(found...), err
}

// sheetPart fills in what a chain brings, of what is folded of it.
func (t *txn) sheetPart(c *SheetPart, after uint64, known bool, since, from, to ledger.Day) error {
	folded := c.UpTo
	if _, err := t.one(selectLastOf, []any{int64(c.Epoch), int64(since), int64(from), int64(to + 1)}, &c.After, &c.Late, &c.UpTo); err != nil {
		return err
	}
	if c.After, c.Late, c.UpTo = min(c.After, folded), min(c.Late, folded), min(c.UpTo, folded); known {
		c.After = after
	}
	c.Late = max(c.Late, c.After)
	c.UpTo = max(c.UpTo, c.Late)
	var err error
	if c.Fixed, err = t.soldBetween(c.Epoch, c.After, c.Late); err != nil {
		return err
	}
	c.Goods, err = t.soldBetween(c.Epoch, c.Late, c.UpTo)
	return err
}

// soldBetween adds up what entries behind one and up to another handed over and
// refunded, by good.
func (t *txn) soldBetween(epoch uint32, after, upTo uint64) (map[string]Sold, error) {
	if after == upTo {
		return nil, nil
	}
	goods := make(map[string]Sold)
	add := func(sold func(pieces int64, points ledger.Points) Sold) func(scanner) error {
		return func(rows scanner) error {
			var code string
			var pieces int64
			var points ledger.Points
			err := rows.Scan(&code, &pieces, &points)
			goods[code] = goods[code].Add(sold(pieces, points))
			return err
		}
	}
	args := []any{int64(epoch), int64(after), int64(upTo)}
	err := t.each(selectSoldIn, args, add(func(n int64, p ledger.Points) Sold { return Sold{Pieces: n, Points: p} }))
	if err == nil {
		err = t.each(selectBackIn, args, add(func(n int64, p ledger.Points) Sold { return Sold{Back: n, BackPoints: p} }))
	}
	return goods, err
}

// SoldBetween returns the redemptions of a good that entries of a chain behind one and
// up to another handed over, or refunded: at most limit, in the order of those entries.
func (s *Store) SoldBetween(ctx context.Context, kiosk string, epoch uint32, good string, refunded bool, after, upTo uint64, limit int) (list []Redeemed, err error) {
	err = s.read(ctx, "reading redemptions", kiosk, func(t *txn) error {
		list = nil
		args := []any{int64(epoch), int64(after), int64(upTo), good, int64(limit)}
		take := func(rows scanner) error {
			r, err := scanRedeemed(rows)
			r.Kiosk, r.Epoch = kiosk, epoch
			list = append(list, r)
			return err
		}
		if refunded {
			return t.each(selectBackOf, args, take)
		}
		return t.each(selectSoldOf, args, take)
	})
	return list, err
}
