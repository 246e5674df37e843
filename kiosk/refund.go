package kiosk

import (
	"errors"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// refundData is the three questions of a refund, one a page: why, whether the goods
// go back on the shelf, and whether the sum is right.
type refundData struct {
	deskRow
	Step                  string   // why, goods, confirm
	Reasons               []string // to choose from
	Reason                string
	Restock               bool
	Before, After         ledger.Points
	Cost                  ledger.Points
	ShelfBefore, ShelfNow int64 // pieces that can be redeemed
	URL                   string
}

// refund asks the next question; the answers so far stand in the query.
func (o *office) refund(a *ask, _ civic.Staff) error {
	r, err := o.pathRedemption(a)
	if err != nil {
		return err
	}
	if r.State != ledger.Settled {
		a.redirect(exchangePage(r.Seq))
		return nil
	}
	data := refundData{
		deskRow: o.deskRow(a, r, false),
		Step:    "why",
		Reasons: refundReasons,
		Reason:  a.FormValue("reason"),
		Cost:    r.Cost(),
		URL:     "/staff/refund/" + textOf(r.Seq),
	}
	back := exchangePage(r.Seq)
	if slices.Contains(refundReasons, data.Reason) {
		data.Step, back = "goods", data.URL
	}
	if restock := a.FormValue("restock"); data.Step == "goods" && (restock == "yes" || restock == "no") {
		data.Step, back = "confirm", data.URL+"?reason="+data.Reason
		data.Restock = restock == "yes"
		if err := o.refundSums(&data); err != nil {
			return err
		}
	}
	return o.show(a, page{word: "refund", back: back, data: data})
}

// refundSums works out what the refund would change.
func (o *office) refundSums(data *refundData) error {
	account, err := o.cfg.Store.Account(data.Volunteer)
	if err != nil {
		return err
	}
	good, err := o.cfg.Store.Good(data.Redemption.Redemption.Good)
	if err != nil {
		return err
	}
	data.Before = account.Spendable()
	data.After = data.Before + data.Cost
	data.ShelfBefore = good.Shelf.Available()
	data.ShelfNow = data.ShelfBefore
	if data.Restock {
		data.ShelfNow += data.Quantity
	}
	return nil
}

// refundNow gives the points back.
func (o *office) refundNow(a *ask, me civic.Staff) error {
	seq, key, err := deed(a, a.PathValue("redemption"))
	if err != nil {
		return err
	}
	reason, err := chosen(a, refundReasons)
	if err != nil {
		return err
	}
	_, err = o.cfg.Store.Refund(a.Context(), key, seq, me.ID, a.FormValue("restock") == "yes", reason)
	if err != nil && !errors.Is(err, ledger.ErrState) {
		return err
	}
	a.redirect(exchangePage(seq))
	return nil
}
