package store

import (
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

// What a center took back stays known by its version, so that a bundle from
// before does not bring it once more.

// goneKey is where it is noted up to which version a document is taken back.
func goneKey(kind, id string) []byte { return []byte(kind + " " + id) }

// versionOf returns a document's place among what can be taken back; no key for
// what cannot.
func versionOf(d civic.Document) (key []byte, version uint64) {
	switch {
	case d.Staff != nil:
		return goneKey(civic.GoneStaff, d.Staff.ID.String()), d.Staff.Version
	case d.Good != nil:
		return goneKey(civic.GoneGood, d.Good.Code), d.Good.Version
	case d.Picture != nil:
		return goneKey(civic.GonePicture, d.Picture.Name), d.Picture.Version
	case d.Volunteer != nil:
		return goneKey(civic.GoneVolunteer, d.Volunteer.ID.String()), d.Volunteer.Version
	case d.Delivery != nil:
		return goneKey(civic.GoneDelivery, d.Delivery.ID), d.Delivery.Version
	case d.Shift != nil:
		return goneKey(civic.GoneShift, d.Shift.ID.String()), d.Shift.Version
	case d.Attended != nil:
		return goneKey(civic.GoneAttended, d.Attended.Key()), d.Attended.Version
	}
	return nil, 0
}

// gone returns the version up to which a document is taken back; 0: it is not.
func (t *tx) gone(key []byte) uint64 {
	var version int64
	t.unpack(bGone, key, &version)
	return uint64(version)
}

// takenBack tells whether a document is a state that was taken back.
func (t *tx) takenBack(d civic.Document) bool {
	if t.state.Sums[bGone].Rows == 0 {
		return false
	}
	key, version := versionOf(d)
	return key != nil && version <= t.gone(key)
}

// goneFrom is where documents of a kind lie.
var goneFrom = map[string]bucket{civic.GoneStaff: bStaff, civic.GoneGood: bGood, civic.GonePicture: bPicture, civic.GoneVolunteer: bVolunteer,
	civic.GoneDelivery: bDelivery, civic.GoneShift: bShift, civic.GoneAttended: bAttended}

// gonePlace is where the document lies there, as package civic has checked.
func gonePlace(from bucket, id string) []byte {
	switch from {
	case bStaff, bVolunteer, bShift:
		person, _ := ledger.ParseID(id)
		return person[:]
	case bAttended:
		shift, person, _ := strings.Cut(id, "-")
		a, _ := ledger.ParseID(shift)
		b, _ := ledger.ParseID(person)
		return pairKey(a, b)
	}
	return []byte(id)
}

// takeBack removes a document unless it has a later version. The document of a
// volunteer whose points are here stays as a guest's, so that they can be spent.
func (in *intake) takeBack(t *tx, g civic.Gone) {
	key := goneKey(g.Kind, g.ID)
	if t.gone(key) >= g.Version {
		in.report.Same++
		return
	}
	t.put(bGone, key, packInts(nil, int64(g.Version)))
	in.report.Changed++
	from := goneFrom[g.Kind]
	place := gonePlace(from, g.ID)
	id, _ := ledger.ParseID(g.ID) // of a person
	var held struct {
		Version uint64 `json:"version"`
	}
	found := t.document(from, place, &held)
	later := held.Version > g.Version
	switch {
	case !found:
	case from == bVolunteer && (later || t.live(id)):
		in.leaves(t, id, later)
	case later:
	case from == bVolunteer:
		in.drop(t, id)
	case from == bShift:
		t.dropShift(id)
	case from == bAttended:
		t.dropAttended(place)
	default:
		t.del(from, place)
		delete(t.goods, g.ID)
		if from == bStaff {
			in.persons = append(in.persons, id)
		}
	}
}
