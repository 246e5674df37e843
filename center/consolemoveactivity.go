package center

import (
	"errors"
	"slices"
	"unicode/utf8"

	"yizhan/center/store"
)

// moveActivityPage says what follows when an activity is reviewed, published, closed or
// taken up again.
type moveActivityPage struct {
	activityRow
	Variant string // one of activityVerbs
	Plan    store.ActivityPlan
	Kiosks  int // that people check in at
	Problem string
	Why     string
}

// activityVerbs lead to states.
var activityVerbs = map[string]struct {
	to    store.ActivityState
	power power
	from  []store.ActivityState
}{
	"review":  {store.ActivityReviewed, powerReview, []store.ActivityState{store.ActivityDraft}},
	"publish": {store.ActivityPublished, powerPlan, []store.ActivityState{store.ActivityReviewed}},
	"close":   {store.ActivityClosed, powerPlan, []store.ActivityState{store.ActivityDraft, store.ActivityReviewed, store.ActivityPublished}},
	"reopen":  {store.ActivityDraft, powerPlan, []store.ActivityState{store.ActivityClosed}},
}

// verbIcons are the shapes of the keys that lead to them.
var verbIcons = map[string]string{"review": "check", "publish": "ok", "close": "cross", "reopen": "return"}

// verbsOf are those that somebody may do to an activity now.
func (c *console) verbsOf(a *ask, one store.Activity) (list []string) {
	for _, verb := range []string{"review", "publish", "reopen", "close"} {
		v := activityVerbs[verb]
		if a.may(v.power) && slices.Contains(v.from, one.State) && (verb != "review" || one.Wrote != a.officer.Name) {
			list = append(list, verb)
		}
	}
	return list
}

func (c *console) planMove(a *ask) (p moveActivityPage, err error) {
	_, one, err := c.oneActivity(a)
	if err != nil {
		return p, err
	}
	p = moveActivityPage{activityRow: c.activityRow(a.lang, one), Variant: a.PathValue("verb")}
	verb, known := activityVerbs[p.Variant]
	switch {
	case !known:
		return p, store.ErrUnknown
	case !a.may(verb.power):
		return p, errPower{verb.power}
	case !slices.Contains(verb.from, one.State):
		return p, store.ErrState
	case p.Variant == "review" && one.Wrote == a.officer.Name:
		return p, store.ErrSameOfficer
	}
	seen := make(map[string]bool)
	for _, s := range one.Spots {
		for _, kiosk := range s.Kiosks {
			seen[kiosk] = true
		}
	}
	p.Kiosks = len(seen)
	shifts, err := c.timesOf(a, one)
	if err != nil {
		return p, err
	}
	if one.State = verb.to; p.Variant == "review" {
		one.State = store.ActivityPublished // what it would come to
	}
	p.Plan, err = c.Store.PlanActivity(a.Context(), one, shifts)
	return p, err
}

func (c *console) moveactivity(a *ask) error {
	p, err := c.planMove(a)
	if err != nil {
		return err
	}
	return c.showMoveActivity(a, p)
}

func (c *console) showMoveActivity(a *ask, p moveActivityPage) error {
	pg := page{word: "moveactivity", title: c.text(a, "center.moveactivity."+p.Variant+".title"), data: p}
	if p.Problem != "" {
		pg.code = 422
	}
	return c.show(a, pg)
}

func (c *console) moveactivityNow(a *ask) error {
	p, err := c.planMove(a)
	if err != nil {
		return err
	}
	if p.Why = plainText(a.typed("why")); utf8.RuneCountInString(p.Why) > maxReasonRunes {
		p.Problem = "why"
		return c.showMoveActivity(a, p)
	}
	shifts, err := c.timesOf(a, p.activityRow.Activity)
	if err != nil {
		return err
	}
	err = c.Store.MoveActivity(a.Context(), p.Version, p.Scope, p.ID, activityVerbs[p.Variant].to, p.Why, shifts)
	if errors.Is(err, store.ErrChanged) {
		err = store.ErrState
	}
	if err != nil {
		return err
	}
	a.redirect(p.To + "?done=activity_" + p.Variant)
	return nil
}
