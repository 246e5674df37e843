package sheettest

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Dialect is how a text table is written.
type Dialect struct {
	Encoding  string // "" for UTF-8, "bom" for UTF-8 with its mark, "utf-16", "gb18030"
	Separator string // "" for a comma
	LineEnd   string // "" for CR LF
}

// textWriter writes rows of cells as a text table. Errors stick.
type textWriter struct {
	Dialect
	out   *bufio.Writer
	under io.WriteCloser
	row   int
}

func newTextWriter(w io.Writer, d Dialect) (*textWriter, error) {
	if d.Separator == "" {
		d.Separator = ","
	}
	if d.LineEnd == "" {
		d.LineEnd = "\r\n"
	}
	t := &textWriter{Dialect: d}
	switch d.Encoding {
	case "":
		t.under = transform.NewWriter(w, transform.Nop)
	case "bom":
		t.under = transform.NewWriter(w, unicode.UTF8BOM.NewEncoder())
	case "utf-16":
		t.under = transform.NewWriter(w, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder())
	case "gb18030":
		t.under = transform.NewWriter(w, simplifiedchinese.GB18030.NewEncoder())
	default:
		return nil, fmt.Errorf("unknown encoding %q", d.Encoding)
	}
	t.out = bufio.NewWriterSize(t.under, 64<<10)
	return t, nil
}

// Row writes the next row and gives its number.
func (t *textWriter) Row(cells ...Cell) int {
	for i, c := range cells {
		if i > 0 {
			t.out.WriteString(t.Separator)
		}
		t.out.WriteString(t.quote(c.shown))
	}
	t.out.WriteString(t.LineEnd)
	t.row++
	return t.row
}

func (t *textWriter) quote(s string) string {
	if !strings.ContainsAny(s, "\"\r\n"+t.Separator) {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func (t *textWriter) Close() error {
	if err := t.out.Flush(); err != nil {
		return fmt.Errorf("writing text table: %w", err)
	}
	return t.under.Close()
}
