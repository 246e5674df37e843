package civic

import (
	"regexp"
	"strings"
)

var pictureName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// HoldsPrivateNumber tells whether a text holds a resident ID number with a right
// check digit, or a full mobile number. A document may hold neither, whichever
// field somebody typed it into.
func HoldsPrivateNumber(s string) bool {
	for start := 0; start < len(s); start++ {
		if !digit(s[start]) {
			continue
		}
		end := start
		for end < len(s) && digit(s[end]) {
			end++
		}
		run := s[start:end]
		if end-start == 17 && end < len(s) && (s[end] == 'X' || s[end] == 'x') {
			run = s[start : end+1]
		}
		if len(run) == 11 && run[0] == '1' && run[1] >= '3' || len(run) == 18 && residentID(run) {
			return true
		}
		start = end
	}
	return false
}

// residentID checks the check digit of an 18-digit ID number (GB 11643).
func residentID(s string) bool {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return strings.ToUpper(s)[17] == "10X98765432"[sum%11] && plausibleBirth(s[6:14])
}

// plausibleBirth looks at yyyymmdd, so that not every eleventh long number is
// taken for a person's.
func plausibleBirth(s string) bool {
	year, month, day := s[:4], s[4:6], s[6:]
	return year >= "1880" && year <= "2099" && month >= "01" && month <= "12" && day >= "01" && day <= "31"
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
