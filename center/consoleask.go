package center

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
)

// Cookies of the console.
const (
	sessionCookie = "yizhan-session"
	langCookie    = "yizhan-lang"
)

// poll marks the requests of a page that loads itself again. Nobody did anything,
// so they keep no session alive.
const poll = "poll"

// ask is one request, and who is signed in.
type ask struct {
	*http.Request
	w       http.ResponseWriter
	lang    assets.Lang
	session store.Session
	locked  store.Officer // whose session it is that is locked; it shows nothing
	known   string        // whose session it is, even if it is locked or over; "": nobody knows
	kept    *keptForm     // what the page's form is filled with
	officer store.Officer // no name: nobody is signed in
	area    area          // that the officer sees
}

// may tells whether the officer's role has a power.
func (a *ask) may(p power) bool { return allowed(a.officer.Role, p) }

// reaches refuses a place outside of the officer's area.
func (a *ask) reaches(place string) error {
	if !a.area.has(place) {
		return errArea{place}
	}
	return nil
}

// secure tells whether the browser is connected by TLS: to this process, or to a
// proxy on this machine, which says so. Nobody else is believed.
func (a *ask) secure() bool {
	if a.TLS != nil {
		return true
	}
	from, err := netip.ParseAddrPort(a.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback() && a.Header.Get("X-Forwarded-Proto") == "https"
}

// redirect sends the browser to a page, also after a POST.
func (a *ask) redirect(path string) { http.Redirect(a.w, a.Request, path, http.StatusSeeOther) }

// typed is a field of a form without spaces around it, cut where no field of ours
// is longer.
func (a *ask) typed(name string) string {
	text := strings.TrimSpace(strings.ToValidUTF8(a.PostFormValue(name), ""))
	if len(text) > maxFieldBytes {
		text = strings.ToValidUTF8(text[:maxFieldBytes], "")
	}
	return text
}

// typedLines is typed for a field of several lines.
func (a *ask) typedLines(name string) string {
	text := strings.ReplaceAll(strings.ToValidUTF8(a.PostFormValue(name), ""), "\r\n", "\n")
	if len(text) > maxLinesBytes {
		text = strings.ToValidUTF8(text[:maxLinesBytes], "")
	}
	return strings.TrimSpace(text)
}

// asked takes in a request. It fails when the database does.
func (c *console) asked(w http.ResponseWriter, r *http.Request) (*ask, error) {
	a := &ask{Request: r, w: w, lang: assets.Chinese}
	if cookie, err := r.Cookie(langCookie); err == nil && cookie.Value == string(assets.English) {
		a.lang = assets.English
	}
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return a, nil
	}
	session, officer, err := c.Store.Session(r.Context(), cookie.Value, !r.URL.Query().Has(poll))
	a.known = session.Officer
	if errors.Is(err, store.ErrSession) || errors.Is(err, store.ErrUnknown) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	a.session = session
	if session.Locked {
		a.locked = officer
		return a, nil
	}
	a.officer = officer
	a.Request = r.WithContext(store.As(r.Context(), officer.Name))
	a.area, err = c.areaOf(a)
	return a, err
}

// open serves a page to anybody.
func (c *console) open(next func(*ask) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := c.asked(w, r)
		if err == nil {
			err = next(a)
		}
		if err != nil {
			c.failed(a, err)
		}
	})
}

// may serves a page to those whose role has a power, and the sign-in to whoever is
// not signed in.
func (c *console) may(p power, next func(*ask) error) http.Handler {
	return c.open(func(a *ask) error {
		if a.officer.Name == "" {
			c.toSignIn(a)
			return nil
		}
		if !a.may(p) {
			return errPower{p}
		}
		c.refill(a)
		return next(a)
	})
}

// reader serves a page to everybody who is signed in: all roles look.
func (c *console) reader(next func(*ask) error) http.Handler { return c.may(powerLook, next) }

// officer serves a page to those who manage their part of the tree.
func (c *console) officer(next func(*ask) error) http.Handler { return c.may(powerManage, next) }
