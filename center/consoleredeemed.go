package center

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// redemptionReader reads redemptions for one request: those that the officer may
// see, with the names of what they speak of.
type redemptionReader struct {
	c       *console
	a       *ask
	query   redemptionsQuery
	kiosks  []string // that are asked for; nil: all
	whose   store.Person
	problem string // why nothing can be listed: center.redemptions.problem.WORD
	scopes  map[string]store.Scope
	goods   map[string]map[string]civic.Good // by code and scope
	people  map[ledger.ID]store.Person
}

// redemptionReader makes ready to read what a query asks for.
func (c *console) redemptionReader(a *ask, q redemptionsQuery) (*redemptionReader, error) {
	r := &redemptionReader{c: c, a: a, query: q, scopes: make(map[string]store.Scope), goods: make(map[string]map[string]civic.Good), people: make(map[ledger.ID]store.Person)}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range scopes {
		r.scopes[s.ID] = s
	}
	if q.At != "" {
		if err := a.reaches(q.At); err != nil {
			return nil, err
		}
	}
	r.kiosks = kiosksOf(a.area, q.At, scopes)
	if _, err := ledger.ParseClaim(strings.ToUpper(q.Text)); q.Text != "" && err != nil {
		r.problem = "code"
	}
	if q.Who == "" {
		return r, nil
	}
	return r, r.find(q.Who)
}

// kiosksOf lists the kiosks at a place and below it, or the kiosk itself, that lie in
// the area; nil: all there are.
func kiosksOf(in area, at string, scopes []store.Scope) []string {
	root := slices.ContainsFunc(scopes, func(s store.Scope) bool { return s.ID == at && s.Parent == "" })
	if in.whole && (at == "" || root) {
		return nil
	}
	if at != "" {
		in = below(at, scopes)
	}
	return slices.DeleteFunc(append([]string{}, in.places()...), func(id string) bool { return !ledger.ValidKiosk(id) })
}

// find looks for the volunteer that is asked for.
func (r *redemptionReader) find(text string) error {
	id, err := ledger.ParseID(text)
	if err != nil {
		look := store.Lookup{Text: text}
		if !r.a.area.whole {
			look.Has = r.a.area.holds
		}
		found, err := r.c.Store.Find(r.a.Context(), look)
		if err != nil {
			return err
		}
		switch len(found.Found) {
		case 0:
			r.problem = "nobody"
			return nil
		case 1:
			id = found.Found[0].ID
		default:
			r.problem = "several"
			return nil
		}
	}
	named, err := r.c.Store.Named(r.a.Context(), []ledger.ID{id})
	r.whose = named[id]
	r.whose.ID = id
	if !r.mayName(r.whose) {
		r.whose.Name = civic.MaskName(r.whose.Name)
	}
	return err
}

// asks is the question to the store.
func (r *redemptionReader) asks(limit int) store.RedemptionQuery {
	ask := r.query.asks(r.c.Zone, limit)
	ask.Kiosks, ask.Volunteer = r.kiosks, r.whose.ID
	return ask
}

// redemptionRow is a redemption as a person reads it.
type redemptionRow struct {
	store.Redeemed
	Number string // of its receipt
	To     string
	On     time.Time
	Unsure bool   // nobody had confirmed the kiosk's clock
	Where  string // name of the kiosk
	Who    string // masked when somebody else's area; "": nobody knows
	WhoTo  string // the account; "": it is not shown here
	What   string // name of the good
	Points ledger.Points
	Word   string // of its state: one of redemptionStates
	Paper  string // of its slip: none, coming, printed, presumed, uncertain
}

// Icon is the shape of the state.
func (r redemptionRow) Icon() string { return redemptionIcons[r.Word][0] }

// Class is the colour of the state.
func (r redemptionRow) Class() string { return redemptionIcons[r.Word][1] }

var redemptionIcons = map[string][2]string{"reserved": {"clock", "is-warn"}, "settled": {"ok", "is-ok"}, "cancelled": {"cancel", "is-off"}, "refunded": {"refund", "is-off"}}

// rows adds the names to what was read.
func (r *redemptionReader) rows(list []store.Redeemed) ([]redemptionRow, error) {
	if err := r.learn(list); err != nil {
		return nil, err
	}
	rows := make([]redemptionRow, len(list))
	for i, x := range list {
		rows[i] = r.row(x)
	}
	return rows, nil
}

// learn reads the names that are not known yet.
func (r *redemptionReader) learn(list []store.Redeemed) error {
	if len(r.people) > maxNames {
		clear(r.people)
	}
	var ids []ledger.ID
	for _, x := range list {
		if _, known := r.people[x.Volunteer]; !known {
			r.people[x.Volunteer] = store.Person{}
			ids = append(ids, x.Volunteer)
		}
		if r.goods[x.Good] == nil {
			goods, err := r.c.Store.GoodEverywhere(r.a.Context(), x.Good)
			if err != nil {
				return err
			}
			r.goods[x.Good] = goods
		}
	}
	named, err := r.c.Store.Named(r.a.Context(), ids)
	for id, p := range named {
		r.people[id] = p
	}
	return err
}

func (r *redemptionReader) row(x store.Redeemed) redemptionRow {
	row := redemptionRow{Redeemed: x, Number: ledger.ReceiptNumber(x.Kiosk, x.Epoch, x.Seq), To: redemptionPath(x.Kiosk, x.Epoch, x.Seq),
		On: time.UnixMilli(x.WallMS), Unsure: x.Quality == ledger.ClockUnknown, Where: cmp.Or(r.scopes[x.Kiosk].Name, x.Kiosk),
		What: cmp.Or(goodTitle(r.a, r.good(x.Kiosk, x.Good)), x.Good), Points: ledger.Sum(x.Parts), Word: x.State.String(), Paper: slipWord(x.Slip)}
	if p := r.people[x.Volunteer]; p.Name != "" {
		row.Who = civic.MaskName(p.Name)
		if r.mayName(p) {
			row.Who, row.WhoTo = p.Name, "/account/"+p.ID.String()
		}
	}
	return row
}

// mayName tells whether the officer sees who somebody is.
func (r *redemptionReader) mayName(p store.Person) bool {
	return r.a.may(powerPeople) && r.a.area.holds(p.Town, p.Home)
}

// good is a good as a kiosk merges what the places above it say.
func (r *redemptionReader) good(kiosk, code string) (g civic.Good) {
	for id, n := kiosk, 0; id != "" && n < maxDepth+1; id, n = r.scopes[id].Parent, n+1 {
		if at, there := r.goods[code][id]; there {
			g = g.Merge(at)
		}
	}
	return g
}

// slipWord is what the state of a slip is called: center.slip.WORD.
func slipWord(s store.Slip) string {
	switch s.State {
	case 0:
		return "none"
	case spool.Printed, spool.Presumed, spool.Uncertain:
		return s.State.String()
	}
	return "coming"
}

// redemptionPath is the page of a redemption.
func redemptionPath(kiosk string, epoch uint32, seq uint64) string {
	return "/redemption/" + url.PathEscape(ledger.ReceiptNumber(kiosk, epoch, seq))
}
