package screentest

import (
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// An activity is drafted by one and reviewed by another, published, claimed and called
// off; the kiosks' documents say so at each step.
func TestActivities(t *testing.T) {
	d := newDesk(t)
	d.county()
	zhang := ledger.ID{1, 7}
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=活动").on("/activities").sees("还没有活动").press("=新活动").on("/activity/center")
	v.visit("/activity/qingxi").typing("title", "路口文明劝导", "spots", "石桥路口：XX99").press("=建好草稿").sees("终端机编号不对")
	d.auditOnce(v, "activity-wrong")
	v.typing("spots", "石桥路口：SQ01", "posts", "劝导员：2").press("=建好草稿").on("/activity/qingxi/").sees("保存好了", "草稿")
	list, err := d.store.Activities(t.Context(), nil, 0, ledger.MaxDay)
	d.must(err)
	a := list[0]
	d.must(d.store.MoveActivity(store.As(t.Context(), "chen"), a.Version, a.Scope, a.ID, store.ActivityReviewed, "", nil))
	v.visit("/activities").sees("已审核").press("=路口文明劝导").press("=发布").sees("接下来会这样", "多出 1 场")
	d.auditOnce(v, "moveactivity")
	v.press("main button").sees("发布了", "接下来的场次")
	d.audit(v, "activity")
	shift := a.Shifts(a.Scope, d.store.Zone())[0]
	if told := d.toldOf(a.Scope, shift.ID); told == nil || told.Closed {
		t.Fatalf("the kiosks hear %+v", told)
	}
	for n := byte(1); n <= 3; n++ {
		_, err := d.store.Enlist(t.Context(), store.Claim{Shift: shift.ID, Volunteer: ledger.ID{n, 7}, Wait: true})
		d.must(err)
	}
	v.visit("/calendar?month=" + time.Unix(shift.Start, 0).In(d.store.Zone()).Format("2006-01")).sees("08:00 路口文明劝导")
	d.audit(v, "calendar")
	v.press("td li a").on("/shift/").sees("张建伟", "候补")
	v.visit("/shift/" + shift.ID.String() + "?q=张")
	d.audit(v, "shift")
	v.visit("/shift/" + shift.ID.String() + "/strike/" + zhang.String()).sees("补上")
	d.auditOnce(v, "strike")
	v.press("main button").sees("取消了报名").press("=取消这一场").sees("接下来会这样")
	d.auditOnce(v, "calloff")
	v.typing("why", "下雨").press("main button").sees("这一场取消了", "下雨")
	if told := d.toldOf(a.Scope, shift.ID); !told.Closed {
		t.Errorf("the kiosks still hear %+v", told)
	}
	v.visit("/activities")
	d.audit(v, "activities")
	v.press("=导入活动表").on("/activitylist").sees("先看一遍")
	d.auditOnce(v, "activitylist")

	// On the day, half of them have come.
	now := d.now().In(d.store.Zone())
	begins := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, d.store.Zone())
	for i, hours := range []int{0, 9, 19} {
		one := shift
		one.ID, one.Start, one.End = ledger.ID{byte(i + 1), 3}, begins.Unix()+int64(hours*3600), begins.Unix()+int64(hours*3600)+4*3600
		d.must(d.store.PutShift(t.Context(), a.Scope, one))
	}
	v.visit("/").sees("今天的活动", "3 场")
	d.audit(v, "today-activities")
}

// toldOf is what kiosks below a scope are told of a shift.
func (d *desk) toldOf(scope string, id ledger.ID) *civic.Shift {
	d.Helper()
	docs, err := d.store.Documents(d.Context(), scope, store.KindShift, []string{id.String()})
	d.must(err)
	if len(docs) == 0 {
		return nil
	}
	return docs[0].Shift
}
