package center

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// statRow is what is asked of a town: the share of its residents who are volunteers,
// hours, and how many take part on a day.
type statRow struct {
	ID, Name   string
	Residents  store.Residents
	Registered int64
	Minutes    int64 // credit time in the days
	Honour     int64 // minutes that were entered afterwards
	Earned     ledger.Points
	ManDays    int64 // people who earned, once a day
	Days       int64
}

// Share is how many of a thousand residents are registered; known is false while
// nobody has entered how many residents there are.
func (r statRow) Share() (perMille int64) {
	if r.Residents.Count == 0 {
		return 0
	}
	return (r.Registered*1000 + r.Residents.Count/2) / r.Residents.Count
}

// ShareText is the share in hundredths: 12.3%.
func (r statRow) ShareText() string { return fmt.Sprintf("%d.%d%%", r.Share()/10, r.Share()%10) }

// Tenths is the daily average of people who take part, in tenths.
func (r statRow) Tenths() int64 {
	if r.Days == 0 {
		return 0
	}
	return (r.ManDays*10 + r.Days/2) / r.Days
}

// Active is the daily average: 3.4.
func (r statRow) Active() string { return fmt.Sprintf("%d.%d", r.Tenths()/10, r.Tenths()%10) }

func (r *statRow) add(o statRow) {
	r.Registered, r.Minutes, r.Honour = r.Registered+o.Registered, r.Minutes+o.Minutes, r.Honour+o.Honour
	r.Earned, r.ManDays = r.Earned+o.Earned, r.ManDays+o.ManDays
}

// statsPage is the statistics by town, over statMonths months.
type statsPage struct {
	listPart
	Rows        []statRow
	Sum         statRow
	Covered     statRow // those with a number of residents, whose share is that of the sum
	First, Last ledger.Day
	Counted     ledger.Day // when people were last counted
	File        string
	MaySign     bool
}

var statSorts = []string{"name", "residents", "registered", "share", "hours", "honour", "active", "earned"}

func sortStats(word string) func(x, y statRow) int {
	by := map[string]func(r statRow) int64{
		"residents": func(r statRow) int64 { return r.Residents.Count }, "registered": func(r statRow) int64 { return r.Registered }, "share": statRow.Share,
		"hours": func(r statRow) int64 { return r.Minutes }, "honour": func(r statRow) int64 { return r.Honour }, "active": statRow.Tenths, "earned": func(r statRow) int64 { return int64(r.Earned) },
	}[word]
	return func(x, y statRow) int {
		first := 0
		if by != nil {
			first = cmp.Compare(by(y), by(x))
		}
		return cmp.Or(first, cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	}
}

// stats works out the statistics of the towns in the officer's area: over the
// statMonths months that end with yesterday, or with the day in the address.
func (c *console) stats(a *ask) (p statsPage, err error) {
	p.Query = readListQuery("/statistics", a.URL.Query(), nil, statSorts)
	p.Last = c.day() - 1
	p.First = ledger.DayOf(p.Last.Time().AddDate(0, -statMonths, 1))
	p.MaySign = a.may(powerSign)
	tree, err := c.scopesByID(a)
	if err != nil {
		return p, err
	}
	registered, err := c.Store.RegisteredOn(a.Context(), c.day())
	if err != nil {
		return p, err
	}
	sums, err := c.Store.TownSums(a.Context(), p.First, p.Last)
	if err != nil {
		return p, err
	}
	honour, err := c.Store.HonourMinutes(a.Context(), p.First, p.Last)
	if err != nil {
		return p, err
	}
	residents, err := c.Store.AllResidents(a.Context())
	if err != nil {
		return p, err
	}
	towns := make(map[string]bool)
	for town, r := range registered {
		towns[town], p.Counted = true, max(p.Counted, r.Day)
	}
	for town := range sums {
		towns[town] = true
	}
	for town := range residents {
		towns[town] = true
	}
	for town := range towns {
		if !a.area.has(town) {
			continue
		}
		r := statRow{ID: town, Name: cmp.Or(tree[town].Name, town), Residents: residents[town], Registered: registered[town].Registered, Minutes: sums[town].Minutes,
			Honour: honour[town], Earned: sums[town].Earned, ManDays: sums[town].ManDays, Days: int64(p.Last-p.First) + 1}
		p.Rows = append(p.Rows, r)
		p.Sum.add(r)
		if r.Residents.Count > 0 {
			p.Covered.add(r)
			p.Covered.Residents.Count += r.Residents.Count
		}
	}
	p.Sum.Days = int64(p.Last-p.First) + 1
	slices.SortFunc(p.Rows, sortStats(p.Query.Sort))
	p.File = "/statistics.xlsx?sort=" + p.Query.Sort
	return p, nil
}

func (c *console) statistics(a *ask) error {
	p, err := c.stats(a)
	if err != nil {
		return err
	}
	text := strings.ToLower(p.Query.Text)
	rows := slices.DeleteFunc(p.Rows, func(r statRow) bool { return !strings.Contains(strings.ToLower(r.Name+"\n"+r.ID), text) })
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns(statSorts, statSorts, statSorts[1:], statSorts[1:])
	return c.show(a, page{word: "statistics", data: p})
}

// statisticsXLSX is every town in a file.
func (c *console) statisticsXLSX(a *ask) error {
	p, err := c.stats(a)
	if err != nil {
		return err
	}
	return c.sendWorkbook(a, "statistics-"+p.Last.Time().Format("2006-01-02"), func(s *workbook) error {
		t := func(word string) string { return c.text(a, "center.statistics.column."+word) }
		s.head(c.text(a, "center.title.statistics"), p.First.Time().Format("2006-01-02"), p.Last.Time().Format("2006-01-02"))
		s.head(t("name"), t("residents"), t("year"), t("source"), t("registered"), t("share"), t("hours"), t("honour"), t("active"), t("earned"))
		for _, r := range p.Rows {
			s.row(r.Name, r.Residents.Count, r.Residents.Year, r.Residents.Source, r.Registered, r.ShareText(), assets.Hours(r.Minutes), assets.Hours(r.Honour), r.Active(), int64(r.Earned))
		}
		return nil
	})
}

// residentsPage is the form of how many people live in a place.
type residentsPage struct {
	Place               place
	Known               []store.Residents
	Year, Count, Source string // as they were typed
	Seen                store.Residents
	Problems            map[string]string // of fields: center.residents.problem.WORD
	Changed             *store.Residents  // what somebody else has entered meanwhile
}

// Problem is what is wrong with a field.
func (p residentsPage) Problem(field string) string { return p.Problems[field] }

func (c *console) residentsForm(a *ask) (p residentsPage, err error) {
	at := a.PathValue("at")
	if err := a.reaches(at); err != nil {
		return p, err
	}
	if p.Place, err = c.onePlace(a, at); err != nil {
		return p, err
	}
	p.Known, err = c.Store.ResidentsOf(a.Context(), at)
	p.Problems = make(map[string]string)
	return p, err
}

func (c *console) residents(a *ask) error {
	p, err := c.residentsForm(a)
	if err != nil {
		return err
	}
	p.Year = strconv.Itoa(c.Now().In(c.Zone).Year() - 1)
	if len(p.Known) > 0 {
		p.Seen = p.Known[0]
		p.Year, p.Count, p.Source = strconv.FormatInt(p.Seen.Year, 10), strconv.FormatInt(p.Seen.Count, 10), p.Seen.Source
	}
	return c.show(a, page{word: "residents", data: p})
}

// residentsNow enters the number. What somebody else entered for that year meanwhile
// is shown, and saving again is then a decision.
func (c *console) residentsNow(a *ask) error {
	p, err := c.residentsForm(a)
	if err != nil {
		return err
	}
	p.Year, p.Count, p.Source = a.typed("year"), a.typed("count"), a.typed("source")
	r := store.Residents{Source: p.Source, Who: a.officer.Name}
	if r.Year, err = strconv.ParseInt(p.Year, 10, 32); err != nil || r.Year < 1949 || r.Year > int64(c.Now().In(c.Zone).Year()) {
		p.Problems["year"] = "year"
	}
	if r.Count, err = strconv.ParseInt(strings.ReplaceAll(p.Count, ",", ""), 10, 64); err != nil || r.Count < 1 || r.Count > store.MaxResidents {
		p.Problems["count"] = "count"
	}
	if p.Source == "" || utf8.RuneCountInString(p.Source) > store.MaxNameRunes {
		p.Problems["source"] = "source"
	}
	if len(p.Problems) > 0 {
		return c.show(a, page{word: "residents", data: p, code: 422})
	}
	seenYear, _ := strconv.ParseInt(a.typed("seen_year"), 10, 32)
	seenCount, _ := strconv.ParseInt(a.typed("seen_count"), 10, 64)
	err = c.Store.PutResidents(a.Context(), p.Place.ID, r, store.Residents{Year: seenYear, Count: seenCount, Source: a.typed("seen_source")})
	if errors.Is(err, store.ErrChanged) {
		for _, known := range p.Known {
			if known.Year == r.Year {
				p.Changed, p.Seen = &known, known
			}
		}
		return c.show(a, page{word: "residents", data: p, code: 409})
	}
	if err != nil {
		return err
	}
	a.redirect("/statistics?done=residents")
	return nil
}
