package kiosk

import (
	"context"
	"strings"
	"testing"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
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
	v.paper.Round(t.Context())
	page.hears(`"renew":"/done/` + seq)
	s.get("/done/" + seq).sees("拿走小票")
	if job := v.job(zhang); v.printer.count() != 1 || job.State != spool.Printed || job.Last != spool.StepConfirmed {
		t.Errorf("%d slips, job %+v", v.printer.count(), job)
	}
	v.paper.Round(t.Context())
	if v.printer.count() != 1 {
		t.Error("the slip was printed twice")
	}
}

func TestWithoutPaperTheCodeIsOnTheScreen(t *testing.T) {
	v := newVillage(t)
	v.printer.Fail(sim.PaperOut)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	v.paper.Round(t.Context())
	v.paper.Round(t.Context())
	claim := ledger.ClaimText(v.newest(zhang).Claim)
	s.get("/done/"+seq).sees("小票未打印", claim, "只扣一次 280 分", "到柜台报领货号 "+claim, `class="qr"`)
	v.clock.advance((DefaultIdleSeconds - 1) * time.Second) // time enough to write the code down
	v.tick()
	s.get("/done/" + seq).sees("小票未打印")
	if job := v.job(zhang); job.State != spool.Held || spool.ReasonOf(job.Note) != spool.NoPaper {
		t.Errorf("job %+v", job)
	}
	v.printer.Mend()
	v.paper.Round(t.Context())
	s.get("/done/" + seq).sees("拿走小票")
	if v.printer.count() != 1 {
		t.Errorf("%d slips", v.printer.count())
	}
}

func TestCopiesComeToAnEnd(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	seq := s.redeemed("G01", "1")
	for range maxOwnCopies + 3 {
		v.paper.Round(t.Context())
		s.post("/orders/" + seq + "/again")
	}
	v.paper.Round(t.Context())
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
	if _, err := v.cfg.Store.Print(t.Context(), v.job(zhang).Seq, spool.StepSending, ""); err != nil {
		t.Fatal(err)
	}
	again, err := New(v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	again.paper.Recover(t.Context())
	again.paper.Round(t.Context())
	if job := v.job(zhang); job.State != spool.Uncertain {
		t.Errorf("job %+v", job)
	}
	for _, paper := range v.papers() { // what may have hung out of the printer is cut off
		if text := strings.TrimSpace(paper.Text()); text != "" {
			t.Errorf("printed by itself:\n%s", text)
		}
	}
}

func TestRunPrintsByItselfAndStops(t *testing.T) {
	v := newVillage(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { v.Run(ctx); close(ended) }()
	v.await(func() bool { return v.paper.Status().Probed })
	s := v.screen()
	s.scanCard(zhang)
	start := time.Now()
	s.redeemed("G01", "1")
	v.await(func() bool { return v.printer.count() == 1 })
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("nobody woke the printer for %v", took)
	}
	stop()
	<-ended
}

func TestWhatThePrinterAnswersIsRemembered(t *testing.T) {
	v := newVillage(t)
	v.paper.Round(t.Context())
	want := spool.Ability{Status: true, Fence: true, ID: true, Macro: true}
	if known, found, err := v.cfg.Store.Printer("/dev/ttyS1"); !found || err != nil || known.Ability != want {
		t.Fatalf("%+v, %v", known, err)
	}
	again, err := New(v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if st := again.paper.Status(); st.Ability != want || !st.Probed {
		t.Errorf("after a restart: %+v", st)
	}
}
