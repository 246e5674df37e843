package civic

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
)

// SerialLetters is how long a serial is, without the hyphens that people read.
const SerialLetters = 16

// serials are written in Crockford's letters: none looks like another one.
var serials = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewSerial draws the serial of a certificate: 80 random bits, which nobody guesses.
func NewSerial(random io.Reader) (string, error) {
	var b [SerialLetters * 5 / 8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("drawing a serial: %w", err)
	}
	return serials.EncodeToString(b[:]), nil
}

// ParseSerial reads a serial as a person types it from paper: with or without
// hyphens and spaces, in letters of any size, O for 0 and I or L for 1.
func ParseSerial(text string) (serial string, ok bool) {
	serial = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	_, err := serials.DecodeString(serial)
	return serial, err == nil && len(serial) == SerialLetters && !strings.ContainsAny(serial, "\r\n")
}

// SerialText writes a serial in groups of four.
func SerialText(serial string) string {
	var groups []string
	for ; len(serial) > 4; serial = serial[4:] {
		groups = append(groups, serial[:4])
	}
	return strings.Join(append(groups, serial), "-")
}
