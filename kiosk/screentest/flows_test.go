package screentest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"yizhan/assets"
	"yizhan/kiosk"
	"yizhan/ledger"
)

// signedIn puts Zhang's card before a new kiosk.
func signedIn(t *testing.T, p panel, options ...func(*kiosk.Config)) *tab {
	t.Helper()
	return newBox(t, p, options...).open().on("/").scan(card(zhang)).on("/balance")
}

const confirmKey = "form.foot[action='/redeem'] .main"

// Two taps on the key that confirms take the points once.
func TestDoubleTap(t *testing.T) {
	v := signedIn(t, wide).visit("/redeem/G01").on("/redeem/G01")
	s := v.find(confirmKey, true)
	v.Do("two taps", chromedp.TapXY(s.X, s.Y), chromedp.TapXY(s.X, s.Y))
	v.on("/done/").sees("980")
	checkBooks(v)
}

// The same form sent eight times at once is one redemption, and everybody is shown
// the same one.
func TestParallelConfirmations(t *testing.T) {
	v := signedIn(t, tall).visit("/redeem/G01").on("/redeem/G01")
	ends := eval[[]string](v, `const form = document.querySelector("form[action='/redeem']");
		const send = async () => (await fetch("/redeem", {method: "POST", body: new URLSearchParams(new FormData(form))})).url;
		return Promise.all(Array.from({length: 8}, send))`)
	v.paper(1)
	if list := v.redemptions(zhang); len(list) != 1 || v.balance(zhang) != 980 {
		t.Errorf("%d redemptions and %d points left, want 1 and 980", len(list), v.balance(zhang))
	}
	for _, end := range ends {
		if end != ends[0] || !strings.Contains(end, "/done/") {
			t.Errorf("the eight answers lead to %q", ends)
		}
	}
}

// A scan is understood on every page, whoever is there.
func TestScanAnywhere(t *testing.T) {
	b := newBox(t, wide)
	v := b.open().on("/")
	r := b.reserve(wang, "G07", 60)
	b.paper(1)
	receipt, err := b.books.ReceiptText(r.Seq)
	b.must(err)
	scans := []struct{ text, to, says string }{
		{"6901234567892", "/code/strange", ""},
		{secretOf(99).Text(), "/code/card", ""},
		{card(zhang)[:len(card(zhang))-1] + "?", "/code/misread", ""},
		{receipt, "/code/receipt", ""},
		{card(clerk), "/staff/pin", ""},
		{card(zhang), "/balance", zhangMasked},
	}
	for _, at := range []string{"/", "/help", "/identify", "/code/strange", "/balance", "/goods", "/redeem/G01", "/points", "/orders", "/pin", "/nowhere"} {
		for _, scan := range scans {
			v.visit(at).on("").scan(scan.text).on(scan.to).sees(scan.says)
		}
	}
	v.scan(card(clerk)).on("/staff/pin").dial(staffPIN).tap(".go").on("/staff")
	v.visit("/staff/stock").on("/staff/stock").scan(receipt).on("/staff?").sees(ledger.ClaimText(r.Claim))
	v.visit("/staff/close").on("/staff/close").scan(card(wang)).on("/balance").sees("王*英")
	if strings.Contains(v.Words(), zhangMasked) {
		t.Errorf("Wang sees Zhang: %s", v.Words())
	}
}

// idleSoon makes a visit end soon.
func idleSoon(c *kiosk.Config) { c.IdleSeconds, c.CountdownSeconds = 2, 4 }

// A visit that nobody goes on with ends: first a countdown, which a touch ends, then
// the first page; and the server has forgotten who was there.
func TestIdle(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		v := signedIn(t, p, idleSoon)
		a := newAuditor(v)
		defer a.report()
		v.visit("/goods").on("/goods")
		cookie := cookieOf(v)
		v.sees("我还在").find("=我还在", false)
		a.lang = assets.Chinese
		a.look("idle", false)
		v.tap("=我还在").on("/goods")
		if strings.Contains(v.Words(), "我还在") {
			t.Error("the countdown stands after it was answered")
		}
		v.sees("我还在").on("/").sees("刷卡")
		for _, at := range []string{"/balance", "/goods", "/help"} {
			if again := openWith(v, cookie, at); strings.Contains(again, zhangMasked) || strings.Contains(again, zhangBalance) {
				t.Errorf("the cookie of the visit that ended still opens %s: %s", at, again)
			}
		}
	})
}

// cookieOf is the visit's cookie, which no script on the page can read.
func cookieOf(v *tab) *http.Cookie {
	v.Helper()
	jar, err := chromedp.Call(v.Ctx, network.GetCookies, network.GetCookiesParams{})
	v.must(err)
	for _, c := range jar.Cookies {
		if c.Name == "visit" {
			return &http.Cookie{Name: c.Name, Value: c.Value}
		}
	}
	v.Fatal("the browser has no visit")
	return nil
}

// openWith is what the kiosk shows to somebody who brings a cookie.
func openWith(v *tab, cookie *http.Cookie, path string) string {
	v.Helper()
	request, err := http.NewRequestWithContext(v.Context(), http.MethodGet, "http://"+v.address+path, nil)
	v.must(err)
	request.AddCookie(cookie)
	answer, err := http.DefaultClient.Do(request)
	v.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	v.must(err)
	return string(body)
}

// Whoever comes next finds nothing of the one before, by any number of steps back.
func TestBack(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		v := signedIn(t, p)
		for _, at := range []string{"/goods", "/points", "/orders", "/redeem/G01"} {
			v.visit(at).on(at)
		}
		v.tap(confirmKey).on("/done/").tap("form[action='/leave'] .main").on("/")
		goBack(v, "nobody")
		// The page may be one that came back and is loading itself again.
		v.visit("/").on("/").scan(card(wang)).on("/balance").sees("王*英")
		goBack(v, "Wang")
		v.visit("/").on("/balance").leave()
		goBack(v, "nobody again")
	})
}

// goBack goes back through everything that the browser remembers, and looks for
// Zhang on every page.
func goBack(v *tab, who string) {
	v.Helper()
	for step := range 12 {
		before := v.Path()
		history, err := chromedp.Run(v.Ctx, chromedp.NavigationEntries())
		v.must(err)
		if history.CurrentIndex == 0 {
			return
		}
		eval[chromedp.Void](v, `setTimeout(() => history.back())`)
		v.within(stepLimit, "the page before", func() bool {
			now, err := chromedp.Run(v.Ctx, chromedp.NavigationEntries())
			done, failed := tryEval[bool](v, `return document.readyState === "complete"`)
			return err == nil && failed == nil && done && now.CurrentIndex != history.CurrentIndex
		})
		all := eval[string](v, `return document.documentElement.outerHTML + document.body.innerText`)
		for _, secret := range []string{zhangMasked, "张小伟", zhangBalance, "980", "路口文明劝导"} {
			if strings.Contains(all, secret) {
				v.Errorf("%s, %d steps back from %s, finds %q on %s", who, step+1, before, secret, v.Path())
			}
		}
	}
}
