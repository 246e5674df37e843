package center

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"strconv"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/ledger"
)

// sheetLinesPage is the redemptions behind one line of a sheet: by kiosk, and those of
// the kiosk that is asked for.
type sheetLinesPage struct {
	sheetPage
	Line   sheetLine
	Late   bool // of the corrections
	Back   string
	Kiosks []sheetKiosk
	At     string // the kiosk whose redemptions are listed
	Rows   []redemptionRow
	More   bool // and there are more
}

// sheetKiosk is what one chain brings to a line.
type sheetKiosk struct {
	Kiosk, Name string
	Epoch       uint32
	Sold        store.Sold
	Pieces      int64
	Points      ledger.Points
	To          string
}

func (c *console) sheetlines(a *ask) error {
	s, err := c.readSheet(a)
	if err != nil {
		return err
	}
	p := sheetLinesPage{sheetPage: s, Late: a.FormValue("which") == "fixed", Back: sheetPath(s.Merchant.ID, cmp.Or(a.PathValue("n"), nextSheet))}
	lines := s.Lines
	if p.Late {
		lines = s.Fixed
	}
	for _, l := range lines {
		if l.Code == a.PathValue("code") {
			p.Line = l
		}
	}
	if p.Line.Code == "" {
		return store.ErrUnknown
	}
	if s.Open {
		p.Back += s.Address
	}
	r, err := c.redemptionReader(a, redemptionsQuery{})
	if err != nil {
		return err
	}
	for _, part := range s.Parts {
		if err := c.sheetKiosk(a, &p, part, r); err != nil {
			return err
		}
	}
	return c.show(a, page{word: "sheetlines", title: p.Line.Good.Title, data: p})
}

// sheetKiosk adds a chain, with its redemptions when the address asks for them.
func (c *console) sheetKiosk(a *ask, p *sheetLinesPage, part store.SheetPart, r *redemptionReader) error {
	sold, after, upTo := part.Goods[p.Line.Code], part.Late, part.UpTo
	if p.Late {
		sold, after, upTo = part.Fixed[p.Line.Code], part.After, part.Late
	}
	if sold == (store.Sold{}) {
		return nil
	}
	at := part.Kiosk + "-" + strconv.FormatUint(uint64(part.Epoch), 10)
	k := sheetKiosk{Kiosk: part.Kiosk, Name: cmp.Or(r.scopes[part.Kiosk].Name, part.Kiosk), Epoch: part.Epoch, Sold: sold, To: p.Line.To}
	if to, err := url.Parse(p.Line.To); err == nil {
		q := to.Query()
		q.Set("at", at)
		k.To = withQuery(to.Path, q)
	}
	k.Pieces, k.Points = sold.Net()
	p.Kiosks = append(p.Kiosks, k)
	if a.FormValue("at") != at || !a.area.has(part.Kiosk) {
		return nil
	}
	p.At = k.Name
	for _, back := range []bool{false, true} {
		list, err := c.Store.SoldBetween(a.Context(), part.Kiosk, part.Epoch, p.Line.Code, back, after, upTo, maxSheetRows+1)
		if err != nil {
			return err
		}
		p.More = p.More || len(list) > maxSheetRows
		rows, err := r.rows(list[:min(len(list), maxSheetRows)])
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Word = "settled"; back {
				row.Word = "refunded"
			}
			p.Rows = append(p.Rows, row)
		}
	}
	return nil
}

// sheetXLSX is a sheet as a workbook, its numbers as numbers.
func (c *console) sheetXLSX(a *ask) error {
	p, err := c.readSheet(a)
	if err != nil {
		return err
	}
	if p.Problem != "" {
		return errForm
	}
	book := excelize.NewFile()
	defer book.Close()
	name := book.GetSheetName(0)
	for i, row := range c.sheetCells(a, p) {
		if err := book.SetSheetRow(name, "A"+strconv.Itoa(i+1), &row); err != nil {
			return fmt.Errorf("writing a sheet: %w", err)
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		return fmt.Errorf("writing a sheet: %w", err)
	}
	a.w.Header().Set("Content-Type", exportKinds["xlsx"].kind)
	a.w.Header().Set("Content-Disposition", `attachment; filename="settlement-`+p.Merchant.ID+"-"+cmp.Or(a.PathValue("n"), nextSheet)+`.xlsx"`)
	if _, err := out.WriteTo(a.w); err != nil {
		c.Log.Debug("file not taken", "error", err)
	}
	return nil
}

// sheetCells are the rows of a sheet.
func (c *console) sheetCells(a *ask, p sheetPage) [][]any {
	head := []any{}
	for _, word := range []string{"good", "code", "unit", "handed", "back", "pieces", "points", "each", "value", "what"} {
		head = append(head, c.text(a, "center.sheet."+word))
	}
	rows := [][]any{{p.Merchant.Name, p.Merchant.Account}, {dayWord(p.From), dayWord(p.To)}, {c.text(a, c.sheetState(p))}, head}
	for _, part := range []struct {
		lines []sheetLine
		what  string
	}{{p.Lines, "center.sheet.main"}, {p.Fixed, "center.sheet.fixed"}} {
		for _, l := range part.lines {
			rows = append(rows, []any{l.Good.Title, l.Code, l.Good.Unit, l.Sold.Pieces, l.Sold.Back, l.Pieces, int64(l.Points), float64(l.Good.Fen) / 100, float64(l.Value) / 100, c.text(a, part.what)})
		}
	}
	return append(rows, []any{c.text(a, "center.sheet.total"), "", "", "", "", p.Net(), int64(p.Cost()), "", float64(p.Value()) / 100})
}

// sheetState is the text that says where a sheet stands.
func (c *console) sheetState(p sheetPage) string {
	if p.Open {
		return "center.sheet.state.open"
	}
	return "center.sheet.state." + string(p.State)
}
