package center

import (
	"regexp"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

var seenPair = regexp.MustCompile(`name="seen-kept" value="([0-9a-f]+)"><input type="hidden" name="seen-other" value="([0-9a-f]+)"`)

// merged presses the key of the page that is shown.
func (b *browser) merged(path string, pairs ...string) *browser {
	b.Helper()
	seen := seenPair.FindStringSubmatch(b.body)
	if seen == nil {
		b.Fatalf("%s is no page of a merge", b.at)
	}
	return b.post(path, append([]string{"seen-kept", seen[1], "seen-other", seen[2]}, pairs...)...)
}

func TestTwoRecordsAreMergedAndParted(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.kiosk("LH02", "柳树村益栈")
	box := o.box("SQ01")
	kept, other := o.volunteer(1, "张建伟", "420-118", "", 500), o.volunteer(2, "张建伟", "420-999", "SQ01", 300)
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: other, Name: "张建伟", Initials: "zjw", Number: "420-999", Tail: "4412", Cards: []civic.CardID{{9}}}, Town: "qingxi", Home: "SQ01"}))
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: kept, Name: "张建伟", Initials: "zjw", Number: "420-118", Tail: "4412"}, Town: "qingxi"}))
	box.does(ledger.Reserve{Volunteer: other, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 100}}})

	b.get("/volunteers").shows(200, "可能重复的")
	b.get("/twins").shows(200, "420-118", "420-999", "比一比")
	b.get("/twins?after=zz.zz").shows(200)
	b.get("/merge/"+kept.String()).shows(200, "和张建伟重复的资料", "420-999")
	b.get("/merge/"+kept.String()+"?q=nobody").shows(200, "没有找到")
	path := mergePath(kept, other)
	b.get(mergePath(kept, kept)).shows(404)
	b.get(path).shows(200, "留下这份", "并进来", "420-118", "420-999", "石桥村益栈 200", "1 张卡", "700 分", "200 分马上收回", "另有 100 分在石桥村益栈留着货", "可以再拆开")
	stale := b.body
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: kept, Name: "张建伟", Initials: "zjw", Number: "420-119", Tail: "4412"}, Town: "qingxi"}))
	b.merged(path, "number", "other").shows(409, "刚才有人改过其中一份", "420-119")
	b.merged(path, "number", "other", "home", "other").shows(200, "合成一份了", "420-999", "常去石桥村益栈", "并进来的资料", "并入了另一份资料 lin")
	b.body = stale
	b.merged(path).shows(200, "合成一份了") // sent twice

	// The other record leads on, and cannot be changed.
	b.get("/volunteers?q=420-999").shows(200, "已合并")
	b.get(accountPath(other)).shows(200, "这份资料已并入 张建伟", "再拆成两份").hides("修改资料", "换常去的站")
	b.get("/volunteer/" + other.String()).shows(409)
	b.get("/move/" + other.String()).shows(409)
	if p, err := o.store.Identify(t.Context(), civic.CardID{9}); err != nil || p.ID != kept {
		t.Errorf("%+v %v", p, err)
	}
	box.does(ledger.Return{Volunteer: other, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 200}}})
	o.must(o.store.Fetched(t.Context(), other))
	b.get(accountPath(kept)).shows(200, "合并转来：路口文明劝导", "看原来那一笔", "700")
	b.get(accountPath(other)).shows(200, "转给张建伟：路口文明劝导", "原来这一笔：路口文明劝导")

	b.get("/unmerge/" + kept.String()).shows(409)
	b.get("/unmerge/"+other.String()).shows(200, "200 分从张建伟那里收回来")
	b.post("/unmerge/"+other.String()).shows(200, "拆开了").hides("这份资料已并入")
	b.post("/unmerge/"+other.String()).shows(200, "拆开了")
	if p, err := o.store.Identify(t.Context(), civic.CardID{9}); err != nil || p.ID != other {
		t.Errorf("%+v %v", p, err)
	}
	report, err := o.store.Verify(t.Context())
	o.must(err)
	if !report.OK() {
		t.Errorf("%+v", report.Findings)
	}
}

// What was spent keeps two records one, and the page says so.
func TestWhatWasSpentIsNotParted(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	box := o.box("SQ01")
	kept, other := o.volunteer(1, "张建伟", "1", "SQ01", 10), o.volunteer(2, "张健伟", "2", "", 300)
	path := mergePath(kept, other)
	b.get(path).shows(200, "在中心的 300 分马上转过来")
	b.merged(path).shows(200, "合成一份了")
	box.does(ledger.Reserve{Volunteer: kept, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 60}}})
	b.get("/unmerge/"+other.String()).shows(200, "转来的 300 分里，50 分已经花掉或留着货")
	b.post("/unmerge/"+other.String()).shows(409, "拆不开")
	o.signedIn("shen", store.RoleAuditor).get(path).shows(403, "合并资料")
}

// A reversal is shown with what it is of, and with where it waits.
func TestAnAccountSaysWhatIsTakenBack(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	box := o.box("SQ01")
	v := o.volunteer(1, "张建伟", "1", "SQ01", 500)
	lot := ledger.DayOf(o.now) + 1000
	of, _ := ledger.Key{1, 1}.MarshalText()
	_, err := o.store.Reverse(t.Context(), v, ledger.Key{9}, civic.Earning{On: ledger.DayOf(o.now), Expires: lot, What: "入错表", Points: -200, Of: string(of)})
	o.must(err)
	b.get(accountPath(v)).shows(200, "要收回的积分", "入错表", "已收回 0 / 200 分", "石桥村益栈有 500 分，机器在线，正在收")
	o.now = o.now.Add(2 * offlineAfter)
	b.get(accountPath(v)).shows(200, "石桥村益栈有 500 分，等它连上")
	box.does(ledger.Return{Volunteer: v, Parts: []ledger.Part{{Expires: lot, Points: 120}}})
	b.get(accountPath(v)).shows(200, "已收回 120 / 200 分", "冲正：入错表", "原来这一笔：路口文明劝导", "−120")
	box.does(ledger.Reserve{Volunteer: v, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: lot, Points: 380}}}, ledger.Settle{Redemption: 2, Operator: ledger.ID{9}})
	b.get(accountPath(v)).shows(200, "收回 120 / 200 分，80 分已经花掉或过期")
	o.now = o.now.Add(2 * booksKept)
	b.get("/").shows(200, "账平", "另有 80 分没能收回")
}
