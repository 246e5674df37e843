package center

import (
	"context"
	"encoding/json"
	"fmt"

	"yizhan/center/store"
	"yizhan/ledger"
)

// rosterMark is how far an import is: rows of its list, and what came of them.
type rosterMark struct {
	Rows   int64        `json:"rows"`
	Detail rosterDetail `json:"detail"`
}

// importRoster brings in a list that was looked at. What the look found is found
// again: others may have written meanwhile.
func (c *console) importRoster(ctx context.Context, j *jobRun) error {
	ctx = store.As(ctx, j.Who)
	r, err := c.openRoster(ctx, j)
	if err != nil {
		return err
	}
	if r.run == nil { // it was refused, or has no row left
		return r.finish()
	}
	mark := rosterMark{Detail: r.detail}
	if len(j.Mark) > 0 {
		if err := json.Unmarshal(j.Mark, &mark); err != nil {
			return fmt.Errorf("reading how far an import is: %w", err)
		}
	}
	r.detail = mark.Detail
	if err := r.admitRoster(ctx, &mark); err != nil {
		r.detail = mark.Detail
		_ = r.finish() // what is in stays in, and is told
		return err
	}
	r.detail = mark.Detail
	r.tell("new", r.detail.New)
	r.tell("changed", r.detail.Changed)
	r.tell("same", r.detail.Same)
	r.tell("rejected", r.detail.Rejected)
	r.tell("points", r.detail.Points)
	if err := c.Store.Note(ctx, j.Scope, j.Who, "roster.imported", map[string]any{"file": r.in.Name, "new": r.detail.New, "changed": r.detail.Changed, "points": r.detail.Points, "job": j.ID}); err != nil {
		return err
	}
	return r.finish()
}

// admitRoster admits the rows behind a mark, some hundreds at a time. Those in hand
// are finished even when the job is cancelled.
func (r *rosterRun) admitRoster(ctx context.Context, mark *rosterMark) error {
	total, skip := int64(r.run.lists.Files[0].Accepted), mark.Rows
	for rows := range pagesOf(r.run.lists.Rows(), store.MaxAdmissions) {
		if skip > 0 { // pages are the same at each reading
			skip -= int64(len(rows))
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		list := make([]store.Admission, len(rows))
		for i, row := range rows {
			list[i] = r.run.admission(row)
		}
		outcomes, err := r.c.Store.Admit(context.WithoutCancel(ctx), list, false)
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			mark.Detail.count(o, list[i].Earned.Points)
		}
		mark.Rows += int64(len(rows))
		if err := r.at(ctx, mark.Rows, total, mark); err != nil {
			return err
		}
	}
	return nil
}

// undoMark is how far an undoing is: behind which volunteer, and what came of those
// before.
type undoMark struct {
	After    ledger.ID     `json:"after"`
	Done     int64         `json:"done"`
	Closed   int64         `json:"closed"`
	Kept     int64         `json:"kept"`
	Restored int64         `json:"restored"`
	Partly   int64         `json:"partly"`
	Asked    ledger.Points `json:"asked"`
	Taken    ledger.Points `json:"taken"`
	Gone     ledger.Points `json:"gone"`
}

func (m *undoMark) count(u store.Undoing) {
	m.After = u.ID
	m.Done++
	switch u.State {
	case store.UndoneClosed:
		m.Closed++
	case store.UndoneKept:
		m.Kept++
	case store.UndoneRestored:
		m.Restored++
	case store.UndonePartly:
		m.Partly++
	}
	m.Asked, m.Taken, m.Gone = m.Asked+u.Asked, m.Taken+u.Taken, m.Gone+u.Gone
}

// undoRoster undoes an import as a whole. A second walk through those whom it
// touched, which changes nothing, lists what could not be put back.
func (c *console) undoRoster(ctx context.Context, j *jobRun) error {
	ctx = store.As(ctx, j.Who)
	var in rosterInput
	if err := json.Unmarshal(j.Input, &in); err != nil {
		return fmt.Errorf("reading what to undo: %w", err)
	}
	if _, err := c.reach(ctx, j.Who, powerRegister, in.Town); err != nil {
		return err
	}
	imported, err := c.Store.Job(ctx, in.Of)
	if err != nil {
		return err
	}
	if !imported.Over() {
		return jobProblem("running")
	}
	total := int64(0)
	if d, ok := detailOf(imported); ok {
		total = d.New + d.Changed
	}
	var mark undoMark
	if len(j.Mark) > 0 {
		if err := json.Unmarshal(j.Mark, &mark); err != nil {
			return fmt.Errorf("reading how far an undoing is: %w", err)
		}
	}
	why := in.undoneWhat()
	for {
		done, err := c.undoSome(ctx, in.Of, why, mark.After)
		if err != nil {
			return err
		}
		for _, u := range done {
			mark.count(u)
		}
		if err := j.at(ctx, mark.Done, max(total, mark.Done), mark); err != nil {
			return err
		}
		if len(done) < store.MaxAdmissions {
			break
		}
	}
	for _, f := range []jobFact{{"closed", mark.Closed}, {"restored", mark.Restored}, {"partly", mark.Partly}, {"kept", mark.Kept},
		{"asked", int64(mark.Asked)}, {"taken", int64(mark.Taken)}, {"wanted", int64(mark.Asked - mark.Taken - mark.Gone)}, {"lost", int64(mark.Gone)}} {
		j.tell(f.Word, f.N)
	}
	if err := c.writeRemains(ctx, j, in); err != nil {
		return err
	}
	return c.Store.Note(ctx, j.Scope, j.Who, "roster.undone", map[string]any{"file": in.Name, "closed": mark.Closed, "restored": mark.Restored, "points": mark.Asked, "job": in.Of})
}

// undoneWhat is how the lines of accounts read that take the points back.
func (in rosterInput) undoneWhat() string { return "撤销导入：" + in.Name }

func (c *console) undoSome(ctx context.Context, job, why string, after ledger.ID) ([]store.Undoing, error) {
	list, err := c.Store.Imported(ctx, job, after)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return c.Store.Undo(context.WithoutCancel(ctx), job, why, list)
}

// writeRemains lists everybody of whom something stays: who, and what.
func (c *console) writeRemains(ctx context.Context, j *jobRun, in rosterInput) error {
	job, why := in.Of, in.undoneWhat()
	var out *jobWriter
	var book exportFile
	for after := (ledger.ID{}); ; {
		done, err := c.undoSome(ctx, job, why, after)
		if err != nil {
			return err
		}
		for _, u := range done {
			after = u.ID
			if u.State != store.UndoneKept && u.State != store.UndonePartly && u.Asked == u.Taken {
				continue
			}
			if book == nil {
				if out, err = j.jobs.create(ctx, j.ID, remainsFile); err != nil {
					return err
				}
				if book, err = newBookFile(out); err == nil {
					err = book.row(c.remainsHeader(in))
				}
			}
			if err == nil {
				err = book.row(c.remainsRow(in, u))
			}
			if err != nil {
				return err
			}
		}
		if err := j.at(ctx, j.Done, j.Total, nil); err != nil {
			return err
		}
		if len(done) < store.MaxAdmissions {
			break
		}
	}
	if book == nil {
		return nil
	}
	if err := book.close(); err != nil {
		return err
	}
	return out.Close()
}

// remainsColumns are those of the list of what an undoing left: center.remains.WORD.
var remainsColumns = []string{"name", "id", "state", "kept", "asked", "taken", "lost"}

func (c *console) remainsHeader(in rosterInput) (cells []string) {
	for _, word := range remainsColumns {
		cells = append(cells, c.texts[in.Lang].Text("center.remains."+word))
	}
	return cells
}

func (c *console) remainsRow(in rosterInput, u store.Undoing) []string {
	texts := c.texts[in.Lang]
	fields := make([]string, len(u.Kept))
	for i, word := range u.Kept {
		fields[i] = texts.Text("center.changed." + word)
	}
	return []string{u.Name, u.ID.String(), texts.Text("center.undone." + u.State), joined(fields), fmt.Sprint(u.Asked), fmt.Sprint(u.Taken), fmt.Sprint(u.Gone)}
}
