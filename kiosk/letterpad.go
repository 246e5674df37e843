package kiosk

import (
	"net/http"
	"net/url"
	"strings"
)

// letterpad is a form for letters and digits: the address of a center, a code. Like
// keypad it collects them on the page, or without the script posts each key by
// itself; then the next page's path remembers the rest, for the box that it is on may
// have no visit yet.
type letterpad struct {
	Action string // where it posts to
	Typed  string // so far
	Keys   string // a key for each of its letters
	Takes  string // letters that another page of keys may have typed
	Wide   bool   // eight keys in a row, not three
	Least  int    // letters without which the main key is flat
	Most   int    // letters after which no more are taken
	Group  int    // letters that stand together; 0: all
	Key    string // text key of the main key
	Other  string // text key of the key that leads to other letters; "": there is none
	To     string // what was typed on the page before, if anything
}

// Order is the letters of the keys.
func (p letterpad) Order() []string { return strings.Split(p.Keys, "") }

// Missing is how many letters the main key still waits for.
func (p letterpad) Missing() int { return max(0, p.Least-len(p.Typed)) }

// Digits, Hidden and Slots let it be shown as a keypad's places.
func (p letterpad) Digits() string { return p.Typed }

// Hidden is false: what is typed here is no secret of a person's.
func (letterpad) Hidden() bool { return false }

// Slots lays the places out.
func (p letterpad) Slots() []slot {
	k := keypad{Digits: p.Typed, Most: p.Most}
	for at := 0; at < p.Most; at += p.Group {
		k.Groups = append(k.Groups, p.Group)
	}
	return k.Slots()
}

// typed is what the path of the page remembers.
func (p letterpad) typed(r *http.Request) string {
	typed := p.only(r.FormValue("typed"))
	return typed[:min(len(typed), p.Most)]
}

// press takes one POST. done: the main key was pressed with enough letters. Else the
// page is shown again, at the path that it returns.
func (p letterpad) press(r *http.Request) (typed string, again string, done bool) {
	typed = p.typed(r)
	key := r.FormValue("key")
	switch {
	case key == "back" && typed != "":
		typed = typed[:len(typed)-1]
	case key == "clear":
		typed = ""
	case len(key) == 1:
		typed += p.only(key)
	}
	typed = typed[:min(len(typed), p.Most)]
	if key == "go" && len(typed) >= p.Least {
		return typed, "", true
	}
	query := url.Values{"typed": {typed}}
	if p.To != "" {
		query.Set("to", p.To)
	}
	if letters := r.FormValue("letters") != ""; letters != (key == "other") { // the other ones from now on
		query.Set("letters", "yes")
	}
	return typed, p.Action + "?" + query.Encode(), false
}

// only leaves out what none of its keys types.
func (p letterpad) only(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(p.Keys+p.Takes, r) {
			return r
		}
		return -1
	}, s)
}
