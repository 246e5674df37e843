package kiosk

import (
	"errors"
	"slices"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Reasons that can be chosen, as they are recorded. The texts staff.reason.WORD
// say them.
var (
	cancelReasons = []string{"gone", "broken", "unwanted", "other"}
	refundReasons = []string{"unwanted", "broken", "wrong", "other"}
	wasteReasons  = []string{"spoilt", "broken", "lost", "other"}
)

// chosen reads the reason that a form brings: one of the list, and nothing else.
func chosen(a *ask, reasons []string) (string, error) {
	reason := a.FormValue("reason")
	if !slices.Contains(reasons, reason) {
		return "", errForm
	}
	return reason, nil
}

// withhold asks why goods are not handed over.
func (o *office) withhold(a *ask, _ civic.Staff) error {
	r, err := o.pathRedemption(a)
	if err != nil {
		return err
	}
	if r.State != ledger.Reserved {
		a.redirect(exchangePage(r.Seq))
		return nil
	}
	return o.show(a, page{word: "withhold", back: rowPage(r.Seq), data: struct {
		deskRow
		Reasons []string
	}{o.deskRow(a, r, false), cancelReasons}})
}

// withholdNow gives points and stock back. The row then says so.
func (o *office) withholdNow(a *ask, me civic.Staff) error {
	seq, key, err := deed(a, a.PathValue("redemption"))
	if err != nil {
		return err
	}
	reason, err := chosen(a, cancelReasons)
	if err != nil {
		return err
	}
	_, err = o.cfg.Store.Cancel(a.Context(), key, seq, me.ID, reason)
	if errors.Is(err, ledger.ErrState) {
		a.redirect(exchangePage(seq))
		return nil
	}
	if err != nil {
		return err
	}
	a.redirect(rowPage(seq))
	return nil
}

// pathRedemption reads the redemption that the path names.
func (o *office) pathRedemption(a *ask) (store.Redemption, error) {
	seq, err := sequence(a.PathValue("redemption"))
	if err != nil {
		return store.Redemption{}, err
	}
	return o.cfg.Store.Redemption(seq)
}
