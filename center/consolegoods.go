package center

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// goodsPage is the catalogue of one place: a kiosk, or a place whose kiosks all
// offer it.
type goodsPage struct {
	listPart
	Place  place
	Places []place         // to choose from
	Full   []place         // those where goods stand
	Above  []place         // where goods stand that this place offers too
	Seen   map[string]bool // of them, those that the officer may look at
	MayAct bool
	Rows   []goodRow
	All    int
}

// goodRow is one good of the catalogue.
type goodRow struct {
	civic.Good
	At      string
	Picture string // URL
	Word    string // of its state: one of goodStates
}

// States of a good as the catalogue knows them, the gravest first.
const (
	goodExpired   = "expired"
	goodSoon      = "soon" // its best-before day is near
	goodWithdrawn = "withdrawn"
	goodOffered   = "offered"
)

var (
	goodStates  = []string{goodExpired, goodSoon, goodOffered, goodWithdrawn}
	goodSorts   = []string{"name", "code", "category", "price", "best"}
	goodColumns = []string{"picture", "name", "code", "category", "price", "limit", "donor", "best", "state"}
)

// Icon and Class are the shape and the colour of the state.
func (g goodRow) Icon() string { return stateIcons[g.Word][0] }

// Class is the colour of the state.
func (g goodRow) Class() string { return stateIcons[g.Word][1] }

// stateIcons are the shape and the colour of each state of a good, of its stock, of a
// member of staff, and of what else has one.
var stateIcons = map[string][2]string{
	goodExpired: {"error", "is-error"}, goodSoon: {"clock", "is-warn"}, goodOffered: {"ok", "is-ok"}, goodWithdrawn: {"cross", "is-off"},
	staffActive: {"ok", "is-ok"}, staffCardless: {"card", "is-off"},
	stockShort: {"error", "is-error"}, stockEmpty: {"basket", "is-warn"}, stockLow: {"warn", "is-warn"}, stockIdle: {"cross", "is-off"}, stockOK: {"ok", "is-ok"},
	merchantEnding: {"clock", "is-warn"}, merchantEnded: {"error", "is-error"}, merchantLater: {"calendar", "is-off"}, merchantOn: {"ok", "is-ok"}, merchantClosed: {"cross", "is-off"},
	string(store.ActivityDraft): {"list", "is-off"}, string(store.ActivityReviewed): {"check", "is-warn"}, string(store.ActivityPublished): {"ok", "is-ok"},
	string(store.DeliverySent): {"truck", "is-warn"}, string(store.DeliveryReceived): {"ok", "is-ok"}, string(store.DeliveryDiffers): {"warn", "is-warn"}, string(store.DeliveryCancelled): {"return", "is-off"},
}

// goodState says how a good is on a day, whatever stands on the shelves.
func goodState(g civic.Good, today ledger.Day) string {
	switch {
	case g.Withdrawn:
		return goodWithdrawn
	case g.BestBefore != 0 && g.BestBefore < today:
		return goodExpired
	case g.BestBefore != 0 && g.BestBefore < today+bestSoonDays:
		return goodSoon
	}
	return goodOffered
}

// day is the day in the console's zone.
func (c *console) day() ledger.Day { return ledger.DayOf(c.Now().In(c.Zone)) }

func (c *console) goods(a *ask) error {
	p := goodsPage{listPart: listPart{Query: readListQuery("/goods", a.URL.Query(), goodStates, goodSorts)}}
	var err error
	if p.Places, p.Full, err = c.shops(a); err != nil {
		return err
	}
	p.MayAct, p.Seen = a.may(powerGoods), make(map[string]bool)
	with := p.Full
	p.Places, p.Full = a.within(p.Places), a.within(p.Full)
	if p.Query.At == "" {
		p.Query.At = usualPlace(p.Places, p.Full)
	}
	at := slices.IndexFunc(p.Places, func(s place) bool { return s.ID == p.Query.At })
	if at < 0 && p.Query.At != "" {
		if err := a.reaches(p.Query.At); err != nil {
			return err
		}
		return store.ErrUnknown
	}
	if at < 0 { // an empty center
		return c.show(a, page{word: "goods", data: p})
	}
	p.Place = p.Places[at]
	goods, err := c.Store.Goods(a.Context(), p.Place.ID)
	if err != nil {
		return err
	}
	pictures, above, err := c.pictures(a, p.Place.ID)
	if err != nil {
		return err
	}
	p.Above = slices.DeleteFunc(slices.Clone(with), func(s place) bool { return !slices.Contains(above, s.ID) })
	for _, s := range p.Above {
		p.Seen[s.ID] = a.area.has(s.ID)
	}
	p.fill(goods, pictures, c.day())
	return c.show(a, page{word: "goods", data: p})
}

// usualPlace is the place that is shown to those who name none: the first where
// goods stand, else the top.
func usualPlace(places, full []place) string {
	if len(full) > 0 {
		return full[0].ID
	}
	if len(places) == 0 {
		return ""
	}
	return slices.MinFunc(places, func(x, y place) int { return cmp.Compare(strings.Count(x.Path, " / "), strings.Count(y.Path, " / ")) }).ID
}

// within leaves the places that the officer may look at.
func (a *ask) within(places []place) []place {
	return slices.DeleteFunc(slices.Clone(places), func(s place) bool { return !a.area.has(s.ID) })
}

// shops lists all places and kiosks, and those of them where goods stand.
func (c *console) shops(a *ask) (all, full []place, err error) {
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return nil, nil, err
	}
	with, err := c.Store.GoodScopes(a.Context())
	if err != nil {
		return nil, nil, err
	}
	all = placesOf(scopes)
	for _, s := range all {
		if slices.Contains(with, s.ID) {
			full = append(full, s)
		}
	}
	return all, full, nil
}

// placesOf gives every scope its path, and sorts by it.
func placesOf(scopes []store.Scope) []place {
	byID := make(map[string]store.Scope, len(scopes))
	for _, s := range scopes {
		byID[s.ID] = s
	}
	list := make([]place, len(scopes))
	for i, s := range scopes {
		path := s.Name
		for up, n := byID[s.Parent], 0; up.ID != "" && n < maxDepth; up, n = byID[up.Parent], n+1 {
			path = up.Name + " / " + path
		}
		list[i] = place{s, path}
	}
	slices.SortFunc(list, func(x, y place) int { return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.ID, y.ID)) })
	return list
}

// fill filters, sorts and cuts the goods as the query wants them.
func (p *goodsPage) fill(goods []civic.Good, pictures gallery, today ledger.Day) {
	p.All = len(goods)
	var rows []goodRow
	for _, g := range goods {
		if matchesGood(g, p.Query.Text) {
			rows = append(rows, goodRow{g, p.Place.ID, pictures.url(g.Picture), goodState(g, today)})
		}
	}
	p.filters(rows)
	if p.Query.Show != "" {
		rows = slices.DeleteFunc(rows, func(r goodRow) bool { return r.Word != p.Query.Show })
	}
	slices.SortFunc(rows, func(x, y goodRow) int {
		return cmp.Or(sortGoods(p.Query.Sort, x.Good, y.Good), cmp.Compare(x.Code, y.Code))
	})
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns(goodColumns, goodSorts, []string{"price", "limit"}, nil)
}

func (p *goodsPage) filters(rows []goodRow) {
	n := make(map[string]int)
	for _, r := range rows {
		n[r.Word]++
	}
	p.Filters = stateFilters(p.Query, goodStates, n, len(rows))
}

// stateFilters are keys for the states that occur.
func stateFilters(q listQuery, states []string, n map[string]int, all int) []listFilter {
	list := []listFilter{{Word: "all", N: all, On: q.Show == "", To: q.with(func(q *listQuery) { q.Show = "" })}}
	for _, word := range states {
		if n[word] > 0 || q.Show == word {
			list = append(list, listFilter{word, stateIcons[word][0], stateIcons[word][1], n[word], q.with(func(q *listQuery) { q.Show = word }), q.Show == word})
		}
	}
	return list
}

// matchesGood tells whether what was typed stands in what a good is called.
func matchesGood(g civic.Good, text string) bool {
	return strings.Contains(strings.ToLower(g.Name+"\n"+g.NameEN+"\n"+g.Code+"\n"+g.Category+"\n"+g.Donor), strings.ToLower(text))
}

func sortGoods(word string, x, y civic.Good) int {
	switch word {
	case "code":
		return cmp.Compare(x.Code, y.Code)
	case "category":
		return cmp.Compare(x.Category, y.Category)
	case "price":
		return cmp.Compare(x.Price, y.Price)
	case "best":
		return cmp.Compare(bestOf(x), bestOf(y))
	}
	return cmp.Compare(x.Name, y.Name)
}

// bestOf is the best-before day, where none comes last.
func bestOf(g civic.Good) ledger.Day {
	if g.BestBefore == 0 {
		return ledger.MaxDay
	}
	return g.BestBefore
}

func goodPath(at, code string) string {
	return "/good/" + url.PathEscape(at) + "/" + url.PathEscape(code)
}

// oneGood finds the good that a path names.
func (c *console) oneGood(a *ask) (place, civic.Good, error) {
	at, code := a.PathValue("at"), a.PathValue("code")
	s, err := c.onePlace(a, at)
	if err != nil {
		return s, civic.Good{}, err
	}
	list, err := c.Store.Documents(a.Context(), at, store.KindGood, []string{code})
	if err != nil {
		return s, civic.Good{}, err
	}
	if len(list) == 0 || list[0].Good == nil {
		return s, civic.Good{}, store.ErrUnknown
	}
	return s, *list[0].Good, nil
}

// onePlace finds a place or kiosk of the officer's area, with its path.
func (c *console) onePlace(a *ask, id string) (place, error) {
	if err := a.reaches(id); err != nil {
		return place{}, err
	}
	chain, err := c.Store.Scopes(a.Context(), id)
	if err != nil {
		return place{}, err
	}
	if len(chain) == 0 {
		return place{}, store.ErrUnknown
	}
	s := place{chain[0], chain[0].Name}
	for _, up := range chain[1:] {
		s.Path = up.Name + " / " + s.Path
	}
	return s, nil
}

// elsewhere looks for the code where it would mean another good to the same kiosk.
func (c *console) elsewhere(a *ask, at, code string) (string, error) {
	others, err := c.codesElsewhere(a, at)
	return others[code], err
}

// codesElsewhere are the codes that would mean another good to the same kiosk: those
// of the places above, and of what stands below; each with the path of its place.
func (c *console) codesElsewhere(a *ask, at string) (map[string]string, error) {
	all, full, err := c.shops(a)
	if err != nil {
		return nil, err
	}
	parent := make(map[string]string)
	for _, s := range all {
		parent[s.ID] = s.Parent
	}
	under := func(low, high string) bool {
		for n := 0; low != "" && n < maxDepth; low, n = parent[low], n+1 {
			if low == high {
				return true
			}
		}
		return false
	}
	codes := make(map[string]string)
	for _, s := range full {
		if s.ID == at || !under(s.ID, at) && !under(at, s.ID) {
			continue
		}
		goods, err := c.Store.Goods(a.Context(), s.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range goods {
			codes[g.Code] = s.Path
		}
	}
	return codes, nil
}
