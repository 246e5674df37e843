package center

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic/code"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

const activitylistPath = "/activitylist"

// listedActivity is one row of a list of activities, as it would be typed, and what it
// would do.
type listedActivity struct {
	Form activityForm
	listed
	ID    ledger.ID
	At    string // the place that plans it
	Place string // as the list calls it
	Seen  uint64 // version of the activity that it changes, when the list was looked at
	Field string // of which the problem is
}

// Title is what it is called.
func (r listedActivity) Title() string { return r.Form["title"] }

// activitylistPage asks for a list of activities, and says what it would do before it
// does.
type activitylistPage struct{ lookedList[listedActivity] }

func newActivitylist() activitylistPage {
	return activitylistPage{lookedList[listedActivity]{Word: "activitylist", Here: activitylistPath, Up: "/activities"}}
}

func (c *console) activitylist(a *ask) error {
	p := newActivitylist()
	return c.show(a, page{word: p.Word, data: p})
}

func (c *console) activitylistNow(a *ask) error {
	p := newActivitylist()
	return takeList(c, a, &p, &p.lookedList, listKind[listedActivity]{most: maxActivityList, done: p.Up + "?done=activitylist", read: readHappenings,
		plan: func() error { return c.planActivities(a, p.Rows) },
		take: func(rows []listedActivity) error { return c.takeActivities(a, rows) }})
}

// readHappenings reads the rows of a file.
func readHappenings(ctx context.Context, path string, row func(listedActivity) error, rejected func(sheet.Rejection) error) error {
	_, err := sheet.ReadActivities(ctx, path, func(h sheet.Happening) error {
		r := listedActivity{listed: listed{Row: h.Row}, Place: h.Place, Form: activityForm{"title": plainText(h.Title), "title_en": h.TitleEN, "number": h.Number, "platform": h.Platform,
			"category": h.Category, "team": h.Team, "theme": h.Theme, "festival": h.Festival, "about": h.About, "spots": h.Spots, "posts": h.Posts, "from": h.From.String(),
			"start": clockWord(h.Start), "end": clockWord(h.End), "except": h.Except, "weekdays": h.Weekdays, "served": h.Served, "leaders": "", "to": ""}}
		if !h.To.IsZero() {
			r.Form["to"] = h.To.String()
		}
		if h.Code != "" {
			id, err := ledger.ParseID(strings.ToUpper(h.Code))
			if r.ID = id; err != nil || id.IsZero() {
				r.Word = "code"
			}
		}
		return row(r)
	}, rejected)
	return err
}

// clockWord writes 8:00 as 08:00.
func clockWord(text string) string {
	if text = strings.ReplaceAll(text, "：", ":"); len(text) == 4 {
		return "0" + text
	}
	return text
}

// planActivities finds out what each row would do.
func (c *console) planActivities(a *ask, rows []listedActivity) error {
	places, err := c.places(a)
	if err != nil {
		return err
	}
	byName := make(map[string][]string)
	for _, s := range places {
		for _, name := range []string{s.ID, s.Name} {
			byName[name] = append(byName[name], s.ID)
		}
	}
	platforms := c.platformCodes()
	for i := range rows {
		r := &rows[i]
		if r.Word != "" {
			continue
		}
		ids := slices.Compact(byName[r.Place])
		switch {
		case r.Place == "":
			r.At = usualPlace(places, nil)
		case len(ids) == 1:
			r.At = ids[0]
		default:
			r.Word = "place"
			continue
		}
		r.Form["platform"] = cmp.Or(platforms[strings.ToLower(r.Form["platform"])], r.Form["platform"])
		if r.Form["weekdays"], err = c.weekdayCodes(r.Form["weekdays"]); err != nil {
			r.Word, r.Field = "field", "never"
			continue
		}
		r.Form["served"] = servedCodes(r.Form["served"])
		if err := c.planActivity(a, r); err != nil {
			return err
		}
	}
	return nil
}

// planActivity tells what one row would do. One that is published and whose shifts it
// would change is for its page, which says what follows.
func (c *console) planActivity(a *ask, r *listedActivity) (err error) {
	one := store.Activity{Scope: r.At}
	fresh := r.ID.IsZero()
	if fresh {
		if r.ID, err = c.Store.NewActivityID(); err != nil {
			return err
		}
	} else if one, err = c.Store.Activity(a.Context(), r.ID); errors.Is(err, store.ErrUnknown) {
		r.Word = "code"
		return nil
	} else if err != nil {
		return err
	} else if err := a.reaches(one.Scope); err != nil {
		return err
	}
	stood := one.Activity
	for _, leader := range stood.Leaders { // a list does not say them
		r.Form["leaders"] += leader.String() + ","
	}
	r.Seen = one.Version
	if r.At != one.Scope {
		r.Word = "elsewhere"
		return nil
	}
	word, field, err := c.judgeActivity(a, *r, &one)
	if err != nil || word != "" {
		r.Word, r.Field = word, field
		return err
	}
	if r.Word = listedNew; !fresh {
		if r.Word = listedChanged; fmt.Sprint(stood) == fmt.Sprint(one.Activity) {
			r.Word = listedSame
		}
	}
	return nil
}

// judgeActivity makes the activity of a row, over the one that stands there, or says why
// it is refused.
func (c *console) judgeActivity(a *ask, r listedActivity, one *store.Activity) (word, field string, err error) {
	p := activityPage{Place: place{Scope: store.Scope{ID: one.Scope}}}
	one.Activity, p.Problems = r.Form.read(r.ID)
	if err := c.checkKiosks(a, &p, *one); err != nil {
		return "", "", err
	}
	for _, name := range activityFields {
		if problem := p.Problems[name]; problem != "" {
			return "field", problem, nil
		}
	}
	if one.State == store.ActivityClosed {
		return "closed", "", nil
	}
	if one.State != store.ActivityPublished {
		return "", "", nil
	}
	shifts, err := c.timesOf(a, *one)
	if err != nil {
		return "", "", err
	}
	if plan, err := c.Store.PlanActivity(a.Context(), *one, shifts); err != nil || plan.Any() {
		return "published", "", err
	}
	return "", "", nil
}

// takeActivities writes the rows, each as it was looked at. Those that cannot be written
// say why; the others stay.
func (c *console) takeActivities(a *ask, rows []listedActivity) error {
	for i := range rows {
		r := &rows[i]
		if r.Word != listedNew && r.Word != listedChanged || r.ID.IsZero() || ledger.ValidKiosk(r.At) {
			return errForm
		}
		if err := a.reaches(r.At); err != nil {
			return err
		}
		one, err := c.Store.Activity(a.Context(), r.ID)
		if errors.Is(err, store.ErrUnknown) {
			one, err = store.Activity{Scope: r.At}, nil
		}
		if err != nil || one.Scope != r.At {
			return cmp.Or(err, errForm)
		}
		word, field, err := c.judgeActivity(a, *r, &one)
		if err != nil {
			return err
		}
		if word != "" {
			r.Word, r.Field = word, field
			continue
		}
		shifts, err := c.timesOf(a, one)
		if err != nil {
			return err
		}
		switch err := c.Store.SaveActivity(a.Context(), r.Seen, one, shifts); {
		case errors.Is(err, store.ErrChanged):
			r.Word = "meanwhile"
		case err != nil:
			return err
		}
	}
	return nil
}

// weekdayCodes reads days of a week as people write them: 周六、周日; 六日; 周末; Sat, Sun;
// 6,7. None of a text that is not empty is an error.
func (c *console) weekdayCodes(text string) (string, error) {
	var days []string
	words := map[string][]string{"每天": {}, "天天": {}, "daily": {}, "周末": {"6", "7"}, "双休日": {"6", "7"}, "weekend": {"6", "7"}, "工作日": {"1", "2", "3", "4", "5"}}
	for n := 1; n <= 7; n++ {
		day := strconv.Itoa(n)
		for _, lang := range assets.Langs {
			words[strings.ToLower(c.texts[lang].Text("center.weekday."+day))] = []string{day}
		}
		words[day], words[string([]rune("一二三四五六日")[n-1])] = []string{day}, []string{day}
	}
	words["天"] = []string{"7"}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune("、，,;；/ 和", r) }) {
		word = strings.ReplaceAll(strings.TrimPrefix(word, "每"), "星期", "周")
		if found, ok := words[word]; ok {
			days = append(days, found...)
			continue
		}
		for _, r := range strings.TrimPrefix(word, "周") { // 六日
			found, ok := words[string(r)]
			if !ok {
				return text, fmt.Errorf("%w: weekday %q", errForm, word)
			}
			days = append(days, found...)
		}
	}
	slices.Sort(days)
	return strings.Join(slices.Compact(days), ","), nil
}

// servedCodes reads whom an activity is for; what is no code is left out.
func servedCodes(text string) string {
	var codes []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,;；/", r) }) {
		if one, ok := code.Served.Parse(strings.TrimSpace(word)); ok {
			codes = append(codes, one)
		}
	}
	return strings.Join(codes, ",")
}

// activitiesXLSX writes the list as it is filtered, so that it can be read back.
func (c *console) activitiesXLSX(a *ask) error {
	return c.export(a, "activities", "xlsx", func() (func(exportFile) error, error) {
		var p activitiesPage
		rows, err := c.activityRows(a, &p)
		if err != nil {
			return nil, err
		}
		return func(file exportFile) error {
			header := []string{c.text(a, "center.activitylist.column.id"), c.text(a, "center.activitylist.column.place"), c.text(a, "center.activities.column.state")}
			fields := slices.DeleteFunc(slices.Clone(activityFields), func(field string) bool { return field == "leaders" })
			for _, field := range fields {
				header = append(header, c.text(a, "center.activity.field."+field))
			}
			err := file.row(header)
			for _, r := range rows {
				cells := []string{r.ID.String(), r.Scope, c.text(a, "center.activities.state."+r.Word())}
				form := activityFormOf(r.Activity.Activity)
				for _, field := range fields {
					cells = append(cells, c.cellOf(a.lang, field, form))
				}
				err = cmp.Or(err, file.row(cells))
			}
			return err
		}, nil
	})
}

// cellOf is a field as a list has it.
func (c *console) cellOf(lang assets.Lang, field string, form activityForm) string {
	var list []string
	switch field {
	case "weekdays":
		for _, w := range form.ticked(field) {
			list = append(list, c.texts[lang].Text("center.weekday."+w))
		}
	case "served":
		for _, s := range form.ticked(field) {
			list = append(list, code.Served.Label(s, lang == assets.English))
		}
	case "platform":
		return c.platformText(lang, form[field])
	default:
		return strings.TrimSpace(form[field])
	}
	return strings.Join(list, "、")
}
