package center

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"yizhan/center/store"
	"yizhan/civic"
)

// draftPage is the form of a place's draft.
type draftPage struct {
	Place    place
	Was      uint64 // edits that the form began with; 0: there is no draft yet
	Form     map[string]string
	Why      string
	Ends     bool
	Groups   []draftGroup
	From     ruling // what a new draft began as
	Problems int
	Changed  *store.PolicyVersion // what somebody else wrote meanwhile
}

// draftGroup is the fields of rules that belong together.
type draftGroup struct {
	Word   string
	Fields []draftField
}

// draftField is one rule as it is typed.
type draftField struct {
	civic.PolicyField
	Value   string
	Problem string // a sentence
	Other   string // what somebody else wrote meanwhile, where the form says something else
	Options []place
}

// Choice tells whether it is chosen and not typed.
func (f draftField) Choice() bool { return f.Unit == "choice" }

// draftOf is the draft of a place, if there is one.
func (c *console) draftOf(a *ask, scope string) (*store.PolicyVersion, error) {
	list, err := c.Store.Policies(a.Context(), scope)
	if at := slices.IndexFunc(list, func(v store.PolicyVersion) bool { return v.Draft }); at >= 0 {
		return &list[at], err
	}
	return nil, err
}

func (c *console) draft(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	v, err := c.draftOf(a, at.ID)
	if err != nil {
		return err
	}
	p := draftPage{Place: at}
	if v != nil {
		p.Was, p.Form, p.Why, p.Ends = v.Edits, typedPolicy(v.Policy), v.Why, v.Ends
		return c.showDraft(a, p, nil)
	}
	rules, err := c.Store.Rulebook(a.Context())
	if err != nil {
		return err
	}
	if p.From, err = c.rulingOf(a, at.ID, rules); err != nil {
		return err
	}
	p.Form = typedPolicy(p.From.rules())
	return c.showDraft(a, p, nil)
}

// typedPolicy writes a policy as it would be typed.
func typedPolicy(p civic.Policy) map[string]string {
	form := make(map[string]string)
	for _, f := range civic.PolicyFields {
		form[f.Word] = strconv.FormatInt(f.Of(p), 10)
	}
	return form
}

// showDraft shows the form with what is wrong with it.
func (c *console) showDraft(a *ask, p draftPage, problems map[string]string) error {
	var other map[string]string
	if p.Changed != nil {
		other = typedPolicy(p.Changed.Policy)
	}
	for _, g := range policyGroups {
		group := draftGroup{Word: g.Word}
		for _, word := range g.Fields {
			f := draftField{PolicyField: policyField(word), Value: p.Form[word], Problem: problems[word]}
			if p.Changed != nil && other[word] != f.Value {
				n, _ := strconv.ParseInt(other[word], 10, 64) // it was written from a number
				f.Other = ruleText(c.texts[a.lang], f.PolicyField, n)
			}
			for n := int64(0); f.Choice() && n <= f.Most; n++ {
				f.Options = append(f.Options, place{store.Scope{ID: strconv.FormatInt(n, 10)}, ruleText(c.texts[a.lang], f.PolicyField, n)})
			}
			group.Fields = append(group.Fields, f)
		}
		p.Groups = append(p.Groups, group)
	}
	pg := page{word: "draft", data: &p}
	if p.Problems = len(problems); p.Problems > 0 || p.Changed != nil {
		pg.code = http.StatusUnprocessableEntity
	}
	return c.show(a, pg)
}

// readPolicy makes a policy of what was typed. Problems are by field.
func (c *console) readPolicy(a *ask, form map[string]string) (p civic.Policy, problems map[string]string) {
	problems = make(map[string]string)
	for _, f := range civic.PolicyFields {
		n, err := strconv.ParseInt(form[f.Word], 10, 64)
		if err != nil || n < f.Least || n > f.Most {
			low, _ := number(f.Least)
			high, _ := number(f.Most)
			problems[f.Word] = c.text(a, "center.draft.problem.range", "low", low, "high", high)
			continue
		}
		f.Set(&p, n)
	}
	if problems["day_most"] == "" && p.DayMost < p.DayMinutes {
		problems["day_most"] = c.text(a, "center.draft.problem.day_most")
	}
	for i := 1; i < len(p.Stars); i++ {
		if word := fmt.Sprint("star_", i+1); problems[word] == "" && p.Stars[i] <= p.Stars[i-1] {
			problems[word] = c.text(a, "center.draft.problem.star")
		}
	}
	return p, problems
}

// draftNow writes the draft.
func (c *console) draftNow(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	p := draftPage{Place: at, Form: make(map[string]string), Why: plainText(a.typed("why")), Ends: a.typed("ends") == "yes"}
	if p.Was, err = strconv.ParseUint(a.typed("was"), 10, 64); err != nil {
		return errForm
	}
	for _, f := range civic.PolicyFields {
		p.Form[f.Word] = strings.ReplaceAll(strings.ReplaceAll(a.typed(f.Word), ",", ""), "，", "")
	}
	policy, problems := c.readPolicy(a, p.Form)
	if utf8.RuneCountInString(p.Why) > store.MaxPolicyWhy {
		problems["why"] = c.text(a, "center.draft.problem.why", "n", store.MaxPolicyWhy)
	}
	if len(problems) > 0 {
		return c.showDraft(a, p, problems)
	}
	v, err := c.Store.DraftPolicy(a.Context(), at.ID, store.PolicyText{Policy: policy, Ends: p.Ends, Why: p.Why, Edits: p.Was})
	if errors.Is(err, store.ErrChanged) {
		return c.changedDraft(a, p)
	}
	if err != nil {
		return err
	}
	a.redirect(versionPath(v.Rule()) + "?done=draft")
	return nil
}

// changedDraft shows the form as it was typed, beside what somebody else has written
// meanwhile. Who saves it again has seen that.
func (c *console) changedDraft(a *ask, p draftPage) (err error) {
	if p.Changed, err = c.draftOf(a, p.Place.ID); err != nil {
		return err
	}
	if p.Changed == nil { // dropped, or in force: what was typed may become a new draft
		p.Changed, p.Was = &store.PolicyVersion{}, 0
		p.Changed.Policy, _ = c.readPolicy(a, p.Form)
		return c.showDraft(a, p, nil)
	}
	p.Was = p.Changed.Edits
	return c.showDraft(a, p, nil)
}
