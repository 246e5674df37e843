package center

import (
	"context"
	"errors"
	"strconv"

	"github.com/xuri/excelize/v2"

	"yizhan/assets"
)

// book writes the rows as a workbook, every cell of text as text.
func (p *previewing) book(ctx context.Context, rows []previewRow) error {
	folder, err := p.temp()
	if err != nil {
		return err
	}
	texts, err := assets.Texts(p.in.Lang)
	if err != nil {
		return err
	}
	names, err := p.jobs.placeNames(ctx)
	if err != nil {
		return err
	}
	book := excelize.NewFile(excelize.Options{TmpDir: folder})
	defer book.Close()
	stream, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return err
	}
	var head []any
	for _, word := range []string{"name", "number", "at", "half", "was", "would", "differs", "moved", "id"} {
		head = append(head, texts.Text("center.preview.column."+word))
	}
	if err := stream.SetRow("A1", head); err != nil {
		return err
	}
	for i, r := range rows {
		at := names[r.At]
		if at == "" {
			at = r.At
		}
		row := []any{r.Name, r.Number, at, float64(r.Half) / 2, int64(r.Was), int64(r.Would), int64(r.Differs()), r.Moved, r.ID.String()}
		if err := stream.SetRow("A"+strconv.Itoa(i+2), row); err != nil {
			return err
		}
	}
	out, err := p.jobs.create(ctx, p.ID, previewBook)
	if err != nil {
		return err
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	_, err = book.WriteTo(out)
	return errors.Join(err, out.Close())
}

// placeNames are the names of all places, by id.
func (k *jobs) placeNames(ctx context.Context) (map[string]string, error) {
	scopes, err := k.store.AllScopes(ctx)
	names := make(map[string]string, len(scopes))
	for _, s := range scopes {
		names[s.ID] = s.Name
	}
	return names, err
}
