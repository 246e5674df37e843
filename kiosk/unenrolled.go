package kiosk

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"yizhan/assets"
	"yizhan/kiosk/enrol"
)

// UnenrolledConfig is everything an Unenrolled needs.
type UnenrolledConfig struct {
	Enrolment *enrol.Enrolment // whose Changed is taken over, so it must not run yet
	Log       *slog.Logger
	Screen    Screen
	Lang      assets.Lang
	Past      bool            // the box was a kiosk before: books of it are here
	Addresses func() []string // under which the box is in the network
}

// Unenrolled is the screen of a box that is no kiosk yet, or none any more: it opens
// no books, and has no documents and nobody to know. It takes an invitation of a center and says how the
// enrolment stands.
type Unenrolled struct {
	*pane
	cfg  UnenrolledConfig
	join enrolling

	mu    sync.Mutex
	lang  assets.Lang
	large bool
	chips string // as they were sent last
}

// NewUnenrolled makes the screen.
func NewUnenrolled(cfg UnenrolledConfig) (*Unenrolled, error) {
	u := &Unenrolled{cfg: cfg, lang: cfg.Lang, join: enrolling{Enrolment: cfg.Enrolment, first: "/", under: "/enrol", again: cfg.Past}}
	var err error
	// Its pages show no goods and no times, so the functions find no books to ask.
	u.pane, err = newPane(cfg.Screen, cfg.Log, (&Server{}).functions)
	cfg.Enrolment.Changed = func() { u.live.send(message{Go: "/"}) }
	return u, err
}

// Run keeps the chips true until ctx ends, and then closes the live connections.
func (u *Unenrolled) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			u.live.close()
			return
		case <-tick.C:
			u.pushChips()
		}
	}
}

// Scan takes what the scanner has read.
func (u *Unenrolled) Scan(text string) { u.live.lead(u.scan(text)) }

// scan is the page that a scanned text leads to.
func (u *Unenrolled) scan(text string) string {
	ok, err := u.join.invited(text)
	switch {
	case err != nil:
		u.log.Error("keeping an invitation", "error", err)
		return "/code/disk"
	case !ok:
		return "/code/strange"
	}
	return "/"
}

// Handler serves every page.
func (u *Unenrolled) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.StaticPrefix, u.static)
	mux.Handle("GET /live", http.HandlerFunc(u.serveLive))
	mux.Handle("GET /{$}", u.open(u.home))
	mux.Handle("GET /help", u.open(u.help))
	mux.Handle("GET /code/{what}", u.open(u.strange))
	mux.Handle("GET /enrol/address", u.open(u.address))
	mux.Handle("POST /enrol/address", u.open(u.address))
	mux.Handle("GET /enrol/code", u.open(u.code))
	mux.Handle("POST /enrol/code", u.open(u.code))
	mux.Handle("POST /enrol/again", u.open(u.again))
	mux.Handle("POST /enrol/over", u.open(u.over))
	mux.Handle("POST /scan", u.open(u.scanned))
	mux.Handle("POST /language", u.open(u.language))
	mux.Handle("POST /print-size", u.open(u.printSize))
	mux.Handle("/", http.RedirectHandler("/", http.StatusSeeOther))
	return guard(mux, func(w http.ResponseWriter, r *http.Request, broke any) {
		u.log.Error("page broke", "path", r.URL.Path, "panic", broke, "stack", string(debug.Stack()))
		http.Error(w, "出了问题，请重新启动机器。 Something is wrong. Please restart the machine.", http.StatusInternalServerError)
	})
}

// open serves a page; its error is that of a disk.
func (u *Unenrolled) open(page func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := page(w, r); err != nil {
			u.log.Error("page failed", "path", r.URL.Path, "error", err)
			http.Redirect(w, r, "/code/disk", http.StatusSeeOther)
		}
	})
}

func (u *Unenrolled) home(w http.ResponseWriter, r *http.Request) error {
	v := u.view(r, "enrol", "")
	p := u.join.page()
	v.Home, v.Data = "", p
	if p.moving() {
		v.Again = "/"
	}
	return u.render(w, v, 0)
}

func (u *Unenrolled) help(w http.ResponseWriter, r *http.Request) error {
	return u.render(w, u.view(r, "enrolhelp", "/"), 0)
}

// strange says why what was scanned led nowhere.
func (u *Unenrolled) strange(w http.ResponseWriter, r *http.Request) error {
	v := u.view(r, "enrolcode", "/")
	v.Sound, v.Data = "attention", struct {
		Disk bool
		Safe string
	}{r.PathValue("what") == "disk", u.join.safe()}
	return u.render(w, v, 0)
}

func (u *Unenrolled) address(w http.ResponseWriter, r *http.Request) error {
	p, to := u.join.address(r)
	return u.typing(w, r, p, to, "/")
}

func (u *Unenrolled) code(w http.ResponseWriter, r *http.Request) error {
	p, to, err := u.join.code(r)
	if err != nil {
		return err
	}
	return u.typing(w, r, p, to, "/enrol/address")
}

func (u *Unenrolled) typing(w http.ResponseWriter, r *http.Request, p typePage, to, back string) error {
	if to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	v := u.view(r, "enroltype", back)
	v.Data = p
	return u.render(w, v, 0)
}

func (u *Unenrolled) again(w http.ResponseWriter, r *http.Request) error {
	u.join.Again()
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (u *Unenrolled) over(w http.ResponseWriter, r *http.Request) error {
	err := u.join.Forget()
	if err == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
	return err
}

func (u *Unenrolled) scanned(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, u.scan(r.FormValue("text")), http.StatusSeeOther)
	return nil
}

func (u *Unenrolled) language(w http.ResponseWriter, r *http.Request) error {
	if to := assets.Lang(r.FormValue("to")); to == assets.Chinese || to == assets.English {
		u.mu.Lock()
		u.lang = to
		u.mu.Unlock()
	}
	return u.here(w, r)
}

func (u *Unenrolled) printSize(w http.ResponseWriter, r *http.Request) error {
	u.mu.Lock()
	u.large = r.FormValue("to") == "large"
	u.mu.Unlock()
	return u.here(w, r)
}

// here leads back to the page on which a form stood.
func (u *Unenrolled) here(w http.ResponseWriter, r *http.Request) error {
	to := "/"
	if path := r.FormValue("page"); ownPath(path) {
		to = path
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// view fills in what every page shows.
func (u *Unenrolled) view(r *http.Request, word, back string) view {
	heard := u.live.sent()
	u.mu.Lock()
	lang, large := u.lang, u.large
	u.mu.Unlock()
	texts := u.texts[lang]
	return view{Word: word, Path: r.URL.RequestURI(), Title: texts.Text("title." + word), Lang: lang, Large: large, Heard: heard,
		Station: station{Name: texts.Text("frame.unnamed"), Parent: texts.Text("enrol.machine")}, Chips: u.network(texts), Home: "/", Back: back}
}

// network is the one chip of a box that nothing else is known of.
func (u *Unenrolled) network(texts assets.Catalogue) []chip {
	if u.cfg.Addresses != nil && len(u.cfg.Addresses()) == 0 {
		return []chip{{"off", "offline", texts.Text("chip.network.none")}}
	}
	return []chip{{"ok", "online", texts.Text("chip.network.there")}}
}

func (u *Unenrolled) pushChips() {
	u.mu.Lock()
	html := u.part(u.lang, "chips", u.network(u.texts[u.lang]))
	same := u.chips == html
	u.chips = html
	u.mu.Unlock()
	if !same {
		u.live.send(message{Target: "#chips", Swap: "outerHTML", Content: html})
	}
}

// serveLive is the WebSocket of a page.
func (u *Unenrolled) serveLive(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		u.log.Info("live connection refused", "error", err)
		return
	}
	out := u.live.enter(r)
	if out == nil {
		conn.Close()
		return
	}
	u.live.converse(conn, out, func() {})
}
