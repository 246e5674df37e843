package screentest

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// hand is a phone as people have one: the smallest that is usual.
var hand = screen{"phone", 360, 740}

// somebody is a volunteer with a PIN and a phone; a shift goes on at SQ01, of which a test
// has the box.
func (d *desk) somebody() (box *station, shift, who ledger.ID) {
	d.Helper()
	for _, s := range []store.Scope{{ID: "center", Name: "青禾县中心"}, {ID: "qingxi", Parent: "center", Name: "清溪镇"}, {ID: "shiqiao", Parent: "qingxi", Name: "石桥村"}} {
		d.must(d.store.PutScope(d.Context(), s))
	}
	d.must(d.store.PutKiosk(d.Context(), store.Kiosk{ID: "SQ01", Name: "石桥村益栈", Parent: "shiqiao"}))
	box, shift = d.enrolled("SQ01"), ledger.ID{5, 5}
	start := d.now().Add(-10 * time.Minute)
	d.must(d.store.PutShift(d.Context(), "shiqiao", civic.Shift{ID: shift, Activity: ledger.ID{6}, Title: "周末路口文明劝导", TitleEN: "Weekend crossing duty", Place: "石桥路口", PlaceEN: "Stone Bridge crossing",
		Scope: "shiqiao", Start: start.Unix(), End: start.Add(2 * time.Hour).Unix(), Posts: []civic.Post{{Name: "引导员", NameEN: "Guide", Wanted: 2, Needs: "穿马甲"}, {Name: "机动", NameEN: "Reserve"}}, Kiosks: []string{"SQ01"}, CheckEarly: 1800, CheckLate: 3600}))
	who = d.volunteer(1, "张建伟", "420-118-2207", "SQ01", 980)
	d.withPIN(who)
	return box, shift, who
}

// withPIN gives a volunteer the PIN of these tests.
func (d *desk) withPIN(who ledger.ID) {
	d.Helper()
	p, err := d.store.Person(d.Context(), who)
	d.must(err)
	p.PIN, err = civic.HashPIN("271828", civic.PINCost{MemoryKiB: 8, Passes: 1}, rand.Reader)
	d.must(err)
	d.must(d.store.PutPerson(d.Context(), p))
}

// code is what the screen of the box shows now.
func (s *station) code(shift ledger.ID, out bool) string {
	return civic.CheckCode{Shift: shift, Kiosk: s.head.Kiosk, Epoch: s.head.Epoch, Step: civic.StepAt(s.now()), Out: out}.Sign("/C/", s.key)
}

// seen looks at a page of phones, in both languages, and leaves it in Chinese.
func (d *desk) seenOnPhone(v *tab, name string) {
	d.Helper()
	for _, lang := range []assets.Lang{assets.Chinese, assets.English, ""} {
		if eval[string](v, `return document.documentElement.lang`) != string(lang) {
			at := v.Path()
			v.press("header form button").on(at)
		}
		if lang == "" { // back in Chinese
			return
		}
		v.Shot(fmt.Sprintf("phone-%s-%s", name, lang))
		problems := append(v.problems(append([]string{"周末路口文明劝导", "石桥路口", "穿马甲"}, words...)), eval[[]string](v, smallTargets)...)
		if (len(name)%2 == 0) == (lang == assets.Chinese) {
			v.SetScript(true)
			problems = append(problems, v.Axe()...)
			v.SetScript(false)
		}
		for _, problem := range problems {
			d.Errorf("%s, %s: %s", name, lang, problem)
		}
	}
}

// smallTargets lists what a thumb would miss.
const smallTargets = `return [...document.querySelectorAll("a, button, input, select, summary, label.pick")].filter((el) => el.type !== "hidden" && el.checkVisibility() && (!el.parentElement.closest("label"))).flatMap((el) => {
	const r = el.getBoundingClientRect();
	return r.width < 44 || r.height < 44 ? ["a target of " + r.width.toFixed() + " x " + r.height.toFixed() + ": " + el.outerHTML.slice(0, 80)] : [];
})`

// A code is scanned on a phone that nobody has signed in on before: sign-in, check-in,
// the way out, and the volunteer's own pages. No script is needed for any of it.
func TestAPhoneChecksIn(t *testing.T) {
	d := newDesk(t)
	box, shift, _ := d.somebody()
	v := d.open(hand).script(false)
	if v.visit("/p/"); eval[string](v, `return document.documentElement.lang`) == string(assets.English) { // as the browser speaks
		v.press("=中文").sees("没有密码")
	}
	v.visit(box.code(shift, false)).on("/p/").sees("周末路口文明劝导")
	d.seenOnPhone(v, "signin")
	v.typing("who", "420-118-2207", "pin", "000000").press("=登录").on("/p/").sees("密码不对")
	d.seenOnPhone(v, "wrong")
	v.typing("who", "420-118-2207", "pin", "271828").press("=登录").on("/c/").sees("张*伟", "石桥路口")
	d.seenOnPhone(v, "check")
	v.press("=签到").on("/c/").sees("签到好了")
	d.seenOnPhone(v, "checked")
	v.visit(box.code(shift, true)).on("/c/").sees("签退")
	d.seenOnPhone(v, "checkout")
	v.press("=签退").sees("签退好了")
	d.seenOnPhone(v, "checkedout")
	v.visit("/my/hours").sees("等确认")
	d.seenOnPhone(v, "hours")
	v.press("a.row[href*='/my/hours/']").on("/my/hours/").sees("等负责人确认名单")
	d.seenOnPhone(v, "hour")
	v.press("=数不对？").on("/my/object").sees("哪里不对")
	d.seenOnPhone(v, "object")
	v.press("=时间少算了")
	eval[bool](v, `document.querySelector("select").value = "120"; return true`)
	v.press("=告诉负责人").on("/my/objections").sees("等答复", "应该 2 小时")
	d.seenOnPhone(v, "objections")
	v.visit("/my/missed").sees("没有这样的活动")
	d.seenOnPhone(v, "missed")
	v.visit("/my").sees("张*伟")
	d.seenOnPhone(v, "my")
	v.press("=积分").on("/my/points").sees("路口文明劝导")
	eval[bool](v, `document.querySelector("details").open = true; return true`)
	d.seenOnPhone(v, "points")
	v.press("=返回").on("/my").press("=附近活动").on("/my/near").sees("石桥路口")
	d.seenOnPhone(v, "near")
	v.press("a.row").on("/my/shift/").sees("引导员")
	d.seenOnPhone(v, "shift")
	v.press("=报名这个岗位").sees("报上名了")
	d.seenOnPhone(v, "claimed")
	v.visit("/my/card").sees("60 秒")
	d.seenOnPhone(v, "card")
	v.script(true).visit("/my/card").sees("60 秒")
	first := eval[string](v, `const now = Date.now; window.later = (ms) => { Date.now = () => now() + ms; }; later(31000); return document.querySelector(".qr").innerHTML`)
	v.within(stepLimit, "another card", func() bool { return eval[string](v, `return document.querySelector(".qr").innerHTML`) != first })
	eval[bool](v, `window.fetch = () => Promise.reject(new Error("no network")); later(100000); return true`)
	v.sees("没有网络，这张过时了")
	v.script(false).visit("/my").press("=我登录过的手机").on("/my/phones").sees("这部手机")
	d.seenOnPhone(v, "phones")
	v.visit("/C/X").sees("不是签到码")
	d.seenOnPhone(v, "trouble")
}
