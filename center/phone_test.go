package center

import (
	"crypto/ed25519"
	"errors"
	flags "flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

var phoneCodes = flags.Int("phonecodes", 3_000, "mutated, replayed, delayed and foreign codes that a phone opens")

const goodPIN = "271828"

// visit is a village where people check in: a kiosk with a box, a shift that goes on, and
// somebody with a PIN.
type visit struct {
	*office
	box   *testBox
	shift ledger.ID
	zhang ledger.ID
}

func newVisit(t *testing.T) *visit {
	t.Helper()
	v := &visit{office: newOffice(t), shift: ledger.ID{5, 5}}
	v.server.phone.slow = 0
	v.kiosk("SQ01", "石桥村益栈")
	v.box = v.office.box("SQ01")
	v.zhang = v.person(1, "张建伟", "420-118-2207", "13812344412")
	v.puts(func(*civic.Shift) {})
	return v
}

// person registers somebody with a phone and the PIN of these tests.
func (v *visit) person(n byte, name, number, phone string) ledger.ID {
	v.Helper()
	pin, err := civic.HashPIN(goodPIN, civic.PINCost{MemoryKiB: 8, Passes: 1}, strings.NewReader(strings.Repeat("salt", 8)))
	v.must(err)
	id := ledger.ID{n, 7}
	v.must(v.store.PutPerson(v.Context(), store.Person{Town: "qingxi", Home: "SQ01", Volunteer: civic.Volunteer{ID: id, Name: name, Number: number,
		Phone: civic.HashPhone(v.keys.Phone, phone), Tail: phone[7:], PIN: pin}}))
	return id
}

// puts writes the shift, changed.
func (v *visit) puts(change func(*civic.Shift)) {
	v.Helper()
	s := civic.Shift{ID: v.shift, Activity: ledger.ID{6}, Title: "路口文明劝导", TitleEN: "Crossing duty", Place: "石桥路口", PlaceEN: "Stone Bridge crossing", Scope: "shiqiao", Start: v.now.Add(-10 * time.Minute).Unix(),
		End: v.now.Add(2 * time.Hour).Unix(), Kiosks: []string{"SQ01"}, CheckEarly: 1800, CheckLate: 3600}
	change(&s)
	v.must(v.store.PutShift(v.Context(), "shiqiao", s))
}

// code is what the kiosk's screen shows now.
func (v *visit) code(change ...func(*civic.CheckCode)) string {
	c := civic.CheckCode{Shift: v.shift, Kiosk: "SQ01", Epoch: v.box.head.Epoch, Step: civic.StepAt(v.now)}
	for _, f := range change {
		f(&c)
	}
	return c.Sign("", v.box.key)
}

func out(c *civic.CheckCode) { c.Out = true }

// signsIn signs in on a phone with number and PIN.
func (v *visit) signsIn(b *browser, who string) *browser {
	v.Helper()
	return b.post("/p/", "who", who, "pin", goodPIN)
}

func TestAPhoneChecksInAndOut(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	b.get("/C/"+v.code()).shows(200, "登录", "扫到了：路口文明劝导")
	scanned := v.now
	v.now = v.now.Add(4 * time.Minute) // to find out the PIN
	v.signsIn(b, "420-118-2207").shows(200, "张*伟", "签到", "石桥路口", "14:20–16:30", "14:30 算").hides("张建伟")
	who := v.zhang.String()
	if a, err := v.store.AttendanceOf(t.Context(), v.zhang, v.shift); err == nil {
		t.Errorf("looking checks in: %+v", a)
	}
	b.post("/c/", "who", who).shows(200, "签到好了", "张*伟", "14:30 签到")
	a, err := v.store.AttendanceOf(t.Context(), v.zhang, v.shift)
	v.must(err)
	if !a.In.Time().Equal(scanned) || a.Out.MS != 0 || a.Phone == "" {
		t.Errorf("scanned at %v: %+v", scanned, a)
	}
	b.post("/c/", "who", who).shows(200, "签到好了") // a second tap
	v.now = v.now.Add(time.Minute)
	b.get("/C/"+v.code()).shows(200, "您已经签到过了", "14:30 签到")
	v.now = v.now.Add(time.Hour)
	b.get("/C/"+v.code(out)).shows(200, "签退", "14:30 签到") // remembered
	b.post("/c/", "who", who).shows(200, "签退好了", "15:35 签退", "负责人确认")
	b.get("/c/"+strings.ToLower(v.code(out))).shows(200, "签退好了") // a link in small letters
}

// What a phone scanned is good for ten minutes, on that phone alone.
func TestAScanIsOfItsPhoneAndMoment(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	code := v.code()
	b.get("/C/"+code).shows(200, "扫到了")
	other := v.browser()
	other.cookies["yizhan-scan"] = b.cookies["yizhan-scan"]
	v.signsIn(other, "420-118-2207").shows(200, "张*伟", "积分").hides("签到好了")
	other.get("/c/").shows(200, "请扫屏幕上的码")
	v.now = v.now.Add(9 * time.Minute)
	b.get("/C/"+code).shows(200, "扫到了") // opened again on the same phone
	other.get("/C/"+code).shows(410, "这个码过时了", "走到屏幕前")
	v.now = v.now.Add(time.Minute + time.Second)
	b.get("/C/"+code).shows(410, "这个码过时了")
	v.signsIn(b, "420-118-2207").shows(200, "张*伟", "积分")
	b.post("/c/", "who", v.zhang.String()).shows(200, "请扫屏幕上的码")
	if _, err := v.store.AttendanceOf(t.Context(), v.zhang, v.shift); err == nil {
		t.Error("checked in with an old scan")
	}
}

func TestCodesThatAreRefused(t *testing.T) {
	v := newVisit(t)
	v.kiosk("LH02", "柳树村益栈")
	v.office.box("LH02")
	_, foreign, _ := ed25519.GenerateKey(nil)
	later := func(d time.Duration) func(*civic.CheckCode) {
		return func(c *civic.CheckCode) { c.Step = civic.StepAt(v.now.Add(d)) }
	}
	for name, c := range map[string]struct {
		code string
		at   int
		says string
	}{
		"nothing":       {"x", 404, "这不是签到码"},
		"foreign":       {civic.CheckCode{Shift: v.shift, Kiosk: "SQ01", Epoch: 1, Step: civic.StepAt(v.now)}.Sign("", foreign), 404, "不是签到码"},
		"other kiosk's": {v.code(func(c *civic.CheckCode) { c.Kiosk = "LH02" }), 404, "不是签到码"},
		"unknown kiosk": {v.code(func(c *civic.CheckCode) { c.Kiosk = "XX99" }), 404, "不是签到码"},
		"other epoch":   {v.code(func(c *civic.CheckCode) { c.Epoch = 2 }), 404, "不是签到码"},
		"stale":         {v.code(later(-45 * time.Second)), 410, "过时了"},
		"ahead":         {v.code(later(40 * time.Second)), 410, "过时了"},
		"other shift":   {v.code(func(c *civic.CheckCode) { c.Shift = ledger.ID{9} }), 409, "不在这里签到"},
	} {
		b := v.browser()
		b.get("/C/"+c.code).shows(c.at, c.says, "时长和积分安全吗", "安全")
		if b.cookies["yizhan-scan"] != "" {
			t.Errorf("%s: it is kept", name)
		}
	}
	b := v.browser()
	for _, c := range []struct {
		change func(*civic.Shift)
		says   string
	}{
		{func(s *civic.Shift) { s.Closed = true }, "已取消或结束"},
		{func(s *civic.Shift) { s.Kiosks = []string{"LH02"} }, "不在这里签到"},
		{func(s *civic.Shift) { s.Start, s.End = v.now.Add(time.Hour).Unix(), v.now.Add(2*time.Hour).Unix() }, "还没到签到时间"},
		{func(s *civic.Shift) { s.Start, s.End = v.now.Add(-4*time.Hour).Unix(), v.now.Add(-2*time.Hour).Unix() }, "签到时间过了"},
	} {
		v.puts(c.change)
		b.get("/C/"+v.code()).shows(409, c.says)
	}
}

// A kiosk that was stopped, or replaced, shows codes that nobody takes.
func TestCodesOfAKioskThatDoesNotServe(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	v.must(v.store.Quarantine(t.Context(), "SQ01", 1, "officer: x"))
	b.get("/C/"+v.code()).shows(403, "已停用")
	v.must(v.store.Reopen(t.Context(), "SQ01", 1, "lin"))
	b.get("/C/"+v.code()).shows(200, "扫到了")
	v.must(v.store.Revoke(t.Context(), "SQ01"))
	b.get("/C/"+v.code()).shows(403, "已停用")
	old := v.code()
	v.box = v.office.box("SQ01")
	b.get("/C/"+old).shows(404, "不是签到码")
	b.get("/C/"+v.code()).shows(200, "扫到了")
}

// Clocks may be up to two minutes apart: by as much as was measured while the kiosk is
// heard of, else by anything up to that.
func TestClocksThatDiffer(t *testing.T) {
	v := newVisit(t)
	for _, c := range []struct {
		said, off time.Duration // what was measured, and what its clock is off by when the code is made
		age       time.Duration // since it was measured
		at        int
	}{
		{0, 0, 0, 200}, {110 * time.Second, 110 * time.Second, 0, 200}, {-110 * time.Second, -110 * time.Second, time.Minute, 200},
		{110 * time.Second, 0, 0, 410}, {0, 110 * time.Second, 0, 410}, {0, -60 * time.Second, 0, 410},
		{3 * time.Minute, 3 * time.Minute, 0, 409},
		{0, 115 * time.Second, 10 * time.Minute, 200}, {0, -115 * time.Second, 10 * time.Minute, 200}, {0, -160 * time.Second, 10 * time.Minute, 410}, {0, 160 * time.Second, 10 * time.Minute, 410},
	} {
		v.box.says(`"printer":"ok"`, c.said)
		v.now = v.now.Add(c.age)
		b := v.browser()
		if b.get("/C/" + v.code(func(k *civic.CheckCode) { k.Step = civic.StepAt(v.now.Add(c.off)) })); b.code != c.at {
			t.Errorf("%+v: %d %s", c, b.code, visible(b.body))
		}
	}
}

// None of many codes that were changed, are replayed late, or come from another box is
// taken. -phonecodes says how many.
func TestNoOtherCodeOpensThePage(t *testing.T) {
	v := newVisit(t)
	seed := rand.Uint64()
	t.Logf("seed %d, %d codes", seed, *phoneCodes)
	r := rand.New(rand.NewPCG(seed, 7))
	code, start := v.code(), v.now
	if _, err := v.server.phone.judge(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	_, foreign, _ := ed25519.GenerateKey(nil)
	for range *phoneCodes {
		text := []byte(code)
		v.now = start
		switch r.IntN(4) {
		case 0:
			for n := 1 + r.IntN(3); n > 0; n-- {
				text[r.IntN(len(text))] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abz=01 "[r.IntN(39)]
			}
		case 1:
			text = text[:r.IntN(len(text))]
		case 2:
			v.now = start.Add(40*time.Second + time.Duration(r.Int64N(int64(100*time.Second))))
		case 3:
			text = []byte(civic.CheckCode{Shift: v.shift, Kiosk: "SQ01", Epoch: 1, Step: civic.StepAt(start) - int64(r.IntN(2)), Out: r.IntN(2) == 0}.Sign("", foreign))
		}
		if string(text) == code && v.now.Equal(start) {
			continue
		}
		_, err := v.server.phone.judge(t.Context(), string(text))
		if !errors.Is(err, errNoCode) && !errors.Is(err, errOld) {
			t.Fatalf("seed %d: %q is taken at %v: %v", seed, text, v.now.Sub(start), err)
		}
	}
}

func TestSigningInOnAPhone(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	b.get("/my").shows(200, "登录", "没有密码")
	for _, who := range []string{"420-118-2207", "13812344412", "138 1234-4412"} {
		v.signsIn(v.browser(), who).shows(200, "张*伟", "积分")
	}
	wrong := func(who, pin string) string {
		b := v.browser()
		b.post("/p/", "who", who, "pin", pin).shows(401, "编号、手机号或密码不对", "时长和积分都在")
		return strings.ReplaceAll(visible(b.body), who, "")
	}
	if wrong("420-118-2207", "000000") != wrong("nobody", goodPIN) || wrong("13900000000", goodPIN) != wrong("", "") {
		t.Error("the answer says whether somebody has a number")
	}
	if b.cookies["yizhan-phone"] != "" {
		t.Error("somebody is signed in")
	}
	// A link to another page is no way to lead anybody elsewhere.
	b.post("/p/?next=https://evil.test/", "who", "420-118-2207", "pin", goodPIN, "next", "//evil.test/").shows(200, "张*伟")
}

func TestWrongPINsCloseAnAccountForAWhile(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	for range store.MaxTries {
		b.post("/p/", "who", "420-118-2207", "pin", "000000").shows(401, "不对")
	}
	b.post("/p/", "who", "13812344412", "pin", goodPIN).shows(401, "错了太多次")
	for range store.MaxTries { // and so does nobody's
		b.post("/p/", "who", "nobody", "pin", "000000").shows(401)
	}
	b.post("/p/", "who", "nobody", "pin", "000000").shows(401, "错了太多次")
	v.now = v.now.Add(store.LockedFor + time.Minute)
	v.signsIn(b, "420-118-2207").shows(200, "张*伟")
	for range 3 {
		v.now = v.now.Add(store.LockedFor + time.Minute)
		for range store.MaxTries {
			v.browser().post("/p/", "who", "420-118-2207", "pin", "000000").shows(401)
		}
	}
	v.now = v.now.Add(store.LockedFor + time.Minute)
	v.signsIn(v.browser(), "420-118-2207").shows(401, "错了太多次")
	v.now = v.now.Add(24 * time.Hour)
	v.signsIn(v.browser(), "420-118-2207").shows(200, "张*伟")
}

func TestWrongPINsOfOneAddressAreFew(t *testing.T) {
	v := newVisit(t)
	for i := range wrongBurst {
		v.browser().post("/p/", "who", fmt.Sprint(i), "pin", "000000").shows(401)
	}
	v.browser().post("/p/", "who", "x", "pin", "000000").shows(429, "太多", "什么都没有改")
	v.now = v.now.Add(wrongEvery + time.Second)
	for range 5 { // right ones cost nothing
		v.signsIn(v.browser(), "420-118-2207").shows(200, "张*伟")
	}
}

// Two who share phone and PIN say who of them it is.
func TestASharedPhoneNumber(t *testing.T) {
	v := newVisit(t)
	v.person(2, "李红芳", "421", "13812344412")
	b := v.browser()
	v.signsIn(b, "13812344412").shows(200, "您是哪一位", "张*伟", "李*芳")
	proof := hidden(b.body, "proof")
	other := v.browser()
	other.get("/p/")
	other.post("/p/", "proof", proof, "is", "0").shows(200, "登录").hides("张*伟", "李*芳") // of another phone
	b.post("/p/", "proof", proof, "is", "7").shows(200, "登录")
	b.post("/p/", "proof", proof, "is", "1").shows(200, "李*芳", "积分")
}

// Several of a household use one phone, and each check-in says whose it is.
func TestAHouseholdSharesAPhone(t *testing.T) {
	v := newVisit(t)
	li := v.person(2, "李红芳", "421", "13900004413")
	b := v.browser()
	v.signsIn(b, "420-118-2207").shows(200, "张*伟")
	v.signsIn(b, "421").shows(200, "李*芳", "换成 张*伟")
	b.get("/C/"+v.code()).shows(200, "李*芳", "换成 张*伟")
	b.post("/c/", "who", v.zhang.String()).shows(200, "李*芳").hides("签到好了") // a page of before
	b.post("/c/", "who", li.String()).shows(200, "签到好了", "李*芳")
	zhang := choice(b.body, "at")
	b.post("/my/switch", "at", zhang, "next", "/c/").shows(200, "张*伟").hides("签到好了")
	b.post("/c/", "who", v.zhang.String()).shows(200, "签到好了", "张*伟")
	one, err1 := v.store.AttendanceOf(t.Context(), v.zhang, v.shift)
	two, err2 := v.store.AttendanceOf(t.Context(), li, v.shift)
	if err1 != nil || err2 != nil || one.Phone != two.Phone || one.Phone == "" {
		t.Errorf("%+v %v, %+v %v", one, err1, two, err2)
	}
	b.post("/my/signout").shows(200, "退出了", "换成 李*芳")
	b.get("/my").shows(200, "登录").hides("积分 0")
	b.post("/my/switch", "at", choice(b.body, "at"), "next", "/my").shows(200, "李*芳").hides("张*伟")
}

// choice is the value of a page's first button of a name.
func choice(body, name string) string {
	_, rest, _ := strings.Cut(body, ` name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestATicketSignsAPhoneInOnce(t *testing.T) {
	v := newVisit(t)
	ticket := func(change func(*civic.PhoneTicket)) string {
		made, err := civic.NewPhoneTicket(v.zhang, "SQ01", 1, v.now, strings.NewReader(fmt.Sprintf("%8d", v.now.UnixNano()%1e8)))
		v.must(err)
		change(&made)
		return made.Sign("", v.box.key)
	}
	same := func(*civic.PhoneTicket) {}
	text := ticket(same)
	b := v.browser()
	b.get("/P/"+text).shows(200, "这部手机是您的吗", "张*伟").hides("张建伟")
	b.get("/P/"+text).shows(200, "张*伟") // looking uses nothing up
	b.get("/my").shows(200, "登录")
	b.post("/p/"+text).shows(200, "登录好了", "张*伟", "积分")
	b.post("/p/"+text).shows(200, "张*伟") // a second tap
	other := v.browser()
	other.get("/P/"+text).shows(200, "张*伟")
	other.post("/p/"+text).shows(410, "不能用了", "再要一个")
	v.now = v.now.Add(time.Second)
	old := ticket(same)
	v.now = v.now.Add((civic.TicketMinutes + 3) * time.Minute)
	other.get("/P/"+old).shows(410, "不能用了")
	other.post("/p/" + old).shows(410)
	for _, change := range []func(*civic.PhoneTicket){
		func(p *civic.PhoneTicket) { p.Kiosk = "XX99" }, func(p *civic.PhoneTicket) { p.Epoch = 2 }, func(p *civic.PhoneTicket) { p.Volunteer = ledger.ID{9, 9} },
	} {
		other.get("/P/" + ticket(change)).shows(410)
	}
	other.get("/P/" + v.code()).shows(410)
	v.now = v.now.Add(time.Second)
	fresh := ticket(same)
	v.must(v.store.Quarantine(t.Context(), "SQ01", 1, "officer: x"))
	other.get("/P/" + fresh).shows(410)
}

func TestPhonesOfSomebody(t *testing.T) {
	v := newVisit(t)
	li := v.person(2, "李红芳", "421", "13900004413")
	one, two, hers := v.browser(), v.browser(), v.browser()
	v.signsIn(one, "420-118-2207")
	v.now = v.now.Add(time.Minute)
	v.signsIn(two, "420-118-2207")
	v.signsIn(hers, "421")
	list, err := v.store.Phones(t.Context(), v.zhang)
	v.must(err)
	theirs, err := v.store.Phones(t.Context(), li)
	v.must(err)
	one.get("/my/phones").shows(200, "这部手机", "另一部手机", "浏览器 · 电脑")
	one.post("/my/phones", "phone", theirs[0].ID).shows(200) // somebody else's
	hers.get("/my").shows(200, "李*芳")
	one.post("/my/phones", "phone", list[0].ID).shows(200, "那部手机已退出")
	two.get("/my").shows(200, "登录")
	v.signsIn(two, "420-118-2207").shows(200, "张*伟")
	one.post("/my/phones").shows(200, "退出了")
	two.get("/my").shows(200, "登录")
	one.get("/my").shows(200, "登录")
}

// Which of the pages of phones need somebody who is signed in. A new route needs a line.
var phoneRoutes = map[string]string{
	"GET /C/{code}":         "open",
	"GET /c/{code}":         "open",
	"GET /c/{$}":            "open",
	"POST /c/{$}":           "known",
	"GET /P/{ticket}":       "open",
	"GET /p/{ticket}":       "open",
	"POST /p/{ticket}":      "open",
	"GET /p/{$}":            "open",
	"POST /p/{$}":           "open",
	"GET /my":               "known",
	"GET /my/points":        "known",
	"GET /my/near":          "known",
	"GET /my/hours":         "known",
	"GET /my/missed":        "known",
	"GET /my/object":        "known",
	"POST /my/object":       "known",
	"GET /my/objections":    "known",
	"GET /my/hours/{shift}": "known",
	"GET /my/card":          "known",
	"GET /my/phones":        "known",

	"GET /my/shift/{shift}":  "known",
	"POST /my/shift/{shift}": "known",

	"GET /my/goods":                 "known",
	"GET /my/goods/{kiosk}/{good}":  "known",
	"POST /my/goods/{kiosk}/{good}": "known",
	"GET /my/holds":                 "known",
	"GET /my/holds/{hold}":          "known",
	"POST /my/holds/{hold}":         "known",

	"POST /my/phones":   "known",
	"POST /my/switch":   "open",
	"POST /my/language": "open",
	"POST /my/signout":  "open",
}

func TestEveryRouteOfPhonesKnowsWhoItIsFor(t *testing.T) {
	v := newVisit(t)
	var patterns routeList
	v.server.phone.routes(&patterns)
	fill := strings.NewReplacer("{$}", "", "{code}", "x", "{ticket}", "x", "{shift}", "x", "{kiosk}", "X", "{good}", "x", "{hold}", "x")
	door := func(method, path string) string {
		if method == http.MethodGet {
			return signinPath(path)
		}
		return signinPath("/my/points") // that the form is sent from
	}
	for _, pattern := range patterns {
		want, known := phoneRoutes[pattern]
		if !known {
			t.Fatalf("%q stands in no line of phoneRoutes", pattern)
		}
		method, path, _ := strings.Cut(pattern, " ")
		var form url.Values
		if method == http.MethodPost {
			form = url.Values{"x": {"y"}}
		}
		b := v.browser().from("/my/points")
		b.send(method, fill.Replace(path), form)
		if asks := b.code == 200 && b.at == door(method, fill.Replace(path)); asks != (want == "known") {
			t.Errorf("%s answers %d at %s", pattern, b.code, b.at)
		}
		if b.header.Get("Content-Security-Policy") != assets.ContentPolicy || b.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", pattern, b.header)
		}
	}
	for pattern := range phoneRoutes {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("phoneRoutes has %q, which is no route", pattern)
		}
	}
	officer := v.signedIn("lin", store.RoleOfficer) // an officer is nobody here
	officer.get("/my").shows(200, "志愿者编号或手机号")
	b := v.browser() // and a volunteer is none at the console
	v.signsIn(b, "420-118-2207")
	b.get("/volunteers").shows(200, "登录名").hides("张建伟")
}

// A form of another site changes nothing.
func TestAForeignFormChecksNobodyIn(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	v.signsIn(b, "420-118-2207")
	b.get("/C/"+v.code()).shows(200, "张*伟")
	for _, path := range []string{"/c/", "/my/phones", "/my/signout", "/p/"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8400"+path, strings.NewReader("who="+v.zhang.String()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		v.console().ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	if _, err := v.store.AttendanceOf(t.Context(), v.zhang, v.shift); err == nil {
		t.Error("checked in")
	}
	b.get("/my").shows(200, "张*伟")
}

// Cookies are for this host alone, and for no script.
func TestCookiesOfPhones(t *testing.T) {
	v := newVisit(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://127.0.0.1:8443/p/", strings.NewReader("who=420-118-2207&pin="+goodPIN))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	v.server.Handler().ServeHTTP(w, r)
	names := ""
	for _, c := range w.Result().Cookies() {
		names += c.Name + " "
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge < 170*24*3600 {
			t.Errorf("%+v", c)
		}
	}
	if names != "__Host-yizhan-device __Host-yizhan-phone " {
		t.Errorf("cookies: %s", names)
	}
}

// A phone speaks its own language until another one is chosen.
func TestLanguagesOfPhones(t *testing.T) {
	v := newVisit(t)
	for header, want := range map[string]string{"en-GB,en;q=0.9": "Sign in", "zh-CN": "登录", "": "登录"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:8400/p/", nil)
		r.Header.Set("Accept-Language", header)
		w := httptest.NewRecorder()
		v.console().ServeHTTP(w, r)
		if !strings.Contains(visible(w.Body.String()), want) {
			t.Errorf("%q: %s", header, visible(w.Body.String()))
		}
	}
	b := v.browser()
	b.post("/my/language", "to", "en", "page", "/p/?next=%2Fmy").shows(200, "Sign in", "Six-digit PIN")
	b.get("/C/"+v.code()).shows(200, "Scanned: Crossing duty")
	v.signsIn(b, "420-118-2207").shows(200, "Check in", "Stone Bridge crossing")
	b.post("/c/", "who", v.zhang.String()).shows(200, "You are checked in")
	b.get("/my/phones").shows(200, "My phones")
	b.get("/C/x").shows(404, "This is not a check-in code")
}

// What somebody has and does stands on pages that are nobody else's.
func TestPagesOfOneself(t *testing.T) {
	v := newVisit(t)
	v.person(2, "李红芳", "421", "13900004413")
	expires := ledger.DayOf(v.now) + 30
	v.must(v.store.Earn(t.Context(), v.zhang, ledger.Key{1}, civic.Earning{On: ledger.DayOf(v.now), Expires: expires, What: "护河", Minutes: 185, Rate: 10, Points: 30}))
	b, other := v.browser(), v.browser()
	v.signsIn(b, "420-118-2207").shows(200, "张*伟", "其中 30 分2026年12月23日到期")
	b.get("/my/points").shows(200, "30 分，2026年12月23日到期", "护河", "+30", "为什么", "3:05 小时 = 6 个整半小时", "6 个半小时 × 每小时 10 分 ÷ 2 = 30 分", "共 1 条")
	v.signsIn(other, "421").shows(200, "李*芳").hides("30")
	other.get("/my/points").shows(200, "还没有积分").hides("护河")

	b.get("/my/card").shows(200, "手机卡", "60 秒内有效")
	if !strings.Contains(b.body, `class="qr"`) {
		t.Error("no code")
	}
}

// A post is claimed until there is none left; then one waits, and moves up.
func TestAPostIsClaimedOnAPhone(t *testing.T) {
	v := newVisit(t)
	v.person(2, "李红芳", "421", "13900004413")
	v.puts(func(s *civic.Shift) {
		s.Posts = []civic.Post{{Name: "引导员", NameEN: "Guide", Wanted: 1, Needs: "穿马甲"}, {Name: "机动"}}
	})
	path := "/my/shift/" + v.shift.String()
	b, other := v.browser(), v.browser()
	v.signsIn(b, "420-118-2207")
	v.signsIn(other, "421")
	b.get("/my/near").shows(200, "路口文明劝导", "14:20–16:30 · 石桥路口")
	b.get(path).shows(200, "引导员", "穿马甲", "已报 0 / 1 人", "报名这个岗位")
	b.post(path, "post", "1").shows(200, "报上名了", "您已报名：引导员", "已报 1 / 1 人").hides("报名这个岗位")
	b.get("/my/near").shows(200, "我报名的", "已报名")
	other.get(path).shows(200, "满了，排队", "报名这个岗位").hides("张")
	other.post(path, "post", "1").shows(200, "刚刚满了")
	other.post(path, "post", "1", "do", "wait").shows(200, "排上队了", "您在排队")
	b.post(path, "do", "off").shows(200, "名额给下一位", "报名这个岗位")
	other.get(path).shows(200, "您已报名：引导员")
	other.post(path, "post", "9", "do", "off").shows(404)
	other.get("/my/shift/x").shows(404, "没有这个页面")
	v.now = v.now.Add(3 * time.Hour)
	other.get(path).shows(200, "已经结束或取消")
	other.post(path, "post", "2").shows(409)
	other.get("/my/near").shows(200, "两周内还没有安排活动")
}

// What goes on elsewhere cannot be claimed, nor be missed, by its address; what somebody
// was put down for there can be given up, and what they did there can be objected to.
func TestOtherAreasAreNotClaimedOnAPhone(t *testing.T) {
	v := newVisit(t)
	v.must(v.store.PutScope(t.Context(), store.Scope{ID: "liushu", Name: "柳树镇", Parent: "center"}))
	plan := func(n byte, scope string, from time.Duration) ledger.ID {
		s := civic.Shift{ID: ledger.ID{6, n}, Activity: ledger.ID{6}, Title: "护河", Place: "河边", Scope: scope, Start: v.now.Add(from).Unix(), End: v.now.Add(from + time.Hour).Unix(), CheckEarly: 1800, CheckLate: 3600}
		v.must(v.store.PutShift(t.Context(), scope, s))
		return s.ID
	}
	far, past, above := plan(1, "liushu", time.Hour), plan(2, "liushu", -2*time.Hour), plan(3, "center", time.Hour)
	b := v.browser()
	v.signsIn(b, "420-118-2207")
	b.get("/my/shift/"+above.String()).shows(200, "护河")
	b.post("/my/shift/"+above.String()).shows(200, "报上名了")
	path := "/my/shift/" + far.String()
	b.get(path).shows(403, "不是您所在地方的活动")
	b.post(path).shows(403, "不是您所在地方的活动")
	b.get("/my/object?shift="+past.String()).shows(403, "不是您所在地方的活动")
	b.post("/my/object", "id", "0123456789abcdef", "shift", past.String(), "reason", "4").shows(403)
	_, err := v.store.Enlist(t.Context(), store.Claim{Shift: far, Volunteer: v.zhang, By: "lin"})
	v.must(err)
	b.get(path).shows(200, "护河")
	b.post(path, "do", "off").shows(200, "名额给下一位")
	b.post(path).shows(403)
}

// A center that was begun with another address for phones says so to the shifts that are
// published, once.
func TestAChangedAddressReachesPublishedShifts(t *testing.T) {
	v := newVisit(t)
	c := v.server.desk
	c.Phones = "yizhan.example"
	for range 2 {
		v.must(c.sayCodes(t.Context()))
		if s, _, err := v.store.Shift(t.Context(), v.shift); err != nil || s.Codes != "HTTPS://YIZHAN.EXAMPLE/C/" || s.Tickets != "HTTPS://YIZHAN.EXAMPLE/P/" {
			t.Errorf("%+v, %v", s, err)
		}
		c.Phones = "other.example" // said already: the next process says that
	}
}

// An officer sees on which phones somebody is signed in, and ends that.
func TestAnOfficerEndsPhones(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	v.signsIn(b, "420-118-2207").shows(200, "张*伟")
	lin := v.signedIn("lin", store.RoleOfficer)
	path := "/phones/" + v.zhang.String()
	lin.get("/account/"+v.zhang.String()).shows(200, "登录的手机")
	lin.get(path).shows(200, "浏览器 · 电脑", "密码", "接下来会这样")
	lin.post(path).shows(200, "已在所有手机上退出", "让手机退出登录")
	lin.get(path).shows(200, "没有在任何手机上登录")
	b.get("/my").shows(200, "登录", "没有密码")
	v.bound("far", store.RoleOfficer, "nowhere").get(path).shows(403)
}

// Hours say why they are what they are, and what is wrong with them can be said.
func TestHoursAndObjectionsOnAPhone(t *testing.T) {
	v := newVisit(t)
	v.person(2, "李红芳", "421", "13900004413")
	b, other := v.browser(), v.browser()
	v.signsIn(b, "420-118-2207")
	v.signsIn(other, "421")
	b.get("/my/hours").shows(200, "0 小时", "还没有服务记录")
	b.get("/C/"+v.code()).post("/c/", "who", v.zhang.String()).shows(200, "签到好了")
	hour := "/my/hours/" + v.shift.String()
	b.get("/my/hours").shows(200, "路口文明劝导", "正在服务")
	b.get(hour).shows(200, "正在服务", "手机扫码 · 石桥村益栈").hides("数不对？")
	b.get("/my/object?shift=" + v.shift.String()).shows(404)
	v.now = v.now.Add(65 * time.Minute)
	b.get("/C/"+v.code(out)).post("/c/", "who", v.zhang.String()).shows(200, "签退好了")
	b.get(hour).shows(200, "等确认", "等负责人确认名单", "14:30 签到", "15:35 签退")

	v.signedIn("lin", store.RoleOfficer)
	_, err := v.store.Confirm(t.Context(), store.Confirm{Shift: v.shift, People: []ledger.ID{v.zhang}, Verdict: ledger.VerdictThere, By: "lin"})
	v.must(err)
	b.get("/my/hours").shows(200, "1:05 小时", "+10")
	b.get(hour).shows(200, "算 14:30–15:35，共 65 分钟", "2 个半小时 × 每小时 10 分 ÷ 2 = 10 分", "工作人员", "数不对？").hides("lin")
	b.get("/my/points").shows(200, "路口文明劝导", "+10", "看这一次怎么算的").hides("数不对？")

	other.get(hour).shows(404)
	other.get("/my/object?shift=" + v.shift.String()).shows(404)
	b.get("/my/object?shift="+v.shift.String()).shows(200, "现在记的是 65 分钟", "时间少算了").hides("我去了，没有记")
	id := hidden(b.body, "id")
	b.post("/my/object", "id", id, "shift", v.shift.String(), "minutes", "120").shows(422, "请选一个")
	b.post("/my/object", "id", id, "shift", v.shift.String(), "reason", "4").shows(422) // it is not lost
	for range 2 {
		b.post("/my/object", "id", id, "shift", v.shift.String(), "reason", "1", "minutes", "120").shows(200, "告诉负责人了", "时间少算了 · 应该 2 小时", "等答复")
	}
	list, err := v.store.ObjectionsOf(t.Context(), v.zhang, 9)
	v.must(err)
	if len(list) != 1 || list[0].Minutes != 120 || list[0].Said != 65 {
		t.Errorf("%+v", list)
	}
	b.get(hour).shows(200, "等答复").hides("数不对？")
	b.get("/my/hours").shows(200, "1 条等答复")
	v.must(v.store.AnswerObjection(t.Context(), v.zhang, id, store.Answer{Reason: "签退就是 15:35", By: "lin"}))
	b.get("/my/objections").shows(200, "查过，没有改", "签退就是 15:35").hides("lin")
	b.get(hour).shows(200, "签退就是 15:35", "数不对？")

	v.now = v.now.Add(3 * time.Hour)
	other.get("/my/missed").shows(200, "路口文明劝导")
	b.get("/my/missed").shows(200, "没有这样的活动")
	other.get("/my/object?shift="+v.shift.String()).shows(200, "我去了，没有记", "说不准")
	other.post("/my/object", "id", hidden(other.body, "id"), "shift", v.shift.String(), "reason", "4").shows(200, "我去了，没有记", "等答复")
	other.get("/my/object?earning=none").shows(404)
	other.get("/my/object").shows(404)
}

// Nobody asks too often: an address that scans, a volunteer who sends forms.
func TestPhonesThatAskTooOften(t *testing.T) {
	v := newVisit(t)
	b := v.browser()
	v.signsIn(b, "420-118-2207")
	for range phoneActBurst {
		b.post("/c/", "who", "x").shows(200)
	}
	b.post("/c/", "who", "x").shows(429, "一下子来得太多了", "什么都没有改")
	if b.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	b.get("/my").shows(200, "张*伟")
	v.now = v.now.Add(phoneActEvery + time.Second)
	b.post("/c/", "who", "x").shows(200)
	for range scanBurst {
		if b.get("/C/X"); b.code != 404 {
			t.Fatalf("%d", b.code)
		}
	}
	b.get("/C/"+v.code()).shows(429, "等十秒再试")
	v.now = v.now.Add(time.Second)
	b.get("/C/"+v.code()).shows(200, "签到")
}

// What a browser sends as cookies may be anything.
func TestCookiesThatAreNotOurs(t *testing.T) {
	v := newVisit(t)
	good := v.browser()
	v.signsIn(good, "420-118-2207")
	good.get("/C/"+v.code()).shows(200, "签到")
	other := v.browser()
	other.get("/p/")
	for _, text := range []string{"", ".", "....", "a", "a.b.c.d.e.f", strings.Repeat("a", 4000), "0000000000000000x", "%00", good.cookies["yizhan-phone"] + "x", good.cookies["yizhan-phone"][:20]} {
		b := v.browser()
		for _, name := range []string{"yizhan-phone", "yizhan-scan", "yizhan-device"} {
			b.cookies[name] = text
		}
		b.get("/my").shows(200, "志愿者编号或手机号")
		b.get("/c/").shows(200, "请扫屏幕上的码")
		b.cookies["yizhan-device"] = good.cookies["yizhan-device"]
		if strings.HasPrefix(text, good.cookies["yizhan-phone"][:16]) {
			continue // which looks like a copied one
		}
		b.cookies["yizhan-phone"] = text
		b.get("/my").shows(200, "志愿者编号或手机号")
	}
	other.cookies["yizhan-phone"], other.cookies["yizhan-scan"] = good.cookies["yizhan-phone"], good.cookies["yizhan-scan"]
	other.get("/my").shows(200, "志愿者编号或手机号") // without the number of the browser
	good.get("/my").shows(200, "张*伟")
}

func TestAddressesThatLimitsCount(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:50000", "", "203.0.113.7"}, {"203.0.113.7:50000", "198.51.100.1", "203.0.113.7"}, {"127.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"127.0.0.1:5", "10.0.0.1, 198.51.100.1", "198.51.100.1"}, {"127.0.0.1:5", "nonsense", "127.0.0.1"}, {"[2001:db8::1:2]:5", "", "2001:db8::/64"}, {"[::1]:5", "2001:db8:0:0:9::1", "2001:db8::/64"},
		{"[::ffff:203.0.113.7]:5", "", "203.0.113.7"}, {"pipe", "", "pipe"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := (&ask{Request: r}).address(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
