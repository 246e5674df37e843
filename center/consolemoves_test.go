package center

import (
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

func TestWhatStaffCountedIsShown(t *testing.T) {
	o, b := stocked(t)
	b.get("/moves/SQ01").shows(200, "石桥村益栈", "没有这样的记录")
	o.must(o.store.PutDocument(t.Context(), "SQ01", civic.Document{Staff: &civic.Staff{ID: ledger.ID{9}, Name: "李芳芳", Role: civic.RoleClerk, Cards: []civic.CardID{{1}}}}))
	o.box("SQ01").does(ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 22, OnHand: 22, Operator: ledger.ID{9}},
		ledger.Stock{Good: "rice", Move: ledger.StockCounted, Delta: -2, OnHand: 20, Operator: ledger.ID{9}},
		ledger.Stock{Good: "rice", Move: ledger.StockCounted, OnHand: 20, Operator: ledger.ID{9}},
		ledger.Stock{Good: "eggs", Move: ledger.StockCounted, Delta: 1, OnHand: 1, Operator: ledger.ID{8}},
		ledger.Stock{Good: "eggs", Move: ledger.StockWasted, Delta: -1, Operator: ledger.ID{9}, Note: "broken"})
	b.get("/moves/SQ01").shows(200, "大米 5 公斤", "鸡蛋", "李芳芳", "数到的比账上少", "数到的比账上多", "和账上一样", "东西坏了", "+22", "−2")
	b.get("/moves/SQ01?show=wasted").shows(200, "鸡蛋", "东西坏了").hides("大米", "数到的")
	b.get("/moves/SQ01?show=counted&before=4").shows(200, "数到的比账上少", "更早的").hides("鸡蛋")
	b.get("/moves/SQ01?show=nonsense&before=x").shows(200, "+22")
	b.get("/stock?at=SQ01").shows(200, "收货、盘点、报损")
	b.get("/moves/NONE").shows(404)
	b.get("/moves/x").shows(404)
	o.bound("wang", store.RoleClerk, "qingxi").get("/moves/SQ01").shows(200)
	o.bound("zhao", store.RoleClerk, "LH02").get("/moves/SQ01").shows(403)
}

func TestWhatEndsSoonIsListed(t *testing.T) {
	o, b := stocked(t)
	box := o.box("SQ01")
	o.box("LH02")
	today := ledger.DayOf(o.now)
	b.get("/best").shows(200, "90 天内没有到期的")
	o.must(o.store.PutDocument(t.Context(), "SQ01", civic.Document{Good: &civic.Good{Code: "milk", Name: "牛奶", Unit: "箱", Price: 60, Delivered: 5, BestBefore: today - 1}}))
	o.must(o.store.PutDocument(t.Context(), "LH02", civic.Document{Good: &civic.Good{Code: "tea", Name: "绿茶", Unit: "罐", Price: 60, Delivered: 3, BestBefore: today + 60}}))
	o.must(o.store.PutDocument(t.Context(), "LH02", civic.Document{Good: &civic.Good{Code: "salt", Name: "食盐", Unit: "包", Price: 60, BestBefore: today + 5}})) // none left
	ctx := store.As(t.Context(), "lin")
	o.must(o.store.SendDelivery(ctx, store.Delivery{Delivery: civic.Delivery{ID: "AAAA2222", Kiosk: "SQ01", Lines: []civic.DeliveryLine{{Good: "rice", Pieces: 20, Batch: "甲-26", BestBefore: today + 10}, {Good: "rice", Pieces: 5, Batch: "乙-26", BestBefore: today + 400}}}}))
	arrives := func(line int, pieces int64) ledger.Stock {
		return ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: pieces, OnHand: pieces, Operator: ledger.ID{9}, Note: civic.Arrival{Delivery: "AAAA2222", Line: line, Of: 2, Sent: pieces}.Note()}
	}
	box.does(arrives(1, 20), arrives(2, 5), ledger.Stock{Good: "rice", Move: ledger.StockWasted, Delta: -13, OnHand: 12, Operator: ledger.ID{9}, Note: "broken"})
	b.get("/best").shows(200, "牛奶", "大米 5 公斤", "甲-26", "绿茶", "已过保质期 1", "30 天内 1", "90 天内 1", "最多").hides("乙-26", "食盐")
	if body := visible(b.body); strings.Index(body, "牛奶") > strings.Index(body, "甲-26") || strings.Index(body, "甲-26") > strings.Index(body, "绿茶") {
		t.Errorf("not by their days: %s", body)
	}
	if !strings.Contains(b.body, `href="/delivery/SQ01/AAAA2222">20<`) || !strings.Contains(b.body, "<b>12</b>") {
		t.Error("20 came of the batch, 12 are left of the good")
	}
	b.get("/best?at=LH02").shows(200, "绿茶", "柳树村益栈").hides("牛奶")
	b.get("/best?show=soon&sort=good").shows(200, "甲-26").hides("牛奶")
	b.get("/best?q=乙").shows(200, "没有符合的")
	b.get("/best?at=x").shows(404)
	b.get("/best?at=NONE").shows(404)
	o.bound("zhao", store.RoleClerk, "LH02").get("/best").shows(200, "绿茶").hides("牛奶")
}
