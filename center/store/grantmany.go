package store

import (
	"context"

	"yizhan/ledger"
)

// share is one volunteer's part of a grant to many.
type share struct {
	volunteer     ledger.ID
	id            string // of the allowance, and of the outbox row
	free, allowed ledger.Points
	granted       ledger.Points
	epoch         uint32
}

// grantHomes grants everything free to the home kiosk of volunteers, if that may be
// granted anything now; otherwise the points stay free.
func (s *Store) grantHomes(ctx context.Context, home string, volunteers []ledger.ID) error {
	if home == "" {
		return nil
	}
	fresh, err := s.fresh(ctx, home)
	if err != nil || !fresh {
		return err
	}
	_, err = s.grantMany(ctx, home, volunteers)
	return err
}

// grantMany grants a kiosk everything that volunteers have free, as far as its cap
// leaves room, and returns how many it served. It does for many what Grant does for
// one.
func (s *Store) grantMany(ctx context.Context, kiosk string, volunteers []ledger.ID) (served int, err error) {
	if err := s.whole(ctx); err != nil {
		return 0, passing(err)
	}
	shares, err := s.freeShares(ctx, volunteers)
	if err != nil || len(shares) == 0 {
		return 0, err
	}
	err = s.write(ctx, "allowing grants", kiosk, func(t *txn) error { return t.allowShares(shares, s.now()) })
	if err != nil {
		return 0, passing(err)
	}
	shards := make([]string, len(shares))
	for i, sh := range shares {
		shards[i] = sh.volunteer.String()
	}
	err = s.writeEach(ctx, "granting points", shards, func(t *txn, i int) (err error) {
		sh := &shares[i]
		if sh.allowed == 0 {
			return nil
		}
		sh.granted, err = t.grant(kiosk, sh.epoch, sh.id, sh.allowed, noTotal, s.today(), s.now())
		return err
	})
	if err != nil {
		return 0, err
	}
	var moved []ledger.ID
	for _, sh := range shares {
		if sh.granted > 0 {
			moved = append(moved, sh.volunteer)
		}
	}
	err = s.write(ctx, "dropping allowances", kiosk, func(t *txn) error {
		for _, sh := range shares {
			if sh.granted == 0 { // another grant was first
				if err := t.exec(dropAllowance, sh.id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(moved), s.deliver(ctx, moved...)
}

// freeShares reads what volunteers have free.
func (s *Store) freeShares(ctx context.Context, volunteers []ledger.ID) ([]share, error) {
	free := make([]ledger.Points, len(volunteers))
	err := s.readEach(ctx, "reading free points", idTexts(volunteers), func(t *txn, i int) error {
		parts, err := t.freeLots(s.today())
		free[i] = ledger.Sum(parts)
		return err
	})
	if err != nil {
		return nil, err
	}
	var shares []share
	for i, points := range free {
		if points == 0 {
			continue
		}
		id, err := s.randomID()
		if err != nil {
			return nil, err
		}
		shares = append(shares, share{volunteer: volunteers[i], id: id, free: points})
	}
	return shares, nil
}

// allowShares sets points aside for each share, until the cap leaves none.
func (t *txn) allowShares(shares []share, now int64) error {
	for i := range shares { // of a run whose answer was lost
		shares[i].allowed = 0
		if err := t.exec(dropAllowance, shares[i].id); err != nil {
			return err
		}
	}
	room, epoch, err := t.room()
	if err != nil {
		return err
	}
	for i := range shares {
		sh := &shares[i]
		if sh.allowed, sh.epoch = min(sh.free, room), epoch; sh.allowed == 0 {
			return nil
		}
		if err := t.change(insertAllowance, sh.id, int64(sh.allowed), now); err != nil {
			return err
		}
		room -= sh.allowed
	}
	return nil
}
