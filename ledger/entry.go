package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
)

// Hash is the SHA-256 of an entry's bytes.
type Hash [sha256.Size]byte

// Quality says how far the wall clock of an entry can be trusted.
type Quality uint8

// Clock qualities, from worst to best.
const (
	ClockUnknown Quality = 0 // nobody has confirmed the clock since boot
	ClockHuman   Quality = 1 // a member of staff confirmed it
	ClockSynced  Quality = 2 // the kernel says it is synchronised
)

// Entry is one link of a kiosk's chain.
type Entry struct {
	Kiosk   string  // 1 to MaxKioskID of A-Z 0-9 -
	Epoch   uint32  // from 1; a re-flashed box begins a new one
	Seq     uint64  // from 1, without gaps
	Prev    Hash    // SHA-256 of the bytes before; zero at Seq 1
	Boot    [8]byte // random, one for each start of the kernel
	MonoMS  int64   // milliseconds since that start
	WallMS  int64   // Unix milliseconds as the clock then said; never a guard
	Quality Quality
	Body    Body
}

const entryVersion = 1

// ErrEncoding is wrapped by every error of a decoder.
var ErrEncoding = errors.New("ledger: not a valid encoding")

// Encode returns the one encoding of the entry:
//
//	version(1) kind(1) kiosk(len1, ASCII) epoch(uvarint) seq(uvarint) prev(32)
//	boot(8) mono(uvarint, ms) wall(uvarint, Unix ms) quality(1) body(rest)
//
// A body is its fields in the order of the struct: ids and keys as they are,
// numbers as uvarints in their shortest form (a stock's Delta as a varint),
// texts and blobs behind their length in bytes, enumerations and booleans as
// one byte, parts behind their count as pairs of expiry and points. The last byte of
// a reservation has two bits, Shelf and whether Until follows.
//
// It fails when a field is outside its limits; the error names the field.
func (e Entry) Encode() ([]byte, error) {
	if e.Body == nil {
		return nil, fmt.Errorf("%w: no body", ErrEncoding)
	}
	w := &writer{}
	w.byte(entryVersion)
	w.byte(byte(e.Body.Kind()))
	w.kiosk(e.Kiosk)
	w.positive("epoch", int64(e.Epoch), math.MaxUint32)
	w.seq("seq", e.Seq)
	w.raw(e.Prev[:])
	w.raw(e.Boot[:])
	w.int("mono", e.MonoMS, maxMillis)
	w.int("wall", e.WallMS, maxMillis)
	w.oneOf("quality", byte(e.Quality), byte(ClockUnknown), byte(ClockSynced))
	e.Body.encode(w)
	if len(w.b) > MaxEntryBytes {
		w.fail("entry", "is longer than its limit")
	}
	if w.err != nil {
		return nil, w.err
	}
	return w.b, nil
}

// DecodeEntry reads what Encode writes, and nothing else: every entry has one
// encoding, and any other bytes are an error that wraps ErrEncoding.
func DecodeEntry(b []byte) (Entry, error) {
	if len(b) > MaxEntryBytes {
		return Entry{}, fmt.Errorf("%w: %d bytes, at most %d", ErrEncoding, len(b), MaxEntryBytes)
	}
	r := &reader{b: b}
	if v := r.byte(); r.err == nil && v != entryVersion {
		return Entry{}, fmt.Errorf("%w: version %d", ErrEncoding, v)
	}
	kind := Kind(r.byte())
	e := Entry{
		Kiosk:   r.kiosk(),
		Epoch:   uint32(r.positive("epoch", math.MaxUint32)),
		Seq:     r.seq("seq"),
		Prev:    r.hash(),
		Boot:    r.boot(),
		MonoMS:  r.int("mono", maxMillis),
		WallMS:  r.int("wall", maxMillis),
		Quality: Quality(r.oneOf("quality", byte(ClockUnknown), byte(ClockSynced))),
		Body:    r.body(kind),
	}
	if err := r.end(); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// HashOf returns the hash that the next entry carries as Prev.
func HashOf(encoded []byte) Hash { return sha256.Sum256(encoded) }
