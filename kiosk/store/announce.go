package store

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"

	"yizhan/civic"
)

// announced is what the entry of a loaded bundle tells: its serial number, the
// hash of its body, and the issuer that is believed from then on.
type announced struct {
	Serial uint64
	Body   civic.BodyHash
	Issuer ed25519.PublicKey
}

// text is the form of the entry; "" when there was no bundle.
func (a announced) text() string {
	if a.Serial == 0 {
		return ""
	}
	return fmt.Sprintf("%d %v %s", a.Serial, a.Body, base64.StdEncoding.EncodeToString(a.Issuer))
}

// parseAnnounced reads what text writes.
func parseAnnounced(s string) (a announced, err error) {
	var body, issuer string
	if _, err := fmt.Sscanf(s, "%d %64s %44s", &a.Serial, &body, &issuer); err != nil {
		return a, fmt.Errorf("reading the entry of a bundle: %w", err)
	}
	if err := a.Body.UnmarshalText([]byte(body)); err != nil {
		return a, fmt.Errorf("reading the entry of a bundle: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(issuer)
	if a.Issuer = key; err != nil || len(key) != ed25519.PublicKeySize || a.text() != s || s == "" {
		return a, fmt.Errorf("reading the entry of a bundle: %q", s)
	}
	return a, nil
}
