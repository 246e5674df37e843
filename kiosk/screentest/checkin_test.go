package screentest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yizhan/civic"
	"yizhan/kiosk"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// checkinWords are the pages of checking in; TestCheckinPages comes by them.
var checkinWords = []string{"checkin", "checkinpick", "walkin"}

// codesPrefix is where the phone pages of this center are.
const codesPrefix = "HTTPS://YIZHAN.QINGXI.GOV.CN:8443/C/"

// shiftAt is a shift that begins some minutes from the box's afternoon, for two hours.
func shiftAt(n byte, minutes int64) civic.Shift {
	start := time.Date(2026, 11, 23, 14, 30, 0, 0, zone).Unix() + minutes*60
	v := civic.Shift{ID: ledger.ID{9, n}, Version: 2, Activity: ledger.ID{8, n}, Title: "路口文明劝导", TitleEN: "Traffic duty", Place: "石桥路口", PlaceEN: "Shiqiao crossing", Scope: "qingxi",
		Start: start, End: start + 7200, Kiosks: []string{kioskName}, Codes: codesPrefix, CheckEarly: 1800, CheckLate: 3600}
	for i := range byte(15) {
		v.Enlisted = append(v.Enlisted, civic.Enlisted{Who: ledger.ID{100, i + 1}})
	}
	return v
}

// vouched is a clock that somebody vouches for.
type vouched struct{ store.Clock }

func (c vouched) Now() store.Instant {
	now := c.Clock.Now()
	now.Quality = ledger.ClockSynced
	return now
}

func vouch(c *kiosk.Config) { c.Clock = vouched{c.Clock} }

// tell gives the box documents that its center sends.
func (b *box) tell(version uint64, docs ...civic.Document) {
	b.Helper()
	var raw []json.RawMessage
	for _, d := range docs {
		line, err := json.Marshal(d)
		b.must(err)
		raw = append(raw, line)
	}
	b.must(b.books.Apply(b.Context(), era, kioskName, version, raw))
}

func gonePhone(shift civic.Shift, who byte, version uint64, in int64) civic.Document {
	return civic.Document{Attended: &civic.Attended{Shift: shift.ID, Who: id(who), Version: version, Name: "刘*山", In: in, State: civic.AttendOpen}}
}

func TestCheckinPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		b, _ := newLinkedBox(t, p, vouch)
		a := newAuditor(b.open())
		defer a.report()
		a.goTo("home-checkin", "/")
		a.goTo("checkin-none", "/checkin")
		coming := shiftAt(5, 24*60)
		b.tell(2, civic.Document{Shift: &coming})
		a.goTo("checkin-next", "/checkin")
		now, over, elsewhere, cards := shiftAt(1, -30), shiftAt(2, -600), shiftAt(3, -20), shiftAt(4, -10)
		elsewhere.Kiosks, cards.Codes = []string{"QX-02"}, ""
		cards.TitleEN, cards.Title = "New-era practice station weekend free clinic", "新时代文明实践站周末义诊和健康讲座"
		b.tell(3, civic.Document{Shift: &now}, civic.Document{Shift: &over}, civic.Document{Shift: &elsewhere}, civic.Document{Shift: &cards})
		over.Closed, over.Version = true, 4
		b.tell(4, civic.Document{Shift: &over})
		for n := range byte(4) {
			more := shiftAt(10+n, -int64(n))
			b.tell(uint64(5+n), civic.Document{Shift: &more})
		}
		path := func(v civic.Shift) string { return "/checkin/" + v.ID.String() }
		a.visit("/checkin").on("/checkin")
		a.page("checkin-choice")
		a.goTo("checkin-in", path(now)+"/in")
		a.goTo("checkin-out", path(now)+"/out")
		a.goTo("checkin-cards", path(cards)+"/in")
		a.goTo("checkin-over", path(over))
		a.goTo("checkin-elsewhere", path(elsewhere))
		early := shiftAt(6, 120)
		b.tell(20, civic.Document{Shift: &early})
		a.goTo("checkin-early", path(early))
		a.goTo("walkin", path(now)+"/walkin")
		a.goTo("walkin-many", path(now)+"/walkin?many")

		// Greetings, the longest of each sort.
		a.visit("/").on("/")
		a.leave()
		a.visit(path(now) + "/out").on(path(now) + "/out")
		a.server.Scan(card(adili))
		a.sees("这里还没有您的签到")
		a.look("greet-alone", false)
		a.look("greet-alone", true)
		a.tap(".greet .main").on(path(now) + "/out").sees("签退好了")
		a.look("greet-out", true)
		a.visit(path(now) + "/in").on(path(now) + "/in")
		a.within(stepLimit, "the time between two cards", func() bool {
			a.server.Scan(secretOf(99).Text())
			at, err := b.books.Attendance(now.ID, secretOf(99).ID().Stranger())
			return err == nil && at.Arrived() != 0
		})
		a.sees("还不认识这张卡")
		a.look("greet-stranger", true)
		a.visit("/").on("/")
		a.signIn(zhang, "/balance")
		a.goTo("checkin-member", path(now)+"/in")
		for _, word := range checkinWords {
			if !a.seen[word] {
				t.Errorf("no walk comes by the page %q", word)
			}
		}
	})
}

// The way of an afternoon: the code on the screen, cards, a phone, somebody without a
// card, and home again.
func TestCheckinAtTheKiosk(t *testing.T) {
	b, _ := newLinkedBox(t, tall, vouch, func(c *kiosk.Config) { c.IdleSeconds, c.CountdownSeconds = 2, 2 })
	now := shiftAt(1, -30)
	b.tell(2, civic.Document{Shift: &now})
	v := b.open()
	v.tap(`a[href="/checkin"]`).on("/checkin/"+now.ID.String()).sees("签到：路口文明劝导", "今天 14:00 到 16:00，石桥路口", "已到 0 人，报名 15 人", "秒后换新码")

	// The code is good at the center, and is another one 15 seconds later.
	first := v.checkCode(b, now)
	if first.Out || first.Shift != now.ID || first.Kiosk != kioskName {
		t.Errorf("%+v", first)
	}

	// A card greets its owner, and the code comes back by itself.
	v.server.Scan(card(zhang))
	v.sees("张*伟，签到好了", "请到石桥路口集合", "已到 1 人")
	v.within(8*time.Second, "the code again", func() bool { return !strings.Contains(v.Words(), "签到好了") })
	v.server.Scan(card(zhang))
	v.sees("已经签过到了")

	// So does a phone, within a second of the center's word.
	told := time.Now()
	b.tell(3, gonePhone(now, liu, 3, b.clock.Now().WallMS/1000))
	v.sees("刘*山，签到好了", "已到 2 人")
	t.Logf("greeted %v after the center's word", time.Since(told).Round(time.Millisecond))

	// Nobody is signed in, so nothing runs out: this is longer than a visit may idle. Another
	// page of the box that somebody opens meanwhile does not keep the code from changing.
	if ok, err := tryEval[bool](v, `const first = new XMLHttpRequest(); first.open("GET", "/", false); first.send(); return first.status === 200`); !ok || err != nil {
		t.Fatalf("the first page beside it: %v", err)
	}
	v.within(20*time.Second, "another code", func() bool { return v.beats() && v.checkCode(b, now).Step > first.Step })
	v.on("/checkin/" + now.ID.String())
	if forms, err := tryEval[int](v, `return document.querySelectorAll("noscript form").length`); forms != 0 || err != nil {
		t.Errorf("a page that was put in place has %d forms for browsers without a script, %v", forms, err)
	}

	// Somebody without a card and without a phone gets a slip to check out with.
	v.tap(`=没带卡`).on("/checkin/"+now.ID.String()+"/walkin").tap("=没有手机").on("/checkin/"+now.ID.String()+"/in").sees("签到好了，请等小票", "已到 3 人")
	b.paper(1)
	roster, err := b.books.Roster(now.ID)
	b.must(err)
	at := roster[slices.IndexFunc(roster, func(a store.Attendance) bool { return a.WalkIn })]
	v.tap(`.seg a[href$="/out"]`).on("/checkin/" + now.ID.String() + "/out").sees("签退：路口文明劝导")
	if out := v.checkCode(b, now); !out.Out {
		t.Errorf("%+v", out)
	}
	v.server.Scan(civic.WalkIn{Shift: now.ID, Who: at.Who}.Text())
	v.sees("签退好了", "认出您、负责人确认以后记积分")

	// Staff sign in from here, and the page is there again when they have gone.
	v.scan(card(clerk)).on("/staff/pin").dial(staffPIN).tap(".go").on("/staff")
	v.within(10*time.Second, "the check-in page again", func() bool { return strings.HasPrefix(v.Path(), "/checkin/") })
}

// beats tells whether the bar is there, so no greeting lies over the code.
func (v *tab) beats() bool {
	there, err := tryEval[bool](v, `return !document.querySelector(".greet") && !!document.querySelector("#codebox svg")`)
	return err == nil && there
}

// checkCode reads the code off a picture of the screen, as a phone does, and verifies it
// as the center does.
func (v *tab) checkCode(b *box, shift civic.Shift) civic.CheckCode {
	v.Helper()
	v.within(stepLimit, "the code", v.beats)
	file := filepath.Join(b.dir, "code.png")
	png, err := chromedp.Run(v.Ctx, chromedp.CaptureScreenshot())
	v.must(err)
	v.must(os.WriteFile(file, png, 0o644))
	text, ok := strings.CutPrefix(readPicture(v, file), shift.Codes)
	if !ok {
		v.Fatalf("the code is of another address: %q", text)
	}
	c, err := civic.VerifyCheckCode(text, b.books.PublicKey())
	if err == nil {
		err = c.Fresh(time.UnixMilli(b.clock.Now().WallMS), 0)
	}
	if err != nil {
		v.Fatalf("the code is not good: %v", err)
	}
	return c
}

// Without the script everything works as well: the page loads itself again, and a
// scanner that types has a field.
func TestCheckinWithoutScript(t *testing.T) {
	b, _ := newLinkedBox(t, wide)
	now := shiftAt(1, -30)
	b.tell(2, civic.Document{Shift: &now})
	v := b.blank()
	v.SetScript(false)
	v.visit("/checkin")
	path := "/checkin/" + now.ID.String()
	v.on(path).sees("签到：路口文明劝导")
	v.checkCode(b, now)
}
