package sim

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// world is a county: a center, kiosks in the villages of some towns, people.
type world struct {
	t         *testing.T
	ctx       context.Context
	stop      context.CancelFunc
	seed      uint64
	dir       string
	dice      *rand.Rand // of the steps; the goroutine of the test alone rolls it
	size      size
	epoch     time.Time    // when the world begins, as its clocks say
	passed    atomic.Int64 // by which clocks were put forward, a time.Duration
	office    *office
	stations  []*station
	people    []*person
	clerk     ledger.ID
	leader    ledger.ID
	techie    ledger.ID
	mallory   *mallory
	net       *net
	truth     *truth
	trace     []string
	tally     tally
	keys      uint64
	earnings  []earning
	shifts    []civic.Shift
	forgotten int // restores after which nobody entered the earnings again
	touched   map[*person]bool
	step      int
	phones    *phones // nil: nobody reserves by phone
}

// size says how big a world is.
type size struct{ towns, kiosks, people, steps int }

// drawSize makes most worlds small, one in 20 larger, and one in 200 as large as a
// county.
func drawSize(seed uint64, dice *rand.Rand) size {
	switch {
	case seed%200 == 0:
		return size{6, 40 + dice.IntN(21), 1500 + dice.IntN(1501), 200}
	case seed%20 == 0:
		return size{3, 6 + dice.IntN(10), 40 + dice.IntN(160), 120}
	}
	return size{1 + dice.IntN(2), 2 + dice.IntN(4), 2 + dice.IntN(12), 60 + dice.IntN(80)}
}

// person is a volunteer.
type person struct {
	id   ledger.ID
	name string
	card civic.CardID
	town string
	home *station
}

func newWorld(t *testing.T, seed uint64, dir string) *world {
	t.Helper()
	w := &world{t: t, seed: seed, dir: dir, dice: rand.New(rand.NewPCG(seed, 1)), epoch: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
		truth: newTruth(), touched: make(map[*person]bool)}
	w.ctx, w.stop = context.WithCancel(t.Context())
	w.epoch = w.epoch.Add(-time.Duration(time.Now().UnixNano())) // bubbles begin in 2000
	w.size = drawSize(seed, w.dice)
	w.tally.kiosks, w.tally.people = w.size.kiosks, w.size.people
	w.net = &net{w: w, dice: rand.New(rand.NewPCG(seed, 2))}
	w.office = newOffice(w)
	w.settlers()
	return w
}

// now is what a right clock says.
func (w *world) now() time.Time {
	return w.epoch.Add(time.Duration(time.Now().UnixNano() + w.passed.Load()))
}

func (w *world) today() ledger.Day { return ledger.DayOf(w.now().In(time.FixedZone("UTC+8", 8*60*60))) }

// settlers founds the towns and stations, and registers the people.
func (w *world) settlers() {
	o := w.office
	o.scope("center", "")
	for town := range w.size.towns {
		o.scope(townName(town), "center")
	}
	w.clerk, w.leader, w.techie = idOf("clerk", 0), idOf("leader", 0), idOf("technician", 0)
	for n, role := range []civic.Role{civic.RoleClerk, civic.RoleLeader, civic.RoleTechnician} {
		id := []ledger.ID{w.clerk, w.leader, w.techie}[n]
		o.put("center", civic.Document{Staff: &civic.Staff{ID: id, Version: 1, Name: "李娜", Role: role}})
	}
	for n := range w.size.kiosks {
		w.found(n)
	}
	w.mallory = newMallory(w)
	for n := range w.size.people {
		town := w.dice.IntN(w.size.towns)
		p := &person{id: idOf("volunteer", n), name: fmt.Sprintf("张伟%d", n), card: cardOf(n), town: townName(town)}
		if w.dice.IntN(8) > 0 {
			p.home = w.stations[w.dice.IntN(len(w.stations))]
		}
		w.people = append(w.people, p)
		w.register(p)
	}
	w.wait(3 * time.Second)
	for _, p := range w.people {
		w.earn(p, ledger.Points(50+w.dice.IntN(400)))
	}
	w.wait(3 * time.Second)
}

func (w *world) register(p *person) {
	home := ""
	if p.home != nil {
		home = p.home.id
	}
	w.office.register(p, home)
}

func townName(n int) string { return fmt.Sprintf("town-%d", n) }

func sum(kind string, n int) [32]byte { return sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n)) }

func cardOf(n int) civic.CardID { s := sum("card", n); return civic.CardID(s[:16]) }

func idOf(kind string, n int) ledger.ID { s := sum(kind, n); return ledger.ID(s[:10]) }

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// key is one that no other request has.
func (w *world) key() (k ledger.Key) {
	w.keys++
	binary.BigEndian.PutUint64(k[:], w.keys)
	return k
}

// wait lets time pass until everything that happens in it has happened.
func (w *world) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// live is the world's life: its steps, with the invariants after each, and then
// the healing.
func (w *world) live() {
	w.check()
	w.rules()
	w.visits(8)
	w.drill()
	w.check()
	for range w.size.steps {
		w.step++
		w.tally.steps++
		w.act()
		w.byPhone()
		w.wait(time.Duration(w.dice.IntN(1500)) * time.Millisecond)
		w.check()
	}
	w.heal()
}

// end stops everything that runs.
func (w *world) end() {
	w.office.close()
	for _, s := range w.stations {
		s.close()
	}
	w.stop()
	synctest.Wait()
}

// say notes a line of the trace.
func (w *world) say(format string, args ...any) {
	line := fmt.Sprintf("step %d: ", w.step) + fmt.Sprintf(format, args...)
	if *talk {
		w.t.Log(line)
	}
	w.trace = append(w.trace, line)
}

// violated ends the world, and tells how it came to that.
func (w *world) violated(format string, args ...any) {
	w.t.Helper()
	last := w.trace[max(0, len(w.trace)-20):]
	w.t.Fatalf("seed %d, step %d: %s\n  %s", w.seed, w.step, fmt.Sprintf(format, args...), strings.Join(last, "\n  "))
}

// must ends the world at an error that nothing in it explains.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.violated("unexpected: %v", err)
	}
}

// refused holds that a request that must not be served is not.
func (w *world) refused(what string, err error) {
	w.t.Helper()
	if err == nil {
		w.violated("%s was not refused", what)
	}
	w.tally.count("refused: " + what)
}

func (w *world) oneIn(n int) bool { return w.dice.IntN(n) == 0 }

func pick[T any](dice *rand.Rand, from []T) T { return from[dice.IntN(len(from))] }
