package kiosk

import (
	"errors"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/sim"
)

// papers are all pieces of paper so far; a byte that a printer may get wrong fails.
func (v *village) papers() []sim.Paper {
	v.Helper()
	papers := v.printer.cut()
	for _, paper := range papers {
		for _, m := range paper.Mistakes {
			v.Errorf("paper %d: %v", paper.Number, m)
		}
	}
	return papers
}

// shows fails unless the paper says all of texts, in this order.
func shows(t *testing.T, paper sim.Paper, texts ...string) {
	t.Helper()
	rest := paper.Text()
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("the paper does not show %q after what stands before it:\n%s", text, paper.Text())
		}
		rest = after
	}
}

func TestTheReceiptSaysEverythingAndVerifies(t *testing.T) {
	for _, profile := range []printer.Profile{printer.Profile58, printer.Profile80} {
		v := newVillage(t, func(c *Config) { c.Paper = profile })
		s := v.screen()
		s.scanCard(zhang)
		s.redeemed("G01", "1")
		v.paper.Round(t.Context())
		papers := v.papers()
		if len(papers) != 1 {
			t.Fatalf("%d papers", len(papers))
		}
		r := v.newest(zhang)
		shows(t, papers[0], "石桥村益栈", "清溪镇 · 文明实践站", "兑换小票", "单号", "SQ-01-1-00000", "2026-11-23 14:30", "张*伟",
			"东北大米 5 公斤", "×1", "280分", "2026年12月底到期", "200分", "2027年12月底到期", "80分", "用去", "280分", "还剩", "980分",
			ledger.ClaimText(r.Claim), "进门左手边", "扫码可查真伪", "SQ-01-1-00000")
		if strings.Contains(papers[0].Text(), "张小伟") || strings.Contains(papers[0].Text(), "?") {
			t.Errorf("the paper says too much or not enough:\n%s", papers[0].Text())
		}
		if len(papers[0].QR) != 1 {
			t.Fatalf("%d codes", len(papers[0].QR))
		}
		entry, err := ledger.VerifyReceipt(papers[0].QR[0], v.cfg.Store.PublicKey())
		if err != nil || entry.Seq != r.Seq {
			t.Errorf("entry %d, %v", entry.Seq, err)
		}
	}
}

func TestACopySaysThatItIsOne(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G02", "1")
	v.paper.Round(t.Context())
	s.post("/orders/" + seq + "/again")
	v.paper.Round(t.Context())
	s.get("/giveback/" + seq)
	s.post("/giveback/"+seq, "key", s.field("key"))
	s.post("/orders/" + seq + "/again")
	v.paper.Round(t.Context())
	papers := v.papers()
	if len(papers) != 3 {
		t.Fatalf("%d papers", len(papers))
	}
	if strings.Contains(papers[0].Text(), "重打") {
		t.Error("the first copy is called a reprint")
	}
	shows(t, papers[1], "重打 第1次", "领货号", "[QR", "单号", "重打 第1次")
	shows(t, papers[2], "重打 第2次", "已取消", "[QR", "单号", "重打 第2次")
	if strings.Contains(papers[2].Text(), "领货号") {
		t.Error("a cancelled redemption still has a code to collect it")
	}
	if papers[0].QR[0] != papers[1].QR[0] {
		t.Error("the copy proves something else")
	}
}

func TestTheCloseOfDayOnPaper(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	r := v.newest(zhang)
	if _, err := v.cfg.Store.Settle(t.Context(), ledger.Key{1}, r.Seq, id(clerk)); err != nil {
		t.Fatal(err)
	}
	s.redeemed("G08", "2")
	if _, _, err := v.cfg.Store.CloseDay(t.Context(), ledger.Key{2}, id(clerk)); err != nil {
		t.Fatal(err)
	}
	v.paper.Round(t.Context())
	papers := v.papers()
	shows(t, papers[len(papers)-1], "石桥村益栈", "日结单", "李芳芳", "换出", "2", "已交货", "1", "取消", "0", "用去积分", "280分", "签字")
}

func TestTheStockSlip(t *testing.T) {
	v := newVillage(t)
	_, err1 := v.cfg.Store.Waste(t.Context(), ledger.Key{1}, "G02", 2, id(clerk), "broken")
	_, err2 := v.cfg.Store.Count(t.Context(), ledger.Key{2}, "G07", 40, id(leader), "")
	moves, err3 := v.cfg.Store.StockMoves(0, 2)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	counted, wasted := moves[0].Seq, moves[1].Seq
	shows(t, v.onPaper(v.paper.slip(store.Job{Seq: wasted})), "报损", "单号", "李芳芳", "土鸡蛋 20 个", "G02", "原来", " 9\n", "报损", " -2\n", "现有", " 7\n", "东西坏了", "签字", "单号")
	again := v.onPaper(v.paper.slip(store.Job{Seq: counted, Copy: 3}))
	shows(t, again, "盘点", "重打 第3次", "陈建国", "洗衣皂 200 克", " 40\n", "盘点", " 0\n", " 40\n", "签字", "重打 第3次")
	if strings.Contains(again.Text(), "原因") {
		t.Error("a count without a note gives a reason")
	}
}

func TestTheVoidSlipNamesWhatCounts(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	seq := v.newest(zhang).Seq
	shows(t, v.onPaper(v.paper.voidSlip(store.Job{Seq: seq, Copy: 1})), "作废", "SQ-01-1-00000", "第一张", "不算数", "重打 第1次", "SQ-01-1-00000", "作废")
	shows(t, v.onPaper(v.paper.voidSlip(store.Job{Seq: seq, Copy: 4})), "作废", "重打 第3次", "不算数", "重打 第4次", "作废")
}

// onPaper is a slip on paper.
func (v *village) onPaper(slip printer.Slip, err error) sim.Paper {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	paper, err := sim.Draw(slip, printer.Profile58)
	if err != nil {
		v.Fatal(err)
	}
	return paper
}

func TestTheCodeOnTheScreenCanBeScanned(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Skip("zbarimg (package zbar-tools) is not here")
	}
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	v.clock.advance(time.Second)
	svg, err := v.receiptQR(v.newest(zhang).Seq)
	if err != nil {
		t.Fatal(err)
	}
	want, err := v.cfg.Store.ReceiptText(v.newest(zhang).Seq)
	if err != nil {
		t.Fatal(err)
	}
	if got := scanPicture(t, string(svg)); got != want {
		t.Errorf("scanned %q, want %q", got, want)
	}
}

// scanPicture draws the SVG of a code, which is one path of runs, and reads it as a
// phone would.
func scanPicture(t *testing.T, svg string) string {
	t.Helper()
	size, runs := 0, regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(svg, -1)
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if m := regexp.MustCompile(`viewBox="0 0 (\d+) `).FindStringSubmatch(svg); m != nil {
		size = number(m[1])
	}
	const scale = 6
	picture := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	for _, m := range runs {
		x, y := number(m[1])*scale, number(m[2])*scale
		draw.Draw(picture, image.Rect(x, y, x+number(m[3])*scale, y+scale), image.Black, image.Point{}, draw.Src)
	}
	path := filepath.Join(t.TempDir(), "code.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, picture), file.Close()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zbarimg", "-q", "--raw", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
