package center

import (
	"regexp"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/ledger"
)

var serialField = regexp.MustCompile(`name="serial" value="([0-9A-Z]{16})"`)

// A certificate says what the record says when it is issued, is found by anybody who
// has its serial, names nobody in full there, and can be revoked.
func TestACertificateIsIssuedProvedAndRevoked(t *testing.T) {
	o := newOffice(t)
	zhang := o.volunteer(1, "张建伟", "420-118", "", 10)
	o.honoured(zhang, "a", 1, "护河", 90)
	o.honoured(zhang, "b", 400-35, "敬老院理发", 150)
	o.honoured(zhang, "c", 2, "护河", 30)
	b := o.signedIn("lin", store.RoleClerk)
	at := "/certificate/" + zhang.String()
	b.get(at).shows(200, "张建伟的服务证明", "4.5", "2026年 2 0 2", "2025年 1 0 2.5", "敬老院理发", "还没有开过")
	serial := serialField.FindStringSubmatch(b.body)[1]
	b.post(at, "serial", serial).shows(200, "证明开好了", "兹证明 张建伟", "志愿者编号 420-118", "自 2025年11月23日 至 2026年11月22日", "总时长为 4.5 小时", "2026年11月23日", "10.0.0.5:8443/proof/"+serial)
	b.post(at, "serial", serial).shows(200, "兹证明") // pressed twice
	b.get(at+"/"+serial+"?as=slip").shows(200, "志愿服务记录证明", "张建伟", "志愿者编号 420-118", "总时长为 4.5 小时", "A4 样式").hides("敬老院理发")
	if list, err := o.store.Certificates(t.Context(), zhang); err != nil || len(list) != 1 {
		t.Fatalf("%d certificates, %v", len(list), err)
	}
	o.honoured(zhang, "d", 3, "护河", 60)
	text := serial[:4] + "-" + serial[4:8] + "-" + serial[8:12] + "-" + serial[12:]
	b.get(at).shows(200, "5.5", text, "有效")
	b.get(at+"/"+serial).shows(200, "总时长为 4.5 小时")

	stranger := o.browser()
	stranger.get("/proof").shows(200, "查验服务证明")
	stranger.get("/proof?serial="+strings.ToLower(text)).shows(200, "这份证明是真的", "张*伟", "4.5", "青禾县中心").hides("张建伟", "420-118", "敬老院")
	stranger.get("/proof/"+serial).shows(200, "这份证明是真的")
	stranger.get("/proof/0000000000000000").shows(404, "没有这个编号的证明")
	stranger.get("/proof/nonsense").shows(404, "没有这个编号的证明")

	revoke := at + "/" + serial + "/revoke"
	b.get(revoke).shows(200, "接下来会这样", "已作废")
	b.post(revoke, "reason", "").shows(422)
	b.post(revoke, "reason", "名字印错了").shows(200, "证明已作废", "lin在", "名字印错了")
	b.get(revoke).shows(200, "名字印错了").hides("接下来会这样")
	stranger.get("/proof/"+serial).shows(200, "已经作废", "2026年11月23日作废了").hides("张*伟", "名字印错了")
	if acts := o.personActs(zhang); acts[0].Kind != "certificate.revoked" || acts[len(acts)-1].Kind == "" {
		t.Errorf("%+v", acts)
	}
	b.post(at, "serial", "x").shows(400)
	b.get(at + "/0000000000000000").shows(404)
	o.signedIn("wu", store.RoleLeader).post(at, "serial", "1111111111111111").shows(403)
	for range 2 * askBurst { // somebody who tries serials
		stranger.get("/proof/0000000000000000")
	}
	stranger.shows(503, "中心现在太忙")
}

func TestYearsAreAddedUpByActivity(t *testing.T) {
	day := func(text string) ledger.Day {
		d, err := ledger.ParseDay(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	years := yearsOf([]store.Service{{Day: day("2026-05-02"), What: "护河", Minutes: 30}, {Day: day("2026-05-01"), What: "理发", Minutes: 90, Honour: true}, {Day: day("2026-01-01"), What: "护河", Minutes: 120}, {Day: day("2025-12-31"), What: "护河", Minutes: 60}})
	if len(years) != 2 || years[0].Year != 2026 || years[0].Sum() != (serviceLine{Times: 3, Credit: 150, Honour: 90}) || years[0].Lines[0] != (serviceLine{What: "护河", Times: 2, Credit: 150}) || years[1].Sum().Credit != 60 {
		t.Errorf("%+v", years)
	}
}
