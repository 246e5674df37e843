package screentest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"yizhan/kiosk"
	"yizhan/kiosk/enrol"
	"yizhan/link"
)

// standing is a kiosk of a center that may be against it, and the way to begin anew.
type standing struct {
	*auditor
	*beyond
	center *center
	anew   *enrol.Enrolment
}

func newStanding(t *testing.T, p panel) *standing {
	t.Helper()
	s := &standing{center: &center{state: link.EnrolWaiting}}
	s.anew = s.center.enrolment(t, t.TempDir())
	b, c := newLinkedBox(t, p, func(cfg *kiosk.Config) {
		cfg.Enrolment, cfg.CenterAddress = s.anew, centerAddress
		cfg.Addresses = func() []string { return []string{"192.168.31.207", "10.0.8.15"} }
		cfg.FreeBytes = func() (int64, error) { return 21 << 30, nil }
	})
	s.beyond, s.auditor = c, newAuditor(b.open())
	s.words = append(s.words, centerAddress, kioskName, "QX-SQ-01", "192.168.31.207", "10.0.8.15")
	var work sync.WaitGroup
	work.Go(func() { _, _ = s.anew.Run(t.Context()) })
	t.Cleanup(work.Wait)
	return s
}

// is says how the link is.
func (s *standing) is(offline bool, st link.State) {
	st.Since = time.Date(2026, 11, 23, 9, 5, 0, 0, zone)
	s.change(func(c *beyond) { c.offline, c.state = offline, st })
}

// Every page about the center, whatever it has against the kiosk, on both panels.
func TestStandingPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		s := newStanding(t, p)
		defer s.report()
		for _, role := range []struct {
			name  string
			who   byte
			first string
		}{{"technician", technician, "/staff/box"}, {"clerk", clerk, "/staff"}} {
			s.is(false, link.State{})
			s.duty(role.who, role.first)
			s.goTo(role.name+"-linked-box", "/staff/box")
			s.goTo(role.name+"-center", "/staff/center")
			s.is(true, link.State{Unsent: 1234, SkewMS: -7300_000, Trouble: errors.New("no room")})
			s.goTo(role.name+"-offline-box", "/staff/box")
			s.goTo(role.name+"-center-offline", "/staff/center")
		}
		s.is(true, link.State{})
		s.auditor.leave()
		for _, reason := range []link.Reason{link.ReasonFork, link.ReasonGap, link.ReasonForged, link.ReasonRegressed, link.ReasonOfficer, link.ReasonRevoked, link.ReasonReplaced, "new"} {
			s.is(reason == link.ReasonRevoked, link.State{Quarantine: link.Quarantine{Reason: reason, Text: "so it is"}})
			s.duty(technician, "/staff/box")
			s.goTo("still-center-"+string(reason), "/staff/center")
		}
		s.is(true, link.State{Quarantine: link.Quarantine{Reason: link.ReasonFork}})
		s.goTo("still-box", "/staff/box")
		s.auditor.leave()
		s.page("halted")
		for _, reason := range []link.Reason{link.ReasonUnknown, link.ReasonProtocol, link.ReasonProof, link.ReasonForgot} {
			s.is(true, link.State{Refused: link.Refused{Reason: reason}})
			s.duty(technician, "/staff/box")
			s.goTo("refused-center-"+string(reason), "/staff/center")
		}
		s.goTo("code-invitation", "/code/invitation")
		for _, word := range standingWords {
			if !s.seen[word] {
				t.Errorf("no walk comes by the page %q", word)
			}
		}
	})
}

// A kiosk whose books stand still says so by itself, to everybody, and is enrolled
// anew by somebody who may.
func TestEnrolAnew(t *testing.T) {
	s := newStanding(t, wide)
	invitation := link.Invitation{Address: centerAddress, Code: centerCode, Center: centerPin}.Text()
	s.is(false, link.State{})
	s.duty(technician, "/staff/box")
	s.scan(invitation).on("/code/invitation") // it is well
	s.auditor.leave()
	s.sees(says(t, "home.title"))
	s.is(false, link.State{Quarantine: link.Quarantine{Reason: link.ReasonFork}})
	s.sees(says(t, "halted.title"), says(t, "halted.safe"), says(t, "chip.link.refused"))
	s.scan(invitation).on("/code/invitation") // nobody is on duty
	s.duty(clerk, "/staff")
	s.visit("/staff/enrol").on("/staff/center").sees(says(t, "center.fork.what"))
	s.scan(invitation).on("/code/invitation") // a clerk may not
	s.duty(technician, "/staff/box")
	s.visit("/staff/box").on("/staff/box").tap("a[href='/staff/center']").on("/staff/center").tap("a[href='/staff/enrol']").on("/staff/enrol").sees(says(t, "enrol.title"))
	s.tap("a[href='/staff/enrol/address']").on("/staff/enrol/address").spell("10.0.0.5")
	s.tap("=" + says(t, "enrol.next")).on("/staff/enrol/code").spell(centerCode)
	s.tap("="+says(t, "enrol.ask")).on("/staff/enrol").sees(says(t, "enrol.compare"), "QX-SQ-01")
	s.visit("/staff/center").on("/staff/center").sees(says(t, "staff.center.enrolling"))
	s.visit("/staff/enrol").on("/staff/enrol").tap("=" + says(t, "enrol.over")).on("/staff/enrol").sees(says(t, "enrol.title"))
	s.server.Scan(invitation) // the page stays, and says something else
	s.sees(says(t, "enrol.compare"))
	s.center.answers(link.EnrolApproved, nil)
	s.sees(says(t, "enrol.done", "kiosk", "QX-SQ-01"))
}

// Points stand still with the books: a redemption says so, and takes nothing.
func TestHaltedRedemption(t *testing.T) {
	b, c := newLinkedBox(t, tall)
	v := b.open()
	v.scan(card(zhang)).on("/balance").visit("/redeem/G08").on("/redeem/G08")
	c.change(func(c *beyond) { c.state.Quarantine.Reason = link.ReasonFork })
	b.must(b.books.Quarantine(t.Context(), "fork", "another entry"))
	v.tap("form.foot .main").on("/trouble").sees(says(t, "trouble.halted.what"), says(t, "trouble.halted.safe"))
	if got := b.balance(zhang); got != 300 {
		t.Errorf("%d points are left", got)
	}
	v.visit("/balance").on("/balance")
	if eval[bool](v, `return !!document.querySelector("a[href='/goods']")`) {
		t.Error("what nobody can have is offered")
	}
	v.leave().sees(says(t, "halted.title"))
}
