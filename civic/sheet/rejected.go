package sheet

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// ReasonColumn is the heading of the column that a RejectedWriter adds. Files with it can be mended and read again.
const ReasonColumn = "原因"

// RejectedWriter writes the failing rows of a list as a list of the same columns, with the reason behind, so that
// people can mend them in place and import the file again. It keeps only the row at hand.
type RejectedWriter struct {
	out    rejectedOutput
	header []string // of the rows being written, nil before the first
	sheet  string
}

// rejectedOutput is a workbook or a text table.
type rejectedOutput interface {
	begin(sheet string, header []string) error
	row(cells []string) error
	close() error
}

// NewRejectedWriter creates the file, a workbook or a text table as its name ends in .xlsx or .csv. A file of that name is
// replaced. A caller makes one when the first row fails.
func NewRejectedWriter(path string) (*RejectedWriter, error) {
	var out rejectedOutput
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		out, err = newRejectedText(path)
	case ".xlsx":
		out, err = newRejectedBook(path)
	default:
		err = fmt.Errorf("%s ends neither in .xlsx nor in .csv", filepath.Base(path))
	}
	if err != nil {
		return nil, fmt.Errorf("creating the file of rejected rows: %w", err)
	}
	return &RejectedWriter{out: out}, nil
}

// Write adds one row. Rows of another sheet, or under another header, begin a list of their own.
func (w *RejectedWriter) Write(r Rejection) error {
	if w.header == nil || r.Sheet != w.sheet || !slices.Equal(r.Header, w.header) {
		w.header, w.sheet = append([]string{}, r.Header...), r.Sheet
		if err := w.out.begin(r.Sheet, withReason(w.header, w.header, ReasonColumn)); err != nil {
			return fmt.Errorf("writing rejected rows: %w", err)
		}
	}
	if err := w.out.row(withReason(w.header, r.Cells, r.Reason)); err != nil {
		return fmt.Errorf("writing rejected rows: %w", err)
	}
	return nil
}

// Close finishes the file.
func (w *RejectedWriter) Close() error {
	if err := w.out.close(); err != nil {
		return fmt.Errorf("closing the file of rejected rows: %w", err)
	}
	return nil
}

// withReason puts the reason behind the header's last column and leaves out the one of an earlier round. Content beyond the header, as
// shifted rows have it, comes behind the reason.
func withReason(header, cells []string, reason string) []string {
	row := make([]string, 0, len(cells)+1)
	for i, title := range header {
		switch {
		case title == ReasonColumn:
		case i < len(cells):
			row = append(row, cells[i])
		default:
			row = append(row, "")
		}
	}
	row = append(row, reason)
	return append(row, cells[min(len(header), len(cells)):]...)
}

// rejectedText writes a text table. It begins with a byte order mark, without which Excel takes Chinese for garbage.
type rejectedText struct {
	file *os.File
	out  *bufio.Writer
}

func newRejectedText(path string) (*rejectedText, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	t := &rejectedText{file: f, out: bufio.NewWriter(f)}
	_, err = t.out.WriteString("\uFEFF")
	return t, err
}

func (t *rejectedText) begin(_ string, header []string) error { return t.row(header) }

func (t *rejectedText) row(cells []string) error {
	for i, c := range cells {
		if i > 0 {
			t.out.WriteByte(',')
		}
		t.out.WriteString(quoteCell(c))
	}
	_, err := t.out.WriteString("\r\n") // a buffered writer keeps its first error
	return err
}

// quoteCell writes a cell so that a spreadsheet program neither computes it nor takes it for a number that it may round. The
// apostrophe and the tab that this needs are dropped when the file is read again.
func quoteCell(s string) string {
	switch {
	case s == "":
		return s
	case strings.ContainsRune("=+-@\t\r", rune(s[0])):
		s = "'" + s
	case len(s) > 11 && isDigits(s[:len(s)-1]) && !looksRounded(s):
		s += "\t"
	}
	if strings.ContainsAny(s, ",\"\r\n\t;") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func (t *rejectedText) close() error {
	return errors.Join(t.out.Flush(), t.file.Close())
}

// rejectedBook writes a workbook, every cell as text.
type rejectedBook struct {
	path   string
	book   *excelize.File
	stream *excelize.StreamWriter
	text   int // style of cells that stay text when they are edited
	used   map[string]bool
	line   int
}

func newRejectedBook(path string) (*rejectedBook, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // early, so that a bad path is known before the reading
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	b := &rejectedBook{path: path, used: map[string]bool{}}
	b.book = excelize.NewFile(excelize.Options{TmpDir: filepath.Dir(path)}) // personal data stays off the shared /tmp
	const formatText = 49
	b.text, err = b.book.NewStyle(&excelize.Style{NumFmt: formatText})
	return b, err
}

func (b *rejectedBook) begin(sheet string, header []string) error {
	name := b.sheetName(sheet)
	var err error
	switch {
	case b.stream != nil:
		if err = b.stream.Flush(); err == nil {
			_, err = b.book.NewSheet(name)
		}
	default:
		err = b.book.SetSheetName(b.book.GetSheetName(0), name)
	}
	if err != nil {
		return err
	}
	if b.stream, err = b.book.NewStreamWriter(name); err != nil {
		return err
	}
	const reasonWidth, cellWidth = 60, 18 // in characters
	for i := range header {
		width := float64(cellWidth)
		if i == len(header)-1 {
			width = reasonWidth
		}
		if err := b.stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	b.line = 0
	return b.row(header)
}

// sheetName makes a name that workbooks allow and that is new in this one.
func (b *rejectedBook) sheetName(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return '_'
		}
		return r
	}, name), "' ")
	if name == "" {
		name = "未导入"
	}
	const longest = 28 // of 31 characters, with room for a number
	if runes := []rune(name); len(runes) > longest {
		name = string(runes[:longest])
	}
	unique := name
	for n := 2; b.used[strings.ToLower(unique)]; n++ {
		unique = fmt.Sprintf("%s%d", name, n)
	}
	b.used[strings.ToLower(unique)] = true
	return unique
}

func (b *rejectedBook) row(cells []string) error {
	b.line++
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = excelize.Cell{StyleID: b.text, Value: c}
	}
	at, err := excelize.CoordinatesToCellName(1, b.line)
	if err != nil {
		return err
	}
	return b.stream.SetRow(at, values)
}

func (b *rejectedBook) close() error {
	var err error
	if b.stream != nil {
		err = b.stream.Flush()
	}
	if err == nil {
		err = b.book.SaveAs(b.path)
	}
	return errors.Join(err, b.book.Close())
}
