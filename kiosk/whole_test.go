package kiosk

import (
	"strings"
	"sync/atomic"
	"testing"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// torn brings somebody to the question: the paper ends in the middle of the slip.
func (s *screen) torn(good string) (seq string) {
	s.Helper()
	s.paper.Round(s.Context())
	s.printer.failAfter(300, sim.PaperOut)
	seq = s.redeemed(good, "1")
	s.paper.Round(s.Context())
	s.get("/done/"+seq).sees("小票完整打出来了吗？", "只扣一次", "完整的", "不完整，重打一张")
	return seq
}

// steps are what the spool of another printer would have written down.
func (v *village) steps(job uint64, steps ...spool.Step) {
	v.Helper()
	for _, step := range steps {
		_, err := v.cfg.Store.Print(v.Context(), job, step, "")
		v.must(err)
	}
}

// numberOf is what stands at both ends of a slip.
func (v *village) numberOf(seq uint64) string {
	v.Helper()
	_, entry, err := v.cfg.Store.Entry(seq)
	v.must(err)
	return slipNumber(entry)
}

// says answers the question on the page.
func (s *screen) says(whole string) *screen {
	s.Helper()
	return s.post("/done/"+strings.TrimPrefix(s.at, "/done/")+"/whole", "copy", s.field("copy"), "whole", whole)
}

func TestATornSlipIsPrintedAgainInTwoTaps(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.torn("G01")
	number := v.numberOf(v.newest(zhang).Seq)
	s.sees(number, ledger.ClaimText(v.newest(zhang).Claim))
	s.get("/orders/" + seq).follow("/done/" + seq).sees("小票完整打出来了吗？")

	s.says("no").on("/done/"+seq).sees("等重打的小票", "印着“作废”的，不要")
	v.paper.Round(t.Context()) // there is no paper yet
	s.get("/done/"+seq).sees("已扣分，小票未打印", "打印机没纸了", "自动补打", `class="qr"`)
	page := v.connect(s)
	v.printer.Mend()
	v.paper.Round(t.Context())
	page.hears(`"renew":"/done/` + seq)
	s.get("/done/"+seq).sees("拿走重打的小票", "“重打 第1次”")
	papers := v.papers()
	void, again := papers[len(papers)-2].Text(), papers[len(papers)-1].Text()
	if !strings.Contains(void, "作废") || !strings.Contains(void, number) || strings.Count(again, number) != 2 || !strings.Contains(again, "重打") {
		t.Errorf("below the torn slip:\n%s\n%s", void, again)
	}
	if got := v.balanceOf(zhang); got != 980 {
		t.Errorf("balance %d, want 980", got)
	}
}

func TestASlipThatSomebodyHasSeenIsPrinted(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.torn("G01")
	copy := s.field("copy")
	s.says("yes").on("/done/" + seq).sees("拿走小票")
	if job := v.job(zhang); job.State != spool.Printed || job.Last != spool.StepSeen {
		t.Errorf("job %+v", job)
	}
	// Late taps change nothing, and lead back to what is true.
	for _, whole := range []string{"yes", "no"} {
		s.post("/done/"+seq+"/whole", "copy", copy, "whole", whole).on("/done/" + seq).sees("拿走小票")
	}
	s.post("/done/"+seq+"/whole", "copy", copy, "whole", "perhaps").sees("没办成")
}

func TestADoubleTapPrintsOneCopy(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.torn("G01")
	copy := s.field("copy")
	for range 2 {
		s.post("/done/"+seq+"/whole", "copy", copy, "whole", "no").on("/done/" + seq)
		if v.job(zhang).State == spool.Queued { // and the copy breaks off before the second
			v.steps(v.job(zhang).Seq, spool.StepSending, spool.StepUncertain)
		}
	}
	if job := v.job(zhang); job.Copy != 1 || job.State != spool.Uncertain {
		t.Errorf("after two taps at once: %+v", job)
	}
}

func TestAVolunteerAloneGetsTwoCopies(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.torn("G01")
	for range maxOwnCopies {
		s.says("no")
		v.steps(v.job(zhang).Seq, spool.StepSending, spool.StepUncertain)
		s.get("/done/" + seq).sees("小票完整打出来了吗？")
	}
	s.sees("不完整，找柜台").lacks("重打一张")
	s.says("no").on("/done/" + seq).sees("不完整，找柜台")
	if job := v.job(zhang); job.Copy != maxOwnCopies || job.State != spool.Uncertain {
		t.Errorf("job %+v", job)
	}
	s.says("yes").sees("拿走重打的小票")
}

func TestASlipThatIsOnlyPresumedCanBeDoubted(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	v.steps(v.job(zhang).Seq, spool.StepSending, spool.StepDrained, spool.StepPresumed)
	s.get("/done/"+seq).sees("拿走小票", "没出来，或不全")
	for range 2 { // a double tap
		s.post("/done/" + seq + "/doubt").on("/done/" + seq).sees("小票完整打出来了吗？")
	}
	s.says("no").sees("等重打的小票")
	s.post("/done/" + seq + "/doubt").on("/done/" + seq).sees("等重打的小票")
}

// Nobody answers for somebody else.
func TestOnlyItsOwnerAnswersForASlip(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.torn("G01")
	s.post("/leave")
	s.scanCard(wang)
	s.post("/done/"+seq+"/whole", "copy", "0", "whole", "yes").sees("没找到您要看的东西")
	s.post("/done/" + seq + "/doubt").sees("没找到您要看的东西")
	if job := v.job(zhang); job.State != spool.Uncertain {
		t.Errorf("job %+v", job)
	}
}

// A disk that has filled up since the redemption takes no answer, and the page says
// what is true of the points.
func TestAnAnswerThatCannotBeWrittenDown(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 40)
	v := newVillage(t, func(c *Config) {
		c.Store = openStore(t, c.Clock, func(c *store.Config) { c.FreeBytes = func(string) (int64, error) { return free.Load(), nil } })
	})
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	v.steps(v.job(zhang).Seq, spool.StepSending, spool.StepUncertain)
	s.get("/done/" + seq)
	free.Store(0)
	s.says("no").on("/trouble").sees("记不下您的回答", "积分只扣一次").lacks("这次没扣积分").follow("/done/" + seq)
	free.Store(1 << 40)
	v.await(func() bool { return v.cfg.Store.Health().ReadOnly == nil })
	s.sees("小票完整打出来了吗？").says("no").sees("等重打的小票")
}
