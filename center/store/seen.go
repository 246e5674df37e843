package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"yizhan/civic"
)

const (
	selectStaff        = `SELECT id, body FROM document WHERE scope = $1 AND kind = 'staff'`
	scatterStaffScopes = `SELECT DISTINCT scope FROM document WHERE kind = 'staff' AND scope > $1 ORDER BY scope LIMIT $2`
)

// Staff returns the people who may work at the kiosks of a scope and below it, those
// without a card too, in no order.
func (s *Store) Staff(ctx context.Context, scope string) (staff []civic.Staff, err error) {
	err = s.read(ctx, "reading staff", scope, func(t *txn) error {
		staff = nil
		return t.each(selectStaff, nil, func(rows scanner) error {
			var id string
			var d storedDocument
			if err := rows.Scan(&id, &d.body); err != nil {
				return err
			}
			doc, err := d.document()
			if err == nil && doc.Staff != nil {
				staff = append(staff, *doc.Staff)
			}
			return err
		})
	})
	return staff, err
}

// StaffScopes lists the scopes in which staff stand or stood, by id.
func (s *Store) StaffScopes(ctx context.Context) (scopes []string, err error) {
	err = s.pages(ctx, "looking for staff", scatterStaffScopes, nil, func(rows scanner) (string, error) {
		var scope string
		err := rows.Scan(&scope)
		scopes = append(scopes, scope)
		return scope, err
	})
	return scopes, err
}

// PutStaff writes a member of staff into a scope over the version that was seen, 0
// for somebody new there, and leaves an act of the kind. When another version stands
// there it answers ErrChanged and writes nothing; the same once more is no error.
func (s *Store) PutStaff(ctx context.Context, scope string, was uint64, m civic.Staff, kind string) error {
	m.Version = was
	return s.putSeen(ctx, scope, was, civic.Document{Staff: &m}, kind, func(d civic.Document) any {
		if d.Staff == nil {
			return nil
		}
		return map[string]any{"name": d.Staff.Name, "number": d.Staff.Number, "role": d.Staff.Role, "cards": len(d.Staff.Cards)}
	})
}

// PutStation is PutStaff for what a kiosk says of the place where it stands.
func (s *Store) PutStation(ctx context.Context, was uint64, station civic.Station) error {
	station.Version = was
	return s.putSeen(ctx, station.Kiosk, was, civic.Document{Station: &station}, "station.changed", func(d civic.Document) any {
		if d.Station == nil {
			return nil
		}
		s := *d.Station
		return map[string]any{"name": s.Name, "name_en": s.NameEN, "parent": s.Parent, "parent_en": s.ParentEN, "counter": s.Counter, "counter_en": s.CounterEN, "phone": s.Phone}
	})
}

// putSeen writes a document over the version of it that was seen. The trace is what
// an act keeps of it.
func (s *Store) putSeen(ctx context.Context, scope string, was uint64, d civic.Document, act string, trace func(civic.Document) any) error {
	kind, id, err := place(d)
	if err != nil {
		return err
	}
	checked := d
	*ownVersion(&checked) = 1
	line, err := json.Marshal(checked)
	if err == nil {
		_, err = civic.ReadDocument(line, scope)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	return s.write(ctx, "writing a document", scope, func(t *txn) error {
		stored, found, err := t.storedDocument(kind, id)
		if err != nil {
			return err
		}
		var before civic.Document
		version := uint64(0)
		if found {
			if before, err = stored.document(); err != nil {
				return err
			}
			version = *ownVersion(&before)
		}
		same := before
		if found {
			*ownVersion(&same) = was
		}
		switch {
		case found && reflect.DeepEqual(same, d):
			return nil
		case version != was:
			return fmt.Errorf("%w: %s %s is at version %d, version %d was seen", ErrChanged, kind, id, version, was)
		}
		if err := t.act(s.now(), t.actor(), act, trace(before), trace(d)); err != nil {
			return err
		}
		return t.putDocument(d)
	})
}
