package kiosk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// objectDigits bounds the minutes typed at once.
const objectDigits = 4

// reasonWords name the reasons for an objection in addresses, forms and texts.
var reasonWords = map[string]ledger.Objection{
	"fewer": ledger.ObjectFewer, "more": ledger.ObjectMore, "absent": ledger.ObjectAbsent,
	"lost": ledger.ObjectLost, "points": ledger.ObjectPoints, "other": ledger.ObjectOther,
}

func reasonWord(o ledger.Objection) string {
	for word, reason := range reasonWords {
		if reason == o {
			return word
		}
	}
	return "other"
}

// disputed is the record that an objection is about.
type disputed struct {
	Title   string
	When    string
	Minutes int64
	Points  ledger.Points
	shift   ledger.ID
	earning string
	reasons []string // that make sense for it, at most four
	path    string   // of the objection
	Back    string   // where the record is
}

// objectPage asks one question at a time: what is wrong, how long it was, and whether
// that is to be sent.
type objectPage struct {
	disputed
	Step    string // reason, minutes, confirm
	Reasons []string
	Reason  string
	Keypad  keypad
	Typed   int64 // minutes that it should say; 0: not said
	Key     string
	URL     string
	Again   string // where the minutes are typed again; "": none were asked for
}

// object asks what is wrong with a record, and sends it: the organiser answers.
func (s *Server) object(a *ask) error {
	d, err := s.disputed(a)
	if err != nil {
		return err
	}
	p := objectPage{disputed: d, Step: "reason", Reasons: d.reasons, Key: s.newKey(), URL: d.path}
	if len(d.reasons) == 1 {
		p.Reason = d.reasons[0]
	}
	if reason := a.FormValue("reason"); slices.Contains(d.reasons, reason) {
		p.Reason = reason
	}
	back := d.Back
	if p.Reason != "" {
		p.Step = "confirm"
		if len(d.reasons) > 1 {
			back = d.path
		}
		if aboutTime(p.Reason) {
			if p.Typed, err = minutesOf(a); err != nil {
				p.Step = "minutes"
				p.Keypad = s.minutesPad(objectURL(d.path, p.Reason, 0), "object.next")
				if a.Method == http.MethodPost {
					return s.minutesTyped(a, p)
				}
				p.Keypad.Digits = typed(a)
			} else {
				p.Again = objectURL(d.path, p.Reason, 0)
				back = p.Again
			}
		}
	}
	return s.show(a, page{word: "object", back: back, data: p})
}

// aboutTime tells whether a reason is about how long it was.
func aboutTime(reason string) bool { return reason == "fewer" || reason == "more" || reason == "lost" }

func objectURL(path, reason string, minutes int64) string {
	q := url.Values{"reason": {reason}}
	if minutes > 0 {
		q.Set("minutes", strconv.FormatInt(minutes, 10))
	}
	return path + "?" + q.Encode()
}

// minutesPad is a keypad for minutes.
func (s *Server) minutesPad(action, key string) keypad {
	return keypad{Action: action, Least: 1, Most: objectDigits, Key: key}
}

// minutesTyped takes a key of the keypad, or what was typed there.
func (s *Server) minutesTyped(a *ask, p objectPage) error {
	digits := s.press(a, p.Keypad)
	minutes, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || minutes < 1 || minutes > maxMinutes {
		a.redirect(objectURL(p.path, p.Reason, 0) + "&" + typing)
		return nil
	}
	a.redirect(objectURL(p.path, p.Reason, minutes))
	return nil
}

// minutesOf reads the minutes of an address or a form.
func minutesOf(a *ask) (int64, error) {
	n, err := strconv.ParseInt(a.FormValue("minutes"), 10, 64)
	if err != nil || n < 1 || n > maxMinutes {
		return 0, errForm
	}
	return n, nil
}

// objectNow writes the objection down.
func (s *Server) objectNow(a *ask) error {
	d, err := s.disputed(a)
	if err != nil {
		return err
	}
	key, err := formKey(a)
	if err != nil {
		return err
	}
	reason := a.FormValue("reason")
	if !slices.Contains(d.reasons, reason) {
		return errForm
	}
	body := ledger.Object{Key: key, Volunteer: a.visit.person, Shift: d.shift, Earning: d.earning, Reason: reasonWords[reason]}
	if aboutTime(reason) {
		if body.Minutes, err = minutesOf(a); err != nil {
			return err
		}
	}
	_, err = s.cfg.Store.ObjectTo(a.Context(), body)
	switch {
	case errors.Is(err, store.ErrLimit):
		s.trouble(a, troubleObjections)
		return nil
	case err != nil && !errors.Is(err, store.ErrAlready):
		return err
	}
	a.redirect(d.Back)
	return nil
}

// disputed finds the record that the path names.
func (s *Server) disputed(a *ask) (disputed, error) {
	if line := a.PathValue("line"); line != "" {
		return s.disputedLine(a, line)
	}
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return disputed{}, store.ErrUnknown
	}
	at, err := s.cfg.Store.Attendance(id, a.visit.person)
	if err != nil {
		return disputed{}, err
	}
	r := s.servedAt(a, at, nil)
	d := disputed{Title: r.Title, When: r.When, Minutes: r.Minutes, Points: r.Points, shift: id, path: "/object/shift/" + id.String(), Back: attendancePath(id)}
	switch {
	case at.Arrived() == 0 && at.Left() == 0 && at.Told == nil && at.Word.Seq == 0:
		v, err := s.cfg.Store.Shift(id)
		if err != nil {
			return d, err
		}
		if age := s.wall().Sub(time.Unix(v.End, 0)); age < 0 || age > lostFor {
			return d, store.ErrUnknown
		}
		d.When = s.shiftWhen(a, v)
		d.reasons = []string{"lost"}
	case r.State == servedRefused || r.State == servedAway:
		d.Minutes, d.reasons = 0, []string{"lost", "other"}
	case r.State == servedConfirmed:
		d.reasons = []string{"fewer", "more", "absent", "points"}
	default:
		d.reasons = []string{"fewer", "more", "absent", "other"}
	}
	return d, nil
}

// disputedLine is a line of the account that hours made.
func (s *Server) disputedLine(a *ask, number string) (disputed, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return disputed{}, store.ErrUnknown
	}
	_, total, err := s.cfg.Store.Lines(a.visit.person, 0, 1)
	if err != nil {
		return disputed{}, err
	}
	if n > total {
		return disputed{}, store.ErrUnknown
	}
	lines, _, err := s.cfg.Store.Lines(a.visit.person, total-n, 1)
	if err != nil {
		return disputed{}, err
	}
	if len(lines) == 0 || lines[0].Earning == nil {
		return disputed{}, store.ErrUnknown
	}
	e := *lines[0].Earning
	d := disputed{Title: e.What, When: dateText(s.texts[s.lang(a)], e.On), Minutes: e.Minutes, Points: e.Points, earning: e.Name(),
		path: "/object/line/" + number, Back: "/why/" + number, reasons: []string{"points", "absent", "other"}}
	if e.Minutes > 0 {
		d.reasons = []string{"fewer", "more", "absent", "points"}
	}
	return d, nil
}
