package center

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// All ID numbers of a place leave the center when two officers want that, once.
func TestNumbersLeaveByTwoAndOnce(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutScope(t.Context(), store.Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
	put := func(n byte, name, town, number string) {
		id := ledger.ID{n, 7}
		o.must(o.store.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: id, Name: name, Number: "N" + string('0'+n)}, Town: town, Sealed: o.server.desk.safe.seal(id, numbers{number, "13800138000"})}))
	}
	put(1, "张建伟", "qingxi", "11010519491231002X")
	put(2, "李红芳", "liuhe", "440524188001010014")
	put(3, "周明", "qingxi", "")
	lin, chen := o.signedIn("lin", store.RoleOfficer), o.signedIn("chen", store.RoleOfficer)
	form := []string{"request", "00000000000000a1", "parent", "qingxi", "reason", "上报全国系统", "evidence", "县文明办 12 号通知"}
	lin.get("/numbers").shows(200, "导出全部证件号", "只能下载一次")
	lin.post("/numbers", with(form, "parent", "nowhere")...).shows(422, "请选一个地方")
	lin.post("/numbers", with(form, "evidence", "")...).shows(422, "请写凭据")
	lin.post("/numbers", form...).shows(200, "等另一个人核对", "清溪镇").hides("第二人已经确认")
	to := "/second/qingxi/00000000000000a1"
	lin.post(to + "/file").shows(409)
	lin.post(to+"/confirm").shows(409, "提出的人自己不能确认")
	chen.get(to).shows(200, "县文明办 12 号通知", "明文证件号")
	chen.post(to+"/confirm").shows(200, "已确认").hides("只能下载一次")
	chen.post(to + "/file").shows(409) // who confirmed does not have it
	lin.get(to).shows(200, "第二人已经确认")
	lin.post(to + "/file")
	if lin.code != 200 || !strings.Contains(lin.header.Get("Content-Disposition"), "id-numbers-") || lin.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", lin.code, lin.header)
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(lin.body)))
	o.must(err)
	rows, err := book.GetRows(book.GetSheetName(0))
	o.must(err)
	if len(rows) != 2 || strings.Join(rows[1], " ") != "张建伟 N1 11010519491231002X 13800138000 清溪镇" {
		t.Errorf("%v", rows)
	}
	lin.post(to + "/file").shows(409)
	lin.get(to).shows(200, "已下载").hides("第二人已经确认。")
	lin.get("/audit?kind=second.taken").shows(200, "lin", "上报全国系统", "县文明办 12 号通知")

	lin.post("/numbers", with(form, "request", "00000000000000a2")...).shows(200)
	chen.post("/second/qingxi/00000000000000a2/confirm").shows(200, "已确认")
	for range 25 { // the officer works on, and a day goes by
		o.now = o.now.Add(time.Hour)
	}
	again := o.browser()
	again.secret = lin.secret
	again.post("/signin", "name", "lin", "password", goodPassword, "code", again.next()).shows(200)
	again.post("/second/qingxi/00000000000000a2/file").shows(409)
}
