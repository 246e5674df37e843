package sheet

import (
	"context"
	"errors"
	"os"
	"path"
	"strings"
)

// workbook is an xlsx file as a book.
type workbook struct {
	file      *os.File
	zip       *container
	sheets    []worksheet
	epoch1904 bool
	shared    sharedStrings
	styles    []style
}

// worksheet is a sheet and the part that holds it.
type worksheet struct {
	table
	part string
}

// Ends of the relationship types. The part before differs between the strict and the transitional form.
const (
	relDocument  = "/officeDocument"
	relWorksheet = "/worksheet"
	relStyles    = "/styles"
	relStrings   = "/sharedStrings"
)

func openWorkbook(ctx context.Context, f *os.File, size int64) (book, traits, error) {
	z, err := openContainer(f, size)
	if err != nil {
		return nil, traits{}, err
	}
	if err := refuseContainer(z); err != nil {
		return nil, traits{}, err
	}
	w := &workbook{file: f, zip: z}
	if err := w.load(ctx); err != nil {
		return nil, traits{}, refuse(RefusedDamaged, err)
	}
	return w, traits{format: "xlsx", epoch1904: w.epoch1904, typed: true}, nil
}

// refuseContainer knows other things that come in a zip file.
func refuseContainer(z *container) error {
	switch {
	case z.has("xl/workbook.bin"):
		return refuse(RefusedBinaryExcel, nil)
	case z.has("[Content_Types].xml") && z.has("word/document.xml"):
		return refuse(RefusedNotSheet, nil, "Word")
	case z.has("[Content_Types].xml") && z.has("ppt/presentation.xml"):
		return refuse(RefusedNotSheet, nil, "PowerPoint")
	case z.has("mimetype") && z.has("content.xml"):
		return refuse(RefusedOpenDocument, nil)
	case !z.has("_rels/.rels"):
		return refuse(RefusedNotSheet, nil, "ZIP")
	}
	return nil
}

func (w *workbook) tables() []table {
	t := make([]table, len(w.sheets))
	for i := range w.sheets {
		t[i] = w.sheets[i].table
	}
	return t
}

func (w *workbook) close() error { return w.file.Close() }

// load reads everything but the sheets.
func (w *workbook) load(ctx context.Context) error {
	roots, err := w.relations(ctx, "_rels/.rels")
	if err != nil {
		return err
	}
	main := roots.byType(relDocument)
	if main == "" {
		return refuse(RefusedNotSheet, nil, "ZIP")
	}
	dir, file := path.Split(main)
	rels, err := w.relations(ctx, dir+"_rels/"+file+".rels")
	if err != nil {
		return err
	}
	if err := w.loadSheets(ctx, main, rels); err != nil {
		return err
	}
	if part := rels.byType(relStyles); part != "" && w.zip.has(part) {
		if w.styles, err = w.loadStyles(ctx, part); err != nil {
			return err
		}
	}
	if part := rels.byType(relStrings); part != "" && w.zip.has(part) {
		return w.loadStrings(ctx, part)
	}
	return nil
}

// relation points from one part to another.
type relation struct{ id, kind, target string }

type relations []relation

func (rs relations) byType(kind string) string {
	for _, r := range rs {
		if strings.HasSuffix(r.kind, kind) {
			return r.target
		}
	}
	return ""
}

// relations reads a .rels part. Targets come out as part names from the root.
func (w *workbook) relations(ctx context.Context, part string) (relations, error) {
	base := path.Dir(path.Dir(part))
	var rs relations
	err := w.scan(ctx, part, func(x *xmlScanner, t xmlToken) error {
		if t != xmlOpen || string(x.name) != "Relationship" || string(x.attr("TargetMode")) == "External" {
			return nil
		}
		r := relation{x.attrText("Id"), x.attrText("Type"), x.attrText("Target")}
		if !strings.HasPrefix(r.target, "/") {
			r.target = path.Join(base, r.target)
		}
		if rs = append(rs, r); len(rs) > maxZipEntries {
			return errors.New("too many relations")
		}
		return nil
	})
	return rs, err
}

// loadSheets reads the list of sheets.
func (w *workbook) loadSheets(ctx context.Context, part string, rels relations) error {
	targets := map[string]relation{}
	for _, r := range rels {
		targets[r.id] = r
	}
	return w.scan(ctx, part, func(x *xmlScanner, t xmlToken) error {
		switch {
		case t != xmlOpen:
		case string(x.name) == "workbookPr":
			v := string(x.attr("date1904"))
			w.epoch1904 = v == "1" || v == "true"
		case string(x.name) == "sheet":
			r := targets[x.attrText("id")]
			if !strings.HasSuffix(r.kind, relWorksheet) {
				return nil // a chart
			}
			state := string(x.attr("state"))
			hidden := state == "hidden" || state == "veryHidden"
			w.sheets = append(w.sheets, worksheet{table{name: x.attrText("name"), hidden: hidden}, r.target})
			if len(w.sheets) > maxSheets {
				return refuse(RefusedTooLarge, nil, "64 sheets")
			}
		}
		return nil
	})
}

// scan runs through a whole part, which also proves its checksum.
func (w *workbook) scan(ctx context.Context, part string, see func(*xmlScanner, xmlToken) error) error {
	in, err := w.zip.part(part)
	if err != nil {
		return err
	}
	defer in.Close()
	x := newXMLScanner(contextReader{ctx, in})
	for {
		t, err := x.next()
		if err != nil {
			return refuse(RefusedDamaged, err)
		}
		if t == xmlEnd {
			return nil
		}
		if err := see(x, t); err != nil {
			return err
		}
	}
}

// rows reads one sheet: once for its merged ranges, which stand behind the rows, then for the rows.
func (w *workbook) rows(ctx context.Context, index int, yield func(*row) error) error {
	part := w.sheets[index].part
	merged, err := w.merges(ctx, part)
	if err != nil {
		return err
	}
	in, err := w.zip.part(part)
	if err != nil {
		return err
	}
	defer in.Close()
	s := &sheetReader{xml: newXMLScanner(contextReader{ctx, in}), book: w, merged: overlay{waiting: merged}, yield: yield}
	return s.read()
}
