package center

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/ledger"
)

// Kinds of jobs with lists of volunteers.
const (
	jobLook   = "look"   // what a list would do
	jobImport = "import" // a list that was looked at
	jobUndo   = "undo"   // an import, as a whole
)

// Files of such a job.
const (
	rosterFile   = "list" // and the ending of the file that was sent
	rejectedFile = "rejected.xlsx"
	remainsFile  = "remains.xlsx" // what an undoing could not put back
)

// rosterInput is what is to be done with a list.
type rosterInput struct {
	Town string      `json:"town"`           // for those who are new
	Home string      `json:"home,omitempty"` // likewise
	Move bool        `json:"move,omitempty"` // those who are known, too
	Name string      `json:"name"`           // of the file, as it was sent
	Lang assets.Lang `json:"lang"`           // of what is written for people
	Of   string      `json:"of,omitempty"`   // the look whose file it is, or the import that is undone
}

// file is what the list is called among the job's files.
func (in rosterInput) file() string { return rosterFile + filepath.Ext(in.Name) }

// rosterDetail is what came of a list, as its page shows it.
type rosterDetail struct {
	Refused  *refusedList           `json:"refused,omitempty"` // it is no list
	New      int64                  `json:"new"`
	Changed  int64                  `json:"changed"`
	Same     int64                  `json:"same"`
	Rejected int64                  `json:"rejected"`
	Points   int64                  `json:"points"` // that it grants
	Notices  []twoTexts             `json:"notices,omitempty"`
	Lines    map[string][]rosterRow `json:"lines,omitempty"` // the first of each fate
}

// twoTexts says something in Chinese and English.
type twoTexts struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text of a language.
func (t twoTexts) In(english bool) string {
	if english {
		return t.EN
	}
	return t.ZH
}

// refusedList says why a file is no list, and what to do.
type refusedList struct{ Message, Hint twoTexts }

// rosterRow is a row as the look shows it.
type rosterRow struct {
	Row     int            `json:"row,omitempty"` // of one that is refused
	Name    string         `json:"name,omitempty"`
	Number  string         `json:"number,omitempty"`
	Points  int64          `json:"points,omitempty"`
	Changes []rosterChange `json:"changes,omitempty"`
	Why     twoTexts       `json:"why,omitzero"`
}

// rosterChange is a field that becomes another one: center.volunteer.FIELD.
type rosterChange struct {
	Field string `json:"field"`
	Was   string `json:"was,omitempty"`
	Now   string `json:"now,omitempty"`
}

// Fates of rows, in the order in which they are shown.
var rosterFates = []string{"rejected", "new", "changed", "same"}

// rosterJobs registers the jobs with lists.
func (c *console) rosterJobs() {
	page := func(j store.Job) string { return importPath(j.ID) }
	c.jobs.register(jobLook, jobKind{power: powerRegister, run: c.lookAtRoster, page: page})
	c.jobs.register(jobImport, jobKind{power: powerRegister, run: c.importRoster, page: page})
	c.jobs.register(jobExport, jobKind{power: powerPeople, run: c.exportPeople})
	c.jobs.register(jobUndo, jobKind{power: powerRegister, run: c.undoRoster})
}

// rosterRun is a list in work.
type rosterRun struct {
	*jobRun
	c      *console
	in     rosterInput
	run    *importing // nil: nothing of the list can be taken
	detail rosterDetail
}

// openRoster reads the list of a job and compares it with the book. With a list that
// is refused there is no run.
func (c *console) openRoster(ctx context.Context, j *jobRun) (r *rosterRun, err error) {
	r = &rosterRun{jobRun: j, c: c, detail: rosterDetail{Lines: make(map[string][]rosterRow)}}
	if err := json.Unmarshal(j.Input, &r.in); err != nil {
		return nil, fmt.Errorf("reading what a list is for: %w", err)
	}
	within, err := c.reach(ctx, j.Who, powerRegister, r.in.Town, r.in.Home)
	if err != nil {
		return nil, err
	}
	path, err := r.list(ctx)
	if err != nil {
		return nil, err
	}
	var out Imported
	office := Office{Store: c.Store, Keys: c.Keys, Now: c.Now, Random: c.Random, Log: c.Log}
	in := Import{Town: r.in.Town, Home: r.in.Home, Roster: path, Stay: !r.in.Move,
		Locked: func(town, home string) bool { return town != "" && !within.holds(town, home) }}
	if j.Kind == jobImport {
		in.Job = j.ID
	} else {
		in.Rejected = filepath.Join(j.folder, rejectedFile)
	}
	r.run, err = office.compare(ctx, in, &out)
	if err != nil && !errors.Is(err, issuer.ErrNothingTaken) {
		return nil, err
	}
	if err != nil {
		r.run = nil
	}
	r.tellFile(out.Files[0])
	return r, nil
}

// list is the path of a copy of the list.
func (r *rosterRun) list(ctx context.Context) (path string, err error) {
	from := *r.jobRun
	if r.in.Of != "" {
		from.ID = r.in.Of
	}
	if _, err := r.temp(); err != nil {
		return "", err
	}
	from.folder = r.folder
	path, err = from.spool(ctx, r.in.file())
	if errors.Is(err, store.ErrUnknown) {
		return "", jobProblem("gone")
	}
	return path, err
}

// tellFile takes over what the reader found.
func (r *rosterRun) tellFile(f *issuer.File) {
	d := &r.detail
	if f.Refused != nil {
		d.Refused = &refusedList{Message: twoTexts{f.Refused.Message, f.Refused.MessageEN}, Hint: twoTexts{f.Refused.Hint, f.Refused.HintEN}}
	}
	for _, n := range f.Notices[:min(len(f.Notices), shownNotices)] {
		d.Notices = append(d.Notices, twoTexts{n.Text, n.TextEN})
	}
	d.Rejected = int64(len(f.Rejected))
	for _, rej := range f.Rejected[:min(len(f.Rejected), shownFates)] {
		d.Lines["rejected"] = append(d.Lines["rejected"], rosterRow{Row: rej.Row, Why: twoTexts{rej.Reason, rej.ReasonEN}})
	}
}

// finish keeps what the page shows.
func (r *rosterRun) finish() error {
	text, err := json.Marshal(r.detail)
	if err != nil {
		return fmt.Errorf("writing what came of a list: %w", err)
	}
	r.result.Detail = text
	return nil
}

// reach is the area of an officer, who must still have a power there and reach the
// places: a job may run long after it was asked for.
func (c *console) reach(ctx context.Context, who string, p power, places ...string) (area, error) {
	o, err := c.Store.Officer(ctx, who)
	if err != nil {
		return area{}, err
	}
	within, err := c.areaWithin(ctx, o.Scope)
	if err != nil {
		return area{}, err
	}
	if !o.Ready() || !allowed(o.Role, p) || slices.ContainsFunc(places, func(at string) bool { return at != "" && !within.has(at) }) {
		return area{}, jobProblem("power")
	}
	return within, nil
}

// lookAtRoster tells what a list would do, and keeps the rows that it would not take.
func (c *console) lookAtRoster(ctx context.Context, j *jobRun) error {
	r, err := c.openRoster(ctx, j)
	if err != nil {
		return err
	}
	if err := r.keepFile(ctx, rejectedFile); err != nil {
		return err
	}
	if r.run == nil {
		return r.finish()
	}
	total := int64(r.run.lists.Files[0].Accepted)
	for rows := range pagesOf(r.run.lists.Rows(), store.MaxAdmissions) {
		if err := r.at(ctx, r.detail.New+r.detail.Changed+r.detail.Same, total, nil); err != nil {
			return err
		}
		list := make([]store.Admission, len(rows))
		for i, row := range rows {
			list[i] = r.run.admission(row)
		}
		met, err := c.Store.Meet(ctx, list)
		if err != nil {
			return err
		}
		for i, m := range met {
			r.detail.count(m.Outcome, list[i].Earned.Points)
			r.show(m, list[i].Earned.Points)
		}
	}
	return r.finish()
}

func (d *rosterDetail) count(outcome store.Outcome, points ledger.Points) {
	switch outcome {
	case store.AdmittedNew:
		d.New++
	case store.AdmittedChanged:
		d.Changed++
	default:
		d.Same++
	}
	d.Points += int64(points)
}

// show keeps the first rows of each fate.
func (r *rosterRun) show(m store.Meeting, points ledger.Points) {
	fate := map[store.Outcome]string{store.AdmittedNew: "new", store.AdmittedChanged: "changed", store.AdmittedSame: "same"}[m.Outcome]
	if len(r.detail.Lines[fate]) == shownFates {
		return
	}
	row := rosterRow{Name: m.After.Name, Number: m.After.Number, Points: int64(points)}
	if m.Outcome == store.AdmittedChanged {
		row.Changes = changesOf(m.Before, m.After)
	}
	r.detail.Lines[fate] = append(r.detail.Lines[fate], row)
}

// changesOf lists what becomes another thing, as codes and ids.
func changesOf(was, now store.Person) (list []rosterChange) {
	add := func(field, a, b string) {
		if a != b {
			list = append(list, rosterChange{field, a, b})
		}
	}
	add("name", was.Name, now.Name)
	add("number", was.Number, now.Number)
	add("phone", civic.MaskTail(was.Tail), civic.MaskTail(now.Tail))
	add("town", was.Town, now.Town)
	add("home", was.Home, now.Home)
	for _, f := range civic.ProfileCodes {
		add(f.Word, *f.At(&was.Profile), *f.At(&now.Profile))
	}
	for _, f := range civic.ProfileSets {
		if a, b := *f.At(&was.Profile), *f.At(&now.Profile); !slices.Equal(a, b) {
			list = append(list, rosterChange{f.Word, joined(f.Labels(a, false)), joined(f.Labels(b, false))})
		}
	}
	add("area", was.Profile.Area, now.Profile.Area)
	if len(list) == 0 && !slices.Equal(was.Keys, now.Keys) {
		list = append(list, rosterChange{Field: "idnumber"})
	}
	return list
}

// keepFile takes a file that others wrote into the job's folder among its files.
func (r *rosterRun) keepFile(ctx context.Context, name string) error {
	in, err := os.Open(filepath.Join(r.folder, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil // no row was left out
	}
	if err != nil {
		return fmt.Errorf("keeping a file of a job: %w", err)
	}
	defer in.Close()
	out, err := r.jobs.create(ctx, r.ID, name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("keeping a file of a job: %w", err)
	}
	return out.Close()
}

// joined puts the values of a field into one cell.
func joined(values []string) string { return strings.Join(values, "、") }
