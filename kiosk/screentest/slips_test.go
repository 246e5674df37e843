package screentest

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"yizhan/kiosk"
)

// walkSlips is what a leader comes to who changes what slips say.
func (a *auditor) walkSlips() {
	a.Helper()
	a.duty(leader, "/staff")
	for _, at := range []string{"/staff/more", "/staff/slips", "/staff/slips/receipt", "/staff/slips/void"} {
		a.goTo("leader-"+fileName(at), at)
	}
	a.visit("/staff/slips/close").on("/staff/slips/close")
	a.write("[大字 红色] {operator\n\n").marks(1)
	a.look("leader-slip-wrong", false)
	a.look("leader-slip-wrong", true)
}

// write types a text in place of what stands in the field.
func (v *tab) write(text string) *tab {
	v.Helper()
	eval[chromedp.Void](v, `const field = document.querySelector("#text"); field.value = args[0]; field.dispatchEvent(new Event("input"))`, text)
	return v
}

// written is what stands in the field.
func (v *tab) written() string {
	v.Helper()
	return eval[string](v, `return document.querySelector("#text").value`)
}

// picture is which paper is shown, once it is there.
func (v *tab) picture() (src string) {
	v.Helper()
	v.within(stepLimit, "the picture of the paper", func() bool {
		src = eval[string](v, `const paper = document.querySelector("#paper"); return paper.complete && paper.naturalWidth ? paper.src : ""`)
		return src != ""
	})
	return src
}

// marks waits until a mistake is marked at that line, or none when it is 0.
func (v *tab) marks(line int) *tab {
	v.Helper()
	v.within(stepLimit, "a mistake marked at its line", func() bool {
		return eval[bool](v, `const marked = [...document.querySelectorAll(".numbers .wrong")].map((el) => Number(el.textContent));
			return args[0] ? marked.includes(args[0]) : marked.length === 0 && !document.querySelector("#problems li")`, line)
	})
	return v
}

// A leader adds a greeting to the receipt and sees it on the paper before it is kept;
// a mistake is shown at its line while the paper stays as it was.
func TestWritingASlip(t *testing.T) {
	v := newBox(t, wide, func(c *kiosk.Config) { c.Slips = kiosk.SlipFolder(t.TempDir()) }).open().on("/")
	v.scan(card(leader)).on("/staff/pin").dial(staffPIN).tap(".go").on("/staff")
	v.visit("/staff/more").on("/staff/more").tap("a[href='/staff/slips']").on("/staff/slips").tap("a[href='/staff/slips/receipt']").on("/staff/slips/receipt")
	before, text := v.picture(), v.written()
	greeted := strings.Replace(text, "[如有 code 居中] 扫码可查真伪", "[如有 code 居中] 扫码可查真伪\n[居中] 谢谢乡亲们", 1)
	v.write(greeted)
	v.within(stepLimit, "the greeting on paper", func() bool { return v.picture() != before })
	after := v.picture()
	lines := strings.Split(greeted, "\n")
	lines[6] = "单号 | {nummer}"
	v.write(strings.Join(lines, "\n")).marks(7).sees("没有 {nummer} 这一项")
	if v.picture() != after {
		t.Error("a mistake takes the last good picture away")
	}
	v.write(greeted).marks(0)
	v.press(v.find("button.look", false)).sees("看连中心的")
	v.within(stepLimit, "the paper of a reprint", func() bool { return v.picture() != after })
	for _, next := range []string{"看自取的", "看退了的", "看平常的", "看重打的"} {
		v.press(v.find("button.look", false)).sees(next)
	}
	v.within(stepLimit, "the usual paper", func() bool { return v.picture() == after })
	v.tap("button[value=save]").on("/staff/slips/receipt?saved").sees("存好了")
	if v.picture() != after || v.written() != greeted {
		t.Errorf("what was kept is not what was written: %s", v.written())
	}
	v.reserve(zhang, "G05", 90)
	if paper := v.paper(1); !strings.Contains(paper.Text(), "谢谢乡亲们") {
		t.Errorf("the next receipt says\n%s", paper.Text())
	}
	v.SetScript(false)
	v.visit("/staff/slips/receipt").on("/staff/slips/receipt").write(text)
	papers := make(map[string]bool)
	for range 5 { // a reprint, of a kiosk with a center, from the shelf, given back, and the usual one again
		v.tap("button.look").on("/staff/slips/receipt")
		papers[v.picture()] = true
	}
	if len(papers) != 5 || v.picture() != before || v.written() != text {
		t.Error("without the script the key does not show the paper")
	}
	v.tap("button[value=reset]").on("/staff/slips/receipt").sees("存下来才算数").tap("button[value=save]").on("/staff/slips/receipt?saved").sees("存好了")
}
