package screentest

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/skip2/go-qrcode"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// A redemption is found and its trail read; its receipt is proved from a photograph,
// with the camera, and pasted without a script; one that the kiosk never signed is not.
func TestARedemptionIsLookedUpAndItsReceiptProved(t *testing.T) {
	d := newDesk(t)
	d.county()
	k := d.enrolled("NEW1")
	zhou := d.volunteer(9, "周明", "420-118-2400", "NEW1", 600)
	body := ledger.Reserve{Volunteer: zhou, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: d.expiry(), Points: 280}}, Claim: 37, Balance: 320}
	steps := func(copies int64, steps ...spool.Step) {
		for _, step := range steps {
			k.does(ledger.Print{Job: 1, Step: ledger.PrintStep(step), Copy: copies})
		}
	}
	k.does(body)
	steps(0, spool.StepSending, spool.StepDrained, spool.StepUncertain)
	steps(1, spool.StepVoided, spool.StepSending, spool.StepDrained, spool.StepPresumed)
	k.does(ledger.Settle{Redemption: 1, Operator: ledger.ID{9}}, ledger.Refund{Redemption: 1, Operator: ledger.ID{9}, Restock: true, Reason: "wrong"})
	genuine, err := ledger.SignReceipt(k.raw[0], k.key)
	d.must(err)
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.press("=兑换").on("/redemptions").sees("张建伟", "已交货", "等领货", "已退货", "重打 1 次", "作废 1 张")
	v.typing("q", "A037").press("=查看").on("/redemptions?").sees("周明").press("=NEW1-1-000001").on("/redemption/NEW1-1-000001").sees("拿错了", "放回架上", "由打印小票的同一段程序画出")
	v.within(stepLimit, "the receipt is drawn", func() bool { return eval[int](v, `return document.querySelector(".paper img").naturalHeight`) > 300 })
	d.audit(v, "redemption")
	d.audit(v.visit("/redemptions"), "redemptions")

	v.press("=验小票").on("/verify").photo(genuine).on("/verify?text=YZ1").sees("真票，已入账", "不能再退")
	d.audit(v, "verify")
	v.visit("/verify").photo("https://example.org/").sees("不是小票的")
	v.lens(genuine).press("=用摄像头").on("/verify?text=YZ1").sees("真票，已入账").press("=看这笔兑换").on("/redemption/NEW1-1-000001")
	forged, err := ledger.SignReceipt(k.raw[0], d.enrolled("NEW1").key)
	d.must(err)
	v.script(false).visit("/verify").typing("text", forged).keys("\r").on("/verify?text=YZ1").sees("不是终端机签的字")
	d.settled()
}

// settled settles with a merchant three days later, and prints the sheet.
func (d *desk) settled() {
	d.Helper()
	const merchant = "00000000000000aa"
	ctx := store.As(d.Context(), "lin")
	d.must(d.store.PutMerchant(ctx, 0, store.Merchant{ID: merchant, Scope: "center", Kind: store.Seller, Name: "菜籽油"}))
	d.must(d.store.PutDocument(ctx, "center", civic.Document{Good: &civic.Good{Code: "rice", Version: 1, Name: "东北大米", NameEN: "Rice", Size: "5 公斤", Unit: "袋", Price: 280, Merchant: merchant}}))
	from := d.now().Format(time.DateOnly)
	d.ahead.Add(int64(3 * 24 * time.Hour))
	v := d.welcomed(d.open(screens[0]), "chen", store.RoleOfficer).signedIn("chen")
	v.visit("/settlement").sees("还没有结算过").press("=下一张").on("/sheet/" + merchant + "/next")
	v.visit("/sheet/"+merchant+"/next?fen=1&fen-rice=62.5&from="+from+"&to="+d.now().AddDate(0, 0, -1).Format(time.DateOnly)).sees("东北大米", "62.50")
	d.audit(v, "sheet-open")
	v.press("=封账").on("/closesheet/" + merchant).sees("接下来会这样")
	d.audit(v, "closesheet")
	v.press("main button.main").on("/sheet/"+merchant+"/1?done=sheet").sees("封账好了", "¥62.50").press("tbody a").on("/sheet/" + merchant + "/1/lines/rice")
	v.press("tbody a").sees("NEW1-1-000001", "退货")
	d.audit(v, "sheetlines")
	d.audit(v.visit("/settlement"), "settlement")
	v.visit("/sheet/" + merchant + "/1").press("=撤回结算单").on("/withdrawsheet/" + merchant + "/1")
	d.audit(v, "withdrawsheet")
}

// qrCode is the picture of a QR code, as a URL that a page can load.
func (v *tab) qrCode(text string) string {
	v.Helper()
	png, err := qrcode.Encode(text, qrcode.Medium, 700)
	v.must(err)
	return `(await (async () => { const bytes = Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(png) + `"), (c) => c.charCodeAt(0)); return new Blob([bytes], {type: "image/png"}) })())`
}

// photo chooses a photograph of a QR code.
func (v *tab) photo(text string) *tab {
	v.Helper()
	eval[bool](v, `const blob = `+v.qrCode(text)+`, list = new DataTransfer(), field = document.querySelector("#photo input");
		list.items.add(new File([blob], "IMG_0001.png", {type: "image/png"}));
		field.files = list.files;
		field.dispatchEvent(new Event("change"));
		return true`)
	return v
}

// lens holds a QR code before the camera.
func (v *tab) lens(text string) *tab {
	v.Helper()
	eval[bool](v, `const picture = await createImageBitmap(`+v.qrCode(text)+`), canvas = document.createElement("canvas");
		canvas.width = 1280; canvas.height = 960;
		const pen = canvas.getContext("2d");
		const draw = () => { pen.fillStyle = "#777"; pen.fillRect(0, 0, 1280, 960); pen.drawImage(picture, 300, 120); };
		draw(); setInterval(draw, 100);
		navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(10);
		return true`)
	return v
}
