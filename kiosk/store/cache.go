package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"yizhan/civic"
)

// makeIndex reads all documents of persons. Only LoadBundle changes those, and
// it waits for us.
func (s *Store) makeIndex() (block []byte, err error) {
	err = s.view(func(t *tx) {
		var x indexer
		for r := range t.up(bVolunteer, nil) {
			var v indexed
			if err := json.Unmarshal(r.value, &v); err != nil {
				t.fail(fmt.Errorf("indexing a volunteer: %w", err))
			}
			x.volunteer(v)
		}
		for r := range t.up(bStaff, nil) {
			var v civic.Staff
			if err := json.Unmarshal(r.value, &v); err != nil {
				t.fail(fmt.Errorf("indexing staff: %w", err))
			}
			x.person(v.ID, v.Cards)
		}
		block = x.block()
	})
	return block, err
}

// putIndex writes the index in chunks, and drops those of a longer one before.
func (t *tx) putIndex(block []byte) {
	n := uint32(0)
	for ; len(block) > 0; n++ {
		size := min(len(block), chunkBytes)
		t.put(bIndex, binary.BigEndian.AppendUint32(nil, n), block[:size])
		block = block[size:]
	}
	for ; t.get(bIndex, binary.BigEndian.AppendUint32(nil, n)) != nil; n++ {
		t.del(bIndex, binary.BigEndian.AppendUint32(nil, n))
	}
}

// readCaches reads what the store holds in memory: index and station.
func (s *Store) readCaches() error {
	var block []byte
	station := &civic.Station{}
	err := s.book.view(func(t *tx) {
		block = make([]byte, 0, t.state.Sums[bIndex].Rows*chunkBytes)
		for r := range t.up(bIndex, nil) {
			block = append(block, r.value...)
		}
		t.document(bStation, stationKey, station)
	})
	if err != nil {
		return err
	}
	x, err := parseIndex(block)
	if err != nil {
		return err
	}
	s.index.Store(x)
	s.station.Store(station)
	return nil
}
