package center

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yizhan/center/store"
	"yizhan/ledger"
)

// lotsPage is the lots behind a sum of the books.
type lotsPage struct {
	Show    string // one of lotShows
	Filters []listFilter
	Rows    []lotRow
	First   string // the page with the first; "": it is this one
	Next    string
}

// lotRow is one lot.
type lotRow struct {
	store.LotOf
	Name string
}

var lotShows = []string{store.LotsAll, store.LotsFree, store.LotsExpired}

// lots lists the lots of everybody; those of one town are on its volunteers' accounts.
func (c *console) lots(a *ask) error {
	if !a.area.whole {
		return errArea{""}
	}
	q := a.URL.Query()
	p := lotsPage{Show: q.Get("show")}
	if !slices.Contains(lotShows, p.Show) {
		p.Show = store.LotsAll
	}
	for _, word := range lotShows {
		p.Filters = append(p.Filters, listFilter{Word: word, To: "/lots?show=" + word, On: word == p.Show})
	}
	after := lotMark(q.Get("after"))
	list, err := c.Store.Lots(a.Context(), p.Show, after, lotRows+1)
	if err != nil {
		return err
	}
	if !after.Volunteer.IsZero() {
		p.First = "/lots?show=" + p.Show
	}
	if len(list) > lotRows {
		list = list[:lotRows]
		last := list[lotRows-1]
		p.Next = "/lots?show=" + p.Show + "&after=" + url.QueryEscape(strconv.FormatInt(int64(last.Expires), 10)+" "+last.Volunteer.String())
	}
	var ids []ledger.ID
	for _, l := range list {
		ids = append(ids, l.Volunteer)
	}
	named, err := c.Store.Named(a.Context(), ids)
	for _, l := range list {
		p.Rows = append(p.Rows, lotRow{l, cmp.Or(named[l.Volunteer].Name, l.Volunteer.String())})
	}
	if err != nil {
		return err
	}
	return c.show(a, page{word: "lots", data: p})
}

// lotMark reads behind which lot a page begins; what is no mark is the beginning.
func lotMark(text string) store.LotOf {
	day, id, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(day, 10, 32)
	who, bad := ledger.ParseID(id)
	if err != nil || bad != nil {
		return store.LotOf{}
	}
	return store.LotOf{Volunteer: who, Lot: store.Lot{Expires: ledger.Day(n)}}
}
