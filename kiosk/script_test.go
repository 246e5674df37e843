package kiosk

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// box is the kiosk's server on a port that stays the same when it is killed and
// started again.
type box struct {
	*village
	address string
	server  *http.Server
}

func (b *box) start() {
	b.Helper()
	listener, err := net.Listen("tcp", b.address)
	if err != nil {
		b.Fatal(err)
	}
	b.address = listener.Addr().String()
	b.server = &http.Server{Handler: b.Handler()}
	go b.server.Serve(listener)
}

// kill ends every connection at once, as a process that dies does.
func (b *box) kill() {
	b.server.Close()
	b.live.close()
}

// want waits until a JavaScript expression is true.
func (b browser) want(t *testing.T, expression string, within time.Duration) {
	t.Helper()
	var err error
	for until := time.Now().Add(within); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		var is bool
		// Between two pages there is nothing to ask, which is an error that passes.
		if is, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && is {
			return
		}
	}
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	t.Fatalf("at %s, never true: %s: %v", at, expression, err)
}

func (b browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// TestScript tries what the pages' one script does, in a browser.
func TestScript(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots folder")
	}
	at := &box{village: newVillage(t), address: "127.0.0.1:0"}
	at.start()
	t.Cleanup(at.kill)
	b := newBrowser(t, 1080, 1920)
	home := "http://" + at.address + "/"
	connected := `document.body._htmx?.ws?.connection?.socket?.readyState === 1`

	b.do(t, chromedp.Navigate(home))
	b.want(t, connected, 5*time.Second)
	b.do(t, chromedp.KeyEvent(card(zhang)+"\r"))
	b.want(t, `location.pathname === "/balance"`, 5*time.Second)

	b.want(t, connected, 5*time.Second)
	at.Scan(card(wang))
	b.want(t, `document.querySelector(".who .name")?.textContent === "王*英"`, 5*time.Second)

	b.want(t, connected, 5*time.Second)
	start := time.Now()
	at.kill()
	b.want(t, `!document.querySelector("#gone").hidden`, 5*time.Second)
	t.Logf("the banner came after %v", time.Since(start))
	if time.Since(start) > time.Second {
		t.Error("the banner came too late")
	}
	again, err := New(at.cfg)
	if err != nil {
		t.Fatal(err)
	}
	at.Server = again
	at.start()
	b.want(t, `document.querySelector("#gone").hidden && document.body.innerText.includes("刚才已经退出了")`, 8*time.Second)

	b.do(t, chromedp.Navigate(home+"identify"))
	for _, digit := range zhangPhone {
		b.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('#pad button[value="`+string(digit)+`"]').click()`))
	}
	b.want(t, `document.querySelector("#slots").innerText.replace(/\s/g, "") === "`+zhangPhone+`"`, time.Second)
	main := `[...document.querySelectorAll("button.go")].find((key) => key.checkVisibility())`
	b.do(t, chromedp.Evaluate[chromedp.Void](main+`.click()`))
	b.want(t, `location.pathname === "/identify/pin" && document.readyState === "complete"`, 5*time.Second)
	b.do(t, chromedp.KeyEvent(zhangPIN))
	b.want(t, `document.querySelectorAll("#slots i")[5].textContent === "●"`, 2*time.Second)
	b.do(t, chromedp.Evaluate[chromedp.Void](main+`.click()`))
	b.want(t, `location.pathname === "/balance"`, 5*time.Second)

	b.do(t, chromedp.Navigate(home+"redeem/G01"))
	b.do(t, chromedp.Evaluate[chromedp.Void](`{ const key = document.querySelector("button.main"); key.click(); key.click(); key.click(); }`))
	b.want(t, `location.pathname.startsWith("/done/") && document.readyState === "complete"`, 5*time.Second)
	if account, _ := at.cfg.Store.Account(id(zhang)); account.Spendable() != 980 {
		t.Errorf("%d points are left", account.Spendable())
	}
	b.want(t, connected, 5*time.Second)
	at.clock.advance(10 * time.Second)
	at.tick()
	b.want(t, `document.querySelector("#ring").innerText.includes("20")`, 5*time.Second)
	b.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector("form.leave button").click()`))
	b.want(t, `location.pathname === "/"`, 5*time.Second)
	b.do(t, chromedp.NavigateBack())
	b.want(t, `document.readyState === "complete" && !document.body.innerText.includes("张")`, 5*time.Second)
	if strings.Contains(at.log.String(), "level=ERROR") {
		t.Error(at.log)
	}
}
