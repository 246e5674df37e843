package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Both scatter statements read the latest deliveries before a mark by an index that
// has just what they ask for.
const (
	scatterDeliveries = `SELECT state, made_ms, body FROM delivery
		WHERE (made_ms, kiosk, id) < ($1, $2, $3) ORDER BY made_ms DESC, kiosk DESC, id DESC LIMIT $4`
	scatterDeliveriesIn = `SELECT state, made_ms, body FROM delivery
		WHERE state = $5 AND (made_ms, kiosk, id) < ($1, $2, $3) ORDER BY made_ms DESC, kiosk DESC, id DESC LIMIT $4`
	selectDeliveries = `SELECT state, made_ms, body FROM delivery
		WHERE kiosk = $1 AND COALESCE(NULLIF($2, ''), state) = state AND (made_ms, id) < ($3, $4) ORDER BY made_ms DESC, id DESC LIMIT $5`
	scatterBatches = `SELECT kiosk, delivery, line, good, batch, best, pieces, made_ms FROM batch WHERE best >= $1 AND best <= $2 ORDER BY best, kiosk, delivery, line LIMIT $3`
)

// DeliveryQuery asks for deliveries, the latest first. What is zero asks for all.
type DeliveryQuery struct {
	State  DeliveryState
	Kiosks []string // nil: all
	Before DeliveryMark
	Limit  int
}

// DeliveryMark is where a list of deliveries goes on: behind the one that it names.
type DeliveryMark struct {
	Made      time.Time
	Kiosk, ID string
}

// Mark is where the list goes on behind the delivery.
func (d Delivery) Mark() DeliveryMark { return DeliveryMark{d.Made, d.Kiosk, d.ID} }

// String is the mark as an address carries it.
func (m DeliveryMark) String() string {
	if m.Made.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%s.%s", m.Made.UnixMilli(), m.Kiosk, m.ID)
}

// ParseDeliveryMark reads what String writes, or answers ErrInput.
func ParseDeliveryMark(text string) (m DeliveryMark, err error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || !ledger.ValidKiosk(parts[1]) || !civic.ValidDelivery(parts[2]) {
		return m, fmt.Errorf("%w: %q marks no delivery", ErrInput, text)
	}
	ms, err := strconv.ParseInt(parts[0], 10, 52)
	m = DeliveryMark{time.UnixMilli(ms), parts[1], parts[2]}
	if err != nil || ms <= 0 || m.String() != text {
		return DeliveryMark{}, fmt.Errorf("%w: %q marks no delivery", ErrInput, text)
	}
	return m, nil
}

// Deliveries returns deliveries, the latest first.
func (s *Store) Deliveries(ctx context.Context, q DeliveryQuery) (list []Delivery, err error) {
	if q.Before.Made.IsZero() {
		q.Before.Made = time.UnixMilli(1 << 52)
	}
	const what = "listing deliveries"
	made := q.Before.Made.UnixMilli()
	if q.Kiosks == nil {
		args := []any{made, q.Before.Kiosk, q.Before.ID, int64(q.Limit)}
		if q.State == "" {
			err = s.scatter(ctx, what, scatterDeliveries, args, func() { list = nil }, intoDeliveries(&list))
		} else {
			err = s.scatter(ctx, what, scatterDeliveriesIn, append(args, string(q.State)), func() { list = nil }, intoDeliveries(&list))
		}
		return list, err
	}
	kiosks := slices.Compact(slices.Sorted(slices.Values(q.Kiosks)))
	parts := make([][]Delivery, len(kiosks))
	err = s.readEach(ctx, what, kiosks, func(t *txn, i int) error {
		parts[i] = nil
		at, id := made, ""
		switch c := cmp.Compare(kiosks[i], q.Before.Kiosk); {
		case q.Before.Kiosk == "":
		case c == 0:
			id = q.Before.ID
		case c < 0: // of that very moment too
			at++
		}
		return t.each(selectDeliveries, []any{string(q.State), at, id, int64(q.Limit)}, intoDeliveries(&parts[i]))
	})
	list = slices.Concat(parts...)
	slices.SortFunc(list, func(x, y Delivery) int {
		return cmp.Or(y.Made.Compare(x.Made), cmp.Compare(y.Kiosk, x.Kiosk), cmp.Compare(y.ID, x.ID))
	})
	return list[:min(len(list), q.Limit)], err
}

func intoDeliveries(list *[]Delivery) func(scanner) error {
	return func(rows scanner) error {
		var state string
		var made int64
		var body []byte
		if err := rows.Scan(&state, &made, &body); err != nil {
			return err
		}
		d, err := readDelivery(state, made, body)
		*list = append(*list, d)
		return err
	}
}

// GoodBatch is pieces that a kiosk received with a batch or a best-before day. How
// many of them are left nobody knows: entries name goods, not batches.
type GoodBatch struct {
	Kiosk, Delivery string
	Line            int
	Good, Batch     string
	Best            ledger.Day
	Pieces          int64 // received
	Made            time.Time
}

// Batches returns the batches that end on one of some days, the first to end first,
// at most limit.
func (s *Store) Batches(ctx context.Context, from, to ledger.Day, limit int) (list []GoodBatch, err error) {
	err = s.scatter(ctx, "listing batches", scatterBatches, []any{int64(max(from, 1)), int64(to), int64(limit)}, func() { list = nil }, func(rows scanner) error {
		var b GoodBatch
		var best, made int64
		err := rows.Scan(&b.Kiosk, &b.Delivery, &b.Line, &b.Good, &b.Batch, &best, &b.Pieces, &made)
		b.Best, b.Made = ledger.Day(best), time.UnixMilli(made)
		list = append(list, b)
		return err
	})
	return list, err
}
