package center

import (
	"slices"
	"strings"
	"testing"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
)

// typed is the form of a draft, as it is filled in, with some fields otherwise.
func typedDraft(was string, pairs ...string) []string {
	form := []string{"was", was}
	for field, value := range typedPolicy(civic.Policy{}.WithDefaults()) {
		form = append(form, field, value)
	}
	return append(form, pairs...)
}

// Every rule stands in one group, and has its words in both languages.
func TestEveryRuleHasItsWords(t *testing.T) {
	var grouped []string
	for _, g := range policyGroups {
		grouped = append(grouped, g.Fields...)
	}
	for _, lang := range assets.Langs {
		texts, err := assets.Texts(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range civic.PolicyFields {
			if i := slices.Index(grouped, f.Word); i < 0 || slices.Contains(grouped[i+1:], f.Word) {
				t.Errorf("%s stands in no group, or in two", f.Word)
			}
			for _, key := range []string{"field." + f.Word, "note." + f.Word} {
				if !texts.Has("center.policy." + key) {
					t.Errorf("%s lacks %s", lang, key)
				}
			}
			for _, n := range []int64{f.Least, f.Default, f.Most} {
				if text := ruleText(texts, f, n); strings.Contains(text, "⟦") {
					t.Errorf("%s: %s", f.Word, text)
				}
			}
		}
	}
}

// From the usual rules to a version that ends a town's own ones.
func TestRulesAtTheConsole(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/policy").shows(200, "青禾县中心", "还没有人定过规则", "每小时积分 10 分 通常值", "480 分钟 （8 小时）", "起草一份")
	b.get("/draft/center").shows(200, "从通常的规则抄来")

	// What is wrong is said by the field, and what was typed stays.
	b.post("/draft/center", typedDraft("0", "points_per_hour", "0", "star_2", "50", "day_most", "60", "why", "试一年")...).
		shows(422, "有 3 处要改", "要填 1 到 10,000 的整数", "要比低一星的多", "不能比不用批的还少")
	if !strings.Contains(b.body, `value="试一年"`) || !strings.Contains(b.body, `value="50"`) {
		t.Error("what was typed is gone")
	}
	b.post("/draft/center", typedDraft("x")...).shows(400)
	b.post("/draft/center", typedDraft("0", "points_per_hour", "5", "why", "试一年")...).
		shows(200, "草稿存好了", "青禾县中心第 1 版规则", "lin 起草", "和“通常的规则”比，有 1 条不同", "5 分 不同 10 分", "还没预览过", "试一年")
	b.get("/version/center/1?only=1").shows(200, "每小时积分").hides("每月限换")
	b.get("/policy").shows(200, "看草稿", "草稿 1", "第 1 版")

	// Two who change the draft at once.
	chen := o.signedIn("chen", store.RoleOfficer)
	chen.post("/draft/center", typedDraft("1", "points_per_hour", "6")...).shows(200, "草稿存好了")
	b.post("/draft/center", typedDraft("1", "points_per_hour", "7")...).shows(422, "chen", "现在是：6 分")
	b.post("/draft/center", typedDraft("2", "points_per_hour", "7")...).shows(200, "草稿存好了")

	// In force from a day.
	b.get("/draft/center/force").shows(200, "生效以后不能再改", "这份草稿还没预览过").hides("第 2 版")
	b.post("/draft/center/force", "was", "2", "day", "2026-11-23").shows(409)
	b.post("/draft/center/force", "was", "3", "day", "2026-11-22").shows(422, "请选今天或以后")
	b.post("/draft/center/force", "was", "3", "day", "x").shows(422, "请选今天或以后")
	b.post("/draft/center/force", "was", "3", "day", "2026-11-25").shows(200, "定好了", "还没到日子", "2026年11月25日起生效")
	b.post("/draft/center/force", "was", "3", "n", "1", "day", "2026-11-25").shows(200, "定好了") // once more
	b.post("/draft/center/force", "was", "3", "n", "1", "day", "2026-11-26").shows(409)
	b.get("/policy").shows(200, "还没有人定过规则")
	o.now = o.now.AddDate(0, 0, 2)
	b = o.signedIn("lin2", store.RoleOfficer)
	b.get("/policy?at=shiqiao").shows(200, "今天按“青禾县中心”的第 1 版规则办", "上级的", "正在用", "每小时积分 7 分").hides("7 分 通常值")
	b.get("/draft/center/force").shows(409)

	// A town of its own, and its end.
	b.post("/draft/qingxi", typedDraft("0", "self_service", "1", "expiry_calendar", "1")...).shows(200, "清溪镇第 1 版规则", "和“青禾县中心第 1 版规则”比，有 3 条不同", "自助货架", "自然年年底到期")
	b.post("/draft/qingxi/force", "was", "1", "day", "2026-11-25").shows(200, "正在用")
	b.get("/policy?at=shiqiao").shows(200, "今天按“清溪镇”的第 1 版规则办", "上级在用，这里另有规则 1")
	b.get("/policy?at=shiqiao&show=above&sort=place").shows(200, "青禾县中心").hides("第 1 版 清溪镇")
	b.get("/version/qingxi/1?with=usual").shows(200, "和“通常的规则”比，有 2 条不同")
	b.get("/version/qingxi/1?with=qingxi/9").shows(404)
	b.post("/draft/qingxi", typedDraft("0", "ends", "yes")...).shows(200, "清溪镇第 2 版规则", "不再有自己的规则")
	b.get("/draft/qingxi/force").shows(200, "不再有自己的规则，按上级的办")
	b.post("/draft/qingxi/force", "was", "1", "day", "2026-11-26").shows(200, "还没到日子")
	o.now = o.now.AddDate(0, 0, 1)
	b = o.signedIn("lin3", store.RoleOfficer)
	b.get("/policy?at=shiqiao").shows(200, "今天按“青禾县中心”的第 1 版规则办", "不再有自己的规则，按上级的办", "用过 1")

	// Dropping a draft, with what follows said first.
	b.post("/draft/qingxi", typedDraft("0")...).shows(200, "第 3 版")
	b.get("/draft/qingxi/drop").shows(200, "第 3 版草稿就没有了")
	b.post("/draft/qingxi/drop", "was", "1").shows(200, "草稿删掉了")
	for _, path := range []string{"/version/qingxi/3", "/version/qingxi/x", "/draft/nowhere", "/policy?at=nowhere", "/draft/qingxi/nonsense", "/preview/none"} {
		b.get(path).shows(404)
	}
	b.get("/audit?kind=policy.forced").shows(200, "规则定生效日", "每小时积分 7 分", "生效日 2026-11-25")
	b.get("/audit?kind=policy.drafted").shows(200, "每小时积分 6 分")
	for _, lang := range assets.Langs {
		b.post("/language", "to", string(lang), "page", "/me")
		for _, path := range []string{"/policy", "/policy?at=qingxi", "/version/center/1", "/draft/center", "/audit"} {
			b.get(path).shows(200)
		}
	}
}

// Who is bound to a town reads what holds there, and drafts for that town alone.
func TestATownsRules(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	ctx := store.As(t.Context(), "lin")
	for _, scope := range []string{"center", "liuhe"} {
		v, err := o.store.DraftPolicy(ctx, scope, store.PolicyText{Policy: civic.Policy{PointsPerHour: 4}.WithDefaults()})
		o.must(err)
		o.must(o.store.ForcePolicy(ctx, v.Rule(), v.Edits, o.store.Today()))
		_, err = o.store.DraftPolicy(ctx, scope, store.PolicyText{Policy: civic.Policy{PointsPerHour: 3}.WithDefaults()})
		o.must(err)
	}
	b := o.bound("chen", store.RoleOfficer, "qingxi")
	b.get("/policy").shows(200, "清溪镇", "今天按“青禾县中心”的第 1 版规则办").hides("第 2 版", "柳河镇")
	b.get("/version/center/1").shows(200, "4 分")
	for _, path := range []string{"/version/center/2", "/version/liuhe/1", "/policy?at=center", "/policy?at=liuhe", "/draft/center", "/draft/center/force"} {
		b.get(path).shows(403)
	}
	b.post("/draft/center", typedDraft("0")...).shows(403)
	b.post("/draft/liuhe", typedDraft("0")...).shows(403)
	b.post("/draft/liuhe/force", "was", "1", "day", "2026-12-01").shows(403)
	b.post("/draft/liuhe/preview").shows(403)
	b.post("/draft/qingxi/preview").shows(409)
	b.post("/draft/shiqiao", typedDraft("0")...).shows(200, "草稿存好了")
	o.bound("wu", store.RoleAuditor, "qingxi").get("/policy?at=shiqiao").shows(200, "草稿").hides("起草新规则")
}

// Hours that are more than the rules allow without approval are told to who confirms.
func TestALongDayIsSaid(t *testing.T) {
	o := newOffice(t)
	v := o.volunteer(1, "张建伟", "1", "", 100)
	wu, chen := o.signedIn("wu", store.RoleClerk), o.signedIn("chen", store.RoleLeader)
	wu.post("/enter/"+v.String(), entering("00000000000000c1")...).shows(200, "补录时长 2.5 小时")
	chen.get("/second/qingxi/00000000000000c1").shows(200).hides("确认就是批准")
	p := civic.Policy{DayMinutes: 120}.WithDefaults()
	ctx := store.As(t.Context(), "lin")
	d, err := o.store.DraftPolicy(ctx, "qingxi", store.PolicyText{Policy: p})
	o.must(err)
	o.must(o.store.ForcePolicy(ctx, d.Rule(), d.Edits, o.store.Today()))
	chen.get("/second/qingxi/00000000000000c1").shows(200, "一天不用批的 2 小时多，确认就是批准")
}
