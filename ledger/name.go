package ledger

// ValidKiosk tells whether s can name a kiosk: 1 to MaxKioskID of A-Z 0-9 -.
func ValidKiosk(s string) bool {
	if len(s) == 0 || len(s) > MaxKioskID {
		return false
	}
	for _, c := range []byte(s) {
		if !isUpper(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

// ValidGood tells whether s can be a good's code: 1 to MaxGoodCode of
// A-Z a-z 0-9 - _ and full stop.
func ValidGood(s string) bool {
	if len(s) == 0 || len(s) > MaxGoodCode {
		return false
	}
	for _, c := range []byte(s) {
		lower := c >= 'a' && c <= 'z'
		if !isUpper(c) && !lower && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
