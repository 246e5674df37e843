package center

import (
	"encoding/csv"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

var olderActs = regexp.MustCompile(`href="(/audit\?[^"]*before=[^"]*)"`)

// someone is a volunteer whom an officer registered.
func (o *office) someone(n byte, who, name, number, town string) ledger.ID {
	o.Helper()
	id := ledger.ID{n, 9}
	o.renamed(id, who, "person.added", store.Person{Volunteer: civic.Volunteer{ID: id, Name: name, Number: number}, Town: town})
	return id
}

// renamed changes what is known of a volunteer.
func (o *office) renamed(id ledger.ID, who, kind string, p store.Person) {
	o.Helper()
	seen := ""
	if r, err := o.store.Record(o.Context(), id); err == nil {
		seen = r.Stand
	}
	o.must(o.store.Edit(o.Context(), store.Edit{ID: id, Seen: seen, By: who, Kind: kind, To: func(v store.Person) store.Person {
		v.ID, v.Name, v.Number, v.Town = p.ID, p.Name, p.Number, p.Town
		return v
	}}))
}

func TestTheAuditOfVolunteers(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	zhang := o.someone(1, "lin", "张建伟", "420-1", "qingxi")
	li := o.someone(2, "chen", "李红芳", "420-2", "liuhe")
	o.now = o.now.Add(time.Minute)
	o.renamed(zhang, "chen", "person.changed", store.Person{Volunteer: civic.Volunteer{ID: zhang, Name: "张伟", Number: "420-1"}, Town: "qingxi"})
	e := civic.Earning{On: ledger.DayOf(o.now), Expires: ledger.DayOf(o.now) + 1000, What: "更正", Points: 50}
	o.must(o.store.EarnBy(t.Context(), li, ledger.Key{7}, e, "lin", "person.adjusted", map[string]any{"points": 50, "reason": "漏记"}))

	b := o.signedIn("shen", store.RoleAuditor)
	b.get("/audit").shows(200, "添加地方", "地方和机器", "志愿者").hides("张建伟", "积分冲正")
	b.get("/audit?of=people").shows(200, "chen 修改 张伟", "名称 张建伟", "名称 张伟", "lin 登记 张伟", "chen 登记 李红芳", "lin 更正积分 李红芳", "加 50 分：漏记", "积分冲正").hides("添加地方")
	if !strings.Contains(b.body, `href="/account/`+zhang.String()+`"`) {
		t.Error("a name leads nowhere")
	}
	b.get("/account/"+zhang.String()).shows(200, "在操作记录里看")
	if !strings.Contains(b.body, `href="/audit?of=people&amp;place=`+zhang.String()+`"`) {
		t.Error("the account does not lead to its acts")
	}
	b.get("/audit?of=people")
	if strings.Index(b.body, "<td>登记</td>") < strings.Index(b.body, "<td>修改</td>") {
		t.Error("the latest is not the first")
	}
	b.get("/audit?of=people&who=lin").shows(200, "lin 登记 张伟").hides("chen 修改", "chen 登记")
	b.get("/audit?of=people&kind=person.changed").shows(200, "chen 修改 张伟").hides("登记 张伟")
	b.get("/audit?of=people&who=chen&kind=person.added").shows(200, "chen 登记 李红芳").hides("修改 张伟")
	b.get("/audit?of=people&to=2026-11-22").shows(200, "没有这样的记录")
	b.get("/audit?of=people&from=2026-11-23&to=2026-11-23").shows(200, "lin 登记 张伟")
	b.get("/audit?of=people&place="+url.QueryEscape("李红芳")).shows(200, "chen 登记 李红芳").hides("张伟")
	b.get("/audit?of=people&place=420-1").shows(200, "lin 登记 张伟").hides("李红芳")
	b.get("/audit?of=people&place=nobody").shows(200, "“nobody”找不到")
	b.get("/audit?of=people&prove=1&place="+zhang.String()).shows(200, "核对无误：2 条", "核对此人的记录")
	b.get("/audit?place="+zhang.String()).shows(200, "没有叫")

	b.get("/audit.csv?of=people&kind=person.added").shows(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.body, "\ufeff"))).ReadAll()
	o.must(err)
	if len(rows) != 3 || rows[0][4] != "志愿者" || rows[1][4] != "李红芳" || rows[1][5] != li.String() || rows[2][4] != "张伟" || len(rows[2][11]) != 64 {
		t.Errorf("%q", rows)
	}
	b.get("/audit.xlsx?of=people").shows(200)

	town := o.bound("qing", store.RoleAuditor, "qingxi")
	town.get("/audit?of=people").shows(200, "lin 登记 张伟", "chen 修改 张伟").hides("李红芳", "更正积分 李")
	town.get("/audit.csv?of=people").shows(200, "张伟").hides("李红芳")
	town.get("/audit?of=people&place="+li.String()).shows(403, "你的账号只管清溪镇")
	town.get("/audit.csv?of=people&place=" + li.String()).shows(403)
	town.get("/audit?of=people&place="+url.QueryEscape("李红芳")).shows(200, "找不到")
}

// Pages are the whole list, each act once, for the center and for a town, which is
// told how far back was looked when that was not to the end.
func TestTheAuditOfVolunteersIsPaged(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	zhang := store.Person{Volunteer: civic.Volunteer{ID: o.someone(1, "lin", "张建伟", "1", "qingxi"), Name: "张建伟", Number: "1"}, Town: "qingxi"}
	li := store.Person{Volunteer: civic.Volunteer{ID: o.someone(2, "lin", "李红芳", "2", "liuhe"), Name: "李红芳", Number: "2"}, Town: "liuhe"}
	const each = auditRows + 10
	for i := range each {
		for _, p := range []store.Person{zhang, li} {
			p.Name += itoa(int64(i % 2))
			o.renamed(p.ID, "lin", "person.changed", p)
		}
	}
	read := func(b *browser, at string) (acts, pages int) {
		for ; at != ""; pages++ {
			b.get(at).shows(200)
			acts += strings.Count(b.body, "<tr><td")
			m := olderActs.FindStringSubmatch(b.body)
			if at = ""; m != nil {
				at = html.UnescapeString(m[1])
			}
		}
		return acts, pages
	}
	whole, town := o.signedIn("shen", store.RoleAuditor), o.bound("qing", store.RoleAuditor, "qingxi")
	if acts, pages := read(whole, "/audit?of=people"); acts != 2*each+2 || pages != 3 {
		t.Errorf("%d acts on %d pages of the center", acts, pages)
	}
	if acts, pages := read(town, "/audit?of=people"); acts != each+1 || pages != 2 {
		t.Errorf("%d acts on %d pages of a town", acts, pages)
	}
	for i := range maxActsLooked {
		li.Name = "李红芳" + itoa(int64(i%2))
		o.renamed(li.ID, "chen", "person.changed", li)
	}
	town.get("/audit?of=people").shows(200, "往回看到 2026-11-23").hides("没有这样的记录")
	if acts, _ := read(town, "/audit?of=people"); acts != each+1 {
		t.Errorf("%d acts of a town behind those of others", acts)
	}
	town.get("/audit.csv?of=people").shows(200)
	if n := strings.Count(town.body, zhang.ID.String()); n != each+1 {
		t.Errorf("%d acts in the file of a town", n)
	}
}
