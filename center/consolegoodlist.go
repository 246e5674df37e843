package center

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"yizhan/assets"
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

func (c *console) goodlist(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	return c.show(a, page{word: "goodlist", data: goodlistPage{Place: at}})
}

// goodlistNow looks at a list, and takes one that was looked at.
func (c *console) goodlistNow(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	if err := a.ParseMultipartForm(maxFormBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return errors.Join(errForm, err)
	}
	p := goodlistPage{Place: at}
	p.English = a.lang == assets.English
	if text := a.PostFormValue("list"); text != "" {
		if err := json.Unmarshal([]byte(text), &p.Rows); err != nil || len(p.Rows) > maxGoodList {
			return errForm
		}
		if err := c.takeGoods(a, at.ID, p.Rows); err != nil {
			return err
		}
		if p.Done = true; p.Count("refused") == 0 {
			a.redirect("/goods?at=" + url.QueryEscape(at.ID) + "&done=goodlist")
			return nil
		}
		return c.show(a, page{word: "goodlist", data: p})
	}
	if err := c.readGoodList(a, &p); err != nil {
		return err
	}
	code := 0
	if p.Error != nil || p.Large {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "goodlist", data: p, code: code})
}

// readGoodList reads the file that was sent and finds what it would do.
func (c *console) readGoodList(a *ask, p *goodlistPage) (err error) {
	p.File, p.Error, err = c.listFile(a, func(path string) error { return c.items(a, path, p) })
	if p.Error != nil {
		p.Rows, p.Rejected = nil, nil
	}
	if err != nil || p.Error != nil || p.Large {
		return err
	}
	if err := c.planGoods(a, p); err != nil {
		return err
	}
	return p.carry()
}

// items reads the rows of a file.
func (c *console) items(a *ask, path string, p *goodlistPage) error {
	errFull := errors.New("full")
	_, err := sheet.ReadGoods(a.Context(), path, func(i sheet.Item) error {
		if len(p.Rows) == maxGoodList {
			return errFull
		}
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
		p.Rows, p.Stock = append(p.Rows, listedGood{goodForm: f, listed: listed{Row: i.Row}}), p.Stock || i.HasStock
		return nil
	}, func(r sheet.Rejection) error {
		if len(p.Rejected) < shownRows {
			p.Rejected = append(p.Rejected, r)
		}
		return nil
	})
	if errors.Is(err, errFull) {
		p.Large, p.Rows, p.Rejected, err = true, nil, nil, nil
	}
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
