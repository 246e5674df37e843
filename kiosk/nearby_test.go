package kiosk

import (
	"sync"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

var (
	qingshan = link.Place{Kiosk: "QX-02", Name: "青山村益栈", NameEN: "Qingshan", Counter: "进门左手边", CounterEN: "left of the door", Left: 3, Price: 150}
	lianhua  = link.Place{Kiosk: "LH-01", Name: "莲花村益栈", Left: 1, Price: 1500}
	keptThen = link.Answer{Outcome: link.OutcomeOK, Kept: link.Kept{Redemption: 9, Claim: 37}}
)

// seeking is Zhang before the list of places where the umbrella stands.
func seeking(t *testing.T, ends ...link.Answer) (*village, *testCenter, *screen) {
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.places, c.ends = []link.Place{qingshan, lianhua}, ends })
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G06").sees("架上没有了", "别处有没有")
	s.post("/nearby/G06").on("/nearby/G06").sees("晴雨伞", "去哪里拿", "青山村益栈", "还有 3 把", "莲花村益栈", "还差 240 分")
	return v, c, s
}

// confirmKeeping presses the main key of the page that asks, or of the one that asks again.
func (s *screen) confirmKeeping() *screen {
	return s.post("/keep", "key", s.field("key"), "good", s.field("good"), "quantity", s.field("quantity"), "price", s.field("price"), "kiosk", s.field("kiosk"))
}

func TestGoodsAreKeptAtAnotherKiosk(t *testing.T) {
	v, c, s := seeking(t, keptThen)
	s.get("/nearby/G06/QX-02").sees("到青山村益栈拿", "进门左手边", "1,260", "150", "1,110", "确认留货")
	key := s.field("key")
	s.confirmKeeping().on("/kept").sees("给您留好了", "用去 150 分，还剩 1,110 分", ledger.ClaimText(37), "去青山村益栈", "进门左手边", "小票在那边打", "积分全退")
	s.get("/kept").sees("给您留好了")
	if w := c.orders[0]; w.Volunteer != id(zhang) || w.Good != "G06" || w.Quantity != 1 || w.Price != 150 || keyText(w.Key) != key {
		t.Errorf("%+v", w)
	}
	v.stands(zhang, 300, 0) // nothing is held here
	s.post("/language", "to", "en", "page", "/kept").get("/kept").sees("Go to Qingshan", "left of the door", "1,110 left")
	s.get("/nearby/G06/LH-01").on("/nearby/G06") // too dear
	s.get("/nearby/G06/ZZ-01").on("/nearby/G06") // not among them
	s.get("/nearby/G01").on("/redeem/G01")       // nobody asked for that one
	s.post("/keep", "key", key, "good", "G06", "quantity", "2", "price", "150", "kiosk", "QX-02").on("/trouble")
	s.post("/keep", "key", key, "good", "G06", "quantity", "1", "price", "1", "kiosk", "QX-02").on("/trouble")
	if len(c.orders) != 1 {
		t.Errorf("%d orders", len(c.orders))
	}
	s.post("/leave")
	s.scanCard(wang)
	s.get("/kept").on("/balance")
}

// Every way in which it can come to nothing says so, and leaves the points alone.
func TestGoodsThatAreNotKept(t *testing.T) {
	for outcome, says := range map[link.Outcome]string{link.OutcomeAway: "刚断网", link.OutcomeGone: "被别人换走", link.OutcomePrice: "改了价格",
		link.OutcomeLimit: "换满了", link.OutcomePoints: "没凑够", link.OutcomeFailed: "办不了", link.OutcomeRefused: "办不了", link.OutcomeUnknown: "办不了"} {
		t.Run(string(outcome), func(t *testing.T) {
			v, _, s := seeking(t, link.Answer{Outcome: outcome})
			s.get("/nearby/G06/QX-02").confirmKeeping().on("/trouble").sees(says, "安全")
			s.get("/kept").on("/balance").sees("1,260")
			v.stands(zhang, 300, 0)
		})
	}
}

// An answer that is lost leaves open what happened: asking again, with the same key,
// finds out, also in another visit; and only the other kiosk's own word is final.
func TestAnAnswerFromAnotherKioskIsLost(t *testing.T) {
	for name, is := range map[string]struct {
		then link.Answer
		page string
		says string
	}{
		"kept":          {keptThen, "/kept", "给您留好了"},
		"not kept":      {link.Answer{Outcome: link.OutcomeGone}, "/trouble", "没有扣积分"},
		"away by now":   {link.Answer{Outcome: link.OutcomeAway}, "/kept", "还不知道留好没有"},
		"still unheard": {link.Answer{Outcome: link.OutcomeUnsure}, "/kept", "还不知道留好没有"},
		"center at sea": {link.Answer{Outcome: link.OutcomeFailed}, "/kept", "还不知道留好没有"},
	} {
		t.Run(name, func(t *testing.T) {
			_, c, s := seeking(t, link.Answer{Outcome: link.OutcomeUnsure}, is.then)
			s.get("/nearby/G06/QX-02").confirmKeeping().on("/kept").sees("还不知道留好没有", "没来得及回话", "只扣一次 150 分", "再问一次", "到青山村益栈刷卡")
			s.confirmKeeping().on(is.page).sees(is.says)
			if len(c.orders) != 2 || c.orders[0] != c.orders[1] {
				t.Errorf("%+v", c.orders)
			}
		})
	}
	t.Run("in another visit", func(t *testing.T) {
		_, c, s := seeking(t, link.Answer{Outcome: link.OutcomeUnsure}, keptThen)
		s.get("/nearby/G06/QX-02").confirmKeeping().sees("还不知道留好没有")
		s.post("/leave")
		s.scanCard(zhang)
		s.post("/nearby/G06").get("/nearby/G06/QX-02").confirmKeeping().sees("给您留好了")
		if len(c.orders) != 2 || c.orders[0] != c.orders[1] {
			t.Errorf("%+v", c.orders)
		}
	})
	t.Run("the network goes", func(t *testing.T) {
		_, c, s := seeking(t)
		s.get("/nearby/G06/QX-02").confirmKeeping()
		form := []string{"key", s.field("key"), "good", "G06", "quantity", "1", "price", "150", "kiosk", "QX-02"}
		c.change(func(c *testCenter) { c.offline = true })
		s.get("/kept").sees("还不知道留好没有", "网好了回来再问", "看看别的").lacks("再问一次")
		s.post("/keep", form...).on("/kept")
	})
}

func TestDoubleTapsKeepOnce(t *testing.T) {
	v, c, s := seeking(t, keptThen)
	c.change(func(c *testCenter) { c.slow = centerPatience / 3 })
	s.get("/nearby/G06/QX-02")
	form := []string{"key", s.field("key"), "good", "G06", "quantity", "1", "price", "150", "kiosk", "QX-02"}
	var taps sync.WaitGroup
	for range 6 {
		finger := v.screen()
		finger.cookies[visitCookie] = s.cookies[visitCookie]
		taps.Go(func() { finger.post("/keep", form...).on("/kept") })
	}
	taps.Wait()
	for _, w := range c.orders {
		if w != c.orders[0] {
			t.Errorf("%+v", c.orders)
		}
	}
}

// A kiosk that takes its time stops no screen, and the page that waits says what is safe.
func TestKeepingThatTakesItsTime(t *testing.T) {
	v, c, s := seeking(t, keptThen)
	s.get("/nearby/G06/QX-02")
	c.change(func(c *testCenter) { c.slow = 2 * centerPatience })
	s.confirmKeeping().sees("正在请那边留货", "一分不扣")
	asking := s.at
	v.connect(s).hears(`"renew":"` + asking + `"`)
	s.get(asking).on("/kept").sees("给您留好了")
}

func TestNobodyIsSentElsewhereInVain(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.get("/redeem/G01").lacks("别处有没有")
	s.get("/redeem/G06").sees("别处有没有")
	s.post("/nearby/G06").sees("晴雨伞，联网的兑换点都没有", "看看别的")
	c.change(func(c *testCenter) { c.wrong = link.OutcomeFailed })
	s.post("/nearby/G06").on("/trouble").sees("办不了", "没有扣积分")
	c.change(func(c *testCenter) { c.wrong, c.offline = "", true })
	s.get("/redeem/G06").sees("这会儿问不到别处").lacks("别处有没有？")
	s.post("/nearby/G06").on("/trouble").sees("网络断了", "没有扣积分")
	alone := newVillage(t).screen()
	alone.scanCard(zhang)
	alone.get("/redeem/G06").lacks("别处有没有", "问不到别处")
}

// Somebody who stands before another kiosk is served as if she stood here, and the slip
// tells the clerk.
func TestServingAnotherKiosk(t *testing.T) {
	v := newVillage(t)
	wish := func(n byte, good string, price ledger.Points) link.Wish {
		return link.Wish{Key: ledger.Key{n}, Volunteer: id(zhang), Good: good, Quantity: 1, Price: price}
	}
	first := v.Serve(t.Context(), wish(1, "G01", 280), 1798761600)
	if first.Outcome != link.OutcomeOK || first.Kept.Redemption == 0 || v.Serve(t.Context(), wish(1, "G01", 280), 1798761600) != first {
		t.Fatalf("%+v", first)
	}
	v.paper.Round(t.Context())
	shows(t, v.papers()[0], "东北大米", ledger.ClaimText(first.Kept.Claim))
	s := v.screen()
	s.scanCard(zhang)
	s.get("/orders").sees("东北大米", ledger.ClaimText(first.Kept.Claim))
	account, err := v.cfg.Store.Account(id(zhang))
	v.must(err)
	for want, w := range map[link.Ordered]link.Wish{
		{Outcome: link.OutcomeGone}:   wish(2, "G06", 150),
		{Outcome: link.OutcomePrice}:  wish(3, "G01", 279),
		{Outcome: link.OutcomeFailed}: wish(4, "G99", 1),
		{Outcome: link.OutcomeLimit}:  {Key: ledger.Key{5}, Volunteer: id(zhang), Good: "G05", Quantity: 9, Price: 90},
		{Outcome: link.OutcomePoints, Granted: account.Granted(), Missing: 1600 - account.Spendable()}: wish(6, "G04", 1600),
	} {
		if got := v.Serve(t.Context(), w, 1798761600); got != want {
			t.Errorf("%+v: %+v, want %+v", w, got, want)
		}
	}
	_, err = v.cfg.Store.Cancel(t.Context(), ledger.Key{7}, first.Kept.Redemption, ledger.ID{}, "")
	v.must(err)
	if got := v.Serve(t.Context(), wish(1, "G01", 280), 1798761600); got.Outcome != link.OutcomeRefused {
		t.Errorf("given back since: %+v", got)
	}
	v.must(v.cfg.Store.Quarantine(t.Context(), "fork", "x"))
	if got := v.Serve(t.Context(), wish(8, "G01", 280), 1798761600); got.Outcome != link.OutcomeRefused {
		t.Errorf("in quarantine: %+v", got)
	}
	open := newVillage(t, func(cfg *Config) {
		cfg.Store = emptyStore(t, cfg.Clock)
		load(t, cfg.Store, func(d *civic.Document) {
			if d.Station != nil {
				d.Station.Policy.SelfService = true
			}
		})
	})
	if got := open.Serve(t.Context(), wish(1, "G01", 280), 1798761600); got.Outcome != link.OutcomeGone {
		t.Errorf("on a self-service shelf: %+v", got)
	}
	if got := open.Serve(t.Context(), link.Wish{}, 1798761600); got.Outcome != link.OutcomeFailed {
		t.Errorf("nonsense: %+v", got)
	}
}
