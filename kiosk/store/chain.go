package store

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// Head is the last durable entry, and the number of the last one that a center
// has acknowledged.
func (s *Store) Head() (last ledger.Head, acked uint64) { return *s.durable.Load(), s.acked.Load() }

// Signing is the key that this kiosk signs the heads of its chains with.
func (s *Store) Signing() ed25519.PrivateKey { return s.keys.Signing() }

// Since returns durable entries after seq, in order: as many as there are, up to
// both limits, and at least one when there is one.
func (s *Store) Since(ctx context.Context, seq uint64, entries, bytes int) (list [][]byte, err error) {
	take := func(raw []byte) bool {
		if bytes -= len(raw); len(list) >= max(entries, 1) || len(list) > 0 && bytes < 0 {
			return false
		}
		list = append(list, raw)
		return ctx.Err() == nil
	}
	err = s.view(func(t *tx) {
		for n := seq + 1; ; n++ {
			if raw := t.get(bEntry, seqKey(n)); raw == nil || !take(raw) {
				return
			}
		}
	})
	if errors.Is(err, ErrReadOnly) { // the book cannot follow; the journal has them all the same
		err = s.journalSince(seq, take)
	}
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, fmt.Errorf("reading entries after %d: %w", seq, err)
	}
	return list, nil
}

func (s *Store) journalSince(seq uint64, take func([]byte) bool) error {
	s.mu.Lock()
	j := s.journal
	s.mu.Unlock()
	err := j.Read(seq+1, func(_ uint64, raw []byte) error {
		if !take(append([]byte(nil), raw...)) {
			return errBatch
		}
		return nil
	})
	if errors.Is(err, errBatch) {
		return nil
	}
	return err
}

// Acknowledged keeps what the center has. A higher number rides on the next
// commit; a lower one, of a center that was restored, is durable when it
// returns. A number that is lost with the book is heard again.
func (s *Store) Acknowledged(ctx context.Context, seq uint64) error {
	if s.acked.Swap(seq) <= seq {
		return nil
	}
	return s.submit(ctx, &op{load: func(*tx) error { return nil }})
}

// hearTaken takes a bundle's word for what the center has of this chain, as far as
// that is the entry that stands here. It never takes an acknowledgement back.
func (s *Store) hearTaken(ctx context.Context, h civic.BundleHeader) error {
	if h.Taken == nil || h.Taken.Seq <= s.acked.Load() {
		return nil
	}
	same := false
	err := s.view(func(t *tx) {
		raw := t.get(bEntry, seqKey(h.Taken.Seq))
		same = raw != nil && h.Era == t.state.Era && ledger.HashOf(raw) == ledger.Hash(h.Taken.Hash)
	})
	if err != nil || !same {
		return err
	}
	if err := s.Acknowledged(ctx, h.Taken.Seq); err != nil {
		return err
	}
	return s.submit(ctx, &op{load: func(*tx) error { return nil }}) // durably: the next stick may be a week away
}
