package kiosk

import (
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// close shows the totals since the last close and asks whether to close the day.
func (o *office) close(a *ask, _ civic.Staff) error {
	totals, err := o.cfg.Store.Today()
	if err != nil {
		return err
	}
	_, waiting, err := o.cfg.Store.Waiting(0, 1)
	if err != nil {
		return err
	}
	return o.show(a, page{word: "close", back: "/staff/more", data: struct {
		ledger.Totals
		Waiting int
		Key     string
	}{totals, waiting, o.newKey()}})
}

// closeNow writes the close; its slip is printed from the job that goes with it.
func (o *office) closeNow(a *ask, me civic.Staff) error {
	key, err := formKey(a)
	if err != nil {
		return err
	}
	_, seq, err := o.cfg.Store.CloseDay(a.Context(), key, me.ID)
	if err != nil {
		return err
	}
	o.paper.wake()
	a.redirect("/staff/closed/" + textOf(seq))
	return nil
}

// closed shows what was closed, as it stands on the slip.
func (o *office) closed(a *ask, _ civic.Staff) error {
	seq, err := sequence(a.PathValue("seq"))
	if err != nil {
		return err
	}
	_, entry, err := o.cfg.Store.Entry(seq)
	if err != nil {
		return err
	}
	body, ok := entry.Body.(ledger.Staff)
	if !ok || body.Act != ledger.StaffCloseDay {
		return store.ErrUnknown
	}
	paper, err := o.slipState(seq)
	if err != nil {
		return err
	}
	if paper == "soon" {
		a.reload(slipRefresh)
	}
	return o.show(a, page{word: "closed", back: deskPage, data: struct {
		ledger.Totals
		Seq      uint64
		When, By string
		Paper    string // soon, here, held, unsure
	}{body.Totals, seq, o.momentText(a, entry.WallMS), o.staffName(body.Operator), paper}})
}

// slipState is how far the slip of a close is. Jobs that are done are not listed
// any more.
func (o *office) slipState(seq uint64) (string, error) {
	jobs, err := o.cfg.Store.Jobs(jobBatch)
	if err != nil {
		return "", err
	}
	for _, job := range jobs {
		if job.Seq == seq {
			return paperWord(job.State), nil
		}
	}
	return paperWord(store.JobDone), nil
}
