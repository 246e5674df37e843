package center

import (
	"regexp"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

var (
	memberForm = regexp.MustCompile(`action="(/member/[^"]+)"`)
	formWas    = regexp.MustCompile(`name="was" value="(\d+)"`)
	sixDigits  = regexp.MustCompile(`class="holder">(\d{6})<`)
)

// memberAt is where the form on the page goes, and what it began with.
func (b *browser) memberAt() (path, was string) {
	b.Helper()
	form, seen := memberForm.FindStringSubmatch(b.body), formWas.FindStringSubmatch(b.body)
	if form == nil || seen == nil {
		b.Fatalf("no form: %s", visible(b.body))
	}
	return form[1], seen[1]
}

func TestStaffOfKiosksGetTheirCards(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	b.get("/staff").shows(200, "还没有人", "先在上面选一个地方")
	path, was := b.get("/member/SQ01").memberAt()
	for field, typed := range map[string]string{"name": "李芳、王强", "number": "13800138000", "role": "boss"} {
		b.post(path, with([]string{"was", was, "name", "李芳", "number", "7", "role", "clerk"}, field, typed)...).shows(422)
	}
	b.post(path, "was", was, "name", "李芳", "number", "7", "role", "clerk").shows(200, "李芳", "工作人员", "密码")
	m := o.staffAt("SQ01")
	pin := sixDigits.FindStringSubmatch(b.body)
	if m.Name != "李芳" || m.Role != civic.RoleClerk || len(m.Cards) != 1 || pin == nil {
		t.Fatalf("%+v, %s", m, visible(b.body))
	}
	if err := civic.CheckPIN(m.PIN, pin[1], civic.MinPINCost); err != nil {
		t.Errorf("the PIN that is shown: %v", err)
	}
	b.post(path, "was", was, "name", "李芳", "number", "7", "role", "clerk").shows(409) // sent twice: the card that was shown stays
	if again := o.staffAt("SQ01"); again.Cards[0] != m.Cards[0] {
		t.Error("another card was made")
	}

	path, was = b.get("/member/SQ01/" + m.ID.String()).memberAt()
	b.post(path, "was", was, "name", "李芳", "number", "8", "role", "leader").shows(200, "保存好了", "站长")
	b.post(path, "was", was, "name", "李小芳", "number", "8", "role", "clerk").shows(409, "别人刚改过", "李芳 · 8 · 站长")
	b.get(path+"/replace").shows(200, "旧卡和旧密码马上作废")
	_, was = b.memberAt()
	b.post(path+"/replace", "was", was).shows(200, "李芳", "密码")
	b.post(path+"/replace", "was", was).shows(409)
	if now := o.staffAt("SQ01"); now.Cards[0] == m.Cards[0] || now.PIN == m.PIN {
		t.Error("the card or the PIN is the old one")
	}
	_, was = b.get(path + "/revoke").memberAt()
	b.post(path+"/revoke", "was", was).shows(200, "没有卡")
	if now := o.staffAt("SQ01"); len(now.Cards) != 0 || now.PIN != "" {
		t.Errorf("%+v", now)
	}
	b.get(path + "/replace").shows(409)
	b.get("/staff?show=cardless&q=芳&sort=role").shows(200, "李芳")
	b.get("/staff?at=shiqiao").shows(200, "还没有人").hides("李芳")
	b.get("/member/SQ01/" + ledger.ID{9, 9}.String()).shows(404)
	acts, err := o.store.Acts(t.Context(), "SQ01", 0, 10)
	o.must(err)
	var kinds []string
	for _, act := range acts {
		if kinds = append(kinds, act.Kind); strings.Contains(string(act.Body.After), "argon2") {
			t.Error("an act holds a verifier")
		}
	}
	if got := strings.Join(kinds[:4], " "); got != "staff.revoke staff.replace staff.changed staff.added" {
		t.Errorf("acts: %s", got)
	}
	chen := o.bound("chen", store.RoleOfficer, "shiqiao")
	chen.get("/member/center").shows(403)
	chen.get("/staff").shows(200, "李芳")
}

// staffAt is the only member of staff of a scope.
func (o *office) staffAt(scope string) civic.Staff {
	o.Helper()
	list, err := o.store.Staff(o.Context(), scope)
	o.must(err)
	if len(list) != 1 {
		o.Fatalf("%+v", list)
	}
	return list[0]
}

func TestAStationIsDescribed(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.post("/addkiosk", "id", "SQ01", "name", "石桥村益栈", "parent", "shiqiao").shows(200)
	station := func() civic.Station {
		s, err := o.server.desk.office().station(t.Context(), "SQ01")
		o.must(err)
		return s
	}
	if s := station(); s.Name != "石桥村益栈" || s.Parent != "石桥村" || len(s.PhoneKey) != 32 {
		t.Errorf("%+v", s)
	}
	was := formWas.FindStringSubmatch(b.get("/describe/SQ01").body)[1]
	form := []string{"was", was, "name", "石桥益栈", "name_en", "Shiqiao", "parent", "清溪镇 · 文明实践站", "counter", "进门左手边", "phone", "0713-5551234"}
	b.post("/describe/SQ01", with(form, "name", "")...).shows(422)
	b.post("/describe/SQ01", with(form, "counter", strings.Repeat("长", 61))...).shows(422)
	b.post("/describe/SQ01", form...).shows(200, "保存好了", "石桥益栈")
	if s := station(); s.Name != "石桥益栈" || s.Counter != "进门左手边" || s.Phone != "0713-5551234" || s.NameEN != "Shiqiao" {
		t.Errorf("%+v", s)
	}
	b.post("/describe/SQ01", with(form, "counter", "窗口")...).shows(409, "现在是：进门左手边")
	b.get("/describe/NONE").shows(404)
	o.bound("chen", store.RoleOfficer, "qingxi").get("/describe/SQ01").shows(200)
}
