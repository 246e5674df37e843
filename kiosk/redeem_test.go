package kiosk

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"yizhan/civic"
	"yizhan/printer/sim"
)

func TestRedeemWithACard(t *testing.T) {
	s := newVillage(t).screen()
	s.get("/").sees("刷卡，就能开始")
	s.scanCard(zhang).on("/balance").sees("张*伟", "1,260", "2026年12月底前用掉 200 分")
	s.get("/goods").sees("东北大米", "积分够")
	s.get("/goods?from=6").sees("保温水壶", "还差 340 分", "晴雨伞", "换完了")
	s.get("/redeem/G01").sees("确认换", "980", "2026年12月底到期")
	s.confirm().sees("换好了", "领货号", "还剩 980 分")
	s.get("/balance").sees("980", "另有 280 分")
}

func TestADoubleTapTakesOnce(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G01")
	form := []string{"key", s.field("key"), "good", "G01", "quantity", "1", "price", "280"}
	s.post("/redeem", form...).sees("换好了")
	first := s.at
	s.post("/redeem", form...).on(first).sees("换好了", "还剩 980 分")
	s.get("/orders").sees("东北大米 × 1")
	if account, _ := v.cfg.Store.Account(id(zhang)); account.Spendable() != 980 {
		t.Errorf("%d points are left", account.Spendable())
	}

	// The same key with another wish is a page that was tampered with.
	s.post("/redeem", "key", form[1], "good", "G02", "quantity", "1", "price", "160").on("/trouble").sees("积分安全吗")
	if account, _ := v.cfg.Store.Account(id(zhang)); account.Spendable() != 980 {
		t.Errorf("%d points are left", account.Spendable())
	}
}

func TestTapsAtTheSameMomentTakeOnce(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G01")
	form := []string{"key", s.field("key"), "good", "G01", "quantity", "2", "price", "280"}
	pages := make([]string, 8)
	var taps sync.WaitGroup
	for i := range pages {
		finger := v.screen()
		finger.cookies[visitCookie] = s.cookies[visitCookie]
		taps.Go(func() { pages[i] = finger.post("/redeem", form...).at })
	}
	taps.Wait()
	for _, page := range pages {
		if page != pages[0] || !strings.HasPrefix(page, "/done/") {
			t.Fatalf("the taps led to %q", pages)
		}
	}
	if account, _ := v.cfg.Store.Account(id(zhang)); account.Spendable() != 700 {
		t.Errorf("%d points are left", account.Spendable())
	}
}

func TestWhatCannotBeTakenSaysWhyAndTakesNothing(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	want := func(code, quantity, price string, answers ...string) {
		t.Helper()
		key := s.get("/redeem/G08").field("key")
		s.post("/redeem", "key", key, "good", code, "quantity", quantity, "price", price).on("/trouble").sees(answers...)
		s.get("/trouble").sees(answers...) // and again after a reload
	}
	want("G04", "1", "1600", "积分不够", "没有扣积分", "看看别的")
	want("G06", "1", "150", "不够了", "没有扣积分")
	want("G05", "3", "90", "这个月已经换满", "没有扣积分")
	want("G01", "1", "270", "价格改了", "没有扣积分", "新价格")
	want("G99", "1", "10", "没找到")
	want("G01", "x", "280", "没有收到完整", "没有动过积分")
	s.post("/redeem", "key", "short", "good", "G01", "quantity", "1", "price", "280").sees("没有收到完整")
	if account, _ := v.cfg.Store.Account(id(zhang)); account.Spendable() != 1260 || account.Held() != 0 {
		t.Errorf("account %+v", account)
	}
	if list, _ := v.cfg.Store.RedemptionsOf(id(zhang), 0, 10); len(list) != 0 {
		t.Errorf("%d redemptions", len(list))
	}
}

func TestTheMonthsLimitIsShownBefore(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(zhang)
	s.get("/redeem/G05?n=2").sees("180", "每人每月可换 2 份", "您本月还没换过").lacks("n=3")
	s.get("/redeem/G05?n=7").sees("1,170") // more than there may be counts as one
	s.redeemed("G05", "1")
	s.get("/redeem/G05").sees("您本月已换 1 份").lacks("n=2")
	s.redeemed("G05", "1")
	s.get("/redeem/G05").sees("下月再换", "看看别的").lacks("确认换")
	s.get("/goods?in=日用").sees("您本月已换 2 份", "下月再换")
}

func TestGoodsByCategoryAndPage(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(zhang)
	s.get("/goods").sees("全部", "粮油", "日用", "文具").lacks("晴雨伞")
	s.get("/goods?in=粮油").sees("东北大米", "菜籽油").lacks("棉毛巾")
	s.get("/goods?in=none").sees("暂时没有东西")
	for _, from := range []string{"-1", "99", "x"} {
		s.get("/goods?from=" + from).sees("东北大米")
	}
	s.get("/goods?from=4").sees("洗衣皂", "保温水壶", "晴雨伞")
}

func TestGoodsWithManyCategories(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	var list []offer
	for i, category := range []string{"b", "a", "a", "b", "c", "d", "e", ""} {
		o := offer{}
		o.Code, o.Category = string(rune('0'+i)), category
		list = append(list, o)
	}
	row, in := v.segments(&ask{Request: httptest.NewRequest("GET", "/goods", nil)}, list, "*")
	if len(row) != maxSegments || row[1].Name != "b" || row[2].Name != "a" || row[3].Name != "c" || !row[4].On {
		t.Errorf("row %+v", row)
	}
	var rest string
	for _, o := range list {
		if in(o) {
			rest += o.Code
		}
	}
	if rest != "567" {
		t.Errorf("the rest is %q", rest)
	}
}

func TestPagersOfBothScreensReachEverything(t *testing.T) {
	for all := range 20 {
		for _, size := range []int{goodsTall, goodsWide, linesWide} {
			seen, page, from := 0, 1, 0
			for {
				next := -1
				p := newPager(from, all, size, func(n int) string { next = n; return strconv.Itoa(n) })
				if p.At != page || p.Of != max(1, (all+size-1)/size) {
					t.Fatalf("%d of %d: page %d of %d at %d", size, all, p.At, p.Of, from)
				}
				seen += min(size, all-from)
				if p.Next == "" {
					break
				}
				from, page = next, page+1
			}
			if seen != all {
				t.Errorf("pages of %d show %d of %d", size, seen, all)
			}
		}
	}
}

func TestNumbersAsPeopleReadThem(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 60: "60", 1260: "1,260", -180: "−180", 1234567: "1,234,567", -1000: "−1,000"} {
		if got := number(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}

// selfService turns the village's station into one with a shelf to take from.
func selfService(d *civic.Document) {
	if d.Station != nil {
		d.Station.Policy.SelfService = true
	}
}

func TestASelfServiceShelf(t *testing.T) {
	v := newVillage(t, func(c *Config) {
		c.Store = emptyStore(t, c.Clock)
		load(t, c.Store, selfService)
	})
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	s.sees("从架上拿东北大米").lacks("去柜台")
	s.get("/orders/" + seq).sees("已领走").lacks("不要了")
	v.printer.Fail(sim.PaperOut)
	v.paper.Round(t.Context())
	s.get("/done/"+seq).sees("小票未打印", "货是您的了", "从架上拿东北大米").lacks("到柜台")
	v.printer.Mend()
	v.paper.Round(t.Context())
	paper := v.papers()[0]
	shows(t, paper, "东北大米", "请从架上自取")
}
