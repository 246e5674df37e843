package center

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// Cookies of phones, see cookieName.
const (
	phoneCookie  = "phone"  // who is signed in
	deviceCookie = "device" // which browser it is, whoever uses it
	scanCookie   = "scan"   // what was scanned
)

// caller is one request of a phone, and who is signed in on it.
type caller struct {
	*ask
	device store.Device
	tokens []string // of who uses the phone, "" for nobody, and then of the others of its household
	phone  store.Phone
	person store.Person // no name: nobody is signed in
}

// id is who is signed in.
func (a *caller) id() ledger.ID { return a.person.ID }

// cookieName is what a cookie is called. Over TLS a browser takes it from nobody but
// this very host.
func (a *caller) cookieName(word string) string {
	if a.secure() {
		return "__Host-yizhan-" + word
	}
	return "yizhan-" + word
}

func (a *caller) cookie(word string) string {
	if c, err := a.Cookie(a.cookieName(word)); err == nil {
		return c.Value
	}
	return ""
}

// setCookie has the browser keep something for so many seconds; -1: no longer. A link
// in another app, or a code that the camera reads, brings it along; another site's form
// does not.
func (a *caller) setCookie(word, value string, age int) {
	http.SetCookie(a.w, &http.Cookie{Name: a.cookieName(word), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode})
}

// address is where a request comes from, as limits count it: a proxy on this machine
// says it, and of IPv6 a household has a whole block.
func (a *ask) address() string {
	host, _, err := net.SplitHostPort(a.RemoteAddr)
	if err != nil {
		return a.RemoteAddr
	}
	from, err := netip.ParseAddr(host)
	if err == nil && from.Unmap().IsLoopback() {
		said := strings.TrimSpace(a.Header.Get("X-Forwarded-For"))
		if behind, err := netip.ParseAddr(strings.TrimSpace(said[strings.LastIndex(said, ",")+1:])); err == nil {
			from = behind
		}
	}
	if from = from.Unmap().WithZone(""); from.Is6() {
		if block, err := from.Prefix(64); err == nil {
			return block.String()
		}
	}
	return from.String()
}

// asked takes in a request: in which language, from which browser, and by whom.
func (p *phones) asked(w http.ResponseWriter, r *http.Request) (*caller, error) {
	a := &caller{ask: &ask{Request: r, w: w, lang: phoneLang(r)}}
	if err := p.findDevice(a); err != nil {
		return a, err
	}
	a.tokens = cutTokens(a.cookie(phoneCookie))
	phone, err := p.phoneOf(a, 0)
	if err != nil || phone.ID == "" {
		return a, err
	}
	a.phone = phone
	a.person, err = p.personNow(a, phone.Volunteer)
	return a, err
}

// personNow is a volunteer who is registered, by the record that counts now; nobody
// when that was closed.
func (p *phones) personNow(a *caller, id ledger.ID) (store.Person, error) {
	merged, err := p.Store.Merged(a.Context(), id)
	if err != nil && !errors.Is(err, store.ErrUnknown) {
		return store.Person{}, err
	}
	if merged.Is() {
		id = merged.Into
	}
	known, err := p.Store.Named(a.Context(), []ledger.ID{id})
	person := known[id]
	if err != nil || person.Town == "" {
		return store.Person{}, err
	}
	return person, nil
}

// phoneLang is the language that was chosen, or else the phone's own.
func phoneLang(r *http.Request) assets.Lang {
	if cookie, err := r.Cookie(langCookie); err == nil {
		if cookie.Value == string(assets.English) {
			return assets.English
		}
		return assets.Chinese
	}
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "en") {
		return assets.English
	}
	return assets.Chinese
}

// findDevice knows a browser again by a random number that it keeps, and gives it one
// when it has none. It is not who somebody is: it tells whether many people check in on
// one phone, and binds to it what it is told to keep.
func (p *phones) findDevice(a *caller) error {
	number := a.cookie(deviceCookie)
	if b, err := base64.RawURLEncoding.DecodeString(number); err != nil || len(b) != deviceBytes {
		b = make([]byte, deviceBytes)
		if _, err := io.ReadFull(p.Random, b); err != nil {
			return fmt.Errorf("reading randomness: %w", err)
		}
		number = base64.RawURLEncoding.EncodeToString(b)
		a.setCookie(deviceCookie, number, int(deviceKept.Seconds()))
	}
	sum := sha256.Sum256([]byte("yizhan phone device v1\n" + number))
	a.device = store.Device(sum[:])
	return nil
}

// open serves a page to anybody.
func (p *phones) open(next func(*caller) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := p.asked(w, r)
		if err == nil {
			err = next(a)
		}
		if err != nil {
			p.failed(a, err)
		}
	})
}

// known serves a page to whoever is signed in on the phone, and the sign-in to
// everybody else. What a form asked for is not done then: its page comes again.
func (p *phones) known(next func(*caller) error) http.Handler {
	return p.open(func(a *caller) error {
		if a.person.Name == "" {
			a.redirect(signinPath(a.page()))
			return nil
		}
		if a.Method == http.MethodPost && !p.acts.allow(a.id().String()) {
			return errMany
		}
		return next(a)
	})
}

// page is the address of the page that is asked for, or whose form was sent.
func (a *caller) page() string {
	if a.Method == http.MethodGet {
		return a.URL.RequestURI()
	}
	if from, err := url.Parse(a.Referer()); err == nil && strings.EqualFold(from.Host, a.Host) {
		return phonePath(from.RequestURI())
	}
	return phonePath("")
}

// signinPath is the page that lets somebody in, and leads on from there.
func signinPath(next string) string { return "/p/?next=" + url.QueryEscape(next) }

// phonePath is a page of phones that a form names, or the first one.
func phonePath(path string) string {
	path = ownPath(path)
	if path == "/c/" || path == "/my" || strings.HasPrefix(path, "/my/") || strings.HasPrefix(path, "/my?") {
		return path
	}
	return "/my"
}
