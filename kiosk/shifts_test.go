package kiosk

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// The times of activities of these tests, by hours from the afternoon on which they
// play: one that goes on, one to come with two posts, and one of two days ago.
const (
	nowShift  = byte(101)
	soonShift = byte(102)
	overShift = byte(103)
)

func shiftID(n byte) ledger.ID { return ledger.ID{n, 7} }

func (v *village) shiftAt(n byte, title string, hours int64) civic.Shift {
	start := v.clock.Now().WallMS/1000 + hours*3600
	return civic.Shift{ID: shiftID(n), Version: 1, Activity: ledger.ID{n, 8}, Title: title, Place: "石桥路口", Scope: "qingxi", Start: start, End: start + 2*3600, Kiosks: []string{"SQ-01"},
		Posts: []civic.Post{{Name: "引导员", Wanted: 1}, {Name: "登记员", Wanted: 2}}, CheckEarly: 1800, CheckLate: 3600, Tickets: "HTTPS://YZ.EXAMPLE/P/"}
}

// activeVillage is a kiosk of a center that has told of activities.
func activeVillage(t testing.TB) (*village, *testCenter) {
	t.Helper()
	v, c := linkedVillage(t)
	v.clock.vouch(ledger.ClockSynced)
	for n, hours := range map[byte]int64{nowShift: 0, soonShift: 30, overShift: -48} {
		shift := v.shiftAt(n, map[byte]string{nowShift: "路口文明劝导", soonShift: "秋收帮忙", overShift: "社区清洁日"}[n], hours)
		c.tells(t, civic.Document{Shift: &shift})
	}
	return v, c
}

// tells lets the center say so.
func (c *testCenter) tells(t testing.TB, list ...civic.Document) {
	t.Helper()
	var raw []json.RawMessage
	for _, d := range list {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b)
	}
	if err := c.store.Apply(t.Context(), testEra, "qingxi", 5, raw); err != nil {
		t.Fatal(err)
	}
}

// check checks somebody in or out at the shift that goes on.
func (v *village) check(n byte, out bool) {
	v.Helper()
	c := store.Check{Key: v.key(), Shift: shiftID(nowShift), Who: id(n), By: ledger.CheckAccount}
	check := v.cfg.Store.CheckIn
	if out {
		check = v.cfg.Store.CheckOut
	}
	_, err := check(v.Context(), c)
	v.must(err)
}

func TestAPostIsClaimedAndGivenUp(t *testing.T) {
	v, c := activeVillage(t)
	s := v.screen()
	at := shiftPath(shiftID(soonShift))
	s.get("/").sees("报名活动", "这个月有 1 场")
	s.get(shiftsPage).sees("秋收帮忙", "还要 3 人").lacks("路口文明劝导", "社区清洁日", "我报的")
	s.get(at).sees("刷卡，就能报名", "引导员", "登记员").lacks(`name="post"`)
	s.scanCard(zhang).on(at).sees(`name="post" value="1"`) // the card leads back here
	key := s.field("key")
	s.post(at, "key", key, "post", "1").on(at).sees("引导员", "等中心确认", "连上网就送去", "不去了")
	s.post(at, "key", key, "post", "1").on(at).sees("等中心确认") // a double tap
	page := v.connect(s)
	v.tick()
	page.hears(`"renew":"` + at) // the answer appears by itself
	s.get(shiftsPage+"?tab=mine").sees("秋收帮忙", "等中心确认")
	v.must(c.store.Acknowledged(t.Context(), c.store.Health().Head.Seq))
	s.get(at).sees("过一会儿再来看")

	told := v.shiftAt(soonShift, "秋收帮忙", 30)
	told.Version, told.Enlisted = 2, []civic.Enlisted{{Who: id(zhang), Post: 1}}
	c.tells(t, civic.Document{Shift: &told})
	s.get(at).sees("中心确认过").lacks("等中心确认")
	s.get(at+"?leave").sees("名额给别人", "还是去")
	s.post(at, "key", s.field("key"), "do", "off").on(at).sees("已经退了")
	s.get(shiftsPage + "?tab=mine").sees("退了")

	s.post("/leave")
	s.scanCard(wang).get(at).sees("报满了，可以排队")
	s.post(at, "key", s.field("key"), "post", "1").sees("等中心确认")
	told.Version, told.Waiting = 3, []civic.Enlisted{{Who: id(liu), Post: 1}, {Who: id(wang), Post: 1}}
	c.tells(t, civic.Document{Shift: &told})
	s.get(at).sees("您排第 2 位")

	for _, wrong := range [][]string{{"post", "1"}, {"key", "0102030405060708", "post", "x"}, {"key", "0102030405060708", "post", "3"}} {
		if s.post(at, wrong...); s.code != 400 {
			t.Errorf("%v answers %d at %s", wrong, s.code, s.at)
		}
	}
	v.saysWhatBecame(t, c, s, told)
	v.clock.advance(31 * time.Hour)
	s = v.screen()
	s.scanCard(chen).get(at).sees("已经开始").lacks(`name="post"`)
	s.post(at, "key", "0102030405060708", "post", "2").on("/trouble").sees("已经开始", "没有动过积分")
	s.get(shiftPath(ledger.ID{9})).sees("没找到")
}

// saysWhatBecame is what the center decides about a claim of wang, who waits.
func (v *village) saysWhatBecame(t *testing.T, c *testCenter, s *screen, told civic.Shift) {
	t.Helper()
	at := shiftPath(told.ID)
	own := v.cfg.Store.Health().Head
	told.Waiting = nil
	say := func(seq uint64, why string) {
		t.Helper()
		told.Version++
		told.Heard, told.Ended = []civic.HeardClaim{{Who: id(wang), Kiosk: own.Kiosk, Epoch: own.Epoch, Seq: seq}}, []civic.EndedClaim{{Who: id(wang), Why: why}}
		c.tells(t, civic.Document{Shift: &told})
	}
	for why, words := range map[string]string{civic.ClaimStruck: "中心把您的报名退掉了", civic.ClaimFull: "报名和排队的人都满了", civic.ClaimLate: "已经结束或取消了"} {
		say(own.Seq, why)
		s.get(at).sees(words, `name="post" value="1"`).lacks("等中心确认", "不去了")
		s.get(shiftsPage + "?tab=mine").sees("秋收帮忙").lacks("等中心确认")
	}
	say(own.Seq, civic.ClaimGiven) // by phone
	s.get(at).lacks("等中心确认", "不去了")
	s.get(shiftsPage + "?tab=mine").lacks("秋收帮忙")
	s.get(at).post(at, "key", s.field("key"), "post", "2").sees("等中心确认") // once more: that one was not heard yet
	say(own.Seq+1, civic.ClaimStruck)
	s.get(at).sees("中心把您的报名退掉了")
	if all, err := v.cfg.Store.Claims(told.ID); err != nil || all[id(wang)].Stands() {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestHoursSayHowEachRecordStands(t *testing.T) {
	v, c := activeVillage(t)
	s := v.screen()
	s.scanCard(zhang).sees("我的时长").get(hoursPage).sees("路口文明劝导", "为什么", "/why/")
	v.check(zhang, false)
	s.get(hoursPage).sees("正在服务", "14:30–?")
	at := attendancePath(shiftID(nowShift))
	s.get(at).sees("14:30 签到", "还没签退", "签退以后，负责人确认")
	v.clock.advance(95 * time.Minute)
	v.check(zhang, true)
	s = v.screen()
	s.scanCard(zhang).get(hoursPage).sees("等负责人确认", "1:35", "14:30–16:05")
	_, err := v.cfg.Store.ConfirmRoster(t.Context(), store.Roll{Key: v.key(), Shift: shiftID(nowShift), Operator: id(leader), Verdict: ledger.VerdictThere, People: []ledger.ID{id(zhang)}})
	v.must(err)
	s.get(hoursPage).sees("等中心记分")
	s.get(at).sees("负责人 陈*国 确认您到了", "等中心记分")
	told := civic.Attended{Shift: shiftID(nowShift), Who: id(zhang), Version: 1, State: civic.AttendConfirmed, Minutes: 90, Points: 15}
	c.tells(t, civic.Document{Attended: &told})
	s.get(hoursPage).sees("已确认", "1.5").lacks("等中心记分")
	s.get(at).sees("中心记了 1.5 小时，15 分")
	told.Version, told.State, told.Minutes, told.Points = 2, civic.AttendRefused, 0, 0
	c.tells(t, civic.Document{Attended: &told})
	s.get(hoursPage).sees("没有算")
	s.get(at).sees("中心没有算")
	s.get(attendancePath(shiftID(soonShift))).sees("没找到") // nothing is known of it
	s.post("/leave")
	s.get(hoursPage).on("/?over")
}

// What was booked of a shift stands in the list once, although the account has it too.
func TestARecordThatWasBookedStandsOnce(t *testing.T) {
	v, c := activeVillage(t)
	v.check(chen, false)
	doc, err := v.cfg.Store.Volunteer(id(chen))
	v.must(err)
	doc.Version, doc.Minutes = doc.Version+1, 120
	doc.Earned = []civic.Earning{{On: v.today(), Expires: day(t, "2029-11-30"), What: "路口文明劝导", Minutes: 120, Rate: 10, Points: 20}}
	told := civic.Attended{Shift: shiftID(nowShift), Who: id(chen), Version: 1, State: civic.AttendConfirmed, Minutes: 120, Points: 20}
	c.tells(t, civic.Document{Volunteer: &doc}, civic.Document{Attended: &told})
	s := v.screen()
	s.scanCard(chen).get(hoursPage).sees("服务时长", "还没有星级", "满 100 小时升一星")
	if n := strings.Count(s.body, "路口文明劝导"); n != 1 {
		t.Errorf("it stands there %d times: %s", n, words(s.body))
	}
}

func TestAnObjection(t *testing.T) {
	v, _ := activeVillage(t)
	v.check(zhang, false)
	s := v.screen()
	s.scanCard(zhang).get(attendancePath(shiftID(nowShift)))
	at := "/object/shift/" + shiftID(nowShift).String()
	s.get(at).sees("哪里不对", "时间少算了", "时间多算了", "我没有去", "别的不对")
	s.get(at+"?reason=absent").sees("这样告诉负责人", "我没有去").lacks(`name="minutes"`)
	fewer := at + "?reason=fewer"
	s.get(fewer).sees("应该是多少分钟")
	s.post(fewer, "key", "1").on(fewer+"&typing").post(fewer, "key", "2").post(fewer, "key", "0").post(fewer, "key", "go").on(fewer[:len(fewer)-len("reason=fewer")] + "minutes=120&reason=fewer")
	s.sees("时间少算了", "120 分钟", "积分现在不动")
	for _, wrong := range [][]string{{"reason", "fewer"}, {"reason", "lost"}, {"reason", "fewer", "minutes", "1441"}, {}} {
		if s.post(at+"/now", append(wrong, "key", "0102030405060708")...); s.code != 400 {
			t.Errorf("%v answers %d", wrong, s.code)
		}
	}
	for range 2 { // a double tap
		s.post(at+"/now", "key", "0102030405060708", "reason", "fewer", "minutes", "120").on(attendancePath(shiftID(nowShift))).sees("您提过：时间少算了", "120 分钟", "等负责人回话").lacks("数不对？")
	}
	list, err := v.cfg.Store.Objections(id(zhang), 10)
	if err != nil || len(list) != 1 || list[0].Minutes != 120 || list[0].Reason != ledger.ObjectFewer {
		t.Errorf("%+v, %v", list, err)
	}
	s.get(hoursPage).sees("提过异议")

	// One to a line of the account names it as a person reads it.
	s.get("/why/1").sees("/object/line/1")
	s.get("/object/line/1").sees("路口文明劝导", "时间对，积分不对")
	s.get("/object/line/1?reason=points").sees("这样告诉负责人")
	s.post("/object/line/1/now", "key", "0102030405060709", "reason", "points").on("/why/1").sees("提过异议")
	list, err = v.cfg.Store.Objections(id(zhang), 10)
	if err != nil || len(list) != 2 || list[0].Earning != "2023-12-20 1200 200 路口文明劝导" {
		t.Errorf("%+v, %v", list, err)
	}
	s.get("/object/line/99").sees("没找到")

	// Somebody who was there and finds no record picks the shift.
	s.get(shiftsPage + "?tab=past").sees("社区清洁日").lacks("路口文明劝导")
	lost := "/object/shift/" + shiftID(overShift).String()
	s.get(lost).sees("应该是多少分钟").post(lost+"?reason=lost", "typed", "120", "key", "go").sees("我去了，没有记", "120 分钟")
	s.post(lost+"/now", "key", "010203040506070a", "reason", "lost", "minutes", "120").on(attendancePath(shiftID(overShift))).sees("我去了，没有记")
	s.get("/object/shift/" + shiftID(soonShift).String()).sees("没找到") // it has not been yet
}
