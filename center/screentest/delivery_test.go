package screentest

import (
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// A delivery is sent, received with a difference by the kiosk, and seen with its
// entry; another one is called back.
func TestDeliveries(t *testing.T) {
	d := newDesk(t)
	d.county()
	box := d.enrolled("NEW1")
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=物品").on("/goods").press("=送货").on("/deliveries").sees("没有这样的送货单").press("=送一批货").on("/senddelivery")
	d.auditOnce(v, "senddelivery-to")
	v.visit("/senddelivery?to=NEW1").press("select#good1").typing("pieces1", "0", "batch1", "甲-26")
	v.press("=送出").sees("有几行要改", "请选一样")
	d.auditOnce(v, "senddelivery-wrong")
	d.must(d.store.SendDelivery(store.As(t.Context(), "chen"), store.Delivery{Delivery: civic.Delivery{ID: "AAAA2222", Kiosk: "NEW1", Note: "早上送",
		Lines: []civic.DeliveryLine{{Good: "rice", Pieces: 20, Batch: "甲-26", BestBefore: ledger.DayOf(time.Now()) + 20}}}}))
	d.must(d.store.SendDelivery(store.As(t.Context(), "chen"), store.Delivery{Delivery: civic.Delivery{ID: "BBBB2222", Kiosk: "NEW1", Lines: []civic.DeliveryLine{{Good: "rice", Pieces: 3}}}}))
	v.visit("/deliveries").sees("AAAA2222", "在路上").press("=BBBB2222").on("/delivery/NEW1/BBBB2222").press("=撤回这张送货单").on("/delivery/NEW1/BBBB2222/call").sees("接下来会这样")
	d.auditOnce(v, "calldelivery")
	v.typing("why", "送错了").press("main button").on("/delivery/NEW1/BBBB2222?done=called").sees("撤回了", "送错了")
	box.does(ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 18, OnHand: 18, Operator: ledger.ID{9}, Note: civic.Arrival{Delivery: "AAAA2222", Line: 1, Of: 1, Sent: 20, Why: "broken"}.Note()})
	v.visit("/deliveries").sees("收到，有出入").press("=AAAA2222").on("/delivery/NEW1/AAAA2222").sees("−2", "东西坏了")
	d.auditOnce(v, "delivery")
	v.press("td a[href^='/pieces/']").on("/pieces/NEW1/rice/moved").sees("送货单 AAAA2222")
	v.visit("/stock?at=NEW1").press("=收货、盘点、报损").on("/moves/NEW1").sees("东北大米", "送货单 AAAA2222")
	d.auditOnce(v, "moves")
	v.visit("/best")
	d.auditOnce(v, "best")
	d.audit(v.visit("/deliveries"), "deliveries")
}
