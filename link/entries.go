package link

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"yizhan/ledger"
)

// Entries carries a stretch of a journal, and the kiosk's signature of the head
// that it ends at. Its body is
//
//	first(uvarint) signature(64) count(uvarint) count times: length(uvarint) entry
type Entries struct {
	First     uint64
	Signature []byte
	Entries   [][]byte
}

// Kind returns KindEntries.
func (Entries) Kind() Kind { return KindEntries }

func (e Entries) check() error {
	if e.First == 0 || len(e.Signature) != ed25519.SignatureSize || len(e.Entries) == 0 || len(e.Entries) > MaxEntries {
		return fmt.Errorf("%d entries from %d, signed by %d bytes", len(e.Entries), e.First, len(e.Signature))
	}
	total := 0
	for _, b := range e.Entries {
		if len(b) == 0 || len(b) > ledger.MaxEntryBytes {
			return fmt.Errorf("an entry of %d bytes", len(b))
		}
		total += len(b)
	}
	if total > MaxEntriesBytes {
		return fmt.Errorf("%d bytes of entries", total)
	}
	return nil
}

func (e Entries) encode() []byte {
	b := binary.AppendUvarint([]byte{byte(KindEntries)}, e.First)
	b = append(b, e.Signature...)
	b = binary.AppendUvarint(b, uint64(len(e.Entries)))
	for _, entry := range e.Entries {
		b = binary.AppendUvarint(b, uint64(len(entry)))
		b = append(b, entry...)
	}
	return b
}

var errShort = errors.New("it breaks off")

func decodeEntries(body []byte) (Frame, error) {
	var e Entries
	rest := body
	number := func() uint64 {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			rest = nil
			return 0
		}
		rest = rest[n:]
		return v
	}
	e.First = number()
	if len(rest) < ed25519.SignatureSize {
		return nil, errShort
	}
	e.Signature, rest = rest[:ed25519.SignatureSize], rest[ed25519.SignatureSize:]
	count := number()
	if count > MaxEntries {
		return nil, fmt.Errorf("%d entries", count)
	}
	for range count {
		size := number()
		if size > uint64(len(rest)) {
			return nil, errShort
		}
		e.Entries, rest = append(e.Entries, rest[:size]), rest[size:]
	}
	if again := e.encode(); !bytes.Equal(again[1:], body) {
		return nil, errors.New("bytes left over, or a number written too long")
	}
	return e, nil
}
