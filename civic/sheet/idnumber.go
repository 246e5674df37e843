package sheet

import (
	"strconv"
	"strings"
)

// residentID checks a mainland id number and gives its 18-digit form. Numbers of the first generation have 15 digits and the
// year in two; they get the century 19 and their check digit. Region codes are not looked up: people carry old ones.
func residentID(s string) (string, string) {
	s = strings.ToUpper(s)
	switch {
	case len(s) == 15 && isDigits(s):
		s = s[:6] + "19" + s[6:]
		s += string(idCheckDigit(s))
	case len(s) != 18 || !isDigits(s[:17]) || !isDigits(s[17:]) && s[17] != 'X':
		return "", CodeIDLength
	case idCheckDigit(s[:17]) != s[17]:
		if looksRounded(s) {
			return "", CodeIDDamaged
		}
		return "", CodeIDCheck
	}
	if !isBirthDate(s[6:14]) {
		return "", CodeIDBirth
	}
	return s, ""
}

// idCheckDigit computes the last place of an id number from its first 17 digits (GB 11643, ISO 7064 MOD 11-2).
func idCheckDigit(digits string) byte {
	sum := 0
	for i := range 17 {
		weight := 1 << (17 - i) % 11
		sum += weight * int(digits[i]-'0')
	}
	return "10X98765432"[sum%11]
}

func isBirthDate(s string) bool {
	year, _ := strconv.Atoi(s[:4])
	month, _ := strconv.Atoi(s[4:6])
	day, _ := strconv.Atoi(s[6:])
	return year >= 1900 && year <= 2099 && Date{year, month, day}.isReal()
}

// isResidentType tells whether the 证件类型 column names the mainland id card, whose numbers have a check digit. The
// national table has 01 for it.
func isResidentType(kind string) bool {
	switch kind {
	case "", "1", "01", "身份证", "居民身份证", "二代身份证", "内地居民身份证", "大陆居民身份证", "中国居民身份证", "中华人民共和国居民身份证":
		return true
	}
	return false
}

// otherID checks the number of a passport, travel permit or military card: letters and digits, at least four of them digits.
func otherID(s string) (string, string) {
	s = strings.ToUpper(s)
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'A' && r <= 'Z', r == '(', r == ')', r == '字', r == '第', r == '号':
		case r > 0x7F && len(s) < 40: // military cards begin with words: 南字第...
		default:
			return "", CodeIDLength
		}
	}
	if digits < 4 || len(s) > maxCodeBytes {
		return "", CodeIDLength
	}
	return s, ""
}

// looksForeign tells a passport or permit number that stands without its type: one or two letters, then 6 to 10 digits.
func looksForeign(s string) bool {
	rest := strings.TrimLeft(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	letters := len(s) - len(rest)
	return letters >= 1 && letters <= 2 && len(rest) >= 6 && len(rest) <= 10 && isDigits(rest)
}

// isScientific tells a number that a program cut down to a few digits and a power of ten: 1.10101E+17, 1.10101E17.
func isScientific(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E")
	power := strings.TrimPrefix(exponent, "+")
	if !ok || !isDigits(power) || power == exponent && !strings.Contains(mantissa, ".") {
		return false // 12E34 may be somebody's number
	}
	return isDigits(strings.Replace(mantissa, ".", "", 1))
}

// looksRounded tells a number as Excel writes it into a text table when it took it for a number: it keeps 15 digits and puts zeros for the
// rest. One in eleven of these has a right check digit all the same; one in a thousand people has such a number by right, and must write
// it with a space or an apostrophe, which no program does to a number.
func looksRounded(s string) bool {
	return len(s) == 18 && isDigits(s) && strings.HasSuffix(s, "000")
}
