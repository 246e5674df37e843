package center

import (
	"cmp"
	"errors"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
)

// checkPage asks whether somebody checks in, or out, and says what stands.
type checkPage struct {
	Out        bool
	Title      string
	Place      string
	Start, End time.Time
	Who        string // id
	Me         string // masked
	At         time.Time
	Stands     *store.Attendance // that direction is done
	Just       bool              // with this very scan
	In         time.Time         // of whoever checks out; zero: not known
	Here       []phonePerson
}

// Since is when the direction that was scanned was done.
func (c checkPage) Since() time.Time {
	if c.Out {
		return c.Stands.Out.Time()
	}
	return c.Stands.In.Time()
}

// Soon tells whether somebody who checks in has come before it begins.
func (c checkPage) Soon() bool { return c.At.Before(c.Start) }

// check asks who scanned a code whether to check in, or says that it is done.
func (p *phones) check(a *caller) error {
	s, ok := p.keptScan(a)
	if !ok {
		return p.show(a, page{word: "noscan"})
	}
	if a.person.Name == "" {
		a.redirect(signinPath("/c/"))
		return nil
	}
	shift, err := p.shiftOf(a.Context(), s)
	if err != nil {
		return err
	}
	d := checkPage{Out: s.Out, Title: shiftTitle(a.ask, shift), Place: shiftPlace(a.ask, shift), Start: time.Unix(shift.Start, 0), End: time.Unix(shift.End, 0),
		Who: a.id().String(), Me: civic.MaskName(a.person.Name), At: time.UnixMilli(s.At)}
	if err := p.stands(a, s, &d); err != nil {
		return err
	}
	if d.Here, err = p.together(a); err != nil {
		return err
	}
	return p.show(a, page{word: "check", title: p.text(a, "phone.check."+d.Word()), data: d})
}

// Word is what is asked or said.
func (c checkPage) Word() string {
	if c.Out {
		return "out"
	}
	return "in"
}

// stands adds what is known of somebody at the shift.
func (p *phones) stands(a *caller, s scan, d *checkPage) error {
	stands, err := p.Store.AttendanceOf(a.Context(), a.id(), s.Shift)
	if errors.Is(err, store.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	d.In = stands.In.Time()
	since := stands.In.MS
	if s.Out {
		since = stands.Out.MS
	}
	if since != 0 {
		d.Stands, d.Just = &stands, since == s.At
	}
	return nil
}

// checkNow checks in, or out, at the moment of the scan. Once for each direction: what
// stands is said then.
func (p *phones) checkNow(a *caller) error {
	s, ok := p.keptScan(a)
	if !ok || a.PostFormValue("who") != a.id().String() { // somebody else uses the phone by now: the page asks again
		a.redirect("/c/")
		return nil
	}
	if _, err := p.shiftOf(a.Context(), s); err != nil {
		return err
	}
	_, err := p.Store.Attend(a.Context(), store.Attend{Volunteer: a.id(), Shift: s.Shift, Out: s.Out, At: time.UnixMilli(s.At), How: store.HowPhone, Kiosk: s.Kiosk, Phone: a.device.String()})
	if err != nil && !errors.Is(err, store.ErrAlready) {
		return err
	}
	a.redirect("/c/")
	return nil
}

// shiftTitle is what a shift is called in the language of the page.
func shiftTitle(a *ask, s civic.Shift) string {
	if a.lang == assets.English {
		return cmp.Or(s.TitleEN, s.Title)
	}
	return s.Title
}

func shiftPlace(a *ask, s civic.Shift) string {
	if a.lang == assets.English {
		return cmp.Or(s.PlaceEN, s.Place)
	}
	return s.Place
}
