package center

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// One-time codes are those of RFC 6238 as every authenticator app makes them:
// HMAC-SHA-1, six digits, a new one every 30 seconds.
const (
	totpSeconds = 30
	totpDigits  = 6
	totpSecret  = 20 // bytes
	totpSteps   = 1  // a clock may be that many steps off
)

// totpStep is the step of a moment.
func totpStep(at time.Time) int64 { return at.Unix() / totpSeconds }

// hotp is the code of a step (RFC 4226).
func hotp(secret []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	modulus := uint32(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%modulus)
}

// checkTOTP finds the step whose code it is, among those near now and after the one
// that was used last; each code is good once. It does the same work whatever the
// code.
func checkTOTP(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	for s := totpStep(now) - totpSteps; s <= totpStep(now)+totpSteps; s++ {
		if subtle.ConstantTimeCompare([]byte(hotp(secret, s, totpDigits)), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpAddress is what an authenticator app scans.
func totpAddress(secret []byte, issuer, name string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + name}
	u.RawQuery = url.Values{"secret": {totpText(secret)}, "issuer": {issuer}}.Encode()
	return u.String()
}

// totpText is the secret as a person types it into such an app.
func totpText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// A vault seals the secrets of one-time codes, so that a copy of the database alone
// signs nobody in. Its key comes from the center's signing key, which lies beside the
// database and not in it.
type vault struct{ aead cipher.AEAD }

// What vaults are for: each has a key of its own.
const (
	vaultCodes  = "yizhan one-time codes v1"
	vaultForms  = "yizhan kept forms v1"
	vaultPhones = "yizhan phones v1"
)

// openVault opens a center's vault. The phone key would not do: it goes to every kiosk
// with the documents, and so stands in the database.
func openVault(k *Keys, purpose string) (vault, error) { return newVault(k.Signer.Seed(), purpose) }

func newVault(key []byte, purpose string) (vault, error) {
	derived, err := hkdf.Key(sha256.New, key, nil, purpose, chacha20poly1305.KeySize)
	if err != nil {
		return vault{}, fmt.Errorf("deriving a key: %w", err)
	}
	aead, err := chacha20poly1305.NewX(derived)
	if err != nil {
		return vault{}, fmt.Errorf("making a cipher: %w", err)
	}
	return vault{aead}, nil
}

// draw makes a new secret for an officer, sealed.
func (v vault) draw(officer string, random io.Reader) ([]byte, error) {
	secret := make([]byte, totpSecret)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return v.seal(officer, secret, random)
}

// seal seals something of somebody.
func (v vault) seal(of string, plain []byte, random io.Reader) ([]byte, error) {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return v.aead.Seal(append([]byte{}, nonce...), nonce, plain, []byte(of)), nil
}

// open is the secret of an officer; false: it was sealed by another key, or for
// somebody else.
func (v vault) open(officer string, sealed []byte) ([]byte, bool) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return make([]byte, totpSecret), false
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	secret, err := v.aead.Open(nil, nonce, box, []byte(officer))
	if err != nil {
		return make([]byte, totpSecret), false
	}
	return secret, true
}
