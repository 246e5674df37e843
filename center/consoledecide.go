package center

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// decidePage says what follows when a draft is put in force or dropped.
type decidePage struct {
	policyRow
	Place     place
	Verb      string // force or drop
	Day       string // first one, as it was typed
	Least     string // first day that can be chosen
	Problem   bool
	Previewed bool // the draft as it is now
	Lines     []int
}

// planDecide reads the draft, which must be the one that the page before has shown.
func (c *console) planDecide(a *ask) (p decidePage, err error) {
	p.Verb = a.PathValue("verb")
	if p.Place, err = c.onePlace(a, a.PathValue("at")); err != nil {
		return p, err
	}
	v, err := c.draftOf(a, p.Place.ID)
	switch {
	case err != nil:
		return p, err
	case p.Verb != "force" && p.Verb != "drop":
		return p, store.ErrUnknown
	case v == nil:
		return p, store.ErrState
	}
	p.policyRow = policyRow{PolicyVersion: *v, Name: p.Place.Name, Own: true, Word: policyDraft, To: versionPath(v.Rule())}
	p.Lines = map[string][]int{"force": {1, 2, 3}, "drop": {1}}[p.Verb]
	if p.Ends && p.Verb == "force" {
		p.Lines = []int{4, 2, 3}
	}
	p.Least = c.Store.Today().Time().Format(time.DateOnly)
	return p, nil
}

func (c *console) decide(a *ask) error {
	p, err := c.planDecide(a)
	if err != nil {
		return err
	}
	p.Day = (c.Store.Today() + 1).Time().Format(time.DateOnly)
	return c.showDecide(a, p)
}

func (c *console) showDecide(a *ask, p decidePage) error {
	view := versionPage{policyRow: p.policyRow}
	if err := c.addPreview(a, &view); err != nil {
		return err
	}
	p.Previewed = view.Preview != nil && view.Preview.State == store.JobDone && !view.Stale
	pg := page{word: "decide", title: c.text(a, "center.decide."+p.Verb+".title"), data: &p}
	if p.Problem {
		pg.code = http.StatusUnprocessableEntity
	}
	return c.show(a, pg)
}

func (c *console) decideNow(a *ask) error {
	p, err := c.planDecide(a)
	if errors.Is(err, store.ErrState) && c.decided(a) {
		a.redirect("/policy?at=" + p.Place.ID + "&done=forced") // a key that was hit twice
		return nil
	}
	if err != nil {
		return err
	}
	edits, err := strconv.ParseUint(a.typed("was"), 10, 64)
	if err != nil {
		return errForm
	}
	if p.Verb == "drop" {
		if err := c.Store.DropPolicy(a.Context(), p.Rule(), edits); err != nil {
			return err
		}
		a.redirect("/policy?at=" + p.Scope + "&done=dropped")
		return nil
	}
	p.Day = a.typed("day")
	first, err := ledger.ParseDay(p.Day)
	if err != nil || first < c.Store.Today() || first > c.Store.Today()+store.MaxPolicyAhead {
		p.Problem = true
		return c.showDecide(a, p)
	}
	if err := c.Store.ForcePolicy(a.Context(), p.Rule(), edits, first); err != nil {
		return err
	}
	a.redirect(versionPath(p.Rule()) + "?done=forced")
	return nil
}

// decided tells whether the officer has just put in force what the form asks for.
func (c *console) decided(a *ask) bool {
	n, _ := strconv.ParseUint(a.typed("n"), 10, 32)
	v, err := c.Store.PolicyVersion(a.Context(), civic.NewRule(a.PathValue("at"), n))
	return err == nil && a.PathValue("verb") == "force" && !v.Draft && v.ForceBy == a.officer.Name && v.First.String() == a.typed("day")
}
