package kiosk

import (
	"context"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// handedOver is a redemption that the clerk has handed over.
func (v *village) handedOver(person byte, good string, quantity int64, price ledger.Points) store.Redemption {
	v.Helper()
	r := v.reserve(person, good, quantity, price)
	r, err := v.cfg.Store.Settle(v.Context(), v.key(), r.Seq, id(clerk))
	v.must(err)
	return r
}

func TestRefund(t *testing.T) {
	for _, restock := range []string{"yes", "no"} {
		v := newVillage(t)
		r := v.handedOver(zhang, "G01", 2, 280)
		s := v.screen()
		s.onDutyAs(clerk).get(exchangePage(r.Seq)).sees("交好了", "560 分")
		s.follow("/staff/refund/").sees("为什么退", "拿错了")
		s.get(s.at + "?reason=wrong").sees("能，放回架上")
		s.get(s.at+"&restock="+restock).sees("700", "560", "1,260")
		s.post("/staff/refund/"+textOf(r.Seq), "key", s.field("key"), "reason", s.field("reason"), "restock", s.field("restock")).
			on(exchangePage(r.Seq)).sees("退货", "560 分退了", "拿错了")
		if got := v.balanceOf(zhang); got != 1260 {
			t.Errorf("restock %s: balance %d, want 1260", restock, got)
		}
		want := map[string]int64{"yes": 12, "no": 10}[restock]
		if got := v.stockOf("G01").Available(); got != want {
			t.Errorf("restock %s: %d available, want %d", restock, got, want)
		}
	}
}

func TestRefundTooLate(t *testing.T) {
	v := newVillage(t)
	r := v.handedOver(zhang, "G05", 1, 90)
	v.clock.advance(25 * time.Hour)
	s := v.screen()
	s.onDutyAs(clerk).get(exchangePage(r.Seq)).sees("过了 24 小时").lacks("/staff/refund/")
	s.get("/staff/refund/" + textOf(r.Seq) + "?reason=wrong&restock=no")
	s.post("/staff/refund/"+textOf(r.Seq), "key", s.field("key"), "reason", "wrong", "restock", "no").sees("退货的时间过了")
	if got := v.balanceOf(zhang); got != 1170 {
		t.Errorf("balance %d, want 1170", got)
	}
}

func TestLargeRefundNeedsALeader(t *testing.T) {
	v := newVillage(t)
	v.change(func(s *civic.Station) { s.Policy.ClerkRefund = 200 })
	r := v.handedOver(zhang, "G01", 1, 280)
	s := v.screen()
	s.onDutyAs(clerk).get(exchangePage(r.Seq)).sees("站长").lacks("/staff/refund/")
	s.get("/staff/refund/" + textOf(r.Seq) + "?reason=wrong&restock=yes")
	s.post("/staff/refund/"+textOf(r.Seq), "key", s.field("key"), "reason", "wrong", "restock", "yes").sees("站长")
	if got := v.balanceOf(zhang); got != 980 {
		t.Fatalf("a clerk refunded above the limit: balance %d", got)
	}
	s.onDutyAs(leader).get(exchangePage(r.Seq)).follow("/staff/refund/")
	s.get(s.at + "?reason=wrong&restock=yes")
	s.post("/staff/refund/"+textOf(r.Seq), "key", s.field("key"), "reason", "wrong", "restock", "yes").sees("280 分退了")
}

func TestReprintCounts(t *testing.T) {
	v := newVillage(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { v.Run(ctx); close(ended) }()
	defer func() { stop(); <-ended }()
	r := v.reserve(zhang, "G05", 1, 90)
	v.paper.Wake()
	printed := func(n int) {
		t.Helper()
		for range 200 {
			if v.printer.count() == n {
				if jobs, err := v.cfg.Store.Jobs(9); err == nil && len(jobs) == 0 {
					return
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("%d slips printed, want %d", v.printer.count(), n)
	}
	printed(1)
	s := v.screen()
	s.onDutyAs(clerk).get(exchangePage(r.Seq)).sees("小票打好了").lacks("重打过")
	for n := 1; n <= 2; n++ {
		s.post("/staff/reprint", "job", textOf(r.Seq)).on(exchangePage(r.Seq))
		printed(1 + n)
		s.get(exchangePage(r.Seq)).sees("重打第" + textOf(uint64(n)) + "次 打好了（打印机确认）")
	}
}

func TestReprintWhileTheReceiptStillWaits(t *testing.T) {
	v := newVillage(t) // nothing prints: the receipt stays in the queue
	r := v.reserve(zhang, "G05", 1, 90)
	s := v.screen()
	s.onDutyAs(clerk).get(exchangePage(r.Seq)).sees("小票还没打好").lacks("重打小票")
	s.sees(`<noscript><meta http-equiv="refresh" content="2;`)
	s.post("/staff/reprint", "job", textOf(r.Seq)).on(exchangePage(r.Seq)).lacks("重打第1次")
	page := v.connect(s)
	v.paper.Round(t.Context())
	page.hears(`"renew":"` + exchangePage(r.Seq))
}
