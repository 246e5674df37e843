package center

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// county is a town with two kiosks, of which the second is often offline, and two
// volunteers with 1000 points each, in the week from 16 November 2026 on.
func (o *office) county() (sq, ls *testBox, zhang, li ledger.ID) {
	o.Helper()
	o.now = time.Date(2026, 11, 17, 2, 0, 0, 0, time.UTC)
	o.must(o.store.PutScope(o.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	o.kiosk("SQ01", "石桥村益栈")
	o.must(o.store.PutKiosk(o.Context(), store.Kiosk{ID: "LS01", Name: "柳树村益栈", Parent: "liuhe"}))
	sq, ls = o.box("SQ01"), o.box("LS01")
	zhang, li = o.volunteer(1, "张建伟", "1", "SQ01", 1000), o.volunteer(2, "李红芳", "2", "LS01", 1000)
	o.must(o.store.PutDocument(o.Context(), "center", civic.Document{Good: &civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 280, Delivered: 9}}))
	o.told()
	return sq, ls, zhang, li
}

// sells is entries of redemptions that were handed over, the first of which has the
// number.
func (o *office) sells(number uint64, v ledger.ID, points ...ledger.Points) (bodies []ledger.Body) {
	for _, p := range points {
		bodies = append(bodies, ledger.Reserve{Volunteer: v, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: o.lot(), Points: p}}},
			ledger.Settle{Redemption: number, Operator: ledger.ID{9}})
		number += 2
	}
	return bodies
}

// lot is when the points of a county's volunteers expire.
func (o *office) lot() ledger.Day {
	return ledger.DayOf(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)) + 1000
}

// journals writes entries that are not sent up, as a kiosk without a network does.
func (b *testBox) journals(bodies ...ledger.Body) {
	b.Helper()
	for _, body := range bodies {
		e := ledger.Entry{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, Seq: b.head.Seq + 1, Prev: b.head.Hash, WallMS: b.now.UnixMilli(), Quality: ledger.ClockSynced, Body: body}
		raw, err := e.Encode()
		b.must(err)
		b.head, _, err = b.head.Next(raw)
		b.must(err)
		b.raw = append(b.raw, raw)
	}
}

// sends brings up everything that was kept.
func (b *testBox) sends() {
	b.Helper()
	_, err := b.store.Append(b.Context(), store.Batch{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, First: 1, Entries: b.raw, Head: b.head, Signature: b.head.Sign(b.key)})
	b.must(err)
	_, err = b.store.Fold(b.Context(), b.head.Kiosk, b.head.Epoch)
	b.must(err)
	b.says(`"printer":"ok"`, 0)
}

// The weekly ledger is what known redemptions come to; it is signed once and stays as
// it was, and what comes in later stands in the next one, once.
func TestTheWeeklyLedger(t *testing.T) {
	o := newOffice(t)
	sq, ls, zhang, li := o.county()
	week, next, third := "/report/center/week/2026-11-16", "/report/center/week/2026-11-23", "/report/center/week/2026-11-30"
	sq.journals(o.sells(1, zhang, 280, 100)...)
	sq.journals(ledger.Refund{Redemption: 1, Operator: ledger.ID{9}, Restock: true, Reason: "x"}, ledger.Stock{Good: "rice", Move: ledger.StockWasted, Delta: -2, OnHand: 5, Operator: ledger.ID{9}})
	sq.sends()
	ls.journals(o.sells(1, li, 50)...) // nobody hears of it for two weeks
	lin := o.signedIn("lin", store.RoleOfficer)
	lin.get(week).shows(200, "这一期还没过完", "赚得积分 2,000", "兑换次数 2", "兑换用分 380", "退回次数 1", "退回积分 280", "兑换的人 1", "信用时长（小时） 200", "大米 袋 0 2 380 1 0 −2").hides("签报表")
	lin.get(week + "/sign").hides("接下来会这样")
	lin.post(week+"/sign").shows(409, "没办成")

	o.now = o.now.AddDate(0, 0, 8) // Wednesday of the next week
	sq.says(`"printer":"ok"`, 0)
	lin = o.signedIn("wang", store.RoleOfficer)
	lin.get("/reports").shows(200, "48周", "还没过完", "47周", "还没签", "青禾县中心")
	lin.get(week).shows(200, "还没有人签", "1 台终端机，最后一次联系在这一期结束以前", "柳树村益栈", "签报表").links(`/redemptions?at=SQ01&amp;from=2026-11-16&amp;to=2026-11-22">2`)
	lin.get(week+"/sign").shows(200, "接下来会这样", "还有 1 台终端机没报完")
	lin.post(week+"/sign").shows(200, "签好了", "wang 在", "兑换次数 2").hides("签报表")
	lin.post(week + "/sign").shows(409)

	ls.sends() // and now it is back
	o.must(o.store.Earn(t.Context(), zhang, ledger.Key{77}, civic.Earning{On: ledger.DayOf(o.now) - 7, Expires: o.lot(), What: "补录", Minutes: 60, Points: 10}))
	o.told()
	sq.journals(o.sells(7, zhang, 20)...)
	sq.sends()
	lin.get(week).shows(200, "兑换次数 2", "兑换用分 380", "签了以后又报上来的", "柳树村益栈: 兑换 1 次，用 50 分", "清溪镇: 赚得 10 分，1 小时")
	lin.get(next).shows(200, "兑换次数 1", "兑换用分 20", "后来补报", "柳树村益栈: 兑换 1 次，用 50 分", "清溪镇: 赚得 10 分，1 小时")

	o.now = o.now.AddDate(0, 0, 7)
	lin = o.signedIn("zhou", store.RoleLeader)
	lin.post(next+"/sign").shows(200, "签好了", "后来补报")
	lin.get(third).shows(200, "这一期还没过完", "兑换次数 0").hides("后来补报", "柳树村益栈: 兑换")
	lin.get(week).shows(200, "兑换次数 2").hides("签了以后又报上来的")
	lin.get("/audit").shows(200, "签报表", "zhou")
	report, err := o.store.Verify(t.Context())
	if err != nil || !report.OK() {
		t.Errorf("%+v, %v", report, err)
	}
}

// A town reports on itself, and the file says what the page says, as numbers.
func TestAReportIsAFile(t *testing.T) {
	o := newOffice(t)
	sq, _, zhang, _ := o.county()
	sq.journals(o.sells(1, zhang, 280)...)
	sq.sends()
	o.must(o.store.Quarantine(store.As(t.Context(), "lin"), "SQ01", 1, "officer: 有人看见被搬走"))
	b := o.bound("chen", store.RoleClerk, "qingxi")
	b.get("/reports").shows(200, "清溪镇").hides("柳河镇")
	b.get("/report/qingxi/month/2026-11-01").shows(200, "清溪镇 月小结", "赚得积分 2,000", "兑换次数 1", "有人看见被搬走", "石桥村益栈").hides("柳树村益栈")
	for path, code := range map[string]int{"/report/center/month/2026-11-01": 403, "/report/liuhe/week/2026-11-16": 403, "/report/qingxi/week/2026-11-17": 404, "/report/qingxi/month/2026-11-02": 404,
		"/report/qingxi/day/2026-11-16": 404, "/report/qingxi/week/2027-11-15": 404, "/report/qingxi/week/x": 404, "/report/qingxi/week/2026-11-16/sign": 403, "/reports?at=liuhe": 403, "/reports?at=nowhere": 403} {
		if b.get(path); b.code != code {
			t.Errorf("%s answers %d, want %d", path, b.code, code)
		}
	}
	b.get("/report/qingxi/week/2026-11-16/report.xlsx")
	book, err := excelize.OpenReader(bytes.NewReader([]byte(b.body)))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	o.must(err)
	text := fmt.Sprint(rows)
	for _, want := range []string{"[清溪镇 周台账 2026-11-16 2026-11-22]", "[赚得积分 2000]", "[兑换用分 280]", "[石桥村益栈 SQ01 1 280 0 0 1]", "[大米 rice 袋 0 1 280 0 0 0 "} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %s: %s", want, text)
		}
	}
	if kind, err := book.GetCellType(book.GetSheetName(0), "B6"); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("a sum is a text: %v, %v", kind, err)
	}
}

// A monthly summary says the same whether its days are summed or not, and counts
// everybody once.
func TestTheMonthlySummary(t *testing.T) {
	o := newOffice(t)
	sq, ls, zhang, li := o.county()
	sq.journals(o.sells(1, zhang, 280)...)
	ls.journals(o.sells(1, li, 50)...)
	o.now = o.now.AddDate(0, 0, 1)
	sq.journals(o.sells(3, zhang, 100, 20)...)
	sq.journals(ledger.Refund{Redemption: 1, Operator: ledger.ID{9}, Restock: true, Reason: "x"})
	sq.sends()
	ls.sends()
	lin := o.signedIn("lin", store.RoleOfficer)
	for _, want := range []int{1, 0} {
		lin.get("/report/center/month/2026-11-01").shows(200, "兑换次数 4", "兑换用分 450", "退回次数 1", "退回积分 280", "兑换的人 2", "大米 袋 0 4 450 1 0 0", "石桥村益栈 SQ01 3 400 1 280 1", "柳树村益栈 LS01 1 50 0 0 1")
		lin.get("/report/liuhe/month/2026-11-01").shows(200, "兑换次数 1", "兑换的人 1").hides("石桥村益栈")
		if n, err := o.store.SumMonths(t.Context()); n != want || err != nil {
			t.Errorf("%d days were summed, want %d, %v", n, want, err)
		}
	}
	sq.journals(o.sells(8, zhang, 10)...) // of the day that is not over, and nobody hears of it
	o.now = o.now.AddDate(0, 1, 0)
	lin = o.signedIn("wang", store.RoleOfficer)
	lin.post("/report/center/month/2026-11-01/sign").shows(200, "签好了", "兑换次数 4")
	sq.sends()
	lin.get("/report/center/month/2026-11-01").shows(200, "兑换次数 4", "石桥村益栈: 兑换 1 次，用 10 分")
}
