package kiosk

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// stands fails unless a volunteer has so many points here, spendable and held.
func (v *village) stands(person byte, spendable, held ledger.Points) {
	v.Helper()
	account, err := v.cfg.Store.Account(id(person))
	v.must(err)
	if account.Spendable() != spendable || account.Held() != held {
		v.Errorf("%d points here and %d held, want %d and %d", account.Spendable(), account.Held(), spendable, held)
	}
}

func TestBalanceIsWhatCanBeHadNow(t *testing.T) {
	v, _ := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang).on("/balance").sees("1,260").lacks("断网", "正在问中心")
	s.get("/goods").sees("1,260")
	s.get("/goods?in=粮油").lacks("还差")
	v.stands(zhang, 300, 0)
}

func TestPointsWhereNobodyAnswersAreNamedAndNotOffered(t *testing.T) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) {
		c.purses[id(zhang)].at[0].Online, c.purses[id(zhang)].at[0].Name = false, "青山镇益栈"
	})
	s := v.screen()
	s.scanCard(zhang).sees("700", "另有 560 分在青山镇益栈，那里断网", "还是您的").lacks("1,260")
	s.get("/redeem/G04").sees("您现在有 700 分", "560 分在青山镇益栈").lacks("确认换")
	c.change(func(c *testCenter) { c.offline = true })
	s.get("/balance").sees("断网了：这里现在能用 300 分", "另有 960 分在青山镇益栈、中心")
	s.get("/goods").sees("300", "积分够", "还差 120 分")
	s.get("/redeem/G03").lacks("确认换")
	s.get("/redeem/G01").sees("确认换", "300", "280", "20")
}

func TestOfflineWithoutAnyAnswer(t *testing.T) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.offline = true })
	s := v.screen()
	s.scanCard(zhang).sees("断网了：这里现在能用 300 分", "联网后能用", "网络断了")
	s.get("/redeem/G01").sees("确认换")
	s.confirm().sees("换好了", "还剩 20 分")
	v.stands(zhang, 20, 280)
}

// A page waits for the center an instant, then shows what is certain and says so, and
// follows when the answer comes.
func TestASlowCenterHoldsNoPageUp(t *testing.T) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.slow = 3 * centerPatience })
	s := v.screen()
	began := time.Now()
	s.scanCard(zhang).on("/balance").sees("300", "正在问中心").lacks("1,260")
	if took := time.Since(began); took > 2*centerPatience {
		t.Errorf("the page took %v", took)
	}
	page := v.connect(s)
	began = time.Now()
	s.get("/points").sees("正在问中心")
	s.get("/balance")
	if took := time.Since(began); took > centerPatience {
		t.Errorf("later pages took %v", took)
	}
	page.hears(`"renew":"/balance"`)
	s.get("/balance").sees("1,260").lacks("正在问中心")
}

func TestACenterThatCannotSayWhereThePointsAre(t *testing.T) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.wrong = link.OutcomeFailed })
	s := v.screen()
	s.scanCard(zhang).sees("300", "中心没有回话", "这里的 300 分能用")
	c.change(func(c *testCenter) { c.wrong = "" })
	v.clock.advance(askAgainMS * time.Millisecond)
	s.get("/balance").sees("1,260")
}

// The page follows when the link goes, when it comes back, and when another kiosk
// takes points from here; each is told once, and no telling keeps a visit alive.
func TestPagesFollowTheLink(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang).sees("1,260")
	page := v.connect(s)
	v.tick()
	c.change(func(c *testCenter) { c.offline = true })
	v.tick()
	page.hears(`"renew":"/balance"`)
	sent := v.live.sent()
	v.tick()
	if v.live.sent() != sent {
		t.Error("the same is told twice")
	}
	s.get("/balance").sees("断网了")
	c.change(func(c *testCenter) { c.offline = false })
	v.tick()
	page.hears(`"renew":"/balance"`)
	s.get("/balance").sees("1,260")
	_, err := v.cfg.Store.GiveBack(t.Context(), id(zhang), 200)
	v.must(err)
	v.tick()
	page.hears(`"renew":"/balance"`)
	s.get("/balance").sees("1,060")
}

func TestMoreThanIsHereIsFetched(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/goods").sees("积分够")
	s.get("/redeem/G03").sees("1,260", "420", "840", "其中 120 分在别处", "确认换")
	s.confirm().sees("换好了", "还剩 840 分")
	s.get("/balance").sees("840")
	v.stands(zhang, 0, 420)
	v.paper.Round(t.Context())
	shows(t, v.papers()[0], "菜籽油", "换后这里还有")
	if strings.Contains(v.papers()[0].Text(), "换后还剩") {
		t.Error("the paper says what it cannot know")
	}
	if !slices.Contains(c.asked, 120) {
		t.Errorf("asked for %d", c.asked)
	}
	// From the other kiosk, too.
	s.get("/redeem/G01?n=2").sees("840", "560", "280", "其中 560 分在别处")
	s.confirm().sees("换好了", "还剩 280 分")
	v.stands(zhang, 0, 980)
}

func TestDoubleTapsFetchOnce(t *testing.T) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.slow = centerPatience / 3 })
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G03")
	form := []string{"key", s.field("key"), "good", "G03", "quantity", "1", "price", "420"}
	pages := make([]string, 6)
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
	s.post("/redeem", form...).on(pages[0]).sees("换好了")
	v.stands(zhang, 0, 420)
	if wanted := sorted(c.asked); wanted[len(wanted)-1] != 120 || len(wanted) > 1 && wanted[len(wanted)-2] > 0 {
		t.Errorf("asked for %d", c.asked)
	}
}

func TestFetchingThatTakesItsTime(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G03")
	c.change(func(c *testCenter) { c.slow = 2 * centerPatience })
	began := time.Now()
	s.confirm().sees("正在把积分取过来", "一分不扣")
	if took := time.Since(began); took > 2*centerPatience {
		t.Errorf("the screen stood still for %v", took)
	}
	asking := s.at
	v.connect(s).hears(`"renew":"` + asking + `"`)
	s.get(asking).sees("换好了", "还剩 840 分")
}

// Whoever confirms something else while points are on their way gets both, each on its
// own page.
func TestAnotherOneWhileTheFirstIsFetched(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G03")
	c.change(func(c *testCenter) { c.slow = 2 * centerPatience })
	oil := s.confirm().sees("正在把积分取过来").at
	s.get("/redeem/G01?n=2")
	rice := s.confirm().sees("正在把积分取过来").at
	if rice == oil {
		t.Fatal("the second is taken for the first")
	}
	v.await(func() bool { return s.get(rice).at != rice })
	s.sees("换好了", "东北大米")
	v.stands(zhang, 0, 980)
	list, err := v.cfg.Store.RedemptionsOf(id(zhang), 0, 9)
	v.must(err)
	if len(list) != 2 {
		t.Errorf("redeemed: %+v", list)
	}
}

// A tap that comes when the first has got its points asks for none.
func TestALateTapFetchesNothing(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G03")
	wish := store.Reserve{Volunteer: id(zhang), Good: "G03", Quantity: 1, Price: 420, Key: v.key()}
	for range 2 { // the second has found too few points before the first got them
		e := v.setOut(&errand{word: "points", visit: v.current(), key: wish.Key}, func(ctx context.Context, e *errand) {
			_, e.error = v.redeemFetched(ctx, e, wish)
		})
		<-e.done
		v.must(e.error)
	}
	if wanted := sorted(c.asked); len(wanted) > 1 && wanted[len(wanted)-2] > 0 {
		t.Errorf("asked for %d", c.asked)
	}
	v.stands(zhang, 0, 420)
}

// What can happen between the page and the confirmation, or in the middle of it.
func TestPointsThatDoNotCome(t *testing.T) {
	for name, is := range map[string]struct {
		happens func(*testCenter) // between the page and the confirmation
		midway  func(*testCenter)
		says    []string
		here    ledger.Points
	}{
		"the link is cut before": {happens: func(c *testCenter) { c.offline = true },
			says: []string{"网络断了，没换成", "一分没扣", "这里能用 300 分，能换东北大米、土鸡蛋、棉毛巾等", "网好了再换菜籽油"}, here: 300},
		"the link is cut in the middle": {midway: func(c *testCenter) { c.offline = true },
			says: []string{"网络断了，没换成", "一分没扣", "这里能用 300 分"}, here: 300},
		"the other kiosk goes": {happens: func(c *testCenter) {
			p := c.purses[id(zhang)]
			p.free, p.at[0].Points, p.at[0].Online = 0, 960, false
		}, says: []string{"积分没凑够", "要 420 分，这里只有 300 分", "一分没扣"}, here: 300},
		"they were spent there": {happens: func(c *testCenter) {
			p := c.purses[id(zhang)]
			p.free, p.at[0].Points = 50, 10
		}, says: []string{"积分没凑够", "这里只有 360 分", "360 分能换东北大米、土鸡蛋、棉毛巾等"}, here: 360},
		"they wait there with goods": {happens: func(c *testCenter) {
			p := c.purses[id(zhang)]
			p.free, p.stuck = 0, 500
		}, says: []string{"积分没凑够", "这里只有 360 分"}, here: 360},
		"quarantine": {happens: func(c *testCenter) { c.wrong = link.OutcomeRefused },
			says: []string{"中心这会儿取不了", "一分没扣", "300 分"}, here: 300},
	} {
		t.Run(name, func(t *testing.T) {
			v, c := linkedVillage(t)
			s := v.screen()
			s.scanCard(zhang)
			s.get("/redeem/G03").sees("确认换")
			c.change(func(c *testCenter) {
				if is.happens != nil {
					is.happens(c)
				}
				if is.midway != nil {
					c.before = func() { c.change(is.midway) }
				}
			})
			s.confirm().on("/trouble").sees(is.says...)
			s.get("/trouble").sees(is.says...) // and again after a reload
			v.stands(zhang, is.here, 0)
			if list, _ := v.cfg.Store.RedemptionsOf(id(zhang), 0, 1); len(list) != 0 {
				t.Error("something was redeemed")
			}
			// What the page says it buys can be had at once, whatever the center does.
			s.get("/redeem/G01").sees("确认换")
			c.change(func(c *testCenter) { c.deaf = true })
			s.confirm().sees("换好了")
			v.stands(zhang, is.here-280, 280)
			// And what did not come is not offered again in this visit.
			c.change(func(c *testCenter) { c.deaf, c.offline = false, false })
			s.get("/points")
		})
	}
}

func TestWhatDidNotComeIsNotOfferedAgain(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G03")
	c.change(func(c *testCenter) {
		p := c.purses[id(zhang)]
		p.free, p.stuck = 0, 500
	})
	s.confirm().on("/trouble")
	for range 2 {
		s.get("/redeem/G03").sees("还差 60 分").lacks("确认换")
		v.clock.advance(askAgainMS * time.Millisecond) // asked anew, it says the same
	}
	s.get("/balance").sees("360", "另有 500 分在兑换点 QX-02")
}

// Who leaves while points are fetched takes nothing.
func TestLeavingMeanwhileTakesNothing(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G03")
	c.change(func(c *testCenter) { c.slow = 2 * centerPatience })
	asking := s.confirm().at
	s.post("/leave").on("/")
	v.await(func() bool { a, _ := v.cfg.Store.Account(id(zhang)); return a.Spendable() > 300 })
	time.Sleep(centerPatience)
	v.stands(zhang, 420, 0)
	s.get(asking).on("/")
}

// A limit, a price or a shelf that forbids it anyway moves no points.
func TestNothingIsFetchedInVain(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	key := s.get("/redeem/G03").field("key")
	s.post("/redeem", "key", key, "good", "G03", "quantity", "1", "price", "410").sees("价格改了")
	s.post("/redeem", "key", key, "good", "G03", "quantity", "2", "price", "420").sees("不够了")
	s.post("/redeem", "key", key, "good", "G01", "quantity", "3", "price", "280").sees("换满")
	if slices.ContainsFunc(c.asked, func(n ledger.Points) bool { return n > 0 }) {
		t.Errorf("asked for %d", c.asked)
	}
}

func TestTheAccountAddsUp(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	// 1,260 were earned, 1,260 are there.
	s.get("/points").sees("1,260", "300 分", "2028年12月底到期", "960 分", "在别处，也能用").lacks("别处换的")
	// 160 were used at the other kiosk.
	c.change(func(c *testCenter) { c.purses[id(zhang)].at[0].Points -= 160 })
	v.clock.advance(askAgainMS * time.Millisecond)
	s.get("/points") // asks
	v.await(func() bool { return strings.Contains(s.get("/points").body, "1,100") })
	s.sees("在别处换的、到期的", "−160", "/why/elsewhere")
	s.get("/why/elsewhere").sees("1,260", "− 160", "1,100", "这里 300 分，别处 800 分")
	// 100 go to the other kiosk: no loss.
	_, err := v.cfg.Store.GiveBack(t.Context(), id(zhang), 100)
	v.must(err)
	c.change(func(c *testCenter) { c.purses[id(zhang)].at[0].Points += 100 })
	v.clock.advance(askAgainMS * time.Millisecond)
	s.get("/points")
	v.await(func() bool { return strings.Contains(s.get("/points").body, "900 分") })
	s.sees("1,100", "转到别的兑换点", "100 分没少", "−160").lacks("−100")
	s.get("/why/4").sees("转到别的兑换点", "一分没少").lacks("−100")
	s.get("/points?from=2").sees("社区清洁日")
}

func TestOfflineTheAccountSaysWhatItDoesNotKnow(t *testing.T) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.offline = true })
	s := v.screen()
	s.scanCard(zhang)
	s.get("/points").sees("300", "断网了：这里现在能用 300 分").lacks("别处换的")
	s.get("/why/elsewhere").sees("没找到")
}

func TestAnAccountThatStandsAloneIsAsBefore(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/points").sees("1,260").lacks("别处", "断网")
	s.get("/why/elsewhere").sees("没找到")
}

func TestGivingBackIsReckonedOverAll(t *testing.T) {
	v, _ := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	s.get("/giveback/"+seq).sees("980", "280", "1,260")
}

var _ Center = (*testCenter)(nil)

// Not a test of words: whatever happens, a redemption that is answered took from
// rights that were here.
func TestARedemptionTakesFromRightsHere(t *testing.T) {
	v, _ := linkedVillage(t)
	_, err := v.cfg.Store.Reserve(t.Context(), store.Reserve{Key: ledger.Key{1}, Volunteer: id(zhang), Good: "G03", Quantity: 1, Price: 420})
	if err == nil {
		t.Error("the store reserved what is elsewhere")
	}
}
