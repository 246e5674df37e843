package center

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// earned registers somebody with hours of October, and points that were given.
func (o *office) earned(n int, name, town, home string, minutes int64, given ledger.Points) ledger.ID {
	o.Helper()
	id := ledger.ID{byte(n >> 8), byte(n), 5}
	o.must(o.store.PutPerson(o.Context(), store.Person{Volunteer: civic.Volunteer{ID: id, Name: name, Number: fmt.Sprint("V", n)}, Town: town, Home: home}))
	day := func(s string) ledger.Day {
		d, err := ledger.ParseDay(s)
		o.must(err)
		return d
	}
	october := day("2026-10-15")
	for i, e := range []civic.Earning{
		{On: october, What: "护河", Minutes: minutes, Rate: 10, Points: civic.Policy{}.PointsFor(minutes)},
		{On: october, What: "奖励", Points: given},
		{On: day("2026-09-30"), What: "上个月以前的", Minutes: 600, Rate: 10, Points: 100},
	} {
		if e.Expires = (civic.Policy{}).Expiry(e.On); e.Points > 0 {
			o.must(o.store.Earn(o.Context(), id, ledger.Key{byte(n), byte(n >> 8), byte(i), 9}, e))
		}
	}
	return id
}

func TestPreviewOfADraft(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	ctx := store.As(t.Context(), "lin")
	own, err := o.store.DraftPolicy(ctx, "liuhe", store.PolicyText{Policy: civic.Policy{}.WithDefaults()})
	o.must(err)
	o.must(o.store.ForcePolicy(ctx, own.Rule(), own.Edits, o.store.Today()))
	o.earned(1, "张建伟", "qingxi", "", 600, 30)
	o.earned(2, "李梅", "qingxi", "", 90, 0)
	o.earned(3, "王芳", "liuhe", "", 600, 0) // her town has rules of its own
	o.earned(4, "赵六", "qingxi", "", 0, 50)
	o.earned(5, "钱七", "qingxi", "", 0, 0) // nothing in October

	b := o.signedIn("lin", store.RoleOfficer)
	b.post("/draft/center", typedDraft("0", "points_per_hour", "5", "expiry_years", "1")...)
	b.post("/draft/center/preview").shows(200, "规则预览", "轮到它就开始")
	o.work()
	job := strings.TrimPrefix(b.at, "/job/")
	b.get("/job/"+job).shows(200, "做完了", "当月得过积分的人 3", "会变少的人 2", "预览（Excel）")
	b.get("/preview/"+job).shows(200, "预览：青禾县中心第 1 版规则", "2026年10月1日 到 2026年10月31日", "当月积分 195", "按草稿 137", "到期日会变的人 3",
		"4 条记录里有 2 条是直接给的积分", "另有 1 人按别处自己的规则算", "张建伟 V1 清溪镇 10 130 80 −50", "李梅 V2 清溪镇 1.5 15 7 −8", "赵六").hides("王芳", "钱七", "草稿又变了")
	b.get("/preview/"+job+"?show=less").shows(200, "李梅").hides("赵六")
	b.get("/preview/"+job+"?q=v2").shows(200, "李梅").hides("张建伟")
	b.get("/preview/"+job+"?sort=would").shows(200, "第 1 到 3 项，共 3 项")
	b.get("/preview/"+job+"?q=nobody").shows(200, "没有这样的人")
	b.get("/version/center/1").shows(200, "做完了", "的预览").hides("之后草稿又改过")
	b.get("/draft/center/force").shows(200).hides("还没预览过")

	b.get("/job/" + job + "/file/preview.xlsx").shows(200)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(b.body)))
	o.must(err)
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(rows) != 4 || rows[1][0] != "张建伟" || rows[1][6] != "-50" || rows[3][3] != "0" {
		t.Errorf("%v, %v", rows, err)
	}

	// The draft is changed: the preview says that it is of another one.
	b.post("/draft/center", typedDraft("1", "points_per_hour", "20")...)
	b.get("/version/center/1").shows(200, "之后草稿又改过")
	b.get("/preview/"+job).shows(200, "草稿又变了")
	b.get("/draft/center/force").shows(200, "还没预览过")
	b.post("/language", "to", "en", "page", "/preview/"+job).shows(200, "Preview: Version 1 of the rules of")

	// What ends a town's own rules is worked out by those above.
	b.post("/draft/liuhe", typedDraft("0", "points_per_hour", "1", "ends", "yes")...)
	b.post("/draft/liuhe/preview").shows(200)
	o.work()
	b.get("/preview/"+strings.TrimPrefix(b.at, "/job/")).shows(200, "Points that month 100", "Under the draft 100", "Under this draft nobody's points")

	// A town does not see those of the center, and a technician none.
	o.bound("chen", store.RoleOfficer, "qingxi").get("/preview/" + job).shows(403)
	o.signedIn("tech", store.RoleTechnician).get("/preview/" + job).shows(403)
	if acts, err := o.store.Account(t.Context(), ledger.ID{0, 1, 5}); err != nil || acts.Lots[0].Earned+acts.Lots[1].Earned != 230 {
		t.Errorf("a preview moved points: %+v, %v", acts, err)
	}
	o.now = o.now.Add(store.JobFilesKept + 1e9)
	_, err = o.store.Sweep(t.Context())
	o.must(err)
	o.signedIn("lin2", store.RoleOfficer).get("/preview/"+job).shows(200, "当月积分 195", "过期删除").hides("张建伟")
}

// A preview that is taken up again comes to the same as one that was never stopped.
func TestAPreviewGoesOn(t *testing.T) {
	o := newOffice(t)
	october, err := ledger.ParseDay("2026-10-15")
	o.must(err)
	const people = 600 // more than are read at a time
	for first := 0; first < people; first += people / 2 {
		var list []store.Admission
		for i := first; i < first+people/2; i++ {
			minutes := int64(30 + i)
			e := civic.Earning{On: october, Expires: october + 900, What: "护河", Minutes: minutes, Rate: 10, Points: civic.Policy{}.PointsFor(minutes)}
			list = append(list, store.Admission{ID: ledger.ID{byte(i), byte(i >> 8), 5}, Town: "qingxi", After: store.Listed{Points: e.Points, Minutes: minutes}, Earned: e,
				Change: func(v civic.Volunteer) civic.Volunteer { v.Name = "王小明"; return v }})
		}
		_, err := o.store.Admit(t.Context(), list, false)
		o.must(err)
	}
	k := o.server.jobs
	in := previewInput{Rule: "center/1", Text: store.PolicyText{Policy: civic.Policy{PointsPerHour: 7}.WithDefaults()}, From: o.store.Today() - 60, To: o.store.Today(), Lang: "en"}
	result := func(stop bool) string {
		t.Helper()
		id, err := k.start(t.Context(), previewKind, "lin", "center", in)
		o.must(err)
		j, found, err := o.store.TakeJob(t.Context())
		if err != nil || !found {
			t.Fatal(err)
		}
		p := &previewing{jobRun: &jobRun{Job: j, jobs: k, noted: o.now}, in: in, then: o.store.Today(), other: in.Text.Policy}
		p.rules, err = o.store.Rulebook(t.Context())
		o.must(err)
		p.mark.Total = people
		if stop { // after some pages, of which the last was not written down
			page, err := o.store.Earners(t.Context(), "", o.now.AddDate(0, 0, -90))
			o.must(err)
			p.since = p.mark
			for _, e := range page.List {
				p.add(e)
			}
			p.since.Done, p.since.Last = int64(page.People), page.Last
			o.must(p.flush(t.Context()))
			p.add(page.List[0])
			mark := p.mark
			p = &previewing{jobRun: p.jobRun, in: in, then: p.then, other: p.other, rules: p.rules, mark: mark}
		}
		o.must(p.all(t.Context()))
		o.must(p.sort(t.Context()))
		var list strings.Builder
		for row, err := range readPreview(k.open(context.Background(), id, previewList)) {
			o.must(err)
			fmt.Fprintln(&list, row)
		}
		o.must(o.store.EndJob(t.Context(), j, store.JobDone, json.RawMessage("{}")))
		return fmt.Sprintf("%+v\n%s", p.mark.Sum, list.String())
	}
	if whole, parts := result(false), result(true); whole != parts || !strings.Contains(whole, "People:600") {
		t.Errorf("%.200s\n%.200s", whole, parts)
	}
}
