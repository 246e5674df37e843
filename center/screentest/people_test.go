package screentest

import (
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

func init() { words = append(words, "入错表", "钱小琴", "路口文明劝导", "钱") }

// Somebody was registered twice. The officer finds both, sees them side by side, makes
// them one, takes points back that were entered wrongly, moves the volunteer to another
// kiosk, and parts the records again.
func TestOnePersonWasTwo(t *testing.T) {
	d := newDesk(t)
	d.county()
	lot := d.expiry()
	sq := d.enrolled("NEW1")
	one, two := d.volunteer(5, "钱小琴", "420-118-3001", "SQ01", 120), d.volunteer(6, "钱小琴", "420-118-3002", "NEW1", 300)
	sq.does(ledger.Reserve{Volunteer: two, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: lot, Points: 80}}})
	lin := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	lin.press("=志愿者").on("/volunteers").press("=可能重复的").on("/twins").sees("钱小琴", "420-118-3002")
	d.audit(lin, "twins")
	lin.press("=比一比").on("/merge/").sees("留下这份", "并进来")
	d.audit(lin, "merge")
	lin.press(`input[name="number"][value="other"]`).press("=合成一份").on("/account/").sees("合成一份了", "编号 420-118-3002", "并进来的资料")
	sq.does(ledger.Return{Volunteer: two, Parts: []ledger.Part{{Expires: lot, Points: 220}}})
	d.must(d.store.Fetched(t.Context(), two))
	of, _ := ledger.Key{5, 1}.MarshalText()
	_, err := d.store.Reverse(t.Context(), one, ledger.Key{9, 9}, civic.Earning{On: ledger.DayOf(d.now()), Expires: lot, What: "入错表", Points: -30, Of: string(of)})
	d.must(err)
	lin.visit("/account/"+one.String()).sees("要收回的积分", "已收回 0 / 30 分", "合并转来：路口文明劝导")
	d.audit(lin, "account-merged")
	d.audit(lin.visit("/account/"+two.String()).sees("这份资料已并入"), "account-pointer")

	lin.visit("/account/" + one.String()).press("=换常去的站").on("/move/")
	d.auditOnce(lin, "move-choose")
	lin.typing("to", "LS01").press("=看看会怎样").on("/move/").sees("接下来会这样", "石桥村益栈", "柳树村益栈")
	d.audit(lin, "move")
	lin.press("main .key.main").on("/account/").sees("换好了", "常去柳树村益栈", "已换站，等它连上收回")
	d.auditOnce(lin, "account-moved")

	lin.visit("/account/" + two.String()).press("=再拆成两份").on("/unmerge/").sees("接下来会这样")
	d.audit(lin, "unmerge")
	lin.press("=拆开").on("/account/").sees("拆开了", "编号 420-118-3002")
	d.audit(lin.visit("/audit?of=people").sees("并入另一份资料", "换了常去的站", "钱小琴"), "audit-people")
	report, err := d.store.Verify(t.Context())
	d.must(err)
	if !report.OK() {
		t.Errorf("%+v", report.Findings)
	}
}
