package center

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// offers describes a good at a kiosk.
func (w *world) offers(kiosk string, pieces int64) {
	w.t.Helper()
	w.must(w.PutDocument(w.t.Context(), kiosk, civic.Document{Good: &civic.Good{Code: "G001", Name: "大米", NameEN: "Rice", Unit: "袋", Picture: "rice", Price: 60, Delivered: pieces}}))
}

// keyField finds the key of the form that is shown.
func (b *browser) keyField() string {
	b.Helper()
	m := regexp.MustCompile(`name="key" value="([0-9a-f]{16})"`).FindStringSubmatch(b.body)
	if m == nil {
		b.Fatalf("no form with a key:\n%s", b.body)
	}
	return m[1]
}

// TestAPhoneHasGoodsPutAside, at a kiosk that is connected and at one that is not, and
// gives them up.
func TestAPhoneHasGoodsPutAside(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/center.db")
	p := w.serve("")
	shop := w.outpost("QX-01")
	w.outpost("QX-02")
	w.offers("QX-01", 2)
	w.offers("QX-02", 2)
	shop.linked(p)
	w.soon("the goods", func() bool { g, err := shop.Good("G001"); return err == nil && g.Shelf.Available() == 2 })
	v := &visit{office: &office{T: t, store: w.Store, keys: w.keys, server: p.Server, now: time.Now()}}
	p.phone.slow = 0
	zhang := v.person(1, "张建伟", "420-118-2207", "13812344412")
	li := v.person(2, "李红芳", "420-118-2300", "13812344413")
	w.earn(zhang, 100)
	w.earn(li, 500)

	const good = "/my/goods/QX-01/G001"
	b := v.browser()
	b.get(good).shows(200, "登录")
	v.signsIn(b, "420-118-2207")
	b.get("/my").shows(200, "附近能换的东西", "给我留的东西")
	b.get("/my/goods").shows(200, "大米", "还有 2 件", "能用 100 分", "QX-02站", "现在没有联网")
	b.get(good).shows(200, "大米 × 1", "现在连着网", "现在能用 100 用掉 −60 还剩 40", "货留 72 小时")
	key := b.keyField()
	for range 2 { // the second time is a second tap
		b.post(good, "key", key, "price", "60").shows(200, "给您留好了", "用掉 60 分，还剩 40 分", "留到", "那边没网也能领").hides("张建伟")
	}
	waiting, _, err := shop.Waiting(0, 9)
	if err != nil || len(waiting) != 1 || waiting[0].Volunteer != zhang || !strings.Contains(b.body, ledger.ClaimText(waiting[0].Claim)) {
		t.Fatalf("%+v, %v", waiting, err)
	}
	at := b.at
	w.taken(shop)
	b.get(at).shows(200, "还剩 40 分")
	b.get(good).shows(200, "还差 20 分").hides("替我留着")
	b.post(good, "key", "00000000000000aa", "price", "60").shows(200, "没有留成", "积分没能凑够", "积分一分没动")
	b.post(good, "key", key, "price", "61").shows(404) // another wish under its key
	for _, bad := range []string{"", "zz", "0000000000000000", strings.ToUpper("00000000000000ab")} {
		b.post(good, "key", bad, "price", "60").shows(404)
	}
	b.post(good, "key", "00000000000000ac", "price", "much").shows(404)
	b.get("/my/goods/QX-01/G999").shows(404)
	b.get("/my/goods/XX/G001").shows(404)

	// It is nobody else's.
	other := v.browser()
	v.signsIn(other, "420-118-2300")
	other.get(at).shows(404)
	other.post(at).shows(404)
	if r, err := shop.Redemption(waiting[0].Seq); err != nil || r.State != ledger.Reserved {
		t.Errorf("%+v, %v", r, err)
	}

	// Given up, on a page that says first what follows.
	b.get("/my/holds").shows(200, "大米 × 1", ledger.ClaimText(waiting[0].Claim), "没有留成")
	b.get(at+"?leave=1").shows(200, "不要大米了", "60 分马上退给您")
	for range 2 {
		b.post(at).shows(200, "已经退回", "您在手机上退的")
	}
	if g, err := shop.Good("G001"); err != nil || g.Shelf.Available() != 2 {
		t.Errorf("%+v, %v", g, err)
	}

	// A kiosk that is away promises nothing.
	const far = "/my/goods/QX-02/G001"
	other.get(far).shows(200, "现在没有联网", "不能马上答应您", "等它联网时替我留")
	var first string
	for n := range 3 {
		other.post(far, "key", other.get(far).keyField(), "price", "60").shows(200, "还没有留", "积分一分没动")
		if n == 0 {
			first = other.at
		}
	}
	other.post(far, "key", other.get(far).keyField(), "price", "60").shows(409, "已经有 3 样", "没有扣分")
	other.get(first+"?leave=1").shows(200, "不再等这台益栈机")
	other.post(first).shows(200, "不要了", "积分一分没动")
	other.post("/my/language", "page", first, "to", "en").shows(200, "Given up", "Your points are untouched")
	w.taken(shop)
	w.closed(600)
}

// taken waits until the center has and has folded what an outpost wrote.
func (w *world) taken(o *outpost) {
	w.t.Helper()
	w.soon("draining", func() bool {
		head, acked := o.Head()
		c, err := w.Chain(w.t.Context(), head.Kiosk, head.Epoch)
		w.must(err)
		return acked == head.Seq && c.Folded == head.Seq
	})
}
