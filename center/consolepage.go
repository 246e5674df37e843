package center

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"yizhan/assets"
	"yizhan/center/store"
)

// view is what a template sees: the frame's own fields and, in Data, the page's.
type view struct {
	Word    string // of the page
	Path    string // of the request, with its query
	Title   string
	Lang    assets.Lang
	Style   string // URLs of the page's own; "" when it has none
	Script  string
	Center  string // what the center is called
	Area    string // the part of its tree that is shown; "": all of it
	Me      string // who is signed in; "": nobody
	Role    store.Role
	MayAct  bool   // manages
	Asked   int    // of these, what waits for this one as the second person
	Hours   int    // of hours, what waits: attendances, objections and signs
	Waiting int    // boxes, quarantines and write-offs that wait for a person
	Done    string // what was done just now: center.done.WORD
	Data    any
}

// May tells whether who is signed in has a power.
func (v view) May(word string) bool { return allowed(v.Role, power(word)) }

// page is what a handler says about the page that it shows.
type page struct {
	word  string
	title string // "": center.title.WORD
	data  any
	code  int // HTTP status; 0: 200
}

// show renders a page within the frame.
func (c *console) show(a *ask, p page) error {
	t, ok := c.pages[a.lang][p.word]
	if !ok {
		return fmt.Errorf("no page %q", p.word)
	}
	v := view{Word: p.word, Path: a.URL.RequestURI(), Title: p.title, Lang: a.lang, Style: t.Style, Script: t.Script,
		Me: a.officer.Name, Role: a.officer.Role, Area: a.area.Name, MayAct: a.may(powerManage), Data: p.data}
	if v.Title == "" {
		v.Title = c.text(a, "center.title."+p.word)
	}
	if word := a.URL.Query().Get("done"); c.texts[a.lang].Has("center.done." + word) {
		v.Done = word
	}
	if a.kept != nil {
		v.Done = "kept"
	}
	if a.officer.Name != "" {
		var err error
		if v.Center, v.Waiting, v.Asked, err = c.frame(a); err != nil {
			return err
		}
		if v.Hours, err = c.hoursFor(a); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "frame", v); err != nil {
		return fmt.Errorf("showing %s: %w", p.word, err)
	}
	if a.kept != nil {
		text := a.kept.fill(out.Bytes())
		out.Reset()
		out.Write(text)
	}
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	a.w.Header().Set("Content-Language", string(a.lang))
	if p.code != 0 {
		a.w.WriteHeader(p.code)
	}
	if _, err := out.WriteTo(a.w); err != nil {
		c.Log.Debug("page not taken", "page", p.word, "error", err)
	}
	return nil
}

// frame is what every page of somebody who is signed in says.
func (c *console) frame(a *ask) (center string, waiting, asked int, err error) {
	root, err := c.Store.Root(a.Context())
	if err != nil {
		return "", 0, 0, err
	}
	boxes, err := c.Store.Waiting(a.Context())
	if err != nil {
		return "", 0, 0, err
	}
	stopped, err := c.Store.Stopped(a.Context())
	if err != nil {
		return "", 0, 0, err
	}
	losses, err := c.losses(a)
	if err != nil {
		return "", 0, 0, err
	}
	mine, err := c.forMe(a)
	asked = len(mine) + len(c.lossesFor(a, losses))
	waiting = len(losses) + len(mine)
	for _, b := range boxes {
		waiting += count(a.area.has(b.Kiosk))
	}
	for _, s := range stopped {
		waiting += count(a.area.has(s.Head.Kiosk))
	}
	return root.Name, waiting, asked, err
}

// count is 1 for what counts.
func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (c *console) text(a *ask, key string, pairs ...any) string {
	return c.texts[a.lang].Text(key, pairs...)
}

// language remembers the language that a browser wants.
func (c *console) language(a *ask) error {
	lang := assets.Chinese
	if a.PostFormValue("to") == string(assets.English) {
		lang = assets.English
	}
	http.SetCookie(a.w, &http.Cookie{Name: langCookie, Value: string(lang), Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode})
	a.redirect(ownPath(a.PostFormValue("page")))
	return nil
}

// ownPath is a path of this server that a form names, or the first page. A browser
// drops tabs and the like, and what is left must not be another's address.
func ownPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") || strings.ContainsFunc(path, unicode.IsControl) || len(path) > maxFieldBytes {
		return "/"
	}
	return path
}
