package ledger

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// reader takes an encoding apart and keeps the first thing that was wrong.
// After an error every method answers zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(field, why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s %s", ErrEncoding, field, why)
	}
	r.b = nil
}

// raw answers n bytes of the encoding itself, not a copy; nil after an error.
func (r *reader) raw(n int) []byte {
	if n > len(r.b) {
		r.fail("entry", "is cut short")
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if v := r.raw(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) boot() (b [8]byte)     { copy(b[:], r.raw(len(b))); return b }
func (r *reader) key() (k Key)          { copy(k[:], r.raw(len(k))); return k }
func (r *reader) id() (id ID)           { copy(id[:], r.raw(len(id))); return id }
func (r *reader) bytes16() (b [16]byte) { copy(b[:], r.raw(len(b))); return b }
func (r *reader) hash() (h Hash)        { copy(h[:], r.raw(len(h))); return h }

func (r *reader) bool(field string) bool { return r.oneOf(field, 0, 1) == 1 }

func (r *reader) oneOf(field string, first, last byte) byte {
	v := r.byte()
	if v < first || v > last {
		r.fail(field, "is not known")
		return 0
	}
	return v
}

func (r *reader) int(field string, limit int64) int64 {
	return int64(r.uvarint(field, 0, uint64(limit)))
}

func (r *reader) positive(field string, limit int64) int64 {
	return int64(r.uvarint(field, 1, uint64(limit)))
}

func (r *reader) seq(field string) uint64 { return r.uvarint(field, 1, maxSeq) }

func (r *reader) uvarint(field string, first, last uint64) uint64 {
	v := r.shortest(field)
	if v < first || v > last {
		r.fail(field, "is out of range")
		return 0
	}
	return v
}

// shortest reads a number in its shortest form only, so that it has one
// encoding.
func (r *reader) shortest(field string) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || (n > 1 && r.b[n-1] == 0) {
		r.fail(field, "is not a number in its shortest form")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) signed(field string, limit int64) int64 {
	u := r.shortest(field)
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	if v < -limit || v > limit {
		r.fail(field, "is out of range")
		return 0
	}
	return v
}

// blob answers a copy, and nil for no bytes.
func (r *reader) blob(field string, limit int) []byte {
	return append([]byte(nil), r.raw(int(r.int(field, int64(limit))))...)
}

func (r *reader) text(field string, limit int) string {
	s := string(r.raw(int(r.int(field, int64(limit)))))
	if !utf8.ValidString(s) {
		r.fail(field, "is not UTF-8")
		return ""
	}
	return s
}

func (r *reader) kiosk() string {
	s := r.text("kiosk", MaxKioskID)
	if !ValidKiosk(s) {
		r.fail("kiosk", "is not 1 to 16 of A-Z 0-9 -")
	}
	return s
}

func (r *reader) good() string {
	s := r.text("good", MaxGoodCode)
	if !ValidGood(s) {
		r.fail("good", "is not 1 to 24 of A-Z a-z 0-9 - _ .")
	}
	return s
}

func (r *reader) parts() []Part {
	var parts []Part
	last := Day(-1)
	for range r.positive("number of parts", MaxParts) {
		p := Part{Day(r.int("expiry", int64(MaxDay))), Points(r.positive("points", int64(MaxPoints)))}
		if p.Expires <= last {
			r.fail("parts", "are not in order of expiry")
		}
		last = p.Expires
		parts = append(parts, p)
	}
	return parts
}

// end answers the first error, bytes left over being the last that can happen.
func (r *reader) end() error {
	if len(r.b) > 0 {
		r.fail("entry", "has bytes after its end")
	}
	return r.err
}
