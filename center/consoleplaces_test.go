package center

import (
	"html"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

func TestThePlacesAreListedDownTheTree(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	for _, e := range []store.PlaceEdit{{ID: "liuhe", Name: "柳河镇", Parent: "center", Place: civic.Place{Kind: civic.PlaceTown, Leader: "王强"}},
		{ID: "liushu", Name: "柳树村", Parent: "liuhe", Place: civic.Place{Kind: civic.PlaceVillage}}} {
		o.must(o.store.EditPlace(t.Context(), e))
	}
	b.get("/places").shows(200, "青禾县中心 center – – – 4 1", "柳河镇 liuhe 实践所 王强 – 1 –", "石桥村 shiqiao – – – – 1")
	if at, below := strings.Index(b.body, "柳河镇"), strings.Index(b.body, "柳树村"); at < 0 || below < at {
		t.Error("柳树村 does not stand behind 柳河镇")
	}
	b.get("/places?q=王强").shows(200, "柳河镇", "青禾县中心").hides("柳树村", "石桥村 shiqiao")
	b.get("/places?show=village").shows(200, "柳树村 liushu · 柳河镇").hides("石桥村 shiqiao")
	b.get("/places?at=qingxi").shows(200, "石桥村", "看全部").hides("柳树村")
	b.get("/places?sort=name&page=99").shows(200, "石桥村")
	o.bound("chen", store.RoleOfficer, "qingxi").get("/places").shows(200, "石桥村").hides("柳河镇")
}

var hiddenSeen = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

func (b *browser) seen() string {
	b.Helper()
	m := hiddenSeen.FindStringSubmatch(b.body)
	if m == nil {
		b.Fatalf("no form: %s", visible(b.body))
	}
	return m[1]
}

func TestAPlaceIsChangedByTwo(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	b.get("/place/shiqiao").shows(200, "石桥村益栈")
	form := []string{"seen", b.seen(), "name", "石桥村", "parent", "qingxi", "kind", "village", "leader", "李芳", "phone", "0713-5551234", "position", "114.87,30.45",
		"venues", "图书室：阅读、宣讲\r\n广场", "platforms", "理论宣讲：县委宣传部；县委党校\n爱心助老：县民政局"}
	for field, typed := range map[string]string{"name": "", "kind": "county", "leader": "李芳 13800138000", "position": "30.45", "venues": "：阅读", "platforms": "Theory\ntheory", "parent": "nowhere"} {
		b.post("/place/shiqiao", with(form, field, typed)...).shows(422)
		if typed != "" && field != "parent" && field != "kind" && !strings.Contains(html.UnescapeString(b.body), strings.Split(typed, "\n")[0]) {
			t.Errorf("%s: what was typed is gone", field)
		}
	}
	b.post("/place/shiqiao", form...).shows(200, "保存好了", "实践站", "图书室 阅读 宣讲", "理论宣讲 县委宣传部 县委党校", "爱心助老 县民政局")
	p, err := o.store.Place(t.Context(), "shiqiao")
	o.must(err)
	want := civic.Place{Kind: civic.PlaceVillage, Leader: "李芳", Phone: "0713-5551234", Position: civic.Position{North: 30_450_000, East: 114_870_000},
		Venues:    []civic.Venue{{Name: "图书室", Functions: []string{"阅读", "宣讲"}}, {Name: "广场"}},
		Platforms: []civic.Platform{{Code: "theory", Lead: "县委宣传部", Members: []string{"县委党校"}}, {Name: "爱心助老", Lead: "县民政局"}}}
	if !reflect.DeepEqual(p.Place, want) {
		t.Errorf("%+v", p.Place)
	}
	b.post("/place/shiqiao", with(form, "leader", "王强")...).shows(409, "lin", "现在是：李芳")
	b.post("/place/shiqiao", with(form, "leader", "王强", "seen", b.seen())...).shows(200, "保存好了")
	if !strings.Contains(b.body, `value="王强"`) {
		t.Errorf("the form does not show what was saved: %s", visible(b.body))
	}
	b.post("/place/shiqiao", with(form, "seen", "")...).shows(400)

	o.must(o.store.EditPlace(t.Context(), store.PlaceEdit{ID: "liuhe", Name: "柳河镇", Parent: "center"}))
	b.get("/place/shiqiao")
	b.post("/place/shiqiao", with(form, "seen", b.seen(), "parent", "liuhe")...).shows(200, "柳河镇") // no box there yet
	o.box("SQ01")
	b.post("/place/shiqiao", with(form, "seen", b.seen(), "parent", "qingxi")...).shows(422, "已有终端机在用")
	b.get("/place/center").shows(200, "下级 3 个")
	b.post("/place/center", "seen", b.seen(), "name", "青禾县中心", "parent", "qingxi").shows(400)
	b.get("/place/center")
	b.post("/place/center", "seen", b.seen(), "name", "青禾县实践中心", "parent", "").shows(200, "保存好了", "青禾县实践中心")
	b.get("/place/nowhere").shows(404)
	o.signedIn("zhao", store.RoleAuditor).get("/place/shiqiao").shows(200, "负责人 李芳", "图书室").hides("保存")

	chen := o.bound("chen", store.RoleOfficer, "qingxi")
	chen.get("/place/center").shows(403)
	chen.get("/place/qingxi").shows(200)
	chen.post("/place/qingxi", "seen", chen.seen(), "name", "清溪镇", "parent", "liuhe").shows(403)
	chen.get("/place/qingxi")
	chen.post("/place/qingxi", "seen", chen.seen(), "name", "清溪乡", "parent", "center").shows(200, "保存好了", "清溪乡")
}

// sendList posts a file of places.
func (b *browser) sendList(name, text string) *browser {
	b.Helper()
	return b.sendFileAs("/placelist", name, []byte(text))
}

var hiddenList = regexp.MustCompile(`name="list" value="([^"]*)"`)

func (b *browser) confirms() *browser {
	b.Helper()
	m := hiddenList.FindStringSubmatch(b.body)
	if m == nil {
		b.Fatalf("no list: %s", visible(b.body))
	}
	return b.post("/placelist", "list", html.UnescapeString(m[1]))
}

func TestAListOfPlacesIsLookedAtAndWritten(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.sendList("a.pdf", "%PDF-1.7").shows(422, "这个文件不能用", "还没有写入任何东西")
	list := `编码,名称,上级,级别,负责人,坐标
liushu,柳树村,柳河镇,村,,
liuhe,柳河镇,center,镇,王强,
qingxi,清溪镇,,镇,李芳,
shiqiao,石桥村,qingxi,,,
SQ01,石桥,qingxi,村,,
nobody,无主村,不存在镇,村,,
odd,怪村,qingxi,洲,,
far,远村,qingxi,村,,1 2
`
	b.sendList("places.csv", list).shows(200, "3 个要添加", "1 个要修改", "1 个没有变化", "3 行不能用", "还没有写入任何东西", "第 7 行 无主村 nobody", "第 8 行 怪村", "第 9 行 远村")
	if all, err := o.store.AllScopes(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("looking has written: %+v, %v", all, err)
	}
	looked := b.body
	b.confirms().shows(200, "写入好了", "柳河镇 liuhe 实践所 王强", "清溪镇 qingxi 实践所 李芳")
	b.body = looked
	b.confirms().shows(200, "写入好了") // once more, as a key pressed twice
	p, err := o.store.Place(t.Context(), "liushu")
	o.must(err)
	if p.Parent != "liuhe" || p.Kind != civic.PlaceVillage {
		t.Errorf("%+v", p)
	}

	b.sendList("places.csv", "编码,名称,负责人\nliushu,柳树村,赵六\n").shows(200, "1 个要修改")
	o.must(o.store.EditPlace(store.As(t.Context(), "chen"), store.PlaceEdit{ID: "liushu", Seen: p.Stand, Name: "柳树新村", Parent: "liuhe", Place: p.Place}))
	b.confirms().shows(200, "有 1 行没有写入", "别人刚改过")

	file := b.get("/places.xlsx")
	if file.code != 200 || !strings.Contains(file.header.Get("Content-Disposition"), "places-20261123") {
		t.Errorf("%d %v", file.code, file.header)
	}
	b.sendList("places.xlsx", file.body).shows(200, "0 个要添加，0 个要修改，6 个没有变化，0 行不能用", "没有可写入的行")

	chen := o.bound("chen", store.RoleOfficer, "qingxi")
	chen.sendList("places.csv", "编码,名称,上级\nliushu,柳树村,qingxi\nnew,新村,qingxi\nqingxi,清溪镇,\n").shows(200, "1 个要添加", "是你管的范围以外的")
	chen.confirms().shows(200, "新村")
	forged := `[{"ID":"qingxi","Name":"清溪镇","Parent":"liuhe","Word":"changed","Seen":"x"}]`
	chen.post("/placelist", "list", forged).shows(403)
	chen.post("/placelist", "list", strings.Replace(forged, "qingxi", "liuhe", 1)).shows(403)
	chen.post("/placelist", "list", strings.Replace(forged, `"qingxi","Name":"清溪镇"`, `"n2","Name":"新"`, 1)).shows(403)
	chen.post("/placelist", "list", "{").shows(400)
}
