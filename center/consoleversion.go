package center

import (
	"encoding/json"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// versionPage is one version, beside another.
type versionPage struct {
	policyRow
	Place   place
	May     bool   // change it, while it is a draft
	With    string // the version beside it: a rule, or withUsual
	Name    string // of that
	Choices []place
	Groups  []ruleGroup
	Only    bool // what differs alone
	Differs int
	Preview *jobRow // the latest one of the draft
	Stale   bool    // that is of the draft as it was before
	Acts    []store.Act
}

// withUsual is what stands for the usual rules, where a version is asked for.
const withUsual = "usual"

// oneVersion reads the version that a path names.
func (c *console) oneVersion(a *ask) (v store.PolicyVersion, err error) {
	if err := c.readsPolicy(a, a.PathValue("at")); err != nil {
		return v, err
	}
	n, err := strconv.ParseUint(a.PathValue("n"), 10, 32)
	if err != nil {
		return v, store.ErrUnknown
	}
	v, err = c.Store.PolicyVersion(a.Context(), civic.NewRule(a.PathValue("at"), n))
	if err == nil && v.Draft && !a.area.has(v.Scope) {
		return v, errArea{v.Scope}
	}
	return v, err
}

func (c *console) version(a *ask) error {
	v, err := c.oneVersion(a)
	if err != nil {
		return err
	}
	rules, err := c.Store.Rulebook(a.Context())
	if err != nil {
		return err
	}
	list, err := c.versions(a, v.Scope, rules)
	if err != nil {
		return err
	}
	p := versionPage{Only: a.URL.Query().Get("only") != "", With: a.URL.Query().Get("with"), May: v.Draft && a.may(powerPolicy) && a.area.has(v.Scope)}
	for _, row := range list {
		if row.Rule() == v.Rule() {
			p.policyRow = row
			continue
		}
		p.Choices = append(p.Choices, place{store.Scope{ID: string(row.Rule())}, c.versionName(a, row)})
	}
	p.Place = place{store.Scope{ID: v.Scope, Name: p.policyRow.Name}, p.policyRow.Name}
	p.Choices = append(p.Choices, place{store.Scope{ID: withUsual}, c.text(a, "center.version.usual")})
	if p.With == "" {
		p.With = withUsual
		if before := rules.On(v.Scope, c.dayBefore(v)); before != nil && before.Rule() != v.Rule() {
			p.With = string(before.Rule())
		}
	}
	other, err := c.compared(a, &p)
	if err != nil {
		return err
	}
	p.Groups = c.ruleGroups(a, c.saysNow(rules, v), &other)
	for _, g := range p.Groups {
		for _, line := range g.Lines {
			p.Differs += count(line.Differs)
		}
	}
	if v.Draft {
		if err := c.addPreview(a, &p); err != nil {
			return err
		}
	}
	return c.show(a, page{word: "version", title: c.versionName(a, p.policyRow), data: &p})
}

// dayBefore is the day whose rules a version follows: today's those of a draft.
func (c *console) dayBefore(v store.PolicyVersion) ledger.Day {
	if v.Draft {
		return c.Store.Today()
	}
	return v.First - 1
}

// saysNow are the rules that hold by a version: of one that ends a place's own rules
// those above.
func (c *console) saysNow(rules *store.Rulebook, v store.PolicyVersion) civic.Policy {
	if !v.Ends {
		return v.Policy
	}
	day := v.First
	if v.Draft {
		day = c.Store.Today()
	}
	if above := rules.Above(v.Scope, day); above != nil {
		return above.Policy
	}
	return civic.Policy{}.WithDefaults()
}

// versionName is what a version is called: 清溪镇 第 3 版.
func (c *console) versionName(a *ask, r policyRow) string {
	return c.text(a, "center.version.name", "place", r.Name, "n", r.Version)
}

// compared reads the rules that a version is compared with.
func (c *console) compared(a *ask, p *versionPage) (civic.Policy, error) {
	if p.With == withUsual {
		p.Name = c.text(a, "center.version.usual")
		return civic.Policy{}.WithDefaults(), nil
	}
	for _, choice := range p.Choices {
		if choice.ID == p.With {
			other, err := c.Store.PolicyVersion(a.Context(), civic.Rule(p.With))
			p.Name = choice.Path
			return other.Policy, err
		}
	}
	return civic.Policy{}, store.ErrUnknown
}

// addPreview looks for the latest preview of a draft.
func (c *console) addPreview(a *ask, p *versionPage) error {
	if !a.may(powerPeople) {
		return nil
	}
	list, err := c.Store.Jobs(a.Context(), c.Now().Add(time.Minute), lookedJobs)
	for _, j := range list {
		var of previewInput
		if j.Kind != previewKind || j.Scope != p.Scope || json.Unmarshal(j.Input, &of) != nil || of.Rule != p.Rule() {
			continue
		}
		row := c.jobRow(a, j, nil)
		p.Preview, p.Stale = &row, of.Text != p.PolicyText
		break
	}
	return err
}
