package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yizhan/ledger"
)

// What processes of one center say to each other goes through the database too:
// where a kiosk is connected, and what somebody wants back from it. Neither decides
// anything. A kiosk that is not where it seems gives nothing back in time.

const (
	upsertSeat = `INSERT INTO seat (kiosk, process, since_ms) VALUES ($1, $2, $3)
		ON CONFLICT (kiosk) DO UPDATE SET process = excluded.process, since_ms = excluded.since_ms`
	leaveSeat    = `DELETE FROM seat WHERE kiosk = $1 AND process = $2`
	scatterSeats = `SELECT s.kiosk, s.process, k.seen_ms FROM seat s JOIN kiosk k ON k.kiosk = s.kiosk WHERE s.kiosk > $1 ORDER BY s.kiosk LIMIT $2`

	insertRecall   = `INSERT INTO recall (kiosk, id, volunteer, points, state, made_ms) VALUES ($1, $2, $3, $4, 'wanted', $5) ON CONFLICT (kiosk, id) DO NOTHING`
	forgetRecalls  = `DELETE FROM recall WHERE kiosk = $1 AND made_ms < $2`
	selectRecall   = `SELECT state FROM recall WHERE kiosk = $1 AND id = $2`
	answerRecall   = `UPDATE recall SET state = $3 WHERE kiosk = $1 AND id = $2`
	scatterRecalls = `SELECT kiosk, id, volunteer, points FROM recall WHERE state = 'wanted' AND made_ms > $1 ORDER BY made_ms LIMIT $2`
)

// States of a recall between processes.
const (
	recallGave    = "gave"
	recallNothing = "nothing"
)

// Seat is where a kiosk was connected last.
type Seat struct {
	Kiosk   string
	Process string
	Seen    time.Time // when it last said how it is
}

// TakeSeat notes that a kiosk is connected to a process.
func (s *Store) TakeSeat(ctx context.Context, kiosk, process string) error {
	return s.write(ctx, "noting where a kiosk is connected", kiosk, func(t *txn) error {
		return t.change(upsertSeat, process, s.now())
	})
}

// LeaveSeat notes that it no longer is, unless it has come to another one since.
func (s *Store) LeaveSeat(ctx context.Context, kiosk, process string) error {
	return s.write(ctx, "noting that a kiosk has gone", kiosk, func(t *txn) error {
		return t.exec(leaveSeat, process)
	})
}

// Seats reads where every kiosk is connected, by kiosk.
func (s *Store) Seats(ctx context.Context) (map[string]Seat, error) {
	all := make(map[string]Seat)
	err := s.pages(ctx, "reading where kiosks are connected", scatterSeats, nil, func(rows scanner) (string, error) {
		var at Seat
		var seen int64
		err := rows.Scan(&at.Kiosk, &at.Process, &seen)
		if seen > 0 {
			at.Seen = time.UnixMilli(seen)
		}
		all[at.Kiosk] = at
		return at.Kiosk, err
	})
	return all, err
}

// Recall is what another process wants back from a kiosk.
type Recall struct {
	Kiosk, ID string
	Volunteer ledger.ID
	Points    ledger.Points
}

// AskRecall has whichever process a kiosk is connected to ask it for points.
func (s *Store) AskRecall(ctx context.Context, kiosk string, volunteer ledger.ID, points ledger.Points) (id string, err error) {
	if id, err = s.randomID(); err != nil {
		return "", err
	}
	err = s.write(ctx, "asking for a recall", kiosk, func(t *txn) error {
		if err := t.exec(forgetRecalls, s.now()-recallKept.Milliseconds()); err != nil {
			return err
		}
		return t.exec(insertRecall, id, volunteer.String(), int64(points), s.now())
	})
	return id, err
}

// Recalled tells whether a recall has been answered, and whether something came
// back, which is durable then.
func (s *Store) Recalled(ctx context.Context, kiosk, id string) (answered, gave bool, err error) {
	var state string
	err = s.read(ctx, "reading a recall", kiosk, func(t *txn) error {
		_, err := t.one(selectRecall, []any{id}, &state)
		return err
	})
	return state == recallGave || state == recallNothing, state == recallGave, err
}

// WantedRecalls lists what other processes have asked for lately.
func (s *Store) WantedRecalls(ctx context.Context) (all []Recall, err error) {
	args := []any{s.now() - recallWanted.Milliseconds(), int64(sweepBatch)}
	err = s.scatter(ctx, "looking for recalls", scatterRecalls, args, func() { all = nil }, func(rows scanner) error {
		var r Recall
		var volunteer string
		if err := rows.Scan(&r.Kiosk, &r.ID, &volunteer, &r.Points); err != nil {
			return err
		}
		id, err := ledger.ParseID(volunteer)
		if err != nil {
			return errors.Join(bug("a recall of %q", volunteer), err)
		}
		r.Volunteer = id
		all = append(all, r)
		return nil
	})
	return all, err
}

// AnswerRecall says how a recall ended.
func (s *Store) AnswerRecall(ctx context.Context, r Recall, gave bool) error {
	state := recallNothing
	if gave {
		state = recallGave
	}
	return s.write(ctx, fmt.Sprintf("answering recall %s", r.ID), r.Kiosk, func(t *txn) error {
		return t.exec(answerRecall, r.ID, state) // no row: nobody waits any more
	})
}
