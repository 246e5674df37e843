package kiosk

import (
	"encoding/json"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// sends tells the kiosk of a delivery, or takes it back when it has no lines.
func (c *testCenter) sends(t testing.TB, scopeVersion uint64, id string, lines ...civic.DeliveryLine) {
	t.Helper()
	d := civic.Document{Delivery: &civic.Delivery{ID: id, Kiosk: "SQ-01", Version: scopeVersion, Sent: ledger.Day(2500), From: "清溪粮油站", Lines: lines}}
	if len(lines) == 0 {
		d = civic.Document{Gone: &civic.Gone{Kind: civic.GoneDelivery, ID: id, Version: scopeVersion}}
	}
	raw, err := json.Marshal(d)
	if err == nil {
		err = c.store.Apply(t.Context(), testEra, "SQ-01", scopeVersion, []json.RawMessage{raw})
	}
	if err != nil {
		t.Fatal(err)
	}
}

var parcelLines = []civic.DeliveryLine{{Good: "G01", Pieces: 20, Batch: "甲-26", BestBefore: 3000}, {Good: "G06", Pieces: 5}, {Good: "G99", Pieces: 4}}

func TestADeliveryIsComparedAndReceived(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/stock").sees("库存").lacks("在路上的货")
	s.get(deliveriesPage).sees("没有在路上的货")
	c.sends(t, 20, "AAAA2222", parcelLines...)
	c.sends(t, 21, "BBBB2222", parcelLines[0])
	s.get("/staff").sees("待收 2").get("/staff/stock").sees("在路上的货 2")
	s.get(deliveriesPage).sees("AAAA2222", "3 种 29 件", "清溪粮油站", "BBBB2222", "1 种 20 件")

	s.get("/staff/delivery/AAAA2222").sees("东北大米", "× 20", "甲-26", "保质到", "晴雨伞", "× 5", "G99", "都对，收下 29 件")
	s.get("/staff/delivery/AAAA2222/2").sees("实际收到几把", "送货单上是 5")
	s.post("/staff/delivery/AAAA2222/2", "typed", "5", "key", "go").sees("都对，收下 29 件") // as many as were sent
	s.post("/staff/delivery/AAAA2222/2", "typed", "3", "key", "go").sees("送来 5，收到 3，为什么", "少了", "东西坏了").lacks("多了")
	s.get("/staff/delivery/AAAA2222/2?pieces=3&reason=broken").sees("× 3", "送来 5，东西坏了", "收下 27 件（送来 29 件）")
	s.post("/staff/delivery/AAAA2222/3?d=2-3-broken", "typed", "6", "key", "go").sees("送来 4，收到 6，为什么", "多了", `name="d" value="2-3-broken"`)
	s.get("/staff/delivery/AAAA2222/3?d=2-3-broken&pieces=6&reason=more").sees("× 3", "× 6", "收下 29 件（送来 29 件）")
	if strings.Count(s.body, `name="d"`) != 2 {
		t.Errorf("at %s: %s", s.at, words(s.body))
	}

	// Keys are posted one by one without the script; what was said of other lines stays.
	s.post("/staff/delivery/AAAA2222/1?d=2-3-broken", "key", "1").sees(`value="1"`, "d=2-3-broken")

	for _, wrong := range []string{"2-5-broken", "2-3-lost", "4-3-broken", "0-3-broken", "2--3-broken", "2-3", "x-3-broken", "2-10000-more"} {
		s.get("/staff/delivery/AAAA2222?d=" + wrong)
		if s.code != 400 {
			t.Errorf("%s answers %d", wrong, s.code)
		}
	}
	before, err := c.store.Good("G06")
	v.must(err)
	s.get("/staff/delivery/AAAA2222?d=2-3-broken&d=3-6-more")
	key := s.field("key")
	s.post("/staff/delivery/AAAA2222", "key", key, "d", "2-3-broken", "d", "3-6-more").sees("AAAA2222 收好了", "放上架", "BBBB2222")
	after, err := c.store.Good("G06")
	v.must(err)
	if after.Shelf.OnHand() != before.Shelf.OnHand()+3 {
		t.Errorf("%d on hand, %d before", after.Shelf.OnHand(), before.Shelf.OnHand())
	}
	s.get(deliveriesPage).lacks("AAAA2222")
	s.get("/staff/moves").sees("(AAAA2222)").follow("/staff/stockslip/").sees("送货单 AAAA2222，多了")

	// The same tap again is the same receipt; another one is refused, and so is one that
	// the center has called back.
	s.post("/staff/delivery/AAAA2222", "key", key, "d", "2-3-broken", "d", "3-6-more").sees("AAAA2222 收好了")
	s.post("/staff/delivery/AAAA2222", "key", "0102030405060708").sees("已经收过了", "没有再记一遍")
	s.get("/staff/delivery/AAAA2222").sees("已经收过了")
	s.get("/staff/delivery/BBBB2222").sees("都对，收下 20 件")
	c.sends(t, 22, "BBBB2222")
	s.post("/staff/delivery/BBBB2222", "key", s.field("key")).sees("中心撤回了", "库存没动")
	s.get("/staff/delivery/BBBB2222").sees("中心撤回了")
	s.get("/staff/delivery/AAAA2222/9").sees("已经收过了")
	s.get(deliveriesPage).sees("没有在路上的货")
}
