package center

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// Share of residents, hours and the daily average over four months are what is known
// of each town, sorted as asked for, and the same in a file.
func TestStatistics(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	yesterday := ledger.DayOf(o.now) - 1
	earn := func(v ledger.ID, n byte, on ledger.Day) {
		o.must(o.store.Earn(t.Context(), v, ledger.Key{n, 9}, civic.Earning{On: on, Expires: yesterday + 900, What: "护河", Minutes: 90, Points: 15}))
	}
	zhang := o.volunteer(1, "张建伟", "1", "", 500) // today, which does not count yet
	li := o.volunteer(2, "李红芳", "2", "", 500)
	wang := ledger.ID{3, 7}
	o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: wang, Name: "王五", Number: "3"}, Town: "liuhe"}))
	earn(zhang, 1, yesterday)
	earn(zhang, 2, yesterday)
	earn(li, 3, yesterday)
	for n := range byte(123) { // every day of the four months
		earn(wang, 10+n, yesterday-ledger.Day(n))
	}
	earn(wang, 200, yesterday-150)
	o.told()
	o.must(o.store.CountHeads(t.Context()))

	lin := o.signedIn("lin", store.RoleOfficer)
	lin.get("/statistics").shows(200, "2026年7月23日 – 2026年11月22日", "柳河镇 去填 1 – 184.5 0 1.0 1,845", "清溪镇 去填 2 – 4.5 0 0.0 45", "合计 – 3 – 189 0 1.0 1,890", "第 1 到 2 项，共 2 项")
	lin.get("/residents/qingxi").shows(200, "常住人口", "清溪镇")
	lin.post("/residents/qingxi", "year", "2030", "count", "many", "source", " ").shows(422, "不晚于今年", "请填 1 到", "请写来源")
	lin.post("/residents/qingxi", "year", "2025", "count", "16", "source", "统计年鉴").shows(200, "常住人口记下了", "清溪镇 16 2025 2 12.5%", "合计 16 3 12.5%")
	lin.get("/residents/qingxi").shows(200, "统计年鉴", "lin")
	o.must(o.store.PutResidents(t.Context(), "qingxi", store.Residents{Year: 2025, Count: 20, Source: "派出所", Who: "chen"}, store.Residents{Year: 2025, Count: 16, Source: "统计年鉴"}))
	form := []string{"year", "2025", "count", "18", "source", "统计年鉴"}
	lin.post("/residents/qingxi", with(form, "seen_year", "2025", "seen_count", "16", "seen_source", "统计年鉴")...).shows(409, "chen 在", "现在是：2025年 20（派出所）", "你填的还没有保存")
	lin.post("/residents/qingxi", with(form, "seen_year", "2025", "seen_count", "20", "seen_source", "派出所")...).shows(200, "清溪镇 18 2025 2 11.1%")
	lin.get("/statistics?sort=name")
	if strings.Index(lin.body, ">柳河镇<") > strings.Index(lin.body, ">清溪镇<") && strings.Compare("柳河镇", "清溪镇") < 0 {
		t.Error("towns are not sorted by name")
	}
	lin.get("/statistics?sort=registered")
	if strings.Index(lin.body, ">清溪镇<") > strings.Index(lin.body, ">柳河镇<") {
		t.Error("towns are not sorted by who is registered")
	}
	lin.get("/audit").shows(200, "填常住人口", "统计年鉴")

	lin.get("/statistics.xlsx")
	book, err := excelize.OpenReader(bytes.NewReader([]byte(lin.body)))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	o.must(err)
	if text := fmt.Sprint(rows); !strings.Contains(text, "[清溪镇 18 2025 统计年鉴 2 11.1% 4.5 0 0.0 45]") {
		t.Errorf("the file says %s", text)
	}
	chen := o.bound("chen", store.RoleClerk, "liuhe")
	chen.get("/statistics").shows(200, "柳河镇").hides("清溪镇", "去填")
	chen.get("/residents/liuhe").shows(403)
	o.bound("wu", store.RoleLeader, "liuhe").get("/residents/qingxi").shows(403)
}
