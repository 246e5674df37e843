package center

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// previewKind is the job that works out what a draft would have changed.
const previewKind = "preview"

// previewInput is what the job works out: the draft as it stood when it was asked.
type previewInput struct {
	Rule  civic.Rule       `json:"rule"`
	Text  store.PolicyText `json:"text"`
	From  ledger.Day       `json:"from"` // the month that is worked out anew
	To    ledger.Day       `json:"to"`
	Since int64            `json:"since"` // nothing of it was booked before, Unix milliseconds
	Lang  assets.Lang      `json:"lang"`  // of the workbook
}

// previewSum is what came of it, over all volunteers for whom the draft would count.
type previewSum struct {
	People  int64         `json:"people"`  // who have earned anything in that month
	Lines   int64         `json:"lines"`   // of theirs
	Given   int64         `json:"given"`   // lines without minutes, which stay as they are
	More    int64         `json:"more"`    // people with more points
	Less    int64         `json:"less"`    // with fewer
	Expiry  int64         `json:"expiry"`  // people of whose points some would last until another day
	Was     ledger.Points `json:"was"`     // points that month
	Would   ledger.Points `json:"would"`   // under the draft
	Listed  int64         `json:"listed"`  // rows of the list
	Skipped int64         `json:"skipped"` // volunteers for whom another place's rules count
}

// previewRow is a volunteer for whom something would have been otherwise.
type previewRow struct {
	ID     ledger.ID     `json:"id"`
	Name   string        `json:"name"`
	Number string        `json:"number,omitempty"`
	At     string        `json:"at"` // home kiosk, else town
	Lines  int64         `json:"lines"`
	Half   int64         `json:"half"` // half hours
	Was    ledger.Points `json:"was"`
	Would  ledger.Points `json:"would"`
	Moved  int64         `json:"moved,omitempty"` // lines that would last until another day
}

// Differs is how many points more it would be.
func (r previewRow) Differs() ledger.Points { return r.Would - r.Was }

// previewMark is where a preview goes on: all before Last is in the parts.
type previewMark struct {
	Last  string     `json:"last"`
	Done  int64      `json:"done"`
	Total int64      `json:"total"`
	Parts int        `json:"parts"`
	Sum   previewSum `json:"sum"`
}

// The files of a preview: changed is its own, in the order of the volunteers, part
// by part; list is sorted by what differs, the most first.
const (
	previewChanged = "changed"
	previewList    = "list"
	previewBook    = "preview.xlsx"
)

// previewing is one preview that is being worked out.
type previewing struct {
	*jobRun
	in    previewInput
	mark  previewMark
	rules *store.Rulebook
	then  ledger.Day   // by whose rules it is asked for whom the draft counts
	other civic.Policy // that would be in force
	held  []byte       // rows that are in no part yet
	since previewMark  // what the mark will be when they are
}

// registerPreviews makes the job known.
func (k *jobs) registerPreviews() {
	k.register(previewKind, jobKind{power: powerPeople, run: k.preview, page: func(j store.Job) string { return "/preview/" + j.ID }})
}

// preview recalculates a month under a draft, volunteer by volunteer.
func (k *jobs) preview(ctx context.Context, r *jobRun) error {
	p := &previewing{jobRun: r, then: k.store.Today()}
	err := errors.Join(json.Unmarshal(r.Input, &p.in), unmarshalMark(r.Mark, &p.mark))
	if err != nil {
		return fmt.Errorf("reading what to preview: %w", err)
	}
	if p.rules, err = k.store.Rulebook(ctx); err != nil {
		return err
	}
	p.other = p.in.Text.Policy
	if scope, _, _ := p.in.Rule.Parts(); p.in.Text.Ends {
		p.other = civic.Policy{}.WithDefaults()
		if above := p.rules.Above(scope, p.then); above != nil {
			p.other = above.Policy
		}
	}
	if p.mark.Total == 0 {
		if p.mark.Total, err = k.store.PersonCount(ctx); err != nil {
			return err
		}
	}
	if err := p.all(ctx); err != nil {
		return err
	}
	if err := p.sort(ctx); err != nil {
		return err
	}
	sum := p.mark.Sum
	r.tell("preview_people", sum.People)
	r.tell("preview_more", sum.More)
	r.tell("preview_less", sum.Less)
	r.result.Detail, err = json.Marshal(sum)
	return err
}

func unmarshalMark(mark json.RawMessage, v any) error {
	if len(mark) == 0 {
		return nil
	}
	return json.Unmarshal(mark, v)
}

// all goes through the volunteers. What it has found is written down part by part,
// and the mark goes on with each, so that a part that is worked out twice is the
// same part.
func (p *previewing) all(ctx context.Context) error {
	p.since = p.mark
	for passed := 0; ; {
		page, err := p.jobs.store.Earners(ctx, p.since.Last, time.UnixMilli(p.in.Since))
		if err != nil {
			return err
		}
		for _, e := range page.List {
			p.add(e)
		}
		p.since.Done += int64(page.People)
		passed += page.People
		if page.People > 0 {
			p.since.Last = page.Last
		}
		if len(p.held) > store.MaxJobPart/2 || passed >= previewPart || page.People == 0 {
			if err := p.flush(ctx); err != nil {
				return err
			}
			passed = 0
		}
		if err := p.at(ctx, p.since.Done, max(p.since.Total, p.since.Done), p.mark); err != nil || page.People == 0 {
			return err
		}
	}
}

// flush writes what is held as the next part, from which on it goes on.
func (p *previewing) flush(ctx context.Context) error {
	for len(p.held) > 0 {
		end := len(p.held)
		if end > store.MaxJobPart {
			end = store.MaxJobPart
		}
		if p.since.Parts >= store.MaxJobParts {
			return jobProblem("large")
		}
		if err := p.jobs.store.PutPart(ctx, p.ID, previewChanged, p.since.Parts, p.held[:end]); err != nil {
			return err
		}
		p.held = p.held[end:]
		p.since.Parts++
	}
	p.held, p.mark = nil, p.since
	return nil
}

// counts tells whether the draft would count for somebody, and by which rules it is
// now.
func (p *previewing) counts(at string) (now civic.Policy, yes bool) {
	scope, _, _ := p.in.Rule.Parts()
	now = civic.Policy{}.WithDefaults()
	if v := p.rules.On(at, p.then); v != nil {
		now = v.Policy
	}
	return now, p.rules.Would(at, scope, p.then)
}

// add works out one volunteer.
func (p *previewing) add(e store.Earner) {
	at := cmp.Or(e.Home, e.Town)
	now, yes := p.counts(at)
	row := previewRow{ID: e.ID, Name: e.Name, Number: e.Number, At: at}
	sum := &p.since.Sum
	for _, line := range e.Earned {
		if line.On < p.in.From || line.On > p.in.To || line.Points <= 0 {
			continue
		}
		row.Lines++
		if !yes {
			continue
		}
		then := line.Recount(now, p.other)
		row.Was, row.Would, row.Half = row.Was+line.Points, row.Would+then.Points, row.Half+line.HalfHours()
		row.Moved += int64(count(then.Expires != line.Expires))
		sum.Given += int64(count(line.Minutes == 0))
		sum.Lines++
	}
	switch {
	case row.Lines == 0:
		return
	case !yes:
		sum.Skipped++
		return
	}
	sum.People, sum.Was, sum.Would = sum.People+1, sum.Was+row.Was, sum.Would+row.Would
	sum.More += int64(count(row.Differs() > 0))
	sum.Less += int64(count(row.Differs() < 0))
	sum.Expiry += int64(count(row.Moved > 0))
	if row.Differs() != 0 || row.Moved > 0 {
		text, _ := json.Marshal(row) // it cannot fail
		p.held = append(append(p.held, text...), '\n')
	}
}

// sort writes the list, the largest differences first, and the workbook of it.
func (p *previewing) sort(ctx context.Context) error {
	rows, err := p.largest(ctx)
	if err != nil {
		return err
	}
	p.mark.Sum.Listed = int64(len(rows))
	out, err := p.jobs.create(ctx, p.ID, previewList)
	if err != nil {
		return err
	}
	lines := bufio.NewWriter(out)
	for _, row := range rows {
		if err := json.NewEncoder(lines).Encode(row); err != nil {
			return err
		}
	}
	if err := errors.Join(lines.Flush(), out.Close()); err != nil {
		return err
	}
	return p.book(ctx, rows)
}

// largest reads what was found and keeps the largest differences, maxPreview of them.
func (p *previewing) largest(ctx context.Context) (rows []previewRow, err error) {
	if p.mark.Parts == 0 {
		return nil, nil
	}
	cut := func() {
		slices.SortFunc(rows, func(x, y previewRow) int {
			return cmp.Or(cmp.Compare(max(y.Differs(), -y.Differs()), max(x.Differs(), -x.Differs())), cmp.Compare(y.Moved, x.Moved), slices.Compare(x.ID[:], y.ID[:]))
		})
		rows = rows[:min(len(rows), maxPreview)]
	}
	for row, err := range readPreview(p.jobs.open(ctx, p.ID, previewChanged)) {
		if err != nil {
			return nil, err
		}
		if rows = append(rows, row); len(rows) == 2*maxPreview {
			cut()
		}
	}
	cut()
	return rows, nil
}

// readPreview hands out the rows of a file.
func readPreview(file io.Reader) func(yield func(previewRow, error) bool) {
	return func(yield func(previewRow, error) bool) {
		lines := json.NewDecoder(bufio.NewReader(file))
		for {
			var row previewRow
			err := lines.Decode(&row)
			if errors.Is(err, io.EOF) || !yield(row, err) || err != nil {
				return
			}
		}
	}
}
