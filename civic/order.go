package civic

import (
	"bytes"
	"errors"
	"fmt"
)

// order follows a bundle's documents, checks each, and holds that they come in
// the bundle's order and no key comes twice.
type order struct {
	header BundleHeader
	counts BundleCounts
	seen   int // documents so far
	kind   docKind
	key    []byte
}

type docKind int

const (
	kindNone docKind = iota
	kindStation
	kindStaff
	kindGood
	kindPicture
	kindVolunteer
	kindGrant
	kindDelivery
	kindShift
	kindAttended
	kindGone
)

func newOrder(h BundleHeader) *order { return &order{header: h} }

func (o *order) next(d Document) error {
	kind, key, err := d.place()
	if err != nil {
		return err
	}
	if kind < o.kind || kind == o.kind && bytes.Compare(key, o.key) <= 0 {
		return fmt.Errorf("civic: %s is out of order or comes twice", d.describe())
	}
	if o.seen == 0 && kind != kindStation {
		return errors.New("civic: a bundle begins with its station")
	}
	o.seen, o.kind, o.key = o.seen+1, kind, append(o.key[:0], key...)
	o.count(kind)
	if err := d.check(o.header.addressee()); err != nil {
		return fmt.Errorf("civic: %s: %w", d.describe(), err)
	}
	return nil
}

func (o *order) count(kind docKind) {
	switch kind {
	case kindStaff:
		o.counts.Staff++
	case kindGood:
		o.counts.Goods++
	case kindPicture:
		o.counts.Pictures++
	case kindVolunteer:
		o.counts.Volunteers++
	case kindGrant:
		o.counts.Grants++
	case kindDelivery:
		o.counts.Deliveries++
	case kindShift:
		o.counts.Shifts++
	case kindAttended:
		o.counts.Attended++
	case kindGone:
		o.counts.Gone++
	}
}

func (o *order) end() error {
	if o.seen == 0 {
		return errors.New("civic: a bundle without a station")
	}
	return nil
}

// place returns a document's kind and its key within that kind.
func (d Document) place() (kind docKind, key []byte, err error) {
	set := 0
	if d.Station != nil {
		set, kind = set+1, kindStation // one only, so every key is the same
	}
	if d.Staff != nil {
		set, kind, key = set+1, kindStaff, d.Staff.ID[:]
	}
	if d.Good != nil {
		set, kind, key = set+1, kindGood, []byte(d.Good.Code)
	}
	if d.Picture != nil {
		set, kind, key = set+1, kindPicture, []byte(d.Picture.Name)
	}
	if d.Volunteer != nil {
		set, kind, key = set+1, kindVolunteer, d.Volunteer.ID[:]
	}
	if d.Grant != nil {
		set, kind, key = set+1, kindGrant, d.Grant.Volunteer[:]
	}
	if d.Delivery != nil {
		set, kind, key = set+1, kindDelivery, []byte(d.Delivery.ID)
	}
	if d.Shift != nil {
		set, kind, key = set+1, kindShift, d.Shift.ID[:]
	}
	if d.Attended != nil {
		set, kind, key = set+1, kindAttended, []byte(d.Attended.Key())
	}
	if d.Gone != nil {
		set, kind, key = set+1, kindGone, []byte(d.Gone.Kind+" "+d.Gone.ID)
	}
	if set != 1 {
		return kindNone, nil, fmt.Errorf("civic: a document says %d things, not one", set)
	}
	return kind, key, nil
}

// describe names a document for an error, without a person's name.
func (d Document) describe() string {
	switch {
	case d.Station != nil:
		return "the station"
	case d.Staff != nil:
		return "staff " + d.Staff.ID.String()
	case d.Good != nil:
		return "good " + d.Good.Code
	case d.Picture != nil:
		return "picture " + d.Picture.Name
	case d.Volunteer != nil:
		return "volunteer " + d.Volunteer.ID.String()
	case d.Grant != nil:
		return "the grant of volunteer " + d.Grant.Volunteer.String()
	case d.Delivery != nil:
		return "delivery " + d.Delivery.ID
	case d.Shift != nil:
		return "shift " + d.Shift.ID.String()
	case d.Attended != nil:
		return "attendance " + d.Attended.Key()
	case d.Gone != nil:
		return fmt.Sprintf("the end of %s %q", d.Gone.Kind, d.Gone.ID)
	}
	return "an empty document"
}
