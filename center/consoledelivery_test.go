package center

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// hidden is what a field of the page's form holds.
func (b *browser) hidden(name string) string {
	b.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(b.body)
	if m == nil {
		b.Fatalf("%s has no field %q: %s", b.at, name, visible(b.body))
	}
	return m[1]
}

// stocked is an office with two kiosks that offer rice, and eggs at one of them.
func stocked(t *testing.T) (*office, *browser) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	o.kiosk("LH02", "柳树村益栈")
	for scope, g := range map[string]civic.Good{"shiqiao": {Code: "rice", Name: "大米", Size: "5 公斤", Unit: "袋", Price: 280}, "SQ01": {Code: "eggs", Name: "鸡蛋", Unit: "篮", Price: 160}} {
		o.must(o.store.PutDocument(t.Context(), scope, civic.Document{Good: &g}))
	}
	return o, o.signedIn("lin", store.RoleOfficer)
}

func TestADeliveryIsSentAndReceived(t *testing.T) {
	o, b := stocked(t)
	b.get("/deliveries").shows(200, "没有这样的送货单", "送一批货")
	b.get("/senddelivery").shows(200, "送到哪台终端机", "石桥村益栈", "下一步")
	b.get("/senddelivery?to=SQ01").shows(200, "大米 5 公斤 · rice", "鸡蛋 · eggs", "再加几行")
	id := b.hidden("id")
	form := []string{"to", "SQ01", "id", id, "from", "清溪粮油站", "note", "早上送", "good1", "rice", "pieces1", "20", "batch1", "甲-26", "best1", "2027-10-31", "good2", "eggs", "pieces2", "6"}
	for name, c := range map[string]struct{ field, value, says string }{
		"nothing": {"good1", "", "请选一样这台终端机有的物品"}, "a good of another place": {"good2", "oil", "请选一样这台终端机有的物品"}, "no pieces": {"pieces2", "0", "件数填 1 到 9999"},
		"too many": {"pieces1", "10000", "件数填 1 到 9999"}, "a bad day": {"best1", "31.10.2027", "日期写成"}, "a long batch": {"batch1", strings.Repeat("长", 41), "批次最多 40 个字"},
		"a long sender": {"from", strings.Repeat("长", 61), "写得太长了"}, "a merchant that is none": {"merchant", "00112233445566aa", "现在选不了"},
	} {
		b.post("/senddelivery", with(form, c.field, c.value)...).shows(422, c.says)
		if !strings.Contains(b.body, `value="早上送"`) || b.hidden("id") != id {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.post("/senddelivery", "to", "SQ01", "id", id, "good1", "", "pieces1", "").shows(422, "至少填一行")
	b.post("/senddelivery", with(form, "more", "yes")...).shows(200, "送出")
	if strings.Count(b.body, "<fieldset") != 7 || b.hidden("pieces1") != "20" {
		t.Errorf("%d lines", strings.Count(b.body, "<fieldset"))
	}
	b.post("/senddelivery", with(form, "id", "x")...).shows(400)
	b.post("/senddelivery", with(form, "to", "NONE")...).shows(404)

	b.post("/senddelivery", form...).shows(200, "送出了", "送货单 "+id, "在路上", "大米 5 公斤", "甲-26", "2027年10月31日", "清溪粮油站", "早上送", "还没收")
	b.post("/senddelivery", form...).shows(200, "在路上") // sent twice
	docs, err := o.store.Documents(t.Context(), "SQ01", store.KindDelivery, []string{id})
	o.must(err)
	if len(docs) != 1 || docs[0].Delivery == nil || docs[0].Delivery.Lines[0].Pieces != 20 {
		t.Fatalf("%+v", docs)
	}
	b.get("/stock?at=SQ01").shows(200).hides("20")
	b.get("/deliveries?show=sent").shows(200, id, "石桥村益栈", "26", "lin")
	b.get("/deliveries?show=received").shows(200, "没有这样的送货单")

	box := o.box("SQ01")
	note := func(line int, sent int64, why string) string {
		return civic.Arrival{Delivery: id, Line: line, Of: 2, Sent: sent, Why: why}.Note()
	}
	box.does(ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 18, OnHand: 18, Operator: ledger.ID{9}, Note: note(1, 20, "broken")},
		ledger.Stock{Good: "eggs", Move: ledger.StockReceived, Delta: 6, OnHand: 6, Operator: ledger.ID{9}, Note: note(2, 6, "")})
	b.get("/delivery/SQ01/"+id).shows(200, "收到，有出入", "−2", "东西坏了").hides("撤回这张送货单", "还没收")
	for _, href := range []string{"/pieces/SQ01/rice/moved?before=2", "/pieces/SQ01/eggs/moved?before=3"} {
		if !strings.Contains(b.body, `href="`+href+`"`) {
			t.Errorf("nothing leads to %s", href)
		}
	}
	b.get("/pieces/SQ01/rice/moved").shows(200, "送货单 "+id+"，东西坏了", "+18")
	if !strings.Contains(b.body, `href="/delivery/SQ01/`+id+`"`) {
		t.Error("the entry does not lead to its delivery")
	}
	b.get("/deliveries?show=differs&at=SQ01").shows(200, id, "24")
	b.get("/delivery/SQ01/"+id+"/call").shows(200, "收到，有出入")
	b.post("/delivery/SQ01/"+id+"/call", "why", "x").shows(200, "收到，有出入").hides("撤回了")
	b.get("/audit?place=SQ01").shows(200, "送一批货", "送货单 "+id+": rice × 20; eggs × 6")

	for _, path := range []string{"/delivery/SQ01/ZZZZ2222", "/delivery/SQ01/x", "/delivery/sq/" + id, "/deliveries?at=NONE", "/deliveries?at=x", "/senddelivery?to=NONE", "/senddelivery?to=x"} {
		b.get(path).shows(404)
	}
	b.get("/deliveries?before=nonsense&show=nonsense").shows(200, id)
}

func TestADeliveryIsCalledBack(t *testing.T) {
	o, b := stocked(t)
	send := func(id string) {
		b.post("/senddelivery", "to", "SQ01", "id", id, "good1", "rice", "pieces1", "20").shows(200, "在路上")
	}
	send("AAAA2222")
	send("BBBB2222")
	b.get("/delivery/SQ01/AAAA2222/call").shows(200, "接下来会这样", "20 件不再算在路上", "以它为准")
	b.post("/delivery/SQ01/AAAA2222/call", "why", "送错了地方").shows(200, "撤回了", "送错了地方")
	b.post("/delivery/SQ01/AAAA2222/call").shows(200, "撤回了")
	b.post("/delivery/SQ01/BBBB2222/call", "why", "也送错了").shows(200, "撤回了")
	o.box("SQ01").does(ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 20, OnHand: 20, Operator: ledger.ID{9},
		Note: civic.Arrival{Delivery: "BBBB2222", Line: 1, Of: 1, Sent: 20}.Note()})
	b.get("/delivery/SQ01/BBBB2222").shows(200, "收到了", "撤回过，但终端机已经收下了")
	b.get("/deliveries").shows(200, "撤回了", "收到了")
	b.get("/audit?place=SQ01").shows(200, "撤回送货单", "送错了地方")
}

func TestDeliveriesArePagedAndKeptToTheArea(t *testing.T) {
	o, b := stocked(t)
	o.must(o.store.PutKiosk(t.Context(), store.Kiosk{ID: "QH-01", Name: "县中心", Parent: "center"}))
	ctx := store.As(t.Context(), "lin")
	for i := range 25 {
		id := "AAAA22" + string("23456789ABCDEFGHJKLMNPQRS"[i]) + "2"
		o.must(o.store.SendDelivery(ctx, store.Delivery{Delivery: civic.Delivery{ID: id, Kiosk: []string{"SQ01", "QH-01"}[i%2], Lines: []civic.DeliveryLine{{Good: "rice", Pieces: 1}}}}))
	}
	b.get("/deliveries").shows(200, "更早")
	first := strings.Count(b.body, `href="/delivery/`)
	b.get(strings.ReplaceAll(regexp.MustCompile(`href="(/deliveries\?before=[^"]*)"`).FindStringSubmatch(b.body)[1], "&amp;", "&"))
	if second := strings.Count(b.body, `href="/delivery/`); first != 20 || second != 5 {
		t.Errorf("%d and %d deliveries", first, second)
	}
	town := o.bound("wang", store.RoleClerk, "qingxi")
	town.get("/deliveries").shows(200, "石桥村益栈").hides("QH-01")
	town.get("/deliveries?at=QH-01").shows(403)
	town.get("/delivery/QH-01/AAAA2232").shows(403)
	town.get("/senddelivery").shows(200, "石桥村益栈").hides("QH-01")
	town.get("/senddelivery?to=QH-01").shows(403)
	town.post("/senddelivery", "to", "QH-01", "id", "BBBB2222", "good1", "rice", "pieces1", "1").shows(403)
	town.post("/delivery/QH-01/AAAA2232/call").shows(403)
}

// A stick carries what is on its way, and takes back what is not any more.
func TestDeliveriesTravelBySticks(t *testing.T) {
	o, b := stocked(t)
	o.box("SQ01")
	o.must(o.store.PutDocument(t.Context(), "SQ01", civic.Document{Station: &civic.Station{Kiosk: "SQ01", Name: "石桥村益栈"}}))
	for _, id := range []string{"BBBB2222", "AAAA2222", "CCCC2222"} {
		b.post("/senddelivery", "to", "SQ01", "id", id, "good1", "rice", "pieces1", "20").shows(200, "在路上")
	}
	b.post("/delivery/SQ01/CCCC2222/call").shows(200, "撤回了")
	f, err := os.Create(filepath.Join(t.TempDir(), "stick.yzb"))
	o.must(err)
	defer f.Close()
	h, err := Office{Store: o.store, Keys: o.keys, Now: func() time.Time { return o.now }, Random: rand.Reader}.Bundle(t.Context(), f, "SQ01")
	o.must(err)
	if h.Counts.Deliveries != 2 || h.Counts.Gone != 1 {
		t.Errorf("%+v", h.Counts)
	}
}
