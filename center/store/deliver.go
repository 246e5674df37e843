package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// outboxRow is a row of a volunteer's outbox.
type outboxRow struct {
	id, kind, target string
	epoch            int64
	points           ledger.Points
	made             int64
}

// parcel is what one row brings to its target: the volunteer, or the grant, as it
// was when the row was read or later.
type parcel struct {
	outboxRow
	volunteer ledger.ID
	person    *storedPerson
	grant     civic.Grant
	merge     Merged
	legacy    civic.Earning
	attended  Attendance
	honours   []dayHonour
	zone      *time.Location
	name      string // of whose attendance it is
	besides   bool   // the attendance says less than it could, see besides
}

// deliver brings what the outboxes of volunteers hold to where it belongs.
func (s *Store) deliver(ctx context.Context, volunteers ...ledger.ID) error {
	for len(volunteers) > 0 {
		parcels, full, err := s.collect(ctx, volunteers)
		if err != nil || len(parcels) == 0 {
			return err
		}
		if err := s.handOver(ctx, parcels); err != nil {
			return err
		}
		if err := s.closeOutboxes(ctx, parcels); err != nil {
			return err
		}
		signed, err := s.signBesides(ctx, parcels)
		if err != nil {
			return err
		}
		volunteers = append(full, signed...)
	}
	return nil
}

// signBesides has attendances say what besides has found, and returns whose they are.
func (s *Store) signBesides(ctx context.Context, parcels []parcel) (signed []ledger.ID, err error) {
	for _, p := range parcels {
		if !p.besides || slices.Contains(signed, p.volunteer) {
			continue
		}
		err := s.write(ctx, "noting that somebody was elsewhere", p.volunteer.String(), func(t *txn) error {
			return t.signBesides(p.attended.Shift, s.now())
		})
		if err != nil {
			return signed, err
		}
		signed = append(signed, p.volunteer)
	}
	return signed, nil
}

// collect reads the outboxes, and what they ask for. Those of full hold more.
func (s *Store) collect(ctx context.Context, volunteers []ledger.ID) (parcels []parcel, full []ledger.ID, err error) {
	found := make([][]parcel, len(volunteers))
	err = s.readEach(ctx, "reading outboxes", idTexts(volunteers), func(t *txn, i int) (err error) {
		found[i], err = t.parcels(volunteers[i])
		return err
	})
	for i, list := range found {
		parcels = append(parcels, list...)
		if len(list) == sweepBatch {
			full = append(full, volunteers[i])
		}
	}
	return parcels, full, err
}

func idTexts(ids []ledger.ID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}

func (t *txn) parcels(volunteer ledger.ID) (list []parcel, err error) {
	err = t.each(selectUnsent, []any{int64(sweepBatch)}, func(r scanner) error {
		p := parcel{volunteer: volunteer}
		err := r.Scan(&p.id, &p.kind, &p.target, &p.epoch, &p.points, &p.made)
		list = append(list, p)
		return err
	})
	if err != nil || len(list) == 0 {
		return list, err
	}
	var person *storedPerson
	for i := range list {
		p := &list[i]
		switch p.kind {
		case outboxGrant:
			p.grant, err = t.grantNow(volunteer, p.outboxRow)
		case outboxMerge, outboxSplit:
			p.merge, err = t.merged()
		case outboxHonours:
			p.honours, err = t.honoursFor(p.target)
		case outboxHeir:
			p.legacy, err = t.legacy(p.outboxRow)
		case outboxAttended, outboxSign, outboxNamed, outboxJoin, outboxBack:
			if p.attended, p.name, err = t.attendedNow(p.outboxRow); err == nil && p.kind == outboxAttended {
				p.besides, err = t.besides(p.attended)
			}
		}
		if err != nil {
			return nil, err
		}
		if p.kind != outboxPerson && p.kind != outboxCard && p.kind != outboxKey {
			continue
		}
		if person == nil {
			known, err := t.document()
			if err != nil {
				return nil, err
			}
			person = &known
		}
		p.person = person
	}
	return list, nil
}

// grantNow is the grant of a chain as it is now.
func (t *txn) grantNow(volunteer ledger.ID, row outboxRow) (civic.Grant, error) {
	grant := civic.Grant{Volunteer: volunteer, Kiosk: row.target, Epoch: uint32(row.epoch)}
	err := t.each(selectGranted, []any{row.target, row.epoch}, func(r scanner) error {
		var expires, granted int64
		err := r.Scan(&expires, &granted)
		grant.Lots = append(grant.Lots, civic.GrantedLot{Expires: ledger.Day(expires), Granted: ledger.Points(granted)})
		return err
	})
	return grant, err
}

// handOver applies parcels where they go to, those of one target together.
func (s *Store) handOver(ctx context.Context, parcels []parcel) error {
	for _, kind := range []struct {
		name, what string
		apply      func(*txn, parcel) error
	}{
		{outboxPerson, "writing documents", (*txn).takePerson},
		{outboxCard, "noting cards", (*txn).takeCard},
		{outboxKey, "noting keys", (*txn).takeKey},
		{outboxGrant, "delivering grants", (*txn).takeGrant},
		{outboxHeir, "passing points on", (*txn).takeHeir}, // before a parting, which takes them back
		{outboxMerge, "telling of merges", (*txn).takeMerge},
		{outboxHonours, "passing hours on", (*txn).takeHonours},
		{outboxJoin, "passing attendances on", (*txn).takeJoin},
		{outboxSplit, "parting attendances", (*txn).takeSplit},
		{outboxBack, "giving attendances back", (*txn).takeBack},
		{outboxNamed, "giving an attendance a name", (*txn).takeNamed}, // before the kiosks are told that the other one is gone
		{outboxAttended, "telling of attendances", (*txn).takeAttended},
		{outboxSign, "listing signs", (*txn).takeSign},
	} {
		byTarget := make(map[string][]parcel)
		for _, p := range parcels {
			if p.zone = s.cfg.Zone; p.kind == kind.name {
				byTarget[p.target] = append(byTarget[p.target], p)
			}
		}
		targets := slices.Sorted(maps.Keys(byTarget))
		err := s.writeEach(ctx, kind.what, targets, func(t *txn, i int) error {
			for _, p := range byTarget[targets[i]] {
				if err := kind.apply(t, p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) takePerson(p parcel) error {
	if p.target == "" { // of somebody who is closed
		return nil
	}
	if p.person.Town != p.target {
		return t.removeDocument(KindVolunteer, p.volunteer.String())
	}
	return t.putDocument(civic.Document{Volunteer: &p.person.Volunteer})
}

func (t *txn) takeCard(p parcel) error {
	statement := deleteCard
	if slices.ContainsFunc(p.person.Cards, func(c civic.CardID) bool { return hashText(c) == p.target }) {
		statement = upsertCard
	}
	return t.exec(statement, p.volunteer.String())
}

func (t *txn) takeKey(p parcel) error {
	statement := deleteKey
	if slices.ContainsFunc(p.person.keys, func(k civic.KeyHash) bool { return hashText(k) == p.target }) {
		statement = upsertKey
	}
	return t.exec(statement, p.volunteer.String())
}

// takeGrant writes the grant among the kiosk's own documents, and turns its
// allowance into what the cap counts.
func (t *txn) takeGrant(p parcel) error { return t.deliverGrant(p.grant, p.id) }

func (s *Store) closeOutboxes(ctx context.Context, parcels []parcel) error {
	sent := make(map[string][]string)
	for _, p := range parcels {
		sent[p.volunteer.String()] = append(sent[p.volunteer.String()], p.id)
	}
	volunteers := slices.Sorted(maps.Keys(sent))
	return s.writeEach(ctx, "closing outboxes", volunteers, func(t *txn, i int) error {
		for _, id := range sent[volunteers[i]] {
			if err := t.exec(markSent, id); err != nil {
				return err
			}
		}
		return nil
	})
}
