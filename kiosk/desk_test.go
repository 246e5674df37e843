package kiosk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

func TestHandOver(t *testing.T) {
	v := newVillage(t)
	first := v.reserve(zhang, "G01", 1, 280)
	v.clock.advance(3 * time.Minute)
	second := v.reserve(wang, "G08", 2, 30)
	v.clock.advance(2 * time.Minute)
	s := v.screen()
	s.onDutyAs(clerk).on("/staff").sees("等着领货 2 位", "东北大米 ", "× 1<", "笔记本 ", "× 2<", "张*伟", "王*英", "2 分钟前", "5 分钟前", "已交 0 份")
	if strings.Index(s.body, "笔记本") > strings.Index(s.body, "东北大米") {
		t.Error("the newest does not come first")
	}
	s.post("/staff/settle", "key", s.field("key"), "redemption", textOf(first.Seq)).sees("等着领货 1 位", "交好了", "已交 1 份")
	r, err := v.cfg.Store.Redemption(first.Seq)
	if err != nil || r.State != ledger.Settled || r.SettledBy != id(clerk) {
		t.Errorf("after the hand-over: %v by %v, %v", r.State, r.SettledBy, err)
	}
	if r, err := v.cfg.Store.Redemption(second.Seq); err != nil || r.State != ledger.Reserved {
		t.Errorf("the other one is %v, %v", r.State, err)
	}
	if got := v.stockOf("G01").OnHand(); got != 11 {
		t.Errorf("%d bags on hand, want 11", got)
	}
}

func TestHandOverTwiceIsOnce(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G01", 1, 280)
	s := v.screen()
	s.onDutyAs(clerk)
	key := s.field("key")
	for range 2 { // a double tap brings the same key
		s.post("/staff/settle", "key", key, "redemption", textOf(r.Seq)).on(rowPage(r.Seq)).sees("交好了")
	}
	// A page that was left open brings another key, and learns who did it.
	s.post("/staff/settle", "key", strings.Repeat("ab", 8), "redemption", textOf(r.Seq)).on(exchangePage(r.Seq)).sees("由 李*芳 交货")
	if got := v.stockOf("G01").OnHand(); got != 11 {
		t.Errorf("%d bags on hand, want 11", got)
	}
}

func TestScannedReceiptJumpsToItsRow(t *testing.T) {
	v := newVillage(t)
	first := v.reserve(zhang, "G01", 1, 280)
	v.fill()
	receipt, err := v.cfg.Store.ReceiptText(first.Seq)
	v.must(err)
	s := v.screen()
	s.onDutyAs(clerk).lacks("东北大米")
	s.get(s.Server.scan(receipt)).on(rowPage(first.Seq)).sees("就是这一张")
	if strings.Index(s.body, "东北大米") > strings.Index(s.body, "笔记本") {
		t.Error("the scanned one does not stand first")
	}
	s.post("/staff/settle", "key", s.field("key"), "redemption", textOf(first.Seq))
	s.get(s.Server.scan(receipt)).on(exchangePage(first.Seq)).sees("交好了", "由 李*芳 交货")
}

// fill makes more people wait than one page shows.
func (v *village) fill() {
	v.Helper()
	for _, line := range []struct {
		person byte
		good   string
		price  ledger.Points
	}{{zhang, "G02", 160}, {zhang, "G05", 90}, {zhang, "G07", 60}, {zhang, "G07", 60}, {wang, "G07", 60}, {wang, "G08", 30}, {liu, "G08", 30}} {
		v.reserve(line.person, line.good, 1, line.price)
	}
}

func (v *village) waitingNow() []uint64 {
	v.Helper()
	list, _, err := v.cfg.Store.Waiting(0, 99)
	v.must(err)
	var seqs []uint64
	for _, r := range list {
		seqs = append(seqs, r.Seq)
	}
	return seqs
}

func TestReceiptOfAnotherKioskIsRefused(t *testing.T) {
	other := newVillage(t)
	r := other.reserve(zhang, "G01", 1, 280)
	foreign, err := other.cfg.Store.ReceiptText(r.Seq)
	other.must(err)
	v := newVillage(t)
	own, err := v.cfg.Store.ReceiptText(v.reserve(zhang, "G02", 1, 160).Seq)
	v.must(err)
	s := v.screen()
	s.onDutyAs(clerk)
	flipped := own[:len(own)-9] + string(own[len(own)-9]^1) + own[len(own)-8:]
	for name, text := range map[string]string{"foreign": foreign, "forged": flipped} {
		page := s.Server.scan(text)
		if strings.HasPrefix(page, "/staff") {
			t.Errorf("a %s receipt leads to %s", name, page)
		}
		s.get(page).sees("积分安全吗")
	}
}

func TestDeskPagesReachEverybodyOnBothScreens(t *testing.T) {
	v := newVillage(t)
	v.fill()
	all := v.waitingNow()
	s := v.screen()
	s.onDutyAs(clerk)
	for name, size := range map[string]int{"standing": deskTall, "lying": deskWide} {
		seen := make(map[string]bool)
		for from := 0; from < len(all); from += size {
			s.get(deskPage + "?from=" + strconv.Itoa(from))
			rows := regexp.MustCompile(`name="redemption" value="(\d+)"`).FindAllStringSubmatch(s.body, -1)
			for _, row := range rows[:min(len(rows), size)] {
				seen[row[1]] = true
			}
			if next := deskPage + "?from=" + strconv.Itoa(from+size); from+size < len(all) && !strings.Contains(s.body, next) {
				t.Errorf("%s screen: nothing leads to %s", name, next)
			}
		}
		if len(seen) != len(all) {
			t.Errorf("%s screen: %d of %d can be reached", name, len(seen), len(all))
		}
	}
}

func TestClaimCode(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G01", 1, 280)
	v.reserve(wang, "G07", 1, 60)
	s := v.screen()
	s.onDutyAs(clerk)
	code := ledger.ClaimText(r.Claim)
	s.get("/staff/claim").sees("领货号的三位数字")
	s.post("/staff/claim", "typed", code[1:], "key", "go").sees(code)
	if s.at != rowPage(r.Seq) && !strings.Contains(s.body, "哪一份") {
		t.Errorf("the code leads to %s", s.at)
	}
	list, _, err := v.cfg.Store.Waiting(0, 9)
	v.must(err)
	digits := unused(list)
	s.post("/staff/claim", "typed", digits, "key", "go").sees("没有人拿 " + digits + " 等着领")
}

func TestNotHandedOverGivesEverythingBack(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G01", 1, 280)
	s := v.screen()
	s.onDutyAs(clerk).follow("/staff/withhold/").sees("为什么不交", "280 分退给 张*伟", "没货了", "东西坏了", "本人不要了", "别的")
	s.post(s.at, "key", s.field("key"), "reason", "unheard-of").sees("没办成")
	s.get("/staff/withhold/" + textOf(r.Seq))
	s.post(s.at, "key", s.field("key"), "reason", "gone").on(rowPage(r.Seq)).sees("280 分和库存都退了")
	if got := v.balanceOf(zhang); got != 1260 {
		t.Errorf("balance %d, want 1260", got)
	}
	if got := v.stockOf("G01"); got.Held != 0 || got.OnHand() != 12 {
		t.Errorf("shelf %+v", got)
	}
	s.get(exchangePage(r.Seq)).sees("没交", "李*芳", "没货了")
	s.get("/staff/withhold/" + textOf(r.Seq)).on(exchangePage(r.Seq))
}

// unused is three digits that no code of the list ends in.
func unused(list []store.Redemption) string {
	for n := uint16(0); ; n++ {
		digits := ledger.ClaimText(n)[1:]
		if !slices.ContainsFunc(list, func(r store.Redemption) bool { return ledger.ClaimText(r.Claim)[1:] == digits }) {
			return digits
		}
	}
}
