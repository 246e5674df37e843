package sheet

import (
	"math"
	"strconv"
	"strings"
)

// parseCount reads a whole number that counts something, at least low and at most high. It gives a code when it cannot.
// Thousands separators, a decimal part of zeros and a unit behind the number (1,200分) are understood.
func parseCount(c cell, low, high int64) (int64, string) {
	s := fold(c.text)
	if c.kind == cellNumber {
		s = plainNumber(c.text)
	}
	s = strings.TrimPrefix(trimUnit(s), "+")
	if rest, minus := cutMinus(s); minus {
		if _, _, ok := splitNumber(rest); ok {
			return 0, CodeNumberNegative
		}
	}
	whole, fraction, ok := splitNumber(s)
	switch {
	case !ok:
		return 0, CodeNumberBad
	case strings.Trim(fraction, "0") != "":
		return 0, CodeNumberFraction
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err != nil || n > high:
		return 0, CodeNumberLarge
	case n < low:
		return 0, CodeNumberSmall
	}
	return n, ""
}

// countUnits may follow a number; what they say is in the heading anyway.
var countUnits = []string{"/人/月", "/人月", "/人", "/月", "每人", "每月", "积分", "分", "点", "件", "个", "份", "只", "条",
	"袋", "瓶", "盒", "包", "箱", "桶", "把", "支", "套", "块", "本", "斤", "提", "罐", "张", "双", "台", "卷", "次"}

func trimUnit(s string) string {
	for range 3 { // 2件/人/月 has two
		before := s
		for _, u := range countUnits {
			s = strings.TrimSuffix(s, u)
		}
		if s = strings.TrimRight(s, " "); s == before {
			break
		}
	}
	return s
}

// cutMinus removes a minus sign in its several writings, also the accountants' brackets.
func cutMinus(s string) (string, bool) {
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		return s[1 : len(s)-1], true
	}
	for _, sign := range []string{"-", "−", "–", "—"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			return strings.TrimLeft(rest, " "), true
		}
	}
	return s, false
}

// splitNumber parts plain decimal digits at the point and removes well-placed thousands separators.
func splitNumber(s string) (whole, fraction string, ok bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	if dotted && !isDigits(fraction) {
		return "", "", false
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if !isDigits(g) || i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return "", "", false
		}
	}
	return strings.Join(groups, ""), fraction, true
}

// parseMinutes reads a length of time. A bare number is in the unit of the heading; a unit or a colon in the cell goes first.
func parseMinutes(c cell, headingInMinutes bool) (int64, string) {
	if c.kind == cellNumber && c.look == lookTime {
		if m, ok := serialMinutes(c.text); ok {
			return m, ""
		}
		return 0, CodeTimeBad
	}
	s := strings.ReplaceAll(strings.ToLower(fold(c.text)), " ", "")
	if c.kind == cellNumber {
		s = plainNumber(c.text)
	}
	if rest, minus := cutMinus(s); minus && rest != "" {
		return 0, CodeNumberNegative
	}
	if hours, minutes, ok := strings.Cut(s, ":"); ok {
		return clockMinutes(hours, minutes)
	}
	return unitMinutes(s, headingInMinutes)
}

// clockMinutes reads 3:30 and 3:30:00.
func clockMinutes(hours, rest string) (int64, string) {
	minutes, seconds, _ := strings.Cut(rest, ":")
	h, errH := strconv.ParseUint(hours, 10, 31)
	m, errM := strconv.ParseUint(minutes, 10, 31)
	if errH != nil || errM != nil || m > 59 || len(minutes) != 2 || strings.Trim(seconds, "0") != "" {
		return 0, CodeTimeBad
	}
	return boundMinutes(int64(h)*60 + int64(m))
}

var hourUnits = []string{"个小时", "小时", "hours", "hour", "hrs", "hr", "h", "时"}
var minuteUnits = []string{"分钟", "minutes", "minute", "mins", "min", "m", "分", "'"}

// unitMinutes reads 12.5, 12.5小时, 3小时30分 and 210分钟.
func unitMinutes(s string, bareIsMinutes bool) (int64, string) {
	s, hasMinutes := cutUnit(s, minuteUnits)
	hours, minutes, hasHours := s, "", false
	for _, u := range hourUnits {
		if i := strings.Index(s, u); i >= 0 {
			hours, minutes, hasHours = s[:i], s[i+len(u):], true
			break
		}
	}
	switch {
	case hasHours && minutes == "" && !hasMinutes:
		return scaledMinutes(hours, 60)
	case hasHours && isDigits(minutes) && len(minutes) <= 2: // 3小时30, with or without 分
		h, code := scaledMinutes(hours, 60)
		m, _ := strconv.ParseInt(minutes, 10, 64)
		if code != "" || h%60 != 0 || m > 59 {
			return 0, CodeTimeBad
		}
		return boundMinutes(h + m)
	case hasHours:
		return 0, CodeTimeBad
	case hasMinutes || bareIsMinutes:
		return scaledMinutes(s, 1)
	}
	return scaledMinutes(s, 60)
}

func cutUnit(s string, units []string) (string, bool) {
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u); ok {
			return rest, true
		}
	}
	return s, false
}

// scaledMinutes multiplies a decimal number exactly and rounds to the nearest minute.
func scaledMinutes(s string, scale int64) (int64, string) {
	const places = 9
	whole, fraction, ok := splitNumber(s)
	if !ok {
		return 0, CodeTimeBad
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > maxMinutes {
		return 0, CodeNumberLarge
	}
	fraction = (fraction + strings.Repeat("0", places))[:places]
	f, _ := strconv.ParseInt(fraction, 10, 64)
	unit := int64(math.Pow10(places))
	return boundMinutes(n*scale + (f*scale+unit/2)/unit)
}

func boundMinutes(m int64) (int64, string) {
	if m > maxMinutes {
		return 0, CodeNumberLarge
	}
	return m, ""
}
