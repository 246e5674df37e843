package store

import (
	"encoding/binary"

	"yizhan/ledger"
)

// Parts stand in the tables as pairs of expiry and points, each an unsigned
// varint. Only this package writes them, from entries that were checked.

func encodeParts(parts []ledger.Part) []byte {
	b := []byte{}
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(p.Expires))
		b = binary.AppendUvarint(b, uint64(p.Points))
	}
	return b
}

func decodeParts(b []byte) ([]ledger.Part, error) {
	var parts []ledger.Part
	for len(b) > 0 {
		day, n := binary.Uvarint(b)
		if n <= 0 || day > uint64(ledger.MaxDay) {
			return nil, bug("parts with a damaged day")
		}
		points, m := binary.Uvarint(b[n:])
		if m <= 0 || points > uint64(ledger.MaxPoints) {
			return nil, bug("parts with damaged points")
		}
		parts = append(parts, ledger.Part{Expires: ledger.Day(day), Points: ledger.Points(points)})
		b = b[n+m:]
	}
	return parts, nil
}
