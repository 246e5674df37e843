package sheet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// String writes the date as 2026-12-31, and nothing for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// daysIn gives the days of a month, 0 for no month.
func daysIn(year, month int) int {
	switch month {
	case 1, 3, 5, 7, 8, 10, 12:
		return 31
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 0
}

func (d Date) isReal() bool {
	return d.Year > 0 && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// dateFromDays gives the day that stands so many days after 1970-01-01 (the algorithm of Howard Hinnant's civil_from_days).
func dateFromDays(days int) Date {
	z := days + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := Date{Year: yoe + era*400, Month: mp + 3, Day: doy - (153*mp+2)/5 + 1}
	if mp >= 10 {
		d.Month, d.Year = mp-9, d.Year+1
	}
	return d
}

// serialDate reads a stored serial day. Excel counts from 1900 with a leap day that never was, or from 1904.
func serialDate(stored string, epoch1904 bool) (Date, bool) {
	f, err := strconv.ParseFloat(stored, 64)
	if err != nil || !(f >= 1 && f < 2958466) { // up to 9999-12-31
		return Date{}, false
	}
	day := int(math.Floor(f))
	switch {
	case epoch1904:
		return dateFromDays(day - 24107), true
	case day == 60:
		return Date{}, false // 1900-02-29
	case day < 60:
		return dateFromDays(day - 25568), true
	}
	return dateFromDays(day - 25569), true
}

// serialMinutes reads a stored part of a day, as cells formatted as time hold it, to the nearest minute.
func serialMinutes(stored string) (int64, bool) {
	f, err := strconv.ParseFloat(stored, 64)
	if err != nil || !(f >= 0 && f*24*60 <= maxMinutes) {
		return 0, false
	}
	return int64(math.Round(f * 24 * 60)), true
}

// parseDate reads a date that a person typed: year, month, day with any usual separators, or eight digits. A month
// alone means its last day, as on packages. Forms that two readers could take differently are refused.
func parseDate(text string) (Date, bool) {
	s := cutTime(fold(text))
	if len(s) == 8 && isDigits(s) {
		return checkedDate(s[:4], s[4:6], s[6:])
	}
	s = dateMarks.Replace(s)
	parts := strings.Split(strings.TrimSuffix(s, "-"), "-")
	switch len(parts) {
	case 2:
		return checkedDate(parts[0], parts[1], "")
	case 3:
		return checkedDate(parts[0], parts[1], parts[2])
	}
	return Date{}, false
}

var dateMarks = strings.NewReplacer("年", "-", "月", "-", "日", "", "号", "", "/", "-", ".", "-", " ", "")

// cutTime drops the time of day that exports add: 2026-12-31 00:00:00, 2026-12-31T00:00:00Z.
func cutTime(s string) string {
	if i := strings.IndexByte(s, ':'); i > 0 {
		if j := strings.LastIndexAny(s[:i], " T"); j > 0 {
			return strings.TrimSpace(s[:j])
		}
	}
	return s
}

func checkedDate(year, month, day string) (Date, bool) {
	if len(year) != 4 || len(month) > 2 || len(day) > 2 || !isDigits(year) || !isDigits(month) {
		return Date{}, false
	}
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d := Date{Year: y, Month: m, Day: daysIn(y, m)}
	if day != "" {
		if !isDigits(day) {
			return Date{}, false
		}
		d.Day, _ = strconv.Atoi(day)
	}
	return d, d.isReal()
}
