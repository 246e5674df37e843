package store

import (
	"errors"
	"fmt"
	"time"

	"yizhan/ledger"
)

// Account returns the rights of a volunteer at this kiosk. While no bundle is
// loaded nobody can say what was granted, and it answers ErrNoDocuments.
func (s *Store) Account(id ledger.ID) (a ledger.Account, err error) {
	var inner error
	err = s.view(func(t *tx) {
		if inner = t.mayMove(id); inner == nil {
			a = t.account(id)
		}
	})
	return a, errors.Join(err, inner)
}

// Redemption returns one redemption by its number.
func (s *Store) Redemption(seq uint64) (r Redemption, err error) {
	err = s.view(func(t *tx) { r = t.full(seq) })
	if err == nil && r.Seq == 0 {
		err = fmt.Errorf("%w: redemption %d", ErrUnknown, seq)
	}
	return r, err
}

// full puts together what a redemption is, with the zero Redemption for a
// number that is none.
func (t *tx) full(seq uint64) (r Redemption) {
	var where redemptionRow
	var e ledger.Entry
	var found bool
	if r.Redemption, where, e, found = t.redemption(seq); !found {
		return Redemption{}
	}
	r.WallMS, r.Quality = e.WallMS, e.Quality
	if r.Good, found = t.goodDocument(r.Redemption.Good); !found {
		r.Good.Code = r.Redemption.Good
	}
	if where.settled != 0 {
		_, settled, _ := t.entry(where.settled)
		b, _ := settled.Body.(ledger.Settle)
		r.SettledMS, r.SettledBy = settled.WallMS, b.Operator
	}
	if r.EndSeq = where.ended; r.EndSeq != 0 {
		_, ended, _ := t.entry(where.ended)
		r.EndedMS = ended.WallMS
		switch b := ended.Body.(type) {
		case ledger.Cancel:
			r.EndedBy, r.Reason = b.Operator, b.Reason
		case ledger.Refund:
			r.EndedBy, r.Reason = b.Operator, b.Reason
		}
	}
	r.Job, _ = t.job(seq)
	return r
}

// RedemptionsOf returns a volunteer's redemptions, the newest first, from the
// one before the number before; 0: from the newest.
func (s *Store) RedemptionsOf(id ledger.ID, before uint64, limit int) (list []Redemption, err error) {
	err = s.view(func(t *tx) {
		for seq, kind := range t.down(bHistory, id[:], before) {
			if len(list) == min(limit, maxPage) {
				return
			}
			if isKind(kind, ledger.KindReserve) {
				list = append(list, t.full(seq))
			}
		}
	})
	return list, err
}

func isKind(value []byte, kind ledger.Kind) bool { return len(value) == 1 && value[0] == byte(kind) }

// Waiting returns what is reserved and not handed over, the newest first, and
// how many there are in all.
func (s *Store) Waiting(before uint64, limit int) (list []Redemption, total int, err error) {
	err = s.view(func(t *tx) {
		list = t.page(bWaiting, before, limit)
		total = int(t.state.Sums[bWaiting].Rows)
	})
	return list, total, err
}

// Recent returns all redemptions, the newest first.
func (s *Store) Recent(before uint64, limit int) (list []Redemption, err error) {
	err = s.view(func(t *tx) { list = t.page(bRedemption, before, limit) })
	return list, err
}

func (t *tx) page(b bucket, before uint64, limit int) (list []Redemption) {
	for seq := range t.down(b, nil, before) {
		if len(list) == min(limit, maxPage) {
			break
		}
		list = append(list, t.full(seq))
	}
	return list
}

// ByClaim returns the newest waiting redemption with a collection code.
func (s *Store) ByClaim(claim uint16) (r Redemption, err error) {
	err = s.view(func(t *tx) {
		if seq := t.newestClaim(claim); seq != 0 {
			r = t.full(seq)
		}
	})
	if err == nil && r.Seq == 0 {
		err = fmt.Errorf("%w: nobody waits with %s", ErrUnknown, ledger.ClaimText(claim))
	}
	return r, err
}

// BoughtThisMonth returns how many pieces of a good a volunteer has redeemed in
// this calendar month, what was cancelled or refunded left out.
func (s *Store) BoughtThisMonth(id ledger.ID, good string) (pieces int64, err error) {
	now := s.cfg.Clock.Now()
	err = s.view(func(t *tx) { pieces = s.bought(t, now, id, good) })
	return pieces, err
}

func (s *Store) bought(t *tx, now Instant, id ledger.ID, good string) (pieces int64) {
	month := s.month(now.WallMS)
	others := 0
	for seq, kind := range t.down(bHistory, id[:], 0) {
		if !isKind(kind, ledger.KindReserve) {
			continue
		}
		r, _, e, _ := t.redemption(seq)
		if s.month(e.WallMS) != month {
			if others++; others == maxMonthScan {
				break
			}
			continue
		}
		if r.Good == good && (r.State == ledger.Reserved || r.State == ledger.Settled) {
			pieces += r.Quantity
		}
	}
	return pieces
}

// month numbers the calendar months of the kiosk's zone.
func (s *Store) month(wallMS int64) int {
	t := time.UnixMilli(wallMS).In(s.cfg.Zone)
	return t.Year()*12 + int(t.Month())
}

// Entry returns an entry and its stored bytes.
func (s *Store) Entry(seq uint64) (raw []byte, e ledger.Entry, err error) {
	var found bool
	err = s.view(func(t *tx) { raw, e, found = t.entry(seq) })
	if err == nil && !found {
		err = fmt.Errorf("%w: entry %d", ErrUnknown, seq)
	}
	return raw, e, err
}

// ReceiptText returns the text of the QR code that proves an entry.
func (s *Store) ReceiptText(seq uint64) (string, error) {
	raw, _, err := s.Entry(seq)
	if err != nil {
		return "", err
	}
	return ledger.SignReceipt(raw, s.keys.Signing())
}

// Today sums up what happened since the last close of day.
func (s *Store) Today() (totals ledger.Totals, err error) {
	err = s.view(func(t *tx) { totals = t.state.Totals })
	return totals, err
}

// StockMoves returns what staff received, counted and threw away, the newest
// first.
func (s *Store) StockMoves(before uint64, limit int) (list []StockMove, err error) {
	err = s.view(func(t *tx) {
		for seq := range t.down(bStockMove, nil, before) {
			if len(list) == min(limit, maxPage) {
				return
			}
			_, e, _ := t.entry(seq)
			move, _ := e.Body.(ledger.Stock)
			good, _ := t.goodDocument(move.Good)
			list = append(list, StockMove{Stock: move, Seq: seq, WallMS: e.WallMS, Name: good.Name})
		}
	})
	return list, err
}
