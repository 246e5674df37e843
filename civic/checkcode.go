package civic

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"yizhan/ledger"
)

// ErrCode means that a text is not one of our codes, or not genuine.
var ErrCode = errors.New("civic: not a genuine code")

// ErrStale means that a genuine code has run out, or comes from a clock ahead.
var ErrStale = errors.New("civic: the code is not of this moment")

// CodeSeconds is how long a kiosk shows one check-in code.
const CodeSeconds = 15

// CheckCode is what a kiosk's screen says for a shift, see design 7. A phone opens it
// as a link at the center.
type CheckCode struct {
	Shift ledger.ID
	Kiosk string
	Epoch uint32
	Step  int64 // Unix seconds by the kiosk's clock, divided by CodeSeconds
	Out   bool  // to check out
}

// StepAt is the step of a moment.
func StepAt(now time.Time) int64 { return now.Unix() / CodeSeconds }

const (
	checkDomain  = "yizhan check-in code v1\n"
	phoneDomain  = "yizhan phone card v1\n"
	ticketDomain = "yizhan phone ticket v1\n"
)

// Sign returns the text of the code's QR, which begins with prefix: see Shift.Codes.
// In QR's alphanumeric mode version 8 at M holds it.
func (c CheckCode) Sign(prefix string, key ed25519.PrivateKey) string {
	b := append([]byte{1, direction(c.Out)}, c.Shift[:]...)
	b = station(b, c.Kiosk, c.Epoch)
	return prefix + seal(checkDomain, binary.AppendUvarint(b, uint64(c.Step)), key)
}

func direction(out bool) byte {
	if out {
		return 1
	}
	return 0
}

// ReadCheckCode takes the bytes of a code apart, as they stand behind the prefix,
// without judging the signature: that says which kiosk's key to ask for.
func ReadCheckCode(text string) (c CheckCode, err error) {
	_, c, err = readCheckCode(text)
	return c, err
}

func readCheckCode(text string) (s sealed, c CheckCode, err error) {
	if s, err = unseal(text, 12); err != nil {
		return s, c, err
	}
	r := &codeReader{b: s.body}
	version, way := r.byte(), r.byte()
	c.Shift = r.id()
	c.Kiosk, c.Epoch = r.station()
	c.Step = int64(r.uvarint(maxShiftEnd / CodeSeconds))
	c.Out = way == 1
	if r.end() != nil || version != 1 || way > 1 || c.Shift.IsZero() {
		return s, CheckCode{}, fmt.Errorf("%w: it says no shift, kiosk and step", ErrCode)
	}
	return s, c, nil
}

// VerifyCheckCode reads a code and checks the signature of the kiosk that it names.
// It is for the caller to judge the step, see Fresh.
func VerifyCheckCode(text string, key ed25519.PublicKey) (CheckCode, error) {
	s, c, err := readCheckCode(text)
	if err == nil && !s.genuine(checkDomain, key) {
		err = fmt.Errorf("%w: the signature is not that of kiosk %s", ErrCode, c.Kiosk)
	}
	if err != nil {
		return CheckCode{}, err
	}
	return c, nil
}

// Fresh tells whether the code is of this step or the one before, by clocks of which
// the kiosk's may be off by skew. It answers ErrStale.
func (c CheckCode) Fresh(now time.Time, skew time.Duration) error {
	first, last := StepAt(now.Add(-skew))-1, StepAt(now.Add(skew))
	if c.Step < first || c.Step > last {
		return fmt.Errorf("%w: step %d, not %d to %d", ErrStale, c.Step, first, last)
	}
	return nil
}

// PhoneCardSeconds is how long a phone card may be scanned after it was made.
const PhoneCardSeconds = 60

// phonePrefix begins a phone card's QR text.
const phonePrefix = "YZP1:"

// PhoneCard is a volunteer's card that a phone shows: the center signs it, a kiosk
// needs nothing but the center's public key.
type PhoneCard struct {
	Volunteer ledger.ID
	Made      int64 // Unix seconds by the center's clock
}

// Sign returns the text of the card's QR.
func (c PhoneCard) Sign(key ed25519.PrivateKey) string {
	return phonePrefix + seal(phoneDomain, binary.AppendUvarint(append([]byte{1}, c.Volunteer[:]...), uint64(c.Made)), key)
}

// IsPhoneCard tells a phone card's text from anything else scanned.
func IsPhoneCard(text string) bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), phonePrefix)
}

// VerifyPhoneCard reads a phone card and checks the center's signature. It answers
// ErrCode, or ErrStale with the card when it is not of the last PhoneCardSeconds, by
// clocks that may differ by skew.
func VerifyPhoneCard(text string, key ed25519.PublicKey, now time.Time, skew time.Duration) (c PhoneCard, err error) {
	text, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), phonePrefix)
	if !ok {
		return c, ErrCode
	}
	s, err := unseal(text, 12)
	if err != nil {
		return c, err
	}
	r := &codeReader{b: s.body}
	version := r.byte()
	c.Volunteer, c.Made = r.id(), int64(r.uvarint(maxShiftEnd))
	if r.end() != nil || version != 1 || c.Volunteer.IsZero() {
		return PhoneCard{}, fmt.Errorf("%w: it names nobody", ErrCode)
	}
	if !s.genuine(phoneDomain, key) {
		return PhoneCard{}, fmt.Errorf("%w: the signature is not the center's", ErrCode)
	}
	if age := now.Sub(time.Unix(c.Made, 0)); age < -skew || age > skew+PhoneCardSeconds*time.Second {
		return c, fmt.Errorf("%w: it was made %v ago", ErrStale, age)
	}
	return c, nil
}

// TicketMinutes is how long the ticket for a phone's first sign-in is good.
const TicketMinutes = 30

// PhoneTicket lets a phone sign in once as a volunteer: a kiosk prints it for whoever
// has shown a card or a PIN there, with a network or without.
type PhoneTicket struct {
	Volunteer ledger.ID
	Kiosk     string
	Epoch     uint32
	Nonce     ledger.Key // random: the center takes each once
	Made      int64      // Unix seconds by the kiosk's clock
}

// NewPhoneTicket draws a ticket's nonce from random.
func NewPhoneTicket(volunteer ledger.ID, kiosk string, epoch uint32, now time.Time, random io.Reader) (PhoneTicket, error) {
	t := PhoneTicket{Volunteer: volunteer, Kiosk: kiosk, Epoch: epoch, Made: now.Unix()}
	if _, err := io.ReadFull(random, t.Nonce[:]); err != nil {
		return t, fmt.Errorf("drawing a ticket: %w", err)
	}
	return t, nil
}

// Sign returns the text of the ticket's QR, which begins with prefix: see
// Shift.Tickets.
func (t PhoneTicket) Sign(prefix string, key ed25519.PrivateKey) string {
	b := append(append([]byte{1}, t.Volunteer[:]...), t.Nonce[:]...)
	b = station(b, t.Kiosk, t.Epoch)
	return prefix + seal(ticketDomain, binary.AppendUvarint(b, uint64(t.Made)), key)
}

// ReadPhoneTicket takes a ticket's bytes apart, as they stand behind the prefix,
// without judging the signature.
func ReadPhoneTicket(text string) (PhoneTicket, error) {
	_, t, err := readPhoneTicket(text)
	return t, err
}

func readPhoneTicket(text string) (s sealed, t PhoneTicket, err error) {
	if s, err = unseal(text, 20); err != nil {
		return s, t, err
	}
	r := &codeReader{b: s.body}
	version := r.byte()
	t.Volunteer, t.Nonce = r.id(), r.key()
	t.Kiosk, t.Epoch = r.station()
	t.Made = int64(r.uvarint(maxShiftEnd))
	if r.end() != nil || version != 1 || t.Volunteer.IsZero() || t.Nonce.IsZero() {
		return s, PhoneTicket{}, fmt.Errorf("%w: it is no ticket", ErrCode)
	}
	return s, t, nil
}

// VerifyPhoneTicket reads a ticket and checks the signature of the kiosk that it
// names, and that it is not older than TicketMinutes by clocks that may differ by
// skew: ErrCode, or ErrStale.
func VerifyPhoneTicket(text string, key ed25519.PublicKey, now time.Time, skew time.Duration) (PhoneTicket, error) {
	s, t, err := readPhoneTicket(text)
	if err != nil {
		return PhoneTicket{}, err
	}
	if !s.genuine(ticketDomain, key) {
		return PhoneTicket{}, fmt.Errorf("%w: the signature is not that of kiosk %s", ErrCode, t.Kiosk)
	}
	if age := now.Sub(time.Unix(t.Made, 0)); age < -skew || age > skew+TicketMinutes*time.Minute {
		return PhoneTicket{}, fmt.Errorf("%w: it was printed %v ago", ErrStale, age)
	}
	return t, nil
}
