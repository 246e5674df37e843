package center

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// jobService takes records of service to the national system.
const jobService = "service"

// serviceFileName is what such a file is called; its text is center.job.file.service.
const serviceFileName = "service.xlsx"

// serviceInput is which records are wanted.
type serviceInput struct {
	At   string     `json:"at"` // a place, with all that lies below it
	From ledger.Day `json:"from"`
	To   ledger.Day `json:"to"`

	Lang assets.Lang `json:"lang,omitempty"` // of what is written for people
}

// nationalPage is the form by which what was done at a place on some days is asked for.
type nationalPage struct {
	At, From, To string
	Places       []place
	Problem      string // center.national.problem.WORD
}

func (c *console) national(a *ask) error { return c.showSpan(a, "national", c.lastMonth()) }

// nationalNow begins an export of the records of a place and of some days.
func (c *console) nationalNow(a *ask) error { return c.spanNow(a, "national", jobService) }

// lastMonth is the form as it is shown first.
func (c *console) lastMonth() nationalPage {
	first := ledger.DayOf(c.day().Time().AddDate(0, -1, 1-c.day().Time().Day()))
	return nationalPage{From: dayWord(first), To: dayWord(monthEnd(first))}
}

func (c *console) showSpan(a *ask, word string, p nationalPage) (err error) {
	if p.Places, err = c.places(a); err != nil {
		return err
	}
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: word, data: p, code: code})
}

// spanNow begins a job about a place and some days.
func (c *console) spanNow(a *ask, word, job string) error {
	p := nationalPage{At: a.typed("parent"), From: a.typed("from"), To: a.typed("to")}
	from, ok1 := typedDay(p.From)
	to, ok2 := typedDay(p.To)
	switch {
	case p.At == "":
		p.Problem = "place"
	case !ok1 || !ok2 || to < from || to-from > maxServiceDays:
		p.Problem = "days"
	}
	if p.Problem != "" {
		return c.showSpan(a, word, p)
	}
	if err := a.reaches(p.At); err != nil {
		return err
	}
	id, err := c.jobs.start(a.Context(), job, a.officer.Name, p.At, serviceInput{p.At, from, to, a.lang})
	if err != nil {
		return err
	}
	a.redirect(jobPath(id))
	return nil
}

// exportService writes the records into a workbook of the job. A run that was broken
// off begins anew.
func (c *console) exportService(ctx context.Context, j *jobRun) error {
	var in serviceInput
	if err := json.Unmarshal(j.Input, &in); err != nil {
		return fmt.Errorf("reading what to export: %w", err)
	}
	if _, err := c.reach(ctx, j.Who, powerPeople, in.At); err != nil {
		return err
	}
	all, err := c.Store.AllScopes(ctx)
	if err != nil {
		return err
	}
	out, err := j.jobs.create(ctx, j.ID, serviceFileName)
	if err != nil {
		return err
	}
	w := serviceWriter{c: c, run: j, in: in, within: below(in.At, all), shifts: make(map[ledger.ID]civic.Shift)}
	if w.book, err = newBookFile(out); err != nil {
		return err
	}
	err = w.write(ctx)
	if closed := w.book.close(); err == nil {
		err = closed
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return err
	}
	j.tell("records", w.n)
	j.tell("unnumbered", w.unnumbered)
	j.tell("nameless", w.nameless)
	after := map[string]any{"records": w.n, "from": in.From.String(), "to": in.To.String()}
	return c.Store.Note(ctx, in.At, j.Who, "service.exported", after)
}

// serviceWriter writes records page by page.
type serviceWriter struct {
	c          *console
	run        *jobRun
	in         serviceInput
	within     area
	shifts     map[ledger.ID]civic.Shift // that were met
	book       exportFile
	n          int64 // records
	unnumbered int64 // of volunteers without a national number
	nameless   int64 // attendances of people without a name, which are left out
}

func (w *serviceWriter) write(ctx context.Context) error {
	if err := w.book.row(civic.NationalHeadings); err != nil {
		return err
	}
	if err := w.attendances(ctx); err != nil {
		return err
	}
	return w.honours(ctx)
}

// attendances writes those at activities of the place.
func (w *serviceWriter) attendances(ctx context.Context) error {
	for behind := (store.AttendMark{}); ; {
		list, err := w.c.Store.AttendancesOn(ctx, w.in.From, w.in.To, behind)
		if err != nil || len(list) == 0 {
			return err
		}
		behind = list[len(list)-1].Mark()
		var some []store.Attendance
		var ids []ledger.ID
		for _, x := range list {
			switch {
			case !w.within.has(x.Scope) || x.State == store.AttendMoved:
			case x.Guest:
				w.nameless++
			default:
				some, ids = append(some, x), append(ids, x.Volunteer)
			}
		}
		people, err := w.people(ctx, ids)
		if err != nil {
			return err
		}
		for _, x := range some {
			shift, err := w.shift(ctx, x.Shift)
			if err != nil {
				return err
			}
			if err := w.record(attendedRecord(x, shift, people[x.Volunteer], w.c.Zone)); err != nil {
				return err
			}
		}
		if err := w.run.at(ctx, w.n, 0, nil); err != nil {
			return err
		}
	}
}

// honours writes hours that were entered afterwards for volunteers of the place.
func (w *serviceWriter) honours(ctx context.Context) error {
	for behind := (store.Honour{}); ; {
		list, err := w.c.Store.HonoursOn(ctx, w.in.From, w.in.To, behind)
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
			if !w.within.holds(p.Town, p.Home) || h.Counted() == 0 { // what was checked in to as well is there once
				continue
			}
			if err := w.record(honourRecord(h, p, w.c.Zone)); err != nil {
				return err
			}
		}
		if err := w.run.at(ctx, w.n, 0, nil); err != nil {
			return err
		}
	}
}

// people reads who volunteers are. Who was merged into another record is that one.
func (w *serviceWriter) people(ctx context.Context, ids []ledger.ID) (map[ledger.ID]store.Person, error) {
	merged, err := w.c.Store.MergedInto(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := ids
	for _, into := range merged {
		all = append(slices.Clip(all), into)
	}
	people, err := w.c.Store.Named(ctx, all)
	for id, into := range merged {
		if p, known := people[into]; known {
			people[id] = p
		}
	}
	return people, err
}

func (w *serviceWriter) record(r civic.NationalRecord) error {
	if w.n++; w.n > maxServiceFile {
		return jobProblem("large")
	}
	w.unnumbered += int64(count(r.Number == ""))
	return w.book.row(r.Cells())
}

// shift reads a time of an activity, once. One that is not known any more says nothing.
func (w *serviceWriter) shift(ctx context.Context, id ledger.ID) (civic.Shift, error) {
	if s, known := w.shifts[id]; known {
		return s, nil
	}
	s, _, err := w.c.Store.Shift(ctx, id)
	if err != nil && !gone(err) {
		return s, err
	}
	w.shifts[id] = s
	return s, nil
}

// attendedRecord is an attendance as the national system has it. Until somebody has
// decided, it is not in force, and has the minutes of its checks.
func attendedRecord(x store.Attendance, shift civic.Shift, p store.Person, zone *time.Location) civic.NationalRecord {
	span, minutes := x.Counted, x.Credit
	if x.State != civic.AttendConfirmed {
		span = civic.Counted(x.In.Check, x.Out.Check, x.Planned(), 0)
		minutes = span.Seconds() / 60
	}
	if x.State == civic.AttendRefused {
		minutes = 0
	}
	return civic.NationalRecord{Number: p.Number, Name: p.Name, Project: shift.Number, ProjectName: cmp.Or(x.Title, shift.Title), Team: shift.Team, Minutes: minutes,
		Start: time.Unix(span.From, 0).In(zone), End: time.Unix(span.To, 0).In(zone),
		Method: civic.MethodOf(checkedBy(x.In), checkedBy(x.Out)), Validity: civic.ValidityOf(x.State), Kind: civic.KindCredit}
}

// checkedBy is whose word a check is.
func checkedBy(s store.Seen) civic.Checked {
	switch {
	case s.MS == 0:
		return civic.CheckedNot
	case s.How == store.HowObject:
		return civic.CheckedObject
	case s.How == store.HowStaff:
		return civic.CheckedStaff
	}
	return civic.CheckedOwn
}

// honourRecord is hours that two officers entered, as the national system has them.
func honourRecord(h store.Honour, p store.Person, zone *time.Location) civic.NationalRecord {
	day := h.Day.Time()
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	at := func(minute int64) time.Time { return midnight.Add(time.Duration(minute) * time.Minute) }
	return civic.NationalRecord{Number: p.Number, Name: p.Name, ProjectName: h.What, Minutes: h.Counted(), Start: at(h.First), End: at(h.Last),
		Method: civic.MethodTeam, Validity: civic.ValidityInForce, Kind: civic.KindHonour}
}
