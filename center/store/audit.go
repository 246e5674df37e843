package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/ledger"
)

// All of them read the latest acts before a mark, by an index that has just what
// they ask for; none looks at acts that it does not return.
const (
	scatterActs = `SELECT place, seq, who, kind, body, made_ms, hash FROM act
		WHERE made_ms >= $1 AND (made_ms, place, seq) < ($2, $3, $4) ORDER BY made_ms DESC, place DESC, seq DESC LIMIT $5`
	scatterActsBy = `SELECT place, seq, who, kind, body, made_ms, hash FROM act
		WHERE who = $6 AND made_ms >= $1 AND (made_ms, place, seq) < ($2, $3, $4) ORDER BY made_ms DESC, place DESC, seq DESC LIMIT $5`
	scatterActsOfKind = `SELECT place, seq, who, kind, body, made_ms, hash FROM act
		WHERE kind = $6 AND made_ms >= $1 AND (made_ms, place, seq) < ($2, $3, $4) ORDER BY made_ms DESC, place DESC, seq DESC LIMIT $5`
	scatterActsByOfKind = `SELECT place, seq, who, kind, body, made_ms, hash FROM act
		WHERE who = $6 AND kind = $7 AND made_ms >= $1 AND (made_ms, place, seq) < ($2, $3, $4) ORDER BY made_ms DESC, place DESC, seq DESC LIMIT $5`
	selectActsAt = `SELECT seq, who, kind, body, made_ms, hash FROM act
		WHERE place = $1 AND made_ms >= $2 AND (made_ms, seq) < ($3, $4) AND COALESCE(NULLIF($5, ''), who) = who AND COALESCE(NULLIF($6, ''), kind) = kind
		ORDER BY made_ms DESC, seq DESC LIMIT $7`

	scatterPersonActs = `SELECT volunteer, seq, who, kind, body, made_ms, hash FROM personact
		WHERE made_ms >= $1 AND (made_ms, volunteer, seq) < ($2, $3, $4) ORDER BY made_ms DESC, volunteer DESC, seq DESC LIMIT $5`
	scatterPersonActsBy = `SELECT volunteer, seq, who, kind, body, made_ms, hash FROM personact
		WHERE who = $6 AND made_ms >= $1 AND (made_ms, volunteer, seq) < ($2, $3, $4) ORDER BY made_ms DESC, volunteer DESC, seq DESC LIMIT $5`
	scatterPersonActsOfKind = `SELECT volunteer, seq, who, kind, body, made_ms, hash FROM personact
		WHERE kind = $6 AND made_ms >= $1 AND (made_ms, volunteer, seq) < ($2, $3, $4) ORDER BY made_ms DESC, volunteer DESC, seq DESC LIMIT $5`
	scatterPersonActsByOfKind = `SELECT volunteer, seq, who, kind, body, made_ms, hash FROM personact
		WHERE who = $6 AND kind = $7 AND made_ms >= $1 AND (made_ms, volunteer, seq) < ($2, $3, $4) ORDER BY made_ms DESC, volunteer DESC, seq DESC LIMIT $5`
	selectPersonActsAt = `SELECT seq, who, kind, body, made_ms, hash FROM personact
		WHERE volunteer = $1 AND made_ms >= $2 AND (made_ms, seq) < ($3, $4) AND COALESCE(NULLIF($5, ''), who) = who AND COALESCE(NULLIF($6, ''), kind) = kind
		ORDER BY made_ms DESC, seq DESC LIMIT $7`
)

// listing is how one of the tables of acts is read as a list.
type listing struct{ all, by, ofKind, byOfKind, at string }

var (
	placeListing  = listing{scatterActs, scatterActsBy, scatterActsOfKind, scatterActsByOfKind, selectActsAt}
	personListing = listing{scatterPersonActs, scatterPersonActsBy, scatterPersonActsOfKind, scatterPersonActsByOfKind, selectPersonActsAt}
)

// ActQuery asks for acts, the latest first. What is zero asks for all.
type ActQuery struct {
	Who, Kind string
	From      time.Time // and later
	Before    ActMark
	Places    []string // nil: everywhere; those of an officer's area else
	Limit     int
}

// ActMark is where a list of acts goes on: behind the act that it names. One that
// names no act is a moment, and the list begins with what was done before it.
type ActMark struct {
	Made  time.Time
	Place string
	Seq   uint64
}

// Mark is where the list goes on behind the act.
func (a Act) Mark() ActMark { return ActMark{a.Made, a.Place, a.Seq} }

// Hash is the act's link of the chain, in hexadecimal digits.
func (a Act) Hash() string { return hex.EncodeToString(a.hash) }

// Text is what was chained of the act's body, as it is stored.
func (a Act) Text() string { return string(a.body) }

// String is the mark as an address carries it: milliseconds, number, place.
func (m ActMark) String() string {
	if m.Made.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%d.%s", m.Made.UnixMilli(), m.Seq, m.Place)
}

// ParseActMark reads what String writes, or answers ErrInput.
func ParseActMark(text string) (m ActMark, err error) {
	made, rest, _ := strings.Cut(text, ".")
	seq, place, _ := strings.Cut(rest, ".")
	ms, err := strconv.ParseInt(made, 10, 64)
	if err == nil {
		m = ActMark{Made: time.UnixMilli(ms), Place: place}
		m.Seq, err = strconv.ParseUint(seq, 10, 62)
	}
	if err != nil || m.String() != text || place == "" || len(place) > maxPlace || ms <= 0 {
		return ActMark{}, fmt.Errorf("%w: %q marks no act", ErrInput, text)
	}
	return m, nil
}

// Audit returns acts of all places, the latest first. Those of volunteers are not
// among them: see AuditPeople.
func (s *Store) Audit(ctx context.Context, q ActQuery) ([]Act, error) {
	return s.audit(ctx, placeListing, q)
}

// AuditPeople is Audit of what was done to volunteers: the places are their ids.
func (s *Store) AuditPeople(ctx context.Context, q ActQuery) ([]Act, error) {
	return s.audit(ctx, personListing, q)
}

func (s *Store) audit(ctx context.Context, in listing, q ActQuery) (acts []Act, err error) {
	if q.Before.Made.IsZero() {
		q.Before.Made = time.UnixMilli(1 << 52)
	}
	from := int64(0)
	if !q.From.IsZero() {
		from = q.From.UnixMilli()
	}
	if q.Places != nil {
		return s.auditAt(ctx, in.at, q, from)
	}
	args := []any{from, q.Before.Made.UnixMilli(), q.Before.Place, int64(q.Before.Seq), int64(q.Limit)}
	start, take := func() { acts = nil }, func(rows scanner) error {
		var place string
		a, err := scanAct(func(dest ...any) error { return rows.Scan(append([]any{&place}, dest...)...) })
		a.Place = place
		acts = append(acts, a)
		return err
	}
	const what = "reading acts"
	switch {
	case q.Who != "" && q.Kind != "":
		err = s.scatter(ctx, what, in.byOfKind, append(args, q.Who, q.Kind), start, take)
	case q.Who != "":
		err = s.scatter(ctx, what, in.by, append(args, q.Who), start, take)
	case q.Kind != "":
		err = s.scatter(ctx, what, in.ofKind, append(args, q.Kind), start, take)
	default:
		err = s.scatter(ctx, what, in.all, args, start, take)
	}
	return acts, err
}

// auditAt reads the places one by one and puts their acts in order. Here places
// compare as bytes, so a mark of one list is none of the other.
func (s *Store) auditAt(ctx context.Context, statement string, q ActQuery, from int64) ([]Act, error) {
	places := slices.Compact(slices.Sorted(slices.Values(q.Places)))
	parts := make([][]Act, len(places))
	err := s.readEach(ctx, "reading acts", places, func(t *txn, i int) error {
		parts[i] = nil
		seq := int64(0) // nothing of that very moment
		switch c := cmp.Compare(places[i], q.Before.Place); {
		case c == 0:
			seq = int64(q.Before.Seq)
		case c < 0:
			seq = 1 << 62
		}
		args := []any{from, q.Before.Made.UnixMilli(), seq, q.Who, q.Kind, int64(q.Limit)}
		return t.acts(statement, args, func(a Act) { parts[i] = append(parts[i], a) })
	})
	acts := slices.Concat(parts...)
	slices.SortFunc(acts, func(x, y Act) int {
		return cmp.Or(y.Made.Compare(x.Made), cmp.Compare(y.Place, x.Place), cmp.Compare(y.Seq, x.Seq))
	})
	return acts[:min(len(acts), q.Limit)], err
}

// Proved is the chain of a place's acts as far as it holds.
type Proved struct {
	Acts   int64
	Broken uint64 // number of the first act that does not follow; 0: all do
	Until  time.Time
	Hash   string // of the last act
}

// ProveActs holds that the acts of a place are one chain without a gap: each with
// its number, and with the hash that follows from the one before.
func (s *Store) ProveActs(ctx context.Context, place string) (Proved, error) {
	return s.prove(ctx, placeTrace, place)
}

// ProvePersonActs is ProveActs of a volunteer.
func (s *Store) ProvePersonActs(ctx context.Context, volunteer ledger.ID) (Proved, error) {
	return s.prove(ctx, personTrace, volunteer.String())
}

func (s *Store) prove(ctx context.Context, in trace, place string) (p Proved, err error) {
	err = s.read(ctx, "proving acts", place, func(t *txn) error {
		p, err = t.prove(in, func(Act) {})
		return err
	})
	return p, err
}

// prove goes through the acts of the shard, the first one first, and hands each on.
// One whose text cannot be read breaks the chain.
func (t *txn) prove(in trace, take func(Act)) (p Proved, err error) {
	prev := []byte{}
	statement := in.all
	err = t.each(statement, nil, func(rows scanner) error {
		a := Act{Place: fmt.Sprint(t.shard)}
		var seq int64
		if err := rows.Scan(&seq, &a.Who, &a.Kind, &a.body, (*millis)(&a.Made), &a.hash); err != nil {
			return err
		}
		a.Seq = uint64(seq)
		p.Acts++
		unread := json.Unmarshal(a.body, &a.Body)
		if p.Broken == 0 && (unread != nil || a.Seq != uint64(p.Acts) || !bytes.Equal(a.hash, a.chain(prev))) {
			p.Broken = a.Seq
		}
		prev = a.hash
		p.Until, p.Hash = a.Made, a.Hash()
		take(a)
		return nil
	})
	return p, err
}
