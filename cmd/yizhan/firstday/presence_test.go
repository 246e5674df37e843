package firstday

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/assets/browser"
)

// presence is the demo's county, with somebody before the first kiosk's screen and a
// phone in hand.
type presence struct {
	*testing.T
	kiosk, phone *visitor
	volunteer    string // card
	number, pin  string // phone and PIN
	leader       kiosk
	key          string // of the kiosk, by which receipts are checked
	shift        string // path of the kiosk's page for the shift that the volunteer is at
}

var demoSays = regexp.MustCompile(`(http://\S+/)\n  the kiosk of Shiqiao[^\n]*\n(http://\S+/)\n  the kiosk of Liuhe[^\n]*\n(http://\S+/)\n  the center's console[^\n]*\n` +
	`card 卡 +(\S+) [^\n]*\nPIN 密码 +(\d+) +with phone 手机号 (\d+)\nstaff 店员 [^\n]*\nleader 站长 +(\S+) +PIN 密码 (\d+)`)

// Presence becomes hours, hours become points, and points become rice: by a phone that
// scans the kiosk's screen, and then once more while the kiosk has no network.
func TestPresenceBecomesPoints(t *testing.T) {
	t.Parallel()
	process := start(t, "demo", "--port", "0", "--baud", "0")
	said := process.find(t, demoSays.String())
	p := &presence{T: t, kiosk: newVisitor(t, said[1], 1080, 1920), phone: newVisitor(t, said[3], 360, 740), volunteer: said[4], pin: said[5], number: said[6]}
	p.leader = kiosk{p.kiosk, said[7], said[8]}
	p.key = process.find(t, `kiosk is ready" address=`+regexp.QuoteMeta(said[1])+` key="([^"]+)"`)[1]

	before := p.balance()
	p.check("in", true)
	p.press("/demo/pass")
	p.check("out", true)
	p.confirmed()
	p.earns(before)
	p.genuine(p.redeems())

	before = p.balance()
	p.press("/demo/wire", "kiosk", "SQ01", "cut", "yes")
	p.check("in", false)
	p.press("/demo/pass")
	p.check("out", false)
	p.press("/demo/wire", "kiosk", "SQ01", "cut", "no")
	p.confirmed()
	p.earns(before)
	p.exported()
}

// exported has an officer export both visits for the national system: checked in and out
// by code (method 4), valid (2), credit hours (1).
func (p *presence) exported() {
	p.Helper()
	v := newVisitor(p, p.phone.base, 1280, 800)
	code := regexp.MustCompile(`code</span> <b>(\d{6})</b>`).FindStringSubmatch(p.get("/demo/"))
	if code == nil {
		p.Fatal("the demo's page has no code for its officer")
	}
	v.visit("/signin").types("name", "demo", "password", "qingxi-2026", "code", code[1]).press("=登录").on("/").sees("要办的事")
	v.visit("/national").chooses("parent", "qingxi").types("from", time.Now().AddDate(0, 0, -2).Format(time.DateOnly), "to", time.Now().AddDate(0, 0, 3).Format(time.DateOnly))
	v.press("main form button.main").on("/job/")
	const file = "a[href$='.xlsx']"
	v.within(time.Minute, "the workbook", func() bool {
		v.visit(v.Path())
		return browser.Eval[bool](v.Tab, `return !!document.querySelector(args[0])`, file)
	})
	text := browser.Eval[string](v.Tab, `const answer = await fetch(document.querySelector(args[0]).href), bytes = new Uint8Array(await answer.arrayBuffer());
		return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""))`, file)
	book, err := excelize.OpenReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		p.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(rows) != 3 {
		p.Fatalf("%q, %v", rows, err)
	}
	for _, row := range rows[1:] {
		if minutes, _ := strconv.Atoi(row[6]); row[3] != "路口文明劝导" || minutes < 90 || minutes > 120 || !slices.Equal(row[9:12], []string{"4", "2", "1"}) {
			p.Errorf("a visit is exported as %q", row)
		}
	}
}

// earns waits until the points of two hours, some minutes less, are at the kiosk.
func (p *presence) earns(before int) {
	p.Helper()
	earned := 0
	p.kiosk.within(time.Minute, "the points to come", func() bool {
		earned = p.balance() - before
		return earned != 0
	})
	if earned < 10 || earned > 20 {
		p.Errorf("two hours have earned %d points", earned)
	}
}

// confirmed has the leader confirm everybody, as soon as the kiosk knows who came.
func (p *presence) confirmed() {
	p.Helper()
	k := p.leader
	k.onDuty()
	roster := "/staff/roster/" + strings.TrimPrefix(p.shift, "/checkin/")
	waits := func() bool {
		there, err := browser.TryEval[bool](k.Tab, `return !!document.querySelector("form.main-slot button")`)
		return err == nil && there
	}
	k.within(time.Minute, "somebody on the roster", func() bool {
		k.visit("/staff/rosters").press("a[href='" + roster + "']").on(roster)
		return waits()
	})
	k.Shot("presence-roster")
	k.within(browser.Step, "the confirmation", func() bool { // a key pressed while the page loads itself again is pressed once more
		if waits() {
			k.press("form.main-slot button").on(roster)
		}
		return !waits()
	})
	k.press("=退出").on("/")
}

// check scans the kiosk's screen with the phone.
func (p *presence) check(way string, online bool) {
	p.Helper()
	k, phone := p.kiosk, p.phone
	k.visit("/").press("=签到 签退").on("/checkin")
	k.within(browser.Step, "the shift", func() bool { // the one before is open a while longer, and so stands first
		if k.on("/checkin"); strings.HasPrefix(k.Path(), "/checkin/") {
			return true
		}
		k.press(map[string]string{"in": "main a[href^='/checkin/']:last-of-type", "out": "main a[href^='" + p.shift + "']"}[way]).on("/checkin")
		return strings.HasPrefix(k.Path(), "/checkin/")
	})
	p.shift, _, _ = strings.Cut(k.Path(), "?")
	if title := map[string]string{"in": "签到", "out": "签退"}[way]; !strings.HasPrefix(k.text("h1"), title) {
		k.press("=" + title).sees(title + "：")
	}
	code := k.reads()
	if !strings.HasPrefix(code, strings.ToUpper(phone.base)+"/C/") {
		p.Fatalf("the screen's code says %.60q", code)
	}
	phone.GoTo(code)
	phone.on("/")
	if strings.HasPrefix(phone.Path(), "/p/") {
		phone.types("who", p.number, "pin", p.pin).press("main form button.main")
	}
	phone.on("/c/").press("form[action='/c/'] button.main")
	began := time.Now()
	phone.sees(map[string]string{"in": "签到好了", "out": "签退好了"}[way])
	if !online {
		return
	}
	k.within(5*time.Second, "the greeting", func() bool { return strings.Contains(k.Words(), "*") })
	p.Logf("greeted on the kiosk %v after the tap on the phone", time.Since(began).Round(10*time.Millisecond))
	p.kiosk.Shot("presence-greeted-" + way)
	p.phone.Shot("presence-phone-" + way)
}

// balance is what the volunteer can spend at the kiosk.
func (p *presence) balance() int {
	p.Helper()
	k := p.kiosk
	k.visit("/").scans(p.volunteer).on("/balance")
	n, err := strconv.Atoi(strings.ReplaceAll(regexp.MustCompile(`[\d,]+`).FindString(k.text(".points, .balance, .pts")), ",", ""))
	if err != nil {
		p.Fatalf("no balance on %s: %.300s", k.Path(), k.Words())
	}
	k.press("=退出").on("/")
	return n
}

// redeems buys something cheap, and returns what the receipt's code says.
func (p *presence) redeems() string {
	p.Helper()
	k := p.kiosk
	k.visit("/").scans(p.volunteer).on("/balance")
	k.visit("/goods").press("a[href^='/redeem/']").on("/redeem/").press("form[action^='/redeem'] .main").sees("领货号")
	var text string
	k.within(time.Minute, "the receipt", func() bool {
		for n := 1; n < 10 && text == ""; n++ {
			text = p.paper(n)
		}
		return text != ""
	})
	k.press("=退出").on("/")
	return text
}

// paper is what the code on a piece of paper says; "": there is none, or no paper.
func (p *presence) paper(n int) string {
	p.Helper()
	answer, err := http.Get(p.kiosk.base + "/demo/paper/" + strconv.Itoa(n) + ".png")
	if err != nil || answer.StatusCode != http.StatusOK {
		return ""
	}
	defer answer.Body.Close()
	file, err := os.Create(filepath.Join(p.TempDir(), "paper.png"))
	if err != nil {
		p.Fatal(err)
	}
	defer file.Close()
	if _, err := io.Copy(file, answer.Body); err != nil {
		p.Fatal(err)
	}
	out, _ := exec.Command("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", file.Name()).Output()
	text, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(text)
}

// genuine has the receipt checked offline.
func (p *presence) genuine(receipt string) {
	p.Helper()
	if says := run(p.T, "receipt", "verify", "--key", p.key, receipt); !strings.Contains(says, "SQ01") {
		p.Errorf("the receipt's code %.40q says %s", receipt, says)
	}
}

// get is a page of the demo.
func (p *presence) get(path string) string {
	p.Helper()
	answer, err := http.Get(p.kiosk.base + path)
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.Fatal(err)
	}
	return string(text)
}

// press sends a form of the demo's page.
func (p *presence) press(path string, pairs ...string) {
	p.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	answer, err := http.PostForm(p.kiosk.base+path, form)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.Fatalf("%s: %v, %v", path, answer, err)
	}
	answer.Body.Close()
	time.Sleep(browser.Step / 200)
}
