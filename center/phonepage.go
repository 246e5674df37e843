package center

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
)

// phoneView is what a template of a phone's page sees.
type phoneView struct {
	Word, Path    string
	Title         string
	Lang          assets.Lang
	Style, Script string // URLs of the page's own; "" when it has none
	Me            string // who is signed in, masked; "": nobody
	Done          string // what was done just now: phone.done.WORD
	Data          any
}

// show renders a page within the frame.
func (p *phones) show(a *caller, pg page) error {
	t, ok := p.pages[a.lang][pg.word]
	if !ok {
		return fmt.Errorf("no page %q", pg.word)
	}
	v := phoneView{Word: pg.word, Path: a.URL.RequestURI(), Title: pg.title, Lang: a.lang, Style: t.Style, Script: t.Script, Me: civic.MaskName(a.person.Name), Data: pg.data}
	if v.Title == "" {
		v.Title = p.text(a, "phone.title."+pg.word)
	}
	if word := a.URL.Query().Get("done"); p.texts[a.lang].Has("phone.done." + word) {
		v.Done = word
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "frame", v); err != nil {
		return fmt.Errorf("showing %s: %w", pg.word, err)
	}
	a.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	a.w.Header().Set("Content-Language", string(a.lang))
	if pg.code != 0 {
		a.w.WriteHeader(pg.code)
	}
	if _, err := out.WriteTo(a.w); err != nil {
		p.Log.Debug("page not taken", "page", pg.word, "error", err)
	}
	return nil
}

func (p *phones) text(a *caller, key string, pairs ...any) string {
	return p.texts[a.lang].Text(key, pairs...)
}

// language remembers the language that a phone wants.
func (p *phones) language(a *caller) error {
	lang := assets.Chinese
	if a.PostFormValue("to") == string(assets.English) {
		lang = assets.English
	}
	http.SetCookie(a.w, &http.Cookie{Name: langCookie, Value: string(lang), Path: "/", MaxAge: int(deviceKept.Seconds()),
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode})
	to := ownPath(a.PostFormValue("page"))
	if to == "/" {
		to = "/my"
	}
	a.redirect(to)
	return nil
}

// Refusals that a page of its own explains.
var (
	errMany    = errors.New("center: too many requests")
	errNoCode  = errors.New("center: not a code of a kiosk of this center")
	errOld     = errors.New("center: the code has run out")
	errClock   = errors.New("center: the kiosk's clock is wrong")
	errStopped = errors.New("center: the kiosk does not serve")
	errElse    = errors.New("center: people do not check in for this at that kiosk")
	errClosed  = errors.New("center: the shift is closed")
	errEarly   = errors.New("center: nobody can check in yet")
	errLate    = errors.New("center: nobody can check in any more")
	errFar     = errors.New("center: the shift is not of the volunteer's area")
	errTicket  = errors.New("center: the ticket is used, too old or not ours")
)

// phoneTroubles are what a person is told, by phone.trouble.WORD.what, .safe and
// .next: what happened, whether the hours and points are safe, and what to do.
var phoneTroubles = []struct {
	err    error
	word   string
	status int
}{
	{errMany, "many", http.StatusTooManyRequests},
	{store.ErrBusy, "busy", http.StatusServiceUnavailable},
	{errOld, "old", http.StatusGone},
	{errClock, "clock", http.StatusConflict},
	{errStopped, "stopped", http.StatusForbidden},
	{errNoCode, "nocode", http.StatusNotFound},
	{errElse, "else", http.StatusConflict},
	{errClosed, "closed", http.StatusConflict},
	{errEarly, "early", http.StatusConflict},
	{errLate, "late", http.StatusConflict},
	{errFar, "far", http.StatusForbidden},
	{errTicket, "ticket", http.StatusGone},
	{errHolds, "holds", http.StatusConflict},
	{errHoldsDay, "holdsday", http.StatusConflict},
	{errHoldsNot, "holdsnot", http.StatusConflict},
	{store.ErrNotOpen, "closed", http.StatusConflict},
	{store.ErrKeyReused, "unknown", http.StatusNotFound},
	{store.ErrInput, "unknown", http.StatusNotFound}, // a form that no page of ours has
	{store.ErrUnknown, "unknown", http.StatusNotFound},
}

// phoneTrouble is what the page of a trouble shows.
type phoneTrouble struct{ Word, Back string }

// failed answers what did not work out. Nothing was done, or it says that it is not
// certain.
func (p *phones) failed(a *caller, err error) {
	word, status := "broken", http.StatusInternalServerError
	if a.Method == http.MethodPost {
		word = "unsure"
	}
	known := false
	for _, t := range phoneTroubles {
		if known = errors.Is(err, t.err); known {
			word, status = t.word, t.status
			break
		}
	}
	if known {
		p.Log.Info("phones: refused", "path", pathOf(a.Request), "why", err)
	} else {
		p.Log.Error("phones: a page failed", "path", pathOf(a.Request), "error", err)
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		a.w.Header().Set("Retry-After", "10")
	}
	if err := p.show(a, page{word: "trouble", data: phoneTrouble{word, "/my"}, code: status}); err != nil {
		p.Log.Error("phones: the page of a trouble failed", "error", err)
		http.Error(a.w, "中心出了问题，请稍后再试。 Something is wrong at the center. Please try again later.", http.StatusInternalServerError)
	}
}
