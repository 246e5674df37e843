package sheet

import "context"

var goodsLayout = &layout{
	kind: KindGoods,
	columns: []column{
		{field: fieldName, headings: []string{"物品名称", "名称", "商品名称", "品名", "物品", "商品", "礼品", "货品名称", "产品名称", "name"}},
		{field: fieldNameEN, headings: []string{"英文名称", "英文名", "英文", "nameen", "englishname"}},
		{field: fieldNumber, headings: []string{"物品编码", "编码", "编号", "货号", "代码", "code", "sku"}},
		{field: fieldSize, spreads: true, headings: []string{"规格", "型号", "规格型号", "size"}},
		{field: fieldUnit, spreads: true, headings: []string{"单位", "计量单位", "unit"}},
		{field: fieldCategory, spreads: true, headings: []string{"分类", "类别", "类型", "品类", "种类", "category"}},
		{field: fieldPoints, amount: true, headings: []string{"所需积分", "积分", "兑换积分", "价格", "单价", "积分价格", "兑换分值", "所需分值", "分值", "price", "points"}},
		{field: fieldStock, amount: true, headings: []string{"库存", "数量", "库存数量", "库存量", "现有库存", "剩余数量", "结存", "结存数量", "stock"}},
		{field: fieldLimit, amount: true, headings: []string{"每人限兑", "限兑", "每人限兑数量", "限兑数量", "每人每月限兑", "每月限兑", "限兑数", "限购", "每人限购", "limit"}},
		{field: fieldDonor, spreads: true, headings: []string{"捐赠方", "捐赠单位", "捐赠人", "捐赠者", "捐赠企业", "捐赠来源", "来源", "donor"}},
		{field: fieldExpires, spreads: true, headings: []string{"保质期", "保质期至", "有效期", "有效期至", "到期日", "到期日期", "过期日期", "bestbefore"}},
		{field: fieldPicture, headings: []string{"图片", "照片", "图片文件", "图片名", "图片名称", "图片地址", "picture"}},
	},
	required: [][]field{{fieldName}, {fieldPoints}},
	example:  "物品名称、物品编码、规格、单位、所需积分、库存",
}

// ReadGoods reads a list of goods, as ReadRoster reads people. An item is the same as one accepted before when its code is the
// same or, without a code, its name and size.
func ReadGoods(ctx context.Context, path string, accept func(Item) error, reject func(Rejection) error) (Summary, error) {
	return read(ctx, path, goodsLayout, list[Item]{parse: parseItem, accept: accept, reject: reject})
}

func parseItem(r *record) (Item, identity) {
	i := Item{Sheet: r.sheet, Row: r.row.number, Cells: r.shown(), Name: r.name(tidy), Code: r.key()}
	before := len(r.faults)
	i.Price, _ = r.count(fieldPoints, 1, maxPoints)
	if i.Price == 0 && len(r.faults) == before {
		r.fail(fieldPoints, CodeValueMissing)
	}
	i.Stock, i.HasStock = r.count(fieldStock, 0, maxStock)
	i.Limit, i.HasLimit = r.count(fieldLimit, 1, maxStock)
	i.Size = r.words(fieldSize, maxShortRunes)
	i.Unit = r.words(fieldUnit, maxShortRunes)
	i.Category = r.words(fieldCategory, maxShortRunes)
	i.Donor = r.words(fieldDonor, maxShortRunes)
	i.NameEN = r.words(fieldNameEN, maxPathRunes)
	i.Picture = r.words(fieldPicture, maxPathRunes)
	i.BestBefore = r.date(fieldExpires)
	id := identity{label: i.Name, keys: []key{{fieldNumber, i.Code}}}
	if i.Code == "" {
		id.keys = []key{{fieldName, i.Name + "\x00" + i.Size}}
	}
	return i, id
}
