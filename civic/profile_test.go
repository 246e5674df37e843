package civic

import (
	"strings"
	"testing"
)

func TestProfilesAreHeldToTheirCodes(t *testing.T) {
	good := Profile{IDType: "01", Sex: "2", Political: "13", Nation: "01", Education: "20", Occupation: "80", Area: "清溪镇石桥村",
		Kinds: []string{"助老", "环保"}, Times: []string{"16", "17"}, Skills: []string{"99"}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Profile){
		"a name for a code": func(p *Profile) { p.Sex = "女" },
		"an unknown code":   func(p *Profile) { p.Nation = "57" },
		"a code twice":      func(p *Profile) { p.Times = []string{"16", "16"} },
		"an unknown time":   func(p *Profile) { p.Times = []string{"25"} },
		"five kinds":        func(p *Profile) { p.Kinds = []string{"a", "b", "c", "d", "e"} },
		"a long kind":       func(p *Profile) { p.Kinds = []string{strings.Repeat("助", MaxKindRunes+1)} },
		"an empty kind":     func(p *Profile) { p.Kinds = []string{""} },
		"a long area":       func(p *Profile) { p.Area = strings.Repeat("村", MaxAreaRunes+1) },
	} {
		bad := good
		if spoil(&bad); bad.Check() == nil {
			t.Errorf("%s is taken", name)
		} else if bad.Equal(good) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

func TestProfilesMerge(t *testing.T) {
	old := Profile{Sex: "1", Nation: "01", Area: "甲", Skills: []string{"01"}}
	more := Profile{Sex: "2", Area: "乙", Times: []string{"03"}}
	got := old.Merge(more)
	want := Profile{Sex: "2", Nation: "01", Area: "乙", Skills: []string{"01"}, Times: []string{"03"}}
	if !got.Equal(want) || !old.Merge(Profile{}).Equal(old) || old.IsZero() || !(Profile{}).IsZero() {
		t.Errorf("%+v", got)
	}
}
