package center

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
)

// exportFile is a file that rows are written to while they are read, so it is never
// in memory as a whole.
type exportFile interface {
	row(cells []string) error
	close() error
}

// exportKinds are the files that lists are taken home as, by the end of their names.
var exportKinds = map[string]struct {
	kind string
	make func(io.Writer) (exportFile, error)
}{
	"csv":  {"text/csv; charset=utf-8", newTextFile},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", newBookFile},
}

// export sends a file. begin reads the first part of what is in it and returns what
// writes it all: what fails before the first byte is said on a page; later the
// download breaks off, so nobody takes a part for the whole.
func (c *console) export(a *ask, name, ending string, begin func() (write func(exportFile) error, err error)) error {
	select {
	case c.exports <- struct{}{}:
		defer func() { <-c.exports }()
	default:
		return fmt.Errorf("%w: others are exporting", store.ErrBusy)
	}
	write, err := begin()
	if err != nil {
		return err
	}
	kind := exportKinds[ending]
	a.w.Header().Set("Content-Type", kind.kind)
	a.w.Header().Set("Content-Disposition", `attachment; filename="`+name+"-"+c.Now().In(c.Zone).Format("20060102-1504")+"."+ending+`"`)
	file, err := kind.make(a.w)
	if err == nil {
		err = write(file)
		if closed := file.close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		c.Log.Warn("console: a file broke off", "file", name, "officer", a.officer.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// textFile is a file of comma-separated values.
type textFile struct {
	out   *bufio.Writer
	lines *csv.Writer
}

func newTextFile(w io.Writer) (exportFile, error) {
	out := bufio.NewWriter(w)
	_, err := out.WriteString("\ufeff") // without it, Excel takes UTF-8 for something else
	return &textFile{out, csv.NewWriter(out)}, err
}

// row writes a row of which a spreadsheet program computes nothing.
func (t *textFile) row(cells []string) error {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return t.lines.Write(cells)
}

func (t *textFile) close() error {
	t.lines.Flush()
	if err := t.lines.Error(); err != nil {
		return err
	}
	return t.out.Flush()
}

// bookFile is a workbook, every cell as text.
type bookFile struct {
	w      io.Writer
	folder string // of this file alone: what is in it may name people
	book   *excelize.File
	stream *excelize.StreamWriter
	line   int
}

func newBookFile(w io.Writer) (exportFile, error) {
	b, err := newSheets(w)
	if err != nil {
		return nil, err
	}
	if err := b.sheet(b.book.GetSheetName(0)); err != nil {
		os.RemoveAll(b.folder)
		return nil, err
	}
	return b, nil
}

// newSheets is a workbook of several sheets: sheet begins each, the first too.
func newSheets(w io.Writer) (*bookFile, error) {
	folder, err := os.MkdirTemp("", "yizhan-export-")
	if err != nil {
		return nil, err
	}
	return &bookFile{w: w, folder: folder, book: excelize.NewFile(excelize.Options{TmpDir: folder})}, nil
}

// sheet begins the next one.
func (b *bookFile) sheet(name string) (err error) {
	if b.stream == nil {
		err = b.book.SetSheetName(b.book.GetSheetName(0), name)
	} else if err = b.stream.Flush(); err == nil {
		_, err = b.book.NewSheet(name)
	}
	if err != nil {
		return err
	}
	b.line = 0
	b.stream, err = b.book.NewStreamWriter(name)
	return err
}

func (b *bookFile) row(cells []string) error {
	b.line++
	values := make([]any, len(cells))
	for i, cell := range cells {
		values[i] = cell
	}
	return b.stream.SetRow("A"+strconv.Itoa(b.line), values)
}

func (b *bookFile) close() error {
	defer os.RemoveAll(b.folder)
	defer b.book.Close()
	if err := b.stream.Flush(); err != nil {
		return err
	}
	_, err := b.book.WriteTo(b.w)
	return err
}
