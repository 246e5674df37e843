package link

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/ledger"
)

// TestCutAtEveryFrame breaks the first connection at each of its frames, in each
// direction and in each way. What one end said is never lost for good.
func TestCutAtEveryFrame(t *testing.T) {
	for _, up := range []bool{true, false} {
		for cut := CutBefore; cut <= CutSilent; cut++ {
			for n := 0; ; n++ {
				met := false
				t.Run(fmt.Sprintf("up=%v/cut=%d/frame=%d", up, cut, n), func(t *testing.T) {
					inWorld(t, func(t *testing.T, w *world) { met = cutAt(t, w, up, n, cut) })
				})
				if !met {
					if n < 6 {
						t.Errorf("only %d frames in this direction", n)
					}
					break
				}
			}
		}
	}
}

// cutAt lives some of a kiosk's day over a first connection that breaks at one
// frame, and tells whether it came to that frame.
func cutAt(t *testing.T, w *world, up bool, at int, cut Cut) (met bool) {
	var mu sync.Mutex
	connections := 0
	w.fates = func(kiosk string) Fates {
		if kiosk == "B" {
			return nil
		}
		connections++
		first := connections == 1
		return func(u bool, n int, _ Frame) Fate {
			mu.Lock()
			defer mu.Unlock()
			if first && u == up && n == at {
				met = true
				return Fate{Cut: cut}
			}
			return Fate{}
		}
	}
	bk := newBook("A")
	bk.events(MaxEntries*MaxUnacked + 40)
	w.office.tell("one")
	a, b := w.enrolWith("A", bk), w.enrol("B")
	synctest.Wait()
	w.office.earn(zhang, "A", 100)
	synctest.Wait()
	spent := a.spend(zhang, 10)
	_, _ = a.kiosk.TopUp(t.Context(), zhang, 100, 5)
	time.Sleep(3 * time.Second)
	_, _ = b.kiosk.TopUp(t.Context(), zhang, 0, 30)
	w.office.tell("two")
	w.settle()
	_, _ = b.kiosk.TopUp(t.Context(), zhang, 0, 30) // whoever waits touches once more
	w.settle()
	if err := w.converged(); err != nil {
		t.Error(err)
	}
	if spent == nil && w.office.lots[zhang].At["A"].Spent != 10 {
		t.Errorf("the center has %+v", w.office.lots[zhang].At["A"])
	}
	if got := b.account(zhang).Spendable(); got != 30 {
		t.Errorf("B has got %d points", got)
	}
	return met
}

// TestClone: a copy of a box is found out by its first entry, whichever of the
// two speaks first, and what the center has does not change with it.
func TestClone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		w.office.earn(zhang, "A", 100)
		a.events(5)
		synctest.Wait()
		copied := a.copy()
		w.cut("A", true)
		if err := a.spend(zhang, 80); err != nil {
			t.Fatal(err)
		}
		a.stop()
		<-a.ended
		w.cut("A", false)
		clone := w.start("A", copied)
		if err := clone.spend(zhang, 80); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if s := clone.kiosk.State(); !s.Online || s.Quarantine.Reason != "" {
			t.Errorf("nobody can know yet: %+v", s)
		}
		clone.stop()
		<-clone.ended
		chain := w.office.boxes["A"].head
		w.boxes["A"] = a
		a.ended = make(chan struct{})
		var sent, told atomic.Int32
		w.fates = func(string) Fates {
			return func(_ bool, _ int, f Frame) Fate {
				switch f.(type) {
				case Entries:
					sent.Add(1)
				case Diverged:
					told.Add(1)
				}
				return Fate{}
			}
		}
		w.run(a)
		w.settle()
		if sent.Load() != 0 || told.Load() == 0 {
			t.Errorf("a kiosk that sees the fork itself sent %d times entries and said %d times so", sent.Load(), told.Load())
		}
		if s := a.kiosk.State(); s.Quarantine.Reason != ReasonFork || w.office.boxes["A"].quarantine.Reason != ReasonFork {
			t.Errorf("the screen says %+v, the center %+v", s, w.office.boxes["A"].quarantine)
		}
		if a.spend(zhang, 1) == nil {
			t.Error("spent after a fork")
		}
		if w.office.boxes["A"].head != chain {
			t.Error("the chain has grown by a fork")
		}
		w.office.Quarantine(t.Context(), "A", 1, Quarantine{}) // an officer errs
		w.office.link.Quarantine("A", Quarantine{})
		synctest.Wait()
		if s := a.kiosk.State(); s.Quarantine.Reason != ReasonFork {
			t.Errorf("lifted by mistake, live: %+v", s)
		}
		w.cut("A", true)
		w.cut("A", false)
		w.settle()
		if s := a.kiosk.State(); s.Quarantine.Reason != ReasonFork {
			t.Errorf("lifted by mistake: %+v", s)
		}
	})
}

// TestTwoAtOnce: a box and its copy both on the net push each other out, at a
// bounded rate, and the one that writes second is found out.
func TestTwoAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		copied := a.copy()
		clone := w.start("A", copied)
		synctest.Wait()
		if x, y := a.kiosk.State(), clone.kiosk.State(); x.Online || x.Refused.Reason != ReasonElsewhere || !y.Online {
			t.Errorf("the first: %+v, the second: %+v", x, y)
		}
		before := w.dialed()
		time.Sleep(time.Hour)
		if n := w.dialed() - before; n > 200 {
			t.Errorf("%d calls in an hour", n)
		}
		a.events(1)
		clone.events(2)
		time.Sleep(time.Hour)
		if w.office.boxes["A"].quarantine.Reason == "" {
			t.Error("both go on")
		}
		a.stop()
		<-a.ended
	})
}

// TestRegressed: a kiosk whose disk is an old copy is stopped before it writes
// anything twice.
func TestRegressed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		a.events(5)
		old := a.copy()
		a.events(5)
		synctest.Wait()
		a.stop()
		<-a.ended
		old.acked = 10 // the book is not as old as the journal
		b := w.start("A", old)
		synctest.Wait()
		if s := b.kiosk.State(); s.Unsent != 0 {
			t.Errorf("%d entries are unsent", s.Unsent)
		}
		want := Quarantine{ReasonRegressed, "the center has entries up to 10, the kiosk up to 5"}
		if s := b.kiosk.State(); s.Quarantine != want || w.office.boxes["A"].quarantine != want {
			t.Errorf("the screen says %+v, the center %+v", s.Quarantine, w.office.boxes["A"].quarantine)
		}
		if head, _ := b.Head(); head.Seq != 5 {
			t.Errorf("it has written up to %d", head.Seq)
		}
	})
}

// TestCenterRestored: a center whose database is an old copy has forgotten
// grants, entries and documents. It grants nothing before the kiosks have told
// what they hold, and then it has everything again.
func TestCenterRestored(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.enrol("A"), w.enrol("B")
		synctest.Wait()
		w.office.tell("one")
		w.office.earn(zhang, "A", 100)
		a.events(10)
		synctest.Wait()
		backup := w.office.copy()
		if _, err := b.kiosk.TopUp(t.Context(), zhang, 0, 70); err != nil {
			t.Fatal(err)
		}
		if err := b.spend(zhang, 50); err != nil {
			t.Fatal(err)
		}
		w.settle()
		w.cut("A", true)
		w.cut("B", true)
		w.office.restore(backup)
		w.office.tell("two")
		w.cut("A", false)
		w.settle()
		if _, err := a.kiosk.TopUp(t.Context(), zhang, 100, 70); err != nil || a.account(zhang).Spendable() != 30 {
			t.Errorf("%v, %d points at A, while B has not told", err, a.account(zhang).Spendable())
		}
		before := w.linked("B")
		w.cut("B", false)
		w.settle()
		if err := w.converged(); err != nil || w.linked("B") != before+1 {
			t.Errorf("%v, after %d connections", err, w.linked("B")-before)
		}
		if _, err := a.kiosk.TopUp(t.Context(), zhang, 100, 20); err != nil || a.account(zhang).Spendable() != 50 {
			t.Errorf("%v, %d points at A, with %d at B", err, a.account(zhang).Spendable(), b.account(zhang).Spendable())
		}
		if !b.texts["two"] || !a.texts["one"] {
			t.Errorf("documents: %v, %v", a.texts, b.texts)
		}
	})
}

// TestManyRights: what was granted is told in pages.
func TestManyRights(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		backup := w.office.copy()
		for i := range 2*MaxRights + 7 {
			id := ledger.ID{byte(i >> 8), byte(i), 1}
			w.office.earn(id, "A", ledger.Points(i+1))
			backup.lots[id] = ledger.Lot{Expires: 4000, Earned: ledger.Points(i + 1)}
		}
		w.settle()
		w.cut("A", true)
		w.office.restore(backup)
		w.cut("A", false)
		w.office.tell("a document of the new era")
		w.settle()
		if err := w.converged(); err != nil {
			t.Error(err)
		}
		if got := w.office.lots[ledger.ID{0, 9, 1}].At["A"].Granted; got != 10 {
			t.Errorf("%d points, of %d volunteers at the kiosk", got, len(a.accounts))
		}
	})
}

// TestRightsFitAFrame: a page of rights is no longer than a frame that goes up may
// be, however many lots somebody has, and all pages together tell of everybody.
func TestRightsFitAFrame(t *testing.T) {
	var many ledger.Account
	for day := range ledger.Day(MaxLots) {
		many = many.Grant(2000+31*day, ledger.MaxPoints)
	}
	for _, people := range []int{1, 9, 10, 11, 57, MaxRights - 1} {
		ids, accounts := make([]ledger.ID, people), make([]ledger.Account, people)
		for i := range ids {
			ids[i], accounts[i] = ledger.ID{1, byte(i >> 8), byte(i)}, many
		}
		told := 0
		for last := false; !last; {
			page := rightsPage(ids[told:], accounts[told:])
			b, err := Encode(page)
			if err != nil || len(b) > MaxFrameUp || len(page.Rights) == 0 {
				t.Fatalf("%d people: a page of %d volunteers and %d bytes: %v", people, len(page.Rights), len(b), err)
			}
			told, last = told+len(page.Rights), page.Last
		}
		if told != people {
			t.Errorf("%d of %d people were told of", told, people)
		}
	}
}

// TestRandom lets kiosks, volunteers, cables and the center do what they do in
// any order. Points are safe after every step, and in the end all books agree.
func TestRandom(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 8
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				if err := w.live(rand.New(rand.NewPCG(seed, 1))); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			})
		})
	}
}

// live runs a world for some hundred steps and heals it.
func (w *world) live(rng *rand.Rand) error {
	names := strings.Split("A B C D", " ")
	faults := rand.New(rand.NewPCG(rng.Uint64(), 2))
	var mu sync.Mutex
	healed := false
	w.fates = func(string) Fates {
		return func(bool, int, Frame) Fate {
			mu.Lock()
			defer mu.Unlock()
			if healed {
				return Fate{}
			}
			fate := Fate{Delay: time.Duration(faults.IntN(300)) * time.Millisecond}
			if faults.IntN(25) == 0 {
				fate.Cut = Cut(1 + faults.IntN(3))
			}
			return fate
		}
	}
	for _, name := range names {
		w.enrol(name)
	}
	for step := range 200 {
		w.step(rng, w.boxes[names[rng.IntN(len(names))]])
		if err := w.safe(); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	mu.Lock()
	healed = true
	mu.Unlock()
	for _, name := range names {
		w.cut(name, false)
	}
	w.settle()
	return w.converged()
}

// restoreCenter stops the center, puts the copy in the place of its database,
// and starts it again.
func (w *world) restoreCenter() {
	was := map[string]bool{}
	for kiosk := range w.boxes {
		w.mu.Lock()
		was[kiosk] = w.away[kiosk]
		w.mu.Unlock()
		w.cut(kiosk, true)
	}
	w.office.restore(w.backup)
	w.backup = nil
	for kiosk, away := range was {
		w.cut(kiosk, away)
	}
}

// step does one thing at one kiosk.
func (w *world) step(rng *rand.Rand, b *box) {
	kiosk := b.head.Kiosk
	id := []ledger.ID{zhang, li}[rng.IntN(2)]
	points := ledger.Points(1 + rng.IntN(60))
	switch rng.IntN(11) {
	case 10:
		b.mu.Lock()
		b.stock += int64(rng.IntN(3))
		b.mu.Unlock()
		at := string(rune('A' + rng.IntN(4)))
		_, _ = b.kiosk.Reserve(w.ctx, Wish{ledger.Key{byte(1 + rng.IntN(20))}, id, "RICE", 1, 40}, at)
	case 0:
		w.office.earn(id, kiosk, points)
	case 1, 2:
		_ = b.spend(id, points) // refused when it is not there
	case 3, 4:
		var granted ledger.Points
		for _, r := range b.account(id).Rights {
			granted += r.Granted
		}
		_, _ = b.kiosk.TopUp(w.ctx, id, granted, points)
	case 5:
		w.cut(kiosk, rng.IntN(2) == 0)
	case 6:
		b.events(1 + rng.IntN(100))
	case 7:
		w.office.tell(fmt.Sprint("text ", rng.Uint64()))
	case 8:
		b.stop() // the process is killed and starts again
		<-b.ended
		b.ended = make(chan struct{})
		w.run(b)
	case 9:
		switch {
		case w.backup == nil:
			w.backup = w.office.copy()
		case rng.IntN(4) == 0:
			w.restoreCenter()
		}
	}
	time.Sleep(time.Duration(rng.IntN(5000)) * time.Millisecond)
}
