package center

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// Places lists the nearest kiosks that can keep a piece of a good for somebody.
func (b *Book) Places(ctx context.Context, kiosk, good string, open func(kiosk string) bool) ([]link.Place, error) {
	found, err := b.store.Stocked(ctx, kiosk, good, open, link.MaxPlaces)
	if err != nil {
		return nil, err
	}
	var list []link.Place
	for _, at := range found {
		list = append(list, link.Place{Kiosk: at.Kiosk, Name: clip(cmp.Or(at.Station.Name, at.Name, at.Kiosk)), NameEN: clip(at.Station.NameEN),
			Counter: clip(at.Station.Counter), CounterEN: clip(at.Station.CounterEN), Left: at.Left, Price: at.Good.Price})
	}
	return list, nil
}

// Until tells how long a kiosk keeps what is put aside there now, by its station's policy.
func (b *Book) Until(ctx context.Context, kiosk string) (int64, error) {
	until, err := b.store.HoldUntil(ctx, kiosk)
	return until.Unix(), err
}

// Volunteer returns the document of a volunteer, for a kiosk that may not have it.
func (b *Book) Volunteer(ctx context.Context, id ledger.ID) ([]json.RawMessage, error) {
	p, err := b.store.Person(ctx, id)
	if errors.Is(err, store.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return volunteerDocuments(p)
}
