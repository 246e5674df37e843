package store

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectPerson = `SELECT town, home, household, version, body, profile, sealed FROM person WHERE volunteer = $1`
	upsertPerson = `INSERT INTO person (volunteer, town, home, household, version, body, profile, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (volunteer) DO UPDATE SET town = excluded.town, home = excluded.home, household = excluded.household, version = excluded.version, body = excluded.body,
			profile = excluded.profile, sealed = excluded.sealed`
	updateAside    = `UPDATE person SET household = $2, profile = $3, sealed = $4 WHERE volunteer = $1`
	raisePerson    = `UPDATE person SET version = version + 1 WHERE volunteer = $1`
	selectHistory  = `SELECT body FROM earning WHERE volunteer = $1 ORDER BY made_ms DESC, id LIMIT $2`
	selectCard     = `SELECT volunteer FROM card WHERE card = $1`
	upsertCard     = `INSERT INTO card (card, volunteer) VALUES ($1, $2) ON CONFLICT (card) DO UPDATE SET volunteer = excluded.volunteer`
	deleteCard     = `DELETE FROM card WHERE card = $1 AND volunteer = $2`
	selectKey      = `SELECT volunteer FROM personkey WHERE hash = $1`
	upsertKey      = `INSERT INTO personkey (hash, volunteer) VALUES ($1, $2) ON CONFLICT (hash) DO UPDATE SET volunteer = excluded.volunteer`
	deleteKey      = `DELETE FROM personkey WHERE hash = $1 AND volunteer = $2`
	insertOutbox   = `INSERT INTO outbox (volunteer, id, kind, target, epoch, points, made_ms, sent) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`
	selectOutboxID = `SELECT points FROM outbox WHERE volunteer = $1 AND id = $2`
)

// Person is what the center knows of a volunteer, beside the points.
type Person struct {
	civic.Volunteer        // Earned, Served and Linked are the store's to fill in
	Town            string // scope in which the volunteer's document lives
	Home            string // kiosk that new points go to; "": they stay free at the center
	Household       string // those who have the same one live together; "": not known. Kiosks are not told

	// Of what no kiosk knows: what the national system asks, and the numbers of id card
	// and phone, sealed by the center's keys.
	Profile civic.Profile
	Sealed  []byte
}

// PutPerson registers a volunteer or changes what is known of one. The document
// goes to the town's scope, and every card opens the account at any kiosk.
func (s *Store) PutPerson(ctx context.Context, p Person) error {
	if p.ID.IsZero() || p.Name == "" || p.Town == "" || p.Home != "" && !ledger.ValidKiosk(p.Home) {
		return fmt.Errorf("%w: a volunteer has an id, a name, a town, and a home that is a kiosk", ErrInput)
	}
	id, err := s.randomID()
	if err != nil {
		return err
	}
	err = s.write(ctx, "registering a volunteer", p.ID.String(), func(t *txn) error {
		old, found, err := t.person()
		if err != nil {
			return err
		}
		if len(p.Keys) == 0 {
			p.Keys = old.Keys // nobody but a list brings any
		}
		if p.Household == "" {
			p.Household = old.Household // nor does anybody but an officer say it
		}
		if p.Profile.IsZero() && p.Sealed == nil {
			p.Profile, p.Sealed = old.Profile, old.Sealed
		}
		_, _, err = t.putPerson(old, found, p, id, s.now())
		return err
	})
	if err != nil {
		return err
	}
	return s.deliver(ctx, p.ID)
}

// putPerson writes what is known of a volunteer, and posts whom that concerns. It
// tells whether it is another thing than was known, and whether the document is, which
// is posted then.
func (t *txn) putPerson(old storedPerson, found bool, p Person, id string, now int64) (changed, posted bool, err error) {
	minVersion := p.Version
	p.Earned, p.Served, p.Linked, p.Version = nil, 0, true, 0
	body, err := json.Marshal(p.Volunteer)
	if err != nil {
		return false, false, fmt.Errorf("writing a volunteer: %w", err)
	}
	profile, aside, err := p.aside(old.Person)
	if err != nil {
		return false, false, err
	}
	if found && bytes.Equal(old.body, body) && old.Town == p.Town && old.Home == p.Home {
		if aside { // no kiosk's business
			err = t.exec(updateAside, p.Household, profile, filled(p.Sealed))
		}
		return aside, false, err
	}
	version := max(old.Version+1, minVersion)
	if err := t.exec(upsertPerson, p.Town, p.Home, p.Household, int64(version), body, profile, filled(p.Sealed)); err != nil {
		return false, false, err
	}
	return true, true, t.announcePerson(old, found, p, id, now)
}

// announcePerson posts whom it concerns that a volunteer is another one now.
func (t *txn) announcePerson(old storedPerson, found bool, p Person, id string, now int64) error {
	if err := t.list(p); err != nil {
		return err
	}
	if found && old.Home != p.Home {
		if err := t.moveHome(old.Home, p.Home, now); err != nil {
			return err
		}
	}
	if found && old.Town != p.Town {
		if err := t.post(id+"-left", outboxPerson, old.Town, 0, 0, now); err != nil {
			return err
		}
	}
	if p.Town != "" {
		if err := t.post(id, outboxPerson, p.Town, 0, 0, now); err != nil {
			return err
		}
	}
	if err := postAll(t, id+"-card", outboxCard, slices.Concat(old.Cards, p.Cards), now); err != nil {
		return err
	}
	return postAll(t, id+"-key", outboxKey, slices.Concat(old.Keys, p.Keys), now)
}

// aside writes what no kiosk knows, and tells whether it is another thing than before.
func (p Person) aside(old Person) (profile []byte, changed bool, err error) {
	if err := p.Profile.Check(); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrInput, err)
	}
	if !p.Profile.IsZero() {
		if profile, err = json.Marshal(p.Profile); err != nil {
			return nil, false, fmt.Errorf("writing a profile: %w", err)
		}
	}
	return filled(profile), p.Household != old.Household || !p.Profile.Equal(old.Profile) || !bytes.Equal(p.Sealed, old.Sealed), nil
}

// postAll posts each hash once.
func postAll[H interface {
	comparable
	encoding.TextMarshaler
}](t *txn, id, kind string, hashes []H, now int64) error {
	for i, hash := range hashes {
		if slices.Contains(hashes[:i], hash) {
			continue
		}
		if err := t.post(fmt.Sprint(id, i), kind, hashText(hash), 0, 0, now); err != nil {
			return err
		}
	}
	return nil
}

// hashText is a card or a key as it stands in a table.
func hashText(hash encoding.TextMarshaler) string {
	text, _ := hash.MarshalText() // never fails
	return string(text)
}

// storedPerson is a person and the bytes that stand in the table.
type storedPerson struct {
	Person
	keys []civic.KeyHash // as they stand there; a document has none
	body []byte
}

func (t *txn) person() (p storedPerson, found bool, err error) {
	var version int64
	var profile []byte
	found, err = t.one(selectPerson, nil, &p.Town, &p.Home, &p.Household, &version, &p.body, &profile, &p.Sealed)
	if err != nil || !found {
		return p, found, err
	}
	if err := json.Unmarshal(p.body, &p.Volunteer); err != nil {
		return p, true, bug("a volunteer that cannot be read: %v", err)
	}
	if err := readProfile(profile, &p.Profile); err != nil {
		return p, true, err
	}
	p.Version, p.keys = uint64(version), p.Keys
	return p, true, nil
}

// readProfile reads what aside wrote.
func readProfile(body []byte, p *civic.Profile) error {
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, p); err != nil {
		return bug("a profile that cannot be read: %v", err)
	}
	return nil
}

// document is the volunteer as kiosks are told: linked, without the keys that
// lists know a person by, and with the latest lines of history, the oldest first.
func (t *txn) document() (p storedPerson, err error) {
	p, found, err := t.person()
	if err != nil {
		return p, err
	}
	if !found {
		return p, fmt.Errorf("%w: volunteer %v", ErrUnknown, t.shard)
	}
	p.Linked, p.Keys = true, nil
	var honour int64
	if _, err := t.one(sumHonour, nil, &honour); err != nil {
		return p, err
	}
	if _, err := t.one(sumAttended, nil, &p.Served); err != nil {
		return p, err
	}
	p.Served += honour
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

// Named reads what is known of volunteers, without their history. Those whom nobody
// knows are left out.
func (s *Store) Named(ctx context.Context, ids []ledger.ID) (map[ledger.ID]Person, error) {
	keys, read := make([]string, len(ids)), make([]Person, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	err := s.readEach(ctx, "reading volunteers", keys, func(t *txn, i int) error {
		p, _, err := t.person()
		read[i] = p.Person
		return err
	})
	named := make(map[ledger.ID]Person, len(ids))
	for _, p := range read {
		if !p.ID.IsZero() {
			named[p.ID] = p
		}
	}
	return named, err
}

// Identify finds whose card it is, or answers ErrUnknown.
func (s *Store) Identify(ctx context.Context, card civic.CardID) (Person, error) {
	return s.hashed(ctx, "identifying a card", selectCard, card)
}

// ByKey finds whom lists know by a number, or answers ErrUnknown.
func (s *Store) ByKey(ctx context.Context, key civic.KeyHash) (Person, error) {
	return s.hashed(ctx, "looking for a person", selectKey, key)
}

// hashed finds the volunteer whom a hash leads to.
func (s *Store) hashed(ctx context.Context, what, statement string, hash encoding.TextMarshaler) (Person, error) {
	var volunteer ledger.ID
	err := s.read(ctx, what, hashText(hash), func(t *txn) error {
		var text string
		found, err := t.one(statement, nil, &text)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w: nobody has it", ErrUnknown)
		}
		volunteer, err = ledger.ParseID(text)
		return err
	})
	if err != nil {
		return Person{}, err
	}
	return s.Person(ctx, volunteer)
}
