package kiosk

import (
	"yizhan/ledger"
)

// balance is the first page of a volunteer: what there is, what expires next, and
// where to go from here.
func (s *Server) balance(a *ask) error {
	f, account, err := s.funds(a)
	if err != nil {
		return err
	}
	return s.show(a, page{word: "balance", data: struct {
		Balance ledger.Points
		Held    ledger.Points // reserved and waiting to be handed over
		Next    *ledger.Part  // what expires next; nil: nothing
		MaySet  bool          // the PIN, because the card was here
		Rest    *rest
	}{f.Now(), account.Held(), nextExpiry(account), a.visit.byCard, s.restOf(a, f)}})
}

// nextExpiry is the earliest lot with points left in it.
func nextExpiry(a ledger.Account) *ledger.Part {
	for _, r := range a.Rights {
		if p := r.Spendable(); p > 0 {
			return &ledger.Part{Expires: r.Expires, Points: p}
		}
	}
	return nil
}
