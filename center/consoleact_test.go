package center

import (
	"crypto/ed25519"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

func TestKiosksAndPlacesAreAdded(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	for name, c := range map[string]struct {
		form []string
		says string
	}{
		"a bad number": {[]string{"id", "石桥", "name", "石桥村益栈", "parent", "shiqiao"}, "1 到 16 个大写字母"},
		"no name":      {[]string{"id", "SQ01", "name", " ", "parent", "shiqiao"}, "请填名称"},
		"no place":     {[]string{"id", "SQ01", "name", "石桥村益栈"}, "请选一个地方"},
		"no such":      {[]string{"id", "SQ01", "name", "石桥村益栈", "parent", "nowhere"}, "请选一个地方"},
		"a bad cap":    {[]string{"id", "SQ01", "name", "石桥村益栈", "parent", "shiqiao", "cap", "many"}, "整数"},
	} {
		b.post("/addkiosk", c.form...).shows(422, c.says)
		if c.form[1] != "石桥" && !strings.Contains(b.body, `value="SQ01"`) {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.post("/addkiosk", "id", "sq01", "name", "石桥村益栈", "parent", "shiqiao", "cap", "5000").shows(200, "登记好了", "石桥村益栈", "限额 5,000")
	b.post("/addkiosk", "id", "SQ01", "name", "又一个", "parent", "shiqiao").shows(422, "已经有了")

	b.post("/place", "id", "柳河", "name", "柳河镇", "parent", "center").shows(422, "小写字母")
	b.post("/place", "id", "liuhe", "name", "柳河镇", "parent", "nowhere").shows(422, "请选一个地方")
	b.post("/place", "id", "qingxi", "name", "柳河镇", "parent", "center").shows(422, "已经有了")
	b.post("/place", "id", "liuhe", "name", "柳河镇", "parent", "center").shows(200, "添加好了", "青禾县中心", "柳河镇")
	acts, err := o.store.Acts(t.Context(), "liuhe", 0, 5)
	o.must(err)
	if len(acts) != 1 || acts[0].Who != "lin" || acts[0].Kind != "scope.added" {
		t.Errorf("%+v", acts)
	}
}

func TestWhatFollowsIsSaidFirst(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	o.volunteer(1, "张建伟", "1", "SQ01", 500)

	b.get("/station/SQ01/cap").shows(200, "接下来会这样", "现在机上有 500 分")
	b.post("/station/SQ01/cap", "cap", "none").shows(422, "请填 1 以上的整数")
	b.post("/station/SQ01/cap", "cap", "600").shows(200, "限额改好了", "限额 1,000,000 → 600")

	b.get("/station/SQ01/revoke").shows(200, "还能用机上的 500 分")
	b.post("/station/SQ01/revoke").shows(200, "已经停用", "已停用")
	b.get("/station/SQ01/revoke").shows(409, "情况已经变了")

	b.get("/station/SQ01/code").shows(200, "换机", "还没用掉的 500 分")
	b.post("/station/SQ01/code").shows(200, "离开这一页就看不到了", "10.0.0.5:8443")
	code := strings.Split(strings.Split(b.body, `class="codetext">`)[1], "<")[0]
	key := make([]byte, 32)
	e, err := o.store.Enrol(t.Context(), code, key, 1)
	o.must(err)
	b.get("/boxes").shows(200, link.Fingerprint(key, o.keys.Pin()), "旧机器被拒绝")
	b.post("/boxes/"+e.ID+"/approve").shows(200, "没有批准")
	b.post("/boxes/"+e.ID+"/approve", "compared", "yes").shows(200, "已经批准")
	b.post("/boxes/" + e.ID + "/refuse").shows(409)
	b.get("/boxes").shows(200, "现在没有机器在等")

	b.post("/station/SQ01/lose", "epoch", "1").shows(422, "请写原因")
	b.post("/station/SQ01/lose", "epoch", "1", "reason", strings.Repeat("长", maxReasonRunes+1)).shows(422, "请写原因")
	b.post("/station/SQ01/lose", "epoch", "2", "reason", "x").shows(409) // that box serves
	b.post("/station/SQ01/lose", "epoch", "x", "reason", "x").shows(400)
	b.post("/station/SQ01/lose", "epoch", "1", "reason", "掉进河里").shows(200, "lin 提出核销 500 分")
	b.post("/station/SQ01/confirm", "epoch", "1").shows(409, "提出的人自己不能确认")
	b.post("/station/SQ01/drop", "epoch", "1").shows(200, "已经撤回")
	b.post("/station/SQ01/lose", "epoch", "1", "reason", "还是找不到").shows(200)
	chen := o.signedIn("chen", store.RoleOfficer)
	chen.post("/station/SQ01/confirm", "epoch", "1").shows(200, "核销完成", "已核销 500 分：lin 提出，chen 确认")
	o.now = o.now.Add(2 * booksKept)
	chen.get("/").shows(200, "账平", "另有 500 分")
	chen.get("/account/"+ledger.ID{1, 7}.String()).shows(200, "核销 500", "其中 500 分在中心")

	report, err := o.store.Verify(t.Context())
	o.must(err)
	if !report.OK() || report.Acts < 10 {
		t.Errorf("%+v", report)
	}
}

func TestAQuarantineIsStoppedAndLifted(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	b.post("/station/SQ01/stop", "reason", "").shows(422, "请写原因")
	b.post("/station/SQ01/stop", "reason", "有人搬走了机器").shows(200, "由工作人员停下", "有人搬走了机器")
	b.get("/").shows(200, "终端机记录对不上，已停")
	b.get("/station/SQ01/lift").shows(200, "接下来会这样", "有人搬走了机器")
	b.post("/station/SQ01/lift").shows(200, "已经放行")
	b.get("/station/SQ01/nonsense").shows(404)
	b.get("/station/NONE/lift").shows(404)
	b.get("/station/sq01").shows(404)
}

// The chain of a box that was replaced while it was stopped waits for somebody, and
// says so where it can be lifted.
func TestAnOldChainIsLifted(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	o.must(o.store.Quarantine(t.Context(), "SQ01", 1, "fork: another entry stands at 7"))
	b.get("/").hides("换下的机器")
	key := make(ed25519.PublicKey, ed25519.PublicKeySize)
	_, err := o.store.NewEpoch(t.Context(), "SQ01", key, 2, "lin")
	o.must(err)
	b.get("/").shows(200, "换下的机器，账还停着")
	b.get("/station/SQ01/lift").shows(409) // the one of now is well
	b.get("/station/SQ01").shows(200, "旧账放行")
	b.get("/station/SQ01/lift?epoch=1").shows(200, "another entry stands at 7", "第 1 期", "先放行")
	b.post("/station/SQ01/lift", "epoch", "1").shows(200, "已经放行").hides("旧账放行")
	b.get("/").hides("换下的机器")
	c, err := o.store.Chain(t.Context(), "SQ01", 1)
	o.must(err)
	if c.State != store.ChainClosed {
		t.Errorf("%+v", c)
	}
}

func TestAnAuditorChangesNothing(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	b := o.signedIn("shen", store.RoleAuditor)
	b.get("/station/SQ01").shows(200, "石桥村益栈").hides("停用", "改积分限额", "做一次性代码")
	b.get("/fleet").shows(200, "审计员").hides("登记新终端机")
	b.get("/addkiosk").shows(403, "你是审计员，不能登记", "可以办的角色：工作人员。")
	b.post("/station/SQ01/cap", "cap", "1").shows(403)
	b.post("/station/SQ01/code").shows(403)
	b.post("/place", "id", "x", "name", "x", "parent", "center").shows(403)
	k, _, err := o.store.Kiosk(t.Context(), "SQ01")
	o.must(err)
	if k.Cap != store.DefaultCap {
		t.Errorf("%+v", k)
	}
}

func TestAnotherSiteChangesNothing(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8400/station/SQ01/cap", strings.NewReader("cap=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: b.cookies[sessionCookie]})
		w := httptest.NewRecorder()
		o.console().ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", header, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://evil.example/", nil)
	w := httptest.NewRecorder()
	o.console().ServeHTTP(w, r)
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", w.Code)
	}
	b.get("/")
	if policy := b.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe") || b.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", b.header)
	}
}
