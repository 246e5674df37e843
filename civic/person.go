package civic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// PhoneHash is HMAC-SHA-256 of a phone number with the station's key, cut to
// 16 bytes. The zero value is no phone.
type PhoneHash [16]byte

// KeyHash is the issuer's keyed hash of a volunteer number or an ID-card
// number, by which it knows the person again. Its key never leaves the issuer.
type KeyHash [10]byte

// HashPhone returns the hash of an 11-digit phone number.
func HashPhone(key []byte, phone string) PhoneHash {
	return PhoneHash(keyed(key, "yizhan phone v1", phone)[:16])
}

// HashKey returns the issuer's hash of a number of the given sort.
func HashKey(key []byte, sort, number string) KeyHash {
	return KeyHash(keyed(key, "yizhan person v1 "+sort, number)[:10])
}

func keyed(key []byte, purpose, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// IsZero reports whether there is no phone.
func (h PhoneHash) IsZero() bool { return h == PhoneHash{} }

// MarshalText writes the hash in hexadecimal.
func (h PhoneHash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (h *PhoneHash) UnmarshalText(b []byte) error { return unhex(h[:], b) }

// MarshalText writes the hash in hexadecimal.
func (h KeyHash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (h *KeyHash) UnmarshalText(b []byte) error { return unhex(h[:], b) }

// MaskName hides the middle of a name as a screen or a receipt shows it: 张伟 is
// 张*, 张小伟 is 张*伟, longer names keep their first and last character. In a name
// written in Latin letters each word keeps its first letter.
func MaskName(name string) string {
	name = strings.TrimSpace(name)
	if isLatin(name) {
		return maskLatin(name)
	}
	r := []rune(name)
	switch len(r) {
	case 0:
		return ""
	case 1:
		return "*"
	case 2:
		return string(r[0]) + "*"
	}
	return string(r[0]) + "*" + string(r[len(r)-1])
}

func isLatin(name string) bool {
	for _, r := range name {
		if r >= 0x250 {
			return false
		}
	}
	return true
}

func maskLatin(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		words[i] = string([]rune(w)[:1]) + "*"
	}
	return strings.Join(words, " ")
}

// MaskTail shows a phone by its last four digits.
func MaskTail(tail string) string {
	if tail == "" {
		return ""
	}
	return "*******" + tail
}
