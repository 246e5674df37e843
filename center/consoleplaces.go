package center

import (
	"cmp"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
)

// placesPage is the org tree, or the part of it that the officer sees, as a list
// that goes down the tree.
type placesPage struct {
	listPart
	All    int
	Rows   []placeRow
	MayAct bool
}

// placeRow is one place of the tree.
type placeRow struct {
	place
	civic.Place
	Depth  int
	Kiosks int // that stand there and below
	Below  int // places below, at any depth
	Above  string
}

// Indent is how far the row is moved in, in steps that a style knows.
func (r placeRow) Indent() int { return min(r.Depth, maxDepth) }

func (c *console) placesList(a *ask) error {
	q := readListQuery("/places", a.URL.Query(), append([]string{""}, placeKindWords()...), []string{"tree", "name"})
	tree, err := c.tree(a)
	if err != nil {
		return err
	}
	p := placesPage{listPart: listPart{Query: q}, All: len(tree.rows), MayAct: a.may(powerManage)}
	kinds := make(map[string]int)
	var rows []placeRow
	for _, r := range tree.rows {
		if q.At != "" && !tree.within(r.ID, q.At) || q.Text != "" && !r.matches(q.Text) {
			continue
		}
		kinds[string(r.Kind)]++
		if q.Show == "" || string(r.Kind) == q.Show {
			rows = append(rows, r)
		}
	}
	if q.Sort == "name" {
		slices.SortStableFunc(rows, func(x, y placeRow) int { return cmp.Compare(x.Name, y.Name) })
	}
	if q.Sort == "name" || q.Show != "" || q.Text != "" { // torn out of the tree, it is not drawn as one
		for i := range rows {
			rows[i].Depth = 0
		}
	}
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	for _, word := range placeKindWords() {
		if n := kinds[word]; n > 0 {
			p.Filters = append(p.Filters, listFilter{Word: word, N: n, On: q.Show == word, To: p.Query.with(func(q *listQuery) { q.Show = word })})
		}
	}
	if len(p.Filters) > 0 {
		all := listFilter{Word: "all", N: sumOf(kinds), On: q.Show == "", To: p.Query.with(func(q *listQuery) { q.Show = "" })}
		p.Filters = append([]listFilter{all}, p.Filters...)
	}
	p.columns([]string{"name", "kind", "leader", "phone", "below", "kiosks"}, []string{"name"}, []string{"below", "kiosks"}, nil)
	return c.show(a, page{word: "places", data: p})
}

func placeKindWords() (words []string) {
	for _, kind := range civic.PlaceKinds {
		words = append(words, string(kind))
	}
	return words
}

func sumOf[K comparable](counts map[K]int) (n int) {
	for _, one := range counts {
		n += one
	}
	return n
}

func (r placeRow) matches(text string) bool {
	text = strings.ToLower(text)
	for _, field := range []string{r.Name, r.ID, r.Leader, r.Phone, r.Address} {
		if strings.Contains(strings.ToLower(field), text) {
			return true
		}
	}
	return false
}

// placeTree is a part of the org tree, each place before what lies below it.
type placeTree struct {
	rows []placeRow
	at   map[string]int // of each place in rows
}

// within tells whether a place is another one or lies below it.
func (t placeTree) within(id, other string) bool {
	for n := 0; n <= maxDepth; n++ {
		if id == other {
			return true
		}
		i, known := t.at[id]
		if !known {
			return false
		}
		id = t.rows[i].Parent
	}
	return false
}

// tree reads the officer's part of the org tree without the kiosks' own scopes,
// each place before what lies below it, those beside each other by name.
func (c *console) tree(a *ask) (t placeTree, err error) {
	places, err := c.places(a)
	if err != nil {
		return t, err
	}
	cards, err := c.Store.Places(a.Context())
	if err != nil {
		return t, err
	}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return t, err
	}
	t = placeTree{rows: treeOf(places, scopes).rows, at: make(map[string]int)}
	for i, r := range t.rows {
		t.rows[i].Place, t.at[r.ID] = cards[r.ID], i
	}
	return t, nil
}

// growing is a tree while it is put in order.
type growing struct {
	places map[string]place
	under  map[string][]string // what hangs on each scope, kiosks too
	rows   []placeRow
}

func treeOf(places []place, scopes []store.Scope) *growing {
	t := &growing{places: make(map[string]place), under: make(map[string][]string)}
	for _, p := range places {
		t.places[p.ID] = p
	}
	byName := slices.Clone(scopes)
	slices.SortFunc(byName, func(x, y store.Scope) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	names := make(map[string]string)
	for _, s := range byName {
		t.under[s.Parent] = append(t.under[s.Parent], s.ID)
		names[s.ID] = s.Name
	}
	for _, s := range byName {
		p, mine := t.places[s.ID]
		if _, more := t.places[s.Parent]; mine && !more {
			t.add(p, 0)
		}
	}
	for i := range t.rows {
		t.rows[i].Above = names[t.rows[i].Parent]
	}
	return t
}

// add adds a place with what is below it, and returns how many places and kiosks
// that is.
func (t *growing) add(p place, depth int) (places, kiosks int) {
	at := len(t.rows)
	t.rows = append(t.rows, placeRow{place: p, Depth: depth})
	if depth > maxDepth {
		return 1, 0
	}
	for _, id := range t.under[p.ID] {
		below, known := t.places[id]
		if !known {
			kiosks++
			continue
		}
		n, k := t.add(below, depth+1)
		places, kiosks = places+n, kiosks+k
	}
	t.rows[at].Below, t.rows[at].Kiosks = places, kiosks
	return places + 1, kiosks
}
