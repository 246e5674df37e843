package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// A town's year of activities, each step of it as the center takes it: shifts of an
// hour and a half, to which people come by phone, check in and out, and are confirmed.
// Of each thing that waits for somebody there is some.
const (
	yearDays       = 365
	yearActivities = 12
	yearEach       = 100 // people who come to a shift
	yearAhead      = 28  // days in which shifts are yet to come
	yearClaims     = 15  // of each shift that is to come
	yearWalkIns    = 2   // of each shift of the last month
	onePhone       = 4   // people of each shift who check in with one phone, which is listed for review
	objects        = 97  // each one so many of the attendances is objected to
	shiftMinutes   = 90
)

// serve lets the town's people serve through a year, each of them so often.
func (t seedTown) serve(b *testing.B, book *store.Store, often int) {
	b.Helper()
	ctx := store.As(b.Context(), "bench")
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	midnight := began.In(book.Zone()).Truncate(time.Hour).Unix()
	plans := t.plan(b, book)
	shifts := len(t.people) * often / yearEach
	for n := range shifts {
		ago := int64(1 + n*yearDays/shifts)
		s := t.shift(n, midnight-ago*86400)
		s.Activity, s.Title = plans[n%len(plans)].ID, plans[n%len(plans)].Title
		must(book.PutShift(ctx, countyTown, s))
		come := make([]ledger.ID, yearEach)
		for i := range come {
			come[i] = t.people[(n*yearEach+i)%len(t.people)]
		}
		for _, out := range []bool{false, true} {
			at := time.Unix(s.Start, 0)
			if out {
				at = time.Unix(s.End, 0)
			}
			crowd(schoolCallers, (yearEach+schoolCallers-1)/schoolCallers, func(i int) {
				if i < len(come) {
					t.check(b, book, s, come[i], i, at.Add(time.Duration(i)*time.Second), out)
				}
			})
		}
		if ago > 3 { // the last ones wait to be confirmed
			_, err := book.Confirm(ctx, store.Confirm{Shift: s.ID, People: come, Verdict: ledger.VerdictThere, By: "bench"})
			must(err)
		}
		for i := n % objects; i < len(come); i += objects {
			must(book.Object(ctx, store.Objection{Volunteer: come[i], ID: fmt.Sprintf("%016x", n*yearEach+i+1), Shift: s.ID, ObjectionText: store.ObjectionText{Reason: ledger.ObjectFewer, Minutes: 120}}))
		}
	}
	t.ahead(b, book, plans)
	t.rest(b, book)
	fmt.Printf("%d shifts with %d attendances in %v\n", shifts, shifts*yearEach, time.Since(began).Round(time.Second))
}

func yearID(kind byte, n int) (id ledger.ID) { // begins as those of volunteers do
	id[2] = kind
	binary.BigEndian.PutUint32(id[3:], uint32(n)+1)
	return id
}

func (t seedTown) shift(n int, start int64) civic.Shift {
	return civic.Shift{ID: yearID(1, n), Place: "石桥", Start: start, End: start + shiftMinutes*60, Kiosks: []string{t.boxes[n%len(t.boxes)].kiosk}, CheckEarly: 1800, CheckLate: 3600}
}

// plan makes the activities, each of them published by two officers, with its times to
// come.
func (t seedTown) plan(b *testing.B, book *store.Store) (list []store.Activity) {
	today := book.Today()
	for n := range yearActivities {
		a := store.Activity{Scope: countyTown, Activity: civic.Activity{ID: yearID(2, n), Title: fmt.Sprintf("志愿服务 %d", n), Platform: civic.StandardPlatforms[n%len(civic.StandardPlatforms)],
			Spots: []civic.Spot{{Place: "石桥", Kiosks: []string{t.boxes[n%len(t.boxes)].kiosk}}}, Posts: []civic.Post{{Name: "劝导员", Wanted: 20}},
			Times: civic.Recurrence{From: today + 1, To: today + yearAhead, Weekdays: []int{1 + n%7}, Start: 9 * 60, End: 9*60 + shiftMinutes}}}
		ctx := store.As(b.Context(), "bench")
		err := book.SaveActivity(ctx, 0, a, nil)
		if err == nil {
			err = book.MoveActivity(store.As(b.Context(), "other"), 1, a.Scope, a.ID, store.ActivityReviewed, "", nil)
		}
		if err == nil {
			err = book.MoveActivity(ctx, 2, a.Scope, a.ID, store.ActivityPublished, "", a.Shifts(a.Scope, book.Zone()))
		}
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

// check checks one person in or out, by phone; the first of a shift on one together.
func (t seedTown) check(b *testing.B, book *store.Store, s civic.Shift, who ledger.ID, i int, at time.Time, out bool) {
	phone := who.String()
	if i < onePhone {
		phone = s.ID.String()
	}
	_, err := book.Attend(b.Context(), store.Attend{Volunteer: who, Shift: s.ID, Out: out, At: at, Kiosk: s.Kiosks[0], Phone: phone})
	for tries := 0; errors.Is(err, store.ErrBusy) && tries < 10; tries++ {
		_, err = book.Attend(b.Context(), store.Attend{Volunteer: who, Shift: s.ID, Out: out, At: at, Kiosk: s.Kiosks[0], Phone: phone})
	}
	if err != nil {
		b.Error(err)
	}
}

// ahead has people claim posts of what is to come.
func (t seedTown) ahead(b *testing.B, book *store.Store, plans []store.Activity) {
	for n, a := range plans {
		for k, s := range a.Shifts(a.Scope, book.Zone()) {
			for i := range yearClaims {
				who := t.people[(n*1009+k*101+i)%len(t.people)]
				if _, err := book.Enlist(b.Context(), store.Claim{Shift: s.ID, Volunteer: who, Wait: true}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// rest makes what is not of a shift, or of those who are not known: stars that are
// announced, goods that are put aside by phone, and walk-ins, which kiosks tell of.
func (t seedTown) rest(b *testing.B, book *store.Store) {
	for i, who := range t.people {
		var err error
		switch i % 20 {
		case 0:
			err = book.PutStar(b.Context(), store.Star{Volunteer: who, Stars: 1, State: store.StarAnnounced, Minutes: 6000, Town: countyTown, Last: book.Today() + 5})
		case 1:
			_, err = book.PutWish(b.Context(), store.Wish{Key: newKey(), Volunteer: who, Kiosk: t.boxes[i%len(t.boxes)].kiosk, Good: "G001", Quantity: 1, Price: 10, Phone: who.String()})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for n, box := range t.boxes {
		first := len(box.entries)
		for i := range len(t.people) / 200 / len(t.boxes) * yearWalkIns {
			s := t.shift(n, 0)
			var key ledger.Key
			binary.BigEndian.PutUint64(key[:], uint64(first+i+1))
			key[0] = 9
			box.writeAt(b, time.Now().Add(-24*time.Hour).UnixMilli(), ledger.CheckIn{Check: ledger.Check{Key: key, Shift: s.ID, Who: yearID(3, n*1000+i), By: ledger.CheckWalkIn}})
		}
		box.bring(b, book, first)
	}
}

// bring has the center take in and fold what a kiosk has written since.
func (b *fleetBox) bring(tb testing.TB, book *store.Store, from int) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	for first := from; first < len(b.entries); first += 1000 {
		part := b.entries[first:min(first+1000, len(b.entries))]
		head := ledger.Head{Kiosk: b.kiosk, Epoch: 1, Seq: uint64(first + len(part)), Hash: ledger.HashOf(part[len(part)-1])}
		_, err := book.Append(ctx, store.Batch{Kiosk: b.kiosk, Epoch: 1, First: uint64(first) + 1, Entries: part, Head: head, Signature: head.Sign(b.key)})
		if err == nil {
			_, err = book.Fold(ctx, b.kiosk, 1)
		}
		for errors.Is(err, store.ErrBusy) { // on a machine that others keep busy; a server comes back to it as well
			_, err = book.Fold(ctx, b.kiosk, 1)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}
