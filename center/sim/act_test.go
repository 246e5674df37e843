package sim

import (
	"context"
	"time"

	"yizhan/ledger"
)

type ctx = context.Context

// acts are what may happen in a step, and how often.
var acts = []struct {
	weight int
	what   string
	do     func(*world)
}{
	{40, "visit", func(w *world) { w.visits(1) }},
	{20, "visits at once", func(w *world) { w.visits(2 + w.dice.IntN(4)) }},
	{14, "earning", func(w *world) { w.earn(pick(w.dice, w.people), ledger.Points(1+w.dice.IntN(200))) }},
	{14, "desk", (*world).desk},
	{8, "activity", (*world).attend},
	{5, "reversal", (*world).reverse},
	{6, "move", (*world).move},
	{8, "cable", (*world).cable},
	{4, "weather", func(w *world) { w.net.weather(w.oneIn(2)) }},
	{4, "time", (*world).letTimePass},
	{5, "clock", (*world).turnClock},
	{4, "expiry", (*world).expire},
	{7, "kiosk crash", (*world).crashBox},
	{2, "kiosk restart", (*world).restartBox},
	{4, "center crash", (*world).crashOffice},
	{1, "center restart", func(w *world) { w.office.close(); w.office.open() }},
	{3, "disk copied", (*world).copyDisk},
	{1, "disk put back", (*world).putBackDisk},
	{1, "two boxes of one disk", (*world).cloneBox},
	{2, "box replaced", (*world).replaceBox},
	{2, "write-off", (*world).writeOff},
	{2, "courier", (*world).courier},
	{2, "lost and found", (*world).lostAndFound},
	{3, "center copied", func(w *world) { w.office.backup() }},
	{2, "center put back", (*world).restoreOffice},
	{3, "quarantine ended", (*world).reopen},
	{6, "a wrong request", func(w *world) { w.wrongRequest(w.dice.IntN(wrongRequests)) }},
	{4, "a forged chain", func(w *world) { w.mallory.act(w.dice.IntN(len(attacks))) }},
}

func (w *world) act() {
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	n := w.dice.IntN(total)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			w.say("%s", a.what)
			w.tally.count(a.what)
			a.do(w)
			return
		}
	}
}

// move gives a volunteer another home, or none.
func (w *world) move() {
	p := pick(w.dice, w.people)
	p.home = nil
	if w.dice.IntN(5) > 0 {
		p.home = pick(w.dice, w.stations)
	}
	w.register(p)
	w.touched[p] = true
}

// cable takes a station off the net, or puts it back.
func (w *world) cable() {
	s := pick(w.dice, w.stations)
	cut := !s.isAway() && w.dice.IntN(3) > 0
	s.cut.Store(cut)
	w.say("%s: cut=%v", s.id, cut)
	for _, b := range s.running() {
		if cut {
			b.disconnect()
		} else {
			b.hurry(w.ctx)
		}
	}
}

// letTimePass puts all clocks forward, without the waiting.
func (w *world) letTimePass() {
	w.passed.Add(int64(time.Duration(w.dice.IntN(15*24)) * time.Hour))
	w.say("it is %v", w.now())
}

// turnClock makes a clock wrong by up to years, or right again.
func (w *world) turnClock() {
	skew := time.Duration(0)
	if w.dice.IntN(3) > 0 {
		skew = time.Duration(w.dice.IntN(6*365)-3*365) * 24 * time.Hour
	}
	if w.oneIn(4) {
		w.office.turnClock(skew)
		w.say("the center's clock: %v", skew)
		return
	}
	b := pick(w.dice, pick(w.dice, w.stations).running())
	b.skew.Store(skew.Milliseconds())
	w.say("%s: its clock: %v", b.station.id, skew)
}

// expire lets points go, by whatever the clock says.
func (w *world) expire() {
	if w.oneIn(2) {
		_, err := w.office.store.Expire(w.ctx)
		w.must(err)
		return
	}
	b := pick(w.dice, pick(w.dice, w.stations).running())
	n, err := b.store.ReturnExpired(w.ctx, ledger.DayOf(b.time()), 50)
	w.say("%s: what expired goes back, of %d: %v", b.station.id, n, err)
	if err != nil && !expected(err) {
		w.must(err)
	}
}

// drill has every world ask for each thing that must be refused, and try some of the
// attacks in turn, so that a few seeds see all of them.
func (w *world) drill() {
	for n := range wrongRequests {
		w.wrongRequest(n)
	}
	const attempts = 8
	for n := range attempts {
		w.mallory.act(int(w.seed)*attempts + n)
	}
}
