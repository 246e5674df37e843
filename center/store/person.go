package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectPerson = `SELECT town, home, version, body FROM person WHERE volunteer = $1`
	upsertPerson = `INSERT INTO person (volunteer, town, home, version, body) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (volunteer) DO UPDATE SET town = excluded.town, home = excluded.home, version = excluded.version, body = excluded.body`
	raisePerson    = `UPDATE person SET version = version + 1 WHERE volunteer = $1`
	selectHistory  = `SELECT body FROM earning WHERE volunteer = $1 ORDER BY made_ms DESC, id LIMIT $2`
	selectCard     = `SELECT volunteer FROM card WHERE card = $1`
	upsertCard     = `INSERT INTO card (card, volunteer) VALUES ($1, $2) ON CONFLICT (card) DO UPDATE SET volunteer = excluded.volunteer`
	deleteCard     = `DELETE FROM card WHERE card = $1 AND volunteer = $2`
	insertOutbox   = `INSERT INTO outbox (volunteer, id, kind, target, epoch, points, made_ms, sent) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`
	selectOutboxID = `SELECT points FROM outbox WHERE volunteer = $1 AND id = $2`
)

// Person is what the center knows of a volunteer, beside the points.
type Person struct {
	civic.Volunteer        // Earned and Linked are the store's to fill in
	Town            string // scope in which the volunteer's document lives
	Home            string // kiosk that new points go to; "": they stay free at the center
}

// PutPerson registers a volunteer or changes what is known of one. The document
// goes to the town's scope, and every card opens the account at any kiosk.
func (s *Store) PutPerson(ctx context.Context, p Person) error {
	if p.ID.IsZero() || p.Name == "" || p.Town == "" || p.Home != "" && !ledger.ValidKiosk(p.Home) {
		return fmt.Errorf("%w: a volunteer has an id, a name, a town, and a home that is a kiosk", ErrInput)
	}
	minVersion := p.Version
	p.Earned, p.Linked, p.Version = nil, true, 0
	body, err := json.Marshal(p.Volunteer)
	if err != nil {
		return fmt.Errorf("writing a volunteer: %w", err)
	}
	id, err := s.randomID()
	if err != nil {
		return err
	}
	err = s.write(ctx, "registering a volunteer", p.ID.String(), func(t *txn) error {
		old, found, err := t.person()
		if err != nil || found && bytes.Equal(old.body, body) && old.Town == p.Town && old.Home == p.Home {
			return err
		}
		version := max(old.Version+1, minVersion)
		if _, err := t.exec(upsertPerson, p.Town, p.Home, int64(version), body); err != nil {
			return err
		}
		if found && old.Town != p.Town {
			if err := t.post(id+"-left", outboxPerson, old.Town, 0, 0, s.now()); err != nil {
				return err
			}
		}
		if err := t.post(id, outboxPerson, p.Town, 0, 0, s.now()); err != nil {
			return err
		}
		cards := slices.Concat(old.Cards, p.Cards)
		for i, card := range cards {
			if slices.Contains(cards[:i], card) {
				continue
			}
			if err := t.post(fmt.Sprintf("%s-card%d", id, i), outboxCard, cardText(card), 0, 0, s.now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.deliver(ctx, p.ID)
}

func cardText(card civic.CardID) string {
	text, _ := card.MarshalText() // never fails
	return string(text)
}

// storedPerson is a person and the bytes that stand in the table.
type storedPerson struct {
	Person
	body []byte
}

func (t *txn) person() (p storedPerson, found bool, err error) {
	var version int64
	found, err = t.one(selectPerson, nil, &p.Town, &p.Home, &version, &p.body)
	if err != nil || !found {
		return p, found, err
	}
	if err := json.Unmarshal(p.body, &p.Volunteer); err != nil {
		return p, true, bug("a volunteer that cannot be read: %v", err)
	}
	p.Version = uint64(version)
	return p, true, nil
}

// document is the volunteer as kiosks are told: linked, with the latest lines of
// history, the oldest first.
func (t *txn) document() (p storedPerson, err error) {
	p, found, err := t.person()
	if err != nil {
		return p, err
	}
	if !found {
		return p, fmt.Errorf("%w: volunteer %v", ErrUnknown, t.shard)
	}
	p.Linked = true
	err = t.each(selectHistory, []any{int64(maxEarned)}, func(rows scanner) error {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var e civic.Earning
		if err := json.Unmarshal(body, &e); err != nil {
			return bug("an earning that cannot be read: %v", err)
		}
		p.Earned = append(p.Earned, e)
		return nil
	})
	slices.Reverse(p.Earned)
	slices.SortStableFunc(p.Earned, func(a, b civic.Earning) int { return int(a.On - b.On) })
	return p, err
}

// Person returns a volunteer with the latest lines of history, or ErrUnknown.
func (s *Store) Person(ctx context.Context, id ledger.ID) (p Person, err error) {
	err = s.read(ctx, "reading a volunteer", id.String(), func(t *txn) error {
		stored, err := t.document()
		p = stored.Person
		return err
	})
	return p, err
}

// Identify finds whose card it is, or answers ErrUnknown.
func (s *Store) Identify(ctx context.Context, card civic.CardID) (Person, error) {
	var volunteer ledger.ID
	err := s.read(ctx, "identifying a card", cardText(card), func(t *txn) error {
		var text string
		found, err := t.one(selectCard, nil, &text)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w: the card", ErrUnknown)
		}
		volunteer, err = ledger.ParseID(text)
		return err
	})
	if err != nil {
		return Person{}, err
	}
	return s.Person(ctx, volunteer)
}
