package screentest

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yizhan/center/store"
	"yizhan/ledger"
)

func init() {
	words = append(words, "护河", "敬老院理发", "小时", "名字印错了", "活动")
}

// served gives somebody hours that two officers entered.
func (d *desk) served(v ledger.ID, n, daysBack int, what string, minutes int64) {
	d.Helper()
	h := store.Honour{Volunteer: v, ID: fmt.Sprint("h", n), Day: ledger.DayOf(d.now()) - ledger.Day(daysBack), First: 8 * 60, Last: 8*60 + minutes, What: what, Who: "lin", Second: "chen"}
	d.must(d.store.PutHonour(d.Context(), h, 12*60))
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// paged is how many sheets of A4 a page takes on paper.
func (d *desk) paged(v *tab) int {
	d.Helper()
	var pdf []byte
	own := true
	v.Do("printing", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		done, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &own})
		pdf = done.Data
		return err
	}))
	if !bytes.HasPrefix(pdf, []byte("%PDF")) {
		d.Errorf("what is printed is no PDF: %.40q", pdf)
	}
	return len(pdfPage.FindAll(pdf, -1))
}

// An officer issues a certificate of somebody's hours, which fits on a sheet of paper,
// and whoever has it learns that it is genuine, until it is revoked.
func TestACertificateIsPrinted(t *testing.T) {
	d := newDesk(t)
	d.county()
	zhang, li := ledger.ID{1, 7}, ledger.ID{3, 7}
	for i := range 12 {
		d.served(zhang, i, i, []string{"护河", "敬老院理发", "路口文明劝导"}[i%3], int64(60+30*i))
	}
	for i := range 90 {
		d.served(li, i, i, fmt.Sprint("活动 ", i), 60)
	}
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	v.visit("/account/" + zhang.String()).press("=服务证明").on("/certificate/")
	d.audit(v, "certificate")
	v.press("main form button").on("/certificate/").sees("兹证明")
	at, _, _ := strings.Cut(v.Path(), "?")
	d.audit(v, "certificate-paper")
	if n := d.paged(v); n != 1 {
		t.Errorf("a certificate takes %d sheets", n)
	}
	v.media("print")
	v.Shot("certificate-print")
	v.media("")
	stranger := d.open(screens[0]).visit("/proof/" + at[len(at)-16:]).sees("这份证明是真的")
	d.audit(stranger, "proof")
	v.press("=作废").on(at + "/revoke")
	d.audit(v, "certificate-revoke")
	v.typing("reason", "名字印错了").press("main form button").on(at).sees("已作废")
	d.auditOnce(v, "certificate-revoked")
	stranger.visit("/proof/" + at[len(at)-16:]).sees("已经作废")

	v.visit("/certificate/" + li.String()).press("main form button").on("/certificate/").sees("兹证明")
	if n := d.paged(v); n < 2 {
		t.Errorf("ninety activities take %d sheets", n)
	}
	d.must(d.store.PutStar(t.Context(), store.Star{Volunteer: zhang, Stars: 1, State: store.StarAnnounced, Minutes: 6000, Town: "qingxi", Last: ledger.DayOf(d.now()) + 7}))
	d.audit(v.visit("/stars"), "stars")
	d.audit(v.visit("/star/"+zhang.String()+"/1"), "star")
	d.audit(v.visit("/account/"+zhang.String()), "account-service")
}
