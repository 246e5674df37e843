package kiosk

import (
	"net/http"

	"yizhan/civic"
)

// A kiosk that its center does not want as it is begins anew by the same pages as a
// box that was never one; see enrolling.

func (o *office) anew() enrolling {
	return enrolling{Enrolment: o.cfg.Enrolment, first: enrolBase, under: enrolBase, again: true}
}

// enroller serves a page to whom mayEnrol lets enrol the box anew.
func (o *office) enroller(next duty) http.Handler {
	return o.crew(func(a *ask, me civic.Staff) error {
		if !o.mayEnrol(me) {
			a.redirect(centerPage)
			return nil
		}
		return next(a, me)
	})
}

func (o *office) enrolHome(a *ask, _ civic.Staff) error {
	a.follow()
	p := o.anew().page()
	if p.moving() {
		a.lookAgain()
	}
	return o.show(a, page{word: "enrol", back: centerPage, data: p})
}

func (o *office) enrolAddress(a *ask, _ civic.Staff) error {
	p, to := o.anew().address(a.Request)
	return o.enrolTyping(a, p, to, enrolBase)
}

func (o *office) enrolCode(a *ask, _ civic.Staff) error {
	p, to, err := o.anew().code(a.Request)
	if err != nil {
		return err
	}
	return o.enrolTyping(a, p, to, enrolBase+"/address")
}

func (o *office) enrolTyping(a *ask, p typePage, to, back string) error {
	if to != "" {
		a.redirect(to)
		return nil
	}
	return o.show(a, page{word: "enroltype", back: back, data: p})
}

func (o *office) enrolAgain(a *ask, _ civic.Staff) error {
	o.cfg.Enrolment.Again()
	a.redirect(enrolBase)
	return nil
}

func (o *office) enrolOver(a *ask, _ civic.Staff) error {
	if err := o.cfg.Enrolment.Forget(); err != nil {
		return err
	}
	a.redirect(enrolBase)
	return nil
}

// scanInvitation begins what an invitation asks for when somebody on duty may, and
// otherwise says whose it is.
func (s *Server) scanInvitation(text string) string {
	v := s.current()
	o := &office{Server: s}
	if v.onDuty() {
		me, err := s.cfg.Store.Staff(v.person)
		if err == nil && o.mayEnrol(me) {
			if _, err := o.anew().invited(text); err != nil {
				s.cfg.Log.Error("keeping an invitation", "error", err)
				return "/code/broken"
			}
			return enrolBase
		}
	}
	return "/code/invitation"
}
