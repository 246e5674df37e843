package center

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// adjusting is a form that asks for points.
func adjusting(request, points string) []string {
	return []string{"request", request, "points", points, "reason", "7 月漏记一次", "evidence", "签到表第 3 页"}
}

// points is what a volunteer has free.
func (o *office) points(v ledger.ID) (sum ledger.Points) {
	o.Helper()
	a, err := o.store.Account(o.Context(), v)
	o.must(err)
	for _, l := range a.Lots {
		sum += l.Free
	}
	return sum
}

func TestPointsAreAdjusted(t *testing.T) {
	o := newOffice(t)
	lin, chen := o.signedIn("lin", store.RoleOfficer), o.signedIn("chen", store.RoleLeader)
	v := o.volunteer(1, "张建伟", "1", "", 100)
	path := "/adjust/" + v.String()
	lin.get("/account/"+v.String()).shows(200, "更正积分", "补录时长")
	lin.get(path).shows(200, "更正张建伟的积分", "一个月合计不超过 500 分")
	for name, c := range map[string]struct {
		form []string
		says string
	}{
		"nothing":     {with(adjusting("00000000000000a1", "0")), "1 到 100,000"},
		"less":        {with(adjusting("00000000000000a1", "-5")), "要选从哪一批"},
		"too little":  {with(adjusting("00000000000000a1", "-101"), "lot", (ledger.DayOf(o.now) + 1000).String()), "这一批没有这么多分"},
		"too much":    {with(adjusting("00000000000000a1", "100001")), "1 到 100,000"},
		"no reason":   {with(adjusting("00000000000000a1", "5"), "reason", " "), "请写原因"},
		"a phone":     {with(adjusting("00000000000000a1", "5"), "reason", "找 13800138000"), "请写原因"},
		"no evidence": {with(adjusting("00000000000000a1", "5"), "evidence", ""), "请写凭据"},
	} {
		if lin.post(path, c.form...).shows(422, c.says); !strings.Contains(lin.body, `value="签到表第 3 页"`) && name != "no evidence" {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	lin.post(path, adjusting("00000000000000a1", "300")...).shows(200, "办好了", "更正积分，加 300 分", "一人办好", "+300", "7 月漏记一次")
	lin.post(path, adjusting("00000000000000a1", "300")...).shows(200, "办好了")
	if got := o.points(v); got != 400 {
		t.Errorf("%d points", got)
	}
	lin.post(path, adjusting("00000000000000a2", "201")...).shows(200, "等另一个人核对", "等第二人") // 501 in this month
	if got := o.points(v); got != 400 {
		t.Errorf("%d points before anybody confirmed", got)
	}
	to := "/second/qingxi/00000000000000a2"
	lin.get("/").hides("有事等您做第二人")
	lin.get("/second").shows(200, "现在没有等您核对的事")
	lin.get("/second?show=waiting").shows(200, "更正积分，加 201 分", "是您自己提出的")
	lin.get(to).shows(200, "是您自己提出的", "收回").hides("核对过了")
	lin.post(to+"/confirm").shows(409, "提出的人自己不能确认")
	chen.get("/").shows(200, "有事等您做第二人")
	chen.get("/second").shows(200, "张建伟", "lin")
	chen.get(to).shows(200, "接下来会这样", "张建伟的账户马上加 201 分", "签到表第 3 页")
	chen.post(to+"/refuse", "reason", "").shows(422, "请写原因")
	chen.post(to+"/confirm").shows(200, "已确认", "办好了", "chen")
	chen.post(to+"/confirm").shows(200, "已确认")
	chen.post(to+"/refuse", "reason", "x").shows(409, "情况已经变了")
	if got := o.points(v); got != 601 {
		t.Errorf("%d points after it was confirmed", got)
	}
	lin.post(path, adjusting("00000000000000a3", "900")...).shows(200, "等另一个人核对")
	chen.post("/second/qingxi/00000000000000a3/refuse", "reason", "表上没有签名").shows(200, "已退回", "表上没有签名")
	lin.get("/second?show=asked").shows(200, "没有同意")
	lin.post(path, adjusting("00000000000000a4", "900")...).shows(200)
	lin.post("/second/qingxi/00000000000000a4/withdraw").shows(200, "已收回，什么都没有改")
	lin.get("/second?show=ended").shows(200, "已收回", "没有同意", "已确认", "一人办好")
	lin.get("/account/"+v.String()).shows(200, "加 201 分：7 月漏记一次")
	lin.get("/audit?kind=second.confirmed").shows(200, "chen", "更正积分，加 201 分", "7 月漏记一次", "签到表第 3 页")
	r, err := o.store.Verify(t.Context())
	o.must(err)
	if !r.OK() {
		t.Errorf("%+v", r.Findings)
	}
}

// Points are taken out of what is free, and stand as a reversal on the account.
func TestPointsAreTaken(t *testing.T) {
	o := newOffice(t)
	lin, chen := o.signedIn("lin", store.RoleOfficer), o.signedIn("chen", store.RoleLeader)
	v := o.volunteer(1, "张建伟", "1", "", 900)
	path, lot := "/adjust/"+v.String(), (ledger.DayOf(o.now) + 1000).String()
	lin.get(path).shows(200, "从哪一批里扣", "共得 900 分")
	lin.post(path, with(adjusting("00000000000000a1", "-300"), "lot", lot)...).shows(200, "办好了", "更正积分，扣 300 分")
	if got := o.points(v); got != 600 {
		t.Errorf("%d points", got)
	}
	lin.post(path, with(adjusting("00000000000000a2", "-201"), "lot", lot)...).shows(200, "等另一个人核对")
	lin.post(path, with(adjusting("00000000000000a3", "-550"), "lot", lot)...).shows(200, "等另一个人核对")
	chen.get("/second/qingxi/00000000000000a2").shows(200, "扣 201 分", "到期的积分里扣", "已经换掉的取不回来")
	chen.post("/second/qingxi/00000000000000a3/confirm").shows(200, "办好了")
	chen.post("/second/qingxi/00000000000000a2/confirm").shows(200, "没办成", "没有这么多可扣")
	if got := o.points(v); got != 50 {
		t.Errorf("%d points", got)
	}
	r, err := o.store.Verify(t.Context())
	o.must(err)
	if !r.OK() {
		t.Errorf("%+v", r.Findings)
	}
}

func TestAClerkAdjustsNothingAndATownSeesItsOwn(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	v := o.volunteer(1, "张建伟", "1", "", 100)
	lin := o.signedIn("lin", store.RoleOfficer)
	lin.post("/adjust/"+v.String(), adjusting("00000000000000a1", "900")...).shows(200, "等另一个人核对")
	other := o.bound("wang", store.RoleOfficer, "liuhe")
	other.get("/second?show=waiting").shows(200).hides("张建伟")
	other.get("/second/qingxi/00000000000000a1").shows(403, "不归你管")
	other.post("/second/qingxi/00000000000000a1/confirm").shows(403)
	other.get("/adjust/" + v.String()).shows(403)
	other.get("/second/liuhe/00000000000000a1").shows(404)
	o.bound("chen", store.RoleLeader, "qingxi").get("/second").shows(200, "张建伟")
	o.signedIn("wu", store.RoleClerk).get("/second").shows(200, "您还没有提出过").hides("等我办")
}

func TestOnesOwnIsForOthers(t *testing.T) {
	o := newOffice(t)
	lin, chen := o.signedIn("lin", store.RoleOfficer), o.signedIn("chen", store.RoleOfficer)
	v := o.volunteer(1, "张建伟", "1", "", 100)
	own := ledger.ID{2, 7}
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: own, Name: "陈明", Number: "2"}, Town: "qingxi"}))
	o.must(o.store.SetOwn(t.Context(), "chen", own, "terminal"))
	for _, id := range []ledger.ID{v, own} {
		lin.get("/volunteer/"+id.String()).shows(200, "户号").fills("household", "0412").shows(200, "改好了")
	}
	lin.get("/account/"+v.String()).shows(200, "同住")
	chen.post("/adjust/"+own.String(), adjusting("00000000000000b1", "5")...).shows(409, "您自己或同住家人")
	chen.post("/adjust/"+v.String(), adjusting("00000000000000b2", "5")...).shows(409, "您自己或同住家人")
	lin.post("/adjust/"+v.String(), adjusting("00000000000000b3", "900")...).shows(200, "等另一个人核对")
	chen.get("/second").shows(200, "现在没有等您核对的事")
	chen.get("/second/qingxi/00000000000000b3").shows(200, "这是您自己或同住家人的").hides("核对过了")
	chen.post("/second/qingxi/00000000000000b3/confirm").shows(409, "您自己或同住家人")
}

// entering is a form that asks for hours.
func entering(request string) []string {
	return []string{"request", request, "what", "路口文明劝导", "day", "2026-11-21", "from", "09:00", "to", "11:30", "reason", "机器停电", "evidence", "现场负责人李红芳"}
}

func TestHoursAreEnteredByTwo(t *testing.T) {
	o := newOffice(t)
	v := o.volunteer(1, "张建伟", "1", "", 100)
	wu, chen := o.signedIn("wu", store.RoleClerk), o.signedIn("chen", store.RoleLeader)
	path := "/enter/" + v.String()
	wu.get(path).shows(200, "荣誉时长", "每人每月最多补录 20 小时")
	for name, c := range map[string]struct {
		form []string
		says string
	}{
		"nothing done": {with(entering("00000000000000c1"), "what", ""), "请写做了什么"},
		"tomorrow":     {with(entering("00000000000000c1"), "day", "2026-11-24"), "过去一年以内"},
		"long ago":     {with(entering("00000000000000c1"), "day", "2025-11-20"), "过去一年以内"},
		"no day":       {with(entering("00000000000000c1"), "day", "21.11."), "过去一年以内"},
		"backwards":    {with(entering("00000000000000c1"), "to", "09:00"), "结束要晚于开始"},
		"no time":      {with(entering("00000000000000c1"), "from", "9"), "结束要晚于开始"},
		"a long day":   {with(entering("00000000000000c1"), "from", "06:00", "to", "18:01"), "超过一天最多"},
		"no evidence":  {with(entering("00000000000000c1"), "evidence", ""), "请写凭据"},
	} {
		if wu.post(path, c.form...).shows(422, c.says); !strings.Contains(wu.body, `value="机器停电"`) {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	wu.post(path, entering("00000000000000c1")...).shows(200, "等另一个人核对", "补录时长 2.5 小时")
	o.browser().get("/entered").shows(200, "还没有补录过时长")
	to := "/second/qingxi/00000000000000c1"
	wu.post(to + "/confirm").shows(403)
	chen.get(to).shows(200, "路口文明劝导，2026年11月21日 09:00 到 11:30", "公开")
	chen.post(to+"/confirm").shows(200, "已确认", "办好了")
	o.browser().get("/entered").shows(200, "张*伟", "清溪镇", "路口文明劝导", "2.5").hides("张建伟", "wu", "chen")
	wu.get("/account/"+v.String()).shows(200, "荣誉时长 2.5 小时", "wu 录入，chen 确认")
	if got := o.points(v); got != 100 {
		t.Errorf("honour hours are worth points: %d", got)
	}
	wu.post(path, entering("00000000000000c2")...).shows(422, "和已有的时长重叠")
	for i, day := range []string{"2026-11-18", "2026-11-19"} {
		wu.post(path, with(entering("00000000000000d"+itoa(int64(i))), "day", day, "from", "09:00", "to", "17:00")...).shows(200, "等另一个人核对")
	}
	wu.post(path, with(entering("00000000000000d3"), "day", "2026-11-20")...).shows(422, "本月的补录额度不够") // 2.5 + 8 + 8 + 2.5
	wu.post(path, with(entering("00000000000000d4"), "day", "2026-11-20", "to", "10:00")...).shows(200)
	wu.post(path, with(entering("00000000000000d5"), "day", "2026-11-18", "from", "10:00", "to", "10:30")...).shows(200) // waits beside one that overlaps
	chen.post("/second/qingxi/00000000000000d0/confirm").shows(200, "办好了")
	chen.post("/second/qingxi/00000000000000d5/confirm").shows(200, "没办成", "和别的时长重叠")
	o.now = o.now.AddDate(0, 0, 10) // the next month has a quota of its own
	x, err := o.store.Ask(t.Context(), store.Asked{Place: "qingxi", ID: "00000000000000f1", Kind: "enter", Volunteer: v, Amount: 480, Reason: "停电", Who: "wu"}, store.AskRule{Since: o.server.desk.monthStart(), Quota: 480})
	o.must(err)
	if x.State != store.AskedWaiting {
		t.Errorf("%+v", x)
	}
}

// What was confirmed and is not done, because the process ended in between, is done
// by whoever looks next, once.
func TestWhatWasConfirmedIsDone(t *testing.T) {
	o := newOffice(t)
	o.signedIn("lin", store.RoleOfficer)
	v := o.volunteer(1, "张建伟", "1", "", 100)
	x, err := o.store.Ask(t.Context(), store.Asked{Place: "qingxi", ID: "00000000000000e1", Kind: "adjust", Volunteer: v, Amount: 50, Reason: "漏记", Who: "lin"}, store.AskRule{Alone: 50})
	o.must(err)
	o.must(o.server.desk.seconds.resume(t.Context())) // somebody may be at it
	if got := o.points(v); got != 100 {
		t.Errorf("%d points", got)
	}
	o.now = o.now.Add(resumeAfter + time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.server.desk.seconds.resume(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	for range 2 {
		o.must(o.server.desk.seconds.resume(t.Context()))
	}
	if got := o.points(v); got != 150 {
		t.Errorf("%d points", got)
	}
	x, err = o.store.AskedOf(t.Context(), x.Place, x.ID)
	o.must(err)
	if x.Done.IsZero() {
		t.Errorf("%+v", x)
	}
}
