package center

import (
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// Who was where is added up by activity, platform, team and category, each person once.
func TestServiceIsAddedUpByActivity(t *testing.T) {
	o, s, zhang, li, _ := attended(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.post(attendPath(s.ID, zhang), "verdict", "there").shows(200, "已确认")
	o.honoured(li, "a", 1, "护河", 90)
	o.must(o.store.SaveActivity(store.As(t.Context(), "lin"), 0, store.Activity{Scope: "shiqiao", Activity: civic.Activity{ID: s.Activity, Title: "路口劝导", Platform: "customs", Team: "石桥护路队",
		Times: civic.Recurrence{From: ledger.DayOf(o.now), To: ledger.DayOf(o.now), Start: 8 * 60, End: 10 * 60}, Spots: []civic.Spot{{Place: "石桥路口", Kiosks: []string{"SQ01"}}}}}, nil))
	b.get("/reports").shows(200, "按活动、平台、队伍汇总")
	b.get("/groups").shows(200, "人数是去掉重复的人")
	b.post("/groups", "parent", "", "from", "2026-11-01", "to", "2026-11-30").shows(422, "请选一个地方")
	b.post("/groups", "parent", "qingxi", "from", "2026-12-01", "to", "2026-11-30").shows(422, "前后对得上")
	b.post("/groups", "parent", "qingxi", "from", "2026-11-01", "to", "2026-11-30").shows(200, "按活动、平台、队伍汇总")
	job := b.at[strings.LastIndex(b.at, "/")+1:]
	worked, err := o.server.jobs.next(t.Context())
	if o.must(err); !worked {
		t.Fatal("no job")
	}
	b.get("/job/"+job).shows(200, "汇总表", "人次", "4")
	b.get("/job/" + job + "/file/" + groupsFileName)
	book, err := excelize.OpenReader(strings.NewReader(b.body))
	o.must(err)
	defer book.Close()
	for sheet, want := range map[string][]string{
		"活动":   {"活动,地方,场次,人数,人次,其中等确认的人次,信用时长（小时）,荣誉时长（小时）,积分", "路口劝导,石桥村,1,3,3,2,1:35,0,15", "护河,,0,1,1,0,0,1.5,0"},
		"服务平台": {"服务平台,场次,人数,人次,其中等确认的人次,信用时长（小时）,荣誉时长（小时）,积分", "乡风文明,1,3,3,2,1:35,0,15", "（没有写）,0,1,1,0,0,1.5,0"},
		"队伍":   {"队伍,场次,人数,人次,其中等确认的人次,信用时长（小时）,荣誉时长（小时）,积分", "石桥护路队,1,3,3,2,1:35,0,15", "（没有写）,0,1,1,0,0,1.5,0"},
	} {
		rows, err := book.GetRows(sheet)
		o.must(err)
		var lines []string
		for _, r := range rows {
			lines = append(lines, strings.Join(r, ","))
		}
		if !slices.Equal(lines, want) {
			t.Errorf("%s: %q", sheet, lines)
		}
	}
	if list := book.GetSheetList(); !slices.Equal(list, []string{"活动", "服务平台", "队伍", "服务类别"}) {
		t.Errorf("%q", list)
	}
	o.bound("far", store.RoleClerk, "shiqiao").post("/groups", "parent", "center", "from", "2026-11-01", "to", "2026-11-30").shows(403)
}
