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
	o.paper.Wake()
	a.redirect("/staff/closed/" + textOf(seq))
	return nil
}

// closed shows what was closed, as it stands on the slip.
func (o *office) closed(a *ask, _ civic.Staff) error {
	a.follow()
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
	job, err := o.cfg.Store.Job(seq)
	if err != nil {
		return err
	}
	return o.show(a, page{word: "closed", back: deskPage, data: struct {
		ledger.Totals
		slipState
		When, By string
	}{body.Totals, o.slipState(a, job), o.momentText(a, entry.WallMS), o.staffName(body.Operator)}})
}
