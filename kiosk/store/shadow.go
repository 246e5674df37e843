package store

import (
	"fmt"

	"yizhan/ledger"
)

// shadow folds entries in memory, with nothing but package ledger, so that the
// balances of a book are proved by a second way of reckoning them.
type shadow struct {
	accounts    map[ledger.ID]ledger.Account
	shelves     map[string]ledger.Shelf
	redemptions map[uint64]ledger.Redemption
	arrived     map[string]uint64 // by the key of its row
	checks      shadowRows
	era, halt   string
}

func newShadow() *shadow {
	return &shadow{accounts: make(map[ledger.ID]ledger.Account), shelves: make(map[string]ledger.Shelf), redemptions: make(map[uint64]ledger.Redemption), arrived: make(map[string]uint64), checks: make(shadowRows)}
}

func (s *shadow) apply(e ledger.Entry) error {
	switch b := e.Body.(type) {
	case ledger.Reserve:
		s.accounts[b.Volunteer], s.shelves[b.Good] = b.Apply(s.accounts[b.Volunteer], s.shelves[b.Good])
		s.redemptions[e.Seq] = ledger.Redemption{Reserve: b, Seq: e.Seq, State: ledger.Reserved}
	case ledger.Settle:
		return s.step(b.Redemption, ledger.Redemption.Settle)
	case ledger.Cancel:
		return s.step(b.Redemption, ledger.Redemption.Cancel)
	case ledger.Refund:
		return s.step(b.Redemption, func(r ledger.Redemption, a ledger.Account, f ledger.Shelf) (ledger.Redemption, ledger.Account, ledger.Shelf, error) {
			return r.Refund(a, f, b.Restock)
		})
	case ledger.Return:
		s.accounts[b.Volunteer] = s.accounts[b.Volunteer].Return(b.Parts)
	case ledger.Stock:
		shelf := s.shelves[b.Good]
		shelf.Moved += b.Delta
		s.shelves[b.Good] = shelf
		if a, ok := arrivalOf(b); ok && s.arrived[string(arrivalKey(a.Delivery, a.Line))] == 0 {
			s.arrived[string(arrivalKey(a.Delivery, a.Line))] = e.Seq
		}
	case ledger.CheckIn, ledger.CheckOut, ledger.Confirm, ledger.Object, ledger.Enlist:
		s.checks.apply(e)
	case ledger.Device:
		switch b.Event {
		case ledger.DeviceEra:
			s.era = b.Text
		case ledger.DeviceHalt:
			s.halt = b.Text
		}
	}
	return nil
}

func (s *shadow) step(seq uint64, step func(ledger.Redemption, ledger.Account, ledger.Shelf) (ledger.Redemption, ledger.Account, ledger.Shelf, error)) error {
	r, found := s.redemptions[seq]
	if !found {
		return fmt.Errorf("%w: redemption %d", ErrUnknown, seq)
	}
	r, account, shelf, err := step(r, s.accounts[r.Volunteer], s.shelves[r.Good])
	if err != nil {
		return err
	}
	s.accounts[r.Volunteer], s.shelves[r.Good] = account, shelf
	if s.redemptions[seq] = r; r.State != ledger.Settled {
		delete(s.redemptions, seq) // nothing more can happen to it
	}
	return nil
}

// settleAccount takes the stored row of an account and tells whether the
// counters that the kiosk writes are those of the entries, and whether nothing
// is overspent. Each account is settled once.
func (s *shadow) settleAccount(id ledger.ID, stored ledger.Account) error {
	want := s.accounts[id]
	delete(s.accounts, id)
	for _, r := range stored.Rights {
		granted := r.Granted
		r.Granted = 0
		var own ledger.Right
		if len(want.Rights) > 0 && want.Rights[0].Expires == r.Expires {
			own, want.Rights = want.Rights[0], want.Rights[1:]
		}
		if own.Expires = r.Expires; own != r {
			return fmt.Errorf("account %v, lot %v: %+v is stored, the entries give %+v (granted %d)", id, r.Expires, r, own, granted)
		}
	}
	if len(want.Rights) > 0 {
		return fmt.Errorf("account %v: lot %v is missing", id, want.Rights[0].Expires)
	}
	return nil
}

func (s *shadow) settleShelf(code string, stored ledger.Shelf) error {
	want := s.shelves[code]
	delete(s.shelves, code)
	if want.Delivered = stored.Delivered; want != stored {
		return fmt.Errorf("shelf %s: %+v is stored, the entries give %+v", code, stored, want)
	}
	return nil
}

// left says which accounts and shelves have entries and no row.
func (s *shadow) left() (what []string) {
	for id := range s.accounts {
		what = append(what, fmt.Sprintf("account %v is missing", id))
	}
	for code := range s.shelves {
		what = append(what, fmt.Sprintf("shelf %s is missing", code))
	}
	for key := range s.arrived {
		what = append(what, fmt.Sprintf("the arrival %q is missing", key))
	}
	for key := range s.checks {
		what = append(what, fmt.Sprintf("%v %x is missing", key.in, key.key))
	}
	return what
}

func (p *proof) checkRight(key, plain []byte) {
	a, err := decodeAccount(plain)
	if err == nil && len(key) != idBytes {
		err = errRow
	}
	if err == nil {
		err = p.fold.settleAccount(ledger.ID(key), a)
	}
	if err != nil {
		p.damage("balance", "%v", err)
	}
	if a.Check() != nil {
		p.overspent++
	}
}

func (p *proof) checkShelf(code string, plain []byte) {
	var s ledger.Shelf
	rest, err := unpackInts(plain, &s.Delivered, &s.Moved, &s.Sold, &s.Restocked, &s.Held)
	if err == nil && len(rest) > 0 {
		err = errRow
	}
	if err == nil {
		err = p.fold.settleShelf(code, s)
	}
	if err != nil {
		p.damage("balance", "%v", err)
	}
}

// checkArrival holds a line that was received against the entries.
func (p *proof) checkArrival(key, plain []byte) {
	want := p.fold.arrived[string(key)]
	delete(p.fold.arrived, string(key))
	if want == 0 || string(seqKey(want)) != string(plain) {
		p.damage("arrival", "%q: %x is stored, the entries give %d", key, plain, want)
	}
}
