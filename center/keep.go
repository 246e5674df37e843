package center

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"yizhan/center/store"
)

// keptForm is what somebody typed in a form that came when the session was over or
// locked. It is kept for its officer alone, sealed, for [store.KeptFor], and the
// page of the form is filled with it then: address?kept=ID. Nothing was done.
type keptForm struct {
	Page   string     `json:"page"`   // that shows the form
	Action string     `json:"action"` // of the form
	Fields url.Values `json:"fields"`
}

// keptParam names in an address what its page's form is filled with.
const keptParam = "kept"

// keepSent keeps the form that was sent by somebody whose session is known but not
// open, and returns the page to come back to.
func (c *console) keepSent(a *ask) string {
	back := "/"
	if from, err := url.Parse(a.Referer()); err == nil && strings.EqualFold(from.Host, a.Host) {
		back = ownPath(from.RequestURI())
	}
	if a.known == "" {
		return back
	}
	if err := a.ParseMultipartForm(maxFormBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return back
	}
	return c.keep(a, keptForm{Page: back, Action: a.URL.Path, Fields: a.PostForm})
}

// keepNow keeps what a page's script says was typed, before it leaves the page, and
// answers with the address to come back to.
func (c *console) keepNow(a *ask) error {
	if a.known == "" {
		http.Error(a.w, "nobody is known here", http.StatusUnauthorized)
		return nil
	}
	if err := a.ParseForm(); err != nil {
		return errors.Join(errForm, err)
	}
	f := keptForm{Page: ownPath(a.PostForm.Get("kept-page")), Action: ownPath(a.PostForm.Get("kept-action")), Fields: a.PostForm}
	f.Fields.Del("kept-page")
	f.Fields.Del("kept-action")
	a.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(a.w, c.keep(a, f))
	return err
}

// keep keeps a form, and returns the address that fills it in again; the plain one
// where that is not possible.
func (c *console) keep(a *ask, f keptForm) string {
	page, err := url.Parse(f.Page)
	if err != nil {
		return "/"
	}
	q := page.Query()
	q.Del(keptParam)
	page.RawQuery = q.Encode()
	f.Page = page.RequestURI()
	id, err := c.putAway(a, f)
	if err != nil {
		c.Log.Warn("console: what was typed is not kept", "path", pathOf(a.Request), "officer", a.known, "why", err)
		return f.Page
	}
	q.Set(keptParam, id)
	page.RawQuery = q.Encode()
	return page.RequestURI()
}

// putAway seals a form and puts it away.
func (c *console) putAway(a *ask, f keptForm) (id string, err error) {
	text, err := json.Marshal(f)
	if err != nil || len(text) > maxKeptForm {
		return "", fmt.Errorf("a form of %d bytes: %w", len(text), errors.Join(err, errForm))
	}
	var b [8]byte
	if _, err := io.ReadFull(c.Random, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	id = hex.EncodeToString(b[:])
	sealed, err := c.forms.seal(a.known+"\n"+id, text, c.Random)
	if err != nil {
		return "", err
	}
	return id, c.Store.Keep(a.Context(), a.known, id, sealed)
}

// refill has the page filled with what was kept for it. What is gone, or of another
// officer or page, is left out.
func (c *console) refill(a *ask) {
	id := a.URL.Query().Get(keptParam)
	if a.Method != http.MethodGet || id == "" {
		return
	}
	sealed, err := c.Store.Kept(a.Context(), a.officer.Name, id)
	if err != nil {
		if !errors.Is(err, store.ErrUnknown) {
			c.Log.Warn("console: what was typed cannot be read", "officer", a.officer.Name, "why", err)
		}
		return
	}
	var f keptForm
	text, ok := c.forms.open(a.officer.Name+"\n"+id, sealed)
	if !ok || json.Unmarshal(text, &f) != nil {
		return
	}
	if page, err := url.Parse(f.Page); err == nil && page.Path == a.URL.Path {
		a.kept = &f
	}
}

// fill writes what was typed into the form of a page: the one that is sent where the
// kept one was, or, when that address is drawn anew each time, the one of main
// that has most of its fields. Everything else of the page stays as it is, byte
// by byte.
func (f keptForm) fill(text []byte) []byte {
	var out bytes.Buffer
	at := f.target(text)
	w := formWriter{fields: make(map[string][]string), out: &out}
	for name, values := range f.Fields {
		w.fields[name] = slices.Clone(values)
	}
	z := html.NewTokenizer(bytes.NewReader(text))
	for n := 0; z.Next() != html.ErrorToken; {
		raw := slices.Clone(z.Raw())
		token := z.Token()
		if token.Data == "form" && token.Type == html.StartTagToken {
			w.inside = n == at
			n++
		}
		w.write(token, raw)
		if token.Data == "form" && token.Type == html.EndTagToken {
			w.inside = false
		}
	}
	return out.Bytes()
}

// target is the number of the form to fill; -1: there is none.
func (f keptForm) target(text []byte) int {
	n, main, fits := -1, false, make(map[int]int)
	z := html.NewTokenizer(bytes.NewReader(text))
	for z.Next() != html.ErrorToken {
		switch token := z.Token(); {
		case token.Data == "main":
			main = token.Type == html.StartTagToken
		case token.Type == html.StartTagToken && token.Data == "form":
			n++
			if attribute(token, "action") == f.Action && main {
				return n
			}
		case main && f.Fields.Has(attribute(token, "name")) && attribute(token, "type") != "hidden":
			fits[n]++
		}
	}
	best := -1
	for at, fit := range fits {
		if best < 0 || fit > fits[best] {
			best = at
		}
	}
	return best
}

// formWriter writes a page out again, with the fields of one form filled.
type formWriter struct {
	fields map[string][]string
	out    *bytes.Buffer
	inside bool
	choice string // name of the select that is being written
	area   bool   // the old text of a textarea is left out
}

func (w *formWriter) write(token html.Token, raw []byte) {
	start := token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken
	name := attribute(token, "name")
	switch {
	case token.Type == html.TextToken && w.area:
		return
	case !w.inside || token.Type == html.TextToken:
	case token.Data == "select":
		w.choice = ""
		if start {
			w.choice = name
		}
	case token.Data == "textarea":
		w.area = false
		if values, ok := w.fields[name]; start && ok && len(values) > 0 {
			w.out.Write(raw)
			w.out.WriteString(html.EscapeString(values[0]))
			w.fields[name], w.area = values[1:], true
			return
		}
	case start && token.Data == "option" && w.choice != "":
		if values, ok := w.fields[w.choice]; ok {
			token = flag(token, "selected", slices.Contains(values, attribute(token, "value")))
			raw = []byte(token.String())
		}
	case start && token.Data == "input":
		raw = w.input(token, name, raw)
	}
	w.out.Write(raw)
}

// input fills one field.
func (w *formWriter) input(token html.Token, name string, raw []byte) []byte {
	values := w.fields[name]
	switch attribute(token, "type") {
	case "password", "file", "submit", "button", "image", "reset":
		return raw
	case "checkbox", "radio":
		on := slices.Contains(values, attribute(token, "value"))
		return []byte(flag(token, "checked", on).String())
	}
	if name == "" || len(values) == 0 {
		return raw
	}
	w.fields[name] = values[1:]
	at := slices.IndexFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "value" })
	if at < 0 {
		at = len(token.Attr)
		token.Attr = append(token.Attr, html.Attribute{Key: "value"})
	}
	token.Attr[at].Val = values[0]
	return []byte(token.String())
}

// flag sets an attribute without a value, or takes it away.
func flag(token html.Token, key string, on bool) html.Token {
	token.Attr = slices.DeleteFunc(token.Attr, func(a html.Attribute) bool { return a.Key == key })
	if on {
		token.Attr = append(token.Attr, html.Attribute{Key: key})
	}
	return token
}

func attribute(token html.Token, key string) string {
	for _, a := range token.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
