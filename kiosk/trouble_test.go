package kiosk

import (
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/kiosk/store"
)

func TestAFullDiskTakesNothingAndSaysSo(t *testing.T) {
	var free atomic.Int64
	free.Store(math.MaxInt64)
	ticks := make(chan time.Time)
	v := newVillage(t, func(c *Config) {
		c.Store = openStore(t, c.Clock, func(c *store.Config) {
			c.FreeBytes = func(string) (int64, error) { return free.Load(), nil }
			c.Tick = ticks
		})
	})
	s := v.screen()
	s.scanCard(zhang)
	key := s.get("/redeem/G01").field("key")
	free.Store(0)
	s.post("/redeem", "key", key, "good", "G01", "quantity", "1", "price", "280").on("/trouble").sees("存满了", "没扣积分", "请告诉工作人员")
	s.get("/balance").sees("1,260", "只能查看")

	free.Store(math.MaxInt64)
	v.await(func() bool {
		select {
		case ticks <- time.Now():
		default:
		}
		return v.cfg.Store.Health().ReadOnly == nil
	})
	s.post("/redeem", "key", key, "good", "G01", "quantity", "1", "price", "280").sees("换好了", "980")
}

func TestWithoutDocumentsTheKioskSaysWhatIsMissing(t *testing.T) {
	v := newVillage(t, func(c *Config) { c.Store = emptyStore(t, c.Clock) })
	s := v.screen()
	s.get("/").sees("还没装好资料", "还没有资料").lacks("用手机号")
	s.scanCard(zhang)
	if !strings.HasPrefix(s.at, "/code/") {
		t.Errorf("a card leads to %s", s.at)
	}
	s.sees("没有动过积分", "找工作人员")
}

func TestCodesThatLeadNowhere(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	s.get("/points")
	receipt, err := v.cfg.Store.ReceiptText(v.newest(zhang).Seq)
	if err != nil {
		t.Fatal(err)
	}
	damaged := []byte(card(zhang))
	damaged[10] ^= 3
	for text, want := range map[string]string{
		"6901234567892":         "这个码不认识",
		"":                      "这个码不认识",
		string(damaged):         "没扫清楚",
		secretOf(99).Text():     "这张卡这里查不到",
		receipt:                 "这是小票",
		"https://example.org/x": "这个码不认识",
	} {
		s.post("/scan", "text", text).sees(want, "没有动过积分", `href="/points"`)
		s.get("/balance").on("/balance").sees("张*伟") // nothing is lost
		s.get("/points")
	}
	s.get("/code/other").sees("没找到")
}

func TestEveryTroubleHasThreeAnswersInEveryLanguage(t *testing.T) {
	all := []trouble{troubleFull, troublePoints, troubleStock, troubleGone, troubleLimit, troublePrice, troubleEmpty, troubleUnknown,
		troubleState, troubleLate, troubleLeader, troubleForm, troubleUnsure, troubleBroken}
	for _, known := range troubles {
		all = append(all, known.trouble)
	}
	for _, lang := range assets.Langs {
		texts, err := assets.Texts(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, trouble := range all {
			for _, answer := range []string{"what", "safe", "next"} {
				if key := "trouble." + trouble.word + "." + answer; !texts.Has(key) {
					t.Errorf("%s: no text %s", lang, key)
				}
			}
			if trouble.key != "" && !texts.Has(trouble.key) {
				t.Errorf("%s: no text %s", lang, trouble.key)
			}
		}
		for code := range codes {
			for _, answer := range []string{"title", "what", "next"} {
				if key := "code." + code + "." + answer; !texts.Has(key) {
					t.Errorf("%s: no text %s", lang, key)
				}
			}
		}
	}
}

func TestPointsExplainThemselves(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	s.get("/points").sees("换东北大米 × 1", "−280", "路口文明劝导", "20 小时 × 10 分", "+200", "社区清洁日", "+600", "380 分", "2027年12月底到期")
	s.get("/why/1").sees("路口文明劝导", "2023年12月20日", "服务 20 小时，每小时 10 分", "200 分，2026年12月底到期", "随名册来到本机").lacks("版规则")
	s.get("/why/2").sees("秋收帮忙", "由实践站登记，按第 3 版规则（center）")
	s.get("/why/4").sees("换东北大米 × 1", "11月23日 14:30", "用 280 分", "200 分，2026年12月底到期；80 分，2027年12月底到期", "SQ-01 第")
	s.post("/language", "to", "en", "page", "/why/1").sees("20 hours of service at 10 points an hour", "end of Dec 2026")
	for _, path := range []string{"/why/0", "/why/5", "/why/x", "/why/-1"} {
		s.get(path).sees("is not here")
	}
}

func TestHelpLeadsBackToWhereOneWas(t *testing.T) {
	s := newVillage(t).screen()
	s.get("/help").sees("0512-65123456", "柜台在进门左手边", `href="/"`)
	s.scanCard(zhang)
	s.get("/redeem/G01?n=2").get("/help").sees(`href="/redeem/G01?n=2"`)
	seq := s.redeemed("G01", "1")
	s.get("/help").sees(`href="/done/` + seq + `"`)
	s.clock.advance((DefaultIdleSeconds - 1) * time.Second) // the short time of the page done is over
	s.tick()
	s.get("/balance").on("/balance")
}

// Whatever a scanner reads leads to one of our own pages, without signing anybody in.
func FuzzScan(f *testing.F) {
	v := newVillage(f)
	for _, seed := range []string{"", "YZC1:", "YZ1:", card(zhang)[:30], "YZ1:AAAA", "\x00", strings.Repeat("9", maxScanBytes+1), "yzc1:" + strings.Repeat("A", 29)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := v.scan(text)
		what, isCode := strings.CutPrefix(path, "/code/")
		if !isCode || !codes[what] {
			t.Errorf("%q leads to %s", text, path)
		}
		if v.current() != nil {
			t.Errorf("%q begins a visit", text)
		}
	})
}
