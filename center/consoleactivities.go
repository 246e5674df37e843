package center

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// Filters of the list of activities besides those that all lists have.
var activityFilters = []string{"month", "platform", "category", "label"}

var (
	activityStates  = []string{string(store.ActivityDraft), string(store.ActivityReviewed), string(store.ActivityPublished), string(store.ActivityClosed)}
	activitySorts   = []string{"when", "title", "place", "state"}
	activityColumns = []string{"state", "title", "place", "when", "platform", "category", "label", "team"}
)

// activityRow is one activity of the list.
type activityRow struct {
	store.Activity
	PlaceName string
	To        string
	Platform  string // as people call it
	When      string
}

// Word is its state.
func (r activityRow) Word() string { return string(r.State) }

// Icon and Class are the shape and the colour of the state.
func (r activityRow) Icon() string { return stateIcons[r.Word()][0] }

// Class is the colour of the state.
func (r activityRow) Class() string { return stateIcons[r.Word()][1] }

// Labels are the theme and the festival that it belongs to.
func (r activityRow) Labels() (list []string) {
	for _, label := range []string{r.Theme, r.Festival} {
		if label != "" {
			list = append(list, label)
		}
	}
	return list
}

// option is one of a list to choose.
type option struct{ ID, Path string }

// activitiesPage is the activities of the officer's area.
type activitiesPage struct {
	listPart
	Rows       []activityRow
	All        int
	Cut        bool // there are more than one look takes in
	Places     []place
	Months     []option
	Platforms  []option
	Categories []string
	AllLabels  []string
	NewAt      string
	XLSX       string
	MayAct     bool
}

// Is tells whether a filter has a value.
func (p activitiesPage) Is(filter, value string) bool { return p.Query.More.Get(filter) == value }

func (c *console) activities(a *ask) error {
	p := activitiesPage{MayAct: a.may(powerPlan)}
	rows, err := c.activityRows(a, &p)
	if err != nil {
		return err
	}
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	p.columns(activityColumns, activitySorts, nil, []string{"when"})
	p.XLSX = "/activities.xlsx" + strings.TrimPrefix(p.Query.with(func(*listQuery) {}), p.Query.Path)
	return c.show(a, page{word: "activities", data: p})
}

// activityRows reads, filters and sorts what the address asks for, and what can be
// chosen of it.
func (c *console) activityRows(a *ask, p *activitiesPage) (rows []activityRow, err error) {
	p.Query = readListQuery("/activities", a.URL.Query(), activityStates, activitySorts, activityFilters...)
	q := p.Query
	if p.Places, err = c.places(a); err != nil {
		return nil, err
	}
	p.NewAt, p.Months = cmp.Or(q.At, usualPlace(p.Places, nil)), c.months(a.lang)
	all, err := c.activitiesAt(a, p.Places, q.At, q.More.Get("month"))
	if err != nil {
		return nil, err
	}
	p.All, p.Cut = len(all), len(all) >= store.MaxActivities
	names := make(map[string]string, len(p.Places))
	for _, s := range p.Places {
		names[s.ID] = s.Name
	}
	n, platforms, categories, labels := make(map[string]int), make(map[string]bool), make(map[string]bool), make(map[string]bool)
	for _, one := range all {
		r := c.activityRow(a.lang, one)
		r.PlaceName = cmp.Or(names[one.Scope], one.Scope)
		platforms[one.Activity.Platform], categories[one.Category], labels[one.Theme], labels[one.Festival] = true, true, true, true
		if r.fits(q) {
			n[r.Word()]++
			rows = append(rows, r)
		}
	}
	for _, platform := range chosen(platforms, q.More.Get("platform")) {
		p.Platforms = append(p.Platforms, option{platform, c.platformText(a.lang, platform)})
	}
	p.Categories, p.AllLabels = chosen(categories, q.More.Get("category")), chosen(labels, q.More.Get("label"))
	p.Filters = stateFilters(q, activityStates, n, len(rows))
	if q.Show != "" {
		rows = slices.DeleteFunc(rows, func(r activityRow) bool { return r.Word() != q.Show })
	}
	slices.SortStableFunc(rows, func(x, y activityRow) int {
		return cmp.Or(sortActivities(q.Sort, x, y), cmp.Compare(y.Times.From, x.Times.From), cmp.Compare(x.Title, y.Title), slices.Compare(x.ID[:], y.ID[:]))
	})
	return rows, nil
}

// chosen are the values that can be chosen: those that there are, and the one that is.
func chosen(values map[string]bool, now string) (list []string) {
	values[now] = true
	for value := range values {
		if value != "" {
			list = append(list, value)
		}
	}
	slices.Sort(list)
	return list
}

func sortActivities(word string, x, y activityRow) int {
	switch word {
	case "title":
		return cmp.Compare(x.Title, y.Title)
	case "place":
		return cmp.Compare(x.PlaceName, y.PlaceName)
	case "state":
		return cmp.Compare(slices.Index(activityStates, x.Word()), slices.Index(activityStates, y.Word()))
	}
	return 0
}

// fits tells whether an activity is what a query asks for, but for its state.
func (r activityRow) fits(q listQuery) bool {
	text := strings.ToLower(r.Title + "\n" + r.TitleEN + "\n" + r.Number + "\n" + r.Team + "\n" + r.PlaceName + "\n" + r.Theme + "\n" + r.Festival)
	is := func(filter string, values ...string) bool {
		want := q.More.Get(filter)
		return want == "" || slices.Contains(values, want)
	}
	return strings.Contains(text, strings.ToLower(q.Text)) && is("platform", r.Activity.Platform) && is("category", r.Category) && is("label", r.Theme, r.Festival)
}

// activityRow is an activity as people read it.
func (c *console) activityRow(lang assets.Lang, one store.Activity) activityRow {
	return activityRow{Activity: one, To: activityPath(one.Scope, one.ID), Platform: c.platformText(lang, one.Activity.Platform), When: timesText(c.texts[lang], one.Times)}
}

// platformText is what a platform is called.
func (c *console) platformText(lang assets.Lang, platform string) string {
	return cmp.Or(c.platformNames(lang)[platform], platform)
}

// activitiesAt reads the activities of a month, or those of a year ago and later: of a
// place and what lies below it, or of the officer's whole area.
func (c *console) activitiesAt(a *ask, places []place, at, month string) ([]store.Activity, error) {
	from, to := c.day()-activitiesBack, ledger.MaxDay
	if first, err := time.Parse("2006-01", month); err == nil {
		from, to = ledger.DayOf(first), ledger.DayOf(first.AddDate(0, 1, -1))
	}
	in, err := c.scopesOf(a, places, at)
	if err != nil {
		return nil, err
	}
	return c.Store.Activities(a.Context(), in, from, to)
}

// scopesOf are a place with those below it, or all of the officer's area; nil: all
// there are.
func (c *console) scopesOf(a *ask, places []place, at string) (ids []string, err error) {
	if at == "" && a.area.whole {
		return nil, nil
	}
	in := a.area
	if at != "" {
		if err := a.reaches(at); err != nil {
			return nil, err
		}
		all, err := c.Store.AllScopes(a.Context())
		if err != nil {
			return nil, err
		}
		if in = below(at, all); len(in.in) == 0 {
			return nil, store.ErrUnknown
		}
	}
	ids = []string{}
	for _, p := range places {
		if in.has(p.ID) {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

// months are those to choose from, half a year back and forth.
func (c *console) months(lang assets.Lang) (list []option) {
	now := c.Now().In(c.Zone)
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for n := -6; n <= 6; n++ {
		m := first.AddDate(0, n, 0)
		list = append(list, option{m.Format("2006-01"), c.monthOf(lang, m)})
	}
	return list
}

// monthOf is what a month is called.
func (c *console) monthOf(lang assets.Lang, m time.Time) string {
	return c.texts[lang].Text("center.calendar.month", "year", m.Year(), "month", monthText(lang, m))
}

// timesText says when an activity takes place.
func timesText(texts assets.Catalogue, r civic.Recurrence) string {
	at := civic.Clock(r.Start) + "–" + civic.Clock(r.End)
	from, to := r.From.Time().Format("2006-01-02"), r.To.Time().Format("01-02")
	if r.From.Time().Year() != r.To.Time().Year() {
		to = r.To.Time().Format("2006-01-02")
	}
	switch {
	case r.From == r.To:
		return from + " " + at
	case len(r.Weekdays) == 0 || len(r.Weekdays) == 7:
		return texts.Text("center.times.daily", "at", at, "from", from, "to", to)
	}
	var days []string
	for _, w := range r.Weekdays {
		days = append(days, texts.Text("center.weekday."+strconv.Itoa(w)))
	}
	return texts.Text("center.times.weekly", "days", strings.Join(days, texts.Text("center.times.and")), "at", at, "from", from, "to", to)
}

func activityPath(at string, id ledger.ID) string {
	return "/activity/" + url.PathEscape(at) + "/" + id.String()
}

// shiftDay is a day as lists of shifts say it: 11-07 周六.
func shiftDay(texts assets.Catalogue, t time.Time) string {
	return t.Format("01-02") + " " + texts.Text("center.weekday."+strconv.Itoa(civic.Weekday(ledger.DayOf(t))))
}

// splitWords takes a text of the catalogue apart that has several words.
func splitWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '、' || r == ',' })
}
