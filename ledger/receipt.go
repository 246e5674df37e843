package ledger

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// receiptPrefix begins every receipt's QR text and names its version. Prefix
// and base32 keep the QR code in its small alphanumeric mode.
const receiptPrefix = "YZ1:"

// ErrReceipt means that a receipt's text is not one of ours, or that its
// signature is not the kiosk's.
var ErrReceipt = errors.New("ledger: not a genuine receipt")

// SignReceipt returns the text of a receipt's QR code: the encoded entry and
// the kiosk's signature of the head that the entry made.
func SignReceipt(encoded []byte, key ed25519.PrivateKey) (string, error) {
	e, err := DecodeEntry(encoded)
	if err != nil {
		return "", fmt.Errorf("signing a receipt: %w", err)
	}
	sig := Head{e.Kiosk, e.Epoch, e.Seq, HashOf(encoded)}.Sign(key)
	return receiptPrefix + idText.EncodeToString(append(encoded[:len(encoded):len(encoded)], sig...)), nil
}

// IsReceipt tells a receipt's QR text from a card's or anything else scanned.
func IsReceipt(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), receiptPrefix) }

// ReadReceipt takes a receipt's QR text apart without judging its signature.
func ReadReceipt(text string) (entry Entry, encoded, sig []byte, err error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(text), receiptPrefix)
	if !ok {
		return Entry{}, nil, nil, fmt.Errorf("%w: it does not begin with %s", ErrReceipt, receiptPrefix)
	}
	if len(text) > idText.EncodedLen(MaxEntryBytes+ed25519.SignatureSize) {
		return Entry{}, nil, nil, fmt.Errorf("%w: it is too long", ErrReceipt)
	}
	b, err := idText.DecodeString(text)
	end := len(b) - ed25519.SignatureSize
	if err != nil || end < 0 {
		return Entry{}, nil, nil, fmt.Errorf("%w: it is damaged or cut short", ErrReceipt)
	}
	// One text for each value: base32 would let pass line ends, and bits other
	// than zero after the last byte.
	if idText.EncodeToString(b) != text {
		return Entry{}, nil, nil, fmt.Errorf("%w: it is damaged", ErrReceipt)
	}
	encoded, sig = b[:end], b[end:]
	entry, err = DecodeEntry(encoded)
	if err != nil {
		return Entry{}, nil, nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return entry, encoded, sig, nil
}

// VerifyReceipt reads a receipt's QR text and checks the kiosk's signature. It
// needs nothing but the kiosk's public key.
func VerifyReceipt(text string, key ed25519.PublicKey) (Entry, error) {
	e, encoded, sig, err := ReadReceipt(text)
	if err != nil {
		return Entry{}, err
	}
	if !(Head{e.Kiosk, e.Epoch, e.Seq, HashOf(encoded)}).Verify(key, sig) {
		return Entry{}, fmt.Errorf("%w: the signature is not that of kiosk %s", ErrReceipt, e.Kiosk)
	}
	return e, nil
}

// ReceiptNumber names the entry behind a slip, as paper and screens show it: kiosk,
// epoch and number, SQ-01-1-000123.
func ReceiptNumber(kiosk string, epoch uint32, seq uint64) string {
	return fmt.Sprintf("%s-%d-%06d", kiosk, epoch, seq)
}

// ParseReceiptNumber reads what ReceiptNumber writes, and nothing else.
func ParseReceiptNumber(text string) (kiosk string, epoch uint32, seq uint64, err error) {
	wrong := fmt.Errorf("%w: %.60q is no number of a receipt", ErrEncoding, text)
	rest, last, _ := cutLast(text)
	kiosk, middle, found := cutLast(rest)
	if !found || !ValidKiosk(kiosk) {
		return "", 0, 0, wrong
	}
	e, err1 := strconv.ParseUint(middle, 10, 32)
	seq, err2 := strconv.ParseUint(last, 10, 64)
	if err1 != nil || err2 != nil || e == 0 || seq == 0 || seq > maxSeq || ReceiptNumber(kiosk, uint32(e), seq) != text {
		return "", 0, 0, wrong
	}
	return kiosk, uint32(e), seq, nil
}

// cutLast cuts a text at its last hyphen.
func cutLast(text string) (before, after string, found bool) {
	at := strings.LastIndexByte(text, '-')
	if at < 0 {
		return "", text, false
	}
	return text[:at], text[at+1:], true
}
