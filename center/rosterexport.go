package center

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/code"
	"yizhan/ledger"
)

// jobExport takes a list of volunteers home.
const jobExport = "export"

// exportFileName is what such a file is called; its text is center.job.file.volunteers.
const exportFileName = "volunteers.xlsx"

// peopleQuery is which volunteers are wanted: what the list of volunteers shows.
type peopleQuery struct {
	Text string      `json:"text,omitempty"`
	In   string      `json:"in,omitempty"` // a place, or a kiosk whose home it is
	Lang assets.Lang `json:"lang"`
}

// peopleRow is a volunteer of a file.
type peopleRow struct {
	store.Registered
	numbers // only where the columns ask for them
	names   map[string]string
	stars   int64
}

// peopleColumn is a column of a file of volunteers. Headings are those that lists are
// read by, so a file can be mended and imported; others are for people alone.
type peopleColumn struct {
	heading string
	numbers bool // it needs the numbers that are kept sealed
	cell    func(peopleRow) string
}

// peopleColumns are those that everybody may take home who may see volunteers: no
// number of an id card, and of a phone its end.
func peopleColumns() []peopleColumn {
	list := []peopleColumn{
		{"姓名", false, func(r peopleRow) string { return r.Name }},
		{"志愿者编号", false, func(r peopleRow) string { return r.Number }},
		{"手机后四位", false, func(r peopleRow) string { return r.Tail }},
		{"积分", false, func(r peopleRow) string { return some(int64(r.Listed.Points)) }},
		{"时长(分钟)", false, func(r peopleRow) string { return some(r.Listed.Minutes) }},
		{"星级", false, func(r peopleRow) string { return code.Star.Label(some(r.stars), false) }},
	}
	for _, f := range civic.ProfileCodes {
		list = append(list, peopleColumn{profileHeadings[f.Word], false, func(r peopleRow) string { return f.Table.Label(*f.At(&r.Profile), false) }})
	}
	list = append(list, peopleColumn{"居住区域", false, func(r peopleRow) string { return r.Profile.Area }})
	for _, f := range civic.ProfileSets {
		list = append(list, peopleColumn{profileHeadings[f.Word], false, func(r peopleRow) string { return joined(f.Labels(*f.At(&r.Profile), false)) }})
	}
	return append(list,
		peopleColumn{"登记在", false, func(r peopleRow) string { return nameIn(r.names, r.Town) }},
		peopleColumn{"常用益栈", false, func(r peopleRow) string { return nameIn(r.names, r.Home) }},
		peopleColumn{"账户", false, func(r peopleRow) string { return r.ID.String() }})
}

// numberColumns are those of the whole numbers. They are for a file that two officers
// have agreed on.
func numberColumns() []peopleColumn {
	return []peopleColumn{
		{"证件号码", true, func(r peopleRow) string { return r.IDNumber }},
		{"手机", true, func(r peopleRow) string { return r.numbers.Phone }},
	}
}

var profileHeadings = map[string]string{"sex": "性别", "nation": "民族", "political": "政治面貌", "education": "学历", "occupation": "职业", "id_type": "证件类型",
	"kinds": "服务类别", "times": "空闲时间", "skills": "技能"}

// some writes a number that is there.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func nameIn(names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	return id
}

// exportNow begins an export of what the list of volunteers shows.
func (c *console) exportNow(a *ask) error {
	q := peopleQuery{Text: a.typed("q"), In: a.typed("in"), Lang: a.lang}
	scope := q.In
	if scope == "" {
		scope = a.area.ID
	} else if err := a.reaches(scope); err != nil {
		return err
	}
	if scope == "" {
		root, err := c.Store.Root(a.Context())
		if err != nil {
			return err
		}
		scope = root.ID
	}
	id, err := c.jobs.start(a.Context(), jobExport, a.officer.Name, scope, q)
	if err != nil {
		return err
	}
	a.redirect(jobPath(id))
	return nil
}

func (c *console) exportPeople(ctx context.Context, j *jobRun) error {
	var q peopleQuery
	if err := json.Unmarshal(j.Input, &q); err != nil {
		return fmt.Errorf("reading what to export: %w", err)
	}
	n, err := c.writePeople(ctx, j, powerPeople, q, exportFileName, peopleColumns())
	if err != nil {
		return err
	}
	j.tell("volunteers", n)
	return c.Store.Note(ctx, j.Scope, j.Who, "roster.exported", map[string]any{"volunteers": n, "text": q.Text})
}

// writePeople writes the volunteers whom a query finds, within the area of the officer
// who asked, into a workbook of a job. A run that was broken off begins anew.
func (c *console) writePeople(ctx context.Context, j *jobRun, p power, q peopleQuery, file string, columns []peopleColumn) (n int64, err error) {
	within, err := c.reach(ctx, j.Who, p, q.In)
	if err != nil {
		return 0, err
	}
	scopes, err := c.Store.AllScopes(ctx)
	if err != nil {
		return 0, err
	}
	w := peopleWriter{c: c, run: j, columns: columns, names: make(map[string]string, len(scopes))}
	for _, s := range scopes {
		w.names[s.ID] = s.Name
	}
	out, err := j.jobs.create(ctx, j.ID, file)
	if err != nil {
		return 0, err
	}
	if w.book, err = newBookFile(out); err != nil {
		return 0, err
	}
	err = w.write(ctx, q, within)
	if closed := w.book.close(); err == nil {
		err = closed
	}
	if err == nil {
		err = out.Close()
	}
	return w.n, err
}

// peopleWriter writes volunteers page by page.
type peopleWriter struct {
	c       *console
	run     *jobRun
	columns []peopleColumn
	names   map[string]string
	book    exportFile
	n       int64
}

func (w *peopleWriter) write(ctx context.Context, q peopleQuery, within area) error {
	header := make([]string, len(w.columns))
	for i, column := range w.columns {
		header[i] = column.heading
	}
	if err := w.book.row(header); err != nil {
		return err
	}
	look := store.Lookup{Text: q.Text, ByNumber: true}
	if !within.whole {
		look.Has = within.holds
	}
	switch {
	case ledger.ValidKiosk(q.In):
		look.Home = q.In
	case q.In != "":
		look.Town = q.In
	case !within.whole && q.Text == "": // whoever lives there; looking among everybody would take long
		for _, place := range within.places() {
			look.Town = place
			if err := w.all(ctx, look); err != nil {
				return err
			}
		}
		return nil
	}
	return w.all(ctx, look)
}

// all writes whom a question finds.
func (w *peopleWriter) all(ctx context.Context, look store.Lookup) error {
	numbers := slices.ContainsFunc(w.columns, func(c peopleColumn) bool { return c.numbers })
	for {
		found, err := w.c.Store.Find(ctx, look)
		if err != nil {
			return err
		}
		ids := make([]ledger.ID, len(found.Found))
		for i, f := range found.Found {
			ids[i] = f.ID
		}
		people, err := w.c.Store.Registereds(ctx, ids)
		if err != nil {
			return err
		}
		merged, err := w.c.Store.MergedInto(ctx, ids) // those lead to another record, which has a row
		if err != nil {
			return err
		}
		people = slices.DeleteFunc(people, func(p store.Registered) bool { return !merged[p.ID].IsZero() })
		stars, err := w.c.Store.StarsAmong(ctx, ids)
		if err != nil {
			return err
		}
		for _, p := range people {
			row := peopleRow{Registered: p, names: w.names, stars: stars[p.ID]}
			if numbers {
				row.numbers, _ = w.c.safe.open(p.ID, p.Sealed) // sealed by other keys: they are not known
			}
			if err := w.book.row(w.cells(row)); err != nil {
				return err
			}
		}
		if w.n += int64(len(people)); w.n > maxPeopleFile {
			return jobProblem("large")
		}
		if err := w.run.at(ctx, w.n, 0, nil); err != nil || found.Next == "" {
			return err
		}
		look.After = found.Next
	}
}

func (w *peopleWriter) cells(r peopleRow) []string {
	cells := make([]string, len(w.columns))
	for i, column := range w.columns {
		cells[i] = column.cell(r)
	}
	return cells
}
