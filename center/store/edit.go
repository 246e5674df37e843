package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

const insertKey = `INSERT INTO personkey (hash, volunteer) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`

// Record is a volunteer as the center keeps one: with the keys that lists know a
// person by, and without history.
type Record struct {
	Person
	// Stand stands for everything that an officer can change. While it is the same,
	// nobody has changed any of it; points that come and go do not count.
	Stand string
}

// Record reads a volunteer to be changed, or answers ErrUnknown.
func (s *Store) Record(ctx context.Context, id ledger.ID) (r Record, err error) {
	err = s.read(ctx, "reading a volunteer", id.String(), func(t *txn) error {
		p, found, err := t.person()
		if err == nil && !found {
			return fmt.Errorf("%w: volunteer %v", ErrUnknown, id)
		}
		r = Record{Person: p.Person, Stand: p.stand()}
		return err
	})
	return r, err
}

// stand: see Record.
func (p Person) stand() string {
	text, _ := json.Marshal([]any{p.Name, p.Number, p.Phone, p.Tail, p.Town, p.Home, p.Household, p.Keys, p.Cards, p.Profile, p.Sealed}) // it cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Edit is what an officer makes of a volunteer.
type Edit struct {
	ID   ledger.ID
	Seen string              // Record.Stand that the officer saw; "": somebody new
	Keys []civic.KeyHash     // those of Change that the volunteer did not have before
	Kind string              // of the act
	By   string              // who does it
	To   func(Person) Person // what becomes of it, cards included; it may be called more than once
}

// Edit changes what is known of a volunteer, or registers somebody new. It answers
// ErrChanged when the record is no longer as the officer saw it, and ErrKeyReused
// when one of the keys is another person's; then nothing is changed. The same edit
// again changes nothing and is no error.
func (s *Store) Edit(ctx context.Context, e Edit) error {
	for _, key := range e.Keys {
		if err := s.claim(ctx, key, e.ID); err != nil {
			return err
		}
	}
	id, err := s.randomID()
	if err != nil {
		return err
	}
	err = s.write(ctx, "changing a volunteer", e.ID.String(), func(t *txn) error { return t.edit(e, id, s.now()) })
	if err != nil {
		return err
	}
	return s.deliver(ctx, e.ID)
}

func (t *txn) edit(e Edit, id string, now int64) error {
	old, found, err := t.person()
	if err != nil {
		return err
	}
	if !found && e.Seen != "" {
		return fmt.Errorf("%w: volunteer %v", ErrUnknown, e.ID)
	}
	before := old.Person
	before.ID = e.ID
	next := e.To(before)
	next.ID = e.ID
	if next.Name == "" || next.Town == "" || e.ID.IsZero() || e.By == "" || next.Home != "" && !ledger.ValidKiosk(next.Home) {
		return fmt.Errorf("%w: a volunteer has an id, a name, a town, and a home that is a kiosk", ErrInput)
	}
	switch stand := old.stand(); {
	case found && next.stand() == stand:
		return nil // done already, or nothing to do
	case found && stand != e.Seen:
		return fmt.Errorf("%w: volunteer %v", ErrChanged, e.ID)
	}
	if _, _, err := t.putPerson(old, found, next, id, now); err != nil {
		return err
	}
	var was any
	if found {
		was = old.Person.traced()
	}
	return t.actIn(personTrace, now, e.By, e.Kind, was, next.traced())
}

// traced is what an act keeps of a volunteer: what can be shown, and whether hashes
// became others without saying what they are.
func (p Person) traced() map[string]any {
	keys, _ := json.Marshal([]any{p.Keys, p.Phone}) // it cannot fail
	sum := sha256.Sum256(keys)
	all := map[string]any{"name": p.Name, "number": p.Number, "tail": p.Tail, "town": p.Town, "home": p.Home, "household": p.Household, "cards": len(p.Cards),
		"keys": hex.EncodeToString(sum[:4])}
	for _, f := range civic.ProfileCodes {
		if v := *f.At(&p.Profile); v != "" {
			all[f.Word] = f.Table.Label(v, false)
		}
	}
	for _, f := range civic.ProfileSets {
		if list := *f.At(&p.Profile); len(list) > 0 {
			all[f.Word] = strings.Join(f.Labels(list, false), "、")
		}
	}
	if p.Profile.Area != "" {
		all["area"] = p.Profile.Area
	}
	return all
}

// claim takes a key for a volunteer before anything of it is written, so that two
// people cannot get it at the same moment. One that was claimed for somebody who
// never came to have it can be taken over.
func (s *Store) claim(ctx context.Context, key civic.KeyHash, volunteer ledger.ID) error {
	holder, err := s.holder(ctx, key, volunteer)
	if err != nil || holder == volunteer {
		return err
	}
	r, err := s.Record(ctx, holder)
	if err == nil && slices.Contains(r.Keys, key) {
		return fmt.Errorf("%w: it is volunteer %v's", ErrKeyReused, holder)
	}
	if err != nil && !errors.Is(err, ErrUnknown) {
		return err
	}
	return s.write(ctx, "taking over a key", hashText(key), func(t *txn) error {
		return t.exec(upsertKey, volunteer.String())
	})
}

// holder is who has a key, which is the one who asks when nobody had it.
func (s *Store) holder(ctx context.Context, key civic.KeyHash, volunteer ledger.ID) (holder ledger.ID, err error) {
	err = s.write(ctx, "claiming a key", hashText(key), func(t *txn) error {
		if err := t.exec(insertKey, volunteer.String()); err != nil {
			return err
		}
		var text string
		if _, err := t.one(selectKey, nil, &text); err != nil {
			return err
		}
		var err error
		holder, err = ledger.ParseID(text)
		return err
	})
	return holder, err
}
