package center

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/ledger"
)

var (
	formAction = regexp.MustCompile(`action="(/(?:volunteer|adjust)/[0-9a-zA-Z]+)"`)
	formField  = regexp.MustCompile(`<input [^>]*name="([a-z-]+)"[^>]* value="([^"]*)"`)
	formChoice = regexp.MustCompile(`(?s)<select id="([a-z_]+)" name.*?</select>`)
	formTick   = regexp.MustCompile(`<input type="checkbox" name="([a-z]+)" value="([^"]*)" checked>`)
	formChosen = regexp.MustCompile(`value="([^"]*)" selected`)
)

// form is the form of the page that is shown, with what stands in it.
func (b *browser) form() (action string, fields map[string]string) {
	b.Helper()
	m := formAction.FindStringSubmatch(b.body)
	if m == nil {
		b.Fatalf("no form on the page: %s", visible(b.body))
	}
	body := b.body[strings.Index(b.body, m[0]):]
	fields = make(map[string]string)
	for _, f := range formField.FindAllStringSubmatch(body, -1) {
		if !strings.Contains(f[0], `type="checkbox"`) {
			fields[f[1]] = html.UnescapeString(f[2])
		}
	}
	for _, choice := range formChoice.FindAllStringSubmatch(body, -1) {
		if c := formChosen.FindStringSubmatch(choice[0]); c != nil {
			fields[choice[1]] = c[1]
		}
	}
	return m[1], fields
}

// ticks are the boxes that are ticked on the page.
func (b *browser) ticks(form url.Values) {
	for _, f := range formTick.FindAllStringSubmatch(b.body, -1) {
		form.Add(f[1], f[2])
	}
}

// fills changes fields of the form and sends it.
func (b *browser) fills(pairs ...string) *browser {
	b.Helper()
	action, fields := b.form()
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	form := url.Values{}
	b.ticks(form)
	for name, value := range fields {
		form.Set(name, value)
	}
	return b.send("POST", action, form)
}

// account is the volunteer whose page is shown.
func (b *browser) account() ledger.ID {
	b.Helper()
	path, _, _ := strings.Cut(strings.TrimPrefix(b.at, "/account/"), "?")
	id, err := ledger.ParseID(path)
	if err != nil {
		b.Fatalf("%s is no account: %v", b.at, err)
	}
	return id
}

func TestAVolunteerIsRegistered(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	for _, c := range []struct {
		field, typed, says string
	}{
		{"name", "", "请填一个人的姓名"}, {"name", "张伟 13800138000", "请填一个人的姓名"}, {"name", "张伟、李芳", "请填一个人的姓名"}, {"name", strings.Repeat("长", 51), "请填一个人的姓名"},
		{"number", "42 0!", "编号只能有"}, {"number", "11010119900307889X", "编号只能有"}, {"phone", "1380013800", "手机号要 11 位"}, {"idnumber", "110101199003077750", "证件号不对"},
		{"town", "", "请选一个乡镇"}, {"town", "nowhere", "请选一个乡镇"}, {"home", "SQ99", "没有这台机器"}, {"number", "", "至少填一样"},
	} {
		fields := map[string]string{"name": "张 伟", "number": "v-001", "phone": "138 0013 8000", "town": "qingxi", "home": "SQ01"}
		fields[c.field] = c.typed
		var pairs []string
		for name, value := range fields {
			pairs = append(pairs, name, value)
		}
		b.get("/volunteer").fills(pairs...).shows(422, c.says)
		if _, kept := b.form(); kept["phone"] != fields["phone"] || kept["name"] != fields["name"] || c.field != "town" && kept["town"] != "qingxi" {
			t.Errorf("%s %q: what was typed is gone: %v", c.field, c.typed, kept)
		}
	}
	id := b.get("/volunteer").fills("name", "张 伟", "number", "v-001", "phone", "138 0013 8000", "idnumber", "11010119900307889x", "town", "qingxi", "home", "SQ01").
		shows(200, "登记好了", "张伟", "编号 V-001", "手机尾号 8000", "清溪镇", "常去石桥村益栈", "登记 lin").account()
	r, err := o.store.Record(t.Context(), id)
	o.must(err)
	if r.Initials != "zw" || r.Phone != civic.HashPhone(o.keys.Phone, "13800138000") || len(r.Keys) != 2 {
		t.Errorf("%+v", r)
	}
	b.get("/volunteers?q=zw").shows(200, "积分明细", "张伟")
	b.get("/volunteer").fills("name", "李芳", "number", "V-001", "town", "qingxi").shows(422, "已经是别人的", "看张伟的资料")
	b.get("/volunteer").fills("name", "李芳", "idnumber", "11010119900307889X", "town", "qingxi").shows(422, "已经是别人的", "看张伟的资料")
	// Whoever types another record's number into one that is there has found a duplicate.
	zhangs := o.volunteer(5, "张伟", "V-005", "SQ01", 10)
	b.get("/volunteer/"+zhangs.String()).fills("idnumber", "11010119900307889X").shows(422, "已经是别人的", "是同一个人：比一比，合并").links("/merge/" + id.String() + "/" + zhangs.String() + `">是同一个人：比一比，合并`)
	// Nothing of a number is kept that could be read.
	for _, act := range o.personActs(id) {
		if text := string(act.Body.After); strings.Contains(text, "13800138000") || strings.Contains(text, "11010119900307889") || strings.Contains(text, fmt.Sprintf("%x", r.Phone)) {
			t.Errorf("an act says %s", text)
		}
	}
	// A list knows the person again by either number.
	if key := issuer.PersonKeys(o.keys.Signer.Seed(), "", "11010119900307889X")[0]; !issuer.IsIDKey(key) {
		t.Errorf("%v", key)
	} else if p, err := o.store.ByKey(t.Context(), key); err != nil || p.ID != id {
		t.Errorf("%+v %v", p, err)
	}
}

func (o *office) personActs(id ledger.ID) []store.Act {
	o.Helper()
	acts, err := o.store.PersonActs(o.Context(), id, 0, 20)
	o.must(err)
	return acts
}

// A form that was sent twice makes one volunteer.
func TestAKeyPressedTwice(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/volunteer")
	action, _ := b.form()
	form := []string{"name", "张伟", "number", "V1", "town", "qingxi"}
	b.post(action, form...).shows(200, "登记好了")
	b.post(action, form...).shows(200, "登记好了")
	b.post(action, "name", "李芳", "number", "V1", "town", "qingxi").shows(409, "别人改过这份资料")
	if acts := o.personActs(b.get("/volunteers?q=V1").account()); len(acts) != 1 {
		t.Errorf("%+v", acts)
	}
}

func TestTwoOfficersOverwriteNothing(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	lin, chen := o.signedIn("lin", store.RoleOfficer), o.signedIn("chen", store.RoleOfficer)
	id := o.volunteer(1, "张建伟", "420-118", "", 500)
	path := "/volunteer/" + id.String()
	lin.get(path).shows(200, "修改资料", "现在的尾号是 4412")
	chen.get(path)
	o.volunteer(1, "张建伟", "420-118", "", 500) // points that come meanwhile are no change
	lin.fills("number", "420-119", "home", "SQ01", "phone", "13900139000").shows(200, "改好了", "编号 420-119", "编号 420-118 → 420-119")

	chen.fills("name", "张建卫", "number", "420-120").shows(409, "别人改过这份资料", "lin，", "编号 : 420-118 → 420-119", "您填的“420-120”还在下面", "石桥村益栈. 下面已经换成新的")
	if _, kept := chen.form(); kept["name"] != "张建卫" || kept["number"] != "420-120" || kept["home"] != "SQ01" || kept["phone"] != "" {
		t.Errorf("%v", kept)
	}
	chen.fills("number", "420-119").shows(200, "改好了", "张建卫", "编号 420-119", "常去石桥村益栈", "手机尾号 9000")

	lin.get(path).shows(200)
	chen.get(path).fills("nophone", "yes").shows(200, "改好了").hides("手机尾号 9000 ·")
	lin.fills("name", "张健卫").shows(409, "这里不显示")
	lin.fills().shows(200, "张健卫")
	r, err := o.store.Record(t.Context(), id)
	o.must(err)
	if r.Tail != "" || !r.Phone.IsZero() || len(r.Keys) != 1 {
		t.Errorf("%+v", r)
	}
	report, err := o.store.Verify(t.Context())
	o.must(err)
	if !report.OK() {
		t.Errorf("%+v", report.Findings)
	}
	shen := o.signedIn("shen", store.RoleAuditor)
	shen.get(path).shows(403)
	shen.get(accountPath(id)).shows(200).hides("修改资料")
	shen.get("/volunteers").shows(200).hides("登记志愿者")
	lin.get("/volunteer/nonsense").shows(404)
	lin.get("/volunteer/" + ledger.ID{9}.String()).shows(404)
}

func TestTheListOfVolunteers(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/volunteers").shows(200, "还没有志愿者")
	o.kiosk("SQ01", "石桥村益栈")
	for i := range store.MaxFound + 2 {
		home := ""
		if i%2 == 0 {
			home = "SQ01"
		}
		o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: ledger.ID{byte(i), 1}, Name: fmt.Sprintf("张%02d", i), Initials: "z", Number: fmt.Sprintf("N%02d", 99-i)}, Town: "qingxi", Home: home}))
	}
	b.get("/volunteers").shows(200, "张00 N99", "清溪镇 石桥村益栈", "下一页").hides("回到第一页", "张50", "张51")
	next := regexp.MustCompile(`href="(/volunteers\?after=[^"]*)"`).FindStringSubmatch(b.body)
	b.get(next[1]).shows(200, "张50", "张51", "回到第一页").hides("张49", "下一页")
	b.get("/volunteers?sort=number").shows(200, "张51 N48").hides("张01")
	b.get("/volunteers?in=SQ01").shows(200, "张00", "张50").hides("张01")
	b.get("/volunteers?in=qingxi&q=z").shows(200, "张00", "张49", "下一页").hides("张50")
	b.get("/volunteers?in=center").shows(200, "还没有志愿者")
	b.get("/volunteers?q=N55").shows(200, "积分明细", "张44")
}

func FuzzVolunteersQuery(f *testing.F) {
	f.Add("q=z&in=SQ01&sort=number&after=0x.ff")
	f.Add("q=%FF&after=" + strings.Repeat("9", 700))
	f.Fuzz(func(t *testing.T, text string) {
		values, _ := url.ParseQuery(text)
		q := readVolunteersQuery(values)
		u, err := url.Parse(q.path())
		if err != nil || readVolunteersQuery(u.Query()) != q {
			t.Errorf("%q is %+v, whose address %s says something else", text, q, q.path())
		}
	})
}
