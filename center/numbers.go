package center

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"yizhan/ledger"
)

// numbers are those by which a person can be reached or robbed: of the id card and of
// the phone. The center keeps them for the national system alone, sealed with a key
// that comes from its own and so lies in no database and at no kiosk. Who is who is
// found by keyed hashes, as before.
type numbers struct {
	IDNumber string `json:"id,omitempty"`
	Phone    string `json:"phone,omitempty"`
}

// safe seals numbers. The same numbers of the same person come out the same, so a list
// that says nothing new changes nothing; of two persons they never do.
type safe struct {
	aead  cipher.AEAD
	nonce []byte // key by which nonces are made of what is sealed
}

func openSafe(k *Keys) (safe, error) {
	var keys [2][]byte
	for i, purpose := range []string{"yizhan numbers v1", "yizhan numbers nonce v1"} {
		var err error
		if keys[i], err = hkdf.Key(sha256.New, k.Signer.Seed(), nil, purpose, chacha20poly1305.KeySize); err != nil {
			return safe{}, fmt.Errorf("deriving a key: %w", err)
		}
	}
	aead, err := chacha20poly1305.NewX(keys[0])
	if err != nil {
		return safe{}, fmt.Errorf("making a cipher: %w", err)
	}
	return safe{aead, keys[1]}, nil
}

// seal closes the numbers of a volunteer; nothing is nothing.
func (s safe) seal(volunteer ledger.ID, n numbers) []byte {
	if n == (numbers{}) {
		return nil
	}
	text, _ := json.Marshal(n) // it cannot fail
	mac := hmac.New(sha256.New, s.nonce)
	mac.Write(volunteer[:])
	mac.Write(text)
	nonce := mac.Sum(nil)[:chacha20poly1305.NonceSizeX]
	return s.aead.Seal(nonce, nonce, text, volunteer[:])
}

// open reads them; what was sealed by other keys, or for somebody else, is not known.
func (s safe) open(volunteer ledger.ID, sealed []byte) (n numbers, ok bool) {
	if len(sealed) == 0 {
		return n, true
	}
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return n, false
	}
	text, err := s.aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], volunteer[:])
	if err != nil || json.Unmarshal(text, &n) != nil {
		return numbers{}, false
	}
	return n, true
}

// merge puts what is known newly over what was known.
func (s safe) merge(volunteer ledger.ID, old, more []byte) []byte {
	if len(more) == 0 {
		return old
	}
	was, _ := s.open(volunteer, old)
	now, ok := s.open(volunteer, more)
	if !ok {
		return old
	}
	if now.IDNumber != "" {
		was.IDNumber = now.IDNumber
	}
	if now.Phone != "" {
		was.Phone = now.Phone
	}
	return s.seal(volunteer, was)
}
