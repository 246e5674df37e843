package issuer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"yizhan/civic"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// readGoods reads the list of goods.
func (r *run) readGoods(ctx context.Context, path string, file *File) error {
	gallery, err := openGallery(r.Options.Pictures)
	if err != nil {
		return err
	}
	rows := make(map[string]int) // by code
	summary, err := sheet.ReadGoods(ctx, path, func(i sheet.Item) error {
		if r.NoStock && i.HasStock {
			i.Stock, i.HasStock = 0, false
			file.noticeOnce(i.Sheet, "stock_left_out", "这些物品在几个益栈都有，库存一列没有导入：请在每个益栈收货入库", "these goods are offered at several kiosks: stock is not taken from the list, enter it at each kiosk")
		}
		code := r.goodCode(i)
		old, known := r.register.goods[code]
		if r.register.fresh {
			old.Delivered = 0
		}
		if rejected := judgeItem(i, old, rows[code]); rejected != nil {
			r.rejectLate(file, *rejected, itemColumns, func() []string { return itemCells(i) })
			return nil
		}
		if rows[code] = i.Row; len(rows) > civic.MaxGoods {
			return fmt.Errorf("more than %d goods", civic.MaxGoods)
		}
		r.acceptGood(i, code, old, known, gallery, file)
		return nil
	}, func(rej sheet.Rejection) error { return r.rejectRow(file, rej) })
	return r.finish(file, summary, err)
}

// judgeItem compares a row with the register, and with the row of this list
// that named the same good before.
func judgeItem(i sheet.Item, old civic.Good, sameRow int) *sheet.Rejection {
	switch {
	case sameRow > 0:
		return reject(i.Sheet, i.Row, CodeSameGood, sameRow)
	case i.HasStock && i.Stock < old.Delivered:
		return reject(i.Sheet, i.Row, CodeStockLess, old.Delivered, i.Stock)
	case !i.BestBefore.IsZero() && dayOf(i.BestBefore) > ledger.MaxDay:
		return reject(i.Sheet, i.Row, CodeDateFar, dayOf(i.BestBefore))
	}
	return nil
}

// goodCode finds the code of a row: the list's own; without one that of the
// good with the same name and size; else one made of the name.
func (r *run) goodCode(i sheet.Item) string {
	switch {
	case ledger.ValidGood(i.Code):
		return strings.Clone(i.Code)
	case i.Code != "":
		return goodCode("code " + i.Code)
	}
	found := ""
	for code, g := range r.register.goods {
		if g.Name == i.Name && g.Size == i.Size && !g.Withdrawn && (found == "" || code < found) {
			found = code
		}
	}
	if found != "" {
		return found
	}
	return goodCode(i.Name + "\x00" + i.Size)
}

func (r *run) acceptGood(i sheet.Item, code string, old civic.Good, known bool, gallery *gallery, file *File) {
	g := civic.Good{Code: code, Version: old.Version, Name: i.Name, NameEN: i.NameEN, Size: i.Size, Unit: i.Unit, Category: i.Category,
		Price: ledger.Points(i.Price), Limit: i.Limit, Delivered: old.Delivered, Donor: i.Donor}
	if i.HasStock {
		g.Delivered = i.Stock
	}
	if !i.BestBefore.IsZero() {
		g.BestBefore = dayOf(i.BestBefore)
	}
	g.Picture = r.choosePicture(i, old, gallery, file)
	changed := !sameJSON(g, old)
	if changed {
		g.Version = r.serial
	}
	r.count(sheet.KindGoods, !known, changed)
	r.goods = append(r.goods, g)
}

// keepGoods adds the goods that the list does not name. After a list without
// faults they are offered no more.
func (r *run) keepGoods() {
	file := r.files[sheet.KindGoods]
	for code, g := range r.register.goods {
		if slices.ContainsFunc(r.goods, func(o civic.Good) bool { return o.Code == code }) {
			continue
		}
		before := g
		if r.register.fresh {
			g.Delivered = 0
		}
		if file.complete() && !g.Withdrawn {
			g.Withdrawn = true
			file.Left++
		}
		if !sameJSON(g, before) {
			g.Version, r.changed = r.serial, true
		}
		r.goods = append(r.goods, g)
	}
	slices.SortFunc(r.goods, func(a, b civic.Good) int { return cmp.Compare(a.Code, b.Code) })
}
