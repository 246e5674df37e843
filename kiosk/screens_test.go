package kiosk

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	screens "yizhan/assets/browser"
	"yizhan/printer/sim"
	"yizhan/printer/spool"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// shots is where pictures of the screens go; without it the test is left out.
//
//	go test ./kiosk -run TestScreens -shots /tmp/shots
var shots = screens.Shots

func TestScreens(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots folder")
	}
	panels := []struct {
		name          string
		width, height int64
		inches        float64
	}{{"tall", 1080, 1920, 21.5}, {"wide", 1280, 800, 10.1}}
	for _, panel := range panels {
		v := newVillage(t, func(c *Config) {
			c.Screen.DiagonalInch, c.Slips = panel.inches, &slipShelf{texts: map[string]string{"close.zh-CN": "日结单 {operater}"}}
		})
		server := httptest.NewServer(v.Handler())
		defer server.Close()
		for _, lang := range []string{"zh-CN", "en"} {
			b := newBrowser(t, panel.width, panel.height)
			for _, print := range []string{"normal", "large"} {
				if print == "large" && lang == "en" && testing.Short() {
					continue
				}
				walk(t, v, func(name, cookie, path string, then func()) {
					file := filepath.Join(*shots, fmt.Sprintf("%s-%s-%s-%s.png", name, panel.name, lang, print))
					b.shoot(t, server.URL+path, cookie, file, panel.inches, then)
				}, lang, print)
			}
		}
	}
}

// walk visits every screen once in the given language and print, and calls shoot.
func walk(t *testing.T, v *village, shoot func(name, cookie, path string, then func()), lang, print string) {
	s := v.screen()
	nothing := func() {}
	take := func(name string) { shoot(name, s.cookies[visitCookie], s.at, nothing) }
	start := func() {
		s.post("/leave")
		s.get("/").post("/language", "to", lang, "page", "/")
		s.post("/print-size", "to", print, "page", "/")
	}
	start()
	take("home")
	s.get("/identify")
	take("identify")
	s.post("/identify", "typed", zhangPhone, "key", "go")
	take("pin-ask")
	s.post("/identify/pin", "typed", "111222", "key", "go")
	take("pin-wrong")
	s.get("/help")
	take("help")
	s.get("/code/receipt")
	take("code")
	start()
	s.scanCard(zhang)
	take("balance")
	s.get("/goods")
	take("goods")
	s.get("/goods?from=6")
	take("goods-2")
	s.get("/redeem/G04")
	take("redeem-not")
	s.get("/redeem/G05?n=2")
	take("redeem")
	shoot("idle", s.cookies[visitCookie], s.at, func() {
		v.clock.advance((DefaultIdleSeconds + 6) * time.Second)
		v.tick()
	})
	s.get("/redeem/G05?n=2").confirm()
	done := s.at
	take("done")
	s.get("/points") // so that no screen is sent to the page done by itself
	v.printer.Fail(sim.PaperOut)
	v.paper.Round(t.Context())
	s.get(done)
	take("noslip")
	s.get("/points")
	v.printer.Mend()
	v.paper.Round(t.Context())
	take("points")
	slip, err := v.cfg.Store.Reprint(t.Context(), v.newest(zhang).Seq, id(clerk))
	v.must(err)
	v.steps(slip.Seq, spool.StepSending, spool.StepUncertain)
	s.get(done)
	take("whole")
	s.says("yes").get("/why/2")
	take("why")
	s.get("/orders")
	take("orders")
	s.get("/orders/" + strings.TrimPrefix(done, "/done/"))
	take("order")
	s.get("/giveback/" + strings.TrimPrefix(done, "/done/"))
	take("giveback")
	s.post(s.at, "key", s.field("key"))
	s.get("/points")
	take("points-back")
	s.post("/redeem", "key", "00000000000000aa", "good", "G04", "quantity", "1", "price", "1600").on("/trouble")
	take("trouble")
	s.get("/pin")
	take("pin")
	start()
	s.onDutyAs(leader)
	for _, at := range []string{"more", "paper", "printer", "probe", "probe?out=yes", "slips", "slips/receipt", "slips/close", "slips/test"} {
		s.get("/staff/" + at)
		take("staff-" + strings.ReplaceAll(at, "/", "-"))
	}
}

// browser is Chromium without a window.
type browser struct{ ctx context.Context }

func newBrowser(t *testing.T, width, height int64) browser {
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(screens.Options(t.TempDir()), chromedp.WindowSize(int(width), int(height)))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		t.Fatal(err)
	}
	return browser{ctx}
}

// shoot opens a page in the visit of cookie, fails when it would scroll, and keeps
// its picture.
func (b browser) shoot(t *testing.T, url, cookie, file string, inches float64, then ...func()) {
	t.Helper()
	setCookie := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: visitCookie, Value: cookie, URL: url})
		return err
	})
	if err := chromedp.Do(b.ctx, setCookie, chromedp.Navigate(url), chromedp.Sleep(150*time.Millisecond)); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	for _, f := range then {
		f()
	}
	if err := chromedp.Do(b.ctx, chromedp.Sleep(300*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	problem, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](strings.ReplaceAll(fits, "INCHES", fmt.Sprint(inches))))
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	if problem != "" {
		t.Errorf("%s: %s", filepath.Base(file), problem)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// fits tells what does not fit: text cut off, things beyond the screen, keys under
// 20 mm, text under 5 mm.
const fits = `(() => {
  const out = [], mm = Math.hypot(innerWidth, innerHeight) / (INCHES * 25.4);
  const seen = (el) => el.checkVisibility({visibilityProperty: true}) && el.getClientRects().length;
  const name = (el) => el.tagName.toLowerCase() + "." + el.className + " '" + el.textContent.trim().slice(0, 20) + "'";
  const stage = document.querySelector(".stage").getBoundingClientRect();
  for (const el of document.querySelectorAll("body *")) {
    if (!seen(el) || el.closest("svg") && el.tagName !== "svg" || el.closest(".numbers, textarea, .sheet-out")) continue;
    const r = el.getBoundingClientRect();
    if (el.closest(".stage") && !el.matches("img, .stage") && !el.closest(".show, .shot, .veil") &&
        (r.bottom > stage.bottom + 1 || r.right > stage.right + 1 || r.left < stage.left - 1 || r.top < stage.top - 1)) out.push("outside: " + name(el));
    if (el.closest(".shot") || r.width <= 1 && r.height <= 1) continue;
    const font = parseFloat(getComputedStyle(el).fontSize);
    if (el.clientWidth && !el.matches(".perf, .ticket, .big, .claim > div") && getComputedStyle(el).overflow === "visible" && (el.scrollWidth > el.clientWidth + 2 || el.scrollHeight > el.clientHeight + font * .35)) out.push("overflows: " + name(el));
    if (r.right > innerWidth + 1 || r.bottom > innerHeight + 1) out.push("beyond: " + name(el));
    if (el.matches("a, button") && (r.width < 20 * mm - 1 || r.height < 20 * mm - 1)) out.push("small: " + name(el) + " " + (r.width / mm).toFixed(1) + "x" + (r.height / mm).toFixed(1));
    const own = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (own && parseFloat(getComputedStyle(el).fontSize) < 5 * mm - .5) out.push("tiny: " + name(el));
    if (own && !el.closest(".show")) {
      const range = document.createRange(); range.selectNodeContents(el);
      const t = range.getBoundingClientRect(), paper = el.closest(".key, .good, .plain, .ticket, .lines li, .dialog, .stage, .top");
      if (!paper) continue;
      const box = paper.getBoundingClientRect();
      const slack = parseFloat(getComputedStyle(el).fontSize) * .15; // the font's box is higher than its characters
      if (t.right > box.right + 1 || t.bottom > box.bottom + slack || t.left < box.left - 1 || t.top < box.top - slack) out.push("spills: " + name(el));
    }
  }
  return [...new Set(out)].slice(0, 12).join("\n");
})()`
