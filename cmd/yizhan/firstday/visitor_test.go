package firstday

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yizhan/assets/browser"
)

// visitor is somebody before a screen.
type visitor struct {
	testing.TB
	*browser.Tab
	base   string // address of what is visited
	secret string // of an officer's authenticator
	used   int64  // its last code that was used, in half minutes
}

func newVisitor(t testing.TB, base string, width, height int64) *visitor {
	t.Helper()
	return &visitor{TB: t, Tab: browser.Open(t, width, height), base: strings.TrimSuffix(base, "/")}
}

// within waits until a condition holds.
func (v *visitor) within(limit time.Duration, what string, holds func() bool) {
	v.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	v.Shot("firstday-fail")
	v.Fatalf("%s does not happen on %s, which says: %.600s", what, v.Path(), v.Words())
}

func (v *visitor) visit(path string) *visitor {
	v.Helper()
	v.GoTo(v.base + path)
	return v
}

// on waits until a page whose path begins so is there, whole.
func (v *visitor) on(path string) *visitor {
	v.Helper()
	v.within(browser.Step, "page "+path, func() bool {
		ready, err := browser.TryEval[bool](v.Tab, `return document.readyState === "complete" && !window.pressed`)
		return err == nil && ready && strings.HasPrefix(v.Path(), path)
	})
	return v
}

// sees waits until the page says all of texts.
func (v *visitor) sees(texts ...string) *visitor {
	v.Helper()
	for _, text := range texts {
		v.within(browser.Step, "the text "+text, func() bool { return strings.Contains(v.Words(), text) })
	}
	return v
}

// press clicks on what has the words on it, or is named by a CSS selector.
func (v *visitor) press(what string) *visitor {
	v.Helper()
	var at browser.Spot
	v.within(browser.Step, "pressing "+what, func() bool {
		var err error
		at, err = v.Find(what, "a, button")
		return err == nil && at.Problem == ""
	})
	v.Do("pressing "+what, chromedp.MouseClickXY(at.X, at.Y))
	return v
}

// types fills fields of a form, by their names.
func (v *visitor) types(pairs ...string) *visitor {
	v.Helper()
	for i := 0; i < len(pairs); i += 2 {
		browser.Eval[bool](v.Tab, `const el = document.querySelector("main [name='" + args[0] + "']"); el.focus(); el.value = args[1]; return true`, pairs[i], pairs[i+1])
	}
	return v
}

// picks chooses a file that has a text in it.
func (v *visitor) picks(field, name, text string) *visitor {
	v.Helper()
	browser.Eval[bool](v.Tab, `const list = new DataTransfer(), el = document.querySelector("main input[type=file][name='" + args[0] + "']");
		list.items.add(new File([args[2]], args[1], {type: "text/csv"}));
		el.files = list.files;
		el.dispatchEvent(new Event("change", {bubbles: true}));
		return true`, field, name, text)
	return v
}

// scans holds a code to the scanner of a kiosk.
func (v *visitor) scans(text string) *visitor {
	v.Helper()
	browser.Eval[bool](v.Tab, `const form = document.createElement("form"), field = document.createElement("input");
		form.method = "post"; form.action = "/scan"; field.name = "text"; field.value = args[0];
		form.append(field); document.body.append(form); window.pressed = true; form.submit(); return true`, text)
	return v
}

// text is what an element says.
func (v *visitor) text(selector string) string {
	v.Helper()
	return browser.Eval[string](v.Tab, `return document.querySelector(args[0])?.innerText.trim() ?? ""`, selector)
}

// code is what the officer's authenticator shows now: RFC 6238.
func (v *visitor) code() string {
	v.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(v.secret, " ", ""))
	if err != nil {
		v.Fatal(err)
	}
	v.used = time.Now().Unix() / 30
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, v.used)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

const password = "一只白鹭飞过六月的稻田"

// welcomed sets an officer's password by the one-time link.
func (v *visitor) welcomed(path string) *visitor {
	v.Helper()
	v.visit(path)
	v.secret = v.text(".secret")
	return v.types("password", password, "again", password, "code", v.code()).press("=设好了").on("/signin").sees("密码设好了")
}

// signedIn signs the officer in, as soon as there is a code that was not used yet.
func (v *visitor) signedIn(name string) *visitor {
	v.Helper()
	for time.Now().Unix()/30 == v.used {
		time.Sleep(100 * time.Millisecond)
	}
	return v.types("name", name, "password", password, "code", v.code()).press("=登录").on("/").sees("要办的事")
}
