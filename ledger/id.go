package ledger

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
)

// ID names a person (a volunteer or a member of staff) without saying who it
// is: 80 bits, made by whoever registers the person. The zero ID is nobody. A shift
// of an activity has one as well.
type ID [10]byte

var idText = base32.StdEncoding.WithPadding(base32.NoPadding)

// idTextLen is the length of an ID's text.
const idTextLen = 16

// ParseID reads the 16 characters that String writes. The length is checked on
// the text as well, because base32 passes over line ends.
func ParseID(s string) (ID, error) {
	b, err := idText.DecodeString(s)
	if err != nil || len(s) != idTextLen || len(b) != len(ID{}) {
		return ID{}, errors.New("ledger: a person's id is 16 characters A-Z2-7")
	}
	return ID(b), nil
}

// String returns the id in base32, 16 characters.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// IsZero reports whether the id names nobody.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText writes the id in base32.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Key makes a request idempotent: the second request with the same key gets the
// answer of the first. The zero Key is no key.
type Key [8]byte

// IsZero reports whether the request carries no key.
func (k Key) IsZero() bool { return k == Key{} }

// MarshalText writes the key in hexadecimal.
func (k Key) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (k *Key) UnmarshalText(b []byte) error {
	var v Key
	if n, err := hex.Decode(v[:], b[:min(len(b), 2*len(v))]); err != nil || n != len(v) || len(b) != 2*n {
		return errors.New("ledger: a key is 16 hexadecimal digits")
	}
	*k = v
	return nil
}
