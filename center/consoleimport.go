package center

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/sheet"
)

// importPage is the form with which a list of volunteers is sent.
type importPage struct {
	rosterInput
	Choices  choices
	Headings string // that lists are known to have
	Problem  string // center.import.problem.WORD
	Field    string
}

func importPath(id string) string { return "/import/" + id }

func (c *console) importForm(a *ask) error {
	in := rosterInput{Town: a.URL.Query().Get("town"), Home: a.URL.Query().Get("home")}
	if in.Town == "" && !a.area.whole {
		in.Town = a.area.ID
	}
	return c.showImport(a, importPage{rosterInput: in})
}

func (c *console) showImport(a *ask, p importPage) error {
	var err error
	if p.Choices, err = c.choices(a); err != nil {
		return err
	}
	p.Headings = joined(sheet.RosterHeadings())
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "import", data: p, code: code})
}

// importNow takes in a list. It goes into the database part by part as it comes, and
// a job looks at it; nothing else is done before somebody has seen what it would do.
func (c *console) importNow(a *ask) error {
	p := importPage{rosterInput: rosterInput{Lang: a.lang}}
	form, err := a.MultipartReader()
	if err != nil {
		return errors.Join(errForm, err)
	}
	id := ""
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && part.FormName() == "file" {
			id, err = c.takeList(a, &p, part)
		} else if err == nil {
			err = p.take(part)
		}
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			c.Log.Info("console: a list is too large", "limit", tooLarge.Limit)
			p.Problem, p.Field = "large", "file"
			return c.showImport(a, p)
		}
		if err != nil {
			return err
		}
		if p.Problem != "" {
			return c.showImport(a, p)
		}
	}
	if id == "" {
		p.Problem, p.Field = "file", "file"
		return c.showImport(a, p)
	}
	if err := c.jobs.ready(a.Context(), id); err != nil {
		return err
	}
	a.redirect(importPath(id))
	return nil
}

// take reads a field; they all come before the file.
func (p *importPage) take(part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, maxFieldBytes))
	if err != nil {
		return err
	}
	switch part.FormName() {
	case "town":
		p.Town = string(text)
	case "home":
		p.Home = string(text)
	case "move":
		p.Move = len(text) > 0
	}
	return nil
}

// takeList begins a job with a file.
func (c *console) takeList(a *ask, p *importPage, part *multipart.Part) (id string, err error) {
	p.Name = plainText(filepath.Base(part.FileName()))
	if part.FileName() == "" {
		p.Problem, p.Field = "file", "file"
		return "", nil
	}
	if len(p.Name) > maxFileName || !slices.Contains(listEndings, strings.ToLower(filepath.Ext(p.Name))) {
		p.Problem, p.Field = "ending", "file"
		return "", nil
	}
	all, err := c.choices(a)
	switch {
	case err != nil:
		return "", err
	case !all.has(all.Places, p.Town):
		p.Problem, p.Field = "town", "town"
		return "", nil
	case p.Home != "" && !all.has(all.Kiosks, p.Home):
		p.Problem, p.Field = "home", "home"
		return "", nil
	}
	if id, err = c.jobs.make(a.Context(), jobLook, a.officer.Name, p.Town, p.rosterInput); err != nil {
		return "", err
	}
	out, err := c.jobs.create(a.Context(), id, p.file())
	if err != nil {
		return "", err
	}
	if _, err = io.Copy(out, part); err != nil {
		return "", err
	}
	return id, out.Close()
}

// listEndings are those of files that are lists; what the file really is its reader
// finds out.
var listEndings = []string{".xlsx", ".csv", ".tsv", ".txt", ".xls"}

// detailOf is what came of a list.
func detailOf(j store.Job) (d rosterDetail, ok bool) {
	text := resultOf(j).Detail
	return d, len(text) > 0 && json.Unmarshal(text, &d) == nil
}

// rosterPage shows what a list would do, or has done.
type rosterPage struct {
	jobPage
	In       rosterInput
	Detail   rosterDetail
	Known    bool // Detail is there
	Town     string
	Home     string
	English  bool
	Rejected string // the file of rows that were left out
	MayGo    bool   // import it
	MayUndo  bool
	Begun    bool // undoing it
	Until    time.Time
}

// Fates are those of which rows are shown.
func (p rosterPage) Fates() (list []rosterFate) {
	for _, word := range rosterFates {
		if rows := p.Detail.Lines[word]; len(rows) > 0 {
			list = append(list, rosterFate{word, p.Count(word), rows})
		}
	}
	return list
}

// rosterFate is what becomes of some rows.
type rosterFate struct {
	Word string
	N    int64
	Rows []rosterRow
}

// Count is how many rows have a fate.
func (p rosterPage) Count(word string) int64 {
	return map[string]int64{"new": p.Detail.New, "changed": p.Detail.Changed, "same": p.Detail.Same, "rejected": p.Detail.Rejected}[word]
}

// aList reads a job of an address that is about a list.
func (c *console) aList(a *ask) (j store.Job, in rosterInput, err error) {
	j, _, err = c.theJob(a)
	if err == nil && j.Kind != jobLook && j.Kind != jobImport {
		err = store.ErrUnknown
	}
	if err == nil {
		err = json.Unmarshal(j.Input, &in)
	}
	return j, in, err
}

func (c *console) importPage(a *ask) error {
	j, in, err := c.aList(a)
	if err != nil {
		return err
	}
	names, err := c.placeNames(a)
	if err != nil {
		return err
	}
	p := rosterPage{In: in, English: a.lang == assets.English, Town: names[in.Town], Home: names[in.Home]}
	p.jobPage = jobPage{jobRow: c.jobRow(a, j, names), Name: c.jobName(a, j), Result: resultOf(j), May: c.mayCancel(a, j), Kept: j.Ended.Add(store.JobFilesKept)}
	p.To = jobPath(j.ID)
	p.Detail, p.Known = detailOf(j)
	p.named(a, c, names)
	switch {
	case j.Kind == jobLook && j.State == store.JobDone && p.Detail.Rejected > 0 && j.Files:
		p.Rejected = jobPath(j.ID) + "/file/" + rejectedFile
	case j.Kind == jobImport && in.Of != "" && p.Detail.Rejected > 0:
		p.Rejected = jobPath(in.Of) + "/file/" + rejectedFile
	}
	p.MayGo = j.Kind == jobLook && j.State == store.JobDone && j.Files && p.Detail.Refused == nil && p.Detail.New+p.Detail.Changed > 0
	if j.Kind == jobImport && j.Over() {
		var found bool
		if found, p.Begun, err = c.Store.Undoable(a.Context(), j.ID); err != nil {
			return err
		}
		p.MayUndo, p.Until = found && !p.Begun, j.Made.Add(store.ImportKept)
	}
	return c.show(a, page{word: "roster", title: p.Name, data: p})
}

// named puts names in the place of codes and ids.
func (p *rosterPage) named(a *ask, c *console, names map[string]string) {
	for fate, rows := range p.Detail.Lines {
		for i := range rows {
			for k := range rows[i].Changes {
				ch := &p.Detail.Lines[fate][i].Changes[k]
				ch.Was, ch.Now = p.value(ch.Field, ch.Was, names), p.value(ch.Field, ch.Now, names)
			}
		}
	}
}

func (p *rosterPage) value(field, v string, names map[string]string) string {
	if field == "town" || field == "home" {
		if name := names[v]; name != "" {
			return name
		}
	}
	for _, f := range civic.ProfileCodes {
		if f.Word == field {
			return f.Table.Label(v, p.English)
		}
	}
	return v
}

// importGo brings in a list that was looked at.
func (c *console) importGo(a *ask) error {
	j, in, err := c.aList(a)
	if err != nil {
		return err
	}
	if j.Kind != jobLook || j.State != store.JobDone || !j.Files {
		return fmt.Errorf("%w: the list is not there any more", store.ErrState)
	}
	in.Of, in.Lang = j.ID, a.lang
	id, err := c.jobs.start(a.Context(), jobImport, a.officer.Name, in.Town, in)
	if err != nil {
		return err
	}
	a.redirect(importPath(id))
	return nil
}

// undoPage says what follows when an import is undone.
type undoPage struct {
	store.Job
	In     rosterInput
	Detail rosterDetail
}

// importUndo says what follows.
func (c *console) importUndo(a *ask) error {
	j, in, err := c.undoable(a)
	if err != nil {
		return err
	}
	d, _ := detailOf(j)
	return c.show(a, page{word: "undo", data: undoPage{j, in, d}})
}

// undoable is an import that can be undone.
func (c *console) undoable(a *ask) (j store.Job, in rosterInput, err error) {
	j, in, err = c.aList(a)
	if err != nil {
		return j, in, err
	}
	found, begun, err := c.Store.Undoable(a.Context(), j.ID)
	if err == nil && (j.Kind != jobImport || !j.Over() || !found || begun) {
		err = fmt.Errorf("%w: there is nothing to undo, or it was begun", store.ErrState)
	}
	return j, in, err
}

func (c *console) importUndoNow(a *ask) error {
	j, in, err := c.undoable(a)
	if err != nil {
		return err
	}
	in.Of, in.Lang = j.ID, a.lang
	id, err := c.jobs.start(a.Context(), jobUndo, a.officer.Name, in.Town, in)
	if err != nil {
		return err
	}
	a.redirect(jobPath(id))
	return nil
}
