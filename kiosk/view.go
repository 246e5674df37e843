package kiosk

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/ledger"
)

// view is what a template sees: the frame's own fields and, in Data, the page's.
type view struct {
	Word    string // of the page
	Path    string // of the request, with its query
	Title   string // what the page is called, for screen readers
	Lang    assets.Lang
	Large   bool
	Style   string // URL of the page's own style sheet; "" when there is none
	Script  string
	Station station
	Who     *who // nil: nobody is signed in
	Chips   []chip
	Offline bool   // the first page says so, and what still works
	Home    string // where the home key leads; "" on the home page itself
	Back    string // where the back key leads; "": no such key
	Leave   bool   // there is something to leave
	Refresh int64  // seconds after which a browser without the script goes home; 0: never
	Again   string // what such a browser loads after a moment instead; "": nothing
	Reload  int64  // seconds after which such a browser loads this very page again; 0: never
	Heard   uint64 // live messages that the page knows of
	Scan    uint64 // number of the last scan that it knows of
	Sound   string // played once: done, attention; "": none
	Data    any
}

// station is where the kiosk stands, in the screen's language.
type station struct{ Name, Parent, Counter, Phone string }

// who is the person in front of the screen, as others may see them.
type who struct {
	Name    string // masked
	Balance ledger.Points
	Staff   bool
}

// chip is one line about the box's state: shape, word and colour.
type chip struct{ State, Icon, Word string }

// page is what a handler says about the page that it shows.
type page struct {
	word string
	back string
	data any
	code int // HTTP status; 0: 200
	// sound is played when the page is shown: done or attention.
	sound  string
	gate   *gate // it is the check-in page
	reload int64 // see view
}

// show renders a page within the frame.
func (s *Server) show(a *ask, p page) error { return s.render(a.w, s.frame(a, p), p.code) }

// frame fills in what every page shows.
func (s *Server) frame(a *ask, p page) view {
	v := view{
		Word:    p.word,
		Path:    a.URL.RequestURI(),
		Title:   s.text(a, "title."+p.word),
		Lang:    s.lang(a),
		Heard:   a.heard,
		Scan:    a.scan,
		Again:   a.again,
		Station: s.station(s.lang(a)),
		Chips:   s.pageChips(s.lang(a)),
		Home:    "/",
		Back:    p.back,
		Sound:   p.sound,
		Reload:  p.reload,
		Data:    p.data,
	}
	s.setGate(a, p.word, p.gate)
	if p.word == "home" {
		v.Home, v.Offline = "", s.cfg.Center != nil && !s.online()
	}
	if a.visit == nil {
		return v
	}
	state := a.visit.get()
	v.Large, v.Leave = state.large, true
	v.Refresh = s.idleSeconds() + s.cfg.CountdownSeconds + 2
	if p.word == "done" {
		v.Refresh = s.cfg.CountdownSeconds + 2
	}
	v.Who = s.who(a.visit)
	if v.Who != nil && a.funds != nil {
		v.Who.Balance = a.funds.Now() // one page, one number
	}
	switch {
	case a.visit.signedIn():
		v.Home = "/balance"
	case a.visit.onDuty():
		v.Home = "/staff"
	}
	if v.Home == a.URL.Path {
		v.Home = ""
	}
	a.visit.set(func(st *visitState) {
		st.slip, st.slips, st.done, st.waits = 0, "", 0, "" // until the page itself says otherwise
		if st.money = ""; a.funds != nil {
			st.money, st.shown = a.URL.RequestURI(), *a.funds
		}
		if a.follows {
			st.slips = a.URL.RequestURI()
		}
		if a.Method == http.MethodGet && p.code == 0 && p.word != "help" && p.word != "code" && p.word != "asking" {
			st.last = a.URL.RequestURI()
		}
	})
	return v
}

// who looks up the person of a visit. A person who has left the documents since
// the sign-in is shown without a name, not refused: the points are still theirs.
func (s *Server) who(v *visit) *who {
	switch {
	case v.person.IsZero():
		return nil
	case v.staff:
		p, err := s.cfg.Store.Staff(v.person)
		if err != nil {
			return &who{Staff: true}
		}
		return &who{Name: civic.MaskName(p.Name), Staff: true}
	}
	f, _, err := s.fundsNow(v)
	if err != nil {
		s.cfg.Log.Error("reading an account", "error", err)
	}
	p, _ := s.cfg.Store.Volunteer(v.person)
	return &who{Name: civic.MaskName(p.Name), Balance: f.Now()}
}

func (s *Server) station(lang assets.Lang) station {
	d := s.cfg.Store.Station()
	st := station{d.Name, d.Parent, d.Counter, d.Phone}
	if lang == assets.English {
		st.Name, st.Parent, st.Counter = or(d.NameEN, d.Name), or(d.ParentEN, d.Parent), or(d.CounterEN, d.Counter)
	}
	if st.Name == "" {
		st.Name = s.texts[lang].Text("frame.unnamed")
	}
	return st
}

// or is the first of two texts that is not empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// chips says how the book, the link and the printer are. Where there is a center, a
// book that is well says nothing, so there are two, and three when it is not.
func (s *Server) chips(lang assets.Lang) []chip {
	texts := s.texts[lang]
	book := chip{"ok", "ok", texts.Text("chip.book.ok")}
	if health := s.cfg.Store.Health(); !health.Documents {
		book = chip{"warn", "warn", texts.Text("chip.book.empty")}
	} else if health.ReadOnly != nil {
		book = chip{"error", "error", texts.Text("chip.book.full")}
	}
	chips := []chip{book}
	switch {
	case s.cfg.Center != nil && book.State == "ok":
		chips[0] = s.linkChip(texts)
	case s.cfg.Center != nil:
		chips = append(chips, s.linkChip(texts))
	}
	return append(chips, s.paper.chip(texts))
}

// functions are what templates may call besides those of package assets.
func (s *Server) functions(texts assets.Catalogue) template.FuncMap {
	return template.FuncMap{
		"num":     anyNumber,
		"day":     func(d ledger.Day) string { return dayText(texts, d) },
		"when":    func(ms int64) string { return s.whenText(texts, ms) },
		"date":    func(d ledger.Day) string { return dateText(texts, d) },
		"short":   short,
		"claim":   ledger.ClaimText,
		"goods":   func(g civic.Good) string { return goodName(texts.Lang, g) },
		"picture": s.pictureURL,
	}
}

// number writes an integer with separators of thousands: 1,260.
func number[N ~int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
