package center

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// sends sends a list, and follows where the answer leads.
func (b *browser) sends(name, list string, pairs ...string) *browser {
	b.Helper()
	if b.uploads("/import", "file", name, []byte(list), pairs...); b.code == http.StatusSeeOther {
		return b.get(b.header.Get("Location"))
	}
	return b
}

// imports sends a list, looks at it and brings it in; it returns the page's address.
func (b *browser) imports(name, list string, pairs ...string) string {
	b.Helper()
	b.sends(name, list, pairs...).shows(200)
	b.work()
	b.get(b.at).shows(200, "导入以后会这样")
	b.post(b.at).shows(200)
	b.work()
	b.get(b.at).shows(200)
	return b.at
}

// person finds a volunteer by number.
func (o *office) numbered(number string) store.Person {
	o.Helper()
	p, err := o.store.ByKey(o.Context(), issuer.PersonKeys(o.keys.Signer.Seed(), number, "")[0])
	o.must(err)
	return p
}

const rosterText = "姓名,志愿者编号,证件号码,手机,性别,民族,积分\n" +
	"张建伟,A001,11010519491231002X,13800138000,男,汉族,120\n" +
	"李红,A002,,13900139000,女,01,50\n" +
	"王五,A003,110105194912310021,,,,\n"

// A list is looked at, brought in, and undone as a whole.
func TestAListIsImportedAndUndone(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/import").shows(200, "先选文件看一看", "清溪镇", "石桥村益栈")
	b.sends("名单.csv", rosterText).shows(422, "请选一个地方")
	b.sends("名单.doc", rosterText, "town", "qingxi").shows(422, "只收 xlsx")
	b.sends("名单.csv", rosterText, "town", "qingxi", "home", "SQ09").shows(422, "没有这台机器")
	b.sends("", rosterText, "town", "qingxi").shows(422, "请选一个文件")

	b.sends("名单.csv", rosterText, "town", "qingxi", "home", "SQ01").shows(200, "排队", "名单.csv", "清溪镇", "石桥村益栈")
	look := b.at
	o.work()
	b.get(look).shows(200, "还什么都没有登记", "新登记 2", "没收下 1", "积分 170", "张建伟", "A002", "校验位", "导入")
	if _, err := o.store.ByKey(t.Context(), issuer.PersonKeys(o.keys.Signer.Seed(), "A001", "")[0]); err == nil {
		t.Error("looking has registered somebody")
	}
	b.get("/job/" + strings.TrimPrefix(look, "/import/") + "/file/rejected.xlsx").shows(200)
	path := filepath.Join(t.TempDir(), "rejected.xlsx")
	o.must(os.WriteFile(path, []byte(b.body), 0o600))
	_, err := sheet.ReadRoster(t.Context(), path, func(p sheet.Person) error { return fmt.Errorf("%v is taken", p) }, func(r sheet.Rejection) error {
		if !strings.Contains(strings.Join(r.Header, ","), "原因") || r.Cells[0] != "王五" {
			t.Errorf("%+v", r)
		}
		return nil
	})
	o.must(err)

	b.get(look)
	b.post(look).shows(200, "排队")
	o.work()
	b.get(b.at).shows(200, "做完了", "新登记 2", "撤销这次导入")
	done := b.at
	zhang := o.numbered("A001")
	if zhang.Town != "qingxi" || zhang.Home != "SQ01" || zhang.Tail != "8000" || zhang.Profile.Sex != "1" || zhang.Profile.Nation != "01" {
		t.Errorf("%+v", zhang)
	}
	if n, ok := o.server.desk.safe.open(zhang.ID, zhang.Sealed); !ok || n != (numbers{"11010519491231002X", "13800138000"}) {
		t.Errorf("%+v, %t", n, ok)
	}
	if bytes.Contains(zhang.Sealed, []byte("110105")) {
		t.Error("the number lies open")
	}

	// The same again is nothing; a change says what becomes what.
	b.sends("名单.csv", rosterText, "town", "qingxi")
	o.work()
	b.get(b.at).shows(200, "新登记 0", "有变化 0", "一样 2", "没有要登记的")
	second := b.imports("新.csv", "姓名,志愿者编号,性别,积分\n张大伟,A001,男,150\n", "town", "qingxi")
	b.get(second).shows(200, "有变化 1", "积分 30")
	if p := o.numbered("A001"); p.Name != "张大伟" || p.Home != "SQ01" || p.Profile.Nation != "01" {
		t.Errorf("%+v", p)
	}

	// Undone: the second import is put back, the first one closed but for whom the
	// second had touched.
	b.get(second+"/undo").shows(200, "接下来会这样", "1 人：改回原来的样子", "30 分收回")
	b.post(second+"/undo").shows(200, "撤销一次导入")
	o.work()
	b.get(b.at).shows(200, "做完了", "改回去的人 1", "要收回的积分 30", "已经收回 30")
	if p := o.numbered("A001"); p.Name != "张建伟" {
		t.Errorf("%+v", p)
	}
	b.get(second).shows(200, "撤销过了").hides("撤销这次导入")
	b.get(second + "/undo").shows(409)
	b.get(done+"/undo").shows(200, "2 人：之后什么都没发生的会注销", "170 分收回")
	b.post(done + "/undo")
	o.work()
	b.get(b.at).shows(200, "注销的人 1", "留下的人 1", "要收回的积分 170", "已经收回 170", "没能改回去的人")
	b.get(b.at + "/file/remains.xlsx").shows(200)
	if _, err := o.store.ByKey(t.Context(), issuer.PersonKeys(o.keys.Signer.Seed(), "A002", "")[0]); err == nil {
		t.Error("somebody who was closed is found")
	}
	b.get("/volunteers").shows(200, "张建伟").hides("李红")
	b.get("/audit").shows(200, "导入名单", "撤销导入", "名单.csv")

	// The right list comes in afterwards, points and all.
	b.imports("对.csv", "姓名,志愿者编号,积分\n李红,A002,60\n张建伟,A001,120\n", "town", "qingxi")
	for number, points := range map[string]ledger.Points{"A001": 120, "A002": 60} {
		a, err := o.store.Account(t.Context(), o.numbered(number).ID)
		o.must(err)
		var sum ledger.Points
		for _, l := range a.Lots {
			sum += l.Earned
		}
		if sum != points {
			t.Errorf("%s: %d points", number, sum)
		}
	}
	r, err := o.store.Verify(t.Context())
	o.must(err)
	for _, f := range r.Findings {
		t.Errorf("%s: %s", f.Where, f.What)
	}
}

// A town's officer brings in the town's people and changes nobody else's.
func TestATownImportsItsOwn(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	lin := o.signedIn("lin", store.RoleOfficer)
	lin.imports("a.csv", "姓名,志愿者编号,积分\n赵六,B001,10\n", "town", "liuhe")
	chen := o.bound("chen", store.RoleClerk, "qingxi")
	chen.get("/import").shows(200, "清溪镇").hides("柳河镇")
	chen.sends("a.csv", "姓名,志愿者编号\n赵六,B001\n", "town", "liuhe").shows(422, "请选一个地方")
	chen.sends("a.csv", "姓名,志愿者编号\n赵六六,B001\n钱七,B002\n", "town", "qingxi")
	o.work()
	chen.get(chen.at).shows(200, "新登记 1", "没收下 1", "不归您管")
	list := chen.at
	chen.post(list)
	o.work()
	if p := o.numbered("B001"); p.Name != "赵六" || p.Town != "liuhe" {
		t.Errorf("%+v", p)
	}
	// Whoever has lost the power meanwhile imports no more.
	chen.sends("a.csv", "姓名,志愿者编号\n孙八,B003\n", "town", "qingxi")
	o.must(o.store.DisableOfficer(t.Context(), "chen", true, "lin"))
	o.work()
	lin.get(chen.at).shows(200, "没有这个权限")
	// Moving is asked for.
	lin.imports("a.csv", "姓名,志愿者编号\n赵六,B001\n", "town", "qingxi", "move", "yes")
	if p := o.numbered("B001"); p.Town != "qingxi" {
		t.Errorf("%+v", p)
	}
	lin.sends("a.xlsx", "不是表格", "town", "qingxi")
	o.work()
	lin.get(lin.at).shows(200, "不能当名单读")
	lin.post(lin.at).shows(200)
	_ = civic.Profile{}
}

// What is exported can be imported again, and changes nothing.
func TestAnExportIsAListAgain(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	b := o.signedIn("lin", store.RoleOfficer)
	b.imports("a.csv", "姓名,志愿者编号,证件号码,手机,性别,民族,学历,职业,空闲时间,技能,服务类别,区域,积分,时长\n"+
		"张建伟,A001,11010519491231002X,13800138000,男,汉族,本科,农民,星期六上午、17,医疗急救,助老、环保,石桥村,120,3\n李红,A002,,,女,,,,,,,,,\n", "town", "qingxi", "home", "SQ01")
	b.imports("b.csv", "姓名,志愿者编号,积分\n=赵六,B001,7\n钱七,B002,7\n", "town", "liuhe")
	export := func(b *browser, pairs ...string) string {
		t.Helper()
		b.post("/export", pairs...).shows(200, "导出志愿者")
		o.work()
		b.get(b.at).shows(200, "做完了", "志愿者（Excel）")
		b.get(b.at + "/file/" + exportFileName).shows(200)
		return b.body
	}
	whole := export(b)
	path := filepath.Join(t.TempDir(), "all.xlsx")
	o.must(os.WriteFile(path, []byte(whole), 0o600))
	var names []string
	_, err := sheet.ReadRoster(t.Context(), path, func(p sheet.Person) error {
		if names = append(names, p.Name); p.IDNumber != "" || p.Phone != "" {
			t.Errorf("%+v", p)
		}
		return nil
	}, func(r sheet.Rejection) error { t.Errorf("%+v", r); return nil })
	o.must(err)
	if fmt.Sprint(names) != "[张建伟 李红 钱七]" {
		t.Errorf("%v", names)
	}
	b.sends("all.xlsx", whole, "town", "qingxi")
	o.work()
	b.get(b.at).shows(200, "新登记 0", "有变化 0", "一样 3", "没收下 0")

	// A filter is kept, and a town has its town.
	if some := export(b, "in", "liuhe"); some == whole {
		t.Error("the filter is not kept")
	}
	chen := o.bound("chen", store.RoleClerk, "liuhe")
	o.must(os.WriteFile(path, []byte(export(chen)), 0o600))
	names = nil
	_, err = sheet.ReadRoster(t.Context(), path, func(p sheet.Person) error { names = append(names, p.Name); return nil }, func(sheet.Rejection) error { return nil })
	o.must(err)
	if fmt.Sprint(names) != "[钱七]" {
		t.Errorf("%v", names)
	}
	chen.post("/export", "in", "qingxi").shows(403)
	o.must(os.WriteFile(path, []byte(export(b, "in", "SQ01")), 0o600))
	b.get("/audit").shows(200, "导出志愿者")
	o.signedIn("tech", store.RoleTechnician).post("/export").shows(403)
}
