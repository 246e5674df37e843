package assets

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Page is one page in one language. Its template begins at "frame", which calls
// what the page defines: "stage" and, if it likes, "over".
type Page struct {
	Style  string // URL of the page's own styles; "" when it has none
	Script string // URL of the page's own script; "" when it has none

	open func() (*template.Template, error) // parses it, once
}

// ExecuteTemplate writes what a template of the page makes of data.
func (p Page) ExecuteTemplate(w io.Writer, name string, data any) error {
	t, err := p.open()
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, name, data)
}

// Pages are all pages in one language, by their one word.
type Pages map[string]Page

// Check parses every page, for a test to find what is wrong in them.
func (p Pages) Check() error {
	var wrong error
	for _, page := range p {
		_, err := page.open()
		wrong = errors.Join(wrong, err)
	}
	return wrong
}

// FindPages finds every page of app (a folder here, "kiosk") for one language. A
// page is a template below app but not in its frame folder; styles and script of
// the same name may lie beside it. Several pages in one folder may share the styles
// that are named like the folder. What pages share is parsed now, each of them when
// it is first shown: all pages of a kiosk in two languages allocate 30 MiB.
// Templates may call
//
//	t KEY NAME VALUE ...   the text of a key
//	icon NAME CLASS ...    an icon as inline SVG
//	asset NAME             the URL of a static file
//	has NAME               whether there is a static file of that name
//	dict NAME VALUE ...    a map, to hand several values to a part
//	hours MINUTES          minutes as hours
//
// and the functions in more.
func FindPages(app string, texts Catalogue, static *Static, more template.FuncMap) (Pages, error) {
	base := template.New("frame").Option("missingkey=error").Funcs(template.FuncMap{
		"t":     texts.Text,
		"icon":  Icon,
		"asset": static.mustURL,
		"has":   static.Has,
		"dict":  dict,
		"hours": Hours,
	}).Funcs(more)
	if _, err := base.ParseFS(files, app+"/frame/*.tmpl"); err != nil {
		return nil, fmt.Errorf("parsing the frame: %w", err)
	}
	found, err := fs.Glob(files, app+"/*/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("looking for pages: %w", err)
	}
	pages := make(Pages)
	for _, file := range found {
		if path.Dir(file) == app+"/frame" {
			continue
		}
		stem := strings.TrimSuffix(file, ".tmpl")
		word := path.Base(stem)
		if _, twice := pages[word]; twice {
			return nil, fmt.Errorf("two pages are called %s", word)
		}
		style := static.URL(stem + ".css")
		if folder := path.Dir(file); style == "" {
			style = static.URL(folder + "/" + path.Base(folder) + ".css")
		}
		pages[word] = Page{Style: style, Script: static.URL(stem + ".js"), open: sync.OnceValues(func() (*template.Template, error) { return parsePage(base, file) })}
	}
	return pages, nil
}

// parsePage parses a page beside what all pages share.
func parsePage(base *template.Template, file string) (*template.Template, error) {
	t, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("parsing page %s: %w", file, err)
	}
	if _, err := t.ParseFS(files, file); err != nil {
		return nil, fmt.Errorf("parsing page %s: %w", file, err)
	}
	return t, nil
}

func (s *Static) mustURL(name string) (string, error) {
	url := s.URL(name)
	if url == "" {
		return "", fmt.Errorf("no static file %q", name)
	}
	return url, nil
}

// dict makes a map of alternating names and values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is not a name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
