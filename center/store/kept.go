package store

import (
	"context"
	"fmt"
)

const (
	upsertKept  = `INSERT INTO kept (officer, id, body, made_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (officer, id) DO UPDATE SET body = excluded.body, made_ms = excluded.made_ms`
	selectKept  = `SELECT body, made_ms FROM kept WHERE officer = $1 AND id = $2`
	listKept    = `SELECT id FROM kept WHERE officer = $1 ORDER BY made_ms DESC, id LIMIT 100`
	deleteKept  = `DELETE FROM kept WHERE officer = $1 AND id = $2`
	forgetKept  = `DELETE FROM kept WHERE officer = $1 AND made_ms < $2`
	scatterKept = `SELECT DISTINCT officer FROM kept WHERE made_ms < $1 LIMIT $2`
)

// Keep keeps what an officer typed in a form that could not be taken, as the caller
// sealed it. The oldest of too many go.
func (s *Store) Keep(ctx context.Context, officer, id string, sealed []byte) error {
	if officer == "" || len(id) != 16 || len(sealed) > MaxKeptBytes {
		return fmt.Errorf("%w: a form of %d bytes", ErrInput, len(sealed))
	}
	return s.write(ctx, "keeping a form", officer, func(t *txn) error {
		if err := t.change(upsertKept, id, sealed, s.now()); err != nil {
			return err
		}
		var ids []string
		err := t.each(listKept, nil, func(rows scanner) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		for _, old := range ids[min(len(ids), MaxKept):] {
			if err := t.change(deleteKept, old); err != nil {
				return err
			}
		}
		return err
	})
}

// Kept returns what was kept, for KeptFor, or ErrUnknown.
func (s *Store) Kept(ctx context.Context, officer, id string) (sealed []byte, err error) {
	err = s.read(ctx, "reading a form", officer, func(t *txn) error {
		var made int64
		found, err := t.one(selectKept, []any{id}, &sealed, &made)
		if err == nil && (!found || s.now()-made > KeptFor.Milliseconds()) {
			err = fmt.Errorf("%w: form %q", ErrUnknown, id)
		}
		return err
	})
	return sealed, err
}
