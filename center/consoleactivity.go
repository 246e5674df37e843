package center

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/code"
	"yizhan/ledger"
)

// activityPage is one activity: its form, or for who may not change it what is planned.
type activityPage struct {
	activityRow
	Place     place
	Form      activityForm
	Was       uint64 // version that the form began with; 0: it is new
	Problems  map[string]string
	Changed   *store.Act        // somebody else's, meanwhile
	Now       map[string]string // what stands there now, where the form says something else
	Plan      store.ActivityPlan
	Sure      string // what the form says once it has been said what follows; "": nothing has to be
	Platforms []option
	Leaders   []option // who may be one
	Kiosks    []place
	Served    []option
	Shifts    []shiftRow
	More      bool // there are more than Shifts
	Acts      []store.Act
	MayAct    bool
	Verbs     []string // to where it can go from here
}

// New tells whether it is being added.
func (p activityPage) New() bool { return p.Was == 0 }

// Value is what stands in a field.
func (p activityPage) Value(field string) string { return p.Form[field] }

// Problem is that of a field.
func (p activityPage) Problem(field string) string { return p.Problems[field] }

// Weekdays are the days of a week, as the form says them.
func (p activityPage) Weekdays() []string { return []string{"1", "2", "3", "4", "5", "6", "7"} }

// Editable tells whether there is a form.
func (p activityPage) Editable() bool { return p.MayAct && p.State != store.ActivityClosed }

// Fields are those of one line that an activity is described by.
func (p activityPage) Fields() []string {
	return []string{"title_en", "number", "category", "team", "theme", "festival"}
}

// ServedNames are whom it is for.
func (p activityPage) ServedNames() (names []string) {
	for _, o := range p.Served {
		if p.Form.Has("served", o.ID) {
			names = append(names, o.Path)
		}
	}
	return names
}

// LeaderNames are those who lead it.
func (p activityPage) LeaderNames() (names []string) {
	for _, o := range p.Leaders {
		if p.Form.Has("leaders", o.ID) {
			names = append(names, o.Path)
		}
	}
	return names
}

// oneActivity finds the activity that a path names.
func (c *console) oneActivity(a *ask) (place, store.Activity, error) {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return at, store.Activity{}, err
	}
	id, err := ledger.ParseID(a.PathValue("activity"))
	if err != nil {
		return at, store.Activity{}, store.ErrUnknown
	}
	one, err := c.Store.Activity(a.Context(), id)
	if err == nil && one.Scope != at.ID {
		err = store.ErrUnknown
	}
	return at, one, err
}

func (c *console) activity(a *ask) error {
	at, one, err := c.oneActivity(a)
	if err != nil {
		return err
	}
	return c.showActivity(a, activityPage{Place: at, activityRow: activityRow{Activity: one}, Form: activityFormOf(one.Activity), Was: one.Version})
}

// addactivity shows the form of a new activity, or of one that ?like= names.
func (c *console) addactivity(a *ask) error {
	at, err := c.merchantPlace(a)
	if err != nil {
		return err
	}
	id, err := c.Store.NewActivityID()
	if err != nil {
		return err
	}
	p := activityPage{Place: at, Form: c.usualActivity()}
	p.ID = id
	if like, bad := ledger.ParseID(a.URL.Query().Get("like")); bad == nil {
		one, err := c.Store.Activity(a.Context(), like)
		if err != nil {
			return err
		}
		if err := a.reaches(one.Scope); err != nil {
			return err
		}
		p.Form = activityFormOf(one.Activity)
	}
	return c.showActivity(a, p)
}

// showActivity completes the page by what stands around the activity.
func (c *console) showActivity(a *ask, p activityPage) error {
	p.MayAct = a.may(powerPlan)
	pg := page{word: "activity", title: c.text(a, "center.title.addactivity")}
	if err := c.aroundActivity(a, &p); err != nil {
		return err
	}
	if !p.New() {
		row := c.activityRow(a.lang, p.activityRow.Activity)
		p.activityRow, pg.title = row, row.Title
		p.Verbs = c.verbsOf(a, row.Activity)
		now := c.Now()
		shifts, err := c.Store.ShiftsOf(a.Context(), p.Scope, p.ID, now.AddDate(0, 0, -1), now.AddDate(3, 0, 0), shiftsShown+1)
		if err != nil {
			return err
		}
		p.More = len(shifts) > shiftsShown
		p.Shifts = c.shiftRows(shifts[:min(len(shifts), shiftsShown)])
		if p.Acts, err = c.actsOfActivity(a, p.Scope, p.ID); err != nil {
			return err
		}
	}
	switch {
	case p.Changed != nil:
		pg.code = http.StatusConflict
	case len(p.Problems) > 0:
		pg.code = http.StatusUnprocessableEntity
	}
	pg.data = p
	return c.show(a, pg)
}

// aroundActivity finds what the form offers: platforms, kiosks, leaders.
func (c *console) aroundActivity(a *ask, p *activityPage) error {
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	chain, err := c.Store.Scopes(a.Context(), p.Place.ID)
	if err != nil {
		return err
	}
	for _, platform := range civic.StandardPlatforms {
		p.Platforms = append(p.Platforms, option{platform, c.platformText(a.lang, platform)})
	}
	with := map[string]bool{p.Value("platform"): true}
	for _, up := range chain {
		card, err := c.Store.Place(a.Context(), up.ID)
		if err != nil {
			return err
		}
		for _, f := range card.Platforms {
			with[f.Name] = true
		}
	}
	for _, name := range chosen(with, "") {
		if !slices.Contains(civic.StandardPlatforms, name) {
			p.Platforms = append(p.Platforms, option{name, name})
		}
	}
	for _, e := range code.Served.Entries {
		p.Served = append(p.Served, option{e.Code, code.Served.Label(e.Code, a.lang == assets.English)})
	}
	under := below(p.Place.ID, scopes)
	p.Kiosks = slices.DeleteFunc(placesOf(scopes), func(s place) bool { return !ledger.ValidKiosk(s.ID) || !under.has(s.ID) })
	return c.leadersOf(a, p, chain, scopes, under)
}

// leadersOf offers the leaders among the staff of the place, of those above it and of
// those below, and who is chosen already.
func (c *console) leadersOf(a *ask, p *activityPage, chain, scopes []store.Scope, under area) error {
	paths := make(map[string]string)
	for _, s := range scopes {
		if under.has(s.ID) {
			paths[s.ID] = cmp.Or(s.Name, s.ID)
		}
	}
	for _, up := range chain {
		paths[up.ID] = cmp.Or(up.Name, up.ID)
	}
	staff, err := c.staffIn(a, paths, "")
	if err != nil {
		return err
	}
	// A leader of two stations is on two lists: the place tells them apart.
	slices.SortFunc(staff, func(x, y staffRow) int { return cmp.Or(cmp.Compare(x.Name, y.Name), slices.Compare(x.ID[:], y.ID[:])) })
	for _, m := range staff {
		id := m.ID.String()
		if p.Form.Has("leaders", id) || m.Role == civic.RoleLeader && len(p.Leaders) < leadersShown {
			p.Leaders = append(p.Leaders, option{id, m.Name + " " + m.Place})
		}
	}
	return nil
}

// activityNow writes an activity, new or changed. One that is published and whose times
// would be others says first what follows.
func (c *console) activityNow(a *ask) error {
	p := activityPage{Form: a.typedActivity()}
	var err error
	if a.PathValue("activity") == "" {
		if p.Place, err = c.merchantPlace(a); err != nil {
			return err
		}
		if p.ID, err = ledger.ParseID(a.typed("id")); err != nil || p.ID.IsZero() {
			return errForm
		}
		p.Scope = p.Place.ID
	} else {
		var bad error
		p.Place, p.activityRow.Activity, err = c.oneActivity(a)
		if p.Was, bad = strconv.ParseUint(a.typed("was"), 10, 64); bad != nil || p.Was == 0 {
			err = cmp.Or(err, errForm)
		}
	}
	if err != nil {
		return err
	}
	one := p.activityRow.Activity
	one.Activity, p.Problems = p.Form.read(p.ID)
	if err := c.checkKiosks(a, &p, one); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return c.showActivity(a, p)
	}
	shifts, err := c.timesOf(a, one)
	if err != nil {
		return err
	}
	if one.State == store.ActivityPublished && p.Was == one.Version {
		if p.Plan, err = c.Store.PlanActivity(a.Context(), one, shifts); err != nil {
			return err
		}
		if sure := fmt.Sprint(p.Plan); p.Plan.Any() && a.typed("sure") != sure {
			p.Sure = sure
			return c.showActivity(a, p)
		}
	}
	err = c.Store.SaveActivity(a.Context(), p.Was, one, shifts)
	if errors.Is(err, store.ErrChanged) && p.Was > 0 {
		return c.changedActivity(a, p)
	}
	if err != nil {
		return err
	}
	a.redirect(activityPath(one.Scope, one.ID) + "?done=activity")
	return nil
}

// checkKiosks holds that people check in at kiosks below the place, and are led by its
// staff.
func (c *console) checkKiosks(a *ask, p *activityPage, one store.Activity) error {
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	under := below(p.Place.ID, scopes)
	for _, s := range one.Spots {
		for _, kiosk := range s.Kiosks {
			if !under.has(kiosk) && p.Problems["spots"] == "" {
				p.Problems["spots"] = "kiosk"
			}
		}
	}
	return nil
}

// changedActivity shows the form as it was typed, beside what somebody else has saved
// meanwhile. Who saves it again has seen that.
func (c *console) changedActivity(a *ask, p activityPage) error {
	one, err := c.Store.Activity(a.Context(), p.ID)
	if err != nil {
		return err
	}
	p.activityRow.Activity, p.Was, p.Now, p.Changed = one, one.Version, make(map[string]string), &store.Act{}
	now := activityFormOf(one.Activity)
	for _, field := range activityFields {
		if strings.TrimSpace(now[field]) != strings.TrimSpace(p.Form[field]) {
			p.Now[field] = c.activityValue(a.lang, field, now)
		}
	}
	acts, err := c.actsOfActivity(a, one.Scope, one.ID)
	if err != nil {
		return err
	}
	if len(acts) > 0 {
		p.Changed = &acts[0]
	}
	return c.showActivity(a, p)
}

// activityValue is what stands in a field, as people read it.
func (c *console) activityValue(lang assets.Lang, field string, f activityForm) string {
	var list []string
	switch field {
	case "platform":
		list = append(list, c.platformText(lang, f[field]))
	case "weekdays":
		for _, w := range f.ticked(field) {
			list = append(list, c.texts[lang].Text("center.weekday."+w))
		}
	case "served":
		for _, s := range f.ticked(field) {
			list = append(list, code.Served.Label(s, lang == assets.English))
		}
	case "leaders":
		list = append(list, c.texts[lang].Text("center.activity.leaders_n", "n", len(f.ticked(field))))
	default:
		return cmp.Or(strings.TrimSpace(f[field]), "–")
	}
	return cmp.Or(strings.Join(list, " "), "–")
}

// actsOfActivity are the latest acts about an activity and its shifts.
func (c *console) actsOfActivity(a *ask, scope string, id ledger.ID) (list []store.Act, err error) {
	acts, err := c.Store.Acts(a.Context(), scope, 0, lookedActs)
	for _, act := range acts {
		if activityOfAct(act) == id && len(list) < shownActs {
			list = append(list, act)
		}
	}
	return list, err
}

// activityOfAct is the activity that an act is about; zero: it is about none.
func activityOfAct(act store.Act) ledger.ID {
	var told struct{ ID, Activity ledger.ID }
	if !strings.HasPrefix(act.Kind, "activity.") && !strings.HasPrefix(act.Kind, "shift.") || json.Unmarshal(act.Body.After, &told) != nil {
		return ledger.ID{}
	}
	if !told.Activity.IsZero() {
		return told.Activity
	}
	return told.ID
}
