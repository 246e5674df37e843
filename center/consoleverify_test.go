package center

import (
	"crypto/ed25519"
	"encoding/base32"
	"net/url"
	"strings"
	"testing"

	"yizhan/center/store"
	"yizhan/ledger"
)

// receiptOf is the text of the receipt of an entry of the box.
func (b *testBox) receiptOf(seq uint64) string {
	b.Helper()
	return b.signs(b.raw[seq-1], b.key)
}

func (b *testBox) signs(raw []byte, key ed25519.PrivateKey) string {
	b.Helper()
	text, err := ledger.SignReceipt(raw, key)
	b.must(err)
	return text
}

// entry is what the box would write at a number, and has not told anybody.
func (b *testBox) entry(e ledger.Entry) []byte {
	b.Helper()
	e.Kiosk, e.WallMS = b.head.Kiosk, b.now.UnixMilli()
	if e.Epoch == 0 {
		e.Epoch = b.head.Epoch
	}
	raw, err := e.Encode()
	b.must(err)
	return raw
}

// flipped is a text with one bit of its bytes turned, counted from the end.
func (b *testBox) flipped(text string, fromEnd int) string {
	b.Helper()
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	bytes, err := encoding.DecodeString(strings.TrimPrefix(text, "YZ1:"))
	b.must(err)
	bytes[len(bytes)-fromEnd] ^= 1
	return "YZ1:" + encoding.EncodeToString(bytes)
}

func (b *browser) proves(text string) *browser {
	b.Helper()
	return b.get("/verify?text=" + url.QueryEscape(text))
}

// Every verdict, with receipts that are genuine and that are not.
func TestReceiptsAreProved(t *testing.T) {
	s := newShop(t)
	b := s.signedIn("lin", store.RoleOfficer)
	_, thief, err := ed25519.GenerateKey(nil)
	s.must(err)
	reserve := s.reserve(s.zhang, 42, false)
	next := s.box.entry(ledger.Entry{Seq: s.box.head.Seq + 1, Prev: s.box.head.Hash, Body: reserve})
	other := s.box.entry(ledger.Entry{Seq: 1, Body: reserve})
	for name, c := range map[string]struct {
		text string
		want []string
		not  string
	}{
		"handed over":    {s.box.receiptOf(1), []string{"真票，已入账", "石桥村益栈的终端机签的字", "现在 已交货", "没有退过", "东北大米 5 公斤 ×1", "领货号 B037", "机器时间未核对"}, "从前那台"},
		"refunded since": {s.box.receiptOf(6), []string{"真票，已入账", "已退货，积分退回了：这张小票不能再退"}, ""},
		"cancelled":      {s.box.receiptOf(16), []string{"真票，已入账", "这张小票领不了东西"}, ""},
		"reserved":       {s.box.receiptOf(20), []string{"真票，已入账", "还没领"}, ""},
		"self-served":    {s.far.receiptOf(1), []string{"真票，已入账", "自选架，没有领货号"}, ""},
		"of a scanner":   {strings.ToLower(s.box.receiptOf(1)) + "\r\n", []string{"真票，已入账"}, ""},
		"in two lines":   {s.box.receiptOf(1)[:40] + "\n  " + s.box.receiptOf(1)[40:], []string{"真票，已入账"}, ""},
		"not here":       {s.box.signs(next, s.box.key), []string{"真票，但记录还没传到中心", "上次连上来：", "领货号 A042"}, "现在 等领货"},
		"fork":           {s.box.signs(other, s.box.key), []string{"两边对不上", "SQ01-1-000001", "请先停下这台终端机", "停下这台机器"}, "真票"},
		"forged":         {s.box.signs(next, thief), []string{"不是终端机签的字", "石桥村益栈"}, "A042"},
		"forged again":   {s.box.signs(s.box.raw[0], thief), []string{"不是终端机签的字"}, "B037"},
		"changed":        {s.box.flipped(s.box.receiptOf(1), ed25519.SignatureSize+1), []string{"不是终端机签的字"}, "B037"},
		"bad signature":  {s.box.flipped(s.box.receiptOf(1), 1), []string{"不是终端机签的字"}, "B037"},
		"of no box":      {s.box.signs(s.box.entry(ledger.Entry{Epoch: 7, Seq: 1, Body: reserve}), s.box.key), []string{"不是本中心的小票"}, "A042"},
		"of no kiosk":    {strangers(t), []string{"不是本中心的小票"}, "rice"},
		"cut":            {s.box.receiptOf(1)[:60], []string{"小票的字不完整"}, ""},
		"a card":         {"YZC:ABC", []string{"这不是小票的二维码"}, ""},
		"nothing":        {"", []string{"验小票"}, "真票"},
	} {
		b.proves(c.text)
		said := visible(b.body)
		for _, text := range c.want {
			if !strings.Contains(said, text) {
				t.Errorf("%s: %q is not said: %s", name, text, said)
			}
		}
		if b.code != 200 || c.not != "" && strings.Contains(said, c.not) {
			t.Errorf("%s: %d, %q is said: %s", name, b.code, c.not, said)
		}
	}
	b.proves("sq01-1-000006").shows(200, "经过")
	b.proves(s.box.signs(other, s.box.key)).shows(200)
	if !strings.Contains(b.header.Get("Permissions-Policy"), "camera=(self)") {
		t.Errorf("the camera is closed: %v", b.header)
	}
	b.get("/redemptions")
	if !strings.Contains(b.header.Get("Permissions-Policy"), "camera=()") {
		t.Errorf("the camera is open elsewhere: %v", b.header)
	}
}

// strangers is the receipt of a kiosk of another center.
func strangers(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := ledger.Entry{Kiosk: "ZZ99", Epoch: 1, Seq: 1, Body: ledger.Reserve{Volunteer: ledger.ID{1}, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: 3000, Points: 1}}}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	text, err := ledger.SignReceipt(raw, key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A receipt that differs leads to the page that stops the kiosk, with the reason.
func TestAForkedReceiptStopsItsKiosk(t *testing.T) {
	s := newShop(t)
	fork := s.box.signs(s.box.entry(ledger.Entry{Seq: 1, Body: s.reserve(s.zhang, 42, false)}), s.box.key)
	s.signedIn("clerk", store.RoleClerk).proves(fork).shows(200, "两边对不上", "看这台终端机").hides("停下这台机器")
	b := s.signedIn("lin", store.RoleOfficer)
	b.get("/station/SQ01/stop?reason=" + url.QueryEscape("小票 SQ01-1-000001 和账本对不上")).shows(200)
	if !strings.Contains(b.body, `value="小票 SQ01-1-000001 和账本对不上"`) {
		t.Error("the reason is not filled in")
	}
	b.post("/station/SQ01/stop", "reason", "小票 SQ01-1-000001 和账本对不上").shows(200, "由工作人员停下")
	b.proves(fork).shows(200, "这台终端机已经停下").hides("停下这台机器")
	b.proves(s.box.receiptOf(1)).shows(200, "真票，已入账", "那台终端机的记录已停")
}

// What was taken in and not counted, and what a box that was replaced left behind.
func TestReceiptsOfAnOldBox(t *testing.T) {
	s := newShop(t)
	b := s.signedIn("lin", store.RoleOfficer)
	waits := s.box.entry(ledger.Entry{Seq: s.box.head.Seq + 1, Prev: s.box.head.Hash, Body: s.reserve(s.zhang, 42, false)})
	head, _, err := s.box.head.Next(waits)
	s.must(err)
	lost := s.box.entry(ledger.Entry{Seq: head.Seq + 1, Prev: head.Hash, Body: s.reserve(s.zhang, 43, false)})
	_, err = s.store.Append(t.Context(), store.Batch{Kiosk: "SQ01", Epoch: 1, First: head.Seq, Entries: [][]byte{waits}, Head: head, Signature: head.Sign(s.box.key)})
	s.must(err)
	b.proves(s.box.signs(waits, s.box.key)).shows(200, "真票，已收到，积分等入账", "还没领")
	s.office.box("SQ01")
	b.proves(s.box.receiptOf(1)).shows(200, "真票，已入账", "是从前那台机器（第 1 代）打的")
	b.proves(s.box.signs(lost, s.box.key)).shows(200, "真票，但记录没有传来，那台机器已经换掉", "领货号 A043")
}

// Somebody of another town hears whether it is genuine, and nothing of whom or what.
func TestAReceiptFromElsewhere(t *testing.T) {
	s := newShop(t)
	b := s.bound("wu", store.RoleClerk, "liuhe")
	b.proves(s.box.receiptOf(6)).shows(200, "真票，已入账", "那台终端机不归你管").hides("大米", "已退货", "看这笔兑换")
	b.proves(s.far.receiptOf(1)).shows(200, "真票，已入账", "东北大米")
	fork := s.box.signs(s.box.entry(ledger.Entry{Seq: 1, Body: s.reserve(s.zhang, 42, false)}), s.box.key)
	b.proves(fork).shows(200, "两边对不上", "那台终端机不归你管").hides("看这台终端机")
}

func FuzzReceiptText(f *testing.F) {
	f.Add("YZ1:AEA")
	f.Add(" yz1:aea\r\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		once := receiptText(text)
		if len(once) <= maxReceiptText && receiptText(once) != once {
			t.Errorf("%q becomes %q and then %q", text, once, receiptText(once))
		}
		ledger.ReadReceipt(once)
	})
}
