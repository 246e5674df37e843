package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"crypto/ed25519"

	"yizhan/ledger"
)

const (
	selectKiosk = `SELECT name, epoch, cap, revoked, unreported, seen_ms, status FROM kiosk WHERE kiosk = $1`
	upsertKiosk = `INSERT INTO kiosk (kiosk, name, epoch, cap, revoked, unreported, seen_ms, status) VALUES ($1, $2, 0, $3, 0, 0, 0, $4)
		ON CONFLICT (kiosk) DO UPDATE SET name = excluded.name, cap = excluded.cap`
	setEpoch      = `UPDATE kiosk SET epoch = $2, revoked = 0, unreported = 0 WHERE kiosk = $1 AND epoch < $2`
	setRevoked    = `UPDATE kiosk SET revoked = $2 WHERE kiosk = $1`
	setSeen       = `UPDATE kiosk SET seen_ms = $2, status = $3 WHERE kiosk = $1`
	scatterKiosks = `SELECT kiosk, name, epoch, cap, revoked, unreported, seen_ms, status FROM kiosk WHERE kiosk > $1 ORDER BY kiosk LIMIT $2`
	insertChain   = `INSERT INTO chain (kiosk, epoch, public_key, state, reason, seq, hash, signed, signature, folded, granted, spent, refunded, returned, opened_by, opened_ms)
		VALUES ($1, $2, $3, 'open', '', 0, $4, 0, $5, 0, 0, 0, 0, 0, $6, $7)`
	selectChain = `SELECT public_key, state, reason, seq, hash, signed, folded, tallied, granted, spent, refunded, returned FROM chain WHERE kiosk = $1 AND epoch = $2`
	setState    = `UPDATE chain SET state = $3, reason = $4 WHERE kiosk = $1 AND epoch = $2`
	closeChains = `UPDATE chain SET state = 'closed' WHERE kiosk = $1 AND epoch < $2 AND state = 'open'`
)

// State is where a chain stands.
type State string

// States of a chain. Entries that follow are taken in every state; they are folded
// unless the chain is in quarantine, and only an open chain is granted anything.
const (
	ChainOpen        State = "open"
	ChainClosed      State = "closed" // the box was replaced
	ChainQuarantined State = "quarantined"
)

// Kiosk is what the center knows of one kiosk.
type Kiosk struct {
	ID      string // see ledger.ValidKiosk; also the scope of its own documents
	Name    string
	Parent  string        // scope of its village
	Cap     ledger.Points // of what is outstanding there; 0: DefaultCap
	Epoch   uint32        // of the box that serves; 0: none was approved yet
	Revoked bool
	// Unreported: the book was restored from a copy, and this kiosk has not said yet
	// what it was granted, see Report.
	Unreported bool
	Seen       time.Time // zero: never
	Status     json.RawMessage
}

// Chain is the journal of one kiosk in one epoch, as far as the center has it.
type Chain struct {
	Head      ledger.Head
	PublicKey ed25519.PublicKey
	State     State
	Reason    string // why it is in quarantine
	Signed    uint64 // the last entry under a signed head
	Folded    uint64 // the last entry whose points are folded
	Tallied   uint64 // the last entry that stands in its day, see KioskDay
	// Points over all volunteers: what reached the kiosk, and what its entries say.
	Granted, Spent, Refunded, Returned ledger.Points
}

// Outstanding is what the kiosk may still spend, the held points included.
func (c Chain) Outstanding() ledger.Points { return c.Granted + c.Refunded - c.Spent - c.Returned }

// PutKiosk registers a kiosk and the scope of its documents, or changes its name,
// parent or cap.
func (s *Store) PutKiosk(ctx context.Context, k Kiosk) error {
	if !ledger.ValidKiosk(k.ID) || k.Parent == "" || k.Cap < 0 || k.Cap > ledger.MaxPoints || !GoodName(k.Name) {
		return fmt.Errorf("%w: kiosk %q", ErrInput, k.ID)
	}
	if k.Cap == 0 {
		k.Cap = DefaultCap
	}
	return s.write(ctx, "registering a kiosk", k.ID, func(t *txn) error {
		if err := t.actKiosk(s.now(), k); err != nil {
			return err
		}
		if err := t.change(upsertKiosk, k.Name, int64(k.Cap), []byte{}); err != nil {
			return err
		}
		return t.change(upsertScope, k.Parent, k.Name)
	})
}

// Kiosk returns a kiosk and its chain of now, which is empty while no box was
// approved. It answers ErrUnknown.
func (s *Store) Kiosk(ctx context.Context, id string) (k Kiosk, c Chain, err error) {
	err = s.read(ctx, "reading a kiosk", id, func(t *txn) error {
		if k, err = t.kiosk(); err != nil || k.Epoch == 0 {
			return err
		}
		c, err = t.chain(k.Epoch)
		return err
	})
	return k, c, err
}

// Chain returns the chain of one epoch of a kiosk, or ErrUnknown.
func (s *Store) Chain(ctx context.Context, kiosk string, epoch uint32) (c Chain, err error) {
	err = s.read(ctx, "reading a chain", kiosk, func(t *txn) error {
		c, err = t.chain(epoch)
		return err
	})
	return c, err
}

// Kiosks returns up to limit kiosks after a name, by name. Parents are left out:
// they stand in AllScopes.
func (s *Store) Kiosks(ctx context.Context, after string, limit int) (all []Kiosk, err error) {
	err = s.scatter(ctx, "reading the kiosks", scatterKiosks, []any{after, int64(limit)}, func() { all = nil }, func(rows scanner) error {
		var k Kiosk
		var r kioskRow
		err := rows.Scan(&k.ID, &k.Name, &r.epoch, &r.cap, &r.revoked, &r.unreported, &r.seen, &r.status)
		all = append(all, r.fill(k))
		return err
	})
	return all, err
}

// Seen notes that the kiosk has synced, and what it says of itself (JSON).
func (s *Store) Seen(ctx context.Context, kiosk string, status json.RawMessage) error {
	if len(status) > MaxStatus || len(status) > 0 && !json.Valid(status) {
		return fmt.Errorf("%w: a status of %d bytes", ErrInput, len(status))
	}
	return s.write(ctx, "noting a kiosk's status", kiosk, func(t *txn) error {
		n, err := t.changed(setSeen, s.now(), append([]byte{}, status...))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: kiosk %s", ErrUnknown, kiosk)
		}
		return err
	})
}

// Sighting is what a kiosk said of itself, and when.
type Sighting struct {
	Kiosk  string
	At     time.Time
	Status json.RawMessage
}

// SeenMany is Seen for many kiosks, together where that costs less. A kiosk that
// nobody knows any more is passed over.
func (s *Store) SeenMany(ctx context.Context, all []Sighting) error {
	kiosks := make([]string, len(all))
	for i, one := range all {
		if len(one.Status) > MaxStatus || !json.Valid(one.Status) {
			return fmt.Errorf("%w: a status of %d bytes", ErrInput, len(one.Status))
		}
		kiosks[i] = one.Kiosk
	}
	return s.writeEach(ctx, "noting how kiosks are", kiosks, func(t *txn, i int) error {
		return t.exec(setSeen, all[i].At.UnixMilli(), []byte(all[i].Status))
	})
}

// Revoke ends the service of a kiosk: nothing is granted there until a new epoch
// is approved. Its entries are still taken and folded.
func (s *Store) Revoke(ctx context.Context, kiosk string) error {
	return s.write(ctx, "revoking a kiosk", kiosk, func(t *txn) error {
		k, err := t.kiosk()
		if err != nil || k.Revoked {
			return err
		}
		if err := t.act(s.now(), t.actor(), "kiosk.revoked", nil, nil); err != nil {
			return err
		}
		return t.change(setRevoked, int64(1))
	})
}

// actKiosk notes what a registration changes.
func (t *txn) actKiosk(now int64, k Kiosk) error {
	type card struct {
		Name   string        `json:"name"`
		Parent string        `json:"parent"`
		Cap    ledger.Points `json:"cap"`
	}
	after := card{k.Name, k.Parent, k.Cap}
	old, err := t.kiosk()
	before := card{old.Name, old.Parent, old.Cap}
	switch {
	case errors.Is(err, ErrUnknown):
		return t.act(now, t.actor(), "kiosk.added", nil, after)
	case err != nil || before == after:
		return err
	}
	return t.act(now, t.actor(), "kiosk.changed", before, after)
}

// NewEpoch begins a chain for a box with the given key, and closes the one before
// at what the center has of it. least is the lowest epoch that the box accepts.
// The same key again returns the epoch it has. by names the officer.
func (s *Store) NewEpoch(ctx context.Context, kiosk string, key ed25519.PublicKey, least uint32, by string) (epoch uint32, err error) {
	if len(key) != ed25519.PublicKeySize || by == "" {
		return 0, fmt.Errorf("%w: a new epoch needs a key and an officer", ErrInput)
	}
	err = s.write(ctx, "beginning an epoch", kiosk, func(t *txn) error {
		k, err := t.kiosk()
		if err != nil {
			return err
		}
		if k.Epoch > 0 {
			now, err := t.chain(k.Epoch)
			if err != nil {
				return err
			}
			if now.PublicKey.Equal(key) && k.Epoch >= least && now.State == ChainOpen && !k.Revoked {
				epoch = k.Epoch
				return nil
			}
		}
		epoch = max(k.Epoch+1, least)
		if err := t.change(setEpoch, int64(epoch)); err != nil {
			return err
		}
		if err := t.exec(closeChains, int64(epoch)); err != nil {
			return err
		}
		if err := t.act(s.now(), by, "kiosk.approved", k.Epoch, epoch); err != nil {
			return err
		}
		return t.change(insertChain, int64(epoch), []byte(key), make([]byte, len(ledger.Hash{})), []byte{}, by, s.now())
	})
	return epoch, err
}

// Reopen ends a quarantine: an officer has looked at it, and the chain goes on
// where it stands.
func (s *Store) Reopen(ctx context.Context, kiosk string, epoch uint32, by string) error {
	done := "" // what a run wrote whose answer may be lost
	return s.write(ctx, "ending a quarantine", kiosk, func(t *txn) error {
		k, err := t.kiosk()
		if err != nil {
			return err
		}
		c, err := t.chain(epoch)
		if err != nil {
			return err
		}
		if done != "" && c.State != ChainQuarantined && c.Reason == done {
			return nil
		}
		if c.State != ChainQuarantined || by == "" {
			return fmt.Errorf("%w: ending the quarantine of a chain that is %s", ErrState, c.State)
		}
		state := ChainClosed
		if epoch == k.Epoch {
			state = ChainOpen
		}
		if err := t.act(s.now(), by, "kiosk.lifted", c.Reason, epoch); err != nil {
			return err
		}
		done = "reopened by " + by + "; was: " + c.Reason
		return t.change(setState, int64(epoch), string(state), done)
	})
}

// kioskRow is a kiosk as it stands in the table.
type kioskRow struct {
	epoch, cap, revoked, unreported, seen int64
	status                                []byte
}

func (r kioskRow) fill(k Kiosk) Kiosk {
	k.Epoch, k.Cap, k.Status = uint32(r.epoch), ledger.Points(r.cap), r.status
	k.Revoked, k.Unreported = r.revoked != 0, r.unreported != 0
	if r.seen > 0 {
		k.Seen = time.UnixMilli(r.seen)
	}
	return k
}

// kiosk reads the kiosk whose shard the transaction is in.
func (t *txn) kiosk() (Kiosk, error) {
	id := fmt.Sprint(t.shard)
	k := Kiosk{ID: id}
	var r kioskRow
	found, err := t.one(selectKiosk, nil, &k.Name, &r.epoch, &r.cap, &r.revoked, &r.unreported, &r.seen, &r.status)
	if err != nil {
		return k, err
	}
	if !found {
		return k, fmt.Errorf("%w: kiosk %s", ErrUnknown, id)
	}
	scope, err := t.scope(id)
	k.Parent = scope.Parent
	return r.fill(k), err
}

func (t *txn) chain(epoch uint32) (Chain, error) {
	c := Chain{Head: ledger.Head{Kiosk: fmt.Sprint(t.shard), Epoch: epoch}}
	var key, hash []byte
	var seq, signed, folded, tallied int64
	found, err := t.one(selectChain, []any{int64(epoch)}, &key, &c.State, &c.Reason, &seq, &hash, &signed, &folded, &tallied,
		&c.Granted, &c.Spent, &c.Refunded, &c.Returned)
	if err != nil {
		return c, err
	}
	if !found {
		return c, fmt.Errorf("%w: epoch %d of kiosk %s", ErrUnknown, epoch, c.Head.Kiosk)
	}
	if len(hash) != len(c.Head.Hash) {
		return c, bug("a head with a hash of %d bytes", len(hash))
	}
	c.PublicKey, c.Head.Seq, c.Head.Hash = key, uint64(seq), ledger.Hash(hash)
	c.Signed, c.Folded, c.Tallied = uint64(signed), uint64(folded), uint64(tallied)
	return c, nil
}

// serving returns the chain that may be granted points, or why there is none.
func (t *txn) serving(k Kiosk) (Chain, error) {
	if k.Epoch == 0 || k.Revoked {
		return Chain{}, fmt.Errorf("%w: kiosk %s does not serve", ErrState, k.ID)
	}
	c, err := t.chain(k.Epoch)
	if err == nil && c.State != ChainOpen {
		err = fmt.Errorf("%w: %s epoch %d: %s", ErrQuarantine, k.ID, k.Epoch, c.Reason)
	}
	return c, err
}

// passing drops the errors that only say that a kiosk cannot be granted anything
// now: the points stay free.
func passing(err error) error {
	if errors.Is(err, ErrCap) || errors.Is(err, ErrQuarantine) || errors.Is(err, ErrState) || errors.Is(err, ErrRestored) || errors.Is(err, ErrUnknown) {
		return nil
	}
	return err
}
