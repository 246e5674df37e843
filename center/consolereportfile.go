package center

import (
	"fmt"
	"net/http"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/ledger"
)

// workbook is a file for a spreadsheet program, written row by row, with numbers as
// numbers, so that they can be added up there; texts are never formulas.
type workbook struct {
	book *excelize.File
	name string
	line int
	bold int
	err  error
}

func newWorkbook(name string) *workbook {
	s := &workbook{book: excelize.NewFile(), name: name}
	s.err = s.book.SetSheetName(s.book.GetSheetName(0), name)
	if s.err == nil {
		s.bold, s.err = s.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	}
	if s.err == nil {
		s.err = s.book.SetColWidth(name, "A", "A", 30)
	}
	if s.err == nil {
		s.err = s.book.SetColWidth(name, "B", "L", 15)
	}
	return s
}

// row writes texts and integers.
func (s *workbook) row(cells ...any) {
	s.line++
	if s.err == nil {
		s.err = s.book.SetSheetRow(s.name, fmt.Sprintf("A%d", s.line), &cells)
	}
}

// head is a row of names of columns, or a heading.
func (s *workbook) head(cells ...any) {
	s.row(cells...)
	if s.err == nil {
		s.err = s.book.SetRowStyle(s.name, s.line, s.line, s.bold)
	}
}

// sendWorkbook sends a workbook that fits into memory.
func (c *console) sendWorkbook(a *ask, name string, fill func(*workbook) error) error {
	select {
	case c.exports <- struct{}{}:
		defer func() { <-c.exports }()
	default:
		return fmt.Errorf("%w: others are exporting", store.ErrBusy)
	}
	s := newWorkbook("1")
	defer s.book.Close()
	if err := fill(s); err != nil {
		return err
	}
	if s.err != nil {
		return fmt.Errorf("writing a workbook: %w", s.err)
	}
	out, err := s.book.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	a.w.Header().Set("Content-Type", exportKinds["xlsx"].kind)
	a.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
	if _, err := out.WriteTo(a.w); err != nil {
		c.Log.Debug("file not taken", "file", name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (c *console) reportXLSX(a *ask) error {
	p, err := c.reported(a)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("report-%s-%s-%s", p.Place, p.Span, p.First.Time().Format("2006-01-02"))
	return c.sendWorkbook(a, name, func(s *workbook) error { return c.fillReport(a, s, p) })
}

// fillReport writes the report as its page has it.
func (c *console) fillReport(a *ask, s *workbook, p reportPage) error {
	t := func(key string, pairs ...any) string { return c.text(a, "center.report."+key, pairs...) }
	day := func(d ledger.Day) string { return d.Time().Format("2006-01-02") }
	s.head(c.reportTitle(a, p), day(p.First), day(p.Last))
	s.row(t("worked", "when", c.momentText(c.texts[a.lang], p.Worked())))
	if p.Signed {
		s.row(t("signed", "who", p.By.By, "when", c.momentText(c.texts[a.lang], p.By.At)), p.By.HashText())
	}
	for _, k := range p.Silent() {
		s.row(t("silent_one"), k.Name, k.ID, c.momentText(c.texts[a.lang], k.Heard()))
	}
	s.row()
	for _, l := range p.Totals() {
		s.row(t("total."+l.Word), l.Value)
	}
	c.fillParts(s, t, p)
	if len(p.Lines) > 0 {
		s.row()
		s.head(t("events"))
		for _, l := range p.Lines {
			s.row(l.Made.In(c.Zone).Format("2006-01-02 15:04"), l.What, l.Where, l.Who, l.Old, l.New, l.Why)
		}
	}
	return nil
}

func (c *console) fillParts(s *workbook, t func(string, ...any) string, p reportPage) {
	s.row()
	s.head(t("towns"), t("total.earned"), t("total.taken"), t("total.minutes"), t("total.people"), t("total.lines"))
	for _, r := range p.Towns {
		s.row(r.Name, int64(r.Sums.Earned), int64(r.Sums.Taken), r.Sums.Minutes, r.People, r.Sums.Lines)
	}
	s.row()
	s.head(t("kiosks"), t("column.id"), t("total.settled"), t("total.spent"), t("total.refunded"), t("total.back"), t("total.buyers"))
	for _, r := range p.Kiosks {
		s.row(r.Name, r.ID, r.Sums.Settled, int64(r.Sums.Spent), r.Sums.Refunded, int64(r.Sums.Back), r.People)
	}
	s.row()
	s.head(t("goods"), t("column.id"), t("column.unit"), t("column.received"), t("column.sold"), t("total.spent"), t("column.restocked"), t("column.counted"), t("column.wasted"), t("column.left"))
	for _, g := range p.Goods {
		s.row(g.Name, g.Code, g.Unit, g.Received, g.Sold, int64(g.Spent), g.Restocked, g.Counted, g.Wasted, g.Left)
	}
	if len(p.Later) == 0 {
		return
	}
	s.row()
	s.head(t("later"), t("column.part"), t("total.earned"), t("total.minutes"), t("total.settled"), t("total.spent"), t("total.refunded"), t("total.back"))
	for _, l := range p.Later {
		for _, r := range l.Parts {
			s.row(l.Day.Time().Format("2006-01-02"), r.Name, int64(r.Sums.Net()), r.Sums.Minutes, r.Sums.Settled, int64(r.Sums.Spent), r.Sums.Refunded, int64(r.Sums.Back))
		}
	}
}
