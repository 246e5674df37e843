package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"yizhan/ledger"
)

// County is what the page shows of the center and of the other kiosks.
type County struct {
	Places  []Place
	Console string                               // address of the center's console
	Officer func() []Login                       // who may sign in there, now: the one to try with, and a second person
	Books   func(context.Context) (Books, error) // as the center has them now
	Now     func() time.Time                     // by the county's clocks
	Pass    func(context.Context) error          // moves them on, see [Hours.PassTwo]
}

// Place is one kiosk of the county.
type Place struct {
	Kiosk, Name, NameEN string
	Page                string // address of its own page of the demo
	Wire                *Wire
	Link                func() (online bool, unsent uint64) // as the kiosk sees it
	Mended              func()                              // called when the wire was mended: the kiosk need not wait
}

// Login is what an officer signs in with. The code is another one every half a
// minute.
type Login struct{ Name, Password, Code string }

// Books are the points of everybody. Earned is the sum of the others, or the books
// do not close.
type Books struct{ Earned, Spent, AtKiosks, Held, Free, Expired ledger.Points }

// Closed tells whether the books close.
func (b Books) Closed() bool { return b.Earned == b.Spent+b.AtKiosks+b.Held+b.Free+b.Expired }

// strip is the county as the page shows it at one moment.
type strip struct {
	Screen  screen
	Places  []stretch
	Console string
	Logins  []Login
	Books
	Unknown bool   // the center could not be asked
	Now     string // the hour and minute in the county
	Night   bool   // the clocks go on to the morning
}

// stretch is one place and the wire to it.
type stretch struct {
	Kiosk, Name, NameEN, Page string
	Here, Cut, Online         bool
	Unsent                    uint64
}

// Zone is the time of the demo's county.
var Zone = time.FixedZone("UTC+8", 8*60*60)

func (p *Page) strip(ctx context.Context, on screen) strip {
	s := strip{Screen: on, Console: p.county.Console, Logins: p.county.Officer()}
	now := p.county.Now().In(Zone)
	s.Now, s.Night = now.Format("15:04"), night(now)
	for _, at := range p.county.Places {
		online, unsent := at.Link()
		s.Places = append(s.Places, stretch{at.Kiosk, at.Name, at.NameEN, at.Page, at.Kiosk == p.here, at.Wire.IsCut(), online, unsent})
	}
	books, err := p.county.Books(ctx)
	s.Books, s.Unknown = books, err != nil
	return s
}

// pass moves the county's clocks on, so that an activity is over.
func (p *Page) pass(w http.ResponseWriter, r *http.Request) {
	if p.county == nil {
		answer(w, r, errNoAction)
		return
	}
	answer(w, r, p.county.Pass(r.Context()))
}

// wire cuts or mends the wire of a kiosk.
func (p *Page) wire(w http.ResponseWriter, r *http.Request) {
	if p.county != nil {
		for _, at := range p.county.Places {
			if at.Kiosk == r.FormValue("kiosk") {
				if at.Wire.Cut(r.FormValue("cut") == "yes"); !at.Wire.IsCut() {
					at.Mended()
				}
				again(w, r)
				return
			}
		}
	}
	answer(w, r, fmt.Errorf("kiosk %q: %w", r.FormValue("kiosk"), errNoAction))
}
