package center

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// uploads posts a form with a file in it; the answer is shown as it comes.
func (b *browser) uploads(path, field, name string, data []byte, pairs ...string) *browser {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	for name, value := range fields {
		b.must(form.WriteField(name, value))
	}
	file, err := form.CreateFormFile(field, name)
	b.must(err)
	_, err = file.Write(data)
	b.must(err)
	b.must(form.Close())
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://127.0.0.1:8400"+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.console().ServeHTTP(w, r)
	b.code, b.at, b.body, b.header = w.Code, path, w.Body.String(), w.Header()
	return b
}

// sendFile posts a form with a photograph, and follows where the answer leads.
func (b *browser) sendFile(path string, photo []byte, pairs ...string) *browser {
	b.Helper()
	if b.uploads(path, "photo", "photo.png", photo, pairs...); b.code == http.StatusSeeOther {
		return b.get(b.header.Get("Location"))
	}
	return b
}

// sendFileAs posts one file.
func (b *browser) sendFileAs(path, name string, data []byte) *browser {
	b.Helper()
	return b.uploads(path, "file", name, data)
}

// goodAt reads a good as the store has it.
func (o *office) goodAt(scope, code string) civic.Good {
	o.Helper()
	list, err := o.store.Documents(o.Context(), scope, store.KindGood, []string{code})
	o.must(err)
	if len(list) != 1 || list[0].Good == nil {
		o.Fatalf("%s at %s: %+v", code, scope, list)
	}
	return *list[0].Good
}

func pngOf(t *testing.T, size int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	for i := range m.Pix {
		m.Pix[i] = byte(rand.Uint32()) // so that it stays as large
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var riceForm = []string{"code", "G001", "name", "东北大米", "name_en", "Rice", "size", "5 公斤", "unit", "袋", "category", "粮油", "price", "280", "limit", "2", "donor", "清溪粮油站", "best", "2027-10-31", "picture", "rice"}

// with is a form with some fields typed anew.
func with(form []string, pairs ...string) []string {
	return append(append([]string{}, form...), pairs...)
}

func TestGoodsAreAddedAndChanged(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/goods").shows(200, "青禾县中心", "这里还没有物品")
	for name, c := range map[string]struct {
		field, value, says string
	}{
		"no name": {"name", " ", "请填写"}, "a long name": {"name", strings.Repeat("长", 61), "最多 60 个字"}, "no unit": {"unit", "", "请填写"},
		"a bad code": {"code", "大米", "1 到 24 个字母"}, "no price": {"price", "", "1 到 100,000,000"}, "a price of nothing": {"price", "0", "1 到 100,000,000"},
		"a bad limit": {"limit", "two", "请填整数，或者不填"}, "a bad day": {"best", "2027-13-01", "日期写成"},
	} {
		b.post("/good/shiqiao", with(riceForm, c.field, c.value)...).shows(422, c.says)
		if c.field != "donor" && !strings.Contains(b.body, `value="清溪粮油站"`) {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.post("/good/nowhere", riceForm...).shows(404)
	b.post("/good/shiqiao", riceForm...).shows(200, "保存好了", "青禾县中心 / 清溪镇 / 石桥村", "东北大米 5 公斤", "280 / 袋", "2027年10月31日", "在换")
	want := civic.Good{Code: "G001", Version: 1, Name: "东北大米", NameEN: "Rice", Size: "5 公斤", Unit: "袋", Category: "粮油", Price: 280, Limit: 2, Donor: "清溪粮油站", BestBefore: o.goodAt("shiqiao", "G001").BestBefore, Picture: "rice"}
	if g := o.goodAt("shiqiao", "G001"); g != want || g.BestBefore.Time().Format("2006-01-02") != "2027-10-31" {
		t.Errorf("%+v", g)
	}
	b.post("/good/shiqiao", riceForm...).shows(200) // sent twice
	b.post("/good/shiqiao", with(riceForm, "price", "1")...).shows(422, "这里已经有这个编码")
	b.post("/good/qingxi", riceForm...).shows(422, "“青禾县中心 / 清溪镇 / 石桥村”已经有这个编码")
	o.kiosk("SQ01", "石桥村益栈")
	b.post("/good/SQ01", riceForm...).shows(422, "已经有这个编码")
	b.get("/goods?at=SQ01").shows(200, "上级地方的这些物品，这里也能换", "石桥村")

	// Two who change one good are told, and nothing is overwritten.
	b.get("/good/shiqiao/G001").shows(200, "东北大米", "添加物品 lin")
	chen := o.signedIn("chen", store.RoleOfficer)
	chen.post("/good/shiqiao/G001", with(riceForm, "was", "1", "price", "300")...).shows(200, "保存好了", "300 / 袋")
	b.post("/good/shiqiao/G001", with(riceForm, "was", "1", "price", "260", "donor", "村民")...).shows(422, "chen 在 刚刚 改过它", "你填的还没有保存", "现在是：300", "现在是：清溪粮油站")
	b.hides("它现在的图片不是")
	b.post("/good/shiqiao/G001", with(riceForm, "was", "1", "picture", "oil")...).shows(422, "它现在的图片不是下面选的这张").hides("现在是：清溪粮油站")
	b.post("/good/shiqiao/G001", with(riceForm, "was", "1", "price", "260", "donor", "村民")...).shows(422)
	if g := o.goodAt("shiqiao", "G001"); g.Price != 300 || !strings.Contains(b.body, `value="260"`) || !strings.Contains(b.body, `name="was" value="2"`) {
		t.Errorf("%+v", g)
	}
	b.post("/good/shiqiao/G001", with(riceForm, "was", "2", "price", "260", "code", "G999")...).shows(200, "260 / 袋")
	b.get("/good/shiqiao/G001").shows(200, "积分 300 → 260", "积分 280 → 300")
	b.post("/good/shiqiao/G001", riceForm...).shows(400) // without the version that was seen

	b.get("/good/shiqiao/G001/withdraw").shows(200, "接下来会这样", "不再让人换东北大米")
	b.post("/good/shiqiao/G001/withdraw").shows(200, "已经下架", "已下架")
	b.post("/good/shiqiao/G001/withdraw").shows(409)
	b.post("/good/shiqiao/G001/nonsense").shows(404)
	if !o.goodAt("shiqiao", "G001").Withdrawn {
		t.Error("it is still offered")
	}
	b.post("/good/shiqiao/G001", with(riceForm, "was", "4")...).shows(200)
	if !o.goodAt("shiqiao", "G001").Withdrawn {
		t.Error("who changes the price offers it again")
	}
	b.get("/good/shiqiao/G001/offer").shows(200, "重新让人换")
	b.post("/good/shiqiao/G001/offer").shows(200, "已经重新上架")

	auditor := o.signedIn("shen", store.RoleAuditor)
	auditor.get("/good/shiqiao/G001").shows(200, "东北大米", "清溪粮油站").hides("保存")
	auditor.get("/goods").hides("添加物品")
	auditor.post("/good/shiqiao/G001", with(riceForm, "was", "6", "price", "1")...).shows(403)
	auditor.get("/good/shiqiao/G001/withdraw").shows(403)
}

func TestPicturesOfGoods(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	good := pngOf(t, 60)
	b.sendFile("/good/shiqiao", good, riceForm...).shows(200, "保存好了")
	g := o.goodAt("shiqiao", "G001")
	if !strings.HasPrefix(g.Picture, "p-") {
		t.Fatalf("%+v", g)
	}
	src := "/picture/shiqiao/" + g.Picture
	if !strings.Contains(b.body, src) {
		t.Errorf("the list shows another picture: %s", b.body)
	}
	if b.get(src); b.code != 200 || b.header.Get("Content-Type") != "image/png" || b.body != string(good) || b.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", b.code, b.header)
	}
	o.browser().get(src).shows(200, "登录名")
	b.get("/picture/shiqiao/rice").shows(200) // a drawing instead

	var photo bytes.Buffer
	o.must(jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 40, 40)), nil))
	for name, data := range map[string][]byte{"a text": []byte("not a picture"), "a half": good[:len(good)/2], "too large": pngOf(t, 400), "an SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)} {
		b.sendFile("/good/shiqiao/G001", data, with(riceForm, "was", "1", "price", "270", "picture", g.Picture)...).shows(422, "这张图用不了", "照片请重新选")
		if !strings.Contains(b.body, `value="270"`) || o.goodAt("shiqiao", "G001") != g {
			t.Errorf("%s: %s", name, visible(b.body))
		}
	}
	// The picture stays, or makes way for a photograph or a drawing.
	b.sendFile("/good/shiqiao/G001", nil, with(riceForm, "was", itoa(int64(g.Version)), "picture", g.Picture, "price", "281")...).shows(200)
	same := o.goodAt("shiqiao", "G001")
	b.sendFile("/good/shiqiao/G001", photo.Bytes(), with(riceForm, "was", itoa(int64(same.Version)), "picture", g.Picture)...).shows(200)
	other := o.goodAt("shiqiao", "G001")
	if same.Picture != g.Picture || other.Picture == g.Picture || !strings.HasPrefix(other.Picture, "p-") {
		t.Errorf("%+v, %+v", same, other)
	}
	b.post("/good/shiqiao/G001", with(riceForm, "was", itoa(int64(other.Version)), "picture", "oil")...).shows(200)
	if g := o.goodAt("shiqiao", "G001"); g.Picture != "oil" || !strings.Contains(b.body, "/goods/oil.svg") {
		t.Errorf("%+v", g)
	}
	b.post("/good/shiqiao/G001", with(riceForm, "was", itoa(int64(o.goodAt("shiqiao", "G001").Version)), "picture", "../x")...).shows(400)
	b.sendFile("/good/shiqiao", make([]byte, maxPhotoBytes+1), riceForm...).shows(400, "什么都没有改")
}

// Every drawing has a name, in both languages; a page that lacks a text breaks.
func TestDrawingsHaveNames(t *testing.T) {
	if len(drawings()) < 60 {
		t.Errorf("%d drawings", len(drawings()))
	}
	for _, lang := range assets.Langs {
		texts, err := assets.Texts(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range drawings() {
			if !texts.Has("center.drawing." + name) {
				t.Errorf("%s has no name in %s", name, lang)
			}
		}
	}
}

func TestStockTroublesFirst(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	b.get("/stock").shows(200, "还没有库存")
	o.kiosk("SQ01", "石桥村益栈")
	o.kiosk("LH02", "柳树村益栈")
	box := o.box("SQ01")
	o.box("LH02")
	today := ledger.DayOf(o.now)
	put := func(scope, code, name string, delivered int64, best ledger.Day, withdrawn bool) {
		o.must(o.store.PutDocument(t.Context(), scope, civic.Document{Good: &civic.Good{Code: code, Name: name, Unit: "袋", Price: 10, Delivered: delivered, BestBefore: best, Withdrawn: withdrawn}}))
	}
	put("shiqiao", "rice", "大米", 20, 0, false)
	put("SQ01", "milk", "牛奶", 5, today-1, false)
	put("SQ01", "eggs", "鸡蛋", 9, today+5, false)
	put("SQ01", "tea", "绿茶", 0, 0, false)
	put("SQ01", "salt", "食盐", 2, 0, false)
	put("SQ01", "soap", "肥皂", 4, 0, true)
	put("SQ01", "oil", "菜油", 1, 0, false)
	v := o.volunteer(1, "张建伟", "1", "SQ01", 500)
	reserve := func(good string) ledger.Reserve {
		return ledger.Reserve{Volunteer: v, Good: good, Quantity: 1, Parts: []ledger.Part{{Expires: today + 1000, Points: 10}}}
	}
	box.does(reserve("rice"), ledger.Settle{Redemption: 1, Operator: ledger.ID{9}}, reserve("rice"), ledger.Settle{Redemption: 3, Operator: ledger.ID{9}},
		ledger.Refund{Redemption: 3, Operator: ledger.ID{9}, Restock: true, Reason: "unwanted"}, reserve("rice"), reserve("oil"),
		ledger.Stock{Good: "oil", Move: ledger.StockWasted, Delta: -1, Operator: ledger.ID{9}, Note: "broken"},
		ledger.Stock{Good: "rice", Move: ledger.StockReceived, Delta: 3, OnHand: 22, Operator: ledger.ID{9}})

	b.get("/stock").shows(200, "不够留着的 1", "已过保质期 1", "换完了 1", "快到保质期 1", "快没了 1", "下架还有剩 1", "正常 2", "合计：架上 62，留着 2，能换 60")
	at := -1
	for _, name := range []string{"菜油", "牛奶", "绿茶", "鸡蛋", "食盐", "肥皂", "大米"} {
		i := strings.Index(visible(b.body), name)
		if i < at {
			t.Errorf("%s comes too early: %s", name, visible(b.body))
		}
		at = i
	}
	b.get("/stock?at=SQ01&sort=left").shows(200, "石桥村益栈").hides("柳树村益栈")
	b.get("/stock?good=rice").shows(200, "大米", "柳树村益栈", "石桥村益栈", "架上 42").hides("鸡蛋")
	b.get("/stock?show=expired").shows(200, "牛奶").hides("大米")
	b.get("/stock?q=柳树").shows(200, "柳树村益栈").hides("鸡蛋")
	b.get("/stock?at=NONE").shows(404)
	b.get("/stock?at=sq01").shows(404)
	b.get("/stock?page=9&sort=nonsense&show=nonsense").shows(200, "第 1 到 8 项，共 8 项")

	// Each number opens its entries.
	b.get("/pieces/SQ01/rice/sold").shows(200, "大米", "交货 2 件", "第 4 条", "退货", "放回架上", "第 1 条")
	if !strings.Contains(b.body, `href="/account/`+v.String()) {
		t.Error("nothing leads to who took it")
	}
	b.get("/pieces/SQ01/rice/restocked").shows(200, "退回架上 1 件", "第 5 条")
	b.get("/pieces/SQ01/rice/held").shows(200, "留着 1 件", "第 6 条")
	b.get("/pieces/SQ01/rice/moved").shows(200, "收货", "+3", "22", "第 1 代")
	b.get("/pieces/SQ01/oil/moved").shows(200, "报损", "东西坏了")
	b.get("/pieces/SQ01/tea/moved").shows(200, "没有这样的记录")
	b.get("/pieces/SQ01/rice/sold?before=3").shows(200, "更早的").hides("退货")
	for _, path := range []string{"/pieces/SQ01/rice/nonsense", "/pieces/SQ01/nothing/sold", "/pieces/NONE/rice/sold", "/pieces/sq/rice/sold"} {
		b.get(path).shows(404)
	}
}

func TestLongListsArePaged(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer)
	for i := range 45 {
		code := "G" + itoa(int64(100+i))
		o.must(o.store.PutDocument(t.Context(), "shiqiao", civic.Document{Good: &civic.Good{Code: code, Name: "物品" + code, Unit: "件", Price: ledger.Points(1 + i)}}))
	}
	b.get("/goods?at=shiqiao&sort=code").shows(200, "G100", "G119", "第 1 到 20 项，共 45 项").hides("G120")
	b.get("/goods?at=shiqiao&sort=code&page=3").shows(200, "G140", "第 41 到 45 项，共 45 项")
	b.get("/goods?at=shiqiao&sort=price&q=g12").shows(200, "第 1 到 10 项，共 10 项", "G129")
	b.get("/goods?at=nowhere").shows(404)
}
