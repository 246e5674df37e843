package screentest

import (
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/ledger"
)

// A good is added with a drawing, changed, and looked up on the shelves, with the
// entries behind a number; two who change it are told.
func TestGoodsAndTheirStock(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=物品").on("/goods").sees("东北大米", "青禾县中心").press("=添加物品").on("/good/center")
	v.typing("code", "G002", "name", "菜籽油", "unit", "桶", "size", "5 升", "price", "lots").press("=内置的图，60 张").press("input[value=oil]").press("=添加").on("/good/center").sees("1 到 100,000,000")
	d.auditOnce(v, "addgood")
	v.visit("/good/center")
	v.typing("code", "G002", "name", "菜籽油", "name_en", "Oil", "unit", "桶", "size", "5 升", "price", "420").press("=内置的图，60 张").press("input[value=oil]").press("=添加").on("/goods?at=center&done=good").sees("保存好了", "菜籽油", "420")
	v.press("=菜籽油").on("/good/center/G002")
	v.photographed().press("=保存").on("/goods?at=center&done=good").press("=菜籽油").on("/good/center/G002").typing("price", "400")
	list, err := d.store.Documents(t.Context(), "center", store.KindGood, []string{"G002"})
	d.must(err)
	g := *list[0].Good
	if !strings.HasPrefix(g.Picture, "p-") || g.Price != 420 {
		t.Errorf("%+v", g)
	}
	g.Price = 430
	d.must(d.store.PutGood(store.As(t.Context(), "chen"), "center", g.Version, g, nil))
	v.press("=保存").sees("chen 在", "你填的还没有保存", "现在是：430")
	d.auditOnce(v, "good-changed")
	v.press("=保存").on("/goods?at=center&done=good").sees("400")
	v.press("=东北大米").on("/good/center/rice").press("=下架").on("/good/center/rice/withdraw").sees("接下来会这样").press("main button").on("/good/center/rice?done=withdraw").sees("已经下架", "重新上架")

	d.enrolled("NEW1").does(ledger.Stock{Good: "G002", Move: ledger.StockReceived, Delta: 12, OnHand: 12, Operator: ledger.ID{9}})
	v.visit("/stock").sees("不够留着的", "换完了", "竹溪村益栈").press("a[href='/pieces/NEW1/G002/moved']").on("/pieces/NEW1/G002/moved").sees("收货", "+12")
	v.visit("/stock?at=SQ01").press("a[href='/pieces/SQ01/rice/sold']").on("/pieces/SQ01/rice/sold").sees("交货 1 件").press("=看账户").on("/account/").sees("张建伟")
	for name, path := range map[string]string{"goods": "/goods", "good": "/good/center/G002", "stock": "/stock", "pieces": "/pieces/SQ01/rice/sold"} {
		d.audit(v.visit(path), name)
	}
}

// photographed chooses a photograph that is larger than kiosks take, and waits until
// the page has made it smaller.
func (v *tab) photographed() *tab {
	v.Helper()
	eval[bool](v, `const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
		canvas.width = 1600; canvas.height = 1200;
		const noise = pen.createImageData(1600, 1200);
		for (let i = 0; i < noise.data.length; i++) noise.data[i] = i % 4 === 3 ? 255 : (i * 2654435761 >>> 13) & 255;
		pen.putImageData(noise, 0, 0);
		const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 1));
		const list = new DataTransfer(), field = document.getElementById("photo");
		list.items.add(new File([blob], "IMG_0001.jpg", {type: "image/jpeg"}));
		field.files = list.files;
		if (blob.size <= 256 << 10) throw "too small a photograph";
		field.dispatchEvent(new Event("change"));
		return true`)
	v.within(stepLimit, "the photograph is made smaller", func() bool {
		return eval[int](v, `return document.getElementById("photo").files[0].size`) <= 256<<10
	})
	return v
}
