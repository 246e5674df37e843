package center

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

const oilShop = "00000000000000aa"

// settled is a shop whose rice comes from a merchant, a week later: one piece was
// handed over at each kiosk, one more was handed over and refunded.
func settled(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	ctx := store.As(t.Context(), "lin")
	s.must(s.store.PutMerchant(ctx, 0, store.Merchant{ID: oilShop, Scope: "center", Kind: store.Seller, Name: "青禾粮油", Account: "6222 0000"}))
	s.must(s.store.PutMerchant(ctx, 0, store.Merchant{ID: "00000000000000bb", Scope: "liuhe", Kind: store.Seller, Name: "柳河百货"}))
	s.must(s.store.PutDocument(ctx, "center", civic.Document{Good: &civic.Good{Code: "rice", Version: 1, Name: "东北大米", Size: "5 公斤", Unit: "袋", Price: 280, Merchant: oilShop}}))
	s.now = s.now.AddDate(0, 0, 7)
	return s
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// asIs sends the form of the page that is shown, as it stands.
func (b *browser) asIs(path string, pairs ...string) *browser {
	b.Helper()
	var form []string
	for _, m := range hiddenField.FindAllStringSubmatch(b.body, -1) {
		form = append(form, m[1], m[2])
	}
	return b.post(path, append(form, pairs...)...)
}

func TestAMerchantIsSettledWith(t *testing.T) {
	s := settled(t)
	b := s.signedIn("lin", store.RoleOfficer)
	b.get("/settlement").shows(200, "青禾粮油", "柳河百货", "还没有结算过")
	next := "/sheet/" + oilShop + "/next"
	b.get(next+"?from=2026-11-20&to=2026-11-25&fen=1&fen-rice=62.5").shows(200, "东北大米 5 公斤 rice · 袋 3 1 2 560", "125.00", "封账")
	b.get(next+"?from=2026-11-20&to=2026-11-25&fen=1&fen-rice=lots").shows(200, "有的单价不对").hides("封账 导出")
	if !strings.Contains(b.body, `value="lots"`) {
		t.Error("what was typed is lost")
	}
	b.get(next+"?from=2026-11-20&to=2026-12-25").shows(200, "最后一天还没过完")
	b.get(next+"?from=2026-11-25&to=2026-11-20").shows(200, "日期反了")

	b.get(next+"/lines/rice?from=2026-11-20&to=2026-11-25&at=SQ01-1").shows(200, "石桥村益栈", "柳河镇益栈", "SQ01-1-000006", "退货", "−280").hides("LH02-1-000001")
	query := "?from=2026-11-20&to=2026-11-25&fen=1&fen-rice=62.50"
	b.get("/closesheet/"+oilShop+query).shows(200, "接下来会这样", "和青禾粮油结算 2 件，560 分，¥125.00")
	form := b.body
	s.box.does(ledger.Settle{Redemption: 20, Operator: ledger.ID{9}}) // of the day of closing: it is none of this sheet's
	b.asIs("/closesheet/"+oilShop).shows(200, "封账好了", "已封账", "第 1 张", "lin 2026-11-30", "125.00", "制表（签字、日期）")
	if b.at != "/sheet/"+oilShop+"/1?done=sheet" {
		t.Errorf("at %s", b.at)
	}
	b.body = form
	b.asIs("/closesheet/"+oilShop).shows(200, "第 1 张").hides("第 2 张") // sent twice

	b.get("/sheet/" + oilShop + "/1/xlsx").shows(200)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(b.body)))
	s.must(err)
	cells, err := book.GetRows(book.GetSheetName(0))
	s.must(err)
	if len(cells) != 6 || cells[4][5] != "2" || cells[4][8] != "125" || cells[5][8] != "125" || cells[0][0] != "青禾粮油" {
		t.Errorf("%q", cells)
	}
	b.get("/sheet/"+oilShop+"/1/lines/rice?at=LH02-1").shows(200, "LH02-1-000001")
	b.get("/audit?place=center").shows(200, "封账", "青禾粮油 第 1 张 2026-11-20 – 2026-11-25 2 件，560 分，¥125.00")
	b.get(next).shows(200, "接着上一张", "2026年11月26日")

	b.get("/withdrawsheet/"+oilShop+"/1").shows(200, "接下来会这样", "里面的兑换回到下一张")
	b.post("/withdrawsheet/"+oilShop+"/1", "reason", "").shows(422, "请写原因")
	b.post("/withdrawsheet/"+oilShop+"/1", "reason", "单价谈错了").shows(200, "撤回了", "已撤回")
	b.get("/withdrawsheet/" + oilShop + "/1").shows(409)
	b.get("/audit?place=center").shows(200, "撤回结算单", "单价谈错了")
}

// What comes after a sheet was closed is a correction in the next; numbers that change
// before an officer closes are shown first.
func TestWhatComesLateIsACorrection(t *testing.T) {
	s := settled(t)
	b := s.signedIn("lin", store.RoleOfficer)
	query := "?from=2026-11-20&to=2026-11-25&fen=1&fen-rice=60"
	b.get("/closesheet/"+oilShop+query).shows(200, "2 件")
	page, now := b.body, s.now
	s.now = s.now.AddDate(0, 0, -7) // the kiosk was offline, and sends what it did then
	s.box.does(ledger.Settle{Redemption: 20, Operator: ledger.ID{9}})
	s.now = now
	b.body = page
	b.asIs("/closesheet/"+oilShop).shows(409, "数字刚刚变了", "3 件")
	b.asIs("/closesheet/"+oilShop).shows(200, "封账好了", "4 1 3 840 60.00 180.00")
	s.now = s.now.AddDate(0, 0, -7)
	s.far.does(s.reserve(s.li, 7, true), ledger.Settle{Redemption: 3})
	s.now = now.Add(24 * time.Hour)
	b = s.signedIn("chen", store.RoleOfficer)
	b.get("/sheet/"+oilShop+"/next").shows(200, "更正：以前各期封账以后才传来的", "60.00")
	b.get("/sheet/"+oilShop+"/next/lines/rice?which=fixed&at=LH02-1").shows(200, "LH02-1-000003")
	b.get("/sheet/"+oilShop+"/1").shows(200, "180.00")
}

func TestSettlementOfATown(t *testing.T) {
	s := settled(t)
	b := s.bound("wu", store.RoleOfficer, "liuhe")
	b.get("/settlement").shows(200, "柳河百货").hides("青禾粮油")
	for _, path := range []string{"/sheet/" + oilShop + "/next", "/closesheet/" + oilShop, "/sheet/" + oilShop + "/next/xlsx", "/sheet/" + oilShop + "/next/lines/rice"} {
		b.get(path).shows(403, "你的账号只管柳河镇")
	}
	b.get("/sheet/00000000000000bb/next").shows(200, "没有交货，也没有退货")
	for _, path := range []string{"/sheet/x/next", "/sheet/00000000000000cc/next", "/sheet/00000000000000bb/7", "/sheet/00000000000000bb/01", "/sheet/00000000000000bb/next/lines/rice"} {
		b.get(path).shows(404)
	}
	s.bound("clerk", store.RoleClerk, "liuhe").get("/closesheet/00000000000000bb").shows(403)
}

func TestYuan(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "0": 0, "12": 1200, "12.5": 1250, "12.50": 1250, "0.07": 7, "9999999.99": 999999999} {
		if fen, ok := parseYuan(text); !ok || fen != want {
			t.Errorf("%q is %d, %v", text, fen, ok)
		}
	}
	for _, text := range []string{"-1", "+1", "1.", ".5", "1.234", "1,5", "x", "12345678", "1.-5", " 1"} {
		if _, ok := parseYuan(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
	for fen, want := range map[int64]string{0: "0.00", 7: "0.07", 123456: "1,234.56", -150: "−1.50"} {
		if got, err := yuanText(fen); err != nil || got != want {
			t.Errorf("%d is %q", fen, got)
		}
	}
}
