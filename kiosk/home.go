package kiosk

import (
	"strings"

	"yizhan/assets"
)

// home is what the screen shows while nobody is there. A volunteer who is signed
// in has the balance for a home.
func (s *Server) home(a *ask) error {
	if a.visit != nil && !a.visit.person.IsZero() {
		a.redirect(homeOf(a.visit))
		return nil
	}
	if !s.serving() {
		return s.show(a, page{word: "halted", data: s.station(s.lang(a)).Phone})
	}
	if a.visit != nil {
		a.visit.set(func(st *visitState) { st.wants = "" }) // whoever it was has turned back
	}
	coming, err := s.comingThisMonth()
	if err != nil {
		return err
	}
	_, over := a.URL.Query()["over"]
	come, online, done := s.arriving()
	return s.show(a, page{word: "home", data: struct {
		Over  bool // somebody came back to a visit that had ended
		Ready bool // there are documents, so people can be found
		// Without them: whether they come from a center, how many volunteers are here
		// by now, and whether the center can be reached.
		Coming, Online bool
		Come           string
		Checks         bool // people check in here, and a center tells of activities
		Month          int  // of those, how many are still to begin this month
	}{over, s.cfg.Store.Health().Documents, !done, online, number(int64(come)), s.cfg.Center != nil, coming}})
}

// help says what the keys do and how to call somebody.
func (s *Server) help(a *ask) error {
	back := s.back(a)
	return s.show(a, page{word: "help", back: back, data: struct {
		Phone, Counter, To string
		SignedIn           bool
	}{s.station(s.lang(a)).Phone, s.station(s.lang(a)).Counter, back, a.visit.signedIn()}})
}

// language changes what the screen speaks, for this visit only.
func (s *Server) language(a *ask) error {
	to := assets.Lang(a.FormValue("to"))
	if to != assets.Chinese && to != assets.English {
		return errForm
	}
	s.visitor(a).set(func(st *visitState) { st.lang = to })
	a.redirect(s.here(a))
	return nil
}

// printSize changes between large and normal print, for this visit only.
func (s *Server) printSize(a *ask) error {
	large := a.FormValue("to") == "large"
	s.visitor(a).set(func(st *visitState) { st.large = large })
	a.redirect(s.here(a))
	return nil
}

// here is the page on which the form of a request stood.
func (s *Server) here(a *ask) string {
	if path := a.FormValue("page"); ownPath(path) {
		return path
	}
	return s.back(a)
}

// ownPath tells whether a path is one of this server's, not another site's address.
func ownPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.Contains(path, "\\")
}

// leave ends the visit.
func (s *Server) leave(a *ask) error {
	s.end(a.visit)
	part(a.w)
	a.redirect(s.resting())
	return nil
}
