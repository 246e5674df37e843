package kiosk

import (
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// rosterOf is the page of a roster, for staff.
func rosterOf(n byte) string { return rosterBase + "/" + shiftID(n).String() }

func TestALeaderConfirmsEverybodyWithOneTap(t *testing.T) {
	v, c := activeVillage(t)
	for _, n := range []byte{zhang, wang, chen} {
		v.check(n, false)
	}
	at := rosterOf(nowShift)
	s := v.screen().onDutyAs(leader)
	s.get(rostersPage).sees("3 人在场").get(at).sees("走了或结束了再确认").lacks(`name="seen"`) // who knows how long they stay
	v.clock.advance(90 * time.Minute)
	v.check(wang, true)
	s.get(at).sees("都在，确认 1 人", "1 人约 1.5 小时")
	v.clock.advance(35 * time.Minute)
	s.get("/staff").sees("/staff/rosters", "路口文明劝导</b> 3 人的时长等您确认", "名单 · 3").get(rostersPage).sees("路口文明劝导", "3 人待确认", "社区清洁日", "还没人签到").lacks("秋收帮忙")
	s.get(at).sees("到了 3 人", "张*伟", "14:30–?", "手机号", "王*英", "14:30–16:00", "待确认", "3 人约 5.5 小时，没签退的算到 16:30", "积分由中心记", "都在，确认 3 人")

	// Somebody comes while the leader reads: the tap confirms nobody whom the page had not named.
	key, seen := s.field("key"), s.field("seen")
	v.check(zhang, true)
	s.post(at, "key", key, "seen", seen).on(at+"?changed").sees("名单变了", "都在，确认 3 人")
	c.change(func(c *testCenter) { c.offline = true })
	key, seen = s.field("key"), s.field("seen")
	s.post(at, "key", key, "seen", seen).on(at+"?done=3").sees("确认了 3 人", "没网，连上后积分才到账", "都确认过了", "已确认 90 分钟", "已确认 120 分钟").lacks("待确认", "125")
	s.post(at, "key", key, "seen", seen).on(at) // a double tap
	people, err := v.cfg.Store.Roster(shiftID(nowShift))
	v.must(err)
	for _, p := range people {
		if p.Word.Verdict != ledger.VerdictThere || p.Word.Operator != id(leader) || p.Word.Minutes != 0 {
			t.Errorf("%s: %+v", p.Name, p.Word)
		}
	}
	s.get(rostersPage).sees("到 3 人，都确认了").get("/staff").lacks("确认")
	c.tells(t, civic.Document{Attended: &civic.Attended{Shift: shiftID(nowShift), Who: id(wang), Version: 1, State: civic.AttendConfirmed, Minutes: 90, Points: 15}})
	s.get(at).sees("90 分钟，15 分")
}

func TestALeaderSaysOfOnePersonWhatWas(t *testing.T) {
	v, _ := activeVillage(t)
	v.check(zhang, false)
	s := v.screen().onDutyAs(leader)
	at := rosterOf(nowShift)
	one := at + "/" + id(zhang).String()
	s.get(at).sees(one)
	s.get(one).sees("张*伟", "现在签退", "到了，时间另记", "没到").lacks("现在签到", "约 120 分钟")
	s.get(one + "?typing").sees("在场多少分钟")
	s.post(one+"?minutes=", "key", "9").on(one+"?typing").post(one+"?minutes=", "key", "5").post(one+"?minutes=", "key", "go").on(one+"?minutes=95").sees("记 95 分钟", "签到签退的时间不改")
	s.post(one+"?minutes=", "typed", "9999", "key", "go").on(one + "?typing")
	s.get(one+"?minutes=95").post(one+"/now", "key", s.field("key"), "minutes", "95", "do", "there").on(at).sees("已确认 95 分钟")
	s.get(one).sees("已确认到了，约 95 分钟")
	s.post(one+"/now", "key", s.field("key"), "do", "absent").on(at).sees("没到").lacks("已确认 95")
	if known, err := v.cfg.Store.Attendance(shiftID(nowShift), id(zhang)); err != nil || known.Word.Verdict != ledger.VerdictAbsent {
		t.Errorf("the last word: %+v, %v", known.Word, err)
	}
	for _, wrong := range [][]string{{"do", "there", "minutes", "0"}, {"do", "fly"}, {}} {
		if s.post(one+"/now", append(wrong, "key", "0102030405060708")...); s.code != 400 {
			t.Errorf("%v answers %d", wrong, s.code)
		}
	}
	s.get(at + "/" + ledger.ID{77}.String()).sees("没有这一笔、这个人")
}

func TestALeaderChecksInByHandWhomTheyFind(t *testing.T) {
	v, _ := activeVillage(t)
	s := v.screen().onDutyAs(leader)
	at := rosterOf(nowShift)
	s.get(at).sees("还没有人签到", "代签一位").get("/staff/find?for=" + shiftID(nowShift).String()).sees("for=" + shiftID(nowShift).String())
	s.get("/staff/found?q=wxy&for=" + shiftID(nowShift).String()).sees(at + "/" + id(wang).String())
	one := at + "/" + id(wang).String()
	s.get(one).sees("没有签到", "现在签到", "没到").lacks("约")
	s.post(one+"/now", "key", s.field("key"), "do", "in").on(at).sees("王*英", "负责人代签", "在场")
	known, err := v.cfg.Store.Attendance(shiftID(nowShift), id(wang))
	if err != nil || known.In.By != ledger.CheckStaff || known.In.Operator != id(leader) {
		t.Errorf("%+v, %v", known.In, err)
	}
	s.get(one).sees("现在签退")
	key := s.field("key")
	for range 2 {
		s.post(one+"/now", "key", key, "do", "out").on(at).sees("待确认")
	}
	s.post(one+"/now", "key", "0102030405060708", "do", "out").on(at) // it was done before
	over := rosterOf(overShift) + "/" + id(wang).String()
	s.get(over).sees("没有签到", "到了，时间另记").lacks("现在签到")
	s.post(over+"/now", "key", "0102030405060709", "do", "in").on("/trouble").sees("现在不能签到签退", "什么都没记", "到了，时间另记")
	s.get("/staff/found?q=wxy").sees("/staff/person/" + id(wang).String()) // as ever
}

// Of a shift that was called off while people were there one tap confirms those who have
// left; its planned end says nothing of the others, whom the leader checks out.
func TestPeopleOfAShiftThatWasCalledOff(t *testing.T) {
	v, c := activeVillage(t)
	off := v.shiftAt(nowShift, "路口文明劝导", 0)
	v.check(zhang, false)
	v.check(wang, false)
	v.clock.advance(30 * time.Minute)
	v.check(wang, true)
	off.Version, off.Closed = 2, true
	c.tells(t, civic.Document{Shift: &off})
	at := rosterOf(nowShift)
	v.screen().get(gatePathOf(off)).sees("这一场取消了", "签过的都记着", "请找负责人签退").lacks("签到已经结束")
	s := v.screen().onDutyAs(leader)
	v.clock.advance(time.Minute)
	s.get(at).sees("都在，确认 1 人", "1 人约 0.5 小时")
	s.post(at, "key", s.field("key"), "seen", s.field("seen")).sees("确认了 1 人", "取消了，请一个个记", "现在签退", "张*伟")
	one := at + "/" + id(zhang).String()
	s.get(one).sees("现在签退", "到了，时间另记").lacks("现在签到", "约 120 分钟")
	s.post(one+"/now", "key", s.field("key"), "do", "out").on(at).sees("都在，确认 1 人")
	s.get(at + "/" + id(chen).String()).lacks("现在签到")
}

func TestOnlyLeadersConfirm(t *testing.T) {
	v, c := activeVillage(t)
	v.check(zhang, false)
	at := rosterOf(nowShift)
	s := v.screen().onDutyAs(clerk)
	s.get(at).sees("只有站长和这场活动的负责人能确认", "张*伟").lacks(`name="seen"`, at+"/")
	s.post(at, "key", "0102030405060708", "seen", "x").sees("要站长来办")
	s.get(at + "/" + id(zhang).String()).sees("要站长来办")
	s.post("/leave")

	// A volunteer who leads the activity has its roster, and no other.
	led := v.shiftAt(nowShift, "路口文明劝导", 0)
	led.Version, led.Leaders = 2, []ledger.ID{id(chen)}
	c.tells(t, civic.Document{Shift: &led})
	v.check(chen, false)
	v.check(zhang, true)
	s.scanCard(zhang).get("/lead/" + shiftID(nowShift).String()).sees("没找到")
	s.post("/leave")
	s.scanCard(chen).get(shiftPath(shiftID(nowShift))).sees("/lead/")
	s.get("/lead/"+shiftID(nowShift).String()).sees("张*伟", "您自己，请别人确认", "都在，确认 1 人").lacks("/staff/", "/lead/"+shiftID(nowShift).String()+"/"+id(chen).String())
	s.post(s.at, "key", s.field("key"), "seen", s.field("seen")).sees("确认了 1 人")
	s.get("/lead/"+shiftID(nowShift).String()+"/"+id(chen).String()).sees("要请别人确认", "什么都没记")
	s.get("/lead/" + shiftID(soonShift).String()).sees("没找到")
	s.get(at).on("/balance")
}

// A station's leader who is a volunteer too has one number, and stands on the roster
// without a page of their own.
func TestALeaderDoesNotConfirmThemselves(t *testing.T) {
	v, c := activeVillage(t)
	both, err := v.cfg.Store.Staff(id(leader))
	v.must(err)
	who, err := v.cfg.Store.Volunteer(id(zhang))
	v.must(err)
	both.Number, both.Version = who.Number, both.Version+1
	c.tells(t, civic.Document{Staff: &both})
	for _, n := range []byte{zhang, wang} {
		v.check(n, false)
		v.check(n, true)
	}
	s := v.screen().onDutyAs(leader)
	at := rosterOf(nowShift)
	s.get(at).sees("您自己", "都在，确认 1 人")
	s.post(at, "key", s.field("key"), "seen", s.field("seen")).sees("确认了 1 人")
	if known, err := v.cfg.Store.Attendance(shiftID(nowShift), id(zhang)); err != nil || known.Word.Seq != 0 {
		t.Errorf("%+v, %v", known.Word, err)
	}
	s.get(at + "/" + id(zhang).String()).sees("要请别人确认")
}

// What a leader has to look at is said: a clock that nobody vouched for, no check-out,
// somebody without a card, and a card that nobody here knows.
func TestARosterSaysWhatIsOdd(t *testing.T) {
	v, _ := activeVillage(t)
	v.clock.vouch(ledger.ClockUnknown)
	v.check(zhang, false)
	v.clock.vouch(ledger.ClockSynced)
	v.check(wang, false)
	_, err := v.cfg.Store.CheckIn(t.Context(), store.Check{Key: v.key(), Shift: shiftID(nowShift), By: ledger.CheckWalkIn, Tail: "0421"})
	v.must(err)
	_, err = v.cfg.Store.CheckIn(t.Context(), store.Check{Key: v.key(), Shift: shiftID(nowShift), Card: secretOf(99).ID(), By: ledger.CheckCard})
	v.must(err)
	s := v.screen().onDutyAs(leader)
	s.get(rosterOf(nowShift)).sees("钟没核对", "没带卡的一位", "手机尾号 0421", "一张本站没有资料的卡", "在场").lacks("没签退<")
	v.clock.advance(3 * time.Hour)
	s.post("/leave")
	s = v.screen().onDutyAs(leader)
	s.get(rosterOf(nowShift)).sees("没签退", "都在，确认 4 人")
	if n := strings.Count(s.body, "没签退</span>"); n != 4 {
		t.Errorf("%d have not checked out", n)
	}
}
