// Package seal keeps a kiosk's secrets: the master key of the box, the keys
// derived from it, and the sealing of everything that lies on its disk.
//
// # Sealed bytes
//
// A sealed value is XChaCha20-Poly1305 (RFC 8439 with a 24-byte nonce):
//
//	nonce(24) ciphertext(len of plain) tag(16)
//
// The nonce is random, so that a key may seal any number of values. Additional
// data names the place of the value (bucket and key of a book, number of a
// journal entry): a value that is moved to another place does not open.
//
// # Keys
//
// One master key of 32 random bytes lies in the data folder as the file "key",
// mode 0600, in 64 hexadecimal digits and a line feed; or systemd hands it over
// as the credential "yizhan.key". Every other key is derived from it with
// HKDF-SHA256 for one named purpose, so that no key serves two. Whoever loses
// the master key loses the book and the journal of the box.
package seal

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// Overhead is how many bytes a sealed value is longer than the plain one.
const Overhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// KeyBytes is the length of every key but the signing key.
const KeyBytes = chacha20poly1305.KeySize

// ErrSeal means that a value was damaged, moved, or sealed with another key.
var ErrSeal = errors.New("seal: the seal is broken")

// A Sealer seals and opens values with one key. Many goroutines may use it.
type Sealer struct{ aead cipher.AEAD }

// New returns the sealer of a key of KeyBytes bytes.
func New(key []byte) (*Sealer, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("making a sealer: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal appends the sealed form of plain to dst, bound to the additional data
// ad, and returns the longer slice. It fails only when random does. Plain and
// dst must not overlap.
func (s *Sealer) Seal(dst, plain, ad []byte, random io.Reader) ([]byte, error) {
	start := len(dst)
	dst = append(dst, make([]byte, chacha20poly1305.NonceSizeX)...)
	nonce := dst[start:]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return dst[:start], fmt.Errorf("reading randomness for a nonce: %w", err)
	}
	return s.aead.Seal(dst, nonce, plain, ad), nil
}

// Open appends the plain form of sealed to dst and returns the longer slice.
// It answers ErrSeal unless Seal made these very bytes with the same key and
// the same ad.
func (s *Sealer) Open(dst, sealed, ad []byte) ([]byte, error) {
	if len(sealed) < Overhead {
		return dst, ErrSeal
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := s.aead.Open(dst, nonce, box, ad)
	if err != nil {
		return dst, ErrSeal
	}
	return plain, nil
}
