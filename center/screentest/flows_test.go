package screentest

import (
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// An empty center, and an officer who sets up a place and a kiosk, makes a code, and
// approves the box that used it over the network.
func TestABoxIsMadeAKiosk(t *testing.T) {
	d := newDesk(t)
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.sees("还没有终端机").press("=登记新终端机").on("/addkiosk").press("=没有这个镇或村？先添加").on("/place")
	v.typing("id", "center", "name", "青禾县中心").press("=添加").on("/place/center").sees("添加好了").press("=登记新终端机").on("/addkiosk")
	v.typing("id", "sq01", "name", "石桥村益栈")
	eval[bool](v, `document.querySelector("select").value = "center"; return true`)
	v.press("=登记").on("/station/SQ01").sees("登记好了", "没装机")
	v.press("=做一次性代码").on("/station/SQ01/code").sees("48 小时").press("main button").sees("离开这一页就看不到了")
	d.auditOnce(v, "code")
	code := eval[string](v, `return document.querySelector(".codetext").innerText`)
	answer, fingerprint := d.asks(link.Invitation{Address: d.outside, Code: code, Center: d.keys.Pin()})
	if a := answer(); a.State != link.EnrolWaiting || a.Kiosk != "SQ01" {
		t.Fatalf("%+v", a)
	}
	v.press("=去等批准的机器").on("/boxes").sees(fingerprint)
	v.press("=两边一样").press("=批准").on("/station/SQ01").sees("已经批准", "还没有连上来")
	if a := answer(); a.State != link.EnrolApproved || a.Epoch != 1 {
		t.Fatalf("%+v", a)
	}
	d.must(d.store.Seen(t.Context(), "SQ01", []byte(`{"printer":"ok","paper":"ok","disk_free_bytes":1,"wall_ms":1,"clock":2,"unsent":0,"unsent_ms":0,"program":"3.2.1"}`)))
	v.visit("/fleet").sees("石桥村益栈", "刚刚", "3.2.1")
}

// A kiosk that is stopped and lifted, with no script at all.
func TestAQuarantineIsLifted(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.open(screens[1])
	v = d.welcomed(v, "lin", store.RoleOfficer).signedIn("lin").script(false)
	v.sees("终端机记录对不上，已停").press("=去处理").on("/fleet?state=stopped").press("=东坪村益栈").on("/station/DP01")
	v.sees("同一条记录有两个版本", "两条出路").press("=放行").on("/station/DP01/lift").sees("接下来会这样").press("main button").on("/station/DP01?done=lift").sees("已经放行")
	k, chain, err := d.store.Kiosk(t.Context(), "DP01")
	d.must(err)
	if chain.State != store.ChainOpen {
		t.Errorf("%+v %+v", k, chain)
	}
	v.press("=停下这台机器").on("/station/DP01/stop").press("main button").sees("接下来会这样")
	v.typing("reason", "有人看见被搬走").press("main button").on("/station/DP01?done=stop").sees("由工作人员停下", "有人看见被搬走")
}

// What a lost box held is written off by two officers, and by nobody alone.
func TestAWriteOffTakesTwo(t *testing.T) {
	d := newDesk(t)
	d.county()
	lin := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	chen := d.welcomed(d.open(screens[0]), "chen", store.RoleOfficer).signedIn("chen")
	lin.visit("/station/SQ01").press("=停用").on("/station/SQ01/revoke").sees("请把机器收回").press("main button").on("/station/SQ01?done=revoke")
	lin.press("=提出核销").on("/station/SQ01/lose").sees("700 分", "须另一位工作人员确认")
	lin.typing("reason", "掉进河里").press("main button").on("/station/SQ01?done=lose").sees("lin 提出核销 700 分")
	lin.press("=确认核销").on("/station/SQ01/confirm").sees("提出的人自己不能确认")
	if n := eval[int](lin, `return document.querySelectorAll("main form").length`); n != 0 {
		t.Errorf("who proposed it is offered %d forms to confirm it", n)
	}
	chen.visit("/").sees("核销等第二人确认").press("=去确认").on("/station/SQ01").press("=确认核销").on("/station/SQ01/confirm").sees("掉进河里")
	chen.press("main button").on("/station/SQ01?done=confirm").sees("已核销 700 分：lin 提出，chen 确认")
	a, err := d.store.Account(t.Context(), ledger.ID{1, 7})
	d.must(err)
	if a.Lots[0].Free != 700 {
		t.Errorf("%+v", a)
	}
	chen.visit("/").sees("账平", "另有 700 分")
}

// The fleet's page keeps itself up to date, and says when it cannot.
func TestTheFleetIsLive(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin").visit("/fleet").sees("打印正常")
	d.must(d.store.Seen(t.Context(), "SQ01", []byte(`{"printer":"paper","paper":"out","disk_free_bytes":1,"wall_ms":`+itoa(d.now().UnixMilli())+`,"clock":2,"unsent":0,"unsent_ms":0,"program":"3.2.1"}`)))
	v.sees("没纸了", "打不了小票 1")
	d.ahead.Add(int64(store.SessionIdle + time.Minute)) // a page that loads itself keeps nobody signed in
	v.on("/signin")
}

// Two officers change the same volunteer: the second is told, and loses nothing.
func TestAVolunteerIsChangedByTwo(t *testing.T) {
	d := newDesk(t)
	d.county()
	lin := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	chen := d.welcomed(d.open(screens[0]), "chen", store.RoleOfficer).signedIn("chen")
	lin.press("=志愿者").on("/volunteers").sees("李红芳").press("=登记志愿者").on("/volunteer")
	lin.typing("name", "钱 小燕", "number", "q-77", "phone", "1380013800", "town", "qingxi").press("main form button").sees("手机号要 11 位")
	lin.typing("phone", "13800138000").press("main form button").on("/account/").sees("登记好了", "钱小燕", "编号 Q-77", "手机尾号 8000")
	lin.visit("/volunteers?q=qxy").on("/account/").press("=修改资料").on("/volunteer/")
	chen.visit("/volunteers?q=Q-77").on("/account/").press("=修改资料").on("/volunteer/")
	lin.typing("home", "SQ01").press("=保存").on("/account/").sees("改好了", "常去石桥村益栈")
	chen.typing("name", "钱晓燕").press("=保存").sees("别人改过这份资料", "石桥村益栈")
	for _, problem := range append(chen.problems(words), chen.Axe()...) {
		t.Error(problem)
	}
	chen.Shot("volunteer-changed")
	chen.press("=保存").on("/account/").sees("钱晓燕", "常去石桥村益栈")
	chen.press("=做卡").on("/card/").sees("接下来会这样")
	d.auditOnce(chen, "card")
	chen.press("main form button").sees("钱晓燕的新卡", "离开就看不到了")
	d.auditOnce(chen, "newcard")
	chen.press("=印好了，回到积分").on("/account/").sees("换卡", "作废卡")
}

// Everything can be reached with the keyboard alone.
func TestKeyboard(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.keys("/")
	v.within(stepLimit, "the search has the focus", func() bool { return eval[string](v, `return document.activeElement.id`) == "find" })
	eval[bool](v, `document.activeElement.select(); return true`) // the protocol types the slash all the same, which a keyboard does not
	v.keys("420-118-2207\r").on("/account/").sees("张建伟")
	v.visit("/fleet")
	reached := map[string]bool{}
	for range 60 {
		v.keys("\t")
		what := eval[string](v, `const el = document.activeElement, s = getComputedStyle(el.closest(".find") ?? el);
			return (el.getAttribute("href") ?? el.name ?? el.innerText) + (el !== document.body && s.outlineStyle === "none" ? " without a mark" : "")`)
		if len(what) > 15 && what[len(what)-15:] == " without a mark" {
			t.Errorf("the focus cannot be seen on %s", what)
		}
		reached[what] = true
	}
	for _, want := range []string{"/", "/fleet", "/addkiosk", "/station/DP01", "/fleet?sort=seen", "q", "/me"} {
		if !reached[want] {
			t.Errorf("%s is not reached by the tabulator, only %v", want, reached)
		}
	}
}

// An auditor of a town reads what was done there, sees it proved, and takes it home.
func TestAnAuditorReads(t *testing.T) {
	d := newDesk(t)
	d.county()
	d.must(d.store.PutKiosk(store.As(t.Context(), "lin"), store.Kiosk{ID: "SQ01", Name: "石桥村益栈", Parent: "shiqiao", Cap: 5_000}))
	d.scope = "qingxi"
	v := d.welcomed(d.open(screens[1]), "shen", store.RoleAuditor).signedIn("shen").script(false)
	v.press("=操作记录").on("/audit").sees("限额 10,000", "限额 5,000")
	if text := eval[string](v, `return document.querySelector("tbody").innerText`); strings.Contains(text, "柳树村") || strings.Contains(text, "东坪村") {
		t.Errorf("another town is shown: %s", text)
	}
	v.typing("place", "石桥村益栈").press("=查看").on("/audit?who=&kind=&place=").press("=核对这里的记录").sees("核对无误")
	csv := eval[string](v, `const r = await fetch(document.querySelector("a[href^='/audit.csv']").href); return await r.text()`)
	if !strings.Contains(csv, "石桥村益栈") || strings.Contains(csv, "柳树村") {
		t.Errorf("the file says %q", csv)
	}
	v.visit("/station/LS01").sees("这里不归你管", "清溪镇")
}
