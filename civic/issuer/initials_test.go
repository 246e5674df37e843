package issuer

import (
	"strings"
	"testing"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"张伟": "zw", "欧阳娜娜": "oynn", "诸葛亮": "zgl",
		// family names with a sound of their own
		"单雄信": "sxx", "曾国藩": "zgf", "解缙": "xj", "仇英": "qy", "区寄": "oj", "朴树": "ps", "查良镛": "zly", "翟天临": "ztl",
		"盖叫天": "gjt", "覃海洋": "qhy", "尉迟恭": "ycg", "万俟卨": "mqx", "单于": "cy", "长孙无忌": "zswj", "澹台明": "ttm", "任贤齐": "rxq",
		// the same characters inside a name
		"李单": "ld", "张解": "zj",
		"买买提·艾力": "mmtal", "阿Q": "aq",
		"John Smith": "js", "JOSÉ García-Lorca": "jgl", "O'Neill": "o", "": "", "·": "", "123": "",
		"王\U00030EDE": "wb", "王\U0002FFFD": "w", // no sound is known
	} {
		if got := Initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Initials(strings.Repeat("张", 200)); len(got) != 50 {
		t.Errorf("%d initials", len(got))
	}
}

func FuzzInitials(f *testing.F) {
	f.Add("张伟")
	f.Add("é\u0301 Ａ")
	f.Fuzz(func(t *testing.T, name string) {
		got := Initials(name)
		if len(got) > 50 || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("initials(%q) = %q", name, got)
		}
	})
}
