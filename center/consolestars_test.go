package center

import (
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// honoured gives somebody hours that two officers entered: one day back for each id.
func (o *office) honoured(v ledger.ID, id string, daysBack int, what string, minutes int64) {
	o.Helper()
	h := store.Honour{Volunteer: v, ID: id, Day: ledger.DayOf(o.now) - ledger.Day(daysBack), First: 8 * 60, Last: 8*60 + minutes, What: what, Who: "lin", Second: "chen"}
	o.must(o.store.PutHonour(o.Context(), h, 24*60))
}

// starsAfter puts rules in force by which a star needs few hours.
func (o *office) starsAfter(hours ...int64) {
	o.Helper()
	p := civic.Policy{}.WithDefaults()
	copy(p.Stars[:], hours)
	v, err := o.store.DraftPolicy(store.As(o.Context(), "lin"), "center", store.PolicyText{Policy: p})
	o.must(err)
	o.must(o.store.ForcePolicy(store.As(o.Context(), "lin"), v.Rule(), v.Edits, ledger.DayOf(o.now)))
}

// Whoever reaches a star is announced with a masked name for five working days; an
// objection stops it, and without one it is granted.
func TestStarsAreAnnouncedBeforeTheyAreGranted(t *testing.T) {
	o := newOffice(t)
	o.starsAfter(1, 2)
	zhang, li, wang := o.volunteer(1, "张建伟", "100", "", 10), o.volunteer(2, "李红芳", "101", "", 10), ledger.ID{3, 7}
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: wang, Name: "王小强", Minutes: 90}, Town: "qingxi"}))
	o.honoured(zhang, "a", 1, "护河", 60)
	o.honoured(li, "b", 1, "护河", 130)
	work := func() { t.Helper(); o.must(o.server.desk.starry.work(t.Context())) }
	work()
	stranger := o.browser()
	stranger.get("/stars").shows(200, "张*伟", "李*芳", "一星", "二星", "2026年11月30日", "公示 5 个工作日").hides("张建伟", "李红芳", "王", "异议成立")
	stranger.get("/stars?show=granted").shows(200, "王*强", "名册报来的时长，原系统已评").hides("张*伟")
	stranger.get("/stars?show=stopped").shows(200, "张*伟") // it is not theirs to see

	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/stars").shows(200, "张建伟", "李红芳", "异议成立")
	b.get("/account/"+zhang.String()).shows(200, "一星公示中，到 2026年11月30日", "满 2 小时升星", "还没有")
	stop := "/star/" + li.String() + "/2"
	b.get(stop).shows(200, "接下来会这样", "李红芳这次的星级不评定")
	b.post(stop, "state", "announced", "reason", "").shows(422, "接下来会这样")
	b.post(stop, "state", "announced", "reason", "同名的另一个人").shows(200, "停下了", "张建伟").hides("李红芳")
	b.post(stop, "state", "announced", "reason", "又来").shows(409)
	b.get("/stars?show=stopped").shows(200, "李红芳", "同名的另一个人 · lin", "重新公示")
	o.signedIn("chen", store.RoleClerk).get("/stars").shows(200, "张建伟").hides("异议成立")
	o.signedIn("chen2", store.RoleClerk).get(stop).shows(403)

	o.now = o.now.AddDate(0, 0, 8) // 1 December
	work()
	stranger.get("/stars?show=granted").shows(200, "张*伟", "王*强").hides("李*芳")
	b = o.signedIn("lin2", store.RoleOfficer)
	b.get("/account/"+zhang.String()).shows(200, "一星", "满 2 小时升星").hides("公示中")
	b.post(stop, "state", "stopped", "reason", "查过了，是本人").shows(200, "重新公示了", "李红芳", "2026年12月8日")
	b.get("/star/" + zhang.String() + "/1").shows(409) // granted is granted
	if acts := o.personActs(li); len(acts) != 3 || acts[0].Kind != "star.announced" {
		t.Errorf("%+v", acts)
	}
	o.bound("far", store.RoleOfficer, "shiqiao").get(stop).shows(403)
}

// Hours that were corrected below the star within its days do not give it.
func TestAStarThatLostItsHoursIsNotGranted(t *testing.T) {
	o := newOffice(t)
	o.starsAfter(1)
	zhang := o.volunteer(1, "张建伟", "100", "", 10)
	o.must(o.store.PutStar(t.Context(), store.Star{Volunteer: zhang, Stars: 1, State: store.StarAnnounced, Minutes: 60, Town: "qingxi", Last: ledger.DayOf(o.now)}))
	o.now = o.now.Add(24 * time.Hour)
	o.must(o.server.desk.starry.work(t.Context()))
	o.signedIn("lin", store.RoleOfficer).get("/stars?show=stopped").shows(200, "张建伟", "更正后时长不够")
}
