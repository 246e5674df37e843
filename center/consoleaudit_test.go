package center

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/assets"
	"yizhan/center/store"
)

func TestTheAuditSaysWhoDidWhat(t *testing.T) {
	o := newOffice(t)
	lin := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	o.volunteer(1, "张建伟", "1", "SQ01", 500)
	lin.post("/station/SQ01/cap", "cap", "600").shows(200)
	lin.post("/station/SQ01/stop", "reason", "有人搬走了机器").shows(200)
	lin.post("/station/SQ01/lift").shows(200)
	lin.post("/station/SQ01/revoke").shows(200)
	lin.post("/station/SQ01/lose", "epoch", "1", "reason", "掉进河里").shows(200)
	lin.post("/place", "id", "liuhe", "name", "柳河镇", "parent", "center").shows(200)
	o.signedIn("chen", store.RoleLeader).post("/station/SQ01/confirm", "epoch", "1").shows(200)

	b := o.signedIn("shen", store.RoleAuditor)
	b.get("/audit").shows(200, "chen 确认核销 石桥村益栈 SQ01 lin 提出 第 1 期", "lin 提出核销 石桥村益栈 SQ01 第 1 期 掉进河里", "lin 停用 石桥村益栈",
		"lin 放行 石桥村益栈 SQ01 由工作人员停下: 有人搬走了机器", "lin 停下 石桥村益栈 SQ01 由工作人员停下: 有人搬走了机器", "限额 1,000,000 限额 600",
		"lin 做代码 石桥村益栈 SQ01 有效到 2026-11-25 14:30", "lin 添加地方 柳河镇 liuhe 名称 柳河镇; 所在地 center", "terminal 添加工作人员 shen 角色 审计员; 管的地方 center")
	if strings.Index(b.body, "确认核销") > strings.Index(b.body, "掉进河里") {
		t.Error("the latest is not the first")
	}
	for _, link := range []string{`href="/station/SQ01"`, `href="/audit?place=liuhe"`, `href="/audit?place=shen"`} {
		if !strings.Contains(b.body, link) {
			t.Errorf("no %s", link)
		}
	}
	b.get("/audit?who=chen").shows(200, "chen 确认核销").hides("掉进河里", "lin 登录")
	b.get("/audit?kind=kiosk.stopped").shows(200, "lin 停下 石桥村益栈").hides("lin 停用", "掉进河里")
	b.get("/audit?place="+url.QueryEscape("柳河镇")).shows(200, "lin 添加地方").hides("掉进河里")
	b.get("/audit?place=sq01&who=lin").shows(200, "掉进河里").hides("chen 确认", "柳河镇")
	b.get("/audit?place=nobody").shows(200, "没有叫“nobody”的地方")
	b.get("/audit?from=2026-11-24").shows(200, "没有这样的记录")
	b.get("/audit?to=2026-11-22").shows(200, "没有这样的记录")
	b.get("/audit?from=2026-11-23&to=2026-11-23&kind=loss.proposed").shows(200, "掉进河里")
	b.get("/audit?place=SQ01&prove=1").shows(200, "核对无误：8 条")
	b.get("/audit?before=nonsense&from=x&kind=%FF").shows(200, "掉进河里")
}

func TestTheAuditIsPagedAndExported(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("shen", store.RoleAuditor)
	const kiosks = auditRows*2 + 7
	ctx := store.As(t.Context(), "=lin")
	for i := range kiosks {
		o.must(o.store.PutKiosk(ctx, store.Kiosk{ID: "K" + itoa(int64(1000+i)), Name: "站" + itoa(int64(i)) + "号", Parent: "shiqiao"}))
	}
	older := regexp.MustCompile(`href="(/audit\?[^"]*before=[^"]*)"`)
	at, seen, pages := "/audit?kind=kiosk.added", 0, 0
	for at != "" {
		b.get(at).shows(200)
		pages++
		seen += strings.Count(b.body, "<tr><td")
		m := older.FindStringSubmatch(b.body)
		at = ""
		if m != nil {
			at = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if seen != kiosks || pages != 3 {
		t.Errorf("%d acts on %d pages", seen, pages)
	}
	b.shows(200, "回到最新")

	b.get("/audit.csv?kind=kiosk.added").shows(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.body, "\ufeff"))).ReadAll()
	o.must(err)
	if len(rows) != kiosks+1 || len(rows[0]) != len(auditColumns) || rows[1][1] != "'=lin" || rows[1][4] != "站"+itoa(kiosks-1)+"号" {
		t.Fatalf("%d rows: %q %q", len(rows), rows[0], rows[1])
	}
	var body store.ActBody
	o.must(json.Unmarshal([]byte(rows[1][10]), &body))
	if len(rows[1][11]) != 64 || !strings.Contains(b.header.Get("Content-Disposition"), `"audit-20261123-`) {
		t.Errorf("%q %v", rows[1], b.header)
	}
	b.get("/audit.xlsx?kind=kiosk.added").shows(200)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(b.body)))
	o.must(err)
	cells, err := book.GetRows(book.GetSheetName(0))
	o.must(err)
	if len(cells) != kiosks+1 || cells[1][1] != "=lin" || cells[0][0] != "时间" {
		t.Errorf("%d rows: %q", len(cells), cells[:min(2, len(cells))])
	}
	if formula, _ := book.GetCellFormula(book.GetSheetName(0), "B2"); formula != "" {
		t.Errorf("a name became a formula: %s", formula)
	}
	for range maxExports {
		o.server.desk.exports <- struct{}{}
	}
	b.get("/audit.csv").shows(503, "中心现在太忙")
}

// An auditor of a town reads what was done in the town.
func TestTheAuditOfATown(t *testing.T) {
	o := newOffice(t)
	ctx := store.As(t.Context(), "lin")
	o.must(o.store.PutScope(ctx, store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	o.must(o.store.PutKiosk(ctx, store.Kiosk{ID: "LH01", Name: "柳河镇益栈", Parent: "liuhe"}))
	o.must(o.store.PutKiosk(ctx, store.Kiosk{ID: "SQ01", Name: "石桥村益栈", Parent: "shiqiao"}))
	o.signedIn("lin", store.RoleOfficer)
	o.must(o.store.AddOfficer(t.Context(), "qingxi", store.RoleClerk, "liuhe", "lin")) // called like a town, and of another
	b := o.bound("shen", store.RoleAuditor, "qingxi")
	b.get("/audit").shows(200, "lin 登记 石桥村益栈", "添加工作人员 shen").hides("柳河镇", "LH01", "添加工作人员 lin", "添加工作人员 qingxi")
	b.get("/audit?place=SQ01&prove=1").shows(200, "核对无误：1 条")
	b.get("/audit?place=qingxi").shows(200, "没有这样的记录")
	b.get("/audit?place=lin").shows(403, "你的账号只管清溪镇")
	b.get("/audit?place=LH01").shows(403, "你的账号只管清溪镇")
	b.get("/audit?place="+url.QueryEscape("柳河镇益栈")).shows(200, "没有叫")
	b.get("/audit.csv?place=LH01").shows(403)
	b.get("/audit.csv").shows(200, "石桥村益栈").hides("柳河镇")
}

func FuzzAuditQuery(f *testing.F) {
	f.Add("who=lin&kind=kiosk.cap&place=SQ01&from=2026-01-01&to=2026-02-01&before=1764322000000.7.SQ01&prove=1")
	f.Add("of=people&who=lin&place=420-118-2207&prove=1")
	f.Add("from=2026-13-01&before=1.x&place=%FF&prove=1")
	f.Fuzz(func(t *testing.T, text string) {
		values, _ := url.ParseQuery(text)
		q := readAuditQuery(values)
		u, err := url.Parse(q.path("/audit"))
		if err != nil || readAuditQuery(u.Query()) != q {
			t.Errorf("%q is %+v, whose address %s says something else", text, q, q.path("/audit"))
		}
		q.asks(time.UTC, 1)
	})
}

func TestSidesOfActs(t *testing.T) {
	o := newOffice(t)
	texts := o.server.desk.texts[assets.English]
	for body, want := range map[string][3]string{
		`{}`:                                 {"", "", ""},
		`{"before":null,"after":[1,"x",""]}`: {"", "1 / x", ""},
		`{"before":{"name":"a","cap":1,"kept":true},"after":{"name":"b","cap":1,"kept":true}}`: {"name a", "name b", ""},
		`{"after":"2026-11-23T06:30:00Z"}`: {"", "2026-11-23 14:30", ""},
		`{"after":{"new":{"deep":1234}}}`:  {"", "new deep 1,234", ""},
	} {
		act := store.Act{Kind: "thing.done"}
		o.must(json.Unmarshal([]byte(body), &act.Body))
		before, after, why := o.server.desk.sides(texts, act)
		if got := [3]string{before, after, why}; got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
