package printer

import (
	"fmt"
)

// Pieces is Encode cut at places where the printer stands between two commands and
// between two lines, so that a real-time status request may be sent in between: it
// lands in no picture, no QR code, no character and no line. The pieces joined are
// what Encode returns. Short rows come together in pieces of at most MaxChunkBytes;
// a piece that is longer is one command, a band of a picture as a rule.
func Pieces(s Slip, p Profile) ([][]byte, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("encoding a slip: %w", err)
	}
	rows, err := layout(s, p)
	if err != nil {
		return nil, fmt.Errorf("encoding a slip: %w", err)
	}
	e := newEncoder(p)
	for _, r := range rows {
		if err := e.row(r); err != nil {
			return nil, fmt.Errorf("encoding a slip: %w", err)
		}
		e.rest()
	}
	return e.pieces(), nil
}

// rest says that the printer stands between commands and lines here.
func (e *encoder) rest() {
	if n := e.out.Len(); len(e.rests) == 0 || e.rests[len(e.rests)-1] < n {
		e.rests = append(e.rests, n)
	}
}

// pieces cuts what has been written at resting places, as few as chunks allow.
func (e *encoder) pieces() [][]byte {
	e.rest()
	out := e.out.Bytes()
	var pieces [][]byte
	start, last := 0, 0
	for _, at := range e.rests {
		if at-start > MaxChunkBytes && last > start {
			pieces = append(pieces, out[start:last:last])
			start = last
		}
		last = at
	}
	return append(pieces, out[start:last:last])
}
