package screentest

import (
	"encoding/json"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// sender is whom the deliveries of these tests come from.
const sender = "青禾县中心粮油配送站"

// sends tells the kiosk of a delivery of its first so many goods.
func (c *beyond) sends(version uint64, id string, lines int) {
	c.Helper()
	d := civic.Delivery{ID: id, Kiosk: kioskName, Version: version, Sent: ledger.Day(2521), From: sender}
	for n := range lines {
		d.Lines = append(d.Lines, civic.DeliveryLine{Good: fmt.Sprintf("G%02d", n%12+1), Pieces: int64(5 + n)})
	}
	d.Lines[0].BestBefore, d.Lines[0].Batch, d.Lines[0].Pieces = 2800, "L-2611-07", civic.MaxDelivered
	raw, err := json.Marshal(civic.Document{Delivery: &d})
	if err == nil {
		err = c.books.Apply(c.Context(), era, kioskName, version, []json.RawMessage{raw})
	}
	if err != nil {
		c.Fatal(err)
	}
}

// walkDeliveries is what a clerk comes to when goods arrive: a long delivery with
// differences, and one that is as it should be.
func (a *auditor) walkDeliveries(c *beyond) {
	a.Helper()
	a.words = append([]string{sender, "L-2611-07"}, a.words...)
	a.duty(clerk, "/staff")
	a.goTo("deliveries-none", "/staff/deliveries")
	c.sends(20, "AAAA2222", 14)
	c.sends(21, "BBBB2222", 1)
	for n := range 8 {
		c.sends(uint64(22+n), fmt.Sprintf("CCCC222%d", 2+n), 3)
	}
	a.goTo("desk-coming", "/staff")
	a.goTo("stock-coming", "/staff/stock")
	a.goTo("deliveries", "/staff/deliveries")
	a.goTo("delivery", "/staff/delivery/AAAA2222")
	a.goTo("delivery-more", "/staff/delivery/AAAA2222?from=4")
	a.goTo("deliveryline", "/staff/delivery/AAAA2222/1")
	a.goTo("deliveryline-why", "/staff/delivery/AAAA2222/1?pieces=9990")
	a.goTo("deliveryline-more", "/staff/delivery/AAAA2222/2?pieces=9")
	a.goTo("delivery-differs", "/staff/delivery/AAAA2222?d=1-9990-missing&d=2-3-broken")
	a.goTo("delivery-one", "/staff/delivery/BBBB2222")
	a.visit("/staff/delivery/BBBB2222").on("/staff/delivery/BBBB2222").tap(`a[href="/staff/delivery/BBBB2222/1"]`).on("/staff/delivery/BBBB2222/1")
	a.dial("9990").tap(".go").on("/staff/delivery/BBBB2222/1?pieces=9990").tap(`button[value="broken"]`).on("/staff/delivery/BBBB2222?d=1-9990-broken")
	a.tap(".foot .main").on("/staff/deliveries?done=BBBB2222")
	a.page("deliveries-done")
	a.goTo("moves-delivery", "/staff/moves")
	a.goTo("delivery-received", "/staff/delivery/BBBB2222")
	a.goTo("delivery-unknown", "/staff/delivery/ZZZZ2222")
}
