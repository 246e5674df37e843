package sheettest

import (
	"fmt"
	"math/rand/v2"
	"os"
)

// Item is what a sound row of a list of goods must be read as.
type Item struct {
	Row               int
	Code, Name, Size  string
	Price, Stock      int64
	Category, Picture string
}

var wares = []struct{ category, name, size, unit string }{
	{"粮油", "大米", "5kg", "袋"}, {"粮油", "食用油", "1.8L", "桶"}, {"日用", "毛巾", "34×72cm", "条"}, {"日用", "香皂", "115g", "块"},
	{"日用", "洗衣液", "2kg", "瓶"}, {"文具", "笔记本", "A5", "本"}, {"厨具", "保温杯", "500ml", "个"}, {"食品", "挂面", "1kg", "把"},
}

// Goods makes a workbook with a list of goods. One row in a hundred or so lacks its price; its number is in the second result.
func Goods(path string, seed uint64, rows int) ([]Item, []Trap, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, fmt.Errorf("making goods: %w", err)
	}
	defer f.Close()
	m := &maker{rng: rand.New(rand.NewPCG(seed, 3)), book: NewWorkbook(f)}
	const sheet, priceHeading = "物品", "兑换积分"
	s := m.book.Sheet(sheet, "")
	s.Row(Text("爱心超市物品清单"))
	s.Row(Text("编码"), Text("物品名称"), Text("规格"), Text("单位"), Text("分类"), Text(priceHeading), Text("库存数量"), Text("图片"))
	var items []Item
	var traps []Trap
	for n := range rows {
		w := pick(m, wares...)
		i := Item{Code: fmt.Sprintf("W%05d", n+1), Name: w.name, Size: w.size, Category: w.category,
			Price: int64(1+m.rng.IntN(76)) * 50, Stock: int64(m.rng.IntN(200)), Picture: fmt.Sprintf("%s.png", w.name)}
		price := pick(m, Number(fmt.Sprint(i.Price)), Text(fmt.Sprintf("%d分", i.Price)))
		if m.rng.IntN(100) == 0 {
			price = Cell{}
		}
		i.Row = s.Row(Text(i.Code), Text(i.Name), Text(i.Size), Text(w.unit), Text(w.category), price, Number(fmt.Sprint(i.Stock)), Text(i.Picture))
		if price == (Cell{}) {
			traps = append(traps, Trap{Sheet: sheet, Row: i.Row, Column: priceHeading, Code: "value_missing"})
			continue
		}
		items = append(items, i)
	}
	return items, traps, m.book.Close()
}
