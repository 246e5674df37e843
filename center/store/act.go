package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yizhan/ledger"
)

const (
	lastAct       = `SELECT seq, hash FROM act WHERE place = $1 ORDER BY seq DESC LIMIT 1`
	insertAct     = `INSERT INTO act (place, seq, who, kind, body, made_ms, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectActs    = `SELECT seq, who, kind, body, made_ms, hash FROM act WHERE place = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`
	selectAllActs = `SELECT seq, who, kind, body, made_ms, hash FROM act WHERE place = $1 ORDER BY seq`
	scatterPlaces = `SELECT DISTINCT place FROM act WHERE place > $1 ORDER BY place LIMIT $2`

	lastPersonAct       = `SELECT seq, hash FROM personact WHERE volunteer = $1 ORDER BY seq DESC LIMIT 1`
	insertPersonAct     = `INSERT INTO personact (volunteer, seq, who, kind, body, made_ms, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectPersonActs    = `SELECT seq, who, kind, body, made_ms, hash FROM personact WHERE volunteer = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`
	selectAllPersonActs = `SELECT seq, who, kind, body, made_ms, hash FROM personact WHERE volunteer = $1 ORDER BY seq`
	scatterActPersons   = `SELECT DISTINCT volunteer FROM personact WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
)

// trace is a table of acts. Those done to volunteers stand in another one, because
// they are written in the transaction of the volunteer's shard.
type trace struct {
	last, insert, some, all, places string
	told                            []toldRows // of which its acts tell
}

var (
	placeTrace  = trace{lastAct, insertAct, selectActs, selectAllActs, scatterPlaces, toldOfPlaces}
	personTrace = trace{lastPersonAct, insertPersonAct, selectPersonActs, selectAllPersonActs, scatterActPersons, toldOfPeople}
)

// Act is something that an officer did to a kiosk, a scope, another officer or a
// volunteer: its place. The acts of one place are numbered without gaps and chained by their
// hashes, so none can be changed or taken out in the middle without a trace.
type Act struct {
	Place string
	Seq   uint64
	Who   string // officer, or whoever worked on the terminal
	Kind  string // a word: kiosk.cap, loss.proposed ...
	Body  ActBody
	Made  time.Time
	hash  []byte
	body  []byte
}

// ActBody is what stood there before and after, as JSON; each may be missing.
type ActBody struct {
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

type actorKey struct{}

// As says who acts in what is done with the context. Without it the changes that
// name no officer themselves leave no act.
func As(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, actorKey{}, who)
}

// actor is who acts.
func (t *txn) actor() string { return actorIn(t.ctx) }

func actorIn(ctx context.Context) string {
	who, _ := ctx.Value(actorKey{}).(string)
	return who
}

// act notes what who does to the place whose shard the transaction is in.
func (t *txn) act(now int64, who, kind string, before, after any) error {
	return t.actIn(placeTrace, now, who, kind, before, after)
}

// actIn is act in one of the tables.
func (t *txn) actIn(in trace, now int64, who, kind string, before, after any) error {
	if who == "" {
		return nil
	}
	var body ActBody
	var err error
	if body.Before, err = actPart(before); err != nil {
		return err
	}
	if body.After, err = actPart(after); err != nil {
		return err
	}
	text, err := json.Marshal(body)
	if err != nil || len(text) > maxActBytes {
		return fmt.Errorf("%w: an act of %d bytes: %v", ErrInput, len(text), err)
	}
	var seq int64
	prev := []byte{}
	statement := in.last
	if _, err := t.one(statement, nil, &seq, &prev); err != nil {
		return err
	}
	a := Act{Place: fmt.Sprint(t.shard), Seq: uint64(seq) + 1, Who: who, Kind: kind, Made: time.UnixMilli(now), body: text}
	statement = in.insert
	return t.change(statement, seq+1, who, kind, text, now, a.chain(prev))
}

func actPart(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing an act: %w", err)
	}
	return b, nil
}

// chain is the hash of the act behind the one whose hash is prev.
func (a Act) chain(prev []byte) []byte {
	text, _ := json.Marshal([]any{"yizhan act 1", prev, a.Place, a.Seq, a.Who, a.Kind, a.body, a.Made.UnixMilli()}) // it cannot fail
	sum := sha256.Sum256(text)
	return sum[:]
}

// Note leaves an act of what an officer did at a place that changes nothing of it in
// the same shard: a file that was made, say.
func (s *Store) Note(ctx context.Context, place, who, kind string, after any) error {
	return s.note(ctx, place, who, kind, after)
}

// note is an act that stands alone, because what it changes lies in another shard.
func (s *Store) note(ctx context.Context, place, who, kind string, after any) error {
	return s.write(ctx, "noting an act", place, func(t *txn) error { return t.act(s.now(), who, kind, nil, after) })
}

// Acts returns the latest acts at a place before a number, the latest first; 0: no
// such bound.
func (s *Store) Acts(ctx context.Context, place string, before uint64, limit int) (acts []Act, err error) {
	return s.actsIn(ctx, placeTrace, place, before, limit)
}

// PersonActs is Acts of a volunteer.
func (s *Store) PersonActs(ctx context.Context, volunteer ledger.ID, before uint64, limit int) (acts []Act, err error) {
	return s.actsIn(ctx, personTrace, volunteer.String(), before, limit)
}

func (s *Store) actsIn(ctx context.Context, in trace, place string, before uint64, limit int) (acts []Act, err error) {
	if before == 0 {
		before = 1 << 62
	}
	err = s.read(ctx, "reading acts", place, func(t *txn) error {
		acts = nil
		return t.acts(in.some, []any{int64(before), int64(limit)}, func(a Act) { acts = append(acts, a) })
	})
	return acts, err
}

func (t *txn) acts(statement string, args []any, take func(Act)) error {
	return t.each(statement, args, func(rows scanner) error {
		a, err := scanAct(rows.Scan)
		a.Place = fmt.Sprint(t.shard)
		if err == nil {
			take(a)
		}
		return err
	})
}

// scanAct reads an act without its place.
func scanAct(scan func(dest ...any) error) (a Act, err error) {
	var seq, made int64
	if err := scan(&seq, &a.Who, &a.Kind, &a.body, &made, &a.hash); err != nil {
		return a, err
	}
	a.Seq, a.Made = uint64(seq), time.UnixMilli(made)
	if err := json.Unmarshal(a.body, &a.Body); err != nil {
		return a, bug("an act that cannot be read: %v", err)
	}
	return a, nil
}

// verifyActs holds that the acts of every place are one chain without a gap, and that
// what they tell of is so.
func (s *Store) verifyActs(ctx context.Context, report *Report) error {
	return errors.Join(s.verifyTrace(ctx, placeTrace, report), s.verifyTrace(ctx, personTrace, report))
}

func (s *Store) verifyTrace(ctx context.Context, in trace, report *Report) error {
	err := s.eachShard(ctx, "reading the places of acts", in.places, func(place string) error { return s.verifyPlace(ctx, in, place, report) })
	return errors.Join(err, s.verifyUntold(ctx, in, report))
}

func (s *Store) verifyPlace(ctx context.Context, in trace, place string, report *Report) error {
	var p Proved
	var found []string
	err := s.read(ctx, "proving acts", place, func(t *txn) (err error) {
		heard := make(testimony)
		found = nil
		if p, err = t.prove(in, func(a Act) { heard.hear(in.told, a) }); err != nil {
			return err
		}
		return heard.compare(t, in.told, func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) })
	})
	report.Acts += p.Acts
	if p.Broken > 0 {
		report.find("acts of "+place, "the chain breaks at act %d", p.Broken)
	}
	for _, what := range found {
		report.find("acts of "+place, "%s", what)
	}
	return err
}
