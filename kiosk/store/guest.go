package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// A guest is a volunteer whose document a card fetched, and no scope of this
// kiosk keeps up to date. Some days later it is dropped, unless points are here.
// No clock decides about points by that: a guest without any loses nothing, and
// the card fetches the document once more.

// guestRow is what is known of a document that a card fetched.
type guestRow struct {
	fetchedMS int64
	member    bool // a scope has the volunteer too, at an earlier version
}

func (t *tx) guest(id ledger.ID) (g guestRow, found bool) {
	var member int64
	found = t.unpack(bGuest, id[:], &g.fetchedMS, &member)
	g.member = member != 0
	return g, found
}

func (t *tx) putGuest(id ledger.ID, g guestRow) {
	member := int64(0)
	if g.member {
		member = 1
	}
	t.put(bGuest, id[:], packInts(nil, g.fetchedMS, member))
}

// guest notes how the document of a volunteer has come, beside the version that
// is here already.
func (in *intake) guest(t *tx, v civic.Volunteer, known bool, version uint64) {
	if !in.byCard {
		if t.state.Sums[bGuest].Rows == 0 {
			return
		}
		switch g, found := t.guest(v.ID); {
		case !found:
		case known && v.Version < version:
			t.putGuest(v.ID, guestRow{g.fetchedMS, true})
		default:
			t.del(bGuest, v.ID[:])
		}
		return
	}
	switch g, found := t.guest(v.ID); {
	case found:
		t.putGuest(v.ID, guestRow{in.nowMS, g.member})
	case !known || v.Version > version:
		t.putGuest(v.ID, guestRow{in.nowMS, known})
	}
}

// leaves makes a guest of a volunteer whom a scope does not have any more. One
// whose later version another scope brought stays with that.
func (in *intake) leaves(t *tx, id ledger.ID, later bool) {
	g, found := t.guest(id)
	switch {
	case found:
		t.putGuest(id, guestRow{g.fetchedMS, false})
	case !later:
		t.putGuest(id, guestRow{in.nowMS, false})
	}
}

// drop takes the document of a volunteer out of the book. Rights, history and
// PIN follow from entries and stay.
func (in *intake) drop(t *tx, id ledger.ID) {
	t.del(bVolunteer, id[:])
	if _, found := t.guest(id); found {
		t.del(bGuest, id[:])
	}
	in.persons = append(in.persons, id)
}

// live tells whether points of a volunteer are here: to be spent, waiting with
// goods, or spent when nobody knows yet by which grant.
func (t *tx) live(id ledger.ID) bool {
	a := t.account(id)
	return a.Check() != nil || a.Spendable() != 0 || a.Held() != 0
}

// staleGuests returns those whose time is over. A clock that was ahead when a
// document was fetched begins its time anew.
func (t *tx) staleGuests(now time.Time, keep time.Duration) (over, early []ledger.ID) {
	for r := range t.up(bGuest, nil) {
		id := ledger.ID(bytes.Clone(r.key))
		g, _ := t.guest(id)
		switch age := now.Sub(time.UnixMilli(g.fetchedMS)); {
		case age < 0:
			early = append(early, id)
		case !g.member && age > keep && !t.live(id):
			over = append(over, id)
		}
	}
	return over, early
}

// dropGuests drops the documents of guests whose time is over.
func (s *Store) dropGuests(ctx context.Context) error {
	now := s.cfg.Clock.Now()
	keep := max(keepGuests, time.Duration(s.policy().RefundHours)*time.Hour)
	due := false
	err := s.view(func(t *tx) {
		over, early := t.staleGuests(time.UnixMilli(now.WallMS), keep)
		due = len(over)+len(early) > 0
	})
	if err != nil || !due {
		return err
	}
	var in intake
	var fresh []byte
	var changes uint64
	o := &op{load: func(t *tx) error {
		in = intake{}
		over, early := t.staleGuests(time.UnixMilli(now.WallMS), keep)
		for _, id := range over {
			in.drop(t, id)
		}
		for _, id := range early {
			g, _ := t.guest(id)
			t.putGuest(id, guestRow{now.WallMS, g.member})
		}
		fresh, changes = in.settle(t)
		return t.err
	}}
	o.loaded = func() { o.err = s.taken(in, fresh, changes) }
	if err := s.submit(ctx, o); err != nil {
		return fmt.Errorf("dropping documents of guests: %w", err)
	}
	return s.foldIndex(ctx)
}
