package center

import (
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

func TestNumbersAndTimes(t *testing.T) {
	o := newOffice(t)
	c, texts := o.server.desk, o.server.desk.texts[assets.English]
	for v, want := range map[any]string{0: "0", int64(999): "999", ledger.Points(1000): "1,000", -1234567: "−1,234,567", uint64(1 << 40): "1,099,511,627,776"} {
		if got, err := number(v); err != nil || got != want {
			t.Errorf("%v is %s %v, want %s", v, got, err, want)
		}
	}
	if _, err := number("x"); err == nil {
		t.Error("x is a number")
	}
	for d, want := range map[time.Duration]string{0: "0 seconds", time.Second: "1 second", time.Minute: "1 minute", -90 * time.Minute: "90 minutes", 26 * time.Hour: "26 hours", 49 * time.Hour: "2 days"} {
		if got := longText(texts, d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	for ago, want := range map[time.Duration]string{0: "just now", time.Hour: "13:30", 24 * time.Hour: "11-22 14:30", 400 * 24 * time.Hour: "2025-10-19 14:30", -48 * time.Hour: "11-25 14:30"} {
		if got := c.momentText(texts, o.now.Add(-ago)); got != want {
			t.Errorf("%v ago is %q, want %q", ago, got, want)
		}
	}
	if got := c.momentText(texts, time.Time{}); got != "never" {
		t.Error(got)
	}
	for bytes, want := range map[int64]string{0: "0 KiB", 5 << 20: "5 MiB", 3 << 29: "1.5 GiB"} {
		if got := sizeText(bytes); got != want {
			t.Errorf("%d is %s, want %s", bytes, got, want)
		}
	}
}

func TestPathsOfOurOwn(t *testing.T) {
	for path, want := range map[string]string{"/fleet?q=x": "/fleet?q=x", "": "/", "fleet": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "/a\r\nb": "/", "/\t/evil.example": "/", "/\x00/evil.example": "/", "/" + strings.Repeat("a", 1000): "/"} {
		if got := ownPath(path); got != want {
			t.Errorf("%.40q leads to %q, want %q", path, got, want)
		}
	}
}

// An account adds up from its lines to what is at each kiosk.
func TestAnAccount(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	box := o.box("SQ01")
	zhang := o.volunteer(1, "张建伟", "420-118-2207", "SQ01", 1000)
	o.must(o.store.PutDocument(t.Context(), "center", civic.Document{Good: &civic.Good{Code: "rice", Name: "东北大米", NameEN: "Rice", Size: "5 公斤", Unit: "袋", Price: 280}}))
	lot := ledger.DayOf(o.now) + 1000
	reserve := func(points ledger.Points) ledger.Reserve {
		return ledger.Reserve{Volunteer: zhang, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: lot, Points: points}}}
	}
	box.does(reserve(280), ledger.Settle{Redemption: 1, Operator: ledger.ID{9}}, reserve(100), ledger.Cancel{Redemption: 3, Reason: "不要了"},
		reserve(50), ledger.Settle{Redemption: 5, Operator: ledger.ID{9}}, ledger.Refund{Redemption: 5, Operator: ledger.ID{9}, Restock: true, Reason: "坏的"},
		reserve(20), ledger.Return{Volunteer: zhang, Parts: []ledger.Part{{Expires: lot, Points: 200}}})
	b.get("/account/" + zhang.String())
	b.shows(200, "张建伟", "编号 420-118-2207", "700 分", "其中 200 分在中心", "石桥村益栈 500 给了 1,000 − 用了 330 + 退货还回 50 − 交回中心 200 − 留着待取 20 = 还剩 500",
		"换东北大米 5 公斤 × 1", "−280", "取消东北大米 5 公斤 × 1", "+100", "原因：不要了", "退回东北大米 5 公斤 × 1", "+50", "等交货", "已退", "路口文明劝导", "+1,000", "100 小时 = 200 个整半小时", "200 个半小时 × 每小时 10 分 ÷ 2 = 1,000 分", "还没有编了号的规则")

	// Each number of a kiosk leads to its entries.
	at := "/rights/" + zhang.String() + "/SQ01/1"
	b.get(at).shows(200, "张建伟在石桥村益栈的积分", "全部 5", "合计 600 分", "还剩 500")
	b.get(at+"?show=spent").shows(200, "用了 2", "东北大米 5 公斤 × 1", "第 2 条", "第 6 条", "合计 330 分").hides("不要了", "第 7 条")
	b.get(at+"?show=refunded").shows(200, "坏的", "第 7 条", "合计 50 分")
	b.get(at+"?show=returned").shows(200, "第 9 条", "合计 200 分")
	b.get(at+"?show=held").shows(200, "第 8 条", "合计 20 分")
	b.get(at+"?show=granted").shows(200, "由中心发到这台益栈机")
	for _, path := range []string{"/SQ01/2", "/SQ01/x", "/NONE/1", "/sq/1"} {
		b.get("/rights/" + zhang.String() + path).shows(404)
	}
	b.post("/language", "to", "en", "page", "/account/"+zhang.String()).shows(200, "Rice 5 公斤 × 1", "Back from the kiosk to the center")
	b.get("/volunteers?q=420-118-2207").shows(200, "Line by line") // the only one found is opened
	o.volunteer(2, "张伟", "420-118-2208", "", 1)
	b.get("/volunteers?q=张").shows(200, "420-118-2207", "420-118-2208")
	b.get("/account/nonsense").shows(404)
	b.get("/account/" + ledger.ID{9, 9}.String()).shows(404)
}
