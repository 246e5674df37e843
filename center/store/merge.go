package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Two records of one person become one. The other record stays as a pointer: its cards
// and keys are the kept one's, and its points are passed on as they can be had, each as
// a reversal there and an earning here.
//
// Everything is written in the other record's shard in one transaction. What the kept
// one gets follows through the outbox: "merge" rows, which bring what is known of the
// person, each turn of a merge once; and "heir" rows, which bring points that a
// reversal has taken, each once by the key of its earning. So a crash between two steps
// loses nothing and doubles nothing.
const (
	selectMerged = `SELECT other, turn, body, who, made_ms FROM merged WHERE volunteer = $1`
	upsertMerged = `INSERT INTO merged (volunteer, other, turn, body, who, made_ms) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (volunteer) DO UPDATE SET other = excluded.other, turn = excluded.turn, body = excluded.body, who = excluded.who, made_ms = excluded.made_ms`
	selectAbsorbed  = `SELECT turn FROM absorbed WHERE volunteer = $1 AND other = $2`
	upsertAbsorbed  = `INSERT INTO absorbed (volunteer, other, turn) VALUES ($1, $2, $3) ON CONFLICT (volunteer, other) DO UPDATE SET turn = excluded.turn`
	selectAbsorbeds = `SELECT other, turn FROM absorbed WHERE volunteer = $1 ORDER BY other`
	dropWishes      = `UPDATE reversal SET state = 'dropped', ended_ms = $3 WHERE volunteer = $1 AND state = 'wanted' AND heir = $2`
	scatterPassable = `SELECT DISTINCT m.volunteer FROM merged m JOIN lot l ON l.volunteer = m.volunteer
		WHERE m.turn % 2 = 1 AND l.free > 0 AND l.expires >= $3 AND m.volunteer > $1 ORDER BY m.volunteer LIMIT $2`
)

// Merge is what an officer makes of two records.
type Merge struct {
	Kept, Other         ledger.ID
	KeptSeen, OtherSeen string   // Record.Stand of both
	Take                []string // fields that the kept record gets from the other: name, number, phone, town, home
	Sealed              []byte   // numbers of both, sealed for the kept record
	By                  string
}

// Merged is where a record points to.
type Merged struct {
	Into ledger.ID
	Turn int64 // odd: it is merged; even: it was, and has been parted again
	Who  string
	Made time.Time
	text mergeText
}

// Is tells whether the record is merged now.
func (m Merged) Is() bool { return m.Turn%2 == 1 }

// mergeText is what both records were before, to be parted again.
type mergeText struct {
	Take        []string `json:"take"`
	Kept, Other civic.Volunteer
	KeptHome    [2]string `json:"kept_home"` // town and home
	OtherHome   [2]string `json:"other_home"`
	Listed      Listed    `json:"listed"` // of the other
	// What no kiosk knows.
	KeptProfile  civic.Profile `json:"kept_profile"`
	OtherProfile civic.Profile `json:"other_profile"`
	KeptSealed   []byte        `json:"kept_sealed,omitempty"` // before, and Sealed after

	KeptHousehold  string `json:"kept_household,omitempty"`
	OtherHousehold string `json:"other_household,omitempty"`

	Sealed []byte `json:"sealed,omitempty"`
}

// Merge makes two records one. It answers ErrChanged when either is no longer as the
// officer saw it, and ErrState when one is merged already, or has more cards or keys
// than one person can. The same merge again changes nothing.
func (s *Store) Merge(ctx context.Context, m Merge) error {
	if m.Kept == m.Other || m.By == "" {
		return fmt.Errorf("%w: a merge is of two records, by somebody", ErrInput)
	}
	if err := s.whole(ctx); err != nil {
		return err
	}
	if is, err := s.Merged(ctx, m.Other); err != nil || is.Is() && is.Into == m.Kept {
		return err
	}
	kept, err := s.Record(ctx, m.Kept)
	if err != nil {
		return err
	}
	switch into, err := s.Merged(ctx, m.Kept); {
	case err != nil:
		return err
	case into.Is():
		return fmt.Errorf("%w: the record to keep is merged itself", ErrState)
	case kept.Stand != m.KeptSeen:
		return fmt.Errorf("%w: volunteer %v", ErrChanged, m.Kept)
	}
	err = s.write(ctx, "merging a record", m.Other.String(), func(t *txn) error { return t.merge(m, kept.Person, s.today(), s.now()) })
	if err != nil {
		return err
	}
	if err := s.passOn(ctx, m.Other, m.Kept); err != nil {
		return err
	}
	return s.joinRecord(ctx, m.Other)
}

// passOn brings what two records have for each other, and the points home.
func (s *Store) passOn(ctx context.Context, from, to ledger.ID) error {
	if err := s.deliver(ctx, from); err != nil {
		return err
	}
	if err := s.deliver(ctx, to, from); err != nil { // what the first has brought may have posted more
		return err
	}
	for _, v := range []ledger.ID{to, from} {
		r, err := s.Record(ctx, v)
		if err != nil {
			return err
		}
		if err := s.grantHomes(ctx, r.Home, []ledger.ID{v}); err != nil {
			return err
		}
	}
	return nil
}

// merge empties the other record, and has what it has passed on.
func (t *txn) merge(m Merge, kept Person, today ledger.Day, now int64) error {
	old, found, err := t.person()
	if err == nil && !found {
		err = fmt.Errorf("%w: volunteer %v", ErrUnknown, m.Other)
	}
	if err != nil {
		return err
	}
	was, err := t.merged()
	switch {
	case err != nil:
		return err
	case was.Is() && was.Into == m.Kept:
		return nil
	case was.Is():
		return fmt.Errorf("%w: the record is merged already", ErrState)
	case old.stand() != m.OtherSeen:
		return fmt.Errorf("%w: volunteer %v", ErrChanged, m.Other)
	case len(union(kept.Cards, old.Cards)) > civic.MaxCards || len(union(kept.Keys, old.keys)) > civic.MaxKeys:
		return fmt.Errorf("%w: one person has no more than %d cards and %d numbers", ErrState, civic.MaxCards, civic.MaxKeys)
	}
	text := mergeText{Take: m.Take, Kept: kept.Volunteer, Other: old.Volunteer, KeptHome: [2]string{kept.Town, kept.Home}, OtherHome: [2]string{old.Town, old.Home},
		KeptProfile: kept.Profile, OtherProfile: old.Profile, KeptSealed: kept.Sealed, Sealed: m.Sealed,
		KeptHousehold: kept.Household, OtherHousehold: old.Household}
	if _, err := t.one(selectListed, nil, &text.Listed.Points, &text.Listed.Minutes); err != nil {
		return err
	}
	if err := t.turn(m.Kept, was.Turn+1, text, m.By, now); err != nil {
		return err
	}
	next := old.Person
	next.Cards, next.Keys, next.Phone, next.Tail, next.Number, next.Initials, next.Minutes, next.Home = nil, nil, civic.PhoneHash{}, "", "", "", 0, ""
	if _, _, err := t.putPerson(old, true, next, fmt.Sprintf("merge-%d", was.Turn+1), now); err != nil {
		return err
	}
	if err := t.list(old.Person); err != nil { // an old number still finds the record, and that leads on
		return err
	}
	if err := t.change(upsertListed, int64(0), int64(0)); err != nil {
		return err
	}
	before, after := old.Person.traced(), next.traced()
	before["into"], after["into"] = "", m.Kept.String()
	if err := t.actIn(personTrace, now, m.By, "person.merged", before, after); err != nil {
		return err
	}
	return t.pass(m.Kept.String(), func(booked) bool { return true }, today, now)
}

// turn notes that a merge begins or ends, and has the kept record told.
func (t *txn) turn(other ledger.ID, turn int64, text mergeText, who string, now int64) error {
	body, err := json.Marshal(text)
	if err != nil {
		return fmt.Errorf("writing a merge: %w", err)
	}
	if err := t.change(upsertMerged, other.String(), turn, body, who, now); err != nil {
		return err
	}
	return t.post(fmt.Sprintf("turn-%d", turn), outboxMerge, other.String(), 0, 0, now)
}

// merged reads where the record points to.
func (t *txn) merged() (m Merged, err error) {
	var other string
	var body []byte
	found, err := t.one(selectMerged, nil, &other, &m.Turn, &body, &m.Who, (*millis)(&m.Made))
	if err != nil || !found {
		return m, err
	}
	if m.Into, err = ledger.ParseID(other); err != nil {
		return m, bug("a record merged into %q", other)
	}
	if err := json.Unmarshal(body, &m.text); err != nil {
		return m, bug("a merge that cannot be read: %v", err)
	}
	return m, nil
}

// Merged tells where a record points to, if it ever did.
func (s *Store) Merged(ctx context.Context, volunteer ledger.ID) (m Merged, err error) {
	err = s.read(ctx, "reading a merge", volunteer.String(), func(t *txn) error {
		m, err = t.merged()
		return err
	})
	return m, err
}

// Absorbed lists the records that are merged into one.
func (s *Store) Absorbed(ctx context.Context, volunteer ledger.ID) (list []ledger.ID, err error) {
	err = s.read(ctx, "reading merges", volunteer.String(), func(t *txn) error {
		list = nil
		return t.each(selectAbsorbeds, nil, func(rows scanner) error {
			var other string
			var turn int64
			if err := rows.Scan(&other, &turn); err != nil || turn%2 == 0 {
				return err
			}
			id, err := ledger.ParseID(other)
			list = append(list, id)
			return err
		})
	})
	return list, err
}

// ofRecords gathers what a volunteer's record has of something, and those that were merged
// into it: what is only looked at stays where it was made.
func ofRecords[T any](ctx context.Context, s *Store, what string, volunteer ledger.ID, read func(*txn, *[]T) error) (all []T, err error) {
	records, err := s.Records(ctx, volunteer)
	if err != nil {
		return nil, err
	}
	parts := make([][]T, len(records))
	err = s.readEach(ctx, what, idTexts(records), func(t *txn, i int) error {
		parts[i] = nil
		return read(t, &parts[i])
	})
	return slices.Concat(parts...), err
}

// Records are a volunteer's own and those that were merged into it, over others as well.
func (s *Store) Records(ctx context.Context, volunteer ledger.ID) ([]ledger.ID, error) {
	all := []ledger.ID{volunteer}
	for at := 0; at < len(all) && at < maxHops; at++ {
		more, err := s.Absorbed(ctx, all[at])
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// takeMerge has the kept record get what the other had, or give it back; each turn
// once.
func (t *txn) takeMerge(p parcel) error {
	m, other := p.merge, p.volunteer
	var done int64
	if _, err := t.one(selectAbsorbed, []any{other.String()}, &done); err != nil || done >= m.Turn {
		return err
	}
	if err := t.change(upsertAbsorbed, other.String(), m.Turn); err != nil {
		return err
	}
	if m.Turn%2 == done%2 {
		return nil // it was parted before this record heard of it
	}
	old, found, err := t.person()
	if err != nil || !found {
		return err
	}
	now := m.Made.UnixMilli()
	if !m.Is() { // what was seen after it was asked for; before points go back, see Unmerge
		if err := t.splitFrom(other, m.Who, p.zone, now); err != nil {
			return err
		}
	}
	next, kind := m.text.joined(old.Person), "person.absorbed"
	if !m.Is() {
		next, kind = m.text.parted(old.Person), "person.parted"
	}
	if _, _, err := t.putPerson(old, true, next, fmt.Sprintf("turn-%s-%d", other, m.Turn), now); err != nil {
		return err
	}
	listed, sign := Listed{}, int64(1)
	if !m.Is() {
		sign = -1
	}
	if _, err := t.one(selectListed, nil, &listed.Points, &listed.Minutes); err != nil {
		return err
	}
	err = t.change(upsertListed, max(0, int64(listed.Points)+sign*int64(m.text.Listed.Points)), max(0, listed.Minutes+sign*m.text.Listed.Minutes))
	if err != nil {
		return err
	}
	if err := t.actIn(personTrace, now, m.Who, kind, old.Person.traced(), next.traced()); err != nil {
		return err
	}
	if m.Is() {
		return nil
	}
	return t.pass(other.String(), func(b booked) bool { return b.from == other.String() }, ledger.DayOf(m.Made), now)
}

// joined is what the kept record becomes.
func (x mergeText) joined(p Person) Person {
	o := x.Other
	if slices.Contains(x.Take, "name") {
		p.Name, p.Initials = o.Name, o.Initials
	}
	if slices.Contains(x.Take, "number") {
		p.Number = o.Number
	}
	if slices.Contains(x.Take, "phone") {
		p.Phone, p.Tail = o.Phone, o.Tail
	}
	if slices.Contains(x.Take, "town") {
		p.Town = x.OtherHome[0]
	}
	if slices.Contains(x.Take, "home") {
		p.Home = x.OtherHome[1]
	}
	p.Cards, p.Keys, p.Minutes = union(p.Cards, o.Cards), union(p.Keys, o.Keys), p.Minutes+o.Minutes
	if p.PIN == "" {
		p.PIN = o.PIN
	}
	p.Profile = x.OtherProfile.Merge(p.Profile)
	if len(x.Sealed) > 0 {
		p.Sealed = x.Sealed
	}
	if p.Household == "" {
		p.Household = x.OtherHousehold
	}
	return p
}

// parted is what it becomes when they are two again: what came from the other goes, and
// what nobody has changed since is as it was.
func (x mergeText) parted(p Person) Person {
	now, then := x.joined(Person{Volunteer: x.Kept, Town: x.KeptHome[0], Home: x.KeptHome[1], Profile: x.KeptProfile, Sealed: x.KeptSealed, Household: x.KeptHousehold}), x.Kept
	if p.Name == now.Name {
		p.Name, p.Initials = then.Name, then.Initials
	}
	if p.Number == now.Number {
		p.Number = then.Number
	}
	if p.Phone == now.Phone {
		p.Phone, p.Tail = then.Phone, then.Tail
	}
	if p.Town == now.Town {
		p.Town = x.KeptHome[0]
	}
	if p.Home == now.Home {
		p.Home = x.KeptHome[1]
	}
	if p.Profile.Equal(now.Profile) {
		p.Profile = x.KeptProfile
	}
	if p.Household == now.Household {
		p.Household = x.KeptHousehold
	}
	if bytes.Equal(p.Sealed, now.Sealed) {
		p.Sealed = x.KeptSealed
	}
	p.Cards, p.Keys, p.Minutes = without(p.Cards, x.Other.Cards), without(p.Keys, x.Other.Keys), max(0, p.Minutes-x.Other.Minutes)
	return p
}

func union[T comparable](a, b []T) []T {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

func without[T comparable](a, b []T) []T {
	return slices.DeleteFunc(slices.Clone(a), func(x T) bool { return slices.Contains(b, x) })
}

// keyOf makes the key of a step of a merge, the same each time.
func keyOf(parts ...any) string {
	sum := sha256.Sum256(fmt.Appendln([]byte("yizhan merge 1 "), parts...))
	return hex.EncodeToString(sum[:len(ledger.Key{})])
}
