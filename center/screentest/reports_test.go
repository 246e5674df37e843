package screentest

import (
	"testing"

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
}
