package center

import (
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// Each line of what was earned says how it was counted, by which version of whose
// rules, and since when those are in force.
func TestWhyThisNumber(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	ctx := store.As(t.Context(), "lin")
	today := o.store.Today()
	rule := func(scope string, p civic.Policy) civic.Rule {
		t.Helper()
		v, err := o.store.DraftPolicy(ctx, scope, store.PolicyText{Policy: p.WithDefaults()})
		o.must(err)
		o.must(o.store.ForcePolicy(ctx, v.Rule(), v.Edits, today))
		return v.Rule()
	}
	county := rule("center", civic.Policy{PointsPerHour: 5, Stars: [5]int64{1, 2, 600, 1000, 1500}})
	calendar := rule("liuhe", civic.Policy{ExpiryCalendar: true, ExpiryYears: 1})
	zhang := ledger.ID{1, 7}
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: zhang, Name: "张建伟", Minutes: 119}, Town: "qingxi"}))
	o.must(o.server.desk.starry.work(ctx))
	n := byte(0)
	why := func(e civic.Earning, texts ...string) {
		t.Helper()
		n++
		e.On, e.What = today, "护河"
		if e.Expires == 0 {
			e.Expires = (civic.Policy{}).Expiry(today)
		}
		o.must(o.store.Earn(t.Context(), zhang, ledger.Key{n}, e))
		o.signedIn("lin"+itoa(int64(n)), store.RoleOfficer).get("/account/"+zhang.String()).shows(200, texts...)
	}
	why(civic.Earning{Minutes: 100, Rate: 5, Points: 7, Rule: county}, "1:40 小时 = 3 个整半小时 （余 10 分钟不够半小时", "3 个半小时 × 每小时 5 分 ÷ 2 = 7 分 （不满 1 分的舍去）",
		"满 3 年后的月底到期：2029年11月30日", "青禾县中心第 1 版规则 ，2026年11月23日起生效", "一星", "满 2 小时升星")
	why(civic.Earning{Minutes: 100, Rate: 10, Points: 20, Rule: calendar, Expires: (civic.Policy{ExpiryCalendar: true, ExpiryYears: 1}).Expiry(today)},
		"其中 1 个半小时是以前剩下的零头凑成的", "连当年共 1 个自然年，年底到期：2026年12月31日", "柳河镇第 1 版规则")
	why(civic.Earning{Points: 9, Rule: county, Expires: today + 99}, "直接给的积分", "2027年3月2日到期")
	why(civic.Earning{Minutes: 600, Rate: 10, Points: 50}, "另有 10 个整半小时的分以前已经给过，这次算 10 个")
	why(civic.Earning{Points: 3, Rule: "center/7"}, "按规则 center/7 算，这里已经查不到这一版了")
	why(civic.Earning{Points: 4, Rule: "gone/1"}, "按规则 gone/1 算")

	// Who may not look at another town's rules is told their name, without a way in.
	b := o.bound("chen", store.RoleOfficer, "qingxi").get("/account/"+zhang.String()).shows(200, "柳河镇第 1 版规则")
	if !strings.Contains(b.body, `href="/version/center/1"`) || strings.Contains(b.body, `href="/version/liuhe/1"`) {
		t.Error("the ways to the rules are wrong")
	}
}
