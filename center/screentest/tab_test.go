package screentest

import (
	_ "embed"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"yizhan/assets/browser"
)

// stepLimit is how long one step in the browser may take.
const stepLimit = browser.Step

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
	*browser.Tab
	secret string // of the authenticator app beside it, as the page showed it
}

// open opens a window of its own at the center.
func (d *desk) open(s screen) *tab {
	d.Helper()
	return &tab{desk: d, screen: s, Tab: browser.Open(d, s.width, s.height)}
}

// resize makes the window another one's.
func (v *tab) resize(s screen) {
	v.Helper()
	v.screen = s
	v.Resize(s.width, s.height)
}

// script switches the JavaScript of pages on or off.
func (v *tab) script(on bool) *tab {
	v.Helper()
	v.SetScript(on)
	return v
}

// visit opens a page by its address.
func (v *tab) visit(path string) *tab {
	v.Helper()
	v.GoTo(v.address + path)
	return v
}

// eval runs the body of a function of args on the page.
func eval[T any](v *tab, script string, args ...any) T {
	v.Helper()
	return browser.Eval[T](v.Tab, script, args...)
}

func tryEval[T any](v *tab, script string, args ...any) (T, error) {
	return browser.TryEval[T](v.Tab, script, args...)
}

// within waits until a condition holds.
func (v *tab) within(limit time.Duration, what string, holds func() bool) {
	v.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	v.Shot("fail")
	v.Fatalf("%s does not happen on %s, which says: %.400s", what, v.Path(), v.Words())
}

// on waits until a page whose path begins so is there, whole.
func (v *tab) on(path string) *tab {
	v.Helper()
	v.within(stepLimit, "page "+path, func() bool {
		ready, err := tryEval[bool](v, `return document.readyState === "complete" && !window.pressed`)
		return err == nil && ready && strings.HasPrefix(v.Path(), path)
	})
	return v
}

// sees waits until the page says all of texts.
func (v *tab) sees(texts ...string) *tab {
	v.Helper()
	for _, text := range texts {
		v.within(stepLimit, "the text "+text, func() bool { return strings.Contains(v.Words(), text) })
	}
	return v
}

// press clicks on what has the words on it, or is named by a CSS selector: once the
// thing is there, can be seen, and nothing lies on it.
func (v *tab) press(what string) *tab {
	v.Helper()
	var at browser.Spot
	v.within(stepLimit, "pressing "+what, func() bool {
		var err error
		at, err = v.Find(what, "a, button")
		return err == nil && at.Problem == ""
	})
	v.Do("pressing "+what, chromedp.MouseClickXY(at.X, at.Y))
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
	v.Do("pressing keys", chromedp.KeyEvent(text))
	return v
}

//go:embed testdata/audit.js
var audit string

// problems is what a careful eye has against the page. Words are texts of the books,
// which stay in their own language.
func (v *tab) problems(words []string) []string {
	v.Helper()
	return eval[[]string](v, audit, words)
}
