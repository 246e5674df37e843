package civic

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/argon2"
)

// PINDigits is the length of every PIN.
const PINDigits = 6

// MaxPINTries is how many wrong PINs in a row lock a person's PIN until a card
// or another member of staff clears it.
const MaxPINTries = 5

// ErrPIN means that the PIN is wrong; ErrPINForm that it is not six digits, or
// too easy to guess.
var (
	ErrPIN     = errors.New("civic: wrong PIN")
	ErrPINForm = errors.New("civic: a PIN is six digits, not all alike and not a run")
)

// PINCost is what one check of a PIN costs: Argon2id with one lane.
type PINCost struct {
	MemoryKiB uint32
	Passes    uint32
}

// Bounds of a cost: the least is one of the equal minimums of OWASP's password
// storage cheat sheet; the most keeps a kiosk within its 64 MiB while it checks
// a PIN. A fast box makes more passes instead of taking more memory.
var (
	MinPINCost = PINCost{MemoryKiB: 12 * 1024, Passes: 3}
	MaxPINCost = PINCost{MemoryKiB: 24 * 1024, Passes: 24}
)

// TunePIN finds the greatest cost whose check takes no longer than target on
// this box. The clock is handed in; it is read twice for each cost tried.
func TunePIN(target time.Duration, now func() time.Time) PINCost {
	cost := MinPINCost
	for cost != MaxPINCost {
		next := PINCost{MaxPINCost.MemoryKiB, min(cost.Passes*2, MaxPINCost.Passes)}
		if cost.MemoryKiB < MaxPINCost.MemoryKiB {
			next.Passes = cost.Passes
		}
		start := now()
		derivePIN("000000", make([]byte, 16), next)
		if now().Sub(start) > target {
			break
		}
		cost = next
	}
	return cost
}

// HashPIN makes a verifier of a PIN, in the usual $argon2id$ form, under 120
// bytes. It refuses PINs that anyone would try first.
func HashPIN(pin string, cost PINCost, random io.Reader) (string, error) {
	if !goodPIN(pin) {
		return "", ErrPINForm
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("salting a PIN: %w", err)
	}
	return formatVerifier(cost, salt, derivePIN(pin, salt, cost)), nil
}

func formatVerifier(cost PINCost, salt, hash []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, cost.MemoryKiB, cost.Passes,
		enc.EncodeToString(salt), enc.EncodeToString(hash))
}

// CheckPIN tells whether pin is the one that verifier was made of. A verifier
// that is empty or damaged answers ErrPIN after the same amount of work.
func CheckPIN(verifier, pin string, fallback PINCost) error {
	cost, salt, want, ok := parseVerifier(verifier)
	if !ok {
		derivePIN(pin, make([]byte, 16), fallback)
		return ErrPIN
	}
	if subtle.ConstantTimeCompare(derivePIN(pin, salt, cost), want) != 1 {
		return ErrPIN
	}
	return nil
}

func derivePIN(pin string, salt []byte, cost PINCost) []byte {
	return argon2.IDKey([]byte(pin), salt, cost.Passes, cost.MemoryKiB, 1, 32)
}

// parseVerifier reads what formatVerifier writes, and nothing else.
func parseVerifier(s string) (cost PINCost, salt, hash []byte, ok bool) {
	var version int
	var salt64, hash64 string
	if n, err := fmt.Sscanf(s, "$argon2id$v=%d$m=%d,t=%d,p=1$%22s$%43s", &version, &cost.MemoryKiB, &cost.Passes, &salt64, &hash64); n != 5 || err != nil {
		return cost, nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(salt64)
	hash, err2 := base64.RawStdEncoding.DecodeString(hash64)
	ok = err1 == nil && err2 == nil && version == argon2.Version &&
		cost.MemoryKiB >= 8 && cost.MemoryKiB <= MaxPINCost.MemoryKiB && cost.Passes >= 1 && cost.Passes <= MaxPINCost.Passes &&
		len(salt) == 16 && len(hash) == 32 && formatVerifier(cost, salt, hash) == s
	return cost, salt, hash, ok
}

// goodPIN refuses what is not six digits, six equal digits, and runs up or down.
func goodPIN(pin string) bool {
	if len(pin) != PINDigits {
		return false
	}
	var steps [3]int
	for i, c := range []byte(pin) {
		if c < '0' || c > '9' {
			return false
		}
		if i > 0 {
			if d := int(c) - int(pin[i-1]); d >= -1 && d <= 1 {
				steps[d+1]++
			}
		}
	}
	return steps[0] < PINDigits-1 && steps[1] < PINDigits-1 && steps[2] < PINDigits-1
}
