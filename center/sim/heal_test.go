package sim

import (
	"maps"
	"reflect"
	"time"

	center "yizhan/center/store"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// heal mends everything that is broken, waits, and holds that both ends agree, that
// the center is the sum of the chains, and that to sync once more changes nothing.
func (w *world) heal() {
	w.step++
	w.say("healing")
	w.net.weather(false)
	w.office.turnClock(0)
	w.office.copies = nil
	for _, s := range w.stations {
		s.cut.Store(false)
		for _, b := range s.running() {
			b.skew.Store(0)
			b.disconnect()
		}
	}
	w.reconnect()
	w.hangUp()
	w.check()
	w.decide()
	w.reconnect()
	w.lapseAll()
	w.reconnect()
	w.wait(6 * time.Minute) // the center looks for free points every 5
	w.step = 0              // everybody is looked at
	w.check()
	w.converged()
	before := w.books()
	for _, s := range w.stations {
		s.box.disconnect()
	}
	w.reconnect()
	if after := w.books(); !reflect.DeepEqual(before, after) {
		w.violated("to sync once more changed something:\n%+v\n%+v", before, after)
	}
	w.proof()
	if w.phones != nil {
		w.wishesAgree()
		w.hoursAgree()
	}
}

// reconnect has everybody come online, and waits until nothing is on its way.
func (w *world) reconnect() {
	w.wait(50 * time.Second) // what went silent is found out
	for _, s := range w.stations {
		for _, b := range s.running() {
			b.hurry(w.ctx)
		}
	}
	w.wait(30 * time.Second)
}

// decide is what officers do about kiosks that are in quarantine, or that are two:
// those get a new box, and an honest old journal is carried in.
func (w *world) decide() {
	for _, s := range w.stations {
		if s.twin != nil { // they take the seat from each other
			s.twin.away.Store(true)
			s.twin.disconnect()
			w.reconnect()
		}
		_, c, err := w.office.store.Kiosk(w.ctx, s.id)
		w.must(err)
		if c.State == center.ChainOpen && s.twin == nil && !s.box.suspect {
			continue
		}
		hash, long := s.box.hash(c.Head.Seq)
		rogue := !long || hash != c.Head.Hash
		if reason, _ := s.box.store.Quarantined(); rogue && reason == "" {
			w.violated("%s is on another chain than the center's, and goes on", s.id)
		}
		w.say("%s gets a new box: %s %s", s.id, c.State, c.Reason)
		s.replace()
	}
}

// converged holds that every box and the center know the same.
func (w *world) converged() {
	versions, err := w.office.store.Versions(w.ctx)
	w.must(err)
	for _, s := range w.stations {
		b := s.box
		c, err := w.office.store.Chain(w.ctx, s.id, b.epoch)
		w.must(err)
		head, acked := b.store.Head()
		if c.Head != head || acked != head.Seq || c.Folded != head.Seq || !b.online() {
			w.violated("%s: the center has %d and folded %d, the box %d, %d acknowledged; %+v", s.id, c.Head.Seq, c.Folded, head.Seq, acked, b.link.State())
		}
		_, at := b.store.Cursors()
		for _, scope := range []string{"center", s.town, s.id} {
			if at[scope] != versions[scope] {
				w.violated("%s has documents of %s up to %d, there are %d", s.id, scope, at[scope], versions[scope])
			}
		}
		w.sameRights(b)
	}
	w.sameChains()
	for _, p := range w.people {
		list, err := w.office.store.Fetches(w.ctx, p.id)
		w.must(err)
		if len(list) > 0 {
			w.violated("%s: what is to leave a kiosk is still there: %+v", p.name, list)
		}
	}
}

// sameRights holds that the center's rights at a kiosk are the kiosk's own.
func (w *world) sameRights(b *box) {
	here := b.accounts()
	for _, p := range w.people {
		a, err := w.office.store.Account(w.ctx, p.id)
		w.must(err)
		var there ledger.Account
		for _, r := range a.Rights {
			if r.Kiosk == b.station.id && r.Epoch == b.epoch {
				there.Rights = append(there.Rights, r.Right)
			}
		}
		if !reflect.DeepEqual(here[p.id].Rights, there.Rights) {
			w.violated("%s at %s: the box has %+v, the center %+v", p.name, b.station.id, here[p.id], there)
		}
	}
}

// sameChains folds the boxes' own journals by package ledger alone, and holds that
// the center's counters are what they come to.
func (w *world) sameChains() {
	for _, s := range w.stations {
		sum := make(map[ledger.ID]ledger.Account)
		redemptions := make(map[uint64]ledger.Redemption)
		checked := make(map[ledger.Body]uint64)
		for _, raw := range s.box.journal() {
			e, err := ledger.DecodeEntry(raw)
			w.must(err)
			w.must(fold(e, sum, redemptions))
			if w.phones != nil {
				w.checkedOnce(s, e, checked)
			}
		}
		for id, account := range s.box.accounts() {
			for _, r := range account.Rights {
				sum[id] = sum[id].Grant(r.Expires, r.Granted)
			}
			if !reflect.DeepEqual(sum[id], account) {
				w.violated("%s: the journal comes to %+v, the book has %+v", s.id, sum[id], account)
			}
			w.must(account.Check())
		}
	}
}

// fold applies an entry by the rules of package ledger.
func fold(e ledger.Entry, accounts map[ledger.ID]ledger.Account, redemptions map[uint64]ledger.Redemption) (err error) {
	step := func(seq uint64, do func(ledger.Redemption, ledger.Account) (ledger.Redemption, ledger.Account, error)) error {
		r := redemptions[seq]
		r, a, err := do(r, accounts[r.Volunteer])
		redemptions[seq], accounts[r.Volunteer] = r, a
		return err
	}
	switch b := e.Body.(type) {
	case ledger.Reserve:
		accounts[b.Volunteer] = accounts[b.Volunteer].Hold(b.Parts)
		redemptions[e.Seq] = ledger.Redemption{Reserve: b, Seq: e.Seq, State: ledger.Reserved}
	case ledger.Settle:
		return step(b.Redemption, func(r ledger.Redemption, a ledger.Account) (ledger.Redemption, ledger.Account, error) {
			r, a, _, err := r.Settle(a, ledger.Shelf{})
			return r, a, err
		})
	case ledger.Cancel:
		return step(b.Redemption, func(r ledger.Redemption, a ledger.Account) (ledger.Redemption, ledger.Account, error) {
			r, a, _, err := r.Cancel(a, ledger.Shelf{})
			return r, a, err
		})
	case ledger.Refund:
		return step(b.Redemption, func(r ledger.Redemption, a ledger.Account) (ledger.Redemption, ledger.Account, error) {
			r, a, _, err := r.Refund(a, ledger.Shelf{}, b.Restock)
			return r, a, err
		})
	case ledger.Return:
		accounts[b.Volunteer] = accounts[b.Volunteer].Return(b.Parts)
	}
	return nil
}

// books is what both ends have of everybody and every chain.
func (w *world) books() map[string]any {
	all := make(map[string]any)
	for _, p := range w.people {
		a, err := w.office.store.Account(w.ctx, p.id)
		w.must(err)
		all[p.name] = a
	}
	for _, s := range w.stations {
		head, acked := s.box.store.Head()
		all[s.id] = []any{head, acked, maps.Clone(s.box.accounts())}
	}
	return all
}

// proof has both stores prove their books.
func (w *world) proof() {
	report, err := w.office.store.Verify(w.ctx)
	w.must(err)
	if !report.OK() {
		w.violated("the center's book is not whole: %+v", report.Findings)
	}
	forgot := w.forgotten > 0 || w.phones != nil && w.office.restores > 0 // what was served nobody enters again
	if report.Earned+report.Missing != report.Expired+report.Free+report.Out || report.Missing > 0 && !forgot {
		w.violated("the center's book does not close: %+v", report)
	}
	for _, s := range w.stations {
		s.box.powerOff()
		r, err := store.Verify(w.ctx, s.box.config())
		w.must(err)
		if !r.OK {
			w.violated("%s: its books are not whole: %+v", s.id, r)
		}
		s.box.powerOn()
	}
}
