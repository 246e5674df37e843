package center

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// reportSums are the figures of a report that can grow while entries still come.
type reportSums struct {
	Earned      ledger.Points `json:"earned"`
	Taken       ledger.Points `json:"taken,omitempty"` // by corrections
	Minutes     int64         `json:"minutes"`         // of earnings
	Lines       int64         `json:"lines"`           // earnings, corrections included
	Corrections int64         `json:"corrections,omitempty"`
	Settled     int64         `json:"settled"` // redemptions handed over
	Spent       ledger.Points `json:"spent"`
	Refunded    int64         `json:"refunded,omitempty"`
	Back        ledger.Points `json:"back,omitempty"`
}

func (s reportSums) plus(o reportSums, sign int64) reportSums {
	p := ledger.Points(sign)
	return reportSums{s.Earned + p*o.Earned, s.Taken + p*o.Taken, s.Minutes + sign*o.Minutes, s.Lines + sign*o.Lines, s.Corrections + sign*o.Corrections,
		s.Settled + sign*o.Settled, s.Spent + p*o.Spent, s.Refunded + sign*o.Refunded, s.Back + p*o.Back}
}

// Used is what was handed over for and not given back.
func (s reportSums) Used() ledger.Points { return s.Spent - s.Back }

// Net is what was earned and not taken back.
func (s reportSums) Net() ledger.Points { return s.Earned - s.Taken }

func sumsOfKiosk(k store.KioskSum) reportSums {
	return reportSums{Settled: k.Settled, Spent: k.Spent, Refunded: k.Refunded, Back: k.Back}
}

func sumsOfTown(t store.TownDay) reportSums {
	return reportSums{Earned: t.Earned, Taken: t.Taken, Minutes: t.Minutes, Lines: t.Lines, Corrections: t.Corrections}
}

// reportPart is a town, with what its people earned, or a kiosk, with what was
// redeemed there.
type reportPart struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Sums   reportSums `json:"sums"`
	People int64      `json:"people,omitempty"`
	Seen   int64      `json:"seen_ms,omitempty"` // when a kiosk was last heard of
	Silent bool       `json:"silent,omitempty"`  // before the end of the report's days
}

// Heard is Seen as a time.
func (p reportPart) Heard() time.Time {
	if p.Seen == 0 {
		return time.Time{}
	}
	return time.UnixMilli(p.Seen)
}

// reportGood is what happened to a good, and what is left of it.
type reportGood struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Unit string `json:"unit,omitempty"`
	store.GoodDay
	Left int64 `json:"left"` // when the report was worked out
}

// reportEvent is an act that a report names: a write-off, a quarantine.
type reportEvent struct {
	Kind   string          `json:"kind"`
	Place  string          `json:"place"`
	Who    string          `json:"who"`
	Made   int64           `json:"made_ms"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// act is the event as the audit knows it.
func (e reportEvent) act() store.Act {
	return store.Act{Kind: e.Kind, Place: e.Place, Who: e.Who, Made: time.UnixMilli(e.Made), Body: store.ActBody{Before: e.Before, After: e.After}}
}

// reportLater is what came in of an earlier stretch after its report was signed, and
// stands in no report yet.
type reportLater struct {
	Day   ledger.Day   `json:"day"` // the first of that stretch
	Sums  reportSums   `json:"sums"`
	Parts []reportPart `json:"parts"` // the kiosks and towns that it is from
}

// reportBody is the figures of a place in a week or a month. It is what is signed.
type reportBody struct {
	Place  string        `json:"place"`
	Name   string        `json:"name"`
	Span   store.Span    `json:"span"`
	First  ledger.Day    `json:"first"`
	Last   ledger.Day    `json:"last"`
	At     int64         `json:"at_ms"` // when it was worked out
	Sums   reportSums    `json:"sums"`
	People int64         `json:"people"` // who earned
	Buyers int64         `json:"buyers"` // who had something handed over, each once
	Honour int64         `json:"honour"` // minutes that were entered afterwards
	Towns  []reportPart  `json:"towns"`
	Kiosks []reportPart  `json:"kiosks"`
	Goods  []reportGood  `json:"goods"`
	Events []reportEvent `json:"events"`
	Later  []reportLater `json:"later"`
}

// Worked is when the figures were worked out.
func (r reportBody) Worked() time.Time { return time.UnixMilli(r.At) }

// Silent are the kiosks that had not been heard of since the end of the days.
func (r reportBody) Silent() (list []reportPart) {
	for _, k := range r.Kiosks {
		if k.Silent {
			list = append(list, k)
		}
	}
	return list
}

// Empty tells that nothing happened.
func (r reportBody) Empty() bool {
	return r.Sums == (reportSums{}) && len(r.Goods) == 0 && len(r.Events) == 0 && r.Honour == 0
}

// freeze writes the figures as they are signed.
func (r reportBody) freeze() ([]byte, error) { return json.Marshal(r) }

// eventKinds are the acts that a report names.
var eventKinds = []string{"kiosk.stopped", "kiosk.lifted", "kiosk.revoked", "loss.proposed", "loss.confirmed", "loss.dropped"}

// reporter works out one report.
type reporter struct {
	c        *console
	ctx      context.Context
	tree     map[string]store.Scope
	stations []station // in the place
	body     reportBody
}

// reporter makes ready to report on a place that the officer sees.
func (c *console) reporter(a *ask, place string, span store.Span, first ledger.Day) (*reporter, error) {
	tree, err := c.scopesByID(a)
	if err != nil {
		return nil, err
	}
	if _, known := tree[place]; !known {
		return nil, store.ErrUnknown
	}
	all, err := c.stations(a)
	if err != nil {
		return nil, err
	}
	r := &reporter{c: c, ctx: a.Context(), tree: tree}
	r.body = reportBody{Place: place, Name: tree[place].Name, Span: span, First: first, Last: lastOf(span, first), At: c.Now().UnixMilli()}
	for _, s := range all {
		if r.has(s.ID) && s.Epoch > 0 {
			r.stations = append(r.stations, s)
		}
	}
	return r, nil
}

// lastOf is the last day of a stretch.
func lastOf(span store.Span, first ledger.Day) ledger.Day {
	if span == store.SpanMonth {
		_, last := store.MonthOf(first)
		return last
	}
	return first + 6
}

// has tells whether somewhere lies in the place.
func (r *reporter) has(id string) bool { return childOf(r.body.Place, id, r.tree) != "" }

// work works out everything but what came later.
func (r *reporter) work(a *ask) error {
	for _, part := range []func() error{r.kiosks, r.towns, func() error { return r.stock(a) }, r.events} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// days are what the kiosks of the place came to: their days in a week, and their months
// beside the days that are not in them yet.
func (r *reporter) days() ([]store.KioskDay, error) {
	if r.body.Span == store.SpanMonth {
		return r.c.Store.KioskMonth(r.ctx, r.body.First, r.has)
	}
	return r.c.Store.KioskDays(r.ctx, r.body.First, r.body.Last, r.has)
}

// kiosks adds up what was redeemed.
func (r *reporter) kiosks() error {
	days, err := r.days()
	if err != nil {
		return err
	}
	sums, of := make(map[string]reportSums), make(map[string][]store.KioskDay)
	goods := make(map[string]store.GoodDay)
	for _, d := range days {
		sums[d.Kiosk] = sums[d.Kiosk].plus(sumsOfKiosk(store.KioskSum{Settled: d.Settled, Spent: d.Spent, Refunded: d.Refunded, Back: d.Back}), 1)
		of[d.Kiosk] = append(of[d.Kiosk], d)
		for code, g := range d.Goods {
			goods[code] = goods[code].Add(g)
		}
	}
	end, now := r.c.start(r.body.Last+1), r.c.Now()
	r.body.Kiosks = []reportPart{}
	for _, s := range r.stations {
		p := reportPart{ID: s.ID, Name: s.Name, Sums: sums[s.ID], People: store.Headcount(of[s.ID]), Silent: !s.Revoked && s.Seen.Before(end) && (end.Before(now) || !s.Online)}
		if !s.Seen.IsZero() {
			p.Seen = s.Seen.UnixMilli()
		}
		r.body.Kiosks = append(r.body.Kiosks, p)
		r.body.Sums = r.body.Sums.plus(p.Sums, 1)
	}
	r.body.Buyers = store.Headcount(days)
	r.body.Goods = []reportGood{}
	for code, g := range goods {
		r.body.Goods = append(r.body.Goods, reportGood{Code: code, Name: code, GoodDay: g})
	}
	slices.SortFunc(r.body.Goods, func(x, y reportGood) int { return cmp.Or(cmp.Compare(y.Sold, x.Sold), cmp.Compare(x.Code, y.Code)) })
	return nil
}

// towns adds up what was earned.
func (r *reporter) towns() error {
	days, err := r.c.Store.TownDays(r.ctx, r.body.Span, r.body.First, r.body.First, r.has)
	if err != nil {
		return err
	}
	honour, err := r.c.Store.HonourMinutes(r.ctx, r.body.First, r.body.Last)
	if err != nil {
		return err
	}
	for town, minutes := range honour {
		if r.has(town) {
			r.body.Honour += minutes
		}
	}
	r.body.Towns = []reportPart{}
	for _, d := range days {
		p := reportPart{ID: d.Town, Name: cmp.Or(r.tree[d.Town].Name, d.Town), Sums: sumsOfTown(d), People: d.People}
		r.body.Towns = append(r.body.Towns, p)
		r.body.Sums, r.body.People = r.body.Sums.plus(p.Sums, 1), r.body.People+d.People
	}
	return nil
}

// stock says what is left of each good, and what it is called.
func (r *reporter) stock(a *ask) error {
	figures, _, err := r.c.owed.get(a.Context())
	if err != nil {
		return err
	}
	at := make(map[string]int)
	for i, g := range r.body.Goods {
		at[g.Code] = i
	}
	for _, s := range figures.Stands {
		if !r.has(s.Kiosk) {
			continue
		}
		i, known := at[s.Good.Code]
		if !known && s.OnHand() == 0 {
			continue
		}
		if !known {
			i = len(r.body.Goods)
			at[s.Good.Code] = i
			r.body.Goods = append(r.body.Goods, reportGood{Code: s.Good.Code, Name: s.Good.Code})
		}
		g := &r.body.Goods[i]
		g.Left += s.OnHand()
		if s.Good.Name != "" {
			g.Name, g.Unit = s.Good.Name, s.Good.Unit
			if s.Good.Size != "" {
				g.Name += " " + s.Good.Size
			}
		}
	}
	return nil
}

// events names write-offs and quarantines.
func (r *reporter) events() error {
	r.body.Events = []reportEvent{}
	for _, kind := range eventKinds {
		q := store.ActQuery{Kind: kind, From: r.c.start(r.body.First), Before: store.ActMark{Made: r.c.start(r.body.Last + 1)}, Limit: maxEvents}
		acts, err := r.c.Store.Audit(r.ctx, q)
		if err != nil {
			return err
		}
		for _, a := range acts {
			if r.has(a.Place) {
				r.body.Events = append(r.body.Events, reportEvent{Kind: a.Kind, Place: a.Place, Who: a.Who, Made: a.Made.UnixMilli(), Before: a.Body.Before, After: a.Body.After})
			}
		}
	}
	slices.SortStableFunc(r.body.Events, func(x, y reportEvent) int { return cmp.Compare(x.Made, y.Made) })
	return nil
}

// reportTotal is one line of the sums, called center.report.total.WORD.
type reportTotal struct {
	Word  string
	Value int64
}

// Totals are the sums, in the order of the report.
func (r reportBody) Totals() []reportTotal {
	s := r.Sums
	return []reportTotal{{"earned", int64(s.Earned)}, {"taken", int64(s.Taken)}, {"minutes", s.Minutes}, {"honour", r.Honour}, {"lines", s.Lines}, {"people", r.People},
		{"settled", s.Settled}, {"spent", int64(s.Spent)}, {"refunded", s.Refunded}, {"back", int64(s.Back)}, {"buyers", r.Buyers}, {"corrections", s.Corrections}}
}
