package kiosk

import (
	"bytes"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"

	"yizhan/assets"
)

// pane is what a screen is made of, whoever stands behind it: the pages in every
// language, the files that they load, and the connections to them.
type pane struct {
	static *assets.Static
	texts  map[assets.Lang]assets.Catalogue
	pages  map[assets.Lang]assets.Pages
	live   *hub
	log    *slog.Logger
}

// newPane reads the texts and finds the pages.
func newPane(screen Screen, log *slog.Logger, functions func(assets.Catalogue) template.FuncMap) (*pane, error) {
	static, err := assets.NewStatic(map[string][]byte{"screen.css": screenStyle(screen)})
	if err != nil {
		return nil, err
	}
	p := &pane{static, make(map[assets.Lang]assets.Catalogue), make(map[assets.Lang]assets.Pages), newHub(log), log}
	for _, lang := range assets.Langs {
		texts, err := assets.Texts(lang)
		if err != nil {
			return nil, err
		}
		pages, err := assets.FindPages("kiosk", texts, static, functions(texts))
		if err != nil {
			return nil, fmt.Errorf("pages in %s: %w", lang, err)
		}
		p.texts[lang], p.pages[lang] = texts, pages
	}
	return p, nil
}

// render shows a page within the frame. code 0 is HTTP status 200.
func (p *pane) render(w http.ResponseWriter, v view, code int) error {
	t, ok := p.pages[v.Lang][v.Word]
	if !ok {
		return fmt.Errorf("no page %q", v.Word)
	}
	v.Style, v.Script = t.Style, t.Script
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "frame", v); err != nil {
		return fmt.Errorf("showing %s: %w", v.Word, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(v.Lang))
	if code != 0 {
		w.WriteHeader(code)
	}
	if _, err := out.WriteTo(w); err != nil {
		p.log.Debug("page not taken", "page", v.Word, "error", err)
	}
	return nil
}

// part renders one part of a page.
func (p *pane) part(lang assets.Lang, name string, data any) string {
	var out bytes.Buffer
	if err := p.pages[lang]["home"].ExecuteTemplate(&out, name, data); err != nil {
		p.log.Error("rendering a part", "part", name, "error", err)
	}
	return out.String()
}
