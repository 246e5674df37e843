package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectMerchant   = `SELECT version, body FROM merchant WHERE scope = $1 AND id = $2`
	upsertMerchant   = `INSERT INTO merchant (scope, id, version, body) VALUES ($1, $2, $3, $4) ON CONFLICT (scope, id) DO UPDATE SET version = excluded.version, body = excluded.body`
	scatterMerchants = `SELECT id, scope, version, body FROM merchant WHERE id > $1 ORDER BY id LIMIT $2`
	scatterMerchant  = `SELECT scope, version, body FROM merchant WHERE id = $1`
)

// MerchantKind says whether goods are paid for or given.
type MerchantKind string

// Kinds of those whom goods come from.
const (
	Seller MerchantKind = "merchant" // is paid for what was redeemed, see the settlement
	Donor  MerchantKind = "donor"    // gives
)

// Merchant is whom goods come from: a shop that is paid for what volunteers redeem,
// or somebody who gives. It stands at a place of the org tree; a good of that place
// or below may name it, see civic.Good.Merchant. Nobody is ever deleted: whom
// nothing comes from any more is closed.
type Merchant struct {
	ID      string       `json:"id"` // MerchantID; no other place has the same
	Scope   string       `json:"-"`
	Version uint64       `json:"-"` // from 1, one more with each change
	Kind    MerchantKind `json:"kind"`
	Name    string       `json:"name"`
	License string       `json:"license,omitempty"` // of the business, or an identity code of the organisation
	Address string       `json:"address,omitempty"`
	Contact string       `json:"contact,omitempty"` // a person
	Phone   string       `json:"phone,omitempty"`
	Terms   string       `json:"terms,omitempty"`   // what was agreed: a discount by star, say
	Account string       `json:"account,omitempty"` // that the settlement is paid into
	Quota   int64        `json:"quota,omitempty"`   // points redeemed with it in a month, beyond which it need not deliver; 0: none agreed
	From    ledger.Day   `json:"from,omitzero"`     // the agreement's first day; 0: it has none
	Until   ledger.Day   `json:"until,omitzero"`    // and its last
	Note    string       `json:"note,omitempty"`
	Closed  bool         `json:"closed,omitempty"`
}

// MerchantID tells whether a text can be a merchant's id: what randomID makes.
func MerchantID(id string) bool { return civic.ValidMerchant(id) }

// On tells whether the agreement is in force on a day.
func (m Merchant) On(day ledger.Day) bool {
	return !m.Closed && (m.From == 0 || m.From <= day) && (m.Until == 0 || day <= m.Until)
}

// NewMerchantID draws an id for a merchant that is to be added, so that a form that
// is sent twice adds one.
func (s *Store) NewMerchantID() (string, error) { return s.randomID() }

// PutMerchant writes a merchant into its scope and leaves an act. Was is the
// version that the officer has seen, 0 for a new one: when another one stands
// there it answers ErrChanged and writes nothing.
func (s *Store) PutMerchant(ctx context.Context, was uint64, m Merchant) error {
	if err := m.check(); err != nil {
		return err
	}
	return s.write(ctx, "writing a merchant", m.Scope, func(t *txn) error {
		if _, err := t.scope(m.Scope); err != nil {
			return err
		}
		before, found, err := t.merchant(m.ID)
		if err != nil {
			return err
		}
		m.Version = before.Version
		switch {
		case before == m:
			return nil // it stands there: a transaction that is repeated finds its own
		case before.Version != was:
			return fmt.Errorf("%w: merchant %s is at version %d, version %d was seen", ErrChanged, m.ID, before.Version, was)
		}
		var stood any
		if found {
			stood = before
		}
		if err := t.act(s.now(), t.actor(), merchantAct(before, m, found), stood, m); err != nil {
			return err
		}
		body, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("writing a merchant: %w", err)
		}
		return t.change(upsertMerchant, m.ID, int64(was)+1, body)
	})
}

// merchantAct is what writing a merchant comes to.
func merchantAct(before, m Merchant, found bool) string {
	switch {
	case !found:
		return "merchant.added"
	case m.Closed && !before.Closed:
		return "merchant.closed"
	case before.Closed && !m.Closed:
		return "merchant.opened"
	}
	return "merchant.changed"
}

func (m Merchant) check() error {
	if !MerchantID(m.ID) || m.Kind != Seller && m.Kind != Donor || m.Name == "" || !GoodName(m.Name) {
		return fmt.Errorf("%w: merchant %q, %q", ErrInput, m.ID, m.Name)
	}
	for _, text := range []string{m.License, m.Address, m.Contact, m.Phone, m.Terms, m.Account, m.Note} {
		if utf8.RuneCountInString(text) > MaxMerchantText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Errorf("%w: merchant %s says %q", ErrInput, m.ID, text)
		}
	}
	if m.Quota < 0 || m.Quota > int64(ledger.MaxPoints) || m.From < 0 || m.From > ledger.MaxDay || m.Until < 0 || m.Until > ledger.MaxDay || m.Until != 0 && m.Until < m.From {
		return fmt.Errorf("%w: merchant %s from %v until %v, %d points", ErrInput, m.ID, m.From, m.Until, m.Quota)
	}
	return nil
}

func (t *txn) merchant(id string) (m Merchant, found bool, err error) {
	var version int64
	var body []byte
	if found, err = t.one(selectMerchant, []any{id}, &version, &body); err != nil || !found {
		return m, found, err
	}
	m, err = readMerchant(fmt.Sprint(t.shard), version, body)
	return m, true, err
}

func readMerchant(scope string, version int64, body []byte) (m Merchant, err error) {
	if err := json.Unmarshal(body, &m); err != nil {
		return m, bug("a merchant of %q: %v", scope, err)
	}
	m.Scope, m.Version = scope, uint64(version)
	return m, nil
}

// Merchants returns all merchants and donors of all scopes, closed ones too, by id.
func (s *Store) Merchants(ctx context.Context) (list []Merchant, err error) {
	err = s.pages(ctx, "listing merchants", scatterMerchants, nil, func(rows scanner) (string, error) {
		var id, scope string
		var version int64
		var body []byte
		if err := rows.Scan(&id, &scope, &version, &body); err != nil {
			return "", err
		}
		m, err := readMerchant(scope, version, body)
		list = append(list, m)
		return id, err
	})
	slices.SortFunc(list, func(x, y Merchant) int { return strings.Compare(x.ID, y.ID) })
	return slices.CompactFunc(list, func(x, y Merchant) bool { return x.ID == y.ID }), err
}

// Merchant returns the one with an id, in whichever scope it stands.
func (s *Store) Merchant(ctx context.Context, id string) (m Merchant, err error) {
	found := false
	err = s.scatter(ctx, "looking for a merchant", scatterMerchant, []any{id}, func() { m, found = Merchant{}, false }, func(rows scanner) error {
		var scope string
		var version int64
		var body []byte
		if err := rows.Scan(&scope, &version, &body); err != nil {
			return err
		}
		found = true
		m, err = readMerchant(scope, version, body)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: merchant %q", ErrUnknown, id)
	}
	return m, err
}

// PlacedGood is a good with the scope that it stands in.
type PlacedGood struct {
	Scope string
	civic.Good
}

// GoodsFrom lists the goods of all scopes that come from a merchant, by scope and
// code; withdrawn ones too.
func (s *Store) GoodsFrom(ctx context.Context, merchant string) (list []PlacedGood, err error) {
	goods, err := s.goodsByScope(ctx)
	for scope, here := range goods {
		for _, g := range here {
			if g.Merchant == merchant {
				list = append(list, PlacedGood{scope, g})
			}
		}
	}
	slices.SortFunc(list, func(x, y PlacedGood) int {
		return strings.Compare(x.Scope+"\x00"+x.Code, y.Scope+"\x00"+y.Code)
	})
	return list, err
}

// GoodsAt is what a kiosk offers or offered, by code, merged from its own scope and
// those above as the kiosk does. Whom a good comes from is its Merchant.
func (s *Store) GoodsAt(ctx context.Context, kiosk string) (map[string]civic.Good, error) {
	chain, err := s.Scopes(ctx, kiosk)
	if err != nil {
		return nil, err
	}
	all := make(map[string]civic.Good)
	for _, scope := range chain {
		goods, err := s.Goods(ctx, scope.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range goods {
			all[g.Code] = all[g.Code].Merge(g)
		}
	}
	return all, nil
}

// GoodsByMerchant counts the goods of all scopes that are offered, by merchant.
func (s *Store) GoodsByMerchant(ctx context.Context) (map[string]int, error) {
	goods, err := s.goodsByScope(ctx)
	n := make(map[string]int)
	for _, here := range goods {
		for _, g := range here {
			if g.Merchant != "" && !g.Withdrawn {
				n[g.Merchant]++
			}
		}
	}
	return n, err
}
