package sim

import (
	center "yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// check holds the invariants as they must be at any moment, whatever is on its way
// or broken. For each volunteer:
//
//	1  no right is negative, at a kiosk or at the center
//	2  at the center, for each lot: earned = expired + free + the sum over chains of
//	   (granted - returned - lost), and none of it is negative; a center that was put
//	   back from a copy may miss some that was earned
//	3  for each chain and lot, what the center has is behind what the box has:
//	   granted(box) <= granted(center), spent(center) <= spent(box), and so on. So what is
//	   on its way down is granted(center) - granted(box), on its way up
//	   returned(box) - returned(center), and
//	   earned = expired + free + the sum of (on its way down + spendable + held + spent -
//	   refunded + on its way up - lost)
//	4  what all boxes hold or have spent is no more than was ever earned and not taken
//	   back, and what two officers wrote off: this holds against the world's own books,
//	   not the center's
//	5  while some of a lot is wanted back nothing of it is free and a kiosk may still
//	   return some, and no more is taken than anybody wanted
//
// and for each box: its chain begins with what the center has of it; what a frame or
// a screen said is durable; nobody is quarantined or refused without a reason.
func (w *world) check() {
	w.t.Helper()
	whole := w.step%20 == 0
	legit := w.checkBoxes()
	for _, p := range w.people {
		if whole || w.touched[p] || w.dice.IntN(len(w.people)) == 0 {
			w.checkPerson(p, legit)
		}
	}
	for _, p := range w.mallory.victims {
		w.checkPerson(p, legit)
	}
	clear(w.touched)
}

// checkBoxes holds what must be true of every box, and tells which ones are on the
// chain that the center has.
func (w *world) checkBoxes() map[*box]bool {
	legit := make(map[*box]bool)
	era, err := w.office.store.Era(w.ctx)
	w.must(err)
	for _, s := range w.stations {
		c, err := w.office.store.Chain(w.ctx, s.id, s.box.epoch)
		w.must(err)
		w.truth.locked(func() {
			if acked := w.truth.acked[s.box.chain()]; acked > c.Head.Seq {
				w.violated("the center has %s up to %d, and acknowledged %d", s.id, c.Head.Seq, acked)
			}
		})
		for _, b := range s.running() {
			legit[b] = w.checkBox(b, c, era)
		}
	}
	return legit
}

func (w *world) checkBox(b *box, c center.Chain, era string) bool {
	hash, long := b.hash(c.Head.Seq)
	legit := long && hash == c.Head.Hash
	head, acked := b.store.Head()
	if b.suspect {
		return legit
	}
	if !legit {
		w.violated("%s epoch %d: the center has another chain: %d of %d", b.station.id, b.epoch, c.Head.Seq, head.Seq)
	}
	if reason, text := b.store.Quarantined(); reason != "" || c.State == center.ChainQuarantined {
		w.violated("%s is in quarantine for nothing: %s %s; at the center %s %s", b.station.id, reason, text, c.State, c.Reason)
	}
	if r := b.link.State().Refused.Reason; r == link.ReasonForgot && !w.office.untold || r == link.ReasonProof || r == link.ReasonUnknown || r == link.ReasonReplaced {
		w.violated("%s is refused: %s", b.station.id, r)
	}
	if now, _ := b.store.Cursors(); now == era && acked > c.Head.Seq {
		w.violated("%s believes that the center has %d, it has %d", b.station.id, acked, c.Head.Seq)
	}
	w.truth.locked(func() {
		if head.Seq < b.floor {
			w.violated("%s has %d entries, and spoke of %d", b.station.id, head.Seq, b.floor)
		}
	})
	return true
}

// checkPerson holds 1 to 4 for one volunteer.
func (w *world) checkPerson(p *person, legit map[*box]bool) {
	w.t.Helper()
	a, err := w.office.store.Account(w.ctx, p.id)
	w.must(err)
	taken := w.checkReversals(p)
	lost := w.checkLots(p, a, taken)
	var claims ledger.Points
	there := make(map[chain]ledger.Account)
	for _, r := range a.Rights {
		at := chain{r.Kiosk, r.Epoch}
		there[at] = ledger.Account{Rights: append(there[at].Rights, r.Right)}
	}
	for _, s := range w.stations {
		claims += w.checkStation(p, s, there, legit)
	}
	for at, account := range there {
		if at.kiosk == w.mallory.id {
			claims += outstanding(account)
		}
	}
	var earned ledger.Points
	w.truth.locked(func() { earned = w.truth.earned[p.id] })
	if w.phones != nil {
		earned += w.phones.most[p.id]
	}
	if claims+taken > earned+lost {
		w.violated("%s: kiosks hold or have spent %d, %d were earned, %d taken back and %d written off; the center has %+v", p.name, claims, earned, taken, lost, a)
	}
}

// checkReversals returns how much was taken back.
func (w *world) checkReversals(p *person) (taken ledger.Points) {
	var wrong ledger.Points
	w.truth.locked(func() { wrong = w.truth.wrong[p.id] })
	if wrong == 0 {
		return 0
	}
	list, err := w.office.store.Reversals(w.ctx, p.id)
	w.must(err)
	for _, r := range list {
		taken += r.Taken
	}
	if taken > wrong {
		w.violated("%s: %d were taken back, %d were wrong", p.name, taken, wrong)
	}
	return taken
}

// checkLots holds 1 and 2 in the center's own book.
func (w *world) checkLots(p *person, a center.Account, taken ledger.Points) (lost ledger.Points) {
	out, left := make(map[ledger.Day]ledger.Points), make(map[ledger.Day]ledger.Points)
	for _, r := range a.Rights {
		left[r.Expires] += max(0, r.Spendable()+r.Held-r.Lost)
		if err := (ledger.Account{Rights: []ledger.Right{r.Right}}).Check(); err != nil || r.Lost < 0 || r.Lost > r.Granted-r.Returned {
			w.violated("%s at the center: %+v: %v", p.name, r, err)
		}
		out[r.Expires] += r.Granted - r.Returned - r.Lost
		lost += r.Lost
	}
	sum := taken - w.hoursOf(p)
	for _, l := range a.Lots {
		if l.Earned+l.Missing != l.Expired+l.Free+out[l.Expires] || l.Free < 0 || l.Expired < 0 || l.Missing != 0 && w.office.restores == 0 || l.Wanted > 0 && (l.Free > 0 || left[l.Expires] == 0) {
			w.violated("%s: a lot does not add up, with %d out: %+v", p.name, out[l.Expires], l)
		}
		sum += l.Earned
	}
	w.truth.locked(func() {
		if sum > w.truth.earned[p.id] || sum < w.truth.booked[p.id] {
			w.violated("%s: the center has %d earned, was told of %d, and answered %d: %+v", p.name, sum, w.truth.earned[p.id], w.truth.booked[p.id], a)
		}
	})
	return lost
}

// checkStation holds 1 and 3 for every box that stood at a station, and returns what
// they hold or have spent.
func (w *world) checkStation(p *person, s *station, there map[chain]ledger.Account, legit map[*box]bool) (claims ledger.Points) {
	for _, b := range s.retired {
		if b.suspect {
			claims += outstanding(there[b.chain()])
		} else {
			claims += outstanding(b.left[p.id])
		}
	}
	found := false
	var most ledger.Points
	for _, b := range s.running() {
		here, err := b.store.Account(p.id)
		if err != nil { // whom no document names: nothing can be spent
			here = ledger.Account{}
		}
		if err := here.Check(); err != nil {
			w.violated("%s at %s: %v: %+v", p.name, s.id, err, here)
		}
		if !legit[b] {
			continue
		}
		found = true
		most = max(most, outstanding(here))
		if err == nil {
			w.behind(p, b, here, there[b.chain()])
		}
	}
	if !found {
		most = outstanding(there[s.box.chain()])
	}
	return claims + most
}

// behind holds 3, unless the center was restored and the kiosk has not told yet.
func (w *world) behind(p *person, b *box, here, there ledger.Account) {
	if w.office.restores > 0 {
		k, _, err := w.office.store.Kiosk(w.ctx, b.station.id)
		w.must(err)
		if k.Unreported {
			return
		}
	}
	known := make(map[ledger.Day]ledger.Right)
	for _, r := range there.Rights {
		known[r.Expires] = r
	}
	for _, r := range here.Rights {
		c := known[r.Expires]
		if c.Granted < r.Granted || c.Spent > r.Spent || c.Refunded > r.Refunded || c.Returned > r.Returned {
			w.violated("%s at %s: the center has %+v, the box %+v", p.name, b.station.id, c, r)
		}
		delete(known, r.Expires)
	}
	for _, c := range known {
		if c.Spent > 0 || c.Refunded > 0 || c.Returned > 0 {
			w.violated("%s at %s: the center has %+v, the box nothing", p.name, b.station.id, c)
		}
	}
}

// outstanding is what a chain may spend or has spent: granted and not returned.
func outstanding(a ledger.Account) (n ledger.Points) {
	for _, r := range a.Rights {
		n += r.Granted - r.Returned
	}
	return n
}
