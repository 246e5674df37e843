package center

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/code"
	"yizhan/ledger"
)

// activityForm is the fields of an activity as they are typed, by name. What is ticked
// stands in one field, with commas in between.
type activityForm map[string]string

// Fields of an activity in the order of the form: those of one line, of several, and
// those that are ticked.
var (
	activityFields = []string{"title", "title_en", "number", "platform", "category", "team", "theme", "festival", "about", "spots", "posts", "from", "to", "start", "end", "except", "weekdays", "served", "leaders"}
	activityLines  = []string{"about", "spots", "posts"}
	activityTicks  = []string{"weekdays", "served", "leaders"}
)

// activityFormOf writes an activity as it would be typed.
func activityFormOf(a civic.Activity) activityForm {
	f := activityForm{"title": a.Title, "title_en": a.TitleEN, "number": a.Number, "platform": a.Platform, "category": a.Category, "team": a.Team, "theme": a.Theme,
		"festival": a.Festival, "about": a.About, "spots": civic.SpotsText(a.Spots), "posts": civic.PostsText(a.Posts), "except": civic.DaysText(a.Times.Except),
		"start": civic.Clock(a.Times.Start), "end": civic.Clock(a.Times.End), "from": "", "to": "", "served": strings.Join(a.Served, ",")}
	for field, day := range map[string]ledger.Day{"from": a.Times.From, "to": a.Times.To} {
		if day != 0 {
			f[field] = day.Time().Format(time.DateOnly)
		}
	}
	var days, leaders []string
	for _, w := range a.Times.Weekdays {
		days = append(days, strconv.Itoa(w))
	}
	for _, id := range a.Leaders {
		leaders = append(leaders, id.String())
	}
	f["weekdays"], f["leaders"] = strings.Join(days, ","), strings.Join(leaders, ",")
	return f
}

// typedActivity takes the form in.
func (a *ask) typedActivity() activityForm {
	f := make(activityForm)
	for _, field := range activityFields {
		switch {
		case slices.Contains(activityTicks, field):
			a.typed(field) // reads the form
			f[field] = strings.Join(a.PostForm[field], ",")
			if len(f[field]) > maxFieldBytes*4 {
				f[field] = ""
			}
		case slices.Contains(activityLines, field):
			f[field] = a.typedLines(field)
		default:
			f[field] = plainText(a.typed(field))
		}
	}
	return f
}

// ticked are the values of a field that is ticked.
func (f activityForm) ticked(field string) []string {
	return strings.FieldsFunc(f[field], func(r rune) bool { return r == ',' })
}

// Has tells whether a value of a field is ticked.
func (f activityForm) Has(field, value string) bool {
	return slices.Contains(f.ticked(field), value)
}

// read makes the activity of what was typed, over its id. Problems are by field:
// center.activity.problem.WORD.
func (f activityForm) read(id ledger.ID) (civic.Activity, map[string]string) {
	problems := make(map[string]string)
	a := civic.Activity{ID: id, Number: f["number"], Title: f["title"], TitleEN: f["title_en"], Platform: f["platform"], Category: f["category"], Team: f["team"],
		Theme: f["theme"], Festival: f["festival"], About: f["about"], Spots: civic.ParseSpots(f["spots"]), Posts: civic.ParsePosts(f["posts"])}
	f.readTimes(&a.Times, problems)
	for _, served := range f.ticked("served") {
		if code.Served.Has(served) {
			a.Served = append(a.Served, served)
		}
	}
	for _, text := range f.ticked("leaders") {
		leader, err := ledger.ParseID(text)
		if err != nil {
			problems["leaders"] = "leaders"
			continue
		}
		a.Leaders = append(a.Leaders, leader)
	}
	f.find(a, problems)
	return a, problems
}

// readTimes reads when it takes place.
func (f activityForm) readTimes(r *civic.Recurrence, problems map[string]string) {
	for field, day := range map[string]*ledger.Day{"from": &r.From, "to": &r.To} {
		at, err := time.Parse(time.DateOnly, f[field])
		if *day = ledger.DayOf(at); err != nil || *day < 1 || *day > ledger.MaxDay {
			problems[field] = "day"
		}
	}
	if f["to"] == "" && f["from"] != "" {
		r.To = r.From
		delete(problems, "to")
	}
	for field, minute := range map[string]*int64{"start": &r.Start, "end": &r.End} {
		var err error
		if *minute, err = civic.ParseClock(f[field]); err != nil {
			problems[field] = "clock"
		}
	}
	var err error
	if r.Except, err = civic.ParseDays(f["except"]); err != nil {
		problems["except"] = "day"
	}
	for _, text := range f.ticked("weekdays") {
		if w, err := strconv.Atoi(text); err == nil && w >= 1 && w <= 7 {
			r.Weekdays = append(r.Weekdays, w)
		}
	}
	slices.Sort(r.Weekdays)
	r.Weekdays = slices.Compact(r.Weekdays)
	switch {
	case len(problems) > 0:
	case r.To < r.From:
		problems["to"] = "to"
	case r.To-r.From > civic.MaxActivityDays:
		problems["to"] = "long"
	case r.End <= r.Start:
		problems["end"] = "end"
	case r.Count() == 0:
		problems["weekdays"] = "never"
	}
}

// find says of each field whether it alone would be refused.
func (f activityForm) find(a civic.Activity, problems map[string]string) {
	whole := civic.Activity{ID: ledger.ID{1}, Title: "x", Spots: []civic.Spot{{Place: "x"}}, Times: civic.Recurrence{From: 1, To: 1, Start: 1, End: 2}}
	for field, put := range map[string]func(*civic.Activity){
		"title": func(w *civic.Activity) { w.Title = a.Title }, "title_en": func(w *civic.Activity) { w.TitleEN = a.TitleEN }, "number": func(w *civic.Activity) { w.Number = a.Number },
		"platform": func(w *civic.Activity) { w.Platform = a.Platform }, "category": func(w *civic.Activity) { w.Category = a.Category }, "team": func(w *civic.Activity) { w.Team = a.Team },
		"theme": func(w *civic.Activity) { w.Theme = a.Theme }, "festival": func(w *civic.Activity) { w.Festival = a.Festival }, "about": func(w *civic.Activity) { w.About = a.About },
		"spots": func(w *civic.Activity) { w.Spots = a.Spots }, "posts": func(w *civic.Activity) { w.Posts = a.Posts },
		"leaders": func(w *civic.Activity) { w.Leaders = a.Leaders }, "served": func(w *civic.Activity) { w.Served = a.Served },
	} {
		one := whole
		if put(&one); problems[field] == "" && one.Check() != nil {
			problems[field] = field
		}
	}
	if len(problems) > 0 || a.Check() == nil {
		return
	}
	if problems["spots"] = "much"; a.Times.Count()*len(a.Spots) > civic.MaxActivityShifts {
		problems["to"] = "many"
		delete(problems, "spots")
	}
}

// usualActivity is the form of a new activity: a Saturday morning.
func (c *console) usualActivity() activityForm {
	day := c.day() + 1
	for civic.Weekday(day) != 6 {
		day++
	}
	f := activityFormOf(civic.Activity{Times: civic.Recurrence{From: day, To: day, Start: 8 * 60, End: 10 * 60}})
	f["spots"], f["posts"] = "", ""
	return f
}

// timesOf are all shifts of an activity with what the center adds: how long one may
// check in around them, by the rules of the place, and where phones do.
func (c *console) timesOf(a *ask, one store.Activity) ([]civic.Shift, error) {
	rules, err := c.Store.Rulebook(a.Context())
	if err != nil {
		return nil, err
	}
	list := one.Shifts(one.Scope, c.Zone)
	codes, tickets := c.phonesAt(a)
	for i := range list {
		list[i].Codes, list[i].Tickets = codes, tickets
		policy := civic.Policy{}.WithDefaults()
		if v := rules.On(one.Scope, ledger.DayOf(time.Unix(list[i].Start, 0).In(c.Zone))); v != nil {
			policy = v.Policy.WithDefaults()
		}
		list[i].CheckEarly, list[i].CheckLate = policy.EarlyMinutes*60, policy.LateMinutes*60
	}
	return list, nil
}

// phonesFind is the address under which people's phones find the center.
func (c *console) phonesFind(a *ask) string {
	return overTLS(cmp.Or(c.Phones, c.addressFor(a)))
}

func overTLS(at string) string {
	if strings.Contains(at, "://") {
		return at
	}
	return "https://" + strings.TrimSuffix(at, ":443")
}

// phonesAt is what stands before the codes that phones scan, in capitals, which make the
// QR code small; "" when the address is too long for one.
func (c *console) phonesAt(a *ask) (codes, tickets string) { return prefixesAt(c.phonesFind(a)) }

func prefixesAt(address string) (codes, tickets string) {
	at := strings.ToUpper(address)
	if civic.CodesPrefix(at+"/C/") != nil {
		return "", ""
	}
	return at + "/C/", at + "/P/"
}

// sayCodes has the shifts that are published say where phones find the center, once after
// this process began: the address that it was given may be another one than before.
// Without one, it is what the browser of whoever publishes calls the center.
func (c *console) sayCodes(ctx context.Context) error {
	at := cmp.Or(c.Phones, c.Address)
	if at == "" || c.coded {
		return nil
	}
	codes, tickets := prefixesAt(overTLS(at))
	n, err := c.Store.SayCodes(ctx, codes, tickets)
	if c.coded = err == nil; n > 0 {
		c.Log.Info("center: shifts say another address for phones", "shifts", n, "address", at)
	}
	return err
}
