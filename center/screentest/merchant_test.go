package screentest

import (
	"testing"

	"yizhan/center/store"
)

// A merchant is added, named by a good whose price is to change, and closed.
func TestMerchantsAndPrices(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=物品").on("/goods").press("=商户和捐赠方").on("/merchants").sees("还没有商户或捐赠方").press("=添加商户或捐赠方").on("/merchant/center")
	v.typing("name", "清溪粮油站", "quota", "many").press("=添加").on("/merchant/center").sees("请填整数")
	d.auditOnce(v, "addmerchant")
	v.typing("quota", "5000", "account", "农商行 6230").press("=添加").on("/merchant/center/").sees("保存好了", "有效")
	d.auditOnce(v, "merchant")
	v.press("=停用").sees("接下来会这样")
	d.auditOnce(v, "closemerchant")
	v.visit("/good/center/rice").sees("清溪粮油站", "还没有记下的价格", "定一个新价")
	v.visit("/goods?at=center").press("=一次放很多图片").on("/pictures/center").sees("G001.jpg")
	d.auditOnce(v, "pictures")
	v.visit("/merchants").sees("5,000")
	d.auditOnce(v, "merchants")
}
