package center

import (
	"errors"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// hoursPage is where somebody has served, and what became of it.
type hoursPage struct {
	Sum     store.Served
	Stars   int
	Rows    []store.Attendance
	Honours []store.Honour // on the first page
	Waiting int            // objections that wait
	First   bool
	Next    string // address of the page behind; "": that was all
}

func (p *phones) hours(a *caller) error {
	behind := store.ParseAttendMark(a.URL.Query().Get("behind"))
	list, _, err := p.Store.AttendancesOf(a.Context(), a.id(), behind, hourRows+1)
	if err != nil {
		return err
	}
	d := hoursPage{First: behind == store.AttendMark{}}
	if len(list) > hourRows {
		list = list[:hourRows]
		d.Next = "/my/hours?behind=" + list[hourRows-1].Mark().String()
	}
	d.Rows = list
	if d.Sum, _, err = p.Store.Services(a.Context(), a.id()); err != nil {
		return err
	}
	if d.Honours, _, err = p.Store.HonoursOf(a.Context(), a.id(), hourRows); err != nil {
		return err
	}
	if d.Stars, err = p.stars(a); err != nil {
		return err
	}
	objections, err := p.Store.ObjectionsOf(a.Context(), a.id(), phoneObjections)
	for _, o := range objections {
		d.Waiting += count(o.State == store.ObjectionWaiting)
	}
	if err != nil {
		return err
	}
	return p.show(a, page{word: "hours", data: d})
}

// stars are those that were granted: one that is announced is not there yet.
func (p *phones) stars(a *caller) (int, error) {
	list, err := p.Store.StarsOf(a.Context(), a.id())
	return int(store.StarsHeld(list)), err
}

// hourPage says of one attendance why it is what it is.
type hourPage struct {
	store.Attendance
	InAt, OutAt string    // where: a kiosk's name
	Whole       int64     // minutes of the time that counts
	Twice       int64     // of them in the time of others of that day
	Over        int64     // of them above what a day may have
	Half        int64     // half hours that earned points
	Odd         bool      // half a point was dropped
	Leader      bool      // a leader at a kiosk decided, not an officer
	Decided     time.Time // zero: nobody has
	Rules       string    // whose they are
	Version     int64     // of them; 0: none had a number
	Objections  []store.Objection
	Objects     bool // an objection can be made
}

func (p *phones) hour(a *caller) error {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return errors.Join(store.ErrUnknown, err)
	}
	d := hourPage{}
	if d.Attendance, err = p.Store.AttendanceOf(a.Context(), a.id(), id); err != nil {
		return err
	}
	kiosks := &kioskNames{c: p.desk, a: a.ask, names: make(map[string]store.Kiosk)}
	if d.In.Kiosk != "" {
		d.InAt = kiosks.of(d.In.Kiosk).Name
	}
	if d.Out.Kiosk != "" {
		d.OutAt = kiosks.of(d.Out.Kiosk).Name
	}
	d.reckon()
	if d.Said != nil {
		d.Leader, d.Decided = strings.Contains(d.Said.By, "@"), time.UnixMilli(d.Said.At)
	}
	why := &explainer{c: p.desk, a: a.ask, rules: make(map[civic.Rule]reckoning)}
	r, err := why.rule(d.Rule)
	if err != nil {
		return err
	}
	if d.Rules = r.Place; r.Version != nil {
		d.Version = int64(r.Version.Version)
	}
	all, err := p.Store.ObjectionsOf(a.Context(), a.id(), phoneObjections)
	if err != nil {
		return err
	}
	d.Objects = d.State != civic.AttendOpen
	for _, o := range all {
		if o.Shift == id {
			d.Objections = append(d.Objections, o)
			d.Objects = d.Objects && o.State != store.ObjectionWaiting
		}
	}
	title := d.Title
	if a.lang == "en" && d.TitleEN != "" {
		title = d.TitleEN
	}
	return p.show(a, page{word: "hour", title: title, data: d})
}

// reckon works out again how the minutes of a confirmed attendance came about.
func (d *hourPage) reckon() {
	if d.State != civic.AttendConfirmed {
		return
	}
	d.Whole = d.Counted.Seconds() / 60
	fresh := d.Counted.Room(d.Others) / 60
	d.Twice, d.Over = d.Whole-fresh, max(0, fresh-d.Credit)
	d.Half = d.Credit / 30
	d.Odd = d.Half*d.Rate%2 != 0
}
