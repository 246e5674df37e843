package screentest

import (
	"testing"

	"yizhan/center/store"
)

// The org tree is looked at, a place below another is added and changed by keyboard
// and pointer, and a list of places is looked at before it is written.
func TestPlacesAndTheirDetails(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=组织").on("/places").sees("青禾县中心", "石桥村").press("=柳河镇").on("/place/liuhe").press("=添加下级").on("/place?at=liuhe")
	v.typing("id", "dongping", "name", "东坪村", "leader", "李芳", "position", "114.87, 3000").press("=实践站").press("=添加").sees("要两个数")
	d.auditOnce(v, "place-new-wrong")
	v.typing("position", "114.87, 30.45", "venues", "图书室：阅读、宣讲").press("=添加").on("/place/dongping?done=scope").sees("添加好了", "柳河镇", "图书室")
	d.auditOnce(v, "place")
	d.must(d.store.EditPlace(store.As(t.Context(), "chen"), store.PlaceEdit{ID: "dongping", Seen: eval[string](v, `return document.querySelector("[name=seen]").value`), Name: "东坪新村", Parent: "liuhe"}))
	v.typing("leader", "王强").press("=保存").sees("chen 在", "现在是：东坪新村")
	d.auditOnce(v, "place-changed")
	v.press("=保存").on("/place/dongping?done=place").sees("保存好了")
	v.press("=组织").on("/places").press("=导入名单").on("/placelist")
	eval[bool](v, `const list = new DataTransfer(), field = document.getElementById("file");
		list.items.add(new File(["编码,名称,上级,级别\nxinhe,新河村,柳河镇,村\nodd,怪村,不存在镇,村\n"], "places.csv", {type: "text/csv"}));
		field.files = list.files;
		return true`)
	v.press("=先看结果").on("/placelist").sees("1 个要添加", "第 3 行", "还没有写入任何东西")
	d.auditOnce(v, "placelist-looked")
	v.press("=写入 1 个").on("/places?done=placelist").sees("写入好了", "新河村")
	for name, path := range map[string]string{"places": "/places", "place-new": "/place", "placelist": "/placelist"} {
		d.audit(v.visit(path), name)
	}
}
