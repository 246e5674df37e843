package store

import (
	"context"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// Receive records goods that came in, in pieces.
func (s *Store) Receive(ctx context.Context, key ledger.Key, good string, pieces int64, operator ledger.ID, note string) (Good, error) {
	return s.stock(ctx, key, good, operator, func(g Good) (ledger.Stock, bool) {
		_, arrival := civic.ParseArrival(note) // only a delivery says that it is one
		return ledger.Stock{Move: ledger.StockReceived, Delta: pieces, Note: note}, pieces > 0 && !arrival
	}, func(b ledger.Stock) bool {
		return b.Move == ledger.StockReceived && b.Delta == pieces && b.Note == note
	})
}

// Count records how many pieces stand on the shelf, the reserved ones included.
func (s *Store) Count(ctx context.Context, key ledger.Key, good string, found int64, operator ledger.ID, note string) (Good, error) {
	return s.stock(ctx, key, good, operator, func(g Good) (ledger.Stock, bool) {
		return ledger.Stock{Move: ledger.StockCounted, Delta: found - g.Shelf.OnHand(), Note: note}, found >= 0
	}, func(b ledger.Stock) bool { return b.Move == ledger.StockCounted && b.OnHand == found && b.Note == note })
}

// Waste records pieces that were thrown away.
func (s *Store) Waste(ctx context.Context, key ledger.Key, good string, pieces int64, operator ledger.ID, note string) (Good, error) {
	return s.stock(ctx, key, good, operator, func(g Good) (ledger.Stock, bool) {
		return ledger.Stock{Move: ledger.StockWasted, Delta: -pieces, Note: note}, pieces > 0
	}, func(b ledger.Stock) bool { return b.Move == ledger.StockWasted && b.Delta == -pieces && b.Note == note })
}

// stock writes one movement. Move makes it of the good as it is now, and same
// tells a repeated request by the entry it made.
func (s *Store) stock(ctx context.Context, key ledger.Key, code string, operator ledger.ID,
	move func(Good) (b ledger.Stock, ok bool), same func(ledger.Stock) bool) (Good, error) {
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		_, again, err := t.again(key, func(b ledger.Body) bool {
			e, ok := b.(ledger.Stock)
			return ok && e.Good == code && e.Operator == operator && same(e)
		})
		if again || err != nil {
			return nil, err
		}
		if _, err := t.servingStaff(operator); err != nil {
			return nil, err
		}
		g, found := t.good(code)
		if !found {
			return nil, fmt.Errorf("%w: good %q", ErrUnknown, code)
		}
		b, ok := move(g)
		g.Shelf.Moved += b.Delta
		if !ok || b.Delta > ledger.MaxCount || b.Delta < -ledger.MaxCount {
			return nil, fmt.Errorf("%w: number of pieces", ErrInput)
		}
		b.Key, b.Good, b.Operator, b.OnHand = key, code, operator, g.Shelf.OnHand()
		return []ledger.Body{b}, g.Shelf.Check()
	}, func(t *tx) Good {
		g, _ := t.good(code)
		return g
	})
}

// CloseDay closes the stretch of entries since the last close and makes a print
// job of its totals, numbered seq.
func (s *Store) CloseDay(ctx context.Context, key ledger.Key, operator ledger.ID) (totals ledger.Totals, seq uint64, err error) {
	totals, err = ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		first, again, err := t.again(key, func(b ledger.Body) bool {
			e, ok := b.(ledger.Staff)
			return ok && e.Act == ledger.StaffCloseDay && e.Operator == operator
		})
		if seq = first; again || err != nil {
			return nil, err
		}
		if _, err := t.servingStaff(operator); err != nil {
			return nil, err
		}
		seq = t.state.Head.Seq + 1
		return []ledger.Body{ledger.Staff{Key: key, Operator: operator, Act: ledger.StaffCloseDay, Totals: t.state.Totals}}, nil
	}, func(t *tx) ledger.Totals {
		_, e, _ := t.entry(seq)
		closed, _ := e.Body.(ledger.Staff)
		return closed.Totals
	})
	return totals, seq, err
}

// SignIn notes that a member of staff works at the kiosk from now on.
func (s *Store) SignIn(ctx context.Context, operator ledger.ID) error {
	return s.sign(ctx, operator, ledger.StaffSignIn)
}

// SignOut notes that a member of staff has left the kiosk.
func (s *Store) SignOut(ctx context.Context, operator ledger.ID) error {
	return s.sign(ctx, operator, ledger.StaffSignOut)
}

func (s *Store) sign(ctx context.Context, operator ledger.ID, act ledger.StaffAct) error {
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		if t.get(bStaff, operator[:]) == nil {
			return nil, fmt.Errorf("%w: %v", ErrNotStaff, operator)
		}
		return []ledger.Body{ledger.Staff{Operator: operator, Act: act}}, nil
	}})
}

// TryPIN counts a try before the PIN is compared, so that pulling the plug gives
// no free tries, and returns the verifier to compare with and the tries so far,
// this one included. It answers ErrLocked, and counts nothing, when there were
// civic.MaxPINTries already.
func (s *Store) TryPIN(ctx context.Context, person ledger.ID) (verifier string, tries int64, err error) {
	state, err := ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		p, err := t.pinOf(person)
		if err == nil && p.tries >= civic.MaxPINTries {
			err = fmt.Errorf("%w: %d", ErrLocked, p.tries)
		}
		return []ledger.Body{ledger.Register{Person: person, Step: ledger.PINTry}}, err
	}, func(t *tx) pinRow {
		p, err := t.pinOf(person)
		if err != nil {
			t.fail(err)
		}
		return p
	})
	return state.verifier, state.tries, err
}

// PINState returns a person's verifier, the one set at the kiosk before the one
// of the document, and the tries since the last clear.
func (s *Store) PINState(person ledger.ID) (verifier string, tries int64, err error) {
	var p pinRow
	var inner error
	err = s.view(func(t *tx) { p, inner = t.pinOf(person) })
	return p.verifier, p.tries, errors.Join(err, inner)
}

// ClearPIN forgets the tries of a person whose PIN was right, or who showed a
// card. Operator is who helped; zero: nobody.
func (s *Store) ClearPIN(ctx context.Context, person, operator ledger.ID) error {
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		p, err := t.pinOf(person)
		if err != nil || p.tries == 0 {
			return nil, err
		}
		return []ledger.Body{ledger.Register{Person: person, Step: ledger.PINClear, Operator: operator}}, nil
	}})
}

// SetPIN sets a person's PIN to the one with this verifier, see civic.HashPIN.
func (s *Store) SetPIN(ctx context.Context, person ledger.ID, verifier string, operator ledger.ID) error {
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		if verifier == "" {
			return nil, fmt.Errorf("%w: no verifier", ErrInput)
		}
		_, err := t.pinOf(person)
		return []ledger.Body{ledger.Register{Person: person, Step: ledger.PINSet, Verifier: []byte(verifier), Operator: operator}}, err
	}})
}

// pinOf returns the PIN of a volunteer or a member of staff.
func (t *tx) pinOf(person ledger.ID) (pinRow, error) {
	var known struct {
		PIN string `json:"pin"`
	}
	if !t.document(bVolunteer, person[:], &known) && !t.document(bStaff, person[:], &known) {
		return pinRow{}, fmt.Errorf("%w: person %v", ErrUnknown, person)
	}
	p := t.pin(person)
	if p.verifier == "" {
		p.verifier = known.PIN
	}
	return p, nil
}
