package center

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
)

// placeForm is the fields of a place as they are typed.
type placeForm struct {
	ID, Name, Parent, Kind, Leader, Phone, Address, Position, Venues, Platforms string
}

// placeFields are the names of the fields that can be changed, in the form's order.
var placeFields = []string{"name", "parent", "kind", "leader", "phone", "address", "position", "venues", "platforms"}

// at is the field of a name.
func (f *placeForm) at(field string) *string {
	return map[string]*string{"name": &f.Name, "parent": &f.Parent, "kind": &f.Kind, "leader": &f.Leader, "phone": &f.Phone, "address": &f.Address,
		"position": &f.Position, "venues": &f.Venues, "platforms": &f.Platforms}[field]
}

// Value is what stands in a field.
func (f placeForm) Value(field string) string { return *f.at(field) }

// placeFormOf writes a place as it would be typed.
func (c *console) placeFormOf(lang assets.Lang, p store.Place) placeForm {
	return placeForm{ID: p.ID, Name: p.Name, Parent: p.Parent, Kind: string(p.Kind), Leader: p.Leader, Phone: p.Phone, Address: p.Address,
		Position: p.Position.String(), Venues: civic.VenuesText(p.Venues), Platforms: civic.PlatformsText(p.Platforms, c.platformNames(lang))}
}

// platformNames are what the seven are called in a language.
func (c *console) platformNames(lang assets.Lang) map[string]string {
	names := make(map[string]string)
	for _, code := range civic.StandardPlatforms {
		names[code] = c.texts[lang].Text("center.platform." + code)
	}
	return names
}

// platformCodes finds one of the seven by its code or by its name in any language.
func (c *console) platformCodes() map[string]string {
	codes := make(map[string]string)
	for _, code := range civic.StandardPlatforms {
		codes[code] = code
		for _, lang := range assets.Langs {
			codes[strings.ToLower(c.texts[lang].Text("center.platform."+code))] = code
		}
	}
	return codes
}

// read makes the place of what was typed. Problems are by field:
// center.place.problem.WORD.
func (c *console) readPlace(f placeForm) (p civic.Place, problems map[string]string) {
	problems = make(map[string]string)
	if !goodName(f.Name) {
		problems["name"] = "name"
	}
	var err error
	if p.Position, err = civic.ParsePosition(f.Position); err != nil {
		problems["position"] = "position"
	}
	p.Kind, p.Leader, p.Phone, p.Address = civic.PlaceKind(f.Kind), f.Leader, f.Phone, f.Address
	for field, one := range map[string]civic.Place{"kind": {Kind: p.Kind}, "leader": {Leader: p.Leader}, "phone": {Phone: p.Phone}, "address": {Address: p.Address}} {
		if one.Check() != nil {
			problems[field] = field
		}
	}
	p.Venues, p.Platforms = civic.ParseVenues(f.Venues), civic.ParsePlatforms(f.Platforms, c.platformCodes())
	if (civic.Place{Venues: p.Venues}).Check() != nil {
		problems["venues"] = "venues"
	}
	if (civic.Place{Platforms: p.Platforms}).Check() != nil {
		problems["platforms"] = "platforms"
	}
	if len(problems) == 0 && p.Check() != nil { // each of its lists is short enough, all together are not
		problems["venues"] = "much"
	}
	return p, problems
}

// placePage is one place: its form, or for who may not change it what is known.
type placePage struct {
	Form     placeForm
	Place    store.Place // as it stands
	Seen     string      // store.Place.Stand that the form began with; "": the place is new
	First    bool        // nothing stands in the tree yet: it is the top
	Row      placeRow
	Below    []placeRow
	Kiosks   []store.Scope
	Choices  []place // places that it can belong to
	Kinds    []string
	Problems map[string]string
	Now      map[string]string // what stands there now, where the form says something else
	Changed  *store.Act
	Acts     []store.Act
	MayAct   bool
}

// Fixed tells whether the place stays where it hangs: the top of the tree, or of the
// officer's area.
func (p placePage) Fixed() bool {
	return p.First || !p.New() && !slices.ContainsFunc(p.Choices, func(c place) bool { return c.ID == p.Place.Parent })
}

// New tells whether the place is to be added.
func (p placePage) New() bool { return p.Seen == "" }

// Lines and Texts are the fields of one line and of several, besides those that need
// more than a label.
func (placePage) Lines() []string { return []string{"leader", "phone", "address", "position"} }

// Texts: see Lines.
func (placePage) Texts() []string { return []string{"venues", "platforms"} }

// Problem is that of a field.
func (p placePage) Problem(field string) string { return p.Problems[field] }

// Differs tells whether somebody else has changed a field.
func (p placePage) Differs(field string) bool { _, ok := p.Now[field]; return ok }

// addplace shows the form of a new place, below the one that ?at= names.
func (c *console) addplace(a *ask) error {
	return c.showPlace(a, placePage{Form: placeForm{Parent: a.URL.Query().Get("at")}})
}

func (c *console) onePlaceCard(a *ask) (store.Place, error) {
	id := a.PathValue("place")
	if err := a.reaches(id); err != nil {
		return store.Place{}, err
	}
	return c.Store.Place(a.Context(), id)
}

func (c *console) placeCard(a *ask) error {
	at, err := c.onePlaceCard(a)
	if err != nil {
		return err
	}
	return c.showPlace(a, placePage{Form: c.placeFormOf(a.lang, at), Place: at, Seen: at.Stand})
}

func (c *console) showPlace(a *ask, p placePage) error {
	tree, err := c.tree(a)
	if err != nil {
		return err
	}
	p.MayAct, p.Kinds, p.First = a.may(powerManage), placeKindWords(), len(tree.rows) == 0 && a.area.whole
	if !p.New() {
		if err := c.aroundPlace(a, &p, tree); err != nil {
			return err
		}
	}
	for _, r := range tree.rows {
		if p.New() || !tree.within(r.ID, p.Place.ID) {
			p.Choices = append(p.Choices, r.place)
		}
	}
	code := 0
	if p.Changed != nil {
		code = http.StatusConflict
	} else if len(p.Problems) > 0 {
		code = http.StatusUnprocessableEntity
	}
	title := p.Place.Name
	if p.New() {
		title = c.text(a, "center.title.addplace")
	}
	return c.show(a, page{word: "place", title: title, data: p, code: code})
}

// aroundPlace finds what lies below a place and what was done there.
func (c *console) aroundPlace(a *ask, p *placePage, tree placeTree) (err error) {
	for _, r := range tree.rows {
		if r.ID == p.Place.ID {
			p.Row = r
		}
		if r.Parent == p.Place.ID && len(p.Below) < maxBelow {
			p.Below = append(p.Below, r)
		}
	}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	for _, s := range scopes {
		if _, below := tree.at[s.ID]; s.Parent == p.Place.ID && !below && len(p.Kiosks) < maxBelow {
			p.Kiosks = append(p.Kiosks, s)
		}
	}
	if a.may(powerAudit) {
		p.Acts, err = c.Store.Acts(a.Context(), p.Place.ID, 0, shownActs)
	}
	return err
}

func (c *console) placeNow(a *ask) error {
	p := placePage{Form: placeForm{ID: strings.ToLower(a.typed("id"))}, Seen: a.typed("seen")}
	for _, field := range placeFields {
		*p.Form.at(field) = plainText(a.typed(field))
	}
	p.Form.Venues, p.Form.Platforms = a.typedLines("venues"), a.typedLines("platforms")
	id := a.PathValue("place")
	if id != "" {
		at, err := c.onePlaceCard(a)
		if err != nil {
			return err
		}
		if p.Place = at; p.Seen == "" || at.Parent == "" && p.Form.Parent != "" {
			return errForm
		}
		if at.Parent != p.Form.Parent && a.area.ID == id { // the top of the officer's area
			return errArea{at.Parent}
		}
		p.Form.ID = id
	}
	card, problems := c.readPlace(p.Form)
	p.Problems = problems
	if err := c.checkPlaceAt(a, &p); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return c.showPlace(a, p)
	}
	err := c.Store.EditPlace(a.Context(), store.PlaceEdit{ID: p.Form.ID, Seen: p.Seen, Name: p.Form.Name, Parent: p.Form.Parent, Place: card})
	switch {
	case errors.Is(err, store.ErrChanged) && id != "":
		return c.changedPlace(a, p)
	case errors.Is(err, store.ErrChanged):
		p.Problems["id"] = "taken"
	case errors.Is(err, store.ErrState) && id == "":
		p.Problems["parent"] = "deep"
	case errors.Is(err, store.ErrState):
		p.Problems["parent"] = "move"
	case err != nil:
		return err
	}
	if len(p.Problems) > 0 {
		return c.showPlace(a, p)
	}
	done := "place"
	if id == "" {
		done = "scope"
	}
	a.redirect("/place/" + p.Form.ID + "?done=" + done)
	return nil
}

// checkPlaceAt holds that the place has a good id and hangs on a place of the
// officer's area. The top of the tree, and of the area, stays where it is.
func (c *console) checkPlaceAt(a *ask, p *placePage) error {
	if p.Place.ID == "" && !goodScope(p.Form.ID) {
		p.Problems["id"] = "scope"
	} else if p.Place.ID == "" {
		taken, err := c.taken(a, p.Form.ID)
		if err != nil {
			return err
		}
		if taken {
			p.Problems["id"] = "taken"
		}
	}
	if p.Place.ID != "" && p.Form.Parent == p.Place.Parent {
		return nil
	}
	if p.Form.Parent == "" && !a.area.whole {
		return errArea{""}
	}
	if p.Form.Parent == "" {
		root, err := c.Store.Root(a.Context())
		if err == nil && root.ID != "" {
			p.Problems["parent"] = "parent"
		}
		return err
	}
	if err := a.reaches(p.Form.Parent); err != nil {
		if _, unknown := c.Store.Scopes(a.Context(), p.Form.Parent); !errors.Is(unknown, store.ErrUnknown) {
			return err
		}
	}
	places, err := c.places(a)
	if err == nil && !slices.ContainsFunc(places, func(one place) bool { return one.ID == p.Form.Parent }) {
		p.Problems["parent"] = "parent"
	}
	return err
}

// changedPlace shows the form as it was typed, beside what somebody else has saved
// meanwhile. Who saves it again has seen that.
func (c *console) changedPlace(a *ask, p placePage) error {
	now, err := c.Store.Place(a.Context(), p.Form.ID)
	if err != nil {
		return err
	}
	p.Place, p.Seen, p.Now = now, now.Stand, make(map[string]string)
	stands := c.placeFormOf(a.lang, now)
	for _, field := range placeFields {
		if strings.TrimSpace(stands.Value(field)) != strings.TrimSpace(p.Form.Value(field)) {
			p.Now[field] = stands.Value(field)
		}
	}
	p.Changed = &store.Act{}
	if acts, err := c.Store.Acts(a.Context(), p.Form.ID, 0, 1); err != nil {
		return err
	} else if len(acts) > 0 {
		p.Changed = &acts[0]
	}
	return c.showPlace(a, p)
}
