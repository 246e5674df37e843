package ledger

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// writer builds an encoding and keeps the first thing that was out of range.
// Each method has its counterpart in reader, which holds the same limits.
type writer struct {
	b   []byte
	err error
}

func (w *writer) fail(field, why string) {
	if w.err == nil {
		w.err = fmt.Errorf("%w: %s %s", ErrEncoding, field, why)
	}
}

func (w *writer) byte(v byte)  { w.b = append(w.b, v) }
func (w *writer) raw(v []byte) { w.b = append(w.b, v...) }

func (w *writer) bool(v bool) {
	if v {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

// oneOf writes one of the values first to last of an enumeration.
func (w *writer) oneOf(field string, v, first, last byte) {
	if v < first || v > last {
		w.fail(field, "is not known")
	}
	w.byte(v)
}

// int writes 0 to limit. Seen as unsigned, a negative number is beyond any limit.
func (w *writer) int(field string, v, limit int64) { w.uvarint(field, uint64(v), 0, uint64(limit)) }

// positive writes 1 to limit.
func (w *writer) positive(field string, v, limit int64) {
	w.uvarint(field, uint64(v), 1, uint64(limit))
}

// seq writes the number of an entry.
func (w *writer) seq(field string, v uint64) { w.uvarint(field, v, 1, maxSeq) }

func (w *writer) uvarint(field string, v, first, last uint64) {
	if v < first || v > last {
		w.fail(field, "is out of range")
	}
	w.b = binary.AppendUvarint(w.b, v)
}

// signed writes -limit to limit.
func (w *writer) signed(field string, v, limit int64) {
	if v < -limit || v > limit {
		w.fail(field, "is out of range")
	}
	w.b = binary.AppendVarint(w.b, v)
}

func (w *writer) blob(field string, v []byte, limit int) {
	w.int(field, int64(len(v)), int64(limit))
	w.raw(v)
}

func (w *writer) text(field, s string, limit int) {
	if !utf8.ValidString(s) {
		w.fail(field, "is not UTF-8")
	}
	w.blob(field, []byte(s), limit)
}

func (w *writer) kiosk(s string) {
	if !ValidKiosk(s) {
		w.fail("kiosk", "is not 1 to 16 of A-Z 0-9 -")
	}
	w.text("kiosk", s, MaxKioskID)
}

func (w *writer) good(code string) {
	if !ValidGood(code) {
		w.fail("good", "is not 1 to 24 of A-Z a-z 0-9 - _ .")
	}
	w.text("good", code, MaxGoodCode)
}

// parts writes 1 to MaxParts parts, the earliest expiry first, each once.
func (w *writer) parts(parts []Part) {
	w.positive("number of parts", int64(len(parts)), MaxParts)
	last := Day(-1)
	for _, p := range parts {
		if p.Expires <= last {
			w.fail("parts", "are not in order of expiry")
		}
		last = p.Expires
		w.int("expiry", int64(p.Expires), int64(MaxDay))
		w.positive("points", int64(p.Points), int64(MaxPoints))
	}
}
