package civic

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"yizhan/ledger"
)

// A card's QR code is cardPrefix, 16 secret bytes and 2 bytes of check in
// base32: 35 characters, all in QR's small alphanumeric mode.
const cardPrefix = "YZC1:"

// ErrCard means that a scanned text is not one of our cards.
var ErrCard = errors.New("civic: not a volunteer card")

// CardSecret is the random 128 bits printed on a card. Whoever holds it holds
// the card; it is stored nowhere but on the card.
type CardSecret [16]byte

// CardID is what a kiosk knows of a card: a hash from which the secret cannot
// be found.
type CardID [16]byte

// NewCard draws a card's secret from random.
func NewCard(random io.Reader) (CardSecret, error) {
	var s CardSecret
	if _, err := io.ReadFull(random, s[:]); err != nil {
		return s, fmt.Errorf("drawing a card: %w", err)
	}
	return s, nil
}

var cardText = base32.StdEncoding.WithPadding(base32.NoPadding)

// check guards against a scanner or keyboard that drops or swaps characters.
func (s CardSecret) check() [2]byte {
	sum := sha256.Sum256(append([]byte("yizhan card check v1"), s[:]...))
	return [2]byte(sum[:2])
}

// Text returns what the card's QR code says.
func (s CardSecret) Text() string {
	check := s.check()
	return cardPrefix + cardText.EncodeToString(append(s[:], check[:]...))
}

// ID returns the hash by which a kiosk knows the card.
func (s CardSecret) ID() CardID {
	sum := sha256.Sum256(append([]byte("yizhan card v1"), s[:]...))
	return CardID(sum[:16])
}

// ParseCard reads a scanned text. Letter case and white space around it don't
// matter, because scanners in keyboard mode change them.
func ParseCard(text string) (CardSecret, error) {
	text, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), cardPrefix)
	if !ok {
		return CardSecret{}, ErrCard
	}
	b, err := cardText.DecodeString(text)
	if err != nil || len(b) != 18 || cardText.EncodeToString(b) != text {
		return CardSecret{}, fmt.Errorf("%w: it was read wrongly", ErrCard)
	}
	s := CardSecret(b[:16])
	if s.check() != [2]byte(b[16:]) {
		return CardSecret{}, fmt.Errorf("%w: it was read wrongly", ErrCard)
	}
	return s, nil
}

// Stranger is the id under which whoever holds a card that nobody knows stands on a
// roster, at a kiosk and at the center, until the card is somebody's.
func (id CardID) Stranger() ledger.ID {
	sum := sha256.Sum256(append([]byte("yizhan stranger v1"), id[:]...))
	return ledger.ID(sum[:len(ledger.ID{})])
}

// MarshalText writes the id in hexadecimal.
func (id CardID) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(id[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (id *CardID) UnmarshalText(b []byte) error { return unhex(id[:], b) }

// unhex fills dst from its hexadecimal form, which must fit exactly.
func unhex(dst, text []byte) error {
	if len(text) != hex.EncodedLen(len(dst)) {
		return fmt.Errorf("civic: %d hexadecimal digits, want %d", len(text), hex.EncodedLen(len(dst)))
	}
	if _, err := hex.Decode(dst, text); err != nil {
		return fmt.Errorf("civic: %w", err)
	}
	return nil
}
