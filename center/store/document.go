package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectScope    = `SELECT parent, name, version FROM scope WHERE scope = $1`
	upsertScope    = `INSERT INTO scope (scope, parent, name, version) VALUES ($1, $2, $3, 0) ON CONFLICT (scope) DO UPDATE SET parent = excluded.parent, name = excluded.name`
	raiseScope     = `UPDATE scope SET version = $2 WHERE scope = $1 AND version < $2`
	selectDocument = `SELECT version, body FROM document WHERE scope = $1 AND kind = $2 AND id = $3`
	upsertDocument = `INSERT INTO document (scope, kind, id, version, body) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (scope, kind, id) DO UPDATE SET version = excluded.version, body = excluded.body`
	selectDelta   = `SELECT kind, id, version, body FROM document WHERE scope = $1 AND version > $2 ORDER BY version LIMIT $3`
	selectIDs     = `SELECT id FROM document WHERE scope = $1 AND kind = $2`
	scatterRoot   = `SELECT scope, name, version FROM scope WHERE parent = '' ORDER BY scope LIMIT 1`
	scatterScopes = `SELECT scope, parent, name, version FROM scope ORDER BY scope LIMIT $1`
)

// Kinds of documents, as they stand in the table.
const (
	KindStation   = "station"
	KindStaff     = "staff"
	KindGood      = "good"
	KindPicture   = "picture"
	KindVolunteer = "volunteer"
	KindGrant     = "grant"
	KindShift     = "shift"
	KindAttended  = "attended"
)

// Scope is a node of the org tree that documents belong to: the center, a town, a
// village, or one kiosk, whose scope has the kiosk's name.
type Scope struct {
	ID      string
	Parent  string // "" at the top
	Name    string
	Version uint64 // of its latest document
}

// Change is one document as it is now.
type Change struct {
	Version  uint64 // in its scope
	Kind, ID string
	Body     json.RawMessage // a civic.Document; a civic.Gone when it was taken out of the scope
}

// Delta is what changed in a scope between two versions, in their order.
type Delta struct {
	Scope    string
	From, To uint64 // the versions before and after it
	Last     uint64 // of the scope; more is to come while To is below it
	Changes  []Change
}

// PutScope makes a scope or changes its name or parent. A name that a kiosk could
// have is refused: a kiosk's own scope comes with PutKiosk.
func (s *Store) PutScope(ctx context.Context, scope Scope) error {
	if scope.ID == "" || len(scope.ID) > MaxNameRunes || !GoodName(scope.Name) || scope.ID == scope.Parent || ledger.ValidKiosk(scope.ID) {
		return fmt.Errorf("%w: scope %q", ErrInput, scope.ID)
	}
	return s.write(ctx, "writing a scope", scope.ID, func(t *txn) error {
		if err := t.actScope(s.now(), scope); err != nil {
			return err
		}
		return t.change(upsertScope, scope.Parent, scope.Name)
	})
}

// GoodName tells whether a name can be shown as it is, on a page, in a log, and on a
// terminal.
func GoodName(name string) bool {
	return utf8.RuneCountInString(name) <= MaxNameRunes && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// actScope notes what writing a scope changes.
func (t *txn) actScope(now int64, after Scope) error {
	before, err := t.scope(after.ID)
	switch {
	case errors.Is(err, ErrUnknown):
		return t.act(now, t.actor(), "scope.added", nil, [2]string{after.Name, after.Parent})
	case err != nil || before.Name == after.Name && before.Parent == after.Parent:
		return err
	}
	return t.act(now, t.actor(), "scope.changed", [2]string{before.Name, before.Parent}, [2]string{after.Name, after.Parent})
}

// Scopes returns the scope and all above it, the nearest first: what a kiosk is
// subscribed to.
func (s *Store) Scopes(ctx context.Context, id string) ([]Scope, error) {
	var chain []Scope
	for id != "" {
		if len(chain) == maxDepth {
			return nil, bug("scope %q is more than %d deep", chain[0].ID, maxDepth)
		}
		scope := Scope{ID: id}
		err := s.read(ctx, "reading a scope", id, func(t *txn) (err error) {
			scope, err = t.scope(id)
			return err
		})
		if err != nil {
			return nil, err
		}
		chain = append(chain, scope)
		id = scope.Parent
	}
	return chain, nil
}

// Root returns the top of the tree: the center itself. It is empty while there is
// none.
func (s *Store) Root(ctx context.Context) (root Scope, err error) {
	err = s.scatter(ctx, "reading the top of the tree", scatterRoot, nil, func() { root = Scope{} }, func(rows scanner) error {
		var version int64
		err := rows.Scan(&root.ID, &root.Name, &version)
		root.Version = uint64(version)
		return err
	})
	return root, err
}

// AllScopes returns the whole tree, by id.
func (s *Store) AllScopes(ctx context.Context) (all []Scope, err error) {
	const limit = 100_000
	err = s.scatter(ctx, "reading the scopes", scatterScopes, []any{int64(limit)}, func() { all = nil }, func(rows scanner) error {
		var scope Scope
		var version int64
		err := rows.Scan(&scope.ID, &scope.Parent, &scope.Name, &version)
		scope.Version = uint64(version)
		all = append(all, scope)
		return err
	})
	return all, err
}

func (t *txn) scope(id string) (Scope, error) {
	scope := Scope{ID: id}
	var version int64
	found, err := t.one(selectScope, nil, &scope.Parent, &scope.Name, &version)
	if err == nil && !found {
		err = fmt.Errorf("%w: scope %q", ErrUnknown, id)
	}
	scope.Version = uint64(version)
	return scope, err
}

// PutDocument writes a document into a scope and raises the scope's version, unless
// the document says what stands there already. What merges (goods delivered,
// grants) is merged; the document's own version is raised past what was there.
func (s *Store) PutDocument(ctx context.Context, scope string, d civic.Document) error {
	return s.write(ctx, "writing a document", scope, func(t *txn) error { return t.putDocument(d) })
}

// PutDocuments is PutDocument for several of one scope, all or none.
func (s *Store) PutDocuments(ctx context.Context, scope string, list ...civic.Document) error {
	if len(list) > MaxDocuments {
		return fmt.Errorf("%w: %d documents at once", ErrInput, len(list))
	}
	return s.write(ctx, "writing documents", scope, func(t *txn) error {
		for _, d := range list {
			if err := t.putDocument(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeDocument leaves a tombstone where a document stood, which takes back every
// state of it that stood there.
func (t *txn) removeDocument(kind, id string) error {
	old, found, err := t.storedDocument(kind, id)
	if err != nil || !found {
		return err
	}
	before, err := old.document()
	if err != nil || before.Gone != nil {
		return err
	}
	here, err := t.scope(fmt.Sprint(t.shard))
	if err != nil {
		return err
	}
	body, err := json.Marshal(civic.Document{Gone: &civic.Gone{Kind: kind, ID: id, Version: *ownVersion(&before)}})
	if err != nil {
		return fmt.Errorf("writing a document: %w", err)
	}
	return t.writeDocument(kind, id, here.Version+1, body)
}

type storedDocument struct {
	version uint64
	body    []byte
}

// document is what stands in the row.
func (d storedDocument) document() (doc civic.Document, err error) {
	if err := json.Unmarshal(d.body, &doc); err != nil || ownVersion(&doc) == nil {
		return doc, bug("a document that cannot be read: %v", err)
	}
	return doc, nil
}

func (t *txn) storedDocument(kind, id string) (d storedDocument, found bool, err error) {
	var version int64
	found, err = t.one(selectDocument, []any{kind, id}, &version, &d.body)
	d.version = uint64(version)
	return d, found, err
}

func (t *txn) putDocument(d civic.Document) error {
	kind, id, err := place(d)
	if err != nil {
		return err
	}
	t.ahead(selectScope)
	t.ahead(selectDocument, kind, id)
	scope, err := t.scope(fmt.Sprint(t.shard))
	if err != nil {
		return err
	}
	old, found, err := t.storedDocument(kind, id)
	if err != nil {
		return err
	}
	var before civic.Document
	if found {
		if before, err = old.document(); err != nil {
			return err
		}
	}
	next := scope.Version + 1
	body, same, err := settle(before, d, next)
	if err != nil || same {
		return err
	}
	return t.writeDocument(kind, id, next, body)
}

func (t *txn) writeDocument(kind, id string, version uint64, body []byte) error {
	if err := t.change(upsertDocument, kind, id, int64(version), body); err != nil {
		return err
	}
	*t.raised = true
	return t.change(raiseScope, int64(version))
}

// settle merges a document with the one that stands there, gives it a version past
// both, and tells whether it then says nothing new. A volunteer's version is the
// volunteer's own, because the document may move to another scope; so is an
// attendance's, which two may bring at once.
func settle(before, d civic.Document, next uint64) (body []byte, same bool, err error) {
	version, old := ownVersion(&d), ownVersion(&before)
	given, last := *version, uint64(0)
	if old != nil {
		last = *old
	}
	switch {
	case (d.Volunteer != nil || d.Attended != nil) && given < last:
		return nil, true, nil
	case d.Good != nil && before.Good != nil:
		d.Good.Delivered = max(d.Good.Delivered, before.Good.Delivered)
	case d.Grant != nil && before.Grant != nil:
		*d.Grant = before.Grant.Merge(*d.Grant)
	}
	*version = last
	stood, err := json.Marshal(before)
	if err != nil {
		return nil, false, fmt.Errorf("writing a document: %w", err)
	}
	if body, err = json.Marshal(d); err != nil {
		return nil, false, fmt.Errorf("writing a document: %w", err)
	}
	if old != nil && bytes.Equal(body, stood) {
		return nil, true, nil
	}
	*version = given
	if d.Volunteer == nil && d.Attended == nil {
		*version = max(given, last+1, next)
	}
	if body, err = json.Marshal(d); err != nil {
		return nil, false, fmt.Errorf("writing a document: %w", err)
	}
	return body, false, nil
}

// ownVersion makes what the document points to its own and returns where its
// version stands; nil when the document is empty.
func ownVersion(d *civic.Document) *uint64 {
	switch {
	case d.Station != nil:
		d.Station = new(*d.Station)
		return &d.Station.Version
	case d.Staff != nil:
		d.Staff = new(*d.Staff)
		return &d.Staff.Version
	case d.Good != nil:
		d.Good = new(*d.Good)
		return &d.Good.Version
	case d.Picture != nil:
		d.Picture = new(*d.Picture)
		return &d.Picture.Version
	case d.Volunteer != nil:
		d.Volunteer = new(*d.Volunteer)
		return &d.Volunteer.Version
	case d.Grant != nil:
		d.Grant = new(*d.Grant)
		return &d.Grant.Version
	case d.Delivery != nil:
		d.Delivery = new(*d.Delivery)
		return &d.Delivery.Version
	case d.Shift != nil:
		d.Shift = new(*d.Shift)
		return &d.Shift.Version
	case d.Attended != nil:
		d.Attended = new(*d.Attended)
		return &d.Attended.Version
	case d.Gone != nil:
		d.Gone = new(*d.Gone)
		return &d.Gone.Version
	}
	return nil
}

// place is the kind and key of a document.
func place(d civic.Document) (kind, id string, err error) {
	var found []string
	note := func(k, i string) { kind, id, found = k, i, append(found, k) }
	if d.Station != nil {
		note(KindStation, d.Station.Kiosk)
	}
	if d.Staff != nil {
		note(KindStaff, d.Staff.ID.String())
	}
	if d.Good != nil {
		note(KindGood, d.Good.Code)
	}
	if d.Picture != nil {
		note(KindPicture, d.Picture.Name)
	}
	if d.Volunteer != nil {
		note(KindVolunteer, d.Volunteer.ID.String())
	}
	if d.Grant != nil {
		note(KindGrant, d.Grant.Volunteer.String())
	}
	if d.Delivery != nil {
		note(KindDelivery, d.Delivery.ID)
	}
	if d.Shift != nil {
		note(KindShift, d.Shift.ID.String())
	}
	if d.Attended != nil {
		note(KindAttended, d.Attended.Key())
	}
	if len(found) != 1 || slices.Contains(found, "") {
		return "", "", fmt.Errorf("%w: a document says %d things, not one", ErrInput, len(found))
	}
	return kind, id, nil
}

// Delta returns what changed in the scope after a version: at most limit documents,
// of about so many bytes, and at least one if there is one. A version that the scope has not reached yet (it was restored from an
// old copy) is answered from the beginning.
func (s *Store) Delta(ctx context.Context, scope string, after uint64, limit, maxBytes int) (Delta, error) {
	var delta Delta
	limit = max(1, min(limit, MaxDelta))
	err := s.read(ctx, "reading documents", scope, func(t *txn) error {
		here, err := t.scope(scope)
		if err != nil {
			return err
		}
		if after > here.Version {
			after = 0
		}
		size, full := 0, false
		delta = Delta{Scope: scope, From: after, To: here.Version, Last: here.Version}
		err = t.each(selectDelta, []any{int64(after), int64(limit)}, func(rows scanner) error {
			var c Change
			var version int64
			var body []byte
			if full {
				return nil // the next answer brings the rest
			}
			if err := rows.Scan(&c.Kind, &c.ID, &version, &body); err != nil {
				return err
			}
			if size += len(body); size > maxBytes && len(delta.Changes) > 0 {
				full = true
				return nil
			}
			c.Version, c.Body = uint64(version), body
			delta.Changes = append(delta.Changes, c)
			return nil
		})
		if n := len(delta.Changes); n == limit || full {
			delta.To = delta.Changes[n-1].Version
		}
		return err
	})
	return delta, err
}

// DocumentIDs lists the ids of a kind of documents that stand in a scope, or stood
// there, in no order: the databases sort texts each in their own way.
func (s *Store) DocumentIDs(ctx context.Context, scope, kind string) (ids []string, err error) {
	err = s.read(ctx, "listing documents", scope, func(t *txn) error {
		ids = nil
		return t.each(selectIDs, []any{kind}, func(rows scanner) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, err
}

// Documents returns documents of a scope as they are now: a civic.Gone for one that
// was taken out.
func (s *Store) Documents(ctx context.Context, scope, kind string, ids []string) (list []civic.Document, err error) {
	if len(ids) > MaxDocuments {
		return nil, fmt.Errorf("%w: %d documents at once", ErrInput, len(ids))
	}
	err = s.read(ctx, "reading documents", scope, func(t *txn) error {
		list = nil
		for _, id := range ids {
			stored, found, err := t.storedDocument(kind, id)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			d, err := stored.document()
			if err != nil {
				return err
			}
			list = append(list, d)
		}
		return nil
	})
	return list, err
}
