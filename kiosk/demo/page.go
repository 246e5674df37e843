package demo

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yizhan/assets"
	"yizhan/printer/sim"
)

// Card is a card that the page can hold to the scanner.
type Card struct {
	Name, Note string
	Text       string // what its QR code says
	PIN        string // of a member of staff
}

// Page serves /demo/: the kiosk's screen beside its printer, which can be broken.
type Page struct {
	sample   Sample
	bench    *Bench
	scan     func(text string) // what the scanner does with a code
	county   *County           // nil: the kiosk stands alone
	here     string            // which of the county's kiosks this is
	template *template.Template
	watching chan struct{} // one for each window that watches
}

// NewPage makes the page. scan is called with the text of a card that was held
// to the scanner.
func NewPage(static *assets.Static, sample Sample, bench *Bench, scan func(text string)) (*Page, error) {
	t, err := assets.ParseDemo(static)
	if err != nil {
		return nil, err
	}
	return &Page{sample: sample, bench: bench, scan: scan, template: t, watching: make(chan struct{}, maxWatchers)}, nil
}

// Join shows the county above the page of the kiosk with that name. It is called
// before the page is served.
func (p *Page) Join(county *County, here string) { p.county, p.here = county, here }

// ServeHTTP serves the page and what it loads. The caller stands guard before it,
// as before every other page.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/{$}", p.show)
	mux.HandleFunc("GET /demo/paper/out.png", p.out)
	mux.HandleFunc("GET /demo/paper/{name}", p.picture)
	mux.HandleFunc("GET /demo/events", p.events)
	mux.HandleFunc("POST /demo/scan", p.hold)
	mux.HandleFunc("POST /demo/printer", p.act)
	mux.HandleFunc("POST /demo/swap", p.swap)
	mux.HandleFunc("POST /demo/wire", p.wire)
	mux.HandleFunc("POST /demo/pass", p.pass)
	mux.ServeHTTP(w, r)
}

// screens are the sizes that the page can show.
var screens = []screen{{"portrait", "竖屏 1080×1920"}, {"landscape", "横屏 1280×800"}}

type screen struct{ Word, Name string }

// screenOf is the size that a request asks for.
func screenOf(r *http.Request) screen {
	if r.FormValue("screen") == screens[1].Word {
		return screens[1]
	}
	return screens[0]
}

// view is what the page's template sees.
type view struct {
	Screens    []screen
	Screen     screen
	Cards      []Card
	Phone, PIN string
	State      state
	Actions    []action
	Levels     []choice
	Speeds     []choice
	Pieces     []piece // the newest first
	Last       int     // number of the newest
	Receipt    string  // payload of the last receipt
	Hanging    int     // dots of paper that hang out of the printer
	County     *strip  // nil: the kiosk stands alone
}

func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	v := view{Screens: screens, Screen: screenOf(r), Cards: p.sample.Cards, Phone: p.sample.Phone, PIN: p.sample.PIN,
		State: p.bench.state(), Actions: actions, Levels: levels, Speeds: speeds,
		Hanging: p.bench.hanging().Image.Height, Pieces: p.bench.tray.after(0)}
	for _, one := range v.Pieces {
		v.Last = one.Number
		if one.Receipt != "" {
			v.Receipt = one.Receipt
		}
	}
	slices.Reverse(v.Pieces)
	if p.county != nil {
		now := p.strip(r.Context(), v.Screen)
		v.County = &now
	}
	out, err := p.render("demo.tmpl", v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out)
}

func (p *Page) render(name string, data any) ([]byte, error) {
	var out bytes.Buffer
	err := p.template.ExecuteTemplate(&out, name, data)
	return out.Bytes(), err
}

// out is a picture of the paper that hangs out of the printer.
func (p *Page) out(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	_ = p.bench.hanging().PNG(w) // a window that has gone away needs no picture
}

// picture is one piece of paper from the tray.
func (p *Page) picture(w http.ResponseWriter, r *http.Request) {
	name, isPNG := strings.CutSuffix(r.PathValue("name"), ".png")
	for _, one := range p.bench.tray.after(0) {
		if isPNG && name == strconv.Itoa(one.Number) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(one.png)
			return
		}
	}
	http.NotFound(w, r)
}

// hold holds a card to the scanner.
func (p *Page) hold(w http.ResponseWriter, r *http.Request) {
	p.scan(r.FormValue("text"))
	again(w, r)
}

// act presses a button of the printer.
func (p *Page) act(w http.ResponseWriter, r *http.Request) {
	err := p.bench.Do(r.FormValue("do"), r.FormValue("when") == "half")
	answer(w, r, err)
}

// swap changes the printer for one of another level, or on a line of another speed;
// what is not asked for stays.
func (p *Page) swap(w http.ResponseWriter, r *http.Request) {
	s := p.bench.state()
	level, okLevel := pick(levels, r.FormValue("level"), s.Level)
	baud, okBaud := pick(speeds, r.FormValue("baud"), s.Baud)
	if !okLevel || !okBaud {
		answer(w, r, errNoAction)
		return
	}
	answer(w, r, p.bench.Swap(sim.Level(level), baud))
}

// pick is the value of the button that was pressed; stays when none was.
func pick(list []choice, text string, stays int) (int, bool) {
	if text == "" {
		return stays, true
	}
	for _, c := range list {
		if text == strconv.Itoa(c.Value) {
			return c.Value, true
		}
	}
	return 0, false
}

func answer(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errNoAction):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		again(w, r)
	}
}

// again shows the page anew, for a browser without the script.
func again(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/demo/?screen="+screenOf(r).Word, http.StatusSeeOther)
}
