package center

import (
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

func TestPricesHaveDays(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.post("/good/shiqiao", riceForm...).shows(200)
	b.get("/good/shiqiao/G001").shows(200, "2026年11月23日起", "280", "中心自己改价", "不联网的还按老价换")
	for name, c := range map[string]struct{ day, points, says string }{
		"today": {"2026-11-23", "260", "选明天或以后的一天"}, "no day": {"soon", "260", "选明天或以后的一天"}, "no points": {"2026-12-01", "0", "1 到 100,000,000"}, "words": {"2026-12-01", "many", "1 到 100,000,000"},
	} {
		b.post("/price/shiqiao/G001", "day", c.day, "points", c.points).shows(422, c.says)
		if c.points == "260" && !strings.Contains(b.body, `value="260"`) {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.post("/price/shiqiao/G001", "day", "2026-12-01", "points", "260").shows(200, "定好了", "2026年12月1日起", "还没到", "260")
	b.post("/price/shiqiao/G001", "day", "2026-12-05", "points", "250").shows(200)
	b.post("/price/shiqiao/G001/drop", "day", itoa(int64(ledger.DayOf(time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC))))).shows(200, "取消了").hides("250")
	b.post("/price/shiqiao/G001/drop", "day", "x").shows(400)
	b.post("/price/shiqiao/none", "day", "2026-12-01", "points", "260").shows(404)
	if g := o.goodAt("shiqiao", "G001"); g.Price != 280 {
		t.Errorf("%+v", g)
	}
	o.now = o.now.Add(8 * 24 * time.Hour)
	b = o.signedIn("chen", store.RoleOfficer)
	o.must(o.store.SetPrices(t.Context()))
	b.get("/good/shiqiao/G001").shows(200, "新价生效 lin", "积分 280 → 260").hides("还没到")
	b.post("/price/shiqiao/G001/drop", "day", itoa(int64(ledger.DayOf(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))))).shows(200, "260")
	b.get("/audit?place=shiqiao").shows(200, "定新价", "取消新价", "新价生效")
	b.get("/good/shiqiao/G001/withdraw").post("/good/shiqiao/G001/withdraw").shows(200).hides("定一个新价")
	b.post("/price/shiqiao/G001", "day", "2027-01-01", "points", "5").shows(422, "物品已经下架")
}
