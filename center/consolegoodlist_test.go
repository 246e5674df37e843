package center

import (
	"html"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

func TestAListOfGoodsIsLookedAtAndWritten(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleClerk)
	o.must(o.store.PutDocument(t.Context(), "center", civic.Document{Good: &civic.Good{Code: "G009", Name: "毛巾", Unit: "条", Price: 60}}))
	o.must(o.store.PutGood(t.Context(), "qingxi", 0, civic.Good{Code: "G001", Name: "大米", Unit: "袋", Price: 280, Limit: 2, Donor: "粮油公司"}, nil))
	o.must(o.store.PutGood(t.Context(), "qingxi", 0, civic.Good{Code: "G002", Name: "洗衣皂", Unit: "块", Price: 30}, nil))
	b.get("/goods?at=qingxi").shows(200, "导入物品表")
	b.sendFileAs("/goodlist/qingxi", "a.pdf", []byte("%PDF-1.7")).shows(422, "这个文件不能用")
	list := `编码,物品名称,单位,所需积分,库存,规格
G001,东北大米,袋,300,40,
G002,洗衣皂,块,30,,
G003,菜籽油,桶,420,10,5 升
G009,毛巾,条,60,,
,无码,件,10,,
G004,没单位,,10,,
G005,白送,件,0,,
`
	b.sendFileAs("/goodlist/qingxi", "goods.csv", []byte(list)).shows(200, "1 个要添加", "1 个要修改", "1 个没有变化", "4 行不能用", "库存不写入", "第 5 行", "第 6 行", "第 7 行", "第 8 行")
	looked := b.body
	b.post("/goodlist/qingxi", "list", html.UnescapeString(hiddenList.FindStringSubmatch(looked)[1])).shows(200, "写入好了", "菜籽油", "东北大米")
	g := o.goodAt("qingxi", "G001")
	if g.Name != "东北大米" || g.Price != 300 || g.Limit != 2 || g.Donor != "粮油公司" || g.Delivered != 0 {
		t.Errorf("%+v", g)
	}
	b.post("/goodlist/qingxi", "list", html.UnescapeString(hiddenList.FindStringSubmatch(looked)[1])).shows(200, "写入好了") // a key pressed twice

	b.sendFileAs("/goodlist/qingxi", "goods.csv", []byte("编码,物品名称,单位,所需积分\nG001,东北大米,袋,310\n")).shows(200, "1 个要修改")
	changed := g
	changed.Price = 290
	o.must(o.store.PutGood(store.As(t.Context(), "chen"), "qingxi", g.Version, changed, nil))
	b.post("/goodlist/qingxi", "list", html.UnescapeString(hiddenList.FindStringSubmatch(b.body)[1])).shows(200, "有 1 行没有写入", "别人刚改过")
	b.post("/goodlist/qingxi", "list", `[{"Code":"G007","Word":"new"}]`).shows(400)
	b.get("/goodlist/nowhere").shows(404)
	o.bound("chen", store.RoleOfficer, "shiqiao").get("/goodlist/qingxi").shows(403)
}
