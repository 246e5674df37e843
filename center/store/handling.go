package store

import (
	"context"

	"yizhan/ledger"
)

const (
	selectMoves = `SELECT seq, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND kind = 8 AND seq < $3 ORDER BY seq DESC LIMIT $4`
	selectSold  = `SELECT seq, volunteer, quantity, parts, state FROM redemption
		WHERE kiosk = $1 AND epoch = $2 AND good = $3 AND seq < $4 AND state IN ($5, $6) ORDER BY seq DESC LIMIT $7`
	selectEntry = `SELECT seq, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq = $3`
	selectLater = `SELECT seq, raw FROM entry WHERE kiosk = $1 AND volunteer = $2 AND epoch = $3 AND seq > $4 ORDER BY seq LIMIT $5`
)

// Moves returns the entries that received, counted or wasted pieces of a good at a
// kiosk, the latest first, before a number (0: no such bound): at most limit. More
// is the number to go on before; 0: there are no others.
func (s *Store) Moves(ctx context.Context, kiosk string, epoch uint32, good string, before uint64, limit int) (list []ledger.Entry, more uint64, err error) {
	return s.stockEntries(ctx, kiosk, epoch, before, limit, func(m ledger.Stock) bool { return m.Good == good })
}

// StockEntries is Moves of all goods: those of one kind, or 0 for all.
func (s *Store) StockEntries(ctx context.Context, kiosk string, epoch uint32, kind ledger.StockMove, before uint64, limit int) (list []ledger.Entry, more uint64, err error) {
	return s.stockEntries(ctx, kiosk, epoch, before, limit, func(m ledger.Stock) bool { return kind == 0 || m.Move == kind })
}

func (s *Store) stockEntries(ctx context.Context, kiosk string, epoch uint32, before uint64, limit int, want func(ledger.Stock) bool) (list []ledger.Entry, more uint64, err error) {
	err = s.read(ctx, "reading moves of stock", kiosk, func(t *txn) error {
		list, more = nil, bound(before)
		for range maxMovesPages {
			var page []ledger.Entry
			if err := t.each(selectMoves, []any{int64(epoch), int64(more), int64(movesPage)}, intoEntries(&page)); err != nil {
				return err
			}
			for _, e := range page {
				if len(list) == limit {
					return nil
				}
				if more = e.Seq; want(e.Body.(ledger.Stock)) {
					list = append(list, e)
				}
			}
			if len(page) < movesPage {
				more = 0
				return nil
			}
		}
		return nil
	})
	return list, more, err
}

// bound is the number that a page of entries ends before.
func bound(before uint64) uint64 {
	if before == 0 || before > 1<<62 {
		return 1 << 62
	}
	return before
}

// intoEntries scans rows of seq and raw.
func intoEntries(list *[]ledger.Entry) func(scanner) error {
	return func(rows scanner) error {
		var seq int64
		var raw []byte
		if err := rows.Scan(&seq, &raw); err != nil {
			return err
		}
		e, err := ledger.DecodeEntry(raw)
		if err != nil {
			return bug("entry %d: %v", seq, err)
		}
		*list = append(*list, e)
		return nil
	}
}

// Handling is a redemption with the entries that it consists of, the reservation
// first.
type Handling struct {
	ledger.Redemption
	Entries []ledger.Entry
}

// Handlings returns the redemptions of a good at a kiosk that are in one of two
// states, the latest first, before a number (0: no such bound): at most limit. More
// is the number to go on before; 0: there are no others.
func (s *Store) Handlings(ctx context.Context, kiosk string, epoch uint32, good string, states [2]ledger.State, before uint64, limit int) (list []Handling, more uint64, err error) {
	err = s.read(ctx, "reading redemptions", kiosk, func(t *txn) error {
		list, more = nil, 0
		args := []any{int64(epoch), good, int64(bound(before)), int64(states[0]), int64(states[1]), int64(limit + 1)}
		err := t.each(selectSold, args, func(rows scanner) error {
			h, err := scanHandling(rows, good)
			list = append(list, h)
			return err
		})
		if err != nil {
			return err
		}
		if len(list) > limit {
			list, more = list[:limit], list[limit-1].Seq
		}
		for i := range list {
			if list[i].Entries, err = t.entriesOf(epoch, list[i].Redemption); err != nil {
				return err
			}
		}
		return nil
	})
	return list, more, err
}

func scanHandling(rows scanner, good string) (h Handling, err error) {
	var volunteer string
	var parts []byte
	if err := rows.Scan(&h.Seq, &volunteer, &h.Quantity, &parts, &h.State); err != nil {
		return h, err
	}
	h.Good = good
	if h.Volunteer, err = ledger.ParseID(volunteer); err != nil {
		return h, bug("a redemption of %q", volunteer)
	}
	h.Parts, err = decodeParts(parts)
	return h, err
}

// entriesOf finds the reservation and, among the later entries of its volunteer,
// what followed it.
func (t *txn) entriesOf(epoch uint32, r ledger.Redemption) (list []ledger.Entry, err error) {
	err = t.each(selectEntry, []any{int64(epoch), int64(r.Seq)}, intoEntries(&list))
	if err == nil && len(list) == 0 {
		err = bug("entry %d is missing", r.Seq)
	}
	want := map[ledger.State]int{ledger.Reserved: 1, ledger.Settled: 2, ledger.Cancelled: 2, ledger.Refunded: 3}[r.State]
	for at, whole := r.Seq, true; err == nil && whole && len(list) < want; {
		var page []ledger.Entry
		err = t.each(selectLater, []any{r.Volunteer.String(), int64(epoch), int64(at), int64(laterPage)}, intoEntries(&page))
		for _, e := range page {
			if at = e.Seq; redemptionOf(e.Body) == r.Seq {
				list = append(list, e)
			}
		}
		whole = len(page) == laterPage
	}
	return list, err
}

// redemptionOf is the number of the redemption that an entry moves on; 0: none.
func redemptionOf(body ledger.Body) uint64 {
	switch b := body.(type) {
	case ledger.Settle:
		return b.Redemption
	case ledger.Cancel:
		return b.Redemption
	case ledger.Refund:
		return b.Redemption
	}
	return 0
}
