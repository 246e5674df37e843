package sheet

import (
	"math/big"
	"strings"
	"testing"
)

func text(s string) cell   { return cell{kind: cellText, text: s} }
func stored(s string) cell { return cell{kind: cellNumber, text: s} }

func TestParseCount(t *testing.T) {
	for _, tt := range []struct {
		cell cell
		want int64
		code string
	}{
		{text("0"), 0, ""}, {text("007"), 7, ""}, {text("1200"), 1200, ""}, {text("1,200"), 1200, ""}, {text("1，200"), 1200, ""},
		{text("12,345,678"), 12345678, ""}, {text("１２００"), 1200, ""}, {text("1200.0"), 1200, ""}, {text("1200.000"), 1200, ""},
		{text("1200分"), 1200, ""}, {text("1200 积分"), 1200, ""}, {text("+5"), 5, ""}, {text(" 5\u3000"), 5, ""}, {text("2件/人/月"), 2, ""},
		{stored("1200"), 1200, ""}, {stored("1.2E3"), 1200, ""}, {stored("1199.9999999999998"), 1200, ""}, {stored("0"), 0, ""},
		{text("-5"), 0, CodeNumberNegative}, {text("－5"), 0, CodeNumberNegative}, {text("−5"), 0, CodeNumberNegative}, {text("(5)"), 0, CodeNumberNegative},
		{stored("-0.5"), 0, CodeNumberNegative}, {text("1.5"), 0, CodeNumberFraction}, {stored("1.5"), 0, CodeNumberFraction}, {text("1.200"), 0, CodeNumberFraction},
		{text("1,20"), 0, CodeNumberBad}, {text("1200,000"), 0, CodeNumberBad}, {text(",200"), 0, CodeNumberBad}, {text("1 200"), 0, CodeNumberBad}, {text("5."), 0, CodeNumberBad},
		{text("1e3"), 0, CodeNumberBad}, {text("0x10"), 0, CodeNumberBad}, {text("约100"), 0, CodeNumberBad}, {text("分"), 0, CodeNumberBad}, {text("-"), 0, CodeNumberBad},
		{text("一百"), 0, CodeNumberBad}, {text("100-200"), 0, CodeNumberBad}, {stored("NaN"), 0, CodeNumberBad}, {stored("x"), 0, CodeNumberBad},
		{text("100000001"), 0, CodeNumberLarge}, {text("99999999999999999999"), 0, CodeNumberLarge}, {stored("1e300"), 0, CodeNumberLarge},
	} {
		got, code := parseCount(tt.cell, 0, maxPoints)
		if got != tt.want || code != tt.code {
			t.Errorf("%q = %d %q, want %d %q", tt.cell.text, got, code, tt.want, tt.code)
		}
	}
	if _, code := parseCount(text("0"), 1, 9); code != CodeNumberSmall {
		t.Errorf("0 of at least 1: %q", code)
	}
}

func TestParseMinutes(t *testing.T) {
	clock := func(s string) cell { return cell{kind: cellNumber, look: lookTime, text: s} }
	for _, tt := range []struct {
		cell    cell
		minutes bool
		want    int64
		code    string
	}{
		{text("12.5"), false, 750, ""}, {text("12.5小时"), false, 750, ""}, {text("12.5小时"), true, 750, ""}, {text("１２．５ 小时"), false, 750, ""},
		{text("90"), true, 90, ""}, {text("90分钟"), false, 90, ""}, {text("90 min"), false, 90, ""}, {text("3h"), true, 180, ""}, {text("1,200"), true, 1200, ""},
		{text("3:30"), false, 210, ""}, {text("3：30"), false, 210, ""}, {text("03:30:00"), true, 210, ""}, {text("120:05"), false, 7205, ""},
		{text("3小时30分"), false, 210, ""}, {text("3小时30分钟"), false, 210, ""}, {text("3时30分"), false, 210, ""}, {text("3个小时"), false, 180, ""}, {text("3h30m"), false, 210, ""},
		{text("0"), false, 0, ""}, {text("0.333333"), false, 20, ""}, {text("1.333"), false, 80, ""}, {text("1.01"), false, 61, ""},
		{stored("12.5"), false, 750, ""}, {stored("12.333333333333334"), false, 740, ""}, {stored("740.00000000000011"), true, 740, ""},
		{clock("0.145833333333333"), false, 210, ""}, {clock("1.5"), true, 2160, ""}, {clock("0"), false, 0, ""},
		{text("-1"), false, 0, CodeNumberNegative}, {text("半天"), false, 0, CodeTimeBad}, {text("3:3"), false, 0, CodeTimeBad}, {text("3:60"), false, 0, CodeTimeBad},
		{text("3:30:15"), false, 0, CodeTimeBad}, {text("小时"), false, 0, CodeTimeBad}, {text("3小时60分"), false, 0, CodeTimeBad}, {text("2.5小时30分"), false, 0, CodeTimeBad},
		{text("3天"), false, 0, CodeTimeBad}, {text("9小时-5分"), false, 0, CodeTimeBad}, {text("1e9"), false, 0, CodeTimeBad}, {text("10000000"), false, 0, CodeNumberLarge},
		{text("99999999999999999999小时"), false, 0, CodeNumberLarge}, {text("2000000000:00"), false, 0, CodeNumberLarge}, {clock("1e9"), false, 0, CodeTimeBad},
	} {
		got, code := parseMinutes(tt.cell, tt.minutes)
		if got != tt.want || code != tt.code {
			t.Errorf("%q (minutes %v) = %d %q, want %d %q", tt.cell.text, tt.minutes, got, code, tt.want, tt.code)
		}
	}
}

func TestParseDate(t *testing.T) {
	day := Date{2026, 12, 31}
	for s, want := range map[string]Date{
		"2026-12-31": day, "2026/12/31": day, "2026.12.31": day, "2026年12月31日": day, "2026年12月31号": day, "20261231": day, "２０２６－１２－３１": day,
		"2026 年 12 月 31 日": day, "2026-12-31 23:59:59": day, "2026-12-31T00:00:00Z": day, "2026/12/31 0:00": day, "2026年12月": day, "2026-12": day,
		"2024-2-29": {2024, 2, 29}, "2026-1-5": {2026, 1, 5}, "2024年2月": {2024, 2, 29}, "2000-02-29": {2000, 2, 29},
		"2026-02-29": {}, "1900-02-29": {}, "2026-13-01": {}, "2026-00-10": {}, "2026-10-00": {}, "31-12-2026": {}, "12/31/2026": {}, "26-12-31": {}, "261231": {}, "2026": {},
		"2026-12-31-1": {}, "2026--31": {}, "": {}, "明年": {}, "2026-12-3a": {}, "10:30": {}, "2026-1２": {2026, 12, 31}, "99999999": {}, "-2026-1-1": {},
	} {
		got, ok := parseDate(s)
		if ok != !want.IsZero() || ok && got != want {
			t.Errorf("%q = %v %v, want %v", s, got, ok, want)
		}
	}
}

func TestSerialDates(t *testing.T) {
	for _, tt := range []struct {
		serial    string
		epoch1904 bool
		want      string
	}{
		{"1", false, "1900-01-01"}, {"59", false, "1900-02-28"}, {"60", false, ""}, {"61", false, "1900-03-01"}, {"46022", false, "2025-12-31"}, {"46022.99", false, "2025-12-31"},
		{"0", false, ""}, {"-1", false, ""}, {"x", false, ""}, {"NaN", false, ""}, {"2958465", false, "9999-12-31"}, {"2958466", false, ""}, {"44560", true, "2025-12-31"}, {"1", true, "1904-01-02"},
	} {
		got, ok := serialDate(tt.serial, tt.epoch1904)
		if got.String() != tt.want || ok != (tt.want != "") {
			t.Errorf("%s (1904 %v) = %v %v, want %s", tt.serial, tt.epoch1904, got, ok, tt.want)
		}
	}
}

// TestFormats tells the number formats that make dates and times of numbers.
func TestFormats(t *testing.T) {
	for code, want := range map[string]style{
		"General": {}, "0.00": {}, "#,##0_);(#,##0)": {}, "@": {}, `0"年"`: {}, `0.0"小时"`: {}, `[Red]0`: {}, `"days" 0`: {}, `0\d`: {}, "G/通用格式": {}, "": {},
		"yyyy-mm-dd": {look: lookDate}, `yyyy"年"m"月"d"日";@`: {look: lookDate}, "[$-804]yyyy/m/d": {look: lookDate}, "m/d/yy h:mm": {look: lookDate}, "mmm": {look: lookDate},
		"h:mm": {look: lookTime}, "[h]:mm": {look: lookTime}, "[mm]:ss": {look: lookTime}, `h"时"mm"分"`: {look: lookTime}, "000000": {pad: 6}, "0": {}, `yyyy"x`: {look: lookDate}, "[h": {},
	} {
		if got := formatStyle(code); got != want {
			t.Errorf("%q = %+v, want %+v", code, got, want)
		}
	}
}

func TestPhoneNumbers(t *testing.T) {
	const p = "13800138000"
	for s, want := range map[string]string{
		p: p, "+8613800138000": p, "+86-138-0013-8000": p, "0086 13800138000": p, "8613800138000": p, "１３８００１３８０００": p, "138 0013 8000": p, "138‑0013‑8000": p,
		"(+86)13800138000": p, "13800138000.0": p, "19912345678": "19912345678",
		"1380013800": CodePhoneBad, "138001380000": CodePhoneBad, "12800138000": CodePhoneBad, "02112345678": CodePhoneBad, "1380013800O": CodePhoneBad, "": CodePhoneBad,
		"1.38E+10": CodePhoneDamaged, "1.3800138E+10": CodePhoneDamaged, "13800138000/13900139000": CodePhoneSeveral, "13800138000 13900139000": CodePhoneSeveral, "13800138000；13900139000": CodePhoneSeveral,
	} {
		got, code := phoneNumber(s)
		if got+code != want {
			t.Errorf("%q = %q %q, want %q", s, got, code, want)
		}
	}
}

// FuzzNumber holds what parseCount accepts against arbitrary precision: an accepted number is the one that its digits say.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1,200", "１２００", "1200.0", "1200分", "-5", "0.5", "1e3", "12.5小时", "3:30", "2026-12-31", "46022.5", "(5)", "+", "00", "1.0e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, code := parseCount(text(s), 0, maxPoints)
		if n < 0 || n > maxPoints || code != "" && n != 0 {
			t.Fatalf("%q = %d %q", s, n, code)
		}
		if code == "" {
			digits := strings.TrimPrefix(trimUnit(fold(s)), "+")
			want, ok := new(big.Rat).SetString(strings.ReplaceAll(digits, ",", ""))
			if !ok || want.Cmp(new(big.Rat).SetInt64(n)) != 0 {
				t.Fatalf("%q = %d, want %v", s, n, want)
			}
		}
		parseCount(stored(s), 0, maxPoints)
		for _, c := range []cell{text(s), stored(s), {kind: cellNumber, look: lookTime, text: s}} {
			if m, code := parseMinutes(c, false); m < 0 || m > maxMinutes || code != "" && m != 0 {
				t.Fatalf("%q = %d minutes %q", s, m, code)
			}
		}
		if d, ok := parseDate(s); ok && !d.isReal() {
			t.Fatalf("%q = %v", s, d)
		}
		if d, ok := serialDate(s, false); ok {
			if again, ok := parseDate(d.String()); !ok || again != d {
				t.Fatalf("%q = %v, again %v", s, d, again)
			}
		}
		if p, code := phoneNumber(s); (code == "") != isMobile(p) {
			t.Fatalf("%q = %q %q", s, p, code)
		}
	})
}
