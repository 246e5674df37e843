package center

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/ledger"
)

// goodForm is the fields of a good as they are typed.
type goodForm struct {
	Code, Name, NameEN, Size, Unit, Category, Price, Limit, Donor, Best string
	Picture                                                             string // name of one that is there already, or of a drawing
	Merchant                                                            string // id
}

// goodFields are the names of the fields that are typed, in the form's order.
var goodFields = []string{"code", "name", "name_en", "size", "unit", "category", "price", "limit", "donor", "best"}

// at is the field of a name.
func (f *goodForm) at(field string) *string {
	return map[string]*string{"code": &f.Code, "name": &f.Name, "name_en": &f.NameEN, "size": &f.Size, "unit": &f.Unit, "category": &f.Category,
		"price": &f.Price, "limit": &f.Limit, "donor": &f.Donor, "best": &f.Best, "picture": &f.Picture, "merchant": &f.Merchant}[field]
}

// Value is what stands in a field.
func (f goodForm) Value(field string) string { return *f.at(field) }

// formOf writes a good as it would be typed.
func formOf(g civic.Good) goodForm {
	f := goodForm{Code: g.Code, Name: g.Name, NameEN: g.NameEN, Size: g.Size, Unit: g.Unit, Category: g.Category, Donor: g.Donor, Picture: g.Picture, Merchant: g.Merchant}
	if g.Price > 0 {
		f.Price = strconv.FormatInt(int64(g.Price), 10)
	}
	if g.Limit > 0 {
		f.Limit = strconv.FormatInt(g.Limit, 10)
	}
	if g.BestBefore != 0 {
		f.Best = g.BestBefore.Time().Format(time.DateOnly)
	}
	return f
}

// read makes the good of what was typed, over what stood there. Problems are by
// field: center.good.problem.WORD.
func (f goodForm) read(g civic.Good) (civic.Good, map[string]string) {
	problems := make(map[string]string)
	for _, field := range []string{"name", "name_en", "size", "unit", "category", "donor"} {
		text := f.Value(field)
		switch {
		case text == "" && (field == "name" || field == "unit"):
			problems[field] = "empty"
		case utf8.RuneCountInString(text) > store.MaxNameRunes:
			problems[field] = "long"
		}
	}
	g.Name, g.NameEN, g.Size, g.Unit, g.Category, g.Donor, g.Picture, g.Merchant = f.Name, f.NameEN, f.Size, f.Unit, f.Category, f.Donor, f.Picture, f.Merchant
	if g.Code = f.Code; !ledger.ValidGood(f.Code) {
		problems["code"] = "code"
	}
	n, err := strconv.ParseInt(f.Price, 10, 64)
	if err != nil || n < 1 || n > maxGoodPrice {
		problems["price"] = "price"
	}
	g.Price, g.Limit = ledger.Points(n), 0
	if f.Limit != "" {
		if g.Limit, err = strconv.ParseInt(f.Limit, 10, 64); err != nil || g.Limit < 0 || g.Limit > maxGoodLimit {
			problems["limit"] = "limit"
		}
	}
	g.BestBefore = 0
	if f.Best != "" {
		if g.BestBefore, err = ledger.ParseDay(f.Best); err != nil || g.BestBefore < 0 || g.BestBefore > ledger.MaxDay {
			problems["best"] = "best"
		}
	}
	return g, problems
}

// goodPage is the form of a good, new or one that stands there.
type goodPage struct {
	Place    place
	Form     goodForm
	Was      uint64 // version that the form began with; 0: the good is new
	Good     civic.Good
	State    goodRow
	Current  string // URL of the picture that it has
	Drawings []drawing
	Problems map[string]string
	Other    string // the place where the code stands already
	Changed  *store.Act
	Now      map[string]string // what stands there now, where the form says something else
	Acts     []store.Act
	MayAct   bool
	Photo    bool // one was sent, which a browser does not keep
	Price    pricePart
	Sellers  []store.Merchant // to choose from, the one that it is of included
}

// drawing is one of the pictures that are built in.
type drawing struct{ Name, URL string }

// New tells whether the good is being added.
func (p goodPage) New() bool { return p.Was == 0 }

// Problem is what is wrong with a field; "": nothing.
func (p goodPage) Problem(field string) string { return p.Problems[field] }

// Differs tells whether somebody else has saved another value of a field meanwhile.
func (p goodPage) Differs(field string) bool { _, ok := p.Now[field]; return ok }

// Fields are the names of the fields, for those who only read.
func (p goodPage) Fields() []string { return goodFields }

// Seller is the name of a merchant that can be chosen.
func (p goodPage) Seller(id string) string {
	for _, m := range p.Sellers {
		if m.ID == id {
			return m.Name
		}
	}
	return id
}

// Drawn tells whether the form's picture is one of the drawings.
func (p goodPage) Drawn() bool {
	return slices.ContainsFunc(p.Drawings, func(d drawing) bool { return d.Name == p.Form.Picture })
}

func (c *console) good(a *ask) error {
	at, g, err := c.oneGood(a)
	if err != nil {
		return err
	}
	return c.showGood(a, goodPage{Place: at, Form: formOf(g), Was: g.Version, Good: g})
}

func (c *console) addgood(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	return c.showGood(a, goodPage{Place: at})
}

// showGood completes the form by what stands around it.
func (c *console) showGood(a *ask, p goodPage) error {
	pictures, _, err := c.pictures(a, p.Place.ID)
	if err != nil {
		return err
	}
	for _, name := range drawings() {
		p.Drawings = append(p.Drawings, drawing{name, gallery{static: c.static}.url(name)})
	}
	if p.Sellers, err = c.sellers(a, p.Place.ID, p.Good.Merchant, p.Form.Merchant); err != nil {
		return err
	}
	p.Current, p.MayAct = pictures.url(p.Form.Picture), a.may(powerGoods)
	pg := page{word: "good", data: &p, title: c.text(a, "center.title.addgood")}
	if !p.New() {
		p.State = goodRow{Good: p.Good, Word: goodState(p.Good, c.day())}
		pg.title = goodTitle(a, p.Good)
		if p.Acts, err = c.goodActs(a, p.Place.ID, p.Good.Code); err != nil {
			return err
		}
		if p.Price.List, err = c.Store.Prices(a.Context(), p.Place.ID, p.Good.Code); err != nil {
			return err
		}
	}
	if len(p.Problems) > 0 || p.Changed != nil || p.Price.Problem != "" {
		pg.code = http.StatusUnprocessableEntity
	}
	return c.show(a, pg)
}

// goodActs is what was done to a good lately.
func (c *console) goodActs(a *ask, at, code string) (list []store.Act, err error) {
	acts, err := c.Store.Acts(a.Context(), at, 0, lookedActs)
	for _, act := range acts {
		if goodOfAct(act).Code == code && len(list) < shownActs {
			list = append(list, act)
		}
	}
	return list, err
}

// goodNow writes a good, new or changed.
func (c *console) goodNow(a *ask) error {
	p, picture, err := c.typedGood(a)
	if err != nil {
		return err
	}
	g, problems := p.Form.read(p.Good)
	for field, word := range problems {
		p.Problems[field] = word
	}
	if p.New() && problems["code"] == "" {
		if p.Other, err = c.elsewhere(a, p.Place.ID, g.Code); err != nil {
			return err
		}
		if p.Other != "" {
			p.Problems["code"] = "other"
		}
	}
	if g.Merchant != p.Good.Merchant && g.Merchant != "" {
		list, err := c.merchantsFor(a, p.Place.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(m store.Merchant) bool { return m.ID == g.Merchant }) {
			p.Problems["merchant"], p.Form.Merchant = "merchant", p.Good.Merchant
		}
	}
	if len(p.Problems) > 0 {
		return c.showGood(a, p)
	}
	if picture != nil {
		g.Picture = picture.Name
	}
	err = c.Store.PutGood(a.Context(), p.Place.ID, p.Was, g, picture)
	if errors.Is(err, store.ErrChanged) {
		return c.changedGood(a, p)
	}
	if err != nil {
		return err
	}
	a.redirect("/goods?at=" + url.QueryEscape(p.Place.ID) + "&done=good")
	return nil
}

// typedGood reads the form. A good that is changed keeps its code.
func (c *console) typedGood(a *ask) (p goodPage, picture *civic.Picture, err error) {
	if err := a.ParseMultipartForm(maxFormBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return p, nil, errors.Join(errForm, err)
	}
	p.Problems = make(map[string]string)
	for _, field := range append([]string{"picture", "merchant"}, goodFields...) {
		*p.Form.at(field) = plainText(a.typed(field))
	}
	if a.PathValue("code") == "" {
		p.Place, err = c.onePlace(a, a.PathValue("at"))
	} else {
		p.Place, p.Good, err = c.oneGood(a)
		p.Form.Code = p.Good.Code
		var bad error
		if p.Was, bad = strconv.ParseUint(a.typed("was"), 10, 64); bad != nil || p.Was == 0 {
			return p, nil, errors.Join(err, errForm)
		}
	}
	if err != nil {
		return p, nil, err
	}
	if picture, err = uploaded(a); errors.Is(err, issuer.ErrPicture) {
		p.Problems["photo"], err = "photo", nil
		picture = nil
	}
	p.Photo = picture != nil
	return p, picture, err
}

// plainText leaves out what no label shows.
func plainText(s string) string {
	out := []rune{}
	for _, r := range s {
		if !unicode.IsControl(r) {
			out = append(out, r)
		}
	}
	return string(out)
}

// changedGood shows the form as it was typed, beside what somebody else has saved
// meanwhile. Who saves it again has seen that.
func (c *console) changedGood(a *ask, p goodPage) error {
	list, err := c.Store.Documents(a.Context(), p.Place.ID, store.KindGood, []string{p.Form.Code})
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].Good == nil {
		return store.ErrState
	}
	if p.New() {
		p.Problems["code"] = "taken"
		return c.showGood(a, p)
	}
	p.Good = *list[0].Good
	p.Was, p.Now = p.Good.Version, make(map[string]string)
	now := formOf(p.Good)
	for _, field := range append([]string{"picture", "merchant"}, goodFields...) {
		if now.Value(field) != p.Form.Value(field) {
			p.Now[field] = now.Value(field)
		}
	}
	p.Changed = &store.Act{}
	if acts, err := c.goodActs(a, p.Place.ID, p.Good.Code); err != nil {
		return err
	} else if len(acts) > 0 {
		p.Changed = &acts[0]
	}
	return c.showGood(a, p)
}

// withdrawPage says what follows when a good is offered no more, or again.
type withdrawPage struct {
	Place   place
	Good    civic.Good
	Title   string // of the good
	Variant string // withdraw or offer
	Lines   []int
}

func (c *console) planWithdraw(a *ask) (withdrawPage, error) {
	at, g, err := c.oneGood(a)
	p := withdrawPage{Place: at, Good: g, Title: goodTitle(a, g), Variant: a.PathValue("verb"), Lines: []int{1, 2, 3}}
	switch {
	case err != nil:
	case p.Variant != "withdraw" && p.Variant != "offer":
		err = store.ErrUnknown
	case g.Withdrawn == (p.Variant == "withdraw"):
		err = store.ErrState
	}
	return p, err
}

func (c *console) withdraw(a *ask) error {
	p, err := c.planWithdraw(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "withdraw", title: c.text(a, "center.withdraw."+p.Variant+".title"), data: p})
}

func (c *console) withdrawNow(a *ask) error {
	p, err := c.planWithdraw(a)
	if err != nil {
		return err
	}
	g := p.Good
	g.Withdrawn = p.Variant == "withdraw"
	if err := c.Store.PutGood(a.Context(), p.Place.ID, g.Version, g, nil); err != nil {
		return err
	}
	a.redirect(goodPath(p.Place.ID, g.Code) + "?done=" + p.Variant)
	return nil
}

// goodOfAct is the good as an act left it; empty when the act is about none.
func goodOfAct(act store.Act) (g civic.Good) {
	if strings.HasPrefix(act.Kind, "good.") && json.Unmarshal(act.Body.After, &g) != nil {
		return civic.Good{}
	}
	return g
}

// goodChangeText says what an act changed of a good.
func goodChangeText(texts assets.Catalogue, act store.Act) string {
	var was civic.Good
	g := goodOfAct(act)
	if json.Unmarshal(act.Body.Before, &was) != nil {
		return g.Name
	}
	changes, before, after := []string{g.Name}, formOf(was), formOf(g)
	for _, field := range append([]string{"picture", "merchant"}, goodFields...) {
		if old, now := before.Value(field), after.Value(field); old != now && field == "merchant" {
			changes = append(changes, texts.Text("center.good.field."+field)) // ids say nothing
		} else if old != now {
			changes = append(changes, texts.Text("center.good.field."+field)+" "+cmp.Or(old, "–")+" → "+cmp.Or(now, "–"))
		}
	}
	return strings.Join(changes, "; ")
}
