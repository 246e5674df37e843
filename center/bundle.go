package center

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// carriedKinds are the kinds of documents in the order of a bundle.
var carriedKinds = []string{store.KindStation, store.KindStaff, store.KindGood, store.KindPicture, store.KindVolunteer, store.KindGrant, store.KindDelivery, store.KindShift, store.KindAttended}

// Bundle writes everything that a kiosk must know as one signed file, to be carried
// there: the documents of its own scope and of all above it. What its own
// volunteers have free is granted to it first, however long ago it synced: whoever
// carries the bundle is the network.
//
// The cursors in the header are read before the documents, so a document may be
// newer than they say, and comes once more; none is older. Memory is bounded by the
// number of documents, about 100 bytes each.
func (o Office) Bundle(ctx context.Context, w io.WriteSeeker, kiosk string) (civic.BundleHeader, error) {
	k, chain, err := o.Store.Kiosk(ctx, kiosk)
	if err != nil {
		return civic.BundleHeader{}, err
	}
	if k.Epoch == 0 {
		return civic.BundleHeader{}, fmt.Errorf("%w: %s", ErrNoBox, kiosk)
	}
	if s, err := o.station(ctx, kiosk); err != nil || s.Kiosk == "" {
		return civic.BundleHeader{}, cmp.Or(err, fmt.Errorf("%w: %s", ErrNoStation, kiosk))
	}
	for {
		n, err := o.Store.GrantCarried(ctx, kiosk)
		if err != nil {
			return civic.BundleHeader{}, fmt.Errorf("granting what is carried to %s: %w", kiosk, err)
		}
		if n == 0 {
			break
		}
	}
	now := o.Now()
	h := civic.BundleHeader{Kiosk: kiosk, Epoch: k.Epoch, Serial: uint64(now.UnixMilli()), Made: now}
	if chain.Head.Seq > 0 {
		h.Taken = &civic.Taken{Seq: chain.Head.Seq, Hash: civic.BodyHash(chain.Head.Hash)}
	}
	if h.Era, err = o.Store.Era(ctx); err != nil {
		return h, err
	}
	scopes, err := o.Store.Scopes(ctx, kiosk)
	if err != nil {
		return h, err
	}
	for _, s := range scopes {
		h.Cursors = append(h.Cursors, civic.Cursor{Scope: s.ID, Version: s.Version})
	}
	slices.SortFunc(h.Cursors, func(a, b civic.Cursor) int { return cmp.Compare(a.Scope, b.Scope) })
	carried := &carrying{Office: o, scopes: scopes, epoch: k.Epoch, gone: make(map[string]civic.Gone)}
	return civic.WriteBundle(w, h, o.Keys.Signer, carried.documents(ctx))
}

// carrying collects the documents of one bundle.
type carrying struct {
	Office
	scopes []store.Scope // the nearest first
	epoch  uint32
	gone   map[string]civic.Gone // by kind and id
}

// documents hands out the bundle's documents in its order.
func (c *carrying) documents(ctx context.Context) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		for _, kind := range carriedKinds {
			for d, err := range c.kind(ctx, kind) {
				if !yield(d, err) || err != nil {
					return
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(c.gone)) {
			gone := c.gone[key]
			if !yield(civic.Document{Gone: &gone}, nil) {
				return
			}
		}
	}
}

// carriedID is a document that stands in some scopes.
type carriedID struct {
	key    string // by whose bytes a bundle is ordered
	id     string // as it stands in the table
	scopes uint16 // a bit for each of those that have it
}

// kind hands out the documents of one kind, ordered; one that stands in several
// scopes once.
func (c *carrying) kind(ctx context.Context, kind string) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		ids, err := c.list(ctx, kind)
		if err != nil {
			yield(civic.Document{}, err)
			return
		}
		for page := range slices.Chunk(ids, documentsAtOnce(kind)) {
			docs, err := c.read(ctx, kind, page)
			if err != nil {
				yield(civic.Document{}, err)
				return
			}
			for _, id := range page {
				if d, ok := docs[id.id]; ok && !yield(d, nil) {
					return
				}
			}
		}
	}
}

// list reads the ids of a kind in all scopes.
func (c *carrying) list(ctx context.Context, kind string) ([]carriedID, error) {
	found := make(map[string]uint16)
	for i, scope := range c.scopes {
		ids, err := c.Store.DocumentIDs(ctx, scope.ID, kind)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			found[id] |= 1 << i
		}
	}
	list := make([]carriedID, 0, len(found))
	for id, scopes := range found {
		key := id
		if kind == store.KindStaff || kind == store.KindVolunteer || kind == store.KindGrant || kind == store.KindShift {
			parsed, err := ledger.ParseID(id)
			if err != nil {
				return nil, fmt.Errorf("reading the %s %q: %w", kind, id, err)
			}
			key = string(parsed[:])
		}
		list = append(list, carriedID{key, id, scopes})
	}
	slices.SortFunc(list, func(a, b carriedID) int { return cmp.Compare(a.key, b.key) })
	return list, nil
}

// read reads a page of documents out of every scope that has some of them.
func (c *carrying) read(ctx context.Context, kind string, page []carriedID) (map[string]civic.Document, error) {
	docs := make(map[string]civic.Document, len(page))
	for i, scope := range c.scopes {
		var ids []string
		for _, id := range page {
			if id.scopes&(1<<i) != 0 {
				ids = append(ids, id.id)
			}
		}
		if len(ids) == 0 {
			continue
		}
		list, err := c.Store.Documents(ctx, scope.ID, kind, ids)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			c.add(docs, d)
		}
	}
	return docs, nil
}

// add takes a document in, merged with the one of another scope. What is gone is
// kept for the end; a grant of an epoch that is over stays here.
func (c *carrying) add(docs map[string]civic.Document, d civic.Document) {
	switch {
	case d.Gone != nil:
		key := d.Gone.Kind + " " + d.Gone.ID
		c.gone[key] = d.Gone.Merge(c.gone[key])
	case d.Station != nil:
		docs[d.Station.Kiosk] = d
	case d.Staff != nil:
		id := d.Staff.ID.String()
		if old := docs[id].Staff; old == nil || old.Version < d.Staff.Version {
			docs[id] = d
		}
	case d.Good != nil:
		if old := docs[d.Good.Code].Good; old != nil {
			*d.Good = old.Merge(*d.Good)
		}
		docs[d.Good.Code] = d
	case d.Picture != nil:
		if old := docs[d.Picture.Name].Picture; old == nil || old.Version < d.Picture.Version {
			docs[d.Picture.Name] = d
		}
	case d.Volunteer != nil:
		id := d.Volunteer.ID.String()
		if old := docs[id].Volunteer; old != nil {
			*d.Volunteer = old.Merge(*d.Volunteer)
		}
		docs[id] = d
	case d.Grant != nil && d.Grant.Epoch == c.epoch:
		docs[d.Grant.Volunteer.String()] = d
	case d.Delivery != nil:
		docs[d.Delivery.ID] = d
	case d.Shift != nil:
		id := d.Shift.ID.String()
		if old := docs[id].Shift; old == nil || old.Version < d.Shift.Version {
			docs[id] = d
		}
	case d.Attended != nil:
		docs[d.Attended.Key()] = d
	}
}
