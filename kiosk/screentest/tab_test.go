package screentest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yizhan/assets/browser"
)

// tab is the browser window on a kiosk's screen, and the person's finger.
type tab struct {
	*box
	*browser.Tab
}

// stepLimit is how long one step at the screen may take.
const stepLimit = browser.Step

// blank puts a browser in front of the box.
func (b *box) blank() *tab {
	b.Helper()
	return &tab{b, browser.Open(b, b.width, b.height, chromedp.EmulateTouch)}
}

// open is blank on the box's first page.
func (b *box) open() *tab {
	b.Helper()
	return b.blank().visit("/")
}

// visit opens a page, as only a test can: the kiosk has no address bar.
func (v *tab) visit(path string) *tab {
	v.Helper()
	v.GoTo("http://" + v.address + path)
	return v
}

// eval runs the body of a function of args on the page.
func eval[T any](v *tab, script string, args ...any) T {
	v.Helper()
	return browser.Eval[T](v.Tab, script, args...)
}

// tryEval is eval on a page that may be going away.
func tryEval[T any](v *tab, script string, args ...any) (T, error) {
	return browser.TryEval[T](v.Tab, script, args...)
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
	v.Shot("fail")
	v.Fatalf("the screen shows %q, want %q; it says: %.300s", v.Path(), path, v.Words())
	return nil
}

// sees waits until the screen says all of texts.
func (v *tab) sees(texts ...string) *tab {
	v.Helper()
	for _, text := range texts {
		end := time.Now().Add(stepLimit)
		for !strings.Contains(v.Words(), text) {
			if time.Now().After(end) {
				v.Shot("fail")
				v.Fatalf("%s does not say %q, but: %s", v.Path(), text, v.Words())
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return v
}

// find waits for a key. A key that leads to another page marks this one.
func (v *tab) find(key string, leads bool) browser.Spot {
	v.Helper()
	mark := ""
	if leads {
		mark = "*"
	}
	var s browser.Spot
	var err error
	for end := time.Now().Add(stepLimit / 2); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		s, err = v.Find(key, mark)
		if err == nil && s.Problem == "" {
			return s
		}
	}
	v.Shot("fail")
	v.Fatalf("pressing %q on %s: %s %v; it says: %.300s", key, v.Path(), s.Problem, err, v.Words())
	return s
}

// tap presses a key that leads to a page, with a finger.
func (v *tab) tap(key string) *tab {
	v.Helper()
	return v.press(v.find(key, true))
}

// press puts a finger on the glass for a moment.
func (v *tab) press(s browser.Spot) *tab {
	v.Helper()
	v.Do("pressing", chromedp.TapXY(s.X, s.Y))
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

// eachPanel runs a test once for each panel.
func eachPanel(t *testing.T, test func(t *testing.T, p panel)) {
	for _, p := range panels {
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}
