package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"yizhan/civic"
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

// merge joins a document with what the book has. Counters that documents grant
// go by maximum into the rows of rights and shelves, where entries never touch
// them.
func (t *tx) merge(d civic.Document, report *LoadReport) {
	switch {
	case d.Station != nil:
		var old civic.Station
		if found := t.document(bStation, stationKey, &old); found && old.Version > d.Station.Version {
			d.Station = &old
		}
		t.mergeJSON(bStation, stationKey, d.Station, report)
	case d.Staff != nil:
		var old civic.Staff
		if found := t.document(bStaff, d.Staff.ID[:], &old); found && old.Version > d.Staff.Version {
			d.Staff = &old
		}
		t.mergeJSON(bStaff, d.Staff.ID[:], d.Staff, report)
	case d.Picture != nil:
		var old civic.Picture
		if found := t.document(bPicture, []byte(d.Picture.Name), &old); found && old.Version > d.Picture.Version {
			d.Picture = &old
		}
		t.mergeJSON(bPicture, []byte(d.Picture.Name), d.Picture, report)
	case d.Good != nil:
		t.mergeGood(*d.Good, report)
	case d.Volunteer != nil:
		t.mergeVolunteer(*d.Volunteer, report)
	}
}

func (t *tx) mergeGood(g civic.Good, report *LoadReport) {
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
	t.mergeJSON(bGood, []byte(g.Code), g, report)
}

func (t *tx) mergeVolunteer(v civic.Volunteer, report *LoadReport) {
	var old civic.Volunteer
	if t.document(bVolunteer, v.ID[:], &old) {
		v = old.Merge(v)
	}
	before := t.account(v.ID)
	after := before
	for day, points := range v.Granted() {
		after = after.Grant(day, points)
	}
	if !slices.Equal(before.Rights, after.Rights) {
		t.putAccount(v.ID, after)
	}
	t.mergeJSON(bVolunteer, v.ID[:], v, report)
}

// mergeJSON writes a document unless the book has exactly it.
func (t *tx) mergeJSON(b bucket, key []byte, v any, report *LoadReport) {
	raw, err := json.Marshal(v)
	if err != nil {
		t.fail(fmt.Errorf("writing a document: %w", err))
		return
	}
	switch old := t.get(b, key); {
	case old == nil:
		report.New++
	case bytes.Equal(old, raw):
		report.Same++
		return
	default:
		report.Changed++
	}
	t.put(b, key, raw)
}

func (t *tx) putJSON(b bucket, key []byte, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		t.fail(fmt.Errorf("writing %v: %w", b, err))
		return
	}
	t.put(b, key, raw)
}
