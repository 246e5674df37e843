package kiosk

import (
	"net/http"

	"yizhan/assets"
)

// ask is one request together with the visit that it belongs to.
type ask struct {
	*http.Request
	w     http.ResponseWriter
	visit *visit // nil: nobody is in front of the screen, or somebody else
	heard uint64 // live messages sent before the request, which its page knows of
	scan  uint64 // number of the last scan that its page knows of

	follows bool   // see follow
	funds   *funds // the points that the page shows; nil: none
	again   string // see lookAgain
	acted   bool   // something that moves points may have been done, whatever the method
}

// answer handles an ask. Its error becomes the page of three answers.
type answer func(*ask) error

// asked takes in a request.
func (s *Server) asked(w http.ResponseWriter, r *http.Request) *ask {
	heard := s.live.sent() // before anything is looked up that a message could change
	v := s.visitOf(r)
	return &ask{Request: r, w: w, visit: v, heard: heard, scan: s.knows(r.URL.RequestURI(), v)}
}

// open serves a page to anybody.
func (s *Server) open(next answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := s.asked(w, r)
		if a.visit != nil && !a.URL.Query().Has(reloaded) && r.Header.Get(renewed) == "" {
			s.touch(a.visit)
		}
		if err := next(a); err != nil {
			s.failed(a, err)
		}
		s.passOn(a.URL.RequestURI(), w.Header().Get("Location"))
	})
}

// member serves a page to the volunteer whose account is open, and the home page
// to everybody else.
func (s *Server) member(next answer) http.Handler {
	return s.open(func(a *ask) error {
		if !a.visit.signedIn() {
			a.redirect("/?over")
			return nil
		}
		return next(a)
	})
}

// staff serves a page to a member of staff whose card and PIN were right.
func (s *Server) staff(next answer) http.Handler {
	return s.open(func(a *ask) error {
		if !a.visit.onDuty() {
			a.redirect("/?over")
			return nil
		}
		return next(a)
	})
}

// redirect sends the browser to a page, also after a POST.
func (a *ask) redirect(path string) { http.Redirect(a.w, a.Request, path, http.StatusSeeOther) }

// reloaded marks the requests of a page that loads itself again. Nobody touched
// anything, so they don't keep a visit alive.
const reloaded = "reloaded"

// renewed is the header with which a page fetches what is new on it: nobody touched
// anything then, either.
const renewed = "Renew"

// follow says that the page tells of slips: it is shown anew with each that has come to
// rest. It is called before anything is read of them, so that none comes in between.
func (a *ask) follow() {
	a.follows = true
	a.visit.set(func(st *visitState) { st.slips = a.URL.RequestURI() })
}

// lookAgain lets a browser without the script load the page again after a moment.
func (a *ask) lookAgain() { a.again = a.URL.Path + "?" + reloaded }

// lang is the language the screen speaks for this request.
func (s *Server) lang(a *ask) assets.Lang {
	if a.visit == nil {
		return s.cfg.Lang
	}
	return a.visit.get().lang
}

// text returns a text in the language of this request.
func (s *Server) text(a *ask, key string, pairs ...any) string {
	return s.texts[s.lang(a)].Text(key, pairs...)
}

// visitor returns the visit of the request, and begins one for somebody who has
// none yet but has done something that must be remembered.
func (s *Server) visitor(a *ask) *visit {
	if a.visit == nil {
		a.visit = s.begin(identity{})
		join(a.w, a.visit)
	}
	return a.visit
}
