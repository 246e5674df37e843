package center

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/sheet"
)

const placelistPath = "/placelist"

// listedPlace is one row of a list of places, as it would be typed, and what it
// would do.
type listedPlace struct {
	placeForm
	listed
	Seen string // store.Place.Stand of the place that it changes, when the list was looked at
}

// placelistPage asks for a list of places, and says what it would do before it does.
type placelistPage struct{ lookedList[listedPlace] }

// Columns are those of a row that are shown.
func (placelistPage) Columns() []string {
	return []string{"id", "name", "parent", "kind", "leader", "phone"}
}

func newPlacelist() placelistPage {
	return placelistPage{lookedList[listedPlace]{Word: "placelist", Here: placelistPath, Up: "/places"}}
}

func (c *console) placelist(a *ask) error {
	p := newPlacelist()
	return c.show(a, page{word: p.Word, data: p})
}

func (c *console) placelistNow(a *ask) error {
	p := newPlacelist()
	return takeList(c, a, &p, &p.lookedList, listKind[listedPlace]{most: maxPlaceList, done: p.Up + "?done=placelist", read: readSites,
		plan: func() error { return c.planPlaces(a, p.Rows) },
		take: func(rows []listedPlace) error { return c.takePlaces(a, rows) }})
}

// readSites reads the rows of a file.
func readSites(ctx context.Context, path string, row func(listedPlace) error, rejected func(sheet.Rejection) error) error {
	_, err := sheet.ReadPlaces(ctx, path, func(s sheet.Site) error {
		return row(listedPlace{listed: listed{Row: s.Row}, placeForm: placeForm{ID: strings.ToLower(s.Code), Name: s.Name, Parent: s.Parent, Kind: s.Kind,
			Leader: s.Leader, Phone: s.Phone, Address: s.Address, Position: s.Position, Venues: s.Venues, Platforms: s.Platforms}})
	}, rejected)
	return err
}

// planPlaces finds out what each row would do, and puts each behind the place that
// it belongs to. A place above is named by its code or, where only one is called so,
// by its name.
func (c *console) planPlaces(a *ask, rows []listedPlace) error {
	tree, err := c.tree(a)
	if err != nil {
		return err
	}
	byName := make(map[string][]string)
	inFile := make(map[string]int)
	for _, r := range tree.rows {
		byName[r.Name] = append(byName[r.Name], r.ID)
	}
	for i, r := range rows {
		if _, known := tree.at[r.ID]; !known {
			byName[r.Name] = append(byName[r.Name], r.ID)
		}
		inFile[r.ID] = i
	}
	words, tops := c.kindWords(), len(tree.rows)
	for i := range rows {
		r := &rows[i]
		if r.Parent == "" {
			tops++
		}
		_, inTree := tree.at[strings.ToLower(r.Parent)]
		_, inList := inFile[strings.ToLower(r.Parent)]
		switch ids := byName[r.Parent]; {
		case inTree || inList:
			r.Parent = strings.ToLower(r.Parent)
		case len(ids) == 1:
			r.Parent = ids[0]
		case r.Parent != "":
			r.Word = "parent"
		}
		kind, known := words[strings.ToLower(r.Kind)]
		if r.Kind != "" && !known {
			r.Word = "kind"
		}
		r.Kind = kind
		if err := c.planPlace(a, r, tree); err != nil {
			return err
		}
		if r.Parent == "" && r.Word == listedNew && (tops > 1 || !a.area.whole) {
			r.Word = "parent" // there is a top
		}
	}
	depth := func(r listedPlace) (n int) {
		for at := r.Parent; n <= maxDepth; n++ {
			i, more := inFile[at]
			if !more {
				break
			}
			at = rows[i].Parent
		}
		return n
	}
	depths := make(map[string]int)
	for _, r := range rows {
		depths[r.ID] = depth(r)
	}
	slices.SortStableFunc(rows, func(x, y listedPlace) int { return cmp.Compare(depths[x.ID], depths[y.ID]) })
	return nil
}

// kindWords are what people call the levels.
func (c *console) kindWords() map[string]string {
	words := map[string]string{"县": "center", "市": "center", "区": "center", "中心": "center", "镇": "town", "乡": "town", "乡镇": "town", "街道": "town", "所": "town",
		"村": "village", "社区": "village", "站": "village", "点": "point"}
	for _, kind := range civic.PlaceKinds {
		words[string(kind)] = string(kind)
		for _, lang := range assets.Langs {
			words[strings.ToLower(c.texts[lang].Text("center.places.show."+string(kind)))] = string(kind)
		}
	}
	return words
}

// planPlace tells what one row would do.
func (c *console) planPlace(a *ask, r *listedPlace, tree placeTree) error {
	i, known := tree.at[r.ID]
	switch {
	case r.Word != "":
		return nil
	case !goodScope(r.ID):
		r.Word = "code"
		return nil
	case !known:
		taken, err := c.taken(a, r.ID)
		if r.Word = listedNew; taken {
			r.Word = "elsewhere"
		}
		if _, problems := c.readPlace(r.placeForm); len(problems) > 0 {
			r.Word = "field"
		}
		return err
	}
	if r.Parent == "" { // a list of one town need not say where it belongs
		r.Parent = tree.rows[i].Parent
	}
	card, problems := c.readPlace(r.placeForm)
	if len(problems) > 0 {
		r.Word = "field"
		return nil
	}
	at, err := c.Store.Place(a.Context(), r.ID)
	if err != nil {
		return err
	}
	r.Seen = at.Stand
	if r.Word = listedChanged; at.Same(r.Name, r.Parent, card) {
		r.Word = listedSame
	}
	return nil
}

// takePlaces writes the rows, each as it was looked at. Those that cannot be written
// say why; the others stay.
func (c *console) takePlaces(a *ask, rows []listedPlace) error {
	for i := range rows {
		r := &rows[i]
		if r.Refused() || r.Word == listedSame {
			return errForm
		}
		card, problems := c.readPlace(r.placeForm)
		if len(problems) > 0 || !goodScope(r.ID) {
			return errForm
		}
		if r.Seen != "" {
			if err := a.reaches(r.ID); err != nil {
				return err
			}
		}
		if err := c.mayHang(a, *r, rows[:i]); err != nil {
			return err
		}
		err := c.Store.EditPlace(a.Context(), store.PlaceEdit{ID: r.ID, Seen: r.Seen, Name: r.Name, Parent: r.Parent, Place: card})
		switch {
		case errors.Is(err, store.ErrChanged):
			r.Word = "meanwhile"
		case errors.Is(err, store.ErrUnknown):
			r.Word = "parent"
		case errors.Is(err, store.ErrState):
			r.Word = "move"
		case err != nil:
			return err
		}
	}
	return nil
}

// mayHang refuses a row that belongs outside of the officer's area. The top of the
// area stays where it is.
func (c *console) mayHang(a *ask, r listedPlace, before []listedPlace) error {
	if r.ID == a.area.ID && !a.area.whole {
		at, err := c.Store.Place(a.Context(), r.ID)
		if err == nil && at.Parent != r.Parent {
			err = errArea{r.Parent}
		}
		return err
	}
	if r.Parent != "" && !a.area.has(r.Parent) && !c.added(before, r.Parent) {
		return errArea{r.Parent}
	}
	return nil
}

// added tells whether the same list has added a place.
func (c *console) added(rows []listedPlace, id string) bool {
	return slices.ContainsFunc(rows, func(r listedPlace) bool { return r.ID == id && r.Word == listedNew })
}

// placesXLSX writes the officer's part of the tree as a list that can be read back.
func (c *console) placesXLSX(a *ask) error {
	tree, err := c.tree(a)
	if err != nil {
		return err
	}
	a.w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	a.w.Header().Set("Content-Disposition", `attachment; filename="places-`+c.Now().In(c.Zone).Format("20060102-1504")+`.xlsx"`)
	file, err := newBookFile(a.w)
	if err != nil {
		return err
	}
	var header []string
	for _, word := range append([]string{"id"}, placeFields...) {
		header = append(header, c.text(a, "center.placelist.column."+word))
	}
	err = file.row(header)
	for _, r := range tree.rows {
		form := c.placeFormOf(a.lang, store.Place{Scope: r.Scope, Place: r.Place})
		if form.Kind != "" {
			form.Kind = c.text(a, "center.places.show."+form.Kind)
		}
		cells := []string{r.ID}
		for _, field := range placeFields {
			cells = append(cells, strings.TrimSpace(form.Value(field)))
		}
		err = cmp.Or(err, file.row(cells))
	}
	if err = cmp.Or(err, file.close()); err != nil {
		c.Log.Warn("console: a file of places broke off", "officer", a.officer.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
