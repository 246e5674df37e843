package center

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
)

// auditColumns are those of a file of acts: center.audit.column.WORD. The body is
// what was chained, as it is stored, so an act can be held against its hash.
var auditColumns = []string{"when", "who", "what", "kind", "where", "place", "number", "before", "after", "why", "body", "hash"}

// auditFile is a file that acts are written to while they are read, so it is never
// in memory as a whole.
type auditFile interface {
	row(cells []string) error
	close() error
}

func (c *console) auditCSV(a *ask) error {
	return c.auditExport(a, "csv", "text/csv; charset=utf-8", func(w http.ResponseWriter) (auditFile, error) {
		out := bufio.NewWriter(w)
		_, err := out.WriteString("\ufeff") // without it, Excel takes UTF-8 for something else
		return &auditText{out, csv.NewWriter(out)}, err
	})
}

func (c *console) auditXLSX(a *ask) error {
	return c.auditExport(a, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", newAuditBook)
}

// auditExport writes the list that a query asks for, up to maxAuditFile acts. What
// fails before the first byte is said on a page; later the download breaks off, so
// nobody takes a part for the whole.
func (c *console) auditExport(a *ask, ending, kind string, make func(http.ResponseWriter) (auditFile, error)) error {
	select {
	case c.exports <- struct{}{}:
		defer func() { <-c.exports }()
	default:
		return fmt.Errorf("%w: others are exporting", store.ErrBusy)
	}
	q := readAuditQuery(a.URL.Query())
	reader, err := c.auditor(a, &q)
	if err != nil {
		return err
	}
	ask := q.asks(c.Zone, auditBatch)
	acts, next, err := reader.read(ask)
	if err != nil {
		return err
	}
	a.w.Header().Set("Content-Type", kind)
	a.w.Header().Set("Content-Disposition", `attachment; filename="audit-`+c.Now().In(c.Zone).Format("20060102-1504")+"."+ending+`"`)
	file, err := make(a.w)
	if err == nil {
		err = c.writeAudit(a, file, reader, ask, acts, next)
	}
	if err != nil {
		c.Log.Warn("console: a file of acts broke off", "officer", a.officer.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (c *console) writeAudit(a *ask, file auditFile, reader *auditor, ask store.ActQuery, acts []store.Act, next store.ActMark) (err error) {
	header := make([]string, len(auditColumns))
	for i, word := range auditColumns {
		header[i] = c.text(a, "center.audit.column."+word)
	}
	err = file.row(header)
	for written := 0; err == nil; {
		for _, act := range acts {
			if err == nil {
				err = file.row(c.auditCells(reader.line(act)))
			}
		}
		written += len(acts)
		if err != nil || next == (store.ActMark{}) {
			break
		}
		if written >= maxAuditFile {
			err = file.row([]string{c.text(a, "center.audit.cut", "n", written)})
			break
		}
		ask.Before = next
		acts, next, err = reader.read(ask)
	}
	if closed := file.close(); err == nil {
		err = closed
	}
	return err
}

func (c *console) auditCells(l auditLine) []string {
	body := l.Text()
	return []string{l.Made.In(c.Zone).Format("2006-01-02 15:04:05.000"), l.Who, l.What, l.Kind, l.Where, l.Place, strconv.FormatUint(l.Seq, 10), l.Old, l.New, l.Why, body, l.Hash()}
}

// auditText is a file of comma-separated values.
type auditText struct {
	out   *bufio.Writer
	lines *csv.Writer
}

// row writes a row of which a spreadsheet program computes nothing.
func (t *auditText) row(cells []string) error {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return t.lines.Write(cells)
}

func (t *auditText) close() error {
	t.lines.Flush()
	if err := t.lines.Error(); err != nil {
		return err
	}
	return t.out.Flush()
}

// auditBook is a workbook, every cell as text.
type auditBook struct {
	w      http.ResponseWriter
	folder string // of this file alone: what was done may name people
	book   *excelize.File
	stream *excelize.StreamWriter
	line   int
}

func newAuditBook(w http.ResponseWriter) (auditFile, error) {
	folder, err := os.MkdirTemp("", "yizhan-audit-")
	if err != nil {
		return nil, err
	}
	b := &auditBook{w: w, folder: folder, book: excelize.NewFile(excelize.Options{TmpDir: folder})}
	if b.stream, err = b.book.NewStreamWriter(b.book.GetSheetName(0)); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	return b, nil
}

func (b *auditBook) row(cells []string) error {
	b.line++
	values := make([]any, len(cells))
	for i, cell := range cells {
		values[i] = cell
	}
	return b.stream.SetRow("A"+strconv.Itoa(b.line), values)
}

func (b *auditBook) close() error {
	defer os.RemoveAll(b.folder)
	defer b.book.Close()
	if err := b.stream.Flush(); err != nil {
		return err
	}
	_, err := b.book.WriteTo(b.w)
	return err
}
