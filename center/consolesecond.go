package center

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"yizhan/assets"
	"yizhan/center/store"
)

// secondViews are the parts of the page of what two officers decide: what waits for
// this one, all that waits, what this one asked for, and what is decided.
var secondViews = []string{"mine", "waiting", "asked", "ended"}

// secondPage is one of these parts.
type secondPage struct {
	View   string
	Views  []secondView
	Losses []store.Unconfirmed // write-offs, which are decided at their kiosk
	Rows   []secondRow
	Next   string // the page behind this one
	First  string // the first page; "": this is it
}

type secondView struct {
	Word, To string
	N        int // -1: not counted
	On       bool
}

// secondRow is a request for a person.
type secondRow struct {
	store.Asked
	Name      string // of the volunteer
	PlaceName string
	Barred    string // why this officer does not decide it: same, own, power; "": may
}

// To is the request's own page.
func (r secondRow) To() string { return secondPath(r.Place, r.ID) }

// Size is the amount without its sign.
func (r secondRow) Size() int64 { return max(r.Amount, -r.Amount) }

// Words are which texts say what is asked for: center.second.WORDS.
func (r secondRow) Words() string { return askedWords(r.Kind, r.Amount) }

func askedWords(kind string, amount int64) string {
	if amount < 0 {
		return kind + "_less"
	}
	return kind
}

func secondPath(place, id string) string { return "/second/" + url.PathEscape(place) + "/" + id }

func (c *console) second(a *ask) error {
	p := secondPage{View: secondViews[0]}
	if !a.may(powerConfirm) {
		p.View = "asked"
	}
	for _, view := range secondViews {
		if a.URL.Query().Get("show") == view {
			p.View = view
		}
	}
	mine, err := c.forMe(a)
	if err != nil {
		return err
	}
	losses, err := c.losses(a)
	if err != nil {
		return err
	}
	p.addViews(a, len(mine)+len(c.lossesFor(a, losses)))
	behind := store.ParseAskedMark(a.URL.Query().Get("before"))
	var list []store.Asked
	switch p.View {
	case "mine":
		list, p.Losses = mine, c.lossesFor(a, losses)
	case "waiting":
		list, err = c.waitingHere(a)
		p.Losses = losses
	case "asked":
		list, err = c.Store.AskedBy(a.Context(), a.officer.Name, behind, listRows+1)
		list = p.cut(list, behind, func(x store.Asked) store.AskedMark { return store.AskedMark{At: x.Made, Place: x.Place, ID: x.ID} })
	case "ended":
		list, err = c.endedHere(a, &p, behind)
	}
	if err != nil {
		return err
	}
	if p.Rows, err = c.secondRows(a, list); err != nil {
		return err
	}
	return c.show(a, page{word: "second", data: p})
}

// lossesFor is the write-offs that wait for this officer.
func (c *console) lossesFor(a *ask, all []store.Unconfirmed) (list []store.Unconfirmed) {
	for _, u := range all {
		if a.may(powerConfirm) && !store.SamePerson(u.Proposed, a.officer.Name) {
			list = append(list, u)
		}
	}
	return list
}

func (p *secondPage) addViews(a *ask, mine int) {
	for _, view := range secondViews {
		v := secondView{Word: view, To: "/second?show=" + view, N: -1, On: view == p.View}
		if view == "mine" {
			if !a.may(powerConfirm) {
				continue
			}
			v.N = mine
		}
		p.Views = append(p.Views, v)
	}
}

// cut leaves a page of a list that was read one longer, and the keys around it.
func (p *secondPage) cut(list []store.Asked, behind store.AskedMark, mark func(store.Asked) store.AskedMark) []store.Asked {
	if behind != (store.AskedMark{}) {
		p.First = "/second?show=" + p.View
	}
	if len(list) > listRows {
		list = list[:listRows]
		p.Next = "/second?show=" + p.View + "&before=" + url.QueryEscape(mark(list[listRows-1]).String())
	}
	return list
}

// endedHere reads what was decided in the officer's area, and reads on while that
// is little.
func (c *console) endedHere(a *ask, p *secondPage, behind store.AskedMark) (list []store.Asked, err error) {
	mark := func(x store.Asked) store.AskedMark { return store.AskedMark{At: x.Ended, Place: x.Place, ID: x.ID} }
	from := behind
	for range maxSecondReads {
		some, err := c.Store.AskedEnded(a.Context(), from, secondRead)
		if err != nil {
			return nil, err
		}
		for _, x := range some {
			if a.area.has(x.Place) {
				list = append(list, x)
			}
		}
		if len(list) > listRows || len(some) < secondRead {
			break
		}
		from = mark(some[len(some)-1])
	}
	return p.cut(list, behind, mark), nil
}

// secondRows adds names to requests. A volunteer who has left the officer's area is
// named all the same: the request is of this area.
func (c *console) secondRows(a *ask, list []store.Asked) (rows []secondRow, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	s, err := c.seat(a)
	if err != nil {
		return nil, err
	}
	names, err := c.scopeNames(a)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		row := secondRow{Asked: x, PlaceName: names[x.Place], Barred: s.barred(x)}
		if row.PlaceName == "" {
			row.PlaceName = x.Place
		}
		if !x.Volunteer.IsZero() {
			if row.Name, err = c.nameOf(a, x); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *console) nameOf(a *ask, x store.Asked) (string, error) {
	r, err := c.Store.Record(a.Context(), x.Volunteer)
	if gone(err) {
		return x.Volunteer.String(), nil
	}
	return r.Name, err
}

// scopeNames are what all places are called.
func (c *console) scopeNames(a *ask) (map[string]string, error) {
	all, err := c.Store.AllScopes(a.Context())
	names := make(map[string]string, len(all))
	for _, s := range all {
		names[s.ID] = s.Name
	}
	return names, err
}

// requestPage is one request, with what follows.
type requestPage struct {
	secondRow
	Detail  string // what is asked for besides the amount
	Lines   []int
	Typed   string // why it is refused, as typed
	Problem string
	Mine    bool  // this officer may take it back
	Long    int64 // minutes a day that need no approval, when these hours are more; else 0
	Ready   bool  // this officer may take the file
}

// request reads the request of the address, which must be of the officer's area.
func (c *console) request(a *ask) (requestPage, error) {
	place := a.PathValue("place")
	if err := a.reaches(place); err != nil {
		return requestPage{}, err
	}
	x, err := c.Store.AskedOf(a.Context(), place, a.PathValue("request"))
	if err != nil {
		return requestPage{}, err
	}
	rows, err := c.secondRows(a, []store.Asked{x})
	if err != nil {
		return requestPage{}, err
	}
	p := requestPage{secondRow: rows[0], Mine: x.Open() && x.Who == a.officer.Name, Ready: x.Kind == "numbers" && x.Ready(a.officer.Name, c.Now())}
	for i := range c.seconds.kinds[x.Kind].lines {
		p.Lines = append(p.Lines, i+1)
	}
	p.Detail = c.detailOf(a, x)
	if x.Kind != "enter" {
		return p, nil
	}
	policy, _, err := c.policyOf(a.Context(), x.Place, c.todayIs())
	if x.Amount > policy.DayMinutes {
		p.Long = policy.DayMinutes
	}
	return p, err
}

// detailOf says what is asked for besides the amount.
func (c *console) detailOf(a *ask, x store.Asked) string {
	var lot adjustedBody
	if x.Kind == "adjust" && x.Amount < 0 && json.Unmarshal(x.Body, &lot) == nil {
		return c.text(a, "center.second.lot", "day", dateText(c.texts[a.lang], lot.Expires.Time()))
	}
	var b enteredBody
	if x.Kind != "enter" || json.Unmarshal(x.Body, &b) != nil {
		return ""
	}
	return c.text(a, "center.second.hours", "what", b.What, "day", dateText(c.texts[a.lang], b.Day.Time()), "from", clockText(b.First), "to", clockText(b.Last))
}

// clockText writes a minute of the day.
func clockText(minute int64) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func (c *console) showRequest(a *ask, p requestPage) error {
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "request", title: c.text(a, "center.second."+p.Words(), "n", p.Size(), "hours", assets.Hours(p.Size())), data: p, code: code})
}

func (c *console) oneRequest(a *ask) error {
	p, err := c.request(a)
	if err != nil {
		return err
	}
	return c.showRequest(a, p)
}

// confirmNow does what somebody else asked for.
func (c *console) confirmNow(a *ask) error {
	p, err := c.request(a)
	if err != nil {
		return err
	}
	x, err := c.Store.Decide(a.Context(), p.Place, p.ID, a.officer.Name, true, "")
	if err != nil {
		return err
	}
	if _, err := c.seconds.carry(a.Context(), x); err != nil {
		return err
	}
	a.redirect(p.To() + "?done=second_confirmed")
	return nil
}

// refuseNow says no, and why.
func (c *console) refuseNow(a *ask) error {
	p, err := c.request(a)
	if err != nil {
		return err
	}
	if p.Typed = a.typed("reason"); !aReason(p.Typed) {
		p.Problem = "reason"
		return c.showRequest(a, p)
	}
	if _, err := c.Store.Decide(a.Context(), p.Place, p.ID, a.officer.Name, false, p.Typed); err != nil {
		return err
	}
	a.redirect(p.To() + "?done=second_refused")
	return nil
}

// withdrawRequest takes back what this officer asked for.
func (c *console) withdrawRequest(a *ask) error {
	p, err := c.request(a)
	if err != nil {
		return err
	}
	if _, err := c.Store.Withdraw(a.Context(), p.Place, p.ID, a.officer.Name); err != nil {
		return err
	}
	a.redirect(p.To() + "?done=second_withdrawn")
	return nil
}
