package center

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// listQuery is what the address of a list of goods or stock says: everything that
// decides what is shown, so that a page can be kept and sent.
type listQuery struct {
	Path string     // of the page
	At   string     // the place or kiosk
	Good string     // code; "": all
	Show string     // the filter; "": everything
	Text string     // in names and codes
	Sort string     // a column
	Page int        // from 1
	More url.Values // filters that only this list has
}

// readListQuery reads an address. The first of sorts is the usual one; what is not
// among shows and sorts counts as if it were not there. More are the filters that only
// this list has.
func readListQuery(path string, q url.Values, shows, sorts []string, more ...string) listQuery {
	l := listQuery{Path: path, At: q.Get("at"), Good: q.Get("good"), Show: q.Get("show"), Text: strings.TrimSpace(q.Get("q")), Sort: q.Get("sort"), Page: 1}
	if !slices.Contains(shows, l.Show) {
		l.Show = ""
	}
	if !slices.Contains(sorts, l.Sort) {
		l.Sort = sorts[0]
	}
	if len(l.Text) > maxFieldBytes {
		l.Text = ""
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		l.Page = n
	}
	l.More = make(url.Values)
	for _, name := range more {
		if text := q.Get(name); text != "" && len(text) <= maxFieldBytes && utf8.ValidString(text) {
			l.More.Set(name, text)
		}
	}
	return l
}

// To is the address of the page that shows it.
func (l listQuery) To() string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("at", l.At)
	set("good", l.Good)
	set("show", l.Show)
	set("q", l.Text)
	set("sort", l.Sort)
	for name := range l.More {
		set(name, l.More.Get(name))
	}
	if l.Page > 1 {
		set("page", strconv.Itoa(l.Page))
	}
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

func (l listQuery) with(change func(*listQuery)) string {
	l.Page = 1
	change(&l)
	return l.To()
}

// listFilter is a key that shows a part of a list, or all of it.
type listFilter struct {
	Word, Icon, Class string
	N                 int
	To                string
	On                bool
}

type listColumn struct {
	Word   string
	To     string // sorts by it; "": cannot be sorted by
	On     bool
	Number bool
	Down   bool // the largest first
}

// listPart is the part of a list that one page shows, and the keys around it.
type listPart struct {
	Query      listQuery
	Filters    []listFilter
	Columns    []listColumn
	From, To   int // which of Found are shown
	Found      int
	Prev, Next string
}

// cut takes the page that the query wants out of n rows: rows[low:high].
func (p *listPart) cut(n int) (low, high int) {
	last := max(1, (n+listRows-1)/listRows)
	q := &p.Query
	q.Page = min(q.Page, last)
	low, high = (q.Page-1)*listRows, min(q.Page*listRows, n)
	p.From, p.To, p.Found = min(low+1, high), high, n
	if at := q.Page; at > 1 {
		p.Prev = q.with(func(q *listQuery) { q.Page = at - 1 })
	}
	if at := q.Page; at < last {
		p.Next = q.with(func(q *listQuery) { q.Page = at + 1 })
	}
	return low, high
}

// columns adds the columns by their words; those in sorts can be sorted by, those
// in numbers stand to the right.
func (p *listPart) columns(words, sorts, numbers, down []string) {
	for _, word := range words {
		c := listColumn{Word: word, On: p.Query.Sort == word, Number: slices.Contains(numbers, word), Down: slices.Contains(down, word)}
		if slices.Contains(sorts, word) {
			c.To = p.Query.with(func(q *listQuery) { q.Sort = word })
		}
		p.Columns = append(p.Columns, c)
	}
}
