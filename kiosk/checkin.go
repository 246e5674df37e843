package kiosk

import (
	"html/template"
	"strconv"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"

	"github.com/skip2/go-qrcode"
)

// checkinChoices is the page that asks for which of several shifts.
type checkinChoices struct {
	Shifts []shiftKey
	P      pager
	Next   *shiftKey // when none runs; nil: none is known
}

// shiftKey is one shift on a key.
type shiftKey struct{ Path, Title, Place, When, Opens string }

// checkinPick leads to the shift that runs, or asks which of several.
func (s *Server) checkinPick(a *ask) error {
	list, sure, err := s.running()
	if err != nil {
		return err
	}
	if len(list) == 1 && sure {
		a.redirect("/checkin/" + list[0].ID.String())
		return nil
	}
	data := checkinChoices{}
	from := offset(a, len(list)) / maxChoices * maxChoices
	for _, v := range list[min(from, len(list)):min(len(list), from+maxChoices)] {
		data.Shifts = append(data.Shifts, s.shiftKey(a, v))
	}
	data.P = newPager(from, len(list), maxChoices, func(from int) string { return "/checkin?from=" + strconv.Itoa(from) })
	if len(list) == 0 {
		next, err := s.coming(1)
		if err != nil {
			return err
		}
		if len(next) > 0 {
			data.Next = new(s.shiftKey(a, next[0]))
		}
	}
	return s.show(a, page{word: "checkinpick", back: s.homePath(a), data: data})
}

// homePath is the first page of whoever is there.
func (s *Server) homePath(a *ask) string { return homeOf(a.visit) }

func (s *Server) shiftKey(a *ask, v civic.Shift) shiftKey {
	return shiftKey{Path: "/checkin/" + v.ID.String(), Title: titleOf(s.lang(a), v), Place: placeOfShift(s.lang(a), v),
		When: s.spanOf(s.lang(a), v), Opens: s.clockTime(v.Opens())}
}

func titleOf(lang assets.Lang, v civic.Shift) string {
	if lang == assets.English {
		return or(v.TitleEN, v.Title)
	}
	return v.Title
}

func placeOfShift(lang assets.Lang, v civic.Shift) string {
	if lang == assets.English {
		return or(v.PlaceEN, v.Place)
	}
	return v.Place
}

// spanOf says when a shift is: 今天 14:00 到 16:00.
func (s *Server) spanOf(lang assets.Lang, v civic.Shift) string {
	texts := s.texts[lang]
	day := dayWord(texts, ledger.DayOf(time.Unix(v.Start, 0).In(s.cfg.Zone)), s.today())
	return texts.Text("checkin.span", "day", day, "from", s.clockTime(v.Start), "to", s.clockTime(v.End))
}

func dayWord(texts assets.Catalogue, day, today ledger.Day) string {
	switch day - today {
	case 0:
		return texts.Text("checkin.today")
	case 1:
		return texts.Text("checkin.tomorrow")
	}
	return dateText(texts, day)
}

// clockTime writes a moment, in Unix seconds, as a clock shows it.
func (s *Server) clockTime(at int64) string {
	return time.Unix(at, 0).In(s.cfg.Zone).Format("15:04")
}

// checkinPage is the check-in page: the code, and what a card does here.
type checkinPage struct {
	Title, When, Place string
	Long               bool   // the title takes more than a line
	Path               string // of the page without a direction
	Out                bool
	State              string // open, early, over, off, elsewhere
	Opens              string
	Unproven           bool // nobody vouches for the clock
	Code               codeBox
	Beat               beat
	Counts             counts
	Greeting           *greeting
	WalkIn             bool // somebody without a card can check in
	Member             string
}

// codeBox is the code that phones scan.
type codeBox struct {
	QR  template.HTML // "": phones cannot check in
	Out bool
}

// beat is the bar that says when the code changes.
type beat struct {
	Left  int64
	Cells [civic.CodeSeconds]bool
}

func newBeat(now time.Time) (b beat) {
	b.Left = civic.CodeSeconds - now.Unix()%civic.CodeSeconds
	for i := range b.Cells {
		b.Cells[i] = int64(i) < b.Left
	}
	return b
}

// codeBox draws the code of this moment. A code that cannot be drawn is left out: cards
// work without it.
func (s *Server) codeBox(v civic.Shift, out bool) codeBox {
	box := codeBox{Out: out}
	text, err := s.cfg.Store.CheckCode(v, out, s.wall())
	if err == nil && text != "" {
		box.QR, err = checkQR(text)
	}
	if err != nil {
		s.cfg.Log.Error("drawing a check-in code", "shift", v.ID, "error", err)
	}
	return box
}

// checkQR draws a check-in code as version 8 at M, which is as large as any address
// needs it: so the modules of all kiosks are the same size, and the picture never jumps.
func checkQR(text string) (template.HTML, error) {
	code, err := qrcode.NewWithForcedVersion(text, 8, qrcode.Medium)
	if err != nil {
		return "", err
	}
	return svgQR(code), nil
}

// checkin shows the check-in page of a shift, in the direction that the clock suggests.
func (s *Server) checkin(a *ask) error { return s.showCheckin(a, "") }

// checkinWay shows it in the direction that somebody chose.
func (s *Server) checkinWay(a *ask) error {
	way := a.PathValue("way")
	if way != "in" && way != "out" {
		return store.ErrUnknown
	}
	return s.showCheckin(a, way)
}

// shiftOf is the shift that a page is about.
func (s *Server) shiftOf(a *ask) (civic.Shift, error) {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return civic.Shift{}, store.ErrUnknown
	}
	return s.cfg.Store.Shift(id)
}

func (s *Server) showCheckin(a *ask, way string) error {
	v, err := s.shiftOf(a)
	if err != nil {
		return err
	}
	c, err := s.turnout(v.ID)
	if err != nil {
		return err
	}
	now := s.wall()
	g := &gate{shift: v.ID, auto: way == "", out: way == "out" || way == "" && s.wayOut(v), path: a.URL.Path, usedMS: s.nowMS(), step: civic.StepAt(now), counts: c, open: s.isOpen(v)}
	data := checkinPage{Title: titleOf(s.lang(a), v), When: s.spanOf(s.lang(a), v), Place: placeOfShift(s.lang(a), v), Path: "/checkin/" + v.ID.String(),
		Out: g.out, State: s.gateState(v), Opens: s.clockTime(v.Opens()), Unproven: !s.clockKnown(), Beat: newBeat(now), Counts: c, Greeting: s.greetingNow(), WalkIn: !g.out}
	data.Long = len(data.Title) > longTitle
	if g.open {
		data.Code = s.codeBox(v, g.out)
	}
	p := page{word: "checkin", back: s.homePath(a), data: data, gate: g, reload: data.Beat.Left + 1}
	if a.visit.signedIn() {
		who, _ := s.cfg.Store.Volunteer(a.visit.person)
		data.Member = civic.MaskName(who.Name)
		p.data = data
	}
	if data.Greeting != nil {
		p.sound, p.reload = data.Greeting.Sound, greetingMS/1000
	}
	return s.show(a, p)
}

func (s *Server) gateState(v civic.Shift) string {
	switch {
	case s.isOpen(v):
		return "open"
	case !v.At(s.kiosk()):
		return "elsewhere"
	case v.Closed:
		return "off"
	case s.wall().Unix() >= v.Shuts():
		return "over"
	}
	return "early"
}
