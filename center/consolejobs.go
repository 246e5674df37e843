package center

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/center/store"
)

// errJobs refuses one more job.
var errJobs = errors.New("center: too many jobs wait")

// jobsPage is the list of jobs, the latest first. Show is what the address says:
// "mine", or "" for all that the officer may see.
type jobsPage struct {
	Mine bool
	Rows []jobRow
	More string // the page behind this one
}

// jobRow is a job as a person reads it.
type jobRow struct {
	store.Job
	Class, Icon string // of its state
	Where       string
	To          string
	Mine        bool
}

// Thousandths is how far the job is, for a bar; it is shown only where Total is known.
func (r jobRow) Thousandths() int64 {
	if r.Total <= 0 {
		return 0
	}
	return min(r.Done*1000/r.Total, 1000)
}

// Percent is the same in words.
func (r jobRow) Percent() int64 { return r.Thousandths() / 10 }

var jobLooks = map[store.JobState][2]string{
	store.JobWaiting: {"is-off", "clock"}, store.JobRunning: {"is-warn", "clock"}, store.JobDone: {"is-ok", "ok"},
	store.JobFailed: {"is-error", "error"}, store.JobCancelled: {"is-off", "cancel"},
}

func jobPath(id string) string { return "/job/" + id }

// seesJob tells whether the officer may look at a job.
func (c *console) seesJob(a *ask, j store.Job) bool {
	kind, known := c.jobs.kinds[j.Kind]
	return known && a.may(kind.power) && (a.area.whole || j.Scope != "" && a.area.has(j.Scope))
}

func (c *console) jobRow(a *ask, j store.Job, names map[string]string) jobRow {
	look := jobLooks[j.State]
	r := jobRow{Job: j, Class: look[0], Icon: look[1], Where: j.Scope, To: jobPath(j.ID), Mine: j.Who == a.officer.Name}
	if name := names[j.Scope]; name != "" {
		r.Where = name
	}
	if kind := c.jobs.kinds[j.Kind]; kind.page != nil && j.State == store.JobDone {
		r.To = kind.page(j)
	}
	return r
}

// placeNames are the names of all places, by id.
func (c *console) placeNames(a *ask) (map[string]string, error) {
	return c.jobs.placeNames(a.Context())
}

func (c *console) jobsList(a *ask) error {
	q := a.URL.Query()
	p := jobsPage{Mine: q.Get("show") == "mine"}
	before := c.Now().Add(time.Minute)
	if ms, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && ms > 0 {
		before = time.UnixMilli(ms)
	}
	list, err := c.Store.Jobs(a.Context(), before, lookedJobs)
	if err != nil {
		return err
	}
	names, err := c.placeNames(a)
	if err != nil {
		return err
	}
	for _, j := range list {
		if !c.seesJob(a, j) || p.Mine && j.Who != a.officer.Name {
			continue
		}
		if len(p.Rows) == listRows {
			next := url.Values{"before": {strconv.FormatInt(p.Rows[listRows-1].Made.UnixMilli(), 10)}}
			if p.Mine {
				next.Set("show", "mine")
			}
			p.More = "/jobs?" + next.Encode()
			break
		}
		p.Rows = append(p.Rows, c.jobRow(a, j, names))
	}
	return c.show(a, page{word: "jobs", data: p})
}

// jobPage is one job.
type jobPage struct {
	jobRow
	Name   string // what it is
	Result jobResult
	Files  []store.JobFile
	Kept   time.Time // until when
	Own    bool      // others have them, if anybody
	May    bool      // cancel it
	Asking bool      // whether to cancel it
	Leave  string    // what stays when it is cancelled
	Page   string    // where more is said of what came of it
}

// theJob reads the job of an address, which the officer may see.
func (c *console) theJob(a *ask) (j store.Job, kind jobKind, err error) {
	if j, err = c.Store.Job(a.Context(), a.PathValue("job")); err != nil {
		return j, kind, err
	}
	kind = c.jobs.kinds[j.Kind]
	switch {
	case j.State == store.JobMade || kind.run == nil:
		err = store.ErrUnknown
	case !a.may(kind.power):
		err = errPower{kind.power}
	case !c.seesJob(a, j):
		err = errArea{j.Scope}
	}
	return j, kind, err
}

func (c *console) job(a *ask) error { return c.showJob(a, false) }

func (c *console) jobCancel(a *ask) error { return c.showJob(a, true) }

func (c *console) showJob(a *ask, asking bool) error {
	j, kind, err := c.theJob(a)
	if err != nil {
		return err
	}
	names, err := c.placeNames(a)
	if err != nil {
		return err
	}
	p := jobPage{jobRow: c.jobRow(a, j, names), Name: c.jobName(a, j), Result: resultOf(j), Leave: c.text(a, "center.job.leave."+j.Kind),
		May: c.mayCancel(a, j), Asking: asking && !j.Over(), Own: kind.own && j.Who != a.officer.Name, Kept: j.Ended.Add(store.JobFilesKept)}
	if p.Asking && !p.May {
		return errPower{powerManage}
	}
	if j.State == store.JobDone && kind.page != nil {
		p.Page = kind.page(j)
	}
	if j.Over() && j.Files && !p.Own {
		if p.Files, err = c.Store.JobFiles(a.Context(), j.ID); err != nil {
			return err
		}
		p.Files = slices.DeleteFunc(p.Files, func(f store.JobFile) bool { return !shownFile(f.Name) })
	}
	return c.show(a, page{word: "job", title: p.Name, data: p})
}

// jobName is what a job is called.
func (c *console) jobName(a *ask, j store.Job) string { return c.text(a, "center.job.kind."+j.Kind) }

// mayCancel: who asked for it, and whoever manages the place.
func (c *console) mayCancel(a *ask, j store.Job) bool {
	return !j.Over() && (j.Who == a.officer.Name || a.may(powerManage))
}

func (c *console) jobCancelNow(a *ask) error {
	j, _, err := c.theJob(a)
	if err != nil {
		return err
	}
	if !j.Over() {
		if !c.mayCancel(a, j) {
			return errPower{powerManage}
		}
		if err := c.jobs.cancel(a.Context(), j.ID); err != nil {
			return err
		}
	}
	a.redirect(jobPath(j.ID))
	return nil
}

// shownFile tells whether a file is for people: center.job.file.STEM. Others are the
// job's own.
func shownFile(name string) bool { return strings.Contains(name, ".") }

// stem is a file's name without its ending.
func stem(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return name
}

func (c *console) jobFile(a *ask) error {
	j, kind, err := c.theJob(a)
	if err != nil {
		return err
	}
	name := a.PathValue("file")
	if !j.Over() || !j.Files || !shownFile(name) || kind.own && j.Who != a.officer.Name {
		return fmt.Errorf("%w: file %q of a job", store.ErrUnknown, name)
	}
	in := c.jobs.open(a.Context(), j.ID, name)
	first := make([]byte, store.MaxJobPart)
	n, err := io.ReadFull(in, first)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	c.Log.Info("console: a file of a job is taken", "job", j.ID, "file", name, "officer", a.officer.Name)
	h := a.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if t := fileTypes[name[strings.LastIndexByte(name, '.'):]]; t != "" {
		h.Set("Content-Type", t)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": stem(name) + "-" + j.Made.In(c.Zone).Format("20060102-1504") + name[strings.LastIndexByte(name, '.'):]}))
	if _, err = a.w.Write(first[:n]); err == nil {
		_, err = io.Copy(a.w, in)
	}
	if err != nil {
		c.Log.Warn("console: a file of a job broke off", "job", j.ID, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

var fileTypes = map[string]string{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".csv":  "text/csv; charset=utf-8",
}
