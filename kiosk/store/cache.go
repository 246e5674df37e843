package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// makeIndex reads all documents of persons, and tells which of their changes it
// has seen.
func (s *Store) makeIndex() (block []byte, changes uint64, err error) {
	err = s.view(func(t *tx) {
		var x indexer
		for r := range t.up(bVolunteer, nil) {
			x.volunteer(parsePerson[indexed](t, r.value))
		}
		for r := range t.up(bStaff, nil) {
			staff := parsePerson[indexed](t, r.value)
			x.person(staff.ID, staff.Cards)
		}
		block, changes = x.block(), t.state.Changes
	})
	return block, changes, err
}

func parsePerson[T any](t *tx, raw []byte) (v T) {
	if err := json.Unmarshal(raw, &v); err != nil {
		t.fail(fmt.Errorf("indexing a person: %w", err))
	}
	return v
}

// putIndex writes an index that has seen some changes in chunks, drops those of
// a longer one before, and forgets who changed until then.
func (t *tx) putIndex(block []byte, changes uint64) {
	n := uint32(0)
	for ; len(block) > 0; n++ {
		size := min(len(block), chunkBytes)
		t.put(bIndex, binary.BigEndian.AppendUint32(nil, n), block[:size])
		block = block[size:]
	}
	for ; t.get(bIndex, binary.BigEndian.AppendUint32(nil, n)) != nil; n++ {
		t.del(bIndex, binary.BigEndian.AppendUint32(nil, n))
	}
	var seen [][]byte
	for r := range t.up(bStale, nil) {
		var at int64
		if _, err := unpackInts(r.value, &at); err != nil {
			t.fail(err)
		}
		if uint64(at) <= changes {
			seen = append(seen, bytes.Clone(r.key))
		}
	}
	for _, key := range seen {
		t.del(bStale, key)
	}
}

// markStale notes that the index in the book is wrong about a person.
func (t *tx) markStale(id ledger.ID) {
	t.put(bStale, id[:], packInts(nil, int64(t.state.Changes)))
}

// fresh packs what the documents say now of some persons.
func (t *tx) fresh(ids []ledger.ID) []byte {
	var x indexer
	for _, id := range ids {
		if raw := t.get(bVolunteer, id[:]); raw != nil {
			x.volunteer(parsePerson[indexed](t, raw))
		}
	}
	for _, id := range ids {
		if raw := t.get(bStaff, id[:]); raw != nil {
			staff := parsePerson[indexed](t, raw)
			x.person(staff.ID, staff.Cards)
		}
	}
	return x.block()
}

// readCaches reads what the store holds in memory: index and station.
func (s *Store) readCaches() error {
	var block, fresh []byte
	var stale []ledger.ID
	station, x := &civic.Station{}, &index{}
	err := s.book.view(func(t *tx) {
		block = make([]byte, 0, t.state.Sums[bIndex].Rows*chunkBytes)
		for r := range t.up(bIndex, nil) {
			block = append(block, r.value...)
		}
		for r := range t.up(bStale, nil) {
			stale = append(stale, ledger.ID(r.key))
		}
		fresh, x.changes = t.fresh(stale), t.state.Changes
		t.document(bStation, stationKey, station)
	})
	if err != nil {
		return err
	}
	base, err1 := parseIndex(block)
	now, err2 := parseIndex(fresh)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	x.base, x.fresh = base, &packed{}
	if x, err = x.with(now, stale, x.changes); err != nil {
		return err
	}
	s.index.Store(x)
	s.station.Store(station)
	return nil
}

// reindex takes changed persons into the index in memory. It runs on the
// writer, after the commit.
func (s *Store) reindex(fresh []byte, ids []ledger.ID, changes uint64) error {
	now, err := parseIndex(fresh)
	if err != nil {
		return err
	}
	x, err := s.index.Load().with(now, ids, changes)
	if err == nil {
		s.index.Store(x)
	}
	return err
}

// foldIndex writes an index without fresh persons into the book when there are
// many of them: searching them takes time, and so does a start.
func (s *Store) foldIndex(ctx context.Context) error {
	if len(s.index.Load().hidden) < maxFresh || !s.loading.TryLock() {
		return nil // a bundle makes the whole index anew
	}
	defer s.loading.Unlock()
	x := s.index.Load()
	block := x.whole()
	base, err := parseIndex(block)
	if err != nil {
		return err
	}
	done := false
	o := &op{load: func(t *tx) error {
		if done = t.state.Changes == x.changes; done { // else somebody was faster, and the next folds
			t.putIndex(block, x.changes)
		}
		return nil
	}}
	o.loaded = func() {
		if done {
			s.index.Store(&index{base: base, fresh: &packed{}, changes: x.changes})
		}
	}
	return s.submit(ctx, o)
}
