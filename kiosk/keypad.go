package kiosk

import "strings"

// keypad is a form for digits: a phone number, a PIN, a number of pieces. With the
// script the page collects them and posts them together as "typed"; without it
// every key is posted by itself and the visit remembers the rest.
type keypad struct {
	Action string // where it posts to
	Digits string // typed so far
	Least  int    // digits without which the main key is flat
	Most   int    // digits after which no more are taken
	Groups []int  // how the slots stand together; nil: in one row
	Hidden bool   // dots instead of digits
	Key    string // text key of the main key
}

// slot is one place for a digit.
type slot struct {
	Text string
	Next bool // the digit that is typed next goes here
	Gap  bool // no place, but a gap between groups
}

// Slots lays the places out.
func (k keypad) Slots() []slot {
	var slots []slot
	ends := make(map[int]bool)
	at := 0
	for _, n := range k.Groups {
		at += n
		ends[at] = true
	}
	for i := range k.Most {
		s := slot{Next: i == len(k.Digits)}
		if i < len(k.Digits) {
			s.Text = k.Digits[i : i+1]
			if k.Hidden {
				s.Text = "●"
			}
		}
		slots = append(slots, s)
		if ends[i+1] && i+1 < k.Most {
			slots = append(slots, slot{Gap: true})
		}
	}
	return slots
}

// Order is the digits of the upper three rows.
func (keypad) Order() []int { return []int{1, 2, 3, 4, 5, 6, 7, 8, 9} }

// Missing is how many digits the main key still waits for.
func (k keypad) Missing() int { return max(0, k.Least-len(k.Digits)) }

// press takes one POST of a keypad. It returns the digits when the main key was
// pressed with enough of them, else it has remembered the key and answers "".
func (s *Server) press(a *ask, k keypad) string {
	v := s.visitor(a)
	digits := v.get().digits
	if typed := a.FormValue("typed"); typed != "" {
		digits = onlyDigits(typed)
	}
	key := a.FormValue("key")
	switch {
	case key == "back" && digits != "":
		digits = digits[:len(digits)-1]
	case key == "clear":
		digits = ""
	case len(key) == 1:
		digits += onlyDigits(key)
	}
	digits = digits[:min(len(digits), k.Most)]
	if key == "go" && len(digits) >= k.Least {
		v.set(func(st *visitState) { st.digits = "" })
		return digits
	}
	v.set(func(st *visitState) { st.digits, st.wrong = digits, "" })
	return ""
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
