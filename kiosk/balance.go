package kiosk

import (
	"cmp"
	"slices"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// balance is the first page of a volunteer: what there is, what expires next, and
// where to go from here.
func (s *Server) balance(a *ask) error {
	f, account, err := s.funds(a)
	if err != nil {
		return err
	}
	kept, err := s.keptFor(a)
	if err != nil {
		return err
	}
	return s.show(a, page{word: "balance", data: struct {
		Balance ledger.Points
		Held    ledger.Points // reserved and waiting to be handed over
		Next    *ledger.Part  // what expires next; nil: nothing
		MaySet  bool          // the PIN, because the card was here
		Kept    string        // what is kept here for who asked from elsewhere; "": nothing
		Hours   bool          // a center tells of service
		Goods   bool          // points are taken; not while the center has stopped the kiosk's book
		Rest    *rest
	}{f.Now(), account.Held(), nextExpiry(account), a.visit.byCard, kept, s.cfg.Center != nil, f.Link != linkHalted, s.restOf(a, f)}})
}

// keptFor says what is kept here for the person until some time, and by which code it
// is handed over.
func (s *Server) keptFor(a *ask) (string, error) {
	list, err := s.cfg.Store.RedemptionsOf(a.visit.person, 0, maxOrders)
	if err != nil {
		return "", err
	}
	list = slices.DeleteFunc(list, func(r store.Redemption) bool { return r.State != ledger.Reserved || r.Until == 0 })
	if len(list) == 0 {
		return "", nil
	}
	first := slices.MinFunc(list, func(x, y store.Redemption) int { return cmp.Compare(x.Until, y.Until) })
	texts := s.texts[s.lang(a)]
	until := s.whenText(texts, first.Until*1000)
	if len(list) > 1 {
		return texts.Text("balance.kept_more", "n", len(list), "when", until), nil
	}
	return texts.Text("balance.kept", "what", goodName(texts.Lang, first.Good), "claim", ledger.ClaimText(first.Claim), "when", until), nil
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
