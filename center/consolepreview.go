package center

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// previewPage is what a draft would have changed in a month, person by person.
type previewPage struct {
	listPart
	Job     store.Job
	In      previewInput
	Sum     previewSum
	Version string // name of the draft
	Draft   string // its page
	Gone    bool   // the draft is another one by now
	Rows    []previewLine
	Kept    time.Time
	Book    string // the workbook; "": it was removed
	Cut     bool   // the list has the largest differences alone
}

// previewLine is a person of the list.
type previewLine struct {
	previewRow
	Place string
}

// Hours are those that were counted.
func (l previewLine) Hours() string { return assets.Hours(l.Half * 30) }

var (
	previewShows   = []string{"less", "more", "moved"}
	previewSorts   = []string{"differs", "name", "number", "at", "was", "would"}
	previewColumns = []string{"name", "number", "at", "half", "was", "would", "differs", "moved"}
	previewIcons   = map[string][2]string{"less": {"minus", "is-warn"}, "more": {"plus", "is-ok"}, "moved": {"calendar", "is-off"}}
)

// previewNow begins the preview of a draft: of the month before this one.
func (c *console) previewNow(a *ask) error {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return err
	}
	v, err := c.draftOf(a, at.ID)
	if err != nil {
		return err
	}
	if v == nil {
		return store.ErrState
	}
	today := c.Store.Today().Time()
	first := time.Date(today.Year(), today.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	in := previewInput{Rule: v.Rule(), Text: v.PolicyText, From: ledger.DayOf(first), To: ledger.DayOf(first.AddDate(0, 1, -1)), Lang: a.lang}
	in.Since = first.AddDate(0, 0, -1).UnixMilli() // a day more, wherever the center is
	id, err := c.jobs.start(a.Context(), previewKind, a.officer.Name, at.ID, in)
	if err != nil {
		return err
	}
	a.redirect(jobPath(id))
	return nil
}

func (c *console) preview(a *ask) error {
	j, kind, err := c.theJob(a)
	if err != nil {
		return err
	}
	if j.Kind != previewKind || kind.page == nil {
		return store.ErrUnknown
	}
	if j.State != store.JobDone {
		a.redirect(jobPath(j.ID))
		return nil
	}
	q := a.URL.Query()
	p := previewPage{listPart: listPart{Query: readListQuery("/preview/"+j.ID, q, previewShows, previewSorts)}, Job: j, Kept: j.Ended.Add(store.JobFilesKept)}
	p.Query.At = ""
	if err := json.Unmarshal(j.Input, &p.In); err != nil {
		return err
	}
	if err := json.Unmarshal(resultOf(j).Detail, &p.Sum); err != nil {
		return err
	}
	if err := c.previewDraft(a, &p); err != nil {
		return err
	}
	if j.Files {
		p.Book = jobPath(j.ID) + "/file/" + previewBook
		if err := c.previewRows(a, &p); err != nil {
			return err
		}
	}
	return c.show(a, page{word: "preview", title: c.text(a, "center.preview.title", "name", p.Version), data: &p})
}

// previewDraft looks what became of the draft.
func (c *console) previewDraft(a *ask, p *previewPage) error {
	names, err := c.placeNames(a)
	if err != nil {
		return err
	}
	scope, n, _ := p.In.Rule.Parts()
	p.Version = c.text(a, "center.version.name", "place", cmp.Or(names[scope], scope), "n", n)
	v, err := c.Store.PolicyVersion(a.Context(), p.In.Rule)
	switch {
	case err == nil:
		p.Gone, p.Draft = v.PolicyText != p.In.Text, versionPath(p.In.Rule)
	default:
		p.Gone = true
	}
	return nil
}

// previewRows reads, filters, sorts and cuts the list.
func (c *console) previewRows(a *ask, p *previewPage) error {
	names, err := c.placeNames(a)
	if err != nil {
		return err
	}
	var all []previewLine
	n := make(map[string]int)
	for row, err := range readPreview(c.jobs.open(a.Context(), p.Job.ID, previewList)) {
		if err != nil {
			return fmt.Errorf("reading a preview: %w", err)
		}
		if len(all) == shownPreview {
			break
		}
		line := previewLine{row, cmp.Or(names[row.At], row.At)}
		if !strings.Contains(strings.ToLower(line.Name+"\n"+line.Number+"\n"+line.Place), strings.ToLower(p.Query.Text)) {
			continue
		}
		all = append(all, line)
		n["all"]++
		for _, word := range previewShows {
			n[word] += count(line.is(word))
		}
	}
	p.Cut = p.Sum.Listed > int64(shownPreview)
	p.Filters = []listFilter{{Word: "all", N: n["all"], On: p.Query.Show == "", To: p.Query.with(func(q *listQuery) { q.Show = "" })}}
	for _, word := range previewShows {
		look := previewIcons[word]
		p.Filters = append(p.Filters, listFilter{word, look[0], look[1], n[word], p.Query.with(func(q *listQuery) { q.Show = word }), p.Query.Show == word})
	}
	if p.Query.Show != "" {
		all = slices.DeleteFunc(all, func(l previewLine) bool { return !l.is(p.Query.Show) })
	}
	if p.Query.Sort != previewSorts[0] { // the list comes sorted by what differs
		slices.SortStableFunc(all, func(x, y previewLine) int { return sortPreview(p.Query.Sort, x, y) })
	}
	low, high := p.cut(len(all))
	p.Rows = all[low:high]
	p.columns(previewColumns, previewSorts, []string{"half", "was", "would", "differs", "moved"}, []string{"differs", "was", "would"})
	return nil
}

// is tells whether a line belongs to what a filter shows.
func (l previewLine) is(word string) bool {
	switch word {
	case "less":
		return l.Differs() < 0
	case "more":
		return l.Differs() > 0
	}
	return l.Moved > 0
}

func sortPreview(word string, x, y previewLine) int {
	switch word {
	case "number":
		return cmp.Compare(x.Number, y.Number)
	case "at":
		return cmp.Compare(x.Place, y.Place)
	case "was":
		return cmp.Compare(y.Was, x.Was)
	case "would":
		return cmp.Compare(y.Would, x.Would)
	}
	return cmp.Compare(x.Name, y.Name)
}
