package center

import (
	"html"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// wardens is the form of an activity of every weekend at two crossings.
var wardens = []string{"title", "路口文明劝导", "title_en", "Crossing wardens", "platform", "customs", "category", "文明劝导", "team", "清溪镇志愿服务队", "theme", "敬老月", "festival", "", "number", "",
	"about", "带好袖章", "spots", "石桥路口 / Stone Bridge crossing：SQ01\n河东路口", "posts", "劝导员 / Warden：2；会说普通话\n引导员：1", "from", "2026-11-28", "to", "2026-12-13", "start", "08:00", "end", "10:00",
	"except", "2026-12-05", "weekdays", "6"}

// planned is an activity that is published, and its first shift, of which 张建伟 has
// claimed a post.
func (o *office) planned() (store.Activity, ledger.ID) {
	o.Helper()
	lin := store.As(o.Context(), "lin")
	a := store.Activity{Scope: "qingxi", Activity: civic.Activity{ID: ledger.ID{3, 9}, Title: "路口文明劝导", Platform: "customs", Category: "文明劝导", Theme: "敬老月",
		Spots: []civic.Spot{{Place: "石桥路口", Kiosks: []string{"SQ01"}}, {Place: "河东路口"}}, Posts: []civic.Post{{Name: "劝导员", Wanted: 2}, {Name: "引导员", Wanted: 1}},
		Times: civic.Recurrence{From: ledger.DayOf(o.now), To: ledger.DayOf(o.now) + 27, Weekdays: []int{6, 7}, Start: 8 * 60, End: 10 * 60}}}
	shifts := a.Shifts("qingxi", o.store.Zone())
	o.must(o.store.SaveActivity(lin, 0, a, nil))
	o.must(o.store.MoveActivity(store.As(o.Context(), "chen"), 1, "qingxi", a.ID, store.ActivityReviewed, "", nil))
	o.must(o.store.MoveActivity(lin, 2, "qingxi", a.ID, store.ActivityPublished, "", shifts))
	_, err := o.store.Enlist(o.Context(), store.Claim{Shift: shifts[0].ID, Volunteer: ledger.ID{1, 7}})
	o.must(err)
	a, err = o.store.Activity(o.Context(), a.ID)
	o.must(err)
	return a, shifts[0].ID
}

func TestAnActivityIsPlannedByTwo(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	b.get("/activities").shows(200, "还没有活动", "新活动")
	b.get("/activity/qingxi").shows(200, "青禾县中心 / 清溪镇", "SQ01 石桥村益栈", "乡风文明")
	id := b.hidden("id")
	for name, c := range map[string]struct{ field, value, says string }{
		"no title": {"title", "", "请填活动名称"}, "a phone in the title": {"title", "找张三 13800138000", "不要写电话"}, "a bad day": {"from", "soon", "日期写成"}, "an end before the beginning": {"to", "2026-11-01", "不能早于"},
		"a bad time": {"start", "8:00", "时间写成"}, "the end first": {"end", "07:00", "结束要在开始以后"}, "no day": {"weekdays", "3", ""}, "no spot": {"spots", "", "至少一处"}, "a strange kiosk": {"spots", "石桥路口：LH99", "终端机编号不对"},
		"posts of nobody": {"posts", "劝导员：很多", "1 到 500"}, "too many": {"to", "2028-11-20", ""},
	} {
		if c.says == "" { // those have to be right otherwise
			continue
		}
		b.post("/activity/qingxi", with(wardens, "id", id, c.field, c.value)...).shows(422, c.says)
		if !strings.Contains(b.body, `value="清溪镇志愿服务队"`) || b.hidden("id") != id || !strings.Contains(b.body, "带好袖章") {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.post("/activity/qingxi", with(wardens, "id", id, "to", "2026-11-28", "weekdays", "3")...).shows(422, "一天也没有轮到")
	b.post("/activity/qingxi", with(wardens, "id", "x")...).shows(400)
	b.post("/activity/nowhere", with(wardens, "id", id)...).shows(404)
	b.get("/activity/SQ01").shows(404)
	b.post("/activity/qingxi", with(wardens, "id", id)...).shows(200, "保存好了", "草稿", "发布以后才有场次", "新建活动 lin")
	b.post("/activity/qingxi", with(wardens, "id", id)...).shows(200) // sent twice
	path := "/activity/qingxi/" + id
	b.get("/activities").shows(200, "路口文明劝导", "清溪镇", "每周六 08:00–10:00，2026-11-28 到 12-13", "乡风文明", "敬老月", "草稿 1")
	b.get("/activities?label=敬老月&platform=customs&category=文明劝导&month=2026-12").shows(200, "路口文明劝导")
	b.get("/activities?month=2026-09").shows(200).hides("路口文明劝导")
	b.get("/activities?at=shiqiao").shows(200).hides("路口文明劝导")
	b.get("/activities?show=published").shows(200, "没有符合的")

	// Two who change one are told; who wrote it last does not review it.
	chen := o.signedIn("chen", store.RoleOfficer)
	chen.post(path, with(wardens, "was", "1", "team", "县队")...).shows(200, "队伍 清溪镇志愿服务队 → 县队")
	b.post(path, with(wardens, "was", "1", "team", "村队", "platform", "sport")...).shows(409, "chen 在", "你填的还没有保存", "现在是：县队", "现在是：乡风文明")
	chen.get(path).shows(200).hides("审核通过")
	chen.get(path + "/review").shows(409)
	chen.get(path + "/publish").shows(409)
	b.get(path+"/review").shows(200, "接下来会这样", "多出 4 场", "签到用 1 台终端机")
	b.post(path+"/review").shows(200, "可以发布", "已审核")
	clerk := o.signedIn("zhao", store.RoleClerk)
	clerk.get(path+"/publish").shows(200, "35 天")
	clerk.post(path+"/publish").shows(200, "发布了", "接下来的场次", "11-28 周六 08:00", "报名 0 / 3")
	o.signedIn("shen", store.RoleAuditor).get(path).shows(200, "路口文明劝导", "会说普通话").hides("保存", "结束这个活动")
	docs, err := o.store.DocumentIDs(t.Context(), "qingxi", store.KindShift)
	o.must(err)
	if len(docs) != 4 {
		t.Errorf("kiosks hear of %d shifts", len(docs))
	}

	// What changes published times says first what follows.
	b.post(path, with(wardens, "was", "4", "team", "县队", "spots", "石桥路口：SQ01")...).shows(200, "会影响已发布的场次", "取消 2 场", "现在还没有保存", "就这样保存")
	sure := b.hidden("sure")
	b.post(path, with(wardens, "was", "4", "team", "县队", "spots", "石桥路口：SQ01", "sure", sure)...).shows(200, "保存好了", "修改活动 lin")
	b.get(path+"/close").shows(200, "取消 2 场", "结束这个活动")
	b.post(path+"/close", "why", strings.Repeat("长", 200)).shows(422, "请写原因")
	b.post(path+"/close", "why", "路口改造").shows(200, "活动结束了", "lin 在", "路口改造")
	b.get(path+"/close").shows(409, "情况已经变了")
	b.get(path + "/nonsense").shows(404)
	b.post(path+"/reopen").shows(200, "回到草稿了", "草稿")
	b.get("/activity/qingxi?like="+id).shows(200, "新活动", "石桥路口")
	b.get("/audit?place=qingxi").shows(200, "结束活动", "路口改造", "修改活动", "集合地点")

	town := o.bound("wang", store.RoleClerk, "shiqiao")
	town.get(path).shows(403)
	town.get("/activities").shows(200).hides("路口文明劝导")
	b.get("/activity/center/" + id).shows(404)
	b.get("/activity/qingxi/x").shows(404)
}

func TestAShiftIsClaimedAndCalledOff(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	zhang, li := o.volunteer(1, "张建伟", "100", "SQ01", 100), o.volunteer(2, "李红芳", "101", "SQ01", 100)
	wang := o.volunteer(3, "王强", "102", "SQ01", 100)
	a, id := o.planned()
	path := shiftPath(id)
	b.get("/calendar").shows(200, "2026年11月", "08:00 路口文明劝导 石桥路口", "上个月", "下个月").hides("回到本月")
	b.get("/calendar?month=2026-12").shows(200, "2026年12月", "回到本月", "路口文明劝导")
	b.get("/calendar?month=2027-03").shows(200, "这个月没有场次")
	b.get("/calendar?day=2026-11-28").shows(200, "2026年11月28日", "河东路口", "报名 1 / 3", "还没开始")
	b.get("/calendar?activity="+a.ID.String()).shows(200, "只看“路口文明劝导”的场次", "看全部活动", "08:00 路口文明劝导 石桥路口")
	b.get("/calendar?day=2026-11-29&activity="+a.ID.String()).shows(200, "河东路口", "只看")
	b.get("/calendar?activity=" + ledger.ID{8}.String()).shows(404)
	b.get("/calendar?at=shiqiao").shows(200, "这个月没有场次")
	b.get(path).shows(200, "路口文明劝导", "劝导员", "要 2 人", "张建伟", "引导员", "还没有人报名", "帮人报名")
	b.get(path+"?q=lhf").shows(200, "没有符合的")
	b.get(path+"?q=101").shows(200, "李红芳 101", "哪个岗位都行")
	b.post(path+"/enlist", "volunteer", li.String(), "post", "2").shows(200, "报上名了", "李红芳")
	b.post(path+"/enlist", "volunteer", wang.String(), "post", "2").shows(200, "排在候补里", "候补", "王强")
	b.post(path+"/enlist", "volunteer", "x").shows(400)
	b.post(path+"/enlist", "volunteer", ledger.ID{8}.String()).shows(404)
	b.get(path+"/strike/"+li.String()).shows(200, "接下来会这样", "候补的 王强 补上")
	b.post(path+"/strike/"+li.String()).shows(200, "取消了报名", "退出和没赶上的", "李红芳").hides("有人退出时")
	b.get(path + "/strike/" + li.String()).shows(404)

	b.get(path+"/off").shows(200, "1 台终端机会写明取消", "报了名的 2 人")
	b.post(path+"/off", "why", "").shows(422, "请写原因")
	b.post(path+"/off", "why", "下雨").shows(200, "这一场取消了", "下雨", "照常举行").hides("帮人报名")
	b.post(path+"/enlist", "volunteer", li.String()).shows(422, "不能再报名")
	b.get(path + "/off").shows(409)
	docs, err := o.store.Documents(t.Context(), "qingxi", store.KindShift, []string{id.String()})
	o.must(err)
	if !docs[0].Shift.Closed {
		t.Errorf("kiosks hear %+v", docs[0].Shift)
	}
	b.post(path+"/hold").shows(200, "照常举行", "张建伟")
	b.get(path + "/nonsense").shows(404)
	b.get("/audit?place=qingxi").shows(200, "取消一场", "下雨", "恢复一场", "帮人报名")

	shen := o.signedIn("shen", store.RoleAuditor)
	shen.get(path).shows(200, "张建伟").hides("取消报名", "取消这一场")
	o.signedIn("tech", store.RoleTechnician).get(path).shows(200, "共 2 人报名").hides("张建伟")
	o.bound("chen", store.RoleOfficer, "shiqiao").get(path).shows(403)

	// On the day, the first page says who has come.
	b.get("/").shows(200, "今天的活动", "今天没有活动")
	o.now = time.Date(2026, 11, 28, 0, 5, 0, 0, time.UTC)
	for _, v := range []ledger.ID{zhang, li} {
		_, err := o.store.Attend(t.Context(), store.Attend{Volunteer: v, Shift: id, At: o.now, Kiosk: "SQ01"})
		o.must(err)
	}
	b = o.signedIn("lin2", store.RoleOfficer)
	b.get("/").shows(200, "2 场，2 场正在进行", "08:00 路口文明劝导 石桥路口 已到 2 / 3 进行中", "已到 0 / 3")
	b.get(path).shows(200, "来了 2 人", "张建伟 到场 08:05– 在场", "没有报名，来了 李红芳 到场 08:05–")
	b.get(path+"/off").shows(200, "2 人签了到还没签退")
	o.bound("wang", store.RoleOfficer, "shiqiao").get("/").shows(200, "今天没有活动")
	o.now = o.now.Add(4 * time.Hour)
	b = o.signedIn("lin3", store.RoleOfficer)
	b.get(path).shows(200, "已结束", "张建伟", "王强 没有来").hides("帮人报名", "取消这一场")
	b.get(path + "/off").shows(409)
}

func TestAListOfActivitiesIsLookedAtAndWritten(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	list := `活动名称,地方,开始日期,结束日期,每周哪几天,几点开始,几点结束,集合地点,岗位,服务平台,服务对象
路口文明劝导,清溪镇,2026-12-05,2026-12-27,周六日,8:00,10:00,"石桥路口：SQ01
河东路口",劝导员：2,乡风文明,老人、公众
敬老院理发,qingxi,2026-12-24,,,14:30,16:00,敬老院,,文化惠民,
无处,不存在镇,2026-12-05,,,08:00,10:00,某处,,,
倒着,清溪镇,2026-12-05,,,10:00,08:00,某处,,,
远处,清溪镇,2026-12-05,,,08:00,10:00,某处：ZZ99,,,
哪天,清溪镇,2026-12-05,,周八,08:00,10:00,某处,,,
`
	b.sendFileAs("/activitylist", "a.pdf", []byte("%PDF-1.7")).shows(422, "这个文件不能用")
	b.sendFileAs("/activitylist", "a.csv", []byte(list)).shows(200, "2 个要添加", "4 行不能用", "地方找不到", "结束要在开始以后", "终端机编号不对", "还没有写入任何东西")
	confirms := func(b *browser) *browser {
		m := hiddenList.FindStringSubmatch(b.body)
		if m == nil {
			t.Fatalf("no list: %s", visible(b.body))
		}
		return b.post("/activitylist", "list", html.UnescapeString(m[1]))
	}
	looked := b.body
	confirms(b).shows(200, "写入好了", "路口文明劝导", "每周六、周日 08:00–10:00", "乡风文明", "文化惠民", "草稿 2")
	b.body = looked
	confirms(b).shows(200, "写入好了", "草稿 2") // the key was pressed twice
	all, err := o.store.Activities(t.Context(), nil, 0, ledger.MaxDay)
	o.must(err)
	if len(all) != 2 || strings.Join(all[0].Served, " ")+strings.Join(all[1].Served, " ") != "03 11" {
		t.Errorf("%+v", all)
	}
	file := b.get("/activities.xlsx?show=draft")
	if file.code != 200 || !strings.Contains(file.header.Get("Content-Disposition"), "activities-20261123") {
		t.Errorf("%d %v", file.code, file.header)
	}
	b.sendFileAs("/activitylist", "a.xlsx", []byte(file.body)).shows(200, "0 个要添加，0 个要修改，2 个没有变化，0 行不能用")

	one, _ := o.planned()
	sheet := "编码,活动名称,地方,开始日期,结束日期,每周哪几天,几点开始,几点结束,集合地点,岗位\n" + one.ID.String() + ",路口文明劝导,qingxi,2026-11-23,2026-12-20,周日,08:00,10:00,石桥路口：SQ01,劝导员：2\nAAAAAAAAAAAAAAAA,没有的,qingxi,2026-11-23,,,08:00,10:00,某处,\n"
	b.sendFileAs("/activitylist", "a.csv", []byte(sheet)).shows(200, "已经发布，会影响场次", "没有这个编码的活动")
	chen := o.bound("chen", store.RoleClerk, "shiqiao")
	forged := `[{"Form":{"title":"x"},"Word":"new","ID":"` + one.ID.String() + `","At":"qingxi","Seen":1}]`
	chen.post("/activitylist", "list", forged).shows(403)
	chen.post("/activitylist", "list", strings.Replace(forged, "qingxi", "shiqiao", 1)).shows(400)
	chen.post("/activitylist", "list", "{").shows(400)
}
