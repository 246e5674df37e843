package screentest

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yizhan/center/store"
	"yizhan/civic"
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

// morning is a shift of this day that is over: one was there, one forgot to check out,
// one has no name, and one says that it was longer.
func (d *desk) morning() (s civic.Shift, zhang, li ledger.ID) {
	d.Helper()
	ctx, now := d.Context(), d.now()
	start := now.Add(-3 * time.Hour).Unix()
	s = civic.Shift{ID: ledger.ID{1, 5}, Activity: ledger.ID{1, 6}, Number: "P-7", Title: "路口文明劝导", Place: "石桥路口", Scope: "shiqiao", Start: start, End: start + 7200, Kiosks: []string{"SQ01"}, CheckEarly: 1800, CheckLate: 3600}
	d.must(d.store.PutShift(ctx, "shiqiao", s))
	zhang, li = ledger.ID{1, 7}, ledger.ID{3, 7}
	checks := func(v ledger.ID, out bool, minutes int64, phone string) {
		_, err := d.store.Attend(ctx, store.Attend{Volunteer: v, Shift: s.ID, Out: out, At: time.Unix(start+60*minutes, 0), Kiosk: "SQ01", Phone: phone})
		d.must(err)
	}
	checks(zhang, false, 1, "a")
	checks(zhang, true, 119, "a")
	checks(li, false, 2, "b")
	checks(ledger.ID{4, 7}, false, 3, "b")
	checks(ledger.ID{2, 7}, false, 4, "b")
	d.guest(s)
	d.must(d.store.Object(ctx, store.Objection{Volunteer: li, ID: "00000000000000a1", Shift: s.ID, ObjectionText: store.ObjectionText{Reason: ledger.ObjectFewer, Minutes: 120}}))
	_, err := d.store.Sweep(ctx)
	d.must(err)
	return s, zhang, li
}

// guest is somebody who checks in at NEW1's new box without a card.
func (d *desk) guest(s civic.Shift) {
	d.Helper()
	d.enrolled("NEW1").does(ledger.CheckIn{Check: ledger.Check{Key: ledger.Key{1}, Shift: s.ID, Who: ledger.ID{9, 9}, By: ledger.CheckWalkIn, Tail: "4412"}})
}

// Hours are confirmed by one tap, and whatever needs a look has a page that says why.
func TestHoursAreLookedAt(t *testing.T) {
	d := newDesk(t)
	d.county()
	s, zhang, li := d.morning()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	d.audit(v.visit("/").sees("忘了签退，等确认", "每条一下就好"), "today-hours")
	d.audit(v.press("=去确认").on("/hours").sees("李红芳"), "hours")
	v.script(false).visit("/hours?what=劝导").press("=确认").on("/hours").sees("确认了")
	v.script(true)
	shift := "/hours/" + s.ID.String()
	d.audit(v.visit(shift), "shift")
	d.audit(v.visit(shift+"/all"), "shiftall")
	v.press("main form button").on(shift).sees("办好了")
	at := shift + "/" + zhang.String()
	d.audit(v.visit(at).sees("已确认", "为什么是这么多"), "attendance")
	v.visit("/objections").sees("时长少了")
	d.audit(v, "objections")
	one := "/objection/" + li.String() + "/00000000000000a1"
	d.audit(v.visit(one), "objection")
	v.typing("minutes", "120").press("main form button").on(one).sees("异议成立，更正好了")
	d.audit(v, "objection-upheld")
	d.audit(v.visit("/signs").sees("一部手机签了"), "signs")
	v.press("main td a.num").on("/sign/")
	d.audit(v, "sign")
	v.typing("note", "问过了").press("main form button").on("/signs").sees("记下了")
	d.audit(v.visit("/walkins"), "walkins")
	v.press("=认人").on("/walkin/")
	v.typing("q", "周明").press("=找").on("/walkin/").sees("周明")
	d.audit(v, "walkin")
	v.press("=是他").on("/walkin/")
	d.audit(v, "walkinis")
	v.press("main form button").on("/account/").sees("那次出勤归他了")
	d.audit(v.visit("/national"), "national")
	d.audit(v.visit("/account/"+zhang.String()), "account-hours")
}
