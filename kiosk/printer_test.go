package kiosk

import (
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/probe"
	"yizhan/printer/sim"
)

func TestThePrinterPage(t *testing.T) {
	v := newVillage(t)
	v.running()
	v.await(func() bool { return v.paper.Status().Probed })
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/paper").follow("/staff/printer").
		sees("L3：会报小票的号", "断过电，看得出", "58 毫米，32 格，国标码，二维码它自己画", "装机时设的", "ttyS1 · 1000000").lacks("换了一台")
	s.post("/staff/printer").on("/staff/printer?note=found").sees("认好了")
	page := v.connect(s)
	v.printer.Fail(sim.PaperOut)
	page.hears(`"renew":"/staff/printer?note=found"`)
	s.post("/staff/printer").on("/staff/printer?note=failed").sees("没有认成", "没纸了", "换一卷纸")
}

func TestAnotherPrinterIsMetAnew(t *testing.T) {
	v := newVillage(t)
	v.running()
	v.await(func() bool { return v.paper.Status().Probed })
	v.printer.Fail(sim.Stall)
	s := v.screen()
	s.onDutyAs(leader)
	v.await(func() bool { return strings.Contains(s.get("/staff/printer").body, "换了一台") })
	s.follow("/staff/printer/other").sees("打印机换过了吗")
	s.post("/staff/printer/other").on("/staff/printer?note=other").sees("原来那台忘掉了")
}

// TestAPageIsReadBack: the questions lead one by one to what the printer is.
func TestAPageIsReadBack(t *testing.T) {
	v := newVillage(t)
	v.running()
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/printer").follow("/staff/probe").sees("打印测试页", "15 厘米")
	s.post("/staff/probe/print").on("/staff/probe?out=yes")
	if papers := v.printer.cut(); len(papers) != 1 || !slices.Contains(papers[0].Lines, "YIZHAN PRINTER TEST") {
		t.Fatalf("%d pieces of paper", len(papers))
	}
	for i, choice := range []string{"a", "c", "g", "both", "k", "no"} {
		s.sees(v.text58(probe.Questions[i].Key), "第 "+string(rune('1'+i))+" 问，共 6 问")
		s.choose(probe.Questions[i].Key, choice)
		if probe.Questions[i].Key == "code" { // K without J contradicts the H before
			s.choose("cut", "yes").sees("应该都有或者都没有")
			s.get("/staff/probe?code=both&cut=yes&out=yes&rare=both&size=g&text=a&width=c")
			break
		}
	}
	s.sees("58 毫米", "生僻字教给它", "会裁纸", "记住")
	s.post("/staff/probe", "text", "a", "width", "c", "size", "g", "rare", "both", "code", "both", "cut", "yes").
		on("/staff/printer?note=saved").sees("看认字页定的", "生僻字教给它")
	want := printer.Profile58
	want.ChineseSize, want.UserChars = true, true
	if got := v.paper.profile(); got != want {
		t.Errorf("profile %s, want %s", got, want)
	}
	s.post("/staff/probe", "text", "a").sees("没办成")
}

// text58 is a text of the questions as pages have it.
func (v *village) text58(key string) string {
	return strings.NewReplacer("“", "“", `"`, "&#34;").Replace(v.texts["zh-CN"].Text("probe." + key))
}

// choose presses a key of a question.
func (s *screen) choose(key, choice string) *screen {
	s.Helper()
	for _, link := range strings.Split(s.body, `href="`)[1:] {
		link, _, _ = strings.Cut(link, `"`)
		link = strings.ReplaceAll(link, "&amp;", "&")
		if strings.HasPrefix(link, probePage+"?") && strings.Contains(link+"&", key+"="+choice+"&") {
			return s.get(link)
		}
	}
	s.Fatalf("%s has no key %s=%s", s.at, key, choice)
	return s
}

func TestWithoutPaperNoPageIsRead(t *testing.T) {
	v := newVillage(t)
	v.running()
	v.printer.Fail(sim.PaperOut)
	s := v.screen()
	s.onDutyAs(clerk)
	s.post("/staff/probe/print").on("/staff/probe?failed").sees("没打出来", "打印测试页")
}
