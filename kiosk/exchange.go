package kiosk

import (
	"errors"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// exchangeData is one redemption before staff: what it was, what has become of it,
// and what can still be done.
type exchangeData struct {
	deskRow
	Settled, SettledBy string // when, and who
	Ended, EndedBy     string // cancelled or refunded; no EndedBy: the volunteer
	Why                string
	Cost               ledger.Points
	slipState
	RefundURL string // "": see NoRefund
	NoRefund  string // late, leader; "": a refund is no question
	Hours     int64  // of the refund window
	Person    string // page of the volunteer
}

// exchange shows one redemption.
func (o *office) exchange(a *ask, me civic.Staff) error {
	a.follow()
	r, err := o.pathRedemption(a)
	if err != nil {
		return err
	}
	texts := o.texts[o.lang(a)]
	policy := o.cfg.Store.Station().Policy.WithDefaults()
	data := exchangeData{
		deskRow: o.deskRow(a, r, false),
		Cost:    r.Cost(),
		Hours:   policy.RefundHours,
		Person:  "/staff/person/" + r.Volunteer.String(),
		Why:     reasonText(texts, r.Reason),
	}
	if r.SettledMS != 0 {
		data.Settled, data.SettledBy = o.momentText(a, r.SettledMS), o.staffName(r.SettledBy)
	}
	if r.EndSeq != 0 {
		data.Ended, data.EndedBy = o.momentText(a, r.EndedMS), o.staffName(r.EndedBy)
	}
	if r.State == ledger.Settled {
		if data.NoRefund = o.noRefund(r, policy, me); data.NoRefund == "" {
			data.RefundURL = "/staff/refund/" + textOf(r.Seq)
		}
	}
	data.slipState = o.slipState(a, r.Job)
	return o.show(a, page{word: "exchange", back: data.Person, data: data})
}

// noRefund says beforehand what the store would answer to a refund.
func (o *office) noRefund(r store.Redemption, policy civic.Policy, me civic.Staff) string {
	switch {
	case o.cfg.Clock.Now().WallMS-r.SettledMS > policy.RefundHours*3600_000:
		return "late"
	case r.Cost() > policy.ClerkRefund && me.Role != civic.RoleLeader:
		return "leader"
	}
	return ""
}

// reprint asks for another copy of a receipt, or of a day's slip. Copies count, and
// say so on the paper, so a second tap only makes a second copy.
func (o *office) reprint(a *ask, me civic.Staff) error {
	seq, err := sequence(a.FormValue("job"))
	if err != nil {
		return err
	}
	job, err := o.cfg.Store.Reprint(a.Context(), seq, me.ID)
	if errors.Is(err, ledger.ErrState) { // the copy before has not come out yet
		a.redirect(o.back(a))
		return nil
	}
	if err != nil {
		return err
	}
	o.paper.Wake()
	switch job.Kind {
	case store.JobClose:
		a.redirect("/staff/closed/" + textOf(seq))
	case store.JobStock:
		a.redirect(stockSlipPage(seq))
	default:
		a.redirect(exchangePage(seq))
	}
	return nil
}
