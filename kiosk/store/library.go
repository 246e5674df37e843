package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"yizhan/civic"
	"yizhan/ledger"
)

// Cursors are the versions up to which documents are here durably, by scope, in
// the era of the center that was heard of last. A book that was built anew has
// lost documents and cursors together.
func (s *Store) Cursors() (era string, at map[string]uint64) {
	at = make(map[string]uint64)
	read := func(t *tx) {
		era = t.state.Era
		for r := range t.up(bCursor, nil) {
			var version int64
			if _, err := unpackInts(r.value, &version); err != nil {
				t.fail(err)
			}
			at[string(r.key)] = uint64(version)
		}
	}
	err := s.view(read)
	if errors.Is(err, ErrReadOnly) {
		clear(at)
		err = s.book.view(read) // cursors do not change with the entries that wait
	}
	if err != nil {
		return "", nil // the store has ended, and says so to everything else
	}
	return era, at
}

func (t *tx) forgetCursors() {
	var scopes [][]byte
	for r := range t.up(bCursor, nil) {
		scopes = append(scopes, append([]byte(nil), r.key...))
	}
	for _, scope := range scopes {
		t.del(bCursor, scope)
	}
}

// putCursor moves the cursor of a scope.
func (t *tx) putCursor(scope string, version uint64) error {
	if t.get(bCursor, []byte(scope)) == nil && t.state.Sums[bCursor].Rows >= maxScopes {
		return fmt.Errorf("%w: more than %d scopes", ErrInput, maxScopes)
	}
	t.put(bCursor, []byte(scope), packInts(nil, int64(version)))
	return nil
}

// raiseCursors moves the cursors of a bundle's scopes. Documents of another era
// have versions of their own.
func (t *tx) raiseCursors(h civic.BundleHeader) error {
	if h.Era != t.state.Era {
		return nil
	}
	for _, c := range h.Cursors {
		var version int64
		if t.unpack(bCursor, []byte(c.Scope), &version); uint64(version) < c.Version {
			if err := t.putCursor(c.Scope, c.Version); err != nil {
				return err
			}
		}
	}
	return nil
}

// standsAlone tells whether documents of a kiosk without a center are here, whose
// earned lines grant.
func (t *tx) standsAlone() bool {
	l := t.loaded()
	return l.Serial > 0 && l.Era == ""
}

// Apply merges documents of a center and moves the cursor of their scope in one
// durable write. Another era than before is an entry of its own, which forgets
// all cursors. An empty scope moves none: its volunteers were fetched by a card
// and are kept for some days. A document that cannot be read is an error, and
// nothing is applied. A grant counts for this epoch alone; one of another is
// passed over.
func (s *Store) Apply(ctx context.Context, era, scope string, version uint64, documents []json.RawMessage) error {
	if len(scope) > maxScopeBytes || version > civic.MaxSerial {
		return fmt.Errorf("%w: scope %q at version %d", ErrInput, scope, version)
	}
	docs := make([]civic.Document, len(documents))
	for i, raw := range documents {
		var err error
		if docs[i], err = civic.ReadDocument(raw, s.cfg.Kiosk); err != nil {
			return fmt.Errorf("%w: document %d of %q: %w", ErrInput, i, scope, err)
		}
	}
	if err := s.hearOf(ctx, era); err != nil {
		return err
	}
	if len(docs) == 0 && scope == "" {
		return nil
	}
	if err := s.take(ctx, era, scope, version, docs); err != nil {
		return err
	}
	if mappedBytes() > keepMapped {
		s.book.dropPages() // a full batch touches a page for every document
	}
	return s.foldIndex(ctx)
}

// hearOf notes the era of the center.
func (s *Store) hearOf(ctx context.Context, era string) error {
	if era == "" || len(era) > maxEraBytes || !utf8.ValidString(era) {
		return fmt.Errorf("%w: era %q", ErrInput, era)
	}
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		switch {
		case t.state.Era == era:
			return nil, nil
		case t.state.Era == "" && t.standsAlone():
			return nil, fmt.Errorf("%w: this one began without a center", ErrEpoch)
		}
		return []ledger.Body{ledger.Device{Event: ledger.DeviceEra, Text: era}}, nil
	}})
}

// take merges a batch in one transaction.
func (s *Store) take(ctx context.Context, era, scope string, version uint64, docs []civic.Document) error {
	var in intake
	var fresh []byte
	var changes uint64
	o := &op{load: func(t *tx) error {
		in = intake{byCard: scope == "", grants: true, opens: true, nowMS: s.cfg.Clock.Now().WallMS}
		if t.state.Era != era {
			return fmt.Errorf("%w: documents of era %q in era %q", ErrInput, era, t.state.Era)
		}
		for _, d := range docs {
			in.take(t, d)
		}
		fresh, changes = in.settle(t)
		if scope == "" {
			return t.err
		}
		return errors.Join(t.err, t.putCursor(scope, version))
	}}
	o.loaded = func() { o.err = s.taken(in, fresh, changes) }
	if err := s.submit(ctx, o); err != nil {
		return fmt.Errorf("taking in documents of %q up to %d: %w", scope, version, err)
	}
	return nil
}

// taken brings the caches up to what was taken in. It runs on the writer.
func (s *Store) taken(in intake, fresh []byte, changes uint64) error {
	if in.station != nil {
		s.station.Store(in.station)
	}
	s.heard.add(in.heard)
	if len(in.persons) == 0 {
		return nil
	}
	return s.reindex(fresh, in.persons, changes)
}
