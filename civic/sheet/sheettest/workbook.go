// Package sheettest makes spreadsheets for tests: workbooks with everything that people and programs put into them, and rosters and lists of
// goods of any length with known faults in known rows. What it makes depends on the seed alone.
//
// It shares no code with the reader under test: it has its own check digit, its own XML, its own idea of what is wrong.
package sheettest

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Cell is one cell to write. Make it with one of the functions below.
type Cell struct {
	shown string // how a text table has it
	value string
	kind  string // the t attribute; "" for a number
	style int
	calc  string // formula
	bare  bool   // no value element
}

// Styles of the workbooks made here, by their place in styles.xml.
const (
	stylePlain = iota
	styleDate
	styleTime
	styleSixZeros
)

// Text is a shared string.
func Text(s string) Cell { return Cell{shown: s, value: s, kind: "s"} }

// Inline is a text kept in its cell, as many programs write it.
func Inline(s string) Cell { return Cell{shown: s, value: s, kind: "inlineStr"} }

// Number is a number in the digits given.
func Number(digits string) Cell { return Cell{shown: digits, value: digits} }

// Day is a number formatted as a date: days since the workbook's epoch. shown is how a text table has it.
func Day(serial, shown string) Cell { return Cell{shown: shown, value: serial, style: styleDate} }

// Clock is a part of a day formatted as hours and minutes.
func Clock(fraction, shown string) Cell { return Cell{shown: shown, value: fraction, style: styleTime} }

// Padded is a number that its format fills to six digits.
func Padded(digits string) Cell { return Cell{shown: digits, value: digits, style: styleSixZeros} }

// Formula is a formula with its stored result, a number.
func Formula(calc, result string) Cell { return Cell{shown: result, value: result, calc: calc} }

// TextFormula is a formula with its stored result, a text.
func TextFormula(calc, result string) Cell {
	return Cell{shown: result, value: result, calc: calc, kind: "str"}
}

// Uncalculated is a formula whose program stored no result.
func Uncalculated(calc string) Cell { return Cell{shown: "=" + calc, calc: calc, bare: true} }

// Failed is a formula whose result is an error such as #N/A.
func Failed(calc, code string) Cell { return Cell{shown: code, value: code, calc: calc, kind: "e"} }

// Bool is TRUE or FALSE.
func Bool(b bool) Cell {
	if b {
		return Cell{shown: "TRUE", value: "1", kind: "b"}
	}
	return Cell{shown: "FALSE", value: "0", kind: "b"}
}

// Blank is an empty cell that only has a format.
func Blank() Cell { return Cell{bare: true} }

// Workbook writes an xlsx file as a stream. Errors stick and come out of Close.
type Workbook struct {
	Date1904 bool // count days from 1904; set before the first sheet

	zip    *zip.Writer
	sheets []*Sheet
	shared map[string]int
	texts  []string
	err    error
}

// NewWorkbook starts a workbook.
func NewWorkbook(w io.Writer) *Workbook {
	return &Workbook{zip: zip.NewWriter(w), shared: map[string]int{}}
}

// Sheet is one worksheet being written. Only the newest can be.
type Sheet struct {
	book   *Workbook
	name   string
	state  string
	out    *bufio.Writer
	row    int
	merged []string
}

// Sheet ends the sheet before and starts one. state is "", "hidden" or "veryHidden".
func (b *Workbook) Sheet(name, state string) *Sheet {
	b.endSheet()
	s := &Sheet{book: b, name: name, state: state}
	b.sheets = append(b.sheets, s)
	s.out = bufio.NewWriterSize(b.create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(b.sheets))), 64<<10)
	s.out.WriteString(xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	return s
}

func (b *Workbook) create(name string) io.Writer {
	w, err := b.zip.Create(name)
	if err != nil {
		b.err = err
		return io.Discard
	}
	return w
}

// Row writes the next row and gives its number.
func (s *Sheet) Row(cells ...Cell) int { return s.write("", cells) }

// HiddenRow writes a row that is not shown.
func (s *Sheet) HiddenRow(cells ...Cell) int { return s.write(` hidden="1"`, cells) }

// Skip leaves rows out, as programs do with empty ones.
func (s *Sheet) Skip(rows int) { s.row += rows }

// Merge joins a range such as A3:A5.
func (s *Sheet) Merge(ref string) { s.merged = append(s.merged, ref) }

func (s *Sheet) write(attr string, cells []Cell) int {
	s.row++
	fmt.Fprintf(s.out, `<row r="%d"%s>`, s.row, attr)
	for i, c := range cells {
		if c != (Cell{}) {
			s.cell(ColumnName(i+1), c)
		}
	}
	s.out.WriteString("</row>")
	return s.row
}

func (s *Sheet) cell(column string, c Cell) {
	fmt.Fprintf(s.out, `<c r="%s%d" s="%d"`, column, s.row, c.style)
	if c.kind != "" {
		fmt.Fprintf(s.out, ` t="%s"`, c.kind)
	}
	s.out.WriteString(">")
	if c.calc != "" {
		s.out.WriteString("<f>" + escape(c.calc) + "</f>")
	}
	switch {
	case c.bare:
	case c.kind == "s":
		fmt.Fprintf(s.out, "<v>%d</v>", s.book.share(c.value))
	case c.kind == "inlineStr":
		s.out.WriteString("<is><t>" + escape(c.value) + "</t></is>")
	default:
		s.out.WriteString("<v>" + escape(c.value) + "</v>")
	}
	s.out.WriteString("</c>")
}

func (b *Workbook) share(text string) int {
	i, ok := b.shared[text]
	if !ok {
		i = len(b.texts)
		b.shared[text] = i
		b.texts = append(b.texts, text)
	}
	return i
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// ColumnName gives A for 1 and AA for 27.
func ColumnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

func (b *Workbook) endSheet() {
	if len(b.sheets) == 0 {
		return
	}
	s := b.sheets[len(b.sheets)-1]
	s.out.WriteString("</sheetData>")
	if len(s.merged) > 0 {
		fmt.Fprintf(s.out, `<mergeCells count="%d">`, len(s.merged))
		for _, ref := range s.merged {
			fmt.Fprintf(s.out, `<mergeCell ref="%s"/>`, ref)
		}
		s.out.WriteString("</mergeCells>")
	}
	s.out.WriteString("</worksheet>")
	if err := s.out.Flush(); err != nil {
		b.err = err
	}
}

// Close writes what remains.
func (b *Workbook) Close() error {
	b.endSheet()
	b.writeBook()
	b.writeStrings()
	io.WriteString(b.create("xl/styles.xml"), xml.Header+`<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+
		`<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>`+
		`<numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="000000"/></numFmts>`+
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/>`+
		`<xf numFmtId="166"/></cellXfs></styleSheet>`)
	if err := b.zip.Close(); err != nil {
		return fmt.Errorf("closing workbook: %w", err)
	}
	return b.err
}

func (b *Workbook) writeBook() {
	const ns = `xmlns="http://schemas.openxmlformats.org/`
	const rel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	io.WriteString(b.create("_rels/.rels"), xml.Header+`<Relationships `+ns+`package/2006/relationships">`+
		`<Relationship Id="rId1" Type="`+rel+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	var sheets, rels, types strings.Builder
	for i, s := range b.sheets {
		state := ""
		if s.state != "" {
			state = ` state="` + s.state + `"`
		}
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, escape(s.name), i+1, state, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, rel, i+1)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i+1)
	}
	properties := ""
	if b.Date1904 {
		properties = `<workbookPr date1904="1"/>`
	}
	io.WriteString(b.create("xl/workbook.xml"), xml.Header+`<workbook `+ns+`spreadsheetml/2006/main" xmlns:r="`+rel+`">`+
		properties+`<sheets>`+sheets.String()+`</sheets></workbook>`)
	io.WriteString(b.create("xl/_rels/workbook.xml.rels"), xml.Header+`<Relationships `+ns+`package/2006/relationships">`+rels.String()+
		`<Relationship Id="rIdS" Type="`+rel+`/styles" Target="styles.xml"/>`+
		`<Relationship Id="rIdT" Type="`+rel+`/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`)
	const main = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
	io.WriteString(b.create("[Content_Types].xml"), xml.Header+`<Types `+ns+`package/2006/content-types">`+
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Default Extension="xml" ContentType="application/xml"/>`+
		`<Override PartName="/xl/workbook.xml" ContentType="`+main+`sheet.main+xml"/>`+
		`<Override PartName="/xl/styles.xml" ContentType="`+main+`styles+xml"/>`+
		`<Override PartName="/xl/sharedStrings.xml" ContentType="`+main+`sharedStrings+xml"/>`+types.String()+`</Types>`)
}

func (b *Workbook) writeStrings() {
	w := bufio.NewWriter(b.create("xl/sharedStrings.xml"))
	fmt.Fprintf(w, xml.Header+`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="%d">`, len(b.texts))
	for _, t := range b.texts {
		w.WriteString(`<si><t xml:space="preserve">` + escape(t) + `</t></si>`)
	}
	w.WriteString("</sst>")
	if err := w.Flush(); err != nil {
		b.err = err
	}
}
