package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

const (
	insertPasskey = `INSERT INTO passkey (passkey, officer, generation, id, name, rp, public_key, counter, challenge_ms, made_ms, used_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) ON CONFLICT (passkey) DO NOTHING`
	selectPasskey   = `SELECT officer, generation, id, name, rp, public_key, counter, challenge_ms, made_ms, used_ms FROM passkey WHERE passkey = $1`
	usePasskey      = `UPDATE passkey SET counter = $2, challenge_ms = $3, used_ms = $4 WHERE passkey = $1`
	dropPasskey     = `DELETE FROM passkey WHERE passkey = $1 AND officer = $2`
	scatterPasskeys = `SELECT officer, generation, id, name, rp, public_key, counter, challenge_ms, made_ms, used_ms FROM passkey WHERE officer = $1 ORDER BY made_ms, passkey LIMIT $2`
)

// Passkey is a key by which an officer signs in without a password. It is void when
// the officer sets the password anew, like all sessions.
type Passkey struct {
	ID         []byte // of the credential
	Officer    string
	Name       string    // that the officer gave it
	RP         string    // name of the center that it is for
	PublicKey  []byte    // COSE
	Counter    uint32    // of the last signature; 0: it counts none
	Made, Used time.Time // Used zero: not yet

	challenge  int64 // when the last challenge that it signed was made
	generation int64
}

// Key is what a passkey is named by: the hash of its id.
func (p Passkey) Key() string { return passkeyOf(p.ID) }

func passkeyOf(id []byte) string {
	sum := sha256.Sum256(append([]byte("yizhan passkey v1\n"), id...))
	return hex.EncodeToString(sum[:])
}

// AddPasskey registers a passkey of an officer. It answers ErrKeyReused when the
// credential is known already, and ErrFull when the officer has MaxPasskeys.
func (s *Store) AddPasskey(ctx context.Context, p Passkey) error {
	if len(p.ID) == 0 || len(p.ID) > maxPasskeyID || len(p.PublicKey) > maxPasskeyKey || p.RP == "" || p.Name == "" || !line(p.Name, MaxNameRunes) {
		return fmt.Errorf("%w: a passkey has an id, a key, a name and a center", ErrInput)
	}
	o, err := s.Officer(ctx, p.Officer)
	if err != nil {
		return err
	}
	all, err := s.passkeys(ctx, p.Officer)
	if err != nil {
		return err
	}
	live := 0
	for _, old := range all {
		if old.generation == o.generation {
			live++
		} else if err := s.dropPasskey(ctx, old.Key(), p.Officer); err != nil { // of a password before this one
			return err
		}
	}
	if live >= MaxPasskeys {
		return fmt.Errorf("%w: %d passkeys", ErrFull, live)
	}
	err = s.write(ctx, "adding a passkey", p.Key(), func(t *txn) error {
		old, found, err := t.passkey()
		if err != nil || found && old.Officer == p.Officer && old.Made.Equal(p.Made) {
			return err
		}
		if found {
			return fmt.Errorf("%w: passkey of %s", ErrKeyReused, old.Officer)
		}
		return t.change(insertPasskey, p.Officer, o.generation, p.ID, p.Name, p.RP, p.PublicKey, int64(p.Counter), int64(0), p.Made.UnixMilli())
	})
	if err != nil {
		return err
	}
	return s.note(ctx, p.Officer, p.Officer, "officer.passkey_added", p.Name)
}

// Passkey returns a passkey by its credential's id, with its officer, or ErrUnknown:
// nobody has it, or it is void.
func (s *Store) Passkey(ctx context.Context, id []byte) (p Passkey, o Officer, err error) {
	err = s.read(ctx, "reading a passkey", passkeyOf(id), func(t *txn) error {
		var found bool
		p, found, err = t.passkey()
		if err == nil && !found {
			err = fmt.Errorf("%w: a passkey", ErrUnknown)
		}
		return err
	})
	if err != nil {
		return p, o, err
	}
	o, err = s.Officer(ctx, p.Officer)
	if err == nil && (!o.Ready() || o.generation != p.generation) {
		err = fmt.Errorf("%w: a passkey of %s that is void", ErrUnknown, p.Officer)
	}
	return p, o, err
}

// UsePasskey notes a signature that was checked: its counter, and when its challenge
// was made. Each challenge is good once, and later ones end it: else it answers
// ErrStep. A counter that has not grown is of a copied authenticator: it answers
// ErrCloned, and leaves an act.
func (s *Store) UsePasskey(ctx context.Context, p Passkey, counter uint32, challenge time.Time) error {
	cloned := false
	err := s.write(ctx, "noting the use of a passkey", p.Key(), func(t *txn) error {
		cloned = false
		now, found, err := t.passkey()
		switch {
		case err != nil:
			return err
		case !found || now.Officer != p.Officer:
			return fmt.Errorf("%w: a passkey", ErrUnknown)
		case challenge.UnixMilli() <= now.challenge:
			return ErrStep
		case (counter > 0 || now.Counter > 0) && counter <= now.Counter:
			cloned = true
			return nil
		}
		return t.change(usePasskey, int64(counter), challenge.UnixMilli(), s.now())
	})
	if err == nil && cloned {
		if err = s.note(ctx, p.Officer, p.Officer, "officer.passkey_cloned", p.Name); err == nil {
			err = ErrCloned
		}
	}
	return err
}

// SignInBy begins a session of an officer whose passkey was used: see UsePasskey.
func (s *Store) SignInBy(ctx context.Context, p Passkey, browser string) (token string, err error) {
	if token, err = s.token(); err != nil {
		return "", err
	}
	var o Officer
	err = s.write(ctx, "signing in", p.Officer, func(t *txn) error {
		if o, _, err = t.officer(); err != nil {
			return err
		}
		if !o.Ready() || o.generation != p.generation {
			return fmt.Errorf("%w: %s may not sign in", ErrState, p.Officer)
		}
		return t.act(s.now(), p.Officer, "officer.signed_in", nil, p.Name)
	})
	if err != nil {
		return "", err
	}
	return token, s.begin(ctx, token, o, browser)
}

// Passkeys returns the passkeys of an officer that are not void, the first one first.
func (s *Store) Passkeys(ctx context.Context, officer string) (list []Passkey, err error) {
	o, err := s.Officer(ctx, officer)
	if err != nil {
		return nil, err
	}
	all, err := s.passkeys(ctx, officer)
	for _, p := range all {
		if p.generation == o.generation {
			list = append(list, p)
		}
	}
	return list, err
}

func (s *Store) passkeys(ctx context.Context, officer string) (list []Passkey, err error) {
	err = s.scatter(ctx, "reading passkeys", scatterPasskeys, []any{officer, int64(4 * MaxPasskeys)}, func() { list = nil }, func(rows scanner) error {
		var p Passkey
		err := rows.Scan(p.columns()...)
		p.unused()
		list = append(list, p)
		return err
	})
	return list, err
}

// DropPasskey takes a passkey of the officer away.
func (s *Store) DropPasskey(ctx context.Context, key, officer string) error {
	list, err := s.Passkeys(ctx, officer)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Key() != key {
			continue
		}
		if err := s.dropPasskey(ctx, key, officer); err != nil {
			return err
		}
		return s.note(ctx, officer, officer, "officer.passkey_removed", p.Name)
	}
	return nil
}

func (s *Store) dropPasskey(ctx context.Context, key, officer string) error {
	return s.write(ctx, "taking a passkey away", key, func(t *txn) error {
		return t.exec(dropPasskey, officer)
	})
}

func (t *txn) passkey() (p Passkey, found bool, err error) {
	found, err = t.one(selectPasskey, nil, p.columns()...)
	p.unused()
	return p, found, err
}

// unused reads no moment as none.
func (p *Passkey) unused() {
	if p.Used.UnixMilli() == 0 {
		p.Used = time.Time{}
	}
}

func (p *Passkey) columns() []any {
	return []any{&p.Officer, &p.generation, &p.ID, &p.Name, &p.RP, &p.PublicKey, &p.Counter, &p.challenge, (*millis)(&p.Made), (*millis)(&p.Used)}
}
