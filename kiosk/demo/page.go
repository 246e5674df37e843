package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"sync"

	"yizhan/assets"
	"yizhan/ledger"
	"yizhan/printer/sim"
)

// maxPapers is how many pieces of paper the page keeps; older ones are gone.
const maxPapers = 30

// maxWatchers is how many windows may watch the paper at once.
const maxWatchers = 16

// Card is a card that the page can hold to the scanner.
type Card struct {
	Name, Note string
	Text       string // what its QR code says
	PIN        string // of a member of staff
}

// Page serves /demo/: the kiosk's screen beside its printer's paper.
type Page struct {
	cards      []Card
	phone, pin string
	scan       func(text string) // what the scanner does with a code
	template   *template.Template

	mu       sync.Mutex
	papers   []piece // oldest first
	watchers map[chan []byte]bool
}

// piece is one piece of paper, already a picture.
type piece struct {
	number  int
	png     []byte
	receipt string // payload of its receipt QR code; "" when it has none
}

// NewPage makes the page. scan is called with the text of a card that was held
// to the scanner.
func NewPage(static *assets.Static, sample Sample, scan func(text string)) (*Page, error) {
	t, err := assets.ParseDemo(static)
	if err != nil {
		return nil, err
	}
	return &Page{cards: sample.Cards, phone: sample.Phone, pin: sample.PIN, scan: scan, template: t, watchers: make(map[chan []byte]bool)}, nil
}

// Print shows a new piece of paper. It is the simulated printer's OnPaper.
func (p *Page) Print(paper sim.Paper) {
	var png bytes.Buffer
	if err := paper.PNG(&png); err != nil {
		return // a picture in memory cannot fail to be written
	}
	one := piece{number: paper.Number, png: png.Bytes()}
	for _, payload := range paper.QR {
		if ledger.IsReceipt(payload) {
			one.receipt = payload
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.papers = append(p.papers, one)
	p.papers = p.papers[max(0, len(p.papers)-maxPapers):]
	event, err := json.Marshal(map[string]any{"number": one.number, "receipt": one.receipt})
	if err != nil {
		return
	}
	for watcher := range p.watchers {
		select {
		case watcher <- event:
		default: // a window that does not read misses this one
		}
	}
}

// ServeHTTP serves the page and what it loads. The caller stands guard before it,
// as before every other page.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/{$}", p.show)
	mux.HandleFunc("GET /demo/paper/{name}", p.picture)
	mux.HandleFunc("GET /demo/events", p.events)
	mux.HandleFunc("POST /demo/scan", p.hold)
	mux.ServeHTTP(w, r)
}

// screens are the sizes that the page can show.
var screens = []screen{{"portrait", "竖屏 1080×1920"}, {"landscape", "横屏 1280×800"}}

type screen struct{ Word, Name string }

func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	view := struct {
		Screens    []screen
		Screen     screen
		Cards      []Card
		Receipt    string
		Phone, PIN string
		Papers     []int
	}{Screens: screens, Screen: screens[0], Cards: p.cards, Phone: p.phone, PIN: p.pin}
	if r.FormValue("screen") == screens[1].Word {
		view.Screen = screens[1]
	}
	p.mu.Lock()
	for _, one := range p.papers {
		view.Papers = append([]int{one.number}, view.Papers...)
		if one.receipt != "" {
			view.Receipt = one.receipt
		}
	}
	p.mu.Unlock()
	var out bytes.Buffer
	if err := p.template.Execute(&out, view); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w)
}

func (p *Page) picture(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.papers {
		if r.PathValue("name") == strconv.Itoa(one.number)+".png" {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write(one.png)
			return
		}
	}
	http.NotFound(w, r)
}

// events tells a window of every new piece of paper (server-sent events).
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	news := make(chan []byte, 8)
	if !p.watch(news) {
		http.Error(w, "too many windows", http.StatusTooManyRequests)
		return
	}
	defer p.unwatch(news)
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	if _, err := io.WriteString(w, ": ready\n\n"); err != nil || out.Flush() != nil {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case event := <-news:
			if _, err := fmt.Fprintf(w, "event: paper\ndata: %s\n\n", event); err != nil || out.Flush() != nil {
				return
			}
		}
	}
}

func (p *Page) watch(news chan []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.watchers) >= maxWatchers {
		return false
	}
	p.watchers[news] = true
	return true
}

func (p *Page) unwatch(news chan []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watchers, news)
}

// hold holds a card to the scanner.
func (p *Page) hold(w http.ResponseWriter, r *http.Request) {
	p.scan(r.FormValue("text"))
	http.Redirect(w, r, "/demo/", http.StatusSeeOther)
}
