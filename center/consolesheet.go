package center

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// sheetPage is a settlement sheet: closed, or as it would be closed now.
type sheetPage struct {
	store.Sheet
	Merchant store.Merchant
	Place    string
	Open     bool // it is not closed yet
	First    bool // the merchant has no other: the first day can be chosen
	Lines    []sheetLine
	Fixed    []sheetLine // corrections: of days before, which came too late for their sheet
	Heads    []store.SheetHead
	Last     int64             // number of the newest sheet that stands; 0: none
	Problem  string            // center.sheet.problem.WORD
	Address  string            // its query, for pages about it
	Request  string            // of the form that closes it
	Moved    bool              // it is not what the officer saw
	Wrong    map[string]string // what was typed as an agreed value and is no amount of money, by code
}

// sheetLine is one good of a sheet.
type sheetLine struct {
	Code   string
	Good   store.Agreed
	Sold   store.Sold
	Pieces int64 // handed over less refunded
	Points ledger.Points
	Value  int64  // fen
	Typed  string // the agreed value as it was typed
	Wrong  bool   // that is no amount of money
	To     string // the redemptions behind the line
}

// Total of the lines and the corrections, in fen.
func (p sheetPage) Value() int64 { _, _, fen := p.Total(); return fen }

// Net is the pieces that are settled.
func (p sheetPage) Net() int64 { n, _, _ := p.Total(); return n }

// Cost is the points that they cost.
func (p sheetPage) Cost() ledger.Points { _, points, _ := p.Total(); return points }

// TypedOf is the agreed value of a good as a form has it.
func (p sheetPage) TypedOf(code string) string { return typedYuan(p.Goods[code].Fen) }

// Shut is the sheet with nothing to type.
func (p sheetPage) Shut() sheetPage { p.Open = false; return p }

// Closed is when it was closed.
func (p sheetPage) Closed() time.Time { return time.UnixMilli(p.MadeMS) }

// MayClose tells whether there is something to close.
func (p sheetPage) MayClose() bool { return p.Open && p.Problem == "" }

func (c *console) sheet(a *ask) error {
	p, err := c.readSheet(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "sheet", title: p.Merchant.Name, data: p})
}

// readSheet reads the sheet that the path names, or works out the next one.
func (c *console) readSheet(a *ask) (p sheetPage, err error) {
	if p.Merchant, err = c.merchantOf(a); err != nil {
		return p, err
	}
	scopes, err := c.Store.Scopes(a.Context(), p.Merchant.Scope)
	if err != nil {
		return p, err
	}
	p.Place = scopes[0].Name
	if p.Heads, err = c.Store.SheetsOf(a.Context(), p.Merchant.Scope, p.Merchant.ID); err != nil {
		return p, err
	}
	for _, h := range p.Heads {
		if h.State == store.SheetClosed {
			p.Last = h.N
			break
		}
	}
	n := a.PathValue("n")
	if n == "" || n == nextSheet {
		err = c.workOut(a, &p)
	} else {
		var number int64
		if number, err = strconv.ParseInt(n, 10, 32); err != nil || strconv.FormatInt(number, 10) != n {
			return p, store.ErrUnknown
		}
		p.Sheet, err = c.Store.Sheet(a.Context(), p.Merchant.Scope, p.Merchant.ID, number)
	}
	p.fill(cmp.Or(n, nextSheet))
	return p, err
}

// workOut fills in the sheet that would be closed now.
func (c *console) workOut(a *ask, p *sheetPage) error {
	p.Open, p.First = true, p.Last == 0
	p.Scope, p.Sheet.Merchant, p.Name = p.Merchant.Scope, p.Merchant.ID, p.Merchant.Name
	var behind *store.Sheet
	if p.Last > 0 {
		last, err := c.Store.Sheet(a.Context(), p.Merchant.Scope, p.Merchant.ID, p.Last)
		if err != nil {
			return err
		}
		behind = &last
	}
	c.period(a, p, behind)
	if p.Problem != "" {
		return nil
	}
	tree, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	kiosks := kiosksOf(area{}, p.Merchant.Scope, tree)
	if p.Parts, err = c.Store.SheetParts(a.Context(), kiosks, behind, p.Since, p.From, p.To); err != nil {
		return err
	}
	if err := c.onlyOf(a, p); err != nil {
		return err
	}
	c.agree(a, p, behind)
	return nil
}

// period works out which days the next sheet is of: from the day after the last one,
// to the end of that month, or to yesterday; the address may say otherwise.
func (c *console) period(a *ask, p *sheetPage, behind *store.Sheet) {
	yesterday := c.day() - 1
	if behind != nil {
		p.From, p.Since = behind.To+1, behind.Since
	} else {
		today := c.day().Time()
		p.From = ledger.DayOf(today.AddDate(0, -1, 1-today.Day())) // last month's first day
		if day, ok := typedDay(a.FormValue("from")); ok {
			p.From = day
		}
		p.Since = p.From
	}
	p.To = min(monthEnd(p.From), yesterday)
	if day, ok := typedDay(a.FormValue("to")); ok {
		p.To = day
	}
	switch {
	case p.From > yesterday:
		p.Problem = "early"
	case p.To < p.From:
		p.Problem = "order"
	case p.To > yesterday:
		p.Problem = "late"
	}
}

// typedDay reads a day from a form.
func typedDay(text string) (ledger.Day, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, false
	}
	d := ledger.DayOf(t)
	return d, d > 0 && d < ledger.MaxDay
}

// onlyOf leaves of what the chains bring the goods that come from the merchant, as
// each kiosk knows them.
func (c *console) onlyOf(a *ask, p *sheetPage) error {
	r, err := c.redemptionReader(a, redemptionsQuery{})
	if err != nil {
		return err
	}
	p.Goods = make(map[string]store.Agreed)
	for i := range p.Parts {
		part := &p.Parts[i]
		for _, goods := range []*map[string]store.Sold{&part.Goods, &part.Fixed} {
			for _, code := range slices.Collect(maps.Keys(*goods)) {
				if err := r.learn([]store.Redeemed{{Redemption: ledger.Redemption{Reserve: ledger.Reserve{Good: code}}}}); err != nil {
					return err
				}
				good := r.good(part.Kiosk, code)
				if good.Merchant != p.Merchant.ID {
					delete(*goods, code)
					continue
				}
				p.Goods[code] = store.Agreed{Title: cmp.Or(goodTitle(a, good), code), Unit: good.Unit}
			}
		}
	}
	return nil
}

// agree fills in what a piece is worth: as it was typed, or as in the sheet before.
func (c *console) agree(a *ask, p *sheetPage, behind *store.Sheet) {
	p.Wrong = make(map[string]string)
	for code, good := range p.Goods {
		if behind != nil {
			good.Fen = behind.Goods[code].Fen
		}
		if a.FormValue("fen") != "" {
			text := strings.TrimSpace(a.FormValue("fen-" + code))
			fen, ok := parseYuan(text)
			if good.Fen = fen; !ok {
				p.Problem, p.Wrong[code] = "value", text[:min(len(text), maxFieldBytes)]
			}
		}
		p.Goods[code] = good
	}
	q := url.Values{"from": {dayWord(p.From)}, "to": {dayWord(p.To)}, "fen": {"1"}}
	for code, good := range p.Goods {
		q.Set("fen-"+code, typedYuan(good.Fen))
	}
	p.Address = "?" + q.Encode()
}

// dayWord writes a day as forms do.
func dayWord(d ledger.Day) string { return d.Time().Format(time.DateOnly) }

// fill adds up the lines.
func (p *sheetPage) fill(n string) {
	main, fixed := make(map[string]store.Sold), make(map[string]store.Sold)
	for _, part := range p.Parts {
		for code, sold := range part.Goods {
			main[code] = main[code].Add(sold)
		}
		for code, sold := range part.Fixed {
			fixed[code] = fixed[code].Add(sold)
		}
	}
	p.Lines, p.Fixed = p.lines(main, n, ""), p.lines(fixed, n, "fixed")
}

// lines are goods by name; behind each stands the page of its redemptions.
func (p *sheetPage) lines(goods map[string]store.Sold, n, which string) (lines []sheetLine) {
	for code, sold := range goods {
		q := url.Values{}
		if p.Open {
			q.Set("from", dayWord(p.From))
			q.Set("to", dayWord(p.To))
		}
		if which != "" {
			q.Set("which", which)
		}
		l := sheetLine{Code: code, Good: p.Goods[code], Sold: sold, To: withQuery(sheetPath(p.Merchant.ID, n, "lines", code), q)}
		l.Pieces, l.Points = sold.Net()
		l.Value, l.Typed = l.Pieces*l.Good.Fen, typedYuan(l.Good.Fen)
		if text, wrong := p.Wrong[code]; wrong {
			l.Typed, l.Wrong = text, true
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(x, y sheetLine) int {
		return cmp.Or(cmp.Compare(x.Good.Title, y.Good.Title), cmp.Compare(x.Code, y.Code))
	})
	return lines
}

// withQuery is a path with what its query says.
func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
