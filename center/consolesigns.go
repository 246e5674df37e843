package center

import (
	"net/http"
	"net/url"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// signsPage is the review list: what looks like an abuse, or like an error. Nothing on
// it was refused, and nothing goes from it by itself.
type signsPage struct {
	hoursTabs
	Views []secondView
	View  string // open or settled
	Rows  []signRow
	Next  string // the page behind this one
	First string // the first page; "": this is it
}

// signRow is a line of it as a person reads it.
type signRow struct {
	store.Review
	Name      string // of the volunteer
	KioskName string
	PlaceName string
	Title     string // of the activity
	Attend    string // page of the attendance; "": it is about none
	At        string // page of the shift; "": it is about none
	OtherTo   string // page of the attendance at the other shift
}

// To is its own page.
func (r signRow) To() string { return "/sign/" + url.PathEscape(r.Scope) + "/" + r.ID }

// Long is its number of minutes as hours.
func (r signRow) Long() string { return assets.Hours(r.N) }

func (c *console) signs(a *ask) (err error) {
	p := signsPage{View: "open"}
	if p.hoursTabs, err = c.tabs(a, "signs"); err != nil {
		return err
	}
	if a.URL.Query().Get("show") == "settled" {
		p.View = "settled"
	}
	for _, view := range []string{"open", "settled"} {
		p.Views = append(p.Views, secondView{Word: view, To: "/signs?show=" + view, N: -1, On: view == p.View})
	}
	behind := store.ParseAskedMark(a.URL.Query().Get("before"))
	list, next, err := readHere(behind, func(from store.AskedMark) ([]store.Review, error) {
		return c.Store.Signs(a.Context(), p.View == "settled", from, hoursRead)
	}, store.Review.Mark, func(r store.Review) bool { return a.area.has(r.Scope) })
	if err != nil {
		return err
	}
	p.First, p.Next = pagesAround("/signs?show="+p.View, behind, next)
	if p.Rows, err = c.signRows(a, list); err != nil {
		return err
	}
	return c.show(a, page{word: "signs", data: p})
}

func (c *console) signRows(a *ask, list []store.Review) (rows []signRow, err error) {
	ids := make([]ledger.ID, len(list))
	for i, r := range list {
		ids[i] = r.Volunteer
	}
	people, err := c.Store.Named(a.Context(), ids)
	if err != nil {
		return nil, err
	}
	names, err := c.scopeNames(a)
	if err != nil {
		return nil, err
	}
	titles := make(map[ledger.ID]string)
	kiosks := &kioskNames{c: c, a: a, names: make(map[string]store.Kiosk)}
	for _, r := range list {
		row := signRow{Review: r, Name: people[r.Volunteer].Name, PlaceName: names[r.Scope]}
		if r.Kiosk != "" {
			row.KioskName = kiosks.of(r.Kiosk).Name
		}
		if row.Title, err = c.shiftTitle(a, r.Shift, titles); err != nil {
			return nil, err
		}
		if row.Title != "" {
			if row.At = turnoutPath(r.Shift); !r.Volunteer.IsZero() {
				row.Attend = attendPath(r.Shift, r.Volunteer)
			}
		}
		if !r.Other.IsZero() && !r.Volunteer.IsZero() {
			row.OtherTo = attendPath(r.Other, r.Volunteer)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// shiftTitle is what a shift's activity is called, remembered for the page; "": nobody
// knows the shift.
func (c *console) shiftTitle(a *ask, id ledger.ID, titles map[ledger.ID]string) (string, error) {
	title, known := titles[id]
	if known || id.IsZero() {
		return title, nil
	}
	shift, _, err := c.Store.Shift(a.Context(), id)
	if err != nil && !gone(err) {
		return "", err
	}
	title = shift.Title
	if a.lang == assets.English && shift.TitleEN != "" {
		title = shift.TitleEN
	}
	titles[id] = title
	return title, nil
}

// signPage is one line, to be settled.
type signPage struct {
	signRow
	Typed   string
	Problem bool
	May     bool
}

// signOf reads the line of the address.
func (c *console) signOf(a *ask) (p signPage, err error) {
	scope := a.PathValue("scope")
	if err := a.reaches(scope); err != nil {
		return p, err
	}
	r, err := c.Store.SignOf(a.Context(), scope, a.PathValue("sign"))
	if err != nil {
		return p, err
	}
	r.Scope = scope
	rows, err := c.signRows(a, []store.Review{r})
	if err != nil {
		return p, err
	}
	p.signRow, p.May = rows[0], a.may(powerHours)
	return p, nil
}

func (c *console) sign(a *ask) error {
	p, err := c.signOf(a)
	if err != nil {
		return err
	}
	return c.showSign(a, p)
}

func (c *console) showSign(a *ask, p signPage) error {
	code := 0
	if p.Problem {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "sign", data: p, code: code})
}

// signNow notes what an officer made of it.
func (c *console) signNow(a *ask) error {
	p, err := c.signOf(a)
	if err != nil {
		return err
	}
	if p.Typed = a.typed("note"); !aReason(p.Typed) {
		p.Problem = true
		return c.showSign(a, p)
	}
	if err := c.Store.SettleSign(a.Context(), p.Scope, p.ID, a.officer.Name, p.Typed); err != nil {
		return err
	}
	a.redirect("/signs?done=sign_settled")
	return nil
}
