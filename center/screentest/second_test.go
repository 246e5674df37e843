package screentest

import (
	"testing"

	"yizhan/center/store"
	"yizhan/ledger"
)

func init() {
	words = append(words, "月漏记", "签到表第", "页", "机器停电", "现场负责人", "伟")
}

// One officer asks, another one decides: points above the sum, and hours that
// were entered afterwards, which everybody may read then.
func TestTwoOfficersDecide(t *testing.T) {
	d := newDesk(t)
	d.county()
	zhang := ledger.ID{1, 7}.String()
	lin := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	chen := d.welcomed(d.open(screens[0]), "chen", store.RoleLeader).signedIn("chen")
	lin.visit("/account/"+zhang).press("=更正积分").on("/adjust/").sees("接下来会这样").
		typing("points", "900", "reason", "7 月漏记", "evidence", "签到表第 3 页").press("main form button").on("/account/").sees("等另一个人核对", "等第二人")
	lin.press("=补录时长").on("/enter/").typing("what", "路口文明劝导", "day", d.now().AddDate(0, 0, -1).Format("2006-01-02"), "from", "09:00", "to", "11:30", "reason", "机器停电", "evidence", "现场负责人").
		press("main form button").on("/account/").sees("补录时长 2.5 小时")
	chen.script(false).visit("/").sees("有事等您做第二人 核对凭据").press("=去核对").on("/second").press("=更正积分，加 900 分").on("/second/qingxi/").sees("签到表第 3 页")
	d.audit(chen.script(true).visit(chen.Path()), "request")
	chen.script(false).press("=核对过了，确认").on("/second/qingxi/").sees("已确认", "办好了")
	chen.visit("/second").press("=补录时长 2.5 小时").on("/second/qingxi/").press("=核对过了，确认").on("/second/qingxi/").sees("办好了")
	lin.visit("/account/"+zhang).sees("荣誉时长 2.5 小时", "+900", "lin 录入，chen 确认")
	lin.visit("/second?show=asked").sees("已确认，办好了")
	d.open(screens[0]).visit("/entered").sees("张*伟", "2.5")
	for name, path := range map[string]string{"adjust": "/adjust/" + zhang, "enter": "/enter/" + zhang, "second": "/second?show=ended", "entered": "/entered", "numbers": "/numbers", "account-second": "/account/" + zhang} {
		d.audit(lin.visit(path), name)
	}
}
