package screentest

import (
	"net/url"

	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer/probe"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// walkPaper is everything that can be said about slips: to a volunteer whose slip is
// torn or missing, and to staff who look after the printer.
func (a *auditor) walkPaper() {
	a.Helper()
	torn := a.walkTorn()
	maybe := a.presumed(zhang, "G05", 90)
	a.goTo("done-maybe", "/done/"+text(maybe.Seq))
	a.reserve(adili, "G02", 160)
	a.reserve(adili, "G10", 180)
	a.reserve(adili, "G05", 90)
	a.duty(clerk, "/staff")
	a.goTo("staff-desk-paper", "/staff")
	a.visit("/staff").on("/staff").tap(".notice-key").on("/staff/paper")
	a.page("staff-paper-torn")
	a.goTo("staff-exchange-torn", "/staff/exchange/"+text(torn))
	a.walkStockSlip()
	a.walkPrinter()
	a.visit("/staff/paper").on("/staff/paper").tap("button[value=yes]").on("/staff/paper")
	a.unplug()
	a.plug()
	a.within(stepLimit, "everything to be printed", func() bool { return len(a.open()) == 0 })
	a.printer.SetNearEnd(true)
	a.visit("/staff/paper").on("/staff/paper")
	a.within(stepLimit, "the warning", func() bool { return eval[bool](a.tab, `return !!document.querySelector(".banner-ok.is-warn")`) })
	a.goTo("staff-paper-near-end", "/staff/paper?note=sent")
	a.goTo("staff-desk-near-end", "/staff")
}

// walkTorn tears the paper in the middle of a slip, until the volunteer must call
// somebody. It returns the redemption whose slip is still in doubt.
func (a *auditor) walkTorn() uint64 {
	a.Helper()
	a.signIn(zhang, "/balance")
	seq := a.tear(func() uint64 { return a.reserve(zhang, "G07", 60).Seq })
	at := "/done/" + text(seq)
	a.goTo("whole", at)
	a.goTo("order-torn", "/orders/"+text(seq))
	a.visit(at).on(at).tap("button[value=no]").on(at)
	a.becomes(seq, spool.Held)
	a.goTo("noslip-copy", at)
	a.printer.Mend()
	a.becomes(seq, spool.Printed)
	a.goTo("done-copy", at)
	a.tear(func() uint64 {
		_, err := a.books.Reprint(a.Context(), seq, id(clerk))
		a.must(err)
		return seq
	})
	a.goTo("whole-no-more", at)
	return seq
}

// tear lets the paper end in the middle of the slip that print brings, and waits until
// the kiosk knows.
func (a *auditor) tear(print func() uint64) uint64 {
	a.Helper()
	a.printer.FailAt(a.printer.Received()+600, sim.PaperOut)
	seq := print()
	a.becomes(seq, spool.Uncertain)
	return seq
}

// becomes waits for a job's state.
func (a *auditor) becomes(seq uint64, state spool.State) {
	a.Helper()
	a.within(stepLimit, "a slip that is "+state.String(), func() bool { return a.job(seq).State == state })
}

func (a *auditor) job(seq uint64) store.Job {
	a.Helper()
	job, err := a.books.Job(seq)
	a.must(err)
	return job
}

// open are the jobs that are not done.
func (a *auditor) open() []store.Job {
	a.Helper()
	jobs, err := a.books.Jobs(100)
	a.must(err)
	return jobs
}

// presumed is a redemption whose slip left for a printer that proves nothing.
func (a *auditor) presumed(person byte, good string, price ledger.Points) store.Redemption {
	a.Helper()
	r := a.reserve(person, good, price)
	a.becomes(r.Seq, spool.Held)
	for _, step := range []spool.Step{spool.StepReleased, spool.StepSending, spool.StepDrained, spool.StepPresumed} {
		_, err := a.books.Print(a.Context(), r.Seq, step, "")
		a.must(err)
	}
	return r
}

// walkStockSlip is the slip of a change of stock, before and after it was asked for.
func (a *auditor) walkStockSlip() {
	a.Helper()
	_, err := a.books.Waste(a.Context(), a.key(), "G02", 1, id(clerk), "broken")
	a.must(err)
	moves, err := a.books.StockMoves(0, 1)
	a.must(err)
	at := "/staff/stockslip/" + text(moves[0].Seq)
	a.goTo("staff-stockslip", at)
	a.tap("form[action='" + at + "'] button").on(at)
	a.becomes(moves[0].Seq, spool.Held)
	a.goTo("staff-stockslip-held", at)
}

// walkPrinter is what a technician, or a clerk on the phone, finds out of the printer.
func (a *auditor) walkPrinter() {
	a.Helper()
	for _, at := range []string{"/staff/printer", "/staff/printer?note=failed", "/staff/printer/other", "/staff/probe", "/staff/probe?failed"} {
		a.goTo(fileName(at), at)
	}
	answers := url.Values{"out": {"yes"}}
	for _, q := range probe.Questions {
		a.goTo("staff-probe-"+q.Key, "/staff/probe?"+answers.Encode())
		answers.Set(q.Key, q.Choices[0])
	}
	a.goTo("staff-probe-found", "/staff/probe?"+answers.Encode())
	answers.Set("code", "neither")
	a.goTo("staff-probe-problem", "/staff/probe?"+answers.Encode())
}
