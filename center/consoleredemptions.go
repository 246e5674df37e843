package center

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// redemptionsQuery is what the address of the list of redemptions says: which are
// shown.
type redemptionsQuery struct {
	State    string // one of redemptionStates; "": any
	Slip     string // one of slipStates; "": any
	At       string // a place or a kiosk
	Good     string // code
	From, To string // days, 2006-01-02, both included
	Text     string // a collection code, or the number of a receipt
	Who      string // a volunteer: the id, or what the list of volunteers finds
	Before   string // a store.RedemptionMark: the page goes on behind it
}

// redemptionStates and slipStates are the words of the filters.
var (
	redemptionStates = []string{"reserved", "settled", "cancelled", "refunded"}
	slipStates       = []string{"printed", "presumed", "uncertain", "voided", "queued"}
	stateOf          = map[string]ledger.State{"reserved": ledger.Reserved, "settled": ledger.Settled, "cancelled": ledger.Cancelled, "refunded": ledger.Refunded}
	slipOf           = map[string]spool.State{"printed": spool.Printed, "presumed": spool.Presumed, "uncertain": spool.Uncertain, "voided": spool.Voided, "queued": spool.Queued}
)

// fields are those that an address names.
func (q *redemptionsQuery) fields() map[string]*string {
	return map[string]*string{"state": &q.State, "slip": &q.Slip, "at": &q.At, "good": &q.Good, "from": &q.From, "to": &q.To, "q": &q.Text, "who": &q.Who, "before": &q.Before}
}

// readRedemptionsQuery reads an address. What none of our pages writes counts as if
// it were not there.
func readRedemptionsQuery(values url.Values) (q redemptionsQuery) {
	for name, field := range q.fields() {
		if text := strings.TrimSpace(values.Get(name)); len(text) <= maxFieldBytes && strings.ToValidUTF8(text, "") == text {
			*field = text
		}
	}
	if stateOf[q.State] == 0 {
		q.State = ""
	}
	if slipOf[q.Slip] == 0 {
		q.Slip = ""
	}
	for _, day := range []*string{&q.From, &q.To} {
		if _, err := time.Parse(time.DateOnly, *day); err != nil {
			*day = ""
		}
	}
	if !ledger.ValidGood(q.Good) {
		q.Good = ""
	}
	if _, err := store.ParseRedemptionMark(q.Before); err != nil {
		q.Before = ""
	}
	return q
}

// path is the address of a page about these redemptions.
func (q redemptionsQuery) path(page string) string {
	values := url.Values{}
	for name, field := range q.fields() {
		if *field != "" {
			values.Set(name, *field)
		}
	}
	if len(values) == 0 {
		return page
	}
	return page + "?" + values.Encode()
}

// asks is the question to the store, but for the place and the volunteer. A day
// begins and ends in the center's zone.
func (q redemptionsQuery) asks(zone *time.Location, limit int) store.RedemptionQuery {
	ask := store.RedemptionQuery{State: stateOf[q.State], Slip: slipOf[q.Slip], Good: q.Good, Limit: limit}
	if day, err := time.ParseInLocation(time.DateOnly, q.From, zone); err == nil {
		ask.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, q.To, zone); err == nil {
		ask.Before.WallMS = max(day.AddDate(0, 0, 1).UnixMilli(), 1)
	}
	if mark, err := store.ParseRedemptionMark(q.Before); err == nil {
		ask.Before = mark
	}
	if claim, err := ledger.ParseClaim(strings.ToUpper(q.Text)); err == nil {
		ask.Claim, ask.ByClaim = claim, true
	}
	return ask
}

// redemptionsPage is a page of redemptions, the latest first.
type redemptionsPage struct {
	Query   redemptionsQuery
	Choices choices
	Goods   []place // to choose from, by code
	Whose   string  // the volunteer that is asked for
	Problem string  // center.redemptions.problem.WORD: what was typed finds nothing that could be listed
	Rows    []redemptionRow
	Older   string    // the page behind this one; "": none
	Newest  string    // the first page; "": this is it
	Until   time.Time // when nothing was found: up to where this page has looked; zero: everywhere
	CSV     string
	XLSX    string
	States  []string
	Slips   []string
}

func (c *console) redemptions(a *ask) error {
	q := readRedemptionsQuery(a.URL.Query())
	if kiosk, epoch, seq, err := ledger.ParseReceiptNumber(strings.ToUpper(q.Text)); err == nil {
		a.redirect(redemptionPath(kiosk, epoch, seq))
		return nil
	}
	all, err := c.choices(a)
	if err != nil {
		return err
	}
	p := redemptionsPage{Query: q, Choices: all, States: redemptionStates, Slips: slipStates}
	if p.Goods, err = c.goodChoices(a, q.Good); err != nil {
		return err
	}
	r, err := c.redemptionReader(a, q)
	if err != nil {
		return err
	}
	if p.Problem, p.Whose = r.problem, r.whose.Name; p.Problem != "" {
		return c.show(a, page{word: "redemptions", data: p})
	}
	list, next, err := c.Store.Redemptions(a.Context(), r.asks(redeemedRows))
	if err != nil {
		return err
	}
	if p.Rows, err = r.rows(list); err != nil {
		return err
	}
	p.pager(next, len(list))
	return c.show(a, page{word: "redemptions", data: p})
}

// pager adds the ways from this page to others.
func (p *redemptionsPage) pager(next store.RedemptionMark, found int) {
	to := p.Query
	if next != (store.RedemptionMark{}) {
		to.Before = next.String()
		p.Older = to.path("/redemptions")
		if found == 0 {
			p.Until = time.UnixMilli(next.WallMS)
		}
	}
	to.Before = ""
	if p.Query.Before != "" {
		p.Newest = to.path("/redemptions")
	}
	p.CSV, p.XLSX = to.path("/redemptions.csv"), to.path("/redemptions.xlsx")
}

// goodChoices are the goods of the officer's place and those above it, by code, and
// the one that is asked for already.
func (c *console) goodChoices(a *ask, chosen string) (list []place, err error) {
	at := a.area.ID
	if a.area.whole {
		root, err := c.Store.Root(a.Context())
		if err != nil || root.ID == "" {
			return nil, err
		}
		at = root.ID
	}
	scopes, err := c.Store.Scopes(a.Context(), at)
	if err != nil {
		return nil, err
	}
	for _, s := range scopes {
		goods, err := c.Store.Goods(a.Context(), s.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range goods[:min(len(goods), maxGoodChoices-len(list))] {
			if title := goodTitle(a, g); title != "" {
				list = append(list, place{store.Scope{ID: g.Code, Name: title}, title + " " + g.Code})
			}
		}
	}
	slices.SortFunc(list, func(x, y place) int { return strings.Compare(x.Path, y.Path) })
	list = slices.CompactFunc(list, func(x, y place) bool { return x.ID == y.ID })
	if chosen != "" && !slices.ContainsFunc(list, func(p place) bool { return p.ID == chosen }) {
		list = append(list, place{store.Scope{ID: chosen}, chosen})
	}
	return list, nil
}
