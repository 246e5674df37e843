package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

var stateKey = []byte("state")

// state is the one row that every transaction reads and rewrites: how far the
// book has come, what belongs to no other row, and the sums of all buckets.
type state struct {
	Head   ledger.Head
	Totals ledger.Totals // since the last close of day
	Bundle announced     // the last bundle that an entry tells of
	Open   bool          // the documents are complete: accounts may move
	Era    string        // of the center that was heard of last, as an entry tells; "": none was
	Halt   string        // why points and stock stand still, see haltText, as an entry tells; "": they move
	Acked  uint64        // the last entry that a center has acknowledged
	// Changes counts how often documents of persons have changed since the book
	// was made: the search index says which of them it has seen.
	Changes uint64
	Sums    [buckets]sum
}

func newState(head ledger.Head) state {
	return state{Head: head, Totals: ledger.Totals{FromSeq: 1}}
}

// sum proves that a bucket is complete and as new as the state: how many rows
// it has, and the nonces of their seals, added without carry. A page that the
// disk lost or brought back from the past changes it, although every seal on
// that page is good.
type sum struct {
	Rows  int64
	Nonce [nonceBytes]byte
}

const nonceBytes = seal.Overhead - 16

// replace takes the old sealed row out, and puts the new one in. Nil is none.
func (s *sum) replace(old, sealed []byte) {
	if len(old) >= nonceBytes {
		s.toggle(old)
		s.Rows--
	}
	if sealed != nil {
		s.toggle(sealed)
		s.Rows++
	}
}

func (s *sum) toggle(sealed []byte) {
	for i := range s.Nonce {
		s.Nonce[i] ^= sealed[i]
	}
}

// encode returns the row: kiosk, hash of the head, the hash and issuer of the
// bundle, era and halt behind their lengths of two bytes, then all other numbers,
// then the sums.
func (s state) encode() []byte {
	b := make([]byte, 0, 256+len(s.Sums)*(8+nonceBytes))
	b = append(append(b, byte(len(s.Head.Kiosk))), s.Head.Kiosk...)
	b = append(append(b, s.Head.Hash[:]...), s.Bundle.Body[:]...)
	b = append(append(b, byte(len(s.Bundle.Issuer))), s.Bundle.Issuer...)
	for _, text := range []string{s.Era, s.Halt} {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(text))), text...)
	}
	t := s.Totals
	b = packInts(b, int64(s.Head.Epoch), int64(s.Head.Seq), int64(t.FromSeq), t.Reserved, t.Settled, t.Cancelled, t.Refunded,
		int64(t.Spent), int64(t.Back), int64(s.Bundle.Serial), int64(s.Acked), int64(s.Changes))
	b = append(b, 0)
	if s.Open {
		b[len(b)-1] = 1
	}
	for _, sum := range s.Sums {
		b = binary.BigEndian.AppendUint64(b, uint64(sum.Rows))
		b = append(b, sum.Nonce[:]...)
	}
	return b
}

func decodeState(b []byte) (s state, err error) {
	bad := fmt.Errorf("%w: the state", errRow)
	take := func(n int) (part []byte) {
		if n <= len(b) {
			part, b = b[:n], b[n:]
			return part
		}
		err = bad
		return make([]byte, n)
	}
	s.Head.Kiosk = string(take(int(take(1)[0])))
	copy(s.Head.Hash[:], take(len(s.Head.Hash)))
	copy(s.Bundle.Body[:], take(len(s.Bundle.Body)))
	if n := int(take(1)[0]); n > 0 {
		s.Bundle.Issuer = bytes.Clone(take(n))
	}
	for _, text := range []*string{&s.Era, &s.Halt} {
		*text = string(take(int(binary.BigEndian.Uint16(take(2)))))
	}
	if err != nil {
		return s, err
	}
	var epoch, seq, from, spent, back, serial, acked, changes int64
	t := &s.Totals
	if b, err = unpackInts(b, &epoch, &seq, &from, &t.Reserved, &t.Settled, &t.Cancelled, &t.Refunded, &spent, &back, &serial, &acked, &changes); err != nil {
		return s, bad
	}
	s.Head.Epoch, s.Head.Seq, s.Bundle.Serial = uint32(epoch), uint64(seq), uint64(serial)
	s.Acked, s.Changes = uint64(acked), uint64(changes)
	t.FromSeq, t.Spent, t.Back = uint64(from), ledger.Points(spent), ledger.Points(back)
	s.Open = take(1)[0] == 1
	if err != nil || len(b) != len(s.Sums)*(8+nonceBytes) {
		return s, bad
	}
	for i := range s.Sums {
		s.Sums[i].Rows = int64(binary.BigEndian.Uint64(b))
		b = b[8:]
		b = b[copy(s.Sums[i].Nonce[:], b):]
	}
	return s, nil
}

// equal tells whether two sums prove the same rows.
func (s sum) equal(o sum) bool { return s.Rows == o.Rows && bytes.Equal(s.Nonce[:], o.Nonce[:]) }
