package center

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// jobGroups adds up who was where, by activity, platform, team and category: what the
// monthly summary, which is read from sums of days, cannot say.
const jobGroups = "groups"

// groupsFileName is what such a file is called; its text is center.job.file.groups.
const groupsFileName = "groups.xlsx"

func (c *console) groups(a *ask) error { return c.showSpan(a, "groups", c.lastMonth()) }

// groupsNow begins to add up a place and some days.
func (c *console) groupsNow(a *ask) error { return c.spanNow(a, "groups", jobGroups) }

// groupKinds are the sheets of the workbook: center.groups.by.WORD.
var groupKinds = []string{"activity", "platform", "team", "category"}

// groupSum is what one activity, platform, team or category came to.
type groupSum struct {
	name    string
	place   string // of an activity
	shifts  map[ledger.ID]bool
	people  map[int32]bool // by the order in which they were met
	visits  int64
	waiting int64 // visits of which nobody has decided yet
	credit  int64 // minutes
	honour  int64
	points  ledger.Points
}

// grouping adds up the attendances of a place, page by page.
type grouping struct {
	c          *console
	run        *jobRun
	in         serviceInput
	within     area
	names      map[string]string // of places
	activities map[ledger.ID]store.Activity
	met        map[ledger.ID]int32
	sums       map[string]map[string]*groupSum // by kind, and there by what makes them one group
	n          int64
}

// addGroups writes the workbook. A run that was broken off begins anew.
func (c *console) addGroups(ctx context.Context, j *jobRun) error {
	g := grouping{c: c, run: j, names: make(map[string]string), activities: make(map[ledger.ID]store.Activity), met: make(map[ledger.ID]int32), sums: make(map[string]map[string]*groupSum)}
	if err := json.Unmarshal(j.Input, &g.in); err != nil {
		return fmt.Errorf("reading what to add up: %w", err)
	}
	if _, err := c.reach(ctx, j.Who, powerReport, g.in.At); err != nil {
		return err
	}
	all, err := c.Store.AllScopes(ctx)
	if err != nil {
		return err
	}
	g.within = below(g.in.At, all)
	for _, s := range all {
		g.names[s.ID] = s.Name
	}
	for _, kind := range groupKinds {
		g.sums[kind] = make(map[string]*groupSum)
	}
	for _, step := range []func(context.Context) error{g.attendances, g.honours, g.write} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	j.tell("visits", g.n)
	j.tell("people", int64(len(g.met)))
	return nil
}

func (g *grouping) attendances(ctx context.Context) error {
	for behind := (store.AttendMark{}); ; {
		list, err := g.c.Store.AttendancesOn(ctx, g.in.From, g.in.To, behind)
		if err != nil || len(list) == 0 {
			return err
		}
		behind = list[len(list)-1].Mark()
		for _, x := range list {
			if !g.within.has(x.Scope) || x.State == store.AttendMoved || x.State == civic.AttendRefused {
				continue
			}
			if err := g.attendance(ctx, x); err != nil {
				return err
			}
		}
		if err := g.run.at(ctx, g.n, 0, nil); err != nil {
			return err
		}
	}
}

// attendance counts one visit in each of its groups.
func (g *grouping) attendance(ctx context.Context, x store.Attendance) error {
	if g.n++; g.n > maxServiceFile {
		return jobProblem("large")
	}
	one, known := g.activities[x.Activity]
	if !known {
		var err error
		if one, err = g.c.Store.Activity(ctx, x.Activity); err != nil && !gone(err) {
			return err
		}
		one.Title = cmp.Or(one.Title, x.Title)
		g.activities[x.Activity] = one
	}
	for _, s := range g.of(x.Activity.String(), g.names[x.Scope], one) {
		s.shifts[x.Shift], s.people[g.person(x.Volunteer)] = true, true
		s.visits++
		if x.State == civic.AttendConfirmed {
			s.credit, s.points = s.credit+x.Credit, s.points+x.Points
		} else {
			s.waiting++
		}
	}
	return nil
}

// honours adds hours that were entered afterwards, which say what for and no more.
func (g *grouping) honours(ctx context.Context) error {
	w := serviceWriter{c: g.c}
	for behind := (store.Honour{}); ; {
		list, err := g.c.Store.HonoursOn(ctx, g.in.From, g.in.To, behind)
		if err != nil || len(list) == 0 {
			return err
		}
		behind = list[len(list)-1]
		ids := make([]ledger.ID, len(list))
		for i, h := range list {
			ids[i] = h.Volunteer
		}
		people, err := w.people(ctx, ids)
		if err != nil {
			return err
		}
		for _, h := range list {
			p := people[h.Volunteer]
			if !g.within.holds(p.Town, p.Home) {
				continue
			}
			if g.n++; g.n > maxServiceFile {
				return jobProblem("large")
			}
			for _, s := range g.of("entered "+h.What, "", store.Activity{Activity: civic.Activity{Title: h.What}}) {
				s.people[g.person(p.ID)] = true
				s.visits, s.honour = s.visits+1, s.honour+h.Minutes()
			}
		}
		if err := g.run.at(ctx, g.n, 0, nil); err != nil {
			return err
		}
	}
}

// of finds the groups of an activity, one of each kind.
func (g *grouping) of(id, place string, one store.Activity) (list []*groupSum) {
	keys := map[string]string{"activity": id, "platform": one.Platform, "team": one.Team, "category": one.Category}
	for _, kind := range groupKinds {
		s := g.sums[kind][keys[kind]]
		if s == nil {
			s = &groupSum{name: keys[kind], shifts: make(map[ledger.ID]bool), people: make(map[int32]bool)}
			switch {
			case kind == "activity":
				s.name, s.place = one.Title, place
			case s.name == "":
				s.name = g.c.texts[g.in.Lang].Text("center.groups.none")
			case kind == "platform":
				s.name = g.c.platformText(g.in.Lang, s.name)
			}
			g.sums[kind][keys[kind]] = s
		}
		list = append(list, s)
	}
	return list
}

// person is the number of somebody, who is new or was met before.
func (g *grouping) person(id ledger.ID) int32 {
	n, known := g.met[id]
	if !known {
		n = int32(len(g.met))
		g.met[id] = n
	}
	return n
}

// write writes a sheet for each kind, those with the most hours first.
func (g *grouping) write(ctx context.Context) error {
	out, err := g.run.jobs.create(ctx, g.run.ID, groupsFileName)
	if err != nil {
		return err
	}
	book, err := newSheets(out)
	if err != nil {
		return err
	}
	for _, kind := range groupKinds {
		err = cmp.Or(err, g.sheet(book, kind))
	}
	return cmp.Or(err, book.close(), out.Close())
}

func (g *grouping) sheet(book *bookFile, kind string) error {
	texts := g.c.texts[g.in.Lang]
	if err := book.sheet(texts.Text("center.groups.by." + kind)); err != nil {
		return err
	}
	header := []string{texts.Text("center.groups.by." + kind)}
	for _, word := range []string{"place", "shifts", "people", "visits", "waiting", "credit", "honour", "points"} {
		if word != "place" || kind == "activity" {
			header = append(header, texts.Text("center.groups.column."+word))
		}
	}
	if err := book.row(header); err != nil {
		return err
	}
	rows := slices.SortedFunc(maps.Values(g.sums[kind]), func(x, y *groupSum) int {
		return cmp.Or(cmp.Compare(y.credit+y.honour, x.credit+x.honour), cmp.Compare(y.visits, x.visits), cmp.Compare(x.name, y.name), cmp.Compare(x.place, y.place))
	})
	for _, s := range rows {
		cells := []string{s.name}
		if kind == "activity" {
			cells = append(cells, s.place)
		}
		for _, n := range []int64{int64(len(s.shifts)), int64(len(s.people)), s.visits, s.waiting} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		cells = append(cells, assets.Hours(s.credit), assets.Hours(s.honour), strconv.FormatInt(int64(s.points), 10))
		if err := book.row(cells); err != nil {
			return err
		}
	}
	return nil
}
