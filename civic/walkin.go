package civic

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"yizhan/ledger"
)

// walkInPrefix begins the text of a walk-in's slip.
const walkInPrefix = "YZW1:"

// WalkIn is what the slip of somebody says who checked in without a card: the shift, and
// the number that the kiosk drew. Whoever holds the slip checks out by it, and an officer
// finds by it whose the time is. The number is 80 random bits, which is proof enough of
// somebody who has no points yet.
type WalkIn struct{ Shift, Who ledger.ID }

func (w WalkIn) check() [2]byte {
	sum := sha256.Sum256(append(append([]byte("yizhan walk-in check v1"), w.Shift[:]...), w.Who[:]...))
	return [2]byte(sum[:2])
}

// Text returns what the slip's QR code says: 41 characters, all in QR's small
// alphanumeric mode.
func (w WalkIn) Text() string {
	check := w.check()
	return walkInPrefix + cardText.EncodeToString(append(append(w.Shift[:], w.Who[:]...), check[:]...))
}

// IsWalkIn tells the text of such a slip from anything else scanned.
func IsWalkIn(text string) bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), walkInPrefix)
}

// ParseWalkIn reads a scanned slip, as ParseCard does a card: ErrCode.
func ParseWalkIn(text string) (w WalkIn, err error) {
	text, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), walkInPrefix)
	if !ok {
		return w, ErrCode
	}
	b, err := cardText.DecodeString(text)
	if err != nil || len(b) != 22 || cardText.EncodeToString(b) != text {
		return w, fmt.Errorf("%w: it was read wrongly", ErrCode)
	}
	w = WalkIn{Shift: ledger.ID(b[:10]), Who: ledger.ID(b[10:20])}
	if w.check() != [2]byte(b[20:]) || w.Shift.IsZero() || w.Who.IsZero() {
		return WalkIn{}, fmt.Errorf("%w: it was read wrongly", ErrCode)
	}
	return w, nil
}
