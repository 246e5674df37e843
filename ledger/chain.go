package ledger

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
)

// Why an entry cannot follow a head.
var (
	// ErrFork: two different entries claim the same place in a chain, so
	// somebody copied or altered a box.
	ErrFork = errors.New("ledger: another entry already stands at this number")
	// ErrGap: entries are missing in between; they may still come.
	ErrGap = errors.New("ledger: entries before this one are missing")
	// ErrForeign: the entry is of another kiosk or epoch.
	ErrForeign = errors.New("ledger: the entry belongs to another chain")
)

// Head is the end of a chain: the number and hash of its last entry. Seq 0
// with a zero hash is a chain with no entry yet.
type Head struct {
	Kiosk string
	Epoch uint32
	Seq   uint64
	Hash  Hash
}

// Next checks that the encoded entry is the one after the head and returns the
// new head. An entry further on answers ErrGap; one at or before the head, or
// with another past, ErrFork: a head alone cannot tell a duplicate from a
// forgery, so the caller first drops the entries whose hash it knows.
func (h Head) Next(encoded []byte) (Head, Entry, error) {
	e, err := DecodeEntry(encoded)
	if err != nil {
		return h, e, err
	}
	switch {
	case e.Kiosk != h.Kiosk || e.Epoch != h.Epoch:
		return h, e, fmt.Errorf("%w: %s epoch %d, not %s epoch %d", ErrForeign, e.Kiosk, e.Epoch, h.Kiosk, h.Epoch)
	case e.Seq > h.Seq+1:
		return h, e, fmt.Errorf("%w: entry %d after %d", ErrGap, e.Seq, h.Seq)
	case e.Seq <= h.Seq || e.Prev != h.Hash:
		return h, e, fmt.Errorf("%w: entry %d after %d", ErrFork, e.Seq, h.Seq)
	}
	return Head{e.Kiosk, e.Epoch, e.Seq, HashOf(encoded)}, e, nil
}

// signed is what a signature of the head covers.
func (h Head) signed() []byte {
	b := append([]byte("yizhan head v1\n"), h.Kiosk...)
	b = append(b, '\n')
	b = binary.BigEndian.AppendUint32(b, h.Epoch)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	return append(b, h.Hash[:]...)
}

// Sign returns the kiosk's signature of its head, 64 bytes.
func (h Head) Sign(key ed25519.PrivateKey) []byte { return ed25519.Sign(key, h.signed()) }

// Verify tells whether sig is the signature of the head by key.
func (h Head) Verify(key ed25519.PublicKey, sig []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, h.signed(), sig)
}
