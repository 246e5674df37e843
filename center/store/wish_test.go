package store

import (
	"errors"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

func wishOf(v ledger.ID, n byte, kiosk string) Wish {
	return Wish{Key: ledger.Key{n}, Volunteer: v, Kiosk: kiosk, Good: "rice", Quantity: 1, Price: 40, Phone: "phone"}
}

// wished notes a wish and begins to ask for it.
func (w *world) wished(wish Wish, want WishStep) Wish {
	w.t.Helper()
	ctx := w.t.Context()
	_, err := w.PutWish(ctx, wish)
	w.must(err)
	begun, do, err := w.BeginWish(ctx, wish)
	w.must(err)
	if do != want {
		w.t.Fatalf("%+v: step %d, want %d", begun, do, want)
	}
	return begun
}

// keeps has a box put the goods of a wish aside.
func (b *box) keeps(wish Wish, until time.Time) ledger.Redemption {
	b.w.t.Helper()
	parts, err := b.accounts[wish.Volunteer].Allocate(wish.Cost())
	b.w.must(err)
	body := ledger.Reserve{Key: wish.Key, Volunteer: wish.Volunteer, Good: wish.Good, Quantity: wish.Quantity, Parts: parts, Claim: 37, Until: until.Unix()}
	b.accounts[wish.Volunteer] = b.accounts[wish.Volunteer].Hold(parts)
	return ledger.Redemption{Reserve: body, Seq: b.add(body), State: ledger.Reserved}
}

func (w *world) wishIs(wish Wish, state WishState, why string) Wish {
	w.t.Helper()
	got, err := w.Wish(w.t.Context(), wish.Volunteer, wish.Key)
	w.must(err)
	if got.State != state || got.Why != why {
		w.t.Errorf("the wish is %s %q, want %s %q", got.State, got.Why, state, why)
	}
	return got
}

// ready is a volunteer with points at a kiosk.
func (w *world) ready(n byte, kiosk string) (ledger.ID, *box) {
	w.t.Helper()
	b := w.kiosk(kiosk)
	v := w.person(n, kiosk)
	w.earn(v, lotA, 200)
	_, err := w.Grant(w.t.Context(), v, kiosk, 200)
	if err != nil {
		w.t.Fatal(err)
	}
	b.down()
	return v, b
}

// TestWishIsKeptAndHandedOver: a wish becomes the redemption that the kiosk's entry
// says, and ends with it.
func TestWishIsKeptAndHandedOver(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v, b := w.ready(1, "SQ-01")
		wish := wishOf(v, 1, "SQ-01")
		begun := w.wished(wish, WishOrder)
		if begun.State != WishAsked || begun.Tries != 1 {
			t.Errorf("%+v", begun)
		}
		until := w.time.Add(72 * time.Hour).Truncate(time.Second)
		r := b.keeps(wish, until)
		for range 2 { // an answer that comes twice is one
			kept, err := w.WishKeptAs(ctx, begun, b.head.Epoch, r.Seq, r.Claim, until)
			if err != nil || kept.State != WishKept || kept.Seq != r.Seq || !kept.Until.Equal(until) {
				t.Errorf("%+v, %v", kept, err)
			}
		}
		if again, err := w.PutWish(ctx, wish); err != nil || again.State != WishKept || again.Claim != 37 {
			t.Errorf("the same wish again: %+v, %v", again, err)
		}
		other := wish
		other.Quantity = 2
		if _, err := w.PutWish(ctx, other); !errors.Is(err, ErrKeyReused) {
			t.Errorf("another wish under the key: %v", err)
		}
		if _, do, err := w.BeginWish(ctx, wish); err != nil || do != WishNothing {
			t.Errorf("step %d, %v", do, err)
		}
		b.up()
		w.wishIs(wish, WishKept, "")
		b.settle(r)
		b.up()
		w.wishIs(wish, WishEnded, EndedSettled)
		if _, err := w.LeaveWish(ctx, v, wish.Key); !errors.Is(err, ErrState) {
			t.Errorf("given up after the hand-over: %v", err)
		}
		w.proof()
	})
}

// TestAnswerThatWasLost: the kiosk's entry says what a wish became, though nobody heard
// its answer.
func TestAnswerThatWasLost(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		v, b := w.ready(1, "SQ-01")
		wish := wishOf(v, 1, "SQ-01")
		w.wished(wish, WishOrder)
		w.wishIs(wish, WishAsked, "")
		r := b.keeps(wish, w.time.Add(time.Hour))
		b.up()
		if got := w.wishIs(wish, WishKept, ""); got.Seq != r.Seq || got.Claim != 37 || got.Until.Unix() != r.Until {
			t.Errorf("%+v", got)
		}
		b.add(ledger.Cancel{Redemption: r.Seq, Reason: "lapsed"})
		b.up()
		w.wishIs(wish, WishEnded, EndedLapsed)
	})
}

// TestHowAWishEnds by what the cancelling entry says.
func TestHowAWishEnds(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/book.db")
	v, b := w.ready(1, "SQ-01")
	for i, c := range []struct {
		cancel ledger.Cancel
		want   string
	}{
		{ledger.Cancel{Reason: "phone"}, EndedPhone}, {ledger.Cancel{}, EndedBack},
		{ledger.Cancel{Operator: ledger.ID{9}, Reason: "lapsed"}, EndedStaff}, {ledger.Cancel{Reason: "lapsed"}, EndedLapsed},
	} {
		wish := wishOf(v, byte(i+1), "SQ-01")
		w.wished(wish, WishOrder)
		r := b.keeps(wish, w.time)
		c.cancel.Redemption = r.Seq
		b.add(c.cancel)
		b.accounts[v] = b.accounts[v].Release(r.Parts)
		b.up()
		w.wishIs(wish, WishEnded, c.want)
	}
	wish := wishOf(v, 9, "SQ-01")
	w.wished(wish, WishOrder)
	r := b.keeps(wish, w.time)
	b.settle(r)
	b.refund(r)
	b.up()
	w.wishIs(wish, WishEnded, EndedRefunded)
}

// TestWishesAreBounded, and nobody in trouble has any.
func TestWishesAreBounded(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v, _ := w.ready(1, "SQ-01")
		for n := range byte(MaxWishes) {
			_, err := w.PutWish(ctx, wishOf(v, n+1, "SQ-01"))
			w.must(err)
		}
		if _, err := w.PutWish(ctx, wishOf(v, 9, "SQ-01")); !errors.Is(err, ErrFull) {
			t.Errorf("one too many: %v", err)
		}
		if got, err := w.LeaveWish(ctx, v, ledger.Key{1}); err != nil || got.State != WishDropped {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := w.LeaveWish(ctx, v, ledger.Key{1}); err != nil || got.State != WishDropped {
			t.Errorf("a second tap: %+v, %v", got, err)
		}
		for n := range maxWishesDay - MaxWishes {
			key := ledger.Key{7, byte(n)}
			wish := wishOf(v, 0, "SQ-01")
			wish.Key = key
			_, err := w.PutWish(ctx, wish)
			w.must(err)
			_, err = w.LeaveWish(ctx, v, key)
			w.must(err)
		}
		if _, err := w.PutWish(ctx, wishOf(v, 9, "SQ-01")); !errors.Is(err, ErrQuota) {
			t.Errorf("too many in a day: %v", err)
		}
		w.time = w.time.Add(25 * time.Hour)
		_, err := w.PutWish(ctx, wishOf(v, 9, "SQ-01"))
		w.must(err)
		for name, bad := range map[string]Wish{"nobody": wishOf(ledger.ID{99}, 1, "SQ-01"), "no kiosk": wishOf(v, 1, "x"), "no key": wishOf(v, 0, "SQ-01")} {
			if _, err := w.PutWish(ctx, bad); !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		closed := w.person(3, "")
		w.must(w.write(ctx, "closing a record", closed.String(), func(t *txn) error {
			return t.exec(`UPDATE person SET town = '' WHERE volunteer = $1`)
		}))
		if _, err := w.PutWish(ctx, wishOf(closed, 1, "SQ-01")); !errors.Is(err, ErrState) {
			t.Errorf("a closed record: %v", err)
		}
		list, err := w.Wishes(ctx, v)
		if err != nil || len(list) != maxWishesDay+1 || list[0].Key != (ledger.Key{9}) {
			t.Errorf("%d wishes, %v", len(list), err)
		}
		w.time = w.time.Add(wishKept + time.Hour)
		for _, n := range []byte{2, 3, 9} {
			if _, do, err := w.BeginWish(ctx, wishOf(v, n, "SQ-01")); err != nil || do != WishNothing {
				t.Errorf("step %d, %v", do, err)
			}
			w.wishIs(wishOf(v, n, "SQ-01"), WishLapsed, "")
		}
		_, err = w.PutWish(ctx, wishOf(v, 10, "SQ-01"))
		w.must(err)
		if list, err = w.Wishes(ctx, v); err != nil || len(list) != 1 {
			t.Errorf("after half a year: %d wishes, %v", len(list), err)
		}
	})
}

// TestWishThatIsGivenUp at every point of its way: nothing is kept for nobody.
func TestWishThatIsGivenUp(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v, b := w.ready(1, "SQ-01")
		leave := func(wish Wish, want WishState) {
			t.Helper()
			if got, err := w.LeaveWish(ctx, v, wish.Key); err != nil || got.State != want {
				t.Errorf("%+v, %v", got, err)
			}
		}
		begin := func(wish Wish, want WishStep) Wish {
			t.Helper()
			got, do, err := w.BeginWish(ctx, wish)
			if err != nil || do != want {
				t.Errorf("step %d, %v, want %d", do, err, want)
			}
			return got
		}

		// While the kiosk is asked, and it was never reached.
		first := wishOf(v, 1, "SQ-01")
		begun := w.wished(first, WishOrder)
		leave(first, WishAsked)
		_, err := w.WishUnasked(ctx, begun, "away")
		w.must(err)
		w.wishIs(first, WishDropped, "away")

		// While it is asked, and it does it all the same.
		second := wishOf(v, 2, "SQ-01")
		begun = w.wished(second, WishOrder)
		leave(second, WishAsked)
		r := b.keeps(second, w.time.Add(time.Hour))
		_, err = w.WishKeptAs(ctx, begun, b.head.Epoch, r.Seq, r.Claim, w.time)
		w.must(err)
		begun = begin(second, WishRelease)
		_, err = w.WishLeft(ctx, begun, true)
		w.must(err)
		w.wishIs(second, WishEnded, EndedPhone)

		// It was asked twice, and nobody knows what it has done.
		third := wishOf(v, 3, "SQ-01")
		w.wished(third, WishOrder)
		begun = begin(third, WishOrder)
		_, err = w.WishUnasked(ctx, begun, "failed")
		w.must(err)
		w.wishIs(third, WishAsked, "failed")
		leave(third, WishAsked)
		begun = begin(third, WishRelease)
		_, err = w.WishLeft(ctx, begun, false)
		w.must(err)
		w.wishIs(third, WishDropped, "failed")

		// The kiosk's answer comes after all that: then it is given back.
		late := b.keeps(third, w.time.Add(time.Hour))
		_, err = w.WishKeptAs(ctx, third, b.head.Epoch, late.Seq, late.Claim, w.time)
		w.must(err)
		begin(third, WishRelease)

		// It was handed over in the meantime.
		fourth := wishOf(v, 4, "SQ-01")
		begun = w.wished(fourth, WishOrder)
		r = b.keeps(fourth, w.time.Add(time.Hour))
		_, err = w.WishKeptAs(ctx, begun, b.head.Epoch, r.Seq, r.Claim, w.time)
		w.must(err)
		leave(fourth, WishKept)
		_, err = w.WishStays(ctx, begin(fourth, WishRelease))
		w.must(err)
		w.wishIs(fourth, WishEnded, EndedSettled)

		// The kiosk refused it.
		fifth := wishOf(v, 5, "SQ-01")
		_, err = w.WishRefusedFor(ctx, w.wished(fifth, WishOrder), "gone")
		w.must(err)
		w.wishIs(fifth, WishRefused, "gone")
		begin(fifth, WishNothing)

		// A new box knows nothing of what the old one kept.
		sixth := wishOf(v, 6, "SQ-01")
		_, err = w.WishKeptAs(ctx, w.wished(sixth, WishOrder), b.head.Epoch, 99, 1, w.time)
		w.must(err)
		leave(sixth, WishKept)
		_, err = w.WishLeft(ctx, begin(sixth, WishRelease), false)
		w.must(err)
		w.wishIs(sixth, WishEnded, EndedLost)
	})
}

// TestWorkOfKiosks: what is to be asked is found by kiosk and by age, and what nobody
// came for is given up after its time.
func TestWorkOfKiosks(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v, b := w.ready(1, "SQ-01")
		u, _ := w.ready(2, "LH-01")
		fresh := func(want int) {
			t.Helper()
			if list, err := w.FreshWishes(ctx); err != nil || len(list) != want {
				t.Errorf("%d are fresh, %v, want %d", len(list), err, want)
			}
		}
		at := func(kiosk string, want int) (list []Wish) {
			t.Helper()
			list, err := w.WishesAt(ctx, kiosk)
			if err != nil || len(list) != want {
				t.Errorf("%d at %s, %v, want %d", len(list), kiosk, err, want)
			}
			return list
		}
		first := wishOf(v, 1, "SQ-01")
		for _, wish := range []Wish{first, wishOf(v, 2, "SQ-01"), wishOf(u, 3, "LH-01")} {
			_, err := w.PutWish(ctx, wish)
			w.must(err)
			w.time = w.time.Add(time.Second)
		}
		if kiosks, err := w.WishKiosks(ctx); err != nil || len(kiosks) != 2 {
			t.Errorf("%v, %v", kiosks, err)
		}
		fresh(3)
		if list := at("SQ-01", 2); !list[0].same(first) {
			t.Errorf("not the first one first: %+v", list)
		}
		until := w.time.Add(time.Hour)
		begun, _, err := w.BeginWish(ctx, first)
		w.must(err)
		r := b.keeps(first, until)
		_, err = w.WishKeptAs(ctx, begun, b.head.Epoch, r.Seq, r.Claim, until)
		w.must(err)
		at("SQ-01", 1)
		w.time = w.time.Add(time.Minute)
		fresh(0)
		lapse := func(want int) {
			t.Helper()
			if n, err := w.LapseWishes(ctx); err != nil || n != want {
				t.Errorf("%d lapsed, %v, want %d", n, err, want)
			}
		}
		lapse(0)
		w.time = until.Add(wishGrace - time.Second)
		lapse(0) // the kiosk does it by itself
		w.time = until.Add(wishGrace + time.Minute)
		lapse(1)
		lapse(0)
		fresh(1)
		if got, do, err := w.BeginWish(ctx, first); err != nil || do != WishRelease || got.Leave != EndedLapsed {
			t.Errorf("%+v, step %d, %v", got, do, err)
		}
		if until, err := w.HoldUntil(ctx, "SQ-01"); err != nil || !until.Equal(w.time.Add(72*time.Hour)) {
			t.Errorf("%v, %v", until, err)
		}
		w.must(w.PutDocument(ctx, "SQ-01", civic.Document{Station: &civic.Station{Kiosk: "SQ-01", Name: "石桥村益栈", Policy: civic.Policy{HoldHours: 5}}}))
		if until, err := w.HoldUntil(ctx, "SQ-01"); err != nil || !until.Equal(w.time.Add(5*time.Hour)) {
			t.Errorf("%v, %v", until, err)
		}
	})
}
