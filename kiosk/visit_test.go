package kiosk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/printer/sim"
)

// personal are pages that show somebody's account.
var personal = []string{"/balance", "/goods", "/redeem/G01", "/points", "/why/1", "/orders", "/pin", "/done/2", "/orders/2", "/giveback/2"}

func TestNobodySeesWhoWasThereBefore(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	old := s.cookies[visitCookie]
	s.post("/leave").on("/").lacks("张", "1,260", "980")
	for _, path := range personal {
		s.get(path).on("/?over").lacks("张", "980")
		s.cookies[visitCookie] = old // as if the browser had kept it
		s.get(path).on("/?over").lacks("张", "980")
		delete(s.cookies, visitCookie)
	}
	s.scanCard(wang).sees("王*英").lacks("张")
	for _, path := range []string{"/done/2", "/orders/2", "/giveback/2"} {
		s.get(path).sees("没找到").lacks("A0", "大米")
	}
	s.get("/orders").sees("还没有换过东西")
	s.post("/giveback/2", "key", "0102030405060708").sees("没找到")
	s.post("/orders/2/again").sees("没找到")
}

func TestACardEndsTheVisitOfSomebodyElse(t *testing.T) {
	v := newVillage(t)
	first, second := v.screen(), v.screen()
	first.scanCard(zhang).on("/balance")
	second.scanCard(wang).on("/balance").sees("王*英")
	first.get("/balance").on("/?over").lacks("张")
}

func TestTheSameCardAgainKeepsTheVisit(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(zhang)
	s.post("/language", "to", "en", "page", "/goods").on("/goods").sees("What would you like?")
	s.scanCard(zhang).on("/balance").sees("You have")
}

func TestTheSameCardOpensABrowserThatWasStartedAnew(t *testing.T) {
	v := newVillage(t)
	v.screen().scanCard(zhang).on("/balance")
	v.screen().scanCard(zhang).on("/balance").sees("张*伟")
}

func TestEverySignInHasItsOwnCookie(t *testing.T) {
	s := newVillage(t).screen()
	seen := make(map[string]bool)
	s.post("/language", "to", "en", "page", "/identify").on("/identify").sees("Your phone number")
	for range 3 {
		seen[s.cookies[visitCookie]] = true
		s.types(zhangPhone, zhangPIN).on("/balance")
		seen[s.cookies[visitCookie]] = true
		s.post("/leave").get("/identify").post("/print-size", "to", "large", "page", "/identify")
	}
	if len(seen) != 6 {
		t.Errorf("%d cookies for 6 visits", len(seen))
	}
}

func TestLanguageAndPrintGoWithTheVisit(t *testing.T) {
	s := newVillage(t).screen()
	s.post("/language", "to", "en", "page", "/").sees("Scan to begin", `lang="en"`)
	s.post("/print-size", "to", "large", "page", "/help").on("/help").sees(`data-print="large"`)
	s.scanCard(zhang).sees("You have", `data-print="large"`)
	s.post("/leave").on("/").sees("刷卡", `lang="zh-CN"`).lacks(`data-print`)
}

func TestKeysOfTheFrameLeadOnlyWithinTheKiosk(t *testing.T) {
	s := newVillage(t).screen()
	for _, page := range []string{"//example.org/", "https://example.org/", `/\example.org`, ""} {
		s.post("/language", "to", "en", "page", page).on("/")
	}
}

func TestATicketIsForOnce(t *testing.T) {
	v := newVillage(t)
	path := v.scan(card(zhang))
	if !strings.HasPrefix(path, "/ticket/") {
		t.Fatal(path)
	}
	first, second := v.screen(), v.screen()
	first.get(path).on("/balance")
	second.get(path).on("/").lacks("张")
	first.get(path).on("/balance") // a reload

	path = v.scan(card(wang))
	v.clock.advance((ticketSeconds + 1) * time.Second)
	second.get(path).on("/").lacks("王")
}

func TestIdleEndsTheVisit(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	page := v.connect(s)
	v.clock.advance((DefaultIdleSeconds - 1) * time.Second)
	v.tick()
	v.clock.advance(time.Second)
	v.tick()
	page.hears("您还在吗", "#over")
	v.clock.advance((DefaultCountdownSeconds - 1) * time.Second)
	v.tick()
	page.hears("#idle-left", ">1<")
	v.clock.advance(time.Second)
	v.tick()
	page.hears(`"go":"/"`)
	s.get("/balance").on("/?over")
}

func TestTheStationsRulesSayWhenAVisitEnds(t *testing.T) {
	v := newVillage(t)
	v.change(func(s *civic.Station) { s.Policy.IdleSeconds = 2 * DefaultIdleSeconds })
	s := v.screen()
	s.scanCard(zhang)
	v.clock.advance((DefaultIdleSeconds + DefaultCountdownSeconds + 1) * time.Second)
	v.tick()
	s.get("/balance").on("/balance")
	v.clock.advance((2*DefaultIdleSeconds + DefaultCountdownSeconds + 1) * time.Second)
	v.tick()
	s.get("/balance").on("/?over")
}

func TestATouchKeepsTheVisit(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	page := v.connect(s)
	v.clock.advance((DefaultIdleSeconds + 5) * time.Second)
	v.tick()
	page.hears("您还在吗")
	page.says("touch")
	page.hears(`"target":"#over"`, `"content":" "`)
	v.clock.advance((DefaultIdleSeconds - 1) * time.Second)
	v.tick()
	s.get("/balance").on("/balance")

	v.clock.advance((DefaultIdleSeconds + 5) * time.Second)
	v.tick()
	s.post("/awake").on("/balance")
	v.clock.advance((DefaultIdleSeconds - 1) * time.Second)
	v.tick()
	s.get("/points").on("/points")
}

func TestDoneLeavesByItself(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	s.sees(`content="32;url=/"`) // for a browser without the script
	page := v.connect(s)
	v.clock.advance(10 * time.Second)
	v.tick()
	page.hears("#ring", "20 秒后自动退出")
	s.get("/done/" + seq).sees("换好了") // a reload starts the seconds again
	v.clock.advance((DefaultCountdownSeconds - 1) * time.Second)
	v.tick()
	s.get("/goods").on("/goods") // and going on ends them
	v.clock.advance((DefaultCountdownSeconds + 1) * time.Second)
	v.tick()
	s.get("/goods").on("/goods")
	s.get("/done/" + seq)
	v.clock.advance(DefaultCountdownSeconds * time.Second)
	v.tick()
	s.get("/goods").on("/?over")
}

func TestNothingRunsOutWhileASlipIsPrinted(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	v.paper.Recover(t.Context())         // and nothing else: the printer is not known yet
	v.printer.failAfter(4000, sim.Stall) // in the middle of the slip, after what prepares it
	ended := make(chan struct{})
	go func() { v.paper.Round(t.Context()); close(ended) }()
	v.await(func() bool { return v.paper.Status().Busy })
	v.clock.advance(10 * time.Minute)
	v.tick()
	v.printer.Mend()
	<-ended
	v.tick()
	s.get("/balance").on("/balance")
}

func TestPagesSayThatTheyAreNotKept(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	for _, path := range append([]string{"/", "/identify", "/help", "/trouble", "/code/strange", "/nowhere"}, personal...) {
		s.get(path)
		for name, want := range map[string]string{"Cache-Control": "no-store", "Content-Security-Policy": assets.ContentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if got := s.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	w := httptest.NewRecorder()
	join(w, v.current())
	if c := w.Result().Cookies()[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || len(c.Value) != 32 {
		t.Errorf("cookie %v", c)
	}
}

// TestAPINThatComesTooLateOpensNothing lets somebody else's card be scanned while a
// PIN is compared.
func TestAPINThatComesTooLateOpensNothing(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	late := func(path string) *ask {
		return &ask{Request: newPost(path), w: discard{}, visit: v.current()}
	}
	s.get("/identify").post("/identify", "typed", zhangPhone, "key", "go").on("/identify/pin")
	a := late("/identify/pin")
	s.scanCard(wang).on("/balance")
	v.must(v.signInByPhone(a, zhangPhone, zhangPIN))
	s.get("/balance").on("/balance").sees("王*英")

	s.scanCard(clerk).on("/staff/pin")
	a = late("/staff/pin")
	s.scanCard(wang)
	v.must((&office{Server: v.Server}).signIn(a, clerkPIN))
	s.get("/balance").on("/balance").sees("王*英")
	v.acted("in 1", "out 1")
}
