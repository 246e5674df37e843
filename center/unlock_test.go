package center

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
)

// idle is longer than nobody may do anything.
const idle = 11 * time.Minute

func TestAnIdleConsoleIsLocked(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	two := o.browser() // the same session in another window
	two.cookies, two.secret = b.cookies, b.secret
	for range 3 { // whoever types is there
		o.now = o.now.Add(idle / 2)
		b.get("/alive").shows(204)
	}
	o.now = o.now.Add(idle / 2)
	b.get("/alive?poll=1").shows(204)
	o.now = o.now.Add(idle / 2)
	b.get("/alive?poll=1").shows(401)
	b.get("/alive").shows(401)
	two.get("/fleet?state=ok").shows(200, "已锁上", "lin").hides("终端机")
	if next := hidden(two.body, "next"); next != "/fleet?state=ok" {
		t.Errorf("unlocking leads to %q", next)
	}
	b.get("/signin").shows(200, "登录名") // the way for somebody else
	b.get("/picture/center/x").shows(200, "已锁上")
	b.post("/lock").shows(200, "已锁上")
	b.post("/unlock", "password", "wrong", "next", "/me").shows(401, "密码不对")
	b.post("/unlock", "password", goodPassword, "next", "//evil.example").shows(200, "今天")
	two.get("/unlock?next=/me").shows(200, "在这些地方登录着") // it is open here too
	two.post("/unlock", "password", "", "next", "/fleet").shows(200, "终端机")

	b.get("/me").shows(200)
	b.post("/lock", "page", "/me").shows(200, "已锁上")
	two.get("/").shows(200, "已锁上")
	for range store.MaxTries {
		b.post("/unlock", "password", "wrong").shows(401)
	}
	b.post("/unlock", "password", goodPassword).shows(401, "15 分钟")
	o.now = o.now.Add(store.LockedFor + time.Second)
	b.post("/unlock", "password", goodPassword).shows(200, "今天")
	b.post("/lock").post("/signout").shows(200, "已经退出")
	two.get("/").shows(200, "登录名")
	b.get("/unlock").shows(200, "登录名")
	b.post("/unlock", "password", goodPassword).shows(200, "登录名")
}

// What was typed into a form that came too late is there again, for its officer.
func TestAFormOutlivesItsSession(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	v := o.volunteer(1, "张建伟", "1", "", 100)
	path := "/adjust/" + v.String()
	b.get(path).shows(200)
	request := hidden(b.body, "request")
	form := with(adjusting(request, "300"), "reason", `他说"好" <b>`)
	o.now = o.now.Add(idle)
	b.from(path).post(path, form...).shows(200, "已锁上")
	if got := o.points(v); got != 100 {
		t.Fatalf("%d points: a locked session did it", got)
	}
	next := hidden(b.body, "next")
	if !strings.HasPrefix(next, path+"?kept=") {
		t.Fatalf("unlocking leads to %q", next)
	}
	b.post("/unlock", "password", goodPassword, "next", next).shows(200, "这是您刚才填的，还没有提交")
	if _, fields := b.form(); fields["points"] != "300" || !strings.Contains(fields["reason"], "好") || fields["evidence"] != "签到表第 3 页" || fields["request"] != request {
		t.Errorf("the form says %v", fields)
	}
	if !strings.Contains(b.body, `value="他说&#34;好&#34; &lt;b&gt;"`) {
		t.Error("what was typed is not written as text")
	}
	chen := o.signedIn("chen", store.RoleOfficer)
	chen.get(next).shows(200).hides("这是您刚才填的")
	b.get(strings.Replace(next, "/adjust/", "/enter/", 1)).shows(200).hides("这是您刚才填的")

	o.now = o.now.Add(store.SessionIdle + time.Minute) // over, not only locked
	b.from(path).post(path, form...).shows(200, "登录名")
	next = hidden(b.body, "next")
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.next(), "next", next).shows(200, "这是您刚才填的")
	b.fills().shows(200, "办好了")
	if got := o.points(v); got != 400 {
		t.Errorf("%d points", got)
	}
	o.now = o.now.Add(store.KeptFor + time.Minute)
	b.get(next).shows(200, "登录名")
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.next(), "next", next).shows(200, "更正张建伟的积分").hides("这是您刚才填的")

	nobody := o.browser()
	nobody.from(path).post(path, form...).shows(200, "登录名")
	if next := hidden(nobody.body, "next"); next != path {
		t.Errorf("a stranger's form leads to %q", next)
	}
	nobody.post("/keep", "x", "y").shows(401)
}

// A page's script keeps what was typed before it leaves the page.
func TestAScriptKeepsAForm(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.volunteer(1, "张建伟", "1", "", 100)
	b.get("/volunteer?x=1").shows(200)
	action, _ := b.form()
	o.now = o.now.Add(idle)
	b.post("/keep", "kept-page", "/volunteer?x=1", "kept-action", action, "name", "王五", "town", "qingxi", "nothing", "z").shows(200)
	next := b.body
	b.post("/keep", "kept-page", "//evil.example", "name", "x").shows(200)
	if !strings.HasPrefix(b.body, "/?kept=") {
		t.Errorf("leads to %q", b.body)
	}
	b.post("/keep", "kept-page", "/volunteer", "name", strings.Repeat("x", maxKeptForm)).shows(200)
	if b.body != "/volunteer" {
		t.Errorf("a form without end is kept: %q", b.body)
	}
	b.post("/unlock", "password", goodPassword, "next", next).shows(200, "这是您刚才填的")
	again, fields := b.form()
	if fields["name"] != "王五" || fields["town"] != "qingxi" || again == action { // the id of somebody new is drawn anew
		t.Errorf("%s, then %s: %v", action, again, fields)
	}
}

func TestFormsAreFilled(t *testing.T) {
	f := keptForm{Action: "/x", Fields: url.Values{"a": {"1", "2"}, "c": {"on"}, "s": {"q"}, "t": {"</textarea><b>"}, "p": {"secret"}}}
	got := string(f.fill([]byte(`<body><form action="/x"><input name="a" value="head"></form><main><svg viewBox="0 0 1 1"/><form action="/y"><input name="a" value="0"></form>` +
		`<form method="post" action="/x"><input name="a" value="0"><input value="0" name=a><input name="a" value="0"><input type="checkbox" name="c" value="on"><input type="checkbox" name="d" value="on" checked>` +
		`<select name="s"><option value="">-</option><option value="q">Q</option><option value="r" selected>R</option></select><textarea name="t">old</textarea><input type="password" name="p"></form><input name="a" value="tail"></main>`)))
	want := `<body><form action="/x"><input name="a" value="head"></form><main><svg viewBox="0 0 1 1"/><form action="/y"><input name="a" value="0"></form>` +
		`<form method="post" action="/x"><input name="a" value="1"><input value="2" name="a"><input name="a" value="0"><input type="checkbox" name="c" value="on" checked=""><input type="checkbox" name="d" value="on">` +
		`<select name="s"><option value="">-</option><option value="q" selected="">Q</option><option value="r">R</option></select><textarea name="t">&lt;/textarea&gt;&lt;b&gt;</textarea><input type="password" name="p"></form><input name="a" value="tail"></main>`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A proxy on this machine says that its browser came by TLS; nobody else is believed.
func TestTheCookieBehindAProxy(t *testing.T) {
	for from, want := range map[string]bool{"127.0.0.1:5000": true, "[::1]:5000": true, "10.0.0.9:5000": false, "nowhere": false} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8400/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-Proto", "https")
		if got := (&ask{Request: r}).secure(); got != want {
			t.Errorf("from %s: %v", from, got)
		}
		r.Header.Set("X-Forwarded-Proto", "http")
		if (&ask{Request: r}).secure() {
			t.Errorf("from %s without TLS", from)
		}
	}
}

// FuzzFill holds that a page without a form to fill stays as it is, and that no page
// makes it fail.
func FuzzFill(f *testing.F) {
	f.Add([]byte(`<main><form action="/x"><input name="a"><textarea name="t">x`), "v")
	f.Add([]byte(`<select name="s"><option><form>`), "")
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		k := keptForm{Action: "/x", Fields: url.Values{"a": {value}, "t": {value}, "s": {value}}}
		got := k.fill(text)
		if k.target(text) < 0 && string(got) != string(text) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
