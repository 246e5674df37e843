package center

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// shop is a county with redemptions in every state: 1 handed over by staff and its
// slip doubted, 2 refunded, 3 cancelled, 4 reserved, at SQ01; 1 self-served at LH02
// of another town.
type shop struct {
	*office
	zhang, li ledger.ID
	box, far  *testBox
	expires   ledger.Day
}

func newShop(t *testing.T) *shop {
	t.Helper()
	o := newOffice(t)
	ctx := t.Context()
	for _, s := range []store.Scope{{ID: "liuhe", Parent: "center", Name: "柳河镇"}} {
		o.must(o.store.PutScope(ctx, s))
	}
	o.kiosk("SQ01", "石桥村益栈")
	o.must(o.store.PutKiosk(ctx, store.Kiosk{ID: "LH02", Name: "柳河镇益栈", Parent: "liuhe"}))
	s := &shop{office: o, expires: ledger.DayOf(o.now) + 1000, box: o.box("SQ01"), far: o.box("LH02")}
	s.zhang = o.volunteer(1, "张建伟", "420-1", "SQ01", 2000)
	s.li = ledger.ID{2, 7}
	o.must(o.store.PutPerson(ctx, store.Person{Volunteer: civic.Volunteer{ID: s.li, Name: "李红芳", Number: "421-1"}, Town: "liuhe", Home: "LH02"}))
	o.must(o.store.Earn(ctx, s.li, ledger.Key{2, 1}, civic.Earning{On: ledger.DayOf(o.now), Expires: s.expires, What: "护河", Points: 1000}))
	o.must(o.store.PutDocument(ctx, "center", civic.Document{Good: &civic.Good{Code: "rice", Name: "东北大米", NameEN: "Rice", Size: "5 公斤", Unit: "袋", Price: 280}}))
	o.must(o.store.PutDocument(ctx, "qingxi", civic.Document{Staff: &civic.Staff{ID: ledger.ID{9}, Name: "王芳", Role: civic.RoleClerk, Cards: []civic.CardID{{9}}}}))
	o.must(o.store.PutDocument(ctx, "SQ01", civic.Document{Station: &civic.Station{Kiosk: "SQ01", Name: "石桥村益栈", Parent: "清溪镇 · 文明实践站", Counter: "进门左手边"}}))
	staff := ledger.ID{9}
	for i := range 4 {
		s.now = s.now.Add(time.Hour)
		s.box.does(s.reserve(s.zhang, uint16(1037+i), false))
		job := s.box.head.Seq
		s.box.prints(job, 0, spool.StepSending, spool.StepDrained)
		switch i {
		case 0:
			s.box.prints(job, 0, spool.StepUncertain)
			s.box.does(ledger.Settle{Redemption: job, Operator: staff})
		case 1:
			s.box.prints(job, 0, spool.StepUncertain)
			s.box.does(ledger.Settle{Redemption: job, Operator: staff}, ledger.Refund{Redemption: job, Operator: ledger.ID{8}, Reason: "wrong"})
			s.box.prints(job, 1, spool.StepVoided, spool.StepSending, spool.StepDrained, spool.StepPresumed)
		case 2:
			s.box.does(ledger.Cancel{Redemption: job, Reason: "unwanted"})
		}
	}
	s.far.does(s.reserve(s.li, 1037, true), ledger.Settle{Redemption: 1})
	return s
}

func (s *shop) reserve(v ledger.ID, claim uint16, shelf bool) ledger.Reserve {
	return ledger.Reserve{Volunteer: v, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: s.expires, Points: 280}}, Claim: claim, Balance: 1720, Shelf: shelf}
}

// prints notes steps of a slip.
func (b *testBox) prints(job uint64, copies int64, steps ...spool.Step) {
	b.Helper()
	for _, step := range steps {
		b.does(ledger.Print{Job: job, Step: ledger.PrintStep(step), Copy: copies})
	}
}

var receiptNumbers = regexp.MustCompile(`href="/redemption/([A-Z0-9-]+)"`)

// numbers are the receipts that the page lists.
func (b *browser) numbers() string {
	var all []string
	for _, m := range receiptNumbers.FindAllStringSubmatch(b.body, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, " ")
}

// The search at the top of every page takes what stands on a slip as well.
func TestTheSearchTakesWhatStandsOnASlip(t *testing.T) {
	s := newShop(t)
	b := s.signedIn("lin", store.RoleOfficer)
	if b.get("/volunteers?q=b038").shows(200); b.numbers() != "SQ01-1-000006" {
		t.Errorf("the code leads to %s with %q", b.at, b.numbers())
	}
	if b.get("/volunteers?q=sq01-1-000006").shows(200); b.at != "/redemption/SQ01-1-000006" {
		t.Errorf("the number leads to %s", b.at)
	}
	s.must(s.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: ledger.ID{3, 7}, Name: "王丽", Number: "B038"}, Town: "qingxi"}))
	b.get("/volunteers?q=b038").shows(200, "王丽", "也是小票上的号").links(`/redemptions?q=b038">看兑换`)
	s.signedIn("tech", store.RoleTechnician).get("/volunteers?q=b038").shows(403)
}

func TestRedemptionsAreListedAndFiltered(t *testing.T) {
	s := newShop(t)
	b := s.signedIn("lin", store.RoleOfficer)
	const first, refunded, cancelled, reserved, far = "SQ01-1-000001", "SQ01-1-000006", "SQ01-1-000016", "SQ01-1-000020", "LH02-1-000001"
	b.get("/redemptions").shows(200, "东北大米 5 公斤 ×1 280 已交货 说不准", "已退货 应该打出来了 重打 1 次 作废 1 张", "已取消", "等领货 还没打完", "李红芳", "机器时间未核对")
	if b.numbers() != strings.Join([]string{far, reserved, cancelled, refunded, first}, " ") && b.numbers() != strings.Join([]string{reserved, far, cancelled, refunded, first}, " ") {
		t.Fatalf("the list is %s", b.numbers())
	}
	for query, want := range map[string]string{
		"state=reserved": reserved, "state=refunded": refunded, "state=cancelled": cancelled, "slip=uncertain": first, "slip=voided": refunded, "slip=presumed": refunded,
		"at=LH02": far, "at=liuhe": far, "at=SQ01&state=settled": first, "q=b037&at=SQ01": first, "q=B038": refunded, "good=oil": "",
		"who=" + s.li.String(): far, "who=421-1": far, "to=2026-11-22": "", "from=2026-11-24": "", "from=2026-11-23&to=2026-11-23&at=LH02": far,
	} {
		if b.get("/redemptions?" + query).shows(200); b.numbers() != want {
			t.Errorf("%s lists %s, want %s", query, b.numbers(), want)
		}
	}
	b.get("/redemptions?q=nonsense").shows(200, "这不是领货号")
	b.get("/redemptions?who=nobody").shows(200, "没有这位志愿者")
	s.volunteer(3, "张建国", "420-3", "SQ01", 10)
	b.get("/redemptions?who="+url.QueryEscape("张建")).shows(200, "不止一位志愿者对得上", "去选")
	b.get("/redemptions?q=sq01-1-000006").shows(200, "SQ01-1-000006", "经过")
	b.get("/redemptions?at=nowhere&before=x&from=y&state=z&slip=w").shows(200, "没有这样的兑换")
}

func TestARedemptionTellsItsTrail(t *testing.T) {
	s := newShop(t)
	b := s.signedIn("lin", store.RoleOfficer)
	b.get("/redemption/SQ01-1-000006").shows(200, "已退货", "留下", "本人", "交货", "王芳", "退货 拿错了", "没有放回架上", "工作人员（资料已不在）", "终端机已签字，积分已入账",
		"领货号 B038", "280 分，", "换后那台机器还剩 1,720", "有人看过，不完整，作废 重打 第1次", "没有坏消息").hides("后来还重打过")
	if !strings.Contains(b.body, `href="/account/`+s.zhang.String()) || !strings.Contains(b.body, `href="/station/SQ01"`) {
		t.Error("it leads nowhere")
	}
	b.get("/redemption/LH02-1-000001").shows(200, "自选架，没有领货号", "自选架，本人拿走")
	for _, path := range []string{"/redemption/SQ01-1-000002", "/redemption/SQ01-2-000001", "/redemption/x", "/receipt/SQ01-1-000002", "/redemption/NEW1-1-000001"} {
		b.get(path).shows(404)
	}
	b.get("/receipt/SQ01-1-000006")
	if b.header.Get("Content-Type") != "image/png" {
		t.Fatalf("the picture is %v", b.header)
	}
	picture, err := png.Decode(strings.NewReader(b.body))
	s.must(err)
	if size := picture.Bounds(); size.Dx() < 384 || size.Dy() < 300 {
		t.Errorf("the picture is %v", size)
	}
}

// Paper says what it said when its latest copy was asked for.
func TestTheReceiptIsDrawn(t *testing.T) {
	s := newShop(t)
	c := s.server.desk
	for number, want := range map[uint64][]string{
		1: {"石桥村益栈", "单号 SQ01-1-000001", "2026-11-23 15:30", "(机器时间未核对)", "张*伟", "东北大米 5 公斤", "用去 280分", "换后这里还有 1,720分", "领货号 B037", "领货处：进门左手边", "-重打", "-扫码", "-已"},
		6: {"重打 第1次", "已退货", "-领货号"},
	} {
		x, err := s.store.Redemption(t.Context(), "SQ01", 1, number)
		s.must(err)
		r, err := c.receiptPaper(&ask{Request: httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)}, x)
		s.must(err)
		text := strings.Join(strings.Fields(r.Text()), " ")
		for _, part := range want {
			if absent, found := strings.CutPrefix(part, "-"); strings.Contains(text, absent) == found {
				t.Errorf("paper %d and %q: %s", number, part, text)
			}
		}
	}
}

func TestRedemptionsOfATown(t *testing.T) {
	s := newShop(t)
	b := s.bound("wu", store.RoleClerk, "liuhe")
	b.get("/redemptions").shows(200, "柳河镇益栈", "李红芳").hides("石桥村", "张")
	b.get("/redemptions?who="+s.zhang.String()).shows(200, "没有这样的兑换", "张*伟换的")
	b.get("/redemptions?q=B037").shows(200)
	if b.numbers() != "LH02-1-000001" {
		t.Errorf("the town sees %s", b.numbers())
	}
	for _, path := range []string{"/redemptions?at=SQ01", "/redemptions?at=qingxi", "/redemption/SQ01-1-000001", "/receipt/SQ01-1-000001", "/redemptions.csv?at=SQ01", "/redemptions?q=SQ01-1-000001"} {
		b.get(path).shows(403, "你的账号只管柳河镇").hides("张")
	}
	b.get("/redemptions.csv").shows(200, "李红芳").hides("张建伟", "张*伟")
	s.bound("tech", store.RoleTechnician, "liuhe").get("/redemptions").shows(403)
}

func TestRedemptionsArePagedAndExported(t *testing.T) {
	s := newShop(t)
	b := s.signedIn("lin", store.RoleOfficer)
	var more []ledger.Body
	for range redeemedRows {
		more = append(more, ledger.Reserve{Volunteer: s.li, Good: "oil", Quantity: 1, Parts: []ledger.Part{{Expires: s.expires, Points: 1}}, Shelf: true})
	}
	s.far.does(more...)
	b.get("/redemptions?at=liuhe").shows(200, "更早的")
	seen := strings.Fields(b.numbers())
	older := regexp.MustCompile(`href="(/redemptions\?[^"]*before=[^"]*)"`).FindStringSubmatch(b.body)
	if older == nil || len(seen) != redeemedRows {
		t.Fatalf("%d on the first page, then %q", len(seen), older)
	}
	b.get(strings.ReplaceAll(older[1], "&amp;", "&")).shows(200, "回到最新").hides("更早的")
	if b.numbers() != "LH02-1-000001" {
		t.Errorf("the second page is %s", b.numbers())
	}
	b.get("/redemptions.csv?at=SQ01").shows(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.body, "\ufeff"))).ReadAll()
	s.must(err)
	if len(rows) != 5 || len(rows[0]) != len(redemptionColumns) || rows[4][0] != "SQ01-1-000001" || rows[4][10] != "280" || rows[4][12] != "已交货" || rows[4][13] != "说不准" {
		t.Errorf("%q", rows)
	}
	b.get("/redemptions.xlsx?state=refunded").shows(200)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(b.body)))
	s.must(err)
	cells, err := book.GetRows(book.GetSheetName(0))
	s.must(err)
	if len(cells) != 2 || cells[1][0] != "SQ01-1-000006" || cells[0][0] != "单号" {
		t.Errorf("%q", cells)
	}
	b.get("/redemptions.csv?q=nonsense").shows(400)
}

func FuzzRedemptionsQuery(f *testing.F) {
	f.Add("state=reserved&slip=voided&at=SQ01&good=rice&from=2026-01-01&to=2026-02-01&q=A037&who=x&before=1764322000000.SQ01.1.7")
	f.Add("from=2026-13-01&before=1.x&at=%FF&good=%20")
	f.Fuzz(func(t *testing.T, text string) {
		values, _ := url.ParseQuery(text)
		q := readRedemptionsQuery(values)
		u, err := url.Parse(q.path("/redemptions"))
		if err != nil || readRedemptionsQuery(u.Query()) != q {
			t.Errorf("%q is %+v, whose address %s says something else", text, q, q.path("/redemptions"))
		}
		q.asks(time.UTC, 1)
	})
}
