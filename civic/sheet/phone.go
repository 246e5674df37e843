package sheet

import "strings"

// phoneNumber checks a mobile number and gives its eleven digits.
func phoneNumber(text string) (string, string) {
	s := fold(text)
	if isScientific(s) {
		return "", CodePhoneDamaged
	}
	s = strings.TrimSuffix(s, ".0")
	if strings.ContainsAny(s, "/、,;|") {
		return "", CodePhoneSeveral
	}
	s = strings.Map(func(r rune) rune {
		if r == '(' || r == ')' || r == '.' {
			return -1
		}
		return dropGaps(r)
	}, s)
	for _, prefix := range []string{"+86", "0086", "86"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && len(rest) == 11 {
			s = rest
			break
		}
	}
	if len(s) == 22 && isMobile(s[:11]) && isMobile(s[11:]) {
		return "", CodePhoneSeveral
	}
	if !isMobile(s) {
		return "", CodePhoneBad
	}
	return s, ""
}

func isMobile(s string) bool {
	return len(s) == 11 && isDigits(s) && s[0] == '1' && s[1] >= '3'
}
