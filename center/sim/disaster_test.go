package sim

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	center "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
	"yizhan/link"
)

var errBoxPower = faulty.ErrPower

// crashBox lets the power of a kiosk go while people are at it.
func (w *world) crashBox() {
	b := pick(w.dice, pick(w.dice, w.stations).running())
	book := filepath.Join(b.dir, "book.db")
	before := filepath.Join(w.dir, "before.db")
	w.must(copyFile(book, before))
	applied := b.applied.Load()
	b.disk.CutAt(len(b.disk.Ops())+w.dice.IntN(14), w.dice.IntN(1500))
	all := make([]*visit, 1+w.dice.IntN(4))
	for i := range all {
		all[i] = w.drawVisit()
		all[i].box = b
	}
	w.together(all)
	w.wait(time.Duration(w.dice.IntN(500)) * time.Millisecond)
	b.powerOff()
	b.disk = b.disk.Restart(pick(w.dice, []faulty.Survival{faulty.Nothing, faulty.Some, faulty.Some, faulty.All}), w.dice)
	// The book is committed after the answer, so the crash may have come before that.
	// Documents are answered after the commit: a book that took some in is as it is.
	behind := b.applied.Load() == applied && w.oneIn(2)
	if behind {
		w.must(copyFile(before, book))
	}
	w.say("%s: power cut, book behind=%v", b.station.id, behind)
	b.powerOn()
	w.kept(b)
}

// kept holds that a box still knows all that somebody was told.
func (w *world) kept(b *box) {
	w.truth.mu.Lock()
	defer w.truth.mu.Unlock()
	head, _ := b.store.Head()
	if head.Seq < b.floor {
		w.violated("%s lost entries: it has %d, and spoke of %d", b.station.id, head.Seq, b.floor)
	}
	for seq, state := range b.said {
		r, err := b.store.Redemption(seq)
		if err != nil || r.State < state {
			w.violated("%s: redemption %d was said to be %v, and is %v: %v", b.station.id, seq, state, r.State, err)
		}
	}
	if w.office.restores > 0 {
		return
	}
	_, at := b.store.Cursors()
	for scope, version := range b.cursors {
		if at[scope] < version {
			w.violated("%s lost documents of %s: it has %d, and said %d", b.station.id, scope, at[scope], version)
		}
	}
}

// restartBox ends the process in good order and starts it again.
func (w *world) restartBox() {
	b := pick(w.dice, pick(w.dice, w.stations).running())
	w.say("%s restarts", b.station.id)
	b.powerOff()
	b.powerOn()
	w.kept(b)
}

// crashOffice lets the center's power go while it works.
func (w *world) crashOffice() {
	w.office.crash(func() {
		switch w.dice.IntN(3) {
		case 0:
			w.earn(pick(w.dice, w.people), 50)
		case 1:
			w.move()
		case 2:
			for _, s := range w.stations {
				s.box.disconnect()
				s.box.hurry(w.ctx)
			}
		}
	})
}

func (w *world) copyDisk() {
	s := pick(w.dice, w.stations)
	w.say("the disk of %s is copied", s.id)
	s.images = append(s.images, s.box.image())
}

// putBackDisk replaces a box's disk by an old copy of it.
func (w *world) putBackDisk() {
	s := pick(w.dice, w.stations)
	if len(s.images) == 0 || s.twin != nil || w.untold(s) {
		return
	}
	w.office.copies = nil // see doc.go: no two disasters that hide each other
	i := pick(w.dice, s.images)
	w.say("%s: the disk is put back as it was at %d", s.id, i.floor)
	s.box.powerOff()
	s.box = s.boxOf(i)
}

// cloneBox runs a second box on a copy of the disk of the first.
func (w *world) cloneBox() {
	s := pick(w.dice, w.stations)
	if s.twin != nil || w.untold(s) {
		return
	}
	w.office.copies = nil
	w.say("%s: a second box of the same disk", s.id)
	i := s.box.image()
	s.box.suspect = true
	s.twin = s.boxOf(i)
}

// untold tells whether the center was put back from a copy and waits for the
// kiosk. Whoever takes away its box, or its disk, takes what it would have told: that
// is one of the pairs of disasters in doc.go.
func (w *world) untold(s *station) bool {
	k, _, err := w.office.store.Kiosk(w.ctx, s.id)
	w.must(err)
	return k.Unreported
}

func (w *world) replaceBox() {
	s := pick(w.dice, w.stations)
	if w.untold(s) {
		return
	}
	w.say("%s gets a new box", s.id)
	w.office.copies = nil
	s.replace()
}

// writeOff gives up what an old box of a station has outstanding.
func (w *world) writeOff() {
	s := pick(w.dice, w.stations)
	if len(s.retired) == 0 {
		return
	}
	w.office.copies = nil
	w.lose(s.id, pick(w.dice, s.retired).epoch)
}

// lose writes a chain off. One officer is not enough, and a chain that serves
// cannot be.
func (w *world) lose(kiosk string, epoch uint32) {
	o, ctx := w.office, w.ctx
	if err := o.store.ProposeWriteOff(ctx, kiosk, epoch, "officer-1", "the box is lost"); errors.Is(err, center.ErrState) {
		return // it was before
	} else {
		w.must(err)
	}
	_, err := o.store.ConfirmWriteOff(ctx, kiosk, epoch, "officer-1")
	w.refused("a write-off by one officer", err)
	points, err := o.store.ConfirmWriteOff(ctx, kiosk, epoch, "officer-2")
	w.must(err)
	w.say("%d points are lost at %s", points, kiosk)
	for _, p := range w.people {
		w.touched[p] = true
	}
}

// lostAndFound writes a box off that had given points back and not said so, and
// then finds its journal.
func (w *world) lostAndFound() {
	s := pick(w.dice, w.stations)
	old := s.box
	if old.suspect || w.untold(s) {
		return
	}
	w.office.copies = nil
	s.cut.Store(true)
	old.disconnect()
	for _, p := range w.people[:min(len(w.people), 5)] {
		if _, err := old.store.GiveBack(w.ctx, p.id, ledger.Points(5+w.dice.IntN(50))); err != nil && !expected(err) {
			w.must(err)
		}
	}
	s.replace()
	w.lose(s.id, old.epoch)
	w.say("%s: the journal of the lost box is found: %v", s.id, w.carry(old, old.entries))
	s.cut.Store(false)
	s.box.hurry(w.ctx)
}

// courier carries the journal of an old or a present box to the center.
func (w *world) courier() {
	s := pick(w.dice, w.stations)
	b := pick(w.dice, append(slices.Clone(s.retired), s.box))
	if b.suspect {
		return
	}
	entries := b.entries
	if b == s.box {
		entries = b.journal()
	}
	w.say("%s epoch %d: a courier brings %d entries: %v", s.id, b.epoch, len(entries), w.carry(b, entries))
}

// carry has entries taken in as the center takes in what comes by USB.
func (w *world) carry(b *box, entries [][]byte) error {
	head := ledger.Head{Kiosk: b.station.id, Epoch: b.epoch}
	for some := range slices.Chunk(entries, link.MaxEntries) {
		first := head.Seq + 1
		for _, raw := range some {
			var err error
			head, _, err = head.Next(raw)
			w.must(err)
		}
		err := w.office.take(b.station.id, b.epoch, b.key, link.Entries{First: first, Signature: head.Sign(b.key), Entries: some})
		if err != nil {
			w.violated("%s epoch %d: its own journal is refused: %v", b.station.id, b.epoch, err)
		}
	}
	return nil
}

// restoreOffice puts the center's database back from an old copy.
func (w *world) restoreOffice() {
	o := w.office
	if len(o.copies) == 0 || slices.ContainsFunc(w.stations, func(s *station) bool { return s.twin != nil || s.box.suspect }) {
		return // see doc.go: a copied box may tell what the other one knows better
	}
	i := w.dice.IntN(len(o.copies))
	c := o.copies[i]
	o.copies = o.copies[:i+1]
	witness := w.witness(c)
	told := witness == nil || w.oneIn(2)
	w.say("the center is put back as it was, %d copies ago; told=%v", len(o.copies)-i, told)
	cut := make(map[*station]bool)
	for _, s := range w.stations {
		cut[s] = s.isAway()
		s.cut.Store(true)
	}
	o.restore(c, told)
	if !told {
		w.findOut(witness, c)
	}
	before := w.granted()
	_, err := o.store.Grant(w.ctx, w.people[0].id, w.stations[0].id, 5)
	w.refused("a grant before all have told", err)
	_, err = o.store.Reverse(w.ctx, w.earnings[0].person, w.key(), civic.Earning{On: 2000, Expires: w.earnings[0].earning.Expires, What: "x", Points: -1})
	w.refused("a reversal before all have told", err)
	late := w.oneIn(2) // the earnings are entered again when kiosks have told already
	if !late {
		w.enterAgain(c)
	}
	if after := w.granted(); after != before {
		w.violated("%d points were granted before all have told", after-before)
	}
	for s, was := range cut {
		s.cut.Store(was)
		for _, b := range s.running() {
			b.hurry(w.ctx)
		}
	}
	w.mallory.enrol()
	if late {
		w.wait(10 * time.Second)
		w.enterAgain(c)
	}
}

// granted is all that the center has granted.
func (w *world) granted() (sum ledger.Points) {
	for _, p := range w.people {
		a, err := w.office.store.Account(w.ctx, p.id)
		w.must(err)
		for _, r := range a.Rights {
			sum += r.Granted
		}
	}
	return sum
}

// witness is a station that knows of more that was acknowledged than a copy has.
func (w *world) witness(c *copied) *station {
	for _, s := range w.stations {
		_, acked := s.box.store.Head()
		era, _ := s.box.store.Cursors()
		if s.twin == nil && !s.box.suspect && era == c.era && acked > c.heads[s.id] {
			return s
		}
	}
	return nil
}

// findOut lets a kiosk tell the center that it was put back, which then an officer
// says.
func (w *world) findOut(s *station, c *copied) {
	w.net.weather(false)
	s.cut.Store(false)
	w.wait(2 * time.Second)
	s.box.hurry(w.ctx)
	w.wait(20 * time.Second)
	if state := s.box.link.State(); state.Refused.Reason != link.ReasonForgot {
		w.violated("%s was acknowledged more than the center has, and is told %+v", s.id, state)
	}
	w.tally.count("a restore that nobody told of was found out")
	s.cut.Store(true)
	w.office.restore(c, true)
}

// enterAgain enters once more what was registered since the copy, and mostly what
// was earned since.
func (w *world) enterAgain(c *copied) {
	for _, p := range w.people {
		w.register(p)
	}
	if w.oneIn(2) {
		w.forgotten++
		return
	}
	for _, e := range w.earnings[c.earnings:] {
		w.must(w.office.store.Earn(w.ctx, e.person, e.key, e.earning))
		w.truth.book(e.person, e.earning.Points)
	}
}

// reopen ends quarantines, whether that is wise or not.
func (w *world) reopen() {
	for _, s := range w.stations {
		_, c, err := w.office.store.Kiosk(w.ctx, s.id)
		w.must(err)
		if c.State == center.ChainQuarantined {
			w.say("an officer ends the quarantine of %s: %s", s.id, c.Reason)
			w.must(w.office.store.Reopen(w.ctx, s.id, c.Head.Epoch, "officer"))
		}
	}
}
