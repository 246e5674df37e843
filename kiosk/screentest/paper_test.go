package screentest

import (
	"strings"
	"testing"

	"yizhan/printer/sim"
)

// The paper is torn out in the middle of a receipt. The screen finds that out by
// itself and asks; one tap says that it is not whole; while the roll is empty the
// screen says so, with the code that fetches the goods; and with a new roll the copy
// comes, and the screen turns, without another touch.
func TestTornSlip(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		v := signedIn(t, p).visit("/redeem/G01").on("/redeem/G01")
		v.printer.FailAt(v.printer.Received()+900, sim.PaperOut)
		v.tap(confirmKey).on("/done/").sees(says(t, "whole.title"), says(t, "whole.safe", "n", "280"))
		code := eval[string](v, `return document.querySelector(".code .no").innerText`)
		v.tap("button[value=no]").on("/done/").sees(says(t, "done.no_paper"), says(t, "done.held.what", "why", says(t, "paper.why.paper")), code)
		v.printer.Mend()
		v.sees(says(t, "done.take_copy"), says(t, "done.void_note", "n", "1"), code)
		if v.balance(zhang) != 980 {
			t.Errorf("%d points left, want 980", v.balance(zhang))
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		void, again := v.papers[len(v.papers)-2].Text(), v.papers[len(v.papers)-1].Text()
		if !strings.Contains(void, "作废") || strings.Count(again, "重打 第1次") != 2 || !strings.Contains(again, code) {
			t.Errorf("below the torn slip:\n%s\n%s", void, again)
		}
	})
}

// A slip breaks while a clerk stands at the desk. The desk says so by itself, and two
// taps lead to a true state.
func TestDeskToTornSlip(t *testing.T) {
	v := newBox(t, wide).open().on("/").scan(card(clerk)).on("/staff/pin").dial(staffPIN).tap(".go").on("/staff")
	v.printer.FailAt(v.printer.Received()+900, sim.PaperOut)
	r := v.reserve(zhang, "G01", 280)
	v.within(stepLimit, "a torn slip", func() bool {
		job, err := v.books.Job(r.Seq)
		return err == nil && job.State.String() == "uncertain"
	})
	v.printer.Mend()
	v.tap(".notice-key").on("/staff/paper").tap("button[value=no]").on("/staff/paper").sees(says(t, "staff.paper.nothing"))
	if job, err := v.books.Job(r.Seq); err != nil || job.Copy != 1 || job.State.String() != "printed" {
		t.Errorf("job %+v, %v", job, err)
	}
}
