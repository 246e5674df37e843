package center

import (
	"errors"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// shift plans two hours at the kiosk SQ01 that began ten minutes ago.
func (o *office) shift(n byte, title string) civic.Shift {
	o.Helper()
	start := o.now.Add(-10 * time.Minute).Unix()
	s := civic.Shift{ID: ledger.ID{n, 5}, Activity: ledger.ID{n, 6}, Number: "P-7", Title: title, Place: "石桥路口", Team: "石桥护路队", Scope: "shiqiao", Start: start, End: start + 7200, Kiosks: []string{"SQ01"},
		CheckEarly: 1800, CheckLate: 3600}
	o.must(o.store.PutShift(o.Context(), "shiqiao", s))
	return s
}

// checks checks somebody in or out with a phone, some time from now.
func (o *office) checks(v ledger.ID, s civic.Shift, out bool, later time.Duration) {
	o.Helper()
	_, err := o.store.Attend(o.Context(), store.Attend{Volunteer: v, Shift: s.ID, Out: out, At: o.now.Add(later), Kiosk: "SQ01", Phone: "phone of " + v.String()})
	o.must(err)
}

// later lets hours pass, and what the center does by itself be done.
func (o *office) later(d time.Duration) {
	o.Helper()
	o.now = o.now.Add(d)
	_, err := o.store.Sweep(o.Context())
	o.must(err)
}

// attended is a county with a shift that is over, at which one has checked in and out,
// one has forgotten to check out, and one is registered nowhere.
func attended(t *testing.T) (o *office, s civic.Shift, zhang, li, guest ledger.ID) {
	t.Helper()
	o = newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	s = o.shift(1, "路口劝导")
	zhang, li = o.volunteer(1, "张建伟", "420-1", "SQ01", 500), o.volunteer(2, "李红芳", "420-2", "SQ01", 500)
	o.checks(zhang, s, false, 0)
	o.checks(zhang, s, true, 95*time.Minute)
	o.checks(li, s, false, time.Minute)
	guest = ledger.ID{9, 9}
	box := o.box("SQ01")
	box.does(ledger.CheckIn{Check: ledger.Check{Key: ledger.Key{1}, Shift: s.ID, Who: guest, By: ledger.CheckWalkIn, Tail: "4412"}})
	o.later(4 * time.Hour)
	return o, s, zhang, li, guest
}

func TestHoursAreConfirmedByOneTap(t *testing.T) {
	o, s, zhang, li, _ := attended(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/").shows(200, "忘了签退，等确认", "每条一下就好", "出勤等确认", "没带卡的人，等认")
	b.get("/hours").shows(200, "张建伟", "李红芳", "没有名字的人", "路口劝导", "14:30 – 16:05", "忘了签退", "1:35", "1:49")
	b.get("/hours?why=out").shows(200, "李红芳").hides("张建伟")
	b.get("/hours?what=理发").shows(200, "没有。")
	b.get("/hours?what=劝导&at=shiqiao&day=2026-11-23").shows(200, "张建伟")
	b.get("/hours?at=qingxi").shows(200, "张建伟")
	b.get("/hours?show=confirmed").shows(200, "没有。")

	to := attendPath(s.ID, li)
	b.post(to, "verdict", "there", "back", "/hours?why=out").shows(200, "确认了", "没有名字的人").hides("李红芳")
	if !strings.Contains(b.at, "why=out") {
		t.Errorf("led to %s", b.at)
	}
	b.get(to).shows(200, "已确认", "从 14:31 到 16:20 算数", "每小时 10 分", "得 15 分", "lin 办的", "更正", "手机扫码")
	b.post(to, "verdict", "there", "minutes", "30").shows(200, "已确认", "得 5 分", "更正过 1 次")
	b.post(to, "verdict", "there", "minutes", "999").shows(422, "要填 1 到这一场时长的整数")
	b.post(to, "verdict", "there", "seen", "1").shows(422, "刚才有变化")
	b.post(to, "verdict", "absent").shows(422, "为什么不认")
	b.post(to, "verdict", "absent", "reason", "走错了地方").shows(200, "不认", "走错了地方")
	b.post(to, "verdict", "perhaps").shows(400)
	if acts := o.personActs(li); acts[0].Kind != "attendance.decided" || !strings.Contains(string(acts[0].Body.After), "走错了地方") {
		t.Errorf("%+v", acts[0])
	}

	b.get(turnoutPath(s.ID)).shows(200, "张建伟", "李红芳", "确认这一场的 2 人")
	b.get(turnoutPath(s.ID)+"/all").shows(200, "接下来会这样", "2 人照签到签退一起确认", "张建伟").hides("李红芳")
	b.post(turnoutPath(s.ID)+"/all", "who", zhang.String()).shows(200, "办好了", "已确认")
	if a, err := o.store.AttendanceOf(t.Context(), zhang, s.ID); err != nil || a.Credit != 95 || a.Points != 15 {
		t.Errorf("%+v %v", a, err)
	}
	o.signedIn("chen", store.RoleClerk).get(to).shows(200, "你的角色只能看").hides("接下来会这样")
	o.signedIn("chen2", store.RoleClerk).post(to, "verdict", "there").shows(403)
	far := o.bound("far", store.RoleOfficer, "SQ01")
	far.get("/hours").shows(200, "没有。")
	far.get(to).shows(403)
	b.get("/hours/" + ledger.ID{7, 7}.String()).shows(404)
	b.get(attendPath(s.ID, ledger.ID{7, 7})).shows(404)
	b.get("/account/"+zhang.String()).shows(200, "本人签到（小时） 1:35", "签到记录", "从 14:30 到 16:05 算数", "得 15 分")
}

// What is over a day's limit waits for an approval.
// Who was there when a shift was called off and has not checked out is not confirmed up
// to its planned end by one tap.
func TestACalledOffShiftIsNotConfirmedToItsEnd(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	s := o.shift(1, "路口劝导")
	zhang, li := o.volunteer(1, "张建伟", "420-1", "SQ01", 500), o.volunteer(2, "李红芳", "420-2", "SQ01", 500)
	o.checks(zhang, s, false, 0)
	o.checks(zhang, s, true, 95*time.Minute)
	o.checks(li, s, false, time.Minute)
	o.must(o.store.CallOff(o.Context(), s.ID, true, "下雨"))
	o.later(4 * time.Hour)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/hours").shows(200, "张建伟", "李红芳", "忘了签退", "看看")
	if n := strings.Count(b.body, `name="verdict"`); n != 1 {
		t.Errorf("one tap confirms %d", n)
	}
}

func TestALongDayIsApproved(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	s := o.shift(1, "值守")
	s.End = s.Start + 9*3600
	o.must(o.store.PutShift(t.Context(), "shiqiao", s))
	zhang := o.volunteer(1, "张建伟", "420-1", "SQ01", 500)
	o.checks(zhang, s, false, 0)
	o.later(10 * time.Hour)
	b := o.signedIn("lin", store.RoleOfficer)
	to := attendPath(s.ID, zhang)
	b.post(to, "verdict", "there").shows(200, "超过每天上限", "批准这一天超过 8 小时（最多 12 小时）")
	b.get("/hours").shows(200, "看看").hides("确认张建伟")
	b.post(to, "verdict", "there", "approved", "yes").shows(200, "已确认", "8:50")
	b.get("/signs").shows(200, "时间特别长：8:50 小时", "这一天超过不用批的时长")
}

func TestObjectionsAreAnswered(t *testing.T) {
	o, s, zhang, li, _ := attended(t)
	object := func(id string, v ledger.ID, reason ledger.Objection, minutes int64) string {
		t.Helper()
		o.must(o.store.Object(t.Context(), store.Objection{Volunteer: v, ID: id, Shift: s.ID, ObjectionText: store.ObjectionText{Reason: reason, Minutes: minutes}}))
		return "/objection/" + v.String() + "/" + id
	}
	first, second := object("00000000000000a1", zhang, ledger.ObjectFewer, 120), object("00000000000000a2", li, ledger.ObjectOther, 0)
	b := o.signedIn("lin", store.RoleLeader)
	b.get("/").shows(200, "志愿者提了异议")
	b.get("/objections").shows(200, "张建伟", "时长少了", "李红芳", "别的")
	b.get(first).shows(200, "张建伟的异议", "应当是 (小时) 2", "接下来会这样", "手机扫码", "等人确认")
	b.post(first, "verdict", "uphold", "minutes", "x").shows(422, "要填 0 到 120 的整数")
	b.post(first, "verdict", "uphold", "minutes", "110", "answer", "带队的人也说是").shows(200, "异议成立，更正好了", "改成（小时） 1:50", "带队的人也说是", "已确认", "得 15 分")
	b.post(first, "verdict", "uphold", "minutes", "10").shows(409)
	b.post(second, "verdict", "refuse").shows(422, "理由")
	b.post(second, "verdict", "refuse", "answer", "签到表上没有").shows(200, "答复了，记录不变", "签到表上没有")
	b.get("/objections").shows(200, "没有等答复的")
	b.get("/objections?show=upheld").shows(200, "张建伟").hides("李红芳")
	b.post(first, "verdict", "perhaps").shows(400)
	if acts := o.personActs(zhang); !strings.Contains(acts[0].Kind+acts[1].Kind, "objection.answered") {
		t.Errorf("%+v", acts[:2])
	}
	o.signedIn("au", store.RoleAuditor).get(second).shows(200, "签到表上没有").hides("接下来会这样")
	o.bound("far", store.RoleOfficer, "SQ01").get(first).shows(403)
	b.get("/objection/" + zhang.String() + "/nothing").shows(404)
	o.now = o.now.AddDate(0, 0, 3)
	o.signedIn("lin2", store.RoleOfficer).get("/").shows(200, "最早一条是 3 天前，每条一下就好")
}

func TestSignsAreReviewed(t *testing.T) {
	o, s, zhang, _, _ := attended(t)
	other := o.shift(2, "护河")
	o.must(o.store.PutKiosk(t.Context(), store.Kiosk{ID: "LS01", Name: "柳树村益栈", Parent: "qingxi"}))
	other.Kiosks, other.Start, other.End = []string{"LS01"}, s.Start, s.End
	o.must(o.store.PutShift(t.Context(), "shiqiao", other))
	_, err := o.store.Attend(t.Context(), store.Attend{Volunteer: zhang, Shift: other.ID, At: time.Unix(s.Start+1200, 0), Kiosk: "LS01"})
	o.must(err)
	o.later(time.Minute)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/signs").shows(200, "同一时间在两台机器上", "张建伟", "护河", "没看过的")
	list, err := o.store.Signs(t.Context(), false, store.AskedMark{}, 10)
	o.must(err)
	to := signRow{Review: list[0]}.To()
	b.get(to).shows(200, "两次出勤时间重叠", "另一次出勤", "接下来会这样")
	b.post(to, "note", "").shows(422, "看过以后的结论")
	b.post(to, "note", "问过了，先到石桥再去柳树").shows(200, "记下了")
	b.post(to, "note", "又来").shows(409)
	b.get("/signs?show=settled").shows(200, "同一时间在两台机器上", "lin: 问过了，先到石桥再去柳树")
	b.get("/sign/shiqiao/nothing").shows(404)
	if a, err := o.store.AttendanceOf(t.Context(), zhang, other.ID); err != nil || a.State == civic.AttendRefused {
		t.Errorf("%+v %v", a, err)
	}
	o.signedIn("chen", store.RoleClerk).post(to, "note", "x").shows(403)
}

func TestSomebodyWithoutANameIsFound(t *testing.T) {
	o, s, zhang, _, guest := attended(t)
	wang := o.volunteer(3, "王小强", "420-3", "SQ01", 10)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/walkins").shows(200, "路口劝导", "手机尾号 4412", "认人")
	at := walkinPath(guest)
	b.get(at).shows(200, "这是谁？", "按姓名、编号或手机后四位找")
	b.get(at+"?q=王小强").shows(200, "王小强", "是他")
	b.get(at+"?q=nobody").shows(200, "没有找到")
	b.get(at+"/"+zhang.String()).shows(200, "张建伟已经有自己的签到")
	b.get(at+"/"+wang.String()).shows(200, "接下来会这样", "都归王小强")
	b.post(attendPath(s.ID, guest), "verdict", "there").shows(200, "已确认", "认出来以后才记时长和积分")
	b.post(at+"/"+wang.String()).shows(200, "那次出勤归他了", "王小强")
	a, err := o.store.AttendanceOf(t.Context(), wang, s.ID)
	if err != nil || a.State != civic.AttendConfirmed || a.Credit == 0 || a.Points == 0 {
		t.Errorf("%+v %v", a, err)
	}
	b.get("/walkins").shows(200, "没有。")
	b.get(at).shows(404)
	o.signedIn("chen", store.RoleClerk).get(at).shows(404)
}

// What nobody saw is not credited by an objection: it is entered afterwards, by two, and
// earns no points.
func TestAnObjectionThatNobodySawTakesTwo(t *testing.T) {
	o, s, _, _, _ := attended(t)
	wang := o.volunteer(5, "王秀英", "420-5", "SQ01", 500)
	o.later(3 * time.Hour)
	o.must(o.store.Object(t.Context(), store.Objection{Volunteer: wang, ID: "00000000000000b1", Shift: s.ID, ObjectionText: store.ObjectionText{Reason: ledger.ObjectLost, Minutes: 60}}))
	path := "/objection/" + wang.String() + "/00000000000000b1"
	b := o.signedIn("lin", store.RoleOfficer)
	b.get(path).shows(200, "没有机器或手机见到签到", "不得积分")
	b.post(path, "verdict", "uphold", "minutes", "60").shows(200, "补录", "这条异议就答复为成立")
	if b.at != enterPath(wang, store.Objection{Volunteer: wang, ID: "00000000000000b1"}, 60) {
		t.Fatalf("led to %s", b.at)
	}
	day := time.Unix(s.Start, 0).In(o.server.desk.Zone)
	form := []string{"request", hidden(b.body, "request"), "objection", hidden(b.body, "objection"), "what", "护河", "day", day.Format(time.DateOnly), "from", day.Format("15:04"), "to", day.Add(time.Hour).Format("15:04"),
		"reason", "当天机器停电", "evidence", "签到表第三页"}
	b.post("/enter/"+wang.String(), form...).shows(200, "第二")
	if x, err := o.store.ObjectionOf(t.Context(), wang, "00000000000000b1"); err != nil || x.State != store.ObjectionWaiting {
		t.Errorf("before a second person: %+v, %v", x, err)
	}
	list, err := o.store.AskedFor(t.Context(), wang, "enter", 5)
	o.must(err)
	if _, err := o.store.Decide(t.Context(), list[0].Place, list[0].ID, "lin", true, ""); !errors.Is(err, store.ErrSameOfficer) {
		t.Errorf("by one alone: %v", err)
	}
	_, err = o.store.Decide(t.Context(), list[0].Place, list[0].ID, "chen", true, "")
	o.must(err)
	o.later(2 * resumeAfter)
	o.must(o.server.desk.seconds.resume(t.Context()))
	x, err := o.store.ObjectionOf(t.Context(), wang, "00000000000000b1")
	sum, _, err2 := o.store.Services(t.Context(), wang)
	if err != nil || err2 != nil || x.State != store.ObjectionUpheld || x.Given != 60 || sum.Honour != 60 || sum.Credit != 0 {
		t.Errorf("%+v %+v, %v %v", x, sum, err, err2)
	}
}
