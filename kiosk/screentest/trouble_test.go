package screentest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yizhan/assets"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// says is a text of the Chinese catalogue.
func says(t testing.TB, key string, pairs ...any) string {
	t.Helper()
	texts, err := assets.Texts(assets.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	if !texts.Has(key) {
		t.Fatalf("no text %q", key)
	}
	return texts.Text(key, pairs...)
}

// bannerLimit is how long a screen may go on as if the server were there.
const bannerLimit = time.Second

// The server goes away while somebody is about to confirm. The screen says so within
// a second, a finger on the key does no harm, and when the server is back the screen
// finds it by itself. Nothing was taken, and then the redemption works.
func TestServerGone(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		v := signedIn(t, p)
		a := newAuditor(v)
		defer a.report()
		v.visit("/redeem/G01").on("/redeem/G01")
		s := v.find(confirmKey, false)
		v.stop()
		down := time.Now()
		v.press(s) // before the screen can have noticed
		v.sees(says(t, "frame.gone"))
		if took := time.Since(down); took > bannerLimit {
			t.Errorf("the banner came after %v", took)
		} else {
			t.Logf("the banner came after %v", took)
		}
		a.look("gone", false)
		v.press(s)
		if at := v.Path(); at != "/redeem/G01" {
			t.Fatalf("pressing a key without a server leads to %q: nothing there brings the kiosk back", at)
		}
		v.start()
		v.on("/?over").sees(says(t, "home.over"))
		if got := v.balance(zhang); got != 1260 {
			t.Fatalf("%d points are left, and nobody confirmed", got)
		}
		v.scan(card(zhang)).on("/balance").visit("/redeem/G01").on("/redeem/G01").tap(confirmKey).on("/done/").sees("980")
		checkBooks(v)
	})
}

// A form that was on the screen before the server went is answered by the next one:
// not taken, and said so. What was answered before is there.
func TestServerRestarted(t *testing.T) {
	v := signedIn(t, wide).visit("/redeem/G05").on("/redeem/G05").tap(confirmKey).on("/done/")
	claimed := claimOf(v)
	v.paper(1)
	v.stop()
	v.sees(says(t, "frame.gone"))
	v.start()
	v.on("/?over")
	list := v.redemptions(zhang)
	if len(list) != 1 || ledger.ClaimText(list[0].Claim) != claimed || v.balance(zhang) != 1170 {
		t.Fatalf("the screen had said %s, the books say %+v, balance %d", claimed, list, v.balance(zhang))
	}
	v.post("/redeem", "key", strings.Repeat("5e", 8), "good", "G01", "quantity", "1", "price", "280").on("/?over").sees(says(t, "home.over"))
	if got := v.balance(zhang); got != 1170 {
		t.Errorf("a form of a visit that is over took points: %d are left", got)
	}
	v.scan(card(zhang)).on("/balance").sees("1,170").visit("/orders").on("/orders").sees(claimed)
}

// Without room on the disk everything can be read, nothing is taken and the screen
// says so; with room again it goes on by itself.
func TestDiskFull(t *testing.T) {
	v := signedIn(t, tall)
	v.free.Store(0)
	v.visit("/redeem/G01").on("/redeem/G01").tap(confirmKey).on("/trouble")
	v.sees(says(t, "trouble.full.what"), says(t, "trouble.full.safe"), says(t, "trouble.full.next"))
	for _, at := range []string{"/balance", "/goods", "/points", "/orders", "/redeem/G02"} {
		v.visit(at).on(at).sees(says(t, "chip.book.full"))
	}
	v.leave().scan(card(wang)).on("/balance").sees("王*英").leave().scan(card(zhang)).on("/balance").sees(zhangBalance)
	if len(v.redemptions(zhang)) != 0 || v.balance(zhang) != 1260 {
		t.Errorf("something was taken: %d points are left", v.balance(zhang))
	}
	v.free.Store(1 << 40)
	v.sees(says(t, "chip.book.ok"))
	v.visit("/redeem/G01").on("/redeem/G01").tap(confirmKey).on("/done/").sees("980")
	checkBooks(v)
}

// Without a printer the screen says that the points are taken and the paper is not
// there, and shows what the paper would; the paper comes as soon as it can.
func TestNoPrinter(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		v := signedIn(t, p)
		a := newAuditor(v)
		defer a.report()
		v.unplug()
		v.visit("/redeem/G01").on("/redeem/G01").tap(confirmKey).on("/done/").sees(says(t, "done.no_paper"), says(t, "done.safe", "n", "280"))
		a.page("done-held")
		v.sees(claimOf(v))
		r := v.redemptions(zhang)[0]
		if verified, err := ledger.VerifyReceipt(codeOnScreen(v), v.books.PublicKey()); err != nil || verified.Seq != r.Seq {
			t.Errorf("the code on the screen: %+v, %v", verified, err)
		}
		if r.Job.State != spool.Held {
			t.Errorf("the slip is in state %v", r.Job.State)
		}
		v.plug()
		checkPaper(v, v.paper(1), r.Seq)
		v.sees("Take the receipt")
	})
}

// codeOnScreen reads the QR code on the screen as a phone would.
func codeOnScreen(v *tab) string {
	v.Helper()
	area := eval[page.Viewport](v, `const r = document.querySelector("svg.qr").getBoundingClientRect(); return {x: r.x, y: r.y, width: r.width, height: r.height, scale: 1}`)
	shot, err := chromedp.Call(v.Ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &area})
	v.must(err)
	file := filepath.Join(v.TempDir(), "code.png")
	v.must(os.WriteFile(file, shot.Data, 0o644))
	return readPicture(v, file)
}

// Without JavaScript the kiosk works with plain forms and a scanner that types.
func TestNoScript(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		v := newBox(t, p).blank()
		v.SetScript(false)
		v.visit("/").on("/")
		a := newAuditor(v)
		a.unscripted = true
		defer a.report()
		a.look("noscript-home", false)
		v.tap(`a[href="/identify"]`).on("/identify")
		a.look("noscript-identify", false)
		for _, digits := range []struct{ typed, at, next string }{{zhangPhone, "/identify", "/identify/pin"}, {zhangPIN, "/identify/pin", "/balance"}} {
			for _, d := range digits.typed {
				v.tap(`.pad button[value="` + string(d) + `"]`).on(digits.at)
			}
			v.tap(".go").on(digits.next)
		}
		a.look("noscript-balance", false)
		v.tap("form[action='/leave'] button").on("/")
		v.Do("a scanner that types", chromedp.KeyEvent(card(zhang)+"\r"))
		v.on("/balance").tap(`.main[href="/goods"]`).on("/goods")
		a.look("noscript-goods", false)
		v.tap(`a[href="/redeem/G01"]`).on("/redeem/G01")
		a.look("noscript-redeem", false)
		v.tap(confirmKey).on("/done/")
		a.look("noscript-done", false)
		checkBooks(v)
		v.tap("form[action='/leave'] .main").on("/")
	})
}
