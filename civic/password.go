package civic

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Lengths of an officer's password, in characters.
const (
	MinPasswordRunes = 10
	MaxPasswordRunes = 128
)

// PasswordCost is what one check of a password costs at the center.
var PasswordCost = PINCost{MemoryKiB: 24 * 1024, Passes: 3}

// ErrPassword means that the password is wrong; ErrPasswordForm that it is too
// short, too long, or too easy to guess.
var (
	ErrPassword     = errors.New("civic: wrong password")
	ErrPasswordForm = errors.New("civic: a password has 10 to 128 characters, at least five different ones, and not the name in it")
)

// HashPassword makes a verifier of the password of somebody who signs in under a
// name, in the form that HashPIN has.
func HashPassword(password, name string, cost PINCost, random io.Reader) (string, error) {
	if !goodPassword(password, name) {
		return "", ErrPasswordForm
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("salting a password: %w", err)
	}
	return formatVerifier(cost, salt, derivePIN(password, salt, cost)), nil
}

// CheckPassword tells whether password is the one that verifier was made of. A
// verifier that is empty or damaged, and a password that nobody can have, answer
// ErrPassword after the same amount of work.
func CheckPassword(verifier, password string, fallback PINCost) error {
	if len(password) > MaxPasswordRunes*utf8.UTFMax {
		password = ""
	}
	if CheckPIN(verifier, password, fallback) != nil {
		return ErrPassword
	}
	return nil
}

// goodPassword refuses what would be tried first.
func goodPassword(password, name string) bool {
	n := utf8.RuneCountInString(password)
	if !utf8.ValidString(password) || n < MinPasswordRunes || n > MaxPasswordRunes {
		return false
	}
	different := make(map[rune]bool)
	for _, r := range password {
		different[r] = true
	}
	return len(different) >= 5 && (name == "" || !strings.Contains(strings.ToLower(password), strings.ToLower(name)))
}
