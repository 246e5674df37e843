package sim

import (
	"encoding/json"
	"fmt"

	center "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// wrongRequest asks for something that must be refused, as a program with a bug
// would, and holds that it leaves no trace.
func (w *world) wrongRequest(n int) {
	b := pick(w.dice, w.stations).box
	before, _ := b.store.Head()
	clean := true
	if n < wrongAtCenter {
		w.wrongAtCenter(b, n)
	} else {
		clean = w.wrongAtKiosk(b, n-wrongAtCenter)
	}
	w.wait(0)
	if after, _ := b.store.Head(); clean && !b.online() && after != before {
		w.violated("%s: a request that was refused wrote entries %d to %d", b.station.id, before.Seq+1, after.Seq)
	}
}

// How many kinds of wrong requests there are.
const (
	wrongAtCenter = 5
	wrongAtKiosk  = 10
	wrongRequests = wrongAtCenter + wrongAtKiosk
)

// wrongAtKiosk tells whether it asked for nothing that may be written.
func (w *world) wrongAtKiosk(b *box, n int) (clean bool) {
	p := pick(w.dice, w.people)
	w.touched[p] = true
	reserve := func(change func(*store.Reserve)) error {
		r := store.Reserve{Key: w.key(), Volunteer: p.id, Good: "SALT", Quantity: 1, Price: prices["SALT"]}
		change(&r)
		_, err := b.store.Reserve(w.ctx, r)
		return err
	}
	switch n {
	case 0:
		w.refused("no pieces", reserve(func(r *store.Reserve) { r.Quantity = 0 }))
		w.refused("pieces below 0", reserve(func(r *store.Reserve) { r.Quantity = -3 }))
		w.refused("too many pieces", reserve(func(r *store.Reserve) { r.Quantity = ledger.MaxQuantity + 1 }))
	case 1:
		w.refused("another price", reserve(func(r *store.Reserve) { r.Price = 0 }))
		w.refused("no key", reserve(func(r *store.Reserve) { r.Key = ledger.Key{} }))
	case 2:
		w.refused("nobody", reserve(func(r *store.Reserve) { r.Volunteer = idOf("nobody", 1) }))
	case 3:
		w.overdraw(b, p)
		return false
	case 4:
		w.wrongSteps(b)
	case 5:
		g, err := b.store.Good("RICE")
		if err != nil { // its documents are on their way
			return true
		}
		_, err = b.store.Waste(w.ctx, w.key(), "RICE", g.Shelf.OnHand()+1, w.clerk, "")
		w.refused("more thrown away than there is", err)
		_, err = b.store.Count(w.ctx, w.key(), "RICE", -1, w.clerk, "")
		w.refused("a count below 0", err)
		_, err = b.store.Receive(w.ctx, w.key(), "RICE", 5, w.techie, "")
		w.refused("stock moved by a technician", err)
	case 6:
		w.strayGrant(b, p)
	case 7:
		_, err := b.store.GiveBack(w.ctx, p.id, 0)
		w.refused("nothing given back", err)
		_, err = b.store.GiveBack(w.ctx, p.id, ledger.MaxPoints) // as much as there is
		if err != nil && !expected(err) {
			w.must(err)
		}
		return false
	case 8:
		w.emptyShelf(b, p)
	case 9:
		w.oldGrant(b)
	}
	return true
}

// overdraw asks for one piece more than the points here buy.
func (w *world) overdraw(b *box, p *person) {
	a, err := b.store.Account(p.id)
	if err != nil || a.Spendable() >= 90*prices["OIL"] {
		return
	}
	pieces := int64(a.Spendable()/prices["OIL"]) + 1
	if w.onShelf(b, "OIL") < pieces {
		_, err := b.store.Receive(w.ctx, w.key(), "OIL", pieces+5, w.clerk, "")
		if expected(err) {
			return
		}
		w.must(err)
		_ = err
	}
	_, err = b.store.Reserve(w.ctx, store.Reserve{Key: w.key(), Volunteer: p.id, Good: "OIL", Quantity: pieces, Price: prices["OIL"]})
	if err == nil {
		w.violated("%s had %d at %s, and took %d", p.name, a.Spendable(), b.station.id, ledger.Points(pieces)*prices["OIL"])
	}
	w.tally.count("refused: more than there is")
}

// wrongSteps takes redemptions where they cannot go.
func (w *world) wrongSteps(b *box) {
	recent, err := b.store.Recent(0, 60)
	w.must(err)
	for _, r := range recent {
		_, settles := b.store.Settle(w.ctx, w.key(), r.Seq, w.techie)
		w.refused("a hand-over by a technician", settles)
		if r.State != ledger.Reserved {
			_, err := b.store.Settle(w.ctx, w.key(), r.Seq, w.clerk)
			w.refused(fmt.Sprintf("handing over what is %v", r.State), err)
			_, err = b.store.Cancel(w.ctx, w.key(), r.Seq, w.clerk, "x")
			w.refused(fmt.Sprintf("cancelling what is %v", r.State), err)
		}
		if r.State != ledger.Settled {
			_, err := b.store.Refund(w.ctx, w.key(), r.Seq, w.leader, false, "x")
			w.refused(fmt.Sprintf("refunding what is %v", r.State), err)
		}
		_, err := b.store.Reserve(w.ctx, store.Reserve{Key: r.Key, Volunteer: r.Volunteer, Good: r.Redemption.Good, Quantity: r.Quantity + 1,
			Price: prices[r.Redemption.Good]})
		w.refused("a key for another request", err)
	}
}

// strayGrant hands the kiosk a grant that is not meant for it.
func (w *world) strayGrant(b *box, p *person) {
	before, err := b.store.Account(p.id)
	if err != nil {
		return
	}
	g := civic.Grant{Volunteer: p.id, Kiosk: b.station.id, Epoch: b.epoch, Version: 1, Lots: []civic.GrantedLot{{Expires: 3000, Granted: 1_000_000}}}
	what := "of another epoch"
	if w.oneIn(2) {
		g.Epoch++
	} else {
		g.Kiosk, what = "K-99", "of another kiosk"
	}
	raw, err := json.Marshal(civic.Document{Grant: &g})
	w.must(err)
	era, _ := b.store.Cursors()
	_ = b.store.Apply(w.ctx, era, "", 0, []json.RawMessage{raw}) // refused or passed over
	after, err := b.store.Account(p.id)
	w.must(err)
	if after.Spendable() != before.Spendable() {
		w.violated("%s took a grant %s: %d, then %d", b.station.id, what, before.Spendable(), after.Spendable())
	}
	w.tally.count("refused: a grant " + what)
}

// oldGrant has the kiosk hear of a grant once more that has grown since.
func (w *world) oldGrant(b *box) {
	era, _ := b.store.Cursors()
	for id, before := range b.accounts() {
		g := civic.Grant{Volunteer: id, Kiosk: b.station.id, Epoch: b.epoch, Version: 1}
		for _, r := range before.Rights {
			g.Lots = append(g.Lots, civic.GrantedLot{Expires: r.Expires, Granted: r.Granted / 2})
		}
		raw, err := json.Marshal(civic.Document{Grant: &g})
		w.must(err)
		if err := b.store.Apply(w.ctx, era, "", 0, []json.RawMessage{raw}); err != nil {
			return // it has heard of no center yet
		}
		if after := b.accounts()[id]; after.Spendable() < before.Spendable() {
			w.violated("%s heard of an old grant: %d, then %d", b.station.id, before.Spendable(), after.Spendable())
		}
	}
	w.tally.count("refused: a grant from the past")
}

// emptyShelf asks for one piece more than the shelf has.
func (w *world) emptyShelf(b *box, p *person) {
	g, err := b.store.Good("SALT")
	if err != nil { // its documents are on their way
		return
	}
	n := g.Shelf.Available() + 1
	if n < 1 || n > 90 {
		return
	}
	_, err = b.store.Reserve(w.ctx, store.Reserve{Key: w.key(), Volunteer: p.id, Good: "SALT", Quantity: n, Price: prices["SALT"]})
	w.refused("more pieces than the shelf has", err)
}

func (w *world) wrongAtCenter(b *box, n int) {
	p, o, kiosk := pick(w.dice, w.people), w.office.store, b.station.id
	w.touched[p] = true
	earn := func(key ledger.Key, points ledger.Points, what string) error {
		return o.Earn(w.ctx, p.id, key, civic.Earning{On: 2000, Expires: 4000, What: what, Points: points})
	}
	switch n {
	case 0:
		w.refused("an earning of nothing", earn(w.key(), 0, "x"))
		w.refused("an earning below 0", earn(w.key(), -5, "x"))
		w.refused("an earning without a key", earn(ledger.Key{}, 5, "x"))
		w.refused("an earning beyond all limits", earn(w.key(), ledger.MaxPoints+1, "x"))
		e := pick(w.dice, w.earnings)
		reverse := func(key ledger.Key, points ledger.Points) error {
			_, err := o.Reverse(w.ctx, e.person, key, civic.Earning{On: 2000, Expires: e.earning.Expires, What: "x", Points: points})
			return err
		}
		w.refused("a reversal that gives", reverse(w.key(), 5))
		w.refused("a reversal without a key", reverse(ledger.Key{}, -5))
		w.refused("a reversal of more than was earned", reverse(w.key(), -900_000))
	case 1:
		e := pick(w.dice, w.earnings)
		again := e.earning
		again.Points++
		if w.office.restores == 0 {
			w.refused("a key for another earning", o.Earn(w.ctx, e.person, e.key, again))
			w.must(o.Earn(w.ctx, e.person, e.key, e.earning)) // once more, as it was
		}
	case 2:
		_, err := o.Grant(w.ctx, p.id, kiosk, -1)
		w.refused("a grant below 0", err)
		if _, err := o.Grant(w.ctx, p.id, kiosk, ledger.MaxPoints); err != nil && center.Passing(err) != nil {
			w.must(err)
		}
	case 3:
		err := o.ProposeWriteOff(w.ctx, kiosk, b.epoch, "officer-1", "x")
		w.refused("a write-off of a kiosk that serves", err)
	case 4:
		g := civic.Grant{Volunteer: p.id, Kiosk: kiosk, Epoch: b.epoch + 1, Lots: []civic.GrantedLot{{Expires: 4000, Granted: 500}}}
		w.refused("a report of another epoch", o.Report(w.ctx, kiosk, b.epoch+1, []civic.Grant{g}, false))
		g.Epoch = b.epoch
		g.Kiosk = "K-99"
		w.refused("a report for another kiosk", o.Report(w.ctx, kiosk, b.epoch, []civic.Grant{g}, false))
	}
}
