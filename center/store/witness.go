package store

import (
	"context"
	"errors"

	"yizhan/ledger"
)

// Witness is what the book knows of an entry that came on another way than its
// kiosk's journal, on a receipt say.
type Witness struct {
	Kiosk Kiosk
	Chain Chain // of the entry's epoch; no public key: the center knows of no such chain
	Here  bool  // an entry of that number is here
	Same  bool  // and it is this one
}

// Witness looks up an entry by its number and its hash. An unknown kiosk or epoch is
// no error: the answer says so.
func (s *Store) Witness(ctx context.Context, e ledger.Entry, hash ledger.Hash) (w Witness, err error) {
	err = s.read(ctx, "looking up an entry", e.Kiosk, func(t *txn) error {
		w = Witness{}
		k, err := t.kiosk()
		if errors.Is(err, ErrUnknown) {
			return nil
		}
		if err != nil {
			return err
		}
		w.Kiosk = k
		c, err := t.chain(e.Epoch)
		if errors.Is(err, ErrUnknown) {
			return nil
		}
		if err != nil {
			return err
		}
		w.Chain = c
		var stored []byte
		w.Here, err = t.one(selectHash, []any{int64(e.Epoch), int64(e.Seq)}, &stored)
		w.Same = w.Here && string(stored) == string(hash[:])
		return err
	})
	return w, err
}
