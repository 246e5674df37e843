package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// model is what package ledger says the center should have.
type model struct {
	w      *world
	dice   *rand.Rand
	lots   map[ledger.ID]map[ledger.Day]ledger.Lot
	homes  map[ledger.ID]string
	backs  map[ledger.ID][]*wish // reversals, the oldest first
	wishes uint64
}

// wish is a reversal by the ledger's arithmetic.
type wish struct {
	id           string
	day          ledger.Day
	asked, taken ledger.Points
	over         bool
}

// Random work of volunteers, boxes and two stores on one database, whose
// transactions collide and whose connections are cut, comes to exactly what the
// ledger's arithmetic says.
func TestRandomWorkIsTheLedgersArithmetic(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		faults := newFaults(seed, 60)
		stores := []*Store{w.another(faults.wrap), w.another(faults.wrap)}
		m := &model{w: w, dice: rand.New(rand.NewPCG(seed, 1)), lots: make(map[ledger.ID]map[ledger.Day]ledger.Lot), homes: make(map[ledger.ID]string), backs: make(map[ledger.ID][]*wish)}
		w.kiosk("SQ-01")
		w.kiosk("LH-01")
		for n, home := range []string{"SQ-01", "SQ-01", "LH-01", ""} {
			v := w.person(byte(n+1), home)
			m.homes[v], m.lots[v] = home, make(map[ledger.Day]ledger.Lot)
		}
		for step := range 150 * *rounds {
			w.Store = stores[m.dice.IntN(2)]
			m.step()
			if step%30 == 29 {
				m.check()
			}
		}
		for _, b := range w.boxes {
			m.up(b)
		}
		m.check()
		for _, kind := range []string{"40001", "40P01", "cut", "cut before commit", "cut after commit"} {
			if faults.hits[kind] == 0 {
				t.Errorf("no fault of the kind %q: %v", kind, faults.hits)
			}
		}
	})
}

func (m *model) volunteer() ledger.ID { return ledger.ID{byte(m.dice.IntN(4) + 1), 1} }
func (m *model) day() ledger.Day      { return []ledger.Day{lotA, lotB, lotC}[m.dice.IntN(3)] }

func (m *model) box() *box {
	return m.w.boxes[[]string{"SQ-01", "LH-01"}[m.dice.IntN(2)]]
}

func (m *model) step() {
	v, b := m.volunteer(), m.box()
	points := ledger.Points(m.dice.IntN(40) + 1)
	switch m.dice.IntN(13) {
	case 0, 1, 2:
		day := m.day()
		m.w.earn(v, day, points)
		lot := m.lots[v][day]
		lot.Expires = day
		lot.Earned += points
		m.lots[v][day] = lot
		m.recover(v, day)
		if home := m.homes[v]; home != "" {
			m.grant(v, m.w.boxes[home], allGranted)
		}
	case 3:
		n, err := m.w.Grant(m.w.t.Context(), v, b.head.Kiosk, points)
		m.w.must(err)
		if want := m.grant(v, b, points); n != want {
			m.w.t.Fatalf("granted %d, the ledger says %d", n, want)
		}
	case 4, 5, 6:
		b.down()
		if r := min(points, b.spendable(v)); r > 0 {
			x := b.reserve(v, r)
			switch m.dice.IntN(4) {
			case 0:
				b.cancel(x)
			case 1:
				b.settle(x)
			case 2:
				b.settle(x)
				b.refund(x)
			}
		}
	case 7:
		b.down()
		if r := min(points, b.spendable(v)); r > 0 {
			b.giveBack(v, r)
		}
	case 8:
		m.up(b)
	case 9: // part of a batch, which nobody signed yet
		chain, err := m.w.Chain(m.w.t.Context(), b.head.Kiosk, 1)
		m.w.must(err)
		batch := b.batch(chain.Head.Seq + 1)
		batch.Entries, batch.Signature = batch.Entries[:m.dice.IntN(min(len(batch.Entries), 8)+1)], nil
		_, err = m.w.Append(m.w.t.Context(), batch)
		m.w.must(err)
	case 10:
		if _, err := m.w.Sweep(m.w.t.Context()); err != nil {
			m.w.t.Fatal(err)
		}
	case 12:
		m.reverse(v, m.day(), points)
	case 11:
		if m.dice.IntN(8) == 0 { // a lot runs out
			m.w.time = lotA.Time().AddDate(0, 0, 1)
			for kiosk := range m.w.boxes {
				m.w.must(m.w.Seen(m.w.t.Context(), kiosk, nil))
			}
		}
		_, err := m.w.Expire(m.w.t.Context())
		m.w.must(err)
		for v := range m.lots {
			for day, lot := range m.lots[v] {
				if day < ledger.DayOf(m.w.time) {
					m.lots[v][day] = lot.Expire()
				}
			}
		}
	}
}

// reverse is Reverse by the ledger's arithmetic.
func (m *model) reverse(v ledger.ID, day ledger.Day, points ledger.Points) {
	m.wishes++
	key := ledger.Key{77, 7: byte(m.wishes), 6: byte(m.wishes >> 8)}
	left := m.lots[v][day].Earned
	for _, x := range m.backs[v] {
		if x.day == day && !x.over {
			left -= x.asked - x.taken
		}
	}
	_, err := m.w.Reverse(m.w.t.Context(), v, key, back(day, points))
	if points > left {
		if !errors.Is(err, ledger.ErrNotEnough) {
			m.w.t.Fatalf("took %d back of %d: %v", points, left, err)
		}
		return
	}
	m.w.must(err)
	text, _ := key.MarshalText()
	m.backs[v] = append(m.backs[v], &wish{id: string(text), day: day, asked: points})
	m.recover(v, day)
}

// recover takes what is free for those who want it.
func (m *model) recover(v ledger.ID, day ledger.Day) {
	for _, x := range m.backs[v] {
		lot := m.lots[v][day]
		if x.day != day || x.over {
			continue
		}
		var out ledger.Points
		for _, r := range lot.At {
			out += r.Granted + r.Refunded - r.Spent - r.Returned
		}
		take := min(lot.Free(), x.asked-x.taken)
		x.taken += take
		lot.Earned -= take
		x.over = x.taken == x.asked || out == 0
		m.lots[v][day] = lot
	}
}

// grant is Grant by the ledger's arithmetic.
func (m *model) grant(v ledger.ID, b *box, want ledger.Points) ledger.Points {
	left := want
	for _, day := range []ledger.Day{lotA, lotB, lotC} {
		lot, ok := m.lots[v][day]
		take := min(left, lot.Free())
		if !ok || take == 0 || day < ledger.DayOf(m.w.time) {
			continue
		}
		lot, err := lot.Grant(b.head.Kiosk, take)
		m.w.must(err)
		m.lots[v][day] = lot
		left -= take
	}
	return want - left
}

// up sends a box's journal; then the center knows of the box what the box does.
func (m *model) up(b *box) {
	b.down()
	b.up()
	for v, a := range b.accounts {
		for _, r := range a.Rights {
			m.lots[v][r.Expires] = m.lots[v][r.Expires].Observe(b.head.Kiosk, r)
			m.recover(v, r.Expires)
		}
		b.same(v)
	}
}

// check holds every lot against the center's, and proves the book.
func (m *model) check() {
	m.w.t.Helper()
	m.w.proof()
	for v := range m.lots {
		a, err := m.w.Account(m.w.t.Context(), v)
		m.w.must(err)
		for _, l := range a.Lots {
			want := m.lots[v][l.Expires]
			m.w.must(want.Check())
			if l.Earned != want.Earned || l.Expired != want.Expired || l.Free != want.Free() {
				m.w.t.Fatalf("volunteer %v has %+v, the ledger says %+v with %d free", v, l, want, want.Free())
			}
		}
		backs, err := m.w.Reversals(m.w.t.Context(), v)
		m.w.must(err)
		if len(backs) != len(m.backs[v]) {
			m.w.t.Fatalf("volunteer %v has %d reversals, want %d", v, len(backs), len(m.backs[v]))
		}
		for _, want := range m.backs[v] {
			at := slices.IndexFunc(backs, func(r Reversal) bool { return r.ID == want.id })
			if r := backs[at]; r.Taken != want.taken || (r.State == ReversalDone) != want.over {
				m.w.t.Fatalf("volunteer %v has %+v, the ledger says %+v", v, r, *want)
			}
		}
		for _, r := range a.Rights {
			if want := m.lots[v][r.Expires].At[r.Kiosk]; r.Granted != want.Granted {
				m.w.t.Fatalf("volunteer %v at %s: granted %d, the ledger says %d", v, r.Kiosk, r.Granted, want.Granted)
			}
		}
	}
}

// Two processes serve one database at once, each from several goroutines, and
// their connections are cut now and then.
func TestTwoStoresAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		faults := newFaults(seed, 150)
		stores := []*Store{w.another(faults.wrap), w.another(faults.wrap)}
		boxes := []*box{w.kiosk("SQ-01"), w.kiosk("LH-01")}
		var volunteers []ledger.ID
		for n := range byte(3) {
			volunteers = append(volunteers, w.person(n+1, "SQ-01"))
			w.earn(volunteers[n], lotA, 500)
		}
		for _, b := range boxes {
			b.down()
			for _, v := range volunteers {
				for range 5 {
					if b.spendable(v) > 0 {
						b.settle(b.reserve(v, 3))
						b.giveBack(v, 2)
					}
				}
			}
		}
		errs := make(chan error, 100)
		var group sync.WaitGroup
		for worker := range 6 {
			group.Go(func() {
				dice := rand.New(rand.NewPCG(seed, uint64(worker)))
				for range 8 * *rounds {
					if err := hammer(t.Context(), stores[worker%2], dice, boxes, volunteers); err != nil {
						errs <- err
						return
					}
				}
			})
		}
		group.Wait()
		close(errs)
		for err := range errs {
			t.Error(err)
		}
		for _, b := range boxes {
			b.down()
			b.up()
			for _, v := range volunteers {
				b.same(v)
			}
		}
		if _, err := w.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
		w.proof()
	})
}

// hammer does one thing that others do at the same moment.
func hammer(ctx context.Context, s *Store, dice *rand.Rand, boxes []*box, volunteers []ledger.ID) error {
	b, v := boxes[dice.IntN(2)], volunteers[dice.IntN(len(volunteers))]
	var err error
	switch dice.IntN(5) {
	case 0:
		var key ledger.Key
		key[0], key[1] = 9, byte(dice.IntN(200))
		err = s.Earn(ctx, v, key, civic.Earning{Expires: lotB, What: fmt.Sprint(v), Points: 5})
	case 1:
		_, err = s.Grant(ctx, v, b.head.Kiosk, 3)
	case 2:
		if len(b.entries) > 0 {
			_, err = s.Append(ctx, b.batch(1))
		}
	case 3:
		_, err = s.Fold(ctx, b.head.Kiosk, 1)
	case 4:
		_, err = s.Delta(ctx, b.head.Kiosk, 0, 100, 1<<20)
	}
	return err
}
