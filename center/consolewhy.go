package center

import (
	"cmp"
	"errors"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// reckoning is how an earning came to its points and to its last day, and by which
// version of whose rules.
type reckoning struct {
	Left     int64 // minutes that were not a whole half hour
	Half     int64 // half hours that were counted
	Carried  int64 // of them, those of minutes that were left over before
	Earlier  int64 // half hours whose points were given before, as points
	Rate     int64
	Odd      bool // half a point was dropped
	Rule     civic.Rule
	Place    string // of the rule
	Version  *store.PolicyVersion
	To       string     // the version's page; "": the officer may not look at it
	Rolling  int64      // years to a month's end; 0: not so
	Calendar int64      // calendar years; 0: not so
	First    ledger.Day // since when the version is in force
}

// explainer remembers the versions that one page names.
type explainer struct {
	c     *console
	a     *ask
	rules map[civic.Rule]reckoning
}

// of explains one earning.
func (x *explainer) of(e civic.Earning) (reckoning, error) {
	r, known := x.rules[e.Rule]
	if !known {
		var err error
		if r, err = x.rule(e.Rule); err != nil {
			return r, err
		}
		x.rules[e.Rule] = r
	}
	r.Rate = e.Rate
	if r.Half = e.HalfHours(); r.Half > 0 {
		r.Odd = r.Half*e.Rate%2 != 0
		whole := e.Minutes / 30
		if r.Carried, r.Earlier = max(0, r.Half-whole), max(0, whole-r.Half); r.Carried == 0 {
			r.Left = e.Minutes % 30
		}
	}
	if v := r.Version; v != nil && v.Policy.Expiry(e.On) == e.Expires {
		if v.Policy.ExpiryCalendar {
			r.Calendar = v.Policy.ExpiryYears
		} else {
			r.Rolling = v.Policy.ExpiryYears
		}
	}
	return r, nil
}

// rule reads a version. One that nobody knows any more, because the book is from an
// old copy, is called by its name.
func (x *explainer) rule(rule civic.Rule) (r reckoning, err error) {
	scope, _, ok := rule.Parts()
	if !ok {
		return r, nil
	}
	r.Rule, r.Place = rule, scope
	chain, err := x.c.Store.Scopes(x.a.Context(), scope)
	if err == nil && len(chain) > 0 {
		r.Place = cmp.Or(chain[0].Name, scope)
	} else if err != nil && !errors.Is(err, store.ErrUnknown) {
		return r, err
	}
	v, err := x.c.Store.PolicyVersion(x.a.Context(), rule)
	switch {
	case errors.Is(err, store.ErrUnknown):
		return r, nil
	case err != nil:
		return r, err
	}
	r.Version, r.First, r.To = &v, v.First, x.c.versionLink(x.a, rule)
	return r, nil
}
