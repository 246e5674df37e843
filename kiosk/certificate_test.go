package kiosk

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/link"
	"yizhan/printer/sim"
)

const proofOfZhang = "https://yz.example/proof/7F2K9Q3M0000WXYZ"

// certifyingVillage is a kiosk of a center that issues zhang a certificate.
func certifyingVillage(t *testing.T) (*village, *testCenter) {
	t.Helper()
	v, c := linkedVillage(t)
	known, err := v.cfg.Store.Volunteer(id(zhang))
	v.must(err)
	known.Version, known.Minutes, known.Served = 99, 1200, 6510
	c.tells(t, civic.Document{Volunteer: &known})
	c.issued = link.Certificate{Serial: "7F2K9Q3M0000WXYZ", Proof: proofOfZhang, Center: "青禾县新时代文明实践中心",
		Day: day(t, "2026-11-23"), First: day(t, "2024-03-09"), Last: day(t, "2026-11-22"), Listed: 1200, Credit: 5790, Honour: 720, Stars: 1}
	return v, c
}

// A certificate is issued once, however often it is asked for, and its slip says what
// the center has written down; copies say that they are copies, and are few.
func TestACertificateOnPaper(t *testing.T) {
	v, _ := certifyingVillage(t)
	s := v.screen()
	s.scanCard(zhang).get(hoursPage).sees("打服务证明", "128.5").get(certificateBase).sees("不写证件号", "谁扫都能查真假", "您的全名")
	s.certify().sees("正在打印", "7F2K-9Q3M-0000-WXYZ", "128.5").lacks("先前已经开过", "再打一张")
	at := s.at
	v.paper.Round(t.Context())
	s.get(at).sees("请拿走", "再打一张")
	slip := v.printer.cut()[0]
	shows(t, slip, "青禾县新时代文明实践中心", "志愿服务记录证明", "7F2K-9Q3M-0000-WXYZ", "2026-11-23", "张小伟", "自 2024-03-09 至 2026-11-22", "128.5小时", "96.5小时", "12小时", "20小时", "1 星", "[QR "+proofOfZhang+"]")
	if strings.Contains(slip.Text(), "重打") || strings.Contains(slip.Text(), "编号相同") {
		t.Error("the first print says that it is none")
	}
	readsQR(t, slip, proofOfZhang)

	s.certify().on(at).sees("请拿走") // the same day, the same record: the same entry, and no paper by itself
	v.paper.Round(t.Context())
	if n := v.printer.count(); n != 1 {
		t.Fatalf("%d slips", n)
	}
	for n := range maxOwnCopies {
		s.post(at + "/again").on(at)
		s.post(at + "/again").on(at) // a double tap
		v.paper.Round(t.Context())
		copies := v.printer.cut()
		shows(t, copies[len(copies)-1], "7F2K-9Q3M-0000-WXYZ", "重打 第"+string(rune('1'+n))+"次")
	}
	s.get(at).sees("今天打够了", "编号不变").lacks("再打一张")
	s.post(at + "/again").on(at)
	v.paper.Round(t.Context())
	if n := v.printer.count(); n != 1+maxOwnCopies {
		t.Fatalf("%d slips", n)
	}

	s.post("/leave")
	s.scanCard(wang).get(at).sees("没有").lacks("7F2K")
	s.post(at + "/again").lacks("7F2K")
}

// One that was issued elsewhere before, says so.
func TestACertificateThatWasIssuedBefore(t *testing.T) {
	v, c := certifyingVillage(t)
	c.change(func(c *testCenter) {
		c.issued.Again, c.issued.Honour, c.issued.Listed, c.issued.Stars, c.issued.Proof = true, 0, 0, 0, ""
	})
	v.cfg.CenterAddress = "yz.example:443"
	v.Server.cfg.CenterAddress = v.cfg.CenterAddress
	s := v.screen()
	s.scanCard(zhang).certify().sees("先前已经开过")
	v.paper.Round(t.Context())
	shows(t, v.printer.cut()[0], "编号相同", "[QR "+proofOfZhang+"]")
	if text := v.printer.cut()[0].Text(); strings.Contains(text, "荣誉") || strings.Contains(text, "星级") {
		t.Errorf("%s", text)
	}
}

// While it cannot be printed nothing is issued, and the page says what to do instead.
func TestNoCertificateNow(t *testing.T) {
	v, c := certifyingVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	last := v.cfg.Store.Health().Head.Seq
	c.change(func(c *testCenter) { c.offline = true })
	s.get(certificateBase).sees("连不上中心", "A4").lacks("开一份，不写证件号")
	s.certify().on(certificateBase).sees("连不上中心")
	c.change(func(c *testCenter) { c.offline = false })
	for why, says := range map[link.Outcome]string{link.OutcomeArea: "归别的镇管", link.OutcomeLimit: "开得太多", link.OutcomeRefused: "开不了证明", link.OutcomeFailed: "开不了证明", link.OutcomeUnknown: "开不了证明"} {
		c.change(func(c *testCenter) { c.wrong = why })
		s.certify().sees(says, "安全")
	}
	c.change(func(c *testCenter) { c.wrong = "" })
	if now := v.cfg.Store.Health().Head.Seq; now != last {
		t.Errorf("%d entries", now-last)
	}
	v.printer.Fail(sim.PaperOut) // which nobody has found out yet
	s.certify().sees("正在打印")
	at := s.at
	v.paper.Round(t.Context())
	s.get(at).sees("还没打出来", "没纸").lacks("再打一张")
	s.get(certificateBase).sees("打印机打不了", "没纸")
	v.printer.Mend()
	v.paper.Round(t.Context())
	s.get(at).sees("请拿走")

	person := civic.Volunteer{ID: id(liu), Version: 99, Name: "刘敏", Linked: true, Cards: []civic.CardID{secretOf(liu).ID()}}
	c.tells(t, civic.Document{Volunteer: &person})
	s.post("/leave")
	s.scanCard(liu).get(certificateBase).sees("没有可写的")
	s.certify().on(certificateBase)
}

// certify asks for a certificate, and waits for what comes of it.
func (s *screen) certify() *screen {
	s.Helper()
	for s.post(certificateBase); strings.HasPrefix(s.at, "/asking/"); {
		s.get(s.at)
	}
	return s
}

// readsQR has an independent reader look at the paper.
func readsQR(t *testing.T, slip sim.Paper, want string) {
	t.Helper()
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Skip("zbarimg (package zbar-tools) is not here")
	}
	var png bytes.Buffer
	if err := slip.PNG(&png); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "slip.png")
	if err := os.WriteFile(path, png.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output(); err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("the paper's code says %q, %v", out, err)
	}
}
