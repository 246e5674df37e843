package printer_test

import (
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, in string
		width    int
		want     []string
	}{
		{"empty", "", 8, []string{""}},
		{"fits", "石桥村", 6, []string{"石桥村"}},
		{"between ideographs", "石桥村益栈", 8, []string{"石桥村益", "栈"}},
		{"odd width", "石桥村益栈", 7, []string{"石桥村", "益栈"}},
		{"no comma first", "石桥村益，栈", 8, []string{"石桥村", "益，栈"}},
		{"no stop first, twice", "石桥村益。」栈", 8, []string{"石桥村", "益。」栈"}},
		{"no bracket last", "石桥村（益栈）", 8, []string{"石桥村", "（益栈）"}},
		{"no opening quote last", "石桥村「益栈」", 8, []string{"石桥村", "「益栈」"}},
		{"at a space", "hello big world", 9, []string{"hello big", "world"}},
		{"words stay whole", "hello world", 8, []string{"hello", "world"}},
		{"numbers stay whole", "电话13800001111", 12, []string{"电话", "13800001111"}},
		{"a word wider than the paper", "SQ01-1-000123", 8, []string{"SQ01-1-0", "00123"}},
		{"only punctuation", "。。。。。", 4, []string{"。。", "。。", "。"}},
		{"spaces at the break go", "石桥村益    栈", 8, []string{"石桥村益", "栈"}},
		{"no comma first after a space", "石桥村益 ，栈", 8, []string{"石桥村", "益 ，栈"}},
		{"no bracket last before a space", "石桥村（ 益栈）", 8, []string{"石桥村", "（ 益", "栈）"}},
		{"no square or curly bracket last", "石桥村［益］", 8, []string{"石桥村", "［益］"}},
		{"a range stays together", "石桥村8～9点", 8, []string{"石桥村", "8～9点"}},
		{"a dash stays whole", "石桥村——益", 8, []string{"石桥", "村——益"}},
		{"a name breaks after its dot", "阿依古丽·买买提", 10, []string{"阿依古丽·", "买买提"}},
		{"an indented word too wide", "  SQ01-1-000123", 8, []string{"  SQ01-1", "-000123"}},
		{"wider than the width", "石", 1, []string{"石"}},
	} {
		if got := printer.Wrap(c.in, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%s: Wrap(%q, %d) = %q, want %q", c.name, c.in, c.width, got, c.want)
		}
	}
}

// However text is wrapped, every character but spaces comes out once and in order,
// and no line is wider than the paper.
func FuzzWrap(f *testing.F) {
	f.Add("未开封商品24小时内可退，感谢您。", 8)
	f.Add("a，b（c）", 2)
	f.Add("hello   world", 5)
	f.Fuzz(func(t *testing.T, s string, width int) {
		width = 2 + width&63
		s = printer.Normalize(s)
		lines := printer.Wrap(s, width)
		if got, want := unspaced(strings.Join(lines, "")), unspaced(s); got != want {
			t.Errorf("%q wrapped at %d became %q", want, width, got)
		}
		for i, line := range lines {
			if printer.Cells(line) > width {
				t.Errorf("line %d of %q is wider than %d: %q", i, s, width, line)
			}
			if line == "" && i > 0 {
				t.Errorf("line %d of %q is empty", i, s)
			}
		}
	})
}

func unspaced(s string) string { return strings.ReplaceAll(s, " ", "") }
