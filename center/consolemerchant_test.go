package center

import (
	"regexp"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

var shopForm = []string{"kind", "merchant", "name", "清溪粮油站", "license", "91320500MA1MERCH", "address", "清溪镇人民路 3 号", "contact", "王芳", "phone", "0512-65123456",
	"account", "农商行 6230 0000", "quota", "5000", "from", "2026-01-01", "until", "2027-12-31", "terms", "三星以上九折", "note", ""}

func TestMerchantsAreAddedAndChanged(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/merchants").shows(200, "还没有商户或捐赠方", "添加商户或捐赠方")
	b.get("/merchant/qingxi").shows(200, "青禾县中心 / 清溪镇", "结算账户")
	id := b.hidden("id")
	for name, c := range map[string]struct{ field, value, says string }{
		"no name": {"name", " ", "请填名称"}, "no kind": {"kind", "x", "请选一种"}, "a long text": {"terms", strings.Repeat("长", 121), "最多 120 个字"}, "a bad quota": {"quota", "-1", "请填整数"},
		"a bad day": {"from", "soon", "日期写成"}, "an end before the beginning": {"until", "2025-01-01", "不能早于开始"},
	} {
		b.post("/merchant/qingxi", with(shopForm, "id", id, c.field, c.value)...).shows(422, c.says)
		if !strings.Contains(b.body, `value="91320500MA1MERCH"`) || b.hidden("id") != id {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.post("/merchant/qingxi", with(shopForm, "id", "x")...).shows(400)
	b.post("/merchant/nowhere", with(shopForm, "id", id)...).shows(404)
	b.post("/merchant/qingxi", with(shopForm, "id", id)...).shows(200, "保存好了", "清溪粮油站", "有效", "添加商户 lin")
	b.post("/merchant/qingxi", with(shopForm, "id", id)...).shows(200) // sent twice
	path := "/merchant/qingxi/" + id
	b.get("/merchants").shows(200, "清溪粮油站", "商户，要结算", "5,000", "2027年12月31日", "有效 1")
	b.get("/merchants?q=王芳&sort=until").shows(200, "清溪粮油站")
	b.get("/merchants?show=ended").shows(200, "没有符合的")

	// Two who change one are told, and nothing is overwritten.
	chen := o.signedIn("chen", store.RoleClerk)
	chen.post(path, with(shopForm, "was", "1", "quota", "6000")...).shows(200, "每月积分额度 5000 → 6000")
	b.post(path, with(shopForm, "was", "1", "quota", "7000", "kind", "donor")...).shows(422, "chen 在", "你填的还没有保存", "现在是：6000", "现在是：商户，要结算")
	b.post(path, with(shopForm, "was", "2", "quota", "7000")...).shows(200, "6000 → 7000")
	b.post(path, shopForm...).shows(400) // without the version that was seen

	// Goods of its place and below name it.
	b.get("/good/shiqiao").shows(200, "清溪粮油站")
	b.post("/good/shiqiao", with(riceForm, "merchant", id)...).shows(200)
	if g := o.goodAt("shiqiao", "G001"); g.Merchant != id {
		t.Errorf("%+v", g)
	}
	b.get("/good/center").hides("清溪粮油站")
	b.post("/good/center", with(riceForm, "code", "G002", "merchant", id)...).shows(422, "它现在选不了")
	b.get(path).shows(200, "G001", "东北大米")
	b.get("/merchants").shows(200)
	if !regexp.MustCompile(`href="` + path + `#goods">1<`).MatchString(b.body) {
		t.Error("its goods are not counted")
	}
	auditor := o.signedIn("shen", store.RoleAuditor)
	auditor.get(path).shows(200, "农商行 6230 0000").hides("保存")
	auditor.get("/good/shiqiao/G001").shows(200, "清溪粮油站")

	// One that is closed stays with its goods, and no other good can name it.
	b.get(path+"/close").shows(200, "接下来会这样", "1 种物品还在换")
	b.post(path+"/close").shows(200, "停用了", "停用")
	b.post(path + "/close").shows(409)
	b.post(path + "/nonsense").shows(404)
	b.post("/good/shiqiao", with(riceForm, "code", "G003", "merchant", id)...).shows(422, "它现在选不了")
	b.post("/good/shiqiao/G001", with(riceForm, "was", "1", "merchant", id, "price", "270")...).shows(200)
	b.post(path+"/open").shows(200, "重新启用了")
	b.get("/audit?place=qingxi").shows(200, "停用商户", "添加商户")

	o.kiosk("SQ01", "石桥村益栈")
	o.must(o.store.PutDocument(t.Context(), "SQ01", civic.Document{Good: &civic.Good{Code: "eggs", Name: "鸡蛋", Unit: "篮", Price: 160}}))
	b.get("/senddelivery?to=SQ01").shows(200, "清溪粮油站")
	b.post("/senddelivery", "to", "SQ01", "id", "AAAA2222", "merchant", id, "good1", "eggs", "pieces1", "6").shows(200, "清溪粮油站", "在路上")

	town := o.bound("wang", store.RoleClerk, "shiqiao")
	town.get("/merchants").shows(200).hides("清溪粮油站")
	town.get(path).shows(403)
	b.get("/merchant/center/" + id).shows(404)
	b.get("/merchant/SQ01").shows(404)
	b.get("/merchant/qingxi/x").shows(404)
}
