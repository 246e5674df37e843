package center

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// A visit has exactly the codes of the national system, however it came about.
func TestAVisitHasTheNationalCodes(t *testing.T) {
	shift := civic.Shift{ID: ledger.ID{1}, Number: "P-7", Title: "路口劝导", Team: "4201-77", Start: 1_700_000_000, End: 1_700_007_200}
	seen := func(how string, at int64) store.Seen {
		return store.Seen{Check: civic.Check{MS: at * 1000, Quality: ledger.ClockSynced}, How: how}
	}
	in, out := shift.Start+60, shift.End-60
	none := store.Seen{}
	for _, c := range []struct {
		name                   string
		in, out                store.Seen
		state                  string
		method, validity, kind string
		minutes                string
	}{
		{"card in and out", seen(store.HowCard, in), seen(store.HowCard, out), civic.AttendConfirmed, "4", "2", "1", "118"},
		{"phone in and out", seen(store.HowPhone, in), seen(store.HowPhone, out), civic.AttendConfirmed, "4", "2", "1", "118"},
		{"a phone's code, then the card", seen(store.HowShown, in), seen(store.HowCard, out), civic.AttendConfirmed, "4", "2", "1", "118"},
		{"number and PIN", seen(store.HowAccount, in), seen(store.HowAccount, out), civic.AttendConfirmed, "4", "2", "1", "118"},
		{"a walk-in who was found", seen(store.HowWalkIn, in), seen(store.HowWalkIn, out), civic.AttendConfirmed, "4", "2", "1", "118"},
		{"forgotten check-out, confirmed", seen(store.HowCard, in), none, civic.AttendConfirmed, "0", "2", "1", "118"},
		{"forgotten check-out, waiting", seen(store.HowCard, in), none, civic.AttendPending, "0", "1", "1", "119"},
		{"checked out by a leader", seen(store.HowCard, in), seen(store.HowStaff, out), civic.AttendConfirmed, "0", "2", "1", "118"},
		{"checked in by a leader", seen(store.HowStaff, in), seen(store.HowStaff, out), civic.AttendConfirmed, "1", "2", "1", "118"},
		{"by an objection", seen(store.HowObject, in), none, civic.AttendConfirmed, "2", "2", "1", "118"},
		{"still there", seen(store.HowCard, in), none, civic.AttendOpen, "0", "1", "1", "119"},
		{"refused", seen(store.HowCard, in), seen(store.HowCard, out), civic.AttendRefused, "4", "3", "1", "0"},
	} {
		x := store.Attendance{Shift: shift.ID, Start: shift.Start, End: shift.End, State: c.state, AttendText: store.AttendText{Title: "路口劝导", In: c.in, Out: c.out}}
		if c.state == civic.AttendConfirmed {
			x.Credit, x.Counted = 118, civic.Span{From: in, To: out}
		}
		got := attendedRecord(x, shift, store.Person{Volunteer: civic.Volunteer{Number: "420-1", Name: "张建伟"}}, time.UTC).Cells()
		if got[0] != "420-1" || got[2] != "P-7" || got[3] != "路口劝导" || got[4] != "4201-77" || got[6] != c.minutes || got[9] != c.method || got[10] != c.validity || got[11] != c.kind {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	h := honourRecord(store.Honour{Day: 2300, First: 480, Last: 600, What: "护河"}, store.Person{Volunteer: civic.Volunteer{Number: "420-1", Name: "张建伟"}}, time.FixedZone("", 8*3600)).Cells()
	if want := []string{"420-1", "张建伟", "", "护河", "", "", "120", ledger.Day(2300).String() + " 08:00", ledger.Day(2300).String() + " 10:00", "1", "2", "2", "团体录入", "已生效", "荣誉时长"}; !slices.Equal(h, want) {
		t.Errorf("%q", h)
	}
}

// What somebody did under a record that was merged is the kept one's.
func TestMergedRecordsAreExportedAsOne(t *testing.T) {
	o := newOffice(t)
	kept, other, third := o.volunteer(1, "张建伟", "420-1", "", 10), o.volunteer(2, "张伟", "420-9", "", 10), o.volunteer(3, "李红芳", "420-3", "", 10)
	k, err := o.store.Record(t.Context(), kept)
	o.must(err)
	x, err := o.store.Record(t.Context(), other)
	o.must(err)
	o.must(o.store.Merge(t.Context(), store.Merge{Kept: kept, Other: other, KeptSeen: k.Stand, OtherSeen: x.Stand, By: "lin"}))
	w := serviceWriter{c: o.server.desk}
	people, err := w.people(t.Context(), []ledger.ID{other, third})
	if err != nil || people[other].Number != "420-1" || people[other].Name != "张建伟" || people[third].Number != "420-3" {
		t.Errorf("%+v %v", people, err)
	}
}

// The export of a visit, from the check-in to the cells of the workbook.
func TestServiceRecordsAreExported(t *testing.T) {
	o, s, zhang, li, _ := attended(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.post(attendPath(s.ID, zhang), "verdict", "there").shows(200, "已确认")
	o.honoured(li, "a", 1, "护河", 90)
	o.honoured(li, "b", 40, "护河", 90) // of another month
	b.get("/national").shows(200, "导出服务记录", "代码怎么来")
	b.post("/national", "parent", "", "from", "2026-11-01", "to", "2026-11-30").shows(422, "请选一个地方")
	b.post("/national", "parent", "qingxi", "from", "2026-12-01", "to", "2026-11-30").shows(422, "前后对得上")
	b.post("/national", "parent", "qingxi", "from", "2026-11-01", "to", "2026-11-30").shows(200, "导出服务记录")
	job := b.at[strings.LastIndex(b.at, "/")+1:]
	worked, err := o.server.jobs.next(t.Context())
	if o.must(err); !worked {
		t.Fatal("no job")
	}
	b.get("/job/"+job).shows(200, "服务记录", "3", "没有名字")
	b.get("/job/" + job + "/file/" + serviceFileName)
	book, err := excelize.OpenReader(strings.NewReader(b.body))
	o.must(err)
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	o.must(err)
	want := [][]string{
		{"420-1", "张建伟", "P-7", "路口劝导", "", "石桥护路队", "95", "2026-11-23 14:30", "2026-11-23 16:05", "4", "2", "1", "快速打卡", "已生效", "信用时长"},
		{"420-2", "李红芳", "P-7", "路口劝导", "", "石桥护路队", "109", "2026-11-23 14:31", "2026-11-23 16:20", "0", "1", "1", "强制签退", "未生效", "信用时长"},
		{"420-2", "李红芳", "", "护河", "", "", "90", "2026-11-22 08:00", "2026-11-22 09:30", "1", "2", "2", "团体录入", "已生效", "荣誉时长"},
	}
	if len(rows) != 4 || !slices.Equal(rows[0], civic.NationalHeadings) || !slices.EqualFunc(rows[1:], want, slices.Equal) {
		text, _ := json.Marshal(rows)
		t.Errorf("%s", text)
	}
	acts, err := o.store.Acts(t.Context(), "qingxi", 0, 5)
	if o.must(err); acts[0].Kind != "service.exported" {
		t.Errorf("%+v", acts[0])
	}
	o.bound("far", store.RoleClerk, "shiqiao").post("/national", "parent", "center", "from", "2026-11-01", "to", "2026-11-30").shows(403)
}
