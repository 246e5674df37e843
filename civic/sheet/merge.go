package sheet

import (
	"context"
	"errors"
	"io"
	"slices"
)

// merge is one merged range; rows and columns from 1, both ends included.
type merge struct{ top, bottom, left, right int }

var errMerge = errors.New("bad merged range")

// merges finds the merged ranges of a sheet. They stand behind the rows, so the rows are passed over unparsed; that also proves
// the checksum of the whole part before any row is believed.
func (w *workbook) merges(ctx context.Context, part string) ([]merge, error) {
	in, err := w.zip.part(part)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	x := newXMLScanner(contextReader{ctx, in})
	found, err := scanMerges(x)
	if err != nil && !(err == io.ErrUnexpectedEOF && x.done == io.EOF) { // such an end only means that there were no more
		return nil, refuse(RefusedDamaged, err)
	}
	if _, err := io.Copy(io.Discard, x.in); err != nil {
		return nil, refuse(RefusedDamaged, err)
	}
	slices.SortFunc(found, func(a, b merge) int { return a.top - b.top })
	return found, nil
}

// scanMerges starts in the middle of the document, inside the tag <mergeCells>.
func scanMerges(x *xmlScanner) ([]merge, error) {
	if err := x.skipPast("mergeCells"); err != nil {
		return nil, err
	}
	x.depth = 8 // enough not to run out, should the word have stood in a text
	var found []merge
	for {
		t, err := x.next()
		switch {
		case err != nil || t == xmlEnd:
			return found, err
		case t == xmlClose && string(x.name) == "mergeCells":
			return found, nil
		case t == xmlOpen && string(x.name) == "mergeCell":
			m, ok := parseRange(x.attr("ref"))
			if !ok || len(found) == maxMerges {
				return nil, errMerge
			}
			if m.left <= maxColumns {
				found = append(found, m)
			}
		}
	}
}

// parseRange reads A3:B5, or A3 alone.
func parseRange(ref []byte) (m merge, ok bool) {
	i := slices.Index(ref, ':')
	if i < 0 {
		m.left, m.top, ok = parseRef(ref)
		m.right, m.bottom = m.left, m.top
		return m, ok
	}
	left, top, ok1 := parseRef(ref[:i])
	right, bottom, ok2 := parseRef(ref[i+1:])
	return merge{top, bottom, left, right}, ok1 && ok2 && top <= bottom && left <= right
}

// parseRef reads the reference of a cell: B12 is column 2, row 12.
func parseRef(ref []byte) (column, row int, ok bool) {
	i := 0
	for i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z' {
		column = column*26 + int(ref[i]-'A') + 1
		i++
	}
	row = atoi(ref[i:])
	return column, row, column > 0 && row > 0
}

// contextReader ends reading when the context ends.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// overlay lays the merged ranges over the rows as they come.
type overlay struct {
	waiting []merge // ascending by first row
	active  []activeMerge
}

// activeMerge is a range that reaches the current row, with the value of its first cell.
type activeMerge struct {
	merge
	value cell
}

// apply marks the cells of a row that belong to merged ranges.
func (o *overlay) apply(r *row) error {
	o.active = slices.DeleteFunc(o.active, func(a activeMerge) bool { return a.bottom < r.number })
	for len(o.waiting) > 0 && o.waiting[0].top <= r.number {
		if m := o.waiting[0]; m.bottom >= r.number {
			o.active = append(o.active, activeMerge{merge: m})
		}
		o.waiting = o.waiting[1:]
	}
	if len(o.active) > maxColumns { // ranges do not overlap in a sound file, so no row can have more
		return errMerge
	}
	for i := range o.active {
		o.active[i].cover(r)
	}
	return nil
}

// cover marks the cells of one range in a row.
func (a *activeMerge) cover(r *row) {
	right := min(a.right, maxColumns)
	for len(r.cells) < right {
		r.cells = append(r.cells, cell{})
	}
	first := &r.cells[a.left-1]
	if r.number == a.top {
		first.spanning = a.bottom > a.top
		a.value = *first
	} else {
		*first = a.value
		first.covered, first.spanning, first.top = true, false, a.top
	}
	for i := a.left; i < right; i++ {
		r.cells[i] = cell{covered: true}
	}
}
