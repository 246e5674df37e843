package sheet

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"strings"
)

// textTable is a CSV or TSV file as a book.
type textTable struct {
	file      *os.File
	size      int64
	code      textCode
	separator byte
	told      bool // by a first line sep=;
}

func openText(ctx context.Context, f *os.File) (book, traits, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, traits{}, refuse(RefusedOpen, err)
	}
	t := &textTable{file: f, size: info.Size()}
	if t.code, err = detect(ctx, f, t.size); err != nil {
		return nil, traits{}, err
	}
	if err := t.findSeparator(); err != nil {
		return nil, traits{}, err
	}
	return t, traits{format: "csv", encoding: t.code.name}, nil
}

func (t *textTable) tables() []table { return []table{{}} }
func (t *textTable) close() error    { return t.file.Close() }

// text gives the whole file decoded to UTF-8 from its start.
func (t *textTable) text() io.Reader {
	return t.code.wrap(io.NewSectionReader(t.file, t.code.skip, t.size-t.code.skip))
}

// findSeparator looks at the first lines.
func (t *textTable) findSeparator() error {
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(t.text(), head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return refuse(RefusedOpen, err)
	}
	head = head[:n]
	first, _, _ := bytes.Cut(head, []byte("\n"))
	if s := strings.TrimRight(string(first), "\r"); len(s) == 5 && strings.EqualFold(s[:4], "sep=") {
		t.separator, t.told = s[4], true
		return nil
	}
	t.separator = likelySeparator(head)
	return nil
}

// rows parses the table. Every line counts, blank ones too, as a spreadsheet program counts them.
func (t *textTable) rows(ctx context.Context, _ int, yield func(*row) error) error {
	p := &textParser{in: bufio.NewReaderSize(t.text(), 64<<10), separator: t.separator}
	r := &row{}
	for {
		r.number++
		if r.number%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if r.number > maxLines {
			return refuse(RefusedTooManyRows, nil, maxLines)
		}
		err := p.next(r)
		if err == io.EOF {
			return nil
		}
		if err == nil && !(t.told && r.number == 1) {
			err = yield(r)
		}
		if err != nil {
			return err
		}
	}
}

// likelySeparator finds the character that parts most lines into the same number of cells, outside quotation marks.
func likelySeparator(head []byte) byte {
	best, bestScore := byte(','), 0
	for _, sep := range []byte{',', '\t', ';'} {
		if score := regularity(head, sep); score > bestScore {
			best, bestScore = sep, score
		}
	}
	return best
}

// regularity scores a separator: how many of the first lines have the commonest number of it, times that number.
func regularity(head []byte, sep byte) int {
	const lines = 30
	counts := map[int]int{}
	n, line, quoted := 0, 0, false
	for _, b := range head {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == sep:
			n++
		case b == '\n' || b == '\r':
			counts[n]++
			n = 0
			line++
		}
		if line == lines {
			break
		}
	}
	counts[n]++
	best := 0
	for n, lines := range counts {
		best = max(best, n*lines)
	}
	return best
}
