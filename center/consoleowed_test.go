package center

import (
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// told has the towns told what their people have earned.
func (o *office) told() {
	o.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = o.store.TellTowns(o.Context())
		o.must(err)
	}
}

// The first page says what each town owes beside the goods there, and what the weeks
// brought; each figure leads to the places and kiosks that it is the sum of.
func TestTodayOwesAndEarns(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	o.kiosk("SQ01", "石桥村益栈")
	o.must(o.store.PutKiosk(t.Context(), store.Kiosk{ID: "LS01", Name: "柳树村益栈", Parent: "liuhe"}))
	o.box("LS01")
	box := o.box("SQ01")
	zhang := o.volunteer(1, "张建伟", "1", "SQ01", 1000)
	o.must(o.store.PutDocument(t.Context(), "shiqiao", civic.Document{Good: &civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 280, Delivered: 2}}))
	parts := []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 280}}
	box.does(ledger.Reserve{Volunteer: zhang, Good: "rice", Quantity: 1, Parts: parts}, ledger.Settle{Redemption: 1, Operator: ledger.ID{9}})
	o.told()
	lin := o.signedIn("lin", store.RoleOfficer)
	lin.get("/").shows(200, "赚得 1,000，用去 280", "欠志愿者的积分", "清溪镇 720 38%").links(`/owed?at=qingxi">720`, `/owed?at=liuhe">0`)
	lin.hides(`"meter hot"`) // where the goods would do, the bar does not warn
	lin.get("/owed?at=qingxi").shows(200, "石桥村", "720", "280", "上一级")
	lin.get("/owed?at=shiqiao&sort=goods").shows(200, "石桥村益栈").links(`/station/SQ01">720`, `/stock?at=SQ01">280`)
	lin.get("/owed?at=shiqiao&q=nothing").shows(200).hides("SQ01")
	lin.get("/owed?at=nowhere").shows(200, "还没有装好的终端机")

	chen := o.bound("chen", store.RoleClerk, "liuhe")
	chen.get("/").shows(200, "柳树村益栈", "最近十二周没有赚得或用去积分").hides("石桥村", "720")
	chen.get("/owed").shows(200, "柳树村益栈").hides("清溪镇")
	chen.get("/owed?at=qingxi").shows(403)
}

// links holds that a page has links, each as ADDRESS">TEXT.
func (b *browser) links(links ...string) *browser {
	b.Helper()
	for _, link := range links {
		if !strings.Contains(b.body, `href="`+link+"</a>") {
			b.Errorf("%s has no link %s", b.at, link)
		}
	}
	return b
}

// A figure that is old is worked out anew behind the page that shows it.
func TestFiguresAreKept(t *testing.T) {
	o := newOffice(t)
	o.kiosk("SQ01", "石桥村益栈")
	o.box("SQ01")
	lin := o.signedIn("lin", store.RoleOfficer)
	lin.get("/owed").shows(200)
	o.volunteer(1, "张建伟", "1", "SQ01", 1000)
	lin.get("/owed").hides("1,000")
	o.now = o.now.Add(figuresKept * 2)
	o.must(o.store.Seen(t.Context(), "SQ01", nil))
	for range 1000 {
		if lin.get("/owed"); o.server.desk.owed.done() {
			break
		}
	}
	lin.get("/owed").shows(200, "1,000")
}

// done tells that nothing is being worked out.
func (k *kept[T]) done() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.busy
}
