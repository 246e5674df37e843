package kiosk

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

var everyBytes = flag.Int64("every", 1000, "break receipts at each so many bytes; 1: at every byte")

// receiptBytes is more than is sent for a receipt to a printer that is ready.
const receiptBytes = 1100

// TestWhateverHappensToThePrinterTheScreenIsTrue breaks the receipt of a redemption at
// every byte of it, on every kind of printer. The redemption stands, the points are
// taken once, what the screen says of the paper is true, and two taps lead back to a
// true state.
func TestWhateverHappensToThePrinterTheScreenIsTrue(t *testing.T) {
	for level := sim.Mute; level <= sim.Confirmed; level++ {
		for name, fault := range map[string]sim.Fault{"paper out": sim.PaperOut, "cover opened": sim.CoverOpen,
			"power lost for a moment": sim.PowerCycle, "line held": sim.Stall, "noise": sim.Garbage, "unplugged": sim.Unplug} {
			for offset := int64(level) * *everyBytes / 4; offset < receiptBytes; offset += *everyBytes {
				synctest.Test(t, func(t *testing.T) {
					c := newBrokenReceipt(t, fmt.Sprintf("L%d, %s at byte %d", level, name, offset), level)
					c.printer.failAfter(offset, fault)
					broken := c.printer.Printer
					go func() {
						time.Sleep(30 * time.Second)
						broken.Mend()
					}()
					c.paper.Round(t.Context())
					c.look()
					time.Sleep(31 * time.Second)
					if fault == sim.Unplug {
						c.printer.change(printer.Profile58, level)
					}
					c.paper.Round(t.Context())
					c.look()
					c.answerTruly()
				})
			}
		}
	}
}

// brokenReceipt is a redemption whose receipt is about to break.
type brokenReceipt struct {
	*screen
	name   string
	path   string // of the page done
	number string // of the receipt
}

func newBrokenReceipt(t *testing.T, name string, level sim.Level) *brokenReceipt {
	v := newVillage(t)
	v.printer.change(printer.Profile58, level)
	t.Cleanup(func() { v.printer.line.Close() })
	c := &brokenReceipt{screen: v.screen(), name: name}
	c.scanCard(zhang)
	c.redeemed("G07", "1")
	v.paper.Round(t.Context()) // so that the printer is known and its line is clean
	seq := c.redeemed("G05", "1")
	c.path = "/done/" + seq
	c.number = fmt.Sprintf("SQ-01-1-%06d", v.newest(zhang).Seq)
	return c
}

// wholes counts the pieces of paper that are the whole receipt, in its n-th copy.
func (c *brokenReceipt) wholes(n int64) (count int) {
	for _, paper := range append(c.printer.cut(), c.printer.Paper()) {
		text := paper.Text()
		if strings.Contains(text, "作废") {
			continue
		}
		again := strings.Count(text, fmt.Sprintf("重打 第%d次", n))
		if again == 0 {
			again = strings.Count(text, fmt.Sprintf("重打 第 %d 次", n))
		}
		if strings.Count(text, c.number) == 2 && len(paper.QR) == 1 && (n == 0 && !strings.Contains(text, "重打") || n > 0 && again == 2) {
			count++
		}
	}
	return count
}

// look fails when the screen or the account says what is not so.
func (c *brokenReceipt) look() {
	c.Helper()
	c.get(c.path)
	r := c.newest(zhang)
	says := func(text string) bool { return strings.Contains(c.body, text) }
	whole := c.wholes(r.Job.Copy)
	given := says("拿走小票") || says("拿走重打的小票")
	switch {
	case c.village.balance(zhang) != 1260-60-90 || r.State != ledger.Reserved:
		c.Errorf("%s: %d points are left, the redemption is %v", c.name, c.village.balance(zhang), r.State)
	case whole > 1:
		c.Errorf("%s: the receipt came out %d times", c.name, whole)
	case given && r.Job.State == spool.Presumed && !says("没出来，或不全"):
		c.Errorf("%s: the screen gives a receipt of which nobody knows, and takes no word against it", c.name)
	case given && r.Job.State != spool.Presumed && (r.Job.State != spool.Printed || whole != 1):
		c.Errorf("%s: the screen gives a receipt that is not there (%v)", c.name, r.Job.State)
	case says("小票未打印") && (r.Job.State != spool.Held || r.Job.Copy == 0 && strings.Contains(c.printer.Paper().Text(), c.number)):
		c.Errorf("%s: the screen says not printed, but something is (%v)", c.name, r.Job.State)
	case says("小票完整打出来了吗") != (r.Job.State == spool.Uncertain):
		c.Errorf("%s: the screen asks, or does not, of a receipt that is %v", c.name, r.Job.State)
	case !given && !says("小票未打印") && !says("小票完整打出来了吗"):
		c.Errorf("%s: of a receipt that is %v the screen says nothing", c.name, r.Job.State)
	}
}

// answerTruly taps what the person sees on the paper, until nothing is asked and
// nothing is missing.
func (c *brokenReceipt) answerTruly() {
	c.Helper()
	r := c.newest(zhang)
	for taps := 1; ; taps++ {
		whole := c.wholes(r.Job.Copy) == 1
		switch {
		case r.Job.State == spool.Uncertain && whole:
			c.answer("yes")
		case r.Job.State == spool.Uncertain:
			c.answer("no")
		case r.Job.State == spool.Presumed && !whole: // it is missed
			c.post(c.path + "/doubt")
		default:
			c.end(r.Job)
			return
		}
		for range 3 { // the first look at a printer that was stuck may find it silent
			c.paper.Round(c.Context())
			c.look()
			time.Sleep(2 * time.Second)
		}
		if r = c.newest(zhang); taps > 2 {
			c.Fatalf("%s: still asked after %d taps", c.name, taps)
		}
	}
}

// answer presses a key of the question about the receipt.
func (c *brokenReceipt) answer(whole string) {
	c.Helper()
	c.get(c.path).post(c.path+"/whole", "copy", c.field("copy"), "whole", whole)
}

// end checks that book and paper agree in the end.
func (c *brokenReceipt) end(job store.Job) {
	c.Helper()
	if job.State != spool.Printed && job.State != spool.Presumed || c.wholes(job.Copy) != 1 {
		c.Errorf("%s: in the end the receipt is %v, copy %d, on paper %d times", c.name, job.State, job.Copy, c.wholes(job.Copy))
	}
	c.look()
	if job.Copy > 0 && !c.voided() {
		c.Errorf("%s: no slip says that the torn one is void", c.name)
	}
}

// voided tells whether a slip says that this receipt is void.
func (c *brokenReceipt) voided() bool {
	for _, paper := range c.printer.cut() {
		if text := paper.Text(); strings.Contains(text, "作废") && strings.Contains(text, c.number) {
			return true
		}
	}
	return false
}

// balance is what a person could spend now.
func (v *village) balance(person byte) ledger.Points {
	v.Helper()
	account, err := v.cfg.Store.Account(id(person))
	if err != nil {
		v.Fatal(err)
	}
	return account.Spendable()
}
