package screentest

import (
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

func init() { words = append(words, "试行一年") }

// Rules are drafted, previewed on last month, put in force, and an account says by
// which of them a line was counted.
func TestRulesFromDraftToAccount(t *testing.T) {
	d := newDesk(t)
	d.county()
	today := d.store.Today()
	lastMonth := ledger.DayOf(today.Time().AddDate(0, 0, -today.Time().Day())) // its last day
	zhang := ledger.ID{1, 7}
	e := civic.Earning{On: lastMonth, Expires: (civic.Policy{}).Expiry(lastMonth), What: "路口文明劝导", Minutes: 600, Rate: 10, Points: 100}
	d.must(d.store.Earn(t.Context(), zhang, ledger.Key{7, 7}, e))

	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=积分规则").on("/policy").sees("青禾县中心", "还没有人定过规则").press("=起草新规则").on("/draft/center")
	v.typing("points_per_hour", "x", "why", "试行一年").press("=存草稿").on("/draft/center").sees("要填 1 到 10,000 的整数")
	d.auditOnce(v, "draft-wrong")
	v.typing("points_per_hour", "5").press("=存草稿").on("/version/center/1?done=draft").sees("有 1 条不同", "试行一年")
	v.press("=预览：按草稿重算上个月").on("/job/")
	v.sees("做完了").press("=看结果").on("/preview/").sees("当月积分 100", "按草稿 50", "张建伟", "−50")
	d.audit(v, "preview")
	v.press("=青禾县中心第 1 版规则").on("/version/center/1").sees("做完了")
	d.audit(v, "version")
	v.press("=定生效日").on("/draft/center/force").sees("接下来会这样", "生效以后不能再改")
	d.audit(v, "decide")
	v.visit("/draft/center/force")
	v.typing("day", today.Time().Format(time.DateOnly)).press("main form button").on("/version/center/1?done=forced").sees("正在用")

	now, rule, err := d.store.PolicyOn(t.Context(), "SQ01", today)
	d.must(err)
	e = civic.Earning{On: today, Expires: now.Expiry(today), What: "护河", Minutes: 95, Rate: now.PointsPerHour, Points: now.PointsFor(95), Rule: rule}
	d.must(d.store.Earn(t.Context(), zhang, ledger.Key{7, 8}, e))
	v.visit("/account/"+zhang.String()).press("=护河").sees("3 个整半小时", "3 个半小时 × 每小时 5 分 ÷ 2 = 7 分", "青禾县中心第 1 版规则")
	d.auditOnce(v, "account-why")
	v.press("=青禾县中心第 1 版规则").on("/version/center/1").sees("定了就不再改")
	v.visit("/account/"+zhang.String()).press("=用了 280").on("/rights/").sees("东北大米", "合计 280 分")
	d.audit(v, "rights")
	for name, path := range map[string]string{"policy": "/policy?at=shiqiao", "draft": "/draft/qingxi"} {
		d.audit(v.visit(path), name)
	}
}
