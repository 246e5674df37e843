package center

import (
	"testing"

	"yizhan/center/store"
	"yizhan/ledger"
)

func TestAVolunteerMoves(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.kiosk("LH02", "柳树村益栈")
	box := o.box("SQ01")
	id := o.volunteer(1, "张建伟", "420-118", "SQ01", 500)
	box.does(ledger.Reserve{Volunteer: id, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 280}}})

	path := "/move/" + id.String()
	b.get(path).shows(200, "以后常去哪个站", "柳树村益栈 LH02")
	b.get(path+"?to=XX99").shows(422, "没有这台机器")
	b.get(path+"?to=SQ01").shows(422, "现在就常去这个站")
	b.get(path+"?to=").shows(200, "没有常去的站", "留在中心")
	b.get("/move/nonsense").shows(404)
	b.get("/move/" + ledger.ID{9}.String()).shows(404)

	// The form saves the rest, and leads to what follows from the move.
	b.get("/volunteer/"+id.String()).fills("number", "420-119", "home", "LH02").
		shows(200, "表上其他改动已经保存", "石桥村益栈 → 换到 柳树村益栈", "接下来会这样", "机上的 220 分马上收回", "另有 280 分在石桥村益栈留着货", "柳树村益栈现在连不上", "再换一次就行")
	if r, err := o.store.Record(t.Context(), id); err != nil || r.Home != "SQ01" || r.Number != "420-119" {
		t.Fatalf("%+v %v", r, err)
	}
	seen := seenField.FindStringSubmatch(b.body)[1]
	o.now = o.now.Add(2 * offlineAfter)
	b.get(path+"?to=LH02").shows(200, "机上有 220 分，机器现在连不上")
	b.post(path, "seen", "stale", "to", "LH02").shows(409)
	b.post(path, "seen", seen, "to", "LH02").shows(200, "换好了", "常去柳树村益栈", "换了常去的站 lin", "石桥村益栈", "等它连上收回")
	b.post(path, "seen", seen, "to", "LH02").shows(200, "换好了") // sent twice
	if acts := o.personActs(id); len(acts) != 2 || acts[0].Kind != "person.moved" {
		t.Errorf("%+v", acts)
	}

	// The old home comes back.
	box.does(ledger.Return{Volunteer: id, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 220}}})
	b.get("/account/"+id.String()).shows(200, "其中 220 分在中心").hides("等它连上收回") // only goods wait there
	report, err := o.store.Verify(t.Context())
	o.must(err)
	if !report.OK() {
		t.Errorf("%+v", report.Findings)
	}
}

// What the form changed of the home while another officer did the same is told.
func TestTwoOfficersMoveSomebody(t *testing.T) {
	o := newOffice(t)
	lin, chen := o.signedIn("lin", store.RoleOfficer), o.signedIn("chen", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	o.kiosk("LH02", "柳树村益栈")
	o.kiosk("QX03", "清溪镇益栈")
	id := o.volunteer(1, "张建伟", "420-118", "SQ01", 500)
	path := "/volunteer/" + id.String()
	chen.get(path)
	lin.get("/move/" + id.String() + "?to=LH02")
	lin.post("/move/"+id.String(), "seen", seenField.FindStringSubmatch(lin.body)[1], "to", "LH02").shows(200, "换好了")
	chen.fills("home", "QX03").shows(409, "别人改过这份资料", "石桥村益栈 SQ01", "柳树村益栈 LH02", "您填的“清溪镇益栈")
	chen.fills().shows(200, "柳树村益栈 → 换到 清溪镇益栈")
}
