package ledger

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// writer builds an encoding and keeps the first thing that was out of range.
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

func (w *writer) small(field string, v, limit uint8) {
	if v > limit {
		w.fail(field, "is not known")
	}
	w.byte(v)
}

func (w *writer) int(field string, v, limit int64) {
	if v < 0 || v > limit {
		w.fail(field, "is out of range")
	}
	w.b = binary.AppendUvarint(w.b, uint64(v))
}

func (w *writer) signed(field string, v, limit int64) {
	if v < -limit || v > limit {
		w.fail(field, "is out of range")
	}
	w.b = binary.AppendVarint(w.b, v)
}

func (w *writer) positive(field string, v, limit uint64) {
	if v < 1 || v > limit {
		w.fail(field, "is out of range")
	}
	w.b = binary.AppendUvarint(w.b, v)
}

func (w *writer) text(field, s string, limit int) {
	if len(s) > limit || !utf8.ValidString(s) {
		w.fail(field, "is too long or not UTF-8")
	}
	w.b = binary.AppendUvarint(w.b, uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) kiosk(s string) {
	if !ValidKiosk(s) {
		w.fail("kiosk", "is not 1 to 16 of A-Z 0-9 -")
	}
	w.text("kiosk", s, MaxKioskID)
}

func (w *writer) parts(parts []Part) {
	if len(parts) == 0 || len(parts) > MaxParts {
		w.fail("parts", "are none or too many")
	}
	w.byte(byte(len(parts)))
	last := Day(-1)
	for _, p := range parts {
		if p.Expires <= last {
			w.fail("parts", "are not in order of expiry")
		}
		last = p.Expires
		w.int("expiry", int64(p.Expires), int64(MaxDay))
		w.positive("points", uint64(p.Points), uint64(MaxPoints))
	}
}

// ValidKiosk tells whether s can name a kiosk: 1 to MaxKioskID of A-Z 0-9 -.
func ValidKiosk(s string) bool {
	if len(s) == 0 || len(s) > MaxKioskID {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

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

func (r *reader) small(field string, limit uint8) uint8 {
	v := r.byte()
	if v > limit {
		r.fail(field, "is not known")
		return 0
	}
	return v
}

// uvarint reads the shortest form only, so that a number has one encoding.
func (r *reader) uvarint(field string) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || (n > 1 && r.b[n-1] == 0) {
		r.fail(field, "is not a number in its shortest form")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int(field string, limit int64) int64 {
	v := r.uvarint(field)
	if v > uint64(limit) {
		r.fail(field, "is out of range")
		return 0
	}
	return int64(v)
}

func (r *reader) signed(field string, limit int64) int64 {
	u := r.uvarint(field)
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

func (r *reader) positive(field string, limit uint64) uint64 {
	v := r.uvarint(field)
	if r.err == nil && (v < 1 || v > limit) {
		r.fail(field, "is out of range")
		return 0
	}
	return v
}

func (r *reader) text(field string, limit int) string {
	n := r.int(field, int64(limit))
	s := string(r.raw(int(n)))
	if !utf8.ValidString(s) {
		r.fail(field, "is not UTF-8")
		return ""
	}
	return s
}

func (r *reader) kiosk() string {
	s := r.text("kiosk", MaxKioskID)
	if r.err == nil && !ValidKiosk(s) {
		r.fail("kiosk", "is not 1 to 16 of A-Z 0-9 -")
	}
	return s
}

func (r *reader) parts() []Part {
	n := int(r.byte())
	if r.err != nil || n == 0 || n > MaxParts {
		r.fail("parts", "are none or too many")
		return nil
	}
	parts := make([]Part, 0, n)
	last := Day(-1)
	for range n {
		p := Part{Day(r.int("expiry", int64(MaxDay))), Points(r.positive("points", uint64(MaxPoints)))}
		if r.err == nil && p.Expires <= last {
			r.fail("parts", "are not in order of expiry")
		}
		last = p.Expires
		parts = append(parts, p)
	}
	return parts
}

func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail("entry", "has bytes after its end")
	}
	return r.err
}
