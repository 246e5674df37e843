package screentest

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// stepLimit is how long one step in the browser may take; it is long because the
// machine of a test may be busy.
const stepLimit = 20 * time.Second

// screen is a window as staff have it.
type screen struct {
	name          string
	width, height int64
}

var screens = []screen{{"small", 1280, 800}, {"large", 1920, 1080}}

// tab is one person's browser window.
type tab struct {
	*desk
	screen
	ctx    context.Context
	secret string // of the authenticator app beside it, as the page showed it
}

// open opens a window of its own at the center.
func (d *desk) open(s screen) *tab {
	d.Helper()
	ctx, end := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	d.Cleanup(end)
	v := &tab{desk: d, screen: s, ctx: ctx}
	v.must(chromedp.Do(ctx, chromedp.EmulateViewport(s.width, s.height)))
	return v
}

// resize makes the window another one's.
func (v *tab) resize(s screen) {
	v.Helper()
	v.screen = s
	v.must(chromedp.Do(v.ctx, chromedp.EmulateViewport(s.width, s.height)))
}

// script switches the JavaScript of pages on or off.
func (v *tab) script(on bool) *tab {
	v.Helper()
	v.must(chromedp.Do(v.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})))
	return v
}

// visit opens a page by its address.
func (v *tab) visit(path string) *tab {
	v.Helper()
	ctx, end := context.WithTimeout(v.ctx, stepLimit)
	defer end()
	if err := chromedp.Do(ctx, chromedp.Navigate(v.address+path)); err != nil {
		v.Fatalf("opening %s: %v", path, err)
	}
	return v
}

// eval runs the body of a function of args on the page.
func eval[T any](v *tab, script string, args ...any) T {
	v.Helper()
	result, err := tryEval[T](v, script, args...)
	if err != nil {
		v.Fatalf("%.80s: %v", script, err)
	}
	return result
}

func tryEval[T any](v *tab, script string, args ...any) (T, error) {
	ctx, end := context.WithTimeout(v.ctx, stepLimit)
	defer end()
	list, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		v.Fatal(err)
	}
	return chromedp.Run(ctx, chromedp.Evaluate[T]("(async (...args) => {"+script+"\n})(..."+string(list)+")", chromedp.EvalAwaitPromise))
}

// words is what can be read on the page.
func (v *tab) words() string {
	text, err := tryEval[string](v, `return document.body.innerText.replace(/\s+/g, " ")`)
	if err != nil {
		return err.Error()
	}
	return text
}

func (v *tab) path() string {
	path, _ := tryEval[string](v, "return location.pathname + location.search")
	return path
}

// within waits until a condition holds.
func (v *tab) within(limit time.Duration, what string, holds func() bool) {
	v.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	v.shot("fail")
	v.Fatalf("%s does not happen on %s, which says: %.400s", what, v.path(), v.words())
}

// on waits until a page whose path begins so is there, whole.
func (v *tab) on(path string) *tab {
	v.Helper()
	v.within(stepLimit, "page "+path, func() bool {
		ready, err := tryEval[bool](v, `return document.readyState === "complete" && !window.left`)
		return err == nil && ready && strings.HasPrefix(v.path(), path)
	})
	return v
}

// sees waits until the page says all of texts.
func (v *tab) sees(texts ...string) *tab {
	v.Helper()
	for _, text := range texts {
		v.within(stepLimit, "the text "+text, func() bool { return strings.Contains(v.words(), text) })
	}
	return v
}

// press clicks on what has the words on it, or is named by a CSS selector: once the
// thing is there, can be seen, and nothing lies on it.
func (v *tab) press(what string) *tab {
	v.Helper()
	var at struct {
		X, Y    float64
		Problem string
	}
	v.within(stepLimit, "pressing "+what, func() bool {
		var err error
		at, err = tryEval[struct {
			X, Y    float64
			Problem string
		}](v, `const want = args[0], words = (el) => el.innerText.replace(/\s+/g, " ").trim();
			const all = [...document.querySelectorAll(want[0] === "=" ? "a, button, label, summary" : want)].filter((el) => el.checkVisibility({visibilityProperty: true}) && (want[0] !== "=" || words(el).includes(want.slice(1))));
			const el = all.find((el) => words(el) === want.slice(1)) ?? all[0];
			if (!el) return {Problem: "no such key"};
			el.scrollIntoView({block: "center"});
			const r = el.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
			if (!el.contains(top)) return {Problem: "covered by " + top?.outerHTML.slice(0, 60)};
			if (el.matches("a, button")) window.left = true;
			return {X: x, Y: y}`, what)
		return err == nil && at.Problem == ""
	})
	v.must(chromedp.Do(v.ctx, chromedp.MouseClickXY(at.X, at.Y)))
	return v
}

// typing fills fields of a form, by their names.
func (v *tab) typing(pairs ...string) *tab {
	v.Helper()
	for i := 0; i < len(pairs); i += 2 {
		eval[bool](v, `const el = document.querySelector("main [name='" + args[0] + "']"); el.focus(); el.value = args[1]; return true`, pairs[i], pairs[i+1])
	}
	return v
}

// keys presses keys on the keyboard.
func (v *tab) keys(text string) *tab {
	v.Helper()
	v.must(chromedp.Do(v.ctx, chromedp.KeyEvent(text)))
	return v
}

// shot keeps a picture of the page, as long as it is.
func (v *tab) shot(name string) {
	v.Helper()
	if *shots == "" {
		return
	}
	v.must(os.MkdirAll(*shots, 0o755))
	ctx, end := context.WithTimeout(v.ctx, stepLimit)
	defer end()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	v.must(err)
	v.must(os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644))
}

// axe is read where the kiosk's tests keep it, which also hold it against its hash.
func axe(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("../../kiosk/screentest/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

//go:embed testdata/audit.js
var audit string

// problems is what axe-core and a careful eye have against the page. Words are texts
// of the books, which stay in their own language.
func (v *tab) problems(words []string) []string {
	v.Helper()
	found := eval[[]string](v, audit, words)
	v.must(chromedp.Do(v.ctx, chromedp.Evaluate[chromedp.Void](axe(v))))
	return append(found, eval[[]string](v, `const r = await axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}});
		return r.violations.flatMap((v) => v.nodes.map((n) => "axe " + v.id + ": " + n.target + " " + n.failureSummary.replace(/\s+/g, " ").slice(0, 200)))`)...)
}
