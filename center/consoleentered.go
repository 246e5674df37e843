package center

import (
	"net/url"

	"yizhan/center/store"
	"yizhan/civic"
)

// enteredPage is hours that were entered afterwards, for everybody to see, because
// entering them is how hours are forged. It names nobody in full, and no officer: a
// name to sign in with is for nobody to know.
type enteredPage struct {
	Rows  []enteredRow
	Next  string // the page behind this one
	First string // the first page; "": this is it
}

type enteredRow struct {
	store.Honour
	Name, Town string // masked; "": nobody knows any more
}

// enteredList is open to anybody, signed in or not.
func (c *console) enteredList(a *ask) error {
	behind := store.ParseAskedMark(a.URL.Query().Get("before"))
	list, err := c.Store.Honours(a.Context(), behind, listRows+1)
	if err != nil {
		return err
	}
	var p enteredPage
	if behind != (store.AskedMark{}) {
		p.First = "/entered"
	}
	if len(list) > listRows {
		list = list[:listRows]
		p.Next = "/entered?before=" + url.QueryEscape(list[listRows-1].Mark().String())
	}
	names, err := c.scopeNames(a)
	if err != nil {
		return err
	}
	for _, h := range list {
		row := enteredRow{Honour: h}
		r, err := c.Store.Record(a.Context(), h.Volunteer)
		if err != nil && !gone(err) {
			return err
		}
		row.Name, row.Town = civic.MaskName(r.Name), names[r.Town]
		p.Rows = append(p.Rows, row)
	}
	return c.show(a, page{word: "entered", data: p})
}
