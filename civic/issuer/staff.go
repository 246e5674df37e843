package issuer

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"yizhan/civic"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// readStaff reads the list of staff. Each who has no card yet gets one, and a PIN.
func (r *run) readStaff(ctx context.Context, path string, file *File) error {
	summary, err := sheet.ReadStaff(ctx, path, func(o sheet.Officer) error {
		if civic.HoldsPrivateNumber(o.Name) {
			r.rejectLate(file, *reject(o.Sheet, o.Row, CodePrivate), officerColumns, func() []string { return officerCells(o) })
			return nil
		}
		return r.acceptStaff(o)
	}, func(rej sheet.Rejection) error { return r.rejectRow(file, rej) })
	return r.finish(file, summary, err)
}

func (r *run) acceptStaff(o sheet.Officer) error {
	if len(r.staff) == civic.MaxStaff {
		return fmt.Errorf("more than %d members of staff", civic.MaxStaff)
	}
	key := r.identity.staffKey(o.Number, o.Name)
	var old civic.Staff
	at := slices.IndexFunc(r.register.staff, func(s civic.Staff) bool { return slices.Contains(s.Keys, key) })
	if at >= 0 {
		old = r.register.staff[at]
	}
	s := old
	s.Name, s.Role, s.Keys = strings.Clone(o.Name), civic.Role(o.Role), []civic.KeyHash{key}
	if !civic.HoldsPrivateNumber(o.Number) {
		s.Number = strings.Clone(o.Number)
	}
	if at < 0 {
		s.ID = r.identity.newID(key)
	}
	if len(s.Cards) == 0 || r.lost[s.ID] {
		if err := r.issueStaff(&s); err != nil {
			return err
		}
	}
	changed := !sameJSON(s, old)
	if changed {
		s.Version = r.serial
	}
	r.count(sheet.KindStaff, at < 0, changed)
	r.staff = append(r.staff, s)
	return nil
}

// issueStaff makes a card and a PIN, if there is a sheet to print them on.
func (r *run) issueStaff(s *civic.Staff) error {
	if !r.wantCards {
		r.cardless++
		return nil
	}
	secret, err := civic.NewCard(r.Random)
	if err != nil {
		return err
	}
	pin, verifier, err := NewPIN(r.Random)
	if err != nil {
		return err
	}
	s.Cards, s.PIN = []civic.CardID{secret.ID()}, verifier
	r.cards = append(r.cards, PrintedCard{Secret: secret, Name: s.Name, Number: s.Number, Role: s.Role, PIN: pin})
	return nil
}

var pinSpace = big.NewInt(1_000_000) // civic.PINDigits digits

// NewPIN draws a PIN that is not too easy to guess.
func NewPIN(random io.Reader) (pin, verifier string, err error) {
	for range 100 {
		n, err := rand.Int(random, pinSpace)
		if err != nil {
			return "", "", fmt.Errorf("drawing a PIN: %w", err)
		}
		pin = fmt.Sprintf("%0*d", civic.PINDigits, n)
		if verifier, err = civic.HashPIN(pin, civic.MinPINCost, random); err == nil {
			return pin, verifier, nil
		}
	}
	return "", "", fmt.Errorf("drawing a PIN: %w", civic.ErrPINForm)
}

// keepStaff adds those whom the list does not name. After a list without faults
// they lose card and PIN: whoever has left must not be able to sign in.
func (r *run) keepStaff() error {
	named := make(map[ledger.ID]bool)
	for _, s := range r.staff {
		named[s.ID] = true
	}
	file := r.files[sheet.KindStaff]
	for _, s := range r.register.staff {
		if named[s.ID] {
			continue
		}
		switch {
		case file.complete():
			if len(s.Cards) > 0 || s.PIN != "" {
				s.Cards, s.PIN, s.Version, r.changed = nil, "", r.serial, true
				file.Left++
			}
		case r.lost[s.ID]:
			if err := r.issueStaff(&s); err != nil {
				return err
			}
			s.Version, r.changed = r.serial, true
		}
		r.staff = append(r.staff, s)
	}
	slices.SortFunc(r.staff, byID(func(s civic.Staff) ledger.ID { return s.ID }))
	return nil
}
