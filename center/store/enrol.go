package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	insertEnrolment = `INSERT INTO enrolment (code, kiosk, state, public_key, least_epoch, epoch, officer, made_ms, ends_ms) VALUES ($1, $2, 'made', $3, 0, 0, $4, $5, $6)
		ON CONFLICT (code) DO NOTHING`
	selectEnrolment = `SELECT kiosk, state, public_key, least_epoch, epoch, officer, made_ms, ends_ms FROM enrolment WHERE code = $1`
	useCode         = `UPDATE enrolment SET state = 'waiting', public_key = $2, least_epoch = $3 WHERE code = $1 AND state = 'made'`
	decideEnrolment = `UPDATE enrolment SET state = $2, epoch = $3, officer = $4 WHERE code = $1 AND state = 'waiting'`
	scatterWaiting  = `SELECT code, kiosk, state, public_key, least_epoch, epoch, officer, made_ms, ends_ms FROM enrolment
		WHERE state = 'waiting' AND ends_ms > $1 ORDER BY made_ms LIMIT $2`
)

// Enrolment is a kiosk on its way to being one of the center's.
type Enrolment struct {
	ID        string // the code's hash; the code itself is not kept
	Kiosk     string
	State     string // made, waiting, approved, refused
	PublicKey ed25519.PublicKey
	Epoch     uint32 // once approved
	Officer   string // who made the code, then who decided
	Made      time.Time
	Ends      time.Time
	least     uint32
}

// codeText writes 10 random bytes so that a person can type them: four groups of
// four letters and digits, none of which looks like another.
var codeText = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// codeID is the hash that a code is known by. Case, spaces and hyphens are how a
// person types, and say nothing.
func codeID(code string) string {
	plain := strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(code))
	sum := sha256.Sum256([]byte("yizhan enrolment v1\n" + plain))
	return hex.EncodeToString(sum[:16])
}

// MakeCode makes a code by which one box may ask, once and within 48 hours, to
// become the kiosk.
func (s *Store) MakeCode(ctx context.Context, kiosk, officer string) (code string, ends time.Time, err error) {
	if officer == "" {
		return "", ends, fmt.Errorf("%w: a code names its officer", ErrInput)
	}
	if _, _, err := s.Kiosk(ctx, kiosk); err != nil {
		return "", ends, err
	}
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return "", ends, fmt.Errorf("reading randomness: %w", err)
	}
	text := codeText.EncodeToString(random[:])
	code = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	now := s.cfg.Now()
	ends = now.Add(codeValid)
	if err := s.note(ctx, kiosk, officer, "kiosk.code", ends); err != nil {
		return "", ends, err
	}
	err = s.write(ctx, "making an enrolment code", codeID(code), func(t *txn) error {
		return t.exec(insertEnrolment, kiosk, []byte{}, officer, now.UnixMilli(), ends.UnixMilli())
	})
	return code, ends, err
}

// Enrol uses a code for the box with the given key, whose journal asks for at
// least the epoch. The same key may ask again, and learns how things stand: an
// Enrolment that is approved names the epoch to begin. It answers ErrCode.
func (s *Store) Enrol(ctx context.Context, code string, key ed25519.PublicKey, least uint32) (e Enrolment, err error) {
	if len(key) != ed25519.PublicKeySize {
		return e, fmt.Errorf("%w: the key is not 32 bytes", ErrInput)
	}
	err = s.write(ctx, "enrolling a kiosk", codeID(code), func(t *txn) error {
		var known bool
		if e, known, err = t.enrolment(); err != nil {
			return err
		}
		switch {
		case known && e.PublicKey.Equal(key): // it asks again
			return nil
		case !known || e.State != "made" || !s.cfg.Now().Before(e.Ends):
			return ErrCode
		}
		if err := t.change(useCode, []byte(key), int64(least)); err != nil {
			return err
		}
		e, _, err = t.enrolment()
		return err
	})
	return e, err
}

// Waiting returns the boxes that wait for an officer, the first one first.
func (s *Store) Waiting(ctx context.Context) (all []Enrolment, err error) {
	err = s.scatter(ctx, "reading who waits", scatterWaiting, []any{s.now(), int64(maxWaiting)}, func() { all = nil }, func(rows scanner) error {
		var e Enrolment
		err := e.scan(func(dest ...any) error { return rows.Scan(append([]any{&e.ID}, dest...)...) })
		all = append(all, e)
		return err
	})
	return all, err
}

// Approve makes the box that used the code the kiosk: a new epoch begins.
func (s *Store) Approve(ctx context.Context, id, officer string) (Enrolment, error) {
	e, err := s.waiting(ctx, id)
	if err != nil || e.State == "approved" {
		return e, err
	}
	epoch, err := s.NewEpoch(ctx, e.Kiosk, e.PublicKey, max(e.least, 1), officer)
	if err != nil {
		return e, err
	}
	return s.decide(ctx, id, "approved", epoch, officer)
}

// EnrolmentOf is the kiosk that a box which asked to be enrolled is meant for, or
// ErrUnknown.
func (s *Store) EnrolmentOf(ctx context.Context, id string) (kiosk string, err error) {
	err = s.read(ctx, "reading whom a box is for", id, func(t *txn) error {
		e, known, err := t.enrolment()
		if err == nil && !known {
			err = ErrUnknown
		}
		kiosk = e.Kiosk
		return err
	})
	return kiosk, err
}

// Refuse turns the box away.
func (s *Store) Refuse(ctx context.Context, id, officer string) (Enrolment, error) {
	e, err := s.waiting(ctx, id)
	if err == nil && e.State == "approved" {
		err = fmt.Errorf("%w: %s was approved already", ErrState, e.Kiosk)
	}
	if err != nil {
		return e, err
	}
	if err := s.note(ctx, e.Kiosk, officer, "kiosk.refused", id); err != nil {
		return e, err
	}
	return s.decide(ctx, id, "refused", 0, officer)
}

func (s *Store) waiting(ctx context.Context, id string) (e Enrolment, err error) {
	err = s.read(ctx, "reading an enrolment", id, func(t *txn) error {
		var known bool
		if e, known, err = t.enrolment(); err != nil {
			return err
		}
		if !known || e.State != "waiting" && e.State != "approved" {
			return fmt.Errorf("%w: no box waits under it", ErrState)
		}
		return nil
	})
	return e, err
}

// decide ends an enrolment, unless somebody else has ended it otherwise (ErrState).
func (s *Store) decide(ctx context.Context, id, state string, epoch uint32, officer string) (e Enrolment, err error) {
	err = s.write(ctx, "deciding on an enrolment", id, func(t *txn) error {
		if err := t.exec(decideEnrolment, state, int64(epoch), officer); err != nil {
			return err
		}
		if e, _, err = t.enrolment(); err == nil && e.State != state {
			err = fmt.Errorf("%w: the box of %s was %s meanwhile", ErrState, e.Kiosk, e.State)
		}
		return err
	})
	return e, err
}

func (t *txn) enrolment() (e Enrolment, known bool, err error) {
	e.ID = fmt.Sprint(t.shard)
	err = e.scan(func(dest ...any) (err error) {
		known, err = t.one(selectEnrolment, nil, dest...)
		return err
	})
	return e, known, err
}

// scan reads the columns of an enrolment.
func (e *Enrolment) scan(row func(dest ...any) error) error {
	var made, ends int64
	var key []byte
	err := row(&e.Kiosk, &e.State, &key, &e.least, &e.Epoch, &e.Officer, &made, &ends)
	if len(key) == ed25519.PublicKeySize {
		e.PublicKey = key
	}
	e.Made, e.Ends = time.UnixMilli(made), time.UnixMilli(ends)
	return err
}
