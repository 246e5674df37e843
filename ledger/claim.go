package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// claimLetters leaves out I and O, which are read as digits.
const claimLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"

// MaxClaim is the number of different collection codes; they come round again.
const MaxClaim = uint16(len(claimLetters) * 1000)

// ClaimText writes a collection code as people say it: A037.
func ClaimText(claim uint16) string {
	claim %= MaxClaim
	return fmt.Sprintf("%c%03d", claimLetters[claim/1000], claim%1000)
}

// ParseClaim reads what ClaimText writes, and nothing else.
func ParseClaim(s string) (uint16, error) {
	if len(s) == 4 {
		letter := strings.IndexByte(claimLetters, s[0])
		n, err := strconv.ParseUint(s[1:], 10, 16)
		if letter >= 0 && err == nil {
			return uint16(letter)*1000 + uint16(n), nil
		}
	}
	return 0, fmt.Errorf("%w: a collection code is a letter and three digits", ErrEncoding)
}
