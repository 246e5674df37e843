package kiosk

import (
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

func TestACodeForAPhone(t *testing.T) {
	v, _ := activeVillage(t)
	s := v.screen()
	s.scanCard(zhang).get(hoursPage).sees("用手机查").get(handsetBase).sees("30 分钟内扫", "只能用一次", "别给别人")
	key := s.field("key")
	s.post(handsetBase, "key", key).sees("扫这个码", "15:00 前有效", "小票正在打", `class="qr"`).lacks("没核对")
	at := s.at
	s.post(handsetBase, "key", key).on(at) // a double tap
	v.paper.Round(t.Context())
	s.get(at).sees("拿走小票")
	if v.printer.count() != 1 {
		t.Fatalf("%d slips", v.printer.count())
	}
	slip := v.printer.cut()[0]
	shows(t, slip, "手机登录单", "张*伟", "15:00前有效", "请撕掉")

	// Paper and screen say the same, and the center takes it.
	seq, err := sequence(strings.TrimPrefix(at, handsetBase+"/"))
	v.must(err)
	ticket, err := v.cfg.Store.Ticket(seq)
	v.must(err)
	text := v.cfg.Store.TicketText(ticket, "HTTPS://YZ.EXAMPLE/P/")
	shows(t, slip, "[QR "+text)
	read, err := civic.VerifyPhoneTicket(strings.TrimPrefix(text, "HTTPS://YZ.EXAMPLE/P/"), v.cfg.Store.PublicKey(), time.UnixMilli(v.clock.Now().WallMS), 0)
	if err != nil || read.Volunteer != id(zhang) {
		t.Errorf("%+v, %v", read, err)
	}

	// Nobody else sees it, and nobody draws them without end.
	s.get(handsetPath(seq + 1)).on(handsetBase)
	for range maxOwnTickets - 1 {
		s.get(handsetBase)
		s.post(handsetBase, "key", s.field("key")).sees("扫这个码")
	}
	s.get(at).on(handsetBase).sees("给过 3 个码了").lacks(`name="key"`)
	s.post(handsetBase, "key", "0102030405060708").on(handsetBase)
	s.post("/leave")
	s.get(at).on("/?over")
	s.scanCard(wang).get(at).on(handsetBase).lacks(`class="qr"`)
}

// Without paper the code on the screen is as good, and the slip does not come out later
// into the hands of whoever stands there then.
func TestACodeForAPhoneWithoutPaper(t *testing.T) {
	v, _ := activeVillage(t)
	s := v.screen()
	v.printer.Fail(sim.PaperOut)
	s.scanCard(zhang).get(handsetBase)
	s.post(handsetBase, "key", s.field("key"))
	at := s.at
	v.paper.Round(t.Context())
	s.get(at).sees("小票没打出来", "没纸", "屏幕上的码一样能用", `class="qr"`)
	v.printer.Mend()
	v.paper.Round(t.Context())
	if n := v.printer.count(); n != 0 {
		t.Errorf("%d slips came out late", n)
	}
	s.get(at).sees("屏幕上的码一样能用")
	seq, err := sequence(strings.TrimPrefix(at, handsetBase+"/"))
	v.must(err)
	if job, err := v.cfg.Store.Job(seq); err != nil || job.State != spool.Voided {
		t.Errorf("%+v, %v", job, err)
	}
	v.screen().onDutyAs(leader).get(paperPage).lacks("手机登录单")
}

func TestNoCodeWithoutAPlaceToSignIn(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang).get(hoursPage).lacks("用手机查").get(handsetBase).sees("还不能给手机出码", "照常能查")
	s.post(handsetBase, "key", "0102030405060708").on("/trouble").sees("还不能给手机出码")
	shift := v.shiftAt(nowShift, "路口文明劝导", 0)
	c.tells(t, civic.Document{Shift: &shift})
	v.clock.vouch(ledger.ClockUnknown)
	s.get(hoursPage).sees("用手机查").get(handsetBase)
	s.post(handsetBase, "key", s.field("key")).sees("机器的钟没核对")
}
