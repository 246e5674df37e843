package sim

import (
	"errors"
	"fmt"
	"sync"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// visit is one person at one kiosk, who wants something.
type visit struct {
	box     *box
	person  *person
	good    string
	pieces  int64
	keys    [3]ledger.Key
	then    ledger.State // how far it goes today
	twice   bool         // every key is pressed twice
	online  bool
	halted  bool // the box is in quarantine
	offered bool // the points and the goods are there, somewhere and here
	served  bool
	err     error  // what nothing in the world explains
	how     string // it went
}

func (v *visit) cost() ledger.Points { return prices[v.good] * ledger.Points(v.pieces) }

// visits lets some people come to kiosks at the same moment.
func (w *world) visits(n int) {
	var all []*visit
	for range n {
		all = append(all, w.drawVisit())
	}
	w.together(all)
}

func (w *world) drawVisit() *visit {
	p := pick(w.dice, w.people)
	s := p.home
	if s == nil || w.oneIn(3) {
		s = pick(w.dice, w.stations)
	}
	v := &visit{box: pick(w.dice, s.running()), person: p, good: pick(w.dice, goods), pieces: int64(1 + w.dice.IntN(6)),
		keys: [3]ledger.Key{w.key(), w.key(), w.key()}, twice: w.oneIn(4),
		then: pick(w.dice, []ledger.State{ledger.Reserved, ledger.Settled, ledger.Settled, ledger.Settled, ledger.Cancelled, ledger.Refunded})}
	w.touched[p] = true
	v.online = v.box.online()
	v.halted = w.halted(v.box)
	v.offered = w.balance(p) >= v.cost() && w.onShelf(v.box, v.good) >= v.pieces && !v.halted
	return v
}

// together runs visits at once and counts how they went.
func (w *world) together(all []*visit) {
	var group sync.WaitGroup
	for _, v := range all {
		group.Go(func() { v.run(w) })
	}
	group.Wait()
	for _, v := range all {
		on := 0
		if v.online {
			on = 1
		}
		if v.offered {
			w.tally.offered[on]++
			if v.served {
				w.tally.served[on]++
			}
		}
		w.say("%s at %s online=%v wants %d %s for %d: %s", v.person.name, v.box.station.id, v.online, v.pieces, v.good, v.cost(), v.how)
		w.must(v.err)
		if v.halted && v.served && w.halted(v.box) {
			w.violated("%s is in quarantine, and served %s", v.box.station.id, v.person.name)
		}
	}
}

// run is what the screens do: who is it, what may be spent, is more to be had, and
// the redemption.
func (v *visit) run(w *world) {
	b, id := v.box, v.person.id
	if _, err := b.store.Volunteer(id); errors.Is(err, store.ErrUnknown) {
		if _, err := b.link.Identify(w.ctx, v.person.card); err != nil {
			v.how = fmt.Sprintf("not known here: %v", err)
			return
		}
	}
	account, err := b.store.Account(id)
	if missing := v.cost() - account.Spendable(); err == nil && missing > 0 {
		var granted ledger.Points
		for _, r := range account.Rights {
			granted += r.Granted
		}
		if _, err := b.link.TopUp(w.ctx, id, granted, missing); err != nil {
			v.how = fmt.Sprintf("%d missing: %v; ", missing, err)
		}
	}
	r, err := v.reserve(w)
	if err != nil {
		v.how += err.Error()
		if !expected(err) {
			v.err = err
		}
		return
	}
	v.served, v.how = true, fmt.Sprintf("redemption %d", r.Seq)
	w.truth.tell(b, r.Seq, r.State)
	if err := v.finish(w, r); err != nil {
		v.how += ": " + err.Error()
		if !expected(err) {
			v.err = err
		}
	}
}

func (v *visit) reserve(w *world) (store.Redemption, error) {
	request := store.Reserve{Key: v.keys[0], Volunteer: v.person.id, Good: v.good, Quantity: v.pieces, Price: prices[v.good]}
	r, err := v.box.store.Reserve(w.ctx, request)
	if err == nil && v.twice {
		again, err := v.box.store.Reserve(w.ctx, request)
		if err != nil || again.Seq != r.Seq {
			return again, errors.Join(err, fmt.Errorf("pressed twice, it is redemption %d and %d", r.Seq, again.Seq))
		}
	}
	return r, err
}

// finish takes the redemption as far as it goes today.
func (v *visit) finish(w *world, r store.Redemption) error {
	if v.then == ledger.Cancelled && r.State == ledger.Reserved {
		return v.step(w, func() (store.Redemption, error) {
			return v.box.store.Cancel(w.ctx, v.keys[1], r.Seq, ledger.ID{}, "changed my mind")
		})
	}
	if v.then >= ledger.Settled && r.State == ledger.Reserved {
		err := v.step(w, func() (store.Redemption, error) { return v.box.store.Settle(w.ctx, v.keys[1], r.Seq, w.clerk) })
		if err != nil {
			return err
		}
	}
	if v.then == ledger.Refunded {
		return v.step(w, func() (store.Redemption, error) {
			return v.box.store.Refund(w.ctx, v.keys[2], r.Seq, w.leader, true, "broken")
		})
	}
	return nil
}

func (v *visit) step(w *world, do func() (store.Redemption, error)) error {
	r, err := do()
	if err != nil {
		return err
	}
	w.truth.tell(v.box, r.Seq, r.State)
	if v.twice {
		_, err = do()
	}
	return err
}

// expected are the answers that a world explains: no points, no goods, a box that
// may not, one whose power went.
func expected(err error) bool {
	for _, e := range []error{ledger.ErrNotEnough, ledger.ErrStock, store.ErrQuarantine, store.ErrUnknown, store.ErrNotStaff, store.ErrNoDocuments, store.ErrClosed} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.Is(err, errBoxPower)
}

// balance is what a person has, wherever it is.
func (w *world) balance(p *person) (sum ledger.Points) {
	for _, s := range w.stations {
		if a, err := s.box.store.Account(p.id); err == nil {
			sum += a.Spendable()
		}
	}
	a, err := w.office.store.Account(w.ctx, p.id)
	w.must(err)
	for _, l := range a.Lots {
		sum += l.Free
	}
	return sum
}

func (w *world) onShelf(b *box, good string) int64 {
	g, err := b.store.Good(good)
	if err != nil {
		return 0
	}
	return g.Shelf.Available()
}

func (w *world) halted(b *box) bool {
	reason, _ := b.store.Quarantined()
	return reason != ""
}

// desk is a clerk who finishes what waits, gives something back, or moves stock.
func (w *world) desk() {
	b := pick(w.dice, pick(w.dice, w.stations).running())
	switch w.dice.IntN(3) {
	case 0:
		w.handOver(b)
	case 1:
		w.giveBack(b)
	case 2:
		w.stock(b)
	}
}

func (w *world) handOver(b *box) {
	waiting, _, err := b.store.Waiting(0, 50)
	w.must(err)
	if len(waiting) == 0 {
		return
	}
	r := pick(w.dice, waiting)
	do, what := b.store.Settle, "hands over"
	if w.oneIn(3) {
		do, what = func(ctx ctx, key ledger.Key, seq uint64, by ledger.ID) (store.Redemption, error) {
			return b.store.Cancel(ctx, key, seq, by, "nobody came")
		}, "cancels"
	}
	r, err = do(w.ctx, w.key(), r.Seq, w.clerk)
	w.did(b, fmt.Sprintf("a clerk %s %d", what, r.Seq), r, err)
}

func (w *world) giveBack(b *box) {
	recent, err := b.store.Recent(0, 50)
	w.must(err)
	for _, r := range recent {
		if r.State == ledger.Settled && w.oneIn(2) {
			r, err := b.store.Refund(w.ctx, w.key(), r.Seq, w.leader, w.oneIn(2), "broken")
			w.did(b, fmt.Sprintf("a refund of %d", r.Seq), r, err)
			return
		}
	}
}

// did notes what a desk did with a redemption.
func (w *world) did(b *box, what string, r store.Redemption, err error) {
	w.say("%s: %s: %v", b.station.id, what, err)
	if err == nil {
		w.truth.tell(b, r.Seq, r.State)
		for _, p := range w.people {
			if p.id == r.Volunteer {
				w.touched[p] = true
			}
		}
	} else if !expected(err) && !errors.Is(err, store.ErrTooLate) {
		w.must(err)
	}
}

func (w *world) stock(b *box) {
	good := pick(w.dice, goods)
	n := int64(w.dice.IntN(40))
	var err error
	switch w.dice.IntN(4) {
	case 0, 1:
		_, err = b.store.Receive(w.ctx, w.key(), good, n+1, w.clerk, "")
	case 2:
		_, err = b.store.Count(w.ctx, w.key(), good, n, w.clerk, "")
	case 3:
		_, err = b.store.Waste(w.ctx, w.key(), good, n/8+1, w.clerk, "")
	}
	w.say("%s: stock of %s, %d: %v", b.station.id, good, n, err)
	if err != nil && !expected(err) {
		w.must(err)
	}
}
