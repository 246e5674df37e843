package center

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// policyPage is the rules of a place: those of today, and the versions that they
// come from, the place's own and those of the places above.
type policyPage struct {
	listPart
	Place        place
	Places, Full []place // to choose from; those with versions of their own
	Own          bool    // the place has versions of its own
	Now          ruling
	Groups       []ruleGroup
	Draft        *policyRow
	MayAct       bool
	Rows         []policyRow
	All          int
}

// ruling is the version that rules a place.
type ruling struct {
	*store.PolicyVersion // nil: nobody has made rules
	Name                 string
	Own                  bool
	To                   string // "": the officer may not look at it
}

// policyRow is a version as the list shows it.
type policyRow struct {
	store.PolicyVersion
	Name string // of its place
	Own  bool   // it was made for the place that is shown, not for one above
	Word string // of its state: one of policyStates
	To   string
}

// States of a version.
const (
	policyDraft    = "draft"
	policyPlanned  = "planned"
	policyRules    = "rules"    // in force, and rules the place that is shown
	policyAbove    = "above"    // in force, and a nearer place has its own
	policyPast     = "past"     // another one came after it
	policyReplaced = "replaced" // another one took its first day
)

var (
	policyStates  = []string{policyRules, policyPlanned, policyDraft, policyAbove, policyPast, policyReplaced}
	policySorts   = []string{"first", "place", "made"}
	policyColumns = []string{"version", "place", "first", "state", "what", "made", "forced"}
	policyIcons   = map[string][2]string{policyDraft: {"task", "is-warn"}, policyPlanned: {"calendar", "is-warn"}, policyRules: {"ok", "is-ok"},
		policyAbove: {"info", "is-off"}, policyPast: {"clock", "is-off"}, policyReplaced: {"cross", "is-off"}}
)

// Icon and Class are the shape and the colour of the state.
func (r policyRow) Icon() string { return policyIcons[r.Word][0] }

// Class is the colour of the state.
func (r policyRow) Class() string { return policyIcons[r.Word][1] }

func versionPath(r civic.Rule) string {
	scope, n, _ := r.Parts()
	return fmt.Sprintf("/version/%s/%d", url.PathEscape(scope), n)
}

func (c *console) policy(a *ask) error {
	p := policyPage{listPart: listPart{Query: readListQuery("/policy", a.URL.Query(), policyStates, policySorts)}, MayAct: a.may(powerPolicy)}
	rules, err := c.Store.Rulebook(a.Context())
	if err != nil {
		return err
	}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	p.Places = a.within(placesOf(scopes))
	for _, s := range p.Places {
		if rules.Has(s.ID) {
			p.Full = append(p.Full, s)
		}
	}
	if p.Query.At == "" {
		p.Query.At = usualPlace(p.Places, nil)
	}
	if p.Query.At == "" { // an empty center
		return c.show(a, page{word: "policy", data: p})
	}
	if p.Place, err = c.onePlace(a, p.Query.At); err != nil {
		return err
	}
	list, err := c.versions(a, p.Place.ID, rules)
	if err != nil {
		return err
	}
	p.fill(list)
	p.Own = rules.Has(p.Place.ID)
	if p.Now, err = c.rulingOf(a, p.Place.ID, rules); err != nil {
		return err
	}
	p.Groups = c.ruleGroups(a, p.Now.rules(), nil)
	return c.show(a, page{word: "policy", data: &p})
}

// rules are what a ruling says.
func (r ruling) rules() civic.Policy {
	if r.PolicyVersion == nil {
		return civic.Policy{}.WithDefaults()
	}
	return r.Policy
}

// rulingOf is the version that rules a place today, with its place's name.
func (c *console) rulingOf(a *ask, scope string, rules *store.Rulebook) (r ruling, err error) {
	if r.PolicyVersion = rules.On(scope, c.Store.Today()); r.PolicyVersion == nil {
		return r, nil
	}
	chain, err := c.Store.Scopes(a.Context(), r.Scope)
	if err != nil {
		return r, err
	}
	r.Own, r.Name, r.To = r.Scope == scope, chain[0].Name, c.versionLink(a, r.Rule())
	return r, nil
}

// versions lists the versions of a place and of those above it. Drafts of places
// above are nobody's business here.
func (c *console) versions(a *ask, scope string, rules *store.Rulebook) (list []policyRow, err error) {
	chain, err := c.Store.Scopes(a.Context(), scope)
	if err != nil {
		return nil, err
	}
	today := c.Store.Today()
	now := rules.On(scope, today)
	for _, at := range chain {
		versions, err := c.Store.Policies(a.Context(), at.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			if v.Draft && at.ID != scope {
				continue
			}
			row := policyRow{PolicyVersion: v, Name: at.Name, Own: at.ID == scope, To: versionPath(v.Rule()), Word: policyPast}
			own := rules.Own(at.ID, today)
			switch {
			case v.Draft:
				row.Word = policyDraft
			case slices.ContainsFunc(versions, func(w store.PolicyVersion) bool { return !w.Draft && w.First == v.First && w.Version > v.Version }):
				row.Word = policyReplaced
			case v.First > today:
				row.Word = policyPlanned
			case own != nil && own.Version == v.Version && (now != nil && now.Rule() == v.Rule() || v.Ends && at.ID == scope):
				row.Word = policyRules
			case own != nil && own.Version == v.Version:
				row.Word = policyAbove
			}
			list = append(list, row)
		}
	}
	return list, nil
}

// fill filters, sorts and cuts the versions as the query wants them.
func (p *policyPage) fill(list []policyRow) {
	p.All = len(list)
	n := make(map[string]int)
	for i, r := range list {
		if n[r.Word]++; r.Word == policyDraft {
			p.Draft = &list[i]
		}
	}
	p.Filters = []listFilter{{Word: "all", N: len(list), On: p.Query.Show == "", To: p.Query.with(func(q *listQuery) { q.Show = "" })}}
	for _, word := range policyStates {
		if look := policyIcons[word]; n[word] > 0 || p.Query.Show == word {
			p.Filters = append(p.Filters, listFilter{word, look[0], look[1], n[word], p.Query.with(func(q *listQuery) { q.Show = word }), p.Query.Show == word})
		}
	}
	rows := slices.DeleteFunc(slices.Clone(list), func(r policyRow) bool { return p.Query.Show != "" && r.Word != p.Query.Show })
	slices.SortStableFunc(rows, func(x, y policyRow) int { return sortPolicies(p.Query.Sort, x, y) })
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns(policyColumns, policySorts, nil, []string{"first", "made"})
}

// sortPolicies orders versions; as usual drafts come first, then the latest first day.
func sortPolicies(word string, x, y policyRow) int {
	first := func(r policyRow) ledger.Day {
		if r.Draft {
			return ledger.MaxDay
		}
		return r.First
	}
	latest := cmp.Or(cmp.Compare(first(y), first(x)), cmp.Compare(y.Version, x.Version))
	switch word {
	case "place":
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Scope, y.Scope), latest)
	case "made":
		return cmp.Or(y.Made.Compare(x.Made), latest)
	}
	return latest
}

// readsPolicy refuses a place whose rules are none of the officer's: those of the own
// area are, and of all places above it.
func (c *console) readsPolicy(a *ask, scope string) error {
	if a.area.has(scope) {
		return nil
	}
	chain, err := c.Store.Scopes(a.Context(), a.area.ID)
	if err != nil || !slices.ContainsFunc(chain, func(s store.Scope) bool { return s.ID == scope }) {
		return errArea{scope}
	}
	return nil
}

// versionLink is the page of a version; "" when the officer may not look at it.
func (c *console) versionLink(a *ask, r civic.Rule) string {
	scope, _, ok := r.Parts()
	if !ok || c.readsPolicy(a, scope) != nil {
		return ""
	}
	return versionPath(r)
}

// ruleGroup is rules that belong together: center.policy.group.WORD.
type ruleGroup struct {
	Word  string
	Lines []ruleLine
}

// ruleLine is one rule: center.policy.field.WORD and .note.WORD.
type ruleLine struct {
	Word    string
	Value   string
	Other   string // of the version that it is compared with
	Differs bool
	Usual   bool // it is the default
}

// policyGroups are all rules, in the order in which people look for them.
var policyGroups = []struct {
	Word   string
	Fields []string
}{
	{"earn", []string{"points_per_hour", "expiry_calendar", "expiry_years", "day_minutes", "day_most"}},
	{"spend", []string{"monthly_limit", "refund_hours", "clerk_refund", "hold_hours", "self_service"}},
	{"check", []string{"early_minutes", "late_minutes", "card_gap", "long_minutes"}},
	{"two", []string{"second_points", "back_entry_minutes"}},
	{"box", []string{"idle_seconds", "fresh_days"}},
	{"star", []string{"star_1", "star_2", "star_3", "star_4", "star_5", "publicity_days"}},
}

// policyField is the rule of a word.
func policyField(word string) civic.PolicyField {
	at := slices.IndexFunc(civic.PolicyFields, func(f civic.PolicyField) bool { return f.Word == word })
	return civic.PolicyFields[at]
}

// ruleGroups writes rules, beside others if there are any.
func (c *console) ruleGroups(a *ask, p civic.Policy, other *civic.Policy) (groups []ruleGroup) {
	texts := c.texts[a.lang]
	for _, g := range policyGroups {
		group := ruleGroup{Word: g.Word}
		for _, word := range g.Fields {
			f := policyField(word)
			line := ruleLine{Word: word, Value: ruleText(texts, f, f.Of(p)), Usual: f.Of(p) == f.Default}
			if other != nil {
				line.Other, line.Differs = ruleText(texts, f, f.Of(*other)), f.Of(*other) != f.Of(p)
			}
			group.Lines = append(group.Lines, line)
		}
		groups = append(groups, group)
	}
	return groups
}

// ruleText writes what a rule says, with its unit.
func ruleText(texts assets.Catalogue, f civic.PolicyField, n int64) string {
	if f.Unit == "choice" {
		return texts.Text(fmt.Sprint("center.policy.choice.", f.Word, ".", n))
	}
	digits, _ := number(n) // it is an integer
	text := texts.Text("center.policy.unit."+f.Unit, "n", digits)
	if f.Unit == "minutes" {
		text += " " + texts.Text("center.policy.hours", "n", assets.Hours(n))
	}
	return text
}
