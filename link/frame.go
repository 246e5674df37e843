package link

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Frame is one message. The types of this package are the only implementations.
type Frame interface {
	Kind() Kind
	check() error
}

// Kind is the first byte of a frame.
type Kind byte

// The kinds, in the order of their first appearance in a session, and then of their
// first appearance in the protocol.
const (
	KindHello Kind = iota + 1
	KindChallenge
	KindProof
	KindWelcome
	KindRefused
	KindDiverged
	KindRights
	KindEntries
	KindAck
	KindDocuments
	KindCursor
	KindIdentify
	KindTopUp
	KindAnswer
	KindRecall
	KindReturned
	KindQuarantine
	KindStatus
	KindFind
	KindReserve
	KindOrder
	KindOrdered
	KindRelease
	KindReleased
	KindCertify
)

// ErrFrame is wrapped by every error of a frame that is not as it must be. The
// connection that brought it ends.
var ErrFrame = errors.New("link: not a valid frame")

// Encode returns the one encoding of a frame.
func Encode(f Frame) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("writing a %T: %w: %w", f, ErrFrame, err)
	}
	if e, ok := f.(Entries); ok {
		return e.encode(), nil
	}
	body, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("writing a %T: %w: %w", f, ErrFrame, err)
	}
	b := append([]byte{byte(f.Kind())}, body...)
	if len(b) > MaxFrameDown {
		return nil, fmt.Errorf("writing a %T of %d bytes: %w", f, len(b), ErrFrame)
	}
	return b, nil
}

// Decode reads what Encode writes, and nothing else.
func Decode(b []byte) (Frame, error) {
	if len(b) == 0 || len(b) > MaxFrameDown {
		return nil, fmt.Errorf("%w: %d bytes", ErrFrame, len(b))
	}
	read := decoders[Kind(b[0])]
	if read == nil {
		return nil, fmt.Errorf("%w: kind %d", ErrFrame, b[0])
	}
	f, err := read(b[1:])
	if err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", ErrFrame, b[0], err)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%w: %T: %w", ErrFrame, f, err)
	}
	return f, nil
}

var decoders = map[Kind]func([]byte) (Frame, error){
	KindHello: decodeHello, KindChallenge: decodeJSON[Challenge], KindProof: decodeJSON[Proof],
	KindWelcome: decodeJSON[Welcome], KindRefused: decodeJSON[Refused], KindDiverged: decodeJSON[Diverged],
	KindRights: decodeJSON[Rights], KindEntries: decodeEntries, KindAck: decodeJSON[Ack],
	KindDocuments: decodeJSON[Documents], KindCursor: decodeJSON[Cursor], KindIdentify: decodeJSON[Identify],
	KindTopUp: decodeJSON[TopUp], KindAnswer: decodeJSON[Answer], KindRecall: decodeJSON[Recall],
	KindReturned: decodeJSON[Returned], KindQuarantine: decodeJSON[Quarantine], KindStatus: decodeJSON[Status],
	KindFind: decodeJSON[Find], KindReserve: decodeJSON[Reserve], KindOrder: decodeJSON[Order], KindOrdered: decodeJSON[Ordered],
	KindRelease: decodeJSON[Release], KindReleased: decodeJSON[Released], KindCertify: decodeJSON[Certify],
}

// decodeJSON writes what it has read once more: only the same bytes will do. So
// a field that is unknown, missing, doubled or spelt otherwise is refused.
func decodeJSON[T Frame](body []byte) (Frame, error) {
	var f T
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, err
	}
	again, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, body) {
		return nil, errors.New("not the fields of this frame as they are written")
	}
	return f, nil
}

// otherProtocol is an error: a Hello is of that version, whose fields may be others.
type otherProtocol int

func (o otherProtocol) Error() string { return fmt.Sprintf("version %d of the protocol", int(o)) }

func decodeHello(body []byte) (Frame, error) {
	var version struct {
		Protocol int `json:"protocol"`
	}
	if err := json.Unmarshal(body, &version); err == nil && version.Protocol > 0 && version.Protocol != Protocol {
		return nil, otherProtocol(version.Protocol)
	}
	return decodeJSON[Hello](body)
}

// List is a list whose empty value has one encoding.
type List[T any] []T

// MarshalJSON writes [] for no elements, never null.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// Digest is a SHA-256, or 32 bytes of chance, written in hexadecimal.
type Digest [32]byte

// MarshalText writes the digest in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) != 2*len(d) {
		return fmt.Errorf("a digest has %d digits", 2*len(d))
	}
	_, err := hex.Decode(d[:], b)
	return err
}

// String returns the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }
