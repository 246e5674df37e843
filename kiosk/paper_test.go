package kiosk

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// job is the print job of somebody's last redemption.
func (v *village) job(person byte) store.Job {
	v.Helper()
	return v.newest(person).Job
}

func TestASlipComesOutAndThePageSaysSo(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	s.sees("等小票出来", "去柜台领东北大米", "进门左手边")
	page := v.connect(s)
	v.paper.round(t.Context())
	page.hears(`"go":"/done/` + seq)
	s.get("/done/" + seq).sees("拿走小票")
	if v.printer.count() != 1 || v.job(zhang).State != store.JobDone {
		t.Errorf("%d slips, job %v", v.printer.count(), v.job(zhang))
	}
	v.paper.round(t.Context())
	if v.printer.count() != 1 {
		t.Error("the slip was printed twice")
	}
}

func TestWithoutPaperTheCodeIsOnTheScreen(t *testing.T) {
	v := newVillage(t)
	v.printer.set(func(p *testPrinter) { p.notReady = errors.New("paper is out") })
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	v.paper.round(t.Context())
	v.paper.round(t.Context())
	claim := ledger.ClaimText(v.newest(zhang).Claim)
	s.get("/done/"+seq).sees("换好了，小票没打出来", claim, "只扣一次 280 分", "到柜台报领货号 "+claim, `class="qr"`)
	v.clock.advance((DefaultIdleSeconds - 1) * time.Second) // time enough to write the code down
	v.tick()
	s.get("/done/" + seq).sees("小票没打出来")
	if job := v.job(zhang); job.State != store.JobHeld || !strings.Contains(job.Note, "paper is out") {
		t.Errorf("job %+v", job)
	}
	v.printer.set(func(p *testPrinter) { p.notReady = nil })
	v.paper.round(t.Context())
	s.get("/done/" + seq).sees("拿走小票")
	if v.printer.count() != 1 {
		t.Errorf("%d slips", v.printer.count())
	}
}

func TestAFaultHalfwayIsLeftToAPerson(t *testing.T) {
	v := newVillage(t)
	v.printer.set(func(p *testPrinter) { p.breaks = errors.New("cover opened") })
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	v.paper.round(t.Context())
	s.get("/done/"+seq).sees("小票可能没打全", "只扣一次 280 分")
	v.printer.set(func(p *testPrinter) { p.breaks = nil })
	v.paper.round(t.Context())
	if v.printer.count() != 0 || v.job(zhang).State != store.JobUncertain {
		t.Errorf("%d slips by themselves, job %+v", v.printer.count(), v.job(zhang))
	}
	s.get("/orders/" + seq).sees("小票可能没打全")
	s.post("/orders/" + seq + "/again").post("/orders/" + seq + "/again")
	v.paper.round(t.Context())
	if v.printer.count() != 1 || v.job(zhang).Copy != 1 {
		t.Errorf("%d slips, job %+v", v.printer.count(), v.job(zhang))
	}
}

func TestCopiesComeToAnEnd(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	for range maxOwnCopies + 3 {
		v.paper.round(t.Context())
		s.post("/orders/" + seq + "/again")
	}
	v.paper.round(t.Context())
	if v.printer.count() != 1+maxOwnCopies {
		t.Errorf("%d slips", v.printer.count())
	}
	s.get("/orders/"+seq).sees("再打找柜台", "重打过 2 次")
}

func TestAPowerCutWhilePrintingLeavesADoubt(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	if _, err := v.cfg.Store.Print(t.Context(), v.job(zhang).Seq, ledger.PrintSending, ""); err != nil {
		t.Fatal(err)
	}
	again, err := New(v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	again.paper.doubt(t.Context())
	again.paper.round(t.Context())
	if job := v.job(zhang); job.State != store.JobUncertain || v.printer.count() != 0 {
		t.Errorf("%d slips, job %+v", v.printer.count(), job)
	}
}

func TestRunPrintsByItselfAndStops(t *testing.T) {
	v := newVillage(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { v.Run(ctx); close(ended) }()
	s := v.screen()
	s.scanCard(zhang)
	start := time.Now()
	s.redeemed("G01", "1")
	v.await(func() bool { return v.printer.count() == 1 })
	if took := time.Since(start); took > paperPoll {
		t.Errorf("nobody woke the printer for %v", took)
	}
	stop()
	<-ended
}
