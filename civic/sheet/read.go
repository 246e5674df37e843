package sheet

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
)

// book is an opened file: a workbook, or a text table as a book of one sheet without a name.
type book interface {
	tables() []table
	// rows yields the rows of one table in ascending order. It may leave out blank ones.
	rows(ctx context.Context, table int, yield func(*row) error) error
	close() error
}

// table is one worksheet of a book.
type table struct {
	name   string
	hidden bool
}

// traits are what the reading of cells depends on.
type traits struct {
	format    string // as Summary.Format names it
	encoding  string // of a text table, when it is not plain UTF-8
	epoch1904 bool
	typed     bool
}

// list says what to do with the rows of one kind.
type list[T any] struct {
	parse  func(*record) (T, identity)
	accept func(T) error
	reject func(Rejection) error
}

// reader reads one file into a list.
type reader[T any] struct {
	list[T]
	layout  *layout
	book    book
	traits  traits
	summary *Summary
	seen    register

	sheet  int           // index of the table being read
	report *SheetSummary // of this table
	head   *header       // header in force, nil before one was found
	counts sheetCounts
	nearly *header // the best of what was no header yet
}

// sheetCounts is what a sheet's notices count.
type sheetCounts struct {
	hidden, repeated, unknown int
	odd                       [fieldCount]oddities
}

// errSheetDone ends the reading of a sheet that has no header.
var errSheetDone = errors.New("sheet done")

func read[T any](ctx context.Context, path string, l *layout, what list[T]) (Summary, error) {
	s := Summary{File: filepath.Base(path), Kind: l.kind, Sheets: []SheetSummary{}, Notices: []Notice{}}
	b, t, err := open(ctx, path)
	if err != nil {
		return s, ended(ctx, err)
	}
	defer b.close()
	s.Format = t.format
	r := &reader[T]{list: what, layout: l, book: b, traits: t, summary: &s, seen: register{}}
	if t.encoding != "" {
		r.notice("", NoticeEncoding, t.encoding)
	}
	err = r.all(ctx)
	return s, ended(ctx, err)
}

// ended gives the context's own error for what only failed because the context ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ctx.Err()
	}
	return err
}

// all reads the sheets one after the other.
func (r *reader[T]) all(ctx context.Context) error {
	anyShown, anyHeader := false, false
	for i, t := range r.book.tables() {
		if t.hidden {
			r.skip(t.name, NoticeHiddenSheet)
			continue
		}
		anyShown = true
		r.sheet, r.head, r.counts = i, nil, sheetCounts{}
		r.report = &SheetSummary{Name: t.name, Columns: []string{}, Unknown: []string{}}
		found, err := r.readSheet(ctx, t.name)
		if err != nil {
			return err
		}
		anyHeader = anyHeader || found
	}
	switch {
	case !anyShown && len(r.book.tables()) > 0:
		return refuse(RefusedHidden, nil)
	case !anyHeader && r.nearly == nil:
		return refuse(RefusedEmpty, nil)
	case !anyHeader:
		return refuse(RefusedNoHeader, nil, strings.Join(r.layout.missing(emptyHeader()), "、"), r.nearly.preview(), r.layout.example)
	}
	return nil
}

// readSheet reads one sheet and tells whether it had a header.
func (r *reader[T]) readSheet(ctx context.Context, name string) (bool, error) {
	looked := 0
	err := r.book.rows(ctx, r.sheet, func(w *row) error {
		switch {
		case r.head != nil:
			return r.below(w)
		case isBlankRow(w):
			return nil
		}
		if isHeader, err := r.tryHeader(w); isHeader || err != nil {
			return err
		}
		if looked++; looked == headerRows {
			return errSheetDone
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSheetDone) {
		return false, err
	}
	switch {
	case r.head != nil:
		r.finish()
		return true, nil
	case looked == 0:
		r.skip(name, NoticeEmptySheet)
	default:
		r.skip(name, NoticeNoHeader)
	}
	return false, nil
}

// tryHeader takes a row as header when it names all that is required.
func (r *reader[T]) tryHeader(w *row) (bool, error) {
	found, err := r.layout.match(w)
	if err != nil {
		return false, err
	}
	if len(r.layout.missing(found)) == 0 {
		r.reportHead()
		r.head = found
		return true, nil
	}
	if r.nearly == nil || found.found > r.nearly.found {
		r.nearly = found
	}
	return false, nil
}

// reportHead takes the header in force into the summary, before another takes its place.
func (r *reader[T]) reportHead() {
	if r.head == nil {
		return
	}
	if r.report.HeaderRow == 0 {
		r.report.HeaderRow = r.head.row
	}
	r.head.addTo(r.report)
}

// below deals with a row below a header: it may be the header's second row, another header, or a row of the list.
func (r *reader[T]) below(w *row) error {
	name := w.at(r.head.index[fieldName])
	if name.covered && name.top > 0 && name.top <= r.head.row { // the name's heading is merged over several rows
		extended, err := r.layout.extend(r.head, w)
		r.head = extended
		return err
	}
	if r.layout.mayBeHeader(w) {
		if again, err := r.tryHeader(w); again || err != nil {
			r.counts.repeated++
			return err
		}
	}
	return r.readRow(w)
}

// readRow accepts or rejects one row below the header.
func (r *reader[T]) readRow(w *row) error {
	if !holdsKnown(r.head, w) {
		if !isBlankRow(w) {
			r.counts.unknown++
		}
		return nil
	}
	if w.hidden {
		r.counts.hidden++
	}
	r.report.Rows++
	if r.summary.Rows++; r.summary.Rows > maxRows {
		return refuse(RefusedTooManyRows, nil, maxRows)
	}
	rec := &record{sheet: r.report.Name, layout: r.layout, head: r.head, row: w, epoch1904: r.traits.epoch1904, typed: r.traits.typed}
	value, id := r.judge(rec)
	if len(rec.faults) > 0 {
		r.summary.Rejected++
		return r.reject(rec.rejection())
	}
	r.seen.add(id, r.sheet, w.number)
	for _, o := range rec.odd {
		r.counts.odd[o.field].add(o.text)
	}
	r.summary.Accepted++
	return r.accept(value)
}

// judge parses a row and compares it with those accepted before.
func (r *reader[T]) judge(rec *record) (T, identity) {
	var none T
	switch {
	case isRemark(rec):
		rec.fail(fieldName, CodeTotalRow)
		return none, identity{}
	case isShifted(rec):
		rec.fail(fieldName, CodeTooWide)
		return none, identity{}
	}
	value, id := r.parse(rec)
	if len(rec.faults) > 0 {
		return value, id
	}
	if o, f, ok := r.seen.find(id); ok {
		code := CodeDuplicate
		if o.label != labelHash(id.label) {
			code = CodeConflict
		}
		where, whereEN := "", ""
		if name := r.book.tables()[o.sheet].name; int(o.sheet) != r.sheet {
			where, whereEN = "“"+name+"”", " of “"+name+"”"
		}
		rec.fail(f, code, where, o.row, whereEN)
	}
	return value, id
}

// finish writes what a sheet that was read comes to.
func (r *reader[T]) finish() {
	r.reportHead()
	r.summary.Sheets = append(r.summary.Sheets, *r.report)
	name := r.report.Name
	if len(r.report.Unknown) > 0 {
		r.notice(name, NoticeUnknownTitle, strings.Join(r.report.Unknown, "、"))
	}
	for _, n := range []struct {
		count int
		code  string
	}{{r.counts.hidden, NoticeHiddenRows}, {r.counts.repeated, NoticeHeaderAgain}, {r.counts.unknown, NoticeOnlyUnknown}} {
		if n.count > 0 {
			r.notice(name, n.code, n.count)
		}
	}
	for f, odd := range r.counts.odd {
		if odd.rows > 0 {
			r.notice(name, NoticeOdd, odd.rows, r.layout.title(r.head, field(f)), strings.Join(odd.some, "、"))
		}
	}
}

func (r *reader[T]) skip(name, code string) {
	r.summary.Sheets = append(r.summary.Sheets, SheetSummary{Name: name, Columns: []string{}, Unknown: []string{}, Skipped: code})
	r.notice(name, code)
}

func (r *reader[T]) notice(sheet, code string, args ...any) {
	t := notices[code]
	args = append([]any{sheet}, args...)
	r.summary.Notices = append(r.summary.Notices, Notice{Sheet: sheet, Code: code, Text: fill(t.zh, args), TextEN: fill(t.en, args)})
}
