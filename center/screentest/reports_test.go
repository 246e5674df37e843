package screentest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// season gives the county something to report: weeks of earnings and redemptions.
func (d *desk) season() {
	d.Helper()
	ctx, today := d.Context(), ledger.DayOf(d.now())
	zhang, expires := ledger.ID{1, 7}, d.expiry()
	for i := range 11 {
		points := ledger.Points(300 + i%4*120)
		e := civic.Earning{On: today - ledger.Day(7*i), Expires: expires, What: "路口文明劝导", Minutes: int64(points) * 6, Rate: 10, Points: points}
		d.must(d.store.Earn(ctx, zhang, ledger.Key{100, byte(i)}, e))
	}
	for n := 1; n > 0; {
		var err error
		n, err = d.store.TellTowns(ctx)
		d.must(err)
	}
	d.must(d.store.CountHeads(ctx))
}

// An officer sees what the weeks brought, and what is behind each figure.
func TestReports(t *testing.T) {
	d := newDesk(t)
	d.county()
	d.season()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.visit("/").sees("每周赚得与用去", "清溪镇")
	v.within(stepLimit, "the chart is drawn", func() bool { return eval[bool](v, `return !!document.querySelector("#chart canvas")?.width`) })
	d.audit(v, "today-weeks")
	v.press("=看成表格")
	d.auditOnce(v, "today-table")
	v.press("=清溪镇").on("/owed?at=qingxi").sees("石桥村").press("=石桥村").on("/owed?at=shiqiao").sees("石桥村益栈")
	d.audit(v, "owed")

	v.press("=报表与台账").on("/reports").sees("周台账")
	d.audit(v, "reports")
	last := store.WeekOf(ledger.DayOf(d.now())) - 1
	path := "/report/center/week/" + last.Monday().Time().Format("2006-01-02")
	v.visit(path).sees("还没有人签", "赚得积分")
	d.audit(v, "report")
	v.press("=签报表").on(path + "/sign").sees("接下来会这样")
	d.auditOnce(v, "reportsign")
	v.press("main form button").on(path+"?done=signed").sees("签好了", "lin 在")
	d.audit(v, "report-signed")
	d.printed(v, "report")
	v.visit("/statistics").sees("志愿服务统计").press("=去填").on("/residents/qingxi")
	v.typing("year", "2025", "count", "2o", "source", "统计年鉴").press("=保存").sees("请填 1 到")
	d.auditOnce(v, "residents-wrong")
	v.typing("count", "2000").press("=保存").on("/statistics?done=residents").sees("2,000", "0.2%")
	d.audit(v, "statistics")
}

// printed holds that a page on paper is without what is for the screen, and with its
// header and the lines to sign on.
func (d *desk) printed(v *tab, name string) {
	d.Helper()
	v.media("print")
	defer v.media("")
	shown := eval[string](v, `return [".nav", ".chead", ".pages > thead", ".signatures"].map((s) => document.querySelector(s).checkVisibility()).join()`)
	if shown != "false,false,true,true" {
		d.Errorf("on paper the navigation, the head of the screen, the head of the paper and the signatures are shown: %s", shown)
	}
	v.Shot(name + "-paper")
}

// media shows the page as a medium does; "": as the screen.
func (v *tab) media(kind string) {
	v.Helper()
	v.Do("changing the medium", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind})
		return err
	}))
}
