package center

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
)

// next waits for the next one-time code and returns it.
func (b *browser) next() string {
	b.now = b.now.Add(totpSeconds * time.Second)
	return b.now6()
}

func TestWhoeverDoesNotFitLearnsNothing(t *testing.T) {
	o := newOffice(t)
	b := o.invited("lin", store.RoleOfficer)
	good := b.next()
	want := b.post("/signin", "name", "lin", "password", goodPassword+"x", "code", good).shows(401, "对不上").body
	for name, form := range map[string][]string{
		"a wrong code": {"name", "lin", "password", goodPassword, "code", "000000"},
		"no code":      {"name", "lin", "password", goodPassword},
		"nobody":       {"name", "lim", "password", goodPassword, "code", good},
	} {
		page := strings.ReplaceAll(b.post("/signin", form...).shows(401).body, `value="lim"`, `value="lin"`)
		if page != want {
			t.Errorf("%s is answered otherwise than a wrong password", name)
		}
	}
	b.post("/signin").shows(401, "对不上")
	b.post("/signin", "name", " LIN ", "password", goodPassword, "code", good[:3]+" "+good[3:]).shows(200, "今天")
}

func TestACodeSignsInOnce(t *testing.T) {
	o := newOffice(t)
	b := o.invited("lin", store.RoleOfficer)
	code := b.next()
	b.post("/signin", "name", "lin", "password", goodPassword, "code", code).shows(200, "今天")
	thief := o.browser()
	thief.post("/signin", "name", "lin", "password", goodPassword, "code", code).shows(401)
	if len(thief.cookies) != 0 {
		t.Errorf("whoever was not let in has %v", thief.cookies)
	}
}

// Not more passwords are compared at a time than there is memory for.
func TestAFullHouseIsSaid(t *testing.T) {
	o := newOffice(t)
	b := o.invited("lin", store.RoleOfficer)
	for range maxPasswords {
		o.server.desk.passwords <- struct{}{}
	}
	ctx, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	late := &ask{Request: httptest.NewRequestWithContext(ctx, http.MethodPost, "/signin", nil)}
	if err := o.server.desk.comparing(late); err == nil {
		t.Error("one more is let in")
	}
	<-o.server.desk.passwords
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.next()).shows(200, "今天")
	b.post("/signout")
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.next()).shows(200, "今天") // the place was given back
}

// One address cannot keep everybody else from signing in, nor try names without end.
func TestAnAddressTriesOnlySoOften(t *testing.T) {
	o := newOffice(t)
	from := func(address string) error {
		a := &ask{Request: httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", nil)}
		a.RemoteAddr = address
		err := o.server.desk.comparing(a)
		if err == nil {
			<-o.server.desk.passwords
		}
		return err
	}
	for range askBurst {
		o.must(from("10.0.0.9:1"))
	}
	if err := from("10.0.0.9:2"); !errors.Is(err, store.ErrBusy) {
		t.Errorf("tries without end: %v", err)
	}
	o.must(from("10.0.0.8:1"))
	o.now = o.now.Add(askEvery)
	o.must(from("10.0.0.9:3"))
}

func TestWrongTriesLock(t *testing.T) {
	o := newOffice(t)
	b := o.invited("lin", store.RoleOfficer)
	for range store.MaxTries {
		b.post("/signin", "name", "lin", "password", "wrong", "code", "1").shows(401)
	}
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.next()).shows(401, "15 分钟")
	o.now = o.now.Add(store.LockedFor + time.Second)
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.next()).shows(200, "今天")
}

func TestASessionsCookie(t *testing.T) {
	o := newOffice(t)
	b := o.invited("lin", store.RoleOfficer)
	for _, secure := range []bool{false, true} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8400/signin", strings.NewReader("name=lin&password="+goodPassword+"&code="+b.next()+"&next=/fleet?q=x"))
		if secure {
			r = httptest.NewRequest(http.MethodPost, "https://127.0.0.1:8400/signin", strings.NewReader("name=lin&password="+goodPassword+"&code="+b.now6()+"&next=//evil.example"))
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		o.console().ServeHTTP(w, r)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%d %v", w.Code, cookies)
		}
		if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != secure || len(c.Value) < 40 || c.Path != "/" {
			t.Errorf("%+v", c)
		}
		want := "/fleet?q=x"
		if secure {
			want = "/"
		}
		if to := w.Header().Get("Location"); to != want {
			t.Errorf("leads to %s, want %s", to, want)
		}
	}
}

func TestSigningOut(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	stolen := o.browser()
	stolen.cookies[sessionCookie] = b.cookies[sessionCookie]
	stolen.get("/me").shows(200, "这里")
	b.post("/signout").shows(200, "已经退出")
	stolen.get("/me").shows(200, "登录名")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	o := newOffice(t)
	here := o.signedIn("lin", store.RoleOfficer)
	there := o.browser()
	there.secret = here.secret
	there.post("/signin", "name", "lin", "password", goodPassword, "code", here.next()).shows(200)
	if n := strings.Count(here.get("/me").shows(200, "Firefox on a test").body, `action="/me/end"`); n != 1 {
		t.Fatalf("%d sessions can be ended", n)
	}
	id := hidden(here.body, "session")
	o.signedIn("chen", store.RoleOfficer).post("/me/end", "session", id) // another's is not theirs to end
	there.get("/").shows(200, "今天")
	here.post("/me/end", "session", id).shows(200, "那个登录已经结束")
	there.get("/").shows(200, "登录名")
}

// hidden is the value of a hidden field of a page.
func hidden(page, name string) string {
	_, rest, _ := strings.Cut(page, `type="hidden" name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestAfterAWhileItIsOver(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	for range 3 {
		o.now = o.now.Add(9 * time.Minute)
		b.get("/fleet?poll=1").shows(200) // loads itself, and keeps nothing alive
		b.get("/fleet").shows(200, "终端机")
	}
	for range 2 {
		o.now = o.now.Add(store.SessionIdle/2 + time.Second)
		b.get("/fleet?poll=1").shows(401)
	}
	b.get("/fleet?state=ok").shows(200, "登录名")
	if next := hidden(b.body, "next"); next != "/fleet?state=ok" {
		t.Errorf("the sign-in leads to %q", next)
	}
}

func TestALinkThatIsNoneOpensNothing(t *testing.T) {
	o := newOffice(t)
	o.browser().get("/welcome/"+strings.Repeat("A", 43)).shows(410, "用过了、过期了")
	o.must(o.store.AddOfficer(t.Context(), "lin", store.RoleOfficer, "center", "terminal"))
	link, _, err := InviteOfficer(t.Context(), o.store, o.keys, o.server.cfg.Random, "lin", "terminal")
	o.must(err)
	b := o.browser().get(link)
	b.secret = secretOn(t, b.body)
	b.post(link, "password", goodPassword, "again", "x", "code", b.now6()).shows(422, "不一样")
	b.post(link, "password", "short", "again", "short", "code", b.now6()).shows(422, "太短")
	b.post(link, "password", goodPassword, "again", goodPassword, "code", "123").shows(422, "验证码不对")
	b.post(link, "password", goodPassword, "again", goodPassword, "code", b.now6()).shows(200, "密码设好了")
	b.get(link).shows(410)
	b.post("/signin", "name", "lin", "password", goodPassword, "code", b.now6()).shows(401) // that code is used
}

// Whoever reads the log finds no link there by which a password can be set.
func TestLinksAreInNoLog(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.AddOfficer(t.Context(), "lin", store.RoleOfficer, "center", "terminal"))
	link, _, err := InviteOfficer(t.Context(), o.store, o.keys, o.server.cfg.Random, "lin", "terminal")
	o.must(err)
	var log bytes.Buffer
	o.server.desk.Log = slog.New(slog.NewTextHandler(&log, nil))
	o.store.Close()
	o.browser().get(link).shows(500)
	if text := log.String(); !strings.Contains(text, "path=/welcome/...") || strings.Contains(text, link) {
		t.Errorf("the log says %s", text)
	}
}
