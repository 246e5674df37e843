package center

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// reportsPage lists the weeks or months of one place.
type reportsPage struct {
	Place  place
	Places []place
	Span   store.Span
	Weeks  string // the other list
	Months string
	Rows   []reportRow
}

// reportRow is one week or month.
type reportRow struct {
	First, Last ledger.Day
	Number      string
	Running     bool
	Due         bool // it is the last one that is over
	Signed      bool
	Report      store.SignedReport
	To          string
}

// spanWords are what addresses call the stretches that there are reports of.
var spanWords = []store.Span{store.SpanWeek, store.SpanMonth}

func (c *console) reports(a *ask) error {
	places, err := c.places(a)
	if err != nil {
		return err
	}
	at := a.URL.Query().Get("at")
	if at == "" {
		if at, err = c.topOf(a); err != nil {
			return err
		}
	} else if err := a.reaches(at); err != nil {
		return err
	}
	p := reportsPage{Places: places, Span: store.Span(a.URL.Query().Get("of"))}
	if !slices.Contains(spanWords, p.Span) {
		p.Span = store.SpanWeek
	}
	if p.Place, err = c.onePlace(a, at); err != nil {
		return err
	}
	p.Weeks, p.Months = reportsPath(at, store.SpanWeek), reportsPath(at, store.SpanMonth)
	if p.Rows, err = c.reportRows(a, at, p.Span); err != nil {
		return err
	}
	return c.show(a, page{word: "reports", data: p})
}

// reportsPath is the address of the list of a place's weeks or months.
func reportsPath(at string, span store.Span) string {
	return "/reports?" + url.Values{"at": {at}, "of": {string(span)}}.Encode()
}

// reportPath is the address of one of them.
func reportPath(at string, span store.Span, first ledger.Day) string {
	return "/report/" + url.PathEscape(at) + "/" + string(span) + "/" + first.Time().Format("2006-01-02")
}

// reportRows are the stretches up to now, the latest first.
func (c *console) reportRows(a *ask, at string, span store.Span) ([]reportRow, error) {
	n, today := reportWeeks, c.day()
	first := store.WeekOf(today).Monday()
	if span == store.SpanMonth {
		n = reportMonths
		first, _ = store.MonthOf(today)
	}
	rows := make([]reportRow, n)
	for i := range rows {
		rows[i] = reportRow{First: first, Last: lastOf(span, first), Running: i == 0, Due: i == 1, To: reportPath(at, span, first), Number: weekSum{Week: store.WeekOf(first)}.Number()}
		if first--; span == store.SpanWeek {
			first = store.WeekOf(first).Monday()
		} else {
			first, _ = store.MonthOf(first)
		}
	}
	signed, err := c.Store.SignedReports(a.Context(), at, span, rows[n-1].First, today+1, n)
	for _, s := range signed {
		for i := range rows {
			if rows[i].First == s.Day {
				rows[i].Signed, rows[i].Report = true, s
			}
		}
	}
	return rows, err
}

// askedReport is which report an address names.
type askedReport struct {
	At    string
	Span  store.Span
	First ledger.Day
}

// readReport reads an address; the day is the first of its week or month.
func (c *console) readReport(a *ask) (q askedReport, err error) {
	q.At, q.Span = a.PathValue("at"), store.Span(a.PathValue("span"))
	day, err := ledger.ParseDay(a.PathValue("day"))
	q.First = day
	if err != nil || !slices.Contains(spanWords, q.Span) || q.Span == store.SpanWeek && store.WeekOf(day).Monday() != day || day > c.day() || day < 0 {
		return q, store.ErrUnknown
	}
	if first, _ := store.MonthOf(day); q.Span == store.SpanMonth && first != day {
		return q, store.ErrUnknown
	}
	return q, a.reaches(q.At)
}

// reportPage is one report.
type reportPage struct {
	reportBody
	Number  string // of a week
	Signed  bool
	By      store.SignedReport
	Running bool // its days are not over
	Since   []reportLater
	Lines   []auditLine // the events
	List    string
	Base    string // the report's address
	Prev    string // the stretch before
	MaySign bool
}

// Redeemed leads to the redemptions behind a number.
func (p reportPage) Redeemed(at, good, state string) string {
	q := redemptionsQuery{At: at, Good: good, State: state, From: p.First.Time().Format("2006-01-02"), To: p.Last.Time().Format("2006-01-02")}
	return q.path("/redemptions")
}

// reported is the report that an address names: as it was signed, or as it is now.
func (c *console) reported(a *ask) (p reportPage, err error) {
	q, err := c.readReport(a)
	if err != nil {
		return p, err
	}
	found, err := c.Store.SignedReports(a.Context(), q.At, q.Span, q.First, q.First+1, 1)
	if err != nil {
		return p, err
	}
	before, err := c.signedBefore(a, q.At, q.Span, q.First)
	if err != nil {
		return p, err
	}
	if len(found) > 0 {
		s, err := readSigned(found[0])
		if err != nil {
			return p, err
		}
		p.Signed, p.By, p.reportBody = true, s.Report, s.reportBody
		if p.Since, err = c.laterOf(a, q, s); err != nil {
			return p, err
		}
	} else {
		r, err := c.reporter(a, q.At, q.Span, q.First)
		if err != nil {
			return p, err
		}
		if err := r.work(a); err != nil {
			return p, err
		}
		p.reportBody = r.body
		if p.Later, err = c.later(a, before); err != nil {
			return p, err
		}
	}
	p.Running, p.MaySign = p.Last >= c.day(), a.may(powerSign)
	p.Number = weekSum{Week: store.WeekOf(p.First)}.Number()
	p.List, p.Base = reportsPath(q.At, q.Span), reportPath(q.At, q.Span, q.First)
	earlier := p.First - 1
	if q.Span == store.SpanWeek {
		earlier = store.WeekOf(earlier).Monday()
	} else {
		earlier, _ = store.MonthOf(earlier)
	}
	p.Prev = reportPath(q.At, q.Span, earlier)
	p.Lines, err = c.eventLines(a, p.Events)
	return p, err
}

// laterOf says what came in since a report was signed and stands in no later report.
func (c *console) laterOf(a *ask, q askedReport, s signed) ([]reportLater, error) {
	list, err := c.signedBefore(a, q.At, q.Span, c.day()+1)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(list, func(other signed) bool { return other.First == s.First }) {
		return nil, nil // so old that nothing more is looked for
	}
	all, err := c.later(a, list)
	return slices.DeleteFunc(all, func(l reportLater) bool { return l.Day != s.First }), err
}

// eventLines are acts as a person reads them.
func (c *console) eventLines(a *ask, events []reportEvent) (lines []auditLine, err error) {
	scopes, err := c.scopesByID(a)
	if err != nil {
		return nil, err
	}
	reader := &auditor{c: c, a: a, scopes: make(map[string]string)}
	for id, s := range scopes {
		reader.scopes[id] = s.Name
	}
	for _, e := range events {
		l := reader.line(e.act())
		l.What = strings.TrimSpace(l.What)
		lines = append(lines, l)
	}
	return lines, nil
}

func (c *console) report(a *ask) error {
	p, err := c.reported(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "report", title: c.reportTitle(a, p), data: p})
}

// reportTitle is what a report is called: 石桥村 周台账.
func (c *console) reportTitle(a *ask, p reportPage) string {
	return c.text(a, "center.report.title_"+string(p.Span), "place", cmp.Or(p.Name, p.Place))
}

// reportSign says what follows from signing.
func (c *console) reportSign(a *ask) error {
	p, err := c.reported(a)
	if err != nil {
		return err
	}
	if p.Signed || p.Running {
		a.redirect(p.Base)
		return nil
	}
	return c.show(a, page{word: "reportsign", title: c.text(a, "center.report.sign_title"), data: p})
}

// reportSignNow freezes the figures as they are at this moment.
func (c *console) reportSignNow(a *ask) error {
	p, err := c.reported(a)
	if err != nil {
		return err
	}
	if p.Running || p.Signed {
		return store.ErrState
	}
	body, err := p.freeze()
	if err != nil {
		return err
	}
	err = c.Store.SignReport(a.Context(), store.SignedReport{Scope: p.Place, Span: p.Span, Day: p.First, By: a.officer.Name, Body: body})
	if err != nil {
		return err
	}
	a.redirect(p.Base + "?done=signed")
	return nil
}
