package center

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/sheet"
)

// listedGood is one row of a list of goods, as it would be typed, and what it would
// do.
type listedGood struct {
	goodForm
	listed
	Was uint64 // version of the good that it changes, when the list was looked at
}

// goodlistPage asks for a list of goods, and says what it would do before it does.
type goodlistPage struct {
	lookedList[listedGood]
	Place place
	Stock bool // the list has stock, which is not written
}

// goodlistAt is the page for the place of the address.
func (c *console) goodlistAt(a *ask) (p goodlistPage, err error) {
	p.Place, err = c.onePlace(a, a.PathValue("at"))
	p.Word, p.Here, p.Up = "goodlist", "/goodlist/"+p.Place.ID, "/goods?at="+url.QueryEscape(p.Place.ID)
	return p, err
}

func (c *console) goodlist(a *ask) error {
	p, err := c.goodlistAt(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: p.Word, data: p})
}

func (c *console) goodlistNow(a *ask) error {
	p, err := c.goodlistAt(a)
	if err != nil {
		return err
	}
	return takeList(c, a, &p, &p.lookedList, listKind[listedGood]{most: maxGoodList, done: p.Up + "&done=goodlist", read: p.items,
		plan: func() error { return c.planGoods(a, &p) },
		take: func(rows []listedGood) error { return c.takeGoods(a, p.Place.ID, rows) }})
}

// items reads the rows of a file.
func (p *goodlistPage) items(ctx context.Context, path string, row func(listedGood) error, rejected func(sheet.Rejection) error) error {
	_, err := sheet.ReadGoods(ctx, path, func(i sheet.Item) error {
		f := goodForm{Code: i.Code, Name: i.Name, NameEN: i.NameEN, Size: i.Size, Unit: i.Unit, Category: i.Category, Price: strconv.FormatInt(i.Price, 10), Donor: i.Donor}
		if i.HasLimit {
			f.Limit = strconv.FormatInt(i.Limit, 10)
		}
		if !i.BestBefore.IsZero() {
			f.Best = i.BestBefore.String()
		}
		if slices.Contains(drawings(), i.Picture) {
			f.Picture = i.Picture
		}
		p.Stock = p.Stock || i.HasStock
		return row(listedGood{goodForm: f, listed: listed{Row: i.Row}})
	}, rejected)
	return err
}

// planGoods tells what each row would do. What the list does not say of a good that
// is there stays as it is.
func (c *console) planGoods(a *ask, p *goodlistPage) error {
	goods, err := c.Store.Goods(a.Context(), p.Place.ID)
	if err != nil {
		return err
	}
	here := make(map[string]civic.Good)
	for _, g := range goods {
		here[g.Code] = g
	}
	others, err := c.codesElsewhere(a, p.Place.ID)
	if err != nil {
		return err
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		old, known := here[r.Code]
		if known {
			r.fill(formOf(old))
		}
		g, problems := r.read(old)
		switch {
		case r.Code == "" || problems["code"] != "":
			r.Word = "code"
		case len(problems) > 0:
			r.Word = "field"
		case others[r.Code] != "":
			r.Word = "elsewhere"
		case !known:
			r.Word = listedNew
		case g == old:
			r.Word = listedSame
		default:
			r.Word, r.Was = listedChanged, old.Version
		}
	}
	return nil
}

// fill takes from another form what this one leaves empty.
func (f *goodForm) fill(from goodForm) {
	for _, field := range append([]string{"picture"}, goodFields...) {
		if here := f.at(field); *here == "" {
			*here = from.Value(field)
		}
	}
}

// takeGoods writes the rows, each over what was looked at. Those that cannot be
// written say why; the others stay.
func (c *console) takeGoods(a *ask, at string, rows []listedGood) error {
	here, err := c.Store.Goods(a.Context(), at)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		var old civic.Good
		if n := slices.IndexFunc(here, func(g civic.Good) bool { return g.Code == r.Code }); n >= 0 {
			old = here[n]
		}
		g, problems := r.read(old)
		if r.Refused() || len(problems) > 0 {
			return errForm
		}
		err := c.Store.PutGood(a.Context(), at, r.Was, g, nil)
		if errors.Is(err, store.ErrChanged) {
			r.Word = "meanwhile"
		} else if err != nil {
			return err
		}
	}
	return nil
}
