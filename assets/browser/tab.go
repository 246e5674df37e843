package browser

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Tab is a page in the browser, and whoever sits or stands before it. What goes wrong
// ends its test.
type Tab struct {
	Ctx context.Context // for chromedp's own steps
	t   testing.TB
}

// Open opens a tab of so many pixels, and closes it with the test.
func Open(t testing.TB, width, height int64, options ...chromedp.EmulateViewportOption) *Tab {
	t.Helper()
	ctx, end := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil { // a tab ends with the context of its first step
		t.Fatalf("opening a tab: %v", err)
	}
	b := &Tab{ctx, t}
	b.Resize(width, height, options...)
	return b
}

// Resize makes the tab another size.
func (b *Tab) Resize(width, height int64, options ...chromedp.EmulateViewportOption) {
	b.t.Helper()
	b.Do("sizing the tab", chromedp.EmulateViewport(width, height, options...))
}

// Do runs steps of the browser.
func (b *Tab) Do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.Ctx, Step)
	defer end()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// SetScript switches the JavaScript of pages on or off. What the test runs itself goes
// on working, but for what waits for time to pass.
func (b *Tab) SetScript(on bool) {
	b.t.Helper()
	b.Do("switching scripts", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

// GoTo opens an address. The page that is there may be going elsewhere by itself just
// then, which ends the opening.
func (b *Tab) GoTo(address string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.Ctx, Step)
	defer end()
	for {
		err := chromedp.Do(ctx, chromedp.Navigate(address))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "net::ERR_ABORTED") {
			b.t.Fatalf("opening %s: %v", address, err)
		}
	}
}

// Eval runs a script on the page: the body of a function that gets args.
func Eval[T any](b *Tab, script string, args ...any) T {
	b.t.Helper()
	result, err := TryEval[T](b, script, args...)
	if err != nil {
		b.t.Fatalf("%.80s: %v", script, err)
	}
	return result
}

// TryEval is Eval on a page that may be going away.
func TryEval[T any](b *Tab, script string, args ...any) (T, error) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.Ctx, Step)
	defer end()
	list, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		b.t.Fatal(err)
	}
	return chromedp.Run(ctx, chromedp.Evaluate[T]("(async (...args) => {"+script+"\n})(..."+string(list)+")", chromedp.EvalAwaitPromise))
}

// Path is the page shown now, with its query.
func (b *Tab) Path() string {
	path, _ := TryEval[string](b, "return location.pathname + location.search")
	return path
}

// Words is what can be read on the page.
func (b *Tab) Words() string {
	text, err := TryEval[string](b, `return document.body.innerText.replace(/\s+/g, " ")`)
	if err != nil {
		return err.Error()
	}
	return text
}

// Shot keeps a picture of the page, if pictures are wanted.
func (b *Tab) Shot(name string) {
	b.t.Helper()
	if *Shots == "" {
		return
	}
	var png []byte
	var err error
	for range 3 { // a browser on a busy machine sometimes never answers the first time
		ctx, end := context.WithTimeout(b.Ctx, Step/2)
		png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		end()
		if err == nil {
			break
		}
	}
	if err == nil {
		err = os.MkdirAll(*Shots, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*Shots, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatalf("the picture of %s: %v", name, err)
	}
}
