package center

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// settlementPage lists the merchants that are paid for what volunteers redeem, with
// the newest sheet of each.
type settlementPage struct {
	Rows []settlementRow
}

type settlementRow struct {
	store.Merchant
	Place string
	Last  store.SheetHead // number 0: there is none
}

func (c *console) settlement(a *ask) error {
	merchants, err := c.Store.Merchants(a.Context())
	if err != nil {
		return err
	}
	last, err := c.Store.LastSheets(a.Context())
	if err != nil {
		return err
	}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	names := make(map[string]string, len(scopes))
	for _, s := range scopes {
		names[s.ID] = s.Name
	}
	var p settlementPage
	for _, m := range merchants {
		if m.Kind == store.Seller && a.area.has(m.Scope) {
			p.Rows = append(p.Rows, settlementRow{m, cmp.Or(names[m.Scope], m.Scope), last[m.ID]})
		}
	}
	slices.SortStableFunc(p.Rows, func(x, y settlementRow) int {
		return cmp.Or(compareBool(x.Closed, y.Closed), cmp.Compare(x.Name, y.Name))
	})
	return c.show(a, page{word: "settlement", data: p})
}

// compareBool puts what is not before what is.
func compareBool(x, y bool) int { return count(x) - count(y) }

// merchantOf reads the merchant that the path names, if the officer may see it.
func (c *console) merchantOf(a *ask) (m store.Merchant, err error) {
	if !store.MerchantID(a.PathValue("merchant")) {
		return m, store.ErrUnknown
	}
	if m, err = c.Store.Merchant(a.Context(), a.PathValue("merchant")); err != nil {
		return m, err
	}
	if err := a.reaches(m.Scope); err != nil {
		return m, err
	}
	if m.Kind != store.Seller {
		return m, store.ErrUnknown
	}
	return m, nil
}

// nextSheet stands in a path for the sheet that is not closed yet.
const nextSheet = "next"

// sheetPath is the page of a sheet, or of something about it.
func sheetPath(merchant, n string, more ...string) string {
	return "/sheet/" + merchant + "/" + strings.Join(append([]string{n}, more...), "/")
}

// yuanText writes an amount of money: 1,234.50.
func yuanText(fen int64) (string, error) {
	sign := ""
	if fen < 0 {
		sign, fen = "−", -fen
	}
	yuan, err := number(fen / 100)
	return fmt.Sprintf("%s%s.%02d", sign, yuan, fen%100), err
}

// parseYuan reads an amount of money as a person types it: 12, 12.5 or 12.50; "" is 0.
func parseYuan(text string) (fen int64, ok bool) {
	if text == "" {
		return 0, true
	}
	whole, part, dot := strings.Cut(text, ".")
	if dot && (len(part) == 0 || len(part) > 2) || len(whole) == 0 || len(whole) > 7 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 63)
	return int64(n), err == nil
}

// typedYuan is what parseYuan reads as the amount; nothing is typed as "".
func typedYuan(fen int64) string {
	if fen == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

// monthEnd is the last day of a day's month.
func monthEnd(d ledger.Day) ledger.Day {
	t := d.Time()
	return ledger.DayOf(t.AddDate(0, 1, -t.Day()))
}

// sheetActText says of which sheet an act tells.
func sheetActText(texts assets.Catalogue, body json.RawMessage) string {
	var sheet store.SheetAct
	if json.Unmarshal(body, &sheet) != nil {
		return ""
	}
	value, _ := yuanText(sheet.Fen) // it is an integer
	pieces, _ := number(sheet.Pieces)
	points, _ := number(sheet.Points)
	return sheet.Merchant + " " + texts.Text("center.sheet.number", "n", sheet.N) + " " + dayWord(sheet.From) + " – " + dayWord(sheet.To) + " " +
		texts.Text("center.sheet.sum", "n", pieces, "points", points, "value", value)
}
