package civic

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"yizhan/ledger"
)

// maxCodeText is the longest text of a signed code, behind its prefix.
const maxCodeText = 200

// seal writes a body and its signature in base32. The domain keeps one kind of code
// from being taken for another.
func seal(domain string, body []byte, key ed25519.PrivateKey) string {
	sig := ed25519.Sign(key, append([]byte(domain), body...))
	return cardText.EncodeToString(append(body[:len(body):len(body)], sig...))
}

// sealed is a code taken apart.
type sealed struct{ body, sig []byte }

// unseal takes apart what seal writes, and nothing else: each value has one text.
func unseal(text string, least int) (s sealed, err error) {
	if len(text) > maxCodeText {
		return s, fmt.Errorf("%w: it is too long", ErrCode)
	}
	b, err := cardText.DecodeString(text)
	end := len(b) - ed25519.SignatureSize
	if err != nil || end < least || cardText.EncodeToString(b) != text {
		return s, fmt.Errorf("%w: it is damaged or cut short", ErrCode)
	}
	return sealed{b[:end], b[end:]}, nil
}

func (s sealed) genuine(domain string, key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, append([]byte(domain), s.body...), s.sig)
}

// station appends a kiosk and its epoch.
func station(b []byte, kiosk string, epoch uint32) []byte {
	b = append(append(b, byte(len(kiosk))), kiosk...)
	return binary.AppendUvarint(b, uint64(epoch))
}

var errCut = errors.New("civic: a code is cut short")

// codeReader takes a code's body apart and keeps the first error. After one every
// method answers zero.
type codeReader struct {
	b   []byte
	err error
}

func (r *codeReader) take(n int) []byte {
	if n > len(r.b) {
		r.err, r.b = errCut, nil
		return make([]byte, n)
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *codeReader) byte() byte      { return r.take(1)[0] }
func (r *codeReader) id() ledger.ID   { return ledger.ID(r.take(len(ledger.ID{}))) }
func (r *codeReader) key() ledger.Key { return ledger.Key(r.take(len(ledger.Key{}))) }

// uvarint reads 0 to most, in its shortest form.
func (r *codeReader) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 || v > most {
		r.err, r.b = errCut, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *codeReader) station() (kiosk string, epoch uint32) {
	kiosk = string(r.take(min(int(r.byte()), ledger.MaxKioskID)))
	epoch = uint32(r.uvarint(1<<32 - 1))
	if !ledger.ValidKiosk(kiosk) || epoch == 0 {
		r.err = errCut
	}
	return kiosk, epoch
}

func (r *codeReader) end() error {
	if len(r.b) > 0 {
		return errCut
	}
	return r.err
}
