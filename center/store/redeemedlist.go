package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

// All of them read the latest redemptions before a mark, by an index that is in that
// order.
const (
	scatterRedeemed = `SELECT kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE wall_ms >= $1 AND (wall_ms, kiosk, epoch, seq) < ($2, $3, $4, $5) ORDER BY wall_ms DESC, kiosk DESC, epoch DESC, seq DESC LIMIT $6`
	scatterRedeemedIn = `SELECT kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE state = $7 AND state <> 2 AND wall_ms >= $1 AND (wall_ms, kiosk, epoch, seq) < ($2, $3, $4, $5) ORDER BY wall_ms DESC, kiosk DESC, epoch DESC, seq DESC LIMIT $6`
	scatterRedeemedDoubt = `SELECT kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE paper = 4 AND wall_ms >= $1 AND (wall_ms, kiosk, epoch, seq) < ($2, $3, $4, $5) ORDER BY wall_ms DESC, kiosk DESC, epoch DESC, seq DESC LIMIT $6`
	scatterRedeemedBy = `SELECT kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE claim = $7 AND wall_ms >= $1 AND (wall_ms, kiosk, epoch, seq) < ($2, $3, $4, $5) ORDER BY wall_ms DESC, kiosk DESC, epoch DESC, seq DESC LIMIT $6`
	scatterRedeemedOf = `SELECT kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE volunteer = $7 AND wall_ms >= $1 AND (wall_ms, kiosk, epoch, seq) < ($2, $3, $4, $5) ORDER BY wall_ms DESC, kiosk DESC, epoch DESC, seq DESC LIMIT $6`
	selectRedeemed = `SELECT epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE kiosk = $1 AND wall_ms >= $2 AND (wall_ms, epoch, seq) < ($3, $4, $5) ORDER BY wall_ms DESC, epoch DESC, seq DESC LIMIT $6`
	selectRedeemedIn = `SELECT epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE kiosk = $1 AND state = $7 AND state <> 2 AND wall_ms >= $2 AND (wall_ms, epoch, seq) < ($3, $4, $5) ORDER BY wall_ms DESC, epoch DESC, seq DESC LIMIT $6`
)

// RedemptionQuery asks for redemptions, the latest first by the kiosks' clocks. What
// is zero asks for all.
type RedemptionQuery struct {
	Kiosks    []string // nil: everywhere
	State     ledger.State
	Slip      spool.State // Voided: a copy was; Queued: nothing is known of its paper, or not in the end
	Good      string
	Claim     uint16 // with ByClaim
	ByClaim   bool
	Volunteer ledger.ID
	From      time.Time // and later
	Before    RedemptionMark
	Limit     int
}

// RedemptionMark is where a list of redemptions goes on: behind the one that it
// names. One that names none is a moment, and the list begins with what was before
// it.
type RedemptionMark struct {
	WallMS int64
	Kiosk  string
	Epoch  uint32
	Seq    uint64
}

// endOfTime is the mark that everything lies behind.
var endOfTime = RedemptionMark{WallMS: 1 << 53}

// Mark is where the list goes on behind the redemption.
func (r Redeemed) Mark() RedemptionMark { return RedemptionMark{r.WallMS, r.Kiosk, r.Epoch, r.Seq} }

// compare orders marks as lists do, those of the latest last.
func (m RedemptionMark) compare(x RedemptionMark) int {
	return cmp.Or(cmp.Compare(m.WallMS, x.WallMS), cmp.Compare(m.Kiosk, x.Kiosk), cmp.Compare(m.Epoch, x.Epoch), cmp.Compare(m.Seq, x.Seq))
}

// String is the mark as an address carries it: milliseconds, kiosk, epoch, number.
func (m RedemptionMark) String() string {
	if m == (RedemptionMark{}) {
		return ""
	}
	return fmt.Sprintf("%d.%s.%d.%d", m.WallMS, m.Kiosk, m.Epoch, m.Seq)
}

// ParseRedemptionMark reads what String writes, or answers ErrInput.
func ParseRedemptionMark(text string) (m RedemptionMark, err error) {
	wrong := fmt.Errorf("%w: %.80q marks no redemption", ErrInput, text)
	part := strings.Split(text, ".")
	if len(part) != 4 || !ledger.ValidKiosk(part[1]) {
		return m, wrong
	}
	wall, err1 := strconv.ParseInt(part[0], 10, 64)
	epoch, err2 := strconv.ParseUint(part[2], 10, 32)
	seq, err3 := strconv.ParseUint(part[3], 10, 62)
	m = RedemptionMark{wall, part[1], uint32(epoch), seq}
	if err := cmp.Or(err1, err2, err3); err != nil || wall < 0 || m.String() != text {
		return RedemptionMark{}, wrong
	}
	return m, nil
}

// matches tells whether a redemption is one that is asked for.
func (q RedemptionQuery) matches(r Redeemed) bool {
	return (q.Kiosks == nil || slices.Contains(q.Kiosks, r.Kiosk)) && (q.State == 0 || q.State == r.State) && (q.Slip == 0 || r.Slip.is(q.Slip)) &&
		(q.Good == "" || q.Good == r.Good) && (!q.ByClaim || q.Claim == r.Claim) && (q.Volunteer.IsZero() || q.Volunteer == r.Volunteer)
}

// is tells whether a slip counts as one in a state, see RedemptionQuery.
func (s Slip) is(state spool.State) bool {
	switch state {
	case spool.Voided:
		return s.Voided > 0
	case spool.Queued:
		return s.State != spool.Printed && s.State != spool.Presumed && s.State != spool.Uncertain
	}
	return s.State == state
}

// Redemptions returns those that are asked for, at most q.Limit, and where the list
// goes on; zero: it does not. A list may go on though it is shorter than the limit,
// and be empty even: a page looks at no more than maxLookedAt of them.
func (s *Store) Redemptions(ctx context.Context, q RedemptionQuery) (list []Redeemed, next RedemptionMark, err error) {
	if q.Before == (RedemptionMark{}) {
		q.Before = endOfTime
	}
	m := merge{store: s, q: q}
	for _, kiosk := range q.sources() {
		m.streams = append(m.streams, &stream{kiosk: kiosk, at: q.Before})
	}
	return m.page(ctx)
}

// sources are the kiosks whose lists are merged; the empty one is the list of all.
// What is rare and has an index of its own is read from that, whatever the kiosks.
func (q RedemptionQuery) sources() []string {
	if q.Kiosks == nil || q.ByClaim || !q.Volunteer.IsZero() || q.Slip == spool.Uncertain {
		return []string{""}
	}
	return slices.Compact(slices.Sorted(slices.Values(q.Kiosks)))
}

// stream is the list of one kiosk, or of all, as far as it was read.
type stream struct {
	kiosk string
	at    RedemptionMark // behind which reading goes on
	rows  []Redeemed     // read, asked for, and not taken yet
	done  bool
}

// merge puts streams into one order.
type merge struct {
	store   *Store
	q       RedemptionQuery
	streams []*stream
	looked  int
}

// page takes the latest of all streams, again and again. A stream that may hold a
// later one is read on first.
func (m *merge) page(ctx context.Context) (list []Redeemed, next RedemptionMark, err error) {
	for {
		best := m.best()
		behind, horizon := m.behind(best)
		switch {
		case len(list) == m.q.Limit && best != nil:
			return list, list[len(list)-1].Mark(), nil
		case len(behind) > 0 && m.looked >= maxLookedAt:
			return list, horizon, nil
		case len(behind) > 0:
			if err := m.read(ctx, behind); err != nil {
				return nil, next, err
			}
		case best == nil:
			return list, next, nil
		default:
			list = append(list, best.rows[0])
			best.rows = best.rows[1:]
		}
	}
}

// best is the stream with the latest row; nil: none has any.
func (m *merge) best() (best *stream) {
	for _, s := range m.streams {
		if len(s.rows) > 0 && (best == nil || s.rows[0].Mark().compare(best.rows[0].Mark()) > 0) {
			best = s
		}
	}
	return best
}

// behind are the streams that may go on with something later than the best row, and
// up to where everything has been read.
func (m *merge) behind(best *stream) (list []*stream, horizon RedemptionMark) {
	for _, s := range m.streams {
		if s.done || len(s.rows) > 0 || best != nil && s.at.compare(best.rows[0].Mark()) < 0 {
			continue
		}
		list = append(list, s)
		if s.at.compare(horizon) > 0 {
			horizon = s.at
		}
	}
	return list, horizon
}

// read reads the streams on.
func (m *merge) read(ctx context.Context, list []*stream) error {
	batch := m.batch(len(list))
	if list[0].kiosk == "" {
		return m.readAll(ctx, list[0], batch)
	}
	kiosks := make([]string, len(list))
	for i, s := range list {
		kiosks[i] = s.kiosk
	}
	read := make([][]Redeemed, len(list))
	err := m.store.readEach(ctx, "reading redemptions", kiosks, func(t *txn, i int) (err error) {
		read[i], err = t.redeemedBefore(m.q, list[i].at, batch)
		return err
	})
	for i, s := range list {
		m.take(s, read[i], batch)
	}
	return err
}

// batch is how many rows of each of n streams are read at a time: few when most of
// them are shown, many when most are not.
func (m *merge) batch(n int) int {
	if m.q.Good != "" || m.q.Slip != 0 || m.q.State == ledger.Settled {
		return max(lookedBatch/n, 2*m.q.Limit/n, 10)
	}
	return min(max(2*m.q.Limit/n, 10), m.q.Limit+1)
}

// take adds what was read of a stream.
func (m *merge) take(s *stream, rows []Redeemed, batch int) {
	m.looked += len(rows)
	s.done = len(rows) < batch
	for _, r := range rows {
		s.at = r.Mark()
		if m.q.matches(r) {
			s.rows = append(s.rows, r)
		}
	}
}

// readAll reads the list of all kiosks on.
func (m *merge) readAll(ctx context.Context, s *stream, batch int) error {
	var rows []Redeemed
	args := []any{m.q.from(), s.at.WallMS, s.at.Kiosk, int64(s.at.Epoch), int64(s.at.Seq), int64(batch)}
	start, take := func() { rows = nil }, func(row scanner) error {
		var kiosk string
		var epoch int64
		r, err := scanRedeemed(row, &kiosk, &epoch)
		r.Kiosk, r.Epoch = kiosk, uint32(epoch)
		rows = append(rows, r)
		return err
	}
	const what = "reading redemptions"
	var err error
	switch q := m.q; {
	case !q.Volunteer.IsZero():
		err = m.store.scatter(ctx, what, scatterRedeemedOf, append(args, q.Volunteer.String()), start, take)
	case q.ByClaim:
		err = m.store.scatter(ctx, what, scatterRedeemedBy, append(args, int64(q.Claim)), start, take)
	case q.Slip == spool.Uncertain:
		err = m.store.scatter(ctx, what, scatterRedeemedDoubt, args, start, take)
	case q.State != 0 && q.State != ledger.Settled:
		err = m.store.scatter(ctx, what, scatterRedeemedIn, append(args, int64(q.State)), start, take)
	default:
		err = m.store.scatter(ctx, what, scatterRedeemed, args, start, take)
	}
	if err == nil {
		m.take(s, rows, batch)
	}
	return err
}

// redeemedBefore reads the kiosk's redemptions behind a mark, which may be one of
// another kiosk.
func (t *txn) redeemedBefore(q RedemptionQuery, at RedemptionMark, limit int) (rows []Redeemed, err error) {
	kiosk, _ := t.shard.(string)
	epoch, seq := int64(0), int64(0) // nothing of that very moment
	switch c := cmp.Compare(kiosk, at.Kiosk); {
	case c == 0:
		epoch, seq = int64(at.Epoch), int64(at.Seq)
	case c < 0:
		epoch = 1 << 62
	}
	args := []any{q.from(), at.WallMS, epoch, seq, int64(limit)}
	take := func(row scanner) error {
		var epoch int64
		r, err := scanRedeemed(row, &epoch)
		r.Kiosk, r.Epoch = kiosk, uint32(epoch)
		rows = append(rows, r)
		return err
	}
	if q.State != 0 && q.State != ledger.Settled {
		err = t.each(selectRedeemedIn, append(args, int64(q.State)), take)
	} else {
		err = t.each(selectRedeemed, args, take)
	}
	return rows, err
}

// from is the first millisecond that is asked for.
func (q RedemptionQuery) from() int64 {
	if q.From.IsZero() {
		return 0
	}
	return q.From.UnixMilli()
}
