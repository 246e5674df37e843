package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	center "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// phones are those who have goods put aside without standing before any kiosk, serve for
// points, claim posts and object. They have dice of their own, so that a world without
// them is the same as ever.
type phones struct {
	dice     *rand.Rand
	wished   []center.Wish
	services []*service
	outings  []civic.Shift
	most     map[ledger.ID]ledger.Points // that anybody's service is worth
}

// TestWorldsWithPhones: in worlds in which people reserve by phone too, serve for points,
// claim posts and object, through cuts, crashes, lost answers and restored copies, no more
// is spent than was earned, one wish is one redemption, and one attendance counts once.
func TestWorldsWithPhones(t *testing.T) {
	if _, err := theKeys(); err != nil {
		t.Fatal(err)
	}
	var violated atomic.Bool
	for n := range uint64(max(2, worlds()/10)) {
		seed := *first - 1 + n
		t.Run(fmt.Sprint(seed+1), func(t *testing.T) {
			t.Parallel()
			if *stop && violated.Load() {
				t.Skip("there was a violation")
			}
			defer func() { violated.Store(violated.Load() || t.Failed()) }()
			dir := memoryDir(t)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 1001+seed, dir) // mostly small ones
				w.phones = &phones{dice: rand.New(rand.NewPCG(seed, 3)), most: make(map[ledger.ID]ledger.Points)}
				defer w.end()
				w.live()
				if len(w.phones.wished) == 0 {
					t.Error("nobody wished for anything")
				}
			})
		})
	}
}

// byPhone has people wish for goods, or give up what they wished for, or serve.
func (w *world) byPhone() {
	p := w.phones
	if p == nil {
		return
	}
	if n := len(p.wished); n > 0 && p.dice.IntN(4) == 0 {
		w.giveUp(p.wished[p.dice.IntN(n)])
	}
	for range p.dice.IntN(3) {
		good := pick(p.dice, goods)
		wish := center.Wish{Key: w.key(), Volunteer: pick(p.dice, w.people).id, Kiosk: pick(p.dice, w.stations).id, Good: good, Quantity: 1, Price: prices[good], Phone: "phone"}
		if err := w.office.quietly(func() error { _, err := w.office.store.PutWish(w.ctx, wish); return err }); err != nil {
			w.say("a wish: %v", err)
			continue
		}
		p.wished = append(p.wished, wish)
	}
	if b := pick(p.dice, pick(p.dice, w.stations).running()); b.skew.Load() == 0 && p.dice.IntN(3) == 0 {
		w.lapse(b)
	}
	w.active()
}

func (w *world) giveUp(wish center.Wish) {
	err := w.office.quietly(func() error { _, err := w.office.store.LeaveWish(w.ctx, wish.Volunteer, wish.Key); return err })
	w.say("a wish is given up: %v", err)
}

// quietly does what a person asks the center for. What a person is told, that it cannot
// be now, is answered; anything else is a violation.
func (o *office) quietly(do func() error) error {
	err := do()
	for _, e := range []error{center.ErrFull, center.ErrQuota, center.ErrState, center.ErrUnknown, errPower} {
		if errors.Is(err, e) {
			return err
		}
	}
	o.w.must(err)
	return nil
}

// serve puts goods aside for a phone, as kiosk.Server.Serve does.
func (b *box) serve(ctx context.Context, wish link.Wish, until int64) link.Ordered {
	r, err := b.store.Reserve(ctx, store.Reserve{Key: wish.Key, Volunteer: wish.Volunteer, Good: wish.Good, Quantity: wish.Quantity, Price: wish.Price, Away: true, Until: until})
	switch {
	case err == nil && (r.State == ledger.Reserved || r.State == ledger.Settled):
		b.station.w.truth.tell(b, r.Seq, r.State)
		return link.Ordered{Outcome: link.OutcomeOK, Kept: link.Kept{Redemption: r.Seq, Claim: r.Claim, Until: r.Until}}
	case err == nil, errors.Is(err, store.ErrQuarantine):
		return link.Ordered{Outcome: link.OutcomeRefused}
	case errors.Is(err, ledger.ErrStock), errors.Is(err, store.ErrNotOffered):
		return link.Ordered{Outcome: link.OutcomeGone}
	case errors.Is(err, store.ErrLimit):
		return link.Ordered{Outcome: link.OutcomeLimit}
	case errors.Is(err, ledger.ErrNotEnough):
		account, err := b.store.Account(wish.Volunteer)
		if lacks := wish.Cost() - account.Spendable(); err == nil && lacks > 0 {
			return link.Ordered{Outcome: link.OutcomePoints, Granted: account.Granted(), Missing: lacks}
		}
		return link.Ordered{Outcome: link.OutcomeFailed}
	case errors.Is(err, store.ErrUnknown), errors.Is(err, store.ErrNoDocuments):
		return link.Ordered{Outcome: link.OutcomeFailed}
	}
	return link.Ordered{Outcome: link.OutcomeUnsure}
}

// release gives it back.
func (b *box) release(ctx context.Context, r link.Release) link.Outcome {
	got, err := b.store.Release(ctx, r.Key, r.Volunteer, r.Redemption, r.Reason)
	switch {
	case err == nil:
		b.station.w.truth.tell(b, got.Seq, got.State)
		return link.OutcomeOK
	case errors.Is(err, store.ErrUnknown):
		return link.OutcomeUnknown
	case errors.Is(err, ledger.ErrState):
		return link.OutcomeGone
	}
	return link.OutcomeFailed
}

// hangUp has half of the people give up what is still wanted, before the world heals; what
// the others want waits until nobody comes for it.
func (w *world) hangUp() {
	if w.phones == nil {
		return
	}
	for i, wish := range w.phones.wished {
		if i%2 == 0 {
			w.giveUp(wish)
		}
	}
	w.passed.Add(int64(100 * time.Hour)) // more than anything is kept
}

// lapseAll has every kiosk give back what nobody came for.
func (w *world) lapseAll() {
	if w.phones != nil {
		for _, s := range w.stations {
			w.lapse(s.box)
		}
	}
}

// wishesAgree holds, in a world that has healed, that a wish became at most one
// redemption in a chain, and that nothing is kept for one that is over.
func (w *world) wishesAgree() {
	kept := 0
	for _, wish := range w.phones.wished {
		now, err := w.office.store.Wish(w.ctx, wish.Volunteer, wish.Key)
		if errors.Is(err, center.ErrUnknown) {
			continue // a restored center has forgotten it
		}
		w.must(err)
		if now.Seq > 0 {
			kept++
		}
		for _, s := range w.stations {
			if s.id != wish.Kiosk || w.halted(s.box) {
				continue
			}
			list, err := s.box.store.RedemptionsOf(wish.Volunteer, 0, 1000)
			w.must(err)
			of := 0
			for _, r := range list {
				if r.Key != wish.Key {
					continue
				}
				of++
				if r.State == ledger.Reserved && r.Until > 0 && r.Until < s.box.time().Unix() {
					w.violated("%s keeps redemption %d, for which nobody came until %d", s.id, r.Seq, r.Until)
				}
				if r.State == ledger.Reserved && !now.Open() {
					w.violated("%s keeps redemption %d for a wish that is %s", s.id, r.Seq, now.State)
				}
			}
			if of > 1 {
				w.violated("one wish made %d redemptions at %s", of, s.id)
			}
		}
	}
	w.say("%d of %d wishes were kept", kept, len(w.phones.wished))
	w.tally.count("a wish that was kept")
}
