package center

import (
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// walkinsPage is people who checked in without a card that is known.
type walkinsPage struct {
	hoursTabs
	Rows  []walkinRow
	Next  string // the page behind this one
	First string // the first page; "": this is it
}

// walkinRow is one attendance of somebody without a name.
type walkinRow struct {
	attendRow
	Suggested store.Person // who has that phone number; zero: nobody has, or several
}

// Walkin is the page of whoever it was.
func (r walkinRow) Walkin() string { return walkinPath(r.Volunteer) }

func walkinPath(guest ledger.ID) string { return "/walkin/" + guest.String() }

func (c *console) walkins(a *ask) (err error) {
	var p walkinsPage
	if p.hoursTabs, err = c.tabs(a, "walkins"); err != nil {
		return err
	}
	from := store.ParseAttendMark(a.URL.Query().Get("before"))
	if from != (store.AttendMark{}) {
		p.First = "/walkins"
	}
	var list []store.Attendance
reading:
	for range maxHoursReads {
		some, err := c.Store.Guests(a.Context(), from, hoursRead)
		if err != nil {
			return err
		}
		for _, x := range some {
			if len(list) == hoursRows {
				p.Next = "/walkins?before=" + list[hoursRows-1].Mark().String()
				break reading
			}
			if a.area.has(x.Scope) {
				list = append(list, x)
			}
		}
		if len(some) < hoursRead {
			break
		}
		from = some[len(some)-1].Mark()
	}
	if p.Rows, err = c.walkinRows(a, list); err != nil {
		return err
	}
	return c.show(a, page{word: "walkins", data: p})
}

func (c *console) walkinRows(a *ask, list []store.Attendance) (rows []walkinRow, err error) {
	all, err := c.attendRows(a, list)
	if err != nil {
		return nil, err
	}
	var ids []ledger.ID
	for _, x := range list {
		if !x.Suggested.IsZero() {
			ids = append(ids, x.Suggested)
		}
	}
	people, err := c.Store.Named(a.Context(), ids)
	for i, x := range list {
		row := walkinRow{attendRow: all[i]}
		if p := people[x.Suggested]; a.area.holds(p.Town, p.Home) {
			row.Suggested = p
		}
		rows = append(rows, row)
	}
	return rows, err
}

// walkinPage is somebody without a name, with what they attended, and who it may be.
type walkinPage struct {
	Guest  ledger.ID
	Rows   []walkinRow
	Text   string        // that was looked for
	Looked bool          // somebody was
	Found  []foundRow    // who it may be
	Chosen *store.Record // who it is to be; nil: nobody yet
	Before []attendRow   // what the chosen one attended already at the same shifts
	Barred string        // why the officer says nothing: power, own; "": may
}

// foundRow is a volunteer to choose.
type foundRow struct {
	store.Found
	PlaceName string
	Hint      bool // whose phone number it is
	To        string
}

// Here is the address of the page.
func (p walkinPage) Here() string { return walkinPath(p.Guest) }

// walkinOf reads whom the address is about.
func (c *console) walkinOf(a *ask) (p walkinPage, err error) {
	if p.Guest, err = ledger.ParseID(a.PathValue("guest")); err != nil {
		return p, store.ErrUnknown
	}
	all, _, err := c.Store.AttendancesOf(a.Context(), p.Guest, store.AttendMark{}, hoursRows)
	if err != nil {
		return p, err
	}
	var list []store.Attendance
	for _, x := range all {
		if x.Guest {
			list = append(list, x)
		}
	}
	if len(list) == 0 {
		return p, store.ErrUnknown
	}
	for _, x := range list {
		if err := a.reaches(x.Scope); err != nil {
			return p, err
		}
	}
	p.Rows, err = c.walkinRows(a, list)
	return p, err
}

func (c *console) walkin(a *ask) error {
	p, err := c.walkinOf(a)
	if err != nil {
		return err
	}
	if err := c.addFound(a, &p); err != nil {
		return err
	}
	return c.show(a, page{word: "walkin", data: p})
}

// addFound adds whose phone number it is, and whom a text finds.
func (c *console) addFound(a *ask, p *walkinPage) error {
	names, err := c.scopeNames(a)
	if err != nil {
		return err
	}
	add := func(f store.Found, hint bool) {
		p.Found = append(p.Found, foundRow{Found: f, PlaceName: names[f.Town], Hint: hint, To: p.Here() + "/" + f.ID.String()})
	}
	hinted := make(map[ledger.ID]bool)
	for _, r := range p.Rows {
		if s := r.Suggested; !s.ID.IsZero() && !hinted[s.ID] {
			hinted[s.ID] = true
			add(store.Found{ID: s.ID, Number: s.Number, Name: s.Name, Tail: s.Tail, Town: s.Town, Home: s.Home}, true)
		}
	}
	p.Text = strings.TrimSpace(a.URL.Query().Get("q"))
	if p.Text == "" || len(p.Text) > maxFieldBytes {
		return nil
	}
	p.Looked = true
	look := store.Lookup{Text: p.Text}
	if !a.area.whole {
		look.Has = a.area.holds
	}
	found, err := c.Store.Find(a.Context(), look)
	for _, f := range found.Found {
		if !hinted[f.ID] {
			add(f, false)
		}
	}
	return err
}

// walkinChosen reads whom the address is about, and who it is to be.
func (c *console) walkinChosen(a *ask) (p walkinPage, err error) {
	if p, err = c.walkinOf(a); err != nil {
		return p, err
	}
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	r, err := c.record(a, id)
	if err != nil {
		return p, err
	}
	p.Chosen = &r
	var both []store.Attendance
	for _, row := range p.Rows {
		x, err := c.Store.AttendanceOf(a.Context(), id, row.Shift)
		if err == nil {
			both = append(both, x)
		} else if !gone(err) {
			return p, err
		}
	}
	if p.Before, err = c.attendRows(a, both); err != nil {
		return p, err
	}
	p.Barred, err = c.barredFrom(a, store.Attendance{Volunteer: id})
	return p, err
}

// walkinIs says what follows when somebody without a name is a volunteer.
func (c *console) walkinIs(a *ask) error {
	p, err := c.walkinChosen(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "walkinis", data: p})
}

func (c *console) walkinIsNow(a *ask) error {
	p, err := c.walkinChosen(a)
	if err != nil {
		return err
	}
	if err := c.Store.IdentifyGuest(a.Context(), p.Guest, p.Chosen.ID, a.officer.Name); err != nil {
		return err
	}
	a.redirect(accountPath(p.Chosen.ID) + "?done=walkin_named")
	return nil
}
