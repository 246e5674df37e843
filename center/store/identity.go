package store

import (
	"bytes"
	"context"
	"fmt"
)

const (
	selectIdentity = `SELECT issuer, pin FROM identity WHERE id = $1`
	insertIdentity = `INSERT INTO identity (id, issuer, pin) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`
	upsertIdentity = `INSERT INTO identity (id, issuer, pin) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, pin = excluded.pin`
)

// theIdentity is the only row of its table.
const theIdentity = int64(1)

// Identity is which center the book belongs to: by the public key that signs its
// bundles, and by what its kiosks pin.
type Identity struct{ Issuer, Pin []byte }

// Claimed tells whether the book belongs to a center already.
func (s *Store) Claimed(ctx context.Context) (known bool, err error) {
	err = s.read(ctx, "reading whose book it is", theIdentity, func(t *txn) error {
		_, known, err = t.identity()
		return err
	})
	return known, err
}

// Claim says whose book it is. The first to say so stands, and any other one is
// answered ErrOtherKeys: kiosks would not know a center that serves with other
// keys.
func (s *Store) Claim(ctx context.Context, i Identity) error {
	return s.write(ctx, "noting whose book it is", theIdentity, func(t *txn) error {
		if err := t.exec(insertIdentity, i.Issuer, i.Pin); err != nil {
			return err
		}
		stands, _, err := t.identity()
		switch {
		case err != nil:
			return err
		case !bytes.Equal(stands.Issuer, i.Issuer):
			return fmt.Errorf("%w: another key signs its bundles", ErrOtherKeys)
		case !bytes.Equal(stands.Pin, i.Pin):
			return fmt.Errorf("%w: its kiosks pin another TLS key", ErrOtherKeys)
		}
		return nil
	})
}

// Reclaim gives the book to a center with new keys, because the old ones are lost.
// Every kiosk must be enrolled again.
func (s *Store) Reclaim(ctx context.Context, i Identity) error {
	return s.write(ctx, "giving the book new keys", theIdentity, func(t *txn) error {
		return t.exec(upsertIdentity, i.Issuer, i.Pin)
	})
}

func (t *txn) identity() (i Identity, known bool, err error) {
	known, err = t.one(selectIdentity, nil, &i.Issuer, &i.Pin)
	return i, known, err
}
