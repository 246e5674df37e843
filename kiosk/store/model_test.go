package store

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yizhan/civic"
	"yizhan/ledger"
)

// model is a store in the plainest words: two maps of numbers and a list. It
// knows nothing of entries, books or transactions.
type model struct {
	granted map[int]map[ledger.Day]ledger.Points // by volunteer and lot
	stock   map[int]int64
	made    []*modelRedemption
	answers map[ledger.Key]*modelRedemption
	limit   int64
	refunds ledger.Points
}

type modelRedemption struct {
	seq       uint64
	volunteer int
	good      int
	pieces    int64
	parts     map[ledger.Day]ledger.Points
	state     ledger.State
	month     int
	settledAt int64
	request   Reserve
}

func newModel(volunteers, goods int) *model {
	m := &model{granted: make(map[int]map[ledger.Day]ledger.Points), stock: make(map[int]int64),
		answers: make(map[ledger.Key]*modelRedemption), limit: 4, refunds: 30}
	for n := range volunteers {
		m.granted[n] = map[ledger.Day]ledger.Points{early: 100, late: 150}
	}
	for n := range goods {
		m.stock[n] = 12
	}
	return m
}

func (m *model) spendable(volunteer int) map[ledger.Day]ledger.Points {
	left := maps.Clone(m.granted[volunteer])
	for _, r := range m.made {
		if r.volunteer == volunteer && (r.state == ledger.Reserved || r.state == ledger.Settled) {
			for lot, p := range r.parts {
				left[lot] -= p
			}
		}
	}
	return left
}

func total(lots map[ledger.Day]ledger.Points) (n ledger.Points) {
	for _, p := range lots {
		n += p
	}
	return n
}

func (m *model) available(good int) int64 {
	n := m.stock[good]
	for _, r := range m.made {
		if r.good == good && (r.state == ledger.Reserved || r.state == ledger.Settled) {
			n -= r.pieces
		}
	}
	return n
}

// reserve says what a request must be answered.
func (m *model) reserve(r Reserve, volunteer, good int, price ledger.Points, month int) (*modelRedemption, error) {
	if first, known := m.answers[r.Key]; known {
		if first.request != r {
			return nil, ErrKeyReused
		}
		return first, nil
	}
	if r.Price != price {
		return nil, ErrPriceChanged
	}
	bought := int64(0)
	for _, x := range m.made {
		if x.volunteer == volunteer && x.good == good && x.month == month && (x.state == ledger.Reserved || x.state == ledger.Settled) {
			bought += x.pieces
		}
	}
	if bought+r.Quantity > m.limit {
		return nil, ErrLimit
	}
	if m.available(good) < r.Quantity {
		return nil, ledger.ErrStock
	}
	cost := price * ledger.Points(r.Quantity)
	lots := m.spendable(volunteer)
	if total(lots) < cost {
		return nil, ledger.ErrNotEnough
	}
	made := &modelRedemption{volunteer: volunteer, good: good, pieces: r.Quantity, parts: make(map[ledger.Day]ledger.Points),
		state: ledger.Reserved, month: month, request: r}
	for _, lot := range []ledger.Day{early, late} {
		if take := min(cost, lots[lot]); take > 0 {
			made.parts[lot], cost = take, cost-take
		}
	}
	m.made = append(m.made, made)
	m.answers[r.Key] = made
	return made, nil
}

// modelSpec is the bundle that a model stands for.
func modelSpec(volunteers, goods int) bundleSpec {
	spec := standard(volunteers)
	spec.goods = goods
	spec.policy = civic.Policy{MonthlyLimit: 4, ClerkRefund: 30, RefundHours: 24}
	spec.change = func(d *civic.Document) {
		if d.Volunteer != nil {
			d.Volunteer.Earned[0].Points, d.Volunteer.Earned[1].Points = 100, 150
		}
		if d.Good != nil {
			d.Good.Limit, d.Good.Delivered = 0, 12
		}
	}
	return spec
}

// TestAgainstAModel sends random requests, with repeated keys, restarts and
// rebuilds between them, to a store and to the model. Both must answer alike and
// end alike.
func TestAgainstAModel(t *testing.T) {
	const volunteers, goods = 3, 3
	base := filepath.Join(tempDir(t), "base")
	w := &world{t: t, clock: newClock(), cfg: smallConfig(base, newClock())}
	w.open()
	w.load(modelSpec(volunteers, goods))
	w.close()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(filepath.Dir(base), "run")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := &run{m: newModel(volunteers, goods), clock: newClock()}
		r.cfg = smallConfig(filepath.Join(dir, "data"), r.clock)
		if err := errors.Join(os.CopyFS(r.cfg.Dir, os.DirFS(base)), os.Chmod(filepath.Join(r.cfg.Dir, "key"), 0o600)); err != nil {
			t.Fatal(err)
		}
		r.open(t)
		defer func() { r.s.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"reserve": r.reserve,
			"settle":  r.settle,
			"cancel":  r.cancel,
			"refund":  r.refund,
			"stock":   r.stock,
			"time": func(t *rapid.T) {
				r.clock.wall.Add(int64(rapid.IntRange(-100, 400).Draw(t, "hours")) * time.Hour.Milliseconds())
			},
			"restart": r.restart,
			"":        r.check,
		})
	})
}

// run is one random run.
type run struct {
	m     *model
	s     *Store
	cfg   Config
	clock *testClock
	keys  []ledger.Key
}

func (r *run) open(t *rapid.T) {
	var err error
	if r.s, err = Open(bg, r.cfg); err != nil {
		t.Fatal(err)
	}
}

func (r *run) key(t *rapid.T) ledger.Key {
	if len(r.keys) > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		return rapid.SampledFrom(r.keys).Draw(t, "key")
	}
	k := newKey()
	r.keys = append(r.keys, k)
	return k
}

func (r *run) reserve(t *rapid.T) {
	volunteer, good := rapid.IntRange(0, 2).Draw(t, "volunteer"), rapid.IntRange(0, 2).Draw(t, "good")
	q := want(volunteer, good)
	q.Key, q.Quantity = r.key(t), int64(rapid.IntRange(1, 5).Draw(t, "pieces"))
	if rapid.IntRange(0, 9).Draw(t, "old price") == 0 {
		q.Price--
	}
	made, wantErr := r.m.reserve(q, volunteer, good, testGood(good, 1).Price, r.s.month(r.clock.Now().WallMS))
	got, err := r.s.Reserve(bg, q)
	if !errors.Is(err, wantErr) {
		t.Fatalf("reserve: %v, want %v", err, wantErr)
	}
	if err != nil {
		return
	}
	if made.seq == 0 {
		made.seq = got.Seq
	}
	if got.Seq != made.seq || got.State != made.state || len(got.Parts) != len(made.parts) {
		t.Fatalf("reserved %+v, want %+v", got, made)
	}
	for _, p := range got.Parts {
		if made.parts[p.Expires] != p.Points {
			t.Fatalf("lot %v: %d, want %v", p.Expires, p.Points, made.parts)
		}
	}
}

func (r *run) pick(t *rapid.T) *modelRedemption {
	if len(r.m.made) == 0 {
		t.Skip("nothing was reserved")
	}
	return rapid.SampledFrom(r.m.made).Draw(t, "redemption")
}

// end compares one step of a redemption.
func (r *run) end(t *rapid.T, x *modelRedemption, from, to ledger.State, err error) {
	if x.state != from {
		if !errors.Is(err, ledger.ErrState) {
			t.Fatalf("%v to %v: %v", x.state, to, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%v to %v: %v", x.state, to, err)
	}
	x.state = to
}

func (r *run) settle(t *rapid.T) {
	x := r.pick(t)
	before := x.state
	_, err := r.s.Settle(bg, newKey(), x.seq, clerk())
	if r.m.onHand(x.good) < x.pieces && before == ledger.Reserved {
		if !errors.Is(err, ledger.ErrStock) {
			t.Fatalf("handing over what was counted away: %v", err)
		}
		return
	}
	if r.end(t, x, ledger.Reserved, ledger.Settled, err); before == ledger.Reserved {
		x.settledAt = r.clock.Now().WallMS
	}
}

// onHand is what stands on a shelf, the reserved pieces included.
func (m *model) onHand(good int) int64 {
	n := m.stock[good]
	for _, r := range m.made {
		if r.good == good && r.state == ledger.Settled {
			n -= r.pieces
		}
	}
	return n
}

func (r *run) cancel(t *rapid.T) {
	x := r.pick(t)
	_, err := r.s.Cancel(bg, newKey(), x.seq, ledger.ID{}, "")
	r.end(t, x, ledger.Reserved, ledger.Cancelled, err)
}

func (r *run) refund(t *rapid.T) {
	x := r.pick(t)
	who := rapid.SampledFrom([]ledger.ID{clerk(), leader()}).Draw(t, "who")
	_, err := r.s.Refund(bg, newKey(), x.seq, who, true, "")
	if x.state == ledger.Settled {
		if who == clerk() && total(x.parts) > r.m.refunds {
			if !errors.Is(err, ErrNeedsLeader) {
				t.Fatal(err)
			}
			return
		}
		if r.clock.Now().WallMS-x.settledAt > 24*time.Hour.Milliseconds() {
			if !errors.Is(err, ErrTooLate) {
				t.Fatal(err)
			}
			return
		}
	}
	r.end(t, x, ledger.Settled, ledger.Refunded, err)
}

func (r *run) stock(t *rapid.T) {
	good := rapid.IntRange(0, 2).Draw(t, "good")
	code, found := testGood(good, 1).Code, int64(rapid.IntRange(0, 20).Draw(t, "found"))
	if rapid.Bool().Draw(t, "count") {
		if _, err := r.s.Count(bg, newKey(), code, found, clerk(), ""); err != nil {
			t.Fatal(err)
		}
		r.m.stock[good] += found - r.m.onHand(good)
		return
	}
	if _, err := r.s.Receive(bg, newKey(), code, found+1, clerk(), ""); err != nil {
		t.Fatal(err)
	}
	r.m.stock[good] += found + 1
}

// restart closes the store, now and then takes its book away, and opens again.
func (r *run) restart(t *rapid.T) {
	if err := r.s.Close(); err != nil {
		t.Fatal(err)
	}
	if rapid.IntRange(0, 2).Draw(t, "lose") == 0 {
		file := rapid.SampledFrom([]string{bookFile, journalFolder}).Draw(t, "file")
		os.RemoveAll(filepath.Join(r.cfg.Dir, file))
	}
	report, err := Verify(bg, r.cfg)
	if err == nil {
		report, err = Mend(bg, r.cfg, report)
	}
	if err != nil || !report.OK || report.NewEra {
		t.Fatalf("%+v, %v", report, err)
	}
	r.open(t)
}

func (r *run) check(t *rapid.T) {
	for n := range 3 {
		a, err := r.s.Account(volunteerID(n))
		if err == nil {
			err = a.Check()
		}
		want := r.m.spendable(n)
		if err != nil || a.Spendable() != total(want) {
			t.Fatalf("volunteer %d has %d, want %v, %v", n, a.Spendable(), want, err)
		}
		for _, right := range a.Rights {
			if right.Spendable() != want[right.Expires] {
				t.Fatalf("volunteer %d, lot %v: %d, want %d", n, right.Expires, right.Spendable(), want[right.Expires])
			}
		}
		g, err := r.s.Good(testGood(n, 1).Code)
		if err != nil || g.Shelf.Available() != r.m.available(n) {
			t.Fatalf("good %d: %d, want %d, %v", n, g.Shelf.Available(), r.m.available(n), err)
		}
	}
	waiting, count, err := r.s.Waiting(0, 500)
	var want []string
	for _, x := range slices.Backward(r.m.made) {
		if x.state == ledger.Reserved {
			want = append(want, fmt.Sprint(x.seq))
		}
	}
	var got []string
	for _, x := range waiting {
		got = append(got, fmt.Sprint(x.Seq))
	}
	if err != nil || count != len(want) || !slices.Equal(got, want) {
		t.Fatalf("waiting %v, want %v, %v", got, want, err)
	}
}
