package kiosk

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/sim"
)

// onShift is a linked village with a shift that runs, 14:00 to 16:00, by a clock that
// somebody vouches for. It is 14:30.
func onShift(t *testing.T) (*village, civic.Shift) {
	v, _ := linkedVillage(t)
	v.clock.vouch(ledger.ClockSynced)
	shift := dutyShift(v, 1, -30*time.Minute)
	v.tell(2, civic.Document{Shift: &shift})
	return v, shift
}

func dutyShift(v *village, n byte, begins time.Duration) civic.Shift {
	start := v.clock.Now().WallMS/1000 + int64(begins.Seconds())
	return civic.Shift{ID: ledger.ID{9, n}, Version: 2, Activity: ledger.ID{8, n}, Title: "路口文明劝导", Place: "石桥路口", Scope: "qingxi", Start: start, End: start + 7200,
		Kiosks: []string{"SQ-01"}, Codes: "HTTPS://YZ.EXAMPLE/C/", CheckEarly: 1800, CheckLate: 3600, Enlisted: []civic.Enlisted{{Who: id(wang)}, {Who: id(chen)}}}
}

// tell gives the kiosk documents of its center.
func (v *village) tell(version uint64, docs ...civic.Document) {
	v.Helper()
	var raw []json.RawMessage
	for _, d := range docs {
		b, err := json.Marshal(d)
		v.must(err)
		raw = append(raw, b)
	}
	v.must(v.cfg.Store.Apply(v.Context(), testEra, "SQ-01", version, raw))
}

func gatePathOf(shift civic.Shift) string { return "/checkin/" + shift.ID.String() }

// swipe holds a card under the scanner at the check-in page, some seconds after the last.
func (v *village) swipe(s *screen, text string) *screen {
	v.Helper()
	v.clock.advance(4 * time.Second)
	return s.get(v.scan(text))
}

func TestTheCheckinPageOfTheShiftThatRuns(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get("/").sees("签到 签退", `href="/checkin"`)
	s.get("/checkin").on(gatePathOf(shift)).sees("签到：路口文明劝导", "今天 14:00 到 16:00，石桥路口", "已到 0 人，报名 2 人", "秒后换新码", `http-equiv="refresh"`).lacks("时间没有核对过")
	// In the second half most people leave.
	v.clock.advance(45 * time.Minute)
	s.get("/checkin").on(gatePathOf(shift)).sees("签退：路口文明劝导")
	s.get(gatePathOf(shift) + "/in").sees("签到：路口文明劝导")
	// Two at once: one asks.
	other := dutyShift(v, 2, -10*time.Minute)
	other.Title = "敬老院陪伴"
	v.tell(3, civic.Document{Shift: &other})
	s.get("/checkin").on("/checkin").sees("您参加哪一场", "路口文明劝导", "敬老院陪伴")
	v.clock.advance(24 * time.Hour)
	s.get("/checkin").on("/checkin").sees("现在没有要签到的活动")
	s.get(gatePathOf(shift)).sees("签到已经结束").lacks("秒后换新码")
	s.get("/checkin/AAAAAAAAAAAAAAAB").sees("没找到")
	s.get(gatePathOf(shift) + "/sideways").sees("没找到")
}

func TestCardsAtTheCheckinPage(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get(gatePathOf(shift))
	v.swipe(s, card(zhang)).on(gatePathOf(shift)).sees("张*伟，签到好了", "请到石桥路口集合", "已到 1 人").lacks("张伟", "1,260", "退出账户")
	s.get(v.scan(card(wang))).sees("请等 2 秒再刷")
	v.swipe(s, card(wang)).sees("王*英，签到好了")
	v.clock.advance(4 * time.Second)
	s.get(gatePathOf(shift)).lacks("王*英") // the greeting is over
	v.swipe(s, card(zhang)).sees("14:30 已经签过到了")
	v.swipe(s, secretOf(99).Text()).sees("签到好了", "还不认识这张卡")
	v.swipe(s, "6901234567892").sees("这不是志愿者卡")
	v.swipe(s, "YZC1:AAAA").sees("没读清楚")
	if v.current() != nil {
		t.Error("a card signed somebody in")
	}
	roster, err := v.cfg.Store.Roster(shift.ID)
	v.must(err)
	if i := slices.IndexFunc(roster, func(a store.Attendance) bool { return a.Card == secretOf(99).ID() }); i < 0 || roster[i].In.By != ledger.CheckCard {
		t.Errorf("%+v", roster)
	}
	// The same cards leave, and whoever was not seen coming is asked.
	s.get(gatePathOf(shift) + "/out")
	v.clock.advance(time.Hour)
	s.get(v.scan(card(zhang))).on(gatePathOf(shift)+"/out").sees("张*伟，签退好了", "1 小时 0 分钟")
	v.swipe(s, card(zhang)).sees("已经签退了")
	v.swipe(s, card(chen)).sees("这里还没有您的签到")
	s.post(gatePathOf(shift)+"/answer", "token", s.field("token"), "yes", "yes").on(gatePathOf(shift)+"/out").sees("签退好了", "几点来的")
	s.post(gatePathOf(shift)+"/answer", "token", "0", "yes", "yes").on(gatePathOf(shift) + "/out") // too late
	// Elsewhere a card signs in as ever.
	s.get("/")
	s.get(v.scan(card(zhang))).on("/balance")
}

// Somebody who checked in and shows the card again in the second half may be leaving.
func TestACardAgainAsksWhetherSomebodyLeaves(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get(gatePathOf(shift) + "/in")
	v.swipe(s, card(zhang))
	v.clock.advance(80 * time.Minute)
	s.get(gatePathOf(shift) + "/in")
	v.swipe(s, card(zhang)).sees("现在签退吗")
	s.post(gatePathOf(shift)+"/answer", "token", s.field("token"), "no", "no").on(gatePathOf(shift) + "/in")
	v.swipe(s, card(zhang)).sees("现在签退吗")
	s.post(gatePathOf(shift)+"/answer", "token", s.field("token"), "yes", "yes").sees("张*伟，签退好了")
}

func TestCodesOfPhones(t *testing.T) {
	v, shift := onShift(t)
	code := func(n byte, age time.Duration) string {
		return civic.PhoneCard{Volunteer: id(n), Made: v.wall().Add(-age).Unix()}.Sign(issuerKey)
	}
	s := v.screen()
	s.get(gatePathOf(shift))
	v.swipe(s, code(zhang, 5*time.Second)).sees("张*伟，签到好了")
	v.swipe(s, code(wang, 170*time.Second)).sees("王*英，签到好了") // clocks may differ by two minutes
	v.swipe(s, code(chen, 200*time.Second)).sees("手机上的码过期了")
	v.swipe(s, strings.Replace(code(chen, 0), "A", "B", 1)).sees("没读清楚")
	v.clock.vouch(ledger.ClockUnknown)
	v.swipe(s, code(chen, 300*time.Second)).sees("签到好了", "时间没有核对过")
	// Elsewhere it opens the account, once.
	s.get("/")
	once := code(zhang, 0)
	s.get(v.scan(once)).on("/balance").sees("张*伟")
	s.post("/leave").get("/")
	s.get(v.scan(once)).on("/code/stale").sees("码过期了")
	s.get(v.scan(code(88, 0))).on("/code/phone").sees("不认识您")
	s.get(v.scan(civic.WalkIn{Shift: shift.ID, Who: id(3)}.Text())).on("/code/walkin")
}

func TestCheckInWithoutACard(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get(gatePathOf(shift)).get(gatePathOf(shift)+"/walkin").sees("没带卡也能签到", "会打一张小票")
	v.scan(card(zhang)) // the page for a phone number is not the check-in page
	s.post("/leave")
	s.get(gatePathOf(shift) + "/walkin")
	key := s.field("key")
	s.post(gatePathOf(shift)+"/walkin", "none", "yes", "key", key).on(gatePathOf(shift)+"/in").sees("签到好了，请等小票", "已到 1 人")
	s.post(gatePathOf(shift)+"/walkin", "none", "yes", "key", key).sees("已到 1 人") // a double tap
	s.post(gatePathOf(shift)+"/walkin", "typed", zhangPhone, "key", "go").sees("已到 2 人")
	s.post(gatePathOf(shift)+"/walkin", "typed", zhangPhone, "key", "go").sees("已到 2 人") // the same phone again
	v.paper.Round(t.Context())
	roster, err := v.cfg.Store.Roster(shift.ID)
	v.must(err)
	at := slices.IndexFunc(roster, func(a store.Attendance) bool { return a.Tail == zhangPhone[7:] })
	if at < 0 || !roster[at].WalkIn {
		t.Fatalf("%+v", roster)
	}
	slip := v.lastSlip()
	for _, says := range []string{"签到单", "没带卡 (尾号4260)", "路口文明劝导", "签退时再扫这张小票"} {
		if !strings.Contains(slip, says) {
			t.Errorf("the slip does not say %q:\n%s", says, slip)
		}
	}
	v.clock.advance(time.Hour)
	s.get(gatePathOf(shift) + "/out")
	v.swipe(s, civic.WalkIn{Shift: shift.ID, Who: roster[at].Who}.Text()).sees("签退好了", "认出您、负责人确认以后记积分")
	v.swipe(s, civic.WalkIn{Shift: ledger.ID{1}, Who: roster[at].Who}.Text()).sees("不是这一场")
	v.printer.Fail(sim.PaperOut)
	v.paper.Round(t.Context())
	s.get(gatePathOf(shift) + "/walkin").sees("打不了小票")
	s.post(gatePathOf(shift)+"/walkin", "none", "yes", "key", s.field("key")).sees("小票没打出来")
	for range maxWalkIns {
		s.post(gatePathOf(shift)+"/walkin", "none", "yes", "key", v.newKey())
	}
	s.on(gatePathOf(shift) + "/walkin?many").sees("人太多了")
}

// lastSlip is what the last slip says.
func (v *village) lastSlip() string {
	v.Helper()
	papers := v.papers()
	if len(papers) == 0 {
		v.Fatal("no slip came out")
	}
	return papers[len(papers)-1].Text()
}

// The page that shows a code hears the seconds, other codes, greetings and numbers.
func TestTheCheckinPageIsLive(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get(gatePathOf(shift))
	page := v.connect(s)
	v.clock.advance(time.Second)
	v.tick()
	page.hears(`"target":"#beat"`, "14 秒后换新码")
	v.clock.advance(14 * time.Second)
	v.tick()
	page.hears(`"target":"#codebox"`, "svg")
	v.Scan(card(zhang))
	page.hears(`"target":"#greet"`, "张*伟，签到好了", `"sound":"done"`)
	page.hears(`"target":"#counts"`, "已到 1 人")
	v.clock.advance(3 * time.Second)
	v.tick()
	page.hears(`"target":"#greet"`)
	now := v.clock.Now().WallMS / 1000
	v.tell(3, civic.Document{Attended: &civic.Attended{Shift: shift.ID, Who: id(liu), Version: 3, Name: "刘*", In: now, State: civic.AttendOpen}},
		civic.Document{Attended: &civic.Attended{Shift: shift.ID, Who: id(zhang), Version: 3, Name: "张*伟", In: now, State: civic.AttendOpen}},
		civic.Document{Attended: &civic.Attended{Shift: shift.ID, Who: id(chen), Version: 3, Name: "陈*", In: now - 3600, State: civic.AttendOpen}})
	v.hear()
	v.pushCounts(v.gateway())
	page.hears("刘*", "签到好了") // not Zhang, whom the kiosk has greeted itself, and not Chen, who came long ago
	page.hears(`"target":"#counts"`, "已到 3 人")
	s.post("/print-size", "to", "large", "page", gatePathOf(shift)).sees(`data-print="large"`)
	v.clock.advance((DefaultIdleSeconds + 1) * time.Second)
	v.tick()
	page.hears(`"renew":"` + gatePathOf(shift) + `","anew":true`)
	if v.current() != nil {
		t.Error("the language that somebody chose stays for the next")
	}
	v.clock.advance(3 * time.Hour)
	v.tick()
	page.hears(`"renew":"` + gatePathOf(shift) + `"`)
	s.get(gatePathOf(shift)).sees("签到已经结束")
}

// Those who check in by phone in the same moment are named together.
func TestTwoPhonesAreGreetedTogether(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get(gatePathOf(shift))
	now := v.clock.Now().WallMS / 1000
	for i, n := range []byte{liu, chen} {
		v.tell(uint64(3+i), civic.Document{Attended: &civic.Attended{Shift: shift.ID, Who: id(n), Version: uint64(3 + i), In: now, State: civic.AttendOpen}})
	}
	v.hear()
	s.get(gatePathOf(shift)).sees("刘*山，签到好了", "陈*，签到好了", "已到 2 人")
	v.clock.advance(4 * time.Second)
	s.get(gatePathOf(shift)).lacks("签到好了")
}

// A page whose shift is over gives way to the first one.
func TestTheCheckinPageGivesWay(t *testing.T) {
	v, shift := onShift(t)
	v.clock.advance(3 * time.Hour)
	s := v.screen()
	s.get(gatePathOf(shift)).sees("签到已经结束")
	for _, wait := range []time.Duration{time.Second, DefaultIdleSeconds * time.Second} {
		v.clock.advance(wait)
		v.tick()
	}
	if last := string(v.live.latest[len(v.live.latest)-1]); last != `{"go":"/"}` {
		t.Errorf("the last that the page hears is %s", last)
	}
	s.get("/")
}

// Whoever is signed in checks in by one touch, and staff come back to the page.
func TestCheckInWhileSignedIn(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.types(zhangPhone, zhangPIN).on("/balance")
	s.get("/checkin").on(gatePathOf(shift)).sees("张*伟，我来签到")
	s.post(gatePathOf(shift)+"/me", "way", "in").on(gatePathOf(shift)).sees("张*伟，签到好了")
	at, err := v.cfg.Store.Attendance(shift.ID, id(zhang))
	if err != nil || at.In.By != ledger.CheckAccount {
		t.Errorf("%+v, %v", at, err)
	}
	s.post("/leave").on("/")
	s.get(gatePathOf(shift))
	s.get(v.scan(card(clerk))).on("/staff/pin")
	s.post("/leave").on(gatePathOf(shift))
	s.get("/").post("/leave").on("/")
}
