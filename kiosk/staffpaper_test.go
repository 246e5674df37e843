package kiosk

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// judge presses one of the two keys beside a slip.
func (s *screen) judge(whole string) *screen {
	s.Helper()
	return s.post("/staff/paper/whole", "job", s.field("job"), "copy", s.field("copy"), "whole", whole)
}

func TestTheDeskLeadsToATornSlipInTwoTaps(t *testing.T) {
	v := newVillage(t)
	v.paper.Round(t.Context())
	v.printer.failAfter(300, sim.PaperOut)
	r := v.reserve(zhang, "G01", 1, 280)
	v.paper.Round(t.Context())
	v.reserve(wang, "G07", 1, 60)
	v.paper.Round(t.Context())
	number := v.numberOf(r.Seq)

	s := v.screen()
	s.onDutyAs(clerk).sees("1 张单子不知打全没有")
	s.follow("/staff/paper").sees("没纸了", "换一卷纸", "1 张等着，会自己打",
		number, "东北大米小票", ledger.ClaimText(r.Claim), "打的时候：打印机没纸了", "洗衣皂小票", "等打印机").lacks("张*伟")
	copy, job := s.field("copy"), s.field("job")
	s.judge("no").on("/staff/paper").sees("2 张等着").lacks("打的时候")
	s.post("/staff/paper/whole", "job", job, "copy", copy, "whole", "no").on("/staff/paper") // a double tap
	page := v.connect(s)
	v.printer.Mend()
	v.paper.Round(t.Context())
	page.hears(`"renew":"/staff/paper"`)
	s.get("/staff/paper").sees("打印正常", "没有要看的单子")
	s.get("/staff").lacks("不知打全没有", "没纸了")
	if j := v.job(zhang); j.Copy != 1 || j.State != spool.Printed || !slices.Equal(j.Past, []spool.State{spool.Voided}) {
		t.Errorf("job %+v", j)
	}
	s.get(exchangePage(r.Seq)).sees("原件 作废", "重打第1次 打好了（打印机确认）")
	_, entry, err := v.cfg.Store.Entry(v.cfg.Store.Health().Head.Seq)
	v.must(err)
	if step, ok := entry.Body.(ledger.Print); ok && !step.Operator.IsZero() {
		t.Error("the last step is not the printer's")
	}
}

// A slip breaks while somebody stands at the desk, which says so without being asked.
func TestTheDeskTellsOfATornSlipByItself(t *testing.T) {
	v := newVillage(t)
	v.paper.Round(t.Context())
	s := v.screen()
	s.onDutyAs(clerk).on("/staff").lacks("不知打全没有")
	page := v.connect(s)
	v.printer.failAfter(300, sim.PaperOut)
	v.reserve(zhang, "G01", 1, 280)
	v.paper.Round(t.Context())
	page.hears(`"renew":"/staff"`)
	s.get("/staff").sees("1 张单子不知打全没有")
}

func TestStaffSeesThatASlipIsWhole(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G01", 1, 280)
	v.steps(r.Seq, spool.StepSending, spool.StepUncertain)
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/paper").sees("打印正常", "请看一眼纸").lacks("没有要管的")
	s.get(exchangePage(r.Seq)).sees("原件 不知全不全").lacks("重打小票")
	s.judge("yes").on(exchangePage(r.Seq)).sees("原件 打好了（有人看过）", "重打小票")
	s.get("/staff/paper").sees("没有要管的").lacks("请看一眼纸")
	for range 2 { // a double tap
		s.post("/staff/reprint", "job", textOf(r.Seq)).on(exchangePage(r.Seq))
	}
	s.sees("原件 打好了", "重打第1次 在打").lacks("重打小票")
	v.paper.Round(t.Context())
	s.get(exchangePage(r.Seq)).sees("重打第1次 打好了（打印机确认）")
	if got := v.operatorsOf(r.Seq); !slices.Equal(got, []ledger.ID{id(clerk), id(clerk)}) {
		t.Errorf("the journal names %v", got)
	}
}

// operatorsOf are the people that the journal names for a print job.
func (v *village) operatorsOf(job uint64) (people []ledger.ID) {
	v.Helper()
	for seq := job; seq <= v.cfg.Store.Health().Head.Seq; seq++ {
		_, entry, err := v.cfg.Store.Entry(seq)
		v.must(err)
		if step, ok := entry.Body.(ledger.Print); ok && step.Job == job && !step.Operator.IsZero() {
			people = append(people, step.Operator)
		}
	}
	return people
}

func TestTheEndOfTheRollIsSaidBefore(t *testing.T) {
	v := newVillage(t)
	v.printer.SetNearEnd(true)
	v.paper.Round(t.Context())
	s := v.screen()
	s.onDutyAs(clerk).sees("纸快用完了", "备一卷新纸")
	s.follow("/staff/paper").sees("纸快用完了", "备一卷新纸")
}

func TestSlipsThatWaitCanBePagedThrough(t *testing.T) {
	v := newVillage(t)
	v.printer.Fail(sim.CoverOpen)
	var list []store.Redemption
	for _, good := range []store.Reserve{{Good: "G08", Price: 30}, {Good: "G07", Price: 60}, {Good: "G05", Price: 90}} {
		for range 2 {
			list = append(list, v.reserve(zhang, good.Good, 1, good.Price))
		}
	}
	v.paper.Round(t.Context())
	v.printer.Mend()
	s := v.screen()
	s.onDutyAs(leader).get("/staff/paper").sees("盖子没盖好", "把盖子按到底", ledger.ClaimText(list[paperTall+1].Claim))
	seen := s.body
	seen += s.get("/staff/paper?from=4").body
	for _, r := range list {
		if !strings.Contains(seen, ledger.ClaimText(r.Claim)) {
			t.Errorf("no page shows %s", ledger.ClaimText(r.Claim))
		}
	}
	page := v.connect(s) // the second page stays the second when a slip comes
	v.paper.Round(t.Context())
	page.hears(`"renew":"/staff/paper?from=4"`)
}

func TestTheDrawerOpensOnce(t *testing.T) {
	v := newVillage(t, func(c *Config) { c.Drawer = true })
	v.paper.Round(t.Context())
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/paper").sees("开钱箱")
	key := s.field("key")
	for range 2 {
		s.post("/staff/paper/drawer", "key", key).on("/staff/paper?note=drawer").sees("叫了打印机开钱箱")
		v.paper.Round(t.Context())
	}
	if n := v.printer.Kicks(); n != 1 {
		t.Errorf("opened %d times", n)
	}
	none := newVillage(t).screen()
	none.onDutyAs(clerk).get("/staff/paper").lacks("开钱箱")
	unknown := v.key()
	none.post("/staff/paper/drawer", "key", hex.EncodeToString(unknown[:])).sees("没办成")
}

func TestAStockSlip(t *testing.T) {
	v := newVillage(t)
	_, err := v.cfg.Store.Receive(t.Context(), v.key(), "G01", 20, id(clerk), "")
	v.must(err)
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/moves").follow("/staff/stockslip/").sees("收货 东北大米 &#43;20", "还没有打过单子")
	at := s.at
	for range 2 { // a double tap
		s.post(at).on(at).sees("单子马上打出来", "原件 在打")
	}
	v.paper.Round(t.Context())
	if n := v.printer.count(); n != 1 {
		t.Fatalf("%d slips", n)
	}
	s.get(at).sees("原件 打好了（打印机确认）", "重打单子")
	s.post(at).on(at)
	v.paper.Round(t.Context())
	s.get(at).sees("重打第1次 打好了（打印机确认）")
	s.get("/staff/stockslip/1").sees("没办成")
	s.get("/staff/shelf/G01").sees(strings.TrimPrefix(at, "/staff/stockslip/"), "打印单子")
}

// A slip that only its owner misses has no fault of the printer to tell of.
func TestADoubtOfAPerson(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G01", 1, 280)
	v.steps(r.Seq, spool.StepSending, spool.StepDrained, spool.StepPresumed)
	_, err := v.cfg.Store.Doubt(t.Context(), r.Seq, ledger.ID{})
	v.must(err)
	v.screen().onDutyAs(clerk).get("/staff/paper").sees("有人没拿到，或不全", "东北大米小票").lacks("打不了")
}

func TestACloseThatBrokeOffIsAskedAbout(t *testing.T) {
	v := newVillage(t)
	_, seq, err := v.cfg.Store.CloseDay(t.Context(), v.key(), id(leader))
	v.must(err)
	v.steps(seq, spool.StepSending, spool.StepUncertain)
	s := v.screen()
	s.onDutyAs(leader).get("/staff/paper").sees("日结单")
	s.get("/staff/closed/"+textOf(seq)).sees("单子可能没打全", "原件 不知全不全").lacks("重打单子")
	s.judge("no").on("/staff/closed/"+textOf(seq)).sees("单子马上打出来", "原件 作废")
	v.paper.Round(t.Context())
	s.get("/staff/closed/"+textOf(seq)).sees("重打第1次 打好了", "重打单子")
}

// Somebody without a card has gone when the slip of the check-in breaks: staff is asked,
// and told what it is.
func TestASlipOfACheckInThatBrokeOffIsAskedAbout(t *testing.T) {
	v, shift := onShift(t)
	s := v.screen()
	s.get(gatePathOf(shift)+"/walkin").post(gatePathOf(shift)+"/walkin", "none", "yes", "key", s.field("key")).sees("请等小票", "没出来或不全，找负责人")
	roster, err := v.cfg.Store.Roster(shift.ID)
	v.must(err)
	seq := roster[slices.IndexFunc(roster, func(a store.Attendance) bool { return a.WalkIn })].In.Seq
	v.steps(seq, spool.StepSending, spool.StepUncertain)
	s.onDutyAs(clerk).get("/staff").sees("1 张单子不知打全没有")
	s.get("/staff/paper").sees("签到单", "不全，重打").lacks("日结单")
	s.judge("no").on("/staff/paper").sees("签到单", "马上就打")
	v.paper.Round(t.Context())
	papers := v.papers()
	shows(t, papers[len(papers)-2], "作废", "作废单号", slipNumberOf(v, seq), "重打 第1次")
	shows(t, papers[len(papers)-1], "签到单", "重打 第1次", "没带卡", "签退时再扫这张小票", "重打 第1次")
}

// slipNumberOf is the number of an entry's slip.
func slipNumberOf(v *village, seq uint64) string {
	_, entry, err := v.cfg.Store.Entry(seq)
	v.must(err)
	return slipNumber(entry)
}

// Whatever a note says, every screen has words for it.
func TestEveryReasonHasItsWords(t *testing.T) {
	v := newVillage(t)
	reasons := []spool.Reason{spool.NoPaper, spool.CoverOpen, spool.Jammed, spool.Offline, spool.Silent, spool.Stuck, spool.Gone, spool.Noise,
		spool.Stopped, spool.Unwritten, spool.Broken, spool.NoPrinter}
	for lang, texts := range v.texts {
		for _, reason := range reasons {
			for _, key := range []string{"paper.why.", "paper.fix.", "chip.printer."} {
				if !texts.Has(key + string(reason)) {
					t.Errorf("%s: no text %s%s", lang, key, reason)
				}
			}
		}
	}
}
