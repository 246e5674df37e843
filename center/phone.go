package center

import (
	"fmt"
	"net/http"
	"time"

	"yizhan/assets"
)

// phones is the pages that volunteers open on their own phones: a kiosk's code leads
// to them, and so does the ticket that a kiosk prints. They are small, plain forms
// work everywhere, also in a browser within another app, and no script is needed.
//
// Like the console they keep nothing that another process would miss. A phone is
// believed about nothing but who uses it: that somebody is there, and when, is what
// the kiosk's signed code says, judged at the moment of the scan.
//
// A page has one word everywhere: the page "check" is phonecheck.go and
// assets/phone/check/check.tmpl; its texts are "phone.check....".
type phones struct {
	consoleConfig
	desk   *console // for what both show
	static *assets.Static
	texts  map[assets.Lang]assets.Catalogue
	pages  map[assets.Lang]assets.Pages
	sealed vault // of what a phone keeps for us: see kept scans

	compares chan struct{} // PINs that are compared at a time: each takes its share of memory
	wrong    *limiter      // wrong PINs of one address
	scans    *limiter      // of one address
	acts     *limiter      // of one volunteer
	wishes   *wishes       // what kiosks put aside
	slow     time.Duration // after which a wrong PIN is answered
}

// newPhones finds the pages. They share files and texts with the console.
func newPhones(c *console) (*phones, error) {
	p := &phones{consoleConfig: c.consoleConfig, desk: c, static: c.static, texts: c.texts, pages: make(map[assets.Lang]assets.Pages),
		compares: make(chan struct{}, maxPINs), slow: wrongAnswer,
		wrong: limitTo(c.Now, wrongBurst, wrongEvery), scans: limitTo(c.Now, scanBurst, scanEvery), acts: limitTo(c.Now, phoneActBurst, phoneActEvery)}
	var err error
	if p.sealed, err = openVault(c.Keys, vaultPhones); err != nil {
		return nil, err
	}
	for lang, texts := range c.texts {
		if p.pages[lang], err = assets.FindPages("phone", texts, c.static, c.functions(texts)); err != nil {
			return nil, fmt.Errorf("pages of phones in %s: %w", lang, err)
		}
	}
	return p, nil
}

// routes is the list of all pages of phones. open needs nobody, known somebody who is
// signed in on the phone. What begins in capitals is how QR codes say it.
func (p *phones) routes(mux interface{ Handle(string, http.Handler) }) {
	mux.Handle("GET /C/{code}", p.open(p.scan))
	mux.Handle("GET /c/{code}", p.open(p.scan))
	mux.Handle("GET /c/{$}", p.open(p.check))
	mux.Handle("POST /c/{$}", p.known(p.checkNow))
	mux.Handle("GET /P/{ticket}", p.open(p.ticket))
	mux.Handle("GET /p/{ticket}", p.open(p.ticket))
	mux.Handle("POST /p/{ticket}", p.open(p.ticketNow))
	mux.Handle("GET /p/{$}", p.open(p.signin))
	mux.Handle("POST /p/{$}", p.open(p.signinNow))
	mux.Handle("GET /my", p.known(p.my))
	mux.Handle("GET /my/points", p.known(p.points))
	mux.Handle("GET /my/hours", p.known(p.hours))
	mux.Handle("GET /my/hours/{shift}", p.known(p.hour))
	mux.Handle("GET /my/missed", p.known(p.missed))
	mux.Handle("GET /my/object", p.known(p.object))
	mux.Handle("POST /my/object", p.known(p.objectNow))
	mux.Handle("GET /my/objections", p.known(p.objections))
	mux.Handle("GET /my/near", p.known(p.near))
	mux.Handle("GET /my/shift/{shift}", p.known(p.shift))
	mux.Handle("POST /my/shift/{shift}", p.known(p.shiftNow))
	mux.Handle("GET /my/goods", p.known(p.goods))
	mux.Handle("GET /my/goods/{kiosk}/{good}", p.known(p.good))
	mux.Handle("POST /my/goods/{kiosk}/{good}", p.known(p.goodNow))
	mux.Handle("GET /my/holds", p.known(p.holds))
	mux.Handle("GET /my/holds/{hold}", p.known(p.hold))
	mux.Handle("POST /my/holds/{hold}", p.known(p.holdNow))
	mux.Handle("GET /my/card", p.known(p.card))
	mux.Handle("GET /my/phones", p.known(p.mine))
	mux.Handle("POST /my/phones", p.known(p.mineNow))
	mux.Handle("POST /my/switch", p.open(p.switchNow))
	mux.Handle("POST /my/language", p.open(p.language))
	mux.Handle("POST /my/signout", p.open(p.signout))
}
