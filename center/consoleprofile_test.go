package center

import (
	"net/url"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

// National fields are chosen by name, kept as codes, and shown by name; who saves
// second is told what the first one did to them.
func TestNationalFields(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/volunteer").shows(200, "国家系统要的资料", "汉族", "医疗急救", "星期六上午", "退（离）休人员")
	form := []string{"name", "王五", "number", "D1", "town", "qingxi", "phone", "13800138000", "idnumber", "11010519491231002X", "was-profile", "{}",
		"sex", "2", "nation", "01", "education", "20", "skills", "01", "times", "16", "area", "石桥村 3 组", "kinds", "助老、环保"}
	b.get("/volunteer")
	at := b.body[strings.Index(b.body, `action="/volunteer/`)+len(`action="`):]
	at = at[:strings.Index(at, `"`)]
	b.post(at, with(form, "kinds", "a、b、c、d、e")...).shows(422, "最多 4 项")
	b.post(at, with(form, "area", "电话 13800138000")...).shows(422, "最多 60 个字")
	b.post(at, form...).shows(200, "王五", "性别 女", "民族 汉族", "学历 大学本科", "居住区域 石桥村 3 组", "服务类别 助老、环保", "空闲时间 星期六上午", "技能 医疗急救")
	p := o.numbered("D1")
	want := civic.Profile{Sex: "2", Nation: "01", Education: "20", Skills: []string{"01"}, Times: []string{"16"}, Area: "石桥村 3 组", Kinds: []string{"助老", "环保"}}
	if !p.Profile.Equal(want) {
		t.Errorf("%+v", p.Profile)
	}
	if n, ok := o.server.desk.safe.open(p.ID, p.Sealed); !ok || n != (numbers{"11010519491231002X", "13800138000"}) {
		t.Errorf("%+v, %t", n, ok)
	}
	doc, err := o.store.Documents(t.Context(), "qingxi", store.KindVolunteer, []string{p.ID.String()})
	o.must(err)
	if v := doc[0].Volunteer; v == nil || v.Version != p.Version {
		t.Errorf("%+v", v)
	}

	// Two change it at once: fields that the second did not touch become the first's.
	b.get(at)
	_, fields := b.form()
	mine := url.Values{}
	b.ticks(mine)
	for name, value := range fields {
		mine.Set(name, value)
	}
	o.signedIn("chen", store.RoleClerk).get(at).fills("sex", "1", "nation", "03").shows(200, "性别 男", "民族 回族")
	mine.Set("nation", "05")
	b.send("POST", at, mine).shows(409, "chen", "性别 : 女 → 男", "民族 : 汉族 → 回族", "维吾尔族")
	if p := o.numbered("D1"); p.Profile.Sex != "1" || p.Profile.Nation != "03" {
		t.Errorf("%+v", p.Profile)
	}
	b.fills().shows(200, "性别 男", "民族 维吾尔族", "技能 医疗急救")
	b.get(at).fills("nophone", "yes").shows(200)
	if n, _ := o.server.desk.safe.open(p.ID, o.numbered("D1").Sealed); n.Phone != "" || n.IDNumber == "" {
		t.Errorf("%+v", n)
	}
	if p2 := o.numbered("D1"); p2.Tail != "" {
		t.Errorf("%+v", p2)
	}
}
