package kiosk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"yizhan/kiosk/enrol"
	"yizhan/link"
)

// What an invitation is typed with: an address in digits or letters, and the letters
// of codes, none of which looks like another.
const (
	addressDigits  = "123456789.0:"
	addressLetters = "abcdefghijklmnopqrstuvwxyz-."
	codeLetters    = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	codeLength     = 16
	centerPort     = "8443" // of an address that was typed without one
	maxAddress     = 40     // letters of an address that can be typed
	minAddress     = 4
)

// enrolling leads a box through an enrolment. A box that is no kiosk yet and the
// staff of one that begins anew see the same pages under different paths.
type enrolling struct {
	*enrol.Enrolment
	first string // path of the page that says how it stands
	under string // path of the others
	again bool   // the box is a kiosk already, or was one: it has books
}

// enrolPage is what the first page shows.
type enrolPage struct {
	enrol.State
	Under  string
	Digits []string // of the fingerprint, in fours
	Safe   string   // text key: whether points are safe
	Retry  bool     // asking once more may help
	Icon   string   // of what went wrong
}

func (e enrolling) page() enrolPage {
	s := e.State()
	p := enrolPage{State: s, Under: e.under, Digits: strings.Fields(s.Fingerprint), Safe: e.safe(), Icon: "warn"}
	switch s.Trouble {
	case enrol.TroubleNetwork:
		p.Retry, p.Icon = true, "offline"
	case enrol.TroubleDisk:
		p.Retry = true
	case enrol.TroubleRefused:
		p.Icon = "cross"
	}
	return p
}

// safe is the text that says whether points are.
func (e enrolling) safe() string {
	if e.again {
		return "enrol.safe_again"
	}
	return "enrol.safe_new"
}

// moving tells whether the page is soon another one by itself.
func (p enrolPage) moving() bool { return p.Phase != enrol.Nothing && p.Phase != enrol.Stopped }

// typePage is what both typing pages show.
type typePage struct {
	Pad   letterpad
	Word  string // address, code
	Wrong bool
}

// address asks where the center is. to is where a POST leads; "": the page is shown.
func (e enrolling) address(r *http.Request) (p typePage, to string) {
	pad := letterpad{Action: e.under + "/address", Keys: addressDigits, Takes: addressLetters, Least: minAddress, Most: maxAddress, Key: "enrol.next", Other: "enrol.letters"}
	if r.FormValue("letters") != "" {
		pad.Keys, pad.Takes, pad.Wide, pad.Other = addressLetters, addressDigits, true, "enrol.digits"
	}
	if r.Method == http.MethodPost {
		typed, again, done := pad.press(r)
		if !done {
			return p, again
		}
		address, ok := typedAddress(typed)
		if !ok {
			return p, pad.Action + "?" + url.Values{"typed": {typed}, "wrong": {"yes"}}.Encode()
		}
		return p, e.under + "/code?" + url.Values{"to": {address}}.Encode()
	}
	pad.Typed = pad.typed(r)
	return typePage{pad, "address", r.FormValue("wrong") != ""}, ""
}

// typedAddress completes what was typed with the port that centers have.
func typedAddress(typed string) (address string, ok bool) {
	if !strings.Contains(typed, ":") {
		typed += ":" + centerPort
	}
	return typed, link.CheckAddress(typed) == nil
}

// code asks for the invitation's code, and begins.
func (e enrolling) code(r *http.Request) (p typePage, to string, err error) {
	pad := letterpad{Action: e.under + "/code", Keys: codeLetters, Wide: true, Least: codeLength, Most: codeLength, Group: 4, Key: "enrol.ask", To: r.FormValue("to")}
	if link.CheckAddress(pad.To) != nil || len(pad.To) > maxAddress+len(":"+centerPort) {
		return p, e.under + "/address", nil
	}
	if r.Method == http.MethodPost {
		typed, again, done := pad.press(r)
		if !done {
			return p, again, nil
		}
		return p, e.first, e.Invite(link.Invitation{Address: pad.To, Code: typed})
	}
	pad.Typed = pad.typed(r)
	return typePage{pad, "code", false}, "", nil
}

// invited begins what a scanned invitation asks for. ok: it was one.
func (e enrolling) invited(text string) (ok bool, err error) {
	i, err := link.ParseInvitation(text)
	if errors.Is(err, link.ErrEnrol) {
		return false, nil
	}
	return true, e.Invite(i)
}
