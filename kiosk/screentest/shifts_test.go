package screentest

import (
	"encoding/json"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// longShift is the longest title of an activity here, longPlace the longest place.
const longShift, longPlace = "新时代文明实践站周末义诊和健康讲座", "石桥村党群服务中心二楼多功能厅"

// The times of activities of these tests. The first goes on now, the last is over.
const (
	nowShift = byte(101 + iota)
	soonShift
	fullShift
	openShift
	longShiftN
	farShift
	overShift
)

func shiftID(n byte) ledger.ID { return ledger.ID{n, 7} }

// agenda is what the center says of activities around the afternoon of the tests.
func agenda() []civic.Document {
	at := func(day, hour int) int64 { return time.Date(2026, 11, day, hour, 0, 0, 0, zone).Unix() }
	one := func(n byte, title, english string, start int64, posts ...civic.Post) *civic.Shift {
		return &civic.Shift{ID: shiftID(n), Version: 1, Activity: ledger.ID{n, 8}, Title: title, TitleEN: english, Place: "石桥路口", PlaceEN: "Shiqiao crossing", Scope: "qingxi",
			Team: "石桥村文明劝导队", Start: start, End: start + 2*60*60, Kiosks: []string{kioskName}, Posts: posts, CheckEarly: 1800, CheckLate: 3600,
			Codes: "HTTPS://YZ.EXAMPLE:8443/C/", Tickets: "HTTPS://YZ.EXAMPLE:8443/P/"}
	}
	guide := civic.Post{Name: "交通劝导员", NameEN: "Crossing guide", Wanted: 4, Needs: "能站两个小时"}
	desk := civic.Post{Name: "登记员", NameEN: "Registrar", Wanted: 1}
	shifts := []*civic.Shift{
		one(nowShift, "路口文明劝导", "Crossing duty", at(23, 14), guide, desk),
		one(soonShift, "路口文明劝导", "Crossing duty", at(28, 8), guide, desk, civic.Post{Name: "物资员", NameEN: "Supplies", Wanted: 2}, civic.Post{Name: "摄影", NameEN: "Photos"}, civic.Post{Name: "后勤", NameEN: "Helpers", Wanted: 3}),
		one(fullShift, "敬老院陪伴", "Visiting the old", at(29, 9), desk),
		one(openShift, "社区清洁日", "Cleaning day", at(30, 9)),
		one(longShiftN, longShift, "Weekend clinic and talk on health", at(30, 14), guide),
		one(farShift, "秋收帮忙", "Harvest", at(30, 16), guide),
		one(overShift, "社区清洁日", "Cleaning day", at(21, 9), guide),
	}
	shifts[2].Enlisted = []civic.Enlisted{{Who: id(liu), Post: 1}}
	shifts[4].Place, shifts[4].PlaceEN = longPlace, ""
	shifts[0].Enlisted = []civic.Enlisted{{Who: id(zhang), Post: 1}, {Who: id(liu), Post: 1}}
	var list []civic.Document
	for _, v := range shifts {
		list = append(list, civic.Document{Shift: v})
	}
	return append(list,
		civic.Document{Attended: &civic.Attended{Shift: shiftID(nowShift), Who: id(chen), Version: 1, Name: "陈*", In: at(23, 14) - 300, State: civic.AttendOpen}},
		civic.Document{Attended: &civic.Attended{Shift: shiftID(overShift), Who: id(zhang), Version: 1, Name: zhangMasked, In: at(21, 9), Out: at(21, 11), State: civic.AttendConfirmed, Minutes: 120, Points: 20}})
}

// tells lets the center say so.
func (c *beyond) tells(list ...civic.Document) {
	c.Helper()
	var raw []json.RawMessage
	for _, d := range list {
		b, err := json.Marshal(d)
		if err != nil {
			c.Fatal(err)
		}
		raw = append(raw, b)
	}
	if err := c.books.Apply(c.Context(), era, "qingxi", 30, raw); err != nil {
		c.Fatal(err)
	}
}

// come checks people in at the shift that goes on, some of them by hand.
func (b *box) come() {
	b.Helper()
	for _, n := range []byte{zhang, wang, adili} {
		_, err := b.books.CheckIn(b.Context(), store.Check{Key: b.key(), Shift: shiftID(nowShift), Who: id(n), By: ledger.CheckStaff, Operator: id(leader)})
		b.must(err)
	}
	_, err := b.books.CheckIn(b.Context(), store.Check{Key: b.key(), Shift: shiftID(nowShift), By: ledger.CheckWalkIn, Tail: "0421"})
	b.must(err)
	_, err = b.books.CheckIn(b.Context(), store.Check{Key: b.key(), Shift: shiftID(nowShift), Card: secretOf(98).ID(), By: ledger.CheckCard})
	b.must(err)
	_, err = b.books.CheckOut(b.Context(), store.Check{Key: b.key(), Shift: shiftID(nowShift), Who: id(wang), By: ledger.CheckStaff, Operator: id(leader)})
	b.must(err)
}

// shiftPages are a shift's own.
func shiftPages(n byte) (shift, attendance, object, roster string) {
	text := shiftID(n).String()
	return "/shifts/" + text, "/hours/" + text, "/object/shift/" + text, "/staff/roster/" + text
}

// walkShifts is what a volunteer comes to who looks for something to do, wants to know
// what became of the hours, and takes all that home on a phone.
func (a *auditor) walkShifts(c *beyond) {
	a.Helper()
	a.words = append([]string{longShift, longPlace, "石桥村文明劝导队", "能站两个小时", "社区清洁日"}, a.words...)
	a.leave()
	a.goTo("shifts-none", "/shifts")
	c.tells(agenda()...)
	soon, _, _, _ := shiftPages(soonShift)
	a.goTo("home-shifts", "/")
	a.goTo("shifts-nobody", "/shifts")
	a.goTo("shift-nobody", soon)
	a.scan(card(zhang)).on(soon) // a card leads back to what it was asked for
	a.page("shift")
	c.change(func(c *beyond) { c.offline = true }) // with a network the page looks for the answer every second
	a.tap(`button[name=post][value="1"]`).on(soon)
	a.page("shift-asked")
	a.tap(`a[href$="?leave"]`).on(soon + "?leave")
	a.page("shift-leave")
	a.tap(`.foot button.key`).on(soon)
	c.change(func(c *beyond) { c.offline = false })
	for name, n := range map[string]byte{"full": fullShift, "long": longShiftN, "begun": nowShift} {
		at, _, _, _ := shiftPages(n)
		a.goTo("shift-"+name, at)
	}
	a.visit("/balance").on("/balance") // whose path none of the next begins with
	a.goTo("shifts", "/shifts")
	a.goTo("shifts-mine", "/shifts?tab=mine")
	a.goTo("shifts-past", "/shifts?tab=past")
	a.walkHours(c)
	a.walkHandset()
	a.walkCertificate(c)
}

// walkHours is the time of service, and an objection to it.
func (a *auditor) walkHours(c *beyond) {
	a.Helper()
	a.come()
	a.goTo("hours", "/hours")
	_, over, object, _ := shiftPages(overShift)
	a.goTo("attendance", over)
	a.tap(`.duo a.key:not(.main)`).on(object)
	a.page("object")
	a.tap(`button[value="fewer"]`).on(object + "?reason=fewer")
	a.page("object-minutes")
	a.dial("150").tap(".go").on(object + "?minutes=150")
	a.page("object-sure")
	a.tap(".main").on(over)
	a.page("attendance-doubted")
	_, here, _, _ := shiftPages(nowShift)
	a.goTo("attendance-open", here)
	a.goTo("why-may", "/why/1")
	a.signIn(chen, "/balance")
	a.goTo("shifts-lost", "/shifts?tab=past")
	_, _, lost, _ := shiftPages(overShift)
	a.goTo("object-lost", lost)
	a.signIn(adili, "/balance")
	a.page("balance-hours")
	a.goTo("hours-many", "/hours")
}

// walkHandset is a code for a phone: on the screen, on paper, and without paper.
func (a *auditor) walkHandset() {
	a.Helper()
	before := len(a.papers)
	a.signIn(zhang, "/balance")
	a.goTo("handset", "/handset")
	a.tap(".main").on("/handset/")
	slip := a.paper(before + 1)
	a.page("handset-code")
	if !strings.Contains(slip.Text(), "只能用一次") {
		a.Errorf("the slip says: %s", slip.Text())
	}
	a.unplug()
	a.visit("/hours").on("/hours").visit("/handset").on("/handset").tap(".main").on("/handset/")
	a.page("handset-lost")
	a.plug()
	a.visit("/hours").on("/hours").visit("/handset").on("/handset").tap(".main").on("/handset/")
	a.paper(before + 2)
	a.visit("/hours").on("/hours")
	a.goTo("handset-enough", "/handset")
}

// until waits for the page of a certificate that a slip has come to. It is shown anew
// with each step of the slip.
func (a *auditor) until(what, is string) {
	a.Helper()
	a.within(stepLimit, what, func() bool {
		found, err := tryEval[bool](a.tab, "return "+is)
		return err == nil && found
	})
	a.on("/certificate/")
}

// turnsInto waits until the page has by itself become another one, at the same address.
func (a *auditor) turnsInto(word string) {
	a.Helper()
	a.within(stepLimit, "the page "+word, func() bool {
		found, err := tryEval[bool](a.tab, "return !!document.body?.matches(args[0])", ".page-"+word)
		return err == nil && found
	})
	a.on("")
}

// walkCertificate is the record of service on paper: whole, torn, and not now.
func (a *auditor) walkCertificate(c *beyond) {
	a.Helper()
	before := len(a.papers)
	a.words = append(a.words, "青禾县新时代文明实践中心")
	a.signIn(adili, "/balance")
	a.goTo("certificate-nothing", "/certificate")
	known, err := a.books.Volunteer(id(zhang))
	a.must(err)
	known.Version, known.Minutes, known.Served = 99, 1200, 6510
	c.tells(civic.Document{Volunteer: &known})
	a.signIn(zhang, "/balance")
	a.goTo("hours-certificate", "/hours")
	a.tap(`.foot a[href="/certificate"]`).on("/certificate")
	a.page("certificate")
	a.tap(".main").on("/certificate/")
	slip := a.paper(before + 1)
	a.until("the page of a slip that is there", `!!document.querySelector("form[action$='/again']")`)
	a.page("certified")
	if got := readCode(a.tab, slip); got != "https://yz.example/proof/7F2K9Q3M0000WXYZ" {
		a.Errorf("the slip's code says %q", got)
	}
	a.tap(`form[action$="/again"] button`).on("/certificate/")
	a.paper(before + 2)
	a.until("the page of a copy", `!!document.querySelector(".copied") && !!document.querySelector("form[action$='/again']")`)
	a.page("certified-copy")
	a.unplug()
	a.tap(`form[action$="/again"] button`).on("/certificate/")
	a.until("the page of a copy that cannot be printed", `!!document.querySelector(".is-warn")`)
	a.page("certified-held")
	a.visit("/hours").on("/hours")
	a.goTo("certificate-printer", "/certificate")
	a.plug()
	a.paper(before + 3)
	a.turnsInto("certificate")
	c.change(func(c *beyond) { c.offline = true })
	a.turnsInto("nocertificate")
	a.page("certificate-offline")
	c.change(func(c *beyond) { c.offline = false })
	a.turnsInto("certificate")
	for _, outcome := range []link.Outcome{link.OutcomeArea, link.OutcomeLimit, link.OutcomeFailed} {
		c.change(func(c *beyond) { c.outcome = outcome })
		a.visit("/hours").on("/hours").visit("/certificate").on("/certificate").tap(".main").on("/trouble")
		a.page("trouble-certificate-" + string(outcome))
	}
	c.change(func(c *beyond) { c.outcome = "" })
}

// walkRoster is a leader who goes through everybody who came.
func (a *auditor) walkRoster(c *beyond) {
	a.Helper()
	_, _, _, roster := shiftPages(nowShift)
	a.duty(clerk, "/staff")
	a.goTo("roster-clerk", roster)
	a.duty(leader, "/staff")
	a.page("desk-rosters")
	a.tap(`a[href="/staff/rosters"]`).on("/staff/rosters")
	a.page("rosters")
	a.goTo("roster", roster)
	one := roster + "/" + id(zhang).String()
	a.goTo("rosterone", one)
	a.goTo("rosterone-absent", roster+"/"+id(liu).String())
	a.goTo("rosterone-minutes", one+"?typing")
	a.dial("95").tap(".go").on(one + "?minutes=95")
	a.page("rosterone-sure")
	a.tap(".main").on(roster)
	a.goTo("rosterone-said", one)
	c.change(func(c *beyond) { c.offline = true })
	a.visit("/staff").on("/staff").visit(roster).on(roster)
	a.page("roster-offline")
	a.tap(".main").on(roster + "?done=")
	a.page("roster-done")
	c.change(func(c *beyond) { c.offline = false })
}
