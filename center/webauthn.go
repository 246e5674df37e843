package center

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// This is the part of WebAuthn (level 2) that a center needs: passkeys that prove
// their user, discoverable, with no attestation, because nobody here decides which
// makers of keys to trust. Keys are ES256, EdDSA or RS256.

// errPasskey refuses what an authenticator or a browser says.
var errPasskey = errors.New("center: the passkey does not fit")

// relying is who a passkey is for: the center as the browser found it.
type relying struct {
	ID     string // the name of the center
	Origin string // scheme, name and port
}

// authenticated is what an authenticator signed.
type authenticated struct {
	Counter    uint32
	Credential []byte // id; of a registration alone
	Key        []byte // COSE key; of a registration alone
}

// Flags of authenticator data.
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2 // PIN, finger or face
	flagMayMove  = 1 << 3 // to other devices
	flagMoved    = 1 << 4
	flagAttested = 1 << 6
	flagExtended = 1 << 7
)

// maxCredentialID is the longest id that the standard allows.
const maxCredentialID = 1023

// readAuthenticator reads authenticator data, and holds that it is for this center
// and that the authenticator has verified its user.
func readAuthenticator(data []byte, rp relying) (a authenticated, err error) {
	if len(data) < 37 {
		return a, fmt.Errorf("%w: authenticator data of %d bytes", errPasskey, len(data))
	}
	hash, flags := sha256.Sum256([]byte(rp.ID)), data[32]
	switch {
	case !bytes.Equal(data[:32], hash[:]):
		return a, fmt.Errorf("%w: it is for another center", errPasskey)
	case flags&flagPresent == 0 || flags&flagVerified == 0:
		return a, fmt.Errorf("%w: the user was not verified", errPasskey)
	case flags&flagMoved != 0 && flags&flagMayMove == 0:
		return a, fmt.Errorf("%w: flags %#x", errPasskey, flags)
	}
	a.Counter = binary.BigEndian.Uint32(data[33:37])
	rest := data[37:]
	if flags&flagAttested != 0 {
		if a.Credential, a.Key, rest, err = readCredential(rest); err != nil {
			return a, err
		}
	}
	if len(rest) > 0 != (flags&flagExtended != 0) {
		return a, fmt.Errorf("%w: %d bytes behind it, flags %#x", errPasskey, len(rest), flags)
	}
	return a, nil
}

// readCredential reads a new credential: the maker's number, which says nothing
// here, the id, and the key.
func readCredential(data []byte) (id, key, rest []byte, err error) {
	if len(data) < 18 {
		return nil, nil, nil, fmt.Errorf("%w: a credential is cut off", errPasskey)
	}
	n := int(binary.BigEndian.Uint16(data[16:18]))
	if data = data[18:]; n < 1 || n > maxCredentialID || n > len(data) {
		return nil, nil, nil, fmt.Errorf("%w: an id of %d bytes", errPasskey, n)
	}
	id, data = data[:n], data[n:]
	if _, rest, err = readCOSE(data); err != nil {
		return nil, nil, nil, err
	}
	key = data[:len(data)-len(rest)]
	_, err = publicKey(key)
	return id, key, rest, err
}

// checkClient holds that the browser's words are about this ceremony: its type, its
// challenge, and the page that asked.
func checkClient(text []byte, kind string, challenge []byte, rp relying) error {
	var client struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}
	if err := json.Unmarshal(text, &client); err != nil {
		return fmt.Errorf("%w: %w", errPasskey, err)
	}
	switch {
	case client.Type != kind:
		return fmt.Errorf("%w: %q instead of %q", errPasskey, client.Type, kind)
	case client.Challenge != base64.RawURLEncoding.EncodeToString(challenge):
		return fmt.Errorf("%w: another challenge", errPasskey)
	case client.Origin != rp.Origin || client.CrossOrigin:
		return fmt.Errorf("%w: it was asked by %q", errPasskey, client.Origin)
	}
	return nil
}

// Algorithms of COSE keys.
const (
	algES256 = -7
	algEdDSA = -8
	algRS256 = -257
)

// checkSignature holds that the key signed the authenticator's data and the
// browser's words.
func checkSignature(cose, data, client, signature []byte) error {
	key, err := publicKey(cose)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(client)
	signed := append(bytes.Clone(data), hash[:]...)
	digest := sha256.Sum256(signed)
	ok := false
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(key, digest[:], signature)
	case ed25519.PublicKey:
		ok = ed25519.Verify(key, signed, signature)
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	}
	if !ok {
		return fmt.Errorf("%w: the signature is not the key's", errPasskey)
	}
	return nil
}

// publicKey reads a COSE key of one of the algorithms.
func publicKey(text []byte) (crypto.PublicKey, error) {
	m, rest, err := readCOSE(text)
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: a key with %d bytes behind it: %w", errPasskey, len(rest), err)
	}
	kind, alg, curve := m.ints[1], m.ints[3], m.ints[-1]
	x, y := m.bytes[-2], m.bytes[-3]
	switch {
	case kind == 2 && alg == algES256 && curve == 1 && len(x) == 32 && len(y) == 32:
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errPasskey, err)
		}
		return key, nil
	case kind == 1 && alg == algEdDSA && curve == 6 && len(x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(x), nil
	case kind == 3 && alg == algRS256 && len(m.bytes[-1]) >= 256 && len(m.bytes[-1]) <= 512 && len(x) >= 1 && len(x) <= 4:
		e := new(big.Int).SetBytes(x).Int64()
		if e < 3 || e%2 == 0 || e > 1<<31-1 {
			return nil, fmt.Errorf("%w: exponent %d", errPasskey, e)
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(m.bytes[-1]), E: int(e)}, nil
	}
	return nil, fmt.Errorf("%w: a key of kind %d, algorithm %d", errPasskey, kind, alg)
}

// coseMap is a CBOR map of integers to integers and byte strings, which is all that
// these keys are made of.
type coseMap struct {
	ints  map[int64]int64
	bytes map[int64][]byte
}

// readCOSE reads such a map in its only encoding (CTAP2 canonical CBOR, but for the
// order), and returns what stands behind it.
func readCOSE(text []byte) (m coseMap, rest []byte, err error) {
	m = coseMap{make(map[int64]int64), make(map[int64][]byte)}
	kind, n, rest, err := readCBOR(text)
	if err != nil || kind != 5 || n > 16 {
		return m, nil, fmt.Errorf("%w: no key: %w", errPasskey, err)
	}
	for range n {
		var label int64
		if label, rest, err = readCBORInt(rest); err != nil {
			return m, nil, err
		}
		_, twice1 := m.ints[label]
		_, twice2 := m.bytes[label]
		if twice1 || twice2 {
			return m, nil, fmt.Errorf("%w: label %d twice", errPasskey, label)
		}
		kind, length, after, err := readCBOR(rest)
		switch {
		case err != nil:
			return m, nil, err
		case kind == 2 && length <= uint64(len(after)):
			m.bytes[label], rest = after[:length], after[length:]
		default:
			if m.ints[label], rest, err = readCBORInt(rest); err != nil {
				return m, nil, err
			}
		}
	}
	return m, rest, nil
}

// readCBORInt reads an integer.
func readCBORInt(text []byte) (int64, []byte, error) {
	kind, n, rest, err := readCBOR(text)
	if err != nil || kind > 1 || n > 1<<62 {
		return 0, nil, fmt.Errorf("%w: no integer: %w", errPasskey, err)
	}
	if kind == 1 {
		return -1 - int64(n), rest, nil
	}
	return int64(n), rest, nil
}

// readCBOR reads the head of an item in its shortest form: its major type and its
// number.
func readCBOR(text []byte) (kind byte, n uint64, rest []byte, err error) {
	if len(text) == 0 {
		return 0, 0, nil, fmt.Errorf("%w: a key is cut off", errPasskey)
	}
	kind, info := text[0]>>5, text[0]&31
	if info < 24 {
		return kind, uint64(info), text[1:], nil
	}
	size := 1 << (info - 24)
	if info > 27 || len(text) <= size {
		return 0, 0, nil, fmt.Errorf("%w: a key is cut off", errPasskey)
	}
	for _, b := range text[1 : 1+size] {
		n = n<<8 | uint64(b)
	}
	if n < 24 || size > 1 && n>>(4*size) == 0 {
		return 0, 0, nil, fmt.Errorf("%w: %d is written too long", errPasskey, n)
	}
	return kind, n, text[1+size:], nil
}
