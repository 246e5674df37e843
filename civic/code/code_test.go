package code

import (
	"strings"
	"testing"
)

func TestCodesAndNamesStandForEachOther(t *testing.T) {
	rows := 0
	for _, table := range []*Table{IDType, Sex, Political, Nation, Education, Occupation, Star, Time, Skill, Served, Method, Validity, Kind} {
		rows += len(table.Entries)
		for _, e := range table.Entries {
			for _, text := range []string{e.Code, e.Chinese, e.English, " " + e.Chinese + "　", strings.ToUpper(e.English)} {
				if code, ok := table.Parse(text); !ok || code != e.Code {
					t.Errorf("%s: %q is %q, want %q", table.Name, text, code, e.Code)
				}
			}
			if table.Label(e.Code, false) != e.Chinese || table.Label(e.Code, true) != e.English || !table.Has(e.Code) {
				t.Errorf("%s: %+v", table.Name, e)
			}
		}
	}
	if lines := strings.Count(tables, "\n") - 1; rows != lines || rows < 150 {
		t.Errorf("%d codes of %d lines are used", rows, lines)
	}
}

func TestOtherWritings(t *testing.T) {
	for _, c := range []struct {
		table      *Table
		text, want string
	}{
		{Sex, "女", "2"}, {Sex, "女性", "2"}, {Nation, "汉", "01"}, {Nation, "1", "01"}, {Nation, "撤拉族", "35"}, {Nation, "撒拉", "35"},
		{Political, "中共党员", "01"}, {Political, "群众", "13"}, {Education, "本科", "20"}, {Education, "0", "00"},
		{Occupation, "退(离)休人员", "80"}, {Time, "星期六上午", "16"}, {Skill, "99", "99"},
		{Sex, "3", ""}, {Sex, "", ""}, {Nation, "火星族", ""}, {IDType, "9", ""},
	} {
		if code, ok := c.table.Parse(c.text); code != c.want || ok != (c.want != "") {
			t.Errorf("%s %q is %q, want %q", c.table.Name, c.text, code, c.want)
		}
	}
	if Sex.Label("7", false) != "7" || Sex.Has("") {
		t.Error("what is no code has a name")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("汉族")
	f.Add("01")
	f.Fuzz(func(t *testing.T, text string) {
		for _, table := range []*Table{Nation, Skill} {
			if code, ok := table.Parse(text); ok != table.Has(code) {
				t.Errorf("%q is %q", text, code)
			}
		}
	})
}
