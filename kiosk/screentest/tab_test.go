package screentest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tab is the browser window on a kiosk's screen, and the person's finger.
type tab struct {
	*box
	ctx context.Context
}

// stepLimit is how long one step at the screen may take; it is long because the
// machine of a test may be busy.
const stepLimit = 20 * time.Second

// open puts a browser in front of the box, on its first page.
func (b *box) open(options ...chromedp.Action[chromedp.Void]) *tab {
	b.Helper()
	ctx, end := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	b.Cleanup(end)
	v := &tab{box: b, ctx: ctx}
	v.must(chromedp.Do(ctx, chromedp.EmulateViewport(b.width, b.height, chromedp.EmulateTouch)))
	v.must(chromedp.Do(ctx, options...))
	return v.visit("/")
}

// setScript switches the JavaScript of pages on or off. What the test runs itself
// goes on working, but for what waits for time to pass.
func setScript(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// do runs steps of the browser.
func (v *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	ctx, end := context.WithTimeout(v.ctx, stepLimit)
	defer end()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.Fatalf("%s: %v", what, err)
	}
}

// visit opens a page, as only a test can: the kiosk has no address bar. The page
// that is there may be going elsewhere by itself just then, which ends the opening.
func (v *tab) visit(path string) *tab {
	v.Helper()
	ctx, end := context.WithTimeout(v.ctx, stepLimit)
	defer end()
	for {
		err := chromedp.Do(ctx, chromedp.Navigate("http://"+v.address+path))
		if err == nil {
			return v
		}
		if !strings.Contains(err.Error(), "net::ERR_ABORTED") {
			v.Fatalf("opening %s: %v", path, err)
		}
	}
}

// eval runs a script on the page.
func eval[T any](v *tab, script string, args ...any) T {
	v.Helper()
	result, err := tryEval[T](v, script, args...)
	if err != nil {
		v.Fatalf("%.80s: %v", script, err)
	}
	return result
}

// tryEval runs a script on a page that may be going away. The script is the body of
// a function that gets args.
func tryEval[T any](v *tab, script string, args ...any) (T, error) {
	ctx, end := context.WithTimeout(v.ctx, stepLimit)
	defer end()
	list, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		v.Fatal(err)
	}
	return chromedp.Run(ctx, chromedp.Evaluate[T]("(async (...args) => {"+script+"\n})(..."+string(list)+")", chromedp.EvalAwaitPromise))
}

// path is the page shown now, with its query.
func (v *tab) path() string {
	path, _ := tryEval[string](v, "return location.pathname + location.search")
	return path
}

// on waits until the screen shows a page whose path begins so: another than the one
// on which a key was pressed, whole and, if there is a script, connected. "/" is the
// first page alone, and "" any.
func (v *tab) on(path string) *tab {
	v.Helper()
	var at string
	for end := time.Now().Add(stepLimit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var err error
		at, err = tryEval[string](v, `if (window.pressed || document.readyState !== "complete" || !document.body?.matches(".kiosk")) return "";
			if (document.body._htmx && document.body._htmx.ws?.connection?.socket?.readyState !== 1) return "";
			return location.pathname + location.search`)
		if err == nil && at != "" && (at == path || path != "/" && strings.HasPrefix(at, path)) {
			return v
		}
	}
	v.shot("fail")
	v.Fatalf("the screen shows %q, want %q; it says: %.300s", v.path(), path, v.words())
	return nil
}

// words is what can be read on the screen.
func (v *tab) words() string {
	text, err := tryEval[string](v, `return document.body.innerText.replace(/\s+/g, " ")`)
	if err != nil {
		return err.Error()
	}
	return text
}

// sees waits until the screen says all of texts.
func (v *tab) sees(texts ...string) *tab {
	v.Helper()
	for _, text := range texts {
		end := time.Now().Add(stepLimit)
		for !strings.Contains(v.words(), text) {
			if time.Now().After(end) {
				v.shot("fail")
				v.Fatalf("%s does not say %q, but: %s", v.path(), text, v.words())
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return v
}

// key finds a key that can be pressed, by a CSS selector or, as "=WORDS", by the
// words on it, and returns where a finger presses it. What lies on top of the key
// would get the finger instead, so that is an error.
const keyScript = `
const [want, mark] = args, words = (el) => el.innerText.replace(/\s+/g, " ").trim();
const all = [...document.querySelectorAll(want[0] === "=" ? "a, button, input, [role=button], summary" : want)]
  .filter((el) => el.checkVisibility({visibilityProperty: true}) && !el.disabled && (want[0] !== "=" || words(el).includes(want.slice(1))));
if (!all.length) return {problem: "no such key"};
const el = all.find((el) => words(el) === want.slice(1)) ?? all[0], r = el.getBoundingClientRect();
const x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
window.pressed = mark;
if (!el.contains(top)) return {problem: "under " + (top ? top.outerHTML.slice(0, 80) : "the edge of the screen")};
return {x, y};`

// spot is where a finger goes.
type spot struct {
	X, Y    float64
	Problem string
}

// find waits for a key. A key that leads to another page marks this one.
func (v *tab) find(key string, leads bool) spot {
	v.Helper()
	var s spot
	var err error
	for end := time.Now().Add(stepLimit / 2); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		s, err = tryEval[spot](v, keyScript, key, leads)
		if err == nil && s.Problem == "" {
			return s
		}
	}
	v.shot("fail")
	v.Fatalf("pressing %q on %s: %s %v; it says: %.300s", key, v.path(), s.Problem, err, v.words())
	return s
}

// tap presses a key that leads to a page, with a finger.
func (v *tab) tap(key string) *tab {
	v.Helper()
	return v.press(v.find(key, true))
}

// press puts a finger on the glass for a moment.
func (v *tab) press(s spot) *tab {
	v.Helper()
	v.do("pressing", chromedp.TapXY(s.X, s.Y))
	return v
}

// dial types digits at the keypad on the screen.
func (v *tab) dial(digits string) *tab {
	v.Helper()
	for _, d := range digits {
		v.press(v.find(fmt.Sprintf(`.pad button[value="%c"]`, d), false))
	}
	return v
}

// scan holds a code under the scanner.
func (v *tab) scan(text string) *tab {
	v.Helper()
	eval[chromedp.Void](v, `window.pressed = true`)
	v.server.Scan(text)
	return v
}

// post sends a form that no key on this page sends, as a page opened earlier could,
// and shows what comes of it.
func (v *tab) post(path string, pairs ...string) *tab {
	v.Helper()
	eval[chromedp.Void](v, `const [path, pairs] = args, form = document.createElement("form");
		form.method = "post"; form.action = path; form.id = "posted"; form.hidden = true;
		for (let i = 0; i < pairs.length; i += 2) {
			const input = document.createElement("input"); input.name = pairs[i]; input.value = pairs[i + 1]; form.append(input);
		}
		document.body.append(form); form.submit();`, path, append([]string{}, pairs...))
	v.within(stepLimit, "the answer to a form", func() bool {
		gone, err := tryEval[bool](v, `return document.readyState === "complete" && !document.getElementById("posted")`)
		return err == nil && gone
	})
	return v
}

// leave ends the visit, and waits for the first page.
func (v *tab) leave() *tab {
	v.Helper()
	return v.post("/leave").on("/")
}

// shot keeps a picture of the screen.
func (v *tab) shot(name string) {
	v.Helper()
	if *shots == "" {
		return
	}
	v.must(os.MkdirAll(*shots, 0o755))
	var png []byte
	var err error
	for range 3 { // a browser on a busy machine sometimes never answers the first time
		ctx, end := context.WithTimeout(v.ctx, stepLimit/2)
		png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		end()
		if err == nil {
			break
		}
	}
	v.must(err)
	v.must(os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644))
}

// eachPanel runs a test once for each panel.
func eachPanel(t *testing.T, test func(t *testing.T, p panel)) {
	for _, p := range panels {
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}
