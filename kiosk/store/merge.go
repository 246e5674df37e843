package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// weight estimates what a document takes in a batch, in bytes.
func weight(d civic.Document) int {
	switch {
	case d.Picture != nil:
		return 256 + 2*len(d.Picture.Data)
	case d.Volunteer != nil:
		return 256 + 128*len(d.Volunteer.Earned)
	}
	return 512
}

// intake is one batch of documents on its way into the book.
type intake struct {
	report  LoadReport
	byCard  bool           // a card fetched them; no scope or bundle brought them
	grants  bool           // grants count
	opens   bool           // a station lets accounts move
	nowMS   int64          // wall clock, for how long a guest is kept
	station *civic.Station // as it stands after the batch, when one came
	persons []ledger.ID    // whose records in the search index are wrong now
	heard   []civic.Attended
}

// take joins a document with what the book has. Counters that documents grant go
// by maximum into the rows of rights and shelves, where entries never touch them.
func (in *intake) take(t *tx, d civic.Document) {
	if t.takenBack(d) {
		in.report.Same++
		return
	}
	switch {
	case d.Station != nil:
		var old civic.Station
		if found := t.document(bStation, stationKey, &old); found && old.Version > d.Station.Version {
			d.Station = &old
		}
		in.put(t, bStation, stationKey, d.Station)
		in.station, t.state.Open = d.Station, t.state.Open || in.opens
	case d.Staff != nil:
		var old civic.Staff
		if found := t.document(bStaff, d.Staff.ID[:], &old); found && old.Version > d.Staff.Version {
			d.Staff = &old
		}
		if in.put(t, bStaff, d.Staff.ID[:], d.Staff) {
			in.persons = append(in.persons, d.Staff.ID)
		}
	case d.Picture != nil:
		var old civic.Picture
		if found := t.document(bPicture, []byte(d.Picture.Name), &old); found && old.Version > d.Picture.Version {
			d.Picture = &old
		}
		in.put(t, bPicture, []byte(d.Picture.Name), d.Picture)
	case d.Good != nil:
		in.takeGood(t, *d.Good)
	case d.Volunteer != nil:
		in.takeVolunteer(t, *d.Volunteer)
	case d.Grant != nil:
		in.takeGrant(t, *d.Grant)
	case d.Delivery != nil:
		var old civic.Delivery
		if found := t.document(bDelivery, []byte(d.Delivery.ID), &old); found && old.Version > d.Delivery.Version {
			d.Delivery = &old
		}
		in.put(t, bDelivery, []byte(d.Delivery.ID), d.Delivery)
	case d.Shift != nil:
		in.takeShift(t, *d.Shift)
	case d.Attended != nil:
		in.takeAttended(t, *d.Attended)
	case d.Gone != nil:
		in.takeBack(t, *d.Gone)
	}
}

func (in *intake) takeGood(t *tx, g civic.Good) {
	delete(t.goods, g.Code)
	var old civic.Good
	if t.document(bGood, []byte(g.Code), &old) {
		g = old.Merge(g)
	}
	shelf := t.shelf(g.Code)
	if g.Delivered > shelf.Delivered {
		shelf.Delivered = g.Delivered
		t.putShelf(g.Code, shelf)
	}
	in.put(t, bGood, []byte(g.Code), g)
}

func (in *intake) takeVolunteer(t *tx, v civic.Volunteer) {
	var old civic.Volunteer
	known := t.document(bVolunteer, v.ID[:], &old)
	in.guest(t, v, known, old.Version)
	if known {
		v = old.Merge(v)
	}
	t.grant(v.ID, v.Granted())
	if in.put(t, bVolunteer, v.ID[:], v) {
		in.persons = append(in.persons, v.ID)
	}
}

// takeGrant takes a grant of this epoch. One of another belongs to a chain that
// is closed, or to a box that has replaced this one.
func (in *intake) takeGrant(t *tx, g civic.Grant) {
	if !in.grants {
		in.report.Withheld++
		return
	}
	lots := make(map[ledger.Day]ledger.Points, len(g.Lots))
	for _, lot := range g.Lots {
		lots[lot.Expires] = lot.Granted
	}
	if g.Epoch == t.state.Head.Epoch && t.grant(g.Volunteer, lots) {
		in.report.Changed++
	} else {
		in.report.Same++
	}
}

// grant merges totals into the rights of a volunteer, and tells whether that
// changed them.
func (t *tx) grant(id ledger.ID, lots map[ledger.Day]ledger.Points) bool {
	before := t.account(id)
	after := before
	for day, points := range lots {
		after = after.Grant(day, points)
	}
	if slices.Equal(before.Rights, after.Rights) {
		return false
	}
	t.putAccount(id, after)
	return true
}

// put writes a document and tells whether that says anything new.
func (in *intake) put(t *tx, b bucket, key []byte, v any) bool {
	raw, err := json.Marshal(v)
	if err != nil {
		t.fail(fmt.Errorf("writing a document: %w", err))
		return false
	}
	switch old := t.get(b, key); {
	case old == nil:
		in.report.New++
	case bytes.Equal(old, raw):
		in.report.Same++
		return false
	default:
		in.report.Changed++
	}
	t.put(b, key, raw)
	return true
}

// settle notes which records of the search index are wrong after the batch, and
// packs those that are right.
func (in *intake) settle(t *tx) (fresh []byte, changes uint64) {
	if len(in.persons) == 0 {
		return nil, 0
	}
	t.state.Changes++
	slices.SortFunc(in.persons, func(a, b ledger.ID) int { return bytes.Compare(a[:], b[:]) })
	in.persons = slices.Compact(in.persons)
	for _, id := range in.persons {
		t.markStale(id)
	}
	return t.fresh(in.persons), t.state.Changes
}

func (t *tx) putJSON(b bucket, key []byte, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		t.fail(fmt.Errorf("writing %v: %w", b, err))
		return
	}
	t.put(b, key, raw)
}
